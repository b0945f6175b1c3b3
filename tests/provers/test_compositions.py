"""Compositions of functions with their inverses, and powers of powers."""

from __future__ import annotations

import pytest

from tests.provers.test_search import proved


@pytest.mark.parametrize(
    ("holds", "where"),
    [
        ("sin(asin(x)) == x", ["abs(x) <= 1"]),
        ("cos(acos(x)) == x", ["-1 <= x", "x <= 1"]),
        ("tan(atan(x)) == x", []),
        ("asin(sin(x)) == x", ["abs(x) <= pi/2"]),
        ("acos(cos(x)) == abs(x)", ["abs(x) <= pi"]),
        ("atan(tan(x)) == x", ["abs(x) < pi/2"]),
        ("sin(acos(x)) == sqrt(1 - x^2)", ["abs(x) <= 1"]),
        ("cos(atan(x)) == 1/sqrt(1 + x^2)", []),
        ("sin(2*atan(x)) == 2*x/(1 + x^2)", []),
        ("cos(2*acos(x)) <= 2*x^2", ["abs(x) <= 1"]),
        ("asin(x) <= pi/2", ["abs(x) <= 1"]),
        ("atan(x) - atan(y) < pi", []),
        ("(2^x)^y == 2^(x*y)", []),
        ("(x^y)^z == x^(y*z)", ["x > 0"]),
    ],
)
def test_compositions(holds: str, where: list[str]) -> None:
    assert proved(where, holds)


@pytest.mark.parametrize(
    ("holds", "where"),
    [
        ("sin(asin(x)) == x", ["x <= 1"]),
        ("asin(sin(x)) == x", ["0 <= x", "x <= 2"]),
        ("acos(cos(x)) == x", ["abs(x) <= pi"]),
        ("atan(tan(x)) == x", ["abs(x) < pi"]),
        ("sin(acos(x)) == sqrt(1 - x^2)", ["x <= 1"]),
        ("sin(2*atan(x)) == x/(1 + x^2)", []),
        ("asin(x) < pi/2", ["abs(x) <= 1"]),
        ("(x^2)^y == x^(2*y)", ["x != 0"]),
    ],
)
def test_compositions_outside_their_ranges(holds: str, where: list[str]) -> None:
    assert not proved(where, holds, 1.0)
