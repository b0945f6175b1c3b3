"""Section 2: attention between triples of tokens."""

from typing import Any

from sympy import Sum, exp

from lemmas.tensor_identities.notation import (
    K_1,
    K_2,
    QUERY,
    TOKENS,
    V_1,
    V_2,
    VALUE,
    WIDTH,
    A,
    Att,
    B,
    D,
    E,
    F,
    K,
    Q,
    S,
    V,
    d,
    entries,
    g,
    i,
    i_0,
    identity,
    inverse,
    j,
    l,
    n,
    p,
    q,
    q_0,
    r,
)
from lemmas.writing import C as chosen
from lemmas.writing import D as derived
from lemmas.writing import T, matrix, square
from verify import Array, Hypothesis, Index, eq
from verify.language.statement import Expression

SOURCE = "arXiv:2310.04064, the definition of tensor attention"


def pairs(body: Expression, count: Expression = n) -> Expression:
    """The sum over all pairs (j, l) of tokens."""
    return Sum(Sum(body, (l, 1, count)), (j, 1, count))


def score(width: Expression = d) -> Expression:
    """<Q_{i_0}, K_{1,j}, K_{2,l}>: the sum of the products of three entries."""
    return Sum(Q[i_0, p] * K_1[j, p] * K_2[l, p], (p, 1, width))


def tensor_attention(
    unit: Any, reciprocal: Any, count: Expression = n, width: Expression = d
) -> tuple[Array, ...]:
    """D^{-1} g(Q K') V with K and V the column-wise Kronecker products; rows of K are pairs."""
    return (
        Array("K", (j, l, p), K_1[j, p] * K_2[l, p]),
        Array("V", (j, l, q), V_1[j, q] * V_2[l, q]),
        Array("A", (i, j, l), unit(Sum(Q[i, p] * K[j, l, p], (p, 1, width)))),
        Array("D", (i,), pairs(A[i, j, l], count)),
        Array("Att", (i, q), reciprocal(D[i]) * pairs(A[i, j, l] * V[j, l, q], count)),
    )


SHAPES = Hypothesis(None, "Q, K_1, K_2, V_1, V_2 are n x d matrices")
ANY_UNIT = Hypothesis(None, "g is any function, applied to every entry; exp in the source")
ANY_INVERSE = Hypothesis(None, "inverse(z) = 1/z where z is not 0; nothing else about it is used")
SHARED: dict[str, Any] = {
    "section": "2",
    "definitions": ("2", "3"),
    "params": (TOKENS, WIDTH),
    "arrays": tensor_attention(g, inverse),
}

NORMALISER = identity(
    id="2.1",
    title="The normaliser, entry by entry",
    heading="Normaliser of tensor attention",
    indices=(QUERY,),
    hypotheses=(SHAPES, ANY_UNIT),
    conclusion=eq(D[i_0], pairs(g(score()))),
    provenance=(T("D = diag(g(Q K') 1)", SOURCE), derived("the entries", "Definition 2")),
    note="D_{i_0} = sum_{j, l} g(<Q_{i_0}, K_{1,j}, K_{2,l}>)",
    **SHARED,
)

OUTPUT = identity(
    id="2.2",
    title="The output, entry by entry",
    heading="Output of tensor attention",
    indices=(QUERY, VALUE),
    hypotheses=(SHAPES, ANY_UNIT, ANY_INVERSE),
    conclusion=eq(
        Att[i_0, q_0],
        pairs(inverse(pairs(g(score()))) * g(score()) * V_1[j, q_0] * V_2[l, q_0]),
    ),
    uses=("2.1",),
    provenance=(
        T("D^{-1} g(Q K') V", SOURCE),
        derived("the weight of the pair (j, l)", "Definition 2; D^{-1} multiplies every summand"),
    ),
    note="a mean of the products V_{1,j} V_{2,l}, with one weight for each pair",
    **SHARED,
)

