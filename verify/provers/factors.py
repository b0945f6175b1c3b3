"""Quotients and products: by the signs of denominators and factors."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from flint import fmpq, fmpq_mpoly

from verify.kernel.context import Context
from verify.kernel.poly import Refused, Ring, difference
from verify.language.term import ZERO, Formula, Rel, RelOp, Term
from verify.provers.atoms import Notes
from verify.provers.budget import Budget
from verify.provers.sample import guess_sign
from verify.provers.system import generator_terms, polynomial_term, system
from verify.provers.tactic import DeadEnd, Proof, Prove

_UPWARD: dict[RelOp, RelOp] = {">=": ">=", ">": ">", "<=": ">=", "<": ">"}


@dataclass
class _Workshop:
    """A ring, its terms, and the facts noted so far."""

    prove: Prove
    notes: Notes
    ring: Ring
    terms: tuple[Term, ...]
    budget: Budget

    def term(self, poly: fmpq_mpoly) -> Term:
        return polynomial_term(poly, self.terms)

    def known(self, poly: fmpq_mpoly, op: RelOp) -> int | None:
        """The number of a fact that says ``poly op 0`` literally, once it has been noted."""
        wanted = Rel(op, self.term(poly), ZERO)
        if not self.notes.context.knows(wanted):
            return None
        self.notes.add(wanted, {"rule": "given"})
        return self.notes.number(wanted)

    def sign(self, poly: fmpq_mpoly, strict: bool) -> tuple[int, int] | None:
        """A sign ``s`` and the number of the fact ``s * poly >= 0`` (or ``> 0``)."""
        op: RelOp = ">" if strict else ">="
        for s in (1, -1):
            number = self.known(poly * s, op)
            if number is not None:
                return s, number
        guess = guess_sign(self.notes.context, self.term(poly))
        if guess == 0:
            return None
        for s in (1, -1) if guess is None else (guess,):
            wanted = Rel(op, self.term(poly * s), ZERO)
            proof = self.prove(self.notes.context, wanted, self.budget.share(0.5))
            if proof is not None:
                self.notes.add(wanted, proof)
                return s, self.notes.number(wanted)
        return None


def quotient(prove: Prove, context: Context, goal: Formula, budget: Budget) -> Proof | None:
    """Clear the denominator of a goal, once the signs of its factors are known."""
    if not isinstance(goal, Rel) or goal.op in ("==", "!="):
        return None
    shop = _workshop(prove, context, goal, budget)
    if shop is None:
        return None
    top, bottom = shop.ring.fraction(difference(goal))
    if bottom.is_constant():
        return None
    if goal.op in ("<=", "<"):
        top = -top
    lead, factors = bottom.factor()
    total = Fraction(int(lead.p), int(lead.q))
    numbers: list[int] = []
    sign = 1 if total > 0 else -1
    for factor, power in factors:
        different = shop.known(factor, "!=") if power % 2 == 0 else None
        if different is not None:
            numbers += [different] * (int(power) // 2)
            continue
        found = shop.sign(factor, True)
        if found is None:
            return None
        s, number = found
        sign *= s ** int(power)
        numbers += [number] * int(power)
    wanted = Rel(_UPWARD[goal.op], shop.term(top * sign), ZERO)
    proof = shop.prove(shop.notes.context, wanted, budget)
    if proof is None:
        raise DeadEnd
    shop.notes.add(wanted, proof)
    number = shop.notes.number(wanted)
    last = {
        "rule": "refute",
        "products": [
            ["1", [shop.notes.negated(goal)], []],
            [str(abs(total)), [number, *numbers], []],
        ],
        "equations": [],
    }
    return shop.notes.close(last)


def _workshop(prove: Prove, context: Context, goal: Rel, budget: Budget) -> _Workshop | None:
    try:
        ring = Ring((goal.left, goal.right))
        terms = generator_terms(ring)
    except Refused:
        return None
    return _Workshop(prove, Notes(context), ring, terms, budget)


def factored(prove: Prove, context: Context, goal: Formula, budget: Budget) -> Proof | None:
    """The sign of a product, from the signs of its factors."""
    view = system(context, goal)
    if view is None or view.goal is None or not isinstance(goal, Rel) or view.reduces:
        return None
    if goal.op in ("==", "!=") or view.target.is_constant():
        return None
    lead, factors = view.target.factor()
    if len(factors) == 1 and factors[0][1] == 1:
        return None
    strict = goal.op in (">", "<")
    shop = _Workshop(prove, Notes(context), view.ring, view.generators, budget)
    sign = 1 if lead > 0 else -1
    numbers: list[int] = []
    squares: list[fmpq_mpoly] = []
    rest: list[fmpq_mpoly] = []
    hidden = 0
    for factor, exponent in factors:
        power = int(exponent)
        if power % 2 == 0:
            if not strict:
                squares += [factor] * (power // 2)
                continue
            different = _different(shop, factor)
            if different is None:
                return None
            numbers += [different] * (power // 2)
            continue
        found = None
        if guess_sign(context, shop.term(factor)) != 0:
            found = shop.sign(factor, strict)
        if found is None:
            rest.append(factor)
            hidden += power > 1
            if not strict:
                squares += [factor] * (power // 2)
            continue
        sign *= found[0]
        numbers += [found[1]] * (power if strict else 1)
        if not strict:
            squares += [factor] * (power // 2)
    if len(rest) == sum(power % 2 for _, power in factors) and not squares:
        return None
    if strict and hidden:
        return None
    if rest or sign < 0:
        poly = view.constant(sign)
        for factor in rest:
            poly = poly * factor
        wanted = Rel(">" if strict else ">=", shop.term(poly), ZERO)
        proof = prove(shop.notes.context, wanted, budget)
        if proof is None:
            # Where a factor is zero the rest may fail; real numbers beside it would then show it.
            if (squares or numbers) and not context.integers:
                raise DeadEnd
            return None
        shop.notes.add(wanted, proof)
        numbers.append(shop.notes.number(wanted))
    root = view.constant(1)
    for square in squares:
        root = root * square
    last = {
        "rule": "refute",
        "products": [
            ["1", [shop.notes.negated(goal)], []],
            [str(abs(_value(lead))), numbers, [view.text(root)] if squares else []],
        ],
        "equations": [],
    }
    return shop.notes.close(last)


def _different(shop: _Workshop, factor: fmpq_mpoly) -> int | None:
    """The number of the fact that a factor is not zero."""
    number = shop.known(factor, "!=")
    if number is not None:
        return number
    wanted = Rel("!=", shop.term(factor), ZERO)
    proof = shop.prove(shop.notes.context, wanted, shop.budget.share(0.4))
    if proof is None:
        return None
    shop.notes.add(wanted, proof)
    return shop.notes.number(wanted)


def _value(number: fmpq) -> Fraction:
    return Fraction(int(number.p), int(number.q))
