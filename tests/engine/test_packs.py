"""Packs by name and by path, and what is said about those that are missing or broken."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from verify.cli import OK, USAGE, run
from verify.engine.packs import (
    PackError,
    UnknownId,
    as_good,
    available,
    definition_of,
    load_pack,
    statements_of,
)

GOOD = """
from sympy import Symbol
from verify.language.statement import Paper, Param, Statement
from verify.language.sympy_terms import ge

x = Symbol("x")
PAPER = Paper("mine", "Mine", "me", "here", (), (
    Statement("1.1", "A square", "lemma", "1", (Param(x, "a number", 2),), ge(x**2, 0)),
))
"""


def test_the_installed_pack_by_name_and_by_default() -> None:
    assert "polynomial_attention" in available()
    assert load_pack("polynomial_attention") is load_pack()
    assert load_pack().name == "polynomial_attention"


def test_a_file(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(GOOD)
    assert load_pack(str(tmp_path / "mine.py")).name == "mine"


def test_a_folder_with_one_file_that_defines_a_paper(tmp_path: Path) -> None:
    (tmp_path / "other.py").write_text("x = 1\n")
    (tmp_path / "mine.py").write_text(GOOD)
    assert [item.id for item in load_pack(str(tmp_path)).statements] == ["1.1"]


def test_a_package_with_parts(tmp_path: Path) -> None:
    folder = tmp_path / "a_package_of_mine"
    folder.mkdir()
    (folder / "__init__.py").write_text("from a_package_of_mine.part import PAPER\n")
    (folder / "part.py").write_text(GOOD)
    before = list(sys.path)
    assert load_pack(str(folder)).name == "mine"
    assert load_pack(str(tmp_path)).name == "mine"
    assert sys.path == before


def test_a_name_that_is_taken_does_no_harm(tmp_path: Path) -> None:
    (tmp_path / "json.py").write_text(GOOD)
    assert load_pack(str(tmp_path / "json.py")).name == "mine"
    import json  # noqa: PLC0415

    assert json.dumps(1) == "1"


def broken(tmp_path: Path, text: str) -> str:
    path = tmp_path / "broken.py"
    path.write_text(text)
    with pytest.raises(PackError) as caught:
        load_pack(str(path))
    return str(caught.value).replace(str(tmp_path), "DIR")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x = (\n", "DIR/broken.py, line 1: '(' was never closed"),
        ("x = 1\ny = 1 / 0\n", "DIR/broken.py, line 2: ZeroDivisionError: division by zero"),
        ("import nothing_like_this\n",
         "DIR/broken.py, line 1: ModuleNotFoundError: No module named 'nothing_like_this'"),
        ("\nraise SystemExit(3)\n", "DIR/broken.py, line 2: SystemExit: 3"),
        ("from sympy import Rational\n\nRational('x')\n",
         "DIR/broken.py, line 3: TypeError: invalid input: x"),
        ("x = 1\n", "DIR/broken.py defines no PAPER"),
        ("PAPER = 1\n", "DIR/broken.py defines a PAPER that is not a Paper"),
        ("from verify import *\nPAPER = Paper('p', 'P', '', '', (), ())\n",
         "DIR/broken.py: PAPER has no statements and no definitions: list some"),
        (GOOD.replace("(), (", "(), ").replace("),\n))", "),\n)"),
         "DIR/broken.py: PAPER: statements must be a tuple, got a Statement: write (.., ) around "
         "it, with the comma also after a single one"),
        (GOOD.replace('"1.1"', "1.1"),
         "DIR/broken.py, line 8: 1.1 is no id: write text of letters, digits, dots and hyphens, "
         "with a slash before the part, such as '4.1' or '4.1/upper'"),
        (GOOD.replace('"1.1"', "''"),
         "DIR/broken.py, line 8: '' is no id: write text of letters, digits, dots and hyphens, "
         "with a slash before the part, such as '4.1' or '4.1/upper'"),
        (GOOD.replace('"1.1"', "'../1'"),
         "DIR/broken.py, line 8: '../1' is no id: write text of letters, digits, dots and hyphens, "
         "with a slash before the part, such as '4.1' or '4.1/upper'"),
        (GOOD.replace('ge(x**2, 0)),', 'ge(x**2, 0)),) * 2 + ('),
         "DIR/broken.py declares 1.1 twice"),
    ],
)  # fmt: skip
def test_broken_packs_name_the_file_and_the_line(tmp_path: Path, text: str, message: str) -> None:
    assert broken(tmp_path, text) == f"the pack DIR/broken.py is broken: {message}"


def test_a_broken_pack_does_not_stay_behind(tmp_path: Path) -> None:
    path = tmp_path / "mended.py"
    path.write_text("1 / 0\n")
    with pytest.raises(PackError):
        load_pack(str(path))
    assert "mended" not in sys.modules
    path.write_text(GOOD + "# mended\n")
    assert load_pack(str(path)).name == "mine"
    assert load_pack().name == "polynomial_attention"


def test_missing_packs(tmp_path: Path) -> None:
    with pytest.raises(PackError, match=r"there is no pack 'polynomial_atention'.*did you mean"):
        load_pack("polynomial_atention")
    with pytest.raises(PackError, match="no such file or folder"):
        load_pack(str(tmp_path / "nowhere"))
    with pytest.raises(PackError, match=r"has no __init__\.py and no file that defines PAPER"):
        load_pack(str(tmp_path))
    (tmp_path / "a.txt").write_text(GOOD)
    with pytest.raises(PackError, match="is not a folder or a Python file"):
        load_pack(str(tmp_path / "a.txt"))
    (tmp_path / "a.py").write_text(GOOD)
    (tmp_path / "b.py").write_text(GOOD)
    with pytest.raises(
        PackError, match=r"several files that define PAPER: name one \(a.py, b.py\)"
    ):
        load_pack(str(tmp_path))


def test_an_entry_point_that_leads_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    from importlib import metadata  # noqa: PLC0415

    lost = metadata.EntryPoint("lost", "nothing.like.this", "verify.packs")
    monkeypatch.setattr(metadata, "entry_points", lambda **_: (lost,))
    with pytest.raises(PackError, match=r"the pack lost \(nothing\.like\.this\) is broken: Mod"):
        load_pack("lost")
    monkeypatch.setattr(metadata, "entry_points", lambda **_: ())
    with pytest.raises(PackError, match="no default pack is installed: name a pack with --pack"):
        load_pack()


def test_two_packs_whose_files_have_the_same_names(tmp_path: Path) -> None:
    """Each gets its own helper, in whatever order they are loaded."""
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "helper.py").write_text(f"NAME = {name!r}\n")
        (tmp_path / name / "paper.py").write_text(
            "from helper import NAME\n" + GOOD.replace('"mine"', "NAME")
        )
    for name in ("one", "two", "one"):
        paper = load_pack(str(tmp_path / name))
        assert (paper.name, paper.origin) == (name, str(tmp_path / name))
        assert paper.statements[0].declared_at.startswith(str(tmp_path / name))
    assert load_pack().name == "polynomial_attention"


def test_a_command_names_the_pack(tmp_path: Path) -> None:
    (tmp_path / "my pack.py").write_text(GOOD)
    assert load_pack(str(tmp_path / "my pack.py")).option == f" --pack '{tmp_path}/my pack.py'"
    assert load_pack("polynomial_attention").option == ""


INSTALLED = """[verify.packs]
good = good_pack
other = other_package.paper
broken = broken_pack
syntax = syntax_pack
lost = lost_pack
"""


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with installed packs: two good ones, and three broken in different ways."""
    (tmp_path / "good_pack.py").write_text(GOOD)
    (tmp_path / "other_package").mkdir()
    (tmp_path / "other_package" / "__init__.py").write_text("")
    (tmp_path / "other_package" / "paper.py").write_text(GOOD.replace('"mine"', '"other"'))
    (tmp_path / "broken_pack.py").write_text("x = 1\n\ny = x.nothing\n")
    (tmp_path / "syntax_pack.py").write_text("x = 1\ny = )\n")
    info = tmp_path / "packs-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: packs\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(INSTALLED)
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


