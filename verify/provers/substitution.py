"""Changes of variable: what happens far out is looked at near zero, by ``x = 1/y``."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any, Protocol

from verify.kernel.ball import precision
from verify.kernel.poly import Refused
from verify.language.render import text
from verify.language.term import ONE, Div, Formula, Num, Rel, Sym, Term, map_terms, num, replace
from verify.provers.budget import Budget
from verify.provers.elementary_forms import relation, tidy
from verify.provers.elementary_place import Place
from verify.provers.elementary_points import BITS, Point

Proof = Mapping[str, Any]


class Prover(Protocol):
    """What proves the claim in the new variable."""

    def formula(self, place: Place, goal: Formula, effort: int, budget: Budget) -> Proof | None:
        """A proof of a formula, or None."""


def inverted(
    prover: Prover, place: Place, claim: Rel, var: str, effort: int, budget: Budget
) -> Proof | None:
    """A proof with ``x = 1/y``, where ``x > 0`` is known."""
    positive = relation(Sym(var), ">")
    if not place.context.knows(positive):
        return None
    fresh = _fresh(place, var)
    forward, backward = Div(ONE, Sym(fresh)), Div(ONE, Sym(var))
    facts: list[tuple[Rel, Proof]] = [(relation(Sym(fresh), ">"), {"rule": "given"})]
    low, _ = place.ends(var)
    if isinstance(low, Num) and low.value > 0:
        wanted = tidy(Rel("<=", Sym(fresh), num(Fraction(1) / low.value)))
        about = map_terms(wanted, lambda side: replace(side, {Sym(fresh): backward}))
        proof = prover.formula(place, about, 2, budget)
        if proof is not None and isinstance(wanted, Rel):
            facts.append((wanted, proof))
    table: dict[Term, Term] = {Sym(var): forward}
    try:
        context = place.context.replacing(table, place.context.integers - {var})
        context = context.having(*(fact for fact, _ in facts))
    except Refused:
        return None
    names = (place.names - {var}) | {fresh}
    inner = Place(context, names, context.facts, _moved(place, var, fresh))
    goal = map_terms(claim, lambda side: replace(side, table))
    then = prover.formula(inner, goal, effort - 1, budget)
    return then and {
        "rule": "substitute",
        "var": var,
        "as": text(forward),
        "inverse": text(backward),
        "fresh": fresh,
        "proof": {"rule": "given"},
        "facts": [[text(fact), proof] for fact, proof in facts],
        "then": then,
    }


def _fresh(place: Place, var: str) -> str:
    name = f"{var}_inv"
    while name in place.names:
        name += "_"
    return name


def _moved(place: Place, var: str, fresh: str) -> list[Point]:
    found = []
    with precision(BITS):
        for point in place.points:
            rest = {name: ball for name, ball in point.items() if name != var}
            if not point[var].contains(0):
                found.append(Point({**rest, fresh: (1 / point[var]).mid()}))
    return found


def is_inverse(var: str) -> bool:
    """Whether a variable came from here, and need not be turned over again."""
    return var.rstrip("_").endswith("_inv")

