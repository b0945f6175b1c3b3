"""Powers whose base may be zero, such as ``(1 - p)^n`` at ``p = 1``.

A power with a variable exponent counts as defined where its base is positive; where the base is
zero, it is 0 for a positive exponent and 1 for the exponent 0.
"""

from __future__ import annotations

from collections.abc import Callable

from verify.kernel.context import Context
from verify.language.codec import encode_formula, encode_term
from verify.language.term import ONE, ZERO, Num, Pow, Rel, Term, map_terms, replace, subterms
from verify.provers.atoms import Notes, establish
from verify.provers.budget import Budget
from verify.provers.tactic import Proof, Prove

Defined = Callable[[Context, Rel, Budget], Proof | None]
"""Proves a relation together with what it needs in order to be defined."""


def power_of(goal: Rel, condition: Rel) -> Pow | None:
    """The power whose definedness asks for ``condition``, that its base be positive."""
    if condition.op == ">" and condition.right == ZERO:
        for node in (*subterms(goal.left), *subterms(goal.right)):
            if isinstance(node, Pow) and node.base == condition.left:
                return None if isinstance(node.exp, Num) else node
    return None


def zero_base(
    prove: Prove, defined: Defined, context: Context, goal: Rel, power: Pow, budget: Budget
) -> Proof | None:
    """Prove a goal for a positive base and for the base zero."""
    zero, positive = Rel("==", power.base, ZERO), Rel(">", power.base, ZERO)
    if context.knows(zero):
        return _without(prove, defined, context, goal, power, budget)
    notes = Notes(context)
    if not establish(prove, notes, Rel(">=", power.base, ZERO), budget):
        return None
    below = Notes(notes.context.having(Rel("<=", power.base, ZERO)))
    if not establish(prove, below, zero, budget):
        return None
    no = _without(prove, defined, below.context, goal, power, budget.share(0.5))
    if no is None:
        return None
    yes = defined(notes.context.having(positive), goal, budget)
    if yes is None:
        return None
    on = encode_formula(positive)
    return notes.close({"rule": "split", "on": on, "yes": yes, "no": below.close(dict(no))})


def _without(
    prove: Prove, defined: Defined, context: Context, goal: Rel, power: Pow, budget: Budget
) -> Proof | None:
    """The goal with the value of the power, whose base is known to be zero."""
    positive, zero = Rel(">", power.exp, ZERO), Rel("==", power.exp, ZERO)
    notes = Notes(context)
    if establish(prove, notes, positive, budget):
        return _with_value(defined, notes, goal, power, ZERO, budget)
    if establish(prove, notes, zero, budget):
        return _with_value(defined, notes, goal, power, ONE, budget)
    if not establish(prove, notes, Rel(">=", power.exp, ZERO), budget):
        return None
    below = Notes(notes.context.having(Rel("<=", power.exp, ZERO)))
    if not establish(prove, below, zero, budget):
        return None
    no = _with_value(defined, below, goal, power, ONE, budget.share(0.5))
    above = Notes(notes.context.having(positive))
    yes = no and _with_value(defined, above, goal, power, ZERO, budget)
    on = encode_formula(positive)
    return yes and notes.close({"rule": "split", "on": on, "yes": yes, "no": no})


def _with_value(
    defined: Defined, notes: Notes, goal: Rel, power: Pow, value: Term, budget: Budget
) -> Proof | None:
    rest = map_terms(goal, lambda side: replace(side, {power: value}))
    assert isinstance(rest, Rel)
    then = defined(notes.context, rest, budget)
    base, exponent = encode_term(power.base), encode_term(power.exp)
    return then and notes.close(
        {"rule": "zero power", "base": base, "exponent": exponent, "then": then}
    )
