"""The probability of an event of random signs at one parameter point."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from flint import arb

from verify.engine.pieces import Pieces
from verify.engine.proportions import Combination, Proportions, proportions
from verify.kernel.chance import NetworkEvent, SignEvent, Weight
from verify.language.term import Term
from verify.probe.network import ColumnLaw, Row, column, none_of
from verify.probe.signs import (
    BallGroup,
    Group,
    LawError,
    Probability,
    tail,
    tail_ball,
    tail_enclosure,
    two_sided,
    two_sided_ball,
    two_sided_enclosure,
)

EXACT_SIGNS = 20_000


def probability_of(event: SignEvent | NetworkEvent, pieces: Pieces) -> Probability:
    """The probability of an event: exact where that is within reach, else an enclosure.

    Raises:
        Unsupported: a weight cannot be evaluated at the point.
        Refused: a weight has no normal form whose sign is known.
        LawError: the law of so many different weights is out of reach.
    """
    if isinstance(event, NetworkEvent):
        return _network(event, pieces)
    weights, counts = _groups(event.weights, pieces)
    law = _Law(weights, counts, pieces.value(event.threshold))
    if not event.absolute:
        if event.op in (">=", ">"):
            return law.tail(event.op == ">")
        return law.tail(event.op == "<=").complement()
    if event.op in ("<=", "<"):
        return law.two_sided(event.op == "<")
    return law.two_sided(event.op == ">=").complement()


def weights_of(
    event: SignEvent | NetworkEvent, pieces: Pieces
) -> tuple[Sequence[Sequence[Term]], list[int]]:
    """A line of weights for each kind of row, one weight for each group of signs; the sizes of the
    groups.

    Raises:
        Unsupported: a weight cannot be evaluated at the point.
    """
    if isinstance(event, SignEvent) or event.index is None:
        values, counts = _groups(event.weights, pieces)
        return [values], counts
    family = event.weights[0]
    rows, size = pieces.integer(event.rows), pieces.integer(family.count)
    _, groups, table = pieces.grid(family.weight, event.index, rows, family.index or "", size)
    return table, [count for _, count in groups]


def _groups(weights: Sequence[Weight], pieces: Pieces) -> tuple[list[Term], list[int]]:
    """The values of the weights, and how many signs have each."""
    values: list[Term] = []
    counts: list[int] = []
    for weight in weights:
        size = pieces.integer(weight.count)
        if weight.index is None:
            values.append(pieces.value(weight.weight))
            counts.append(size)
            continue
        apart = [pieces.integer(exception) for exception in weight.exceptions]
        for piece in pieces.pieces(weight.weight, weight.index, size, apart):
            if piece.at not in apart:
                values.append(piece.value)
                counts.append(piece.count)
    return values, counts


class _Law:
    """Signs with weights and a threshold, all in the same proportion."""

    def __init__(self, weights: list[Term], counts: list[int], threshold: Term) -> None:
        known = proportions([*weights, threshold])
        self._known, self._counts = known, counts
        self._weights, self._threshold = known.parts[:-1], known.parts[-1]

    def tail(self, strict: bool) -> Probability:
        """Pr[X > threshold] or Pr[X >= threshold]."""
        if self._known.basis is not None:
            balls = self._ball_groups()
            return tail_ball(balls, self._threshold, strict, basis=self._known.balls)
        groups, threshold = self._rational_groups(), self._threshold[0]
        if sum(self._counts) <= EXACT_SIGNS:
            try:
                return tail(groups, threshold, strict)
            except LawError:
                pass  # too many different weights for an exact answer
        return tail_enclosure(groups, threshold, strict)

    def two_sided(self, strict: bool) -> Probability:
        """Pr[|X| < threshold] or Pr[|X| <= threshold]."""
        if self._known.basis is not None:
            balls = self._ball_groups()
            return two_sided_ball(balls, self._threshold, strict, basis=self._known.balls)
        groups, threshold = self._rational_groups(), self._threshold[0]
        if sum(self._counts) <= EXACT_SIGNS:
            try:
                return two_sided(groups, threshold, strict)
            except LawError:
                pass
        return two_sided_enclosure(groups, threshold, strict)

    def _rational_groups(self) -> list[Group]:
        return [Group(w[0], n) for w, n in zip(self._weights, self._counts, strict=True)]

    def _ball_groups(self) -> list[BallGroup]:
        return [BallGroup(w, n) for w, n in zip(self._weights, self._counts, strict=True)]


def _network(event: NetworkEvent, pieces: Pieces) -> Probability:
    """All columns stay at or below the threshold in every row with probability (1 - p)^m."""
    columns = pieces.integer(event.columns)
    threshold = pieces.value(event.threshold)
    if event.index is None:
        weights, counts = _groups(event.weights, pieces)
        reach = _Law(weights, counts, threshold).tail(strict=True)
    else:
        reach = _some_row(event, threshold, pieces)
    none = none_of(reach, columns, 128)
    return none.complement() if event.positive else none


def _some_row(event: NetworkEvent, threshold: Term, pieces: Pieces) -> Probability:
    """The probability that some row exceeds the threshold in one column."""
    if len(event.weights) != 1 or event.weights[0].index is None or event.index is None:
        raise LawError("a network has one family of weights")
    family = event.weights[0]
    rows, columns, table = pieces.grid(
        family.weight,
        event.index,
        pieces.integer(event.rows),
        family.index or "",
        pieces.integer(family.count),
    )
    return some_row(table, [n for _, n in rows], [n for _, n in columns], threshold)


def some_row(
    table: Sequence[Sequence[Term]], counts: Sequence[int], sizes: Sequence[int], threshold: Term
) -> Probability:
    """The probability that some row exceeds the threshold for one column of signs.

    ``table`` has the weights of each kind of row, one for each group of signs; ``counts`` says how
    many rows are of the kind, ``sizes`` how many signs are in the group.

    Raises:
        Refused: a weight has no normal form whose sign is known.
        LawError: the law of so many different weights is out of reach.
    """
    known = proportions([*(value for line in table for value in line), threshold])
    width = len(sizes)
    lines = [known.parts[i * width : (i + 1) * width] for i in range(len(counts))]
    merged: dict[tuple[Combination, ...], int] = {}
    for line, count in zip(lines, counts, strict=True):
        merged[line] = merged.get(line, 0) + count
    if len(merged) == 1:
        # All rows are equal, so that they exceed the threshold together.
        return _Law(list(table[0]), list(sizes), threshold).tail(strict=True)
    rational = known.basis is None
    law = ColumnLaw(
        tuple(Row(_weights(line, rational), count) for line, count in merged.items()), tuple(sizes)
    )
    return _column(law, known, known.parts[-1])


def _weights(line: tuple[Combination, ...], rational: bool) -> tuple[Fraction | Combination, ...]:
    return tuple(weight[0] for weight in line) if rational else line


def _column(law: ColumnLaw, known: Proportions, threshold: Combination) -> Probability:
    if known.basis is None:
        return column(law, threshold[0])

    def balls(precision: int) -> Sequence[arb]:
        return known.balls(precision)

    return column(law, threshold, basis=balls)
