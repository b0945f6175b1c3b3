"""How much room a bound leaves: the least margin, and the best factor of the right side.

Both come from two sides. A proof shows that the margin is never below something, or that a larger
factor still holds; an exact point shows that it gets as small as something, or that a factor fails.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from verify.engine.audit import Audit
from verify.engine.numeric import margin_of
from verify.engine.results import Tightness
from verify.engine.scalars import Scalar, scalars
from verify.engine.values import shown_value
from verify.kernel.point import Point
from verify.kernel.poly import Refused
from verify.language.render import text
from verify.language.term import ZERO, Formula, Mul, Num, Rel
from verify.probe.mutate import STRICTER

TINY = 1e-6
MORE = Fraction(1001, 1000)
"""A factor that is refuted shows that the bound is tight to a thousandth."""


@dataclass(frozen=True, slots=True)
class _Bound:
    """An inequality of the claim, before and after unfolding."""

    stated: Rel
    scalar: Scalar
    rel: Rel


def tightness(audit: Audit, goal: Formula, *, proved: bool) -> Tightness:
    """What is known about the room that a claim leaves; empty for identities.

    ``proved`` says that the claim itself is, so that the margin is never negative.
    """
    bound = _bound_of(audit, goal)
    if bound is None:
        return Tightness()
    lower = "0" if proved else None
    near = _nearest(audit, bound)
    if near is None:
        return Tightness(lower=lower)
    point, upper = near
    attained: bool | None = True if upper == "0" and proved else None
    if attained is None and proved and _holds_strictly(audit, bound):
        attained = False
    best, note = _best_factor(audit, bound) if proved else (None, "")
    return Tightness(
        lower=lower,
        upper=upper,
        at={name: text(value) for name, value in sorted(point.items())},
        attained=attained,
        best_constant=best,
        note=note,
    )


def _bound_of(audit: Audit, goal: Formula) -> _Bound | None:
    """The claim, where it is one inequality in one case."""
    if not isinstance(goal, Rel) or goal.op in ("==", "!="):
        return None
    try:
        cases = scalars(audit.formal, goal)
    except Refused:
        return None
    if len(cases) != 1:
        return None
    conclusion = cases[0].sequent.conclusion
    rel = conclusion if isinstance(conclusion, Rel) else None
    return None if rel is None else _Bound(goal, cases[0], rel)


def _nearest(audit: Audit, bound: _Bound) -> tuple[Point, str] | None:
    """The point with the least margin among those at hand, and that margin; exact zeros first."""
    sequent = bound.scalar.sequent
    feasible = audit.field.satisfying(sequent.hypotheses)
    margin = margin_of(bound.rel)
    values = np.where(audit.field.gaps(bound.rel) == 0.0, 0.0, audit.field.values(margin))
    # Of points with much the same margin, or next to none, the simple ones come first.
    size = np.round(np.log10(np.maximum(np.nan_to_num(values[feasible], nan=np.inf), TINY)))
    order = feasible[np.argsort(size, kind="stable")]
    for index in order[: audit.effort.looks]:
        point = audit.field.point(int(index))
        if audit.field.holds(sequent, point):
            shown = shown_value(margin, point)
            if shown is not None:
                return point, shown
    return None


def _holds_strictly(audit: Audit, bound: _Bound) -> bool:
    op = STRICTER.get(bound.stated.op)
    if op is None:
        return True
    return audit.proves(audit.formal, Rel(op, bound.stated.left, bound.stated.right))


def _best_factor(audit: Audit, bound: _Bound) -> tuple[str | None, str]:
    """The best factor in place of 1 before the right side: an enclosure, and what it means."""
    if bound.rel.right == ZERO:
        return None, ""
    upward = bound.stated.op in (">=", ">")
    ratio = _least_ratio(audit, bound, upward)
    if ratio is None:
        return None, ""
    constant = bound.stated.right.value if isinstance(bound.stated.right, Num) else None
    close = MORE if upward else 1 / MORE
    if _fails(audit, bound, close):
        if constant is not None:
            ends = sorted((constant, constant * close))
            return f"[{ends[0]}, {ends[1]}]", "the constant cannot be improved by a thousandth"
        return None, "the right side cannot be improved by a thousandth"
    for factor in _simple_factors(ratio, upward):
        stronger = _scaled(bound.stated, factor)
        if not audit.fails(audit.formal, stronger) and audit.proves(audit.formal, stronger):
            shown = text(stronger.right)
            return (str(constant * factor) if constant is not None else None), (
                f"{shown} would do as well"
            )
    return None, ""


def _least_ratio(audit: Audit, bound: _Bound, upward: bool) -> Fraction | None:
    """About how far the right side could be moved, by what the points at hand show."""
    feasible = audit.field.satisfying(bound.scalar.sequent.hypotheses)
    left, right = audit.field.values(bound.rel.left), audit.field.values(bound.rel.right)
    with np.errstate(all="ignore"):
        ratios = (left / right)[feasible]
        positive = (right > 0)[feasible]
    good = ratios[np.isfinite(ratios) & positive]
    if len(good) < len(feasible) / 2 or not len(good):
        return None
    extreme = float(good.min() if upward else good.max())
    return Fraction(extreme) if 1e-6 < abs(extreme) < 1e6 else None


def _simple_factors(ratio: Fraction, upward: bool) -> list[Fraction]:
    """Simple factors between 1 and the ratio, the strongest first."""
    found = set()
    slack = ratio / 10**9 * (1 if upward else -1)
    for denominator in (1, 2, 3, 4, 6, 10, 12):
        top = (ratio + slack) * denominator
        value = Fraction(math.floor(top) if upward else math.ceil(top), denominator)
        if (value > 1) if upward else (value < 1):
            found.add(value)
    return sorted(found, reverse=upward)[:3]


def _scaled(rel: Rel, factor: Fraction) -> Rel:
    if isinstance(rel.right, Num):
        return Rel(rel.op, rel.left, Num(rel.right.value * factor))
    return Rel(rel.op, rel.left, Mul((Num(factor), rel.right)))


def _fails(audit: Audit, bound: _Bound, factor: Fraction) -> bool:
    return audit.fails(audit.formal, _scaled(bound.stated, factor))
