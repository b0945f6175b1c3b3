"""The kernel's second look at what stands beside the claims."""

from __future__ import annotations

import msgspec

from tests.report.sample import document
from verify.engine.recheck import recheck_document
from verify.engine.results import Proof, StepResult


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
