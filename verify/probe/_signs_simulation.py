"""Seeded simulation of weighted random signs: a cross-check that proves nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from flint import ctx

from verify.probe._signs_groups import Group, integers, rational
from verify.probe._signs_value import LawError, Probability, to_ball, to_fraction

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Simulation:
    """A seeded simulation: a cross-check, not a bound.

    With probability at least `level` over the random draws, [low, high] contains the true value
    (Hoeffding's inequality). `lattice` says that sums were compared in exact integers; otherwise
    in floating point, where ties may fall on either side.
    """

    hits: int
    samples: int
    low: Fraction
    high: Fraction
    level: Fraction
    seed: int
    lattice: bool

    @property
    def estimate(self) -> Fraction:
        """The share of hits."""
        return Fraction(self.hits, self.samples)

    def contains(self, value: Probability) -> bool:
        """Whether the confidence interval meets the enclosure of `value`."""
        return value.lower <= self.high and self.low <= value.upper


def simulate(
    groups: Sequence[Group],
    threshold: Fraction | int,
    strict: bool,
    samples: int,
    seed: int,
    *,
    level: Fraction = Fraction(999, 1000),
) -> Simulation:
    """Draw X `samples` times and count X > threshold (`strict`) or X >= threshold."""
    import numpy as np  # noqa: PLC0415

    if samples < 1 or not 0 < level < 1:
        raise LawError("a simulation needs samples >= 1 and a level between 0 and 1")
    if any(group.count >= 1 << 62 for group in groups):
        raise LawError("a simulation takes at most 2**62 signs in a group")
    bound = rational(threshold, "the threshold")
    merged, cut = integers(groups, bound, strict)
    total = sum(weight * count for weight, count in merged)
    cut = min(max(cut, -total - 1), total + 1)
    lattice = total < 1 << 62
    kind = np.int64 if lattice else np.float64
    unit = 1 if lattice else total + 1  # floating-point weights are shares of the largest sum
    limit = kind(cut if lattice else cut / unit)
    generator = np.random.default_rng(seed)
    hits, left = 0, samples
    while left:
        size = min(left, max(1, 2**22 // max(1, len(merged))))
        sums: NDArray[Any] = np.zeros(size, kind)
        for weight, count in merged:
            heads = generator.binomial(count, 0.5, size)
            sums += (2 * heads - count).astype(kind) * kind(weight if lattice else weight / unit)
        hits += int(np.count_nonzero(sums >= limit))
        left -= size
    with ctx.workprec(64):
        width = to_fraction((((2 / (1 - to_ball(level))).log() / (2 * samples)).sqrt()).upper())
    share = Fraction(hits, samples)
    low, high = max(Fraction(0), share - width), min(Fraction(1), share + width)
    return Simulation(hits, samples, low, high, level, seed, lattice)
