"""The value that the exact laws of random signs return, and their error."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

from flint import arb, ctx, fmpq, fmpz

# Rationals below this power of two would be longer than anyone reads; the ball keeps the rest.
_SMALLEST_EXPONENT = -4096
# Longer rationals are printed as a ball.
_TEXT_BITS = 4096


class LawError(ValueError):
    """A law was asked for with impossible parameters, or beyond the reach of the method."""


@dataclass(frozen=True)
class Probability:
    """A probability known to lie in [lower, upper]; exact if and only if the two are equal.

    `near_zero` and `near_one`, when present, are balls around the probability and around its
    complement. They keep relative accuracy where the rational bounds had to be rounded outward,
    as for a tail of 2**(-10**18). `method` says how the value was found.
    """

    lower: Fraction
    upper: Fraction
    method: str
    near_zero: arb | None = field(default=None, compare=False, repr=False)
    near_one: arb | None = field(default=None, compare=False, repr=False)

    def __post_init__(self) -> None:
        if not 0 <= self.lower <= self.upper <= 1:
            raise LawError("a probability needs 0 <= lower <= upper <= 1")

    @property
    def exact(self) -> bool:
        """Whether the value is one known rational."""
        return self.lower == self.upper

    def complement(self) -> Probability:
        """One minus this probability, with no loss of accuracy."""
        return Probability(
            1 - self.upper, 1 - self.lower, self.method, self.near_one, self.near_zero
        )

    def ball(self, precision: int = 128) -> arb:
        """A ball that contains the probability, at `precision` bits."""
        if self.near_zero is not None:
            return self.near_zero
        with ctx.workprec(precision):
            low = to_ball(self.lower)
            return low if self.exact else low.union(to_ball(self.upper))

    def at_least(self, bound: Fraction | int) -> bool | None:
        """Whether the probability is >= bound; None when the enclosure does not decide."""
        if self.lower >= bound:
            return True
        if self.upper < bound:
            return False
        near_zero, near_one = self._against(Fraction(bound))
        if near_zero >= 0 or near_one <= 0:
            return True
        return False if near_zero < 0 or near_one > 0 else None

    def at_most(self, bound: Fraction | int) -> bool | None:
        """Whether the probability is <= bound; None when the enclosure does not decide."""
        return self.complement().at_least(1 - bound)

    def as_text(self, digits: int = 20) -> str:
        """`p/q` when exact and short enough to read, otherwise a ball `[mid +/- rad]`."""
        if self.exact and self.lower.denominator.bit_length() <= _TEXT_BITS:
            return str(self.lower)
        return self.ball_text(digits)

    def ball_text(self, digits: int = 20) -> str:
        """The ball `[mid +/- rad]` at `digits` digits, whatever the length of the rational."""
        ball = self.ball(max(64, 4 * digits))
        accuracy = ball.rel_accuracy_bits()
        if accuracy >= 4 * digits:
            return ball.str(digits)
        # Arb prints only digits that are certain; a few more show where a wide ball lies.
        return ball.str(min(digits, max(accuracy, 0) * 3 // 10 + 3), more=True)

    def _against(self, bound: Fraction) -> tuple[arb, arb]:
        """Balls of (probability - bound) and of (complement - (1 - bound))."""
        if self.near_zero is None or self.near_one is None:
            unknown = arb(0, 1)
            return unknown, unknown
        with ctx.workprec(max(128, 64 + bound.denominator.bit_length())):
            return self.near_zero - to_ball(bound), self.near_one - to_ball(1 - bound)


def exactly(value: Fraction, method: str) -> Probability:
    """The exact probability `value`."""
    return Probability(value, value, method)


def enclosed(
    near_zero: arb | None, near_one: arb | None, method: str, precision: int
) -> Probability:
    """The probability inside `near_zero` and with complement inside `near_one`.

    One of them may be None, and is then computed from the other at `precision` bits.
    """
    with ctx.workprec(precision + 16):
        if near_zero is None:
            near_zero = arb(0).union(1) if near_one is None else 1 - near_one
        if near_one is None:
            near_one = 1 - near_zero
        lower = max(floor_of(near_zero), 1 - ceiling_of(near_one))
        upper = min(ceiling_of(near_zero), 1 - floor_of(near_one))
    return Probability(lower, upper, method, near_zero, near_one)


def doubled(value: Probability, precision: int) -> Probability:
    """Twice a probability that is at most 1/2."""
    if value.near_zero is None:
        return Probability(
            min(2 * value.lower, Fraction(1)), min(2 * value.upper, Fraction(1)), value.method
        )
    with ctx.workprec(precision + 16):
        return enclosed(2 * value.near_zero, None, value.method, precision)


def to_ball(value: Fraction | int) -> arb:
    """A ball around a rational at the current precision."""
    fraction = Fraction(value)
    return arb(fmpq(fraction.numerator, fraction.denominator))


def to_fraction(point: arb) -> Fraction:
    """The exact value of a ball of radius zero."""
    mantissa, exponent = point.man_exp()
    shift = int(exponent)
    return Fraction(int(mantissa) << shift) if shift >= 0 else Fraction(int(mantissa), 1 << -shift)


def floor_of(ball: arb) -> Fraction:
    """A rational of moderate length in [0, 1], at most every value in the ball's [0, 1] part."""
    point = ball.lower()
    if not point.is_finite() or not point > 0:
        return Fraction(0)
    return Fraction(1) if point >= 1 else _dyadic(point, upward=False)


def ceiling_of(ball: arb) -> Fraction:
    """A rational of moderate length in [0, 1], at least every value in the ball's [0, 1] part."""
    point = ball.upper()
    if not point.is_finite() or not point < 1:
        return Fraction(1)
    return Fraction(0) if point <= 0 else _dyadic(point, upward=True)


def _dyadic(point: arb, *, upward: bool) -> Fraction:
    mantissa, exponent = point.man_exp()
    excess = _SMALLEST_EXPONENT - exponent
    if excess <= 0:
        return to_fraction(point)
    kept = fmpz(0) if excess >= mantissa.bit_length() else mantissa >> int(excess)
    return Fraction(int(kept) + upward, 1 << -_SMALLEST_EXPONENT)
