"""The short forms: JUnit, LaTeX, Markdown, badge, schema."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import jsonschema  # type: ignore[import-untyped]
import msgspec
import pytest

from verify.engine.results import Document, Result, encode
from verify.report import badge, json_schema, junit, latex_table, markdown, verdicts
from verify.report.schema import text

from .hostile import hostile
from .sample import document, small

SCHEMA_FILE = Path(__file__).parents[2] / "docs" / "results.schema.json"


def expecting(original: Document, **expected: str) -> Document:
    """The document with expected verdicts for some ids."""
    results = tuple(
        msgspec.structs.replace(result, expected=expected.get(result.id))
        for result in original.results
    )
    return msgspec.structs.replace(original, results=results)


def suite(original: Document) -> ET.Element:
    root = ET.fromstring(junit(original))
    assert root.tag == "testsuites"
    found = root.find("testsuite")
    assert found is not None
    return found


def outcomes(original: Document) -> dict[str, str]:
    """For each test case its id and what became of it."""
    shown = {}
    for case in suite(original).iter("testcase"):
        inner = [child.tag for child in case if child.tag != "system-out"]
        shown[case.attrib["name"].split()[0]] = inner[0] if inner else "passed"
    return shown


def test_junit_says_what_failed() -> None:
    found = outcomes(document())
    assert found["6.6/1a"] == "passed"
    assert found["4.2/2"] == "failure"
    assert found["6.14/4a"] == "failure"
    assert found["6.18/4b"] == "failure"
    assert found["6.20/1"] == "error"
    assert found["3.1"] == "skipped"


def test_junit_skips_what_the_pack_expects() -> None:
    found = outcomes(expecting(small(), wrong="refuted", open="proved"))
    assert found == {"amgm": "passed", "wrong": "skipped", "open": "failure"}


def test_junit_has_the_attributes_of_the_common_schema() -> None:
    found = suite(document())
    assert found.attrib["tests"] == "90"
    assert found.attrib["failures"] == "5"
    assert found.attrib["errors"] == "2"
    assert found.attrib["skipped"] == "1"
    float(found.attrib["time"])
    order = [child.tag for child in found]
    assert order[0] == "properties"
    assert set(order[1:]) == {"testcase"}
    for case in found.iter("testcase"):
        assert set(case.attrib) == {"classname", "name", "time"}
        for child in case:
            assert child.tag in ("failure", "error", "skipped", "system-out")
            assert set(child.attrib) <= {"message", "type"}


def test_junit_of_hostile_text_is_well_formed() -> None:
    found = suite(hostile(document()))
    assert len(list(found.iter("testcase"))) == 90
    assert "script" not in {element.tag for element in found.iter()}


def test_latex_table_escapes() -> None:
    result = Result("a_1", r"50% \input{x} & more", "claim", (), small().results[0].claim)
    table = latex_table(msgspec.structs.replace(small(), results=(result,)))
    assert r"a\_1 & 50\% \textbackslash{}input\{x\} \& more & proved" in table
    assert table.count(r"\begin{longtable}") == table.count(r"\end{longtable}") == 1


def test_latex_table_has_a_row_for_each_part() -> None:
    assert latex_table(document()).count(r" \\") == 91


def test_badge() -> None:
    assert "1/3 proved, 1 refuted" in badge(small())
    shown = ET.fromstring(badge(hostile(small()), label='"><script>alert(1)</script>'))
    assert {element.tag.rpartition("}")[2] for element in shown.iter()} == {
        *("svg", "title", "rect", "path", "g", "text")
    }


def test_markdown_says_what_matters() -> None:
    shown = markdown(document())
    assert "89 parts" in shown
    assert "`4.2/2` refuted" in shown
    assert "| 6\\.6/1a |" in shown or "| 6.6/1a |" in shown


def test_markdown_says_that_a_run_is_incomplete() -> None:
    original = small()
    run = msgspec.structs.replace(original.run, complete=False)
    assert "incomplete" in markdown(msgspec.structs.replace(original, run=run))


def test_markdown_of_hostile_text_has_no_markup() -> None:
    for line in markdown(hostile(document())).splitlines():
        if line not in ("<details><summary>All parts</summary>", "</details>"):
            bare = re.sub(r"\\.|`[^`]*`", "", line)
            assert not set(bare) & set("<>[]$`"), line


def test_headline() -> None:
    assert verdicts.headline(small().results) == ("3 parts: 1 proved, 1 unknown, 1 refuted")
    assert verdicts.headline(()) == "Nothing was checked"
    assert verdicts.headline(document().results).endswith("1 more lost from the source")


def test_schema_file_is_up_to_date() -> None:
    assert SCHEMA_FILE.read_text(encoding="utf-8") == text(), (
        "write verify.report.schema.text() to docs/results.schema.json"
    )


@pytest.mark.parametrize("original", [document(), small()], ids=["paper", "claims"])
def test_results_fit_the_schema(original: Document) -> None:
    jsonschema.validate(json.loads(encode(original)), json_schema())


def test_schema_refuses_another_verdict() -> None:
    data = json.loads(encode(small()))
    data["results"][0]["claim"]["verdict"] = "true"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(data, json_schema())
