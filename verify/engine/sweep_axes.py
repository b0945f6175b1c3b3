"""What a sweep goes through: the values of each parameter, as a grid or as a seeded sample."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias

from flint import arb, fmpq

from verify.engine.settings import SettingError
from verify.kernel.ball import precision
from verify.kernel.point import Evaluator, Undecided, Undefined
from verify.kernel.poly import rational
from verify.language.grammar import ExpressionError, parse_term
from verify.language.render import text
from verify.language.statement import Statement
from verify.language.term import Num, Term, free_names, num

MAX_VALUES = 10_000_000
Value: TypeAlias = fmpq | Term
"""A rational number, or a constant term with an irrational value."""

SAMPLE_BLOCK = 1_000
"""Points of a sample that share one generator, so that any part of it can be drawn by itself."""
STEPS = 10**6
"""A sampled value of a range is one of so many equally spaced ones."""


@dataclass(frozen=True)
class Axis:
    """The values of one parameter: a list of constants, or ``count`` numbers of a range.

    Constants are kept as text: terms belong to one process.
    """

    name: str
    listed: tuple[str, ...] = ()
    low: Fraction = Fraction(0)
    high: Fraction = Fraction(0)
    count: int = 1
    integer: bool = False
    logarithmic: bool = False

    def value(self, index: int) -> Value:
        """The value with an index from 0 to ``count - 1``."""
        if self.listed:
            return _value(_constant(self.name, self.listed[index]))
        return self._between(fmpq(index, max(1, self.count - 1)))

    def drawn(self, source: random.Random) -> Value:
        """A random value."""
        if self.listed:
            return self.value(source.randrange(self.count))
        if self.integer and not self.logarithmic:
            return fmpq(source.randint(int(self.low), int(self.high)))
        return self._between(fmpq(source.randrange(STEPS + 1), STEPS))

    def _between(self, part: fmpq) -> fmpq:
        low, high = rational(self.low), rational(self.high)
        if part in (0, 1):
            return high if part else low
        found = _geometric(low, high, part) if self.logarithmic else low + (high - low) * part
        return fmpq((found + fmpq(1, 2)).floor()) if self.integer else found

    def place(self, value: Fraction) -> Fraction:
        """How far along a range a value lies, from 0 to 1, for a picture."""
        if self.logarithmic:
            with precision(64):
                whole = arb(rational(self.high / self.low)).log()
                part = (arb(rational(value / self.low)).log() / whole).mid().fmpq()
            return Fraction(int(part.p), int(part.q))
        return (value - self.low) / (self.high - self.low)

    @property
    def ends(self) -> tuple[str, str]:
        """The first and the last value, for the margins of a picture."""
        return shown(self.value(0)), shown(self.value(self.count - 1))


def _geometric(low: fmpq, high: fmpq, part: fmpq) -> fmpq:
    """About ``low (high/low)^part``: a number with few digits."""
    with precision(64):
        exact = (arb(low) * (arb(high / low) ** arb(part))).mid().fmpq()
    digits = len(str(exact.p)) - len(str(exact.q))
    scale = fmpq(10) ** (5 - digits)
    return fmpq((exact * scale + fmpq(1, 2)).floor()) / scale


def _value(term: Term) -> Value:
    return rational(term.value) if isinstance(term, Num) else term


def as_term(value: Value) -> Term:
    """A value as a term."""
    return num(Fraction(int(value.p), int(value.q))) if isinstance(value, fmpq) else value


def shown(value: Value) -> str:
    """A value as ``--set`` takes it."""
    return str(value) if isinstance(value, fmpq) else text(value)


def axis_of(statement: Statement, setting: str) -> Axis:
    """Read ``NAME=LOW..HIGH:COUNT`` (``:log`` for geometric steps), or ``NAME=A,B,..``.

    Raises:
        SettingError: it is not of this form, or not for this parameter.
    """
    name, equals, values = (part.strip() for part in setting.partition("="))
    params = {param.name: param for param in statement.params}
    if not equals or not values:
        raise SettingError(f"{setting!r} is not a range: write NAME=LOW..HIGH:COUNT or NAME=A,B,..")
    if name not in params:
        raise SettingError(
            f"{statement.id} has no parameter {name} to sweep; it has {', '.join(params) or 'none'}"
        )
    integer = params[name].integer
    if ".." not in values:
        listed = tuple(_constant(name, part) for part in values.split(","))
        if integer and not all(isinstance(v, Num) and v.value.denominator == 1 for v in listed):
            raise SettingError(f"the values of {name} must be integers, got {values}")
        shown = tuple(text(value) for value in listed)
        return Axis(name, shown, count=len(shown), integer=integer)
    span, *rest = values.split(":")
    low, high = (_number(name, part) for part in span.split("..", 1))
    logarithmic = "log" in rest
    counts = [part for part in rest if part != "log"]
    if low >= high:
        raise SettingError(f"the range of {name} is empty: {span}")
    if integer and (low.denominator, high.denominator) != (1, 1):
        raise SettingError(f"the ends of the range of {name} must be integers, got {span}")
    if logarithmic and low <= 0:
        raise SettingError(
            f"geometric steps of {name} need a range of positive numbers, got {span}"
        )
    whole = int(high - low) + 1
    if counts:
        count = _count(name, counts)
    elif integer and not logarithmic:
        count = whole
    else:
        raise SettingError(f"say how many values of {name}: {name}={values}:100")
    if integer:
        count = min(count, whole)
    if count > MAX_VALUES:
        raise SettingError(f"{name} has {count} values; at most {MAX_VALUES} are possible")
    return Axis(name, (), low, high, count, integer, logarithmic)


def _count(name: str, counts: Sequence[str]) -> int:
    if len(counts) != 1 or not counts[0].isdecimal() or not 2 <= int(counts[0]) <= MAX_VALUES:
        raise SettingError(
            f"the number of values of {name} must be from 2 to {MAX_VALUES}, "
            f"got {':'.join(counts)!r}"
        )
    return int(counts[0])


def _constant(name: str, value: str) -> Term:
    try:
        term = parse_term(value)
    except ExpressionError as error:
        raise SettingError(f"a value of {name}: {error.pointed()}") from error
    if free_names(term):
        raise SettingError(f"a value of {name} mentions {', '.join(sorted(free_names(term)))}")
    try:
        exact = Evaluator({}).exact(term)
    except (Undefined, Undecided) as error:
        raise SettingError(f"a value of {name} is undefined or out of reach: {error}") from error
    return term if exact is None else num(exact)


def _number(name: str, value: str) -> Fraction:
    term = _constant(name, value)
    if not isinstance(term, Num):
        raise SettingError(
            f"the ends of the range of {name} must be rational, got {value}; "
            f"list the values: {name}={value},.."
        )
    return term.value


@dataclass(frozen=True)
class Points:
    """The points of a sweep, by number: a grid, the last axis fastest, or a seeded sample."""

    axes: tuple[Axis, ...]
    sample: int | None = None
    seed: int = 0

    @property
    def count(self) -> int:
        """How many points there are."""
        return math.prod(axis.count for axis in self.axes) if self.sample is None else self.sample

    def block(self, start: int, stop: int) -> list[tuple[Value, ...]]:
        """The points with the numbers from ``start`` to ``stop - 1``."""
        if self.sample is not None:
            return self._sampled(start, stop)
        found: list[tuple[Value, ...]] = []
        known: dict[tuple[int, int], Value] = {}
        for number in range(start, stop):
            point = []
            for which, index in enumerate(self.indices(number)):
                if (which, index) not in known:
                    known[which, index] = self.axes[which].value(index)
                point.append(known[which, index])
            found.append(tuple(point))
        return found

    def indices(self, number: int) -> tuple[int, ...]:
        """Where on its axes a point of the grid lies."""
        found = []
        for axis in reversed(self.axes):
            number, index = divmod(number, axis.count)
            found.append(index)
        return tuple(reversed(found))

    def _sampled(self, start: int, stop: int) -> list[tuple[Value, ...]]:
        found: list[tuple[Value, ...]] = []
        for block in range(start // SAMPLE_BLOCK, (stop - 1) // SAMPLE_BLOCK + 1):
            source = random.Random(f"{self.seed}:{block}")
            first = block * SAMPLE_BLOCK
            for number in range(first, min(stop, first + SAMPLE_BLOCK)):
                point = tuple(axis.drawn(source) for axis in self.axes)
                if number >= start:
                    found.append(point)
        return found

    def cell(self, number: int, point: Mapping[str, str], size: int) -> tuple[int, ...]:
        """Where a point lies on the first two axes, each cut into so many parts."""
        if self.sample is None:
            pairs = list(zip(self.indices(number), self.axes, strict=True))[:2]
            return tuple(index * size // axis.count for index, axis in pairs)
        return tuple(
            axis.listed.index(point[axis.name]) * size // axis.count
            if axis.listed
            else min(size - 1, int(axis.place(Fraction(point[axis.name])) * size))
            for axis in self.axes[:2]
        )


def axes_of(statement: Statement, over: Sequence[str]) -> tuple[Axis, ...]:
    """The axes of ``--over`` options.

    Raises:
        SettingError: one cannot be read, or two are about the same parameter.
    """
    axes = tuple(axis_of(statement, setting) for setting in over)
    names = [axis.name for axis in axes]
    twice = [name for name in dict.fromkeys(names) if names.count(name) > 1]
    if twice:
        raise SettingError(f"{twice[0]} is swept twice")
    return axes
