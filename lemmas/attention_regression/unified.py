"""Section 4: the unified form, with u(x) = exp(A x) + A x."""

from typing import Any

from sympy import Integer, exp

from lemmas.attention_regression.notation import HALF, TARGET, b_1, x, y, z_1, z_2
from lemmas.writing import C as chosen
from lemmas.writing import D, T, declare
from verify import Hypothesis, Param, PrintedProof, Statement, Step, ge, gt, le
from verify.language.statement import Expression

SOURCE = "arXiv:2309.13482, ||<u(x), 1>^{-1} u(x) - b||^2 with u(x) = exp(A x) + A x"


def score(z: Expression) -> Expression:
    """u = exp(z) + z."""
    return exp(z) + z


def entries(*least: Expression) -> tuple[Param, ...]:
    """The two entries of A x, bounded below where a bound is given."""
    return tuple(
        Param(z, "an entry of A x", Integer(0), where=tuple(ge(z, bound) for bound in least))
        for z in (z_1, z_2)
    )


TOTAL = score(z_1) + score(z_2)
BOUND = D("A x >= -1/2", "exp(z) + z vanishes near z = -0.567 and increases")
SIZE = chosen("two entries", "the smallest size")
SHARED: dict[str, Any] = {"kind": "lemma", "section": "4", "definitions": ("4",)}
NORMALISER = {"heading": "Normaliser of the unified form", **SHARED}
WEIGHTS = {"heading": "Weights of the unified form", **SHARED}

POSITIVE = declare(
    id="4.1/stated",
    title="The normaliser is positive",
    params=entries(),
    hypotheses=(Hypothesis(None, "A x is any vector with two entries"),),
    conclusion=gt(TOTAL, 0),
    provenance=(T("division by <u, 1>", SOURCE), D("positive", "as for softmax"), SIZE),
    note="<exp(A x) + A x, 1> > 0",
    **NORMALISER,
)

POSITIVE_ABOVE = declare(
    id="4.1/corrected",
    title="The normaliser is positive where A x >= -1/2",
    params=entries(-HALF),
    hypotheses=(Hypothesis(None, "A x has two entries"),),
    conclusion=gt(TOTAL, 0),
    provenance=(T("division by <u, 1>", SOURCE), BOUND, SIZE),
    note="<exp(A x) + A x, 1> > 0",
    **NORMALISER,
)

NONNEGATIVE = declare(
    id="4.2/stated",
    title="The weights are nonnegative wherever the normaliser is positive",
    params=entries(),
    hypotheses=(Hypothesis(gt(TOTAL, 0), "the normaliser is positive"),),
    conclusion=ge(score(z_1) / TOTAL, 0),
    uses=("4.1/stated",),
    provenance=(D("nonnegative", "as for softmax, whose weights are probabilities"), SIZE),
    note="f_1 >= 0",
    **WEIGHTS,
)

NONNEGATIVE_ABOVE = declare(
    id="4.2/corrected",
    title="The weights are nonnegative where A x >= -1/2",
    params=entries(-HALF),
    hypotheses=(Hypothesis(None, "A x has two entries"),),
    conclusion=ge(score(z_1) / TOTAL, 0),
    proof=PrintedProof(
        (
            Step(gt(score(z_1), 0), "exp(-1/2) > 1/2, and exp(z) + z increases"),
            Step(gt(score(z_2), 0), "the same for the other entry"),
        )
    ),
    uses=("4.1/corrected",),
    provenance=(D("nonnegative", "as for softmax"), BOUND, SIZE),
    note="f_1 >= 0",
    **WEIGHTS,
)

# A = (1, 0)': one variable x, scores exp(x) + x and exp(0) + 0 = 1, and b = (b_1, 1 - b_1).
POINT = Param(x, "the variable", Integer(0), where=(ge(x, 0),))
OTHER = Param(y, "another value of it", Integer(1), where=(ge(y, 0),))
LINE = Hypothesis(None, "A = (1, 0)' and b is a probability vector")


def weight(z: Expression) -> Expression:
    """The first of the two weights."""
    return score(z) / (score(z) + 1)


FIRST = (exp(x) + 1) / (score(x) + 1) ** 2
SECOND = exp(x) / (score(x) + 1) ** 2 - 2 * (exp(x) + 1) ** 2 / (score(x) + 1) ** 3
CURVATURE = 2 * (FIRST**2 + (weight(x) - b_1) * SECOND)


def curvature(part: str, title: str, amount: Expression, reason: str) -> Statement:
    """The second derivative of the loss with 1/2 w^2 x^2 added is nonnegative."""
    return declare(
        id=f"4.3/{part}",
        title=title,
        heading="Hessian of the unified form",
        params=(TARGET, POINT),
        hypotheses=(LINE,),
        conclusion=ge(CURVATURE + amount, 0),
        uses=("4.1/corrected",),
        provenance=(
            T("the Hessian is positive semidefinite", SOURCE + ", in the abstract"),
            D("the second derivative", "the quotient rule, with u' = exp + 1 and u'' = exp"),
            chosen(f"w^2 = {amount}", reason),
            chosen("one variable, two entries", "the smallest size"),
        ),
        note="2 (f_1')^2 + 2 (f_1 - b_1) f_1'' + w^2 >= 0",
        **SHARED,
    )


def loss(z: Expression) -> Expression:
    """The loss in one variable, halved."""
    return (weight(z) - b_1) ** 2


CONVEX = declare(
    id="4.4",
    title="Convexity along a line",
    heading="Convexity of the unified form",
    params=(TARGET, POINT, OTHER),
    hypotheses=(LINE,),
    conclusion=le(loss((x + y) / 2), (loss(x) + loss(y)) / 2),
    uses=("4.3/stated",),
    provenance=(
        D("the inequality at the midpoint", "what a Hessian of that sign would imply; there is no "
          "derivative in it"),
        chosen("one variable, two entries", "the smallest size"),
    ),
    note="L((x + y) / 2) <= (L(x) + L(y)) / 2",
    **SHARED,
)  # fmt: skip

STATEMENTS = (
    POSITIVE,
    POSITIVE_ABOVE,
    NONNEGATIVE,
    NONNEGATIVE_ABOVE,
    curvature("stated", "Positive semidefinite without a regulariser", Integer(0), "as stated"),
    curvature("regularised", "Positive semidefinite with the regulariser w^2 = 1", Integer(1),
              "enough on this line; the size that is needed depends on A"),
    CONVEX,
)  # fmt: skip
