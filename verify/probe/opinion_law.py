"""A second opinion on probabilities: mpmath adds up a finite sum of binomial probabilities.

Nothing of the exact laws is used: the numbers of plus signs in all groups but the largest are gone
through one by one. As any value of mpmath's, the result decides nothing.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from functools import cache
from math import comb, prod
from typing import Any

from verify.kernel.poly import Refused
from verify.language.term import Term
from verify.probe.opinion import context_of, evaluate

MAX_COMBINATIONS = 2_500
MAX_SIGNS = 20_000


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
    Sums that are nearly equal to the threshold count as equal to it.

    Raises:
        NoValue: a weight has no value.
        Refused: there are too many combinations to look at.
    """
    context = context_of(digits)
    lines = list(dict.fromkeys(map(tuple, table)))
    weights = [[evaluate(weight, {}, digits) for weight in line] for line in lines]
    level = evaluate(threshold, {}, digits)
    scale = 1 + abs(level) + sum(abs(weight) for line in weights for weight in line)
    near = scale * context.mpf(10) ** (-digits * 2 // 3)
    least = level + near if strict else level - near
    if len(lines) == 1:
        return _one_line(context, weights[0], sizes, least)
    total = sum(
        ways
        for sums, ways in _combinations(sizes)
        if any(context.fdot(line, sums) > least for line in weights)
    )
    return context.mpf(total) / context.mpf(2) ** sum(sizes)


def _combinations(sizes: Sequence[int]) -> Iterator[tuple[list[int], int]]:
    """All sums of signs that the groups can have, each with the number of ways."""
    if prod(size + 1 for size in sizes) > MAX_COMBINATIONS:
        raise Refused("the sums of so many signs are too many to list")
    for heads in itertools.product(*(range(size + 1) for size in sizes)):
        sums = [2 * count - size for count, size in zip(heads, sizes, strict=True)]
        yield sums, prod(map(comb, sizes, heads))


def _one_line(context: Any, weights: Sequence[Any], sizes: Sequence[int], least: Any) -> Any:
    """The probability that one weighted sum exceeds a number that it never equals.

    The law of a sign is symmetric, so that only the size of a weight counts.
    """
    groups = sorted((n, abs(w)) for w, n in zip(weights, sizes, strict=True) if w and n)
    if not groups:
        return context.mpf(least < 0)
    (most, unit), rest = groups[-1], groups[:-1]
    if most > MAX_SIGNS:
        raise Refused("the sums of so many signs are too many to list")

    @cache
    def tail(start: int) -> Any:
        return _tail(context, most, start)

    total = context.mpf(0)
    for sums, ways in _combinations([n for n, _ in rest]):
        need = (least - context.fdot([w for _, w in rest], sums)) / unit
        total += ways * tail(int(context.floor((need + most) / 2)) + 1)
    return total / context.mpf(2) ** sum(n for n, _ in rest)


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
