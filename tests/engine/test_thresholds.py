"""Explicit thresholds: exact for the finite form, proved for all larger sizes, beside the truth."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
from sympy import Integer, Rational, ceiling, cos, exp, log, sin, sqrt

from verify.engine.cache import Cache
from verify.engine.results import ThresholdResult
from verify.engine.thresholds import NoThreshold, decide_threshold, decide_thresholds
from verify.engine.whole import WholePaper, said
from verify.kernel.certificate import Obligation, recheck, save
from verify.language.grammar import parse_formula
from verify.language.statement import (
    Hypothesis,
    Paper,
    Param,
    Probability,
    SignSum,
    Statement,
    Threshold,
)
from verify.language.sympy_terms import ge, gt, le, symbols

n, w, i, d, b, e = symbols("n w i d b e_1")
PARAMS = (
    Param(n, "signs", Integer(10), integer=True, where=(ge(n, 1),)),
    Param(w, "room", Rational(1, 2), where=(gt(w, 0),)),
)
# |sum of n signs| / n <= w with probability >= 9/10.
LAW = Statement(
    id="1",
    title="law",
    kind="lemma",
    section="1",
    params=PARAMS,
    conclusion=Probability(SignSum(1 / n, i, n, "<=", w, absolute=True), Rational(9, 10)),
)
FINITE = le(3 / sqrt(n) + 1 / n, w)


def declared(finite: object = FINITE, high: int = 100) -> Threshold:
    values = tuple(Integer(number) for number in range(2, high + 1))
    return Threshold("t", "1", finite, n, {w: Rational(1, 2)}, values)


def test_the_threshold_is_exact_and_holds_from_there_on() -> None:
    found = decide_threshold(declared(), LAW)
    assert found.verdict == "proved"
    # 3/sqrt(n) + 1/n <= 1/2: at 40 it holds, at 39 it does not.
    assert found.least == "40"
    assert "for every n >= 40 and not at 39" in found.text
    for step in found.steps:
        recheck(step.certificate)


class _Noting(Cache):
    """A cache that tells what was put into it."""

    def put(self, key: str, value: bytes, settled: bool) -> None:
        super().put(key, value, settled)
        self.last = key, value


def test_a_threshold_that_is_kept_is_not_believed(tmp_path: Path) -> None:
    paper = Paper("p", "P", "", "", (), (LAW,), thresholds=(declared(),))
    cache = _Noting(tmp_path)
    first = WholePaper(paper, ["1"], 0, cache).computed(1).thresholds[0]
    assert first.verdict == "proved"
    key, value = cache.last
    # A certificate that the kernel accepts, of something else than the step that it stands at.
    other = parse_formula("0 == 0")
    trivial = save(Obligation((), other), {"rule": "given"})
    steps = [
        msgspec.structs.replace(step, certificate=trivial, text="n >= 2") for step in first.steps
    ]
    forged = msgspec.structs.replace(
        first, text="it holds for every n >= 2", least="2", steps=tuple(steps)
    )
    for kept in (msgspec.json.encode(forged), b"{}", value):
        cache.put(key, kept, settled=True)
        assert WholePaper(paper, ["1"], 0, cache).computed(1).thresholds == (first,)
        entry = cache.get(key)
        assert entry is not None
        assert msgspec.json.decode(entry.value, type=ThresholdResult) == first


def test_the_exact_truth_is_found_beside_it() -> None:
    found = decide_threshold(declared(), LAW)
    # Pr[|sum of 10 signs| <= 5] = 1 - 2 * 56/1024 = 0.89, and it is at least 9/10 from 11 on.
    assert found.exact == "11"
    assert "fails at n = 10" in found.text


def test_a_finite_form_without_room_says_so() -> None:
    found = decide_threshold(declared(high=20), LAW)
    assert found.least is None
    assert "holds at none of the 19 n up to 20 tried" in found.text
    assert found.verdict == "proved"


def test_a_finite_form_that_holds_at_small_sizes_only_is_not_decided() -> None:
    found = decide_threshold(declared(le(n / 20, w), high=20), LAW)
    assert found.verdict == "unknown"
    assert "holds at some n, but not at 20" in found.text


@pytest.mark.parametrize("finite", [le(1 / n - w, w), ge(w, 1 / n), le(1 / n - n / 7, w)])
def test_other_finite_forms_are_named(finite: object) -> None:
    with pytest.raises(NoThreshold):
        decide_threshold(declared(finite), LAW)


def test_a_summand_that_grows_is_not_proved() -> None:
    finite = le(n / 1000 + exp(-n), w)
    found = decide_threshold(declared(finite), LAW)
    assert found.verdict == "unknown"


@pytest.mark.parametrize(
    "finite", [le(1 / n, 60 / n**2), le(1 / n, 2 - d), le(1 / n, 4 * b), le(1 / n, e)]
)
def test_a_bound_that_depends_on_the_variable_is_named(finite: object) -> None:
    # The last two depend on it through what determines a parameter.
    params = (
        *PARAMS,
        Param(d, "follows n", n / 30),
        Param(b, "follows n", Integer(1), determined_by=1 / n),
        Param(e, "follows what follows n", Integer(1), determined_by=b + 1),
    )
    with pytest.raises(NoThreshold, match="depends on n"):
        decide_threshold(declared(finite, high=50), LAW.but(params=params))


def test_a_factor_that_grows_with_the_variable_is_no_constant() -> None:
    grows = Param(b, "follows n", Integer(1), determined_by=n**2)
    found = decide_threshold(declared(le(b / n, 60)), LAW.but(params=(*PARAMS, grows)))
    assert found.verdict == "unknown"


def test_what_is_not_decided_does_not_fail() -> None:
    found = decide_threshold(declared(le(sin(n) ** 2 + cos(n) ** 2, 1), high=4), LAW)
    assert found.verdict == "unknown"


# All that a statement asks of the sizes, for every statement that has the variable.

m, a = symbols("m a")
GROWS = Param(a, "base", Integer(2), where=(gt(a, 1),))
COUNT = Param(m, "rounded", Integer(1), integer=True, where=(ge(m, 1),))
SEQUENCE = Threshold("large enough", "", None, n, {w: Rational(1, 2), m: ceiling(3 * log(3 * n))})


def asks(*relations: object, name: str = "1") -> Statement:
    hypotheses = tuple(Hypothesis(relation) for relation in relations)
    return LAW.but(id=name, params=(*PARAMS, GROWS, COUNT), hypotheses=hypotheses)


def test_all_that_is_asked_of_the_sizes_holds_from_the_threshold_on() -> None:
    statement = asks(FINITE, le(m, 9 * n**2), ge(a**n, n))
    (found,) = decide_thresholds(SEQUENCE, [statement])
    assert found.verdict == "proved"
    assert found.least == "40"
    assert "holds for every n >= 40 and not at 39" in found.text
    # Pr[|sum of 7 signs| <= 7/2] = 1 - 16/128 < 9/10: a lower bound on every threshold.
    assert found.fails == ("7",)
    assert {step.reason for step in found.steps} >= {"rounding up", "falls as the size grows"}
    for step in found.steps:
        recheck(step.certificate)


def test_statements_that_ask_the_same_share_an_answer() -> None:
    found = decide_thresholds(SEQUENCE, [asks(FINITE), asks(name="2"), asks(FINITE, name="3")])
    assert [answer.title for answer in found] == [
        "large enough, of 1, 3",
        "large enough, of 2",
    ]
    assert "holds for every n >= 1" in found[1].text
    # What holds at all sizes has no threshold that the claim could fail below.
    assert found[1].fails == ()


def test_a_hypothesis_that_holds_at_small_sizes_only_has_no_threshold() -> None:
    (found,) = decide_thresholds(SEQUENCE, [asks(le(n, 100))])
    assert found.verdict == "unknown"
    assert found.least is None


def test_a_hypothesis_that_does_not_hold_at_the_other_values_is_named() -> None:
    (found,) = decide_thresholds(SEQUENCE, [asks(ge(w, 1))])
    assert found.verdict == "unknown"
    assert "w >= 1 is not known to hold" in found.text


def test_a_size_bounded_from_above_is_spoken_of_up_to_the_last_one() -> None:
    values = tuple(Integer(number) for number in (1, 10, 50, 100))
    declaration = replace(SEQUENCE, values=values)
    (found,) = decide_thresholds(declaration, [asks(FINITE, le(n, 100))])
    assert found.verdict == "proved"
    assert "holds for every n >= 40 up to 100 and not at 39" in found.text


@pytest.mark.parametrize("least", ["39", "41", "1", "100", "no number"])
def test_a_size_that_is_kept_is_not_believed(least: str) -> None:
    (first,) = decide_thresholds(SEQUENCE, [asks(FINITE)])
    forged = msgspec.structs.replace(first, least=least, fails=("50",))
    assert decide_thresholds(SEQUENCE, [asks(FINITE)], [forged]) == (first,)


def test_findings_say_in_one_sentence_what_is_asked_of_many() -> None:
    answers = (
        ThresholdResult("large enough, of 1", "proved", "t", "40"),
        ThresholdResult("large enough, of 2, 3", "proved", "t", str(10**40)),
        ThresholdResult("large enough, of 4", "proved", "t"),
        ThresholdResult("large enough, of 5", "unknown", "why"),
    )
    assert said(answers) == (
        "large enough, of 5: not proved: why.",
        "large enough: the finite forms hold from 40 for 1; a number of 41 digits for 2, 3; "
        "no size for 4.",
    )
