"""Section 3: the tensor trick, linearity, the union bound, Hoeffding's bound."""

from sympy import IndexedBase, Integer, Sum, Symbol, exp

from lemmas.polynomial_attention.definitions import TENSOR_TRICK
from lemmas.polynomial_attention.notation import (
    COLUMNS,
    ROWS,
    WIDTH,
    A,
    B,
    D,
    T,
    X,
    d,
    declare,
    g,
    i,
    j,
    m,
    n,
    p,
    q,
    u,
    v,
    w,
    y,
)
from verify.language.statement import (
    Array,
    FiniteSpace,
    ForAll,
    Hypothesis,
    Index,
    Param,
    TailBound,
)
from verify.language.sympy_terms import eq, gt, le

PAIR = (Index(i, n, "a row of A_1"), Index(j, n, "a row of A_2"))

FACT_3_2 = declare(
    id="3.2",
    title="Tensor trick",
    heading="Tensor trick",
    kind="fact",
    section="3",
    params=(ROWS, WIDTH),
    indices=PAIR,
    arrays=TENSOR_TRICK,
    hypotheses=(
        Hypothesis(None, "A_1 and A_2 are n x d matrices"),
        Hypothesis(None, "X is a d x d matrix and x = vec(X)"),
        Hypothesis(None, "A = A_1 (x) A_2, an n^2 x d^2 matrix"),
        Hypothesis(None, "g is any function, applied to every entry"),
    ),
    # vec(g(A_1 X A_2')) = g(A x) in row (i, j); row-major, vec(X) has X[p, q] at (p, q).
    conclusion=eq(g(B[i, j]), g(Sum(Sum(A[i, j, p, q] * X[p, q], (q, 1, d)), (p, 1, d)))),
    # Column-major, place (i, j) of vec(B) holds B[j, i], and place (p, q) of vec(X) holds X[q, p].
    variants=(
        (
            "column-major vec (columns stacked)",
            eq(g(B[j, i]), g(Sum(Sum(A[i, j, p, q] * X[q, p], (q, 1, d)), (p, 1, d)))),
        ),
    ),
    provenance=(
        T("the item", "its title, and 'where A = A_1 (x) A_2'"),
        D("the formula", "the only identity between these objects"),
        D("row-major vec", "the convention under which it holds; the text's own is lost"),
    ),
    note="vec stacks rows: vec(g(A_1 X A_2')) = g((A_1 (x) A_2) vec(X)).",
)

first, second = Symbol("a"), Symbol("b")
FACT_3_3 = declare(
    id="3.3",
    title="Linearity of the inner product",
    heading="Linearity of the inner product",
    kind="fact",
    section="3",
    params=(
        ROWS,
        Param(first, "a scalar", Integer(2)),
        Param(second, "a scalar", Integer(3)),
    ),
    arrays=(Array("y", (i,), first * v[i] + second * w[i]),),
    hypotheses=(
        Hypothesis(None, "u, v, w are vectors of R^n"),
        Hypothesis(None, "a and b are real numbers; y = a v + b w"),
    ),
    conclusion=eq(
        Sum(u[i] * y[i], (i, 1, n)),
        first * Sum(u[i] * v[i], (i, 1, n)) + second * Sum(u[i] * w[i], (i, 1, n)),
    ),
    provenance=(
        T("linearity", "the sentence before it: the linearity property of the inner product"),
        D("the formula", "two scalars and vectors of R^n are introduced"),
    ),
    note="<u, a v + b w> = a <u, v> + b <u, w>",
)

FACT_3_5 = declare(
    id="3.5",
    title="Union bound",
    heading="Union bound",
    kind="fact",
    section="3.1",
    params=(COLUMNS,),
    hypotheses=(Hypothesis(None, "E_1, .., E_m are events of one probability space"),),
    conclusion=FiniteSpace(events=m),
    provenance=(T("the bound", "its title, and a collection of events"),),
    note="Pr[E_1 or .. or E_m] <= Pr[E_1] + .. + Pr[E_m]",
)

low, high, deviation = IndexedBase("a"), IndexedBase("b"), Symbol("u")
SQUARED_WIDTHS = Sum((high[i] - low[i]) ** 2, (i, 1, n))
LEMMA_3_6 = declare(
    id="3.6",
    title="Hoeffding bound",
    heading="Hoeffding bound",
    kind="lemma",
    section="3.1",
    params=(
        ROWS,
        Param(deviation, "the deviation", Integer(1), where=(gt(deviation, 0),)),
    ),
    hypotheses=(
        Hypothesis(ForAll(i, n, le(low[i], high[i])), "all X_i independent, a_i <= X_i <= b_i"),
        Hypothesis(None, "X = X_1 + .. + X_n"),
        Hypothesis(gt(SQUARED_WIDTHS, 0), "not all a_i = b_i", listed=False),
    ),
    conclusion=TailBound(
        left="Pr[|X - E X| >= u]",
        bound=2 * exp(-2 * deviation**2 / SQUARED_WIDTHS),
        source="W. Hoeffding, Probability inequalities for sums of bounded random variables, "
        "Journal of the American Statistical Association 58 (1963) 13-30, Theorem 2",
    ),
    provenance=(
        T("the setting", "independent bounded variables in [a_i, b_i], and their sum"),
        D("the bound", "the theorem of Hoeffding that the text cites"),
        D("not all a_i = b_i", "the bound divides by the sum of the squared widths"),
    ),
    assumed="hoeffding",
    note="For X_i = w_i s_i with random signs s_i the widths are 2 |w_i| and the bound is "
    "Pr[|<w, s>| >= u] <= 2 exp(-u^2 / (2 ||w||_2^2)).",
)

STATEMENTS = (FACT_3_2, FACT_3_3, FACT_3_5, LEMMA_3_6)
