"""Probability enclosures from rounding to a lattice and from Hoeffding's inequality."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from fractions import Fraction

from flint import arb, ctx

from verify.probe._signs_coarse import coarse_tail
from verify.probe._signs_events import Basis, Combination
from verify.probe._signs_groups import BallGroup
from verify.probe._signs_lattice import RoundedGroup, lattice_tail
from verify.probe._signs_value import LawError, Probability, enclosed, to_ball, to_fraction

# Wider enclosures are worth the time of a second method.
_WIDE = Fraction(1, 10**9)


def value_of(weight: Combination, balls: Sequence[arb]) -> arb:
    """The number that a combination stands for, at the current precision."""
    if len(weight) != len(balls):
        raise LawError(
            f"the basis has {len(balls)} numbers, the weights {len(weight)} coefficients"
        )
    value = sum((to_ball(c) * ball for c, ball in zip(weight, balls, strict=True) if c), arb(0))
    if not value.is_finite():
        raise LawError("a weight or the threshold has no finite value at this precision")
    return value


def rounded_groups(
    groups: Sequence[BallGroup], threshold: Combination, basis: Basis, precision: int
) -> tuple[list[RoundedGroup], tuple[Fraction, Fraction]]:
    """Positive midpoints and radii of the weights, and both ends of the threshold."""
    with ctx.workprec(precision):
        balls, rounded = list(basis(precision)), []
        for group in groups:
            ball = value_of(group.weight, balls)
            middle, radius = abs(to_fraction(ball.mid())), to_fraction(ball.rad())
            if middle or radius:  # |w| within radius of 0 is also within radius of radius
                rounded.append(RoundedGroup(middle or radius, radius, group.count))
        cut = value_of(threshold, balls)
        return rounded, (to_fraction(cut.lower()), to_fraction(cut.upper()))


def by_lattice(
    groups: Sequence[RoundedGroup],
    threshold: tuple[Fraction, Fraction],
    strict: bool,
    precision: int,
    resolution: int = 1 << 16,
) -> Probability:
    """Rounding to a lattice where it reaches, sharpened by Hoeffding's inequality."""
    if not groups:  # X = 0, and the threshold may be on either side of it
        surely = threshold[1] < 0 or (threshold[1] == 0 and not strict)
        possibly = threshold[0] < 0 or (threshold[0] == 0 and not strict)
        return Probability(Fraction(int(surely)), Fraction(int(possibly)), "no signs")
    if threshold[0] < 0 and threshold[1] <= 0:  # by symmetry Pr[X >= T] = 1 - Pr[X > -T]
        mirrored = (-threshold[1], -threshold[0])
        return by_lattice(groups, mirrored, not strict, precision, resolution).complement()
    method = "rounding to a lattice, Hoeffding's bound for the error"
    try:
        lower, upper = lattice_tail(groups, threshold, strict, resolution)
    except LawError:
        lower, upper, method = Fraction(0), Fraction(1), "Hoeffding's bound"
    if upper - lower > _WIDE:
        with suppress(LawError):
            below, above = coarse_tail(groups, threshold, strict)
            if above - below < upper - lower:
                method = "a Fourier integral for rounded weights, Hoeffding's bound for the error"
            lower, upper = max(lower, below), min(upper, above)
    squares = sum(g.count * (g.weight + g.radius) ** 2 for g in groups)
    with ctx.workprec(precision):
        bound = arb(1)
        if threshold[0] > 0:
            upper = min(upper, Fraction(1, 2))  # by symmetry
            bound = (-to_ball(threshold[0] ** 2 / (2 * squares))).exp()
        near_zero = to_ball(lower).union(to_ball(upper).min(bound))
    return enclosed(near_zero, None, method, precision)
