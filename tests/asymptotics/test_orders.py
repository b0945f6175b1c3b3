"""Orders of growth: what is proved, what is refuted, and what the checker refuses."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from verify.asymptotics.check import check_order
from verify.asymptotics.question import Order, Question
from verify.asymptotics.search import prove_order
from verify.asymptotics.sequences import refute_order
from verify.asymptotics.simplex import maximise
from verify.kernel.point import Evaluator
from verify.kernel.poly import Refused
from verify.language.grammar import parse_formula, parse_term
from verify.language.term import num

SIZES = ("n == t*(d - 2)", "d >= 3", "t >= 1", "n >= 1")
EXPONENT = ("x_0 > 0", "x_0 < 1/2")


def order(shown: str) -> Order:
    left, _, rest = shown.partition(" = ")
    kind, _, right = rest.partition(" ")
    return Order(parse_term(left), kind, parse_term(right))  # type: ignore[arg-type]


def question(goal: str, known: Sequence[str] = (), where: Sequence[str] = ()) -> Question:
    return Question(
        "n",
        frozenset(("t", "d")),
        tuple(map(parse_formula, where)),
        tuple(map(order, known)),
        order(goal),
    )


@pytest.mark.parametrize(
    "goal",
    [
        "log(n)^5 = o n^(1/1000)",
        "n*log(n) = omega n",
        "n^2 + 3*n = Theta n^2",
        "n - log(n) = Theta n",
        "exp(sqrt(log(n))) = o n^(1/10)",
        "exp(sqrt(log(n))) = omega log(n)^100",
        "n^log(n) = o exp(n^(1/100))",
        "log(log(n)) = o log(n)",
        "log(log(log(n))) = o log(log(n))",
        "sqrt(n^2 + n) = Theta n",
        "exp(n + log(n)) = Theta n*exp(n)",
        "exp(n)/n^5 = omega exp(n/2)",
        "5 = O 1",
        "n = O n",
        "log(n^3) = Theta log(n)",
        "2*n + 7 = O n",
    ],
)
def test_one_variable(goal: str) -> None:
    assert prove_order(question(goal)) is not None


@pytest.mark.parametrize(
    "goal",
    [
        "n = o n",
        "n^(1/1000) = O log(n)^9",
        "n^2 = Theta n^2*log(n)",
        "exp(n) = O exp(n/2)*n^5",
        "log(n) = o log(n^2)",
        "n = o 5",
        "1/n = omega 1/n^(1/2)",
    ],
)
def test_one_variable_refuted(goal: str) -> None:
    asked = question(goal)
    assert prove_order(asked) is None
    assert refute_order(asked, {}) is not None


@pytest.mark.parametrize(
    ("known", "goal", "where"),
    [
        ("t*sqrt(d) = o n^(99/100)", "d = omega n^(1/50)", SIZES),
        ("t*sqrt(d) = o n^(99/100)", "sqrt(d) = omega n^(1/100)", SIZES),
        ("d = omega n^(1/50)", "t*sqrt(d) = o n^(99/100)", SIZES),
        ("d = omega n^(1/50)", "sqrt(log(n/delta))*sqrt(d)*t = o n", (*SIZES, "delta > 0")),
        (
            "t*sqrt(d) = o n^(1 - x_0 - 1/100)",
            "d = omega n^(2*x_0 + 1/50)",
            (*SIZES, *EXPONENT),
        ),
        ("t*sqrt(d) = o n^(1 - x_0 - 1/100)", "d = omega n^x_0", (*SIZES, *EXPONENT)),
    ],
)
def test_families_of_sequences(known: str, goal: str, where: Sequence[str]) -> None:
    asked = question(goal, [known], where)
    assert prove_order(asked) is not None
    assert refute_order(asked, {"x_0": Fraction(9, 20), "delta": Fraction(1, 20)}) is None


@pytest.mark.parametrize(
    ("known", "goal", "where"),
    [
        ("t*sqrt(d) = o n^(99/100)", "d = omega n^(3/100)", SIZES),
        ("t*sqrt(d) = O n^(99/100)", "d = omega n^(1/50)", SIZES),
        ("d = omega n^(1/50)", "t*sqrt(d) = o n^(1 - x_0 - 1/100)", (*SIZES, *EXPONENT)),
        ("t*sqrt(d) = o n^(99/100)", "d = omega n^(1/50)", SIZES[1:]),
        ("d = omega n^(1/50)", "d = Theta n", (*SIZES, "d <= n")),
    ],
)
def test_what_does_not_follow_has_sequences_against_it(
    known: str, goal: str, where: Sequence[str]
) -> None:
    asked = question(goal, [known], where)
    assert prove_order(asked) is None
    family = refute_order(asked, {"x_0": Fraction(9, 20)})
    assert family is not None
    # The sequences are integers at every index, and satisfy the equation exactly.
    for index in (1, 2, 5):
        values = {
            name: Evaluator({"r": num(index)}).exact(term)
            for name, term in family.sequences.items()
        }
        assert all(value is not None and value.denominator == 1 for value in values.values())
        for rel in where:
            if rel not in EXPONENT:
                point = {name: num(value) for name, value in values.items() if value is not None}
                assert Evaluator(point).formula(parse_formula(rel)) is True


@pytest.mark.parametrize(
    "goal", ["sin(n) = O 1", "n - n = O 1", "n - 2*n = O n", "-n = O n", "n^t = O n", "x = O n"]
)
def test_what_is_not_understood_is_refused(goal: str) -> None:
    with pytest.raises(Refused):
        prove_order(question(goal))


def proof() -> tuple[Question, list[Any]]:
    asked = question(
        "sqrt(log(n/delta))*sqrt(d)*t = o n", ["d = omega n^(1/50)"], (*SIZES, "delta > 0")
    )
    found = prove_order(asked)
    assert found is not None
    assert found[0]["sum"]
    assert found[0]["top"]
    return asked, found


def test_the_checker_accepts_what_was_found() -> None:
    asked, found = proof()
    check_order(asked, found)


@pytest.mark.parametrize(
    "change",
    [
        lambda p: p.append(p[0]),
        lambda p: p[0]["sum"].pop(),
        lambda p: p[0]["sum"][0].__setitem__(0, 99),
        lambda p: p[0]["sum"][0].__setitem__(0, True),
        lambda p: p[0]["sum"][0].__setitem__(1, "-1/2"),
        lambda p: p[0]["sum"][0].__setitem__(1, "0"),
        lambda p: p[0]["sum"][0].__setitem__(1, "3"),
        lambda p: p[0]["sum"][0].__setitem__(1, 0.5),
        lambda p: p[0]["sum"][0].__setitem__(2, [0]),
        lambda p: p[0]["top"][0].__setitem__(0, "-1/100"),
        lambda p: p[0]["top"][0].__setitem__(0, "1/99"),
        lambda p: p[0]["top"].clear(),
        lambda p: p[0].pop("top"),
        lambda p: p[0].update(more=1),
        lambda p: p.clear(),
    ],
)
def test_the_checker_refuses_a_changed_proof(change: Any) -> None:
    asked, found = proof()
    changed = copy.deepcopy(found)
    change(changed)
    with pytest.raises(Refused):
        check_order(asked, changed)


def test_the_checker_refuses_a_bounded_combination_for_a_strict_goal() -> None:
    asked = question("d = o n", ["d = O n"], SIZES[1:])
    with pytest.raises(Refused, match="need not tend to infinity"):
        check_order(asked, [{"sum": [[0, "1", []]], "top": []}])
    check_order(question("d = O n", ["d = O n"], SIZES[1:]), [{"sum": [[0, "1", []]], "top": []}])


exponents = st.fractions(-3, 3, max_denominator=4)


@settings(derandomize=True, max_examples=60, deadline=None)
@given(st.tuples(exponents, exponents), st.tuples(exponents, exponents))
def test_powers_compare_by_their_exponents(
    first: tuple[Fraction, Fraction], second: tuple[Fraction, Fraction]
) -> None:
    def shown(powers: tuple[Fraction, Fraction]) -> str:
        return f"n^({powers[0]})*log(n)^({powers[1]})"

    for kind, holds in (
        ("o", first < second),
        ("omega", first > second),
        ("O", first <= second),
        ("Theta", first == second),
    ):
        asked = question(f"{shown(first)} = {kind} {shown(second)}")
        assert (prove_order(asked) is not None) == holds


@settings(derandomize=True, max_examples=40, deadline=None)
@given(
    st.lists(st.lists(st.integers(-3, 3), min_size=3, max_size=3), min_size=1, max_size=3),
    st.lists(st.integers(0, 3), min_size=3, max_size=3),
    st.lists(st.integers(-3, 0), min_size=3, max_size=3),
)
def test_linear_programs(rows: list[list[int]], point: list[int], cost: list[int]) -> None:
    """The right sides are those of a known point, and the cost is bounded by 0."""
    table = [[Fraction(v) for v in row] for row in rows]
    right = [sum((v * x for v, x in zip(row, point, strict=True)), Fraction(0)) for row in table]
    found = maximise([Fraction(v) for v in cost], table, right)
    assert found is not None
    assert all(value >= 0 for value in found)
    for row, value in zip(table, right, strict=True):
        assert sum((v * x for v, x in zip(row, found, strict=True)), Fraction(0)) == value
    best = sum((v * x for v, x in zip(cost, found, strict=True)), Fraction(0))
    assert best >= sum(v * x for v, x in zip(cost, point, strict=True))


def test_equal_numbers_of_a_sum_count_each_time() -> None:
    """``t - 1 - 1`` may tend to 0 where ``t`` is at least 2."""
    with pytest.raises(Refused, match="no summand"):
        prove_order(question("1/(t - 1 - 1) = O 1", where=("t >= 2",)))
    assert prove_order(question("t - 1 - 1 = Theta t", where=("t >= 3",))) is not None
