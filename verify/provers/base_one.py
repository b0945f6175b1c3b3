"""Powers with variable exponents whose base may be below or above 1, where they behave differently:
``x^y + y^x > 1`` is plain as soon as one of the variables is at least 1."""

from __future__ import annotations

from verify.kernel.context import Context
from verify.language.codec import encode_formula
from verify.language.term import (
    NEGATED,
    ONE,
    ZERO,
    Formula,
    Num,
    Pow,
    Rel,
    Sym,
    free_names,
    sub,
)
from verify.provers.budget import Budget
from verify.provers.sample import guess_sign
from verify.provers.syntax import applications
from verify.provers.tactic import Proof, Prove


def base_one(prove: Prove, context: Context, goal: Formula, budget: Budget) -> Proof | None:
    """One variable that is the base of a power, at least 1 or less."""
    if not isinstance(goal, Rel) or len(free_names(goal)) < 2:
        return None
    for base in _bases(goal):
        on = Rel(">=", base, ONE)
        if context.knows(on) or context.knows(Rel("<=", base, ONE)):
            continue
        if not context.knows(Rel(">", base, ZERO)) or guess_sign(context, sub(base, ONE)) != 0:
            continue
        proofs = []
        for branch in (on, Rel(NEGATED[on.op], on.left, on.right)):
            proof = prove(context.having(branch), goal, budget.share(0.5))
            if proof is None:
                return None
            proofs.append(dict(proof))
        return {"rule": "split", "on": encode_formula(on), "yes": proofs[0], "no": proofs[1]}
    return None


def _bases(goal: Rel) -> list[Sym]:
    """The variables that are bases of powers with variable exponents."""
    found: dict[Sym, None] = {}
    for node in applications(goal):
        match node:
            case Pow(base=Sym() as base, exp=exponent) if not isinstance(exponent, Num):
                found[base] = None
    return list(found)
