"""Events of the form "some row's signed sum passes its threshold", for grouped random signs.

All groups but the largest are enumerated by their sign sums. For each of these the condition on
the largest group's sum K is a union of half-lines, so tails of one binomial law finish the count.
Weights are rational combinations of basis numbers that are known through balls; which values
pass is decided by balls of growing precision, by exact arithmetic when the basis is (1).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import isqrt, lcm, prod
from operator import add

from flint import arb, ctx, fmpz

from verify.probe._signs_binomial import weighted_count, weighted_probability
from verify.probe._signs_value import LawError, Probability, enclosed, exactly

Combination = tuple[Fraction, ...]
Basis = Callable[[int], Sequence[arb]]
_Vector = tuple[int, ...]

# Sign sums of the small groups that are enumerated at most.
SMALL_LIMIT = 1 << 17
# The same where the laws of large groups are followed only as far as they matter.
WINDOW_LIMIT = 1 << 18
# Signs of a small group up to which all of its law is followed.
_WHOLE = 1 << 12
# Signs in all up to which a law is given as an exact rational when nobody insists on one.
EXACT_SIGNS = 20_000


@dataclass(frozen=True)
class Event:
    """Some row r has sum over groups g of weights[g][r] * (sum of the signs of g) > thresholds[r].

    `groups` pairs the weights (one for each row) with the number of signs; weights and thresholds
    are coefficients over `basis`, or single rationals in a 1-tuple when `basis` is None. The
    comparison is >= when `strict` is false.
    """

    groups: tuple[tuple[tuple[Combination, ...], int], ...]
    thresholds: tuple[Combination, ...]
    strict: bool
    basis: Basis | None = None


@dataclass
class _Tally:
    """Numbers of sign vectors, as integer combinations of binomial tails."""

    hit: dict[int, int] = field(default_factory=dict)
    miss: dict[int, int] = field(default_factory=dict)

    def record(self, m: int, up: int, down: int, weight: int) -> None:
        """Count `weight` times: at least `up` heads, or at least `down` tails, among m coins."""
        if up + down <= m + 1:  # together they are everything
            up, down = 0, m + 1
        else:
            self.miss[m + 1 - up] = self.miss.get(m + 1 - up, 0) + weight
            self.miss[down] = self.miss.get(down, 0) - weight
        self.hit[up] = self.hit.get(up, 0) + weight
        self.hit[down] = self.hit.get(down, 0) + weight


def probability(
    event: Event, *, precision: int, limit: int, exact_signs: int = EXACT_SIGNS
) -> Probability:
    """The probability of the event, rational while there are at most `exact_signs` signs.

    Comparisons are tried with `precision` bits and doubled up to `limit`; those that stay open
    widen the result from "surely passes" to "possibly passes".
    Raises LawError when the small groups have more than SMALL_LIMIT sign sums.
    """
    problem = _Problem(event, precision, limit, exact_signs)
    sure, possible = problem.tallies()
    m, small = problem.big_count, problem.small_bits
    if problem.exact:
        low = Fraction(weighted_count(m, sure.hit), 1 << (m + small))
        if sure.hit == possible.hit:
            return exactly(low, "exact count by binomial tails")
        high = Fraction(weighted_count(m, possible.hit), 1 << (m + small))
        return Probability(low, high, "exact counts by binomial tails, some ties undecided")

    def ball(weights: dict[int, int]) -> arb:
        with ctx.workprec(precision + 16):
            return weighted_probability(m, weights, precision) * arb((1, -small))

    near_zero, near_one = ball(sure.hit), ball(sure.miss)
    if sure.hit != possible.hit:
        with ctx.workprec(precision + 16):
            near_zero = near_zero.union(ball(possible.hit))
            near_one = near_one.union(ball(possible.miss))
    if problem.missing:
        with ctx.workprec(precision + 16):
            rest = arb(0).union(arb(fmpz(problem.missing)) * arb((1, -small)))
            near_zero, near_one = near_zero + rest, near_one + rest
    return enclosed(near_zero, near_one, "balls around binomial tails", precision)


class _Problem:
    """An event over the integers: one common denominator, equal groups merged, signs folded."""

    def __init__(self, event: Event, precision: int, limit: int, exact_signs: int) -> None:
        self.strict, self.basis = event.strict, event.basis
        self.precision, self.limit = precision, max(precision, limit)
        self.rows = len(event.thresholds)
        self.width = len(event.thresholds[0])
        self.balls: dict[int, list[arb]] = {}
        scale = lcm(*(c.denominator for c in _coefficients(event)))
        self.start = tuple(-int(c * scale) for row in event.thresholds for c in row)
        merged: dict[_Vector, int] = {}
        for weights, count in event.groups:
            vector = tuple(int(c * scale) for row in weights for c in row)
            leading = next((c for c in vector if c), 0)
            if leading and count:  # the law of a sign is symmetric, so v and -v are one group
                vector = vector if leading > 0 else tuple(-c for c in vector)
                merged[vector] = merged.get(vector, 0) + count
        ordered = sorted(merged.items(), key=lambda item: (item[1], item[0]))
        zero = (0,) * (self.rows * self.width)
        self.slope, self.big_count = ordered.pop() if ordered else (zero, 0)
        self.small = ordered
        signs = self.big_count + sum(count for _, count in ordered)
        self.exact = signs <= exact_signs
        # The laws of the small groups have masses in units of 2**-small_bits, some of it missing.
        self.small_bits = self.missing = 0

    def tallies(self) -> tuple[_Tally, _Tally]:
        """Sign vectors that surely, and that possibly, belong to the event."""
        sure, possible = _Tally(), _Tally()
        m = self.big_count
        for offset, weight in self._small_law().items():
            up_sure = up_possible = down_sure = down_possible = m + 1
            for row in range(self.rows):
                cut = slice(row * self.width, (row + 1) * self.width)
                up, down = self._half_lines(offset[cut], self.slope[cut])
                up_sure, up_possible = min(up_sure, up[0]), min(up_possible, up[1])
                down_sure, down_possible = min(down_sure, down[0]), min(down_possible, down[1])
            sure.record(m, up_sure, down_sure, weight)
            possible.record(m, up_possible, down_possible, weight)
        return sure, possible

    def _small_law(self) -> dict[_Vector, int]:
        """Multiplicities of the values of (sum over the small groups) - threshold."""
        reaches = [
            count if self.exact else _window(count, self.precision) for _, count in self.small
        ]
        states = prod(reach + 1 for reach in reaches)
        limit = SMALL_LIMIT if self.exact else WINDOW_LIMIT
        if states > limit:
            raise LawError(
                f"all groups but the largest have {states} sign sums, of which at most "
                f"{limit} are enumerated; group equal weights, or ask for an enclosure"
            )
        law, self.small_bits = {self.start: 1}, 0
        for (vector, count), reach in zip(self.small, reaches, strict=True):
            masses, bits = _masses(count, reach, self.precision)
            first = (count - reach) // 2
            following: dict[_Vector, int] = {}
            step = tuple(2 * c for c in vector)
            for value, weight in law.items():
                moved = tuple(
                    v - (count - 2 * first) * c for v, c in zip(value, vector, strict=True)
                )
                for mass in masses:
                    following[moved] = following.get(moved, 0) + weight * mass
                    moved = tuple(map(add, moved, step))
            law, self.small_bits = following, self.small_bits + bits
        self.missing = (1 << self.small_bits) - sum(law.values())
        return law

    def _half_lines(
        self, offset: _Vector, slope: _Vector
    ) -> tuple[tuple[int, int], tuple[int, int]]:
        """Where offset + K slope passes zero, for K = heads - tails of the big group.

        Returns the least number of heads, and the least number of tails, that surely and that
        possibly pass; m + 1 stands for "never".
        """
        never = self.big_count + 1
        sign = self._sign(slope)
        if sign == 0:
            constant = self._sign(offset)
            if constant is None:
                return (never, 0), (never, never)
            passes = constant > 0 or (constant == 0 and not self.strict)
            return (0 if passes else never, 0 if passes else never), (never, never)
        if sign is None:
            return (never, 0), (never, never)
        if sign > 0:
            return self._least_heads(offset, slope), (never, never)
        return (never, never), self._least_heads(offset, tuple(-c for c in slope))

    def _least_heads(self, offset: _Vector, slope: _Vector) -> tuple[int, int]:
        """The least j with offset + (2 j - m) slope > 0 (or >= 0), surely and possibly."""
        m = self.big_count
        if self.basis is None:
            top, bottom = m * slope[0] - offset[0], 2 * slope[0]
            j = top // bottom + 1 if self.strict else -(-top // bottom)
            return (min(max(j, 0), m + 1),) * 2
        sure, possible = m + 1, 0
        for level in self._levels():
            with ctx.workprec(level + m.bit_length()):
                basis = self._balls(level)
                bound = (m - _dot(offset, basis) / _dot(slope, basis)) / 2
                sure, possible = _integers_past(bound, m)
            if sure <= possible:
                break
            tie = bound.is_exact() or all(
                a + (2 * possible - m) * b == 0 for a, b in zip(offset, slope, strict=True)
            )
            if sure == possible + 1 and tie:
                return (sure, sure) if self.strict else (possible, possible)
        return sure, possible

    def _sign(self, vector: _Vector) -> int | None:
        """The sign of a combination of the basis; None when balls up to the limit leave it open."""
        if not any(vector):
            return 0
        if self.basis is None:
            return 1 if vector[0] > 0 else -1
        for level in self._levels():
            with ctx.workprec(level):
                value = _dot(vector, self._balls(level))
                if value > 0:
                    return 1
                if value < 0:
                    return -1
                if value.is_zero():
                    return 0
        return None

    def _levels(self) -> Iterable[int]:
        level = self.precision
        while level < self.limit:
            yield level
            level *= 2
        yield self.limit

    def _balls(self, level: int) -> list[arb]:
        if level not in self.balls:
            assert self.basis is not None
            balls = list(self.basis(level))
            if len(balls) != self.width:
                raise LawError(
                    f"the basis has {len(balls)} numbers, the weights {self.width} coefficients"
                )
            if not all(ball.is_finite() for ball in balls):
                raise LawError(f"the basis has no finite value at {level} bits")
            self.balls[level] = balls
        return self.balls[level]


def enumerable(counts: Sequence[int], precision: int, exact_signs: int = EXACT_SIGNS) -> bool:
    """Whether :func:`probability` takes groups of so many signs."""
    small = sorted(counts)[:-1]
    if sum(counts) <= exact_signs:
        return prod(count + 1 for count in small) <= SMALL_LIMIT
    return prod(_window(count, precision) + 1 for count in small) <= WINDOW_LIMIT


def _window(count: int, precision: int) -> int:
    """How far the sum of so many signs is followed: beyond lies less than 2**(1 - precision - 16).

    By Hoeffding's inequality Pr[|S| > r] <= 2 exp(-r**2 / (2 count)); all of it for few signs. The
    parity is that of `count`.
    """
    reach = isqrt(2 * count * (precision + 16) * 7 // 10) + 1  # log 2 < 7/10
    reach += (count - reach) % 2
    return count if reach >= count or count <= _WHOLE else reach


def _masses(count: int, reach: int, precision: int) -> tuple[list[int], int]:
    """The probabilities of the sums -reach, -reach + 2 .. reach, in units of 2**-bits, and bits.

    Exact where every sum is followed, rounded down otherwise.
    """
    if reach == count:
        ways, found = 1, []
        for k in range(count + 1):
            found.append(ways)
            ways = ways * (count - k) // (k + 1)
        return found, count
    bits = precision + 64
    k, middle = (count + 1) // 2, []
    with ctx.workprec(bits + 2 * count.bit_length() + 16):
        logarithm = arb(count + 1).lgamma() - arb(k + 1).lgamma() - arb(count - k + 1).lgamma()
        units = (logarithm - (count - bits) * arb(2).log()).exp()
        mass = int(units.lower().floor().fmpz())
    while 2 * k - count <= reach:
        middle.append(mass)
        mass = mass * (count - k) // (k + 1)
        k += 1
    return [*reversed(middle[1 - count % 2 :]), *middle], bits


def _coefficients(event: Event) -> Iterable[Fraction]:
    """Every coefficient of the event, after checking that the shapes agree."""
    if not event.thresholds:
        raise LawError("an event needs at least one row")
    rows, width = len(event.thresholds), len(event.thresholds[0])
    if width == 0 or (event.basis is None and width != 1):
        raise LawError(f"weights of {width} coefficients need a basis of that length")
    for place in (event.thresholds, *(weights for weights, _ in event.groups)):
        if len(place) != rows or any(len(row) != width for row in place):
            raise LawError(f"every group needs {rows} weights of {width} coefficients each")
        yield from (c for row in place for c in row)


def _dot(vector: _Vector, basis: list[arb]) -> arb:
    total = arb(0)
    for coefficient, ball in zip(vector, basis, strict=True):
        if coefficient:
            total += fmpz(coefficient) * ball
    return total


def _integers_past(bound: arb, m: int) -> tuple[int, int]:
    """The least j in 0 .. m + 1 that surely exceeds the bound, and the least that may reach it."""
    if not bound.is_finite():
        return m + 1, 0
    low, high = bound.lower(), bound.upper()
    possible = m + 1 if low > m else 0 if low <= 0 else int(low.ceil().fmpz())
    sure = 0 if high < 0 else m + 1 if high >= m else int(high.floor().fmpz()) + 1
    return sure, possible
