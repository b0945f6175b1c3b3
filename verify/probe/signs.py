"""Exact laws of weighted random signs, and rigorous enclosures where exact is out of reach.

X is the sum over groups of weight * (sum of `count` independent signs, each +1 or -1 with
probability 1/2). Tails come out as exact rationals (`tail`, `two_sided`), as exact rationals or
balls for weights that are known only through balls (`tail_ball`, `two_sided_ball`), or as
enclosures for any size (`tail_enclosure`, `two_sided_enclosure`). A simulation is offered as a
cross-check and is never a `Probability`.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from fractions import Fraction

from flint import arb, ctx

from verify.probe._signs_events import (
    EXACT_SIGNS,
    SMALL_LIMIT,
    Basis,
    Combination,
    Event,
    enumerable,
    probability,
)
from verify.probe._signs_exact import (
    HALF_LIMIT,
    count_by_halves,
    count_by_polynomial,
    halves,
    integer_law,
    polynomial_fits,
    sums,
)
from verify.probe._signs_fourier import fourier_tail
from verify.probe._signs_groups import (
    BallGroup,
    Group,
    check_precision,
    integers,
    merged_groups,
    rational,
    small_sums,
)
from verify.probe._signs_lattice import RoundedGroup
from verify.probe._signs_path import (
    count_by_path,
    count_by_recurrence,
    path_seconds,
    recurrence_seconds,
)
from verify.probe._signs_rounding import by_lattice, rounded_groups, value_of
from verify.probe._signs_simulation import Simulation, simulate
from verify.probe._signs_value import LawError, Probability, doubled, enclosed, exactly, to_ball

__all__ = [
    "BallGroup",
    "Basis",
    "Combination",
    "Group",
    "LawError",
    "Probability",
    "Simulation",
    "hoeffding_bound",
    "simulate",
    "tail",
    "tail_ball",
    "tail_enclosure",
    "two_sided",
    "two_sided_ball",
    "two_sided_enclosure",
    "unrelated",
]

# Longer rationals are not handed out: their arithmetic takes seconds for each step.
_EXACT_LIMIT = 200_000
# Products of 64-bit digits that an exact sum over two large groups may cost: a few seconds.
_WORK_LIMIT = 2 * 10**10
# Estimated seconds of the methods for few large groups: taken at once, and taken at all.
_QUICK, _SLOW = 1.0, 12.0
# Bits of the law of one half, at most.
_HALF_BITS = 1 << 31
# Small-group sign sums up to which binomial tails are tried before anything else.
_FEW = 4096


# Exact tails


def tail(groups: Sequence[Group], threshold: Fraction | int, strict: bool) -> Probability:
    """The exact Pr[X > threshold] (`strict`) or Pr[X >= threshold].

    One or two groups may be large (to 200,000 signs), and more of them when the weights share a
    coarse lattice; many different weights work to about 40 signs. Raises LawError when no exact
    method reaches, and says what does.
    """
    bound = rational(threshold, "the threshold")
    merged, cut = integers(groups, bound, strict)
    signs = sum(count for _, count in merged)
    total = sum(weight * count for weight, count in merged)
    if cut > total:
        return exactly(Fraction(0), "beyond the largest sum")
    if cut <= -total:
        return exactly(Fraction(1), "beyond the smallest sum")
    method = _plan(merged)
    if method == "binomial tails":
        event = _event([Group(Fraction(w), m) for w, m in merged], Fraction(cut), strict=False)
        return probability(event, precision=64, limit=64, exact_signs=signs)
    if method == "polynomial":
        count = count_by_polynomial(merged, cut)
        return exactly(Fraction(count, 1 << signs), "exact count by a generating polynomial")
    if method == "path":
        return exactly(
            Fraction(_by_paths(merged, cut), 1 << signs), "exact count by binomial paths"
        )
    if method == "recurrence":
        count = count_by_recurrence(merged, cut)
        how = "exact count by the recurrence of a generating polynomial"
        return exactly(Fraction(count, 1 << signs), how)
    count = count_by_halves(merged, cut)
    return exactly(Fraction(count, 1 << signs), "exact count by meeting in the middle")


def _by_paths(merged: Sequence[tuple[int, int]], cut: int) -> int:
    """Sign vectors with sum >= cut, for every sum of all groups but the two largest."""
    *rest, first, second = sorted(merged, key=lambda item: item[1])
    law = integer_law(rest)
    return sum(ways * count_by_path(first, second, cut - value) for value, ways in law.items())


def two_sided(groups: Sequence[Group], threshold: Fraction | int, strict: bool) -> Probability:
    """The exact Pr[|X| < threshold] (`strict`) or Pr[|X| <= threshold]; otherwise as `tail`."""
    bound = rational(threshold, "the threshold")
    if bound < 0 or (strict and bound == 0):
        return exactly(Fraction(0), "no absolute value is negative")
    return doubled(tail(groups, bound, not strict), 64).complement()


# Weights known through balls


def unrelated(counts: Sequence[int]) -> tuple[tuple[BallGroup, ...], Combination]:
    """Groups and threshold for a basis of len(counts) weights followed by the threshold.

    For numbers with no known relation: the basis function returns the weights, then the
    threshold. A tie between a sum and the threshold then stays undecided.
    """
    size = len(counts) + 1
    units = [tuple(Fraction(int(i == j)) for j in range(size)) for i in range(size)]
    groups = (BallGroup(unit, count) for unit, count in zip(units, counts, strict=False))
    return tuple(groups), units[-1]


def tail_ball(
    groups: Sequence[BallGroup],
    threshold: Combination,
    strict: bool,
    precision: int = 128,
    *,
    basis: Basis,
    limit: int | None = None,
) -> Probability:
    """Pr[X > threshold] or Pr[X >= threshold] for weights known through balls.

    Weights and threshold are rational combinations of the numbers that `basis(precision)`
    encloses. A comparison of a sum with the threshold is decided by balls, at `precision` bits
    and then at twice as many up to `limit` (default 16 * precision); a combination that vanishes
    is a tie for certain. What stays open widens the result, whose bounds remain exact rationals
    while there are at most 20,000 signs. With too many different weights they are rounded to a
    lattice; see `tail_enclosure`.
    """
    check_precision(precision)
    cut = tuple(rational(c, "a coefficient of the threshold") for c in threshold)
    merged = merged_groups(groups)
    if enumerable([group.count for group in merged], precision):
        event = Event(tuple(((g.weight,), g.count) for g in merged), (cut,), strict, basis)
        return probability(event, precision=precision, limit=limit or 16 * precision)
    rounded, ends = rounded_groups(merged, cut, basis, precision)
    return by_lattice(rounded, ends, strict, precision)


def two_sided_ball(
    groups: Sequence[BallGroup],
    threshold: Combination,
    strict: bool,
    precision: int = 128,
    *,
    basis: Basis,
    limit: int | None = None,
) -> Probability:
    """Pr[|X| < threshold] (`strict`) or Pr[|X| <= threshold], for a threshold >= 0.

    Otherwise as `tail_ball`. Raises LawError when the threshold is not surely >= 0.
    """
    check_precision(precision)
    cut = tuple(rational(c, "a coefficient of the threshold") for c in threshold)
    if any(cut):
        with ctx.workprec(precision):
            value = value_of(cut, list(basis(precision)))
        if not value >= 0:
            raise LawError(f"the threshold must be surely >= 0 (got {value.str(10)})")
    elif strict:
        return exactly(Fraction(0), "no absolute value is negative")
    upper = tail_ball(groups, cut, not strict, precision, basis=basis, limit=limit)
    return doubled(upper, precision).complement()


# Enclosures


def tail_enclosure(
    groups: Sequence[Group],
    threshold: Fraction | int,
    strict: bool,
    precision: int = 128,
    *,
    resolution: int = 1 << 16,
) -> Probability:
    """Pr[X > threshold] or Pr[X >= threshold] at any size: exact when that is quick.

    A large group with few small ones, and any large groups whose weights share a coarse lattice,
    are done to about `precision` bits by rigorous integrals, whatever their sizes; two large groups
    of any weights by balls around binomial tails, to about 10**9 signs. Otherwise weights are
    rounded to a lattice of about `resolution` points, or for up to four groups of any sizes to
    multiples of a common unit, and the error is bounded by Hoeffding's inequality. For more than
    four groups of more than 10**9 signs that inequality alone remains.
    """
    check_precision(precision)
    bound = rational(threshold, "the threshold")
    merged, cut = integers(groups, bound, strict)
    if cut > sum(w * m for w, m in merged) or cut <= -sum(w * m for w, m in merged):
        return tail(groups, bound, strict)
    few = small_sums(count for _, count in merged) <= _FEW
    if sum(count for _, count in merged) <= EXACT_SIGNS and (few or _plan_or_none(merged)):
        return tail(groups, bound, strict)
    if few:
        event = _event(groups, bound, strict=strict)
        return probability(event, precision=precision, limit=precision, exact_signs=0)
    with suppress(LawError):  # too fine weights
        near_zero, near_one = fourier_tail(merged, cut, precision)
        return enclosed(near_zero, near_one, "a rigorous Fourier integral", precision)
    if enumerable([count for _, count in merged], precision, 0):
        event = _event([Group(Fraction(w), m) for w, m in merged], Fraction(cut), strict=False)
        return probability(event, precision=precision, limit=precision, exact_signs=0)
    rounded = [RoundedGroup(Fraction(w), Fraction(0), m) for w, m in merged]
    return by_lattice(rounded, (Fraction(cut),) * 2, False, precision, resolution)


def two_sided_enclosure(
    groups: Sequence[Group],
    threshold: Fraction | int,
    strict: bool,
    precision: int = 128,
    *,
    resolution: int = 1 << 16,
) -> Probability:
    """Pr[|X| < threshold] (`strict`) or Pr[|X| <= threshold]; otherwise as `tail_enclosure`."""
    bound = rational(threshold, "the threshold")
    if bound < 0 or (strict and bound == 0):
        return exactly(Fraction(0), "no absolute value is negative")
    upper = tail_enclosure(groups, bound, not strict, precision, resolution=resolution)
    return doubled(upper, precision).complement()


def hoeffding_bound(groups: Sequence[Group], u: Fraction | int, precision: int = 128) -> arb:
    """A ball around 2 exp(-u**2 / (2 sum count * weight**2)), which is >= Pr[|X| >= u].

    Domain: u > 0 and some weight that is not zero. Source: Hoeffding (1963), Theorem 2.
    """
    check_precision(precision)
    bound = rational(u, "u")
    squares = sum((g.count * g.weight**2 for g in groups), Fraction(0))
    if bound <= 0 or squares == 0:
        raise LawError("Hoeffding's bound needs u > 0 and a group with a nonzero weight")
    with ctx.workprec(precision):
        return 2 * (-to_ball(bound**2 / (2 * squares))).exp()


# Choosing a method


def _plan(merged: list[tuple[int, int]]) -> str:
    method = _plan_or_none(merged)
    if method is None:
        signs = sum(count for _, count in merged)
        if signs > _EXACT_LIMIT:
            raise LawError(
                f"{signs} signs are too many for an exact rational, which is given up to "
                f"{_EXACT_LIMIT}; tail_enclosure gives balls at any size"
            )
        raise LawError(
            f"no exact method reaches {len(merged)} different weights on {signs} signs: "
            "binomials need few signs outside the two largest groups, polynomials a coarse "
            "common lattice, meeting in the middle about 40 signs; tail_enclosure gives balls"
        )
    return method


def _plan_or_none(merged: list[tuple[int, int]]) -> str | None:
    signs, states = sum(count for _, count in merged), small_sums(count for _, count in merged)
    biggest = max(count for _, count in merged)
    work = min(2 * states, biggest) * (1 + biggest // 64) * (1 + (signs - biggest) // 64)
    if signs > _EXACT_LIMIT:
        return None
    if states <= _FEW and work <= _WORK_LIMIT:
        return "binomial tails"
    seconds, method = _for_few_groups(merged)
    if seconds <= _QUICK:
        return method
    if polynomial_fits(merged):
        return "polynomial"
    half = max(map(sums, halves(merged)))
    if half <= HALF_LIMIT and half * signs <= _HALF_BITS:
        return "halves"
    if seconds <= _SLOW:
        return method
    return "binomial tails" if states <= SMALL_LIMIT and work <= _WORK_LIMIT else None


def _for_few_groups(merged: list[tuple[int, int]]) -> tuple[float, str]:
    """The better method for few large groups, and about how many seconds it takes."""
    ways = [(recurrence_seconds(merged), "recurrence")]
    if len(merged) >= 2:
        ways.append((path_seconds(merged), "path"))
    return min(ways)


def _event(groups: Sequence[Group], threshold: Fraction, *, strict: bool) -> Event:
    return Event(tuple((((g.weight,),), g.count) for g in groups), ((threshold,),), strict)
