"""Changes of variable that a claim's own terms suggest: ``y`` for ``x/t``, ``u`` for ``exp(x)``."""

from __future__ import annotations

from fractions import Fraction

from verify.kernel.context import Context
from verify.kernel.poly import Refused
from verify.language.codec import encode_formula, encode_term
from verify.language.term import (
    ZERO,
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
    children,
    free_names,
    map_terms,
    num,
    replace,
    subterms,
)
from verify.provers.atoms import Notes, learn
from verify.provers.budget import Budget
from verify.provers.syntax import applications, unused
from verify.provers.tactic import Proof, Prove


def scaled(prove: Prove, context: Context, goal: Formula, budget: Budget) -> Proof | None:
    """``t y`` for a variable of which the goal has functions of ``x/t``, for a positive ``t``."""
    if not isinstance(goal, Rel):
        return None
    for node in applications(goal):
        for quotient in _quotients(node):
            scale, variable = quotient.den, quotient.num
            assert isinstance(variable, Sym)
            if variable.name in context.integers or not context.knows(Rel(">", scale, ZERO)):
                continue
            fresh = Sym(unused(context, goal))
            plain = map_terms(goal, lambda side, q=quotient, y=fresh: replace(side, {q: y}))  # type: ignore[misc]
            forward = Mul((scale, fresh))
            return _changed(prove, context, plain, variable, forward, quotient, fresh, [], budget)
    return None


def _quotients(term: Term) -> list[Div]:
    """The quotients of two variables in the arguments of a function."""
    if not isinstance(term, Call):
        return []
    return [
        node
        for node in subterms(term)
        if isinstance(node, Div) and isinstance(node.num, Sym) and isinstance(node.den, Sym)
    ]


def exponentials(prove: Prove, context: Context, goal: Formula, budget: Budget) -> Proof | None:
    """``u > 0`` for ``exp(x)`` or ``exp(-x)``, where a variable occurs in no other way and one of
    them stands in the argument of a function."""
    if not isinstance(goal, Rel):
        return None
    for name in sorted(free_names(goal) - context.integers):
        rates = _rates(goal, name)
        if rates is None or not rates or not _nested(goal, name):
            continue
        x, u = Sym(name), Sym(unused(context, goal))
        sign = -1 if all(rate < 0 for rate in rates.values()) else 1
        table: dict[Term, Term] = {
            term: u if rate == sign else Pow(u, Num(rate * sign)) for term, rate in rates.items()
        }
        plain = map_terms(goal, lambda side, t=table: replace(side, t))  # type: ignore[misc]
        log = Call("log", (u,))
        forward = log if sign == 1 else Neg(log)
        backward = Call("exp", (x if sign == 1 else Neg(x),))
        positive = Rel(">", u, ZERO)
        notes = Notes(context)
        learn(notes, "exp_positive", backward.args[0])
        proof = _changed(prove, notes.context, plain, x, forward, backward, u, [positive], budget)
        return proof and notes.close(dict(proof))
    return None


def _linear_exponential(term: Term, name: str) -> Num | None:
    """``c`` for ``exp(c x)``."""
    if not isinstance(term, Call) or term.name != "exp":
        return None
    match term.args[0]:
        case Sym(name=other) if other == name:
            return num(1)
        case Neg(arg=Sym(name=other)) if other == name:
            return num(-1)
        case Mul(args=(Num() as rate, Sym(name=other))) if other == name:
            return rate
        case Neg(arg=Mul(args=(Num(value=value), Sym(name=other)))) if other == name:
            return Num(-value)
    return None


def _rates(goal: Rel, name: str) -> dict[Term, Fraction] | None:
    """The exponentials of a variable with their rates; None where it occurs outside of them."""
    found: dict[Term, Fraction] = {}

    def inside(term: Term) -> bool:
        rate = _linear_exponential(term, name)
        if rate is not None:
            found[term] = rate.value
            return True
        if term == Sym(name):
            return False
        return all(inside(part) for part in children(term) if name in free_names(part))

    return found if inside(goal.left) and inside(goal.right) else None


def _nested(goal: Rel, name: str) -> bool:
    """Whether an exponential of the variable is in the argument of another function."""
    return any(
        isinstance(node, Call)
        and _linear_exponential(node, name) is None
        and name in free_names(node)
        for node in applications(goal)
    )


def _changed(
    prove: Prove,
    context: Context,
    plain: Formula,
    variable: Sym,
    forward: Term,
    backward: Term,
    fresh: Sym,
    known: list[Rel],
    budget: Budget,
) -> Proof | None:
    """The goal with ``variable = forward(fresh)``: ``plain``, with what is left of the variable
    replaced, which has the normal form that the kernel asks for."""
    table: dict[Term, Term] = {variable: forward}
    plain = map_terms(plain, lambda side: replace(side, table))
    try:
        inner = context.replacing(table, context.integers - {variable.name}).having(*known)
    except Refused:
        return None
    proof = prove(inner, plain, budget)
    if proof is None:
        return None
    then = {
        "rule": "cut",
        "fact": encode_formula(plain),
        "by": proof,
        "then": {"rule": "given"},
    }
    return {
        "rule": "substitute",
        "var": variable.name,
        "as": encode_term(forward),
        "inverse": encode_term(backward),
        "fresh": fresh.name,
        "proof": {"rule": "given"},
        "facts": [[encode_formula(fact), {"rule": "given"}] for fact in known],
        "then": then,
    }
