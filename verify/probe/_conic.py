"""Rational points on a quadric near a given float point.

A line through one rational point of a quadric, in a rational direction, meets it in one more point,
which is rational too. So one rational solution of a quadratic equation leads to all others.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction

from verify.kernel.point import Evaluator, Undecided, Undefined
from verify.kernel.poly import Refused
from verify.language.term import Num, Term

PRECISIONS = (1, 2, 5, 12, 60, 1_000, 10**5, 10**7)

Values = dict[str, Fraction]


def exact_value(term: Term, values: Mapping[str, Fraction]) -> Fraction | None:
    """The value of a term at a rational point, where it is rational."""
    try:
        return Evaluator({name: Num(value) for name, value in values.items()}, 64).exact(term)
    except (Refused, Undefined, Undecided, OverflowError):
        return None


def on_quadric(
    difference: Term, start: Mapping[str, Fraction], target: Sequence[float]
) -> Iterator[Values]:
    """Rational points near ``target`` at which a quadratic ``difference`` is zero, given one."""
    for bound in PRECISIONS:
        steps = {
            name: Fraction(goal).limit_denominator(bound) - start[name]
            for name, goal in zip(start, target, strict=True)
        }
        found = _second_meeting(difference, start, steps)
        if found is not None:
            yield found


def _second_meeting(
    difference: Term, start: Mapping[str, Fraction], steps: Mapping[str, Fraction]
) -> Values | None:
    """Where the line from ``start`` along ``steps`` meets the quadric again."""

    def along(time: Fraction) -> Values:
        return {name: value + time * steps[name] for name, value in start.items()}

    forth, back, far = (exact_value(difference, along(Fraction(t))) for t in (1, -1, 2))
    if forth is None or back is None or far is None:
        return None
    square, slope = (forth + back) / 2, (forth - back) / 2
    if not square or far != 4 * square + 2 * slope:
        return None
    return along(-slope / square)
