"""Section 4: one query against random signs, on both datasets of Definition 3.11."""

from sympy import Add, Integer, KroneckerDelta, Sum, log, sqrt

from lemmas.polynomial_attention.definitions import SINGLE_QUERY
from lemmas.polynomial_attention.notation import (
    DEGREE,
    DEGREE_LOW,
    EXPONENT,
    FAILURE,
    HALF,
    HIGH,
    LOW,
    POLY,
    QUARTER,
    ROWS,
    SPECIAL,
    TENTH,
    C_k,
    D,
    M,
    T,
    alpha_single,
    beta,
    chain,
    chosen,
    declare,
    delta,
    f,
    h,
    i,
    j,
    k,
    l,
    n,
    p,
    u,
    x_0,
    z,
)
from verify.language.statement import (
    Citation,
    Expression,
    ForAll,
    Hypothesis,
    Index,
    Param,
    PrintedProof,
    Probability,
    SignSum,
    Step,
)
from verify.language.sympy_terms import eq, ge, le, ne

RHO = h / l
ANY = Index(i, n, "any entry")
ONE = Index(j, n, "the special entry of a datum of D_1")
HEADING = "One query against random signs"

# Definition 3.11, with z_i = (A x)_i.
FROM_D_0 = (
    Hypothesis(ForAll(i, n, ge(z[i], l)), "A is from D_0: every (A x)_i is at least l"),
    Hypothesis(ForAll(i, n, le(z[i], h)), "A is from D_0: every (A x)_i is at most h"),
)
FROM_D_1 = (
    Hypothesis(eq(z[j], M), "A is from D_1: (A x)_j = M for one index j"),
    Hypothesis(ForAll(i, n, ge(z[i], l), (j,)), "all other (A x)_i are at least l"),
    Hypothesis(ForAll(i, n, le(z[i], h), (j,)), "all other (A x)_i are at most h"),
)
LOW_DEGREE = Hypothesis(le((M / l) ** beta, n**x_0), "low degree: (M / l)^beta <= n^x_0")
HIGH_DEGREE = Hypothesis(ge((M / h) ** beta, n), "high degree: (M / h)^beta >= n")
RANDOM_SIGNS = Hypothesis(None, "s is uniform in {-1, 1}^n")


def radius(power: Expression) -> Expression:
    """The factor C_k sqrt(log(n / delta)) of the Hoeffding radius."""
    return C_k(power) * sqrt(log(n / delta))


def tau_41(power: Expression) -> Expression:
    """The threshold of Lemma 4.1."""
    return radius(power) * RHO**beta / sqrt(n)


def tau_42(power: Expression) -> Expression:
    """The threshold of Lemma 4.2, Part 1."""
    return radius(power) * n ** (x_0 - HALF)


def below(threshold: Expression, power: Expression) -> Probability:
    """Pr[ |<f, s>| <= threshold ] >= 1 - delta / n^power."""
    event = SignSum(f[p], p, n, "<=", threshold, absolute=True)
    return Probability(event, 1 - delta / n**power)


VARIANCE_41 = RHO ** (2 * beta) / n
VARIANCE_42 = n ** (2 * x_0 - 1)
DECLARED: tuple[Param, ...] = (ROWS, LOW, HIGH)

# The first two steps of every bound on alpha.
ALPHA_IS_A_SUM = (
    (eq, Sum(u[p], (p, 1, n)), "the definition of alpha (Definition 3.7)"),
    (eq, Sum(z[p] ** beta, (p, 1, n)), "the definition of u (Definition 3.7)"),
)
OTHER = (ne(i, j),)

# E[s_i]: the two values of Definition 3.4, each with probability 1/2.
MEAN = Add(HALF, -HALF, evaluate=False)
MEAN_OF_SUM = Sum(f[p] * MEAN, (p, 1, n))


def mean_zero(sign: str, variable: str, total: str) -> tuple[Step, ...]:
    """The steps E[s_i] = 0, z = <f, s>, E[z] = 0, with the numbers of their equations."""
    return (
        Step(
            eq(MEAN, 0), "s_i is -1 or 1, each with probability 1/2 (Definition 3.4)", sign, tag="T"
        ),
        Step(
            eq(MEAN_OF_SUM, 0),
            f"with z = <f(A, x), s> = sum_i f_i s_i, Eq. ({variable}): the definition of z; "
            f"linearity of expectation; Eq. ({sign}); simple algebra",
            total,
            tag="T",
        ),
    )


