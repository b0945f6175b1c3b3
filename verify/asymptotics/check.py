"""Accepts a proof that an order of growth holds. Exact arithmetic on forms; no search.

A proof of "F tends to infinity" or "F is bounded below" is a combination

    F = sum of (c_i m_i F_i) + R + bounded,      c_i > 0 rational, m_i a product of signs,

of facts ``F_i`` (``c_i`` of any sign for equations), where ``R`` is empty, or a sum over the scale
of the growing variable whose fastest atom has a coefficient that is a positive combination of
products of positive constants, plus a number that balls show to be positive: then ``R`` tends to
infinity, whatever the slower atoms are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from verify.asymptotics.closed import sign
from verify.asymptotics.question import Fact, Question
from verify.asymptotics.scale import ONE, Constant, Form, product, rational
from verify.kernel.context import read_rational
from verify.kernel.poly import Refused

MAX_PARTS = 1_000


def check_order(question: Question, certificate: object) -> None:
    """Accept a certificate for the goal of a question.

    Raises:
        Refused: it does not prove the goal, or is malformed; says why.
    """
    goals = question.forms(question.goal)
    proofs = _list(certificate)
    if len(proofs) != len(goals):
        raise Refused(f"{len(goals)} parts of the goal need as many proofs, got {len(proofs)}")
    for goal, proof in zip(goals, proofs, strict=True):
        _check(question, goal, proof)


def _check(question: Question, goal: Fact, proof: object) -> None:
    if not isinstance(proof, Mapping) or set(proof) != {"sum", "top"}:
        raise Refused("a proof has the fields sum and top")
    total, strict = Form({}), False
    for item in _list(proof["sum"]):
        place, scale, signs = _item(item, 3)
        fact = _at(question.facts, place)
        multiplier, positive = _product(question, signs)
        factor = read_rational(scale)
        if factor == 0 or (factor < 0 and not fact.equation):
            raise Refused("a fact is taken with a positive multiple")
        total = total.plus(fact.form.by(multiplier).scaled(factor))
        strict = strict or (fact.strict and positive)
    rest = goal.form.minus(total).unbounded()
    if rest.parts:
        _tends_to_infinity(question, rest, _list(proof["top"]))
        strict = True
    elif _list(proof["top"]):
        raise Refused("nothing is left whose fastest part could be positive")
    if goal.strict and not strict:
        raise Refused("the combination is bounded below, but need not tend to infinity")


def _tends_to_infinity(question: Question, rest: Form, items: Sequence[object]) -> None:
    leading = rest.leading()
    if leading is None:
        names = ", ".join(sorted(rest.sequences()))
        raise Refused(f"the combination leaves the logarithm of {names}")
    found: dict[Any, Fraction] = {}
    positive = False
    for item in items:
        scale, signs = _item(item, 2)
        factor = read_rational(scale)
        multiplier, strict = _product(question, signs)
        if factor <= 0:
            raise Refused("the coefficient of the fastest part is a positive combination")
        positive = positive or strict
        for key, value in multiplier.items():
            found[key] = found.get(key, Fraction(0)) + value * factor
    for key, value in leading[1].items():
        found[key] = found.get(key, Fraction(0)) - value
    left = {key: -value for key, value in found.items() if value}
    # What is left of the coefficient may be an irrational number, such as log(3) - log(2).
    if not (positive if not left else rational(left) is None and sign(left) == 1):
        raise Refused("the coefficient of the fastest part is not shown to be positive")


def _product(question: Question, signs: object) -> tuple[Constant, bool]:
    """A product of signs, and whether it is positive rather than nonnegative."""
    total: Constant = {ONE: Fraction(1)}
    strict = True
    for place in _list(signs):
        sign = _at(question.signs, place)
        total = product(total, sign.polynomial)
        strict = strict and sign.strict
    return total, strict


def _at(items: Sequence[Any], place: object) -> Any:
    if isinstance(place, bool) or not isinstance(place, int) or not 0 <= place < len(items):
        raise Refused(f"there is no number {place!r} among {len(items)}")
    return items[place]


def _item(data: object, size: int) -> list[Any]:
    found = _list(data)
    if len(found) != size:
        raise Refused(f"{size} entries were expected")
    return found


def _list(data: object) -> list[Any]:
    if not isinstance(data, list | tuple) or len(data) > MAX_PARTS:
        raise Refused("a list of moderate length was expected")
    return list(data)
