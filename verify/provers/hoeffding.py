"""Finds proofs of the inequalities behind Hoeffding's inequality for random signs."""

from __future__ import annotations

from verify.kernel.check import Sequent
from verify.kernel.hoeffding import LINKS
from verify.provers.budget import Budget
from verify.provers.search import prove
from verify.provers.tactic import Proof


def find_proofs(seconds: float) -> dict[str, Proof]:
    """Proofs of the links by name, within so many seconds each; what is not found is left out."""
    found: dict[str, Proof] = {}
    for link in LINKS:
        obligation = link.obligation()
        proof = prove(Sequent(obligation.hypotheses, obligation.conclusion), Budget.of(seconds))  # type: ignore[arg-type]
        if proof is not None:
            found[link.name] = proof
    return found
