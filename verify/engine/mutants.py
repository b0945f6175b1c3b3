"""Whether a false claim would have been noticed: changed claims, each refuted, proved or open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from verify.engine.audit import Audit, Decision
from verify.engine.literal_points import literal_refutation
from verify.engine.results import Mutants
from verify.engine.scalars import scalars
from verify.kernel.poly import Refused
from verify.language.render import text
from verify.language.statement import Statement
from verify.language.term import Formula, Rel, free_names, relations
from verify.probe.mutate import Mutant, mutants


class Tried(Protocol):
    """A changed claim of any kind and what became of it."""

    @property
    def shown(self) -> str:
        """The changed claim in ASCII mathematics."""

    @property
    def decision(self) -> Decision:
        """What became of it."""


@dataclass(frozen=True, slots=True)
class Trial:
    """A changed claim and what became of it."""

    mutant: Mutant
    decision: Decision

    @property
    def shown(self) -> str:
        """The changed claim in ASCII mathematics."""
        return text(self.mutant.formula)


def summary(trials: Sequence[Tried]) -> Mutants:
    """The trials as results."""
    return Mutants(
        tried=len(trials),
        caught=sum(trial.decision.answer == "refuted" for trial in trials),
        provable=tuple(t.shown for t in trials if t.decision.answer == "proved"),
        undecided=tuple(t.shown for t in trials if t.decision.answer == "unknown"),
    )


def try_mutants(audit: Audit, statement: Statement, goal: Formula) -> tuple[Trial, ...]:
    """Each of some changed claims, decided as far as the effort goes.

    Changes that only weaken the claim are left out: they show nothing.
    """
    found: list[Trial] = []
    for mutant in mutants(goal, twins(statement, goal)):
        if len(found) >= audit.effort.mutants:
            break
        if _is_idle(audit, goal, mutant.formula):
            continue
        decision = audit.decide(audit.formal, mutant.formula, simple=False)
        if decision.answer == "unknown":
            # Arrays that nothing defines are left: there are no points, but small sizes.
            point = literal_refutation(statement, audit.formal, mutant.formula)
            decision = decision if point is None else Decision("refuted", point)
        found.append(Trial(mutant, decision))
    return tuple(found)


def twins(statement: Statement, goal: Formula) -> tuple[tuple[str, str], ...]:
    """Pairs of names that are easily confused: two indices of one range, two real parameters of
    which the claim mentions one, with the same domain but for its numbers."""
    used = free_names(goal)
    indices = [(str(index.symbol), str(index.size)) for index in statement.indices]
    found = [
        (one, other)
        for place, (one, size) in enumerate(indices)
        for other, same in indices[place + 1 :]
        if size == same
    ]
    real = [param.name for param in statement.params if not param.integer]
    for one in real:
        for other in real:
            if one < other and {one, other} & used and one[0] != other[0]:
                found.append((one, other))
    return tuple(found[:6])


def _is_idle(audit: Audit, goal: Formula, mutant: Formula) -> bool:
    """Whether a mutant seems to follow from the claim, or to be the same: at every point at hand
    each of its relations holds by at least as much."""
    try:
        before, after = scalars(audit.formal, goal), scalars(audit.formal, mutant)
    except Refused:
        return False
    if len(before) != len(after) or not before:
        return False
    for old, new in zip(before, after, strict=True):
        pairs = relations(old.sequent.conclusion), relations(new.sequent.conclusion)
        if not all(_no_stronger(audit, *pair) for pair in zip(*pairs, strict=False)):
            return False
    return True


def _no_stronger(audit: Audit, old: Rel, new: Rel) -> bool:
    if old == new:
        return True
    if old.left != new.left or old.op != new.op:
        return False
    feasible = audit.field.satisfying(audit.formal.hypotheses)
    if old.op in ("==", "!="):
        return bool(np.all(audit.field.gaps(Rel("==", old.right, new.right))[feasible] == 0.0))
    easier = audit.field.gaps(Rel(old.op, old.right, new.right))[feasible]
    return bool(np.all(np.nan_to_num(easier) >= 0.0))
