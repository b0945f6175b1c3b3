"""Claims for the polynomial strategies: atoms as unknowns, and what is known of them as facts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from verify.kernel.poly import Refused
from verify.language.term import Rel
from verify.provers.budget import Budget, OutOfTime
from verify.provers.cones import signs
from verify.provers.elementary_place import Place
from verify.provers.linear import pairs
from verify.provers.squares import squares

Proof = Mapping[str, Any]

STRATEGIES = ((signs, 0.3), (pairs, 0.5), (squares, 0.8))


def polynomial(place: Place, claim: Rel, budget: Budget) -> Proof | None:
    """A proof by polynomial arithmetic alone, or None."""
    for strategy, share in STRATEGIES:
        budget.check()
        try:
            proof = strategy(place.context, claim, budget.share(share, 1.0))
        except (OutOfTime, Refused):
            budget.check()
            continue
        if proof is not None:
            return proof
    return None
