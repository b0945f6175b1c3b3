"""What is found out about a paper as a whole: pictures, and whether its parts fit together.

Each piece is computed in a process of its own, with a time limit, and kept in the cache.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import msgspec

from verify.engine.cache import Cache
from verify.engine.keys import Keys
from verify.engine.recall import NoKey, statement_content
from verify.engine.results import OF, Figure, RegimeResult, ThresholdResult
from verify.engine.workers import Task, run_all
from verify.language.picture import Plot
from verify.language.statement import Paper, Probability, Threshold

SECONDS = 120.0
"""The time for each piece; a report is complete without it."""

DECIDED = ("regime", "threshold")
"""The kinds of pieces with a verdict, which is reached anew each time."""


LONG = 12
"""Longer numbers are described in findings."""


@dataclass(frozen=True)
class Whole:
    """Pictures, what does not fit, answers to declared questions, and why something is missing."""

    figures: tuple[Figure, ...] = ()
    findings: tuple[str, ...] = ()
    regimes: tuple[RegimeResult, ...] = ()
    thresholds: tuple[ThresholdResult, ...] = ()
    problems: tuple[str, ...] = ()


def said(answers: Sequence[RegimeResult | ThresholdResult]) -> tuple[str, ...]:
    """Answers about the whole paper, as findings; those to one question about many statements in a
    sentence."""
    shared: dict[str, list[str]] = {}
    found: list[str] = []
    for answer in answers:
        question, of, ids = answer.title.partition(OF)
        if answer.verdict != "proved":
            found.append(f"{answer.title}: not proved: {answer.text}.")
        elif isinstance(answer, ThresholdResult) and of:
            shared.setdefault(question, []).append(f"{_size(answer.least)} for {ids}")
        else:
            found.append(f"{answer.title}: {answer.text}.")
    for question, sizes in shared.items():
        found.append(f"{question}: the finite forms hold from {'; '.join(sizes)}.")
    return tuple(found)


def _size(least: str | None) -> str:
    """A least size in words."""
    if least is None:
        return "no size"
    return least if len(least) <= LONG else f"a number of {len(least)} digits"


@dataclass(frozen=True)
class _Piece:
    """``function`` takes the paper, the names, the seed and what was kept; ``uses`` are statements
    it reads."""

    kind: str
    names: tuple[str, ...]
    uses: frozenset[str]
    function: Callable[[Paper, tuple[str, ...], int, bytes | None], bytes]


class WholePaper:
    """Everything about the paper that concerns the statements with these ids."""

    def __init__(self, paper: Paper, shown: Sequence[str], seed: int, cache: Cache | None) -> None:
        self.paper, self.seed, self.cache = paper, seed, cache
        self.pieces = list(_pieces(paper, frozenset(shown)))

    @cached_property
    def keys(self) -> list[str | None]:
        """The keys of the pieces."""
        if self.cache is None:
            return [None] * len(self.pieces)
        return [_key(self.paper, piece, self.seed) for piece in self.pieces]

    @cached_property
    def kept(self) -> dict[int, bytes]:
        """The pieces that are in the cache and can be read, looked up once."""
        found = {}
        for place, key in enumerate(self.keys):
            entry = None if self.cache is None or key is None else self.cache.get(key)
            if entry is not None and _readable(self.pieces[place], entry.value):
                found[place] = entry.value
        return found

    def computed(self, jobs: int) -> Whole:
        """All pieces together: what is kept, and what had to be computed for it.

        A verdict is not believed: what is kept of it are proofs, to be tried first.
        """
        problems: list[str] = []
        answers = {p: v for p, v in self.kept.items() if self.pieces[p].kind not in DECIDED}
        waiting = [place for place in range(len(self.pieces)) if place not in answers]
        tasks = [self._task(place) for place in waiting]
        for number, answer in run_all(tasks, jobs):
            place, key = waiting[number], self.keys[waiting[number]]
            if answer.value is None:
                what = f"{self.pieces[place].kind} {', '.join(self.pieces[place].names)}"
                problems.append(f"not computed: {what}: {answer.failure}")
                if self.cache is not None and key is not None:
                    self.cache.drop(key)
                continue
            answers[place] = answer.value
            if self.cache is not None and key is not None and answer.value != self.kept.get(place):
                self.cache.put(key, answer.value, True)
        return _together(self.paper, self.pieces, answers, problems)

    def _task(self, place: int) -> Task:
        piece, kept = self.pieces[place], self.kept.get(place)
        return Task(piece.function, (self.paper, piece.names, self.seed, kept), SECONDS)


def _pieces(paper: Paper, shown: frozenset[str]) -> Iterator[_Piece]:
    plots = [plot for plot in paper.plots if plot.statement in shown]
    for group in _sharing(plots):
        uses = frozenset[str]().union(*map(_subjects, group))
        yield _Piece("pictures", tuple(plot.id for plot in group), uses, _figures)
    everything = frozenset(statement.id for statement in paper.statements)
    users = [
        statement.id
        for statement in paper.statements
        if statement.id in shown and any(item.growth for item in statement.hypotheses)
    ]
    if users:
        yield _Piece("ranges", tuple(users), everything, _ranges)
    for regime in paper.regimes:
        if frozenset(regime.statements) <= shown:
            yield _Piece("regime", (regime.title,), frozenset(regime.statements), _regime)
    for item in paper.thresholds:
        asked = frozenset(_asked(paper, item)) & shown
        if asked:
            yield _Piece("threshold", (item.title, *sorted(asked)), asked, _threshold)


def _asked(paper: Paper, item: Threshold) -> tuple[str, ...]:
    """The statements that a threshold is about."""
    if item.statement:
        return (item.statement,)
    name = str(item.variable)
    return tuple(
        statement.id
        for statement in paper.statements
        if isinstance(statement.conclusion, Probability)
        and any(p.name == name and p.determined_by is None for p in statement.params)
    )


def _together(
    paper: Paper, pieces: Sequence[_Piece], answers: dict[int, bytes], problems: Sequence[str]
) -> Whole:
    drawn: dict[str, Figure] = {}
    whole = Whole(problems=tuple(sorted(problems)))
    for place, value in sorted(answers.items()):
        match pieces[place].kind:
            case "pictures":
                found = msgspec.json.decode(value, type=tuple[Figure, ...])
                drawn.update((figure.id, figure) for figure in found)
            case "ranges":
                said = msgspec.json.decode(value, type=tuple[str, ...])
                whole = replace(whole, findings=(*whole.findings, *said))
            case "regime":
                regime = msgspec.json.decode(value, type=RegimeResult)
                whole = replace(whole, regimes=(*whole.regimes, regime))
            case "threshold":
                more = _thresholds(value)
                whole = replace(whole, thresholds=(*whole.thresholds, *more))
    ordered = tuple(drawn[plot.id] for plot in paper.plots if plot.id in drawn)
    return replace(whole, figures=ordered)


_TYPES: dict[str, Any] = {
    "pictures": tuple[Figure, ...],
    "ranges": tuple[str, ...],
    "regime": RegimeResult,
    "threshold": ThresholdResult | tuple[ThresholdResult, ...],
}


def _readable(piece: _Piece, value: bytes) -> bool:
    try:
        msgspec.json.decode(value, type=_TYPES[piece.kind])
    except msgspec.MsgspecError:
        return False
    return True


def _sharing(plots: Sequence[Plot]) -> list[list[Plot]]:
    """Plots of the same statements in one group: what is derived from a statement is shared."""
    groups: list[tuple[frozenset[str], list[Plot]]] = []
    for plot in plots:
        names, members = _subjects(plot), [plot]
        apart = []
        for group in groups:
            if group[0] & names:
                names, members = group[0] | names, [*group[1], *members]
            else:
                apart.append(group)
        groups = [*apart, (names, members)]
    return [members for _, members in groups]


def _subjects(plot: Plot) -> frozenset[str]:
    curves = {curve.statement for curve in plot.curves}
    return frozenset(curves | {boundary.statement for boundary in plot.boundaries})


def _key(paper: Paper, piece: _Piece, seed: int) -> str | None:
    used = [item for item in paper.statements if item.id in piece.uses]
    try:
        content = [statement_content(paper, item) for item in used]
        return Keys(SECONDS, seed).of(piece.kind, [list(piece.names), content])
    except NoKey:
        return None


# What a piece is computed with is imported there: a piece that is kept needs none of it.


def _figures(paper: Paper, names: tuple[str, ...], seed: int, kept: bytes | None) -> bytes:
    from verify.engine.figures import figures  # noqa: PLC0415

    del seed, kept
    return msgspec.json.encode(figures(paper, names))


def _ranges(paper: Paper, names: tuple[str, ...], seed: int, kept: bytes | None) -> bytes:
    from verify.engine.ranges import range_findings  # noqa: PLC0415

    del seed, kept
    return msgspec.json.encode(range_findings(paper, names))


def _regime(paper: Paper, names: tuple[str, ...], seed: int, kept: bytes | None) -> bytes:
    from verify.engine.regimes import decide_regime  # noqa: PLC0415

    (regime,) = [item for item in paper.regimes if item.title in names]
    known = () if kept is None else msgspec.json.decode(kept, type=RegimeResult).steps
    return msgspec.json.encode(decide_regime(regime, seed, known))


def _threshold(paper: Paper, names: tuple[str, ...], seed: int, kept: bytes | None) -> bytes:
    from verify.engine.thresholds import decide_threshold, decide_thresholds  # noqa: PLC0415

    del seed
    title, *asked = names
    (item,) = [item for item in paper.thresholds if item.title == title]
    statements = [statement for statement in paper.statements if statement.id in asked]
    known = () if kept is None else _thresholds(kept)
    if not item.statement:
        return msgspec.json.encode(decide_thresholds(item, statements, known))
    steps = [step for answer in known for step in answer.steps]
    return msgspec.json.encode(decide_threshold(item, statements[0], steps))


def _thresholds(value: bytes) -> tuple[ThresholdResult, ...]:
    """The answers to a question about one statement, or about many."""
    found = msgspec.json.decode(value, type=_TYPES["threshold"])
    return (found,) if isinstance(found, ThresholdResult) else tuple(found)
