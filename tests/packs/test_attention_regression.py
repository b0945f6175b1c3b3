"""Attention as regression: each verdict is reached by its own run, and no falsehood is proved."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

import pytest
from sympy import Integer

from lemmas.attention_regression import PAPER
from lemmas.attention_regression.notation import (
    B,
    G,
    b_1,
    i,
    l,
    p,
    u_1,
    u_2,
    v_1,
    v_2,
    w_1,
    w_2,
)
from verify import eq, ge
from verify.engine.results import Result
from verify.language.statement import Paper, Statement

BY_ID = {statement.id: statement for statement in PAPER.statements}
Reached = Callable[[Paper, Statement], Result]
Proved = Callable[[Statement], bool]


def test_declarations(declared_well: Callable[[Paper], None]) -> None:
    declared_well(PAPER)


SLOW = {"2.3/quarter", "3.3/stated", "3.4/sinh", "4.2/corrected"}
PARTS = [
    pytest.param(s, id=s.id, marks=[pytest.mark.slow if s.id in SLOW else pytest.mark.pack])
    for s in PAPER.statements
]


@pytest.mark.parametrize("statement", PARTS)
def test_part(statement: Statement, reached: Reached) -> None:
    result = reached(PAPER, statement)
    assert result.claim.axioms == ()
    assert result.proof.verdict in ("none given", "supported")


@pytest.mark.slow
def test_the_hessian_of_softmax_regression_by_hand(reached: Reached) -> None:
    """With two weights v' H v is a multiple of (v_1 - v_2)^2, by the second derivative."""
    found = reached(PAPER, BY_ID["2.3/stated"]).claim.counterexample
    assert found is not None
    at = {name: Fraction(value) for name, value in found.point.items()}
    f, b = at["f_1"], at["b_1"]
    spread = f * (1 - f)
    bent = 2 * spread**2 + 2 * (f - b) * spread * (1 - 2 * f)
    value = bent * (at["v_1"] - at["v_2"]) ** 2
    assert value < 0
    assert found.left == str(value)


CHANGED = {
    "1.1": {B[i, l]: B[l, i]},
    "1.2": {G[p, l]: G[l, p]},
    "2.1": {w_1: w_2},
    "3.1": {b_1: 1 - b_1},
}


@pytest.mark.parametrize("identifier", CHANGED)
def test_other_entries_are_not_proved(identifier: str, proved: Proved) -> None:
    statement = BY_ID[identifier]
    left, right = statement.conclusion.args
    if identifier == "1.1":
        arrays = tuple(
            replace(array, body=array.body.xreplace(CHANGED[identifier]))
            for array in statement.arrays
        )
        changed = statement.but(arrays=arrays)
    else:
        changed = statement.but(conclusion=eq(left, right.xreplace(CHANGED[identifier])))
    assert changed != statement
    assert not proved(changed)


@pytest.mark.parametrize("identifier", ["2.2/diagonal", "2.2/off-diagonal", "3.2/diagonal"])
def test_twice_the_right_side_is_not_proved(identifier: str, proved: Proved) -> None:
    left, right = BY_ID[identifier].conclusion.args
    assert not proved(BY_ID[identifier].but(conclusion=eq(left, 2 * right)))


@pytest.mark.parametrize(
    ("identifier", "amount"),
    [("2.3/printed", -4 * (v_1**2 + v_2**2)), ("4.3/regularised", Integer(-1))],
)
def test_without_its_regulariser_it_is_not_proved(
    identifier: str, amount: object, proved: Proved
) -> None:
    left, _ = BY_ID[identifier].conclusion.args
    assert not proved(BY_ID[identifier].but(conclusion=ge(left + amount, 0)))


def test_the_scores_need_a_regulariser(proved: Proved) -> None:
    left, _ = BY_ID["3.3/regularised"].conclusion.args
    regulariser = 2 * b_1 * (1 - b_1) * u_1 * u_2 * (v_1**2 + v_2**2)
    assert not proved(BY_ID["3.3/regularised"].but(conclusion=ge(left - regulariser, 0)))
