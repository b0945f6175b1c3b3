"""Orders of growth: what is proved, what is refuted, and what the checker refuses."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import pytest
from flint import arb, ctx, fmpq
from hypothesis import given, settings
from hypothesis import strategies as st

from verify.asymptotics.check import check_order
from verify.asymptotics.closed import sign
from verify.asymptotics.question import Order, Question
from verify.asymptotics.scale import ONE, Constant, Power
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
        "2^n = o 3^n",
        "2^n = o e^n",
        "e^n = o pi^n",
        "pi^n = o (22/7)^n",
        "(sqrt(2) + 1)^n = o (5/2)^n",
        "log(2)^n = o 1",
        "6^n = Theta 2^n*3^n",
        "2^n = Theta 4^(n/2 + 5)",
        "2^n = Theta e^(n*log(2))",
        "sqrt(2)^n = Theta 2^(n/2)",
        "1.0000001^n = omega n^100",
        "2^n = o n^n",
        "n^sqrt(2) = o n^(3/2)",
        "exp(sqrt(n + 1)) = Theta exp(sqrt(n))",
        "exp(sqrt(n^2 + n)) = Theta exp(n)",
        "exp(sqrt(n + sqrt(n))) = Theta exp(sqrt(n))",
        "exp(log(n + 1)^2) = Theta exp(log(n)^2)",
        "(1 + 1/n)^n = Theta 1",
        "(1 - 1/n)^(n^2) = Theta exp(-n)",
        "n^(n + 1) = omega (n + 1)^n",
        "log(2^n + n) = Theta n",
        "exp(n) - 2^n = Theta exp(n)",
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
        "3^n = o 2^n",
        "2^n = o 2^(n + 1)",
        "3^n = o e^n",
        "(22/7)^n = o pi^n",
        "log(3)^n = o 1",
        "sqrt(2)^n = omega 2^(n/2)",
        "n^(3/2) = o n^sqrt(2)",
        "exp(sqrt(n^2 + n)) = omega exp(n)",
        "exp(sqrt(n + n^(3/4))) = O exp(sqrt(n))",
        "(1 + 1/n)^n = omega 1",
        "(1 + 1/n)^(n^2) = O 2^n",
        "n^n = o (n + 1)^n",
    ],
)
def test_one_variable_refuted(goal: str) -> None:
    asked = question(goal)
    assert prove_order(asked) is None
    assert refute_order(asked, {}) is not None


@pytest.mark.parametrize(
    ("goal", "where"),
    [
        ("a^n = omega n^5", ["a >= 2"]),
        ("a^n = omega (19/10)^n", ["a > 2"]),
        ("a^n = o 3^n", ["a <= 5/2", "a > 0"]),
        ("a^n = o 1", ["a > 0", "a < 1"]),
    ],
)
def test_powers_of_constants(goal: str, where: Sequence[str]) -> None:
    assert prove_order(question(goal, where=where)) is not None
    assert prove_order(question(goal, where=["a > 0"])) is None


def test_what_no_hypothesis_makes_grow_has_constant_sequences_against_it() -> None:
    family = refute_order(question("d = omega 1", where=SIZES), {})
    assert family is not None
    assert family.sequences["d"] == num(3)
    for known in ("t*sqrt(d) = o n^(99/100)", "t = o n"):
        assert prove_order(question("d = omega 1", [known], SIZES)) is not None


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
    "goal",
    [
        "(-2)^n = o 3^n",
        "log(1/2)^n = O 1",
        "exp(n*log(1 + 1/log(n))) = O 2^n",
        "sin(n) = O 1",
        "n - n = O 1",
        "n - 2*n = O n",
        "-n = O n",
        "n^t = O n",
        "x = O n",
    ],
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


def test_the_checker_decides_numbers_by_itself() -> None:
    """The proof says nothing about log(3) - log(2): the checker encloses it."""
    nothing: list[Any] = [{"sum": [], "top": []}]
    check_order(question("2^n = o 3^n"), nothing)
    for goal in ("3^n = o 2^n", "2^n = o 4^(n/2)", "(sqrt(2)*sqrt(2))^n = o 2^n", "2^n = o a^n"):
        with pytest.raises(Refused):
            check_order(question(goal, where=["a > 0"]), nothing)


def test_an_expansion_bounds_its_error_at_points() -> None:
    reader = question("n = O n").reader
    for shown, error in (
        ("sqrt(n^2 + 3*n + 2)", 50),
        ("n*log(1 + 2/n)", 300),
        ("1/(n - sqrt(n))", 5),
        ("(8*n + 1)^(1/3)*log(n + 5)", 30_000),
    ):
        term = parse_term(shown)
        found = reader.expand(term)
        assert found.error is not None
        for size in (10**4, 10**8):
            with ctx.workprec(2000):
                near = arb(0)
                n = arb(size)
                scale = [n, n.log(), n.log().log()]
                for (monomial, atom), value in found.form.parts.items():
                    assert isinstance(atom, Power)
                    part = arb(fmpq(value.numerator, value.denominator))
                    for name, exponent in monomial:
                        part *= Evaluator({}).ball(parse_term(name), 2000) ** exponent
                    near += part * _at(atom, scale)
                gap = abs(Evaluator({"n": num(size)}).ball(term, 2000) - near)
                assert gap <= error * _at(found.error, scale)
                assert gap > 0


def _at(atom: Power, scale: Sequence[arb]) -> arb:
    total = arb(1)
    for base, exponent in zip(scale, atom.exponents, strict=False):
        total *= base ** arb(fmpq(exponent.numerator, exponent.denominator))
    return total


@pytest.mark.parametrize(
    ("polynomial", "expected"),
    [
        ({}, 0),
        ({ONE: Fraction(-2)}, -1),
        ({(("log(2)", 1),): Fraction(1), ONE: Fraction(-7, 10)}, -1),
        ({(("2^(1/2)", 2),): Fraction(1), ONE: Fraction(-2)}, None),
        ({(("a", 1),): Fraction(1)}, None),
    ],
)
def test_signs_of_numbers(polynomial: Constant, expected: int | None) -> None:
    assert sign(polynomial) == expected


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
