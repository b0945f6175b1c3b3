"""Claims put another way: a hypothesis denied instead, squares of both sides, and apart from the
boundary of a hypothesis."""

from __future__ import annotations

from collections.abc import Iterator

from verify.kernel.context import Context
from verify.language.codec import encode_formula
from verify.language.term import (
    NEGATED,
    ZERO,
    Div,
    Formula,
    Neg,
    Num,
    Pow,
    Rel,
    RelOp,
    Sym,
    Term,
    add,
    contains,
    node_count,
    num,
    sub,
)
from verify.provers.atoms import Notes, establish
from verify.provers.budget import Budget
from verify.provers.linear import either_way, pairs
from verify.provers.sample import guess_sign, plausible
from verify.provers.squares import squares
from verify.provers.syntax import names, normal
from verify.provers.system import system
from verify.provers.tactic import Proof, Prove
from verify.provers.tangent import addends

MOST = 3
"""How many hypotheses are tried."""

DEGREE = 2
"""The degree of a claim whose sides are squared: what is longer has no simple squares."""

SHORT = 40
"""How many subterms a claim has at most: what is longer is not said more simply another way."""


def contrapositive(prove: Prove, context: Context, goal: Formula, budget: Budget) -> Proof | None:
    """If the goal fails, so does a hypothesis: one with denominators or powers is the better one to
    prove something about."""
    if not isinstance(goal, Rel) or goal.op in ("==", "!=") or not _short(goal):
        return None
    absent = Rel(NEGATED[goal.op], goal.left, goal.right)
    for number in _involved(context, goal):
        fact = context.facts[number]
        keep = [i for i in range(len(context.facts)) if i != number]
        few = Context(tuple(context.facts[i] for i in keep), (), context.integers)
        other = few.having(normal(absent))
        denied = normal(Rel(NEGATED[fact.op], fact.left, fact.right))
        if not other.defines(fact) or not plausible(other, denied):
            continue
        # Where there are no denominators, the search would come back to the goal with more effort.
        asked = prove if contains(fact, Div) else prove.easier().easier()
        proof = asked(other, denied, budget.share(0.4))
        if proof is None:
            continue
        whole = context.having(normal(absent))
        fresh = list(range(len(context.facts), len(whole.facts)))
        by = {"rule": "focus", "keep": [*keep, *fresh], "then": dict(proof)}
        if Context(tuple(whole.facts[i] for i in (*keep, *fresh))).facts != other.facts:
            continue
        products = [["1", [number], []], ["1", [len(whole.facts)], []]]
        absurd = {"rule": "refute", "products": products, "equations": []}
        end = {"rule": "absurd", "then": absurd}
        no = {"rule": "cut", "fact": encode_formula(denied), "by": by, "then": end}
        yes = {"rule": "given"}
        return {"rule": "split", "on": encode_formula(goal), "yes": yes, "no": no}
    return None


def _short(goal: Rel) -> bool:
    return node_count(goal.left) + node_count(goal.right) <= SHORT


def _involved(context: Context, goal: Rel) -> Iterator[int]:
    """The hypotheses that are no simple bounds and speak of what the goal speaks of."""
    found = []
    for number, fact in enumerate(context.facts):
        if fact.op in ("==", "!=") or not names(fact) & names(goal):
            continue
        if contains(fact, Div, Pow) and len(names(fact)) > 1:
            found.append(number)
    yield from found[:MOST]


def by_squares(prove: Prove, context: Context, goal: Formula, budget: Budget) -> Proof | None:
    """``L >= R`` from ``L^2 >= R^2`` and ``L >= 0``, where ``L`` is what is plainly positive."""
    if not isinstance(goal, Rel) or goal.op not in (">=", "<=") or not _short(goal):
        return None
    total = sub(goal.left, goal.right) if goal.op == ">=" else sub(goal.right, goal.left)
    left: list[Term] = []
    right: list[Term] = []
    for addend in addends(total):
        (left if guess_sign(context, addend) == 1 else right).append(addend)
    if not left or not right or any(isinstance(term, Num) for term in (*left, *right)):
        return None
    view = system(context, goal)
    if view is None or view.target.total_degree() > DEGREE:
        return None
    high, low = add(*left), Neg(add(*right))
    square = Rel(">=", Pow(high, num(2)), Pow(low, num(2)))
    if not plausible(context, square):
        return None
    notes = Notes(context)
    # By strategies that work alone: the difference of two squares has the goal as a factor.
    proof = pairs(context, square, budget.share(0.2)) or squares(context, square, budget.share(0.6))
    if proof is None:
        return None
    notes.add(square, dict(proof))
    if not establish(prove.easier(), notes, Rel(">=", high, ZERO), budget):
        return None
    # With N = R - L > 0: N^2 + 2 L N + (L^2 - R^2) = 0.
    goal_fails, positive = notes.negated(goal), notes.number_of(Rel(">=", high, ZERO))
    products = [
        ["1", [goal_fails, goal_fails], []],
        ["2", [positive, goal_fails], []],
        ["1", [notes.number_of(square)], []],
    ]
    return notes.close({"rule": "refute", "products": products, "equations": []})


def off_the_boundary(prove: Prove, context: Context, goal: Formula, budget: Budget) -> Proof | None:
    """Where a hypothesis is an equation apart from where it is strict."""
    view = system(context, goal)
    if view is None or view.goal is None or not isinstance(goal, Rel):
        return None
    if any(cut in context.facts for fact in context.facts for cut in _cuts(fact)):
        # One such cut is enough: with each further one there are more cases.
        return None
    for fact in _weak(context, goal):
        on, strict = _cuts(fact)
        if not context.defines(strict):
            continue
        inside = prove.easier()(context.having(strict), goal, budget.share(0.5))
        if inside is None:
            continue
        outside = context.having(Rel(NEGATED[strict.op], strict.left, strict.right))
        equal = either_way(outside, on, budget.share(0.1, 0.5))
        # The two inequalities say no more than the equation.
        inner, edge_facts = context.having(on), outside.having(on).facts
        edge = equal and prove(inner, goal, budget.share(0.8))
        if equal is None or edge is None:
            return None
        keep = [edge_facts.index(fact) for fact in inner.facts]
        then = {"rule": "focus", "keep": keep, "then": dict(edge)}
        no = {"rule": "cut", "fact": encode_formula(on), "by": dict(equal), "then": then}
        yes = dict(inside)
        return {"rule": "split", "on": encode_formula(strict), "yes": yes, "no": no}
    return None


def _cuts(fact: Rel) -> tuple[Rel, ...]:
    """What is known in addition on either side of the boundary of a weak inequality."""
    if fact.op not in (">=", "<="):
        return ()
    strict: RelOp = ">" if fact.op == ">=" else "<"
    return Rel("==", fact.left, fact.right), Rel(strict, fact.left, fact.right)


def _weak(context: Context, goal: Rel) -> list[Rel]:
    """Weak inequalities among the hypotheses: first of the variables in the goal, then others."""
    found = [
        fact
        for fact in context.facts
        if fact.op in (">=", "<=")
        and names(fact) & names(goal)
        and not context.knows(Rel(">" if fact.op == ">=" else "<", fact.left, fact.right))
    ]
    simple = [fact for fact in found if isinstance(fact.left, Sym)]
    return [*simple, *(fact for fact in found if fact not in simple)][:MOST]
