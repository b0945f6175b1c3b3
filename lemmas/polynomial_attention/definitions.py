"""The numbered definitions, and the arrays that the toolkit unfolds."""

from sympy import Sum

from lemmas.attention import attention, dataset
from lemmas.polynomial_attention.notation import (
    A_1,
    A_2,
    A,
    D,
    K,
    Q,
    T,
    X,
    a_1,
    alpha_single,
    beta,
    chosen,
    d,
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
    z,
)
from verify.language.statement import Array, Definition

TENSOR_TRICK = (
    # B = A_1 X A_2' and A = A_1 (x) A_2. A row of A is a pair (i, j), a column a pair (p, q).
    Array("B", (i, j), Sum(Sum(A_1[i, p] * X[p, q], (p, 1, d)) * A_2[j, q], (q, 1, d))),
    Array("A", (i, j, p, q), A_1[i, p] * A_2[j, q]),
)

SINGLE_QUERY = (
    # z_i = (A x)_i is the datum of Definition 3.11; the rest is Definition 3.7.
    Array("u", (i,), z[i] ** beta),
    Array("alpha", (), Sum(u[j], (j, 1, n))),
    Array("f", (i,), u[i] / alpha_single),
)

EQUIVALENCE = (
    # Definition 6.2 for any g, Q and K: A_{j_0} is the j_0-th block of A_1 (x) A_2, x = vec(Q K').
    Array("A", (j_0, j_1, p, q), A_1[j_0, p] * A_2[j_1, q]),
    Array("x", (p, q), Sum(Q[p, i] * K[q, i], (i, 1, d))),
    Array("u", (j_0, j_1), g(Sum(Sum(A[j_0, j_1, p, q] * x[p, q], (q, 1, d)), (p, 1, d)))),
    Array("alpha", (j_0,), Sum(u[j_0, j], (j, 1, n))),
)

ATTENTION = attention(lambda score: score**beta)

DEFINITIONS = (
    Definition(
        "1.1",
        "Self-attention with softmax units",
        "Att(A, Q, K, V) = D^{-1} g(A Q K' A') A V with g = exp entrywise and "
        "D = diag(g(A Q K' A') 1_n)",
        provenance=(
            T("the form", "the sentence after the definition names D and 1_n"),
            D("g = exp", "the title says softmax"),
        ),
    ),
    Definition(
        "1.2",
        "Self-attention with polynomial units",
        "the same with g(z) = z^beta entrywise, beta > 0 the degree",
        provenance=(
            T("g is a power", "the title says polynomial, and later sections name the degree"),
            chosen("beta > 0", "the text says 'for ..' and its range is lost"),
        ),
    ),
    Definition(
        "1.3",
        "Main result, informal",
        "the informal version of Theorem 6.5",
        kind="theorem",
        provenance=(T("the item", "its title says: informal of Theorem 6.5"),),
        note="Checked as Theorem 6.5.",
    ),
    Definition(
        "3.1",
        "A worked example of the Hadamard product",
        "its numbers are lost",
        kind="example",
        recoverable=False,
        provenance=(T("the item", "it stands after the definition of the Hadamard product"),),
        note="Not recoverable: two vectors and two results were printed; none survives.",
    ),
    Definition(
        "3.4",
        "Rademacher distribution",
        "Pr[s = 1] = Pr[s = -1] = 1/2",
        provenance=(T("the two values", "Definition 3.10 says: with half probability"),),
    ),
    Definition(
        "3.7",
        "Degree-beta polynomial functions",
        "u(A, x) = (A x)^beta entrywise; alpha(A, x) = <u(A, x), 1_n>; "
        "f(A, x) = u(A, x) / alpha(A, x)",
        arrays=SINGLE_QUERY,
        provenance=(
            T("three functions", "the text defines three in this order, the first by its entries"),
            D("their form", "Definition 1.2, and their use in Section 4"),
        ),
    ),
    Definition(
        "3.8",
        "ReLU",
        "phi(z) = max(z, 0) and phi_tau(z) = max(z - tau, 0)",
        provenance=(T("both forms", "the second is said to be more general, for a parameter"),),
    ),
    Definition(
        "3.9",
        "Three-layer network",
        "F(A; x, y) = phi(sum_{j in [m]} phi_tau(<f(A, x), y_j>))",
        provenance=(
            T("three layers", "polynomial attention and ReLU; y_j is the j-th column of y"),
            D("the form", "its use in Section 5"),
        ),
    ),
    Definition(
        "3.10",
        "Random signs",
        "m = C log(n / delta), rounded up; every entry of y is an independent Rademacher sign",
        provenance=(
            T("some constant C, failure probability delta", "the text says so"),
            T("every entry is a Rademacher sign", "the text says so"),
            D("rounded up", "m counts columns"),
            chosen("m = C log(n / delta)", "the formula is lost"),
        ),
    ),
    Definition(
        "3.11",
        "Binary classification",
        "D_0: every (A x)_i lies in [l, h]; D_1: one entry is M > h, all others lie in [l, h]",
        provenance=(
            T("the two datasets", "one index differs in D_1, none in D_0"),
            chosen("l, h, M", "the values are lost; symbols stand in"),
        ),
    ),
    Definition(
        "6.1",
        "Self-attention dataset",
        "A_1 = A_2 = A_3 with n = (d - 2) t rows: Type I column e_{j_3} a s, Type II columns "
        "t stacked copies of b s I_{d-2}, Type III column c s 1_n",
        arrays=(dataset(a_1),),
        provenance=(
            T("three types of columns", "spelt out in the text"),
            T("n = (d - 2) t", "t copies of the identity"),
            chosen(
                "a_0 in (0, 0.1), a_1 >= 0.7, b, c >= 0.1, b + c = 1",
                "the values are lost; these follow the structure of the proofs",
            ),
            chosen("s = sqrt(log n)", "the scale is lost; the lemmas hold for every s > 0"),
        ),
    ),
    Definition(
        "6.2",
        "Polynomial attention",
        "u_{j_0} = g(A_{j_0} x), alpha_{j_0} = <u_{j_0}, 1_n>, f_{j_0} = u_{j_0} / alpha_{j_0}, "
        "c_{j_0, i_0} = <f_{j_0}, (A_3 V)_{*, i_0}>, with A_{j_0} the j_0-th block of "
        "A = A_1 (x) A_2 and x = vec(Q K')",
        arrays=ATTENTION,
        provenance=(
            T("four functions", "the text defines them in this order"),
            D("their form", "Definitions 1.2 and 3.7, and Claim 6.3"),
            chosen(
                "Q K' = 1_{d x d} and V = I_d in Sections 6.4 to 6.7",
                "the lists of conditions are lost; the row sums in the proofs need them",
            ),
        ),
    ),
    Definition(
        "6.4",
        "The network on self-attention data",
        "F = phi(sum_{j_0 in [n]} sum_{j_1 in [m]} phi_tau(<c_{j_0}, y_{j_1}>))",
        provenance=(
            T("columns of Y", "named in the text"),
            D("the form", "Definition 3.9 and its use"),
        ),
    ),
)
