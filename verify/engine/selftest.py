"""Would the checker have noticed? Every claim of a pack is changed, and the answers are compared.

An answer is wrong if the definitions, evaluated at a point without the rules that unfold them, say
otherwise: a refuted claim must fail at its counterexample, a proved one hold at every point tried.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import msgspec

from verify.engine.audit import EFFORTS, Audit, Decision, Effort
from verify.engine.chance_mutants import ChanceTrial, chance_mutants
from verify.engine.chances import chance_field, evaluated, refute_chance
from verify.engine.examine import audit_of
from verify.engine.formal import Formal, formalise
from verify.engine.mutants import Trial, try_mutants
from verify.engine.pieces import Data, Pieces, Unsupported
from verify.engine.settings import SettingError, definitions_of, point_of
from verify.engine.sides import related
from verify.engine.workers import Task, run_all
from verify.kernel.chance import Chance
from verify.kernel.poly import Refused
from verify.language.render import text
from verify.language.statement import Paper, Statement
from verify.language.sympy_terms import to_term
from verify.language.term import Formula, Rel, nnf, relations

CHANGES = 16
"""How many changes of each claim are tried."""

CHECKED = 6
"""At how many points a changed claim that was proved is evaluated."""

SECONDS_EACH = 60.0
"""The time for one changed claim, at the very most."""


class Change(msgspec.Struct, frozen=True):
    """A changed claim and what became of it; ``wrong`` says why that cannot be."""

    change: str
    claim: str
    answer: str
    point: dict[str, str] | None = None
    wrong: str | None = None


class Report(msgspec.Struct, frozen=True):
    """The changed claims of one statement; ``failure`` says why there are none."""

    id: str
    changes: tuple[Change, ...] = ()
    seconds: float = 0.0
    failure: str | None = None

    def count(self, answer: str) -> int:
        """How many changed claims had this answer."""
        return sum(change.answer == answer for change in self.changes)

    @property
    def wrong(self) -> tuple[Change, ...]:
        """The answers that cannot be right."""
        return tuple(change for change in self.changes if change.wrong is not None)


@dataclass(frozen=True, slots=True)
class Totals:
    """The sums over all statements."""

    tried: int
    refuted: int
    proved: int

    @property
    def decided(self) -> int:
        """How many were refuted or proved."""
        return self.refuted + self.proved


def totals(reports: Sequence[Report]) -> Totals:
    """The sums over some reports."""
    return Totals(
        sum(len(report.changes) for report in reports),
        sum(report.count("refuted") for report in reports),
        sum(report.count("proved") for report in reports),
    )


def selftest(
    paper: Paper, statements: Sequence[Statement], seconds: float, seed: int, jobs: int
) -> Iterator[tuple[int, Report]]:
    """Each statement's number and report, as they come; statements that have no formal content
    (cited bounds) have no changes."""
    tasks = [
        Task(_tested, (paper, statement, seconds, seed), SECONDS_EACH * CHANGES)
        for statement in statements
    ]
    for index, answer in run_all(tasks, jobs):
        if answer.value is not None:
            yield index, msgspec.json.decode(answer.value, type=Report)
        else:
            failure = answer.failure or "no answer"
            yield index, Report(statements[index].id, failure=failure, seconds=answer.seconds)


def _tested(paper: Paper, statement: Statement, seconds: float, seed: int) -> bytes:
    return msgspec.json.encode(changes_of(paper, statement, seconds, seed))


def changes_of(paper: Paper, statement: Statement, seconds: float, seed: int) -> Report:
    """The changed claims of one statement, each with its answer."""
    started = time.monotonic()
    formal = formalise(statement)
    changes: list[Change] = []
    if formal is not None:
        usual = EFFORTS["default"]
        effort = replace(
            usual,
            proof=min(seconds, usual.proof),
            search=min(seconds, usual.search),
            shrink=0.3,
            mutants=CHANGES,
        )
        audit = audit_of(paper, statement, formal, effort, seed)
        if isinstance(formal.conclusion, Chance):
            trials = _chances(paper, statement, formal, effort, seconds, seed)
            changes = [_change(trial, _wrong_chance(trial, effort, seed)) for trial in trials]
        else:
            for trial in try_mutants(audit, statement, formal.conclusion):
                changes.append(_change(trial, _wrong(audit, statement, trial)))
    return Report(statement.id, tuple(changes), time.monotonic() - started)


def _change(trial: Trial | ChanceTrial, wrong: str | None) -> Change:
    found = trial.decision.counterexample
    return Change(
        trial.mutant.change,
        trial.shown,
        trial.decision.answer,
        None if found is None else found.point,
        wrong,
    )


def _chances(
    paper: Paper, statement: Statement, formal: Formal, effort: Effort, seconds: float, seed: int
) -> Iterator[ChanceTrial]:
    from verify.engine.statements import proves_chance  # noqa: PLC0415 - it imports this package

    field = chance_field(statement, formal, effort, seed)
    for mutant in chance_mutants(statement):
        found = refute_chance(mutant.statement, field, effort)
        if found is not None:
            yield ChanceTrial(mutant, Decision("refuted", found))
        elif proves_chance(paper, mutant.statement, seconds, seed):
            yield ChanceTrial(mutant, Decision("proved"))
        else:
            yield ChanceTrial(mutant, Decision("unknown"))


def _wrong_chance(trial: ChanceTrial, effort: Effort, seed: int) -> str | None:
    """Exact probabilities refuted it; a proof must not be contradicted by one."""
    if trial.decision.answer != "proved":
        return None
    statement = trial.mutant.statement
    formal = formalise(statement)
    assert formal is not None
    few = replace(effort, laws=CHECKED)
    for result in evaluated(statement, chance_field(statement, formal, few, seed + 1), few):
        if result.claim.verdict == "refuted":
            return f"it was proved, but fails at {result.claim.counterexample}"
    return None


def _wrong(audit: Audit, statement: Statement, trial: Trial) -> str | None:
    """What the definitions say at a point, where that contradicts the answer."""
    decision = trial.decision
    goal = nnf(trial.mutant.formula)
    if decision.answer == "refuted" and decision.counterexample is not None:
        point = decision.counterexample.point
        if _holds_at(statement, goal, point) is True:
            return f"it was refuted, but holds at {point}"
    if decision.answer == "proved":
        feasible = audit.field.satisfying(audit.formal.hypotheses)
        for index in feasible[:CHECKED]:
            known = {name: text(v) for name, v in audit.field.point(int(index)).items()}
            if _holds_at(statement, goal, known) is False:
                return f"it was proved, but fails at {known}"
    return None


def _holds_at(statement: Statement, goal: Formula, point: dict[str, str]) -> bool | None:
    """Whether a claim holds at a point, by its definitions; None where that is out of reach."""
    try:
        setting = point_of(statement, [f"{name}={value}" for name, value in point.items()])
        classes = {item.name: to_term(item.classes) for item in statement.stacked}
        data = Data(setting.values, setting.integers, definitions_of(statement), classes)
        pieces = Pieces(data)
        truths = [
            related(Rel(rel.op, pieces.value(rel.left), pieces.value(rel.right))).holds
            for rel in relations(goal)
        ]
    except (SettingError, Unsupported, Refused, ArithmeticError):
        return None
    return False if False in truths else (None if None in truths else True)
