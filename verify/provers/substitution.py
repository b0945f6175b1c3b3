"""Changes of variable: what happens far out is looked at near zero, by ``x = 1/y``; and a root of a
variable becomes the variable."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any, Protocol

from verify.kernel.ball import precision
from verify.kernel.poly import Refused, fraction
from verify.language.render import text
from verify.language.term import (
    ONE,
    Add,
    Div,
    Formula,
    Neg,
    Num,
    Pow,
    Rel,
    Sym,
    Term,
    map_terms,
    num,
    replace,
)
from verify.provers.budget import Budget
from verify.provers.elementary_forms import Forms, relation, tidy
from verify.provers.elementary_place import Place, Script
from verify.provers.elementary_points import BITS, Point, value
from verify.provers.elementary_signs import know_atoms

Proof = Mapping[str, Any]


class Prover(Protocol):
    """What proves the claim in the new variable."""

    def formula(self, place: Place, goal: Formula, effort: int, budget: Budget) -> Proof | None:
        """A proof of a formula, or None."""

    def known(self, script: Script, rel: Rel, effort: int, budget: Budget) -> bool:
        """Cut a relation into a script, unless it is known; False if it cannot be proved."""


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


def unrooted(
    prover: Prover, place: Place, claim: Rel, root: Pow, effort: int, budget: Budget
) -> Proof | None:
    """A proof with ``k x + m = t^q``, where ``t = (k x + m)^(1/q)`` occurs and is positive."""
    solved = _solved(root.base)
    if solved is None or not isinstance(root.exp, Num):
        return None
    var, slope, rest = solved
    degree = root.exp.value.denominator
    root = Pow(root.base, Num(Fraction(1, degree)))
    script = Script(place)
    positive = relation(root, ">")
    if not prover.known(script, positive, 2, budget):
        return None
    fresh = f"{var}_root"
    while fresh in place.names:
        fresh += "_"
    power = Pow(Sym(fresh), num(degree))
    forward = power if slope == 1 and rest == 0 else Div(Add((power, Neg(Num(rest)))), Num(slope))
    equation = tidy(Rel("==", Pow(root, num(degree)), root.base))
    assert isinstance(equation, Rel)
    if equation not in script.context.facts:
        terms = [text(root.base), str(degree)]
        script.learn(equation, {"rule": "fact", "name": "root_power", "terms": terms})
    back = replace(forward, {Sym(fresh): root})
    gap = text(Div(Add((Sym(var), Neg(back))), Num(slope)))
    solution = {
        "rule": "refute",
        "products": [["1", [len(script.context.facts)], []]],
        "equations": [[script.index(equation), gap]],
    }
    facts: list[tuple[Rel, Proof]] = [(relation(Sym(fresh), ">"), {"rule": "given"})]
    know_atoms(script, relation(root, ">="))
    for op, bound in script.place.bound_of(root):
        about = tidy(Rel(op, Sym(fresh), num(bound)))
        if isinstance(about, Rel):
            facts.append((about, {"rule": "given"}))
    solution["products"] = [["1", [len(script.context.facts)], []]]
    table: dict[Term, Term] = {Sym(var): forward}
    try:
        context = script.context.replacing(table, script.context.integers - {var})
        context = context.having(*(fact for fact, _ in facts))
    except Refused:
        return None
    points = [
        Point({**{n: b for n, b in point.items() if n != var}, fresh: value(root, point).mid()})
        for point in place.points
    ]
    names = (place.names - {var}) | {fresh}
    inner = Place(context, names, context.facts, points)
    goal = map_terms(claim, lambda side: replace(side, table))
    then = prover.formula(inner, goal, effort - 1, budget)
    return then and script.close(
        {
            "rule": "substitute",
            "var": var,
            "as": text(forward),
            "inverse": text(root),
            "fresh": fresh,
            "proof": solution,
            "facts": [[text(fact), proof] for fact, proof in facts],
            "then": then,
        }
    )


def _solved(base: Term) -> tuple[str, Fraction, Fraction] | None:
    """``(x, k, m)`` for ``k x + m`` with literal ``k`` and ``m``."""
    forms = Forms((base,))
    top, bottom = forms.ring.fraction(base)
    if not bottom.is_constant() or len(forms.keys) != 1 or top.total_degree() != 1:
        return None
    (atom,) = forms.atoms
    parts = forms.coefficients(top / bottom.leading_coefficient(), 0)
    if not isinstance(atom, Sym):
        return None
    rest = fraction(parts[0].leading_coefficient()) if 0 in parts else Fraction(0)
    return atom.name, fraction(parts[1].leading_coefficient()), rest


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
