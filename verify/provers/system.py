"""A context with its negated goal as polynomials of known sign, and polynomials back as text."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, lru_cache
from typing import Literal, TypeAlias

from flint import fmpq, fmpq_mpoly

from verify.kernel.context import Context, refutation_context
from verify.kernel.poly import Refused, Ring, fraction, sign_polynomial
from verify.language.render import text
from verify.language.term import (
    Call,
    Div,
    Formula,
    Neg,
    Num,
    Pow,
    Rel,
    Sym,
    Term,
    add,
    free_names,
    mul,
    num,
)

Sign: TypeAlias = Literal[">=", ">", "==", "!="]
Monomial: TypeAlias = tuple[int, ...]

MAX_FACT_TERMS = 20_000


@dataclass(frozen=True)
class Item:
    """Fact number ``index`` says ``poly op 0``."""

    index: int
    poly: fmpq_mpoly
    op: Sign

    @property
    def strict(self) -> bool:
        """Whether the sign is never zero."""
        return self.op in (">", "!=")

    @property
    def factor(self) -> fmpq_mpoly:
        """What the refute rule takes for this fact in a product: nonnegative."""
        return self.poly**2 if self.op == "!=" else self.poly


class System:
    """The usable facts of a context and the negated goal, over one ring of atoms.

    ``goal`` is the negated goal, also the last of ``items``; None for a contradiction of the facts
    alone. Facts without a usable normal form are left out.
    """

    def __init__(self, context: Context, goal: Formula, extra: Iterable[Term] = ()) -> None:
        self.context = context
        inner = refutation_context(context, goal)
        usable: list[tuple[int, Rel]] = []
        for index in range(len(inner.facts)):
            try:
                usable.append((index, inner.usable(index)))
            except Refused:
                continue
        self.ring = Ring([*(s for _, fact in usable for s in (fact.left, fact.right)), *extra])
        items: list[Item] = []
        seen: set[tuple[str, str]] = set()
        self.goal: Item | None = None
        for index, fact in usable:
            item = self._item(index, fact)
            if item is None:
                continue
            if index == len(context.facts):
                self.goal = item
            elif item.poly.is_constant() and not self._false(item):
                continue
            key = (str(item.poly), item.op)
            if key in seen and item is not self.goal:
                continue
            seen.add(key)
            items.append(item)
        if self.goal is None and isinstance(goal, Rel):
            raise Refused("the goal has no usable normal form")
        if self.goal is not None:
            items.remove(self.goal)
            items.append(self.goal)
        self.items = tuple(items)

    def _item(self, index: int, fact: Rel) -> Item | None:
        try:
            poly = sign_polynomial(self.ring, fact)
        except Refused:
            return None
        if len(poly) > MAX_FACT_TERMS:
            return None
        match fact.op:
            case ">=" | ">" | "==" | "!=":
                return Item(index, poly, fact.op)
            case "<=":
                return Item(index, -poly, ">=")
            case "<":
                return Item(index, -poly, ">")

    @staticmethod
    def _false(item: Item) -> bool:
        value = item.poly.leading_coefficient() if not item.poly.is_zero() else fmpq(0)
        if item.op == ">=":
            return bool(value < 0)
        if item.op == ">":
            return bool(value <= 0)
        return bool((value == 0) != (item.op == "=="))

    @property
    def facts(self) -> tuple[Item, ...]:
        """All but the negated goal."""
        return self.items[:-1] if self.goal is not None else self.items

    @cached_property
    def target(self) -> fmpq_mpoly:
        """What the goal says is ``>= 0`` (or ``> 0``): the opposite of the negated goal."""
        assert self.goal is not None
        return -self.goal.poly

    @cached_property
    def generators(self) -> tuple[Term, ...]:
        """A term for each generator of the ring, in order."""
        return generator_terms(self.ring)

    def term(self, poly: fmpq_mpoly) -> Term:
        """A term whose normal form is the polynomial."""
        return polynomial_term(poly, self.generators)

    def text(self, poly: fmpq_mpoly) -> str:
        """The polynomial in the expression grammar."""
        return text(self.term(poly))

    def used(self, poly: fmpq_mpoly) -> frozenset[int]:
        """The generators that occur in a polynomial, by number."""
        return frozenset(i for i, d in enumerate(poly.degrees()) if d > 0)

    def constant(self, value: Fraction | int) -> fmpq_mpoly:
        """The constant polynomial."""
        value = Fraction(value)
        return self.ring.ctx.constant(fmpq(value.numerator, value.denominator))

    @cached_property
    def gens(self) -> tuple[fmpq_mpoly, ...]:
        """The generators as polynomials."""
        return tuple(self.ring.ctx.gens())

    @cached_property
    def plain(self) -> bool:
        """Whether every generator is a variable."""
        return all(isinstance(term, Sym) for term in self.generators)


def system(context: Context, goal: Formula) -> System | None:
    """The system of a context and a goal, or None where the goal has no normal form."""
    return _system(context.facts, goal)


@lru_cache(maxsize=256)
def _system(facts: tuple[Rel, ...], goal: Formula) -> System | None:
    try:
        return System(Context(facts), goal)
    except Refused:
        return None


def coefficients(poly: fmpq_mpoly) -> dict[Monomial, Fraction]:
    """The coefficients by exponents."""
    return {tuple(int(p) for p in powers): fraction(c) for powers, c in poly.terms()}


def monomial(system_: System, powers: Monomial) -> fmpq_mpoly:
    """The monomial with these exponents."""
    return system_.ring.ctx.from_dict({powers: fmpq(1)})


def generator_terms(ring: Ring) -> tuple[Term, ...]:
    """A term for each generator of a ring.

    The generator of an exponential stands for ``exp`` of one summand of an argument, divided by the
    common denominator of all its coefficients; it is written as a power where it is one.
    """
    found: dict[str, Term] = {}
    for key in ring.keys:
        atom = ring.atom(key)
        if not key.startswith("exp("):
            found[key] = atom
        elif key not in found and isinstance(atom, Call):
            found.update(_exponential_generators(ring, atom.args[0]))
    return tuple(found[key] for key in ring.keys)


def _exponential_generators(ring: Ring, argument: Term) -> dict[str, Term]:
    inner = Ring((argument,))
    top, bottom = inner.fraction(argument)
    terms = generator_terms(inner)
    found: dict[str, Term] = {}
    for powers, _ in top.terms():
        part = inner.ctx.from_dict({tuple(int(p) for p in powers): fmpq(1)})
        summand = polynomial_term(part, terms)
        if not bottom.is_one():
            summand = Div(summand, polynomial_term(bottom, terms))
        above, _below = ring.fraction(Call("exp", (summand,)))
        degrees = above.degrees()
        indices = [i for i, d in enumerate(degrees) if d]
        if len(indices) != 1 or not ring.keys[indices[0]].startswith("exp("):
            continue
        root = int(degrees[indices[0]])
        found[ring.keys[indices[0]]] = _power_or_exp(summand, root)
    return found


def _power_or_exp(summand: Term, root: int) -> Term:
    """``exp(summand / root)``, as ``t^(..)`` where the summand is a multiple of ``log(t)``."""
    factors = summand.args if type(summand).__name__ == "Mul" else (summand,)  # type: ignore[union-attr]
    logs = [f for f in factors if isinstance(f, Call) and f.name == "log"]
    if len(logs) == 1:
        rest = [f for f in factors if f is not logs[0]]
        exponent = mul(*rest)
        if root != 1:
            exponent = mul(num(Fraction(1, root)), *rest)
        if not isinstance(exponent, Num):
            return Pow(logs[0].args[0], exponent)
    return Call("exp", (summand if root == 1 else Div(summand, num(root)),))


def polynomial_term(poly: fmpq_mpoly, generators: tuple[Term, ...]) -> Term:
    """A polynomial as a term over the generators' terms."""
    parts: list[Term] = []
    for powers, coefficient in poly.terms():
        value = fraction(coefficient)
        factors: list[Term] = []
        for generator, power in zip(generators, powers, strict=True):
            if power:
                factors.append(generator if power == 1 else Pow(generator, num(int(power))))
        size = abs(value)
        if size != 1 or not factors:
            factors.insert(0, num(size))
        part = mul(*factors)
        parts.append(Neg(part) if value < 0 else part)
    if len(parts) == 1 and isinstance(parts[0], Neg) and isinstance(parts[0].arg, Num):
        return Num(-parts[0].arg.value)
    # A leading minus sign is harder to read than a sum that starts with what is added.
    parts.sort(key=lambda part: isinstance(part, Neg) and not free_names(part))
    return add(*parts)
