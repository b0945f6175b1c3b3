"""Statements with definitions: unfold, take powers apart, and hand over to the search."""

from __future__ import annotations

from dataclasses import dataclass

from verify.kernel.check import check_goal, unfolded
from verify.kernel.context import Context
from verify.kernel.poly import Refused
from verify.language.codec import encode_term
from verify.language.term import And, Delta, Formula, Rel, Term, conj, num, relations, subterms
from verify.provers.budget import Budget, OutOfTime
from verify.provers.draft import Draft, Proof
from verify.provers.powers import expanded
from verify.provers.search import solve


@dataclass(frozen=True, slots=True)
class Lemma:
    """A proof together with the scalar statement that it came down to."""

    proof: Proof
    closed_form: Formula


def prove_goal(context: Context, goal: Formula, budget: Budget) -> Lemma | None:
    """A certificate for ``goal``, checked by the kernel, or None."""
    try:
        found = _prove(context, goal, budget)
        if found is not None:
            check_goal(context, goal, found.proof)
    except (OutOfTime, Refused, RecursionError):
        return None
    return found


def closed_form(context: Context, goal: Formula, budget: Budget) -> Formula:
    """The goal with definitions unfolded and powers taken apart.

    Raises:
        Refused: a definition cannot be unfolded.
    """
    return expanded(context, unfolded(goal, context.theory), budget)[0]


def _prove(context: Context, goal: Formula, budget: Budget) -> Lemma | None:
    if isinstance(goal, And):
        parts = []
        forms: list[Formula] = []
        for part in goal.args:
            found = _prove(context, part, budget)
            if found is None:
                return None
            parts.append(found.proof)
            forms.append(found.closed_form)
            context = context.having(part)
        return Lemma({"rule": "all", "parts": parts}, conj(*forms))
    scalar = unfolded(goal, context.theory) if context.theory.definitions else goal
    simple, steps = expanded(context, scalar, budget.share(0.5))
    draft = Draft(context)
    for delta in _deltas(simple):
        low, high = Rel(">=", delta, num(0)), Rel("<=", delta, num(1))
        draft.instance("delta_bounds", delta.left, delta.right, fact=low)
        draft.instance("delta_bounds", delta.left, delta.right, fact=high)
    core = solve(draft.context, simple, budget)
    if core is None:
        return None
    proof = draft.close(dict(core))
    for old, new, equation in reversed(steps):
        proof = {
            "rule": "rewrite",
            "term": encode_term(old),
            "by": encode_term(new),
            "proof": equation,
            "then": proof,
        }
    if context.theory.definitions:
        proof = {"rule": "unfold", "then": proof}
    return Lemma(proof, simple)


def _deltas(formula: Formula) -> list[Delta]:
    found: dict[Term, None] = {}
    for rel in relations(formula):
        for side in (rel.left, rel.right):
            found |= {node: None for node in subterms(side) if isinstance(node, Delta)}
    return [node for node in found if isinstance(node, Delta)]
