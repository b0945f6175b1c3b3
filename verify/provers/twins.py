"""The same function at two points: ``f(a) <= f(b)`` from the order of the points and the sign of
the derivative in between, before denominators are cleared and products multiplied out.
"""

from __future__ import annotations

from fractions import Fraction

from verify.kernel.check import slope_premises
from verify.kernel.context import Context
from verify.kernel.poly import Refused, canonical
from verify.language.codec import encode_formula, encode_term
from verify.language.term import (
    Add,
    And,
    Formula,
    Mul,
    Num,
    Rel,
    RelOp,
    Sym,
    Term,
    free_names,
    map_terms,
    replace,
    subterms,
)
from verify.provers.atoms import Notes
from verify.provers.budget import Budget
from verify.provers.sample import chained_bounds
from verify.provers.syntax import unused
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
    fresh = unused(context, goal)
    premises = slope_premises(context, goal, moving, fixed, side, fresh, "slope")
    proofs = []
    for extra, premise in premises:
        notes = Notes(context.having(*extra))
        if extra:
            _carry_bounds(prove, notes, fresh, budget)
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


def successors(prove: Prove, context: Context, goal: Formula, budget: Budget) -> Proof | None:
    """``f(n) <= f(n + 1)`` from ``f(n) <= f(m)`` for all real ``m >= n``."""
    found = _shift(goal)
    if found is None:
        return None
    shift, plain = found
    if plain != goal:
        # The same in another form: n + 2 is (n + 1) + 1.
        by = successors(prove, context, plain, budget)
        fact = encode_formula(plain)
        return by and {"rule": "cut", "fact": fact, "by": by, "then": {"rule": "given"}}
    (name,) = free_names(shift)
    notes = Notes(context)
    ops: tuple[RelOp, ...] = (">", "<") if plain.op in (">", "<") else (">=", "<=")
    known = [fact for op in ops if notes.context.knows(fact := Rel(op, shift, Sym(name)))]
    if not known or not notes.context.defines_term(shift):
        return None
    notes.state(known[0])
    fresh = unused(notes.context, plain)
    table: dict[Term, Term] = {shift: Sym(fresh)}
    inner = notes.context.replacing(table, context.integers)
    then = prove(inner, map_terms(plain, lambda side: replace(side, table)), budget)
    return then and notes.close(
        {"rule": "generalise", "term": encode_term(shift), "fresh": fresh, "then": then}
    )


def _shift(goal: Formula) -> tuple[Term, Rel] | None:
    """What stands on one side for the variable of the other, and the goal with that put in."""
    if not isinstance(goal, Rel) or goal.op in ("==", "!="):
        return None
    for here, there in ((goal.left, goal.right), (goal.right, goal.left)):
        names = free_names(here)
        if isinstance(here, Sym) or len(names) != 1 or names != free_names(there):
            continue
        (name,) = names
        for sum_ in dict.fromkeys(subterms(there)):
            term: Term = sum_
            if not isinstance(sum_, Add):
                continue
            moved = replace(here, {Sym(name): term})
            if not _same(moved, there):
                continue
            if moved != there or any(part == term for part in subterms(here)):
                # A spelling of its own: the side that stays lacks it, and no sum takes it in.
                term = Mul((Num(Fraction(1)), term))
                moved = replace(here, {Sym(name): term})
            return term, Rel(goal.op, *((here, moved) if here == goal.left else (moved, here)))
    return None


def _same(one: Term, other: Term) -> bool:
    try:
        return one == other or canonical(one) == canonical(other)
    except Refused:
        return False


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


def _carry_bounds(prove: Prove, notes: Notes, fresh: str, budget: Budget) -> None:
    """The literal bounds of what is between two points, which come through these."""
    low, high = chained_bounds(notes.context).get(fresh, (None, None))
    ends: tuple[tuple[RelOp, Fraction | None], ...] = ((">=", low), ("<=", high))
    for op, bound in ends:
        if bound is None:
            continue
        fact = Rel(op, Sym(fresh), Num(bound))
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
