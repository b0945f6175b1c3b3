"""Classics of polynomial and rational inequalities, proved; and false claims, never proved."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from verify.kernel.check import Sequent, check
from verify.kernel.poly import Refused
from verify.language.grammar import parse_formula
from verify.provers.budget import Budget
from verify.provers.cones import cones, signs
from verify.provers.line import line, separating
from verify.provers.linear import farkas, linear
from verify.provers.quadratic import quadratic_form
from verify.provers.sdp import available
from verify.provers.search import prove
from verify.provers.squares import squares

SECONDS = 10.0


def sequent(where: list[str], holds: str, integers: str = "") -> Sequent:
    return Sequent(
        tuple(parse_formula(text) for text in where),
        parse_formula(holds),
        frozenset(integers.split()),
    )


def proved(where: list[str], holds: str, integers: str = "", seconds: float = SECONDS) -> bool:
    return prove(sequent(where, holds, integers), Budget.of(seconds)) is not None


POSITIVE = ["a >= 0", "b >= 0", "c >= 0"]

TRUE = {
    "mean of two": ([], "(a + b)^2 >= 4*a*b"),
    "mean of three cubes": (POSITIVE, "a^3 + b^3 + c^3 >= 3*a*b*c"),
    "mean of four fourth powers": ([], "a^4 + b^4 + c^4 + d^4 >= 4*a*b*c*d"),
    "Cauchy": ([], "(a^2 + b^2 + c^2)*(x^2 + y^2 + z^2) >= (a*x + b*y + c*z)^2"),
    "Schur": (POSITIVE, "a*(a-b)*(a-c) + b*(b-a)*(b-c) + c*(c-a)*(c-b) >= 0"),
    "Motzkin": ([], "x^4*y^2 + x^2*y^4 - 3*x^2*y^2 + 1 >= 0"),
    "Nesbitt": (["a > 0", "b > 0", "c > 0"], "a/(b + c) + b/(c + a) + c/(a + b) >= 3/2"),
    "triangle": (
        ["a < b + c", "b < c + a", "c < a + b"],
        "a^2*b*(a - b) + b^2*c*(b - c) + c^2*a*(c - a) >= 0",
    ),
    "simplex": (
        ["x >= 0", "y >= 0", "z >= 0", "x + y + z == 1"],
        "0 <= x*y + y*z + z*x - 2*x*y*z <= 7/27",
    ),
    "circle": (["x^2 + y^2 == 1"], "x + y <= 3/2"),
    "Bernoulli": (["x >= -1", "y >= 0", "y <= 1"], "(1 + x*y)^3 >= 1 + 3*x*y"),
    "discriminant": (["b^2 - 4*c < 0"], "x^2 + b*x + c > 0"),
    "near-tangent root": ([], "x^10 - 10*x + 9.0001 > 0"),
    "contradiction": (["a < b", "b < c", "c < a"], "a + b + c == 7"),
    "absolute value": (["abs(x) <= 1"], "abs(4*x^3 - 3*x) <= 1"),
    "maximum": ([], "max(a, b) + max(c, d) >= max(a + c, b + d)"),
    "half": (["P >= n", "n >= 1", "P > 0"], "P/(P + n - 1) >= 1/2"),
    "order": (["0 < x", "x < y"], "(1 + x^2)/(2 + y)^5 < (2 + y^2)/(2 + x)^3"),
    "box": (["-5 <= x", "x <= 5", "-5 <= y", "y <= 5"], "x*y - x + y <= 35"),
    "product of factors": (["x > y"], "x^3 > y^3"),
    "alternatives": (["x^2 >= 4"], "x >= 2 or x <= -2"),
    "roots": (["a >= 0", "b >= 0"], "sqrt(a) + sqrt(b) >= sqrt(a + b)"),
    "Minkowski": ([], "sqrt(a^2 + b^2) + sqrt(c^2 + d^2) >= sqrt((a + c)^2 + (b + d)^2)"),
    "root of a cube": (["u > 0", "v > 1"], "(u^9*v^4)^(1/3) > u^3*v"),
}


@pytest.mark.parametrize("name", TRUE)
def test_classics_are_proved(name: str) -> None:
    where, holds = TRUE[name]
    assert proved(where, holds)


INTEGERS = {
    "square": ([], "n^2 >= n", "n"),
    "gap": (["m < n"], "m + 1 <= n", "m n"),
    "gap of differences": (["a != b"], "a^2 + b^2 + c^2 - a*b - b*c - c*a >= 1", "a b c"),
    "residues": ([], "m^2 != 4*k + 2", "m k"),
    "divisibility": ([], "3*a + 6*b != 1", "a b"),
    "induction": (["n >= 4"], "2^n >= n^2", "n"),
    "tangent": (["n >= 1", "x > 0"], "x^n - 1 >= n*(x - 1)", "n"),
    "floor": ([], "floor(x) + floor(y) <= floor(x + y)", ""),
    "halves": ([], "floor(n/2) + ceil(n/2) == n", "n"),
    "none between": (["0 < n", "n < 1"], "n == 5", "n"),
}


@pytest.mark.parametrize("name", INTEGERS)
def test_integers(name: str) -> None:
    assert proved(*INTEGERS[name])


FALSE = {
    "strict mean": ([], "(a + b)^2 > 4*a*b", ""),
    "without signs": ([], "a^3 + b^3 + c^3 >= 3*a*b*c", ""),
    "Motzkin, lower": ([], "x^4*y^2 + x^2*y^4 - 3*x^2*y^2 + 999/1000 >= 0", ""),
    "Nesbitt, higher": (
        ["a > 0", "b > 0", "c > 0"],
        "a/(b+c) + b/(c+a) + c/(a+b) >= 3/2 + 1e-9",
        "",
    ),
    "undefined": ([], "x/x == 1", ""),
    "root undefined": ([], "sqrt(x)^2 >= 0", ""),
    "tangent": ([], "x^10 - 10*x + 8.9999 > 0", ""),
    "real, not integer": ([], "x^2 >= x", ""),
    "residues": ([], "m^2 != 4*k + 1", "m k"),
    "too early": (["n >= 2"], "2^n >= n^2", "n"),
}


@pytest.mark.parametrize("name", FALSE)
def test_near_misses_are_not_proved(name: str) -> None:
    where, holds, integers = FALSE[name]
    assert not proved(where, holds, integers, seconds=1.5)


def test_each_strategy_proves_what_it_is_for() -> None:
    for strategy, where, holds in (
        (farkas, ["x > 1", "y > x"], "x + y > 2"),
        (linear, ["0 <= x", "x <= 1", "0 <= y", "y <= 1"], "x*y <= x"),
        (signs, ["x >= 0"], "x^3 + 2*x >= 0"),
        (signs, [], "a^4 + b^4 >= a^3*b + a*b^3"),
        (cones, ["a >= 0", "b >= 0"], "a^3 + b^3 >= a^2*b + a*b^2"),
        (quadratic_form, [], "x^2 + 2*x*y + 3*y^2 - 4*y + 3 > 0"),
        (line, ["x^2 == 2", "x > 0"], "x < 3/2"),
    ):
        goal = sequent(where, holds)
        proof = strategy(goal.context(), goal.conclusion, Budget.of(SECONDS))
        assert proof is not None, holds
        check(goal, proof)


@pytest.mark.skipif(not available(), reason="needs a semidefinite solver")
@pytest.mark.parametrize(
    ("where", "holds"),
    [
        ([], "a^4 + b^4 + c^4 >= a*b*c*(a + b + c)"),
        ([], "(a^2 + b^2 + c^2)^2 >= 3*(a^3*b + b^3*c + c^3*a)"),
        ([], "w^4 + x^2*y^2 + y^2*z^2 + z^2*x^2 >= 4*x*y*z*w"),
        (["x^2 + y^2 + z^2 == 1"], "x*y + y*z + z*x >= -1/2"),
        ([], "x^4 - 3*x^2*y + 3*y^2 + 1 > 0"),
    ],
)
def test_sums_of_squares(where: list[str], holds: str) -> None:
    goal = sequent(where, holds)
    proof = squares(goal.context(), goal.conclusion, Budget.of(SECONDS))
    assert proof is not None
    check(goal, proof)


def test_a_changed_certificate_is_refused() -> None:
    goal = sequent([], "(a + b)^2 >= 4*a*b")
    proof = prove(goal, Budget.of(SECONDS))
    assert proof is not None
    with pytest.raises(Refused):
        check(sequent([], "(a + b)^2 >= 4*a*b + 1/1000"), proof)


def test_separators_lie_between_the_roots() -> None:
    goal = sequent([], "(x^2 - 2)*(x - 1)*(x - 14142/10000)^2 == 0")
    from flint import fmpq_poly  # noqa: PLC0415

    near = fmpq_poly([Fraction(-7071, 5000).numerator, 5000])
    poly = fmpq_poly([-2, 0, 1]) * fmpq_poly([-1, 1]) * near
    points = separating([poly])
    assert points == sorted(points)
    assert len(points) == 3
    assert goal.conclusion


coefficient = st.integers(-3, 3)
point = st.tuples(*[st.fractions(-2, 2, max_denominator=3)] * 2)


@settings(derandomize=True, max_examples=40, deadline=None)
@given(st.lists(coefficient, min_size=6, max_size=6), point, st.booleans(), st.booleans())
def test_a_claim_that_fails_somewhere_is_never_proved(
    weights: list[int], where: tuple[Fraction, Fraction], strict: bool, bounded: bool
) -> None:
    x, y = where
    monomials = ["1", "x", "y", "x^2", "x*y", "y^2"]
    values = [Fraction(1), x, y, x * x, x * y, y * y]
    total = sum((w * v for w, v in zip(weights, values, strict=True)), Fraction(0))
    if total > 0 or (total == 0 and not strict):
        return
    left = " + ".join(f"({w})*{m}" for w, m in zip(weights, monomials, strict=True))
    claim = f"{left} {'>' if strict else '>='} 0"
    box = ["-2 <= x", "x <= 2", "-2 <= y", "y <= 2"] if bounded else []
    assert not proved(box, claim, seconds=0.3)


@settings(derandomize=True, max_examples=25, deadline=None)
@given(st.lists(st.tuples(coefficient, coefficient, coefficient), min_size=1, max_size=3))
def test_sums_of_squares_of_random_forms_are_proved(rows: list[tuple[int, int, int]]) -> None:
    left = " + ".join(f"(({a})*x + ({b})*y + ({c}))^2" for a, b, c in rows)
    assert proved([], f"{left} >= 0")


def test_the_budget_is_kept() -> None:
    import time  # noqa: PLC0415

    hard = sequent(
        [f"x{k} > 0" for k in range(6)],
        " + ".join(f"x{k}/(x{(k + 1) % 6} + x{(k + 2) % 6})" for k in range(6)) + " >= 3",
    )
    start = time.monotonic()
    prove(hard, Budget.of(1.0))
    assert time.monotonic() - start < 3.0
