"""The same function at two points: ``f(a) <= f(b)`` from the order of the points and the sign of
the derivative in between, before denominators are cleared and products multiplied out.
"""

from __future__ import annotations

from verify.kernel.check import slope_premises
from verify.kernel.context import Context
from verify.language.term import And, Formula, Num, Rel, Sym, free_names, replace
from verify.provers.atoms import Notes
from verify.provers.budget import Budget
from verify.provers.tactic import Proof, Prove


def twins(prove: Prove, context: Context, goal: Formula, budget: Budget) -> Proof | None:
    """Follow one point to the other, where the sides differ in nothing but a variable."""
    found = _points(goal)
    if found is None:
        return None
    assert isinstance(goal, Rel)
    moving, fixed = found
    side = _side(context, moving, fixed)
    if side is None:
        return None
    fresh = _fresh(context, goal)
    premises = slope_premises(context, goal, moving, fixed, side, fresh, "slope")
    proofs = []
    for extra, premise in premises:
        notes = Notes(context.having(*extra))
        if extra:
            _carry_bounds(prove, notes, fixed, fresh, side, budget)
        proof = _premise(prove, notes.context, premise, budget)
        if proof is None:
            return None
        proofs.append(notes.close(dict(proof)))
    return {
        "rule": "slope",
        "var": moving,
        "from": fixed,
        "side": side,
        "point": fresh,
        "strict": "slope",
        **dict(zip(("order", "base", "domain", "slope"), proofs, strict=True)),
    }


def _points(goal: Formula) -> tuple[str, str] | None:
    """The variable of the left side, and that of the right side in its place."""
    if not isinstance(goal, Rel) or goal.op in ("==", "!="):
        return None
    left, right = free_names(goal.left), free_names(goal.right)
    if len(left - right) != 1 or len(right - left) != 1:
        return None
    (here,), (there,) = left - right, right - left
    if isinstance(goal.left, Sym) or replace(goal.left, {Sym(here): Sym(there)}) != goal.right:
        return None
    return here, there


def _side(context: Context, moving: str, fixed: str) -> str | None:
    """On which side of the fixed point the other one is known to lie."""
    if context.knows(Rel(">=", Sym(moving), Sym(fixed))):
        return "right"
    return "left" if context.knows(Rel("<=", Sym(moving), Sym(fixed))) else None


def _fresh(context: Context, goal: Rel) -> str:
    taken = context.names | free_names(goal) | context.integers
    number = 1
    while f"z_{number}" in taken:
        number += 1
    return f"z_{number}"


def _carry_bounds(
    prove: Prove, notes: Notes, fixed: str, fresh: str, side: str, budget: Budget
) -> None:
    """The literal bound of the fixed point holds for what is beyond it."""
    low, high = notes.context.bounds.get(fixed, (None, None))
    bound = low if side == "right" else high
    if bound is None:
        return
    fact = Rel(">=" if side == "right" else "<=", Sym(fresh), Num(bound))
    proof = prove.easier()(notes.context, fact, budget.share(0.1, 0.5))
    if proof is not None:
        notes.have(fact, dict(proof))


def _premise(prove: Prove, context: Context, premise: Formula, budget: Budget) -> Proof | None:
    """Each part by itself, from the facts about its own variables if these suffice."""
    if isinstance(premise, And):
        proofs = []
        for part in premise.args:
            proof = _premise(prove, context, part, budget)
            if proof is None:
                return None
            proofs.append(proof)
            context = context.having(part)
        return {"rule": "all", "parts": proofs}
    names = free_names(premise)
    keep = [k for k, fact in enumerate(context.facts) if free_names(fact) <= names]
    if len(keep) < len(context.facts):
        few = Context(tuple(context.facts[k] for k in keep), (), context.integers, context.theory)
        proof = prove(few, premise, budget.share(0.7))
        if proof is not None:
            return {"rule": "focus", "keep": keep, "then": proof}
    return prove(context, premise, budget)
