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
from verify.provers.tactic import Tactic

Proof = Mapping[str, Any]


def quick_polynomial(place: Place, claim: Rel, budget: Budget) -> Proof | None:
    """A proof from the signs of coefficients or from products of two facts, or None."""
    return _first(((signs, 0.1), (pairs, 0.3)), place, claim, budget)


def polynomial(place: Place, claim: Rel, budget: Budget) -> Proof | None:
    """A proof by sums of squares, or None."""
    return _first(((squares, 1.0),), place, claim, budget)


def _first(
    strategies: tuple[tuple[Tactic, float], ...], place: Place, claim: Rel, budget: Budget
) -> Proof | None:
    for strategy, seconds in strategies:
        budget.check()
        try:
            proof = strategy(place.context, claim, budget.share(0.5, seconds))
        except (OutOfTime, Refused):
            budget.check()
            continue
        if proof is not None:
            return proof
    return None
