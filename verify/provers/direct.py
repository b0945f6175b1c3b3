"""A short search for obligations that definitions have brought into factored form.

Signs of factors come first, then linear combinations of facts and of their products; only what is
left goes to the general search.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any

from verify.kernel.context import Context
from verify.kernel.poly import Refused, Ring, sign_form, sign_polynomial
from verify.language.codec import normal_formula
from verify.language.term import FALSE, And, Formula, Or, Rel, conditions, relations
from verify.provers.budget import Budget, OutOfTime
from verify.provers.draft import Draft, Proof
from verify.provers.linear import farkas, pairs, products_up_to
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


def within(context: Context, goal: Formula, budget: Budget) -> Proof | None:
    """Like :func:`direct`, with None when the time is over: for attempts on the side."""
    return _within(context, goal, budget, 0)


def quick(context: Context, goal: Formula, budget: Budget) -> Proof | None:
    """Like :func:`within`, without the general search."""
    return _within(context, goal, budget, 2)


def _within(context: Context, goal: Formula, budget: Budget, depth: int) -> Proof | None:
    try:
        return direct(context, goal, budget, depth)
    except OutOfTime:
        return None


def _leaf(context: Context, goal: Rel, budget: Budget, depth: int) -> Proof | None:
    from verify.provers.powers import by_factors  # noqa: PLC0415

    if context.knows(goal):
        return {"rule": "given"}
    attempts = ((farkas, 0.3), (by_factors, 0.7), (pairs, 0.3), (relevant, 0.8))
    for attempt, share in attempts:
        try:
            proof = attempt(context, goal, budget.share(share, 3.0))
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


def focused(
    context: Context,
    goal: Formula,
    keep: Iterable[Rel],
    prove: Callable[[Context, Formula], Mapping[str, Any] | None],
) -> Proof | None:
    """Prove a goal from some of the facts, and from those that make these and the goal defined."""
    chosen = {normal_formula(fact) for fact in keep}
    needed = {form for rel in (*relations(goal), *chosen) for form in _needed(rel)}
    numbers = [
        index
        for index, fact in enumerate(context.facts)
        if normal_formula(fact) in chosen or _polynomial(fact) in needed
    ]
    facts = tuple(context.facts[index] for index in numbers)
    try:
        proof = prove(Context(facts, (), context.integers, context.theory), goal)
    except OutOfTime:
        return None
    return None if proof is None else {"rule": "focus", "keep": numbers, "then": proof}


def relevant(context: Context, goal: Formula, budget: Budget) -> Proof | None:
    """Products of those facts alone that speak of what the goal speaks of.

    A statement has many more hypotheses than one inequality needs, and the number of products
    grows with each of them.
    """
    if not isinstance(goal, Rel):
        return None
    wanted = _atoms(goal)
    if wanted is None:
        return None
    found = _among(context, goal, wanted, budget.share(0.5))
    if found is None:
        wider = _widened(context, wanted)
        if wider != wanted:
            found = _among(context, goal, wider, budget)
    return found


def _widened(context: Context, wanted: frozenset[str]) -> frozenset[str]:
    """The atoms that equations, and inequalities with one more atom, connect with the goal's."""
    facts = [(fact, atoms) for fact in context.facts if (atoms := _atoms(fact))]
    for fact, atoms in facts:
        if fact.op == "==" and atoms & wanted:
            wanted |= atoms
    fresh: set[str] = set()
    for _, atoms in facts:
        if len(atoms - wanted) == 1 and len(atoms) > 1:
            fresh |= atoms
    return wanted | fresh


def _among(context: Context, goal: Rel, wanted: frozenset[str], budget: Budget) -> Proof | None:
    chosen = [
        fact for fact in context.facts if (atoms := _atoms(fact)) is not None and atoms <= wanted
    ]
    needed = {form for rel in (goal, *chosen) for form in _needed(rel)}
    numbers = [
        index
        for index, fact in enumerate(context.facts)
        if fact in chosen or _polynomial(fact) in needed
    ]
    if len(numbers) == len(context.facts):
        return None
    few = Context(tuple(context.facts[index] for index in numbers), (), context.integers)
    if not few.defines(goal):
        return None
    found = products_up_to(few, goal, budget, 4)
    if found is None or found["rule"] != "refute":
        return None

    def renumbered(index: int) -> int:
        if index < len(numbers):
            return numbers[index]
        return index - len(numbers) + len(context.facts)

    return {
        "rule": "refute",
        "products": [
            [coefficient, [renumbered(i) for i in facts], roots]
            for coefficient, facts, roots in found["products"]
        ],
        "equations": [[renumbered(i), multiplier] for i, multiplier in found["equations"]],
    }


@lru_cache(maxsize=10_000)
def _polynomial(rel: Rel) -> str:
    try:
        return sign_form(rel).polynomial
    except Refused:
        return ""


@lru_cache(maxsize=10_000)
def _needed(rel: Rel) -> frozenset[str]:
    """The polynomials whose signs make the relation defined."""
    found = (*conditions(rel.left), *conditions(rel.right))
    return frozenset(filter(None, (_polynomial(condition) for condition in found)))


@lru_cache(maxsize=10_000)
def _atoms(rel: Rel) -> frozenset[str] | None:
    """The atoms that remain in the normal form of a relation."""
    try:
        ring = Ring((rel.left, rel.right))
        polynomial = sign_polynomial(ring, rel)
    except Refused:
        return None
    degrees = polynomial.degrees()
    return frozenset(key for key, degree in zip(ring.keys, degrees, strict=True) if degree > 0)
