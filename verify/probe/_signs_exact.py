"""Exact counts for one sum of many differently weighted signs: by polynomials, or by two halves.

Both count the sign vectors with sum >= bound, for positive integer weights with multiplicities.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from heapq import heapify, heappop, heappush
from itertools import accumulate
from math import comb, gcd, prod
from typing import TYPE_CHECKING

from flint import fmpz, fmpz_poly

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

IntGroup = tuple[int, int]  # weight, multiplicity

# Largest degree and largest size in bits of a generating polynomial.
_DEGREE_LIMIT = 1 << 20
_BITS_LIMIT = 1 << 28
# Largest number of sign sums in one half.
HALF_LIMIT = 1 << 20
# Sums and counts below this provably fit signed 64-bit integers.
_WORD = 1 << 62


def polynomial_fits(groups: Sequence[IntGroup]) -> bool:
    """Whether the generating polynomial is small enough to be multiplied out."""
    unit = gcd(*(weight for weight, _ in groups))
    degree = sum(weight // unit * count for weight, count in groups)
    signs = sum(count for _, count in groups)
    return degree <= _DEGREE_LIMIT and degree * signs <= _BITS_LIMIT


def count_by_polynomial(groups: Sequence[IntGroup], bound: int) -> int:
    """Read the count off the coefficients of the product of (1 + x**weight)**multiplicity."""
    unit = gcd(*(weight for weight, _ in groups))
    # With k_g plus signs, the sum is 2 sum w_g k_g - sum w_g m_g.
    total = sum(weight * count for weight, count in groups)
    first = -(-(bound + total) // (2 * unit))
    factors = [
        fmpz_poly([comb(count, k) for k in range(count + 1)]).inflate(weight // unit)
        for weight, count in groups
    ]
    queue = [(factor.degree(), place, factor) for place, factor in enumerate(factors)]
    heapify(queue)
    while len(queue) > 1:  # shortest first keeps the factors balanced
        _, place, left = heappop(queue)
        _, _, right = heappop(queue)
        product = left * right
        heappush(queue, (product.degree(), place, product))
    product = queue[0][2]
    return int(sum((product[i] for i in range(max(first, 0), len(product))), fmpz(0)))


def halves(groups: Sequence[IntGroup]) -> tuple[list[IntGroup], list[IntGroup]]:
    """Split the groups so that both halves have about as many sign sums."""
    left: list[IntGroup] = []
    right: list[IntGroup] = []
    for group in sorted(groups, key=lambda item: (item[1], item[0]), reverse=True):
        (left if sums(left) <= sums(right) else right).append(group)
    return left, right


def sums(groups: Sequence[IntGroup]) -> int:
    """The number of sign sums of the groups, equal values counted apart."""
    return prod(count + 1 for _, count in groups)


def count_by_halves(groups: Sequence[IntGroup], bound: int) -> int:
    """Meet in the middle: pair every sum of one half with the large enough ones of the other.

    In 64-bit integers when all sums and counts provably fit, in Python integers otherwise.
    """
    left, right = halves(groups)
    signs = sum(count for _, count in groups)
    total = sum(weight * count for weight, count in groups)
    if total < _WORD and abs(bound) < _WORD and signs <= 62:
        return _count_words(left, right, bound)
    return _count_integers(left, right, bound)


def _count_words(left: list[IntGroup], right: list[IntGroup], bound: int) -> int:
    # Imported where it is used: most laws are counted without NumPy, which takes a while to load.
    import numpy as np  # noqa: PLC0415

    left_values, left_ways = _word_law(left)
    right_values, right_ways = _word_law(right)
    ways_from = np.append(np.cumsum(right_ways[::-1])[::-1], 0)
    # bound - left stays below 2**63 because both are below 2**62.
    first = np.searchsorted(right_values, bound - left_values, side="left")
    return int(np.dot(left_ways, ways_from[first]))


def _word_law(groups: list[IntGroup]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    import numpy as np  # noqa: PLC0415

    values, ways = np.zeros(1, np.int64), np.ones(1, np.int64)
    for weight, count in groups:
        plus = np.arange(count + 1, dtype=np.int64)
        values = np.add.outer((2 * plus - count) * weight, values).ravel()
        binomials = np.array([comb(count, k) for k in range(count + 1)], np.int64)
        ways = np.multiply.outer(binomials, ways).ravel()
    order = np.argsort(values, kind="stable")
    return values[order], ways[order]


def _count_integers(left: list[IntGroup], right: list[IntGroup], bound: int) -> int:
    left_law, right_law = integer_law(left), integer_law(right)
    right_values = sorted(right_law)
    ways_from = [0, *accumulate(right_law[value] for value in reversed(right_values))]
    count, size = 0, len(right_values)
    for value, ways in left_law.items():
        count += ways * ways_from[size - bisect_left(right_values, bound - value)]
    return count


def integer_law(groups: Sequence[IntGroup]) -> dict[int, int]:
    """The number of sign vectors for each value of the sum."""
    law = {0: 1}
    for weight, count in groups:
        following: dict[int, int] = {}
        for k in range(count + 1):
            step, ways = (2 * k - count) * weight, comb(count, k)
            for value, multiplicity in law.items():
                following[value + step] = following.get(value + step, 0) + multiplicity * ways
        law = following
    return law
