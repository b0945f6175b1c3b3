"""Orders of growth: linear forms over a scale of functions of one growing variable n.

An atom is a product of rational powers of n and its iterated logarithms, or the logarithm
of another sequence. A form is a finite sum of atoms with coefficients that are polynomials in
constants. The products are ordered by their exponents, lexicographically: what comes later grows
faster than any multiple of what comes earlier, and what does not come after 1 is bounded.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

Monomial = tuple[tuple[str, int], ...]
"""A product of powers of constants: names with exponents, sorted."""

ONE: Monomial = ()
DEPTH = 5
"""Iterated logarithms in the scale, n itself included."""


@dataclass(frozen=True, slots=True, order=True)
class Power:
    """A product of powers of n, log n, log log n, and so on, by their exponents."""

    exponents: tuple[Fraction, ...] = (Fraction(0),) * DEPTH

    @property
    def grows(self) -> bool:
        """Whether it tends to infinity."""
        return self > Power()

    def times(self, other: Power) -> Power:
        """The product."""
        return Power(tuple(a + b for a, b in zip(self.exponents, other.exponents, strict=True)))

    def raised(self, exponent: Fraction) -> Power:
        """A power with a rational exponent."""
        return Power(tuple(own * exponent for own in self.exponents))


def iterated(depth: int) -> Power:
    """The logarithm of n, taken so many times."""
    return Power(tuple(Fraction(int(place == depth)) for place in range(DEPTH)))


@dataclass(frozen=True, slots=True, order=True)
class LogOf:
    """The logarithm of a positive sequence, by its name."""

    name: str


Atom = Power | LogOf


@dataclass(frozen=True)
class Form:
    """A sum of atoms; ``parts`` maps a monomial of constants and an atom to their coefficient."""

    parts: Mapping[tuple[Monomial, Atom], Fraction]

    @staticmethod
    def of(items: Iterable[tuple[tuple[Monomial, Atom], Fraction]]) -> Form:
        """Equal parts added up, zeros left out."""
        total: dict[tuple[Monomial, Atom], Fraction] = {}
        for key, value in items:
            total[key] = total.get(key, Fraction(0)) + value
        return Form({key: value for key, value in total.items() if value})

    @staticmethod
    def single(atom: Atom, value: Fraction = Fraction(1), monomial: Monomial = ONE) -> Form:
        """One atom with a coefficient."""
        return Form.of([((monomial, atom), value)])

    def plus(self, other: Form) -> Form:
        """The sum."""
        return Form.of([*self.parts.items(), *other.parts.items()])

    def scaled(self, factor: Fraction) -> Form:
        """A rational multiple."""
        return Form.of((key, value * factor) for key, value in self.parts.items())

    def minus(self, other: Form) -> Form:
        """The difference."""
        return self.plus(other.scaled(Fraction(-1)))

    def by(self, coefficient: Constant) -> Form:
        """A multiple by a polynomial in constants."""
        return Form.of(
            ((merged(monomial, own), atom), value * factor)
            for (own, atom), value in self.parts.items()
            for monomial, factor in coefficient.items()
        )

    def unbounded(self) -> Form:
        """The form up to a bounded error."""
        return Form.of((key, value) for key, value in self.parts.items() if not _bounded(key[1]))

    def sequences(self) -> frozenset[str]:
        """The sequences whose logarithms occur."""
        return frozenset(atom.name for _, atom in self.parts if isinstance(atom, LogOf))

    def leading(self) -> tuple[Power, Constant] | None:
        """The atom of the scale that grows fastest, with its coefficient.

        None where nothing is left, or the logarithm of another sequence occurs.
        """
        if self.sequences() or not self.parts:
            return None
        top = max(atom for _, atom in self.parts if isinstance(atom, Power))
        return top, {m: value for (m, atom), value in self.parts.items() if atom == top}


Constant = Mapping[Monomial, Fraction]
"""A polynomial in constants."""


def _bounded(atom: Atom) -> bool:
    return isinstance(atom, Power) and not atom.grows


def merged(first: Monomial, second: Monomial) -> Monomial:
    """The product of two monomials of constants."""
    powers = dict(first)
    for name, exponent in second:
        powers[name] = powers.get(name, 0) + exponent
    return tuple(sorted((name, exponent) for name, exponent in powers.items() if exponent))


def product(first: Constant, second: Constant) -> Constant:
    """The product of two polynomials in constants."""
    total: dict[Monomial, Fraction] = {}
    for one, value in first.items():
        for other, factor in second.items():
            key = merged(one, other)
            total[key] = total.get(key, Fraction(0)) + value * factor
    return {key: value for key, value in total.items() if value}


def rational(polynomial: Constant) -> Fraction | None:
    """The value of a polynomial in constants that is a number."""
    if not polynomial:
        return Fraction(0)
    return polynomial.get(ONE) if len(polynomial) == 1 else None
