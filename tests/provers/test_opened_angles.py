"""Sums of angles, by the addition theorem and the signs of sines and cosines."""

from __future__ import annotations

import pytest

from tests.provers.test_search import proved

HALF_TURNS = ["0 <= x", "x <= pi", "0 <= y", "y <= pi"]
QUARTERS = ["0 <= x", "x <= pi/2", "0 <= y", "y <= pi/2"]


@pytest.mark.parametrize(
    ("holds", "where"),
    [
        ("sin(x + y) <= sin(x) + sin(y)", HALF_TURNS),
        ("sin(x - y) <= sin(x) + sin(y)", HALF_TURNS),
        ("cos(x + y) <= cos(x)*cos(y)", QUARTERS),
        ("cos(x - y) >= cos(x + y)", HALF_TURNS),
    ],
)
def test_sums_of_angles(holds: str, where: list[str]) -> None:
    assert proved(where, holds)


@pytest.mark.parametrize(
    ("holds", "where"),
    [
        ("sin(x + y) <= sin(x) + sin(y)", HALF_TURNS[:3]),
        ("sin(x + y) < sin(x) + sin(y)", HALF_TURNS),
        ("cos(x - y) >= cos(x)", QUARTERS),
        ("cos(x + y) <= cos(x)*cos(y)", HALF_TURNS[:3]),
    ],
)
def test_sums_of_other_angles(holds: str, where: list[str]) -> None:
    assert not proved(where, holds, 1.0)
