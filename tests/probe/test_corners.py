"""Corners of a domain: inside it, some on its faces, the same for the same seed."""

from __future__ import annotations

import math
from fractions import Fraction

from verify.kernel.point import evaluate
from verify.language.grammar import parse_formula, parse_term
from verify.language.term import Formula, Term
from verify.probe.corners import Corner, Corners, as_terms

NOTHING = parse_formula("0 == 0")
NAMES = ("n", "a", "beta", "tau")


def corners(where: list[str], determined: dict[str, Term] | None = None, seed: int = 0) -> Corners:
    reference = {"a": Fraction(7, 10)}
    given = [parse_formula(each) for each in where]
    return Corners(given, NAMES, determined or {}, frozenset({"n"}), reference, seed)


def holds(where: list[str], corner: Corner) -> bool:
    given: tuple[Formula, ...] = tuple(parse_formula(each) for each in where)
    outcome = evaluate(given, NOTHING, as_terms(corner), frozenset({"n"}))
    return all(truth is True for truth in outcome.hypotheses)


WHERE = ["n >= 2", "a >= 7/10", "beta > 0", "(1 + a)^beta >= n", "tau >= 1/sqrt(n)", "tau < 1/4"]


def drawn(source: Corners) -> list[Corner]:
    found: list[Corner] = []
    for _ in range(8):
        found += source.drawn(source.order(), 32)
    return found


def test_corners_satisfy_the_hypotheses() -> None:
    found = drawn(corners(WHERE))
    assert len(found) > 20
    assert all(holds(WHERE, corner) for corner in found)


def test_some_lie_close_to_the_faces() -> None:
    found = drawn(corners(WHERE))
    spare = [float(x["beta"]) * math.log(1 + x["a"]) - math.log(x["n"]) for x in found]
    assert sum(value < 0.05 for value in spare) > len(found) / 4
    assert sum(float(x["tau"]) ** 2 * float(x["n"]) < 1.05 for x in found) > len(found) / 4
    assert any(x["a"] == Fraction(7, 10) for x in found)


def test_near_a_corner_is_inside_too() -> None:
    source = corners(WHERE)
    order = source.order()
    start = next(corner for corner in drawn(source))
    beside = source.near(start, order, 32)
    assert beside
    assert all(holds(WHERE, corner) for corner in beside)


def test_what_is_determined_follows() -> None:
    # b = 1 - a: no corner has a value for b, and each leaves it room.
    where = ["n >= 1", "a >= 1/10", "b >= 1/10", "b == 1 - a"]
    found = drawn(corners(where, {"b": parse_term("1 - a")}))
    assert found
    assert all("b" not in corner and corner["a"] <= Fraction(9, 10) for corner in found)


def test_the_same_seed_gives_the_same_corners() -> None:
    assert drawn(corners(WHERE)) == drawn(corners(WHERE))
    assert drawn(corners(WHERE)) != drawn(corners(WHERE, seed=1))
