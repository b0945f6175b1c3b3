"""How verdicts are shown: order, symbol and meaning of each, in every form of the report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import get_args

from verify.engine.results import ProofVerdict, Result, Verdict


@dataclass(frozen=True, slots=True)
class Look:
    """What a reader is told about a verdict.

    ``symbol`` is a character for the terminal, ``style`` its colour there, ``meaning`` a sentence.
    """

    symbol: str
    style: str
    meaning: str


CLAIM: dict[str, Look] = {
    "error": Look(
        "!", "bold magenta", "the checker itself failed: this says nothing about the statement"
    ),
    "refuted": Look(
        "✗",
        "bold red",
        "false: a counterexample was re-evaluated exactly in the statement as given",
    ),
    "vacuous": Look(
        "∅", "yellow", "no parameter value satisfies the hypotheses, so nothing is claimed"
    ),
    "unknown": Look(
        "?", "bold yellow", "neither proved nor refuted within the time given to the search"
    ),
    "unrecoverable": Look(
        "–", "dim", "the statement is lost from the source, so it was not checked"
    ),
    "sampled": Look(
        "≈", "blue", "no counterexample among the points tried; nothing more is promised"
    ),
    "enclosed": Look(
        "□", "blue", "proved by rigorous enclosures on the stated bounded part of the domain only"
    ),
    "assumed": Look("§", "cyan", "taken from the literature, not proved here"),
    "attested": Look(
        "○", "green", "an outside solver says that it holds; the kernel had nothing to re-check"
    ),
    "proved": Look(
        "✓",
        "bold green",
        "holds for every parameter value of the domain; the kernel accepted a certificate",
    ),
}
"""The claim verdicts from the worst to the best."""

PROOF: dict[str, Look] = {
    "gap": Look(
        "✗", "bold yellow", "a step or a citation of the printed proof does not hold as it stands"
    ),
    "unknown": Look("?", "yellow", "some step of the printed proof could not be decided"),
    "none given": Look("–", "dim", "the source prints no proof"),
    "supported": Look(
        "✓", "green", "every step and every citation of the printed proof was checked and holds"
    ),
}
"""The printed-proof verdicts from the worst to the best."""

CITATION: dict[str, Look] = {
    "does not serve": Look("✗", "bold yellow", "the cited statement does not give what is used"),
    "unknown": Look("?", "yellow", "it could not be decided whether the cited statement serves"),
    "serves": Look("✓", "green", "its hypotheses hold there, and it concludes what is used"),
}

ATTENTION = ("refuted", "vacuous", "error", "unknown")
"""Claim verdicts that a reader must see before anything else, in this order."""

PROVENANCE = {
    "T": ("forced", "forced by the surviving words of the source: no other reading fits them"),
    "D": ("derived", "derived: the only thing that follows from the definitions at that place"),
    "C": (
        "chosen",
        "chosen: this constant is lost from our copy of the source, and the symbol or value "
        "written here stands in for it",
    ),
}

assert set(CLAIM) == set(get_args(Verdict))
assert set(PROOF) == set(get_args(ProofVerdict))

_CLAIM_RANK = {verdict: rank for rank, verdict in enumerate(CLAIM)}
_PROOF_RANK = {verdict: rank for rank, verdict in enumerate(PROOF)}


def claim_rank(verdict: str) -> int:
    """Larger is better."""
    return _CLAIM_RANK[verdict]


def proof_rank(verdict: str) -> int:
    """Larger is better."""
    return _PROOF_RANK[verdict]


def claim_counts(results: Iterable[Result]) -> dict[str, int]:
    """How many results have each claim verdict, best first, none of them zero."""
    found: Counter[str] = Counter(result.claim.verdict for result in results)
    return {verdict: found[verdict] for verdict in reversed(CLAIM) if found[verdict]}


def proof_counts(results: Iterable[Result]) -> dict[str, int]:
    """How many results have each printed-proof verdict, best first, none of them zero."""
    found: Counter[str] = Counter(result.proof.verdict for result in results)
    return {verdict: found[verdict] for verdict in reversed(PROOF) if found[verdict]}


def plural(count: int, noun: str, many: str = "") -> str:
    """``1 gap``, ``2 gaps``."""
    return f"{count} {noun if count == 1 else many or noun + 's'}"


def headline(results: Iterable[Result]) -> str:
    """One line: ``89 parts: 61 proved, 3 refuted; printed proofs: 40 supported, 9 gaps``."""
    every = list(results)
    rows = [result for result in every if result.claim.verdict != "unrecoverable"]
    lost = len(every) - len(rows)
    tail = f"; {lost} more lost from the source" if lost else ""
    if not rows:
        return "Nothing was checked" + tail
    claims = ", ".join(
        plural(count, "error") if verdict == "error" else f"{count} {verdict}"
        for verdict, count in claim_counts(rows).items()
    )
    proofs = ", ".join(
        plural(count, "gap") if verdict == "gap" else f"{count} {verdict}"
        for verdict, count in proof_counts(rows).items()
    )
    if all(result.proof.verdict == "none given" for result in rows):
        proofs = ""
    else:
        proofs = f"; printed proofs: {proofs}"
    return f"{plural(len(rows), 'part')}: {claims}{proofs}{tail}"
