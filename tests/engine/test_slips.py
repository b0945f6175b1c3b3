"""Packs without slips are remembered; those with slips, and those that have changed, are not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sympy import Function

from verify import Hypothesis, Paper, Param, Statement, ge, symbols
from verify.engine.cache import Cache
from verify.engine.slips import NONE, slips

x, y = symbols("x y")
GOOD = Statement("1.1", "T", "lemma", "1", (Param(x, "a number", 2),), ge(x**2, 0))
OTHER = replace(GOOD, id="1.2")
SLIP = replace(GOOD, conclusion=ge(x + y, 0))


def _paper(*statements: Statement) -> Paper:
    return Paper("p", "P", "", "", (), statements)


@pytest.fixture(name="looked")
def _looked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The ids of the statements that were looked at."""
    from verify.engine import authors  # noqa: PLC0415

    seen: list[str] = []
    problems = authors.problems

    def watched(paper: Paper, statements: Sequence[Statement]) -> list[str]:
        seen.extend(statement.id for statement in statements)
        return problems(paper, statements)

    monkeypatch.setattr(authors, "problems", watched)
    return seen


def test_a_pack_without_slips_is_looked_at_once(tmp_path: Path, looked: list[str]) -> None:
    cache, paper = Cache(tmp_path), _paper(GOOD, OTHER)
    for _ in range(2):
        assert slips(paper, paper.statements, cache) == []
    assert looked == ["1.1", "1.2"]
    # Another question, another pack, and no cache.
    assert slips(paper, (OTHER,), cache) == []
    changed = _paper(GOOD, replace(OTHER, hypotheses=(Hypothesis(ge(x, 1)),)))
    assert slips(changed, changed.statements, cache) == []
    assert slips(paper, paper.statements, None) == []
    assert looked == ["1.1", "1.2", "1.2", "1.1", "1.2", "1.1", "1.2"]


def test_slips_are_never_remembered(tmp_path: Path, looked: list[str]) -> None:
    cache, paper = Cache(tmp_path), _paper(SLIP)
    first = slips(paper, paper.statements, cache)
    assert "mentions y, which is not declared" in first[0]
    assert slips(paper, paper.statements, cache) == first
    assert looked == ["1.1", "1.1"]
    assert cache.info().entries == 0


def test_what_is_kept_counts_only_if_it_says_so(tmp_path: Path, looked: list[str]) -> None:
    cache, paper = Cache(tmp_path), _paper(GOOD)
    slips(paper, paper.statements, cache)
    ((key,),) = cache._run("SELECT key FROM entry")
    cache.put(key, b"some", settled=True)
    assert slips(paper, paper.statements, cache) == []
    assert looked == ["1.1", "1.1"]
    entry = cache.get(key)
    assert entry is not None
    assert entry.value == NONE


def test_assumptions_about_functions_tell_packs_apart(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    plain, positive = Function("f")(x), Function("f", positive=True)(x)
    first, second = (_paper(replace(GOOD, conclusion=ge(f, f - 1))) for f in (plain, positive))
    assert slips(first, first.statements, cache) == []
    assert "SymPy takes to be positive" in slips(second, second.statements, cache)[0]


@pytest.mark.parametrize(
    "fields",
    [
        {"title": {1}},
        {"uses": ({1},)},
        {"uses": (0.5,)},
        {"params": (Param(x, "a number", 0.5),)},
        {"params": (Param(x, "a number", Function("f")),)},
    ],
)
def test_what_cannot_be_written_down_is_looked_at(tmp_path: Path, fields: dict[str, Any]) -> None:
    paper, cache = _paper(replace(GOOD, **fields)), Cache(tmp_path)
    found = slips(paper, paper.statements, cache)
    assert found
    assert found == slips(paper, paper.statements, None)
    assert cache.info().entries == 0
