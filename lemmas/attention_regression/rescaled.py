"""Section 3: rescaled softmax regression."""

from typing import Any

from sympy import Integer, cosh, sinh

from lemmas.attention_regression.notation import (
    DIRECTION,
    ROWS,
    TARGET,
    C,
    E,
    H,
    R,
    b,
    b_1,
    i,
    j,
    k,
    l,
    n,
    over,
    product,
    same,
    u,
    u_1,
    u_2,
    v,
    v_1,
    v_2,
    z_1,
    z_2,
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
    ne,
)
from verify.language.statement import Expression

SOURCE = "arXiv:2305.00660, L_u(x) = 1/2 ||u(x) - <u(x), 1> b||^2, u in {exp, cosh, sinh}"

RELATION = declare(
    id="3.1",
    title="The rescaled loss and the loss of softmax regression",
    heading="Two losses",
    kind="fact",
    section="3",
    params=(
        Param(u_1, "first score", Integer(1)),
        Param(u_2, "second score", Integer(2)),
        TARGET,
    ),
    hypotheses=(Hypothesis(ne(u_1 + u_2, 0), "the normaliser does not vanish"),),
    conclusion=eq(
        (u_1 - (u_1 + u_2) * b_1) ** 2 + (u_2 - (u_1 + u_2) * (1 - b_1)) ** 2,
        (u_1 + u_2) ** 2 * ((u_1 / (u_1 + u_2) - b_1) ** 2 + (u_2 / (u_1 + u_2) - (1 - b_1)) ** 2),
    ),
    definitions=("2", "3"),
    provenance=(
        D("the factor", "<u, 1> is taken out of the norm"),
        chosen("two scores", "the normaliser must not vanish, which is said of a sum of two"),
    ),
    note="||u - <u, 1> b||^2 = <u, 1>^2 ||<u, 1>^{-1} u - b||^2",
)


def residual(size: Expression) -> Array:
    """r = u - <u, 1> b."""
    return Array("R", (i,), u[i] - b[i] * over(k, size, u[k]))


def hessian(size: Expression) -> tuple[Array, ...]:
    """The Hessian of the rescaled loss in z, where every entry of u is its own derivative."""
    slope = same(k, i) * u[i] - b[k] * u[i]
    other = same(k, j) * u[j] - b[k] * u[j]
    return (
        residual(size),
        Array("H", (i, j), over(k, size, slope * other) + same(i, j) * over(k, size, R[k] * slope)),
    )


def shifted(index: Any, size: Expression) -> Expression:
    """The diagonal part: u (u + r - <r, b>)."""
    return u[index] * (u[index] + R[index] - over(l, size, R[l] * b[l]))


LENGTH = over(k, n, product(b[k], b[k]))
SUM_OF_TWO = (
    Array("E", (i,), shifted(i, n)),
    Array("C", (i, j), LENGTH * u[i] * u[j] - b[i] * u[i] * u[j] - u[i] * b[j] * u[j]),
)


def structure(part: str, title: str, second: Any, value: Expression) -> Statement:
    """Entries of the Hessian on the diagonal or off it."""
    apart = second != i
    return declare(
        id=f"3.2/{part}",
        title=title,
        heading="The rescaled Hessian is diagonal plus low rank",
        kind="lemma",
        section="3",
        params=(ROWS,),
        indices=(Index(i, n, "a row"), *((Index(j, n, "a column"),) if apart else ())),
        arrays=(*hessian(n), *SUM_OF_TWO),
        hypotheses=(
            Hypothesis(None, "u = exp(z), and b is any vector"),
            *((Hypothesis(ne(i, j), listed=False),) if apart else ()),
        ),
        conclusion=eq(H[i, second], value),
        definitions=("3",),
        provenance=(
            T("diagonal plus low rank", SOURCE + ", decomposition of the Hessian"),
            D("the vectors", "u and b u, entry by entry, span the low-rank part"),
        ),
        note="H = diag(E) + C with E = u (u + r - <r, b>), C = ||b||^2 u u' - (b u) u' - u (b u)', "
        "r = u - <u, 1> b",
    )


