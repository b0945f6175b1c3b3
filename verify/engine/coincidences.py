"""Statements that say the same, and statements that another one implies.

Two statements are compared as the kernel saw them: the obligations in their certificates. What is
found is plain from these: the same conclusion about the same definitions, under the same
hypotheses or under fewer.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from verify.engine.results import Result


@dataclass(frozen=True, slots=True)
class Coincidence:
    """Of two statements, ``first`` says all that ``second`` says; the same, if ``equal``."""

    first: str
    second: str
    equal: bool


@dataclass(frozen=True, slots=True)
class _Said:
    id: str
    conclusion: str
    hypotheses: frozenset[str]


def coincidences(results: Sequence[Result]) -> tuple[Coincidence, ...]:
    """The pairs of proved statements of which one says all that the other says, in order.

    A statement that is the same as an earlier one is compared with nothing else.
    """
    found: list[Coincidence] = []
    seen: dict[str, list[_Said]] = {}
    for result in results:
        said = _said(result)
        if said is None:
            continue
        others = seen.setdefault(said.conclusion, [])
        same = next((other for other in others if other.hypotheses == said.hypotheses), None)
        if same is not None:
            found.append(Coincidence(same.id, said.id, equal=True))
            continue
        for other in others:
            if other.hypotheses < said.hypotheses:
                found.append(Coincidence(other.id, said.id, equal=False))
            elif said.hypotheses < other.hypotheses:
                found.append(Coincidence(said.id, other.id, equal=False))
        others.append(said)
    return tuple(found)


def _said(result: Result) -> _Said | None:
    certificate = result.claim.certificate
    if result.claim.verdict != "proved" or certificate is None:
        return None
    theory = dict(certificate.get("theory") or {})
    # That indices differ is a hypothesis like the others.
    apart = [f"differ {json.dumps(pair)}" for pair in theory.pop("distinct", [])]
    hypotheses = [json.dumps(item) for item in certificate.get("hypotheses", [])]
    about = [certificate.get("conclusion"), certificate.get("probability"), theory]
    return _Said(result.id, json.dumps(about, sort_keys=True), frozenset((*hypotheses, *apart)))


def in_words(found: Sequence[Coincidence]) -> tuple[str, ...]:
    """The coincidences as sentences, those between the parts of the same two lemmas together."""
    groups: dict[tuple[str, str, bool], list[Coincidence]] = {}
    for item in found:
        key = (item.first.split("/")[0], item.second.split("/")[0], item.equal)
        groups.setdefault(key, []).append(item)
    sentences = []
    for (_, _, equal), items in groups.items():
        verb = "say the same as" if equal else "follow at once from"
        single = "says the same as" if equal else "follows at once from"
        seconds = ", ".join(item.second for item in items)
        firsts = ", ".join(item.first for item in items)
        tail = ", in this order" if len(items) > 1 else ""
        why = "" if equal else ": the same conclusion under fewer hypotheses"
        sentences.append(f"{seconds} {verb if tail else single} {firsts}{tail}{why}.")
    return tuple(sentences)
