"""Sines of inverse sines, inverse sines of sines, powers of powers: replaced by what they are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from verify.kernel.context import Context
from verify.kernel.functions import instance
from verify.language.codec import encode_term
from verify.language.term import (
    ONE,
    Add,
    Call,
    Div,
    Formula,
    Mul,
    Neg,
    Num,
    Pow,
    Rel,
    Sym,
    Term,
    conditions,
    map_terms,
    num,
    relations,
    replace,
    subterms,
)
from verify.provers.atoms import Notes, establish, learn
from verify.provers.budget import Budget
from verify.provers.draft import rewritten
from verify.provers.linear import farkas
from verify.provers.syntax import unused
from verify.provers.tactic import Proof, Prove

_Known = tuple[str, tuple[Term, ...]]
"""A known fact, by its name and its terms."""

INVERSES = {"asin": "sin", "acos": "cos", "atan": "tan"}


def compositions(prove: Prove, context: Context, goal: Formula, budget: Budget) -> Proof | None:
    """Replace each such composition by its value, where its argument lies in the right range."""
    if not isinstance(goal, Rel):
        return None
    notes = Notes(context)
    values: list[tuple[Term, Term]] = []
    for node in dict.fromkeys((*subterms(goal.left), *subterms(goal.right))):
        value = _doubled(prove, notes, node, budget) or _inverted(prove, notes, node, budget)
        if value is not None:
            values.append((node, value))
    if not values:
        return _by_ranges(prove, context, goal, budget)
    rest: Formula = goal
    for old, new in values:
        table: dict[Term, Term] = {old: new}
        rest = map_terms(rest, lambda side, t=table: replace(side, t))  # type: ignore[misc]
    # What was learnt on the way speaks of the compositions, which are gone.
    last = prove(context, rest, budget.share(0.8))
    if last is None:
        return None
    keep = list(range(len(context.facts)))
    whole: dict[str, Any] = {"rule": "focus", "keep": keep, "then": dict(last)}
    return notes.close(rewritten(values, whole))


def _by_ranges(prove: Prove, context: Context, goal: Rel, budget: Budget) -> Proof | None:
    """From the ranges of inverse sines, cosines and tangents."""
    notes = Notes(context)
    nodes = dict.fromkeys((*subterms(goal.left), *subterms(goal.right)))
    inverses = [node for node in nodes if isinstance(node, Call) and node.name in INVERSES]
    for node in inverses:
        (arg,) = node.args
        if node.name == "acos":
            _learnt(prove, notes, ("acos_asin", (arg,)), budget)
        if node.name != "atan":
            _learnt(prove, notes, ("asin_bounds", (arg,)), budget)
        else:
            learn(notes, "atan_bounds", arg)
    if notes.context is context:
        return None
    last = farkas(notes.context, goal, budget.share(0.2, 0.5))
    return None if last is None else notes.close(dict(last))


def _doubled(prove: Prove, notes: Notes, node: Term, budget: Budget) -> Term | None:
    """The sine or cosine of twice an inverse, by those of the inverse, whatever that is."""
    match node:
        case Call(
            name="sin" | "cos" as outer, args=(Mul(args=(Num(value=value), Call() as half)),)
        ) if value == 2 and half.name in INVERSES and notes.context.defines_term(half):
            pass
        case _:
            return None
    fresh = unused(notes.context, Rel("==", node, half))
    angle = Sym(fresh)
    sine, cosine = Call("sin", (angle,)), Call("cos", (angle,))
    if outer == "sin":
        double: Term = Mul((num(2), sine, cosine))
    else:
        double = Add((Mul((num(2), cosine, cosine)), num(-1)))
    rel = Rel("==", Call(outer, (Mul((num(2), angle)),)), double)
    proof = prove(Context(), rel, budget.share(0.2))
    if proof is None:
        return None
    found = replace(double, {angle: half})
    inner = {"rule": "focus", "keep": [], "then": dict(proof)}
    whole = {"rule": "generalise", "term": encode_term(half), "fresh": fresh, "then": inner}
    notes.have(Rel("==", node, found), whole)
    return found


def _inverted(prove: Prove, notes: Notes, node: Term, budget: Budget) -> Term | None:
    """The value of a composition of a function and an inverse one."""
    easier = prove.easier()
    for facts, value in _values(node):
        rel = Rel("==", node, value)
        if (
            all(_learnt(prove, notes, fact, budget) for fact in facts)
            and notes.context.defines(rel)
            and establish(easier, notes, rel, budget)
        ):
            return value
    return None


def _values(node: Term) -> Iterator[tuple[list[_Known], Term]]:
    """What a composition may be equal to, and the known facts that it follows from."""
    match node:
        case Call(name=outer, args=(Call(name=inner, args=(arg,)),)):
            pass
        case Pow(base=Pow(base=base, exp=first), exp=second) if not isinstance(second, Num):
            yield [("power_of_power", (base, first, second))], Pow(base, Mul((first, second)))
            return
        case Call(
            name="sin" | "cos" as outer, args=(Mul(args=(Num(value=value), Call() as half)),)
        ):
            if value == 2 and half.name in INVERSES:
                sine, cosine = Call("sin", (half,)), Call("cos", (half,))
                double = Add((Mul((num(2), cosine, cosine)), num(-1)))
                yield [], Mul((num(2), sine, cosine)) if outer == "sin" else double
            return
        case _:
            return
    square = Pow(arg, num(2))
    match outer, inner:
        case ("asin", "sin") | ("atan", "tan"):
            yield [(f"{outer}_{inner}", (arg,))], arg
        case "acos", "cos":
            for side in (arg, Neg(arg)):
                yield [("acos_cos", (side,))], side
        case ("sin", "asin") | ("cos", "acos"):
            yield [(f"{outer}_{inner}", (arg,))], arg
        case ("cos", "asin") | ("sin", "acos"):
            yield [(f"{outer}_{inner}", (arg,))], Call("sqrt", (Add((ONE, Neg(square))),))
        case "cos", "atan":
            yield [("cos_atan", (arg,))], Div(ONE, Call("sqrt", (Add((ONE, square)),)))
        case "sin", "atan":
            hypotenuse = Call("sqrt", (Add((ONE, square)),))
            yield [("cos_atan", (arg,)), ("sin_atan", (arg,))], Div(arg, hypotenuse)
        case "tan", "atan":
            yield (
                [
                    ("atan_bounds", (arg,)),
                    ("sin_atan", (arg,)),
                    ("cos_positive", node.args),
                ],
                arg,
            )


def _learnt(prove: Prove, notes: Notes, fact: _Known, budget: Budget) -> bool:
    """Learn a known fact, after what it asks for and what makes it defined."""
    name, terms = fact
    premises, conclusion = instance(name, [*terms])
    needed = [*premises, *(c for rel in relations(conclusion) for c in conditions(rel.right))]
    easier = prove.easier()
    return all(establish(easier, notes, rel, budget) for rel in needed) and learn(
        notes, name, *terms
    )
