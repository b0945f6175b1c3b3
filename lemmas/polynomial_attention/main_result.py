"""Section 6.3: Theorem 6.5, assembled from the theorems of Sections 6.4 to 6.7."""

from dataclasses import replace

from sympy import Integer

from lemmas.polynomial_attention.cases import CASES, RANGE_OF_D, TAU, Case, theorem
from lemmas.polynomial_attention.notation import (
    DEGREE,
    EXPONENT,
    FEATURE_0,
    FEATURE_1,
    T,
    a_0,
    a_1,
    beta,
    chosen,
    declare,
    n,
    x_0,
)
from verify.language.statement import (
    Citation,
    Hypothesis,
    Param,
    PrintedProof,
    Reading,
    Regime,
    Statement,
)
from verify.language.sympy_terms import ge, le

LISTED = (RANGE_OF_D, TAU)


def condition(hypothesis: Hypothesis) -> Hypothesis:
    """A hypothesis of the cited theorem; Theorem 6.5 lists two of them as its own conditions."""
    return replace(hypothesis, listed=hypothesis in LISTED)


def part(case: Case) -> Statement:
    """The part of Theorem 6.5 for one dataset and one regime of the degree."""
    cited = theorem(case)
    size = "large" if case.high else "small"
    positive = "F > 0" if case.separates else "F = 0"
    return declare(
        id=f"6.5/{case.degree}-d{case.dataset}",
        title=f"For sufficiently {size} beta, {positive} on D_{case.dataset}",
        heading="Main result",
        kind="theorem",
        section="6.3",
        params=cited.params,
        conclusion=cited.conclusion,
        hypotheses=tuple(condition(item) for item in cited.hypotheses),
        indices=cited.indices,
        stacked=cited.stacked,
        arrays=cited.arrays,
        definitions=cited.definitions,
        uses=(case.theorem,),
        radius=cited.radius,
        variance=cited.variance,
        large=cited.large,
        fixed=cited.fixed,
        proof=PrintedProof(
            (),
            (Citation(case.theorem, {}, cited.conclusion, f"Theorem {case.theorem}"),),
            note="The text gives no proof here: it calls the result the summary of later sections.",
        ),
        provenance=(
            T("two datasets, two regimes", "the text says for which dataset and which beta"),
            T("two conditions", "the text lists two; their formulas are lost"),
            chosen(
                f"'sufficiently {size} beta'",
                "read as the regime of the degree in the section of the cited theorem",
            ),
            chosen("the range of d, tau and the probability"),
        ),
        readings=literally(cited) if case.high and not case.dataset else (),
        note="'For sufficiently large beta' read literally, for every beta from some beta_0 on, is "
        "another claim: on D_0 the condition (1 + a_0)^beta <= n^x_0 bounds beta from above."
        if case.high and not case.dataset
        else "",
    )


def literally(cited: Statement) -> tuple[Reading, ...]:
    """'For sufficiently large beta' without a bound on beta from above."""
    return (
        Reading(
            "sufficiently large beta read as every beta from some beta_0 on",
            beta,
            tuple(param.symbol for param in cited.params if param.symbol != beta),
            (le((1 + a_0) ** beta, n**x_0),),
        ),
    )


REGIMES = (
    Regime(
        "One degree for both datasets",
        beta,
        (ge((1 + a_1) ** beta, n), le((1 + a_0) ** beta, n**x_0)),
        (
            Param(n, "number of rows", Integer(20), integer=True, where=(ge(n, 2),)),
            FEATURE_0,
            FEATURE_1,
            EXPONENT,
            DEGREE,
        ),
        x_0,
        ("6.9", "6.13"),
    ),
)
"""Theorem 6.5 needs the high degree of D_1 and the bound on D_0 at the same time."""

STATEMENTS = tuple(part(case) for case in CASES)
