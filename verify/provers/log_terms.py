"""Sums of logarithms with signed weights, each below or above its tangent at 1.

``p log(p/u) >= p - u`` and its like, of which relative entropies and their bounds consist.
"""

from __future__ import annotations

from verify.kernel.context import Context
from verify.kernel.poly import difference
from verify.language.term import (
    ONE,
    ZERO,
    Call,
    Div,
    Formula,
    Mul,
    Neg,
    Num,
    Rel,
    RelOp,
    Sym,
    Term,
    add,
    free_names,
    mul,
    sub,
)
from verify.provers.atoms import Notes, establish, learn
from verify.provers.budget import Budget
from verify.provers.linear import either_way, farkas, pairs
from verify.provers.syntax import normal
from verify.provers.tactic import Proof, Prove
from verify.provers.tangent import addends

MAX_LOGS = 8


def log_terms(prove: Prove, context: Context, goal: Formula, budget: Budget) -> Proof | None:
    """Each logarithm of the goal against its tangent at 1, times its weight; then what is left."""
    if not isinstance(goal, Rel) or goal.op in ("==", "!="):
        return None
    total = difference(goal) if goal.op in (">=", ">") else sub(goal.right, goal.left)
    parts = [(part, _weighted(part)) for part in addends(total)]
    weighted = [found for _, found in parts if found is not None]
    others = [part for part, found in parts if found is None]
    # Logarithms with numbers for weights are one logarithm, which others look at.
    if not 1 < len(weighted) <= MAX_LOGS or not any(free_names(weight) for weight, _ in weighted):
        return None
    notes = Notes(context)
    lines = []
    for weight, argument in weighted:
        line = _tangent(prove, notes, weight, argument, budget)
        if line is None:
            return None
        lines.append(line)
    proof = farkas(notes.context, goal, budget.share(0.3, 1.0))
    if proof is None:
        proof = _by_the_rest(prove, notes, goal, lines, others, budget)
    return proof and notes.close(dict(proof))


def _by_the_rest(
    prove: Prove, notes: Notes, goal: Rel, lines: list[Rel], others: list[Term], budget: Budget
) -> Proof | None:
    """The goal from what is left of it once each logarithm is replaced by its tangent."""
    from verify.provers.premises import generalised  # noqa: PLC0415  (avoids a cycle)

    op: RelOp = ">" if goal.op in (">", "<") else ">="
    rest = Rel(op, add(*(line.right for line in lines), *others), ZERO)
    if not notes.context.defines(rest):
        return None
    if not notes.context.knows(rest):
        proof = prove(notes.context, rest, budget.share(0.5))
        if proof is None:
            return None
        notes.add(rest, dict(proof))
    else:
        notes.state(rest)
    whole = Rel(op, add(*(line.left for line in lines), *others), ZERO)
    named = [*(side for line in lines for side in (line.left, line.right)), *others]
    opaque = [term for term in named if not isinstance(term, Sym | Num)]
    last = generalised(notes.context, whole, opaque, farkas, budget)
    if last is None:
        return None
    notes.add(whole, dict(last))
    return {"rule": "given"}


def _weighted(part: Term) -> tuple[Term, Term] | None:
    """The weight and the argument of the logarithm in a summand."""
    match part:
        case Call(name="log", args=(argument,)):
            return ONE, argument
        case Neg(arg=arg):
            inner = _weighted(arg)
            return None if inner is None else (Neg(inner[0]), inner[1])
        case Mul(args=args):
            logs = [arg for arg in args if isinstance(arg, Call) and arg.name == "log"]
            if len(logs) == 1:
                return mul(*(arg for arg in args if arg is not logs[0])), logs[0].args[0]
        case Div(num=top, den=bottom):
            inner = _weighted(top)
            return None if inner is None else (Div(inner[0], bottom), inner[1])
    return None


def _tangent(
    prove: Prove, notes: Notes, weight: Term, argument: Term, budget: Budget
) -> Rel | None:
    """``w log(t) >= w (1 - 1/t)`` for a positive weight, ``>= w (t - 1)`` for a negative one."""
    from verify.provers.premises import generalised  # noqa: PLC0415  (avoids a cycle)

    easier = prove.easier()
    log = Call("log", (argument,))
    negative = notes.context.knows(Rel("<=", weight, ZERO)) or _is_negative(weight)
    sign = Rel("<=" if negative else ">=", weight, ZERO)
    if not establish(easier, notes, sign, budget.share(0.3)):
        return None
    opaque = argument
    if negative:
        below = Rel(">=", Mul((weight, log)), Mul((weight, sub(argument, ONE))))
        learned = learn(notes, "log_tangent", argument)
    else:
        top, bottom = _quotient(argument)
        opaque = Div(bottom, top)
        if not establish(easier, notes, Rel(">", opaque, ZERO), budget.share(0.3)):
            return None
        below = Rel(">=", Mul((weight, log)), Mul((weight, sub(ONE, opaque))))
        learned = learn(notes, "log_tangent", opaque)
        learned &= learn(notes, "log_quotient", bottom, top)
        learned &= bottom == ONE or learn(notes, "log_quotient", top, bottom)
        reversed_ = Rel("==", log, Neg(Call("log", (opaque,))))
        equal = either_way(notes.context, reversed_, budget.share(0.2, 0.5))
        if equal is None:
            return None
        notes.add(reversed_, equal)
    if not learned:
        return None
    parts = [] if isinstance(opaque, Sym) else [opaque]
    proof = generalised(notes.context, below, parts, pairs, budget.share(0.3, 1.0))
    if proof is None:
        return None
    below = normal(below)  # type: ignore[assignment]
    notes.add(below, dict(proof))
    return below


def _is_negative(weight: Term) -> bool:
    return isinstance(weight, Neg) or (isinstance(weight, Num) and weight.value < 0)


def _quotient(argument: Term) -> tuple[Term, Term]:
    return (argument.num, argument.den) if isinstance(argument, Div) else (argument, ONE)
