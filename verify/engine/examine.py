"""The hostile reviewer's questions about one statement, all answered."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from verify.engine.audit import Attack, Audit, Decision, Effort
from verify.engine.chance_mutants import ChanceTrial, chance_mutants
from verify.engine.chances import (
    chance_field,
    chance_necessities,
    least_likely,
    refute_chance,
    room,
)
from verify.engine.conditions import setting_of
from verify.engine.coverage import coverage
from verify.engine.formal import Formal
from verify.engine.mutants import summary, try_mutants
from verify.engine.necessity import necessities
from verify.engine.reference import rational_reference
from verify.engine.results import Boundary, Claim, Mutants, Necessity, Result, Tightness
from verify.engine.tightness import tightness
from verify.kernel.certificate import load
from verify.kernel.chance import Chance
from verify.kernel.point import Point
from verify.kernel.poly import Refused
from verify.language.statement import Paper, Statement
from verify.provers.lemma import NO_HELP, Assist

MOST_POINTS = 6
"""How many points near boundaries both libraries evaluate the claim at."""

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
    if attack == "none":
        return Examined()
    if isinstance(goal, Chance):
        return _chance(statement, audit, claim)
    audit.proof = proof_of(claim)
    boundaries, points = coverage(audit, goal)
    points = points[:MOST_POINTS]
    if claim.verdict != "proved":
        return Examined(boundaries=boundaries, points=points)
    return Examined(
        necessities(audit, goal),
        summary(try_mutants(audit, statement, goal)),
        tightness(audit, goal, proved=True),
        boundaries,
        points,
    )


def examined_before(known: Result) -> Examined:
    """What was found out about a statement that asks the same."""
    return Examined(known.necessity, known.mutants, known.tightness, known.numeric.boundaries, ())


def _chance(statement: Statement, audit: Audit, claim: Claim) -> Examined:
    if claim.verdict != "proved":
        return Examined()
    effort, seed = audit.effort, audit.seed
    field = chance_field(statement, audit.formal, effort, seed)
    tight = room(claim, least_likely(statement, field, effort))
    trials = []
    for mutant in itertools.islice(chance_mutants(statement), effort.mutants // 2):
        found = refute_chance(mutant.statement, field, effort)
        trials.append(ChanceTrial(mutant, Decision("refuted" if found else "unknown", found)))
    inside = field.satisfying(field.hypotheses, heavy=True)[:MOST_POINTS]
    points = tuple(field.point(index) for index in inside.tolist())
    needs = chance_necessities(statement, claim, effort, seed)
    if not effort.search:
        # Nobody has looked for points at which the others are needed.
        needs = tuple(need for need in needs if need.needed is not None)
    return Examined(needs, summary(trials), tight, points=points)


def audit_of(
    paper: Paper,
    statement: Statement,
    formal: Formal,
    effort: Effort,
    seed: int,
    assist: Assist = NO_HELP,
) -> Audit:
    """The audit of a statement of a pack."""
    return Audit(
        f"{statement.id}{paper.option}",
        formal,
        setting_of(formal),
        rational_reference(statement.params),
        effort,
        seed,
        assist,
    )


def proof_of(claim: Claim) -> Mapping[str, Any] | None:
    """The proof in the certificate of a claim, where it has one."""
    if claim.certificate is not None:
        with contextlib.suppress(Refused):
            return cast(Mapping[str, Any], load(claim.certificate)[1])
    return None
