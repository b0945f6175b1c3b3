"""The kernel's second look at what stands beside the claims."""

from __future__ import annotations

import msgspec

from tests.report.sample import document
from verify.engine.recheck import recheck_document
from verify.engine.results import Claim, Proof, Result, StatementView, StepResult
from verify.kernel.certificate import Obligation, recheck, save
from verify.kernel.sums import Family, Theory
from verify.language.grammar import parse_formula
from verify.language.term import ONE


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
        statement=StatementView(holds="n >= 5"),
    )
    checked = recheck_document(msgspec.structs.replace(document(), results=(result,)))
    assert any(line.startswith("refused   forged:") for line in checked.lines)
