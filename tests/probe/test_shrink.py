"""Shrinking: the simplest point, still a counterexample, and the same every time."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from verify.kernel.check import Sequent
from verify.kernel.point import Point, evaluate
from verify.language.grammar import parse_formula, parse_term
from verify.language.render import text
from verify.language.term import FALSE, Num, Term, num
from verify.probe._simple import term_weight
from verify.probe.shrink import shrink
from verify.provers.budget import Budget

SECONDS = 5.0


def sequent(where: list[str], holds: str, integers: str = "") -> Sequent:
    hypotheses = tuple(parse_formula(each) for each in where)
    return Sequent(hypotheses, parse_formula(holds), frozenset(integers.split()))


def point(**values: str) -> dict[str, Term]:
    return {name: parse_term(value) for name, value in values.items()}


def shrunk(
    claim: Sequent, start: Point, reference: dict[str, Fraction] | None = None
) -> dict[str, str]:
    found = shrink(claim, start, Budget.of(SECONDS), reference or {})
    assert evaluate(claim.hypotheses, claim.conclusion, found, claim.integers).fails
    return {name: text(value) for name, value in found.items()}


CASES = [
    ([], "x <= 1", "", point(x="12345/678"), {"x": "2"}),
    (["x > 0"], "x >= 1", "", point(x="17/10000"), {"x": "1/2"}),
    (["x > 3", "x < 4"], "x > 5", "", point(x="31415/10000"), {"x": "7/2"}),
    ([], "x^2 >= 10^6 or x < 10", "", point(x="987654321/1000000"), {"x": "10"}),
    (["n >= 1"], "n^2 <= 1000", "n", point(n="987654321"), {"n": "32"}),
    (["n >= 1"], "7*n < 1000", "n", point(n="123456789"), {"n": "143"}),
    (["n > 0"], "log(n) <= 1000", "", point(n="3^2000"), {"n": "10^435"}),
    (["x + y == 1"], "x >= 0", "", point(x="-355/113", y="468/113"), {"x": "-1", "y": "2"}),
    (["x > 0", "x*y == 1"], "x + y > 2", "", point(x="1", y="1"), {"x": "1", "y": "1"}),
    (
        ["x^2 + y^2 == 25"],
        "x + y <= 6",
        "",
        point(x="24/5", y="7/5"),
        {"x": "3", "y": "4"},
    ),
    (
        ["(1 + a)^b >= n", "a > 0", "b > 0", "n >= 2"],
        "(1 + a)^b > n",
        "",
        point(a="1/2", b="log(10)/log(3/2)", n="10"),
        {"a": "1", "b": "1", "n": "2"},
    ),
    ([], "x > 1", "", point(x="log(2)"), {"x": "0"}),
    ([], "2^x != 3", "", point(x="log(3)/log(2)"), {"x": "log(3)/log(2)"}),
    ([], "x*y*z <= 100", "", point(x="700/3", y="200/7", z="45/7"), None),
    (["a > 0", "b > 0", "c > 0"], "a^2 + b^2 >= c^2", "", point(a="6", b="8", c="22"), None),
    ([], "1/(x - y) > 0 or x < y", "", point(x="22/7", y="22/7"), {"x": "0", "y": "0"}),
]


@pytest.mark.parametrize(
    ("where", "holds", "integers", "start", "expected"), CASES, ids=[row[1] for row in CASES]
)
def test_shrinks_to_the_simplest(
    where: list[str],
    holds: str,
    integers: str,
    start: dict[str, Term],
    expected: dict[str, str] | None,
) -> None:
    claim = sequent(where, holds, integers)
    found = shrunk(claim, start)
    if expected is not None:
        assert found == expected
    sizes = [term_weight(parse_term(value)) for value in found.values()]
    assert sum(size[1] for size in sizes) <= sum(term_weight(v)[1] for v in start.values())


def test_keeps_as_many_reference_values_as_possible() -> None:
    claim = sequent(["n >= 2", "d >= 1"], "n*d + t <= 40")
    start = point(n="123", d="45/7", t="8/9")
    reference = {"n": Fraction(30), "d": Fraction(1), "t": Fraction(5)}
    # All three at the reference give 35; two can stay.
    found = shrunk(claim, start, reference)
    assert sum(Fraction(found[name]) == value for name, value in reference.items()) == 2
    fixed = {"n": Fraction(30), "d": Fraction(10)}
    assert shrunk(claim, start, fixed) == {"d": "10", "n": "30", "t": "0"}


def test_a_point_that_refutes_nothing_stays() -> None:
    start = point(x="355/113")
    assert shrink(sequent([], "x > 1"), start, Budget.of(1), {}) == start


def test_without_time_the_point_stays() -> None:
    start = point(x="355/113")
    assert shrink(sequent([], "x < 1"), start, Budget.of(0), {}) == start


def test_negative_only_where_it_must_be() -> None:
    assert shrunk(sequent([], "x^2 < 4"), point(x="-9")) == {"x": "2"}
    assert shrunk(sequent([], "x > -3"), point(x="-9")) == {"x": "-3"}


@settings(derandomize=True, max_examples=15, deadline=None)
@given(
    st.fractions(-20, 20, max_denominator=30),
    st.fractions(-20, 20, max_denominator=30),
    st.fractions(-20, 20, max_denominator=30),
)
def test_shrinking_keeps_the_failure_and_is_stable(a: Fraction, b: Fraction, c: Fraction) -> None:
    # False at the point itself, by construction, and near it.
    start: dict[str, Term] = {"x": Num(c), "y": Num(a)}
    claim = sequent([], f"({a})*x + ({b})*y > {a * c + b * a}")
    once = shrink(claim, start, Budget.of(SECONDS), {})
    assert evaluate((), claim.conclusion, once, frozenset()).fails
    assert shrink(claim, start, Budget.of(SECONDS), {}) == once
    assert shrink(claim, once, Budget.of(SECONDS), {}) == once


@settings(derandomize=True, max_examples=15, deadline=None)
@given(st.fractions(-100, 100, max_denominator=50), st.fractions(0, 5, max_denominator=50))
def test_finds_the_simplest_number_of_an_interval(low: Fraction, width: Fraction) -> None:
    high = low + width
    claim = sequent([f"x >= {low}", f"x <= {high}"], "x > 1000")
    start: dict[str, Term] = {"x": Num(low + width * Fraction(37, 101))}
    found = shrink(claim, start, Budget.of(SECONDS), {})["x"]
    for integer in range(-3, 4):
        if low <= integer <= high:
            assert isinstance(found, Num)
            assert found.value.denominator == 1
            assert abs(found.value) <= abs(integer)
    assert term_weight(found) <= term_weight(start["x"])
    assert found == num(0) or not low <= 0 <= high


def test_another_judge_decides() -> None:
    class Even:
        def fails(self, point: Point, budget: Budget) -> bool:
            budget.check()
            return point["x"] in [num(value) for value in range(4, 100, 2)]

    given = Sequent((parse_formula("x > 0"),), FALSE, frozenset({"x"}))
    found = shrink(given, point(x="70"), Budget.of(SECONDS), {}, Even())
    assert found == point(x="4")
