"""Section 6.2: Claim 6.3, the rows of attention without the Kronecker product."""

from sympy import Sum

from lemmas.polynomial_attention.definitions import EQUIVALENCE
from lemmas.polynomial_attention.notation import (
    A_1,
    A_2,
    ROW_0,
    ROW_1,
    ROWS,
    WIDTH,
    A,
    D,
    K,
    Q,
    T,
    alpha,
    chain,
    d,
    declare,
    g,
    i,
    j,
    j_0,
    j_1,
    n,
    p,
    q,
    u,
    x,
)
from verify.language.statement import Citation, Expression, Hypothesis, PrintedProof
from verify.language.sympy_terms import eq

CONDITIONS = (
    Hypothesis(None, "g acts on every entry (Definition 1.2)"),
    Hypothesis(None, "x = vec(Q K') in R^{d^2}"),
    Hypothesis(None, "A_{1, j_0, *} is the j_0-th row of A_1"),
    Hypothesis(None, "A = A_1 (x) A_2 in R^{n^2 x d^2}"),
    Hypothesis(None, "A_{j_0} = A_{1, j_0, *} (x) A_2 is the j_0-th block of A"),
)


def over_pairs(body: Expression) -> Expression:
    """The sum over p and q in [d]: a row of A_{j_0} times x."""
    return Sum(Sum(body, (q, 1, d)), (p, 1, d))


def row_product(row: Expression) -> Expression:
    """(A_{1, j_0, *} Q K' A_2')_row, multiplied from the left."""
    with_q = Sum(A_1[j_0, p] * Q[p, i], (p, 1, d))
    with_k = Sum(with_q * K[q, i], (i, 1, d))
    return Sum(with_k * A_2[row, q], (q, 1, d))


QK = Sum(Q[p, i] * K[q, i], (i, 1, d))
BY_DEFINITION = g(over_pairs(A[j_0, j_1, p, q] * x[p, q]))
WITH_X = g(over_pairs(A[j_0, j_1, p, q] * QK))
WITH_BLOCK = g(over_pairs(A_1[j_0, p] * A_2[j_1, q] * QK))

PART_1 = declare(
    id="6.3/1",
    title="u without the Kronecker product",
    heading="Equivalence formula",
    kind="claim",
    section="6.2",
    params=(ROWS, WIDTH),
    indices=(ROW_0, ROW_1),
    arrays=EQUIVALENCE,
    hypotheses=CONDITIONS,
    conclusion=eq(u[j_0, j_1], g(row_product(j_1))),
    definitions=("1.2", "6.2"),
    proof=PrintedProof(
        chain(
            u[j_0, j_1],
            (eq, BY_DEFINITION, "the definition of u (Definition 6.2)"),
            (eq, WITH_X, "the definition of x"),
            (eq, WITH_BLOCK, "the definition of A_{j_0}"),
            (
                eq,
                g(row_product(j_1)),
                "the property of the Kronecker product; the last step transposes a row into a "
                "column, which leaves its entries as they are",
            ),
        ),
    ),
    provenance=(
        T("the steps", "five reasons survive; the last is about the transpose of a row vector"),
        D("the formula", "Definition 6.2 and Fact 3.2 leave no other"),
        D("row-major vec", "the block of A belongs to it"),
        D("the five conditions", "g, x and the j_0-th row survive; the rest is Definition 6.2"),
    ),
    note="u_{j_0} = g((A_{1, j_0, *} Q K' A_2')'), written for the entry j_1.",
)

PART_2 = declare(
    id="6.3/2",
    title="alpha without the Kronecker product",
    heading="Equivalence formula",
    kind="claim",
    section="6.2",
    params=(ROWS, WIDTH),
    indices=(ROW_0,),
    arrays=EQUIVALENCE,
    hypotheses=CONDITIONS,
    conclusion=eq(alpha[j_0], Sum(g(row_product(j)), (j, 1, n))),
    definitions=("1.2", "6.2"),
    uses=("6.3/1",),
    proof=PrintedProof(
        chain(
            alpha[j_0],
            (eq, Sum(u[j_0, j], (j, 1, n)), "the definition of alpha (Definition 6.2)"),
            (eq, Sum(g(row_product(j)), (j, 1, n)), "Part 1"),
        ),
        (Citation("6.3/1", text="Part 1"),),
    ),
    provenance=(
        T("the steps", "both reasons survive"),
        D("the formula", "Definition 6.2 and Part 1 leave no other"),
        D("the five conditions", "g, x and the j_0-th row survive; the rest is Definition 6.2"),
    ),
    note="alpha_{j_0} = <g((A_{1, j_0, *} Q K' A_2')'), 1_n>",
)

STATEMENTS = (PART_1, PART_2)
