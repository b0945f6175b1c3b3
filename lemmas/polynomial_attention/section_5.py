"""Section 5: the output of the network on both datasets of Definition 3.11."""

from sympy import Integer, Rational, log

from lemmas.polynomial_attention.definitions import SINGLE_QUERY
from lemmas.polynomial_attention.notation import (
    COLUMNS,
    CONSTANT,
    DEGREE,
    DEGREE_LOW,
    EXPONENT,
    FAILURE,
    HIGH,
    LOW,
    POLY,
    QUARTER,
    ROWS,
    SPECIAL,
    TENTH,
    C,
    D,
    T,
    at_reference,
    chosen,
    declare,
    delta,
    f,
    k,
    m,
    n,
    p,
    tau,
)
from lemmas.polynomial_attention.section_4 import (
    FROM_D_0,
    FROM_D_1,
    HIGH_DEGREE,
    LOW_DEGREE,
    ONE,
    VARIANCE_41,
    VARIANCE_42,
    below,
    tau_41,
    tau_42,
)
from verify.language.statement import (
    Citation,
    Hypothesis,
    Output,
    Param,
    PrintedProof,
    Probability,
    SignSum,
    Step,
)
from verify.language.sympy_terms import ge, le, lt

HIGH_HEADING = "Output of the network for high degree"
LOW_HEADING = "Output of the network for low degree"

DATA: tuple[Param, ...] = (LOW, HIGH, SPECIAL)
HIGH_PARAMS = (
    at_reference(ROWS, Integer(10) ** 6),
    *DATA,
    DEGREE,
    FAILURE,
    POLY,
    at_reference(COLUMNS, Integer(170)),
    Param(tau, "the threshold of the inner ReLU", Rational(1, 5)),
)
LOW_PARAMS = (
    ROWS,
    *DATA,
    DEGREE_LOW,
    EXPONENT,
    FAILURE,
    POLY,
    COLUMNS,
    Param(tau, "the threshold of the inner ReLU", Integer(6)),
)

# Definition 3.10 has m = C log(n / delta), rounded up: F > 0 asks for many columns, F = 0 for few.
MANY_COLUMNS = Hypothesis(
    ge(m, C * log(n / delta)), "m = C log(n / delta), rounded up", listed=False
)
FEW_COLUMNS = Hypothesis(
    le(m, n**2 / (2 * delta ** (k + 1))),
    "m = C log(n / delta) is small enough for the union bound over m columns",
    listed=False,
)
TAU_41 = Hypothesis(ge(tau, tau_41(k + 1)), "tau is at least that of Lemma 4.1, with k + 1 for k")
TAU_42 = Hypothesis(
    ge(tau, tau_42(k + 1)), "tau is at least that of Lemma 4.2, Part 1, with k + 1 for k"
)
TAU_BELOW = Hypothesis(lt(tau, QUARTER), "tau < 1/4")

ABOVE = Probability(SignSum(f[p], p, n, ">", tau), TENTH)
UNION_BOUND = Citation("3.5", text="union bound over all m columns (see Fact 3.5)")
UNION_STEP = le(m * delta / n ** (k + 1), delta / n**k)

PROBABILITY = chosen("1 - delta / n^k", "the probability is lost")
COLUMNS_FEW = D(
    "m <= n^2 / (2 delta^(k + 1))",
    "what the union over m needs if a column fails with the probability 2 (delta / n)^(k + 2) of "
    "Hoeffding's bound",
)
UNION_READING = D(
    "m <= n in the step that takes the union",
    "with delta / n^(k + 1) for each column, as cited, the union leaves delta / n^k if m <= n",
)


def output(positive: bool) -> Probability:
    """Pr[F > 0], or Pr[F = 0], is at least 1 - delta / n^k."""
    event = Output(f[p], p, n, threshold=tau, columns=m, positive=positive)
    return Probability(event, 1 - delta / n**k)


LEMMA_5_1_PART_1 = declare(
    id="5.1/1",
    title="F = 0 on D_0 for high degree",
    heading=HIGH_HEADING,
    kind="lemma",
    section="5.1",
    params=HIGH_PARAMS,
    arrays=SINGLE_QUERY,
    hypotheses=(HIGH_DEGREE, TAU_41, TAU_BELOW, *FROM_D_0, FEW_COLUMNS),
    conclusion=output(positive=False),
    radius=tau_41(k + 1),
    variance=VARIANCE_41,
    definitions=("3.7", "3.8", "3.9", "3.10", "3.11"),
    uses=("4.1", "3.5"),
    proof=PrintedProof(
        (
            Step(
                below(tau, k + 1),
                "phi_tau(<f, y_j>) = 0 in one column: Definition 3.8; Part 1 of Lemma 4.1 and "
                "the condition on tau",
                "14",
                tag="T",
            ),
            Step(
                UNION_STEP,
                "union bound over all m columns; F = 0 by Definition 3.9 and 'Eq. (5.1)', where "
                "Eq. (14) is meant",
                given=(le(m, n),),
                tag="T",
            ),
        ),
        (
            Citation("4.1", {k: k + 1}, below(tau, k + 1), "Part 1 of Lemma 4.1"),
            UNION_BOUND,
        ),
    ),
    provenance=(
        T("the steps", "the reasons and Eq. (14) survive"),
        COLUMNS_FEW,
        UNION_READING,
        chosen("the conditions on the degree and on tau", "the text has 'If .. and ..'; both lost"),
        PROBABILITY,
    ),
)

