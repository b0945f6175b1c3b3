"""Values at a point as text: exact rationals where they are known, balls elsewhere."""

from __future__ import annotations

from fractions import Fraction

from flint import arb

from verify.kernel.point import Evaluator, Point, Undecided, Undefined
from verify.kernel.poly import Refused
from verify.language.term import Term

DIGITS = 20
LONG = 120
PRECISIONS = (192, 768, 3_072)
ENOUGH = 80
"""Bits that are needed for all digits that are shown; a ball around zero never has them."""


def shown_value(term: Term, point: Point) -> str | None:
    """The value of a term at a point, or None where it has none."""
    evaluator = Evaluator(point, 640)
    try:
        exact = evaluator.exact(term)
        if exact is not None:
            return shown_fraction(exact)
        for bits in PRECISIONS:
            ball = evaluator.ball(term, bits)
            if ball.rel_accuracy_bits() > ENOUGH:
                break
        return shown_ball(ball)
    except (Undefined, Undecided, Refused):
        return None


def shown_fraction(value: Fraction) -> str:
    """``p/q``, in full."""
    return str(value)


def shown_ball(value: arb) -> str:
    """``[mid +/- rad]``."""
    shown = value.str(DIGITS)
    return shown if shown.startswith("[") else f"[{shown} +/- 0]"
