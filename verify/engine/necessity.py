"""Which hypotheses a claim needs: each is dropped in turn, and then only weakened."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import msgspec

from verify.engine.audit import Audit
from verify.engine.conditions import Condition, conditions_of
from verify.engine.formal import Formal
from verify.engine.results import Counterexample, Necessity
from verify.kernel.sums import Theory
from verify.language.codec import normal_formula
from verify.language.render import text
from verify.language.statement import ForAll, Statement
from verify.language.sympy_terms import to_formula
from verify.language.term import (
    ONE,
    ZERO,
    Add,
    Formula,
    Neg,
    Or,
    Rel,
    free_names,
    nnf,
    num,
)

STRICT = {">": ">=", "<": "<="}


def without(formal: Formal, dropped: Condition) -> Formal:
    """The statement without one of its conditions.

    What takes its place keeps the others' numbers, by which certificates refer to them.
    """
    filler = dropped.left_over or (Rel(">=", ONE, ZERO),)
    theory: Theory = formal.theory
    if dropped.indices is not None:
        rest = tuple(pair for pair in theory.distinct if pair != dropped.indices)
        return replace(formal, theory=replace(theory, distinct=rest, memo={}))
    place = formal.hypotheses.index(dropped.formula)
    kept = (*formal.hypotheses[:place], *filler, *formal.hypotheses[place + 1 :])
    return replace(formal, hypotheses=kept)


def dropped(statement: Statement, condition: Condition) -> Statement | None:
    """The declared statement without one of its conditions; None where it is not found there."""

    def said(relation: object) -> bool:
        return (
            relation is not None
            and not isinstance(relation, ForAll)
            and normal_formula(nnf(to_formula(relation))) == condition.formula
        )

    params = tuple(
        replace(param, where=tuple(rel for rel in param.where if not said(rel)))
        for param in statement.params
    )
    rest = tuple(item for item in statement.hypotheses if not said(item.relation))
    changed = statement.but(params=params, hypotheses=rest)
    return None if changed == statement else changed


def necessities(audit: Audit, goal: Formula, *, weaker: bool = True) -> tuple[Necessity, ...]:
    """For each condition whether the claim needs it: proved without it, refuted without it, or not
    known; and, with ``weaker``, which weaker conditions would do."""
    return tuple(_necessity(audit, goal, item, weaker) for item in conditions_of(audit.formal))


def unneeded(condition: Condition) -> Necessity:
    """A condition without which the claim was proved."""
    rest = " and ".join(text(h) for h in condition.left_over)
    return Necessity(
        text(condition.formula), needed=False, note=f"{rest} is enough" if rest else ""
    )


def _necessity(audit: Audit, goal: Formula, condition: Condition, weaker: bool) -> Necessity:
    rest = without(audit.formal, condition)
    if condition.indices is None and audit.rechecks(rest, goal):
        return unneeded(condition)
    found = audit.decide(rest, goal, _broken(condition))
    label = text(condition.formula)
    if found.answer == "proved":
        return unneeded(condition)
    counterexample = found.counterexample
    if counterexample is not None:
        counterexample = anyway(counterexample)
    enough = _weakest(audit, goal, condition) if weaker else None
    note = "" if enough is None else f"{text(enough)} is enough"
    return Necessity(label, True if counterexample else None, counterexample, note)


def anyway(found: Counterexample) -> Counterexample:
    """A point at which a dropped hypothesis fails, which has to be asked for."""
    return msgspec.structs.replace(found, command=f"{found.command} --anyway")


def _broken(condition: Condition) -> tuple[Formula, ...]:
    """A counterexample to a claim without a condition breaks that condition, where it is true with
    it; a difference of indices is no relation between numbers."""
    return () if condition.indices is not None else (nnf(condition.formula, negate=True),)


def _weakest(audit: Audit, goal: Formula, condition: Condition) -> Formula | None:
    """The first of some weaker conditions with which the claim can still be proved."""
    rest = without(audit.formal, condition)
    for weak in weaker_forms(condition):
        trial = replace(rest, hypotheses=(*rest.hypotheses, weak))
        if not audit.fails(trial, goal, _broken(condition)) and audit.proves(trial, goal):
            return weak
    return None


def weaker_forms(condition: Condition) -> Iterator[Formula]:
    """Weaker conditions, the weakest first: half as large, off by one, ``>=`` for ``>``."""
    rel = condition.formula
    if condition.indices is not None or not isinstance(rel, Rel) or isinstance(rel, Or):
        return
    if free_names(rel.right) and rel.op in (">=", ">"):
        yield Rel(rel.op, rel.left, Add((rel.right, Neg(num(1)))))
    if free_names(rel.right) and rel.op in ("<=", "<"):
        yield Rel(rel.op, rel.left, Add((rel.right, num(1))))
    if rel.op in STRICT:
        yield Rel(STRICT[rel.op], rel.left, rel.right)  # type: ignore[arg-type]
