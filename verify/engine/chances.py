"""Probability bounds under attack: exact probabilities at points that satisfy the hypotheses."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np

from verify.engine.at import evaluate_at
from verify.engine.audit import Effort
from verify.engine.formal import Formal
from verify.engine.pieces import Unsupported
from verify.engine.reference import rational_reference
from verify.engine.results import Counterexample, Result
from verify.engine.scalars import is_scalar
from verify.engine.settings import SettingError, point_of
from verify.kernel.poly import Refused
from verify.language.render import text
from verify.language.statement import Output, Probability, SignSum, Statement
from verify.probe.field import Field
from verify.probe.signs import LawError
from verify.provers.budget import Budget

FEW = 5_000
"""Sizes up to this are asked first: their laws are exact and quick."""

REVERSED = {">=": "<=", "<=": ">=", ">": "<", "<": ">"}


def refute_chance(
    statement: Statement, formal: Formal, effort: Effort, seed: int
) -> Counterexample | None:
    """A point at which the hypotheses hold and the exact probability is below its bound.

    None for a claim about a constant that is large enough: no point contradicts that.
    """
    if statement.large is not None:
        return None
    for result in evaluated(statement, chance_field(statement, formal, effort, seed), effort):
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
        point = field.point(index)
        settings = [f"{name}={text(value)}" for name, value in point.items()]
        try:
            yield evaluate_at(statement, point_of(statement, settings))
        except (SettingError, LawError, Unsupported, Refused, ArithmeticError, MemoryError):
            # Out of reach there; other points are not.
            continue


def _chosen(field: Field, most: int) -> list[int]:
    """Small sizes first, then others; of both some simple points and some from all over."""
    feasible = field.satisfying(field.hypotheses)
    sizes = [row for name, row in zip(field.names, field.columns, strict=True)
             if name in field.integers]
    largest = np.max(np.stack(sizes), axis=0) if sizes else np.zeros(len(field))
    found: list[int] = []
    for group, share in ((feasible[largest[feasible] <= FEW], 3), (feasible, 1)):
        count = max(1, most * share // 4)
        step = max(1, len(group) // max(1, count // 2))
        found += [*group[: count // 2].tolist(), *group[::step].tolist()[: count // 2]]
    return list(dict.fromkeys(found))


@dataclass(frozen=True, slots=True)
class ChanceMutant:
    """A changed probability bound, and what was changed."""

    change: str
    statement: Statement


def chance_mutants(statement: Statement) -> Iterator[ChanceMutant]:
    """Changed bounds, the more telling ones first."""
    claim = statement.conclusion
    if not isinstance(claim, Probability):
        return
    changes = (_events(claim), _thresholds(claim), _levels(claim))
    for row in itertools.zip_longest(*changes):
        for item in row:
            if item is not None:
                change, new = item
                yield ChanceMutant(change, statement.but(conclusion=new))


_Changes = Iterator[tuple[str, Probability]]


def _events(claim: Probability) -> _Changes:
    """The opposite event; another kind of event."""
    event = claim.event
    if isinstance(event, Output):
        opposite: Any = replace(event, positive=not event.positive)
        yield "F = 0 for F > 0, or the other way round", replace(claim, event=opposite)
        return
    turned = replace(event, op=REVERSED[event.op])  # type: ignore[arg-type]
    yield "direction", replace(claim, event=turned)
    if not event.absolute:
        yield "absolute value", replace(claim, event=replace(event, absolute=True, op="<="))


def _thresholds(claim: Probability) -> _Changes:
    """Thresholds that make the event less likely."""
    event = claim.event
    above = event.op in (">=", ">") if isinstance(event, SignSum) else event.positive
    factors = (10, 100, 1000) if above else (Fraction(1, 10), Fraction(1, 100), Fraction(1, 1000))
    for factor in factors:
        shown = _rational(factor)
        yield f"threshold times {factor}", replace(
            claim, event=replace(event, threshold=shown * event.threshold)
        )


def _levels(claim: Probability) -> _Changes:
    """Higher probabilities: certainty, and halfway there."""
    from sympy import Rational  # noqa: PLC0415 - slow to load

    level = claim.at_least
    yield "probability 1", replace(claim, at_least=Rational(1))
    yield "half the chance of failure", replace(claim, at_least=1 - (1 - level) / 2)
    if level.is_number:
        yield "probability 9/10", replace(claim, at_least=Rational(9, 10))
        yield "probability 3/4", replace(claim, at_least=Rational(3, 4))


def _rational(value: Fraction | int) -> Any:
    from sympy import Rational  # noqa: PLC0415

    exact = Fraction(value)
    return Rational(exact.numerator, exact.denominator)
