"""Induction whose step holds only from later on: the first values one by one, and then the rest."""

from __future__ import annotations

import math

from verify.kernel.context import Context
from verify.language.codec import encode_formula
from verify.language.term import NEGATED, Formula, Rel, Sym, free_names, num
from verify.provers.atoms import Notes
from verify.provers.budget import Budget
from verify.provers.integers import has_exponent, induction, one_by_one, sharpen
from verify.provers.tactic import Proof, Prove

MOST = 3
"""How many values are looked at by themselves."""


def later_induction(prove: Prove, context: Context, goal: Formula, budget: Budget) -> Proof | None:
    """Induction from one of the values after the first on."""
    if not isinstance(goal, Rel) or goal.op in ("==", "!="):
        return None
    for name in sorted(free_names(goal) & context.integers):
        low, high = context.bounds.get(name, (None, None))
        if low is None or high is not None or not has_exponent(goal, name):
            continue
        for more in range(1, MOST + 1):
            on = Rel(">=", Sym(name), num(math.ceil(low) + more))
            after = induction(prove, context.having(on), goal, budget.share(0.4))
            if after is None:
                continue
            notes = Notes(context.having(Rel(NEGATED[on.op], on.left, on.right)))
            sharpen(notes)
            before = one_by_one(prove, notes.context, goal, budget)
            if before is None:
                return None
            no = notes.close(dict(before))
            return {"rule": "split", "on": encode_formula(on), "yes": dict(after), "no": no}
    return None
