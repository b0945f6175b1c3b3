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


@pytest.mark.parametrize(("where", "holds"), LARGE_POWERS, ids=[holds for _, holds in LARGE_POWERS])
def test_powers_are_compared_by_their_bases(where: list[str], holds: str) -> None:
    assert proved(where, holds)


TWINS: list[tuple[list[str], str]] = [
    (["d >= s", "s >= 10^6"], "log(100*d)/d^(1/10) <= log(100*s)/s^(1/10)"),
    (["d >= s", "s >= 10^6"], "sqrt(log(100*d))*d^(-1/2) <= sqrt(log(100*s))*s^(-1/2)"),
    (["d > s", "s >= 4"], "log(d - 1)/d^2 < log(s - 1)/s^2"),
    (["d <= s", "s <= -1"], "d*exp(d) >= s*exp(s)"),
    (["n >= 1"], "(1 + 1/n)^n < (1 + 1/(n + 1))^(n + 1)"),
    (["n >= 1"], "(1 + 1/n)^(n + 1) > (1 + 1/(n + 1))^(n + 2)"),
    (["n >= 3"], "log(n)/n > log(n + 1)/(n + 1)"),
]


@pytest.mark.parametrize(("where", "holds"), TWINS, ids=[holds for _, holds in TWINS])
def test_the_same_function_at_two_points(where: list[str], holds: str) -> None:
    assert proved(where, holds)


def test_bounds_come_through_other_variables() -> None:
    assert proved(["a >= b", "b >= c", "c >= 1000"], "log(a) >= 6")
    assert not proved(["a >= b", "c >= b", "c >= 1000"], "a >= 1000", 1.0)


ZERO_BASES: list[tuple[list[str], str]] = [
    (["n > 0"], "0^n == 0"),
    (["0 <= p", "p <= 1", "n >= 1"], "(1 - p)^n <= exp(-n*p)"),
    (["0 <= p", "p <= 1", "n >= 0"], "(1 - p)^n <= exp(-n*p)"),
    (["0 <= x", "x <= n", "n >= 1"], "(1 - x/n)^n >= 1 - x"),
    (["n >= 1"], "(1 - 1/n)^n <= 1/e"),
]


@pytest.mark.parametrize(("where", "holds"), ZERO_BASES, ids=[holds for _, holds in ZERO_BASES])
def test_the_base_of_a_power_may_be_zero(where: list[str], holds: str) -> None:
    assert proved(where, holds)


BY_LOGARITHMS: list[tuple[list[str], str]] = [
    (["n >= 1"], "n^(1/n) <= 3/2"),
    (["n > 1"], "(1 - 1/n)^(n - 1) >= 1/e"),
    (["n >= 3"], "exp(sqrt(log(n))) <= n"),
]


@pytest.mark.parametrize(
    ("where", "holds"), BY_LOGARITHMS, ids=[holds for _, holds in BY_LOGARITHMS]
)
def test_powers_are_compared_by_their_logarithms(where: list[str], holds: str) -> None:
    assert proved(where, holds)


BY_TANGENTS: list[tuple[list[str], str]] = [
    (["x > 0"], "2^x + 2^(1/x) >= 4"),
    (["x > 0", "y > 0", "p > 1", "q > 1", "1/p + 1/q == 1"], "x*y <= x^p/p + y^q/q"),
    ([], "exp(x) + exp(2*y) + exp(3*z) >= 3 + x + 2*y + 3*z"),
]


@pytest.mark.parametrize(("where", "holds"), BY_TANGENTS, ids=[holds for _, holds in BY_TANGENTS])
def test_sums_of_exponentials_lie_above_their_tangents(where: list[str], holds: str) -> None:
    assert proved(where, holds)


DECIMALS: list[tuple[list[str], str]] = [
    # One exponential, whose exponent has many digits.
    ([], "exp(0.123456*x) >= 1 + 0.123456*x"),
    (["x >= 0"], "exp(-2.00001*x)*x <= x"),
    # Two, of which one is a power of degree 1613 of the other, or of none.
    (["x >= 0"], "exp(-0.181*x) <= exp(-0.0197*x)"),
    (["x >= 0"], "-120.4*exp(-0.0197*x) + 99.6*exp(-0.181*x) - 10.7 < 0"),
    (["x >= 0"], "0.98*exp(-0.0123456*x) - 0.97*exp(-0.0654321*x) > 0"),
    # Beside sines, without an upper end.
    (["x >= 0"], "2.84 - exp(-0.024*x)*(0.0721*cos(2.94*x) - 0.0116*sin(2.94*x)) > 0"),
]


@pytest.mark.parametrize(("where", "holds"), DECIMALS, ids=[holds for _, holds in DECIMALS])
def test_exponentials_with_rates_from_measurements(where: list[str], holds: str) -> None:
    assert proved(where, holds)


TRIANGLE = ["x > 0", "y > 0", "z > 0", "x + y + z == pi"]

