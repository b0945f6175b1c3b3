"""Verdicts on claims whose hypotheses contradict each other, and on numbers beyond floats."""

from __future__ import annotations

import pytest

from verify.engine import decide as deciding
from verify.engine.decide import Question, decide
from verify.engine.results import Claim
from verify.kernel.certificate import recheck
from verify.kernel.check import Sequent
from verify.kernel.point import evaluate
from verify.language.grammar import parse_formula
from verify.language.term import nnf


def verdict_on(
    holds: str, *where: str, integers: tuple[str, ...] = (), seconds: float = 15.0
) -> Claim:
    hypotheses = tuple(nnf(parse_formula(item)) for item in where)
    sequent = Sequent(hypotheses, nnf(parse_formula(holds)), frozenset(integers))
    found = decide(Question(sequent, {}), seconds, 0)
    if found.certificate is not None:
        recheck(found.certificate)
    return found


@pytest.mark.parametrize(
    ("holds", "where", "integers"),
    [
        ("tanh(x) < 1", "tanh(x) >= 1", ()),
        ("x == 77", "tanh(x) >= 1", ()),
        ("x == 77", "cosh(x) <= sinh(x)", ()),
        ("x == 77", "1/(1 + exp(x)) >= 1", ()),
        ("n == 1", "2^n == 3", ("n",)),
    ],
)
def test_what_a_hypothesis_denies_is_vacuous(
    holds: str, where: str, integers: tuple[str, ...]
) -> None:
    assert verdict_on(holds, where, integers=integers).verdict == "vacuous"


def test_a_solver_that_refutes_the_hypotheses_attests_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = Sequent((parse_formula("n*m == 1"), parse_formula("n > 1")), parse_formula("0 == 1"))
    monkeypatch.setattr("verify.probe.refute.attest", lambda *_: "z3")
    found = deciding._undecided(asked, None, [], 0.0)
    assert found.verdict == "unknown"
    assert found.tried == ("z3 says that no value satisfies the hypotheses",)


@pytest.mark.parametrize(
    ("holds", "where"),
    [
        ("x^2 >= 0", ("x >= 10^400",)),
        ("x^2 >= 0", ("0 <= x <= 10^400",)),
        ("exp(x + 1e-20) > x", ()),
        ("cosh(1e-30)*x > x", ("x > 0",)),
        ("sqrt(e) > 1", ()),
    ],
)
def test_numbers_beyond_floats_are_numbers(holds: str, where: tuple[str, ...]) -> None:
    assert verdict_on(holds, *where).verdict == "proved"


def test_a_solver_is_spared_numbers_that_end_its_process() -> None:
    found = verdict_on("exp(x/(1e-400)) >= 1 + x/(1e-400)", seconds=1.0)
    assert found.verdict in ("proved", "unknown")


def test_a_search_that_fails_ends_itself_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(*_: object) -> None:
        raise KeyError("nothing of the kind")

    monkeypatch.setattr("verify.provers.search.prove", failing)
    assert verdict_on("x > 1", "x > 0").verdict == "refuted"
    found = verdict_on("x + 1 > 1", "x > 0", seconds=0.5)
    assert found.verdict in ("unknown", "attested")
    assert any(item.startswith("proof search, which failed: KeyError") for item in found.tried)


@pytest.mark.parametrize(
    ("holds", "where", "said"),
    [
        ("log(x) < x/e", "x > 0", "at x = e both sides are [1.0"),
        ("sinh(abs(x)) > sinh(abs(x))", "x <= 1", "both sides are 0"),
        ("sin(10^x) <= 1/2", "x > 100", "the left side is [0."),
    ],
)
def test_values_at_a_counterexample_are_shown_as_they_are(
    holds: str, where: str, said: str
) -> None:
    found = verdict_on(holds, where)
    assert found.verdict == "refuted"
    assert said in found.explanation


@pytest.mark.parametrize(
    ("holds", "where"),
    [
        ("sqrt(a^2 - a*b + b^2) + sqrt(b^2 - b*c + c^2) > sqrt(a^2 + a*c + c^2)", "a*b*c == 4"),
        ("abs(cosh(x) - cosh(y)) > abs(x - y)*sqrt(sinh(x)*sinh(y))", "x*y == 1"),
    ],
)
def test_equality_at_an_irrational_value_refutes_a_strict_claim(holds: str, where: str) -> None:
    assert verdict_on(holds, where).verdict == "refuted"


@pytest.mark.parametrize(
    ("claim", "truth"),
    [
        ("sqrt(12) == 2*sqrt(3)", True),
        ("sqrt(1/2) == sqrt(2)/2", True),
        ("2^(1/2) == (2^(1/4))^2", True),
        ("4^(1/3) == (2^(1/3))^2", True),
        ("abs(cosh(1) - cosh(1)) > 0", False),
        ("abs(pi - 1 - pi) == 1", True),
        ("sqrt(12) == 2*sqrt(3) + 1e-40", False),
        ("sqrt(18) + sqrt(8) == sqrt(50)", True),
        ("sqrt(18) + sqrt(8) == sqrt(32)", False),
    ],
)
def test_roots_of_numbers_are_compared_exactly(claim: str, truth: bool) -> None:
    assert evaluate((), parse_formula(claim), {}, frozenset()).conclusion is truth
