"""Enclosures for few large groups of any weights: weights on a coarse lattice, and what is left.

With h > 0 and integers k_g write X = h L + R, where L has the weights k_g and R the weights
e_g = w_g - k_g h. By Hoeffding Pr[R > r] <= exp(-r**2 / (2 sum m_g e_g**2)), and likewise for -R;
so

    Pr[h L >= T + r] - Pr[R < -r] <= Pr[X >= T] <= Pr[h L >= T - r] + Pr[R > r],

and the law of L is known by a Fourier integral whatever the sizes of the groups are.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import ceil, floor

from verify.probe._signs_fourier import fourier_tail
from verify.probe._signs_lattice import RoundedGroup, hoeffding_margin
from verify.probe._signs_value import LawError, ceiling_of, floor_of

# Groups, and the largest of the integers k_g that are tried.
_GROUPS = 4
_FINEST = 3000
# Bits of the integrals.
_PRECISION = 96


def coarse_tail(
    groups: Sequence[RoundedGroup], threshold: tuple[Fraction, Fraction], strict: bool
) -> tuple[Fraction, Fraction]:
    """Bounds of Pr[X >= T] (or > T) for T within the two numbers of `threshold`.

    Raises LawError for more than four groups, and where the integral does not converge.
    """
    if len(groups) > _GROUPS:
        raise LawError(f"at most {_GROUPS} groups have their weights rounded")
    step = _step(groups)
    units = [round(group.weight / step) for group in groups]
    spread = sum(
        (
            g.count * (abs(g.weight - k * step) + g.radius) ** 2
            for g, k in zip(groups, units, strict=True)
        ),
        Fraction(0),
    )
    margin, failure = hoeffding_margin(spread, _bits(groups, spread))
    law = [(k, group.count) for group, k in zip(groups, units, strict=True) if k]
    beyond = (threshold[1] + margin) / step
    below, _ = fourier_tail(law, floor(beyond) + 1 if strict else ceil(beyond), _PRECISION)
    above, _ = fourier_tail(law, ceil((threshold[0] - margin) / step), _PRECISION)
    return floor_of(below) - failure, ceiling_of(above) + failure


def _step(groups: Sequence[RoundedGroup]) -> Fraction:
    """The unit of which all weights are nearly multiples; any one would be right."""
    largest = max(group.weight for group in groups)
    shares = [(float(g.weight / largest), g.count / max(h.count for h in groups)) for g in groups]

    def error(parts: int) -> float:
        units = ((share * parts, count) for share, count in shares)
        return sum(count * (unit - round(unit)) ** 2 for unit, count in units) / parts**2

    return largest / min(range(1, _FINEST + 1), key=error)


def _bits(groups: Sequence[RoundedGroup], spread: Fraction) -> int:
    """How unlikely a large R is made: about as much as what its size costs."""
    if not spread:
        return 8
    ratio = sum((g.count * g.weight**2 for g in groups), Fraction(0)) / spread
    size = int(ratio).bit_length() // 2  # of the deviations of X and R
    return max(8, size + 4)
