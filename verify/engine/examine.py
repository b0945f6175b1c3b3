"""The hostile reviewer's questions about one statement, all answered."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from verify.engine.audit import Attack, Audit
from verify.engine.coverage import coverage
from verify.engine.mutants import summary, try_mutants
from verify.engine.necessity import necessities
from verify.engine.results import Boundary, Claim, Mutants, Necessity, Tightness
from verify.engine.tightness import tightness
from verify.kernel.certificate import load
from verify.kernel.chance import Chance
from verify.kernel.point import Point
from verify.kernel.poly import Refused
from verify.language.statement import Statement

NO_MUTANTS, NO_TIGHTNESS = Mutants(), Tightness()


@dataclass(frozen=True, slots=True)
class Examined:
    """The answers; ``points`` satisfy the hypotheses and lie near the boundaries."""

    necessity: tuple[Necessity, ...] = ()
    mutants: Mutants = NO_MUTANTS
    tightness: Tightness = NO_TIGHTNESS
    boundaries: tuple[Boundary, ...] = ()
    points: tuple[Point, ...] = ()


def examine(statement: Statement, audit: Audit, claim: Claim, attack: Attack) -> Examined:
    """Necessity, changed claims, tightness and coverage of a statement about numbers.

    A claim that was not proved has no hypotheses that it needs and no room to measure.
    """
    goal = audit.formal.conclusion
    if attack == "none" or isinstance(goal, Chance):
        return Examined()
    audit.proof = proof_of(claim)
    boundaries, points = coverage(audit, goal)
    if claim.verdict != "proved":
        return Examined(boundaries=boundaries, points=points)
    return Examined(
        necessities(audit, goal),
        summary(try_mutants(audit, statement, goal)),
        tightness(audit, goal, proved=True),
        boundaries,
        points,
    )


def proof_of(claim: Claim) -> Mapping[str, Any] | None:
    """The proof in the certificate of a claim, where it has one."""
    if claim.certificate is not None:
        with contextlib.suppress(Refused):
            return cast(Mapping[str, Any], load(claim.certificate)[1])
    return None
