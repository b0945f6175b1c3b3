"""The command line as a whole: where words belong, where results go, and how it ends."""

from __future__ import annotations

import argparse
import io
import json
import os
import stat
import subprocess
import sys
import threading
from pathlib import Path
from types import SimpleNamespace

import pytest

import verify
from verify import cli
from verify.arguments import SINGLE, arranged
from verify.cli import OK, REFUTED, USAGE, run

PACK = """
from verify import Paper, Param, Statement, ge, symbols

x, = symbols("x")


def square(number, least):
    return Statement(
        number, "A square", "lemma", "1", (Param(x, "a number", 1),), ge(x**2, least), ()
    )


PAPER = Paper("squares", "Squares", "", "", (), (square("1.1", 0), square("1.2", -1)))
"""


# Where words belong


@pytest.mark.parametrize(
    ("words", "conclusion", "where", "integers"),
    [
        (["--int", "n", "n*(n+1) >= 0"], "n*(n+1) >= 0", [], ["n"]),
        (["--int", "n", "m", "--strict", "n >= m"], "n >= m", [], ["n", "m"]),
        (["n >= 1", "--int", "n,m"], "n >= 1", [], ["n,m"]),
        (["C >= 1", "--where", "C >= n", "n >= 1"], "C >= 1", ["C >= n", "n >= 1"], []),
        (["--where", "x > 1", "x > 0"], "x > 0", ["x > 1"], []),
        (["--where", "x > 1", "y > 1", "x > 0"], "x > 0", ["x > 1", "y > 1"], []),
        (["--where", "x > 1", "x > 0", "--where", "y > 1"], "x > 0", ["x > 1", "y > 1"], []),
        (["--where", "x > 1", "--int", "n", "-x < n"], "-x < n", ["x > 1"], ["n"]),
        (["--where", "-x < 1", "--seconds", "3", "x > 0"], "x > 0", ["-x < 1"], []),
        (["--where=x > 1", "--where=y > 1", "-x < 0"], "-x < 0", ["x > 1", "y > 1"], []),
        (["--int", "n", "--", "-n < 0"], "-n < 0", [], ["n"]),
    ],
)
def test_what_a_claim_is_made_of(
    words: list[str], conclusion: str, where: list[str], integers: list[str]
) -> None:
    options = parsed("claim", *words)
    assert (options.conclusion, options.where, options.integers) == (conclusion, where, integers)


@pytest.mark.parametrize(
    ("words", "identifier", "values"),
    [
        (["--set", "d=5", "t=2", "6.6/3a"], "6.6/3a", ["d=5", "t=2"]),
        (["6.6/3a", "--set", "d=5", "t"], "6.6/3a", ["d=5", "t"]),
        (["--set", "d=5", "--json", "-", "6.6/3a", "--anyway"], "6.6/3a", ["d=5"]),
        (["--set", "d=5", "--seed", "3", "6.6/3a", "--set", "t=2"], "6.6/3a", ["d=5", "t=2"]),
    ],
)
def test_an_id_is_no_setting(words: list[str], identifier: str, values: list[str]) -> None:
    options = parsed("at", *words)
    assert (options.id, options.values) == (identifier, values)


def parsed(*words: str) -> argparse.Namespace:
    return cli._parser(words).parse_args(arranged(words))


@pytest.mark.parametrize("command", ["claim", "at", "sweep"])
def test_the_options_with_one_value_are_all_known(command: str) -> None:
    (commands,) = [
        action
        for action in cli._parser([command])._actions
        if isinstance(action, argparse._SubParsersAction)
    ]
    for action in commands.choices[command]._actions:
        if action.option_strings and action.nargs is None:
            assert set(action.option_strings) <= SINGLE


@pytest.mark.parametrize(
    ("integers", "message"),
    [
        ("2x", "--int 2x: '2x' cannot be a variable: write --int n or n,m"),
        ("pi", "--int pi: 'pi' cannot be a variable: write --int n or n,m"),
        ("exp", "--int exp: 'exp' cannot be a variable: write --int n or n,m"),
        ("x,not", "--int not: 'not' cannot be a variable: write --int n or n,m"),
        ("z", "--int z: the claim has no variable z"),
    ],
)
def test_an_integer_is_a_variable_of_the_claim(
    integers: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["claim", "x >= 1", "--int", integers]) == USAGE
    assert capsys.readouterr().err == f"verify: {message}\n"


