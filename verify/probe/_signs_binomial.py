"""Upper tails of the fair binomial law, as exact integers and as balls.

Write U(m, j) for the number of subsets of an m-set that have at least j elements, so that
U(m, j) / 2**m is the probability that at least j of m fair coins show heads.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import isqrt

from flint import acb, arb, ctx, fmpz

# Below this size a ball is read off the exact integer, which is faster than an integral.
_EXACT_SIZE = 8192
# A gap between two tails of up to this many terms is summed; a new integral costs about as much.
# Each term costs a rounding: the working precision has room for 2**24 of them.
_WALK = 4000


def weighted_count(m: int, weights: Mapping[int, int]) -> int:
    """The exact integer sum of weights[j] * U(m, j), for j in 0 .. m + 1."""
    total, folded = fmpz(0), dict[int, int]()
    for j, weight in weights.items():
        if 2 * j > m:
            folded[j] = folded.get(j, 0) + weight
        else:  # U(m, j) = 2**m - U(m, m + 1 - j) keeps every sum in the upper half
            total += fmpz(weight) << m
            folded[m + 1 - j] = folded.get(m + 1 - j, 0) - weight
    if not folded:
        return int(total)
    middle = m // 2 + 1
    if max(folded) - middle < m - min(folded):
        return int(total + _from_the_middle(m, folded))
    return int(total + _from_the_end(m, folded))


def _from_the_middle(m: int, weights: Mapping[int, int]) -> fmpz:
    j, total = m // 2 + 1, fmpz(0)
    term = fmpz.bin_uiui(m, j) if j <= m else fmpz(0)
    tail = (fmpz(1) << m) >> 1 if m % 2 else ((fmpz(1) << m) - fmpz.bin_uiui(m, m // 2)) >> 1
    for stop in sorted(weights):
        while j < stop:
            tail -= term
            j += 1
            term = term * (m - j + 1) // j
        total += tail * weights[stop]
    return total


def _from_the_end(m: int, weights: Mapping[int, int]) -> fmpz:
    j, term, tail, total = m + 1, fmpz(1), fmpz(0), fmpz(0)
    for stop in sorted(weights, reverse=True):
        while j > stop:
            j -= 1
            tail += term
            term = term * j // (m - j + 1)
        total += tail * weights[stop]
    return total


def weighted_probability(m: int, weights: Mapping[int, int], precision: int) -> arb:
    """A ball around the sum of weights[j] * U(m, j) / 2**m, for positive weights.

    The relative accuracy is about `precision` bits. Any m will do: 10**30 costs as much as 10**5.
    """
    if m < max(_EXACT_SIZE, 64 * precision):
        with ctx.workprec(precision + 8):
            return arb(fmpz(weighted_count(m, weights))) * arb((1, -m))
    work = precision + m.bit_length() + 40
    with ctx.workprec(work):
        total, tail, term, place = arb(0), arb(0), _term(m, m, work), m + 1
        for j in sorted(weights, reverse=True):
            if j > m:
                continue
            if j <= 0:
                total += weights[j]
                continue
            if place - j <= _WALK:
                while place > j:
                    place -= 1
                    tail += term
                    term = term * place / (m - place + 1)
            else:
                tail, term, place = tail_ball(m, j, work), _term(m, j - 1, work), j
            total += tail * weights[j]
    return total


def tail_ball(m: int, j: int, precision: int) -> arb:
    """A ball around U(m, j) / 2**m for 1 <= j <= m and m >= 64 * precision."""
    with ctx.workprec(precision + m.bit_length()):
        if 2 * j <= m:
            return 1 - _upper_half(m, m + 1 - j, precision)
        return _upper_half(m, j, precision)


def _upper_half(m: int, j: int, precision: int) -> arb:
    """U(m, j) / 2**m for j > m / 2, by a rigorous integral.

    The incomplete beta function gives the probability as the integral over [0, 1/2] of
    t**h (1 - t)**l dt / B(h + 1, l + 1) with h = j - 1 >= l = m - j. With t = (1 - y) / 2 this is
    2**-m / B times the integral over [0, 1] of g(y) = (1 - y)**h (1 + y)**l. Here

        log g = -(h - l)/2 (log(1 + y) - log(1 - y)) + (m - 1)/2 log(1 - y**2),

    which stays accurate where h and l nearly cancel, and (log g)' <= -(h - l) - h y, because
    h/(1 - y) >= h + h y and l/(1 + y) <= l. So the part beyond Y is at most
    g(Y) / (h - l + h Y). The unit of length is 1/scale, where g decays.
    """
    high, low = j - 1, m - j
    lean, sum_ = high - low, m - 1
    work = precision + 2 * m.bit_length() + 32
    scale = max(lean, isqrt(sum_) + 1)
    # The least whole number of units after which g < 2**-(precision + 16), nearly.
    goal, linear = precision + 16, lean * scale
    end = (isqrt(linear * linear + 2 * sum_ * scale * scale * goal) - linear) // sum_ + 1
    with ctx.workprec(work):
        unit, half_lean, half_sum = arb(1) / scale, arb(lean) / 2, arb(sum_) / 2

        def decay(z: acb, analytic: bool) -> acb:
            y = z * unit
            ratio = (1 + y).log(analytic=analytic) - (1 - y).log(analytic=analytic)
            square = (1 - y * y).log(analytic=analytic)
            return (half_sum * square - half_lean * ratio).exp()

        body = acb.integral(
            decay,
            0,
            end,
            rel_tol=arb((1, -precision - 8)),
            abs_tol=arb((1, -precision - 24)),
        ).real
        beyond = decay(acb(end), False).real * scale / (lean + high * end * unit)
        body += arb(0).union(beyond.upper())
        constant = arb(m + 1).lgamma() - arb(j).lgamma() - arb(low + 1).lgamma()
        tail = (constant - m * arb(2).log()).exp() * body * unit
        return tail if tail.is_finite() else arb(0).union(1)


def _term(m: int, j: int, precision: int) -> arb:
    """The probability of exactly j heads."""
    with ctx.workprec(precision + m.bit_length()):
        log_term = arb(m + 1).lgamma() - arb(j + 1).lgamma() - arb(m - j + 1).lgamma()
        return (log_term - m * arb(2).log()).exp()
