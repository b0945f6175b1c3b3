"""Constants compared with each other: as exact multiples of one unit, or of a few basis numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from flint import arb, ctx, fmpq_mpoly

from verify.engine.constants import hidden_powers
from verify.kernel.ball import enclose
from verify.kernel.poly import Refused, Ring, fraction
from verify.language.term import ONE, Term, num, replace

Combination = tuple[Fraction, ...]

_PRECISIONS = (64, 256, 1_024, 4_096, 16_384)


@dataclass(frozen=True)
class Proportions:
    """Some constants, all divided by the same positive number.

    Without a basis, the quotients are rational and ``parts`` has them in 1-tuples; with one, they
    are rational combinations of its numbers.
    """

    parts: tuple[Combination, ...]
    basis: tuple[Term, ...] | None

    def balls(self, precision: int) -> list[arb]:
        """Enclosures of the basis numbers."""
        with ctx.workprec(precision):
            return [enclose(term, {}) for term in self.basis or (ONE,)]


def proportions(terms: Sequence[Term]) -> Proportions:
    """The constants as multiples of a common unit, rational wherever normal forms show it."""
    try:
        return _proportions(terms)
    except Refused:
        # No normal form: each is a basis number of its own, equal ones once.
        basis = tuple(dict.fromkeys(terms))
        return Proportions(tuple(_unit(basis.index(term), len(basis)) for term in terms), basis)


def _unit(place: int, size: int) -> Combination:
    return tuple(Fraction(int(index == place)) for index in range(size))


def _proportions(terms: Sequence[Term]) -> Proportions:
    hidden: dict[Term, Term] = {}
    short = [hidden_powers(term, hidden) for term in terms]
    shown = {sign: power for power, sign in hidden.items()}
    ring = Ring(short)
    pairs = [ring.fraction(term) for term in short]
    common = ring.one
    for _, bottom in pairs:
        common = ring.times(common, bottom / common.gcd(bottom))
    tops = [ring.times(top, common / bottom) for top, bottom in pairs]
    sign = sign_of(replace(ring.term(common), shown))
    vectors, monomials = _vectors(tops, ring)
    scaled = [tuple(sign * value for value in vector) for vector in vectors]
    along = _along_one(scaled)
    if along is not None:
        direction, factors = along
        unit = replace(ring.term(_combined(direction, monomials, ring)), shown)
        direct = sign_of(unit)
        return Proportions(tuple((direct * factor,) for factor in factors), None)
    basis = tuple(replace(ring.term(_monomial(m, ring)), shown) for m in monomials)
    return Proportions(tuple(scaled), basis)


def sign_of(term: Term) -> int:
    """1 or -1, the sign of a nonzero constant.

    Raises:
        Refused: it was not decided.
    """
    for bits in _PRECISIONS:
        with ctx.workprec(bits):
            value = enclose(term, {})
        if value > 0:
            return 1
        if value < 0:
            return -1
    raise Refused("the sign of a constant was not decided")


def _vectors(
    tops: Sequence[fmpq_mpoly], ring: Ring
) -> tuple[list[Combination], list[tuple[int, ...]]]:
    """The coefficients of the polynomials over all their monomials."""
    tables = [
        {tuple(int(p) for p in powers): fraction(value) for powers, value in top.terms()}
        for top in tops
    ]
    monomials = sorted({powers for table in tables for powers in table})
    monomials = monomials or [tuple(0 for _ in ring.keys)]
    vectors = [tuple(table.get(m, Fraction(0)) for m in monomials) for table in tables]
    return vectors, monomials


def _along_one(
    vectors: Sequence[Combination],
) -> tuple[Combination, list[Fraction]] | None:
    """All vectors as multiples of one of them, where they are; zero vectors count."""
    direction = next((vector for vector in vectors if any(vector)), None)
    if direction is None:
        return _unit(0, len(vectors[0])), [Fraction(0) for _ in vectors]
    place = next(index for index, value in enumerate(direction) if value)
    factors = [vector[place] / direction[place] for vector in vectors]
    for vector, factor in zip(vectors, factors, strict=True):
        if any(value != factor * d for value, d in zip(vector, direction, strict=True)):
            return None
    return direction, factors


def _combined(vector: Combination, monomials: Sequence[tuple[int, ...]], ring: Ring) -> fmpq_mpoly:
    total = ring.ctx.constant(0)
    for value, monomial in zip(vector, monomials, strict=True):
        total += ring.polynomial(num(value)) * _monomial(monomial, ring)
    return total


def _monomial(powers: tuple[int, ...], ring: Ring) -> fmpq_mpoly:
    product = ring.one
    for key, power in zip(ring.keys, powers, strict=True):
        product = product * ring.gen(key) ** power
    return product
