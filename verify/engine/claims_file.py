"""Files of claims: TOML with ``[[claim]]`` tables, or JSON lines.

A TOML file may say once what its claims share:

.. code-block:: toml

    import = ["definitions.toml"]        # the [define] table of other files

    [shared]
    vars = { n = "int" }
    where = ["n >= 1", "P >= n"]         # for every claim that is about n or P
    source = "Section 3"

    [define]
    ratio = "P/(P + n - 1)"              # put in wherever the name occurs

A record that cannot be read is reported with its line, and does not keep the others from being
read.
"""

from __future__ import annotations

import difflib
import json
import re
import sys
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from verify.engine.claims import ClaimError, ClaimText
from verify.engine.definitions import DefinitionError, Definitions, read_definitions
from verify.language.grammar import ExpressionError, parse_formula
from verify.language.term import free_names

MAX_FILE = 50_000_000
MAX_ROWS = 500
"""So many lines are searched for the beginning of a string that is not closed."""

SHORTEST = 3
"""Shorter names are too close to each other to guess at."""

_END_INSIDE = "Illegal character '\\n'"
_OPEN_STRING = re.compile(r"(Unterminated string|Expected \"'+\") \(at end of document\)")
_RECORD = re.compile(r"^[ \t]*\[\[[ \t]*claim[ \t]*\]\]", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class BadRecord:
    """A record of a claims file that cannot be read: where it is, and why.

    ``fault`` is the line of what is wrong, where that is known and not the first one.
    """

    id: str
    place: str
    message: str
    fault: str = ""

    def said(self) -> str:
        """``line 7: holds is missing``."""
        return f"{self.fault or self.place}: {self.message}"


@dataclass(frozen=True, slots=True)
class _Hypothesis:
    """A shared hypothesis with its definitions put in, and what it is about."""

    text: str
    names: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Shared:
    """What the claims of a file have in common."""

    variables: Mapping[str, str]
    where: tuple[_Hypothesis, ...]
    source: str
    definitions: Definitions

    @property
    def empty(self) -> bool:
        """Whether the claims have nothing in common."""
        return not (self.variables or self.where or self.definitions)

    def about(self, items: Iterable[str]) -> tuple[tuple[str, ...], dict[str, str]]:
        """The hypotheses about the variables of some formulas, or about others that these are
        related to, and the kinds of all those variables."""
        if self.empty:
            return (), {}
        names = frozenset().union(*(_names(item) for item in items))
        found: set[int] = set()
        new = True
        while new:
            new = False
            for number, item in enumerate(self.where):
                if number not in found and (not item.names or item.names & names):
                    found.add(number)
                    names |= item.names
                    new = True
        kinds = {name: kind for name, kind in self.variables.items() if name in names}
        return tuple(self.where[number].text for number in sorted(found)), kinds

    def misspelt(self, items: Iterable[str], variables: Mapping[str, str]) -> str:
        """A note on a name that nothing declares and that is nearly one that something does."""
        declared = {*self.definitions, *self.variables, *variables}
        declared = declared.union(*(item.names for item in self.where))
        if self.empty:
            return ""
        names = frozenset().union(*(_names(item) for item in items))
        for name in sorted(name for name in names - declared if len(name) >= SHORTEST):
            close = difflib.get_close_matches(name, sorted(declared - names), 1, 0.75)
            if close:
                return f"{name} is declared nowhere and stands for any number: is {close[0]} meant?"
        return ""


def _names(item: str) -> frozenset[str]:
    return free_names(parse_formula(item))


def read_claims(path: Path) -> list[ClaimText | BadRecord]:
    """The claims of a TOML file (``[[claim]]`` tables) or of a file of JSON lines, in order; of
    standard input for ``-``.

    Raises:
        ClaimError: the file cannot be read at all, or what its claims share cannot.
    """
    piped = str(path) == "-"
    content = _standard_input() if piped else read_text(path)
    if path.suffix.lower() in (".jsonl", ".ndjson", ".json") or content.lstrip()[:1] == "{":
        return _without_namesakes(_json_lines(content))
    return _without_namesakes(_toml(content, Path("standard input") if piped else path))


def _without_namesakes(records: list[ClaimText | BadRecord]) -> list[ClaimText | BadRecord]:
    """The records, those with an id that an earlier one has as bad ones: whoever looks a result up
    by its id would find one of them only."""
    first: dict[str, str] = {}
    found: list[ClaimText | BadRecord] = []
    for item in records:
        before = first.setdefault(item.id, item.place)
        if before != item.place and isinstance(item, ClaimText):
            message = f"the id {item.id!r} is taken: {before} has it"
            found.append(BadRecord(item.id, item.place, message))
        else:
            found.append(item)
    return found


def _standard_input() -> str:
    data = sys.stdin.buffer.read(MAX_FILE + 1) if sys.stdin else b""
    if len(data) > MAX_FILE:
        raise ClaimError(f"standard input is larger than {MAX_FILE // 1_000_000} MB")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ClaimError(f"standard input is not UTF-8 text: {error.reason}") from error


def read_text(path: Path) -> str:
    """The text of a file that is not too large.

    Raises:
        ClaimError: it cannot be read.
    """
    try:
        if path.is_file() and path.stat().st_size > MAX_FILE:
            raise ClaimError(f"{path} is larger than {MAX_FILE // 1_000_000} MB")
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise ClaimError(f"cannot read {path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ClaimError(f"{path} is not UTF-8 text: {error.reason}") from error


def _without_repeats(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found: dict[str, object] = {}
    for key, value in pairs:
        if key in found:
            raise ValueError(f"the key {key!r} occurs twice")
        found[key] = value
    return found


def _json_lines(content: str) -> list[ClaimText | BadRecord]:
    nothing = _Shared({}, (), "", Definitions({}))
    found: list[ClaimText | BadRecord] = []
    for number, line in enumerate(content.split("\n"), 1):
        if not line.strip():
            continue
        place = f"line {number}"
        try:
            record = json.loads(line, object_pairs_hook=_without_repeats)
        except (ValueError, RecursionError) as error:
            reason = "nested too deeply" if isinstance(error, RecursionError) else str(error)
            reason = error.msg if isinstance(error, json.JSONDecodeError) else reason
            found.append(BadRecord(f"line-{number}", place, f"not JSON: {reason}"))
            continue
        found.append(_record(record, place, f"line-{number}", nothing))
    return found


def _toml(content: str, path: Path) -> list[ClaimText | BadRecord]:
    lines = [content.count("\n", 0, match.start()) + 1 for match in _RECORD.finditer(content)]
    try:
        data = tomllib.loads(content)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        if not lines:
            raise ClaimError(
                f"{path} is neither TOML nor JSON lines: {error}; "
                "write [[claim]] tables with id, where and holds"
            ) from error
        data, tables = _salvaged(content, path, lines)
    else:
        tables = data.get("claim", [])
    if not isinstance(tables, list):
        raise ClaimError(f"{path}: claim is a list of tables: write [[claim]], not [claim]")
    if not tables:
        raise ClaimError(f"{path} has no [[claim]] table")
    shared = _shared(data, content, path)
    places = [f"line {number}" for number in lines]
    if len(places) != len(tables):
        places = [f"claim {number}" for number in range(1, len(tables) + 1)]
    return [
        _record(table, place, f"claim-{number}", shared)
        for number, (table, place) in enumerate(zip(tables, places, strict=True), 1)
    ]


def _salvaged(content: str, path: Path, lines: list[int]) -> tuple[dict[str, Any], list[Any]]:
    """What can be read of a file that is not TOML as a whole, table by table.

    Raises:
        ClaimError: what stands before the first claim cannot be read.
    """
    rows = content.split("\n")
    try:
        before = "\n".join(rows[: lines[0] - 1])
        data = tomllib.loads(before)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise ClaimError(f"{path} is {_not_toml(error, before)[1]}") from error
    tables: list[Any] = []
    for start, end in zip(lines, [*lines[1:], len(rows) + 1], strict=True):
        # Blank lines before it keep the line numbers of messages right.
        text = "\n" * (start - 1) + "\n".join(rows[start - 1 : end - 1])
        try:
            part = tomllib.loads(text)
        except (tomllib.TOMLDecodeError, RecursionError) as error:
            line, message = _not_toml(error, text)
            tables.append(BadRecord("", "", message, f"line {line}" if line else ""))
            continue
        tables += part.pop("claim")
        data |= part
    return data, tables


def _not_toml(error: Exception, text: str) -> tuple[int, str]:
    """The line of what is wrong with a text, or 0, and what it is."""
    message = f"not TOML: {error}"
    found = re.search(r"\(at line (\d+), column \d+\)$", message)
    if found is not None:
        return int(found[1]), message.replace(
            _END_INSIDE, f"{_END_INSIDE}, as a string is not closed"
        )
    rows = text.split("\n")
    last = len(rows)
    # The string begins in the last line but for which the rest of the text would be inside it.
    while last > max(1, len(rows) - MAX_ROWS) and _unterminated("\n".join(rows[: last - 1])):
        last -= 1
    if not _unterminated(text):
        return 0, message
    return last, f"not TOML: this string is not closed (at line {last})"


def _unterminated(text: str) -> bool:
    try:
        tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        return _OPEN_STRING.match(str(error)) is not None
    return False


def _shared(data: Mapping[str, Any], content: str, path: Path) -> _Shared:
    """What the claims of a file share.

    Raises:
        ClaimError: it cannot be read.
    """
    try:
        definitions = read_definitions(data, content, path, read_text)
    except DefinitionError as error:
        raise ClaimError(str(error)) from error
    table = data.get("shared", {})
    place = f"{path}, [shared]"
    if not isinstance(table, dict):
        raise ClaimError(f"{place}: write a table [shared] with vars and where")
    where, variables, source = _fields(table, place)
    hypotheses = []
    for number, item in enumerate(where, 1):
        try:
            text = definitions.expand(item, parse_formula)
            hypotheses.append(_Hypothesis(text, _names(text)))
        except ExpressionError as error:
            raise ClaimError(f"{place}: hypothesis {number}: {error.pointed()}") from error
        except DefinitionError as error:
            raise ClaimError(f"{place}: hypothesis {number}: {error}") from error
    return _Shared(variables, tuple(hypotheses), source, definitions)


def _fields(record: Mapping[str, Any], place: str) -> tuple[list[str], dict[str, str], str]:
    """The fields ``where``, ``vars`` and ``source`` of a table.

    Raises:
        ClaimError: one of them has the wrong form.
    """
    start = f"{place}: " if place else ""
    where = record.get("where", [])
    if isinstance(where, str):
        where = [where]
    if not isinstance(where, list) or not all(isinstance(item, str) for item in where):
        raise ClaimError(f"{start}where is a list of texts")
    variables = record.get("vars", {})
    if not isinstance(variables, dict) or not all(isinstance(v, str) for v in variables.values()):
        raise ClaimError(f'{start}vars is a table such as {{ n = "int" }}')
    for name, kind in variables.items():
        if kind not in ("real", "int"):
            raise ClaimError(f'{start}the kind of {name} is "real" or "int", got {kind!r}')
    source = record.get("source", "")
    return where, variables, source if isinstance(source, str) else ""


def _record(record: Any, place: str, fallback: str, shared: _Shared) -> ClaimText | BadRecord:
    if isinstance(record, BadRecord):
        return replace(record, id=fallback, place=place)
    if not isinstance(record, dict):
        return BadRecord(fallback, place, "a record is a table with id, where and holds")
    name = record.get("id", fallback)
    if not isinstance(name, str) or not name:
        return BadRecord(fallback, place, "id is a text that is not empty")
    if not isinstance(record.get("holds"), str):
        return BadRecord(name, place, "holds is missing: write the conclusion as a text")
    try:
        return _claim(record, name, place, shared)
    except (ClaimError, DefinitionError) as error:
        return BadRecord(name, place, str(error))


def _claim(record: Mapping[str, Any], name: str, place: str, shared: _Shared) -> ClaimText:
    """A claim, with what it shares and with definitions put in.

    Raises:
        ClaimError: an expression or a field cannot be read.
        DefinitionError: a defined name is used in a way that is not possible.
    """
    own, variables, source = _fields(record, "")
    defined = shared.definitions
    for variable in variables:
        if variable in defined:
            raise DefinitionError(f"vars names {variable}, which is defined as {defined[variable]}")
    where, holds = list(own), record["holds"]
    if not shared.empty:
        where = [_expanded(item, f"hypothesis {i}", defined) for i, item in enumerate(own, 1)]
        holds = _expanded(holds, "the conclusion", defined)
    common, kinds = shared.about((*where, holds))
    title = record.get("title", "")
    if not isinstance(title, str) or not title:
        title = record["holds"]
    claim = ClaimText(
        name,
        (*common, *where),
        holds,
        kinds | variables,
        title,
        source or shared.source,
        place,
        shared.misspelt((*own, record["holds"]), variables),
    )
    claim.parsed()
    return claim


def _expanded(item: str, what: str, definitions: Definitions) -> str:
    try:
        return definitions.expand(item, parse_formula)
    except ExpressionError as error:
        raise ClaimError(f"{what}: {error.pointed()}") from error
    except DefinitionError as error:
        raise DefinitionError(f"{what}: {error}") from error
