"""What was found about a statement serves for one that asks the same, and for no other."""

from __future__ import annotations

import msgspec
import pytest

from lemmas.polynomial_attention import PAPER
from verify.engine.alike import alike, borrowed, question
from verify.engine.formal import formalise
from verify.engine.results import Counterexample, Necessity, Result
from verify.engine.statements import check_statement
from verify.language.statement import Statement

BY_ID = {statement.id: statement for statement in PAPER.statements}
FIRST, AGAIN, OTHER = BY_ID["6.10/3a"], BY_ID["6.18/3a"], BY_ID["6.10/3b"]


def taken(statement: Statement, known: Result) -> Result | None:
    formal = formalise(statement)
    assert formal is not None
    return borrowed(statement, formal, known)


@pytest.fixture(scope="module")
def first() -> Result:
    return check_statement(PAPER, FIRST, 5.0, 0)


def test_the_paper_asks_some_questions_twice() -> None:
    same = alike(PAPER, PAPER.statements)
    pairs = {PAPER.statements[i].id: PAPER.statements[j].id for i, j in same.items()}
    assert pairs["6.18/3a"] == "6.10/3a"
    assert pairs["6.9"] == "6.5/high-d1"
    assert "6.10/3a" not in pairs
    assert all(j < i for i, j in same.items())


def test_words_and_reference_values_make_no_other_question() -> None:
    assert question(PAPER, FIRST) == question(PAPER, AGAIN) != question(PAPER, OTHER)
    fewer = FIRST.but(hypotheses=FIRST.hypotheses[:-3])
    assert question(PAPER, fewer) != question(PAPER, FIRST)


def test_what_is_known_is_confirmed_for_the_other(first: Result) -> None:
    result = check_statement(PAPER, AGAIN, 5.0, 0, known=first)
    assert (result.id, result.title) == (AGAIN.id, AGAIN.title)
    assert result.claim.verdict == "proved"
    assert result.claim.certificate == first.claim.certificate
    assert [step.verdict for step in result.proof.steps] == ["proved"] * len(AGAIN.proof.steps)


def test_another_question_takes_nothing(first: Result) -> None:
    assert taken(OTHER, first) is None
    result = check_statement(PAPER, OTHER, 5.0, 0, known=first)
    assert result.claim.verdict == "proved"
    assert result.claim.certificate != first.claim.certificate


def test_a_forged_result_is_not_taken(first: Result) -> None:
    assert first.claim.certificate is not None
    forged = {**first.claim.certificate, "proof": {"rule": "given"}}
    claim = msgspec.structs.replace(first.claim, certificate=forged)
    assert taken(AGAIN, msgspec.structs.replace(first, claim=claim)) is None
    refuted = msgspec.structs.replace(
        first.claim, verdict="refuted", counterexample=Counterexample({"n": "20"})
    )
    assert taken(AGAIN, msgspec.structs.replace(first, claim=refuted)) is None
    unknown = msgspec.structs.replace(first.claim, verdict="unknown", certificate=None)
    assert taken(AGAIN, msgspec.structs.replace(first, claim=unknown)) is None


def test_commands_ask_for_the_other_statement(first: Result) -> None:
    point = Counterexample({"n": "1"}, command="python -m verify at 6.10/3a --set n=1")
    needed = msgspec.structs.replace(first, necessity=(Necessity("n >= 1", True, point),))
    same = taken(AGAIN, needed)
    assert same is not None
    found = same.necessity[0].counterexample
    assert found is not None
    assert found.command == "python -m verify at 6.18/3a --set n=1"
