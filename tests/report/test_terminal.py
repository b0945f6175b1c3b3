"""The table and the details in a terminal."""

from __future__ import annotations

import io
import re

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from verify.report import terminal

from .hostile import hostile
from .sample import document, small


def shown(width: int = 60, **options: object) -> tuple[Console, io.StringIO]:
    buffer = io.StringIO()
    return Console(file=buffer, width=width, **options), buffer  # type: ignore[arg-type]


def test_fits_sixty_columns() -> None:
    console, buffer = shown(60)
    terminal.table(document(), console)
    lines = buffer.getvalue().splitlines()
    assert max(map(cell_len, lines)) <= 60
    table = [line.rstrip() for line in lines]
    assert "6.11/2.special  □ enclosed       ✓ supported" in table
    assert "4.2/2           ✗ refuted        ✓ supported" in table


def test_a_wide_terminal_shows_titles_and_methods() -> None:
    console, buffer = shown(140)
    terminal.table(document(), console)
    line = next(line for line in buffer.getvalue().splitlines() if line.startswith("4.1 "))
    assert "One random column" in line
    assert "hoeffding" in line
    assert "2.2 s" in line


def test_no_colour_when_not_a_terminal() -> None:
    console, buffer = shown()
    terminal.table(small(), console)
    assert "\x1b" not in buffer.getvalue()


def test_colour_in_a_terminal_unless_no_color(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    console, buffer = shown(force_terminal=True)
    terminal.table(small(), console)
    assert "\x1b[1;31m" in buffer.getvalue()
    monkeypatch.setenv("NO_COLOR", "1")
    console, buffer = shown(force_terminal=True)
    terminal.table(small(), console)
    assert not re.search(r"\x1b\[[0-9;]*3[0-7]m", buffer.getvalue())


def test_says_what_failed_and_the_headline() -> None:
    console, buffer = shown(100)
    terminal.table(small(), console)
    out = buffer.getvalue()
    assert "wrong refuted: fails at x = 1/2 (left 1/4, right 1/2)" in out
    assert out.rstrip().endswith("3 parts: 1 proved, 1 unknown, 1 refuted")


def test_says_how_to_see_what_failed_again() -> None:
    console, buffer = shown(160)
    terminal.table(document(), console)
    lines = [line.strip() for line in buffer.getvalue().splitlines()]
    (failed,) = [i for i, line in enumerate(lines) if line.startswith("4.2/2 refuted: fails at")]
    assert lines[failed + 1].startswith("python -m verify at 4.2/2 --set n=4 ")


def test_says_that_a_run_is_incomplete() -> None:
    original = small()
    run = msgspec.structs.replace(original.run, complete=False)
    console, buffer = shown()
    terminal.table(msgspec.structs.replace(original, run=run), console)
    assert "incomplete" in buffer.getvalue()


def test_details() -> None:
    console, buffer = shown(100)
    result = next(result for result in document().results if result.id == "6.6/3a")
    terminal.details(result, console)
    out = buffer.getvalue()
    for words in (
        "(1 + a_1)**beta >= n",
        "✓ proved",
        "✗ gap",
        "3. (1+a_1)^beta >= n is equivalent to beta >= log(n)/log(1+a_1)  [refuted]",
        "12 of 14 changed claims refuted",
        "the smallest margin lies in [0, 1/1000]",
        "s > 0: not needed",
    ):
        assert words in out


def test_plain_words_where_the_console_has_no_symbols() -> None:
    buffer = io.TextIOWrapper(io.BytesIO(), encoding="ascii", errors="replace")
    console = Console(file=buffer, width=60)
    terminal.table(small(), console)
    buffer.flush()
    data = buffer.buffer.getvalue()
    assert b"refuted" in data
    assert b"? refuted" not in data


def test_hostile_text_steers_nothing() -> None:
    console, buffer = shown(60)
    spoiled = hostile(document())
    terminal.table(spoiled, console)
    for result in spoiled.results:
        terminal.details(result, console)
    assert "\x1b" not in buffer.getvalue()
    assert "\x00" not in buffer.getvalue()


@settings(max_examples=60, derandomize=True, deadline=None)
@given(st.text(max_size=80))
def test_any_title_is_shown_as_text(title: str) -> None:
    result = msgspec.structs.replace(small().results[0], id=title, title=title)
    console, buffer = shown(60)
    terminal.details(result, console)
    terminal.table(msgspec.structs.replace(small(), results=(result,)), console)
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f]", buffer.getvalue())
