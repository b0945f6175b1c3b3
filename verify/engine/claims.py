"""Claims from text: one on the command line, or a file of them."""

from __future__ import annotations

import json
import shlex
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from verify.engine.cache import Cache
from verify.engine.decide import Question, decide
from verify.engine.recall import Keys, claim_still_right
from verify.engine.results import (
    Claim,
    Hypothesis,
    Mathematics,
    Result,
    StatementView,
)
from verify.engine.workers import Answer, Task, run_all
from verify.kernel.check import Sequent
from verify.kernel.poly import Refused
from verify.language.grammar import ExpressionError, parse_formula
from verify.language.render import latex, text
from verify.language.term import Formula, free_names, nnf

MAX_FILE = 50_000_000
KEPT = ("proved", "vacuous", "refuted")
"""Verdicts that the kernel can check again, so that they are worth keeping."""


class ClaimError(ValueError):
    """A claim that cannot be read: what is wrong, where, and what to write instead."""


@dataclass(frozen=True, slots=True)
class ClaimText:
    """A claim as written."""

    id: str
    where: tuple[str, ...]
    holds: str
    variables: Mapping[str, str]
    title: str = ""
    source: str = ""

    def parsed(self) -> Sequent:
        """Parse hypotheses and conclusion.

        Raises:
            ClaimError: an expression is not of the grammar, or a variable's kind is unknown.
        """
        hypotheses = [
            _parsed(item, f"hypothesis {number}") for number, item in enumerate(self.where, 1)
        ]
        conclusion = _parsed(self.holds, "the conclusion")
        names = free_names(conclusion).union(*(free_names(h) for h in hypotheses))
        for name, kind in self.variables.items():
            if kind not in ("real", "int"):
                raise ClaimError(f'the kind of {name} is "real" or "int", got {kind!r}')
        integers = frozenset(name for name, kind in self.variables.items() if kind == "int")
        return Sequent(tuple(map(nnf, hypotheses)), nnf(conclusion), integers & names)

    @property
    def command(self) -> str:
        """The command that asks this claim again."""
        parts = ["python -m verify claim", shlex.quote(self.holds)]
        parts += [f"--where {shlex.quote(item)}" for item in self.where]
        parts += [f"--int {name}" for name, kind in self.variables.items() if kind == "int"]
        return " ".join(parts)


def _parsed(item: str, what: str) -> Formula:
    try:
        return parse_formula(item)
    except ExpressionError as error:
        raise ClaimError(f"{what}: {error.pointed()}") from error


def check_claims(
    claims: Sequence[ClaimText],
    *,
    seconds: float,
    seed: int,
    jobs: int,
    cache: Cache | None = None,
) -> Iterator[tuple[int, Result]]:
    """Decide claims, each in a process of its own; yields results with their numbers.

    What the cache holds is taken from there once the kernel has checked it again.

    Raises:
        ClaimError: a claim cannot be read (before any of them is decided).
    """
    for claim in claims:
        claim.parsed()
    keys = [_key(claim, seconds, seed) for claim in claims]
    stored = [_stored(cache, key) for key in keys]
    tasks = [
        Task(_decided, (claim, seconds, seed, value), seconds)
        for claim, value in zip(claims, stored, strict=True)
    ]
    for index, answer in run_all(tasks, jobs):
        claim = claims[index]
        found = _claim_of(answer, claim, seconds)
        if cache is not None and answer.value != stored[index] and found.verdict in KEPT:
            cache.put(keys[index], msgspec.json.encode(found), settled=True)
        yield index, result_of(claim, found)


def _key(claim: ClaimText, seconds: float, seed: int) -> str:
    content = [list(claim.where), claim.holds, sorted(claim.variables.items())]
    return Keys(seconds, seed).of("claim", content)


def _stored(cache: Cache | None, key: str) -> bytes | None:
    entry = cache.get(key) if cache is not None else None
    return None if entry is None else entry.value


def _decided(claim: ClaimText, seconds: float, seed: int, stored: bytes | None) -> bytes:
    sequent = claim.parsed()
    if stored is not None:
        try:
            claim_still_right(sequent, stored)
        except (Refused, ValueError):
            # The kernel does not take it: decide it as if nothing had been stored.
            stored = None
    if stored is not None:
        return stored
    return msgspec.json.encode(decide(Question(sequent, {}, claim.command), seconds, seed))


def _claim_of(answer: Answer, claim: ClaimText, seconds: float) -> Claim:
    if answer.value is not None:
        return msgspec.json.decode(answer.value, type=Claim)
    if answer.failure == "time":
        tried = (f"stopped after {seconds:g} seconds",)
        return Claim("unknown", seconds=answer.seconds, tried=tried)
    if answer.failure == "memory":
        return Claim("unknown", seconds=answer.seconds, tried=("the memory limit was reached",))
    return Claim(
        "error",
        seconds=answer.seconds,
        explanation=f"the checker failed: {answer.failure}; to reproduce: {claim.command}",
    )


