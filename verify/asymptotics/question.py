"""Asymptotic questions: what is known along a family of sequences, and what is asked.

Along every sequence of parameters in the domain with ``n -> infinity``: the relations hold, the
given growths hold; does the goal? Constants do not change along a sequence. Everything becomes a
form in logarithms that tends to infinity, is bounded below, or is bounded.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Literal

from verify.asymptotics.closed import logarithm
from verify.asymptotics.read import Reader
from verify.asymptotics.scale import Constant, Form, Monomial, rational
from verify.kernel.poly import Refused
from verify.language.render import text
from verify.language.term import Call, Formula, Num, Rel, Sym, Term, free_names

Kind = Literal["o", "omega", "O", "Theta"]


@dataclass(frozen=True)
class Order:
    """``left = kind(right)``."""

    left: Term
    kind: Kind
    right: Term

    def __str__(self) -> str:
        return f"{text(self.left)} = {self.kind}({text(self.right)})"


@dataclass(frozen=True)
class Fact:
    """A form that tends to infinity (``strict``), is bounded below, or is bounded."""

    form: Form
    strict: bool = False
    equation: bool = False
    said: str = ""


@dataclass(frozen=True)
class Sign:
    """A polynomial in constants that is positive (``strict``) or nonnegative."""

    polynomial: Constant
    strict: bool
    said: str = ""


@dataclass(frozen=True)
class Question:
    """Whether ``goal`` holds along every sequence with ``variable`` tending to infinity.

    ``sequences`` are the names that may change with it; all other names are constants.
    """

    variable: str
    sequences: frozenset[str]
    hypotheses: tuple[Formula, ...]
    given: tuple[Order, ...]
    goal: Order

    @cached_property
    def reader(self) -> Reader:
        """What the names mean."""
        least: dict[str, Fraction] = {}
        positive = set()
        for rel in self._known():
            if isinstance(rel.left, Sym) and isinstance(rel.right, Num) and rel.op in (">=", ">"):
                name, value = rel.left.name, rel.right.value
                least[name] = max(value, least.get(name, value))
                if value > 0 or (rel.op == ">" and value == 0):
                    positive.add(name)
        moving = self.sequences | {self.variable}
        names = frozenset(self._names()) - moving
        return Reader(
            self.variable,
            names,
            frozenset(positive) - moving,
            {name: least.get(name, Fraction(0)) for name in self.sequences - {self.variable}},
        )

    def _known(self) -> Iterator[Rel]:
        """The relations among the hypotheses."""
        for hypothesis in self.hypotheses:
            if isinstance(hypothesis, Rel):
                yield hypothesis

    def _names(self) -> Iterator[str]:
        for order in (*self.given, self.goal):
            yield from free_names(order.left) | free_names(order.right)
        for rel in self._known():
            yield from free_names(rel)

    @cached_property
    def facts(self) -> tuple[Fact, ...]:
        """What is known, in order: the given growths, then the relations.

        Relations whose order of growth is not known say nothing.

        Raises:
            Refused: a given growth cannot be read.
        """
        found = [fact for order in self.given for fact in self.forms(order)]
        for rel in self._known():
            try:
                found.append(self._relation(rel))
            except Refused:
                continue
        return tuple(fact for fact in found if fact.form.parts)

    def _relation(self, rel: Rel) -> Fact:
        gap = self.reader.log(rel.left).minus(self.reader.log(rel.right)).unbounded()
        match rel.op:
            case ">=" | ">":
                return Fact(gap, said=text(rel))
            case "<=" | "<":
                return Fact(gap.scaled(Fraction(-1)), said=text(rel))
            case "==":
                return Fact(gap, equation=True, said=text(rel))
        raise Refused(f"{text(rel)} says nothing about orders of growth")

    def forms(self, order: Order) -> tuple[Fact, ...]:
        """What an order of growth says about logarithms.

        Raises:
            Refused: a side cannot be read.
        """
        gap = self.reader.log(order.left).minus(self.reader.log(order.right)).unbounded()
        down = gap.scaled(Fraction(-1))
        said = str(order)
        match order.kind:
            case "o":
                return (Fact(down, strict=True, said=said),)
            case "omega":
                return (Fact(gap, strict=True, said=said),)
            case "O":
                return (Fact(down, said=said),)
            case "Theta":
                return (Fact(gap, said=said), Fact(down, said=said))

    @cached_property
    def signs(self) -> tuple[Sign, ...]:
        """What the relations say about constants."""
        found = []
        for rel in self._known():
            left, right = self.reader.constant(rel.left), self.reader.constant(rel.right)
            if left is None or right is None:
                continue
            gap = dict(left)
            for key, value in right.items():
                gap[key] = gap.get(key, Fraction(0)) - value
            gap = {key: value for key, value in gap.items() if value}
            if rational(gap) is not None:
                continue
            if rel.op in ("<=", "<"):
                gap = {key: -value for key, value in gap.items()}
            if rel.op in (">=", ">", "<=", "<"):
                found.append(Sign(gap, rel.op in (">", "<"), text(rel)))
        return tuple(found + list(self._signs_of_logarithms()))

    def _signs_of_logarithms(self) -> Iterator[Sign]:
        """What bounds of positive constants by numbers say about their logarithms."""
        for rel in self._known():
            match rel:
                case Rel(op=op, left=Sym(name=name), right=Num(value=value)) if (
                    name in self.reader.positive and value > 0 and op in (">=", ">", "<=", "<")
                ):
                    own: Monomial = ((text(Call("log", (rel.left,))), 1),)
                    gap = {own: Fraction(1)}
                    for key, number in logarithm(rel.right).items():
                        gap[key] = gap.get(key, Fraction(0)) - number
                    if op in ("<=", "<"):
                        gap = {key: -number for key, number in gap.items()}
                    yield Sign(gap, op in (">", "<"), f"log of {text(rel)}")
