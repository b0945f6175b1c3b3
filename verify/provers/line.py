"""Facts about one atom: decided completely, by exact root isolation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from flint import arb, ctx, fmpq_poly, fmpz, fmpz_poly

from verify.kernel.context import Context
from verify.kernel.poly import Refused, rational
from verify.kernel.univariate import MAX_ROOT_DEGREE, as_univariate, contradiction_on_line
from verify.language.term import Formula
from verify.provers.budget import Budget
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
    return {
        "rule": "line",
        "facts": [item.index for item in needed],
        "separators": [str(point) for point in separators],
    }


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
    return [_between(radical, low, high) for low, high in zip(roots, roots[1:], strict=False)]


def _real_roots(poly: fmpz_poly) -> list[arb]:
    before = ctx.prec
    try:
        ctx.prec = 64 + 4 * poly.degree()
        found = [root.real for root, _ in poly.complex_roots() if root.imag == 0]
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


def exact(ball: arb) -> Fraction:
    """The midpoint of a ball, a dyadic rational."""
    mantissa, exponent = ball.mid().man_exp()
    value = Fraction(int(fmpz(mantissa)))
    power = int(exponent)
    return value * 2**power if power >= 0 else value / 2**-power


def simplest_between(low: Fraction, high: Fraction) -> Fraction:
    """The rational with the least denominator strictly between two numbers."""
    if low < 0 < high:
        return Fraction(0)
    if high <= 0:
        return -simplest_between(-high, -low)
    whole = low.numerator // low.denominator
    if whole + 1 < high:
        return Fraction(whole + 1)
    low, high = low - whole, high - whole
    if low == 0:
        # Strictly between 0 and high <= 1.
        return whole + Fraction(1, high.denominator // high.numerator + 1)
    return whole + 1 / simplest_between(1 / high, 1 / low)


