"""Section 1: one layer of attention as a regression problem."""

from typing import Any

from sympy import exp

from lemmas.attention_regression.notation import (
    A_1,
    A_2,
    A_3,
    ROWS,
    WIDTH,
    A,
    B,
    E,
    F,
    G,
    H,
    M,
    P,
    R,
    S,
    X,
    Y,
    alpha,
    d,
    f,
    i,
    i_0,
    inverse,
    j,
    j_0,
    l,
    n,
    over,
    p,
    product,
    q,
    u,
)
from lemmas.writing import D, T, declare
from verify import Array, Hypothesis, eq
from verify.language.statement import Expression

SOURCE = "arXiv:2309.07418, the loss L(X, Y)"
SIZES = (ROWS, WIDTH)


def entries(body: Expression, row: Any, column: Any) -> Expression:
    """The sum over the entries of an n x d matrix."""
    return over(row, n, over(column, d, body))


BLOCKS = (
    Array("A", (j_0, j, p, q), A_1[j_0, p] * A_2[j, q]),
    Array("u", (j_0, j), exp(over(p, d, over(q, d, A[j_0, j, p, q] * X[p, q])))),
    Array("alpha", (j_0,), over(j, n, u[j_0, j])),
    Array("f", (j_0, j), inverse(alpha[j_0]) * u[j_0, j]),
)
MATRICES = (
    Array("M", (i, j), exp(over(q, d, over(p, d, A_1[i, p] * X[p, q]) * A_2[j, q]))),
    Array("F", (i, l), inverse(over(j, n, M[i, j])) * over(j, n, M[i, j] * A_3[j, l])),
    Array("R", (i, l), over(p, d, F[i, p] * Y[p, l]) - B[i, l]),
)
BY_BLOCKS = over(j, n, f[j_0, j] * over(p, d, A_3[j, p] * Y[p, i_0])) - B[j_0, i_0]

TWO_FORMS = declare(
    id="1.1",
    title="The loss by blocks and by matrices",
    heading="Two forms of the loss",
    kind="fact",
    section="1",
    params=SIZES,
    arrays=(*BLOCKS, *MATRICES),
    hypotheses=(
        Hypothesis(None, "A_1, A_2, A_3, B are n x d, X and Y are d x d, x = vec(X)"),
        Hypothesis(None, "A_{j_0} is the j_0-th block of A_1 (x) A_2"),
        Hypothesis(None, "inverse(z) = 1/z where z is not 0; nothing else about it is used"),
    ),
    conclusion=eq(entries(BY_BLOCKS**2, j_0, i_0), entries(R[i, l] ** 2, i, l)),
    definitions=("1",),
    provenance=(
        T("both forms", SOURCE),
        D("vec stacks rows", "the block of A_1 (x) A_2 belongs to it"),
    ),
    note="sum (<<u, 1>^{-1} u, A_3 Y_{*,i_0}> - b)^2 = ||D(X)^{-1} exp(A_1 X A_2') A_3 Y - B||^2",
)

# P stands for D(X)^{-1} exp(A_1 X A_2') A_3, which does not depend on Y.
RESIDUALS = (
    Array("R", (i, l), over(p, d, P[i, p] * Y[p, l]) - B[i, l]),
    Array("S", (i, l), over(p, d, P[i, p] * (Y[p, l] + H[p, l])) - B[i, l]),
    Array("G", (p, l), 2 * over(i, n, P[i, p] * R[i, l])),
    Array("E", (i, l), over(p, d, P[i, p] * H[p, l])),
)
GRADIENT = declare(
    id="1.2",
    title="Gradient and Hessian in Y",
    heading="Derivatives in Y",
    kind="lemma",
    section="1",
    params=SIZES,
    arrays=RESIDUALS,
    hypotheses=(
        Hypothesis(None, "P = D(X)^{-1} exp(A_1 X A_2') A_3 is any n x d matrix"),
        Hypothesis(None, "H is any d x d matrix, the change of Y"),
    ),
    conclusion=eq(
        entries(product(S[i, l], S[i, l]), i, l),
        entries(product(R[i, l], R[i, l]), i, l)
        + over(p, d, over(l, d, G[p, l] * H[p, l]))
        + entries(product(E[i, l], E[i, l]), i, l),
    ),
    definitions=("1",),
    uses=("1.1",),
    provenance=(
        T("the gradient 2 P' (P Y - B)", SOURCE + " and its gradient"),
        D("the expansion", "the loss is quadratic in Y: the linear part is the gradient, and the "
          "rest, a sum of squares, half of the Hessian's form"),
    ),
    note="L(Y + H) = L(Y) + <G, H> + ||P H||^2 with G = 2 P' (P Y - B): convex in Y",
)  # fmt: skip

STATEMENTS = (TWO_FORMS, GRADIENT)
