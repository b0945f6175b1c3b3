"""Claims that need the whole search: case distinctions first, then the elementary functions."""

from __future__ import annotations

import pytest

from verify.kernel.check import Sequent, check
from verify.language.grammar import parse_formula
from verify.provers.budget import Budget
from verify.provers.search import prove

SECONDS = 20.0


def proved(where: list[str], holds: str, seconds: float = SECONDS, ints: str = "") -> bool:
    """Whether the search proves a claim; the kernel must accept what it returns."""
    given = tuple(parse_formula(text) for text in where)
    sequent = Sequent(given, parse_formula(holds), frozenset(ints.split()))
    certificate = prove(sequent, Budget.of(seconds))
    if certificate is None:
        return False
    check(sequent, certificate)
    return True


BY_CASES: list[tuple[list[str], str]] = [
    ([], "abs(atan(x) - atan(y)) <= abs(x - y)"),
    (["abs(x) < 1"], "abs(log(1 + x)) <= -log(1 - abs(x))"),
    (["x > 0", "y > 0"], "abs(log(x) - log(y)) <= abs(x - y)/min(x, y)"),
    (["x < u", "y < u", "z < u"], "max(x, y, z) < u"),
    (["max(x, y, z) <= u"], "x + y + z <= 3*u"),
    ([], "max(x, y, z) == max(z, max(y, x))"),
    ([], "min(x, y, z) <= (x + y + z)/3"),
    ([], "exp(max(x, y, z)) <= exp(x) + exp(y) + exp(z)"),
]


@pytest.mark.parametrize(("where", "holds"), BY_CASES, ids=[holds for _, holds in BY_CASES])
def test_cases_are_distinguished(where: list[str], holds: str) -> None:
    assert proved(where, holds)


INVERSE_TANGENTS: list[tuple[list[str], str]] = [
    ([], "atan(1) == pi/4"),
    ([], "atan(sqrt(3)) == pi/3"),
    (["x > 0"], "atan(x) + atan(1/x) == pi/2"),
    (["x > 0"], "atan(x) >= pi/2 - 1/x"),
]


@pytest.mark.parametrize(
    ("where", "holds"), INVERSE_TANGENTS, ids=[holds for _, holds in INVERSE_TANGENTS]
)
def test_inverse_tangents_of_inverses_and_special_numbers(where: list[str], holds: str) -> None:
    assert proved(where, holds)


LARGE_POWERS: list[tuple[list[str], str]] = [
    (["y >= x", "x >= 1"], "y^(11/20) >= x^(11/20)"),
    (["y >= x", "x > 0"], "y^(-11/20) <= x^(-11/20)"),
    (["d >= s", "s >= 1000002"], "(d - 2)^(11/20) >= (s - 2)^(11/20)"),
]


@pytest.mark.parametrize(
    ("where", "holds"), LARGE_POWERS, ids=[holds for _, holds in LARGE_POWERS]
)
def test_powers_are_compared_by_their_bases(where: list[str], holds: str) -> None:
    assert proved(where, holds)


FALSE: list[tuple[list[str], str]] = [
    (["abs(x) < 2"], "abs(log(1 + x)) <= -log(1 - abs(x))"),
    (["abs(x) < 1"], "abs(log(1 + x)) <= -log(1 - abs(x)) - x^2/100"),
    (["x != 0"], "atan(x) + atan(1/x) == pi/2"),
    ([], "atan(1) == pi/4 + 10^(-40)"),
    (["x > 0"], "atan(x) >= pi/2 - 1/x + 10^(-6)"),
    (["y >= x", "x > 0"], "y^(-11/20) >= x^(-11/20)"),
    (["y >= x", "x >= 1000002"], "y^(11/20) >= (x + 1)^(11/20)"),
    ([], "max(x, y, z) == max(x, min(y, z))"),
    ([], "min(x, y, z) >= min(x, y)"),
    ([], "abs(atan(x) - atan(y)) <= abs(x - y)*9/10"),
]


@pytest.mark.parametrize(("where", "holds"), FALSE, ids=[holds for _, holds in FALSE])
def test_false_claims_are_not_proved(where: list[str], holds: str) -> None:
    assert not proved(where, holds, 2.0)
