"""A quotient compared by a known bound of its denominator: ``a / s <= r`` from ``s >= b`` and
``a / b <= r``."""

from __future__ import annotations

from collections.abc import Iterator

from verify.kernel.context import Context
from verify.language.term import ZERO, Div, Formula, Num, Rel, Sym, Term
from verify.provers.budget import Budget, OutOfTime
from verify.provers.direct import quick
from verify.provers.draft import Draft, Proof
from verify.provers.linear import farkas
from verify.provers.logarithms import by_logarithms
from verify.provers.premises import about, generalised


def by_denominator(context: Context, goal: Formula, budget: Budget) -> Proof | None:
    """Prove ``a / s <= r`` or ``a / s >= r`` for ``a >= 0`` and a variable ``s`` with bounds."""
    if not isinstance(goal, Rel) or goal.op not in ("<=", ">="):
        return None
    left = goal.left
    if not isinstance(left, Div) or not isinstance(left.den, Sym) or isinstance(left.num, Num):
        return None
    try:
        draft = Draft(context)
        if not _have(draft, Rel(">=", left.num, ZERO), budget):
            return None
        for chain in _bounds(context, left.den, goal.op):
            proof = _with_bound(draft.context, goal, left, chain, budget.share(0.5))
            if proof is not None:
                return draft.close(proof)
    except OutOfTime:
        pass
    return None


def _bounds(context: Context, name: Term, op: str) -> Iterator[tuple[Term, ...]]:
    """What a variable is at least (for a quotient that is at most something) or at most, last, and
    what is between them. That it is at least a number is no news."""
    ops = (">=", ">", "==") if op == "<=" else ("<=", "<", "==")
    near = [fact.right for fact in context.facts if fact.left == name and fact.op in ops]
    far = [
        (fact.left, fact.right) for fact in context.facts if fact.left in near and fact.op in ops
    ]
    chains: list[tuple[Term, ...]] = [*far, *((bound,) for bound in near)]
    yield from dict.fromkeys(chain for chain in chains if not isinstance(chain[-1], Num))


def _with_bound(
    context: Context, goal: Rel, left: Div, chain: tuple[Term, ...], budget: Budget
) -> Proof | None:
    draft, bound = Draft(context), chain[-1]
    if not _have(draft, Rel(">", bound, ZERO), budget):
        return None
    ordered = Rel(">=" if goal.op == "<=" else "<=", left.den, bound)
    positive = Rel(">", left.den, ZERO)
    for fact in (ordered, positive) if goal.op == "<=" else (positive, ordered):
        proof = {"rule": "given"} if draft.context.knows(fact) else None
        proof = proof or generalised(draft.context, fact, [left.den, *chain], farkas, budget)
        proof = proof or quick(draft.context, fact, budget.share(0.2))
        if proof is None:
            return None
        draft.force(fact, proof)
    simple = Div(left.num, bound)
    last = Rel(goal.op, simple, goal.right)
    enough = quick(draft.context, last, budget.share(0.3))
    if enough is None:
        enough = by_logarithms(draft.context, last, budget.share(0.5))
    if enough is None:
        return None
    draft.force(last, enough)
    compared = Rel(goal.op, left, simple)
    proof = generalised(draft.context, compared, [left.num, left.den, bound], _signs, budget)
    if proof is None:
        return None
    draft.force(compared, proof)
    closing = generalised(draft.context, goal, [left, simple, goal.right], farkas, budget)
    return None if closing is None else draft.close(closing)


def _have(draft: Draft, fact: Rel, budget: Budget) -> bool:
    if draft.context.knows(fact):
        return True
    proof = about(draft.context, fact, _signs, budget.share(0.3))
    if proof is None:
        return False
    draft.have(fact, proof)
    return True


def _signs(context: Context, goal: Formula, budget: Budget) -> Proof | None:
    return quick(context, goal, budget)
