"""A context with its negated goal as polynomials of known sign, and polynomials back as text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property, lru_cache
from itertools import compress
from typing import Any, Literal, TypeAlias

from flint import fmpq, fmpq_mpoly

from verify.kernel.context import Context, refutation_context
from verify.kernel.poly import Refused, Ring, fraction, sign_polynomial
from verify.language.codec import encode_term
from verify.language.term import (
    Call,
    Formula,
    Neg,
    Num,
    Pow,
    Rel,
    Sym,
    Term,
    add,
    mul,
    num,
)

Sign: TypeAlias = Literal[">=", ">", "==", "!="]
Monomial: TypeAlias = tuple[int, ...]

MAX_FACT_TERMS = 20_000
MAX_IMAGE_TERMS = 12
MAX_ROUNDS = 20


@dataclass(frozen=True)
class Elimination:
    """``gens[generator] = image``, from equation number ``index``: it is ``slope * (gen - image)``,
    once the steps before it have been made."""

    index: int
    generator: int
    image: fmpq_mpoly
    equation: fmpq_mpoly
    slope: fmpq


@dataclass(frozen=True)
class Rewriting:
    """``gens[generator]**degree = image``, from equation number ``index``."""

    index: int
    generator: int
    degree: int
    image: fmpq_mpoly
    equation: fmpq_mpoly
    slope: fmpq


@dataclass(frozen=True)
class Item:
    """Fact number ``index`` says ``poly op 0``."""

    index: int
    poly: fmpq_mpoly
    op: Sign
    original: fmpq_mpoly
    """The same polynomial before equations were used to eliminate variables."""

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
    alone. Facts without a usable normal form are left out. Equations that give one variable as a
    polynomial of others are used to eliminate it, and kept in ``eliminations``.
    """

    def __init__(self, context: Context, goal: Formula, extra: Iterable[Term] = ()) -> None:
        self.context = context
        inner = refutation_context(context, goal)
        usable: list[tuple[int, Rel]] = []
        # What the negated goal implies by being defined is known already, since the goal is.
        count = len(context.facts) + isinstance(goal, Rel)
        for index in range(count):
            try:
                usable.append((index, inner.usable(index)))
            except Refused:
                continue
        self.ring = Ring([*(s for _, fact in usable for s in (fact.left, fact.right)), *extra])
        items = [item for index, fact in usable if (item := self._item(index, fact)) is not None]
        self.eliminations: list[Elimination] = []
        items = self._eliminated(items, len(context.facts))
        self.rewritings = self._rewritings(items, len(context.facts))
        items = [self._rewritten(item) for item in items]
        self.goal: Item | None = None
        kept: list[Item] = []
        seen: set[tuple[str, str]] = set()
        for item in items:
            if item.index == len(context.facts) and isinstance(goal, Rel):
                self.goal = item
                continue
            if item.poly.is_constant() and not _false(item):
                continue
            key = (str(item.poly), item.op)
            if key not in seen:
                seen.add(key)
                kept.append(item)
        if self.goal is None and isinstance(goal, Rel):
            raise Refused("the goal has no usable normal form")
        self.items = tuple(kept) if self.goal is None else (*kept, self.goal)

    def _eliminated(self, items: list[Item], goal: int) -> list[Item]:
        """The items with a variable replaced wherever an equation gives it, shortest first."""
        while True:
            choice: tuple[int, Item, int] | None = None
            for item in items:
                if item.op != "==" or item.index == goal or item.poly.is_zero():
                    continue
                variable = self._solvable(item.poly)
                if variable is not None and (choice is None or len(item.poly) < choice[0]):
                    choice = (len(item.poly), item, variable)
            if choice is None:
                return items
            _, equation, variable = choice
            gen = self.gens[variable]
            slope = equation.poly.derivative(variable).leading_coefficient()
            image = gen - equation.poly / slope
            self.eliminations.append(
                Elimination(equation.index, variable, image, equation.original, slope)
            )
            images = list(self.gens)
            images[variable] = image
            items = [
                replace(item, poly=item.poly.compose(*images))
                if item.poly.degrees()[variable]
                else item
                for item in items
                if item is not equation
            ]

    def _rewritings(self, items: Sequence[Item], goal: int) -> tuple[Rewriting, ...]:
        """Equations that give a power of an opaque atom: of a root, or of a sine."""
        found: dict[int, Rewriting] = {}
        for item in items:
            if item.op != "==" or item.index == goal or len(item.poly) > MAX_IMAGE_TERMS:
                continue
            degrees = item.poly.degrees()
            for generator, degree in enumerate(degrees):
                if degree < 2 or generator in found or self._plain_variable(generator):
                    continue
                alone = [powers for powers in item.poly.monoms() if powers[generator]]
                if len(alone) != 1 or sum(alone[0]) != degree:
                    continue
                if any(degrees[other.generator] for other in found.values()):
                    # Images stay free of atoms that are rewritten themselves.
                    continue
                top = self.gens[generator] ** int(degree)
                slope = item.poly.coefficient(item.poly.monoms().index(alone[0]))
                image = top - item.poly / slope
                if any(image.degrees()[g] for g in found):
                    continue
                found[generator] = Rewriting(
                    item.index, generator, int(degree), image, item.original, slope
                )
                break
        return tuple(found.values())

    def _rewritten(self, item: Item) -> Item:
        if any(item.index == rule.index for rule in self.rewritings):
            return item
        poly = item.poly
        for rule in self.rewritings:
            poly = divided(self, poly, rule)[1]
        return item if poly == item.poly else replace(item, poly=poly)

    def _solvable(self, poly: fmpq_mpoly) -> int | None:
        """A variable that occurs linearly, with a constant coefficient; of several, the last."""
        if len(poly) > MAX_IMAGE_TERMS:
            return None
        degrees = poly.degrees()
        linear = {
            next(i for i, p in enumerate(powers) if p)
            for powers in poly.monoms()
            if sum(powers) == 1
        }
        for index in linear:
            # An absolute value that is known to equal its argument, and the like.
            if degrees[index] == 1 and self._piecewise(index):
                return int(index)
        opaque = [i for i, d in enumerate(degrees) if d and not self._plain_variable(i)]
        if opaque and sum(1 for d in degrees if d) > 2:
            return None
        for variable in sorted(linear, reverse=True):
            if degrees[variable] == 1 and self._plain_variable(variable):
                alone = [p for p in poly.monoms() if p[variable]]
                if len(alone) == 1:
                    return int(variable)
        return None

    def _piecewise(self, index: int) -> bool:
        atom = self.ring.atom(self.ring.keys[index])
        return isinstance(atom, Call) and atom.name in ("abs", "min", "max")

    def _plain_variable(self, index: int) -> bool:
        return isinstance(self.ring.atom(self.ring.keys[index]), Sym)

    def _item(self, index: int, fact: Rel) -> Item | None:
        try:
            poly = sign_polynomial(self.ring, fact)
        except Refused:
            return None
        if len(poly) > MAX_FACT_TERMS:
            return None
        match fact.op:
            case ">=" | ">" | "==" | "!=":
                return Item(index, poly, fact.op, poly)
            case "<=":
                return Item(index, -poly, ">=", -poly)
            case "<":
                return Item(index, -poly, ">", -poly)

    @property
    def reduces(self) -> bool:
        """Whether equations were used to change the polynomials."""
        return bool(self.eliminations or self.rewritings)

    @cached_property
    def originals(self) -> dict[int, fmpq_mpoly]:
        """The polynomials of the facts, before elimination, as they are factors of products."""
        return {
            item.index: item.original**2 if item.op == "!=" else item.original
            for item in self.items
        }

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

    def text(self, poly: fmpq_mpoly) -> Any:
        """The polynomial as certificates write it."""
        return encode_term(self.term(poly))

    def by_equations(self, total: fmpq_mpoly) -> dict[int, fmpq_mpoly] | None:
        """Multipliers of the equations used up front that make ``total`` zero; None if there are
        none."""
        multipliers: dict[int, fmpq_mpoly] = {}
        total = self._reduced(total, len(self.eliminations), multipliers)
        for _ in range(MAX_ROUNDS):
            before = total
            for rule in self.rewritings:
                quotient, _ = divided(self, total, rule)
                if quotient.is_zero():
                    continue
                known = multipliers.get(rule.index, self.constant(0))
                multipliers[rule.index] = known - quotient / rule.slope
                total = total - quotient / rule.slope * rule.equation
                total = self._reduced(total, len(self.eliminations), multipliers)
            if total.is_zero():
                return multipliers
            if total == before:
                return None
        return None

    def _reduced(
        self, total: fmpq_mpoly, steps: int, multipliers: dict[int, fmpq_mpoly]
    ) -> fmpq_mpoly:
        for number, step in enumerate(self.eliminations[:steps]):
            if not total.degrees()[step.generator]:
                continue
            images = list(self.gens)
            images[step.generator] = step.image
            quotient = (total - total.compose(*images)) / (self.gens[step.generator] - step.image)
            factor = quotient / step.slope
            known = multipliers.get(step.index, self.constant(0))
            multipliers[step.index] = known - factor
            # The equation may bring back variables that earlier steps have eliminated.
            total = self._reduced(total - factor * step.equation, number, multipliers)
        return total

    def used(self, poly: fmpq_mpoly) -> frozenset[int]:
        """The generators that occur in a polynomial, by number."""
        if poly.is_zero():
            return frozenset()
        degrees = poly.degrees()
        return frozenset(compress(range(len(degrees)), degrees))

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


