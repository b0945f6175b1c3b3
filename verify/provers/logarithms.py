"""Comparisons of products of powers, by their logarithms.

``2 exp(-r^2/(2 V)) <= delta / n^k`` is ``log 2 - r^2/(2 V) <= log delta - k log n``: linear in the
logarithms. The kernel sees ``exp_increasing`` and the normal form of powers.
"""

from __future__ import annotations

from verify.kernel.context import Context
from verify.kernel.poly import Refused, Ring
from verify.language.term import (
    ONE,
    ZERO,
    Add,
    Call,
    Div,
    Formula,
    Mul,
    Neg,
    Num,
    Rel,
    Sym,
    Term,
    children,
    subterms,
)
from verify.provers.budget import Budget
from verify.provers.direct import quick, within
from verify.provers.draft import Draft, Proof
from verify.provers.log_forms import comparison, log_arguments, one_monomial


def by_logarithms(context: Context, goal: Formula, budget: Budget) -> Proof | None:
    """Prove ``product <= product`` between positive products of powers."""
    plain = _two_products(goal)
    if plain is not None:
        proof = by_logarithms(context, plain, budget)
        if proof is None:
            return None
        draft = Draft(context)
        draft.force(plain, proof)
        return draft.close({"rule": "given"})
    compared = comparison(goal)
    if compared is None:
        return None
    logs = [compared.low, compared.high]
    draft = Draft(context)
    if not _positive_arguments(draft, logs, budget.share(0.3)):
        return None
    log_facts(draft, logs)
    proof = within(draft.context, compared.logarithms, budget)
    if proof is None:
        return None
    draft.have(compared.logarithms, dict(proof))
    return draft.close(compared.step)


def _two_products(goal: Formula) -> Rel | None:
    """``1 - x >= 1 - y`` as ``y >= x``, where a side is no product, but the difference has two."""
    if not isinstance(goal, Rel) or goal.op in ("==", "!="):
        return None
    sums = [side for side in (goal.left, goal.right) if isinstance(side, Add)]
    if all(one_monomial(side) is not None for side in sums):
        return None
    whole = Add((goal.left, Neg(goal.right)))
    try:
        ring = Ring((whole,))
        top, bottom = ring.fraction(whole)
    except Refused:
        return None
    parts = ring.term(top)
    if not isinstance(parts, Add) or len(parts.args) != 2 or len(bottom) != 1:
        return None
    above = [part for part in parts.args if not isinstance(part, Neg)]
    below = [part.arg for part in parts.args if isinstance(part, Neg)]
    if len(above) != 1 or len(below) != 1:
        return None
    if bottom.is_one():
        return Rel(goal.op, above[0], below[0])
    common = ring.term(bottom)
    return Rel(goal.op, Div(above[0], common), Div(below[0], common))


def _positive_arguments(draft: Draft, terms: list[Term], budget: Budget) -> bool:
    """Prove that every argument of a logarithm is positive."""
    for argument in log_arguments(terms):
        positive = Rel(">", argument, ZERO)
        if draft.context.knows(positive):
            continue
        proof = within(draft.context, positive, budget.share(0.4))
        if proof is None:
            return False
        draft.have(positive, dict(proof))
    return True


def log_facts(draft: Draft, terms: list[Term]) -> None:
    """Add what is known about the logarithms in the terms and in the facts: quotients and
    products expanded, and bounds from literal bounds of their arguments."""
    pending = [
        node
        for term in [*terms, *_sides(draft.context)]
        for node in subterms(term)
        if isinstance(node, Call) and node.name == "log"
    ]
    _ordered(draft, list(dict.fromkeys(node.args[0] for node in pending)))
    seen: set[Term] = set()
    while pending:
        node = pending.pop()
        if node in seen:
            continue
        seen.add(node)
        argument = node.args[0]
        if not draft.context.knows(Rel(">", argument, ZERO)):
            continue
        pending.extend(_opened(draft, argument))
        _bounded(draft, argument)


def _ordered(draft: Draft, arguments: list[Term]) -> None:
    """``log(x) <= log(y)`` for arguments that are known to be ordered, ``log(x) + log(1/x) = 0``
    and the signs of the logarithms of numbers."""
    numbers = [argument for argument in arguments if isinstance(argument, Num)]
    for number in numbers:
        log = Call("log", (number,))
        sign = Rel(">" if number.value > 1 else "<", log, ZERO)
        if number.value > 0 and number.value != 1:
            draft.force(sign, {"rule": "given"})
        inverse = Num(1 / number.value) if number.value > 0 else ZERO
        if inverse in numbers and number.value > 1:
            total = Rel("==", Add((log, Call("log", (inverse,)))), ZERO)
            draft.instance("log_product", number, inverse, fact=total)
    for low in arguments:
        for high in arguments:
            if low == high or not draft.context.knows(Rel("<=", low, high)):
                continue
            if draft.context.knows(Rel(">", low, ZERO)):
                fact = Rel("<=", Call("log", (low,)), Call("log", (high,)))
                draft.instance("log_increasing", low, high, fact=fact)


def _sides(context: Context) -> list[Term]:
    return [side for fact in context.facts for side in (fact.left, fact.right)]


def _opened(draft: Draft, argument: Term) -> list[Call]:
    parts = children(argument)
    if isinstance(argument, Div):
        name, fact_right = "log_quotient", [Call("log", (p,)) for p in parts]
        right: Term = Add((fact_right[0], Neg(fact_right[1])))
    elif isinstance(argument, Mul) and len(parts) == 2:
        name, fact_right = "log_product", [Call("log", (p,)) for p in parts]
        right = Add(tuple(fact_right))
    else:
        return []
    if not all(draft.context.knows(Rel(">", part, ZERO)) for part in parts):
        return []
    fact = Rel("==", Call("log", (argument,)), right)
    draft.instance(name, *parts, fact=fact)
    large = Rel(">=", argument, ONE)
    proof = quick(draft.context, large, Budget.of(0.5))
    if proof is not None:
        draft.have(large, proof)
        log = Call("log", (argument,))
        draft.instance("log_increasing", ONE, argument, fact=Rel(">=", log, ZERO))
    return fact_right


def _bounded(draft: Draft, argument: Term) -> None:
    """``log(low) <= log(x) <= log(high)`` for literal bounds of a variable."""
    if not isinstance(argument, Sym):
        return
    low, high = draft.context.bounds.get(argument.name, (None, None))
    log = Call("log", (argument,))
    if low is not None and low > 0:
        bound: Term = ZERO if low == 1 else Call("log", (Num(low),))
        draft.instance("log_increasing", Num(low), argument, fact=Rel("<=", bound, log))
    if high is not None:
        bound = ZERO if high == 1 else Call("log", (Num(high),))
        draft.instance("log_increasing", argument, Num(high), fact=Rel("<=", log, bound))
        if high < 1:
            draft.force(Rel("<", bound, ZERO), {"rule": "given"})
