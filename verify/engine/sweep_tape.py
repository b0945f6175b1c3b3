"""Closed forms compiled to a list of ball operations, to be run at very many points.

The operations are Arb's own on thin balls. Wherever a function might be undefined, and wherever
the kernel's reading of a term differs from Arb's (roots of negative numbers, for one), the result
is not finite, so that nothing is decided; the kernel's evaluation decides such points.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from flint import arb, fmpq

from verify.engine.sweep_axes import Value
from verify.kernel.ball import decide, precision
from verify.kernel.poly import Refused, rational
from verify.language.term import (
    Add,
    Call,
    Const,
    Div,
    Mul,
    Neg,
    Num,
    Pow,
    Rel,
    RelOp,
    Sym,
    Term,
)

_ZERO, _ONE, _NONE = arb(0), arb(1), arb.nan()


def _root(x: arb, degree: arb) -> arb:
    # Odd roots of negative numbers exist, but are left to the kernel.
    return x.root(int(degree.mid().fmpq().p)) if x > _ZERO else _NONE


def _power(x: arb, y: arb) -> arb:
    return x**y if x > _ZERO else _NONE


def _integer_power(x: arb, y: arb) -> arb:
    return x**y if x > _ZERO or x < _ZERO or (y > _ZERO and x.is_finite()) else _NONE


def _quotient(x: arb, y: arb) -> arb:
    return x / y if y > _ZERO or y < _ZERO else _NONE


def _log(x: arb) -> arb:
    return x.log() if x > _ZERO else _NONE


def _tan(x: arb) -> arb:
    cosine = x.cos()
    return x.tan() if cosine > _ZERO or cosine < _ZERO else _NONE


def _least(x: arb, y: arb) -> arb:
    return x.min(y) if x.is_finite() and y.is_finite() else _NONE


def _greatest(x: arb, y: arb) -> arb:
    return x.max(y) if x.is_finite() and y.is_finite() else _NONE


_UNARY: Mapping[str, Callable[[arb], arb]] = {
    "exp": arb.exp,
    "log": _log,
    "sqrt": arb.sqrt,
    "abs": operator.abs,
    "sin": arb.sin,
    "cos": arb.cos,
    "tan": _tan,
    "asin": arb.asin,
    "acos": arb.acos,
    "atan": arb.atan,
    "sinh": arb.sinh,
    "cosh": arb.cosh,
    "tanh": arb.tanh,
    "floor": arb.floor,
    "ceil": arb.ceil,
}

Operation = tuple[Callable[..., arb], int, int, int]
"""A function, the register for its value, and those of its arguments (-1: there is no second)."""


@dataclass
class Relation:
    """A relation between two registers, with a register for its oriented margin."""

    op: RelOp
    left: int
    right: int
    margin: int
    level: int


@dataclass
class Tape:
    """Operations by level; the level of each variable is given.

    An operation has the highest level of what it depends on, so that at a new point only the levels
    from the lowest of the changed variables on are run again.
    """

    variables: Mapping[str, int]
    bits: int
    registers: list[arb] = field(default_factory=list)
    levels: list[list[Operation]] = field(default_factory=list)
    _known: dict[Any, int] = field(default_factory=dict)
    _level: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.levels = [[] for _ in range(max(self.variables.values(), default=-1) + 1)]
        for name, level in self.variables.items():
            self._known[Sym(name)] = self._register(arb(0), level)

    def relation(self, rel: Rel) -> Relation:
        """Compile a relation.

        Raises:
            Refused: it has a sum, an entry, or a variable that is not one of the names.
        """
        with precision(self.bits):
            left, right = self._term(rel.left), self._term(rel.right)
            turned = (right, left) if rel.op in ("<=", "<") else (left, right)
            margin = self._operation(operator.sub, *turned)
        return Relation(rel.op, left, right, margin, self._level[margin])

    def place(self, name: str) -> int:
        """The register of a variable."""
        return self._known[Sym(name)]

    def ball(self, value: Value) -> arb:
        """The value of a variable, at the precision that the caller sets."""
        return arb(value) if isinstance(value, fmpq) else self._constant(value)

    def run(self, first: int) -> None:
        """Run the levels from one on, at the tape's precision, which the caller sets."""
        registers = self.registers
        for level in self.levels[first:]:
            for function, target, left, right in level:
                registers[target] = (
                    function(registers[left])
                    if right < 0
                    else function(registers[left], registers[right])
                )

    def truth(self, rel: Relation) -> bool | None:
        """Whether a relation holds at the point that was run last; None if that is not decided."""
        gap = self.registers[rel.margin]
        if rel.op in ("==", "!="):
            return decide(self.registers[rel.left], rel.op, self.registers[rel.right])
        # Comparisons with what is not finite are false both ways.
        if gap > _ZERO:
            return True
        return False if gap < _ZERO else None

    def _register(self, value: arb, level: int) -> int:
        self.registers.append(value)
        self._level.append(level)
        return len(self.registers) - 1

    def _constant(self, value: Term) -> arb:
        match value:
            case Num(value=number) if number.denominator == 1:
                return arb(number.numerator)
            case Num(value=number):
                return arb(rational(number))
            case _:
                inner = Tape({}, self.bits)
                return inner.registers[inner._term(value)]

    def _term(self, term: Term) -> int:
        if term not in self._known:
            self._known[term] = self._compiled(term)
        return self._known[term]

    def _compiled(self, term: Term) -> int:
        match term:
            case Num():
                return self._register(self._constant(term), -1)
            case Const(name=name):
                return self._register(arb.pi() if name == "pi" else _ONE.exp(), -1)
            case Neg(arg=arg):
                return self._operation(operator.neg, self._term(arg))
            case Add(args=args):
                return self._chain(operator.add, args, 0)
            case Mul(args=args):
                return self._chain(operator.mul, args, 1)
            case Div(num=top, den=bottom):
                return self._operation(_quotient, self._term(top), self._term(bottom))
            case Pow(base=base, exp=Num(value=value)):
                return self._rational_power(base, value)
            case Pow(base=base, exp=exponent):
                return self._operation(_power, self._term(base), self._term(exponent))
            case Call(name="min" | "max" as name, args=args):
                return self._chain(_least if name == "min" else _greatest, args, 0)
            case Call(name=name, args=(arg,)) if name in _UNARY:
                return self._operation(_UNARY[name], self._term(arg))
            case Sym(name=name):
                raise Refused(f"no value for {name}")
            case _:
                raise Refused("a sum over a symbolic range has no value at a point")

    def _rational_power(self, base: Term, value: Fraction) -> int:
        found = self._term(base)
        if value.denominator != 1:
            found = self._operation(_root, found, self._term(Num(Fraction(value.denominator))))
        if value.numerator == 1:
            return found
        return self._operation(_integer_power, found, self._term(Num(Fraction(value.numerator))))

    def _chain(self, function: Callable[..., arb], args: Sequence[Term], empty: int) -> int:
        if not args:
            return self._term(Num(Fraction(empty)))
        # What changes least comes first, so that it is added up once.
        parts = sorted((self._term(arg) for arg in args), key=self._level.__getitem__)
        found = parts[0]
        for part in parts[1:]:
            found = self._operation(function, found, part)
        return found

    def _operation(self, function: Callable[..., arb], left: int, right: int = -1) -> int:
        key = (function, left, right)
        if key in self._known:
            return self._known[key]
        level = max(self._level[left], self._level[right] if right >= 0 else -1)
        target = self._register(arb(0), level)
        if level < 0:
            arguments = [self.registers[left], *([self.registers[right]] if right >= 0 else [])]
            self.registers[target] = function(*arguments)
        else:
            self.levels[level].append((function, target, left, right))
        self._known[key] = target
        return target
