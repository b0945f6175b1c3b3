"""The output of a network for one matrix of signs: both ways, and what cannot be read."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from lemmas.polynomial_attention import PAPER
from verify.cli import run as command
from verify.engine.at import AtPoint, evaluate_at
from verify.engine.output import (
    Signs,
    SignsError,
    drawn,
    network_of,
    network_value,
    read_signs,
    value_by_structure,
)
from verify.engine.settings import point_of
from verify.language.statement import Statement
from verify.language.term import Num, num

STATEMENTS = {statement.id: statement for statement in PAPER.statements}
NETWORKS = [item for item in PAPER.statements if network_of(item) is not None]
SMALL = ["d=4", "t=2", "s=2", "beta=3"]


def small(statement: Statement) -> list[str]:
    """Sizes at which the definition can be added up, for matrices with four rows."""
    if any(param.name == "d" for param in statement.params):
        return SMALL
    return ["n=4", "beta=3", "tau=1/10", "l=1/3", "h=1/2", "M=5"]


def at_point(statement: Statement, settings: list[str]) -> AtPoint:
    return AtPoint(statement, point_of(statement, settings, anyway=True), 0)


def both(statement: Statement, settings: list[str], signs: Signs) -> tuple[Fraction, Fraction]:
    """F by structure and by the definition."""
    point, event = at_point(statement, settings), network_of(statement)
    assert event is not None
    found = network_value(statement, event, point.pieces, point.data, signs)
    assert isinstance(found.value, Num)
    assert found.literal is not None
    return found.value.value, found.literal


def test_the_paper_has_networks() -> None:
    assert {"6.5/high-d1", "6.9", "6.13", "6.17", "6.21"} <= {item.id for item in NETWORKS}


@pytest.mark.parametrize("statement", NETWORKS, ids=lambda item: item.id)
def test_structure_and_definition_agree(statement: Statement) -> None:
    positive = 0
    for seed in range(4):
        signs = drawn(4, 2, seed)
        value, literal = both(statement, [*small(statement), "m=2"], signs)
        assert value == literal
        positive += value > 0
    assert both(statement, [*small(statement), "m=2"], Signs(((-1, -1),) * 4))[0] == 0
    assert positive < 4


def test_the_share_of_matrices_with_a_positive_output_is_the_probability() -> None:
    statement, settings = STATEMENTS["6.9"], [*SMALL, "m=1"]
    hits = sum(
        both(statement, settings, Signs(tuple((sign,) for sign in column)))[0] > 0
        for column in itertools.product((-1, 1), repeat=4)
    )
    found = evaluate_at(statement, point_of(statement, settings, anyway=True))
    assert found.at is not None
    assert found.at.left == str(Fraction(hits, 16))
    assert 0 < hits < 16


def test_groups_of_coordinates_and_kinds_of_rows_far_beyond_the_definition() -> None:
    statement = STATEMENTS["6.9"]
    signs = drawn(3000, 5, 1)
    point = at_point(statement, ["d=3000", "t=10**290", "m=5", "s=2", "beta=2000"])
    event = network_of(statement)
    assert event is not None
    found = value_by_structure(event, point.pieces, signs)
    assert isinstance(found, Num)
    assert found.value > 10**290


def test_irrational_parameters_give_a_ball() -> None:
    statement = STATEMENTS["6.9"]
    setting = point_of(statement, ["d=40", "t=5", "m=9"], anyway=True)
    output = evaluate_at(statement, setting, signs=drawn(40, 9, 0)).at.output  # type: ignore[union-attr]
    assert output is not None
    assert output.positive is True
    assert output.value.startswith("[")
    assert output.literal is None
    assert output.note == "s is not a rational number here: set it"


def test_a_structure_that_is_wrong_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("verify.engine.output.value_by_structure", lambda *_: num(7))
    with pytest.raises(ArithmeticError, match="by its definition"):
        both(STATEMENTS["6.9"], [*SMALL, "m=2"], drawn(4, 2, 0))


# Reading


@pytest.mark.parametrize(
    "content", ["1,-1\n-1, 1\n", "+ -\n\n- +", " [[1, -1], [-1, 1]]", "+1 -1\r\n-1 1\r\n"]
)
def test_forms_of_a_matrix(content: str) -> None:
    assert read_signs(content) == Signs(((1, -1), (-1, 1)))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "no rows"),
        ("[]", "no rows"),
        ("1,-1\n1\n", "row 2 has 1 entries, and row 1 has 2"),
        ("1,0\n", "line 1: '0' is not a sign"),
        ("1\n\n2.5\n", "line 3: '2.5' is not a sign"),
        ("[[1, 1.0]]", "row 1: '1.0' is not a sign"),
        ("[[true]]", "row 1: 'True' is not a sign"),
        ("[1, -1]", "row 1 is not a list"),
        ("[[1], []]", "row 2 is not a list"),
        ("[[1], ", "not valid JSON"),
        ("[" * 100_000, "not valid JSON"),
        ("x" * 1000, "'xxxxxxxxxxxxxxxxxx..' is not a sign"),
    ],
)
def test_what_is_no_matrix_of_signs(content: str, words: str) -> None:
    with pytest.raises(SignsError, match=r"row|line|JSON|sign") as error:
        read_signs(content)
    assert words in str(error.value)


# The command


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = command(["at", *arguments])
    out, err = capsys.readouterr()
    return code, out, err


@pytest.fixture
def matrix(tmp_path: Path) -> Path:
    path = tmp_path / "Y.csv"
    path.write_text("\n".join(["1,-1", "1,1", "-1,1", "1,-1"]))
    return path


def test_the_output_is_shown_and_saved(capsys: pytest.CaptureFixture[str], matrix: Path) -> None:
    arguments = ["6.9", "--set", *SMALL, "--signs", str(matrix)]
    _, out, _ = run(capsys, *arguments)
    lines = [line for line in out.splitlines() if line.startswith(("F(Y)", "literal"))]
    assert len(lines) == 2
    assert lines[1].endswith(", the same by the definition")
    assert "m = 2" in out
    _, out, _ = run(capsys, *arguments, "--json", "-")
    output = json.loads(out)["results"][0]["at"]["output"]
    assert output["value"] == output["literal"]
    _, out, _ = run(capsys, "6.9", "--set", *SMALL, "--json", "-")
    assert json.loads(out)["results"][0]["at"]["output"] is None


@pytest.mark.parametrize(
    ("identifier", "settings", "words"),
    [
        ("6.9", ["d=5"], "Y has 4 rows and 2 columns, and should have 5 and 2"),
        ("6.9", ["d=4", "m=3"], "Y has 4 rows and 2 columns, and should have 4 and 3"),
        ("4.1", [], "4.1 is not about a network that takes signs"),
    ],
)
def test_a_matrix_that_does_not_fit(
    capsys: pytest.CaptureFixture[str],
    matrix: Path,
    identifier: str,
    settings: list[str],
    words: str,
) -> None:
    extra = ["--set", *settings] if settings else []
    code, _, err = run(capsys, identifier, *extra, "--signs", str(matrix))
    assert code == 2
    assert words in err


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda _: None, "No such file"),
        (lambda path: path.mkdir(), "Is a directory"),
        (lambda path: path.write_bytes(b"\xff\xfe1"), "not text in UTF-8"),
        (lambda path: path.write_text("1 3"), "line 1: '3' is not a sign"),
    ],
)
def test_files_that_cannot_be_read(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, make: Callable[[Path], Any], words: str
) -> None:
    path = tmp_path / "Y.csv"
    make(path)
    code, _, err = run(capsys, "6.9", "--signs", str(path))
    assert code == 2
    assert str(path) in err
    assert words in err


def test_two_values_that_differ_are_an_error_of_the_checker(
    capsys: pytest.CaptureFixture[str], matrix: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("verify.engine.output.value_by_structure", lambda *_: num(7))
    code, _, err = run(capsys, "6.9", "--set", *SMALL, "--signs", str(matrix))
    assert code == 4
    assert "by its definition, but not by structure" in err