def test_several_installed_packs(installed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A broken one is named with its line, and does not take the others down."""
    assert {"good", "other", "broken", "syntax", "lost"} <= set(available())
    assert load_pack("good").option == " --pack good"
    assert load_pack("other").name == "other"
    assert run(["list", "--pack", "good"]) == OK
    assert capsys.readouterr().out == "1.1  lemma       A square\n"
    messages = {
        "broken": f"broken (broken_pack) is broken: {installed}/broken_pack.py, line 3: "
        "AttributeError: 'int' object has no attribute 'nothing'",
        "syntax": f"syntax (syntax_pack) is broken: {installed}/syntax_pack.py, line 2: "
        "unmatched ')'",
        "lost": "lost (lost_pack) is broken: ModuleNotFoundError: No module named 'lost_pack'",
    }
    for name, message in messages.items():
        for command in ("list", "all"):
            assert run([command, "--pack", name]) == USAGE
            assert capsys.readouterr() == ("", f"verify: the pack {message}\n")
    assert run(["list", "--pack", "other"]) == OK


def test_two_packs_with_one_name(installed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    info = installed / "more-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: more\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[verify.packs]\ngood = other_package.paper\n")
    monkeypatch.syspath_prepend(str(installed))
    with pytest.raises(PackError, match="2 installed packs are called good: good_pack, other_pa"):
        load_pack("good")


def test_expectations_are_about_something(tmp_path: Path) -> None:
    text = GOOD.rstrip().removesuffix(")")
    for expected, what in (
        ("{'1.2': 'refuted'}", "of 1.2, which it does not declare; verdicts are"),
        ("{'1.1': 'false'}", "expects 'false' of 1.1; verdicts are proved, attested"),
    ):
        assert what in broken(tmp_path, f"{text}, expected={expected})\n")


@pytest.mark.parametrize(
    ("verdict", "expected", "good"),
    [
        ("proved", None, True),
        ("assumed", None, True),
        ("unknown", None, False),
        ("attested", "proved", False),
        ("refuted", "refuted", True),
        ("unknown", "refuted", True),
        ("refuted", "unknown", False),
        ("error", "error", False),
        ("unrecoverable", None, False),
    ],
)
def test_what_is_good_enough(verdict: str, expected: str | None, good: bool) -> None:
    assert as_good(verdict, expected) is good


def test_ids() -> None:
    paper = load_pack()
    assert [item.id for item in statements_of(paper, "6.8")] == ["6.8/1", "6.8/2"]
    assert [item.id for item in statements_of(paper, "6.8/2")] == ["6.8/2"]
    assert [item.id for item in statements_of(paper, "6.9")] == ["6.9"]
    definition = definition_of(paper, "6.1")
    assert definition is not None
    assert definition.title == "Self-attention dataset"
    assert definition_of(paper, "6.9") is None


@pytest.mark.parametrize(
    ("identifier", "hint"),
    [
        ("6.6/3", "did you mean"),
        ("6.7/2", "did you mean 6.7/2.special or 6.7/2.rest"),
        ("6.66", "did you mean"),
        ("nonsense", "see the command list"),
    ],
)
def test_unknown_ids(identifier: str, hint: str) -> None:
    with pytest.raises(UnknownId) as caught:
        statements_of(load_pack(), identifier)
    assert str(caught.value).startswith(f"there is no statement {identifier} in polynomial_att")
    assert hint in str(caught.value)


def test_definitions_are_not_statements() -> None:
    with pytest.raises(UnknownId, match=r"6\.1 is a definition \(Self-attention dataset\)"):
        statements_of(load_pack(), "6.1")
