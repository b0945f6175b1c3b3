"""Sampling: exact points that satisfy the hypotheses, and the attack that Hypothesis makes."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import find, given, settings

from verify.kernel.check import Sequent
from verify.kernel.point import Evaluator, Point, evaluate
from verify.language.grammar import parse_formula, parse_term
from verify.language.render import text
from verify.language.term import FALSE, Num, num
from verify.probe.sample import attack, feasible_points, points
from verify.provers.budget import Budget


def sequent(where: list[str], holds: str, integers: str = "") -> Sequent:
    hypotheses = tuple(parse_formula(each) for each in where)
    return Sequent(hypotheses, parse_formula(holds), frozenset(integers.split()))


def feasible(claim: Sequent, point: Point) -> bool:
    return evaluate(claim.hypotheses, FALSE, point, claim.integers).fails


DOMAINS = [
    (["x > 0", "y > 0", "x + y <= 1"], ""),
    (["a + b + c == 1", "a >= 0", "b >= 0", "c >= 0"], ""),
    (["x^2 + y^2 == 1"], ""),
    (["0 < x", "x < 1/10^6", "y == 2*x + 1"], ""),
    (["2*x + 3*y == 1"], "x y"),
    (["(1 + a)^b >= n", "a > 0", "n >= 2"], ""),
    (["x >= 0 or y >= 0", "x*y < 1"], ""),
    (["log(x) <= 1"], ""),
    (["x > 10^20", "y >= x^2"], ""),
    ([], ""),
]


@pytest.mark.parametrize(("where", "integers"), DOMAINS, ids=str)
def test_points_are_exact_feasible_and_different(where: list[str], integers: str) -> None:
    claim = sequent(where, "x + y > 0", integers)
    found = feasible_points(claim, 60, 1, Budget.of(5))
    assert len(found) == 60
    assert len({tuple(sorted((n, text(v)) for n, v in p.items())) for p in found}) == 60
    for point in found:
        assert all(isinstance(value, Num) for value in point.values())
        assert {"x", "y"} <= set(point)
        assert feasible(claim, point)
    assert found == feasible_points(claim, 60, 1, Budget.of(5))


def test_points_reach_boundaries_and_extremes() -> None:
    claim = sequent(["x >= 1", "y >= 0", "y <= 7"], "x > y")
    found = feasible_points(claim, 150, 0, Budget.of(5))
    xs = [p["x"].value for p in found if isinstance(p["x"], Num)]
    ys = [p["y"].value for p in found if isinstance(p["y"], Num)]
    assert 1 in xs
    assert {0, 7} <= set(ys)
    assert max(xs) > 10**12
    assert any(0 < y < 1e-6 for y in ys)


def test_few_points_where_there_are_few() -> None:
    claim = sequent(["n >= 5", "n <= 9"], "n > 0", "n")
    found = feasible_points(claim, 100, 0, Budget.of(3))
    assert sorted(text(point["n"]) for point in found) == ["5", "6", "7", "8", "9"]
    assert feasible_points(sequent(["x > 1", "x < 1"], "x > 0"), 5, 0, Budget.of(1)) == []
    assert feasible_points(sequent([], "x > 0"), 5, 0, Budget.of(0)) == []


NARROW = sequent(["x > 0", "x + y == 1", "y > 999/1000"], "x > y")


@settings(derandomize=True, max_examples=60, deadline=None)
@given(points(NARROW))
def test_the_strategy_draws_feasible_points(point: Point) -> None:
    assert feasible(NARROW, point)


def test_the_strategy_refuses_an_empty_domain() -> None:
    with pytest.raises(ValueError, match="no point that satisfies the hypotheses"):
        points(sequent(["x > 1", "x < 1"], "x > 0"), 0.5)


def test_the_strategy_reaches_far() -> None:
    claim = sequent(["n >= 1"], "n > 0", "n")
    beyond = parse_formula("n > 1000")
    found = find(
        points(claim),
        lambda point: Evaluator(point).formula(beyond) is True,
        settings=settings(derandomize=True, database=None, max_examples=300),
    )
    assert feasible(claim, found)


def test_an_attack_finds_a_narrow_gap() -> None:
    claim = sequent(["0 <= x", "x <= 1"], "(x - 2/7)^2 >= 1/10^5")
    result = attack(claim, parse_term("(x - 2/7)^2 - 1/10^5"), 400, 0, Budget.of(10))
    assert result.counterexample == {"x": parse_term("2/7")}
    assert evaluate(claim.hypotheses, claim.conclusion, result.counterexample, frozenset()).fails


def test_an_attack_on_a_true_claim_reports_the_least_margin() -> None:
    claim = sequent(["x > 0", "y > 0", "x*y == 1"], "x + y >= 2")
    result = attack(claim, parse_term("x + y - 2"), 80, 0, Budget.of(10))
    assert result.counterexample is None
    assert result.points == 80
    assert result.margin == "0"
    assert result.worst == {"x": num(1), "y": num(1)}
    again = attack(claim, parse_term("x + y - 2"), 80, 0, Budget.of(10))
    assert again == result


def test_an_attack_shows_irrational_margins_as_balls() -> None:
    claim = sequent(["x >= 1"], "exp(x) > x")
    result = attack(claim, parse_term("exp(x) - x"), 20, 0, Budget.of(10))
    assert result.margin is not None
    assert result.margin.startswith("[1.71828")


def test_an_attack_without_time_or_points_says_so() -> None:
    assert attack(sequent([], "x > 0"), None, 10, 0, Budget.of(0)).points == 0
    assert attack(sequent(["x < x"], "x > 0"), None, 10, 0, Budget.of(1)).points == 0


def test_what_was_found_once_is_tried_first_the_next_time(tmp_path: Path) -> None:
    asked = sequent(["x >= 0", "x <= 1"], "x <= 999/1000")
    kept = tmp_path / "examples" / "claim.json"
    first = attack(asked, None, 400, 0, Budget.of(8.0), kept)
    assert first.counterexample is not None
    again = attack(asked, None, 400, 7, Budget.of(8.0), kept)
    assert again.counterexample == first.counterexample
    assert again.points == 1


@pytest.mark.parametrize("content", ["", "{", "[1]", '[{"x": "1 +"}]', '[{"y": "1"}]', "[[]]"])
def test_a_damaged_file_of_points_is_ignored(tmp_path: Path, content: str) -> None:
    kept = tmp_path / "claim.json"
    kept.write_text(content)
    asked = sequent(["x >= 0", "x <= 1"], "x <= 999/1000")
    assert attack(asked, None, 400, 0, Budget.of(8.0), kept).counterexample is not None


def test_a_kept_point_that_refutes_nothing_any_more_does_no_harm(tmp_path: Path) -> None:
    kept = tmp_path / "claim.json"
    kept.write_text('[{"x": "7"}]')
    asked = sequent(["x >= 0", "x <= 1"], "x <= 1")
    assert attack(asked, None, 50, 0, Budget.of(8.0), kept).counterexample is None