def test_integers_may_be_separated_by_commas(tmp_path: Path) -> None:
    target = tmp_path / "claim.json"
    words = ["claim", "n + m != 1/2", "--int", "n, m", "--json", str(target)]
    assert run(words) == OK
    (result,) = json.loads(target.read_bytes())["results"]
    assert result["statement"]["variables"] == {"n": "int", "m": "int"}


# Where results go


@pytest.mark.parametrize("place", ["", ".", "/", ".."])
def test_a_folder_is_no_place_for_results(place: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["list", "--json", place]) == USAGE
    assert "Traceback" not in capsys.readouterr().err


def test_what_is_no_regular_file_is_written_to(tmp_path: Path) -> None:
    pipe, target, link = tmp_path / "pipe", tmp_path / "target", tmp_path / "link"
    os.mkfifo(pipe)
    target.write_text("before")
    link.symlink_to(target)
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()), daemon=True)
    reader.start()
    assert run(["list", "--json", str(pipe)]) == OK
    reader.join(20)
    assert run(["list", "--json", str(link)]) == OK
    assert run(["list", "--json", "/dev/null"]) == OK
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    assert link.is_symlink()
    assert json.loads(read[0]) == json.loads(target.read_bytes())
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link", "pipe", "target"]


def test_results_may_go_to_a_descriptor(tmp_path: Path) -> None:
    with (tmp_path / "list.json").open("wb") as file:
        place = f"/dev/fd/{file.fileno()}"
        assert run(["list", "--json", place]) == OK
    assert json.loads((tmp_path / "list.json").read_bytes())["schema"] == 1


def test_a_closed_standard_output_is_said_at_once() -> None:
    command = f"{sys.executable} -m verify list >&-"
    ended = subprocess.run(["sh", "-c", command], stderr=subprocess.PIPE, text=True, check=False)
    assert ended.returncode == USAGE
    wanted = "verify: standard output is closed: send it to a file, or to /dev/null\n"
    assert ended.stderr == wanted


def test_messages_do_not_get_among_the_results() -> None:
    command = f"{sys.executable} -m verify at 6.6/3a --set a_0=100 --anyway --json - 2>&-"
    ended = subprocess.run(["sh", "-c", command], stdout=subprocess.PIPE, check=False)
    assert json.loads(ended.stdout)["results"][0]["id"] == "6.6/3a"


# Reading from standard input


