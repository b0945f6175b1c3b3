"""Symbols and parameters of the regression problems."""

from sympy import Function, IndexedBase, Integer, KroneckerDelta, Mul, Rational, Sum

from verify import Param, ge, gt, le, lt, symbols
from verify.language.statement import Expression

n, d = symbols("n d")
i, j, k, l, p, q = symbols("i j k l p q")  # noqa: E741 - the usual letter
i_0, j_0 = symbols("i_0 j_0")
x, y, t, h, w = symbols("x y t h w")
f_1, b_1, v_1, v_2, z_1, z_2, u_1, u_2, w_1, w_2, top = symbols(
    "f_1 b_1 v_1 v_2 z_1 z_2 u_1 u_2 w_1 w_2 U"
)

A, A_1, A_2, A_3, X, Y, B, C, E, F, G, H, J, M, P, R, S, V = map(
    IndexedBase, ("A", "A_1", "A_2", "A_3", "X", "Y", "B", "C", "E", "F", "G", "H", "J", "M", "P",
                  "R", "S", "V")
)  # fmt: skip
u, alpha, f, b, v = map(IndexedBase, ("u", "alpha", "f", "b", "v"))
inverse = Function("inverse")

HALF, QUARTER, FIFTH = Rational(1, 2), Rational(1, 4), Rational(1, 5)

ROWS = Param(n, "number of rows", Integer(3), integer=True, where=(ge(n, 1),))
WIDTH = Param(d, "number of columns", Integer(2), integer=True, where=(ge(d, 1),))

WEIGHT = Param(f_1, "the first of two attention weights", HALF, where=(gt(f_1, 0), lt(f_1, 1)))
TARGET = Param(b_1, "the first of two targets", Integer(0), where=(ge(b_1, 0), le(b_1, 1)))
DIRECTION = (
    Param(v_1, "a direction, first entry", Integer(1)),
    Param(v_2, "a direction, second entry", Integer(0)),
)


def product(left: Expression, right: Expression) -> Expression:
    """``left * right``, kept as it is: a square of a sum in this form is multiplied out."""
    return Mul(left, right, evaluate=False)


def same(row: Expression, column: Expression) -> Expression:
    """1 where two indices agree, 0 elsewhere."""
    return KroneckerDelta(row, column)


def over(index: Expression, size: Expression, body: Expression) -> Expression:
    """The sum over an index from 1 on."""
    return Sum(body, (index, 1, size))
