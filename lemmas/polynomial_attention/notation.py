"""Symbols, parameters and reference values, as the paper uses them."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from sympy import Function, IndexedBase, Integer, Rational, log, sqrt

from verify.language.statement import (
    Expression,
    Index,
    Param,
    Provenance,
    Stacked,
    Statement,
    Step,
)
from verify.language.sympy_terms import eq, ge, gt, lt, symbols

n, d, t, m, k = symbols("n d t m k")
beta, a_0, a_1, b, c, s = symbols("beta a_0 a_1 b c s")
x_0, delta, C, tau = symbols("x_0 delta C tau")
l, h, M = symbols("l h M")  # noqa: E741 - the paper's letter
j, j_0, j_1, j_3, i, i_0, k_0, p, q = symbols("j j_0 j_1 j_3 i i_0 k_0 p q")

A, A_1, A_2, Q, K, X, B = map(IndexedBase, ("A", "A_1", "A_2", "Q", "K", "X", "B"))
u, v, w, x, y, z = map(IndexedBase, ("u", "v", "w", "x", "y", "z"))
alpha, f, entry, row_class = map(IndexedBase, ("alpha", "f", "c", "r"))
alpha_single = Function("alpha")()
g = Function("g")

HALF, TENTH, QUARTER = Rational(1, 2), Rational(1, 10), Rational(1, 4)
GROWTH_OF_D = n ** Rational(2, 100)

ROWS = Param(n, "number of rows", Integer(20), integer=True, where=(ge(n, 1),))
WIDTH = Param(d, "number of columns", Integer(7), integer=True, where=(ge(d, 1),))


def sizes(columns: int, copies: int) -> tuple[Param, ...]:
    """The sizes of a data point of Definition 6.1, with reference values for d and t."""
    rows = (d - 2) * t
    return (
        Param(d, "number of columns", Integer(columns), integer=True, where=(ge(d, 3),)),
        Param(t, "number of copies of the identity", Integer(copies), integer=True,
              where=(ge(t, 1),)),
        Param(n, "number of rows", Integer((columns - 2) * copies), integer=True,
              where=(ge(n, 1), eq(n, rows)), determined_by=rows),
    )


SCALES = (
    Param(b, "scale of the Type II columns", Rational(2, 5), where=(ge(b, TENTH),)),
    Param(c, "scale of the Type III column", Rational(3, 5),
          where=(ge(c, TENTH), eq(b + c, 1)), determined_by=1 - b),
    Param(s, "common scale of the data; the paper takes sqrt(log n)", sqrt(log(n)),
          where=(gt(s, 0),), determined_by=sqrt(log(n))),
)
DEGREE = Param(beta, "the degree, a real number", 2 * log(n), where=(gt(beta, 0),))
DEGREE_LOW = replace(DEGREE, reference=log(n) / 2)
FEATURE_0 = Param(
    a_0, "the feature in dataset D_0", Rational(1, 20), where=(gt(a_0, 0), lt(a_0, TENTH))
)
FEATURE_1 = Param(
    a_1, "the feature in dataset D_1", Rational(7, 10), where=(ge(a_1, Rational(7, 10)),)
)
EXPONENT = Param(
    x_0, "the exponent of the low-degree regime", Rational(9, 20), where=(gt(x_0, 0), lt(x_0, HALF))
)
FAILURE = Param(
    delta, "the failure probability", Rational(1, 20), where=(gt(delta, 0), lt(delta, TENTH))
)
POLY = Param(k, "the power of n in poly(n) = n^k", Integer(1), integer=True, where=(ge(k, 1),))
CONSTANT = Param(C, "the constant in m = C log(n / delta)", Integer(10), where=(gt(C, 0),))
COLUMNS = Param(m, "the number of columns of signs", Integer(60), integer=True, where=(ge(m, 1),))
LOW = Param(l, "least regular entry of A x", Integer(1), where=(gt(l, 0),))
HIGH = Param(h, "largest regular entry of A x", Rational(11, 10), where=(ge(h, l),))
SPECIAL = Param(M, "the special entry of A x", Integer(2), where=(gt(M, h),))

ROW_MAP = Stacked("r", rows=n, classes=d - 2, copies=t)
ROW_3 = Index(j_3, n, "the row of the feature")
ROW_0 = Index(j_0, n, "the row that attends")
ROW_1 = Index(j_1, n, "the row attended to")
SIGN_COLUMN = Index(k_0, d - 2, "a Type II column, counted from 1")


def C_k(power: Expression) -> Expression:
    """The constant of the Hoeffding radius: C_k = sqrt(2 (k + 1))."""
    return sqrt(2 * (power + 1))


def at_reference(param: Param, value: Expression) -> Param:
    """The same parameter with another reference value."""
    return replace(param, reference=value)


LOST = "the printed constant is lost in our copy of the text; this value stands in for it"


def T(piece: str, reason: str) -> Provenance:
    """Forced by the surviving text."""
    return Provenance("T", piece, reason)


def D(piece: str, reason: str) -> Provenance:
    """Derived: the only thing that follows from the definitions at that place."""
    return Provenance("D", piece, reason)


def chosen(piece: str, reason: str = LOST) -> Provenance:
    """Chosen: the source has lost it."""
    return Provenance("C", piece, reason)


def declare(*, provenance: tuple[Provenance, ...], **fields: Any) -> Statement:
    """A statement, tagged with the tags of its provenance in the order T, D, C."""
    found = {item.tag for item in provenance}
    tags = tuple(tag for tag in ("T", "D", "C") if tag in found)
    return Statement(provenance=provenance, tags=tags, **fields)


def chain(
    first: Expression,
    *links: tuple[Callable[[Expression, Expression], Expression], Expression, str],
    equation: str = "",
    given: tuple[Expression, ...] = (),
) -> tuple[Step, ...]:
    """A displayed chain ``first relation right, right relation ..`` with the reason of each step.

    Its equation number, if it has one, goes to the last step.
    """
    lefts = (first, *(right for _, right, _ in links))
    last = len(links) - 1
    return tuple(
        Step(relation(left, right), reason, equation if place == last else "", given, tag="T")
        for place, (left, (relation, right, reason)) in enumerate(zip(lefts, links, strict=False))
    )
