"""Section 1: the tensor trick, with two and with three factors."""

from typing import Any

from sympy import Sum

from lemmas.tensor_identities.notation import (
    COLUMNS,
    PAIR,
    ROWS,
    THIRD,
    TRIPLE,
    X_1,
    X_2,
    X_3,
    A,
    B,
    C,
    E,
    F,
    M,
    S,
    X,
    d_1,
    d_2,
    d_3,
    e_1,
    e_2,
    entries,
    i,
    identity,
    j,
    l,
    p,
    q,
    r,
    size,
)
from lemmas.writing import C as chosen
from lemmas.writing import D, T, matrix, square
from verify import Array, Hypothesis, Index, eq
from verify.language.statement import Expression

KRONECKER = Array("S", (i, j, p, q), A[i, p] * B[j, q])
SIZES = (*ROWS, *COLUMNS)
SHAPES = Hypothesis(None, "A is n_1 x d_1, B is n_2 x d_2, X is d_1 x d_2")
SOURCE = "arXiv:2309.07418 turns attention into regression by this identity"
TENSOR_SOURCE = "the same identity one order higher, as arXiv:2310.04064 uses it"


def over_columns(body: Expression, first: Expression = d_1, second: Expression = d_2) -> Expression:
    """The sum over the columns p of A and q of B."""
    return Sum(Sum(body, (q, 1, second)), (p, 1, first))


def product(first: Expression, second: Expression) -> Array:
    """M = A X B', where A has ``first`` columns and B has ``second``."""
    left = Sum(A[i, p] * X[p, q], (p, 1, first))
    return Array("M", (i, j), Sum(left * B[j, q], (q, 1, second)))


TWO: dict[str, Any] = {"heading": "Tensor trick", "section": "1", "definitions": ("1",)}

ROWS_STACKED = identity(
    id="1.1/rows",
    title="Two factors, rows stacked",
    params=SIZES,
    indices=PAIR,
    arrays=(KRONECKER, product(d_1, d_2)),
    hypotheses=(SHAPES, Hypothesis(None, "vec stacks rows")),
    conclusion=eq(M[i, j], over_columns(S[i, j, p, q] * X[p, q])),
    provenance=(T("the identity", SOURCE), D("row (i, j), column (p, q)", "vec stacks rows")),
    note="vec(A X B') = (A (x) B) vec(X)",
    **TWO,
)

_A, _B, _X = square("a"), square("b"), square("x")
COLUMNS_STACKED = identity(
    id="1.1/columns",
    title="Two factors in the same order, columns stacked",
    params=(*entries("A", _A), *entries("B", _B), *entries("X", _X)),
    arrays=(
        matrix("A", i, j, _A), matrix("B", i, j, _B), matrix("X", i, j, _X), KRONECKER,
        product(2, 2),
    ),
    hypotheses=(
        Hypothesis(None, "A, B and X are 2 x 2"), Hypothesis(None, "vec stacks columns"),
    ),
    # Place (i, j) of vec(M) holds M[j, i], and place (p, q) of vec(X) holds X[q, p].
    conclusion=eq(M[2, 1], over_columns(S[1, 2, p, q] * X[q, p], 2, 2)),
    provenance=(
        T("the identity", f"{SOURCE}; where nothing is said about vec, this is the other reading"),
        chosen("2 x 2, at the place (1, 2)", "the smallest sizes at which the readings differ"),
    ),
    note="vec(A X B') = (A (x) B) vec(X), at the second place",
    **TWO,
)  # fmt: skip

CORRECTED = identity(
    id="1.1/corrected",
    title="Two factors in reverse order, columns stacked",
    params=SIZES,
    indices=PAIR,
    arrays=(Array("S", (j, i, q, p), B[j, q] * A[i, p]), product(d_1, d_2)),
    hypotheses=(SHAPES, Hypothesis(None, "vec stacks columns")),
    conclusion=eq(M[i, j], over_columns(S[j, i, q, p] * X[p, q])),
    provenance=(
        T("the identity", SOURCE),
        D("B (x) A", "place (j, i) of vec(A X B') holds the entry in row i and column j"),
    ),
    note="vec(A X B') = (B (x) A) vec(X)",
    **TWO,
)

