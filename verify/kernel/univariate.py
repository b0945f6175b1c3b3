"""Systems of polynomial relations in one real unknown, decided by exact root isolation."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from fractions import Fraction

from flint import fmpq, fmpq_mpoly, fmpq_poly

from verify.kernel.poly import Refused, holds, rational
from verify.language.term import RelOp

MAX_ROOT_DEGREE = 400


def contradiction_on_line(
    relations: Sequence[tuple[fmpq_mpoly, RelOp]], separators: Sequence[Fraction]
) -> None:
    """Accept if no real number satisfies all relations ``p op 0``.

    The separators must split the line so that between two neighbours (and outside) lies at most
    one real root of the product of all polynomials; Sturm's theorem counts them. Then every
    polynomial has a constant sign at a separator, between it and the root, and at the root itself:
    zero there exactly if the polynomial has a root in that gap. Each such cell must violate a
    relation.

    Raises:
        Refused: more than one unknown, roots not separated, or a cell that satisfies everything.
    """
    used = {i for p, _ in relations for i, d in enumerate(p.degrees()) if d > 0}
    if len(used) > 1:
        raise Refused("more than one unknown")
    index = used.pop() if used else 0
    polynomials = [(as_univariate(p, index), op) for p, op in relations]
    product = fmpq_poly([1])
    for polynomial, _ in polynomials:
        if polynomial.degree() > 0:
            common = product.gcd(polynomial)
            product = product * polynomial / common
    if product.degree() > MAX_ROOT_DEGREE:
        raise Refused("polynomials of too high a degree")
    radical = _squarefree(product)
    points = list(separators)
    if any(a >= b for a, b in itertools.pairwise(points)):
        raise Refused("separators increase")
    ends: list[fmpq | None] = [None, *(rational(point) for point in points), None]
    if any(radical(point) == 0 for point in ends if point is not None):
        raise Refused("a separator is a root")
    radical_chain = sturm_chain(radical)
    chains = [sturm_chain(_squarefree(p)) for p, _ in polynomials]
    for low, high in itertools.pairwise(ends):
        left = [_sign_at(p, low, False) for p, _ in polynomials]
        right = [_sign_at(p, high, True) for p, _ in polynomials]
        roots = _count(radical_chain, low, high)
        if roots > 1:
            raise Refused("two roots are not separated")
        cells = [left, right]
        if roots == 1:
            cells.append(
                [
                    0 if _count(chain, low, high) else sign
                    for chain, sign in zip(chains, left, strict=True)
                ]
            )
        for cell in cells:
            if all(holds(fmpq(sign), op) for sign, (_, op) in zip(cell, polynomials, strict=True)):
                raise Refused("the facts can be satisfied")


def as_univariate(polynomial: fmpq_mpoly, index: int) -> fmpq_poly:
    """A polynomial that uses one generator, as a dense polynomial in it."""
    table = {int(powers[index]): c for powers, c in polynomial.terms()} if len(polynomial) else {}
    if table and max(table) > MAX_ROOT_DEGREE:
        raise Refused("polynomials of too high a degree")
    return fmpq_poly([table.get(power, fmpq(0)) for power in range(max(table, default=0) + 1)])


def _squarefree(polynomial: fmpq_poly) -> fmpq_poly:
    if polynomial.degree() < 1:
        return polynomial
    return polynomial / polynomial.gcd(polynomial.derivative())


def sturm_chain(polynomial: fmpq_poly) -> list[fmpq_poly]:
    """Sturm's sequence of a square-free polynomial."""
    if polynomial.degree() < 1:
        return [polynomial]
    chain = [polynomial, polynomial.derivative()]
    while chain[-1].degree() > 0:
        remainder = -(chain[-2] % chain[-1])
        if remainder.degree() < 0:
            break
        # Scaling by a positive number keeps the signs and the coefficients small.
        chain.append(remainder / abs(remainder.leading_coefficient()))
    return chain


def _sign(value: fmpq) -> int:
    return (value > 0) - (value < 0)


def _sign_at(polynomial: fmpq_poly, point: fmpq | None, upper: bool) -> int:
    """The sign at a point, or at minus or plus infinity."""
    if point is not None:
        return _sign(polynomial(point))
    if polynomial.degree() < 0:
        return 0
    sign = _sign(polynomial.leading_coefficient())
    return sign if upper or polynomial.degree() % 2 == 0 else -sign


def _count(chain: list[fmpq_poly], low: fmpq | None, high: fmpq | None) -> int:
    """The number of roots between two points that are not roots."""

    def variations(point: fmpq | None, upper: bool) -> int:
        signs = [sign for sign in (_sign_at(p, point, upper) for p in chain) if sign]
        return sum(a != b for a, b in itertools.pairwise(signs))

    return variations(low, False) - variations(high, True)
