"""Products of powers compared by their logarithms: ``n^(1/n) <= 3/2`` is ``log(n)/n <= log(3/2)``.

Where one side is a sum, there is nothing to compare this way.
"""

from __future__ import annotations

from verify.kernel.context import Context
from verify.language.codec import encode_term
from verify.language.term import ZERO, Call, Formula, Num, Pow, Rel, Term, free_names, subterms
from verify.provers.atoms import Notes
from verify.provers.budget import Budget
from verify.provers.linear import farkas
from verify.provers.log_forms import logarithm
from verify.provers.tactic import Proof, Prove


def log_sides(prove: Prove, context: Context, goal: Formula, budget: Budget) -> Proof | None:
    """Prove ``a <= b`` from ``log(a) <= log(b)``, for positive products of powers."""
    if not isinstance(goal, Rel) or goal.op in ("==", "!="):
        return None
    small, large = (goal.left, goal.right) if goal.op[0] == "<" else (goal.right, goal.left)
    if not any(_is_power(side) for side in (small, large)):
        return None
    low, high = logarithm(small), logarithm(large)
    if low is None or high is None:
        return None
    notes = Notes(context)
    for argument in _arguments(low, high):
        positive = Rel(">", argument, ZERO)
        if notes.context.knows(positive):
            continue
        proof = prove.easier()(notes.context, positive, budget.share(0.2))
        if proof is None:
            return None
        notes.have(positive, dict(proof))
    strict = goal.op in ("<", ">")
    between = Rel("<" if strict else "<=", low, high)
    if not notes.context.defines(between):
        return None
    proof = prove(notes.context, between, budget)
    if proof is None:
        return None
    notes.have(between, dict(proof))
    name = "exp_strictly_increasing" if strict else "exp_increasing"
    notes.have(
        Rel(between.op, Call("exp", (low,)), Call("exp", (high,))),
        {"rule": "fact", "name": name, "terms": [encode_term(low), encode_term(high)]},
    )
    for side, log in ((small, low), (large, high)):
        same = Rel("==", Call("exp", (log,)), side)
        if not notes.context.knows(same):
            proof = prove.easier()(notes.context, same, budget.share(0.3))
            if proof is None:
                return None
            notes.have(same, dict(proof))
    last = farkas(notes.context, goal, budget)
    return None if last is None else notes.close(dict(last))


def _is_power(side: Term) -> bool:
    """Whether a variable stands in an exponent."""
    for node in subterms(side):
        match node:
            case Pow(exp=exponent) if not isinstance(exponent, Num) and free_names(node):
                return True
            case Call(name="exp", args=(argument,)) if free_names(argument):
                return True
    return False


def _arguments(low: Term, high: Term) -> list[Term]:
    """What stands in the logarithms, the innermost ones first."""
    return [
        node.args[0]
        for node in dict.fromkeys((*subterms(low), *subterms(high)))
        if isinstance(node, Call) and node.name == "log"
    ]