LEMMA_4_1 = declare(
    id="4.1",
    title="On D_0 the signed sum is small",
    heading=HEADING,
    kind="lemma",
    section="4",
    params=(*DECLARED, DEGREE, FAILURE, POLY),
    indices=(ANY,),
    arrays=SINGLE_QUERY,
    hypotheses=(
        RANDOM_SIGNS,
        Hypothesis(None, "C_k = sqrt(2 (k + 1))"),
        Hypothesis(None, "tau = C_k sqrt(log(n / delta)) rho^beta / sqrt(n) with rho = h / l"),
        *FROM_D_0,
    ),
    conclusion=below(tau_41(k), k),
    radius=tau_41(k),
    variance=VARIANCE_41,
    definitions=("3.4", "3.7", "3.11"),
    uses=("3.6",),
    proof=PrintedProof(
        (
            *chain(
                alpha_single,
                *ALPHA_IS_A_SUM,
                (ge, n * l**beta, "every entry of A x lies in [l, h] (Definition 3.11)"),
                equation="1",
            ),
            *chain(
                u[i],
                (eq, z[i] ** beta, "the definition of u (Definition 3.7)"),
                (le, h**beta, "Definition 3.11"),
                equation="2",
            ),
            *chain(
                f[i],
                (eq, u[i] / alpha_single, "the definition of f (Definition 3.7)"),
                (
                    le,
                    h**beta / (n * l**beta),
                    "'Eq. (4) and Eq. (4)', where Eq. (1) and Eq. (2) are meant",
                ),
                (eq, RHO**beta / n, "simple algebra"),
            ),
            Step(
                le(Sum(f[p] ** 2, (p, 1, n)), VARIANCE_41),
                "'Therefore, we have': ||f||_2 <= rho^beta / sqrt(n), squared",
            ),
            *mean_zero("3", "4", "5"),
            Step(
                below(tau_41(k), k), "Hoeffding's bound for z, ||f||_2 <= rho^beta / sqrt(n)", "6"
            ),
            Step(
                below(tau_41(k), k),
                "the definition of f; Eq. (4); 'Eq. (4)' again, where Eq. (5) is meant; Eq. (6); "
                "simple algebra; the definition of tau",
                tag="T",
            ),
        ),
        (Citation("3.6", text="Hoeffding, not named in the text of this proof"),),
    ),
    provenance=(
        T("the steps", "the reasons and the numbers of the equations survive"),
        D("f_i <= rho^beta / n", "from the bounds on alpha and u"),
        chosen("tau and C_k", "lost; chosen so that Hoeffding gives at most delta / n^k"),
        chosen("1 - delta / n^k", "the probability is lost"),
    ),
    note="Printed as 'Part 1' of a lemma with one part.",
)

LEMMA_4_2_PART_1 = declare(
    id="4.2/1",
    title="On D_1 the signed sum is small for low degree",
    heading=HEADING,
    kind="lemma",
    section="4",
    params=(*DECLARED, SPECIAL, DEGREE_LOW, EXPONENT, FAILURE, POLY),
    indices=(ONE, ANY),
    arrays=SINGLE_QUERY,
    hypotheses=(
        RANDOM_SIGNS,
        Hypothesis(None, "C_k = sqrt(2 (k + 1))"),
        Hypothesis(None, "tau = C_k sqrt(log(n / delta)) n^(x_0 - 1/2)"),
        *FROM_D_1,
        LOW_DEGREE,
    ),
    conclusion=below(tau_42(k), k),
    radius=tau_42(k),
    variance=VARIANCE_42,
    definitions=("3.4", "3.7", "3.11"),
    uses=("3.6",),
    proof=PrintedProof(
        (
            *chain(
                alpha_single,
                *ALPHA_IS_A_SUM,
                (
                    ge,
                    M**beta + (n - 1) * l**beta,
                    "one entry of A x is M, the others lie in [l, h] (Definition 3.11)",
                ),
                (ge, n * l**beta, "simple algebra"),
                equation="7",
            ),
            *chain(
                f[j],
                (eq, u[j] / alpha_single, "the definition of f (Definition 3.7)"),
                (
                    le,
                    M**beta / (n * l**beta),
                    "Definition 3.11 and 'Eq. (4)', where Eq. (7) is meant: the special entry",
                ),
                (le, n ** (x_0 - 1), "simple algebra"),
            ),
            *chain(
                f[i],
                (eq, u[i] / alpha_single, "the definition of f (Definition 3.7)"),
                (
                    le,
                    M**beta / (n * l**beta),
                    "Definition 3.11 and 'Eq. (4)', where Eq. (7) is meant: any other entry",
                ),
                (le, n ** (x_0 - 1), "simple algebra"),
                given=OTHER,
            ),
            Step(
                le(Sum(f[p] ** 2, (p, 1, n)), VARIANCE_42),
                "'Therefore, we have': ||f||_2 <= n^(x_0 - 1/2), squared",
            ),
            *mean_zero("8", "9", "10"),
            Step(below(tau_42(k), k), "Hoeffding's bound for z, ||f||_2 <= n^(x_0 - 1/2)", "11"),
            Step(
                below(tau_42(k), k),
                "the definition of f; Eq. (9); 'Eq. (4)', where Eq. (10) is meant; Eq. (11); "
                "simple algebra; the definition of tau",
                tag="T",
            ),
        ),
        (Citation("3.6", text="Hoeffding, not named in the text of this part"),),
    ),
    provenance=(
        T("the steps", "the reasons and the numbers of the equations survive"),
        D("f_i <= n^(x_0 - 1)", "from the degree condition and the bound on alpha"),
        chosen("(M / l)^beta <= n^x_0, x_0 < 1/2", "the text has 'if ..'; the condition is lost"),
        chosen("tau and C_k", "lost; chosen so that Hoeffding gives at most delta / n^k"),
    ),
)

