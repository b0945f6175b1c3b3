"""Section 3: cycle rank, and the trace of a product of three matrices."""

from typing import Any

from sympy import KroneckerDelta, Sum

from lemmas.tensor_identities.notation import (
    CELL,
    RANK,
    TOKENS,
    G,
    H,
    P,
    Q,
    R,
    T,
    U,
    V,
    W,
    a,
    b,
    c,
    entries,
    i,
    identity,
    j,
    k,
    l,
    p,
)
from lemmas.writing import C as chosen
from lemmas.writing import D as derived
from lemmas.writing import T as text
from lemmas.writing import matrix, square
from verify import Array, Hypothesis, eq, ne
from verify.language.statement import Expression

SOURCE = "arXiv:2304.06594, the definition of cycle rank"


def cycle(body: Expression, size: Expression = k) -> Expression:
    """The sum over i, j, l in [size]."""
    return Sum(Sum(Sum(body, (l, 1, size)), (j, 1, size)), (i, 1, size))


def trace(first: Any, second: Any, third: Any, size: Expression = k) -> Expression:
    """The trace of the product of three matrices, each given as a function of row and column."""
    product = Sum(first(i, j) * second(j, l), (j, 1, size))
    return Sum(Sum(product * third(l, i), (l, 1, size)), (i, 1, size))


TENSOR = Array(
    "T", (a, b, c), cycle(U[a, i + k * (j - 1)] * V[b, j + k * (l - 1)] * W[c, l + k * (i - 1)])
)
# The matrices P_a, Q_b and R_c: the rows of U, V and W, cut into k columns of length k.
BLOCKS = (
    Array("P", (a, i, j), U[a, i + k * (j - 1)]),
    Array("Q", (a, i, j), V[a, i + k * (j - 1)]),
    Array("R", (a, i, j), W[a, i + k * (j - 1)]),
)
SHAPES = Hypothesis(None, "U, V, W are n x k^2 matrices")
TRACE_OF_BLOCKS = trace(lambda i, j: P[a, i, j], lambda i, j: Q[b, i, j], lambda i, j: R[c, i, j])
SHARED: dict[str, Any] = {
    "section": "3",
    "definitions": ("4",),
    "params": (TOKENS, RANK),
    "indices": CELL,
}

AS_TRACE = identity(
    id="3.1",
    title="Entries of a tensor of cycle rank k",
    heading="Cycle rank as a trace",
    arrays=(TENSOR, *BLOCKS),
    hypotheses=(SHAPES, Hypothesis(None, "P_a, Q_b, R_c are the k x k blocks of the rows")),
    conclusion=eq(T[a, b, c], TRACE_OF_BLOCKS),
    provenance=(
        text("the sum over i, j, l", SOURCE),
        derived("the order P_a Q_b R_c", "neighbours share an index: j, then l, then i again"),
    ),
    note="T_{a,b,c} = trace(P_a Q_b R_c)",
    **SHARED,
)

_U, _V, _W, _G = square("u"), square("v"), square("w"), square("g")
THREE_MATRICES = (*entries("U", _U), *entries("V", _V), *entries("W", _W))
GIVEN = (matrix("U", i, j, _U), matrix("V", i, j, _V), matrix("W", i, j, _W))


def of(name: Any) -> Any:
    """The entries of a matrix as a function of row and column."""
    return lambda row, column: name[row, column]


OTHER_ORDER = identity(
    id="3.2/exchanged",
    title="Two of the three matrices exchanged",
    heading="Order of the matrices",
    section="3",
    definitions=("4",),
    params=THREE_MATRICES,
    arrays=GIVEN,
    hypotheses=(Hypothesis(None, "U, V, W are 2 x 2 matrices"),),
    conclusion=eq(trace(of(U), of(W), of(V), 2), trace(of(U), of(V), of(W), 2)),
    uses=("3.1",),
    provenance=(
        chosen("the order U W V", "a trace of the three matrices without an order could mean it"),
        chosen("k = 2", "matrices of size 1 commute"),
    ),
    note="trace(U W V) = trace(U V W)",
)

ROTATED = identity(
    id="3.2/rotated",
    title="The three matrices rotated",
    heading="Order of the matrices",
    arrays=(TENSOR, *BLOCKS),
    hypotheses=(SHAPES, Hypothesis(None, "P_a, Q_b, R_c are the k x k blocks of the rows")),
    conclusion=eq(
        trace(lambda i, j: R[c, i, j], lambda i, j: P[a, i, j], lambda i, j: Q[b, i, j]),
        T[a, b, c],
    ),
    uses=("3.1",),
    provenance=(derived("the rotation", "a trace does not change under it"),),
    note="trace(R_c P_a Q_b) = T_{a,b,c}",
    **SHARED,
)

DIAGONAL = identity(
    id="3.3",
    title="A sum of k products is a tensor of cycle rank k",
    heading="Cycle rank and the usual rank",
    arrays=(
        Array("P", (a, i, j), KroneckerDelta(i, j) * U[a, i]),
        Array("Q", (a, i, j), KroneckerDelta(i, j) * V[a, i]),
        Array("R", (a, i, j), KroneckerDelta(i, j) * W[a, i]),
    ),
    hypotheses=(
        Hypothesis(None, "U, V, W are n x k matrices"),
        Hypothesis(None, "P_a, Q_b, R_c are diagonal, with the rows of U, V, W"),
    ),
    conclusion=eq(TRACE_OF_BLOCKS, Sum(U[a, i] * V[b, i] * W[c, i], (i, 1, k))),
    uses=("3.1",),
    provenance=(derived("the diagonal blocks", "Definition 4; so the cycle rank is at most the "
                        "usual one"),),
    note="trace(P_a Q_b R_c) = sum_i U_{a,i} V_{b,i} W_{c,i}",
    **SHARED,
)  # fmt: skip

DETERMINANT = _G[0][0] * _G[1][1] - _G[0][1] * _G[1][0]
INVERSE = (
    (_G[1][1] / DETERMINANT, -_G[0][1] / DETERMINANT),
    (-_G[1][0] / DETERMINANT, _G[0][0] / DETERMINANT),
)
GAUGE = identity(
    id="3.4",
    title="A change of basis between two factors",
    heading="The factors are not unique",
    section="3",
    definitions=("4",),
    params=(*THREE_MATRICES, *entries("G", _G[:1]), *entries("G", _G[1:])),
    arrays=(
        *GIVEN,
        matrix("G", i, j, _G),
        matrix("H", i, j, INVERSE),
        Array("P", (i, j), Sum(U[i, p] * G[p, j], (p, 1, 2))),
        Array("Q", (i, j), Sum(H[i, p] * V[p, j], (p, 1, 2))),
    ),
    hypotheses=(
        Hypothesis(ne(DETERMINANT, 0), "G is invertible"),
        Hypothesis(None, "U, V, W, G are 2 x 2 and H is the inverse of G"),
    ),
    conclusion=eq(trace(of(P), of(Q), of(W), 2), trace(of(U), of(V), of(W), 2)),
    uses=("3.1",),
    provenance=(
        derived("the invariance", "G and its inverse meet in the product"),
        chosen("k = 2", "an inverse is written out entry by entry"),
    ),
    note="trace(U G G^{-1} V W) = trace(U V W)",
)

STATEMENTS = (AS_TRACE, OTHER_ORDER, ROTATED, DIAGONAL, GAUGE)
