"""The pictures of a run: computed in a process of their own, and kept in the cache."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from verify.engine.cache import Cache
from verify.engine.keys import Keys
from verify.engine.recall import NoKey, statement_content
from verify.engine.results import Figure
from verify.engine.workers import Task, run_all
from verify.language.picture import Plot
from verify.language.statement import Paper

SECONDS = 120.0
"""The time for all pictures; a report is complete without them."""


def drawn(
    paper: Paper, shown: Sequence[str], seed: int, jobs: int, cache: Cache | None
) -> tuple[tuple[Figure, ...], tuple[str, ...]]:
    """The declared pictures of the statements with these ids, and why some are missing."""
    plots = [plot for plot in paper.plots if plot.statement in frozenset(shown)]
    groups = list(_together(plots))
    found: dict[str, Figure] = {}
    problems: list[str] = []
    waiting: list[tuple[list[Plot], str | None]] = []
    for group in groups:
        key = None if cache is None else _key(paper, group, seed)
        entry = None if cache is None or key is None else cache.get(key)
        if entry is None:
            waiting.append((group, key))
            continue
        found.update((figure.id, figure) for figure in _read(entry.value))
    tasks = [Task(_computed, (paper, [p.id for p in group]), SECONDS) for group, _ in waiting]
    for number, answer in run_all(tasks, jobs):
        group, key = waiting[number]
        if answer.value is None:
            names = ", ".join(plot.id for plot in group)
            problems.append(f"no picture of {names}: {answer.failure}")
            continue
        found.update((figure.id, figure) for figure in _read(answer.value))
        if cache is not None and key is not None:
            cache.put(key, answer.value, True)
    ordered = tuple(found[plot.id] for plot in plots if plot.id in found)
    return ordered, tuple(sorted(problems))


def _together(plots: Sequence[Plot]) -> Iterator[list[Plot]]:
    """Plots of the same statements in one group: what is derived from a statement is shared."""
    groups: list[tuple[set[str], list[Plot]]] = []
    for plot in plots:
        names = _subjects(plot)
        merged = (names, [plot])
        apart = []
        for group in groups:
            if group[0] & merged[0]:
                merged = (group[0] | merged[0], group[1] + merged[1])
            else:
                apart.append(group)
        groups = [*apart, merged]
    return iter(group for _, group in groups)


def _subjects(plot: Plot) -> set[str]:
    curves = {curve.statement for curve in plot.curves}
    return curves | {boundary.statement for boundary in plot.boundaries}


def _key(paper: Paper, group: Sequence[Plot], seed: int) -> str | None:
    names = frozenset().union(*map(_subjects, group))
    used = [item for item in paper.statements if item.id in names]
    try:
        content = [statement_content(paper, item) for item in used]
        return Keys(SECONDS, seed).of("figures", [[plot.id for plot in group], content])
    except NoKey:
        return None


def _computed(paper: Paper, names: Sequence[str]) -> bytes:
    from verify.engine.figures import figures  # noqa: PLC0415

    return msgspec.json.encode(figures(paper, names))


def _read(value: bytes) -> tuple[Figure, ...]:
    return msgspec.json.decode(value, type=tuple[Figure, ...])
