"""Sums and products of terms of known sign, each term as a whole.

A term is spelled with a factor of one, so that it stays as it is written; the sign of a product or
of a sum then follows for any values of its parts, whatever these are made of.
"""

from __future__ import annotations

from collections.abc import Sequence

from verify.kernel.context import Context
from verify.language.codec import encode_term
from verify.language.term import ONE, ZERO, Mul, Rel, RelOp, Sym, Term, add, map_terms, replace
from verify.provers.atoms import Notes
from verify.provers.budget import Budget
from verify.provers.linear import pairs
from verify.provers.syntax import normal, unused
from verify.provers.tactic import Proof


def product_sign(notes: Notes, op: RelOp, factor: Term, term: Term, budget: Budget) -> Term | None:
    """Learn the sign of the product of a positive and a nonnegative or positive term."""
    one, other = spelled(notes, ">", factor), spelled(notes, op, term)
    # With a number in front, neither factor loses its brackets.
    product = Mul((ONE, one, other))
    proof = _by_names(notes.context, Rel(op, product, ZERO), (one, other), budget)
    if proof is None:
        return None
    notes.have(Rel(op, product, ZERO), dict(proof))
    return product


def total_sign(notes: Notes, op: RelOp, terms: Sequence[Term], budget: Budget) -> Term | None:
    """Learn the sign of a sum, of which the first term has the sign ``op`` and the others are
    nonnegative."""
    parts = [spelled(notes, op if n == 0 else ">=", term) for n, term in enumerate(terms)]
    total = add(*parts)
    proof = _by_names(notes.context, Rel(op, total, ZERO), parts, budget)
    if proof is None:
        return None
    notes.have(Rel(op, total, ZERO), dict(proof))
    return total


def concluded(notes: Notes, goal: Rel, whole: Term | None) -> Proof | None:
    """The goal, of which the known sign of ``whole`` is another form."""
    if whole is None or not notes.context.knows(goal):
        return None
    return notes.close({"rule": "given"})


def spelled(notes: Notes, op: RelOp, term: Term) -> Term:
    """The term in a spelling of its own, with its sign as a fact."""
    fact = normal(Rel(op, Mul((ONE, term)), ZERO))
    assert isinstance(fact, Rel)
    notes.state(fact)
    return fact.left


def _by_names(context: Context, goal: Rel, terms: Sequence[Term], budget: Budget) -> Proof | None:
    """Prove a goal for any values of these terms that have their signs."""
    rest = normal(goal)
    names: list[str] = []
    for term in terms:
        assert isinstance(rest, Rel)
        fresh = unused(context, rest)
        table: dict[Term, Term] = {term: Sym(fresh)}
        context = context.replacing(table, context.integers)
        rest = map_terms(rest, lambda side, t=table: replace(side, t))  # type: ignore[misc]
        names.append(fresh)
    found = pairs(context, rest, budget.share(0.5))
    if found is None:
        return None
    proof = dict(found)
    for term, fresh in reversed(list(zip(terms, names, strict=True))):
        proof = {"rule": "generalise", "term": encode_term(term), "fresh": fresh, "then": proof}
    return proof
