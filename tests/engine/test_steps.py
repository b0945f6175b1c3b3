"""Steps under conditions of their own: indices that differ, and a constant that is large enough."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest
from sympy import Integer, Rational, Symbol

from lemmas.polynomial_attention import PAPER
from verify.engine.formal import formalise
from verify.engine.keys import Memory
from verify.engine.recall import still_right
from verify.engine.results import Result, StepResult
from verify.engine.statements import _Work, check_statement
from verify.kernel.poly import Refused
from verify.language.statement import (
    Hypothesis,
    Param,
    PrintedProof,
    Probability,
    SignSum,
    Statement,
    Step,
)
from verify.language.sympy_terms import ge, gt

KNOWN = {statement.id: statement for statement in PAPER.statements}
MANY_COLUMNS = KNOWN["5.1/2"]
"""``1 - (9/10)^m >= 1 - delta / n^k`` for ``m >= C log(n / delta)``, its second step."""


C, M, K = Symbol("C", real=True), Symbol("m", integer=True), Symbol("i", integer=True)
FEW = Statement(
    id="1.1",
    title="one sign, and a step about m columns",
    kind="lemma",
    section="1",
    params=(
        Param(C, "a constant", 10, where=(gt(C, 0),)),
        Param(M, "columns", 20, where=(ge(M, 1),)),
    ),
    hypotheses=(Hypothesis(ge(M, C)),),
    conclusion=Probability(SignSum(Integer(1), K, Integer(1), ">=", Integer(1)), Rational(1, 2)),
    large=C,
    proof=PrintedProof(
        (Step(ge(M, 1), "the domain"), Step(ge(1 - Rational(9, 10) ** M, Rational(1, 2)), "many"))
    ),
)


def second_step(statement: Statement, seconds: float) -> StepResult:
    formal = formalise(statement)
    assert formal is not None
    return _Work(PAPER, statement, formal, seconds, 0)._step(2, statement.proof.steps[1])


def test_a_small_constant_does_not_contradict_a_large_one() -> None:
    assert second_step(FEW, 2.0).verdict != "refuted"
    assert second_step(FEW.but(large=None), 2.0).verdict == "refuted"


@pytest.mark.slow
def test_how_large_is_said_wherever_the_step_is() -> None:
    step = second_step(MANY_COLUMNS, 20.0)
    assert step.verdict == "proved"
    assert step.text.endswith(" for C >= k/log(10/9)")
    assert r"\text{for}" in step.latex


def without_conditions(result: Result) -> Result:
    steps = tuple(
        msgspec.structs.replace(step, text=step.text.partition(" for ")[0])
        for step in result.proof.steps
    )
    return msgspec.structs.replace(result, proof=msgspec.structs.replace(result.proof, steps=steps))


@pytest.mark.slow
@pytest.mark.parametrize("identifier", ["4.2/1", "5.1/2"])
def test_a_step_is_confirmed_under_its_own_conditions(identifier: str) -> None:
    statement = KNOWN[identifier]
    result = check_statement(PAPER, statement, 20.0, 0)
    assert {step.verdict for step in result.proof.steps} == {"proved"}
    still_right(statement, msgspec.json.encode(result), Memory())
    changed = without_conditions(result)
    if changed != result:
        with pytest.raises(Refused):
            still_right(statement, msgspec.json.encode(changed), Memory())


def test_a_step_about_a_probability_fails_at_a_point() -> None:
    # Without the condition of its step, the sum of the signs exceeds a tenth.
    statement = KNOWN["6.8/1"]
    formal = formalise(statement)
    assert formal is not None
    index, step = next((k, s) for k, s in enumerate(statement.proof.steps, 1) if s.given)
    work = _Work(PAPER, statement, formal, 5.0, 0)
    kept = work._step(index, step)
    assert (kept.verdict, bool(kept.given), bool(kept.given_latex)) == ("proved", True, True)
    found = work._step(index, replace(step, given=()))
    assert (found.verdict, found.given) == ("refuted", "")
    assert found.counterexample is not None
    assert found.counterexample.command == "python -m verify check 6.8/1"