def piped(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    stream = SimpleNamespace(buffer=io.BytesIO(text.encode()))
    monkeypatch.setattr(sys, "stdin", stream)


def test_claims_and_certificates_come_from_standard_input(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "results.json"
    piped(monkeypatch, "[[claim]]\nid = 'square'\nholds = 'x^2 >= 0'\n")
    assert run(["claims", "-", "--json", str(target), "--no-cache"]) == OK
    assert capsys.readouterr().out.startswith("proved     square")
    piped(monkeypatch, target.read_text())
    assert run(["recheck", "-"]) == OK
    assert capsys.readouterr().out == "accepted  square\n1 accepted, 0 refused, 0 without\n"
    piped(monkeypatch, "[[claim]]\nholds = 'x >='\n")
    assert run(["claims", "-"]) == USAGE
    assert "verify: standard input, line 1: the conclusion" in capsys.readouterr().err
    piped(monkeypatch, "")
    assert run(["recheck", "-"]) == USAGE
    assert "standard input is not a results file" in capsys.readouterr().err


# Documents


def test_recheck_and_diff_as_documents(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old, new = tmp_path / "old.json", tmp_path / "new.json"
    assert run(["claim", "x^2 >= 0", "--json", str(old)]) == OK
    assert run(["claim", "x^2 >= 1", "--json", str(new)]) == REFUTED
    capsys.readouterr()
    assert run(["recheck", str(old), "--json", "-"]) == OK
    assert json.loads(capsys.readouterr().out) == {
        "schema": 1, "accepted": 1, "refused": 0, "without": 0,
        "results": [{"id": "claim", "verdict": "accepted", "why": "", "of": "claim"}],
    }  # fmt: skip
    assert run(["diff", str(old), str(new), "--json", "-"]) == REFUTED
    found = json.loads(capsys.readouterr().out)
    assert found["schema"] == 1
    assert found["worse"] == [
        {"id": "claim", "of": "claim", "before": "proved", "after": "refuted", "better": False}
    ]


@pytest.mark.parametrize("words", [["list"], ["show", "6.9"], ["at", "3.3"]])
def test_the_common_options(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*words, "--seed", "7", "--jobs", "1"]) == OK
    capsys.readouterr()


def test_the_seed_draws_what_a_statement_leaves_free(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["at", "3.3", "--seed", "7", "--json", "-"]) == OK
    found = json.loads(capsys.readouterr().out)
    assert found["run"]["seed"] == 7
    assert "drawn with seed 7" in found["results"][0]["at"]["note"]


# Reports


def test_a_check_of_few_keeps_the_report_of_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pack.py").write_text(PACK)
    words = ["--pack", "pack.py", "--attack", "none", "--no-cache", "--jobs", "1"]
    assert run(["check", "1.1", *words]) == OK
    assert ids(tmp_path / "reports") == ["1.1"]
    written = {path.name for path in (tmp_path / "reports").iterdir()}
    assert written >= {"index.html", "results.json", "junit.xml"}
    assert run(["check", "1.1", "1.2", *words]) == OK
    assert ids(tmp_path / "reports") == ["1.1", "1.2"]
    capsys.readouterr()
    assert run(["check", "1.2", *words]) == OK
    said = (
        "verify: reports holds a report of more of squares and is kept as it is; for a report of "
        "this, name a folder with --out\n"
    )
    assert capsys.readouterr().err == said
    assert ids(tmp_path / "reports") == ["1.1", "1.2"]
    assert run(["check", "1.2", *words, "--out", "reports"]) == OK
    assert ids(tmp_path / "reports") == ["1.2"]


def ids(folder: Path) -> list[str]:
    document = json.loads((folder / "results.json").read_bytes())
    return [result["id"] for result in document["results"]]


def test_the_version() -> None:
    assert verify.__version__[0].isdigit()


# What is shown, and how wide


@pytest.mark.parametrize(
    "words",
    [["list"], ["at", "6.5/high-d1", "--set", "n=10^300"], ["at", "6.6/3a", "--set", "s=0"]],
)
def test_no_line_is_wider_than_the_columns_that_are_asked_for(
    words: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    run(words)
    narrow = capsys.readouterr().out.splitlines()
    monkeypatch.delenv("COLUMNS", raising=False)
    run(words)
    wide = capsys.readouterr().out.splitlines()
    assert max(map(len, narrow)) <= 60 < max(map(len, wide))
    if words == ["list"]:
        assert len(narrow) == len(wide)


def test_long_constants_are_shown_roughly(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    run(["at", "6.5/high-d1", "--set", "n=10^300"])
    shown = capsys.readouterr().out
    assert "s = about 26.282608848784659893 (312 characters; in full with --json -)" in shown


def test_no_color_means_no_escapes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FORCE_COLOR", "1")
    (tmp_path / "pack.py").write_text(PACK)
    words = ["check", "1.1", "--pack", "pack.py", "--attack", "none", "--no-cache", "--jobs", "1"]
    assert run(words) == OK
    assert "\x1b[" in capsys.readouterr().out
    monkeypatch.setenv("NO_COLOR", "1")
    assert run(words) == OK
    assert "\x1b" not in capsys.readouterr().out


@pytest.mark.parametrize("claim", ["x >= 1/0", "0^x >= 0"])
def test_no_hypothesis_makes_a_false_sentence_about_numbers_true(
    claim: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["claim", claim]) == REFUTED
    assert "to where" not in capsys.readouterr().out
    assert run(["claim", "1/x >= 1/x"]) == REFUTED
    assert 'add "x != 0" to where' in capsys.readouterr().out


def test_an_example_is_no_statement(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", "3.1"]) == USAGE
    assert "3.1 is an example (" in capsys.readouterr().err


def test_claims_are_shown_as_they_are_decided(tmp_path: Path) -> None:
    place = tmp_path / "claims.toml"
    slow = "x^7 - 3*x^5 + x^3 >= -17 + x^x"
    place.write_text(
        f"[[claim]]\nid = 'a'\nholds = 'x^2 >= 0'\n[[claim]]\nid = 'b'\nholds = '{slow}'\n"
    )
    words = ["claims", str(place), "--no-cache", "--jobs", "1", "--seconds", "60"]
    with subprocess.Popen(
        [sys.executable, "-m", "verify", *words], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("proved     a")
        assert process.poll() is None
        process.terminate()