TWO_ANGLES: list[tuple[list[str], str]] = [
    ([], "sin(x)*sin(y) <= sin((x + y)/2)^2"),
    (["0 <= x", "x <= pi", "0 <= y", "y <= pi"], "sin(x) + sin(y) <= 2*sin((x + y)/2)"),
    (["0 <= x", "x < pi/2", "0 <= y", "y < pi/2"], "2*tan((x + y)/2) <= tan(x) + tan(y)"),
    (TRIANGLE, "cos(x)*cos(y)*cos(z) <= 1/8"),
    (TRIANGLE, "sin(x/2)*sin(y/2)*sin(z/2) <= 1/8"),
]


@pytest.mark.parametrize(("where", "holds"), TWO_ANGLES, ids=[holds for _, holds in TWO_ANGLES])
def test_half_the_sum_and_half_the_difference_of_angles(where: list[str], holds: str) -> None:
    assert proved(where, holds)


SLOWER: list[tuple[list[str], str]] = [
    (TRIANGLE, "sin(x)*sin(y)*sin(z) <= 3*sqrt(3)/8"),
    (TRIANGLE, "sin(x)^2 + sin(y)^2 + sin(z)^2 <= 9/4"),
    (["0 <= p", "p <= 1"], "p*exp(x*(1 - p)) + (1 - p)*exp(-x*p) <= exp(x^2/8)"),
]


@pytest.mark.slow
@pytest.mark.parametrize(("where", "holds"), SLOWER, ids=[holds for _, holds in SLOWER])
def test_what_takes_some_seconds(where: list[str], holds: str) -> None:
    assert proved(where, holds, 40.0)


AMPLITUDES: list[tuple[list[str], str]] = [
    ([], "3*sin(x) + 4*cos(x) <= 5"),
    ([], "sin(x) + cos(x)/2 <= sqrt(5)/2"),
    ([], "2*sin(x)*cos(x) + cos(x)^2 <= (1 + sqrt(5))/2"),
    ([], "sin(2*x + 1) + cos(2*x + 1) < 1.5"),
    ([], "a*sin(x) + b*cos(x) >= -sqrt(a^2 + b^2)"),
]


@pytest.mark.parametrize(("where", "holds"), AMPLITUDES, ids=[holds for _, holds in AMPLITUDES])
def test_oscillations_of_one_frequency_have_an_amplitude(where: list[str], holds: str) -> None:
    assert proved(where, holds)


ENDS: list[tuple[list[str], str]] = [
    (["0 <= p", "p <= 1"], "exp(p*x) <= p*exp(x) + 1 - p"),
]


@pytest.mark.parametrize(("where", "holds"), ENDS, ids=[holds for _, holds in ENDS])
def test_the_ends_of_an_interval_are_looked_at_by_themselves(where: list[str], holds: str) -> None:
    assert proved(where, holds)


FALSE: list[tuple[list[str], str]] = [
    (["x > 0"], "2^x + 3^(1/x) >= 5"),
    (["x > 0", "y > 0", "p > 1", "q > 1", "1/p + 1/q == 1"], "x*y <= x^p/p + y^q/2"),
    (["0 <= p", "p <= 1", "n >= 0"], "(1 - p)^n < 1"),
    (["0 <= p", "p <= 1", "n >= 0"], "(1 - p)^n <= 1 - p"),
    (["p == 0", "n >= 0"], "p^n == 0"),
    (["n >= 1"], "n^(1/n) <= 7/5"),
    (["n >= 2"], "log(n)/n > log(n + 1)/(n + 1)"),
    (["n >= 1"], "(1 + 1/n)^n > (1 + 1/(n + 1))^(n + 1)"),
    (["d >= s", "s >= 1"], "log(100*d)/d^(1/10) <= log(100*s)/s^(1/10)"),
    (["d >= s", "s >= 3"], "log(d - 1)/d^2 < log(s - 1)/s^2"),
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
    (["x >= 0"], "exp(-0.0197*x) <= exp(-0.181*x)"),
    (["x >= 0"], "0.96*exp(-0.0123456*x) - 0.97*exp(-0.0654321*x) > 0"),
    (["x > 0", "y > 0", "z > 0", "x + y + z == pi"], "cos(x)*cos(y)*cos(z) <= 1/9"),
    (["0 <= x", "x <= 2*pi", "0 <= y", "y <= pi"], "sin(x) + sin(y) <= 2*sin((x + y)/2)"),
    ([], "cos(x)*cos(y) <= cos((x + y)/2)^2 - 1/100"),
    (["0 <= p", "p <= 1"], "p*exp(x*(1 - p)) + (1 - p)*exp(-x*p) <= exp(x^2/9)"),
    ([], "3*sin(x) + 4*cos(x) < 5"),
    ([], "2*sin(x)*cos(x) + cos(x)^2 <= 1.618"),
]


@pytest.mark.parametrize(("where", "holds"), FALSE, ids=[holds for _, holds in FALSE])
def test_false_claims_are_not_proved(where: list[str], holds: str) -> None:
    assert not proved(where, holds, 2.0)
