"""Section 2: softmax regression."""

from typing import Any

from sympy import Integer, exp

from lemmas.attention_regression.notation import (
    DIRECTION,
    FIFTH,
    QUARTER,
    ROWS,
    TARGET,
    WEIGHT,
    C,
    E,
    H,
    J,
    R,
    b,
    b_1,
    f,
    f_1,
    h,
    i,
    j,
    k,
    n,
    over,
    product,
    same,
    u_1,
    u_2,
    v,
    v_1,
    v_2,
    w_1,
    w_2,
    x,
    y,
)
from lemmas.writing import C as chosen
from lemmas.writing import D, T, column, declare
from verify import (
    Array,
    Hypothesis,
    Index,
    Param,
    PrintedProof,
    Statement,
    Step,
    eq,
    ge,
    gt,
    le,
    ne,
)
from verify.language.statement import Expression

SOURCE = "arXiv:2304.10411, L(x) = 1/2 ||f(x) - b||^2 with f(x) = <exp(A x), 1>^{-1} exp(A x)"

grown_1, grown_2 = u_1 * (1 + h * w_1), u_2 * (1 + h * w_2)
mean = (u_1 * w_1 + u_2 * w_2) / (u_1 + u_2)
WEIGHTS = declare(
    id="2.1",
    title="Change of an attention weight",
    heading="Derivative of the weights",
    kind="lemma",
    section="2",
    params=(
        Param(u_1, "exp(z_1)", Integer(1), where=(gt(u_1, 0),)),
        Param(u_2, "exp(z_2)", Integer(2), where=(gt(u_2, 0),)),
        Param(h, "the step", Integer(1), where=(gt(h, 0),)),
        Param(w_1, "(exp(h v_1) - 1) / h", Integer(1)),
        Param(w_2, "(exp(h v_2) - 1) / h", Integer(0)),
    ),
    hypotheses=(
        Hypothesis(gt(1 + h * w_1, 0), "exp(h v_1) > 0"),
        Hypothesis(gt(1 + h * w_2, 0), "exp(h v_2) > 0"),
    ),
    conclusion=eq(
        (grown_1 / (grown_1 + grown_2) - u_1 / (u_1 + u_2)) / h,
        u_1 / (u_1 + u_2) * (w_1 - mean) / (1 + h * mean),
    ),
    definitions=("2",),
    provenance=(
        T("the derivative f_i (v_i - <f, v>)", SOURCE + " and its gradient"),
        D("the difference quotient", "exact for every step; for h to 0, w tends to v"),
        chosen("two weights", "sums over more are put together two by two"),
    ),
    note="(f_1(z + h v) - f_1(z)) / h = f_1 (w_1 - <f, w>) / (1 + h <f, w>)",
)

# The derivatives of f, and from them the Hessian of L in z = A x.
HESSIAN = (
    Array("R", (i,), f[i] - b[i]),
    Array("J", (i, j), f[i] * same(i, j) - f[i] * f[j]),
)


def hessian(size: Expression) -> Array:
    """J J + sum_k (f_k - b_k) times the second derivative of f_k."""
    curved = f[k] * ((same(k, i) - f[i]) * (same(k, j) - f[j]) - J[i, j])
    return Array("H", (i, j), over(k, size, J[i, k] * J[k, j]) + over(k, size, R[k] * curved))


def lean(index: Any) -> Expression:
    """The entries of (2 f - b) f, entry by entry."""
    return (2 * f[index] - b[index]) * f[index]


def inner(left: Any, right: Any, size: Expression) -> Expression:
    """The inner product of two vectors, given as functions of the index."""
    return over(k, size, product(left(k), right(k)))


def weights(index: Any) -> Expression:
    """f."""
    return f[index]


def residual(index: Any) -> Expression:
    """f - b."""
    return f[index] - b[index]


def direction(index: Any) -> Expression:
    """v."""
    return v[index]


def middle(size: Expression) -> Expression:
    """<3 f - 2 b, f>."""
    return inner(weights, weights, size) + 2 * inner(residual, weights, size)


SUM_OF_TWO = (
    Array("E", (i,), lean(i) - inner(residual, weights, n) * f[i]),
    Array("C", (i, j), middle(n) * f[i] * f[j] - lean(i) * f[j] - f[i] * lean(j)),
)


def structure(part: str, title: str, second: Any, value: Expression) -> Statement:
    """Entries of the Hessian on the diagonal or off it."""
    apart = second != i
    return declare(
        id=f"2.2/{part}",
        title=title,
        heading="The Hessian is diagonal plus low rank",
        kind="lemma",
        section="2",
        params=(ROWS,),
        indices=(Index(i, n, "a row"), *((Index(j, n, "a column"),) if apart else ())),
        arrays=(*HESSIAN, hessian(n), *SUM_OF_TWO),
        hypotheses=(
            Hypothesis(None, "f and b are vectors of R^n, and f' = diag(f) - f f'"),
            *((Hypothesis(ne(i, j), listed=False),) if apart else ()),
        ),
        conclusion=eq(H[i, second], value),
        definitions=("2",),
        uses=("2.1",),
        provenance=(
            T("diagonal plus low rank", SOURCE + ", decomposition of the Hessian"),
            D("the vectors", "f and (2 f - b) f span the low-rank part: its rank is at most 2"),
        ),
        note="H = diag(E) + C with E = g - <f - b, f> f, C = <3 f - 2 b, f> f f' - g f' - f g', "
        "g = (2 f - b) f",
    )


