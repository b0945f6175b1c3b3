"""Systematic changes of a claim, of which most should be false.

A mutant differs from the claim in one place: a constant, a relation, an exponent, an index, a
factor, a summand. Nothing here knows whether a mutant is true; that is for provers and points to
find out.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from verify.language.term import (
    Add,
    And,
    Const,
    Delta,
    Div,
    Entry,
    Formula,
    Mul,
    Neg,
    Num,
    Or,
    Pow,
    Rel,
    RelOp,
    Sum,
    Sym,
    Term,
    add,
    children,
    free_names,
    mul,
    num,
    rebuild,
    replace,
)

REVERSED: dict[RelOp, RelOp] = {">=": "<=", "<=": ">=", ">": "<", "<": ">"}
STRICTER: dict[RelOp, RelOp] = {">=": ">", "<=": "<"}

_Changes = Iterator[tuple[str, Rel]]


@dataclass(frozen=True, slots=True)
class Mutant:
    """A changed claim, and what was changed."""

    change: str
    formula: Formula


def mutants(claim: Formula, twins: Sequence[tuple[str, str]] = ()) -> Iterator[Mutant]:
    """The mutants of a claim, the more telling ones first, each once.

    ``twins`` are pairs of names that are easily confused, such as two indices.
    """
    seen = {claim}
    for mutant in _interleaved(claim, twins):
        if mutant.formula not in seen:
            seen.add(mutant.formula)
            yield mutant


def _interleaved(claim: Formula, twins: Sequence[tuple[str, str]]) -> Iterator[Mutant]:
    """One mutant of each relation and kind in turn, so that a prefix shows all kinds."""
    parts = list(_parts(claim))
    streams = [
        _placed(kind(part, twins), put)
        for kind in (_relation, _bound, _constants, _swaps, _powers, _pieces)
        for part, put in parts
    ]
    for row in itertools.zip_longest(*streams):
        yield from (mutant for mutant in row if mutant is not None)


def _placed(changes: _Changes, put: Callable[[Rel], Formula]) -> Iterator[Mutant]:
    for change, rel in changes:
        if rel.left != rel.right:
            yield Mutant(change, put(rel))


def _parts(claim: Formula) -> Iterator[tuple[Rel, Callable[[Rel], Formula]]]:
    """Each relation of a claim, with a function that puts another one in its place."""
    match claim:
        case Rel():
            yield claim, lambda rel: rel
        case And(args=args) | Or(args=args):
            for place, arg in enumerate(args):
                for rel, put in _parts(arg):

                    def whole(
                        new: Rel,
                        place: int = place,
                        put: Callable[[Rel], Formula] = put,
                        args: tuple[Formula, ...] = args,
                    ) -> Formula:
                        return type(claim)((*args[:place], put(new), *args[place + 1 :]))

                    yield rel, whole


def _relation(rel: Rel, _twins: Sequence[tuple[str, str]]) -> _Changes:
    """The relation turned round, or made strict; an equation made an inequality."""
    if rel.op in REVERSED:
        yield "direction", Rel(REVERSED[rel.op], rel.left, rel.right)
    if rel.op in STRICTER:
        yield "strictness", Rel(STRICTER[rel.op], rel.left, rel.right)
    if rel.op == "==":
        yield "strictness", Rel(">", rel.left, rel.right)
        yield "strictness", Rel("<", rel.left, rel.right)


def _bound(rel: Rel, _twins: Sequence[tuple[str, str]]) -> _Changes:
    """The right side times a constant, or plus one."""
    for factor in (Fraction(2), Fraction(1, 2), Fraction(4, 3), Fraction(3, 4)):
        change = f"right side times {factor}"
        yield change, Rel(rel.op, rel.left, _scaled(rel.right, factor))
    for shift in (1, -1):
        yield f"right side {shift:+d}", Rel(rel.op, rel.left, Add((rel.right, num(shift))))


def _scaled(term: Term, factor: Fraction) -> Term:
    if isinstance(term, Num):
        return Num(term.value * factor)
    return Mul((Num(factor), term))


def _constants(rel: Rel, _twins: Sequence[tuple[str, str]]) -> _Changes:
    """A number of the right side up or down; an integer variable off by one."""
    for node, put in _places(rel.right):
        if isinstance(node, Num):
            for value in _near(node.value):
                yield f"{node.value} to {value}", Rel(rel.op, rel.left, put(Num(value)))
        if isinstance(node, Sym):
            for shift in (1, -1):
                moved = Add((node, num(shift)))
                yield f"{node.name} to {node.name}{shift:+d}", Rel(rel.op, rel.left, put(moved))


def _near(value: Fraction) -> list[Fraction]:
    if value.denominator == 1:
        return [value + 1, value - 1]
    top, bottom = value.numerator, value.denominator
    return [Fraction(top + 1, bottom + 1), Fraction(top, bottom + 1), Fraction(top, bottom - 1)]


def _swaps(rel: Rel, twins: Sequence[tuple[str, str]]) -> _Changes:
    """One name for another that is easily confused with it, on either side."""
    for first, second in twins:
        for old, new in ((first, second), (second, first)):
            table: dict[Term, Term] = {Sym(old): Sym(new)}
            change = f"{new} for {old}"
            if old in free_names(rel.right):
                yield change, Rel(rel.op, rel.left, replace(rel.right, table))
            if old in free_names(rel.left):
                yield change, Rel(rel.op, replace(rel.left, table), rel.right)


def _powers(rel: Rel, _twins: Sequence[tuple[str, str]]) -> _Changes:
    """An exponent doubled, or one more; a factor squared."""
    for node, put in _places(rel.right):
        if isinstance(node, Pow):
            for change, exponent in (
                ("exponent times 2", _scaled(node.exp, Fraction(2))),
                ("exponent times 1/2", _scaled(node.exp, Fraction(1, 2))),
                ("exponent plus 1", Add((node.exp, num(1)))),
            ):
                yield change, Rel(rel.op, rel.left, put(Pow(node.base, exponent)))
        if isinstance(node, Mul):
            for part in node.args:
                squared = Mul((part, *node.args))
                yield "a factor squared", Rel(rel.op, rel.left, put(squared))


def _pieces(rel: Rel, _twins: Sequence[tuple[str, str]]) -> _Changes:
    """A factor, a summand or a denominator left out; a sign changed."""
    for node, put in _places(rel.right):
        match node:
            case Mul(args=args) if len(args) > 1:
                for place in range(len(args)):
                    rest = mul(*args[:place], *args[place + 1 :])
                    yield "a factor left out", Rel(rel.op, rel.left, put(rest))
            case Add(args=args) if len(args) > 1:
                for place, part in enumerate(args):
                    rest = add(*args[:place], *args[place + 1 :])
                    yield "a summand left out", Rel(rel.op, rel.left, put(rest))
                    opposite = part.arg if isinstance(part, Neg) else Neg(part)
                    turned = Add((*args[:place], opposite, *args[place + 1 :]))
                    yield "a sign changed", Rel(rel.op, rel.left, put(turned))
            case Div(num=top):
                yield "a denominator left out", Rel(rel.op, rel.left, put(top))


def _places(term: Term) -> Iterator[tuple[Term, Callable[[Term], Term]]]:
    """Every subterm outside of indices and sums, with a function that puts another in its place."""
    yield term, lambda new: new
    if isinstance(term, Entry | Sum | Delta | Const):
        return
    parts = children(term)
    for place, part in enumerate(parts):
        for node, put in _places(part):

            def whole(new: Term, place: int = place, put: Callable[[Term], Term] = put) -> Term:
                return rebuild(term, (*parts[:place], put(new), *parts[place + 1 :]))

            yield node, whole
