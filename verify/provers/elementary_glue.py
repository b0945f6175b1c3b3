"""From facts of the same sign to the goal: one polynomial identity.

If the goal's polynomial is a product of known polynomials, times or over factors that are positive,
the goal follows by one ``refute`` step; here the factors are found and their signs are asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from flint import fmpq_mpoly

from verify.kernel.poly import Refused, fraction
from verify.language.term import ZERO, Rel, Term
from verify.provers.elementary_forms import Forms, factors
from verify.provers.elementary_place import Place, Script
from verify.provers.elementary_points import truth
from verify.provers.elementary_tape import names_in

Proof = Mapping[str, Any]
Positive = Callable[[Script, Rel], bool]
"""Adds a fact to the script with its proof, or says that it cannot."""


def follow(script: Script, goal: Rel, known: Sequence[Rel], positive: Positive) -> Proof | None:
    """A proof of an inequality from facts of which the product has the goal's sign.

    Cuts the signs of the remaining factors into the script by means of ``positive``.
    """
    try:
        return _follow(script, goal, known, positive)
    except (Refused, ValueError):
        return None


def _follow(script: Script, goal: Rel, known: Sequence[Rel], positive: Positive) -> Proof | None:
    forms = Forms.of(goal, *known)
    wanted = oriented(forms, goal)
    product = forms.ring.one
    for fact in known:
        product = forms.ring.times(product, oriented(forms, fact))
    if wanted.is_zero() or product.is_zero():
        return None
    common = wanted.gcd(product)
    # wanted * left = product * right, up to a constant.
    left = _signed(script, forms, product / common, positive)
    right = _signed(script, forms, wanted / common, positive)
    if left is None or right is None or left[0] * right[0] <= 0:
        return None
    negated = len(script.context.facts)
    above = [script.index(fact) for fact in left[1]]
    below = [script.index(fact) for fact in (*known, *right[1])]
    return {
        "rule": "refute",
        "products": [["1", [negated, *above], []], [str(right[0] / left[0]), below, []]],
        "equations": [],
    }


def oriented(forms: Forms, rel: Rel) -> fmpq_mpoly:
    """The polynomial that an inequality says is positive, or nonnegative.

    Raises:
        Refused: it is not an inequality, or has no normal form.
    """
    if rel.op in ("==", "!="):
        raise Refused("an inequality was expected")
    polynomial = forms.sign(rel)
    return -polynomial if rel.op in ("<=", "<") else polynomial


def _signed(
    script: Script, forms: Forms, polynomial: fmpq_mpoly, positive: Positive
) -> tuple[Fraction, list[Rel]] | None:
    """A constant and positive facts whose product the polynomial is."""
    if polynomial.is_constant():
        return fraction(polynomial.leading_coefficient()), []
    constant, parts = factors(polynomial)
    facts: list[Rel] = []
    for part, times in parts:
        sign = sign_at_points(script.place, forms.term(part))
        if sign == 0:
            return None
        fact = forms.relation(part if sign > 0 else -part, ">")
        if fact not in script.context.facts and not positive(script, fact):
            return None
        constant *= sign**times
        facts += [fact] * times
    return constant, facts


def sign_at_points(place: Place, term: Term) -> int:
    """The sign that a term has at the points of a place: 1 or -1, or 0 if it changes or vanishes
    everywhere."""
    found = 0
    for point in place.points_for(names_in(term)):
        for sign, rel in ((1, Rel(">", term, ZERO)), (-1, Rel("<", term, ZERO))):
            if truth(rel, point):
                if found == -sign:
                    return 0
                found = sign
    return found
