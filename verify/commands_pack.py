"""The commands that read a pack and search for nothing: list, show, at."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
import textwrap
import time
from argparse import Namespace
from collections.abc import Sequence
from typing import TYPE_CHECKING

from flint import arb, ctx, fmpz

from verify.cli import OK, REFUTED, UNKNOWN, UsageError
from verify.engine import results as schema
from verify.engine.packs import (
    PackError,
    UnknownId,
    definition_of,
    load_pack,
    statements_of,
)
from verify.kernel.ball import enclose
from verify.kernel.poly import Refused
from verify.language.grammar import ExpressionError, parse_term
from verify.language.statement import Definition, Paper, Statement

if TYPE_CHECKING:
    from pathlib import Path

    from verify.engine.output import Signs

LONG = 120
MOST_BYTES = 100_000_000
"""The length of a file of signs, at most."""

NARROWEST = 20
DEFAULT_WIDTH = 100
SHOWN_PRECISION = 192


def list_ids(options: Namespace) -> int:
    """``verify list``: the id, kind and title of every numbered item.

    Raises:
        UsageError: there is no such pack, or it is broken.
    """
    paper = pack_of(options)
    if options.json:
        _write_data(_listing(paper), options.json)
    if options.json != "-":
        items = sorted(_items(paper), key=lambda item: _natural(item.id.split("/")[0]))
        width = max((len(item.id) for item in items), default=0)
        for item in items:
            lost = isinstance(item, Definition) and not item.recoverable
            note = " (not recoverable)" if lost else ""
            start = f"{item.id:<{width}}  {item.kind:<10}  "
            print(f"{start}{_cut(item.title, len(start) + len(note))}{note}")
    return OK


def _columns() -> int | None:
    """The width that is asked for, or that the terminal has; files have none."""
    wanted = os.environ.get("COLUMNS", "")
    if wanted.isdecimal() and int(wanted) > 0:
        return max(NARROWEST, int(wanted))
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def _cut(title: str, taken: int) -> str:
    """A title that leaves room for what stands beside it on its line."""
    columns = _columns()
    room = len(title) if columns is None else max(8, columns - taken)
    return title if len(title) <= room else title[: room - 2].rstrip() + ".."


def _items(paper: Paper) -> list[Statement | Definition]:
    return [*paper.definitions, *paper.statements]


def _natural(identifier: str) -> list[tuple[int, str]]:
    """Sorts 6.10 after 6.9."""
    parts = re.findall(r"\d+|\D+", identifier)
    return [(int(part), "") if part.isdigit() else (-1, part) for part in parts]


def _listing(paper: Paper) -> bytes:
    listing = {
        "schema": 1,
        "pack": paper.name,
        "title": paper.title,
        "statements": [
            {"id": item.id, "kind": item.kind, "title": item.title, "section": item.section}
            for item in paper.statements
        ],
        "definitions": [
            {
                "id": item.id,
                "kind": item.kind,
                "title": item.title,
                "recoverable": item.recoverable,
            }
            for item in paper.definitions
        ],
    }
    return json.dumps(listing, indent=1).encode() + b"\n"


def show(options: Namespace) -> int:
    """``verify show``: a statement, all parts of a lemma, or a definition.

    Raises:
        UsageError: the pack has nothing with this id.
    """
    from verify.report.declared import (  # noqa: PLC0415
        ASCII_SCRIPT,
        UNICODE_SCRIPT,
        definition_lines,
        statement_lines,
    )

    paper = pack_of(options)
    width = shutil.get_terminal_size((DEFAULT_WIDTH, 24)).columns
    encoding = (sys.stdout.encoding or "ascii").lower().replace("-", "")
    script = UNICODE_SCRIPT if encoding.startswith("utf") else ASCII_SCRIPT
    definition = definition_of(paper, options.id)
    if definition is not None:
        print("\n".join(definition_lines(definition, width, script)))
        return OK
    for number, statement in enumerate(statements_named(paper, options.id)):
        if number:
            print("\n" + "-" * min(width, 60) + "\n")
        print("\n".join(statement_lines(paper, statement, width, script)))
    return OK


def at(options: Namespace) -> int:
    """``verify at``: a statement, or each part of a lemma, at one parameter point.

    Raises:
        UsageError: the pack has no such statement, or the point is not one of its points.
    """
    from verify.engine.at import evaluate_at  # noqa: PLC0415
    from verify.engine.output import with_columns  # noqa: PLC0415
    from verify.engine.settings import SettingError, point_of  # noqa: PLC0415

    started = time.monotonic()
    paper = pack_of(options)
    known = {param.name for item in paper.statements for param in item.params}
    known |= {str(index.symbol) for item in paper.statements for index in item.indices}
    signs = None if options.signs is None else _signs(options.signs)
    found = []
    for statement in statements_named(paper, options.id):
        values = options.values
        if signs is not None:
            values = with_columns(statement, values, signs)
        try:
            setting = point_of(statement, values, known=known, anyway=options.anyway)
            found.append(evaluate_at(statement, setting, options.seed, signs))
        except SettingError as error:
            raise UsageError(str(error)) from error
    if options.json:
        run = schema.Run(
            options.seed, SHOWN_PRECISION, time.monotonic() - started, "verify at", 0.0
        )
        document = schema.Document(schema.SCHEMA, schema.this_tool(), run, tuple(found))
        _write_data(schema.encode(document), options.json)
    if options.json != "-":
        print("\n\n".join(_point_lines(result, _columns()) for result in found))
    for result in found:
        for hypothesis in hypotheses_that_fail(result):
            print(f"verify: {result.id}: {hypothesis} does not hold here", file=sys.stderr)
    return _code(found)


def _signs(path: Path) -> Signs:
    """The matrix of signs in a file.

    Raises:
        UsageError: it cannot be read, or holds no such matrix.
    """
    from verify.engine.output import SignsError, read_signs  # noqa: PLC0415

    try:
        if path.stat().st_size > MOST_BYTES:
            raise UsageError(f"{path} has more than {MOST_BYTES} bytes: choose smaller d and m")
        return read_signs(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} is not text in UTF-8") from error
    except SignsError as error:
        raise UsageError(f"{path}: {error}") from error


def hypotheses_that_fail(result: schema.Result) -> list[str]:
    """The hypotheses that do not hold at the point of a result."""
    found = result.at.hypotheses if result.at is not None else ()
    return [item.text for item in found if item.holds is False]


def _code(found: Sequence[schema.Result]) -> int:
    """Refuted before unknown, as where a hypothesis fails and the point says nothing."""
    verdicts = {result.claim.verdict for result in found}
    if "refuted" in verdicts:
        return REFUTED
    return OK if verdicts <= {"sampled"} else UNKNOWN


def _point_lines(result: schema.Result, columns: int | None) -> str:
    point = result.at
    assert point is not None
    most = LONG if columns is None else min(LONG, columns)
    lines = [f"{result.id}  {result.title}"]
    settings = ", ".join(
        f"{name} = {shortened(value, most)}" for name, value in point.point.items()
    )
    lines.append(f"at {settings}" if settings else "at its only point")
    for item in point.hypotheses:
        mark = "growth" if item.asymptotic else _mark(item.holds)
        lines.append(f"  {mark:<9}  {item.text}")
    lines.append(f"left      {_side(point.left, point, most)}")
    lines.append(f"right     {_side(point.right, point, most)}")
    lines.append(f"relation  left {point.relation} right: {_mark(point.holds)}")
    if point.margin is not None:
        lines.append(f"margin    {shortened(point.margin, most)}")
    if point.output is not None:
        lines += _output_lines(point.output, most)
    lines += [f"note      {note}" for note in point.note.split("; ") if note]
    explanation = f": {result.claim.explanation}" if result.claim.explanation else ""
    lines.append(f"{result.claim.verdict}{explanation}")
    return "\n".join(lines if columns is None else (_wrapped(line, columns) for line in lines))


def _output_lines(output: schema.AtOutput, most: int) -> list[str]:
    value = f"F(Y)      {shortened(output.value, most)}"
    if output.literal is None:
        why = re.sub(r"\d{30,}", lambda found: f"{found[0][:6]}..{found[0][-4:]}", output.note)
        return [value, f"literal   out of reach: {why}"]
    return [value, f"literal   {shortened(output.literal, most)}, the same by the definition"]


def _wrapped(line: str, columns: int) -> str:
    """A line in as many as it needs, the further ones under where its text begins."""
    label = re.match(r" *\w+  +", line)
    indent = " " * min(len(label[0]) if label else 2, columns // 2)
    rows = textwrap.wrap(line, columns, subsequent_indent=indent, break_on_hyphens=False)
    return "\n".join(rows)


def _side(value: str | None, point: schema.At, most: int) -> str:
    if value is not None:
        return shortened(value, most)
    return f"{'undecided' if point.holds is None else 'undefined'} at {point.undefined}"


def _mark(holds: bool | None) -> str:
    return {True: "true", False: "false", None: "undecided"}[holds]


def shortened(value: str, most: int = LONG) -> str:
    """A value as it is, or roughly where it is long: the JSON document has it in full."""
    if len(value) <= most:
        return value
    return f"{_rough(value, most)} ({len(value)} characters; in full with --json -)"


def _rough(value: str, most: int) -> str:
    top, _, bottom = value.partition("/")
    with ctx.workprec(SHOWN_PRECISION):
        if top.lstrip("-").isdigit() and (not bottom or bottom.isdigit()):
            ball = arb(fmpz(top)) / fmpz(bottom or "1")
        else:
            try:
                ball = enclose(parse_term(value), {})
            except (ExpressionError, Refused):
                return value[: most - 2] + ".."
        return f"about {ball.str(20, radius=False)}"


def pack_of(options: Namespace) -> Paper:
    """The pack that ``--pack`` names.

    Raises:
        UsageError: there is no such pack, or it is broken.
    """
    try:
        return load_pack(options.pack)
    except PackError as error:
        raise UsageError(str(error)) from error


def statements_named(paper: Paper, identifier: str) -> tuple[Statement, ...]:
    """The statement with an id, or all parts of a lemma.

    Raises:
        UsageError: there is none, or its author has made a slip.
    """
    from verify.engine.authors import problems  # noqa: PLC0415

    try:
        found = statements_of(paper, identifier)
    except UnknownId as error:
        raise UsageError(str(error)) from error
    slips = problems(paper, found)
    if slips:
        raise UsageError("\n".join(slips))
    return found


def _write_data(data: bytes, target: str) -> None:
    # Imported here: it needs the provers, which what is in this module does without.
    from verify.commands import write_data  # noqa: PLC0415

    write_data(data, target)
