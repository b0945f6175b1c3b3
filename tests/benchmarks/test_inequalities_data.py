"""The collection of inequalities is well formed, and its counterexamples are counterexamples."""

from __future__ import annotations

import functools
import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from verify.kernel.point import evaluate
from verify.language.grammar import parse_formula, parse_term
from verify.language.term import Formula, free_names

FOLDER = Path(__file__).resolve().parents[2] / "benchmarks" / "inequalities"
KINDS = {"polynomial", "rational", "roots", "exp-log", "trig", "integer", "mixed"}
REQUIRED = {"id": str, "title": str, "where": list, "holds": str, "source": str, "kind": str}
OPTIONAL = {"vars", "why", "vacuous"}

Table = dict[str, Any]


def _tables() -> list[Table]:
    files = sorted(FOLDER.glob("*.toml"))
    tables: list[Table] = []
    for file in files:
        for table in tomllib.loads(file.read_text())["claim"]:
            assert file.stem == table["kind"].replace("-", "_"), table["id"]
            tables.append(table)
    return tables


TABLES = _tables()


_parsed = functools.cache(parse_formula)


def _formulas(table: Table) -> tuple[tuple[Formula, ...], Formula]:
    return tuple(_parsed(text) for text in table["where"]), _parsed(table["holds"])


def _names(table: Table) -> frozenset[str]:
    hypotheses, conclusion = _formulas(table)
    return free_names(conclusion).union(*(free_names(formula) for formula in hypotheses))


def _integers(table: Table) -> frozenset[str]:
    return frozenset(name for name, sort in table.get("vars", {}).items() if sort == "int")


def test_ids_are_unique() -> None:
    repeated = [name for name, n in Counter(table["id"] for table in TABLES).items() if n > 1]
    assert repeated == []


def test_claims_are_distinct() -> None:
    seen: dict[object, str] = {}
    for table in TABLES:
        key = (_formulas(table), _integers(table))
        assert key not in seen, f"{table['id']} repeats {seen[key]}"
        seen[key] = table["id"]


def test_every_kind_has_true_and_false_claims() -> None:
    assert {(table["kind"], table["truth"]) for table in TABLES} == {
        (kind, truth) for kind in KINDS for truth in (True, False)
    }


def _check_form(table: Table) -> None:
    name = table["id"]
    for field, sort in REQUIRED.items():
        assert isinstance(table[field], sort), (name, field)
        assert field == "where" or table[field].strip(), (name, field)
    assert isinstance(table["truth"], bool), name
    assert set(table) - set(REQUIRED) - {"truth"} <= OPTIONAL, name
    assert set(table.get("vars", {}).values()) <= {"real", "int"}, name
    assert set(table.get("vars", {})) <= _names(table), name
    assert ("why" in table) == (not table["truth"]), name
    assert not table.get("vacuous") or table["truth"], name


def _check_counterexample(table: Table) -> None:
    name = table["id"]
    hypotheses, conclusion = _formulas(table)
    assert set(table["why"]) == _names(table), name
    point = {variable: parse_term(text) for variable, text in table["why"].items()}
    outcome = evaluate(hypotheses, conclusion, point, _integers(table), highest=640)
    assert outcome.fails, name


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_claims_are_well_formed(kind: str) -> None:
    for table in TABLES:
        if table["kind"] == kind:
            _check_form(table)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_why_is_a_counterexample(kind: str) -> None:
    for table in TABLES:
        if table["kind"] == kind and not table["truth"]:
            _check_counterexample(table)


def test_a_point_that_is_no_counterexample_is_noticed() -> None:
    table = next(table for table in TABLES if table["id"] == "exp-taylor-2-real")
    with pytest.raises(AssertionError):
        _check_counterexample(table | {"why": {"x": "1"}})


def test_a_missing_source_is_noticed() -> None:
    with pytest.raises(AssertionError):
        _check_form(TABLES[0] | {"source": " "})
