"""Claims from text: what one says, and what becomes of it."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import msgspec

from verify.engine.cache import Cache
from verify.engine.decide import Question, decide
from verify.engine.domains import missing
from verify.engine.keys import Keys, claim_still_right
from verify.engine.preload import preload
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

KEPT = ("proved", "vacuous", "refuted")
"""Verdicts that the kernel can check again, so that they are worth keeping."""


class ClaimError(ValueError):
    """A claim that cannot be read: what is wrong, where, and what to write instead."""


@dataclass(frozen=True, slots=True)
class ClaimText:
    """A claim as written, with the definitions of its file put in.

    ``place`` says where in the file it stands, ``note`` what its author may want to look at.
    """

    id: str
    where: tuple[str, ...]
    holds: str
    variables: Mapping[str, str]
    title: str = ""
    source: str = ""
    place: str = ""
    note: str = ""

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
    if None in stored:
        preload()
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
        findings=_notes(claim, parsed, decided),
    )


def _notes(claim: ClaimText, parsed: Sequent, decided: Claim) -> tuple[str, ...]:
    """What the author may want to look at."""
    notes = [claim.note] if claim.note else []
    needed = missing(parsed.conclusion, parsed.integers, decided.counterexample)
    if needed is not None:
        notes.append(
            f'A domain may have been forgotten: add "{text(needed)}" to where, if that is meant.'
        )
    return tuple(notes)
