"""Facts about one atom: decided completely, by exact root isolation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Any

from flint import arb, ctx, fmpq_poly, fmpz_poly

from verify.kernel.context import Context
from verify.kernel.poly import Refused, rational
from verify.kernel.univariate import MAX_ROOT_DEGREE, as_univariate, contradiction_on_line
from verify.language.term import NEGATED, ZERO, Formula, Rel
from verify.provers.atoms import Notes
from verify.provers.budget import Budget
from verify.provers.numbers import exact, simplest_between
from verify.provers.system import Item, System, system

Proof = Mapping[str, Any]


def line(context: Context, goal: Formula, budget: Budget) -> Proof | None:
    """Contradiction of the facts about one atom: the goal's, or for ``FALSE`` any."""
    view = system(context, goal)
    if view is None:
        return None
    if view.goal is not None and not view.goal.poly.is_constant():
        used = view.used(view.goal.poly)
        candidates = [next(iter(used))] if len(used) == 1 else []
    else:
        candidates = list(range(len(view.ring.keys)))
    for atom in candidates:
        budget.check()
        items = [item for item in view.items if view.used(item.poly) == {atom}]
        proof = _contradiction(view, atom, items, budget)
        if proof is not None:
            return proof
    return None


def _contradiction(view: System, atom: int, items: Sequence[Item], budget: Budget) -> Proof | None:
    if not items:
        return None
    separators = _attempt(items, atom)
    if separators is None:
        return None
    needed = list(items)
    for item in items:
        if item is view.goal or len(needed) == 1:
            continue
        budget.check()
        fewer = [other for other in needed if other is not item]
        if _attempt(fewer, atom) is not None:
            needed = fewer
    separators = _attempt(needed, atom)
    if separators is None:
        return None
    return _certificate(view, needed, separators)


def _certificate(view: System, needed: Sequence[Item], separators: list[Fraction]) -> Proof | None:
    points = [str(point) for point in separators]
    if all(item.poly == item.original for item in needed):
        return {"rule": "line", "facts": [i.index for i in needed], "separators": points}
    # Where equations have eliminated variables, the facts are first restated without them.
    notes = Notes(view.context)
    numbers: list[int] = []
    for item in needed:
        if item is view.goal:
            continue
        number = _restated(view, notes, item)
        if number is None:
            return None
        numbers.append(number)
    if view.goal is None:
        return notes.close({"rule": "line", "facts": numbers, "separators": points})
    goal = view.goal
    op = NEGATED[goal.op]
    wanted = Rel(op, view.term(goal.poly), ZERO)
    if goal in needed:
        numbers.append(len(notes.context.facts))
    notes.add(wanted, {"rule": "line", "facts": numbers, "separators": points})
    multipliers = view.by_equations(goal.original - goal.poly)
    if multipliers is None or goal.op not in (">", ">="):
        return None
    last = [len(notes.context.facts)], [notes.number(wanted)]
    return notes.close(
        {
            "rule": "refute",
            "products": [["1", last[0], []], ["1", last[1], []]],
            "equations": [[n, view.text(m)] for n, m in multipliers.items()],
        }
    )


def _restated(view: System, notes: Notes, item: Item) -> int | None:
    """The number of the fact ``item.poly op 0``."""
    wanted = Rel(item.op, view.term(item.poly), ZERO)
    if not notes.context.knows(wanted):
        gap = item.original - item.poly
        if item.op in ("==", "!="):
            return None
        multipliers = view.by_equations(gap)
        if multipliers is None:
            return None
        products = [["1", [len(notes.context.facts)], []], ["1", [item.index], []]]
        equations = [[n, view.text(m)] for n, m in multipliers.items()]
        proof: Proof = {"rule": "refute", "products": products, "equations": equations}
    else:
        proof = {"rule": "given"}
    notes.add(wanted, proof)
    return notes.number(wanted)


def _attempt(items: Sequence[Item], atom: int) -> list[Fraction] | None:
    try:
        separators = separating([as_univariate(item.poly, atom) for item in items])
        contradiction_on_line([(item.poly, item.op) for item in items], separators)
    except Refused:
        return None
    return separators


def separating(polys: Sequence[fmpq_poly]) -> list[Fraction]:
    """Rational points between all neighbouring real roots of the polynomials.

    Raises:
        Refused: the degree is too high, or the roots are too close.
    """
    product = fmpq_poly([1])
    for poly in polys:
        if poly.degree() > 0:
            product = product * (poly / product.gcd(poly))
    if product.degree() < 1:
        return []
    if product.degree() > MAX_ROOT_DEGREE:
        raise Refused("polynomials of too high a degree")
    radical = product / product.gcd(product.derivative())
    roots = _real_roots(radical.numer())
    return [_between(radical, low, high) for low, high in pairwise(roots)]


def _real_roots(poly: fmpz_poly) -> list[arb]:
    before = ctx.prec
    try:
        ctx.prec = 64 + 4 * poly.degree()
        roots: Any = poly.complex_roots()
        found: list[arb] = [root.real for root, _ in roots if root.imag == 0]
    finally:
        ctx.prec = before
    return sorted(found, key=lambda root: float(root.mid()))


def _between(radical: fmpq_poly, low: arb, high: arb) -> Fraction:
    """A simple rational strictly between two roots that is not itself a root."""
    left, right = exact(low.upper()), exact(high.lower())
    if left >= right:
        raise Refused("two roots are too close")
    point = simplest_between(left, right)
    while radical(rational(point)) == 0:
        point = (point + right) / 2
    return point
