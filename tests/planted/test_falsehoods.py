"""Planted falsehoods must come out refuted, each at a confirmed and small point."""

from __future__ import annotations

import time

import pytest
from falsehoods import BY_ID, CHANCES, DETERMINISTIC, INDICES, TRUE, Planted

from lemmas.polynomial_attention import PAPER
from verify.engine.at import evaluate_at
from verify.engine.at_points import refute_at_points, simpler
from verify.engine.audit import EFFORTS
from verify.engine.examine import audit_of
from verify.engine.formal import formalise
from verify.engine.results import Counterexample
from verify.engine.scalars import scalars
from verify.engine.settings import point_of
from verify.engine.statements import check_statement
from verify.language.statement import Statement
from verify.language.term import And, Or, Rel
from verify.provers.budget import Budget
from verify.provers.lemma import prove_goal

SECONDS = 10.0
SHORT = 40
"""How many characters the coordinates of a small point may have together, names not counted."""
MORE = 60
"""The same for probabilities, which have more parameters, some of them extreme."""

QUICK = (
    "6.6/3a: 2/3 for 1/2",
    "6.6/3a: fails on the boundary (1 + a_1)^beta = n only",
    "6.6/3a: non-integer beta only",
    "6.7/3: fails at d = 3 only",
    "6.7/6: extreme b or c only",
)


def fails_by_definition(statement: Statement, found: Counterexample) -> bool:
    """Whether the definitions, evaluated at the point without unfolding, say so too."""
    settings = [f"{name}={value}" for name, value in found.point.items()]
    return evaluate_at(statement, point_of(statement, settings)).claim.verdict == "refuted"


def is_small(found: Counterexample, most: int = SHORT) -> bool:
    return sum(len(value) for value in found.point.values()) <= most


def test_there_are_enough_of_them_and_one_for_every_part() -> None:
    assert len(DETERMINISTIC) + len(CHANCES) >= 60
    assert len({str(item) for item in (*DETERMINISTIC, *CHANCES)}) == len(DETERMINISTIC) + len(
        CHANCES
    )
    changed = {item.id for item in (*DETERMINISTIC, *CHANCES)}
    # The union bound is one statement about any events, with nothing in it to change.
    assert {s.id for s in PAPER.statements} - changed == {"3.5"}


@pytest.mark.slow
@pytest.mark.parametrize("planted", DETERMINISTIC, ids=str)
def test_a_false_claim_is_refuted_at_a_small_point(planted: Planted) -> None:
    claim = check_statement(PAPER, planted.statement, SECONDS, 0).claim
    assert claim.verdict == "refuted", claim.tried
    assert claim.counterexample is not None
    assert fails_by_definition(planted.statement, claim.counterexample)
    assert is_small(claim.counterexample), claim.counterexample.point


@pytest.mark.slow
@pytest.mark.parametrize("planted", CHANCES, ids=str)
def test_a_false_probability_bound_is_refuted(planted: Planted) -> None:
    claim = check_statement(PAPER, planted.statement, SECONDS, 0).claim
    assert claim.verdict == "refuted", claim.tried
    assert claim.counterexample is not None
    assert fails_by_definition(planted.statement, claim.counterexample)
    assert is_small(claim.counterexample, MORE), claim.counterexample.point


@pytest.mark.parametrize("name", QUICK)
def test_points_at_hand_refute_it(name: str) -> None:
    planted = next(item for item in DETERMINISTIC if str(item) == name)
    formal = formalise(planted.statement)
    assert formal is not None
    assert isinstance(formal.conclusion, Rel | And | Or)
    audit = audit_of(PAPER, planted.statement, formal, EFFORTS["quick"], seed=0)
    found = audit.refute(formal, formal.conclusion, deep=False)
    assert found is not None
    assert fails_by_definition(planted.statement, found)


def test_what_does_not_unfold_is_asked_as_it_is_written() -> None:
    planted = INDICES[0]
    formal = formalise(planted.statement)
    assert formal is not None
    assert isinstance(formal.conclusion, Rel)
    assert scalars(formal, formal.conclusion) == ()
    audit = audit_of(PAPER, planted.statement, formal, EFFORTS["quick"], seed=0)
    found = refute_at_points(planted.statement, formal, audit.field, Budget.of(SECONDS), 0)
    assert found is not None
    small = simpler(planted.statement, formal, found, SECONDS)
    assert fails_by_definition(planted.statement, small)
    assert is_small(small)


def test_a_search_of_what_does_not_unfold_ends() -> None:
    # A comparison with the index of a sum has no value to try: trying it anyway had no end.
    formal = formalise(INDICES[1].statement)
    assert formal is not None
    assert isinstance(formal.conclusion, Rel)
    started = time.process_time()
    assert prove_goal(formal.sequent().context(), formal.conclusion, Budget.of(SECONDS)) is None
    assert time.process_time() - started < SECONDS / 2


@pytest.mark.parametrize("planted", TRUE[:2], ids=str)
def test_points_at_hand_do_not_refute_what_is_true(planted: Planted) -> None:
    # With one row there are no two different rows: n = 1 is no counterexample.
    formal = formalise(planted.statement)
    assert formal is not None
    assert isinstance(formal.conclusion, Rel)
    audit = audit_of(PAPER, planted.statement, formal, EFFORTS["quick"], seed=0)
    assert audit.refute(formal, formal.conclusion, deep=False) is None
    assert audit.proves(formal, formal.conclusion)


@pytest.mark.slow
@pytest.mark.parametrize("planted", TRUE, ids=str)
def test_a_true_change_is_proved(planted: Planted) -> None:
    assert check_statement(PAPER, planted.statement, SECONDS, 0).claim.verdict == "proved"
    assert BY_ID[planted.id] != planted.statement
