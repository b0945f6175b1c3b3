"""Sums of angles by the addition theorem: what is left is a combination of products of signs.

``sin x + sin y - sin(x + y)`` is ``sin x (1 - cos y) + sin y (1 - cos x)``, in which every factor
has a sign where the sines do.
"""

from __future__ import annotations

from verify.kernel.context import Context
from verify.kernel.poly import difference
from verify.language.term import ONE, ZERO, Call, Formula, Neg, Rel, RelOp, free_names, num
from verify.provers.atoms import Notes, establish, is_routine, learn
from verify.provers.budget import Budget
from verify.provers.half_sums import know_signs
from verify.provers.linear import farkas, pairs, triples
from verify.provers.tactic import Proof, Prove
from verify.provers.turns import angles_of, opened, outside_angles, unit_of

MOST = 3
"""How many variables the angles may have."""


def opened_angles(prove: Prove, context: Context, goal: Formula, budget: Budget) -> Proof | None:
    """A claim about sums of angles from products of the signs of their sines and cosines."""
    if not isinstance(goal, Rel) or goal.op in ("==", "!="):
        return None
    inside = [free_names(angle) for angle in angles_of(goal)]
    names = sorted(frozenset().union(*inside))
    if max(map(len, inside), default=0) < 2 or len(names) > MOST or outside_angles(goal):
        return None
    units = [unit_of(goal, name) for name in names]
    gap = difference(goal) if goal.op[0] == ">" else Neg(difference(goal))
    plain = opened(gap, units)
    if plain is None:
        return None
    # What is known of every angle anyway would make for too many products.
    keep = [number for number, fact in enumerate(context.facts) if not is_routine(fact)]
    facts = tuple(context.facts[number] for number in keep)
    notes = Notes(Context(facts, (), context.integers, context.theory))
    same = Rel("==", gap, plain)
    equal = prove(notes.context, same, budget.share(0.4))
    if equal is None:
        return None
    notes.add(same, equal)
    know_signs(prove, notes, goal, names, budget)
    for unit in units:
        learn(notes, "pythagoras", unit)
        for name in ("sin", "cos"):
            node = Call(name, (unit,))
            for bound in (Rel("<=", node, ONE), Rel(">=", node, num(-1))):
                establish(prove.easier(), notes, bound, budget)
    op: RelOp = ">" if goal.op in (">", "<") else ">="
    level = Rel(op, plain, ZERO)
    proof = pairs(notes.context, level, budget.share(0.5))
    proof = proof or triples(notes.context, level, budget.share(0.8))
    if proof is None:
        return None
    notes.have(level, dict(proof))
    last = farkas(notes.context, goal, budget)
    return last and {"rule": "focus", "keep": keep, "then": notes.close(dict(last))}
