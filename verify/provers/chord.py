"""Concave functions between two ends at which the claim holds."""

from __future__ import annotations

from verify.kernel.check import chord_premises
from verify.kernel.context import Context
from verify.language.codec import encode_term
from verify.language.term import FLIPPED, And, Formula, Num, Rel, Sym, Term, free_names
from verify.provers.budget import Budget
from verify.provers.sample import plausible
from verify.provers.syntax import unused
from verify.provers.tactic import Proof, Prove


def chord(prove: Prove, context: Context, goal: Formula, budget: Budget) -> Proof | None:
    """The claim at both ends of a variable's range, and the sign of the second derivative."""
    if not isinstance(goal, Rel) or goal.op in ("==", "!="):
        return None
    for name in sorted(free_names(goal) - context.integers):
        low, high = _end(context, name, ">="), _end(context, name, "<=")
        if low is None or high is None:
            continue
        proof = _between(prove, context, goal, name, low, high, budget.share(0.6))
        if proof is not None:
            return proof
    return None


def _end(context: Context, name: str, op: str) -> Term | None:
    """A bound of a variable among the facts, without the variable; numbers first."""
    value = context.bounds.get(name, (None, None))[0 if op == ">=" else 1]
    if value is not None:
        return Num(value)
    for fact in context.facts:
        sides = ((fact.left, fact.op, fact.right), (fact.right, FLIPPED[fact.op], fact.left))
        for left, relation, right in sides:
            if left == Sym(name) and relation in (op, op[0]) and name not in free_names(right):
                return right
    return None


def _between(
    prove: Prove, context: Context, goal: Rel, name: str, low: Term, high: Term, budget: Budget
) -> Proof | None:
    point = unused(context, goal)
    fields = {"var": name, "low": encode_term(low), "high": encode_term(high), "point": point}
    premises = chord_premises(context, goal, *fields.values())
    for extra, premise in premises:
        inner = context.having(*extra)
        parts = premise.args if isinstance(premise, And) else (premise,)
        if not all(plausible(inner, part) for part in parts):
            return None
    proofs = {}
    for part, (extra, premise) in zip(("order", "ends", "domain", "bend"), premises, strict=True):
        proof = prove(context.having(*extra), premise, budget)
        if proof is None:
            return None
        proofs[part] = proof
    return {"rule": "chord", **fields, **proofs}
