"""Exact counts for two large groups of signs, and for few groups on a coarse lattice.

Both avoid the convolution of long laws: they follow one sequence of binomial coefficients, or of
coefficients of a generating polynomial, whose neighbours are small rational multiples of each
other, and add up on the way.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from math import gcd, prod

from flint import fmpz

from verify.probe._signs_binomial import weighted_count
from verify.probe._signs_exact import IntGroup

# Moves of a path whose small ratios are multiplied before they meet the long integers.
_BLOCK = 160


def count_by_path(first: IntGroup, second: IntGroup, bound: int) -> int:
    """Sign vectors of two groups with sum >= bound, for positive weights.

    This is the sum over k of C(m, k) U(l, j(k)), for k plus signs of the first group and U(l, j)
    subsets of at least j of the l signs of the second; j(k) falls as k grows. The path of the
    pairs (k, j(k)) has at most m + l moves, each of which multiplies C(m, k) or C(l, j) by a ratio
    of small integers.
    """
    (weight, m), (other, size) = first, second

    def least(k: int) -> int:
        """The plus signs needed of the second group."""
        return -(-(bound - weight * (2 * k - m) + other * size) // (2 * other))

    # Below `start` no signs of the second group are enough, from `stop` on all are.
    start = _first_at_most(m, least, size)
    stop = _first_at_most(m, least, 0)
    total = fmpz(weighted_count(m, {stop: 1})) << size
    if start >= stop:
        return int(total)
    j = least(start)
    ways = fmpz.bin_uiui(m, start)
    state = _Path(ways * weighted_count(size, {j: 1}), ways * fmpz.bin_uiui(size, j))
    state.record()
    for k in range(start, stop - 1):
        state.scale(m - k, k + 1)
        for step in range(j, least(k + 1), -1):
            state.lower(step, size - step + 1)
        j = least(k + 1)
        state.record()
        if state.moves >= _BLOCK:
            state.settle()
    state.settle()
    return int(total + state.total)


def _first_at_most(m: int, least: Callable[[int], int], value: int) -> int:
    """The first k in 0 .. m + 1 with least(k) <= value, for `least` that falls."""
    low, high = 0, m + 1
    while low < high:
        middle = (low + high) // 2
        if least(middle) <= value:
            high = middle
        else:
            low = middle + 1
    return low


class _Path:
    """The total so far, with a tail (times the ways of the first group) and its last term.

    Since the last settlement the total has grown by (a tail + b term) / d, the tail has become
    (p tail + q term) / d, and the term r term / d, with a, b, p, q, r and d short. All three are
    whole numbers at every point of the path, so that the divisions are exact.
    """

    def __init__(self, tail: fmpz, term: fmpz) -> None:
        self.total, self.tail, self.term = fmpz(0), tail, term
        self._clear()

    def _clear(self) -> None:
        self.a, self.b, self.q = fmpz(0), fmpz(0), fmpz(0)
        self.p, self.r, self.d = fmpz(1), fmpz(1), fmpz(1)
        self.moves = 0

    def scale(self, top: int, bottom: int) -> None:
        """The ways of the first group are multiplied by top / bottom."""
        self.p *= top
        self.q *= top
        self.r *= top
        self._over(bottom)

    def lower(self, top: int, bottom: int) -> None:
        """The next term is the last one times top / bottom, and belongs to the tail."""
        self.r *= top
        self.q = self.q * bottom + self.r
        self.p *= bottom
        self._over(bottom)

    def _over(self, bottom: int) -> None:
        self.d *= bottom
        self.a *= bottom
        self.b *= bottom
        self.moves += 1

    def record(self) -> None:
        """Add the tail to the total."""
        self.a += self.p
        self.b += self.q

    def settle(self) -> None:
        """Carry out what has been collected."""
        self.total += (self.a * self.tail + self.b * self.term) // self.d
        self.tail = (self.p * self.tail + self.q * self.term) // self.d
        self.term = self.r * self.term // self.d
        self._clear()


def path_seconds(groups: Sequence[IntGroup]) -> float:
    """About how long :func:`count_by_path` takes for all sums of the groups but the two largest."""
    counts = sorted(count for _, count in groups)
    moves = sum(counts[-2:])
    each = 2e-5 + moves * (8e-7 + 1.6e-11 * moves)
    return prod(count + 1 for count in counts[:-2]) * each


def recurrence_seconds(groups: Sequence[IntGroup]) -> float:
    """About how long :func:`count_by_recurrence` takes."""
    unit = gcd(*(weight for weight, _ in groups))
    width = sum(weight // unit for weight, _ in groups)
    degree = sum(weight // unit * count for weight, count in groups)
    signs = sum(count for _, count in groups)
    terms = 1 + min(width, 1 << len(groups))
    return degree / 2 * terms * (3e-7 + 2e-11 * signs) + 3e-7 * len(groups) ** 2 * width


def count_by_recurrence(groups: Sequence[IntGroup], bound: int) -> int:
    """Sign vectors with sum >= bound, for few groups whose positive weights are small integers.

    The generating polynomial P, the product of (1 + x**w)**m, satisfies Q P' = R P with Q the
    product of the 1 + x**w and R the sum of m w x**(w-1) Q / (1 + x**w). So its coefficients are

        N p_N = sum over i = 1 .. deg Q of (R_(i-1) - Q_i (N - i)) p_(N-i),

    and P is a palindrome, so that the shorter end is added up.
    """
    unit = gcd(*(weight for weight, _ in groups))
    scaled = [(weight // unit, count) for weight, count in groups]
    degree = sum(weight * count for weight, count in scaled)
    # With k_g plus signs, the sum is 2 sum w_g k_g - sum w_g m_g.
    first = -(-(bound + degree * unit) // (2 * unit))
    if first <= 0 or first > degree:
        return 1 << sum(count for _, count in scaled) if first <= 0 else 0
    upper = 2 * first > degree
    count = _partial_sum(scaled, degree - first if upper else first - 1)
    return int(count) if upper else (1 << sum(m for _, m in scaled)) - int(count)


def _partial_sum(groups: Sequence[IntGroup], last: int) -> fmpz:
    """The sum of the coefficients 0 .. last of the generating polynomial."""
    q = _times_binomials([1], [weight for weight, _ in groups])
    r = [0] * (len(q) - 1)
    for place, (weight, count) in enumerate(groups):
        others = [other for at, (other, _) in enumerate(groups) if at != place]
        for power, coefficient in enumerate(_times_binomials([1], others)):
            r[power + weight - 1] += count * weight * coefficient
    terms = [(i, r[i - 1], q[i]) for i in range(1, len(q)) if r[i - 1] or q[i]]
    recent = deque([fmpz(0)] * (len(q) - 2) + [fmpz(1)], maxlen=len(q) - 1)
    total = fmpz(1)
    for n in range(1, last + 1):
        value = sum(
            (recent[-i] * (constant - slope * (n - i)) for i, constant, slope in terms), fmpz(0)
        )
        recent.append(value // n)
        total += recent[-1]
    return total


def _times_binomials(polynomial: list[int], weights: Sequence[int]) -> list[int]:
    """The polynomial times the product of 1 + x**w."""
    for weight in weights:
        longer = polynomial + [0] * weight
        for power, value in enumerate(polynomial):
            longer[power + weight] += value
        polynomial = longer
    return polynomial