def result_of(claim: ClaimText, decided: Claim) -> Result:
    """A claim and its verdict as a result."""
    parsed = claim.parsed()
    return Result(
        id=claim.id,
        title=claim.title or claim.holds,
        kind="claim",
        tags=(),
        claim=decided,
        statement=StatementView(
            hypotheses=tuple(Hypothesis(text(h), latex(h)) for h in parsed.hypotheses),
            conclusion=Mathematics(text(parsed.conclusion), latex(parsed.conclusion)),
            where=claim.where,
            holds=claim.holds,
            variables=dict(claim.variables),
            note=claim.source,
        ),
    )


@dataclass(frozen=True, slots=True)
class BadRecord:
    """A record of a claims file that cannot be read: where it is, and why."""

    id: str
    place: str
    message: str


def read_claims(path: Path) -> list[ClaimText | BadRecord]:
    """The claims of a TOML file (``[[claim]]`` tables) or of a file of JSON lines, in order.

    Raises:
        ClaimError: the file cannot be read at all.
    """
    try:
        if path.stat().st_size > MAX_FILE:
            raise ClaimError(f"{path} is larger than {MAX_FILE // 1_000_000} MB")
        content = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ClaimError(f"cannot read {path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ClaimError(f"{path} is not UTF-8 text: {error.reason}") from error
    if path.suffix.lower() in (".jsonl", ".ndjson", ".json") or _looks_like_json(content):
        return _json_lines(content)
    try:
        data = tomllib.loads(content)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise ClaimError(
            f"{path} is neither TOML nor JSON lines: {error}; "
            "write [[claim]] tables with id, where and holds"
        ) from error
    return _toml_tables(data, content, path)


def _looks_like_json(content: str) -> bool:
    return content.lstrip()[:1] == "{"


def _json_lines(content: str) -> list[ClaimText | BadRecord]:
    found: list[ClaimText | BadRecord] = []
    for number, line in enumerate(content.split("\n"), 1):
        if not line.strip():
            continue
        place = f"line {number}"
        try:
            record = json.loads(line)
        except (json.JSONDecodeError, RecursionError) as error:
            reason = error.msg if isinstance(error, json.JSONDecodeError) else "nested too deeply"
            found.append(BadRecord(f"line-{number}", place, f"not JSON: {reason}"))
            continue
        found.append(_record(record, place, f"line-{number}"))
    return found


def _toml_tables(data: Mapping[str, Any], content: str, path: Path) -> list[ClaimText | BadRecord]:
    tables = data.get("claim", [])
    if not isinstance(tables, list):
        raise ClaimError(f"{path}: claim is a list of tables: write [[claim]], not [claim]")
    if not tables:
        raise ClaimError(f"{path} has no [[claim]] table")
    lines = [
        number
        for number, line in enumerate(content.split("\n"), 1)
        if line.strip().replace(" ", "").startswith("[[claim]]")
    ]
    places = [f"line {number}" for number in lines]
    if len(places) != len(tables):
        places = [f"claim {number}" for number in range(1, len(tables) + 1)]
    return [
        _record(table, place, f"claim-{number}")
        for number, (table, place) in enumerate(zip(tables, places, strict=True), 1)
    ]


def _record(record: Any, place: str, fallback: str) -> ClaimText | BadRecord:
    if not isinstance(record, dict):
        return BadRecord(fallback, place, "a record is a table with id, where and holds")
    name = record.get("id", fallback)
    if not isinstance(name, str) or not name:
        return BadRecord(fallback, place, "id is a text that is not empty")
    where = record.get("where", [])
    if isinstance(where, str):
        where = [where]
    if not isinstance(where, list) or not all(isinstance(item, str) for item in where):
        return BadRecord(name, place, "where is a list of texts")
    if not isinstance(record.get("holds"), str):
        return BadRecord(name, place, "holds is missing: write the conclusion as a text")
    variables = record.get("vars", {})
    if not isinstance(variables, dict) or not all(isinstance(v, str) for v in variables.values()):
        return BadRecord(name, place, 'vars is a table such as { n = "int" }')
    title, source = record.get("title", ""), record.get("source", "")
    claim = ClaimText(
        name,
        tuple(where),
        record["holds"],
        variables,
        title if isinstance(title, str) else "",
        source if isinstance(source, str) else "",
    )
    try:
        claim.parsed()
    except ClaimError as error:
        return BadRecord(name, place, str(error))
    return claim
