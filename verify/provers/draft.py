"""A proof in the making: facts are added one by one, each with its proof."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from verify.kernel.context import Context
from verify.kernel.poly import Ring, sign_polynomial
from verify.language.codec import encode_formula, encode_term, normal_formula
from verify.language.term import NEGATED, Formula, Mul, Neg, Rel, Term

Proof = dict[str, Any]


def rewritten(pairs: Sequence[tuple[Term, Term]], then: Proof) -> Proof:
    """The proof of a goal in which terms are replaced, in this order, by what is known to equal
    them; ``then`` proves what is left."""
    proof = then
    for old, new in reversed(pairs):
        proof = {
            "rule": "rewrite",
            "term": encode_term(old),
            "by": encode_term(new),
            "proof": {"rule": "given"},
            "then": proof,
        }
    return proof


class Draft:
    """Facts proved so far on top of a context, to be wrapped around a last proof."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self._cuts: list[tuple[Formula, Proof]] = []

    def have(self, fact: Formula, proof: Proof) -> None:
        """Add a fact, unless it is known already."""
        fact = normal_formula(fact)
        if isinstance(fact, Rel) and self.context.knows(fact):
            return
        self.force(fact, proof)

    def force(self, fact: Formula, proof: Proof) -> None:
        """Add a fact in this form, even if it is known in another."""
        fact = normal_formula(fact)
        self._cuts.append((fact, proof))
        self.context = self.context.having(fact)

    def instance(self, name: str, *terms: Term, fact: Formula) -> None:
        """Add an instance of a known fact about a function."""
        self.have(fact, {"rule": "fact", "name": name, "terms": [encode_term(t) for t in terms]})

    def number(self, rel: Rel) -> int:
        """The number of a fact, as certificates count them."""
        return self.context.facts.index(normal_formula(rel))

    def equation(self, goal: Rel, multipliers: list[tuple[Rel, Term]]) -> Proof:
        """The proof of an equation whose sides differ by ``sum multiplier * (equation)``.

        The multipliers are those of the polynomial ``left - right`` of the goal; each equation is a
        fact, taken as its own sign polynomial.
        """
        ring = Ring(
            [goal.left, goal.right]
            + [side for rel, _ in multipliers for side in (rel.left, rel.right)]
            + [m for _, m in multipliers]
        )
        gap = ring.term(sign_polynomial(ring, goal))
        return {
            "rule": "refute",
            "products": [["1", [self.negated(goal)], []]],
            "equations": [
                [self.number(rel), encode_term(Neg(Mul((gap, multiplier))))]
                for rel, multiplier in multipliers
            ],
        }

    def number_of(self, rel: Rel) -> int:
        """The number of a fact that says exactly ``rel``, which must be known in some form."""
        wanted = normal_formula(rel)
        if wanted not in self.context.facts:
            self.force(wanted, {"rule": "given"})
        return self.number(rel)

    def negated(self, goal: Rel) -> int:
        """The number that the negated goal will have."""
        goal = normal_formula(goal)  # type: ignore[assignment]
        negation = Rel(NEGATED[goal.op], goal.left, goal.right)
        return len(self.context.facts) + self.context.having(negation).facts[
            len(self.context.facts) :
        ].index(negation)

    def close(self, last: Proof) -> Proof:
        """The whole proof, with ``last`` proving the goal in the final context."""
        proof = last
        for fact, by in reversed(self._cuts):
            proof = {"rule": "cut", "fact": encode_formula(fact), "by": by, "then": proof}
        return proof
