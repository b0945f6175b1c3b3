"""Rational numbers: exact values of balls' end points, and simple ones in an interval."""

from __future__ import annotations

from fractions import Fraction

from flint import arb, fmpz


def exact(ball: arb) -> Fraction:
    """The midpoint of a ball, a dyadic rational."""
    mantissa, exponent = ball.mid().man_exp()
    value = Fraction(int(fmpz(mantissa)))
    power = int(exponent)
    return value * Fraction(2) ** power


def simplest_between(low: Fraction, high: Fraction) -> Fraction:
    """The rational with the least denominator strictly between two numbers."""
    if low < 0 < high:
        return Fraction(0)
    if high <= 0:
        return -simplest_between(-high, -low)
    whole = low.numerator // low.denominator
    if whole + 1 < high:
        return Fraction(whole + 1)
    low, high = low - whole, high - whole
    if low == 0:
        # Strictly between 0 and high <= 1.
        return whole + Fraction(1, high.denominator // high.numerator + 1)
    return whole + 1 / simplest_between(1 / high, 1 / low)
