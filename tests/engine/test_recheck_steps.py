"""The kernel's second look at what stands beside the claims."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from tests.report.sample import document
from verify.engine.recheck import recheck_document
from verify.engine.results import (
    Claim,
    Hypothesis,
    Mathematics,
    Proof,
    Result,
    StatementView,
    StepResult,
)
from verify.kernel.certificate import Obligation, recheck, save
from verify.kernel.sums import Family, Theory
from verify.language.grammar import parse_formula
from verify.language.term import ONE

GIVEN = {"rule": "given"}


def test_a_proved_step_without_a_certificate_is_refused() -> None:
    found = document()
    first = found.results[0]
    step = StepResult(1, "1 >= 2", "proved")
    forged = msgspec.structs.replace(first, proof=Proof("supported", (step,)))
    bare = msgspec.structs.replace(first, proof=Proof("none given"))
    before = recheck_document(msgspec.structs.replace(found, results=(bare,)))
    after = recheck_document(msgspec.structs.replace(found, results=(forged,)))
    refusal = f"refused   {first.id} step 1: proved has no certificate"
    assert refusal in after.lines
    assert refusal not in before.lines


def test_a_certificate_for_a_text_has_no_hypotheses_about_arrays() -> None:
    absurd = Theory(families=(Family("i", ONE, parse_formula("0 >= 1")),))
    contradiction = {"rule": "refute", "products": [["1", [0], []], ["1", [], []]], "equations": []}
    proof = {
        "rule": "family",
        "family": 0,
        "index": "1",
        "then": {"rule": "absurd", "then": contradiction},
    }
    forged = save(Obligation((), parse_formula("n >= 5"), frozenset(), absurd), proof)
    assert recheck(forged) == frozenset()
    result = Result(
        id="forged",
        title="",
        kind="claim",
        tags=(),
        claim=Claim("proved", certificate=forged),
        statement=StatementView(holds="n >= 5", conclusion=Mathematics("n >= 5")),
    )
    checked = recheck_document(msgspec.structs.replace(document(), results=(result,)))
    assert any(line.startswith("refused   forged:") for line in checked.lines)


HONEST = Result(
    id="honest",
    title="",
    kind="claim",
    tags=(),
    claim=Claim(
        "proved",
        certificate=save(Obligation((parse_formula("x >= 1"),), parse_formula("x >= 1")), GIVEN),
    ),
    statement=StatementView(
        hypotheses=(Hypothesis("x >= 1"),),
        conclusion=Mathematics("x >= 1"),
        where=("x >= 1",),
        holds="x >= 1",
    ),
)
STEP = StepResult(1, "x >= 1", "proved", certificate=HONEST.claim.certificate)


def lines(result: Result) -> tuple[str, ...]:
    alone = msgspec.structs.replace(document(), results=(result,), paper=None)
    return recheck_document(alone).lines


@pytest.mark.parametrize(
    "changes",
    [
        {"conclusion": Mathematics("x >= 2")},
        {"conclusion": Mathematics("x >= 2"), "holds": ""},
        {"hypotheses": ()},
        {"hypotheses": (), "where": (), "holds": ""},
        {"hypotheses": (Hypothesis("x >= 0"),)},
    ],
)
def test_what_is_shown_is_what_was_proved(changes: dict[str, Any]) -> None:
    replace = msgspec.structs.replace
    assert lines(HONEST) == ("accepted  honest",)
    forged = replace(HONEST, statement=replace(HONEST.statement, **changes))
    (line,) = lines(forged)
    assert line.startswith("refused   honest: the certificate")


def test_a_step_is_shown_as_it_was_proved() -> None:
    replace = msgspec.structs.replace
    honest = replace(HONEST, proof=Proof("supported", (STEP,)))
    assert lines(honest) == ("accepted  honest",)
    forged = replace(HONEST, proof=Proof("supported", (replace(STEP, text="x >= 2"),)))
    assert lines(forged)[1:] == (
        "refused   honest step 1: the certificate is about another claim: x >= 1",
    )
