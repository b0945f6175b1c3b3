"""Regimes: the exact condition, its proof, the least threshold; and ranges of sizes."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sympy import And, Integer, Or, Rational

from lemmas.polynomial_attention import PAPER
from verify.engine.ranges import range_findings
from verify.engine.regimes import NotARegime, decide_regime
from verify.engine.whole import WholePaper
from verify.kernel.certificate import recheck
from verify.language.statement import (
    Growth,
    Hypothesis,
    Paper,
    Param,
    Regime,
    Statement,
)
from verify.language.sympy_terms import eq, ge, gt, le, lt, symbols

n, d, p, a, x, beta = symbols("n d p a x beta")
PARAMS = (
    Param(n, "size", Integer(10), integer=True, where=(ge(n, 2),)),
    Param(p, "large", Rational(1, 2), where=(ge(p, Rational(1, 2)),)),
    Param(a, "small", Rational(1, 5), where=(gt(a, 0), lt(a, Rational(1, 4)))),
    Param(x, "exponent", Rational(2, 3), where=(gt(x, 0),)),
    Param(beta, "degree", Integer(5), where=(gt(beta, 0),)),
)
REGIME = Regime(
    "both", beta, (ge((1 + p) ** beta, n), le((1 + a) ** beta, n**x)), PARAMS, x, ("1",)
)


@pytest.mark.slow
def test_the_condition_and_the_least_threshold() -> None:
    found = decide_regime(REGIME)
    assert found.verdict == "proved"
    assert found.condition.text == "log(1 + a) <= x*log(1 + p)"
    # log(5/4) / log(3/2) = 0.5503
    assert "x >= log(5/4)/log(3/2), which is about 0.550340" in found.text
    assert found.counterexample is not None
    for step in found.steps:
        assert step.verdict == "proved"
        recheck(step.certificate)


@pytest.mark.slow
def test_a_domain_that_does_not_make_logarithms_positive_is_not_proved() -> None:
    params = (replace(PARAMS[0], where=(ge(n, 1),)), *PARAMS[1:])
    found = decide_regime(replace(REGIME, params=params))
    assert found.verdict == "unknown"
    assert "unknown" in {step.verdict for step in found.steps if step.text == "log(n) > 0"}


@pytest.mark.parametrize(
    "relations",
    [
        (ge((1 + p) ** beta, n), ge((1 + a) ** beta, n)),
        (ge(beta * p, n), le((1 + a) ** beta, n**x)),
        (ge((beta + p) ** beta, n), le((1 + a) ** beta, n**x)),
        (eq((1 + p) ** beta, n), le((1 + a) ** beta, n**x)),
    ],
)
def test_conditions_of_another_form_are_named(relations: tuple[object, ...]) -> None:
    with pytest.raises(NotARegime, match=r"both: .*condition"):
        decide_regime(replace(REGIME, relations=relations))


def test_a_choice_that_depends_on_others_is_named() -> None:
    tied = replace(PARAMS[4], where=(gt(beta, 0), le(beta, n)))
    for degree in (tied, replace(PARAMS[4], integer=True)):
        with pytest.raises(NotARegime, match="does not depend on the other parameters"):
            decide_regime(replace(REGIME, params=(*PARAMS[:4], degree)))


def lemma(name: str, growth: Growth, *uses: str) -> Statement:
    sizes = (
        Param(n, "size", Integer(10), integer=True, where=(ge(n, 2),)),
        Param(d, "width", Integer(3), integer=True, where=(ge(d, 1), le(d, n))),
    )
    return Statement(
        id=name,
        title=name,
        kind="lemma",
        section="1",
        params=sizes,
        conclusion=ge(n, 1),
        hypotheses=(Hypothesis(None, "growth", growth=growth),),
        uses=uses,
    )


def test_a_range_that_is_wide_enough_is_no_finding() -> None:
    user = lemma("2", Growth(d, "omega", n ** Rational(1, 2)), "1")
    used = lemma("1", Growth(n, "o", d * n ** Rational(2, 3)))
    assert range_findings(Paper("p", "P", "", "", (), (used, user)), ["1", "2"]) == []


def test_a_range_that_is_too_wide_is_a_finding_with_sequences() -> None:
    user = lemma("2", Growth(d, "omega", n ** Rational(1, 4)), "1")
    used = lemma("1", Growth(n, "o", d * n ** Rational(2, 3)))
    (found,) = range_findings(Paper("p", "P", "", "", (), (used, user)), ["1", "2"])
    start = "2: A condition is missing: of orders of growth it assumes only d = omega("
    assert found.startswith(start)
    assert "does not follow: not along d = " in found


@pytest.mark.slow
def test_the_ranges_of_the_paper() -> None:
    found = range_findings(PAPER, [statement.id for statement in PAPER.statements])
    assert [text.partition(":")[0] for text in found] == ["6.13, 6.17, 6.21"]
    assert "but 6.12, 6.16, 6.20, on which this rests, ask for" in found[0]
    assert "the same as d = omega(n^(1/50 + 2*x_0))" in found[0]


def test_what_concerns_other_statements_is_left_out() -> None:
    paper = Paper("p", "P", "", "", (), (), regimes=(REGIME,))
    whole = WholePaper(paper, [], 0, None).computed(1)
    assert (whole.figures, whole.findings, whole.regimes, whole.problems) == ((), (), (), ())


def test_a_regime_that_cannot_be_decided_is_a_problem_and_not_an_end() -> None:
    regime = replace(REGIME, relations=(ge(beta * p, n), le((1 + a) ** beta, n**x)))
    paper = Paper("p", "P", "", "", (), (), regimes=(regime,))
    whole = WholePaper(paper, ["1"], 0, None).computed(1)
    assert whole.regimes == ()
    assert "not computed: regime both" in whole.problems[0]


def test_a_domain_is_taken_part_by_part() -> None:
    both = replace(PARAMS[4], where=(And(ge(beta, 0), le(beta, Rational(1, 100))),))
    single = replace(PARAMS[4], where=(ge(beta, 0), le(beta, Rational(1, 100))))
    found = [
        decide_regime(replace(REGIME, params=(*PARAMS[:4], degree))).verdict
        for degree in (both, single)
    ]
    assert found == ["unknown", "unknown"]
    either = replace(PARAMS[4], where=(Or(lt(beta, 1), gt(beta, 2)),))
    with pytest.raises(NotARegime, match="is not one relation"):
        decide_regime(replace(REGIME, params=(*PARAMS[:4], either)))
