"""Statements that ask the same question under different names, such as a lemma stated twice.

What was found about the first is confirmed for the other instead of being searched for again: the
kernel has to accept its certificate for the other's own obligation. Where it does not, the other
gets a search of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, TypeVar

import msgspec

from verify.engine.formal import Formal
from verify.engine.keys import Memory
from verify.engine.recall import NoKey, claim_right, content
from verify.engine.results import Result
from verify.engine.versions import digest
from verify.kernel.poly import Refused
from verify.language.statement import Hypothesis, Paper, PrintedProof, Statement

Struct = TypeVar("Struct", bound=msgspec.Struct)


def question(paper: Paper, statement: Statement) -> str | None:
    """A digest of what is asked: all but the words, the reference values and the printed proof.

    None where it cannot be written down.
    """
    params = tuple(replace(param, about="", reference=0) for param in statement.params)
    relations = tuple(
        Hypothesis(item.relation) for item in statement.hypotheses if item.relation is not None
    )
    plain = replace(
        statement,
        id="",
        title="",
        heading="",
        kind="lemma",
        section="",
        params=params,
        hypotheses=relations,
        definitions=(),
        uses=(),
        proof=PrintedProof(),
        provenance=(),
        tags=(),
        note="",
        radius=None,
        variance=None,
        variants=(),
        readings=(),
    )
    try:
        return digest([paper.origin, content(plain)])
    except NoKey:
        return None


def alike(paper: Paper, statements: Sequence[Statement]) -> dict[int, int]:
    """For the number of each statement that asks what an earlier one asks, that one's number."""
    first: dict[str, int] = {}
    found = {}
    for number, statement in enumerate(statements):
        asked = question(paper, statement)
        if asked is not None and first.setdefault(asked, number) != number:
            found[number] = first[asked]
    return found


def borrowed(statement: Statement, formal: Formal, known: Result) -> Result | None:
    """What is known about a statement that asks the same, if it is right for this one as well.

    The printed proof is not taken: each statement has its own.
    """
    if known.claim.verdict not in ("proved", "refuted"):
        return None
    try:
        claim_right(statement, formal, known.claim, Memory())
    except (Refused, ValueError):
        return None
    return _renamed(known, known.id, statement.id)


def _renamed(known: Struct, old: str, new: str) -> Struct:
    """With the commands that reproduce a point asking for the other statement."""

    def walk(item: Any, name: str = "") -> Any:
        if isinstance(item, dict):
            return {key: walk(value, key) for key, value in item.items()}
        if isinstance(item, list | tuple):
            return [walk(value) for value in item]
        if name == "command" and isinstance(item, str):
            return item.replace(f" at {old} ", f" at {new} ")
        return item

    return msgspec.convert(walk(msgspec.to_builtins(known)), type(known))
