"""Results and certificates that were written when schema 1 was new are still read and accepted."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from verify import cli
from verify.engine import results as schema
from verify.engine.keys import Memory
from verify.engine.packs import load_pack
from verify.engine.recall import still_right
from verify.engine.recheck import recheck_document
from verify.report.diff import diff
from verify.report.html import render_html

FIXTURES = Path(__file__).parents[1] / "fixtures"
FILE = FIXTURES / "results-1.json"


def test_the_file_reads_as_it_did() -> None:
    document = schema.load(FILE)
    assert document.schema == 1
    assert document.run.complete
    verdicts = {result.id: result.claim.verdict for result in document.results}
    assert verdicts == {"1.1": "proved", "1.2": "refuted", "1.3": "vacuous", "1.4": "proved"}
    refuted = document.results[1].claim.counterexample
    assert refuted is not None
    assert refuted.point == {"x": "0"}
    assert [step.verdict for step in document.results[0].proof.steps] == ["proved"]
    assert diff(document, document).lines()
    assert "1.4" in render_html(document)


def test_every_certificate_is_accepted() -> None:
    checked = recheck_document(schema.load(FILE))
    assert (checked.accepted, checked.refused) == (4, 0), checked.lines


def test_results_are_right_about_the_statements_that_they_are_about() -> None:
    paper = load_pack(str(FIXTURES / "pack_1.py"))
    import msgspec  # noqa: PLC0415

    for statement, result in zip(paper.statements, schema.load(FILE).results, strict=True):
        still_right(statement, msgspec.json.encode(result), Memory())


def test_fields_of_later_versions_are_passed_over() -> None:
    later = FILE.read_bytes().replace(b'"schema": 1,', b'"schema": 1, "later": [1],', 1)
    assert schema.decode(later).results == schema.load(FILE).results


def test_a_later_schema_is_refused_by_name(tmp_path: Path) -> None:
    later = tmp_path / "later.json"
    later.write_bytes(FILE.read_bytes().replace(b'"schema": 1', b'"schema": 2', 1))
    with pytest.raises(schema.ResultsError, match="has schema 2; this version reads schema 1"):
        schema.load(later)
    assert cli.run(["recheck", str(later)]) == cli.USAGE


def test_a_changed_certificate_is_refused(tmp_path: Path) -> None:
    changed = tmp_path / "changed.json"
    text = FILE.read_text()
    assert len(re.findall(r'"x > 0"', text)) > 1
    changed.write_text(text.replace('"x > 0"', '"x > -1"'))
    assert recheck_document(schema.load(changed)).refused
