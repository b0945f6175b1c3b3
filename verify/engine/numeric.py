"""The numbers behind a statement: Arb and mpmath side by side at many points."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence

from verify.engine.results import Numeric
from verify.engine.values import shown_value
from verify.kernel.check import Sequent
from verify.kernel.point import Point
from verify.kernel.poly import Refused
from verify.language.render import text
from verify.language.term import Add, Neg, Rel, Term, relations
from verify.probe.opinion import compare
from verify.probe.sample import feasible_points
from verify.provers.budget import Budget, OutOfTime

POINTS = 12


def both_libraries(
    sequent: Sequent, start: Sequence[Point], seed: int, digits: int, *, sample: bool = True
) -> Numeric:
    """Evaluate both sides of the conclusion in both libraries, and find the smallest margin.

    With ``sample``, at further points that satisfy the hypotheses.
    """
    points = list(start)
    with contextlib.suppress(OutOfTime):
        points += feasible_points(sequent, POINTS, seed, Budget.counted(1.5)) if sample else []
    disagreements: list[str] = []
    smallest: tuple[float, str, Point] | None = None
    used = 0
    for point in points:
        used += 1
        for rel in relations(sequent.conclusion):
            for side in (rel.left, rel.right):
                try:
                    opinion = compare(side, point, digits)
                except Refused:
                    continue
                if opinion.disagreement is not None:
                    where = ", ".join(f"{k} = {text(v)}" for k, v in sorted(point.items()))
                    disagreements.append(f"{text(side)} at {where}: {opinion.disagreement}")
            margin = margin_of(rel)
            shown = shown_value(margin, point)
            if shown is None:
                continue
            rough = rough_margin(shown)
            if smallest is None or rough < smallest[0]:
                smallest = (rough, shown, point)
    return Numeric(
        points=used,
        digits=digits,
        min_margin=None if smallest is None else smallest[1],
        worst_point=None
        if smallest is None
        else {name: text(value) for name, value in sorted(smallest[2].items())},
        disagreements=tuple(disagreements),
    )


def margin_of(rel: Rel) -> Term:
    """What is nonnegative where the relation holds: left minus right, or the other way round."""
    if rel.op in ("<=", "<"):
        return Add((rel.right, Neg(rel.left)))
    return Add((rel.left, Neg(rel.right)))


def rough_margin(shown: str) -> float:
    """A value for ordering margins; it decides nothing."""
    middle = shown.strip("[]").split(" ")[0]
    top, slash, bottom = middle.partition("/")
    try:
        # Of integers beyond the range of floats the quotient may still be within.
        return int(top) / int(bottom) if slash else float(middle)
    except (ValueError, OverflowError, ZeroDivisionError):
        return float("inf")
