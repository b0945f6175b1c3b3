"""How near the attack came to each boundary of the domain."""

from __future__ import annotations

import numpy as np

from verify.engine.audit import Audit
from verify.engine.numeric import margin_of
from verify.engine.results import Boundary
from verify.engine.scalars import scalars
from verify.engine.values import shown_value
from verify.kernel.check import Sequent
from verify.kernel.point import Point
from verify.kernel.poly import Refused
from verify.language.render import text
from verify.language.term import Formula, Rel

LOOKS = 3


def coverage(audit: Audit, goal: Formula) -> tuple[tuple[Boundary, ...], tuple[Point, ...]]:
    """For each inequality among the hypotheses how near to its boundary the nearest point lies at
    which the claim was decided, and these points, each once."""
    try:
        cases = scalars(audit.formal, goal)
    except Refused:
        return (), ()
    if not cases:
        return (), ()
    sequent = cases[0].sequent
    feasible = audit.field.satisfying(sequent.hypotheses)
    found = []
    points: dict[tuple[tuple[str, object], ...], Point] = {}
    for hypothesis in audit.formal.hypotheses:
        if not isinstance(hypothesis, Rel) or hypothesis.op in ("==", "!="):
            continue
        boundary, point = _nearest(audit, sequent, feasible, hypothesis)
        found.append(boundary)
        if point is not None:
            points.setdefault(tuple(sorted(point.items())), point)
    return tuple(found), tuple(points.values())


def _nearest(
    audit: Audit, sequent: Sequent, feasible: np.ndarray, hypothesis: Rel
) -> tuple[Boundary, Point | None]:
    margin = margin_of(hypothesis)
    gaps = np.where(audit.field.gaps(hypothesis) == 0.0, 0.0, audit.field.values(margin))[feasible]
    order = feasible[np.argsort(np.nan_to_num(gaps, nan=np.inf), kind="stable")]
    for index in order[:LOOKS]:
        point = audit.field.point(int(index))
        if audit.field.holds(sequent, point):
            distance = shown_value(margin, point)
            return Boundary(text(hypothesis), distance == "0", distance), point
    return Boundary(text(hypothesis), reached=False), None