MIXED = identity(
    id="1.2",
    title="Product of Kronecker products",
    heading="Mixed product",
    section="1",
    params=(*SIZES, size(e_1, "columns of E", 2), size(e_2, "columns of F", 2)),
    indices=(*PAIR, Index(l, e_1, "a column of E"), Index(r, e_2, "a column of F")),
    arrays=(KRONECKER,),
    hypotheses=(
        Hypothesis(None, "A is n_1 x d_1, B is n_2 x d_2, E is d_1 x e_1, F is d_2 x e_2"),
    ),
    conclusion=eq(
        over_columns(S[i, j, p, q] * E[p, l] * F[q, r]),
        Sum(A[i, p] * E[p, l], (p, 1, d_1)) * Sum(B[j, q] * F[q, r], (q, 1, d_2)),
    ),
    definitions=("1",),
    provenance=(D("the identity", "the definition of the Kronecker product"),),
    note="(A (x) B) (E (x) F) = (A E) (x) (B F)",
)

THREE: dict[str, Any] = {
    "heading": "Tensor trick with three factors",
    "section": "1",
    "definitions": ("1",),
    "params": (*SIZES, *THIRD),
    "indices": TRIPLE,
}
VECTORISED = Sum(over_columns(A[i, p] * B[j, q] * C[l, r] * X[p, q, r]), (r, 1, d_3))

MODES = identity(
    id="1.3/modes",
    title="Three factors, each along one mode of a tensor",
    arrays=(
        Array("X_1", (i, q, r), Sum(A[i, p] * X[p, q, r], (p, 1, d_1))),
        Array("X_2", (i, j, r), Sum(B[j, q] * X_1[i, q, r], (q, 1, d_2))),
        Array("X_3", (i, j, l), Sum(C[l, r] * X_2[i, j, r], (r, 1, d_3))),
    ),
    hypotheses=(
        Hypothesis(None, "A is n_1 x d_1, B is n_2 x d_2, C is n_3 x d_3"),
        Hypothesis(None, "X is a d_1 x d_2 x d_3 tensor"),
    ),
    conclusion=eq(X_3[i, j, l], VECTORISED),
    provenance=(T("the identity", TENSOR_SOURCE), D("one mode after the other", "linearity")),
    note="vec(X(A, B, C)) = (A (x) B (x) C) vec(X)",
    **THREE,
)

FLATTENED = identity(
    id="1.3/flattened",
    title="Three factors, two of them in one Kronecker product",
    arrays=(
        Array("S", (j, l, q, r), B[j, q] * C[l, r]),
        Array(
            "M",
            (i, j, l),
            Sum(Sum(Sum(A[i, p] * X[p, q, r], (p, 1, d_1)) * S[j, l, q, r], (r, 1, d_3)),
                (q, 1, d_2)),
        ),
    ),
    hypotheses=(
        Hypothesis(None, "A is n_1 x d_1, B is n_2 x d_2, C is n_3 x d_3"),
        Hypothesis(None, "X is a d_1 x (d_2 d_3) matrix"),
    ),
    conclusion=eq(M[i, j, l], VECTORISED),
    provenance=(
        T("the identity", TENSOR_SOURCE),
        D("pairs (q, r) for columns of X", "the order in which the rows of B (x) C are stacked"),
    ),
    note="vec(A X (B (x) C)') = (A (x) B (x) C) vec(X)",
    **THREE,
)  # fmt: skip

STATEMENTS = (ROWS_STACKED, COLUMNS_STACKED, CORRECTED, MIXED, MODES, FLATTENED)
