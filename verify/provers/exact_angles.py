"""Equations between sines and cosines at rational multiples of pi, and roots, all of them numbers.

With ``c = cos(pi/M)`` every sine and cosine of a multiple of ``pi/M`` is a polynomial in ``c`` (for
sines ``M`` is even): Chebyshev's, by the addition theorem. That the angle ``pi/2`` (or ``pi``) is
such a multiple gives an equation for ``c``; its factors other than the minimal polynomial are not
zero, which balls decide. A root that lies in the field of ``c`` is the polynomial in ``c`` with the
same power and sign. What is left is a multiple of the minimal polynomial, or the equation is false.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import lcm, prod
from typing import Any, cast

from flint import fmpq_mpoly, fmpq_poly, fmpz, fmpz_mat, fmpz_poly

from verify.kernel.ball import enclose, precision
from verify.kernel.context import Context
from verify.kernel.functions import instance
from verify.kernel.poly import Refused, Ring, sign_polynomial
from verify.language.codec import encode_term
from verify.language.term import (
    ZERO,
    Add,
    Call,
    Formula,
    Mul,
    Neg,
    Num,
    Pow,
    Rel,
    Term,
    free_names,
    num,
    sub,
)
from verify.provers.atoms import Notes
from verify.provers.budget import Budget
from verify.provers.numbers import exact
from verify.provers.syntax import atoms, calls, normal
from verify.provers.system import generator_terms, polynomial_term
from verify.provers.tactic import Proof
from verify.provers.turns import HALF_TURN, QUARTER, linear_form

MOST_PARTS = 120
"""Into how many parts half a turn is divided at most."""

MOST_TURNS = 4
"""How many half turns an angle has at most."""

MOST_DEGREE = 24
"""The degree of a field in which roots are looked for."""

BITS, DIGITS, SMALL = 256, 60, 1e-30
"""The precision of a first look at the equation, bits for each number in a relation, and how little
the sides differ."""


def exact_angles(context: Context, goal: Formula, budget: Budget) -> Proof | None:
    """Prove that two sums of products of such numbers are equal, or no less than each other."""
    if not isinstance(goal, Rel) or goal.op not in ("==", ">=", "<=") or free_names(goal):
        return None
    if not calls(goal) & {"sin", "cos", "tan"}:
        return None
    gap = sub(goal.left, goal.right)
    with precision(BITS):
        size = enclose(gap, {})
        if not size.contains(0) or not abs(size) < SMALL:
            return None
    equation = cast(Rel, normal(Rel("==", goal.left, goal.right)))
    for parts in _divisions(equation):
        numbers = _Numbers(Notes(context), equation, parts, budget)
        last = numbers.equation()
        if last is not None:
            numbers.notes.add(equation, last)
            return numbers.notes.close({"rule": "given"})
    return None


def _divisions(equation: Rel) -> Iterator[int]:
    """Into how many parts half a turn is divided: as the angles ask for, then so that the square
    roots of the integers that occur lie in the field."""
    parts = 1
    for atom in _numbers(equation):
        turns = _turns(atom)
        if turns is not None:
            if abs(turns) > MOST_TURNS:
                return
            parts = lcm(parts, turns.denominator)
            if cast(Call, atom).name == "sin":
                parts = lcm(parts, 2)
    more = parts
    for atom in _numbers(equation):
        match atom:
            case Pow(base=Num(value=value)) if value > 0:
                more = lcm(more, 2 * _without_squares(value.numerator * value.denominator))
    for division in dict.fromkeys((parts, more)):
        # For the others the normal form has a value.
        if division not in (1, 2, 3, 4, 6) and division <= MOST_PARTS:
            yield division


def _without_squares(number: int) -> int:
    """The product of the primes that divide a number an odd number of times."""
    return prod(int(prime) for prime, times in fmpz(number).factor() if times % 2)


def _numbers(rel: Rel) -> tuple[Term, ...]:
    """The atoms of both sides, also of what stands under roots, innermost first."""
    found: dict[Term, None] = {}

    def visit(term: Term) -> None:
        for atom in atoms(term):
            if isinstance(atom, Pow):
                visit(atom.base)
            found[atom] = None

    visit(rel.left)
    visit(rel.right)
    return tuple(found)


def _turns(atom: Term) -> Fraction | None:
    """``q`` for a sine or a cosine of ``q pi``."""
    if not isinstance(atom, Call) or atom.name not in ("sin", "cos"):
        return None
    form = linear_form(atom.args[0])
    return form[HALF_TURN] if form is not None and form.keys() == {HALF_TURN} else None


@dataclass
class _Numbers:
    """Atoms as polynomials in ``cos(pi/parts)``: each with the fact that says so."""

    notes: Notes
    goal: Rel
    parts: int
    budget: Budget
    ring: Ring = field(init=False)
    cosine: Term = field(init=False)
    place: int = field(init=False)
    minimal: fmpq_poly = field(init=False)
    values: dict[int, tuple[Rel, fmpq_poly]] = field(default_factory=dict)
    """By the number of a generator."""
    multiples: list[tuple[Rel | None, fmpq_poly]] = field(default_factory=list)
    """The cosines of the multiples of the angle, as far as they are known."""
    root: Rel = field(init=False)
    """That the minimal polynomial vanishes."""

    def __post_init__(self) -> None:
        self.cosine = cast(Rel, normal(Rel("==", Call("cos", (self.angle(1),)), ZERO))).left
        everything = [self.goal.left, self.goal.right, self.cosine]
        everything += [atom.base for atom in _numbers(self.goal) if isinstance(atom, Pow)]
        self.ring = Ring(everything)
        ((self.place, _),) = (
            (number, degree)
            for number, degree in enumerate(self.ring.polynomial(self.cosine).degrees())
            if degree
        )
        # In twice the cosine.
        whole = fmpz_poly.cos_minpoly(2 * self.parts)
        self.minimal = fmpq_poly(whole)(fmpq_poly([0, 2]))
        self.multiples = [(None, fmpq_poly([1])), (None, fmpq_poly([0, 1]))]

    def angle(self, count: int) -> Term:
        """A multiple of the angle."""
        return Mul((Num(Fraction(count, self.parts)), HALF_TURN))

    def equation(self) -> Proof | None:
        """The proof of the goal in the notes that it leaves."""
        try:
            self._know_minimal()
            for atom in _numbers(self.goal):
                self.budget.check()
                if not self._know(atom):
                    return None
            return self._vanishing(self.goal)
        except Refused:
            return None

    def _vanishing(self, rel: Rel) -> Proof | None:
        """The proof that both sides are the same polynomial in the cosine, or differ by 0."""
        multipliers, rest = self._in_cosine(sign_polynomial(self.ring, rel))
        quotient, rest = divmod(rest, self._poly(self.minimal))
        if not rest.is_zero():
            return None
        multipliers.append((self.root, self._written(quotient)))
        return self._combined(rel, multipliers)

    def _in_cosine(self, poly: fmpq_mpoly) -> tuple[list[tuple[Rel, Term]], fmpq_mpoly]:
        """A polynomial with the known values put in, and the facts that were used, multiplied."""
        found = []
        for number, (fact, value) in self.values.items():
            if not poly.degrees()[number]:
                continue
            images = list(self.ring.ctx.gens())
            gap = images[number] - self._poly(value)
            images[number] = self._poly(value)
            lower = poly.compose(*images)
            found.append((fact, self._written((poly - lower) / gap)))
            poly = lower
        return found, poly

    def _written(self, poly: fmpq_mpoly) -> Term:
        """A polynomial as a term with that normal form, also where it has powers of roots."""
        return polynomial_term(poly, generator_terms(self.ring))

    def _combined(self, rel: Rel, multipliers: Sequence[tuple[Rel, Term]]) -> dict[str, Any]:
        """The proof of an equation whose sides differ by a sum of multiples of equations."""
        ring = Ring((rel.left, rel.right))
        gap = polynomial_term(sign_polynomial(ring, rel), generator_terms(ring))
        return {
            "rule": "refute",
            "products": [["1", [self.notes.negated(rel)], []]],
            "equations": [
                [self.notes.number(fact), encode_term(Neg(Mul((gap, multiplier))))]
                for fact, multiplier in multipliers
            ],
        }

    def _poly(self, value: fmpq_poly) -> fmpq_mpoly:
        gen = self.ring.ctx.gens()[self.place]
        total = self.ring.ctx.constant(0)
        for coefficient in reversed(value.coeffs()):
            total = total * gen + coefficient
        return total

    def _term(self, value: fmpq_poly) -> Term:
        return self._written(self._poly(value))

    def _known(self, name: str, *terms: Term) -> Rel:
        """An instance of a known equation, as a fact with a number."""
        fact = cast(Rel, normal(instance(name, list(terms))[1]))
        proof = {"rule": "fact", "name": name, "terms": [encode_term(term) for term in terms]}
        self.notes.add(fact, proof)
        return fact

    def _multiple(self, count: int) -> tuple[Rel | None, fmpq_poly]:
        """The cosine of a multiple of the angle, by those of the two before it."""
        while len(self.multiples) <= count:
            self.budget.check()
            number = len(self.multiples) - 1
            (before, low), (last, high) = self.multiples[-2:]
            there, back = (
                self._known("cos_sum", self.angle(number), step)
                for step in (self.angle(1), Neg(self.angle(1)))
            )
            whole = fmpq_poly([0, 2]) * high - low
            one = num(1)
            multipliers: list[tuple[Rel, Term]] = [(there, one), (back, one)]
            if last is not None:
                multipliers.append((last, Mul((num(2), self.cosine))))
            if before is not None:
                multipliers.append((before, num(-1)))
            value = whole
            if hasattr(self, "root"):
                quotient, value = divmod(whole, self.minimal)
                multipliers.append((self.root, self._term(quotient)))
            cosine = Call("cos", (self.angle(number + 1),))
            fact = cast(Rel, normal(Rel("==", cosine, self._term(value))))
            self.notes.add(fact, self._combined(fact, multipliers))
            self.multiples.append((fact, value))
        return self.multiples[count]

    def _know_minimal(self) -> None:
        """Learn that the minimal polynomial vanishes: a multiple does, and the rest does not."""
        half = self.parts // 2
        fact, value = self._multiple(self.parts - half)
        used: list[tuple[Rel, Term]] = [] if fact is None else [(fact, num(-1))]
        if self.parts % 2:
            # The cosines of both multiples next to a right angle.
            other, less = self._multiple(half)
            value = value + less
            used += [(other, num(-1))] if other is not None else []
            used.append((self._known("cos_sum", HALF_TURN, Neg(self.angle(half))), num(1)))
        rest, remainder = divmod(value, self.minimal)
        if remainder.degree() >= 0:
            raise Refused("this is not the minimal polynomial")
        root = cast(Rel, normal(Rel("==", self._term(self.minimal), ZERO)))
        apart = cast(Rel, normal(Rel("!=", self._term(rest), ZERO)))
        product = cast(Rel, normal(Rel("==", self._term(value), ZERO)))
        self.notes.add(product, self._combined(product, used))
        self.notes.state(apart)
        # Squares, as factors that are not zero are taken.
        self.notes.add(
            root,
            {
                "rule": "refute",
                "products": [["1", [self.notes.negated(root), self.notes.number(apart)], []]],
                "equations": [[self.notes.number(product), encode_term(Neg(self._term(value)))]],
            },
        )
        self.root = root

    def _know(self, atom: Term) -> bool:
        """Learn the value of an atom, or leave it as it is; False where it cannot be left."""
        ((number, _),) = (
            (number, degree)
            for number, degree in enumerate(self.ring.polynomial(atom).degrees())
            if degree
        )
        if number == self.place or number in self.values:
            return True
        turns = _turns(atom)
        if turns is not None:
            self.values[number] = self._angle_value(cast(Call, atom), turns)
        elif isinstance(atom, Pow) and isinstance(atom.exp, Num):
            value = self._root_value(atom)
            if value is None:
                return False
            self.values[number] = value
        return True

    def _angle_value(self, atom: Call, turns: Fraction) -> tuple[Rel, fmpq_poly]:
        count = int(turns * self.parts)
        if atom.name == "cos":
            fact, value = self._multiple(abs(count))
            assert fact is not None
            return fact, value
        other = abs(self.parts // 2 - count)
        fact, value = self._multiple(other)
        theorem = self._known("cos_sum", QUARTER, Neg(self.angle(count)))
        said = cast(Rel, normal(Rel("==", atom, self._term(value))))
        used = [(theorem, num(-1)), *([] if fact is None else [(fact, num(1))])]
        self.notes.add(said, self._combined(said, used))
        return said, value

    def _root_value(self, atom: Pow) -> tuple[Rel, fmpq_poly] | None:
        """A root as a polynomial in the cosine with the same power, and the sign of the root."""
        assert isinstance(atom.exp, Num)
        degree = atom.exp.value.denominator
        value = self._related(atom)
        if value is None:
            return None
        term, power = self._term(value), num(degree)
        same = cast(Rel, normal(Rel("==", Pow(term, power), atom.base)))
        proof = self._vanishing(same)
        if proof is None:
            return None
        self.notes.add(same, proof)
        known = self._known("root_power", atom.base, power)
        # (r^n - v^n)/(r - v), which is not zero where r and v are the same number.
        others = Add(
            tuple(Mul((Pow(atom, num(k)), Pow(term, num(degree - 1 - k)))) for k in range(degree))
        )
        apart = cast(Rel, normal(Rel("!=", others, ZERO)))
        said = cast(Rel, normal(Rel("==", atom, term)))
        self.notes.state(apart)
        gap = sub(atom, term)
        self.notes.add(
            said,
            {
                "rule": "refute",
                "products": [["1", [self.notes.negated(said), self.notes.number(apart)], []]],
                "equations": [
                    [self.notes.number(known), encode_term(Neg(Mul((gap, others))))],
                    [self.notes.number(same), encode_term(Mul((gap, others)))],
                ],
            },
        )
        return said, value

    def _related(self, atom: Term) -> fmpq_poly | None:
        """The polynomial in the cosine that a number seems to be, by a short integer relation."""
        degree = self.minimal.degree()
        if degree > MOST_DEGREE:
            return None
        bits = DIGITS * (degree + 1)
        with precision(2 * bits):
            cosine = enclose(Mul((num(2), self.cosine)), {})
            sizes = [enclose(atom, {}), *(cosine**power for power in range(degree))]
            whole = [int(exact(size) * 2**bits) for size in sizes]
        rows = [[*(int(i == j) for j in range(len(whole))), entry] for i, entry in enumerate(whole)]
        first = fmpz_mat(rows).lll().tolist()[0]
        if not first[0]:
            return None
        found = fmpq_poly([-entry for entry in first[1:-1]])(fmpq_poly([0, 2]))
        return found / int(first[0])
