"""Claims in which variables occur only inside sines and cosines: these become variables on a
circle, which is bounded and can be subdivided."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from verify.kernel.poly import Refused
from verify.language.render import text
from verify.language.term import Call, Rel, Sym, Term, map_terms, replace, subterms
from verify.provers.boxes import subdivide
from verify.provers.budget import Budget
from verify.provers.elementary_place import Place, Script
from verify.provers.elementary_signs import know_atoms
from verify.provers.elementary_tape import names_in

Proof = Mapping[str, Any]

MAX_ANGLES = 2


def on_circle(place: Place, claim: Rel, budget: Budget) -> Proof | None:
    """A proof by subdivision in the sines and cosines of the angles, or None."""
    angles = _angles(claim)
    if not 1 <= len(angles) <= MAX_ANGLES:
        return None
    script = Script(place)
    table: dict[Term, Term] = {}
    for number, angle in enumerate(angles):
        for name in ("sin", "cos"):
            table[Call(name, (angle,))] = Sym(_fresh(place, f"{name[0]}_{number + 1}"))
    moved = map_terms(claim, lambda side: replace(side, table))
    if any(names_in(angle) & names_in(moved) for angle in angles):
        return None
    for atom in table:
        know_atoms(script, Rel(">=", atom, atom))
    context, steps = script.context, []
    for atom, fresh in table.items():
        steps.append((text(atom), text(fresh)))
        try:
            context = context.replacing({atom: fresh}, context.integers)
        except Refused:
            return None
    names = {text(fresh) for fresh in table.values()}
    circles = [fact for fact in context.facts if fact.op == "==" and names_in(fact) <= names]
    if not isinstance(moved, Rel):
        return None
    proof: Proof | None = subdivide(context, moved, budget, using=circles)
    for atom_text, name in reversed(steps):
        proof = proof and {
            "rule": "generalise",
            "term": atom_text,
            "fresh": name,
            "then": proof,
        }
    return proof and script.close(proof)


def _angles(claim: Rel) -> list[Term]:
    """The innermost angles that have variables: inside them is no other sine or cosine."""
    found: dict[Term, None] = {}
    for side in (claim.left, claim.right):
        for node in subterms(side):
            if isinstance(node, Call) and node.name in ("sin", "cos") and names_in(node):
                (angle,) = node.args
                if not any(
                    isinstance(n, Call) and n.name in ("sin", "cos") for n in subterms(angle)
                ):
                    found[angle] = None
    return list(found)


def _fresh(place: Place, name: str) -> str:
    while name in place.names:
        name += "_"
    return name
