"""A sweep as a whole: blocks of points in parallel or on a cluster, written in order, resumable.

The file is JSON lines: a first line that says which sweep it is, then one line for each point, in
order. It grows beside its place and is moved there when it is complete.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import msgspec
from flint import arb

from verify.engine.distributed import answers
from verify.engine.recall import statement_content
from verify.engine.sweep import block, prepare
from verify.engine.sweep_axes import Points, shown
from verify.engine.sweep_closed import Plan
from verify.engine.versions import digest, fingerprint
from verify.engine.workers import Answer, Task
from verify.language.statement import Paper, Statement

BLOCK = 2_000
"""Points of a closed form in one task."""

SLOW_BLOCK = 10
"""Points in one task where each takes a long time."""

SECONDS_EACH = 10.0
"""The time for a point that is evaluated by itself; a block of a closed form gets six of these."""

WINDOW = 16
"""Blocks for each job that are worked on before the first of them is written."""

LISTED = 5
"""How many points that fail, or are undecided, are listed."""


class SweepError(ValueError):
    """A sweep that cannot go on: says why, and what to try."""


class Line(msgspec.Struct, frozen=True):
    """One point of a sweep."""

    point: dict[str, str]
    status: str
    margin: str | None = None


_LINE = msgspec.json.Decoder(Line)


@dataclass
class Summary:
    """What the points so far say."""

    plan: Plan
    counts: dict[str, int] = field(default_factory=dict)
    least: Line | None = None
    failing: list[Line] = field(default_factory=list)
    undecided: list[Line] = field(default_factory=list)
    cells: dict[tuple[int, ...], str] = field(default_factory=dict)
    total: int = 0
    resolution: int = 48
    _rough: float = float("inf")

    def add(self, data: bytes) -> None:
        """Count the lines of one or several points."""
        for text in data.splitlines():
            self._point(_LINE.decode(text))

    def _point(self, line: Line) -> None:
        number, self.total = self.total, self.total + 1
        self.counts[line.status] = self.counts.get(line.status, 0) + 1
        if line.status == "fails" and len(self.failing) < LISTED:
            self.failing.append(line)
        elif line.status == "undecided" and len(self.undecided) < LISTED:
            self.undecided.append(line)
        if line.status in ("holds", "fails") and line.margin is not None:
            self._margin(line)
        cell = self.plan.points.cell(number, line.point, self.resolution)
        if _RANK[line.status] > _RANK.get(self.cells.get(cell, ""), -1):
            self.cells[cell] = line.status

    def _margin(self, line: Line) -> None:
        """Keep the point with the least margin; floats only save a closer look."""
        rough = float(_middle(line.margin or "0"))
        if self.least is None or rough < self._rough:
            self.least, self._rough = line, rough
        elif rough == self._rough and _ball(line.margin) < _ball(self.least.margin):
            self.least = line


_RANK = {"outside": 0, "holds": 1, "undecided": 2, "fails": 3}


def _middle(margin: str) -> str:
    shown = margin.strip("[]").split(" +/- ")[0]
    if shown.startswith("+/-"):
        return "0"
    if "/" in shown:
        top, _, bottom = shown.partition("/")
        return arb(int(top)).str(12, radius=False) if bottom == "1" else _quotient(top, bottom)
    return shown


def _quotient(top: str, bottom: str) -> str:
    return str((arb(int(top)) / arb(int(bottom))).str(12, radius=False))


def _ball(margin: str | None) -> arb:
    return arb(_middle(margin or "0"))


@dataclass(frozen=True)
class Where:
    """How a sweep is run, and where its points go."""

    jobs: int
    scheduler: str | None = None
    out: Path | None = None
    resume: bool = False


def make_plan(paper: Paper, statement: Statement, fixed: Sequence[str], points: Points) -> Plan:
    """The plan of a sweep; its key depends on everything that its results depend on."""
    content = [
        fingerprint(),
        statement_content(paper, statement),
        sorted(fixed),
        msgspec.to_builtins([vars(axis) for axis in points.axes], enc_hook=str),
        points.sample,
        points.seed,
    ]
    known = {param.name for item in paper.statements for param in item.params}
    known |= {str(index.symbol) for item in paper.statements for index in item.indices}
    return Plan(statement, tuple(fixed), points, digest(content), frozenset(known))


def sweep(plan: Plan, where: Where) -> Iterator[Summary]:
    """Run a sweep; yields the summary whenever more points are written.

    Raises:
        SweepError: there is nothing to resume, or the file is of another sweep.
        ClusterError: the cluster cannot be used.
    """
    summary = Summary(plan)
    done = where.out
    if done is not None and where.resume and done.exists() and not _part(done).exists():
        _read(plan, done, summary)
        if summary.total == plan.points.count:
            yield summary
            return
    with _opened(plan, where, summary) as file:
        for data in _blocks(plan, where, summary.total):
            if file is not None:
                file.write(data)
                file.flush()
            summary.add(data)
            yield summary
    if done is not None:
        _part(done).replace(done)
    yield summary


def _part(out: Path) -> Path:
    return out.with_name(out.name + ".part")


def _header(plan: Plan) -> bytes:
    about = {
        "sweep": 1,
        "id": plan.statement.id,
        "over": {axis.name: [*axis.ends, axis.count] for axis in plan.points.axes},
        "set": list(plan.fixed),
        "sample": plan.points.sample,
        "seed": plan.points.seed,
        "points": plan.points.count,
        "key": plan.key,
    }
    return json.dumps(about).encode() + b"\n"


def _opened(plan: Plan, where: Where, summary: Summary) -> AbstractContextManager[BinaryIO | None]:
    if where.out is None:
        return nullcontext(None)
    part = _part(where.out)
    where.out.parent.mkdir(parents=True, exist_ok=True)
    if where.resume and part.exists():
        whole = _read(plan, part, summary)
        os.truncate(part, whole)
        return part.open("ab")
    file = part.open("wb")
    file.write(_header(plan))
    file.flush()
    return file


def _read(plan: Plan, path: Path, summary: Summary) -> int:
    """Count the points of a file; returns where the last whole line ends.

    Raises:
        SweepError: it is of another sweep.
    """
    with path.open("rb") as file:
        first = file.readline()
        if first != _header(plan):
            raise SweepError(
                f"{path} is of another sweep, or of another version of the toolkit: leave out "
                "--resume, or choose another --out"
            )
        whole = len(first)
        for line in file:
            if not line.endswith(b"\n"):
                break
            try:
                summary.add(line)
            except msgspec.MsgspecError:
                break
            whole += len(line)
    return whole


def _blocks(plan: Plan, where: Where, start: int) -> Iterator[bytes]:
    """The lines of the points from one on, in order."""
    whole = prepare(plan)
    size = BLOCK if whole else SLOW_BLOCK
    limit = SECONDS_EACH * (6 if whole else size)
    if where.scheduler is None:
        # Short sweeps still use every job.
        left = plan.points.count - start
        size = max(1, min(size, -(-left // where.jobs)))
    window = WINDOW * max(1, where.jobs)
    starts = list(range(start, plan.points.count, size))
    for first in range(0, len(starts), window):
        spans = [
            (low, min(low + size, plan.points.count)) for low in starts[first : first + window]
        ]
        tasks = [Task(block, (plan, *span), limit) for span in spans]
        waiting: dict[int, bytes] = {}
        following = 0
        for number, answer in answers(tasks, where.jobs, where.scheduler):
            waiting[number] = _lines(plan, spans[number], answer)
            while following in waiting:
                yield waiting.pop(following)
                following += 1


def _lines(plan: Plan, span: tuple[int, int], answer: Answer) -> bytes:
    """The lines of a block; what could not be evaluated is undecided."""
    if answer.value is not None:
        return answer.value
    if answer.failure not in ("time", "memory"):
        raise SweepError(f"points {span[0]} to {span[1] - 1} were not evaluated: {answer.failure}")
    names = plan.names
    return b"".join(
        msgspec.json.encode(Line(dict(zip(names, map(shown, point), strict=True)), "undecided"))
        + b"\n"
        for point in plan.points.block(*span)
    )
