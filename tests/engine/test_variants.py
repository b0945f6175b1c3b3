"""A claim under another convention is checked like the claim, kept, and told to the reader."""

from __future__ import annotations

import msgspec
import pytest

from lemmas.polynomial_attention import PAPER
from verify.engine.findings import with_findings
from verify.engine.keys import Memory
from verify.engine.recall import still_right
from verify.engine.results import Result
from verify.engine.statements import check_statement
from verify.kernel.poly import Refused

FACT = next(statement for statement in PAPER.statements if statement.id == "3.2")


@pytest.fixture(scope="module")
def checked() -> Result:
    return check_statement(PAPER, FACT, 5.0, 0)


def test_columns_in_place_of_rows_fail(checked: Result) -> None:
    (variant,) = checked.variants
    assert checked.claim.verdict == "proved"
    assert variant.verdict == "refuted"
    assert variant.counterexample is not None


def test_a_variant_that_says_the_same_is_proved() -> None:
    same = FACT.but(variants=(("the same convention", FACT.conclusion),))
    (variant,) = check_statement(PAPER, same, 5.0, 0).variants
    assert variant.verdict == "proved"
    assert variant.certificate is not None


def test_the_reader_is_told_that_the_convention_matters(checked: Result) -> None:
    (result,) = with_findings(PAPER, [checked])
    assert any(finding.startswith("The convention matters") for finding in result.findings)


def test_a_kept_variant_is_evaluated_again(checked: Result) -> None:
    still_right(FACT, msgspec.json.encode(checked), Memory())
    (variant,) = checked.variants
    forged = msgspec.structs.replace(variant, verdict="proved", counterexample=None)
    wrong = msgspec.structs.replace(checked, variants=(forged,))
    with pytest.raises(Refused):
        still_right(FACT, msgspec.json.encode(wrong), Memory())
