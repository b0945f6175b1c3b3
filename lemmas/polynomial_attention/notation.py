"""Symbols, parameters and reference values, as the paper uses them."""

from dataclasses import replace

from sympy import Function, IndexedBase, Integer, Rational, log

from lemmas.attention import (
    COLUMNS,
    CONSTANT,
    FAILURE,
    FEATURE_0,
    FEATURE_1,
    POLY,
    ROW_0,
    ROW_1,
    ROW_3,
    ROW_MAP,
    SCALES,
    SIGN_COLUMN,
    TENTH,
    A,
    C,
    C_k,
    a_0,
    a_1,
    alpha,
    b,
    c,
    d,
    delta,
    entry,
    f,
    i_0,
    j,
    j_0,
    j_1,
    j_3,
    k,
    k_0,
    m,
    n,
    p,
    q,
    row_class,
    s,
    sizes,
    t,
    u,
)
from lemmas.writing import C as from_choice
from lemmas.writing import D, T, chain, declare
from verify.language.statement import Expression, Param, Provenance
from verify.language.sympy_terms import ge, gt, lt, symbols

# What is shared with other packs, and passed on to the sections.
__all__ = [
    "COLUMNS",
    "CONSTANT",
    "FAILURE",
    "FEATURE_0",
    "FEATURE_1",
    "POLY",
    "ROW_0",
    "ROW_1",
    "ROW_3",
    "ROW_MAP",
    "SCALES",
    "SIGN_COLUMN",
    "TENTH",
    "A",
    "C",
    "C_k",
    "D",
    "T",
    "a_0",
    "a_1",
    "alpha",
    "b",
    "c",
    "chain",
    "d",
    "declare",
    "delta",
    "entry",
    "f",
    "i_0",
    "j",
    "j_0",
    "j_1",
    "j_3",
    "k",
    "k_0",
    "m",
    "n",
    "p",
    "q",
    "row_class",
    "s",
    "sizes",
    "t",
    "u",
]

beta, x_0, tau, i = symbols("beta x_0 tau i")
l, h, M = symbols("l h M")  # noqa: E741 - the paper's letter

A_1, A_2, Q, K, X, B = map(IndexedBase, ("A_1", "A_2", "Q", "K", "X", "B"))
v, w, x, y, z = map(IndexedBase, ("v", "w", "x", "y", "z"))
alpha_single = Function("alpha")()
g = Function("g")

HALF, QUARTER = Rational(1, 2), Rational(1, 4)
GROWTH_OF_D = n ** Rational(2, 100)

ROWS = Param(n, "number of rows", Integer(20), integer=True, where=(ge(n, 1),))
WIDTH = Param(d, "number of columns", Integer(7), integer=True, where=(ge(d, 1),))

DEGREE = Param(beta, "the degree, a real number", 2 * log(n), where=(gt(beta, 0),))
DEGREE_LOW = replace(DEGREE, reference=log(n) / 2)
EXPONENT = Param(
    x_0, "the exponent of the low-degree regime", Rational(9, 20), where=(gt(x_0, 0), lt(x_0, HALF))
)
LOW = Param(l, "least regular entry of A x", Integer(1), where=(gt(l, 0),))
HIGH = Param(h, "largest regular entry of A x", Rational(11, 10), where=(ge(h, l),))
SPECIAL = Param(M, "the special entry of A x", Integer(2), where=(gt(M, h),))


def at_reference(param: Param, value: Expression) -> Param:
    """The same parameter with another reference value."""
    return replace(param, reference=value)


LOST = "the printed constant is lost in our copy of the text; this value stands in for it"


def chosen(piece: str, reason: str = LOST) -> Provenance:
    """Chosen: the source has lost it."""
    return from_choice(piece, reason)
