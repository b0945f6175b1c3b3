"""Products of powers compared by their logarithms: ``n^(1/n) <= 3/2`` is ``log(n)/n <= log(3/2)``.

Where one side is a sum, there is nothing to compare this way.
"""

from __future__ import annotations

from verify.kernel.context import Context
from verify.language.term import ZERO, Call, Formula, Rel, free_names
from verify.provers.atoms import Notes, establish
from verify.provers.budget import Budget
from verify.provers.linear import farkas
from verify.provers.log_forms import comparison, log_arguments
from verify.provers.tactic import Proof, Prove


def log_sides(prove: Prove, context: Context, goal: Formula, budget: Budget) -> Proof | None:
    """Prove ``a <= b`` from ``log(a) <= log(b)``, for positive products of powers."""
    compared = comparison(goal)
    if compared is None or not free_names(goal):
        return None
    notes = Notes(context)
    easier = prove.easier()
    for argument in log_arguments((compared.low, compared.high)):
        if not establish(easier, notes, Rel(">", argument, ZERO), budget):
            return None
    between = compared.logarithms
    if not notes.context.defines(between):
        return None
    proof = prove(notes.context, between, budget)
    if proof is None:
        return None
    notes.have(between, dict(proof))
    notes.have(compared.powers, compared.step)
    for side, log in ((compared.small, compared.low), (compared.large, compared.high)):
        if not establish(easier, notes, Rel("==", Call("exp", (log,)), side), budget):
            return None
    last = farkas(notes.context, goal, budget)
    return None if last is None else notes.close(dict(last))
