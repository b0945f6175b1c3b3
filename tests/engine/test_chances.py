"""Probability bounds against exact probabilities at points."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sympy import Integer, Rational

from lemmas.polynomial_attention import PAPER
from verify.engine.at import evaluate_at
from verify.engine.at_points import simpler
from verify.engine.audit import EFFORTS
from verify.engine.chances import (
    chance_field,
    chance_necessities,
    hunted,
    least_likely,
    refute_chance,
    refute_tail,
    room,
)
from verify.engine.examine import examine
from verify.engine.formal import Formal, formalise
from verify.engine.recall import claim_right
from verify.engine.results import Claim, Counterexample
from verify.engine.settings import point_of
from verify.engine.statements import _Work, check_statement
from verify.kernel.poly import Refused
from verify.language.statement import (
    Hypothesis,
    Output,
    Paper,
    Param,
    Probability,
    SignSum,
    Statement,
    TailBound,
)
from verify.language.sympy_terms import ge, symbols
from verify.provers.budget import Budget

n, i, m, C = symbols("n i m C")
EFFORT = EFFORTS["quick"]
BY_ID = {statement.id: statement for statement in PAPER.statements}


def statement(threshold: object, level: object, op: str = ">=", *given: object) -> Statement:
    event = SignSum(Integer(1), i, n, op, threshold)  # type: ignore[arg-type]
    return Statement(
        id="1.1",
        title="A bound",
        kind="lemma",
        section="1",
        params=(Param(n, "signs", Integer(3), integer=True, where=(ge(n, 1),)),),
        conclusion=Probability(event, level),
        hypotheses=tuple(Hypothesis(item) for item in given),
    )


def formal_of(asked: Statement) -> Formal:
    found = formalise(asked)
    assert found is not None
    return found


def refuted(asked: Statement) -> dict[str, str] | None:
    found = refute_chance(asked, chance_field(asked, formal_of(asked), EFFORT, 0), EFFORT)
    return None if found is None else found.point


def test_a_false_bound_is_refuted_by_an_exact_probability() -> None:
    # All n signs are +1 with probability 2^-n.
    point = refuted(statement(n, Rational(1, 2)))
    assert point is not None
    assert int(point["n"]) >= 2


def test_a_true_bound_is_not_refuted() -> None:
    assert refuted(statement(Integer(0), Rational(1, 2))) is None


def test_a_strict_event_is_told_from_the_other() -> None:
    # Pr[X > 0] < 1/2 where n is even, since X = 0 is possible.
    assert refuted(statement(Integer(0), Rational(1, 2), ">")) is not None


def test_only_points_that_satisfy_the_hypotheses_count() -> None:
    assert refuted(statement(n, Rational(1, 8), ">=", ge(3, n))) is None
    assert refuted(statement(n, Rational(1, 8), ">=", ge(4, n))) == {"n": "4"}


def test_a_claim_about_a_large_constant_is_not_refuted_by_a_point() -> None:
    assert refuted(statement(n, Rational(1, 2)).but(large=n)) is None


def test_how_large_a_constant_is_depends_on_what_is_fixed_before_it() -> None:
    # Of m >= C columns one exceeds 1/2 with probability 1 - (3/4)^m, for n <= C log(4/3) only.
    asked = Statement(
        id="1.1",
        title="Enough columns",
        kind="lemma",
        section="1",
        params=(
            Param(n, "a number", Integer(5), integer=True, where=(ge(n, 1),)),
            Param(m, "columns", Integer(40), integer=True, where=(ge(m, 1),)),
            Param(C, "the constant", Integer(20), where=(ge(C, 1),)),
        ),
        hypotheses=(Hypothesis(ge(m, C)),),
        conclusion=Probability(
            Output(Integer(1), i, Integer(1), Rational(1, 2), m, True), 1 - Rational(1, 2) ** n
        ),
        large=C,
    )
    paper = Paper("p", "P", "", "", (), (asked,))
    assert check_statement(paper, asked, 2.0, 0).claim.verdict == "unknown"
    claim = check_statement(paper, asked.but(fixed=(n,)), 10.0, 0).claim
    assert claim.verdict == "proved"
    assert claim.explicit_n0 == "C >= n/log(4/3)"


def enough_columns(event: Output, *more: Hypothesis) -> Statement:
    """Of m >= C columns one exceeds the threshold."""
    return Statement(
        id="1.1",
        title="Enough columns",
        kind="lemma",
        section="1",
        params=(
            Param(m, "columns", Integer(40), integer=True, where=(ge(m, 1),)),
            Param(C, "the constant", Integer(20), where=(ge(C, 1),)),
        ),
        hypotheses=(Hypothesis(ge(m, C)), *more),
        conclusion=Probability(event, Rational(9, 10)),
        large=C,
    )


@pytest.mark.parametrize(
    ("event", "more", "verdict"),
    [
        # One sign exceeds 1/2 in half of all columns, and 2 in none.
        (Output(Integer(1), i, Integer(1), Integer(2), m, True), (), "refuted"),
        (Output(Integer(1), i, Integer(1), Rational(1, 2), m, False), (), "refuted"),
        # With few columns only, a larger constant leaves nothing to fail.
        (
            Output(Integer(1), i, Integer(1), Integer(2), m, True),
            (Hypothesis(ge(50, m)),),
            "unknown",
        ),
        (Output(Integer(1), i, Integer(1), 2 / C, m, True), (), "unknown"),
    ],
    ids=["never", "always", "few", "moving"],
)
def test_what_fails_for_every_larger_constant_is_refuted(
    event: Output, more: tuple[Hypothesis, ...], verdict: str
) -> None:
    asked = enough_columns(event, *more)
    claim = check_statement(Paper("p", "P", "", "", (), (asked,)), asked, 5.0, 0).claim
    assert claim.verdict == verdict
    if verdict == "refuted":
        assert claim.explanation == "at this point it fails for every larger C as well"


def test_a_kept_point_at_which_a_larger_constant_helps_is_not_believed() -> None:
    event = Output(Integer(1), i, Integer(1), Rational(1, 2), m, True)
    never = Output(Integer(1), i, Integer(1), Integer(2), m, True)
    kept = Claim("refuted", counterexample=Counterexample({"m": "1", "C": "1"}, command=""))
    claim_right(enough_columns(never), formal_of(enough_columns(never)), kept, {})
    with pytest.raises(Refused, match="a larger constant may help there"):
        claim_right(enough_columns(event), formal_of(enough_columns(event)), kept, {})


def test_the_least_likely_point() -> None:
    asked = statement(n, Rational(1, 100), ">=", ge(5, n))
    worst = least_likely(asked, chance_field(asked, formal_of(asked), EFFORT, 0), EFFORT)
    assert worst is not None
    assert worst.left == "1/32"
    large = asked.but(large=n)
    assert least_likely(large, chance_field(large, formal_of(asked), EFFORT, 0), EFFORT) is None


def test_a_claim_that_was_not_proved_is_not_examined() -> None:
    asked = statement(n, Rational(1, 2))
    work = _Work(Paper("p", "P", "", "", (), ()), asked, formal_of(asked), 1.0, 0, "quick")
    claim = work.claim()
    assert claim.verdict == "refuted"
    assert claim.method == "exact probability at a point"
    assert examine(asked, work.audit, claim, "quick").necessity == ()


@pytest.mark.slow
def test_the_constant_of_the_first_lemma_on_signs_could_be_an_eighth() -> None:
    asked = BY_ID["6.8/1"]
    claim = check_statement(PAPER, asked, 20.0, 0).claim
    assert claim.verdict == "proved"
    field = chance_field(asked, formal_of(asked), EFFORT, 0)
    found = room(claim, least_likely(asked, field, EFFORT))
    assert found.best_constant is not None
    low, high = map(Rational, found.best_constant.strip("[]").split(", "))
    assert Rational(1, 8) <= low <= high <= Rational(3, 8)
    needs = {need.hypothesis: need for need in chance_necessities(asked, claim, EFFORT, 0)}
    assert needs["delta < 1/10"].needed is False


def test_a_tail_bound_that_was_copied_wrong_is_refuted() -> None:
    cited = BY_ID["3.6"]
    assert isinstance(cited.conclusion, TailBound)
    assert refute_tail(cited) is None
    wrong = replace(cited.conclusion, bound=cited.conclusion.bound / 2)
    claim = check_statement(PAPER, cited.but(conclusion=wrong), 1.0, 0).claim
    assert claim.verdict == "refuted"
    assert claim.counterexample is not None
    assert claim.counterexample.point["n"] == "1"


def test_corners_are_asked_until_the_time_is_up() -> None:
    # X > 0 has probability 1/2 for odd n, and less for even n, where X = 0 may be.
    claim = statement(Integer(0), Rational(1, 2), ">")
    formal = formalise(claim)
    assert formal is not None
    found = hunted(claim, formal, Budget.of(5.0), 0)
    assert found is not None
    assert int(found.point["n"]) % 2 == 0
    true = statement(Integer(0), Rational(1, 4), ">")
    formal = formalise(true)
    assert formal is not None
    assert hunted(true, formal, Budget.of(0.5), 0) is None


def test_a_counterexample_is_made_simpler() -> None:
    claim = statement(Integer(0), Rational(1, 2), ">")
    formal = formalise(claim)
    assert formal is not None
    setting = point_of(claim, ["n=1000"])
    found = evaluate_at(claim, setting).claim.counterexample
    assert found is not None
    assert simpler(claim, formal, found, 5.0).point == {"n": "2"}
