"""Polynomials over atoms: their factors, the atoms they use, and the way back to terms."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from functools import cached_property, lru_cache

from flint import fmpq, fmpq_mpoly

from verify.kernel.context import read_formula
from verify.kernel.poly import Ring, fraction, sign_polynomial
from verify.language.render import text
from verify.language.term import (
    ONE,
    ZERO,
    Call,
    Const,
    Div,
    Formula,
    Mul,
    Pow,
    Rel,
    RelOp,
    Sym,
    Term,
    free_names,
    occurrences,
)
from verify.provers.system import generator_terms, polynomial_term


class Forms:
    """The polynomials over the atoms of some terms, and what each atom stands for."""

    def __init__(self, terms: Iterable[Term]) -> None:
        self.ring = Ring(terms)
        self.keys = self.ring.keys

    @classmethod
    def of(cls, *rels: Rel) -> Forms:
        """The forms of the sides of relations."""
        return cls(side for rel in rels for side in (rel.left, rel.right))

    @cached_property
    def atoms(self) -> tuple[Term, ...]:
        """A term for each generator."""
        return tuple(_as_exp(term) for term in generator_terms(self.ring))

    @cached_property
    def names(self) -> tuple[frozenset[str], ...]:
        """The variables of each generator."""
        return tuple(free_names(atom) for atom in self.atoms)

    def sign(self, rel: Rel) -> fmpq_mpoly:
        """A polynomial with the sign of left minus right."""
        return sign_polynomial(self.ring, rel)

    def term(self, polynomial: fmpq_mpoly) -> Term:
        """The polynomial, written out."""
        return polynomial_term(polynomial, self.atoms)

    def relation(self, polynomial: fmpq_mpoly, op: RelOp) -> Rel:
        """``polynomial op 0`` in the form in which the kernel will read it."""
        return relation(self.term(polynomial), op)

    def used(self, polynomial: fmpq_mpoly) -> list[int]:
        """The generators that occur in a polynomial, by number."""
        return [index for index, degree in enumerate(polynomial.degrees()) if degree > 0]

    def variables(self, polynomial: fmpq_mpoly) -> frozenset[str]:
        """The variables that occur in a polynomial, also inside atoms."""
        return frozenset().union(*(self.names[index] for index in self.used(polynomial)))

    def transcendental(self, index: int) -> bool:
        """Whether a generator is neither a variable nor a root nor a constant."""
        atom = self.atoms[index]
        if isinstance(atom, Sym) or not self.names[index]:
            return False
        return isinstance(atom, Call) or self.keys[index].startswith("exp(")

    def coefficients(self, polynomial: fmpq_mpoly, index: int) -> dict[int, fmpq_mpoly]:
        """The coefficients of the powers of one generator."""
        tables: dict[int, dict[tuple[int, ...], fmpq]] = {}
        for powers, coefficient in polynomial.terms():
            shown = [int(p) for p in powers]
            power, shown[index] = shown[index], 0
            tables.setdefault(power, {})[tuple(shown)] = coefficient
        return {power: self.ring.ctx.from_dict(table) for power, table in tables.items()}


@lru_cache(maxsize=20_000)
def _as_exp(term: Term) -> Term:
    """``e**t`` as ``exp(t)``, and arguments with fewer divisions where that is shorter."""
    match term:
        case Pow(base=Const(name="e"), exp=exponent):
            term = Call("exp", (exponent,))
        case Pow(base=Pow(base=Const(name="e"), exp=inner), exp=outer):
            term = Call("exp", (outer if inner == ONE else Mul((inner, outer)),))
    if isinstance(term, Call) and len(term.args) == 1:
        return Call(term.name, (_simpler(term.args[0]),))
    return term


def _simpler(arg: Term) -> Term:
    if sum(isinstance(node, Div) for node in occurrences(arg)) < 2:
        return arg
    forms = Forms((arg,))
    top, bottom = forms.ring.fraction(arg)
    above = forms.term(top)
    found = above if bottom.is_one() else Div(above, forms.term(bottom))
    return found if len(text(found)) < len(text(arg)) else arg


def factors(polynomial: fmpq_mpoly) -> tuple[Fraction, list[tuple[fmpq_mpoly, int]]]:
    """A constant, and irreducible factors with their multiplicities."""
    constant, parts = polynomial.factor()
    return fraction(constant), [(part, int(times)) for part, times in parts]


@lru_cache(maxsize=20_000)
def tidy(formula: Formula) -> Formula:
    """The formula as the kernel will read it back from its text."""
    return read_formula(text(formula))


def tidy_rel(rel: Rel) -> Rel:
    """The same for a relation, which stays one."""
    tidied = tidy(rel)
    if not isinstance(tidied, Rel):
        raise TypeError(f"{text(tidied)} is not one relation")
    return tidied


def relation(term: Term, op: RelOp) -> Rel:
    """``term op 0`` in the form in which the kernel will read it."""
    return tidy_rel(Rel(op, term, ZERO))
