"""Rigorous enclosures for sums of many differently weighted signs, by rounding to a lattice.

Write X = h L + R, where h L rounds each group's sum to the lattice of step h. Each part of R is an
odd function of a symmetric variable, so it has mean zero; it is bounded by a known e_g, so by
Hoeffding Pr[R >= r] <= exp(-r**2 / (2 sum e_g**2)), and R <= sum e_g for certain. Hence

    Pr[h L >= T + r] - Pr[R < -r] <= Pr[X >= T] <= Pr[h L >= T - r] + Pr[R > r].

The law of L is computed in integers that are rounded down; the mass lost is added above.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from heapq import heapify, heappop, heappush
from itertools import accumulate
from math import gcd, isqrt, lcm

from flint import arb, ctx, fmpz, fmpz_poly

from verify.probe._signs_value import LawError

# Probabilities are integers in this unit.
_UNIT_BITS = 160
# Half the width of the lattice in standard deviations: less than 2**-140 is outside.
_REACH = 14
# Work limits: signs in one group, and groups.
_SIGNS_LIMIT = 10**9
_GROUPS_LIMIT = 20_000
# An upper bound of log 2, and the exponents b of the failure chances 2**-b that are tried.
_LOG_2 = Fraction(6931471806, 10**10)
_FAILURES = (8, 12, 16, 24, 32, 48, 64, 96)


@dataclass(frozen=True)
class RoundedGroup:
    """`count` signs whose common weight is within `radius` of `weight` > 0."""

    weight: Fraction
    radius: Fraction
    count: int


def lattice_tail(
    groups: Sequence[RoundedGroup],
    threshold: tuple[Fraction, Fraction],
    strict: bool,
    resolution: int,
) -> tuple[Fraction, Fraction]:
    """Bounds of Pr[X >= T] (or > T) for T within the two numbers of `threshold`.

    Raises LawError beyond 10**9 signs in one group or 20,000 groups.
    """
    if len(groups) > _GROUPS_LIMIT or any(group.count > _SIGNS_LIMIT for group in groups):
        raise LawError(
            f"rounding to a lattice takes at most {_GROUPS_LIMIT} groups of at most "
            f"{_SIGNS_LIMIT} signs; beyond that only the Hoeffding bound applies"
        )
    step = _step(groups, resolution)
    errors = [_error(group, step) for group in groups]
    low_end, masses = _law_of_sum(groups, step)
    missing = (1 << _UNIT_BITS) - sum(masses)
    from_end = [0, *accumulate(reversed(masses))]

    def mass_from(value: Fraction) -> int:
        """The mass of the lattice points k with k step >= value (or > value)."""
        first = value // step + 1 if strict else -(-value // step)
        return from_end[len(masses) - min(max(int(first) - low_end, 0), len(masses))]

    lower, upper = Fraction(0), Fraction(1)
    for margin, failure in _margins(errors):
        below = Fraction(mass_from(threshold[1] + margin), 1 << _UNIT_BITS) - failure
        above = Fraction(mass_from(threshold[0] - margin) + missing, 1 << _UNIT_BITS) + failure
        lower, upper = max(lower, below), min(upper, above)
    return lower, upper


def _step(groups: Sequence[RoundedGroup], resolution: int) -> Fraction:
    """The exact common lattice when it is coarse enough, otherwise one of `resolution` points."""
    squares = sum((g.count * g.weight**2 for g in groups), Fraction(0))
    largest = sum((g.count * g.weight for g in groups), Fraction(0))
    width = 2 * min(largest, _REACH * _upper_root(squares))
    scale = lcm(*(g.weight.denominator for g in groups))
    common = Fraction(gcd(*(int(g.weight * scale) for g in groups)), scale)
    return common if common * resolution >= width else width / resolution


def _error(group: RoundedGroup, step: Fraction) -> Fraction:
    """A bound of |sum of the group - rounded sum|, whatever the signs."""
    spread = group.radius * group.count
    if group.weight % step == 0:
        return spread
    if group.count == 1:
        nearest = (group.weight / step + Fraction(1, 2)) // 1
        return abs(group.weight - nearest * step) + spread
    return step / 2 + spread


def _margins(errors: list[Fraction]) -> list[tuple[Fraction, Fraction]]:
    """Pairs (r, p) with Pr[R > r] <= p, the first of them certain."""
    pairs = [(sum(errors, Fraction(0)), Fraction(0))]
    squares = sum((error * error for error in errors), Fraction(0))
    if not squares:
        return pairs
    return pairs + [hoeffding_margin(squares, bits) for bits in _FAILURES]


def hoeffding_margin(squares: Fraction, bits: int) -> tuple[Fraction, Fraction]:
    """Some r and p with Pr[R > r] <= p for sums R of such squares: 2**-bits, or 0 where R = 0."""
    if not squares:
        return Fraction(0), Fraction(0)
    return _upper_root(2 * squares * bits * _LOG_2), Fraction(1, 2**bits)


def _upper_root(value: Fraction) -> Fraction:
    """A rational just above the square root of a positive rational."""
    scale = 64 + (value.denominator // value.numerator).bit_length()
    return Fraction(isqrt(int(value * 4**scale)) + 1, 2**scale)


def _law_of_sum(groups: Sequence[RoundedGroup], step: Fraction) -> tuple[int, list[int]]:
    """The least lattice point of the law of L, and masses of the points from there, in units."""
    queue = []
    for place, group in enumerate(groups):
        points = _law_of_group(group, step)
        low = min(points)
        masses = [points.get(point, 0) for point in range(low, max(points) + 1)]
        queue.append((len(masses), place, low, fmpz_poly(masses)))
    heapify(queue)
    while len(queue) > 1:  # shortest first keeps the factors balanced
        _, place, left_low, left = heappop(queue)
        _, _, right_low, right = heappop(queue)
        low, product = _rounded_down(left_low + right_low, left * right)
        heappush(queue, (len(product), place, low, product))
    _, _, low, law = queue[0]
    return low, [int(mass) for mass in law.coeffs()]


def _rounded_down(low: int, product: fmpz_poly) -> tuple[int, fmpz_poly]:
    masses = [mass >> _UNIT_BITS for mass in product.coeffs()]
    start = next((i for i, mass in enumerate(masses) if mass), len(masses))
    return low + start, fmpz_poly(masses[start:])


def _law_of_group(group: RoundedGroup, step: Fraction) -> dict[int, int]:
    """Masses of the rounded sums of one group, rounded down."""
    m, points = group.count, dict[int, int]()
    ratio = group.weight / step
    top, bottom = 2 * ratio.numerator, 2 * ratio.denominator
    k, mass = (m + 1) // 2, _middle_mass(m)
    while k <= m and mass:
        point = (top * (2 * k - m) + ratio.denominator) // bottom  # the nearest lattice point
        for mirrored in {point, -point} if 2 * k > m else {0}:
            points[mirrored] = points.get(mirrored, 0) + int(mass)
        if point == 0 and 2 * k > m:  # both signs rounded to the same point
            points[0] += int(mass)
        mass = mass * (m - k) // (k + 1)
        k += 1
    return points


def _middle_mass(m: int) -> fmpz:
    """A lower bound of binomial(m, ceil(m/2)) / 2**m, in units."""
    k = (m + 1) // 2
    if m <= 1024:
        return (fmpz.bin_uiui(m, k) << _UNIT_BITS) >> m
    with ctx.workprec(_UNIT_BITS + 2 * m.bit_length() + 16):
        logarithm = arb(m + 1).lgamma() - arb(k + 1).lgamma() - arb(m - k + 1).lgamma()
        units = (logarithm - (m - _UNIT_BITS) * arb(2).log()).exp()
        return units.lower().floor().fmpz()
