"""The hostile reviewer's questions about one statement, all answered."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from verify.engine.audit import EFFORTS, Attack, Audit
from verify.engine.coverage import coverage
from verify.engine.formal import Formal
from verify.engine.mutants import summary, try_mutants
from verify.engine.necessity import necessities, setting_of
from verify.engine.reference import reference_point
from verify.engine.results import Boundary, Claim, Mutants, Necessity, Tightness
from verify.engine.tightness import tightness
from verify.kernel.certificate import load
from verify.kernel.chance import Chance
from verify.kernel.point import Point
from verify.kernel.poly import Refused
from verify.language.statement import Statement
from verify.language.term import Num
from verify.provers.lemma import Assist

NO_MUTANTS, NO_TIGHTNESS = Mutants(), Tightness()


@dataclass(frozen=True, slots=True)
class Examined:
    """The answers; ``points`` satisfy the hypotheses and lie near the boundaries."""

    necessity: tuple[Necessity, ...] = ()
    mutants: Mutants = NO_MUTANTS
    tightness: Tightness = NO_TIGHTNESS
    boundaries: tuple[Boundary, ...] = ()
    points: tuple[Point, ...] = ()


def examine(
    statement: Statement,
    formal: Formal,
    claim: Claim,
    attack: Attack,
    seed: int,
    assist: Assist | None = None,
) -> Examined:
    """Necessity, changed claims, tightness and coverage of a statement about numbers.

    A claim that was not proved has no hypotheses that it needs and no room to measure.
    """
    if attack == "none" or isinstance(formal.conclusion, Chance):
        return Examined()
    goal = formal.conclusion
    audit = audit_of(statement, formal, claim, attack, seed, assist)
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


def audit_of(
    statement: Statement,
    formal: Formal,
    claim: Claim,
    attack: Attack,
    seed: int,
    assist: Assist | None = None,
) -> Audit:
    """The audit of a statement, with the certificate of its claim where there is one."""
    proof: Mapping[str, Any] | None = None
    if claim.certificate is not None:
        with contextlib.suppress(Refused):
            proof = cast(Mapping[str, Any], load(claim.certificate)[1])
    reference = {
        name: value.value
        for name, value in reference_point(statement.params).items()
        if isinstance(value, Num)
    }
    return Audit(
        statement.id,
        formal,
        setting_of(formal),
        reference,
        EFFORTS[attack],
        seed,
        assist or Assist(),
        proof,
    )
