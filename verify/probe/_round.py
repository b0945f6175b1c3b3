"""From where a search in floating point ends to exact candidates nearby."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from fractions import Fraction

from verify.language.term import Num, Term
from verify.probe._simple import DENOMINATORS, FINE_DENOMINATORS, near, recognised

MAX_EXACT = 40
MAX_WHOLE = 16


def rounded(
    names: Sequence[str], values: Sequence[float], integers: frozenset[str]
) -> list[dict[str, Fraction]]:
    """Rational points near a float one, all coordinates with the same bound on denominators,
    simplest first; integer variables are rounded down and up."""
    if not all(math.isfinite(value) for value in values):
        return []
    wholes = [name for name in names if name in integers]
    rows: list[dict[str, Fraction]] = []
    for bound in (*DENOMINATORS, *FINE_DENOMINATORS):
        row = {
            name: Fraction(value).limit_denominator(bound)
            for name, value in zip(names, values, strict=True)
        }
        rows.extend(_whole(row, wholes))
    unique = {tuple(row.values()): row for row in reversed(rows)}
    return list(reversed(unique.values()))


def _whole(row: dict[str, Fraction], wholes: list[str]) -> Iterator[dict[str, Fraction]]:
    nearest = {name: Fraction(round(row[name])) for name in wholes}
    yield {**row, **nearest}
    choices = [(math.floor(row[name]), math.ceil(row[name])) for name in wholes]
    for pick in itertools.islice(itertools.product(*choices), MAX_WHOLE):
        yield {**row, **dict(zip(wholes, map(Fraction, pick), strict=True))}


def exact_nearby(
    names: Sequence[str], values: Sequence[float], integers: frozenset[str]
) -> Iterator[dict[str, Term]]:
    """Points of short rational and irrational constants that agree with a float point to about
    six digits."""
    options: list[list[Term]] = []
    for name, value in zip(names, values, strict=True):
        rationals: list[Term] = [
            Num(guess)
            for guess in near(value, (1,) if name in integers else (1, 12, 60))
            if abs(float(guess) - value) <= 1e-5 * max(1.0, abs(value))
        ]
        constants = [] if name in integers or rationals else recognised(value)
        options.append([*rationals[:1], *itertools.islice(constants, 4)])
    for pick in itertools.islice(itertools.product(*options), MAX_EXACT):
        yield dict(zip(names, pick, strict=True))