FORM = (
    over(k, 2, lean(k) * v[k] ** 2)
    - inner(residual, weights, 2) * over(k, 2, f[k] * v[k] ** 2)
    - 2 * inner(lean, direction, 2) * inner(weights, direction, 2)
    + middle(Integer(2)) * inner(weights, direction, 2) ** 2
)
TWO: dict[str, Any] = {
    "kind": "lemma",
    "section": "2",
    "heading": "Sign of the Hessian",
    "params": (WEIGHT, TARGET, *DIRECTION),
    "arrays": (
        column("f", k, (f_1, 1 - f_1)),
        column("b", k, (b_1, 1 - b_1)),
        column("v", k, (v_1, v_2)),
    ),
    "definitions": ("2",),
    "uses": ("2.2/diagonal", "2.2/off-diagonal"),
}
SIMPLEX = Hypothesis(None, "f and b are probability vectors with two entries")
SIZE = chosen("two weights, A = I", "the smallest size; counterexamples persist in larger ones")


# With two weights everything depends on the difference of the entries of z.
SPREAD = f_1 * (1 - f_1)
BENT = 2 * SPREAD**2 + 2 * (f_1 - b_1) * SPREAD * (1 - 2 * f_1)


NONE_GIVEN = PrintedProof()


def by_hand(amount: Expression) -> PrintedProof:
    """Two steps that show a regularised Hessian to be positive semidefinite."""
    whole = FORM + amount * (v_1**2 + v_2**2)
    parts = amount / 2 * (v_1 + v_2) ** 2 + (BENT + amount / 2) * (v_1 - v_2) ** 2
    return PrintedProof(
        (
            Step(eq(whole, parts), "v' H v depends on v_1 - v_2 alone"),
            Step(ge(BENT + amount / 2, 0), "two variables are left"),
        )
    )


def regularised(
    amount: Expression, part: str, reason: str, proof: PrintedProof = NONE_GIVEN
) -> Statement:
    """The Hessian of the loss with 1/2 ||W z||^2 added, where W^2 = amount I."""
    return declare(
        id=f"2.3/{part}",
        title=f"Positive semidefinite with the regulariser w^2 = {amount}",
        hypotheses=(SIMPLEX, Hypothesis(None, f"1/2 ||W A x||^2 with W^2 = {amount} I is added")),
        conclusion=ge(FORM + amount * (v_1**2 + v_2**2), 0),
        provenance=(T("a regulariser", SOURCE), chosen(f"w^2 = {amount}", reason), SIZE),
        proof=proof,
        note=f"v' H v + {amount} ||v||^2 >= 0",
        **TWO,
    )


STATED = declare(
    id="2.3/stated",
    title="Positive semidefinite without a regulariser",
    hypotheses=(SIMPLEX,),
    conclusion=ge(FORM, 0),
    provenance=(
        T("positive semidefinite", "the abstract of arXiv:2309.13482 says so of such a loss and "
          "names no condition"),
        SIZE,
    ),
    note="v' H v >= 0",
    **TWO,
)  # fmt: skip

NO_RESIDUAL = declare(
    id="2.4",
    title="Positive semidefinite where the loss vanishes",
    **{
        **TWO,
        "heading": "Hessian at a solution",
        "params": (WEIGHT, *DIRECTION),
        "arrays": (
            column("f", k, (f_1, 1 - f_1)),
            column("b", k, (f_1, 1 - f_1)),
            *TWO["arrays"][2:],
        ),
    },
    hypotheses=(Hypothesis(None, "b = f is a probability vector with two entries"),),
    conclusion=ge(FORM, 0),
    provenance=(D("the condition b = f", "what is left of the Hessian is J J"), SIZE),
    note="v' J J v >= 0",
)


def loss(z: Expression) -> Expression:
    """Half the loss of two weights in one variable: A = (1, 0)' and b = (b_1, 1 - b_1)."""
    return (exp(z) / (exp(z) + 1) - b_1) ** 2


CONVEX = declare(
    id="2.5",
    title="Convexity along a line",
    heading="Convexity of softmax regression",
    kind="lemma",
    section="2",
    params=(TARGET, Param(x, "a point", Integer(0)), Param(y, "another point", Integer(1))),
    hypotheses=(Hypothesis(None, "A = (1, 0)', and b is a probability vector"),),
    conclusion=le(loss((x + y) / 2), (loss(x) + loss(y)) / 2),
    definitions=("2",),
    uses=("2.3/stated",),
    provenance=(
        D("the inequality at the midpoint", "what a Hessian of that sign would imply; there is no "
          "derivative in it"),
        SIZE,
    ),
    note="L((x + y) / 2) <= (L(x) + L(y)) / 2",
)  # fmt: skip

STATEMENTS = (
    WEIGHTS,
    structure("diagonal", "Entries on the diagonal", i, E[i] + C[i, i]),
    structure("off-diagonal", "Entries off the diagonal", j, C[i, j]),
    STATED,
    regularised(Integer(4), "printed", "the condition of the source is w_i^2 >= 4, and more"),
    regularised(QUARTER, "quarter", "for two weights much less than 4 is enough", by_hand(QUARTER)),
    regularised(FIFTH, "fifth", "just below what two weights need"),
    NO_RESIDUAL,
    CONVEX,
)
