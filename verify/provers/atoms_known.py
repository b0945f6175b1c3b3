"""What is always known about roots, logarithms and powers: their signs, and roots' equations."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from verify.language.term import (
    ONE,
    ZERO,
    Add,
    Call,
    Formula,
    Num,
    Pow,
    Rel,
    Term,
    num,
    relations,
    subterms,
)
from verify.provers.budget import Budget
from verify.provers.direct import quick
from verify.provers.draft import Draft
from verify.provers.powers import general_powers, power_facts


def atom_facts(draft: Draft, formulas: Iterable[Formula], budget: Budget) -> None:
    """Add the facts about all functions that occur in the formulas, innermost first."""
    goals = list(formulas)
    for node in _calls(goals):
        match node:
            case Call(name="log", args=(arg,)):
                _logarithm(draft, arg, budget)
            case Call(name="sqrt", args=(arg,)):
                _root(draft, arg, 2, budget)
            case Call(name="abs", args=(arg,)):
                _absolute(draft, arg, budget)
            case Pow(base=base, exp=Num(value=value)) if value.denominator > 1:
                _root(draft, base, value.denominator, budget)
    for power in dict.fromkeys(power for goal in goals for power in general_powers(goal)):
        for part in power.exp.args if isinstance(power.exp, Add) else ():
            if isinstance(part, Num) and part.value.denominator > 1:
                # The normal form of n^(x + 1/2) has the root of n.
                _root(draft, power.base, part.value.denominator, budget)
    if any(True for goal in goals for _ in general_powers(goal)):
        power_facts(draft, goals, budget)


def _calls(goals: list[Formula]) -> list[Term]:
    found: dict[Term, None] = {}
    for goal in goals:
        for rel in relations(goal):
            for side in (rel.left, rel.right):
                found |= {n: None for n in subterms(side) if isinstance(n, Call | Pow)}
    return list(found)


def _proved(draft: Draft, rel: Rel, budget: Budget) -> bool:
    if draft.context.knows(rel):
        return True
    proof = quick(draft.context, rel, budget.share(0.1, 1.0))
    if proof is None:
        return False
    draft.have(rel, proof)
    return True


def _logarithm(draft: Draft, argument: Term, budget: Budget) -> None:
    if not _proved(draft, Rel(">", argument, ZERO), budget):
        return
    log = Call("log", (argument,))
    above, least = Rel(">", argument, ONE), Rel(">=", argument, ONE)
    # Where the argument may be 1, a search for more would be in vain most of the time.
    strict = draft.context.knows(above) or not draft.context.knows(least)
    if strict and _proved(draft, above, budget):
        draft.instance("log_strictly_increasing", ONE, argument, fact=Rel(">", log, ZERO))
    elif _proved(draft, least, budget):
        draft.instance("log_increasing", ONE, argument, fact=Rel(">=", log, ZERO))


def _root(draft: Draft, argument: Term, degree: int, budget: Budget) -> None:
    positive = Rel(">", argument, ZERO)
    strict = _proved(draft, positive, budget)
    if not strict and not _proved(draft, Rel(">=", argument, ZERO), budget):
        return
    root = Call("sqrt", (argument,)) if degree == 2 else _rational_power(argument, degree)
    equation = Rel("==", Pow(root, num(degree)), argument)
    sign = Rel(">=", root, ZERO)
    draft.instance("root_power", argument, num(degree), fact=equation)
    draft.instance("root_sign", argument, num(degree), fact=sign)
    above = Rel(">", root, ZERO)
    if strict and degree == 2 and not draft.context.knows(above):
        # If the root were zero or less, its square would be zero or less.
        numbers = [draft.number_of(rel) for rel in (sign, positive, equation)]
        draft.have(
            above,
            {
                "rule": "refute",
                "products": [
                    ["1", [draft.negated(above), numbers[0]], []],
                    ["1", [numbers[1]], []],
                ],
                "equations": [[numbers[2], "1"]],
            },
        )


def _rational_power(argument: Term, degree: int) -> Term:

    return Pow(argument, Num(Fraction(1, degree)))


def _absolute(draft: Draft, argument: Term, budget: Budget) -> None:
    if _proved(draft, Rel(">=", argument, ZERO), budget):
        draft.instance(
            "abs_nonnegative", argument, fact=Rel("==", Call("abs", (argument,)), argument)
        )
