"""Proofs of side conditions: by strategies that work alone and at once."""

from __future__ import annotations

from verify.kernel.context import Context
from verify.language.term import Rel
from verify.provers.budget import Budget, OutOfTime
from verify.provers.cones import signs
from verify.provers.line import line
from verify.provers.linear import farkas
from verify.provers.sample import plausible
from verify.provers.tactic import Proof


def quick(context: Context, goal: Rel, budget: Budget) -> Proof | None:
    """A proof of an easy relation, or None."""
    if not context.defines(goal):
        return None
    if context.knows(goal):
        return {"rule": "given"}
    if not plausible(context, goal):
        return None
    for tactic in (line, farkas, signs):
        try:
            proof = tactic(context, goal, budget.share(0.2, 0.5))
        except OutOfTime:
            budget.check()
            continue
        if proof is not None:
            return proof
    return None
