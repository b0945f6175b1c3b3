"""A short search for obligations that definitions have brought into factored form.

Signs of factors come first, then linear combinations of facts and of their products; only what is
left goes to the general search.
"""

from __future__ import annotations

from verify.kernel.context import Context
from verify.language.term import FALSE, And, Formula, Or, Rel, conditions
from verify.provers.budget import Budget, OutOfTime
from verify.provers.draft import Draft, Proof
from verify.provers.linear import farkas, pairs
from verify.provers.search import solve

MAX_DEPTH = 6


def direct(context: Context, goal: Formula, budget: Budget, depth: int = 0) -> Proof | None:
    """A proof of ``goal``, not yet checked, or None."""
    budget.check()
    if depth > MAX_DEPTH:
        return None
    match goal:
        case And(args=parts):
            return _all(context, parts, budget, depth)
        case Or() if goal != FALSE:
            return _general(context, goal, budget, depth)
    if context.choices:
        return _cases(context, goal, budget, depth)
    if not isinstance(goal, Rel):
        return _general(context, goal, budget, depth)
    draft = Draft(context)
    for side in (goal.left, goal.right):
        for condition in conditions(side):
            if draft.context.knows(condition):
                continue
            proof = direct(draft.context, condition, budget.share(0.5), depth + 1)
            if proof is None:
                return None
            draft.have(condition, proof)
    last = _leaf(draft.context, goal, budget, depth)
    return None if last is None else draft.close(last)


def within(
    context: Context, goal: Formula, budget: Budget, quick: bool = False
) -> Proof | None:
    """Like :func:`direct`, with None when the time is over: for attempts on the side.

    A quick attempt leaves out the general search.
    """
    try:
        return direct(context, goal, budget, 2 if quick else 0)
    except OutOfTime:
        return None


def _leaf(context: Context, goal: Rel, budget: Budget, depth: int) -> Proof | None:
    from verify.provers.powers import by_factors  # noqa: PLC0415

    if context.knows(goal):
        return {"rule": "given"}
    for attempt in (farkas, by_factors, pairs):
        try:
            proof = attempt(context, goal, budget.share(0.4, 2.0))
        except OutOfTime:
            budget.check()
            continue
        if proof is not None:
            return dict(proof)
    return _general(context, goal, budget, depth)


def _general(context: Context, goal: Formula, budget: Budget, depth: int) -> Proof | None:
    if depth > 1:
        return None
    try:
        found = solve(context, goal, budget.share(0.5, 3.0))
    except OutOfTime:
        budget.check()
        return None
    return None if found is None else dict(found)


def _all(context: Context, parts: tuple[Formula, ...], budget: Budget, depth: int) -> Proof | None:
    proofs = []
    for part in parts:
        proof = direct(context, part, budget, depth)
        if proof is None:
            return None
        proofs.append(proof)
        context = context.having(part)
    return {"rule": "all", "parts": proofs}


def _cases(context: Context, goal: Formula, budget: Budget, depth: int) -> Proof | None:
    rest = context.without_choice(0)
    branches = []
    for alternative in context.choices[0].args:
        branch = direct(rest.having(alternative), goal, budget, depth)
        if branch is None:
            return None
        branches.append(branch)
    return {"rule": "cases", "of": 0, "branches": branches}
