"""Symbols and parameters of the tensor identities."""

from typing import Any

from sympy import Function, IndexedBase, Integer

from lemmas.writing import declare, reals
from verify import Index, Param, Statement, ge, symbols
from verify.language.statement import Expression

n, d, k = symbols("n d k")
n_1, n_2, n_3, d_1, d_2, d_3, e_1, e_2 = symbols("n_1 n_2 n_3 d_1 d_2 d_3 e_1 e_2")
i, j, l, p, q, r, a, b, c = symbols("i j l p q r a b c")  # noqa: E741 - the usual letter
i_0, q_0 = symbols("i_0 q_0")

A, B, C, X, M, E, F, S = map(IndexedBase, "ABCXMEFS")
Q, K, K_1, K_2, V, V_1, V_2, D, Att = map(
    IndexedBase, ("Q", "K", "K_1", "K_2", "V", "V_1", "V_2", "D", "Att")
)
U, W, P, R, T, G, H, X_1, X_2, X_3 = map(
    IndexedBase, ("U", "W", "P", "R", "T", "G", "H", "X_1", "X_2", "X_3")
)
g, inverse = Function("g"), Function("inverse")


def size(symbol: Expression, about: str, reference: int) -> Param:
    """A size: a natural number from 1 on."""
    return Param(symbol, about, Integer(reference), integer=True, where=(ge(symbol, 1),))


def entries(name: str, rows: tuple[tuple[Expression, ...], ...]) -> tuple[Param, ...]:
    """The entries of a matrix as real parameters."""
    return tuple(param for row in rows for param in reals(f"an entry of {name}", *row))


def identity(**fields: Any) -> Statement:
    """A statement of this pack: every one is called a fact."""
    return declare(kind="fact", **fields)


ROWS = (size(n_1, "rows of A", 2), size(n_2, "rows of B", 3))
COLUMNS = (size(d_1, "columns of A", 2), size(d_2, "columns of B", 2))
THIRD = (size(n_3, "rows of C", 2), size(d_3, "columns of C", 2))
PAIR = (Index(i, n_1, "a row of A"), Index(j, n_2, "a row of B"))
TRIPLE = (*PAIR, Index(l, n_3, "a row of C"))

TOKENS = size(n, "number of tokens", 3)
WIDTH = size(d, "width of a token", 2)
QUERY = Index(i_0, n, "a query")
VALUE = Index(q_0, d, "a column of the values")

RANK = size(k, "the cycle rank", 2)
CELL = (Index(a, n, "first place"), Index(b, n, "second place"), Index(c, n, "third place"))
