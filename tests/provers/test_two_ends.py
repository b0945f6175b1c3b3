"""Claims about one variable with equality at both ends of its range, or at an end and inside."""

from __future__ import annotations

import pytest

from tests.provers.test_search import proved

UNIT = ["0 < x", "x < 1"]
ENTROPY = "-x*log(x) - (1 - x)*log(1 - x)"


@pytest.mark.parametrize(
    ("holds", "where"),
    [
        ("x*log(x) <= log(x^2 - x + 1)", ["0 < x", "x <= 1"]),
        ("x^x <= x^2 - x + 1", ["0 < x", "x <= 1"]),
        ("x^x < x^2 - x + 1", UNIT),
        (f"{ENTROPY} >= 4*log(2)*x*(1 - x)", UNIT),
        (f"{ENTROPY} <= 2*log(2)*sqrt(x*(1 - x))", UNIT),
        ("-x^4*log(x) <= 1/(4*e)", ["x > 0"]),
        ("log(x)/x^3 <= 1/(3*e)", ["x > 0"]),
    ],
)
def test_equality_at_two_points(holds: str, where: list[str]) -> None:
    assert proved(where, holds)


@pytest.mark.parametrize(
    ("holds", "where"),
    [
        ("x^x < x^2 - x + 1", ["0 < x", "x <= 1"]),
        ("x^x <= x^2 - x + 99/100", UNIT),
        (f"{ENTROPY} >= 41/10*log(2)*x*(1 - x)", UNIT),
        ("-x^4*log(x) < 1/(4*e)", ["x > 0"]),
        (f"{ENTROPY} <= 19/10*log(2)*sqrt(x*(1 - x))", UNIT),
    ],
)
def test_what_fails_near_such_a_point(holds: str, where: list[str]) -> None:
    assert not proved(where, holds, 2.0)
