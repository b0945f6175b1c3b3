"""How the packs write statements: provenance tags, chains of steps, matrices entry by entry."""

from collections.abc import Callable, Sequence
from typing import Any

from sympy import Add, KroneckerDelta, symbols

from verify.language.statement import Array, Expression, Param, Provenance, Statement, Step


def T(piece: str, reason: str) -> Provenance:
    """Forced by the text."""
    return Provenance("T", piece, reason)


def D(piece: str, reason: str) -> Provenance:
    """Derived: the only thing that follows from the definitions at that place."""
    return Provenance("D", piece, reason)


def C(piece: str, reason: str) -> Provenance:
    """Chosen: the source leaves it open, or has lost it."""
    return Provenance("C", piece, reason)


def declare(*, provenance: tuple[Provenance, ...], **fields: Any) -> Statement:
    """A statement, tagged with the tags of its provenance in the order T, D, C."""
    found = {item.tag for item in provenance}
    tags = tuple(tag for tag in ("T", "D", "C") if tag in found)
    return Statement(provenance=provenance, tags=tags, **fields)


def chain(
    first: Expression,
    *links: tuple[Callable[[Expression, Expression], Expression], Expression, str],
    equation: str = "",
    given: tuple[Expression, ...] = (),
) -> tuple[Step, ...]:
    """A displayed chain ``first relation right, right relation ..`` with the reason of each step.

    Its equation number, if it has one, goes to the last step.
    """
    lefts = (first, *(right for _, right, _ in links))
    last = len(links) - 1
    return tuple(
        Step(relation(left, right), reason, equation if place == last else "", given, tag="T")
        for place, (left, (relation, right, reason)) in enumerate(zip(lefts, links, strict=False))
    )


Rows = tuple[tuple[Expression, ...], ...]


def square(letter: str) -> Rows:
    """The symbols ``x_11, x_12, x_21, x_22`` of a 2 x 2 matrix."""
    return tuple(tuple(symbols(f"{letter}_{i}1 {letter}_{i}2")) for i in (1, 2))


def vector(letter: str, length: int = 2) -> tuple[Expression, ...]:
    """The symbols ``x_1, x_2, ..`` of a vector."""
    return tuple(symbols(f"{letter}_1:{length + 1}"))


def matrix(name: str, row: Any, column: Any, entries: Sequence[Sequence[Expression]]) -> Array:
    """The array ``name[row, column]`` with the given entries, for indices from 1."""
    parts = (
        entry * KroneckerDelta(row, i) * KroneckerDelta(column, j)
        for i, line in enumerate(entries, 1)
        for j, entry in enumerate(line, 1)
    )
    return Array(name, (row, column), Add(*parts))


def column(name: str, index: Any, entries: Sequence[Expression]) -> Array:
    """The array ``name[index]`` with the given entries, for an index from 1."""
    parts = (entry * KroneckerDelta(index, i) for i, entry in enumerate(entries, 1))
    return Array(name, (index,), Add(*parts))


def reals(about: str, *entries: Expression, reference: Expression = 1) -> tuple[Param, ...]:
    """Real parameters, one for each symbol, all with the same reference value."""
    return tuple(Param(entry, about, reference) for entry in entries)
