"""Probability bounds under attack: exact probabilities at points that satisfy the hypotheses."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

import msgspec
import numpy as np

from verify.engine.at_points import asked
from verify.engine.audit import Effort
from verify.engine.formal import Formal
from verify.engine.necessity import Condition, anyway, conditions_of, dropped, unneeded, without
from verify.engine.numeric import rough_margin
from verify.engine.reference import rational_reference
from verify.engine.results import At, Claim, Counterexample, Necessity, Result, Tightness
from verify.engine.scalars import is_scalar
from verify.kernel.certificate import Obligation, accept, load
from verify.kernel.chance import Chance
from verify.kernel.poly import Refused
from verify.language.render import text
from verify.language.statement import Statement
from verify.language.term import Num, nnf
from verify.probe.field import Field
from verify.provers.budget import Budget

MOST_HALVES = 8
"""Probabilities down to 1/2^7 are tried in place of a smaller constant."""

FEW = 5_000
"""Sizes up to this are asked first: their laws are exact and quick."""


def refute_chance(statement: Statement, field: Field, effort: Effort) -> Counterexample | None:
    """A point at which the hypotheses hold and the exact probability is below its bound.

    None for a claim about a constant that is large enough: no point contradicts that.
    """
    if statement.large is not None:
        return None
    for result in evaluated(statement, field, effort):
        if result.claim.verdict == "refuted":
            return result.claim.counterexample
    return None


def chance_field(statement: Statement, formal: Formal, effort: Effort, seed: int) -> Field:
    """Points that satisfy the hypotheses of a statement that are about numbers."""
    return Field(
        [h for h in formal.hypotheses if is_scalar(h)],
        formal.integers - frozenset(formal.theory.ranges),
        seed=seed,
        reference=rational_reference(statement.params),
        budget=Budget.of(effort.points),
    )


def evaluated(statement: Statement, field: Field, effort: Effort) -> Iterator[Result]:
    """The statement at some points of a field, where that is within reach."""
    for index in _chosen(field, effort.laws):
        result = asked(statement, field.point(index))
        if result is not None:
            yield result


def _chosen(field: Field, most: int) -> list[int]:
    """Small sizes first, then others; of both some simple points and some of every size."""
    feasible = field.satisfying(field.hypotheses, heavy=True)
    sizes = [
        row for name, row in zip(field.names, field.columns, strict=True) if name in field.integers
    ]
    largest = np.max(np.stack(sizes), axis=0) if sizes else np.zeros(len(field))
    found: list[int] = []
    for group, share in ((feasible[largest[feasible] <= FEW], 3), (feasible, 1)):
        half = max(1, most * share // 8)
        by_size = group[np.argsort(largest[group], kind="stable")[::-1]]
        step = max(1, len(group) // half)
        found += [*group[:half].tolist(), *by_size[::step].tolist()[:half]]
    return list(dict.fromkeys(found))


def least_likely(statement: Statement, field: Field, effort: Effort) -> At | None:
    """Of some points that satisfy the hypotheses, the one with the least difference between the
    exact probability and its bound.

    None for a claim about a constant that is large enough, which says nothing about small ones.
    """
    if statement.large is not None:
        return None
    least: tuple[float, At] | None = None
    for result in evaluated(statement, field, effort):
        at = result.at
        if at is None or at.margin is None or any(h.holds is not True for h in at.hypotheses):
            continue
        rough = rough_margin(at.margin)
        if least is None or rough < least[0]:
            least = rough, at
    return None if least is None else least[1]


def room(claim: Claim, worst: At | None) -> Tightness:
    """What is known about the room in a proved probability bound.

    A constant bound is at best what the claim's own certificate still proves, and at most the
    least exact probability that was met.
    """
    if worst is None:
        return Tightness(lower="0")
    found = Tightness(
        lower="0",
        upper=worst.margin,
        at=worst.point,
        note="the exact probability minus its bound, at the points that were tried",
    )
    try:
        top = Fraction(worst.left)
        obligation, proof = load(claim.certificate)
    except (ValueError, Refused):
        return found
    chance = obligation.conclusion
    if not isinstance(chance, Chance) or not isinstance(chance.bound, Num):
        return found
    level = chance.bound.value
    for power in range(1, MOST_HALVES):
        better = Fraction(1, 2**power)
        if level < better <= top and _still_proves(obligation, chance, better, proof):
            level = better
            break
    return msgspec.structs.replace(found, best_constant=f"[{level}, {top}]")


def _still_proves(obligation: Obligation, chance: Chance, level: Fraction, proof: object) -> bool:
    try:
        accept(replace(obligation, conclusion=replace(chance, bound=Num(level))), proof)
    except Refused:
        return False
    return True


def chance_necessities(
    statement: Statement, claim: Claim, effort: Effort, seed: int
) -> tuple[Necessity, ...]:
    """Which hypotheses a proved probability bound needs.

    Not needed is one without which the kernel accepts the same certificate; needed is one without
    which the exact probability is too small at some point.
    """
    try:
        obligation, proof = load(claim.certificate)
    except Refused:
        return ()
    formal = Formal(
        obligation.hypotheses, obligation.conclusion, obligation.integers, obligation.theory
    )
    return tuple(
        _necessity(statement, formal, condition, proof, effort, seed)
        for condition in conditions_of(formal)
    )


def _necessity(
    statement: Statement,
    formal: Formal,
    condition: Condition,
    proof: object,
    effort: Effort,
    seed: int,
) -> Necessity:
    rest = without(formal, condition)
    if condition.indices is None:
        with contextlib.suppress(Refused):
            accept(rest.obligation(), proof)
            return unneeded(condition)
    found = None
    weaker = dropped(statement, condition) if effort.search else None
    if weaker is not None and statement.large is None and is_scalar(condition.formula):
        outside = replace(rest, hypotheses=(*rest.hypotheses, nnf(condition.formula, negate=True)))
        field = chance_field(weaker, outside, effort, seed)
        for result in evaluated(weaker, field, effort):
            if result.claim.verdict == "refuted" and result.claim.counterexample is not None:
                found = anyway(result.claim.counterexample)
                break
    return Necessity(text(condition.formula), True if found else None, found)
