"""The order in which the strategies are tried, and how they share the time.

Everything here is untrusted: whatever comes out is checked by the kernel before anyone sees it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from verify.kernel.check import Sequent, check
from verify.kernel.context import Context
from verify.kernel.poly import Refused
from verify.language.render import text
from verify.language.term import (
    FALSE,
    And,
    Formula,
    Or,
    Rel,
    conditions,
    nnf,
)
from verify.provers.budget import Budget, OutOfTime

Proof = Mapping[str, Any]
Tactic = Callable[[Context, Formula, Budget], Proof | None]
"""Tries to prove one relation, known to be defined, or a contradiction (``FALSE``)."""

MAX_DEPTH = 40


def prove(sequent: Sequent, budget: Budget) -> Proof | None:
    """A certificate that the kernel accepts, or None."""
    try:
        proof = solve(sequent.context(), nnf(sequent.conclusion), budget)
        if proof is None:
            return None
        check(sequent, proof)
    except (OutOfTime, Refused, RecursionError):
        return None
    return proof


def solve(context: Context, goal: Formula, budget: Budget, depth: int = 0) -> Proof | None:
    """A proof of ``goal``, by its structure down to single relations."""
    budget.check()
    if depth > MAX_DEPTH:
        return None
    match goal:
        case And(args=parts):
            return _conjunction(context, parts, budget, depth)
        case Or(args=parts) if parts:
            return _disjunction(context, parts, budget, depth)
    if context.choices:
        return _cases(context, goal, budget, depth)
    if isinstance(goal, Rel):
        return _defined(context, goal, budget, depth)
    return leaf(context, goal, budget)


def _conjunction(
    context: Context, parts: tuple[Formula, ...], budget: Budget, depth: int
) -> Proof | None:
    proofs = []
    for part in parts:
        proof = solve(context, part, budget, depth + 1)
        if proof is None:
            return None
        proofs.append(proof)
        context = context.having(part)
    return {"rule": "all", "parts": proofs}


def _disjunction(
    context: Context, parts: tuple[Formula, ...], budget: Budget, depth: int
) -> Proof | None:
    for index, part in enumerate(parts):
        proof = solve(context, part, budget.share(0.3), depth + 1)
        if proof is not None:
            return {"rule": "either", "index": index, "then": proof}
    return None


def _cases(context: Context, goal: Formula, budget: Budget, depth: int) -> Proof | None:
    rest = context.without_choice(0)
    branches = []
    for alternative in context.choices[0].args:
        proof = solve(rest.having(alternative), goal, budget, depth + 1)
        if proof is None:
            return None
        branches.append(proof)
    return {"rule": "cases", "of": 0, "branches": branches}


def _defined(context: Context, goal: Rel, budget: Budget, depth: int) -> Proof | None:
    """Prove what the goal needs in order to be defined, then the goal."""
    for side in (goal.left, goal.right):
        for condition in conditions(side):
            if context.knows(condition):
                continue
            proof = solve(context, condition, budget, depth + 1)
            if proof is None:
                break
            then = _defined(context.having(condition), goal, budget, depth + 1)
            return then and {"rule": "cut", "fact": text(condition), "by": proof, "then": then}
    if not context.defines(goal):
        absurd = leaf(context, FALSE, budget.share(0.2))
        return absurd and {"rule": "absurd", "then": absurd}
    return leaf(context, goal, budget)


def leaf(context: Context, goal: Formula, budget: Budget) -> Proof | None:
    """One relation that is known to be defined, by the first strategy that succeeds."""
    if isinstance(goal, Rel) and context.knows(goal):
        return {"rule": "given"}
    for tactic, part, most in TACTICS:
        try:
            proof = tactic(context, goal, budget.share(part, most))
        except OutOfTime:
            budget.check()
            continue
        if proof is not None:
            return proof
    return None


TACTICS: tuple[tuple[Tactic, float, float], ...] = ()
"""Strategies with the share of the remaining time, and the seconds, that each may use at most."""