LINEAR = identity(
    id="2.3",
    title="Without a nonlinearity the normaliser factors",
    heading="Linear tensor attention",
    section="2",
    definitions=("2", "3"),
    params=(TOKENS, WIDTH),
    arrays=tensor_attention(lambda z: z, inverse),
    indices=(QUERY,),
    hypotheses=(SHAPES, Hypothesis(None, "g(z) = z")),
    conclusion=eq(
        D[i_0], Sum(Q[i_0, p] * Sum(K_1[j, p], (j, 1, n)) * Sum(K_2[l, p], (l, 1, n)), (p, 1, d))
    ),
    uses=("2.1",),
    provenance=(derived("the factors", "the sums over j and l concern different matrices"),),
    note="of the order of n d operations for D_{i_0} in place of n^2 d",
)

_Q, _K1, _K2 = square("q"), square("k"), square("l")
WEIGHTS = identity(
    id="2.4",
    title="The weights of a row sum to one",
    heading="Weights of tensor attention",
    section="2",
    definitions=("2", "3"),
    params=(*entries("Q", _Q), *entries("K_1", _K1), *entries("K_2", _K2)),
    arrays=(
        matrix("Q", i, p, _Q), matrix("K_1", i, p, _K1), matrix("K_2", i, p, _K2),
        *tensor_attention(exp, lambda z: 1 / z, 2, 2),
    ),
    hypotheses=(Hypothesis(None, "Q, K_1, K_2 are 2 x 2, and g = exp"),),
    conclusion=eq(pairs(A[1, j, l] / D[1], 2), 1),
    uses=("2.1",),
    provenance=(
        T("D normalises", SOURCE),
        chosen("two tokens of width two, the first query", "the quotient needs D != 0, which is "
               "shown for explicit entries; the other query is the same with other letters"),
    ),
    note="exp is positive, so that D is",
)  # fmt: skip

GRAM = identity(
    id="2.5/gram",
    title="The Gram matrix of a column-wise Kronecker product",
    heading="Column-wise Kronecker products",
    section="2",
    definitions=("2",),
    params=(TOKENS, WIDTH),
    indices=(Index(p, d, "a column"), Index(q, d, "a column")),
    arrays=(Array("K", (j, l, p), K_1[j, p] * K_2[l, p]),),
    hypotheses=(Hypothesis(None, "K_1 and K_2 are n x d matrices"),),
    conclusion=eq(
        pairs(K[j, l, p] * K[j, l, q]),
        Sum(K_1[j, p] * K_1[j, q], (j, 1, n)) * Sum(K_2[l, p] * K_2[l, q], (l, 1, n)),
    ),
    provenance=(derived("the identity", "Definition 2"),),
    note="K' K is the entrywise product of K_1' K_1 and K_2' K_2",
)

FACTORS = identity(
    id="2.5/factors",
    title="Kronecker product times a column-wise one",
    heading="Column-wise Kronecker products",
    section="2",
    definitions=("1", "2"),
    params=(TOKENS, WIDTH),
    indices=(Index(i, n, "a row"), Index(r, n, "a row"), Index(q_0, d, "a column")),
    arrays=(
        Array("S", (i, r, p, q), A[i, p] * B[r, q]),
        Array("K", (p, q, q_0), E[p, q_0] * F[q, q_0]),
    ),
    hypotheses=(Hypothesis(None, "A and B are n x d, E and F are d x d matrices"),),
    conclusion=eq(
        Sum(Sum(S[i, r, p, q] * K[p, q, q_0], (q, 1, d)), (p, 1, d)),
        Sum(A[i, p] * E[p, q_0], (p, 1, d)) * Sum(B[r, q] * F[q, q_0], (q, 1, d)),
    ),
    provenance=(
        T("keys are tokens times weights", SOURCE),
        derived("the identity", "Definitions 1 and 2"),
    ),
    note="(A (x) B) (E (/) F) = (A E) (/) (B F), with (/) the column-wise Kronecker product",
)

STATEMENTS = (NORMALISER, OUTPUT, LINEAR, WEIGHTS, GRAM, FACTORS)