SCORES = (
    Param(u_1, "exp(z_1)", Integer(1), where=(gt(u_1, 0),)),
    Param(u_2, "exp(z_2)", Integer(1), where=(gt(u_2, 0),)),
)
ALONG = over(k, 2, u[k] * v[k])
FORM = (
    over(k, 2, shifted(k, Integer(2)) * v[k] ** 2)
    + over(k, 2, b[k] ** 2) * ALONG**2
    - 2 * over(k, 2, b[k] * u[k] * v[k]) * ALONG
)
TWO: dict[str, Any] = {
    "kind": "lemma",
    "section": "3",
    "heading": "Sign of the rescaled Hessian",
    "arrays": (
        column("u", k, (u_1, u_2)),
        column("b", k, (b_1, 1 - b_1)),
        column("v", k, (v_1, v_2)),
        residual(Integer(2)),
    ),
    "definitions": ("3",),
    "uses": ("3.2/diagonal", "3.2/off-diagonal"),
}
SIMPLEX = Hypothesis(None, "u = exp(z), b is a probability vector with two entries")

STATED = declare(
    id="3.3/stated",
    title="Positive semidefinite without a regulariser",
    params=(*SCORES, TARGET, *DIRECTION),
    hypotheses=(SIMPLEX,),
    conclusion=ge(FORM, 0),
    provenance=(
        T("positive semidefinite", SOURCE + ", read without its regulariser"),
        chosen("two scores", "the smallest size"),
    ),
    note="v' H v >= 0",
    **TWO,
)

OWN_1, OWN_2 = (1 - b_1) * u_1, b_1 * u_2
ENOUGH = 2 * OWN_1 * OWN_2
WHOLE = FORM + ENOUGH * (v_1**2 + v_2**2)
SQUARES = 2 * (OWN_1 * v_1 - OWN_2 * v_2) ** 2 + 2 * (OWN_1 * v_1) ** 2 + 2 * (OWN_2 * v_2) ** 2
BOUNDED = declare(
    id="3.3/regularised",
    title="Positive semidefinite with a regulariser that follows the scores",
    params=(*SCORES, TARGET, *DIRECTION),
    hypotheses=(
        SIMPLEX,
        Hypothesis(None, "1/2 ||W z||^2 with W^2 = 2 b_1 b_2 u_1 u_2 I is added; more adds more"),
    ),
    conclusion=ge(WHOLE, 0),
    proof=PrintedProof((Step(eq(WHOLE, SQUARES), "simple algebra"),)),
    provenance=(
        T("a regulariser", SOURCE + ", whose condition grows with the scores"),
        D("2 b_1 b_2 u_1 u_2", "it turns the form into a sum of squares"),
        chosen("two scores", "the smallest size"),
    ),
    note="v' H v + 2 b_1 b_2 u_1 u_2 ||v||^2 >= 0; max(u)^2 / 2 is enough",
    **TWO,
)

Z = (Param(z_1, "first entry of A x", Integer(1)), Param(z_2, "second entry", Integer(1)))


def normaliser(name: str, conclusion: Expression, reason: str) -> Statement:
    """That <u, 1> does not vanish, for u = cosh or u = sinh."""
    return declare(
        id=f"3.4/{name}",
        title=f"The normaliser of {name} does not vanish",
        heading="Normalisers",
        kind="lemma",
        section="3",
        params=Z,
        hypotheses=(Hypothesis(None, f"u = {name}(A x) with two entries"),),
        conclusion=conclusion,
        definitions=("3",),
        provenance=(T("the three functions", SOURCE), D("the normaliser", reason)),
        note="division by <u, 1> turns one loss into the other (3.1)",
    )


STATEMENTS = (
    RELATION,
    structure("diagonal", "Entries on the diagonal", i, E[i] + C[i, i]),
    structure("off-diagonal", "Entries off the diagonal", j, C[i, j]),
    STATED,
    BOUNDED,
    normaliser("cosh", gt(cosh(z_1) + cosh(z_2), 0), "cosh is positive"),
    normaliser("sinh", ne(sinh(z_1) + sinh(z_2), 0), "sinh changes its sign"),
)  # fmt: skip
