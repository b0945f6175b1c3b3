"""Changed probability bounds, of which most should be false."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from verify.engine.audit import Decision
from verify.engine.formal import formal_conclusion
from verify.engine.shown import chance_text
from verify.kernel.chance import Chance
from verify.language.statement import Output, Probability, SignSum, Statement

REVERSED = {">=": "<=", "<=": ">=", ">": "<", "<": ">"}


@dataclass(frozen=True, slots=True)
class ChanceMutant:
    """A changed probability bound, and what was changed."""

    change: str
    statement: Statement


@dataclass(frozen=True, slots=True)
class ChanceTrial:
    """A changed bound and what became of it."""

    mutant: ChanceMutant
    decision: Decision

    @property
    def shown(self) -> str:
        """The changed bound in ASCII mathematics."""
        claim = formal_conclusion(self.mutant.statement.conclusion)
        assert isinstance(claim, Chance)
        return chance_text(claim)


def chance_mutants(statement: Statement) -> Iterator[ChanceMutant]:
    """Changed bounds, the more telling ones first.

    For a claim about a constant that is large enough only the opposite output of a network: what a
    point says about anything else a larger constant may change.
    """
    claim = statement.conclusion
    if not isinstance(claim, Probability):
        return
    if statement.large is not None and not isinstance(claim.event, Output):
        return
    changes = [_events(claim)]
    if statement.large is None:
        changes += [_thresholds(claim), _levels(claim)]
    for row in itertools.zip_longest(*changes):
        for item in row:
            if item is not None:
                change, new = item
                yield ChanceMutant(change, statement.but(conclusion=new))


_Changes = Iterator[tuple[str, Probability]]


def _events(claim: Probability) -> _Changes:
    """The opposite event, where both cannot be likely."""
    event = claim.event
    if isinstance(event, Output):
        opposite: Any = replace(event, positive=not event.positive)
        yield "F = 0 for F > 0, or the other way round", replace(claim, event=opposite)
        return
    if event.absolute:
        turned = replace(event, op=REVERSED[event.op])  # type: ignore[arg-type]
        yield "direction", replace(claim, event=turned)


def _thresholds(claim: Probability) -> _Changes:
    """Thresholds that make the event less likely."""
    event = claim.event
    above = event.op in (">=", ">") if isinstance(event, SignSum) else event.positive
    factors = (10, 100, 1000) if above else (Fraction(1, 10), Fraction(1, 100), Fraction(1, 1000))
    for factor in factors:
        shown = _rational(factor)
        yield (
            f"threshold times {factor}",
            replace(claim, event=replace(event, threshold=shown * event.threshold)),
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
