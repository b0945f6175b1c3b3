"""The numbers behind every statement of the paper, in both libraries."""

from __future__ import annotations

import msgspec
import pytest
from mpmath import mpf
from sympy import Integer

from lemmas.polynomial_attention import PAPER
from verify.engine import numeric_points
from verify.engine.numeric import rough_margin
from verify.engine.numeric_points import at_points
from verify.engine.results import Numeric
from verify.engine.statements import check_statement
from verify.language.statement import Output, Probability, SignSum, Statement
from verify.language.sympy_terms import symbols
from verify.probe.opinion_sums import AddedUp

STATEMENTS = {statement.id: statement for statement in PAPER.statements}
OTHERS = [
    "3.2", "3.3", "3.5", "3.6", "4.1", "4.2/1", "4.2/2",
    "5.1/1", "5.1/2", "5.2/1", "5.2/2", "6.3/1", "6.3/2", "6.5/high-d1",
    "6.5/high-d0", "6.5/low-d1", "6.5/low-d0", "6.8/1", "6.8/2", "6.9", "6.12/1",
    "6.12/2", "6.13", "6.15/2", "6.15/5", "6.16/1", "6.16/2", "6.17",
    "6.19/2", "6.19/5", "6.20/1", "6.20/2", "6.21",
]  # fmt: skip
"""Statements that come to no relation between numbers."""


def numbers(identifier: str, *points: dict[str, str], seed: int = 0) -> Numeric:
    return at_points(STATEMENTS[identifier], points or ({},), seed, 50)


@pytest.mark.parametrize("identifier", OTHERS)
def test_both_libraries_agree_at_the_reference_point(identifier: str) -> None:
    found = numbers(identifier)
    assert (found.points, found.digits, found.disagreements) == (1, 50, ())
    assert found.min_margin is not None
    assert found.worst_point is not None


i = symbols("i")


def asked(conclusion: Probability) -> Statement:
    return Statement(id="1", title="t", kind="lemma", section="1", params=(), conclusion=conclusion)


@pytest.mark.parametrize("level", [3000, -3000])
@pytest.mark.parametrize("op", [">", ">=", "<", "<="])
def test_both_libraries_agree_on_what_is_hardly_ever_or_nearly_always(op: str, level: int) -> None:
    event = SignSum(Integer(1), i, Integer(3001), op, Integer(level))  # type: ignore[arg-type]
    found = at_points(asked(Probability(event, Integer(0))), ({},), 0, 50)
    assert (found.points, found.disagreements) == (1, ())


@pytest.mark.parametrize("level", [2999, -3002])
@pytest.mark.parametrize("positive", [True, False])
def test_both_libraries_agree_on_a_network_that_is_hardly_ever_positive(
    positive: bool, level: int
) -> None:
    event = Output(Integer(1), i, Integer(3001), Integer(level), Integer(60), positive)
    found = at_points(asked(Probability(event, Integer(0))), ({},), 0, 50)
    assert (found.points, found.disagreements) == (1, ())


def test_points_outside_the_hypotheses_and_repeated_ones_do_not_count() -> None:
    inside, outside = {"d": "12", "t": "1"}, {"d": "12", "t": "1", "a_1": "1/2"}
    found = numbers("6.8/1", {}, inside, outside, inside, {"d": "1/2"})
    assert found.points == 2
    assert found.worst_point is not None
    assert (found.min_margin, found.worst_point["d"]) == ("71/640", "7")


def test_a_value_that_mpmath_does_not_confirm_is_a_disagreement(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(AddedUp, "value", lambda *_: mpf(17))
    (left, right) = numbers("6.3/1").disagreements
    assert "mpmath: 17.0" in left
    assert left.split(" at ")[1] == right.split(" at ")[1]
    monkeypatch.undo()
    monkeypatch.setattr(numeric_points, "reach", lambda *_, **__: mpf("0.3"))
    (said,) = numbers("6.8/1").disagreements
    assert said.startswith("the probability at d = 7, ")


def test_the_same_seed_gives_the_same_numbers() -> None:
    first, again, other = (numbers("3.3", seed=seed) for seed in (5, 5, 6))
    assert first == again
    assert msgspec.structs.replace(other, min_margin=None) != first


@pytest.mark.parametrize("identifier", ["3.2", "3.6"])
def test_a_disagreement_is_an_error(identifier: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(AddedUp, "value", lambda *_: mpf(17))
    claim = check_statement(PAPER, STATEMENTS[identifier], 10.0, 0).claim
    assert claim.verdict == "error"
    assert claim.explanation.startswith("Arb and mpmath disagree: ")
    assert claim.explanation.endswith(f"; to reproduce: python -m verify check {identifier}")
    assert claim.certificate is None


@pytest.mark.parametrize(
    ("shown", "rough"),
    [
        ("3/4", 0.75),
        ("-2", -2.0),
        ("[0.25 +/- 1e-20]", 0.25),
        ("[-1.5e-80000000 +/- 1e-80000020]", 0.0),
        (f"{10**400}/{4 * 10**400}", 0.25),
        (f"{10**400}/3", float("inf")),
        ("undefined", float("inf")),
    ],
)
def test_margins_are_put_in_order(shown: str, rough: float) -> None:
    assert rough_margin(shown) == rough
