"""The tensor identities: each verdict is reached by its own run, and no falsehood is proved."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from lemmas.tensor_identities import PAPER
from lemmas.tensor_identities.notation import (
    K_1,
    K_2,
    V_1,
    Q,
    S,
    T,
    U,
    W,
    X,
    a,
    b,
    c,
    i,
    i_0,
    j,
    l,
    p,
    q,
    q_0,
    r,
)
from verify import eq
from verify.engine.results import Result
from verify.language.statement import Paper, Statement

BY_ID = {statement.id: statement for statement in PAPER.statements}
Reached = Callable[[Paper, Statement], Result]
Proved = Callable[[Statement], bool]


def test_declarations(declared_well: Callable[[Paper], None]) -> None:
    declared_well(PAPER)


@pytest.mark.pack
@pytest.mark.parametrize("statement", PAPER.statements, ids=lambda s: s.id)
def test_part(statement: Statement, reached: Reached) -> None:
    assert reached(PAPER, statement).claim.axioms == ()


def test_the_false_reading_fails_at_a_point_that_can_be_checked_by_hand(reached: Reached) -> None:
    found = reached(PAPER, BY_ID["1.1/columns"]).claim.counterexample
    assert found is not None
    at = {name: int(value) for name, value in found.point.items()}
    pairs = [(1, 1), (1, 2), (2, 1), (2, 2)]
    # (A X B')[2, 1], and the row (1, 2) of A (x) B times vec(X).
    left = sum(at[f"a_2{p}"] * at[f"x_{p}{q}"] * at[f"b_1{q}"] for p, q in pairs)
    right = sum(at[f"a_1{p}"] * at[f"b_2{q}"] * at[f"x_{q}{p}"] for p, q in pairs)
    assert left != right


CHANGED = {
    "1.1/rows": {S[i, j, p, q]: S[i, j, q, p]},
    "1.1/corrected": {X[p, q]: X[q, p]},
    "1.2": {S[i, j, p, q]: S[j, i, p, q]},
    "1.3/modes": {X[p, q, r]: X[q, p, r]},
    "1.3/flattened": {X[p, q, r]: X[p, r, q]},
    "2.1": {Q[i_0, p]: Q[i_0, 1]},
    "2.2": {V_1[j, q_0]: V_1[l, q_0]},
    "2.3": {K_1[j, p]: K_2[j, p]},
    "2.5/gram": {K_1[j, q]: K_2[j, q]},
    "2.5/factors": {S[i, r, p, q]: S[r, i, p, q]},
    "3.1": {T[a, b, c]: T[b, a, c]},
    "3.2/rotated": {T[a, b, c]: T[a, c, b]},
    "3.3": {W[c, i]: U[c, i]},
}


@pytest.mark.parametrize("identifier", CHANGED)
def test_other_indices_are_not_proved(identifier: str, proved: Proved) -> None:
    statement = BY_ID[identifier]
    left, right = (side.xreplace(CHANGED[identifier]) for side in statement.conclusion.args)
    changed = statement.but(conclusion=eq(left, right))
    assert changed.conclusion != statement.conclusion
    assert proved(statement)
    assert not proved(changed)


@pytest.mark.parametrize("identifier", ["2.4", "3.4"])
def test_twice_the_right_side_is_not_proved(identifier: str, proved: Proved) -> None:
    statement = BY_ID[identifier]
    left, right = statement.conclusion.args
    assert not proved(statement.but(conclusion=eq(left, 2 * right)))


def without_conditions(statement: Statement) -> tuple[Any, ...]:
    return tuple(h for h in statement.hypotheses if h.relation is None)


def test_an_inverse_needs_its_condition(proved: Proved) -> None:
    statement = BY_ID["3.4"]
    assert not proved(statement.but(hypotheses=without_conditions(statement)))
