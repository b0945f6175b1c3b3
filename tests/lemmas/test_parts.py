"""One test for each part of the paper: ``pytest tests -k 6_6`` runs those of Lemma 6.6.

What is like another case, and all that takes longer, is slow; asked for by number, it runs anyway.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lemmas.polynomial_attention import PAPER
from verify import cli
from verify.engine.formal import formalise
from verify.engine.recheck import recheck_document
from verify.engine.results import Result
from verify.engine.run import Settings, document
from verify.engine.statements import check_statement
from verify.kernel.chance import Chance
from verify.language.statement import Statement


def name(statement: Statement) -> str:
    """``6_6_3a`` for ``6.6/3a``."""
    return statement.id.replace(".", "_").replace("/", "_")


def deterministic(statement: Statement) -> bool:
    """Whether the conclusion is a formula."""
    formal = formalise(statement)
    return formal is not None and not isinstance(formal.conclusion, Chance)


FORMULAS = [s for s in PAPER.statements if deterministic(s)]
OTHERS = [s for s in PAPER.statements if not deterministic(s)]


def accepted(result: Result) -> bool:
    """Whether the kernel accepts the certificates of a result, saved and read back."""
    found = document(PAPER, [result], Settings(1, 0, 1, "test"), 0.0, True)
    return recheck_document(found).refused == 0


LIKE_OTHERS = ("6.10", "6.11", "6.14", "6.15", "6.18", "6.19")
CITED = "3.6"
"""Hoeffding's inequality in its general form."""

PARTS = [
    pytest.param(
        statement,
        id=name(statement),
        marks=[pytest.mark.slow] if statement.id.startswith(LIKE_OTHERS) else [],
    )
    for statement in FORMULAS
]


@pytest.mark.parametrize("statement", PARTS)
def test_part(statement: Statement) -> None:
    result = check_statement(PAPER, statement, 20.0, 0)
    assert result.claim.verdict == "proved", result.claim
    assert result.claim.axioms == ()
    assert not result.numeric.disagreements
    assert accepted(result)


@pytest.mark.slow
@pytest.mark.parametrize("statement", OTHERS, ids=name)
def test_probability(statement: Statement) -> None:
    result = check_statement(PAPER, statement, 30.0, 0)
    if statement.id == CITED:
        assert result.claim.verdict == "assumed", result.claim
    else:
        assert result.claim.verdict == "proved", result.claim
        assert result.claim.axioms == ()
    assert accepted(result)


@pytest.mark.slow
def test_the_whole_paper_fits_its_page(tmp_path: Path) -> None:
    """Every part once, and a page that opens at once on a slow connection."""
    assert cli.run(["all", "--no-cache", "--out", str(tmp_path)]) == cli.OK
    results = json.loads((tmp_path / "results.json").read_text("utf-8"))["results"]
    assert sorted(item["id"] for item in results) == sorted(s.id for s in PAPER.statements)
    assert (tmp_path / "index.html").stat().st_size < 1_500_000