# The special index alone, and the others: <f, s> = f_j s_j + <f, s restricted to the others>.
OTHERS = SignSum(f[p] * (1 - KroneckerDelta(p, j)), p, n, "<=", QUARTER, absolute=True)

LEMMA_4_2_PART_2 = declare(
    id="4.2/2",
    title="On D_1 the signed sum is large for high degree",
    heading=HEADING,
    kind="lemma",
    section="4",
    params=(*DECLARED, SPECIAL, DEGREE, FAILURE, POLY),
    indices=(ONE, ANY),
    arrays=SINGLE_QUERY,
    hypotheses=(RANDOM_SIGNS, *FROM_D_1, HIGH_DEGREE),
    conclusion=Probability(SignSum(f[p], p, n, ">=", QUARTER), TENTH),
    radius=radius(k) / sqrt(n),
    variance=1 / n,
    definitions=("3.4", "3.7", "3.11"),
    uses=("3.6",),
    proof=PrintedProof(
        (
            *chain(
                alpha_single,
                *ALPHA_IS_A_SUM,
                (le, M**beta + (n - 1) * h**beta, "Definition 3.11"),
                (le, 2 * M**beta, "a condition in parentheses that is lost: the degree condition"),
                equation="12",
            ),
            *chain(
                f[j],
                (eq, u[j] / alpha_single, "the definition of f (Definition 3.7)"),
                (
                    ge,
                    HALF,
                    "'Eq. (4)', where Eq. (12) is meant, and Definition 3.11; simple algebra",
                ),
            ),
            *chain(
                alpha_single,
                *ALPHA_IS_A_SUM,
                (ge, M**beta + (n - 1) * l**beta, "Definition 3.11"),
                (ge, M**beta, "simple algebra"),
                equation="13",
            ),
            *chain(
                f[i],
                (eq, u[i] / alpha_single, "the definition of f (Definition 3.7)"),
                (le, h**beta / M**beta, "Definition 3.11 and 'Eq. (4)', where Eq. (13) is meant"),
                (le, 1 / n, "simple algebra"),
                given=OTHER,
            ),
            Step(
                Probability(SignSum(f[j], p, Integer(1), ">=", HALF), HALF),
                "event E1: f_j s_j >= 1/2, because s_j = 1 has probability 1/2 and f_j >= 1/2",
                tag="T",
            ),
            Step(
                Probability(OTHERS, 1 - delta / n**k),
                "event E2, by Hoeffding's inequality; 'the last step follows from' a condition "
                "that is lost",
                given=(le(radius(k) / sqrt(n), QUARTER),),
                tag="T",
            ),
            Step(
                ge(Add(HALF, -QUARTER, evaluate=False), QUARTER),
                "under E1 and E2, <f, s> >= 1/2 - 1/4; simple algebra",
                tag="T",
            ),
            Step(ge(1 - HALF - delta / n**k, TENTH), "union bound of E1 and E2", tag="T"),
        ),
        (
            Citation("3.6", text="Hoeffding inequality"),
            Citation("3.5", text="union bound of the events E1 and E2"),
        ),
    ),
    provenance=(
        T("the steps, E1 and E2", "the reasons and the numbers of the equations survive"),
        D("alpha <= 2 M^beta and f_j >= 1/2", "from the degree condition"),
        chosen("(M / h)^beta >= n", "the text has 'if ..'; the condition is lost"),
        chosen("1/4 and 1/10", "the threshold and the probability are lost"),
        chosen(
            "C_k sqrt(log(n / delta)) / sqrt(n) <= 1/4",
            "the reason of the last step of E2 is lost; only that step needs it",
        ),
    ),
    note="C_k and delta come in through the event E2 alone; the claim does not mention them.",
)

STATEMENTS = (LEMMA_4_1, LEMMA_4_2_PART_1, LEMMA_4_2_PART_2)