LEMMA_5_1_PART_2 = declare(
    id="5.1/2",
    title="F > 0 on D_1 for high degree",
    heading=HIGH_HEADING,
    kind="lemma",
    section="5.1",
    params=(*HIGH_PARAMS, CONSTANT),
    indices=(ONE,),
    arrays=SINGLE_QUERY,
    hypotheses=(HIGH_DEGREE, TAU_41, TAU_BELOW, *FROM_D_1, MANY_COLUMNS),
    conclusion=output(positive=True),
    large=C,
    fixed=(k,),
    definitions=("3.7", "3.8", "3.9", "3.10", "3.11"),
    uses=("4.2/2",),
    proof=PrintedProof(
        (
            Step(
                ABOVE,
                "phi_tau(<f, y_j>) > 0 in one column: Definition 3.8; Part 2 of Lemma 4.2; "
                "tau < 1/4; simple algebra",
                tag="T",
            ),
            Step(
                ge(1 - (1 - TENTH) ** m, 1 - delta / n**k),
                "the columns are independent, so that one j in [m] is as wanted with probability "
                "1 - (9/10)^m",
                tag="T",
            ),
        ),
        (Citation("4.2/2", {}, ABOVE, "Part 2 of Lemma 4.2"),),
    ),
    provenance=(
        T("the steps", "the reasons survive, and the use of independence"),
        D("1 - (9/10)^m", "from the probability 1/10 of one column"),
        chosen("the conditions on the degree and on tau", "the text has 'If .. and ..'; both lost"),
        chosen("m = C log(n / delta)", "the formula of Definition 3.10 is lost"),
        PROBABILITY,
    ),
    note="Read as: there is a C_0, depending on k alone, such that it holds for every C >= C_0.",
)

LEMMA_5_2_PART_1 = declare(
    id="5.2/1",
    title="F = 0 on D_0 for low degree",
    heading=LOW_HEADING,
    kind="lemma",
    section="5.2",
    params=LOW_PARAMS,
    arrays=SINGLE_QUERY,
    hypotheses=(LOW_DEGREE, TAU_41, TAU_42, *FROM_D_0, FEW_COLUMNS),
    conclusion=output(positive=False),
    radius=tau_41(k + 1),
    variance=VARIANCE_41,
    definitions=("3.7", "3.8", "3.9", "3.10", "3.11"),
    uses=("4.1", "3.5"),
    proof=PrintedProof(
        (
            Step(
                below(tau, k + 1),
                "phi_tau(<f, y_j>) = 0 in one column: Definition 3.8; Part 1 of Lemma 4.1 and "
                "the condition on tau; simple algebra",
                "15",
                tag="T",
            ),
            Step(
                UNION_STEP,
                "'Since .., we are allowed to take union bound' over all m columns, the reason "
                "lost; F = 0 by Definition 3.9 and 'Eq. (5.2)', where Eq. (15) is meant",
                given=(le(m, n),),
                tag="T",
            ),
        ),
        (
            Citation("4.1", {k: k + 1}, below(tau, k + 1), "Part 1 of Lemma 4.1"),
            UNION_BOUND,
        ),
    ),
    provenance=(
        T("the steps", "the reasons and Eq. (15) survive"),
        COLUMNS_FEW,
        UNION_READING,
        chosen("the conditions on the degree and on tau", "the text has 'If .. and let ..'; lost"),
        PROBABILITY,
    ),
)

LEMMA_5_2_PART_2 = declare(
    id="5.2/2",
    title="F = 0 on D_1 for low degree",
    heading=LOW_HEADING,
    kind="lemma",
    section="5.2",
    params=LOW_PARAMS,
    indices=(ONE,),
    arrays=SINGLE_QUERY,
    hypotheses=(LOW_DEGREE, TAU_41, TAU_42, *FROM_D_1, FEW_COLUMNS),
    conclusion=output(positive=False),
    radius=tau_42(k + 1),
    variance=VARIANCE_42,
    definitions=("3.7", "3.8", "3.9", "3.10", "3.11"),
    uses=("4.2/1", "3.5"),
    proof=PrintedProof(
        (
            Step(
                below(tau, k + 1),
                "phi_tau(<f, y_j>) = 0 in one column: Definition 3.8; Part 1 of Lemma 4.2; a "
                "reason that is lost; the condition on tau; simple algebra",
                "16",
                tag="T",
            ),
            Step(
                UNION_STEP,
                "'Since .., we are allowed to take union bound' over all m columns, the reason "
                "lost; the text ends here",
                given=(le(m, n),),
                tag="T",
            ),
        ),
        (
            Citation("4.2/1", {k: k + 1}, below(tau, k + 1), "Part 1 of Lemma 4.2"),
            UNION_BOUND,
        ),
    ),
    provenance=(
        T("the steps", "the reasons and Eq. (16) survive"),
        COLUMNS_FEW,
        UNION_READING,
        chosen("the conditions on the degree and on tau", "the text has 'If .. and let ..'; lost"),
        PROBABILITY,
    ),
)

STATEMENTS = (LEMMA_5_1_PART_1, LEMMA_5_1_PART_2, LEMMA_5_2_PART_1, LEMMA_5_2_PART_2)
