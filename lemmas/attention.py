"""Attention on the one-feature data: what the packs about it share.

The data matrix has ``n = (d - 2) t`` rows: a feature in row ``j_3``, ``t`` stacked copies of a
multiple of the identity, and a constant column. Rows of attention are written without the Kronecker
product: row ``j_0`` of ``A_1 (x) A_2`` times a vector of ones is the product of two row sums.
"""

from collections.abc import Callable
from typing import Any

from sympy import IndexedBase, Integer, KroneckerDelta, Rational, Sum, log, sqrt

from verify.language.statement import Array, Expression, Index, Param, Stacked
from verify.language.sympy_terms import eq, ge, gt, lt, symbols

n, d, t, m, k = symbols("n d t m k")
a_0, a_1, b, c, s, delta, C = symbols("a_0 a_1 b c s delta C")
j, j_0, j_1, j_3, i_0, k_0, p, q = symbols("j j_0 j_1 j_3 i_0 k_0 p q")
A, u, alpha, f, entry, row_class = map(IndexedBase, ("A", "u", "alpha", "f", "c", "r"))

TENTH = Rational(1, 10)

ROW_MAP = Stacked("r", rows=n, classes=d - 2, copies=t)
ROW_3 = Index(j_3, n, "the row of the feature")
ROW_0 = Index(j_0, n, "the row that attends")
ROW_1 = Index(j_1, n, "the row attended to")
SIGN_COLUMN = Index(k_0, d - 2, "a Type II column, counted from 1")

SCALES = (
    Param(b, "scale of the Type II columns", Rational(2, 5), where=(ge(b, TENTH),)),
    Param(
        c,
        "scale of the Type III column",
        Rational(3, 5),
        where=(ge(c, TENTH), eq(b + c, 1)),
        determined_by=1 - b,
    ),
    Param(
        s,
        "common scale of the data; the paper takes sqrt(log n)",
        sqrt(log(n)),
        where=(gt(s, 0),),
        determined_by=sqrt(log(n)),
    ),
)
FEATURE_0 = Param(
    a_0, "the feature in dataset D_0", Rational(1, 20), where=(gt(a_0, 0), lt(a_0, TENTH))
)
FEATURE_1 = Param(
    a_1, "the feature in dataset D_1", Rational(7, 10), where=(ge(a_1, Rational(7, 10)),)
)
FAILURE = Param(
    delta, "the failure probability", Rational(1, 20), where=(gt(delta, 0), lt(delta, TENTH))
)
POLY = Param(k, "the power of n in poly(n) = n^k", Integer(1), integer=True, where=(ge(k, 1),))
CONSTANT = Param(C, "the constant in m = C log(n / delta)", Integer(10), where=(gt(C, 0),))
COLUMNS = Param(m, "the number of columns of signs", Integer(60), integer=True, where=(ge(m, 1),))


def C_k(power: Expression) -> Expression:
    """The constant of the Hoeffding radius: C_k = sqrt(2 (k + 1))."""
    return sqrt(2 * (power + 1))


def sizes(columns: int, copies: int) -> tuple[Param, ...]:
    """The sizes of a data point, with reference values for d and t."""
    rows = (d - 2) * t
    return (
        Param(d, "number of columns", Integer(columns), integer=True, where=(ge(d, 3),)),
        Param(
            t, "number of copies of the identity", Integer(copies), integer=True, where=(ge(t, 1),)
        ),
        Param(
            n,
            "number of rows",
            Integer((columns - 2) * copies),
            integer=True,
            where=(ge(n, 1), eq(n, rows)),
            determined_by=rows,
        ),
    )


def dataset(feature: Expression, constant: Expression = c * s) -> Array:
    """The data matrix with the feature in row j_3 and the given entry in the constant column."""
    return Array(
        "A",
        (j, p),
        feature * s * KroneckerDelta(j, j_3) * KroneckerDelta(p, 1)
        + b * s * KroneckerDelta(p, 1 + row_class[j])
        + constant * KroneckerDelta(p, d),
    )


SCORE = Sum(Sum(A[j_0, p] * A[j_1, q], (q, 1, d)), (p, 1, d))
ROW_SUMS = Sum(A[j_0, p], (p, 1, d)) * Sum(A[j_1, q], (q, 1, d))


def attention(unit: Callable[[Any], Expression], score: Expression = SCORE) -> tuple[Array, ...]:
    """Scores u, their row sums alpha, weights f and outputs c, where ``unit`` acts on every entry.

    A_1 = A_2 = A_3 = A, V = I_d and Q K' = 1_{d x d}, so that every entry of vec(Q K') is 1.
    """
    return (
        Array("u", (j_0, j_1), unit(score)),
        Array("alpha", (j_0,), Sum(u[j_0, j], (j, 1, n))),
        Array("f", (j_0, j_1), u[j_0, j_1] / alpha[j_0]),
        Array("c", (j_0, i_0), Sum(f[j_0, j] * A[j, i_0], (j, 1, n))),
    )
