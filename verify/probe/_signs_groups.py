"""Groups of independent signs, and the checks of what callers hand over."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor, lcm, prod

from verify.probe._signs_events import Combination
from verify.probe._signs_value import LawError


@dataclass(frozen=True)
class Group:
    """`count` independent signs with one rational weight."""

    weight: Fraction
    count: int

    def __post_init__(self) -> None:
        object.__setattr__(self, "weight", rational(self.weight, "a weight"))
        check_count(self.count)


@dataclass(frozen=True)
class BallGroup:
    """`count` independent signs whose weight is a rational combination of basis numbers."""

    weight: Combination
    count: int

    def __post_init__(self) -> None:
        weight = tuple(rational(c, "a coefficient") for c in self.weight)
        object.__setattr__(self, "weight", weight)
        check_count(self.count)


def check_count(count: int) -> None:
    """Raise LawError unless `count` is an integer >= 0."""
    if isinstance(count, bool) or not isinstance(count, int):
        raise LawError(f"the count of a group must be an integer (got {count!r})")
    if count < 0:
        raise LawError(f"the count of a group must be >= 0 (got {count})")


def rational(value: object, what: str) -> Fraction:
    """The value as a Fraction; LawError for anything but an int or a Fraction."""
    if isinstance(value, bool) or not isinstance(value, int | Fraction):
        raise LawError(f"{what} must be an exact rational, int or Fraction (got {value!r})")
    return Fraction(value)


def integers(
    groups: Sequence[Group], threshold: Fraction, strict: bool
) -> tuple[list[tuple[int, int]], int]:
    """Positive integer weights with counts, and the least integer sum that passes."""
    scale = lcm(*(group.weight.denominator for group in groups))
    merged: dict[int, int] = {}
    for group in groups:
        weight = abs(int(group.weight * scale))  # the law of a sign is symmetric
        if weight and group.count:
            merged[weight] = merged.get(weight, 0) + group.count
    cut = threshold * scale
    return sorted(merged.items()), floor(cut) + 1 if strict else ceil(cut)


def small_sums(counts: Iterable[int]) -> int:
    """The number of sign sums of all groups but the largest."""
    return prod(sorted(count + 1 for count in counts)[:-1])


def merged_groups(groups: Sequence[BallGroup]) -> list[BallGroup]:
    """Groups of equal weights put together, those without effect left out."""
    merged: dict[Combination, int] = {}
    for group in groups:
        if group.count and any(group.weight):
            merged[group.weight] = merged.get(group.weight, 0) + group.count
    return [BallGroup(weight, count) for weight, count in merged.items()]


def check_precision(precision: int) -> None:
    """Raise LawError for a precision at which nothing useful can be decided."""
    if precision < 16:
        raise LawError(f"the precision must be at least 16 bits (got {precision})")
