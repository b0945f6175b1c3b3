"""A second opinion on probabilities: mpmath adds up a finite sum of binomial probabilities.

Nothing of the exact laws is used: the numbers of plus signs in all groups but the largest are gone
through one by one. As any value of mpmath's, the result decides nothing.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import cache
from math import ceil, comb, prod
from operator import mul
from typing import Any

from verify.kernel.poly import Refused
from verify.language.term import Term
from verify.probe.opinion import NoValue, context_of, evaluate, rational_value

MAX_COMBINATIONS = 2_500
MAX_SIGNS = 20_000
GUARD = 5
"""Digits that rounding may cost."""


def reach(
    table: Sequence[Sequence[Term]],
    sizes: Sequence[int],
    threshold: Term,
    digits: int,
    *,
    strict: bool,
) -> Any:
    """The probability that for some line of weights the signs come to the threshold, or beyond it.

    Each line has a weight for every group of signs, ``sizes`` says how many signs are in a group.

    Raises:
        NoValue: a weight has no value, or a sum is too near the threshold to be told from it.
        Refused: there are too many combinations to look at.
    """
    context = context_of(digits)
    lines = list(dict.fromkeys(map(tuple, table)))
    terms = [threshold, *(weight for line in lines for weight in line)]
    known = [rational_value(term) for term in terms]
    exact = None not in known
    numbers: list[Any] = list(known) if exact else [evaluate(t, {}, digits) for t in terms]
    level, *flat = numbers
    width = len(sizes)
    weights = [flat[i * width : (i + 1) * width] for i in range(len(lines))]
    slack: Any = Fraction(0)
    if not exact:
        whole = sum(abs(w) * n for line in weights for w, n in zip(line, sizes, strict=True))
        slack = (abs(level) + whole) * context.mpf(10) ** (GUARD - digits)
    if len(lines) == 1:
        return _one_line(context, weights[0], sizes, level, slack, strict)
    total = 0
    for sums, ways in _combinations(sizes):
        gaps = [sum(map(mul, line, sums)) - level for line in weights]
        if any(gap > slack or (gap == 0 and exact and not strict) for gap in gaps):
            total += ways
        elif not exact and any(gap >= -slack for gap in gaps):
            raise NoValue("a sum that is nearly the threshold", True)
    return context.mpf(total) / context.mpf(2) ** sum(sizes)


def _combinations(sizes: Sequence[int]) -> Iterator[tuple[list[int], int]]:
    """All sums of signs that the groups can have, each with the number of ways."""
    if prod(size + 1 for size in sizes) > MAX_COMBINATIONS:
        raise Refused("the sums of so many signs are too many to list")
    for heads in itertools.product(*(range(size + 1) for size in sizes)):
        sums = [2 * count - size for count, size in zip(heads, sizes, strict=True)]
        yield sums, prod(map(comb, sizes, heads))


def _one_line(
    context: Any, weights: Sequence[Any], sizes: Sequence[int], level: Any, slack: Any, strict: bool
) -> Any:
    """The probability that one weighted sum comes to a level that is known up to some slack.

    The law of a sign is symmetric, so that only the size of a weight counts.
    """
    groups = sorted((n, abs(w)) for w, n in zip(weights, sizes, strict=True) if w and n)
    if not groups:
        return context.mpf(level < 0 or (level == 0 and not strict))
    (most, unit), rest = groups[-1], groups[:-1]
    if most > MAX_SIGNS:
        raise Refused("the sums of so many signs are too many to list")

    @cache
    def tail(start: int) -> Any:
        return _tail(context, most, start)

    total = context.mpf(0)
    for sums, ways in _combinations([n for n, _ in rest]):
        need = (level - sum(map(mul, (w for _, w in rest), sums))) / unit
        total += ways * tail(_least((need + most) / 2, slack / unit, most, strict))
    return total / context.mpf(2) ** sum(n for n, _ in rest)


def _least(heads: Any, slack: Any, most: int, strict: bool) -> int:
    """The least number of plus signs, among so many, that is at least ``heads``, or above it."""
    if heads < -slack:
        return 0
    if heads > most + slack:
        return most + 1
    nearest: int = round(heads)
    if abs(heads - nearest) > slack:
        above: int = ceil(heads)
        return above
    if slack:
        raise NoValue("a sum that is nearly the threshold", True)
    return nearest + strict


def _tail(context: Any, count: int, start: int) -> Any:
    """The probability of at least ``start`` plus signs among ``count``."""
    if start <= 0:
        return context.mpf(1)
    if 2 * start <= count:
        return 1 - _tail(context, count, count + 1 - start)
    if start > count:
        return context.mpf(0)
    term = context.mpf(comb(count, start))
    total = context.mpf(0)
    for heads in range(start, count + 1):
        total += term
        term = term * (count - heads) / (heads + 1)
        if term < total * context.eps / count:
            break
    return total / context.mpf(2) ** count
