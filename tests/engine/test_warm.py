"""A run that finds everything in the cache: what it leaves out, and that nobody can tell."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

PACK = """
from sympy import Rational
from verify import *
from verify.language.statement import FiniteSpace

n, x = symbols("n x")
NUMBER = Param(n, "a size", 3, integer=True, where=(ge(n, 1),))
ONE = Statement("1.1", "One", "lemma", "1", (NUMBER,), ge(n**2, n))
TWO = Statement("1.2", "Two", "lemma", "1", (NUMBER,), ge(n, 2))
UNION = Statement("1.3", "Union bound", "fact", "1", (NUMBER,), FiniteSpace(n))
CURVES = (Curve("n squared", "1.1", n**2),)
GROWTH = Plot("growth", "Growth", "", "1.1", n, (1, 2, 3), "n", "n^2", CURVES)
PAPER = Paper("p", "P", "", "", (), (ONE, TWO, UNION), plots=(GROWTH,))
"""

PROGRAM = """
import sys
from verify import cli
code = cli.run(sys.argv[1:])
print(code, *sys.modules)
"""

SEARCHING = {"verify.engine.statements", "verify.engine.audit", "verify.provers.search"}
HEAVY = {"hypothesis", "numpy", "z3", "highspy", "matplotlib"}


def _loaded(folder: Path, *arguments: object) -> set[str]:
    """The modules that a command loads in its own process."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "VERIFY_CACHE_DIR": str(folder / "cache")},
    )
    code, *modules = done.stdout.splitlines()[-1].split()
    assert code in "01", done.stderr
    return set(modules)


def _without_times(folder: Path) -> tuple[str, str]:
    page = (folder / "index.html").read_text(encoding="utf-8")
    results = (folder / "results.json").read_text(encoding="utf-8")
    return (
        re.sub(r'data-t="[^"]*"|\b[\d.]+ s\b', "", page),
        re.sub(r'"seconds": [-.e\d]+', "", results),
    )


def test_what_is_kept_is_neither_computed_nor_told_from_what_is_not(tmp_path: Path) -> None:
    path = tmp_path / "small_pack.py"
    path.write_text(PACK, encoding="utf-8")
    command = ("all", "--pack", path, "--seconds", 3, "--attack", "none", "--out")
    cold, warm, bare = (tmp_path / name for name in ("cold", "warm", "bare"))
    assert _loaded(tmp_path, *command, cold) >= SEARCHING
    loaded = _loaded(tmp_path, *command, warm)
    assert not loaded & (SEARCHING | HEAVY)
    assert _loaded(tmp_path, *command, bare, "--no-cache") >= SEARCHING
    verdicts = [
        r["claim"]["verdict"] for r in json.loads((warm / "results.json").read_text())["results"]
    ]
    assert verdicts == ["proved", "refuted", "proved"]
    assert '<svg class="plot"' in (warm / "index.html").read_text(encoding="utf-8")
    assert _without_times(cold) == _without_times(warm) == _without_times(bare)


def test_saved_certificates_are_checked_without_sympy(tmp_path: Path) -> None:
    path = tmp_path / "claim.json"
    _loaded(tmp_path, "claim", "x^2 >= 0", "--json", path)
    assert not _loaded(tmp_path, "recheck", path) & (SEARCHING | HEAVY | {"sympy"})
