"""Floors, inverse tangents, and squares as they are written: what is found, and what is not."""

from __future__ import annotations

import pytest

from tests.provers.test_search import proved


@pytest.mark.parametrize(
    ("holds", "integers"),
    [
        ("6*floor((n^3 - n)/6) == n^3 - n", "n"),
        ("floor(n/4) + floor((n + 2)/4) == floor(n/2)", "n"),
        ("ceil(n/2) == floor((n + 1)/2)", "n"),
        ("floor(2*x) == floor(x) + floor(x + 1/2)", ""),
        ("floor(2*x) + floor(2*y) >= floor(x) + floor(y) + floor(x + y)", ""),
        ("floor(x - y) <= floor(x) - floor(y)", ""),
        ("a^4 + b^4 != 16*k + 7", "a b k"),
    ],
)
def test_floors(holds: str, integers: str) -> None:
    assert proved([], holds, ints=integers)


@pytest.mark.parametrize(
    ("holds", "integers"),
    [
        ("6*floor((n^3 + n)/6) == n^3 + n", "n"),
        ("floor(n/4) + floor((n + 3)/4) == floor(n/2)", "n"),
        ("floor(x + y) <= floor(x) + floor(y)", ""),
        ("floor(x - y) <= floor(x) - floor(y) - 1", ""),
        ("floor((x^3 - x)/6) == (x^3 - x)/6", ""),
    ],
)
def test_floors_that_differ(holds: str, integers: str) -> None:
    assert not proved([], holds, 1.0, integers)


@pytest.mark.parametrize(
    ("holds", "where"),
    [
        ("4*atan(1/5) - atan(1/239) == pi/4", ()),
        ("atan(1) + atan(2) + atan(3) == pi", ()),
        ("atan(x) + atan(y) == atan((x + y)/(1 - x*y))", ("x >= 0", "y >= 0", "x*y < 1")),
        ("atan(x) + atan(1/x) == -pi/2", ("x < 0",)),
    ],
)
def test_sums_of_inverse_tangents(holds: str, where: tuple[str, ...]) -> None:
    assert proved(list(where), holds)


@pytest.mark.parametrize(
    ("holds", "where"),
    [
        ("4*atan(1/5) - atan(1/238) == pi/4", ()),
        ("atan(x) + atan(y) == atan((x + y)/(1 - x*y))", ("x*y > 1",)),
        ("atan(x) + atan(1/x) == pi/2", ("x != 0",)),
    ],
)
def test_other_branches_of_inverse_tangents(holds: str, where: tuple[str, ...]) -> None:
    assert not proved(list(where), holds, 1.0)


def test_squares_as_they_are_written() -> None:
    powell = "(a + 10*b)^2 + 5*(c - d)^2 + (b - 2*c)^4 + 10*(a - d)^4"
    assert proved([], f"{powell} >= 0")
    assert proved([], f"{powell} > -1")
    assert proved(["y > 0"], f"0 <= y*({powell})")
    assert not proved([], f"{powell} > 0", 1.0)


@pytest.mark.parametrize(
    ("holds", "where"),
    [
        ("(1 + x)^p <= 1 + (2^p - 1)*x", ("0 <= x <= 1", "p >= 1")),
        ("log(1 + t*x) >= x*log(1 + t)", ("0 <= x <= 1", "t > 0")),
        (
            "exp(s*x) <= (b - x)/(b - a)*exp(s*a) + (x - a)/(b - a)*exp(s*b)",
            ("a <= x <= b", "a < b"),
        ),
    ],
)
def test_concave_between_its_ends(holds: str, where: tuple[str, ...]) -> None:
    assert proved(list(where), holds)


@pytest.mark.parametrize(
    ("holds", "where"),
    [
        ("(1 + x)^p <= 1 + (2^p - 2)*x", ("0 <= x <= 1", "p >= 1")),
        ("log(1 + t*x) >= x*log(1 + t)", ("0 <= x <= 2", "t > 0")),
        ("log(1 + t*x) > x*log(1 + t)", ("0 <= x <= 1", "t > 0")),
    ],
)
def test_not_above_the_chord(holds: str, where: tuple[str, ...]) -> None:
    assert not proved(list(where), holds, 1.0)


@pytest.mark.parametrize(
    ("holds", "where"),
    [
        ("x^n == x^2", ["n == 2"]),
        ("x^n >= 0", ["n == 2"]),
        ("(-8)^y == -2", ["1/3 == y"]),
        ("x^n == 1", ["n == 0"]),
    ],
)
def test_an_exponent_that_is_fixed(holds: str, where: list[str]) -> None:
    assert proved(where, holds)


def test_a_fixed_denominator_may_be_zero() -> None:
    assert not proved(["n == 0"], "1/n >= 0", 1.0)
    assert not proved(["n == 3"], "x^n >= 0", 1.0)


@pytest.mark.parametrize(
    ("holds", "where"),
    [
        (
            "x/(1 - x^2) + y/(1 - y^2) + z/(1 - z^2) >= 3*sqrt(3)/2",
            ["x > 0", "y > 0", "z > 0", "x^2 + y^2 + z^2 == 1"],
        ),
        ("sqrt(a) + sqrt(b) + sqrt(c) >= 3", ["a > 0", "b > 0", "c > 0", "a*b*c == 1"]),
    ],
)
def test_tangents_under_other_equations(holds: str, where: list[str]) -> None:
    assert proved(where, holds)


KL = "p*log(p/u) + q*log(q/v) + r*log(r/w)"
WEIGHTS = ["p > 0", "q > 0", "r > 0", "u > 0", "v > 0", "w > 0", "p + q + r == 1", "u + v + w == 1"]


def test_logarithms_with_weights() -> None:
    assert proved(WEIGHTS, f"{KL} >= 0")
    assert not proved(WEIGHTS, f"{KL} > 0", 1.0)
    assert not proved(WEIGHTS[:-1], f"{KL} >= 0", 1.0)


@pytest.mark.parametrize(
    ("holds", "where"),
    [
        ("t*log(exp(a/t) + exp(b/t)) <= max(a, b) + t*log(2)", ["t > 0"]),
        ("exp(-exp(-x)) <= 1 - exp(-x) + exp(-2*x)/2", []),
        ("atan(exp(x)) + atan(exp(-x)) == pi/2", []),
    ],
)
def test_changes_of_variable(holds: str, where: list[str]) -> None:
    assert proved(where, holds)


@pytest.mark.parametrize(
    ("holds", "where"),
    [
        ("t*log(exp(a/t) + exp(b/t)) <= max(a, b) + t*log(2)/2", ["t > 0"]),
        ("t*log(exp(a/t) + exp(b/t)) <= max(a, b) + t*log(2)", ["t < 0"]),
        ("exp(-exp(-x)) <= 1 - exp(-x) + exp(-2*x)/3", []),
    ],
)
def test_changes_of_variable_prove_nothing_false(holds: str, where: list[str]) -> None:
    assert not proved(where, holds, 1.0)


def test_relative_entropy_below_chi_squared() -> None:
    where = ["0 < p < 1", "0 < q < 1"]
    entropy = "p*log(p/q) + (1 - p)*log((1 - p)/(1 - q))"
    assert proved(where, f"{entropy} <= (p - q)^2/(q*(1 - q))")
    assert not proved(where, f"{entropy} <= (p - q)^2/(2*q*(1 - q))", 1.0)
