"""Definitions taken literally: every sum added up term by term, in exact rational arithmetic.

This shares nothing with the rules that unfold definitions into closed forms, so that each can be
checked against the other at small sizes.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from verify.language.statement import Statement
from verify.language.sympy_terms import to_term
from verify.language.term import (
    Add,
    And,
    Call,
    Const,
    Delta,
    Div,
    Entry,
    Formula,
    Mul,
    Neg,
    Not,
    Num,
    Or,
    Pow,
    Rel,
    Sum,
    Sym,
    Term,
    compare,
)

MAX_STEPS = 400_000

Opaque = Callable[[str, tuple[Fraction, ...]], Fraction]
"""The value of an entry that no definition explains, by its name and its indices."""


class NotLiteral(ValueError):
    """A term that has no exact rational value here, or too long a sum: says which and why."""


def no_data(name: str, indices: tuple[Fraction, ...]) -> Fraction:
    """For statements whose definitions explain every entry."""
    raise NotLiteral(f"{name}[{', '.join(map(str, indices))}] has no definition and no value")


def seeded(seed: int, size: int = 3) -> Opaque:
    """Integers in ``-size .. size`` for every entry, the same for the same seed, name and indices.

    An unknown function is covered as well: it has one value for each argument.
    """

    def value(name: str, indices: tuple[Fraction, ...]) -> Fraction:
        shown = f"{seed}:{name}[{','.join(map(str, indices))}]"
        return Fraction(random.Random(shown).randint(-size, size))

    return value


@dataclass(frozen=True)
class World:
    """Values of parameters and indices, and what the entries mean."""

    values: Mapping[str, Fraction]
    definitions: Mapping[str, tuple[tuple[str, ...], Term]] = field(default_factory=dict)
    classes: Mapping[str, Term] = field(default_factory=dict)
    opaque: Opaque = no_data


def world_of(
    statement: Statement, values: Mapping[str, Fraction | int], opaque: Opaque = no_data
) -> World:
    """The definitions of a statement, at the given values of its parameters and indices."""
    return World(
        {name: Fraction(value) for name, value in values.items()},
        {
            array.name: (tuple(str(index) for index in array.indices), to_term(array.body))
            for array in statement.arrays
        },
        {item.name: to_term(item.classes) for item in statement.stacked},
        opaque,
    )


class Literal:
    """Evaluates terms and formulas in one world; entries are remembered."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._entries: dict[tuple[str, tuple[Fraction, ...]], Fraction] = {}
        self._steps = 0

    def value(self, term: Term) -> Fraction:
        """The exact value of a term.

        Raises:
            NotLiteral: it is not a rational number, undefined, or takes too many steps.
        """
        return self._value(term, self._world.values)

    def holds(self, formula: Formula) -> bool:
        """Whether a formula holds.

        Raises:
            NotLiteral: a side has no value.
        """
        match formula:
            case Rel(op=op, left=left, right=right):
                return compare(self.value(left), op, self.value(right))
            case And(args=args):
                return all(self.holds(arg) for arg in args)
            case Or(args=args):
                return any(self.holds(arg) for arg in args)
            case Not(arg=arg):
                return not self.holds(arg)

    def _value(self, term: Term, at: Mapping[str, Fraction]) -> Fraction:
        self._steps += 1
        if self._steps > MAX_STEPS:
            raise NotLiteral(f"more than {MAX_STEPS} steps: choose smaller sizes")
        match term:
            case Num(value=value):
                return value
            case Sym(name=name):
                if name not in at:
                    raise NotLiteral(f"no value for {name}")
                return at[name]
            case Neg(arg=arg):
                return -self._value(arg, at)
            case Add(args=args):
                return sum((self._value(arg, at) for arg in args), Fraction(0))
            case Mul(args=args):
                return math.prod((self._value(arg, at) for arg in args), start=Fraction(1))
            case Div(num=top, den=bottom):
                below = self._value(bottom, at)
                if not below:
                    raise NotLiteral("division by zero")
                return self._value(top, at) / below
            case Pow(base=base, exp=exponent):
                return _power(self._value(base, at), self._value(exponent, at))
            case Delta(left=left, right=right):
                return Fraction(self._value(left, at) == self._value(right, at))
            case Sum(body=body, var=var, size=size):
                return self._sum(body, var, self._range(size, at), dict(at))
            case Entry(name=name, indices=indices):
                return self._entry(name, tuple(self._value(index, at) for index in indices))
            case Call(name=name, args=args):
                return _call(name, [self._value(arg, at) for arg in args])
            case Const(name=name):
                raise NotLiteral(f"{name} is not a rational number")

    def _sum(self, body: Term, var: str, places: range, at: dict[str, Fraction]) -> Fraction:
        total = Fraction(0)
        for place in places:
            at[var] = Fraction(place)
            total += self._value(body, at)
        return total

    def _range(self, size: Term, at: Mapping[str, Fraction]) -> range:
        last = self._value(size, at)
        if last.denominator != 1 or last > MAX_STEPS:
            raise NotLiteral(f"a sum over 1 .. {last} is too long: choose smaller sizes")
        return range(1, int(last) + 1)

    def _entry(self, name: str, indices: tuple[Fraction, ...]) -> Fraction:
        known = self._entries.get((name, indices))
        if known is None:
            known = self._entries[name, indices] = self._new_entry(name, indices)
        return known

    def _new_entry(self, name: str, indices: tuple[Fraction, ...]) -> Fraction:
        world = self._world
        if name in world.classes and len(indices) == 1:
            return 1 + (indices[0] - 1) % self.value(world.classes[name])
        if name not in world.definitions:
            return world.opaque(name, indices)
        names, body = world.definitions[name]
        if len(names) != len(indices):
            raise NotLiteral(f"{name} takes {len(names)} indices")
        return self._value(body, {**world.values, **dict(zip(names, indices, strict=True))})


def _power(base: Fraction, exponent: Fraction) -> Fraction:
    if exponent.denominator != 1:
        root = _root(base, exponent.denominator)
        return _power(root, Fraction(exponent.numerator))
    if not base and exponent < 0:
        raise NotLiteral("a negative power of zero")
    return Fraction(base ** int(exponent))


def _root(value: Fraction, degree: int) -> Fraction:
    """The exact root of a nonnegative rational number that has one."""
    if value >= 0:
        parts = []
        for part in (value.numerator, value.denominator):
            low, high = 0, part + 1
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (middle, high) if middle**degree <= part else (low, middle)
            parts.append(low)
        root = Fraction(parts[0], parts[1])
        if root**degree == value:
            return root
    raise NotLiteral(f"the root of {value} of degree {degree} is not a rational number")


def _call(name: str, values: list[Fraction]) -> Fraction:
    x = values[0]
    match name:
        case "abs":
            return abs(x)
        case "min":
            return min(values)
        case "max":
            return max(values)
        case "floor":
            return Fraction(math.floor(x))
        case "ceil":
            return Fraction(math.ceil(x))
        case "sqrt":
            return _root(x, 2)
        case _:
            raise NotLiteral(f"{name}({x}) is not known to be a rational number")
