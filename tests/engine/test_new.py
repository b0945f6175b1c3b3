"""``verify new``: what it writes runs, is proved, and is tested as it stands."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from verify.cli import OK, USAGE, run
from verify.commands_new import _module_name
from verify.engine.packs import load_pack

pytest_plugins = ["pytester"]

KINDS = ["Equality", "GreaterThan", "Probability", "LessThan", "Asymptotic"]


@pytest.fixture
def folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    """A new pack in a folder whose name is not one for a module."""
    target = tmp_path / "my paper-1"
    assert run(["new", str(target)]) == OK
    shown = capsys.readouterr()
    assert shown.out.splitlines() == [
        f"python -m verify all --pack '{target}' --out '{target}/report'",
        f"python -m verify claims '{target}/claims.toml'",
        f"python -m pytest '{target}'",
    ]
    return target


def test_what_it_writes(folder: Path) -> None:
    assert sorted(path.name for path in folder.iterdir()) == [
        "README.md", "claims.toml", "definitions.toml", "my_paper_1.py", "pyproject.toml",
    ]  # fmt: skip
    text = "".join(path.read_text() for path in folder.iterdir())
    assert "@" not in text
    paper = load_pack(str(folder))
    assert [type(item.conclusion).__name__ for item in paper.statements] == KINDS
    assert any(item.growth for item in paper.statements[3].hypotheses)
    assert paper.statements[1].proof.steps


@pytest.mark.slow
def test_it_is_proved(folder: Path) -> None:
    out = folder / "report"
    command = ["all", "--pack", str(folder), "--out", str(out), "--jobs", "1", "--no-cache"]
    assert run([*command, "--strict"]) == OK
    results = json.loads((out / "results.json").read_bytes())["results"]
    assert [item["claim"]["verdict"] for item in results] == ["proved"] * 5
    assert [item["proof"]["verdict"] for item in results] == [
        "none given", "supported", "none given", "supported", "none given",
    ]  # fmt: skip
    assert run(["recheck", str(out / "results.json")]) == OK


@pytest.mark.slow
def test_its_claims_are_proved(folder: Path) -> None:
    assert run(["claims", str(folder / "claims.toml"), "--strict"]) == OK


@pytest.mark.slow
def test_its_tests_pass(folder: Path, pytester: pytest.Pytester) -> None:
    pytester.runpytest_subprocess(str(folder), "-p", "no:cacheprovider").assert_outcomes(passed=8)


def test_one_part_is_proved(folder: Path, tmp_path: Path) -> None:
    """The quick check of what the slow tests look at as a whole."""
    out = ["--out", str(tmp_path / "out"), "--no-cache"]
    assert run(["check", "2.1", "3.1", "--pack", str(folder), *out]) == OK


def test_a_folder_that_is_taken(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    assert run(["new", str(tmp_path)]) == USAGE
    assert run(["new", str(tmp_path / "notes.txt")]) == USAGE
    assert run(["new", str(tmp_path / "notes.txt" / "inside")]) == USAGE
    shown = capsys.readouterr().err
    assert shown.count("exists and is not empty: choose another folder") == 2
    assert "cannot write to" in shown
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


@pytest.mark.parametrize(
    ("folder_name", "module"),
    [
        ("my_paper", "my_paper"),
        ("My Paper (2)", "my_paper_2"),
        ("2310.20051", "paper_2310_20051"),
        ("class", "paper_class"),
        ("json", "json_paper"),
        ("sympy", "sympy_paper"),
        ("数", "paper"),
    ],
)
def test_names_of_modules(folder_name: str, module: str) -> None:
    assert _module_name(folder_name) == module
