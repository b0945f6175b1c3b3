"""Inductions from a later value on, and bases of powers on either side of 1."""

from __future__ import annotations

import pytest

from tests.provers.test_search import proved


@pytest.mark.parametrize(
    ("holds", "where"),
    [
        ("(1 + x)^n >= 1 + n*x + n*(n - 1)/2*x^2", ["x > 0", "n >= 0"]),
        ("2^n >= n^2 - 1", ["n >= 0"]),
        ("3^n >= 2*n^2 + 1", ["n >= 0"]),
        ("(1 + 1/n)^n <= 3 - 1/n", ["n >= 1"]),
    ],
)
def test_inductions_from_later_on(holds: str, where: list[str]) -> None:
    assert proved(where, holds, ints="n")


@pytest.mark.parametrize(
    ("holds", "where"),
    [
        ("2^n >= n^2", ["n >= 0"]),
        ("2^n > n^2 - 1", ["n >= 0"]),
        ("(1 + 1/n)^n <= 3 - 1/n", ["n >= 0"]),
        ("(1 + x)^n >= 1 + n*x + n*(n - 1)/2*x^2", ["x > -1", "n >= 0"]),
    ],
)
def test_inductions_that_fail_early(holds: str, where: list[str]) -> None:
    assert not proved(where, holds, 1.0, ints="n")


def test_a_base_on_either_side_of_one() -> None:
    assert proved(["x > 0", "y > 0"], "x^y + y^x > 1")
    assert proved(["u > 0", "v > 0"], "u^v + v^u >= 1")
    assert not proved(["x > 0", "y > 0"], "x^y + y^x > 11/10", 1.0)
