"""The commands list, show and at: what they print, what they write, how they end."""

from __future__ import annotations

import json
from argparse import Namespace
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lemmas.polynomial_attention import PAPER
from verify import commands_pack
from verify.cli import OK, REFUTED, UNKNOWN, UsageError
from verify.engine import results as schema
from verify.language.term import Formula
from verify.provers.budget import OutOfTime
from verify.report import declared

Run = Callable[..., tuple[int, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command and return its exit code and what it printed."""

    def call(name: str, **options: Any) -> tuple[int, str]:
        settings = {"pack": None, "json": None, "values": [], "anyway": False}
        settings |= {"seed": 0, "signs": None, **options}
        code = getattr(commands_pack, name)(Namespace(**settings))
        return code, capsys.readouterr().out

    return call


def test_list(run: Run) -> None:
    code, shown = run("list_ids")
    lines = shown.splitlines()
    assert code == OK
    assert len(lines) == len(PAPER.statements) + len(PAPER.definitions)
    ids = [line.split()[0] for line in lines]
    assert ids.index("6.9") < ids.index("6.10/1a")
    assert ids.index("6.2") < ids.index("6.3/1")
    assert lines[0].split(maxsplit=2) == ["1.1", "definition", PAPER.definitions[0].title]
    (lost,) = [line for line in lines if "(not recoverable)" in line]
    assert lost.startswith("3.1 ")


def test_list_as_json(run: Run, tmp_path: Path) -> None:
    target = tmp_path / "list.json"
    code, shown = run("list_ids", json=str(target))
    found = json.loads(target.read_bytes())
    assert code == OK
    assert "6.9" in shown
    assert found["schema"] == 1
    assert [item["id"] for item in found["statements"]] == [x.id for x in PAPER.statements]
    assert len(found["statements"]) == 89
    assert found["statements"][0] == {
        "id": "3.2", "kind": "fact", "title": "Tensor trick", "section": "3"
    }  # fmt: skip
    assert {item["id"] for item in found["definitions"]} == {x.id for x in PAPER.definitions}
    code, shown = run("list_ids", json="-")
    assert json.loads(shown) == found


def test_show_a_statement(run: Run) -> None:
    code, shown = run("show", id="6.6/3a")
    assert code == OK
    for part in (
        "6.6/3a  Normalised entry for j_0 = j_3 and j_1 = j_3",
        "(1 + a₁)^β ≥ n",
        "f[j₃, j₃] ≥ 1/2",
        "f[j₃, j₃] = (1 + a₁)^β/((1 + a₁)^β + n - 1)",
        "6.2  Polynomial attention",
        "1. [T] f[j₃, j₃] = u[j₃, j₃]/α[j₃]",
        "C (chosen)",
    ):
        assert part in shown


def test_show_a_lemma_shows_all_parts(run: Run) -> None:
    _, shown = run("show", id="6.8")
    assert "6.8/1  Random signs" in shown
    assert "6.8/2  Random signs" in shown
    assert "Eq. (18)" in shown
    assert "6.7/2.special" in shown


def test_show_definitions(run: Run) -> None:
    _, shown = run("show", id="6.2")
    assert "c[j₀, i₀] = sum(j in 1..n: A[j, i₀] f[j₀, j])" in shown
    _, shown = run("show", id="3.1")
    assert "example, not recoverable" in shown


def test_show_wraps_to_the_width(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    _, shown = run("show", id="4.1")
    long = [line for line in shown.splitlines() if len(line) > 60]
    assert not [line for line in long if line.strip().count(" ") > 0]


@pytest.mark.parametrize("statement", PAPER.statements[::5], ids=lambda item: item.id)
def test_every_kind_of_statement_can_be_shown_in_ascii(
    statement: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(declared, "CLOSED_FORM_SECONDS", 0.01)
    lines = declared.statement_lines(PAPER, statement, 100, declared.ASCII_SCRIPT)
    assert all(line.isascii() for line in lines)
    assert "Claim" in lines


def test_closed_forms_that_do_not_come_in_time_are_left_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def late(*_: object) -> Formula:
        raise OutOfTime

    monkeypatch.setattr(declared, "closed_form", late)
    (statement,) = [item for item in PAPER.statements if item.id == "6.6/3a"]
    assert "Closed form" not in declared.statement_lines(PAPER, statement, 100)


def test_at(run: Run) -> None:
    code, shown = run("at", id="6.8/1", values=["d=12", "t=1"])
    assert code == OK
    lines = shown.splitlines()
    assert lines[0] == "6.8/1  Random signs for j_0 = j_3"
    assert lines[1].startswith("at d = 12, t = 1, n = 10, b = 2/5, c = 3/5, s = sqrt(log(10))")
    assert "  true       n == t*(d - 2)" in lines
    assert "left      489/2048" in lines
    assert "right     1/10" in lines
    assert "relation  left >= right: true" in lines
    assert "margin    1421/10240" in lines
    assert lines[-1] == "sampled: holds at this one point"


def test_at_as_json(run: Run, tmp_path: Path) -> None:
    target = tmp_path / "deep" / "at.json"
    code, _ = run("at", id="6.8/1", values=["d=12", "t=1"], json=str(target))
    assert code == OK
    raw = json.loads(target.read_bytes())
    found = raw["results"][0]["at"]
    assert found["left"] == "489/2048"
    assert found["relation"] == ">="
    assert found["right"] == "1/10"
    assert found["holds"] is True
    assert found["margin"] == "1421/10240"
    assert {"text": "b + c == 1", "holds": True} in found["hypotheses"]
    document = schema.load(target)
    assert document.results[0].id == "6.8/1"
    assert document.results[0].statement.conclusion.text


def test_at_for_all_parts_of_a_lemma(run: Run) -> None:
    code, shown = run("at", id="6.8", values=["j_0=3"], json="-")
    results = json.loads(shown)["results"]
    assert code == OK
    assert [result["id"] for result in results] == ["6.8/1", "6.8/2"]
    assert "6.8/1 does not depend on j_0" in results[0]["at"]["note"]
    assert results[1]["at"]["point"]["j_0"] == "3"


def test_at_where_a_hypothesis_fails(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    settings = Namespace(
        pack=None, json=None, values=["beta=1"], anyway=False, id="6.6/3a", seed=0, signs=None
    )
    assert commands_pack.at(settings) == UNKNOWN
    captured = capsys.readouterr()
    assert "  false      high degree: " in captured.out
    assert "left      17/207" in captured.out
    assert "does not hold here" in captured.err
    assert run("at", id="6.6/3a", values=["beta=1"], anyway=True)[0] == UNKNOWN


def test_at_when_the_claim_fails(run: Run, tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(
        "from sympy import Symbol\n"
        "from verify.language.statement import Paper, Param, Statement\n"
        "from verify.language.sympy_terms import gt\n"
        "x = Symbol('x')\n"
        "claim = Statement('1', 'No', 'lemma', '1', (Param(x, 'a number', 1),), gt(x**2, x))\n"
        "PAPER = Paper('mine', 'Mine', 'me', 'here', (), (claim,))\n"
    )
    pack = str(tmp_path / "mine.py")
    code, shown = run("at", id="1", values=["x=1/2"], pack=pack)
    assert code == REFUTED
    assert "margin    -1/4" in shown
    assert shown.splitlines()[-1] == "refuted: fails at this point"
    assert run("at", id="1", values=["x=2"], pack=pack)[0] == OK


def test_long_values_are_shortened_on_the_terminal(run: Run) -> None:
    _, shown = run("at", id="6.9", values=["t=10^300"])
    assert "t = about 1.0000000000000000000e+300 (301 characters; in full" in shown
    assert max(map(len, shown.splitlines())) < 1000


@pytest.mark.parametrize(
    ("command", "options", "message"),
    [
        ("at", {"id": "6.88/1"}, "there is no statement 6.88/1 in polynomial_attention: did you"),
        ("at", {"id": "6.1"}, "6.1 is a definition (Self-attention dataset): nothing to check"),
        ("at", {"id": "6.9", "values": ["q=1"]}, "6.9 has no parameter q"),
        ("at", {"id": "6.9", "values": ["n=21", "d=7", "t=3"]}, "n = 21 (number of rows) breaks"),
        ("at", {"id": "3.2", "values": ["d=10^9"]}, "3.2 cannot be evaluated here: a sum"),
        ("show", {"id": "6"}, "there is no statement 6 in polynomial_attention"),
        ("list_ids", {"pack": "nowhere"}, "there is no pack 'nowhere'"),
    ],
)
def test_bad_input(run: Run, command: str, options: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError) as caught:
        run(command, **options)
    assert str(caught.value).startswith(message)


def test_at_where_a_side_is_undefined(run: Run) -> None:
    _, shown = run("at", id="6.6/3a", values=["s=0"])
    assert "left      undefined at 0^(2*log(20))/0\n" in shown
    _, shown = run("at", id="6.8/1")
    assert "  growth     t sqrt(d) = o(n^0.99)\n" in shown
