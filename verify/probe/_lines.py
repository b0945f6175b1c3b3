"""Lines through simple points: where the relations of a case change their truth along them."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from fractions import Fraction

from flint import arb

from verify.kernel.point import Evaluator, Undecided, Undefined
from verify.kernel.poly import Refused, Ring, sign_polynomial
from verify.kernel.univariate import as_univariate
from verify.language.term import Call, Neg, Num, Rel, Sym, Term, replace, sub
from verify.probe._cases import Case
from verify.probe._faces import Face
from verify.probe._simple import power_of_ten, simplest_between
from verify.probe._solve import MAX_EXPANSION, expansion, real_roots
from verify.probe._tidy import tidy

LONGEST = 10_000
LONGEST_POWER = 900_000
MAX_DEGREE = 60


def on_line(case: Case, face: Face, name: str, fixed: Mapping[str, Fraction]) -> list[Fraction]:
    """On a line on which one free coordinate runs: rational roots of the polynomial relations, and
    points between neighbouring roots."""
    table: dict[Term, Term] = {Sym(other): Num(value) for other, value in fixed.items()}
    chosen = {other: tidy(replace(term, table)) for other, term in face.defined.items()}
    table.update({Sym(other): term for other, term in chosen.items()})
    roots: set[Fraction] = set()
    exact: set[Fraction] = set()
    for rel in case.relations:
        restricted = Rel(rel.op, replace(rel.left, table), replace(rel.right, table))
        if expansion(sub(restricted.left, restricted.right)) > MAX_EXPANSION:
            continue
        try:
            ring = Ring((restricted.left, restricted.right))
            if ring.keys != [name]:
                continue
            polynomial = as_univariate(sign_polynomial(ring, restricted), 0)
        except (Refused, ZeroDivisionError):
            continue
        if polynomial.degree() < 1 or polynomial.degree() > MAX_DEGREE:
            continue
        for root in real_roots(polynomial):
            roots.add(root)
            if root.denominator < 10**9:
                exact.add(root)
    if not roots:
        return []
    ends = sorted(roots)
    gaps = [(ends[0] - 2, ends[0] - 1), (ends[-1] + 1, ends[-1] + 2)]
    for a, b in itertools.pairwise(ends):
        quarter = (b - a) / 4
        gaps.append((a + quarter, b - quarter))
    return [*sorted(exact), *(simplest_between(a, b) for a, b in gaps)]


def around(boundary: Term, fixed: Mapping[str, Fraction], integer: bool) -> list[Term]:
    """Rational numbers a little and far above and below a constant."""
    try:
        evaluator = Evaluator(constants(fixed), 192)
        middle = evaluator.exact(boundary)
        if middle is None:
            ball = evaluator.ball(boundary, 192)
            if not ball.is_finite():
                return []
            if not abs(ball) < arb(2) ** LONGEST:
                return _beyond(ball)
            value = ball.mid().fmpq()
            middle = Fraction(int(value.p), int(value.q))
    except (Refused, Undefined, Undecided, OverflowError):
        return []
    size = max(abs(middle), Fraction(1, 10**9))
    found: dict[Fraction, None] = {}
    for share in (Fraction(1, 10**6), Fraction(1, 1000), Fraction(1, 10), Fraction(1), Fraction(9)):
        for sign in (1, -1):
            ends = sorted((middle + sign * share * size / 2, middle + sign * share * size))
            found[simplest_between(ends[0], ends[1])] = None
    for step in (1, -1, 2, -2):
        found[Fraction(round(middle) + step)] = None
    if integer:
        found = {Fraction(round(value)): None for value in found}
    return [Num(value) for value in found]


def _beyond(ball: arb) -> list[Term]:
    """Constants beyond a number that is too long to write down."""
    size = abs(ball).log()
    digits = size / arb(10).log()
    power: Term
    if digits < LONGEST_POWER:
        power = power_of_ten(math.ceil(float(digits.mid())) + 1)
    elif size < 10**30:
        power = Call("exp", (Num(Fraction(int(size.ceil().unique_fmpz() or 0) + 1)),))
    else:
        return []
    return [power if ball > 0 else Neg(power)]


def constants(values: Mapping[str, Fraction]) -> dict[str, Term]:
    return {name: Num(value) for name, value in values.items()}