def _false(item: Item) -> bool:
    """Whether a constant item does not hold."""
    value = item.poly.leading_coefficient() if not item.poly.is_zero() else fmpq(0)
    if item.op == ">=":
        return bool(value < 0)
    if item.op == ">":
        return bool(value <= 0)
    return bool((value == 0) != (item.op == "=="))


def system(context: Context, goal: Formula) -> System | None:
    """The system of a context and a goal, or None where the goal has no normal form."""
    return _system(context.facts, goal)


@lru_cache(maxsize=256)
def _system(facts: tuple[Rel, ...], goal: Formula) -> System | None:
    try:
        return System(Context(facts), goal)
    except Refused:
        return None


def divided(view: System, poly: fmpq_mpoly, rule: Rewriting) -> tuple[fmpq_mpoly, fmpq_mpoly]:
    """Quotient and remainder of a polynomial by ``gen**degree - image``."""
    parts = in_powers(view, poly, rule.generator)
    gen = view.gens[rule.generator]
    quotient = view.constant(0)
    for power in range(len(parts) - 1, rule.degree - 1, -1):
        if not parts[power].is_zero():
            quotient = quotient + parts[power] * gen ** (power - rule.degree)
            parts[power - rule.degree] = parts[power - rule.degree] + parts[power] * rule.image
    remainder = view.constant(0)
    for power, part in enumerate(parts[: rule.degree]):
        remainder = remainder + part * gen**power
    return quotient, remainder


def in_powers(view: System, poly: fmpq_mpoly, index: int) -> list[fmpq_mpoly]:
    """The coefficients of the powers of one generator, from the constant one on."""
    degree = int(poly.degrees()[index])
    tables: list[dict[Monomial, fmpq]] = [{} for _ in range(degree + 1)]
    for powers, coefficient in zip(poly.monoms(), poly.coeffs(), strict=True):
        rest = tuple(0 if i == index else int(p) for i, p in enumerate(powers))
        tables[int(powers[index])][rest] = coefficient
    return [view.ring.ctx.from_dict(table) for table in tables]


def coefficients(poly: fmpq_mpoly) -> dict[Monomial, Fraction]:
    """The coefficients by exponents."""
    return {tuple(int(p) for p in powers): fraction(c) for powers, c in poly.terms()}


def monomial(system_: System, powers: Monomial) -> fmpq_mpoly:
    """The monomial with these exponents."""
    return system_.ring.ctx.from_dict({powers: fmpq(1)})


def generator_terms(ring: Ring) -> tuple[Term, ...]:
    """A term for each generator of a ring."""
    return tuple(ring.generator(key) for key in ring.keys)


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
    parts.sort(key=lambda part: isinstance(part, Neg))
    return add(*parts)
