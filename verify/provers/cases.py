"""Case distinctions: absolute values, maxima and minima, signs."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from verify.kernel.context import Context
from verify.kernel.functions import instance
from verify.language.codec import encode_formula, encode_term
from verify.language.term import (
    NEGATED,
    ZERO,
    Call,
    Formula,
    Neg,
    Rel,
    Sym,
    Term,
    free_names,
    map_terms,
    num,
    occurrences,
    relations,
    replace,
    sub,
    subterms,
)
from verify.provers.atoms import Notes, learn
from verify.provers.budget import Budget
from verify.provers.draft import rewritten
from verify.provers.linear import farkas, pairs
from verify.provers.sample import guess_sign, tight_points
from verify.provers.syntax import applications, calls, names
from verify.provers.system import System, system
from verify.provers.tactic import DeadEnd, Proof, Prove

MAX_CUTS = 4
PIECEWISE = frozenset(("abs", "min", "max"))


def piecewise(prove: Prove, context: Context, goal: Formula, budget: Budget) -> Proof | None:
    """Decide the sign inside one absolute value, or which argument of a maximum is largest."""
    term = _next(context, goal)
    if term is None:
        return None
    if len(term.args) > 2:
        return _nested(prove, context, goal, term, budget)
    notes = Notes(context)
    _upper_bounds(notes, term, goal, budget)
    if _settled(notes.context, goal, term):
        proof = prove(notes.context, goal, budget)
        return proof and notes.close(dict(proof))
    on = _question(term)
    if not context.defines(on):
        return None
    sign = guess_sign(context, on.left if on.right == ZERO else sub(on.left, on.right))
    if sign in (1, -1):
        holds = sign == (-1 if on.op == "<=" else 1)
        branch = on if holds else Rel(">=" if on.op == "<=" else "<=", on.left, on.right)
        by = prove.easier()(context, branch, budget.share(0.3))
        if by is not None:
            rest = _branch(prove, context.having(branch), goal, term, branch, budget)
            fact = encode_formula(branch)
            return rest and {"rule": "cut", "fact": fact, "by": by, "then": rest}
    no = Rel(NEGATED[on.op], on.left, on.right)
    proofs = []
    for branch in (on, no):
        proof = _branch(prove, context.having(branch), goal, term, branch, budget)
        if proof is None:
            raise DeadEnd
        proofs.append(proof)
    return {"rule": "split", "on": encode_formula(on), "yes": proofs[0], "no": proofs[1]}


def _nested(
    prove: Prove, context: Context, goal: Formula, term: Call, budget: Budget
) -> Proof | None:
    """``max(a, b, c)`` as ``max(max(a, b), c)``, of which each maximum has two cases."""
    value, *rest = term.args
    notes = Notes(context)
    for arg in rest:
        learn(notes, f"{term.name}_bounds", value, arg)
        value = Call(term.name, (value, arg))
    table: dict[Term, Term] = {term: value}
    for fact in context.facts:
        if _mentions(fact, term):
            notes.state(map_terms(fact, lambda side: replace(side, table)))
    nested = map_terms(goal, lambda side: replace(side, table))
    keep = [i for i, fact in enumerate(notes.context.facts) if not _mentions(fact, term)]
    facts = tuple(notes.context.facts[i] for i in keep)
    inner = Context(facts, (), context.integers, context.theory)
    found = prove(inner, nested, budget)
    if found is None:
        return None
    proof: dict[str, Any] = {"rule": "focus", "keep": keep, "then": found}
    return notes.close(rewritten([(term, value)] if nested != goal else [], proof))


def _next(context: Context, goal: Formula) -> Call | None:
    """An innermost term by cases whose value is not yet known as an equation: the one about the
    simplest term first, since the case that holds there often decides the others."""
    found: dict[Call, None] = {}
    for rel in (goal, *context.facts):
        if not isinstance(rel, Rel) or not calls(rel) & PIECEWISE:
            continue
        for term in applications(rel):
            if not isinstance(term, Call) or term.name not in PIECEWISE:
                continue
            inner = (n for a in term.args for n in subterms(a))
            if any(isinstance(n, Call) and n.name in PIECEWISE for n in inner):
                continue
            found[term] = None
    for term in sorted(found, key=_complexity):
        if len(term.args) > 2 or not _solved(context, goal, term):
            return term
    return None


def _complexity(term: Call) -> tuple[int, int]:
    """How many functions are inside, and how large the whole is."""
    inside = [node for arg in term.args for node in occurrences(arg)]
    return sum(isinstance(node, Call) for node in inside), len(inside)


def _values(term: Call) -> tuple[Term, Term]:
    """What the term equals in the first case, and in the second."""
    if term.name == "abs":
        return term.args[0], Neg(term.args[0])
    return term.args[0], term.args[1]


def _solved(context: Context, goal: Formula, term: Call) -> bool:
    known = any(context.knows(Rel("==", term, value)) for value in _values(term))
    return known or _settled(context, goal, term)


def _mentions(rel: Rel, term: Call) -> bool:
    return term in applications(rel)


def _bounds(term: Call) -> tuple[Formula, ...]:
    """What holds of the term in any case."""
    _, conclusion = instance(f"{term.name}_bounds", list(term.args))
    return tuple(relations(conclusion))


def _question(term: Call) -> Rel:
    if term.name == "abs":
        return Rel(">=", term.args[0], ZERO)
    return Rel(">=" if term.name == "max" else "<=", term.args[0], term.args[1])


def _branch(
    prove: Prove, context: Context, goal: Formula, term: Call, case: Rel, budget: Budget
) -> Proof | None:
    """The proof in one case, with the term replaced in the goal."""
    notes = Notes(context)
    first = case.op == _question(term).op
    if term.name == "abs":
        learn(notes, "abs_nonnegative" if first else "abs_nonpositive", term.args[0])
    else:
        left, right = term.args if first else reversed(term.args)
        learn(notes, f"{term.name}_left", left, right)
    value = _values(term)[0 if first else 1]
    equation = Rel("==", term, value)
    if not notes.context.knows(equation):
        return None
    simple = map_terms(goal, lambda side: replace(side, {term: value}))
    proof = prove(notes.context, simple, budget)
    if proof is None:
        return None
    if simple != goal:
        proof = {
            "rule": "rewrite",
            "term": encode_term(term),
            "by": encode_term(value),
            "proof": {"rule": "given"},
            "then": proof,
        }
    return notes.close(dict(proof))


def _upper_bounds(notes: Notes, term: Call, goal: Formula, budget: Budget) -> None:
    """From ``|t| <= u`` conclude ``t <= u`` and ``-t <= u``, and alike for maxima and minima."""
    learn(notes, f"{term.name}_bounds", *term.args)
    view = system(notes.context, goal)
    if view is None:
        return
    for fact in _bounded_facts(view, term):
        for value in _values(term):
            weaker = map_terms(fact, lambda side, v=value: replace(side, {term: v}))  # type: ignore[misc]
            if isinstance(weaker, Rel) and not notes.context.knows(weaker):
                proof = farkas(notes.context, weaker, budget.share(0.1))
                if proof is not None:
                    notes.add(weaker, proof)


def _bounded_facts(view: System, term: Call) -> Iterator[Rel]:
    """The inequalities that mention the term, other than its own bounds."""
    bounds = _bounds(term)
    for item in view.facts:
        fact = view.context.facts[item.index]
        if item.op in (">=", ">") and fact not in bounds and _mentions(fact, term):
            yield fact


def _settled(context: Context, goal: Formula, term: Call) -> bool:
    """Whether the term is only left in facts that others have replaced."""
    if isinstance(goal, Rel) and _mentions(goal, term):
        return False
    bounds = _bounds(term)
    for fact in context.facts:
        if not _mentions(fact, term) or fact in bounds:
            continue
        weaker = [
            map_terms(fact, lambda side, v=value: replace(side, {term: v}))  # type: ignore[misc]
            for value in _values(term)
        ]
        if not all(isinstance(w, Rel) and context.knows(w) for w in weaker):
            return False
    return True


def signs(prove: Prove, context: Context, goal: Formula, budget: Budget) -> Proof | None:
    """Split on the sign of a variable that has none."""
    view = system(context, goal)
    if view is None or view.goal is None:
        return None
    for index in sorted(view.used(view.target)):
        variable = view.generators[index]
        on = Rel(">=", variable, ZERO)
        if not context.defines(on) or context.knows(on) or context.knows(Rel("<=", variable, ZERO)):
            continue
        low, high = context.bounds.get(getattr(variable, "name", ""), (None, None))
        if (low is not None and low >= 0) or (high is not None and high <= 0):
            continue
        proofs = []
        for branch in (on, Rel("<", variable, ZERO)):
            proof = prove(context.having(branch), goal, budget)
            if proof is None:
                return None
            proofs.append(proof)
        return {"rule": "split", "on": encode_formula(on), "yes": proofs[0], "no": proofs[1]}
    return None


def at_equality(prove: Prove, context: Context, goal: Formula, budget: Budget) -> Proof | None:
    """Split at the coordinates of a point where both sides of the goal are equal."""
    if not isinstance(goal, Rel) or goal.op in ("==", "!="):
        return None
    cuts: list[Rel] = []
    for point in tight_points(context, goal):
        cuts = [cut for cut in _simple_cuts(context, goal, point) if not _decided(context, cut)]
        if cuts:
            break
    if not 0 < len(cuts) <= MAX_CUTS:
        return None
    return _split_all(prove, context, goal, cuts, budget)


def _simple_cuts(context: Context, goal: Rel, point: dict[str, float]) -> list[Rel]:
    cuts: list[Rel] = []
    for name in sorted(names(goal) - context.integers):
        value = Fraction(point[name]).limit_denominator(6)
        if abs(float(value) - point[name]) < 0.02 * (1 + abs(point[name])):
            cuts.append(Rel(">=", Sym(name), num(value)))
    return cuts


def _decided(context: Context, cut: Rel) -> bool:
    return context.knows(cut) or context.knows(Rel("<=", cut.left, cut.right))


def _split_all(
    prove: Prove, context: Context, goal: Rel, cuts: list[Rel], budget: Budget
) -> Proof | None:
    if not cuts:
        return prove.easier()(context, goal, budget)
    on = cuts[0]
    proofs = []
    for case in (on, Rel(NEGATED[on.op], on.left, on.right)):
        proof = _split_all(prove, context.having(case), goal, cuts[1:], budget)
        if proof is None:
            return None
        proofs.append(proof)
    return {"rule": "split", "on": encode_formula(on), "yes": proofs[0], "no": proofs[1]}


def inside(prove: Prove, context: Context, goal: Formula, budget: Budget) -> Proof | None:
    """The ends of the interval of one of several variables by themselves, then what lies strictly
    between them."""
    if not isinstance(goal, Rel) or len(free_names(goal)) < 2:
        return None
    for name, (low, high) in context.bounds.items():
        if low is None or high is None or low >= high or name in context.integers:
            continue
        ends = (Rel(">", Sym(name), num(low)), Rel("<", Sym(name), num(high)))
        attained = [end for end in ends if not context.knows(end)]
        if attained and name in free_names(goal):
            return _ends_apart(prove, context, goal, attained, budget)
    return None


def _ends_apart(
    prove: Prove, context: Context, goal: Rel, cuts: list[Rel], budget: Budget
) -> Proof | None:
    if not cuts:
        return prove(context, goal, budget)
    on = cuts[0]
    end = context.having(Rel(NEGATED[on.op], on.left, on.right))
    known = pairs(end, Rel("==", on.left, on.right), budget.share(0.1))
    if known is None:
        return None
    table: dict[Term, Term] = {on.left: on.right}
    inner = end.replacing(table, end.integers)
    there = map_terms(goal, lambda side: replace(side, table))
    at_end = prove(inner, there, budget.share(0.3))
    if at_end is None:
        return None
    no = {
        "rule": "replace",
        "var": next(iter(free_names(on.left))),
        "by": encode_term(on.right),
        "proof": dict(known),
        "then": dict(at_end),
    }
    between = _ends_apart(prove, context.having(on), goal, cuts[1:], budget)
    return between and {"rule": "split", "on": encode_formula(on), "yes": between, "no": no}
