"""Softmax and linear attention: each verdict is reached by its own run; no falsehood is proved."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

import pytest
from sympy import Rational, exp

from lemmas.attention import f, j_3, n, s
from lemmas.softmax_attention import PAPER
from lemmas.softmax_attention.setting import HALF, a
from lemmas.softmax_attention.softmax import GAIN_ELSEWHERE, GAIN_HERE
from verify import Hypothesis, Probability, SignSum, eq, ge
from verify.engine.formal import formalise
from verify.engine.results import Result
from verify.engine.statements import check_statement
from verify.kernel.chance import Chance
from verify.language.statement import Paper, Statement

BY_ID = {statement.id: statement for statement in PAPER.statements}
Reached = Callable[[Paper, Statement], Result]
Proved = Callable[[Statement], bool]


def about_chance(statement: Statement) -> bool:
    formal = formalise(statement)
    return formal is not None and isinstance(formal.conclusion, Chance)


def slow(statement: Statement) -> bool:
    """Parts that combine several exponentials take seconds."""
    return statement.lemma in ("1.3", "2.2", "3.1", "3.5", "3.6")


SCALAR = [
    pytest.param(s, id=s.id, marks=[pytest.mark.slow if slow(s) else pytest.mark.pack])
    for s in PAPER.statements
    if not about_chance(s)
]
CHANCES = [pytest.param(s, id=s.id) for s in PAPER.statements if about_chance(s)]


def test_declarations(declared_well: Callable[[Paper], None]) -> None:
    declared_well(PAPER)


@pytest.mark.parametrize("statement", SCALAR)
def test_part(statement: Statement, reached: Reached) -> None:
    assert reached(PAPER, statement).claim.axioms == ()


@pytest.mark.slow
@pytest.mark.parametrize("statement", CHANCES)
def test_probability(statement: Statement) -> None:
    """Proved with the default limit; what it rests on is Hoeffding's inequality at the most."""
    claim = check_statement(PAPER, statement, 10.0, 0).claim
    assert claim.verdict == PAPER.expected.get(statement.id, "proved"), claim
    assert set(claim.axioms) <= {"hoeffding"}


@pytest.mark.parametrize("identifier", ["1.4/elsewhere", "1.4/here-any"])
def test_the_feature_loses_at_the_point_that_is_found(identifier: str, reached: Reached) -> None:
    found = reached(PAPER, BY_ID[identifier]).claim.counterexample
    assert found is not None
    rows, feature = int(found.point["n"]), Fraction(found.point["a"])
    power = feature if identifier == "1.4/elsewhere" else feature * (1 + feature)
    # n^power < n - 1, compared by integer powers.
    top, bottom = power.numerator, power.denominator
    assert rows**top < (rows - 1) ** bottom


WRONG = {
    "1.1": lambda left, right: eq(left, right + 1),
    "1.2/1a": lambda left, _: eq(left, exp((1 + a) * s**2)),
    "1.2/2b": lambda left, _: eq(left, exp((1 + a) * s**2)),
    "1.4/here": lambda left, _: ge(left, n ** (a * (2 + a))),
    "2.1/1a": lambda left, _: eq(left, (1 + a) / n),
    "2.3/special": lambda left, right: eq(left, 2 * right),
    "2.4/type-2": lambda left, right: eq(left, right / (1 + a)),
}


@pytest.mark.parametrize("identifier", WRONG)
def test_another_value_is_not_proved(identifier: str, proved: Proved) -> None:
    statement = BY_ID[identifier]
    left, right = statement.conclusion.args
    assert not proved(statement.but(conclusion=WRONG[identifier](left, right)))


def test_the_condition_of_one_row_is_not_enough_for_another(proved: Proved) -> None:
    """What makes the feature win in its own row is not proved to make it win elsewhere."""
    statement = BY_ID["1.3/elsewhere-if"]
    conditions = tuple(
        replace(h, relation=h.relation.xreplace({GAIN_ELSEWHERE: GAIN_HERE}))
        if isinstance(h, Hypothesis) and h.relation is not None
        else h
        for h in statement.hypotheses
    )
    assert conditions != statement.hypotheses
    assert not proved(statement.but(hypotheses=conditions))


def test_half_is_the_bound_that_the_condition_gives(proved: Proved) -> None:
    statement = BY_ID["1.3/here-if"]
    assert not proved(statement.but(conclusion=ge(f[j_3, j_3], HALF + Rational(1, 10))))


@pytest.mark.slow
def test_a_certain_event_is_not_proved() -> None:
    statement = BY_ID["3.2"]
    assert isinstance(statement.conclusion, Probability)
    assert isinstance(statement.conclusion.event, SignSum)
    often = Probability(statement.conclusion.event, Rational(3, 4))
    assert check_statement(PAPER, statement.but(conclusion=often), 5.0, 0).claim.verdict != "proved"
