"""What every form of the report shows, taken from the document: groups, findings, trust."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from verify.engine.results import Counterexample, Document, Result
from verify.report import verdicts


@dataclass(frozen=True, slots=True)
class Group:
    """A numbered statement of the paper with its parts, in the order of the document."""

    id: str
    parts: tuple[Result, ...]

    @property
    def title(self) -> str:
        """The statement's own title, else what the titles of its parts have in common."""
        heading = self.parts[0].statement.heading
        if heading or len(self.parts) == 1:
            return heading or self.parts[0].title
        return _common([part.title for part in self.parts])

    @property
    def kind(self) -> str:
        return self.parts[0].kind

    @property
    def section(self) -> str:
        return self.parts[0].statement.section

    @property
    def single(self) -> bool:
        """Whether the statement is its only part."""
        return len(self.parts) == 1 and self.parts[0].id == self.id

    @property
    def claim(self) -> str:
        """The worst verdict on the claims."""
        return min((part.claim.verdict for part in self.parts), key=verdicts.claim_rank)

    @property
    def proof(self) -> str:
        """The worst verdict on the printed proofs."""
        return min((part.proof.verdict for part in self.parts), key=verdicts.proof_rank)

    @property
    def axioms(self) -> tuple[str, ...]:
        return unique(axiom for part in self.parts for axiom in part.claim.axioms)

    @property
    def seconds(self) -> float:
        return sum(part.claim.seconds for part in self.parts)


@dataclass(frozen=True, slots=True)
class Notice:
    """A line of the summary: which result it is about, and what a reader should know."""

    id: str
    words: str


def groups(document: Document) -> tuple[Group, ...]:
    """The results by the number before the first slash, in the order of first appearance."""
    found: dict[str, list[Result]] = {}
    for result in document.results:
        found.setdefault(base(result.id), []).append(result)
    return tuple(Group(key, tuple(parts)) for key, parts in found.items())


def base(identifier: str) -> str:
    """The statement that a part belongs to: ``6.6`` for ``6.6/1a``."""
    return identifier.partition("/")[0] or identifier


def unique(items: Iterable[str]) -> tuple[str, ...]:
    """The items without repetition, in order."""
    return tuple(dict.fromkeys(items))


def title(document: Document) -> str:
    """What the report is about."""
    return document.paper.title if document.paper else "Claims"


def attention(document: Document) -> tuple[Notice, ...]:
    """Claims that failed or stayed open, worst first, each with its reason."""
    chosen = [r for r in document.results if r.claim.verdict in verdicts.ATTENTION]
    chosen.sort(key=lambda result: verdicts.claim_rank(result.claim.verdict))
    return tuple(Notice(result.id, why(result)) for result in chosen)


def gaps(document: Document) -> tuple[Notice, ...]:
    """Printed proofs that do not support their claim, each with the first thing that fails."""
    return tuple(
        Notice(result.id, gap(result)) for result in document.results if result.proof.verdict == "gap"
    )


def why(result: Result) -> str:
    """One sentence on why the claim is not proved; empty where it is."""
    claim = result.claim
    if claim.verdict == "refuted" and claim.counterexample:
        return "fails at " + at(claim.counterexample)
    if claim.verdict == "unknown":
        return "tried: " + ", ".join(claim.tried) if claim.tried else "not decided"
    if claim.verdict == "proved":
        return ""
    return claim.method or verdicts.CLAIM[claim.verdict].meaning


def at(counterexample: Counterexample) -> str:
    """The point of a counterexample in one line, long values shortened."""
    point = ", ".join(f"{name} = {short(value)}" for name, value in counterexample.point.items())
    if counterexample.undefined is not None:
        return f"{point or 'every point'}, where {counterexample.undefined} is undefined"
    if counterexample.left is not None and counterexample.right is not None:
        sides = f"left {short(counterexample.left)}, right {short(counterexample.right)}"
        return f"{point} ({sides})" if point else sides
    return point


def gap(result: Result) -> str:
    """The first step or citation of the printed proof that does not hold."""
    for step in result.proof.steps:
        if step.verdict in verdicts.ATTENTION:
            return f"step {step.equation or step.index}: {step.text} ({step.verdict})"
    for citation in result.proof.citations:
        if citation.verdict != "serves":
            return f"citation of {citation.id} {citation.verdict}: {citation.why}".rstrip(": ")
    return result.proof.note


def short(value: str, limit: int = 24) -> str:
    """A number as it stands, or, if it is long, an approximation that says so."""
    if len(value) <= limit:
        return value
    number = approximate(value)
    return f"≈ {number:.6g}" if number is not None else value[: limit - 1] + "…"


_BALL = re.compile(r"^\[?\s*([-+0-9.eE]+)(?:\s*\+/-\s*[-+0-9.eE]+)?\s*\]?$")


def approximate(value: str | None) -> float | None:
    """A float near a rational ``p/q``, decimal or ball, to sort and to show; it decides nothing."""
    if value is None:
        return None
    found = _BALL.match(value)
    text = found.group(1) if found else value
    if len(text) > 10_000 or re.search(r"[eE][-+]?\d{5}", text):
        return None
    try:
        return float(Fraction(text))
    except (ValueError, ZeroDivisionError, OverflowError):
        return None


def command(document: Document, identifier: str) -> str:
    """The command that runs one statement again, for the pack of the run."""
    return shlex.join(["python", "-m", "verify", "check", identifier, *_pack(document)])


def _pack(document: Document) -> list[str]:
    try:
        words = shlex.split(document.run.command)
    except ValueError:
        return []
    for position, word in enumerate(words):
        if word == "--pack" and position + 1 < len(words):
            return words[position : position + 2]
        if word.startswith("--pack="):
            return [word]
    return []


def axioms(document: Document) -> dict[str, tuple[str, ...]]:
    """Each cited fact that some result rests on, with those results."""
    found: dict[str, list[str]] = {}
    for result in document.results:
        for axiom in result.claim.axioms:
            found.setdefault(axiom, []).append(result.id)
    return {axiom: tuple(ids) for axiom, ids in sorted(found.items())}


def with_verdict(document: Document, *wanted: str) -> tuple[str, ...]:
    """The ids of the results with one of these claim verdicts."""
    return tuple(result.id for result in document.results if result.claim.verdict in wanted)


def duration(seconds: float) -> str:
    """``0.4 s``, ``12 s``, ``3 min 20 s``, ``2 h 5 min``."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def printable(text: str) -> str:
    """The text without the characters that steer a terminal or are not allowed in XML."""
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", text)


_CONTROL = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)


def _common(titles: list[str]) -> str:
    """The longest run of words with which all titles begin, without trailing punctuation."""
    rows = [title.split() for title in titles]
    shared: list[str] = []
    for words in zip(*rows, strict=False):
        if len(set(words)) > 1:
            break
        shared.append(words[0])
    while shared and shared[-1].strip(",;:()").lower() in ("part", "case", "for", "and", "the", ""):
        shared.pop()
    return " ".join(shared).rstrip(",;:( ") or titles[0]
