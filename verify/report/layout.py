"""Where the nodes and edges of a layered drawing go, left to right.

Graphviz's ``dot`` computes it where it is installed. Otherwise the classical steps are taken here:
longest-path layers, dummy nodes on long edges, a few barycentre sweeps, and spreading each layer.
Only numbers and made-up names go to ``dot`` and come back.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

HEIGHT = 30.0
ROW_GAP = 12.0
LAYER_GAP = 56.0
MARGIN = 8.0
SWEEPS = 12
_INCH = 72.0

Point = tuple[float, float]
Arc = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Layout:
    """Centres of the nodes, and for each edge the control points of its cubic curve."""

    width: float
    height: float
    nodes: tuple[Point, ...]
    edges: Mapping[Arc, tuple[Point, ...]]


def layout(widths: Sequence[float], edges: Sequence[Arc], *, use_dot: bool = True) -> Layout:
    """Place nodes of the given widths so that edges ``(left, right)`` run from left to right.

    Cycles are allowed: an edge that closes one runs backwards. The result is the same each time for
    the same arguments and, with ``use_dot``, the same Graphviz.
    """
    program = shutil.which("dot") if use_dot else None
    if program and widths:
        found = _dot(program, widths, edges)
        if found:
            return found
    return _layered(widths, edges)


def _dot(program: str, widths: Sequence[float], edges: Sequence[Arc]) -> Layout | None:
    lines = [
        "digraph g {",
        f"rankdir=LR; nodesep={ROW_GAP / _INCH:.4f}; ranksep={LAYER_GAP / _INCH:.4f};",
        f'node [shape=box, fixedsize=true, height={HEIGHT / _INCH:.4f}, label=""];',
        "edge [arrowhead=none];",
    ]
    lines += [f"n{node} [width={width / _INCH:.4f}];" for node, width in enumerate(widths)]
    lines += [f"n{left} -> n{right};" for left, right in edges]
    try:
        run = subprocess.run(
            [program, "-Tplain"],
            input="\n".join([*lines, "}"]),
            capture_output=True,
            text=True,
            timeout=30,
            check=True,
        )
        return _plain(run.stdout, len(widths))
    # Whatever is wrong with the installed dot, the drawing below does without it.
    except (OSError, subprocess.SubprocessError, ValueError, IndexError, KeyError):
        return None


def _plain(output: str, count: int) -> Layout:
    """Read dot's ``plain`` format: inches, the origin at the bottom left."""
    width = height = 0.0
    nodes: dict[int, Point] = {}
    edges: dict[Arc, tuple[Point, ...]] = {}

    def place(x: str, y: str) -> Point:
        return (float(x) * _INCH + MARGIN, height - float(y) * _INCH + MARGIN)

    for line in output.splitlines():
        words = line.split()
        if words[0] == "graph":
            width, height = float(words[2]) * _INCH, float(words[3]) * _INCH
        elif words[0] == "node":
            nodes[int(words[1][1:])] = place(words[2], words[3])
        elif words[0] == "edge":
            ends = (int(words[1][1:]), int(words[2][1:]))
            numbers = words[4 : 4 + 2 * int(words[3])]
            edges[ends] = tuple(
                place(x, y) for x, y in zip(numbers[::2], numbers[1::2], strict=True)
            )
    placed = tuple(nodes[node] for node in range(count))
    return Layout(width + 2 * MARGIN, height + 2 * MARGIN, placed, edges)


def _layered(widths: Sequence[float], edges: Sequence[Arc]) -> Layout:
    forward = _acyclic(len(widths), edges)
    layer = _layers(len(widths), forward)
    chains, dummy_layers = _chains(forward, layer, len(widths))
    layer = [*layer, *dummy_layers]
    rows = _order(layer, [pair for chain in chains.values() for pair in pairwise(chain)])
    heights = _heights(rows, chains, len(widths))
    lefts, x = [], MARGIN
    for row in rows:
        widest = max((widths[node] for node in row if node < len(widths)), default=0.0)
        lefts.append((x, widest))
        x += widest + LAYER_GAP
    top = min(heights, default=0.0) - HEIGHT / 2 - MARGIN
    centre = [
        (lefts[layer[node]][0] + lefts[layer[node]][1] / 2, heights[node] - top)
        for node in range(len(layer))
    ]
    given = set(edges)
    drawn: dict[Arc, tuple[Point, ...]] = {}
    for (left, right), chain in chains.items():
        points = [centre[node] for node in chain]
        points[0] = (points[0][0] + widths[chain[0]] / 2, points[0][1])
        points[-1] = (points[-1][0] - widths[chain[-1]] / 2, points[-1][1])
        curve = _curve(points)
        # An edge that closes a cycle was turned round; two opposite edges share a curve.
        if (left, right) in given:
            drawn[left, right] = curve
        if (right, left) in given:
            drawn[right, left] = curve[::-1]
    return Layout(
        max(x - LAYER_GAP + MARGIN, 2 * MARGIN),
        max(heights, default=0.0) - top + HEIGHT / 2 + MARGIN,
        tuple(centre[: len(widths)]),
        drawn,
    )


def _acyclic(count: int, edges: Sequence[Arc]) -> list[Arc]:
    """The edges with those that close a cycle turned round, without loops."""
    after: list[list[int]] = [[] for _ in range(count)]
    for left, right in edges:
        if left != right:
            after[left].append(right)
    state = [0] * count
    turned: set[Arc] = set()
    for root in range(count):
        stack = [(root, iter(after[root]))] if not state[root] else []
        state[root] = state[root] or 1
        while stack:
            node, rest = stack[-1]
            following = next(rest, None)
            if following is None:
                state[node] = 2
                stack.pop()
            elif state[following] == 1:
                turned.add((node, following))
            elif not state[following]:
                state[following] = 1
                stack.append((following, iter(after[following])))
    arcs = [(b, a) if (a, b) in turned else (a, b) for a, b in edges if a != b]
    return list(dict.fromkeys(arcs))


def _layers(count: int, edges: Sequence[Arc]) -> list[int]:
    """Each node one layer right of the last node before it; sources next to what they lead to."""
    before: list[list[int]] = [[] for _ in range(count)]
    after: list[list[int]] = [[] for _ in range(count)]
    for left, right in edges:
        before[right].append(left)
        after[left].append(right)
    waiting = [len(nodes) for nodes in before]
    ready = [node for node in range(count) if not waiting[node]]
    layer = [0] * count
    for node in ready:
        for following in after[node]:
            layer[following] = max(layer[following], layer[node] + 1)
            waiting[following] -= 1
            if not waiting[following]:
                ready.append(following)
    for node in reversed(ready):
        if after[node] and not before[node]:
            layer[node] = min(layer[following] for following in after[node]) - 1
    return layer


def _chains(
    edges: Sequence[Arc], layer: Sequence[int], first: int
) -> tuple[dict[Arc, list[int]], list[int]]:
    """For each edge its nodes layer by layer, with a dummy node in every layer that it crosses."""
    chains: dict[Arc, list[int]] = {}
    dummies: list[int] = []
    for left, right in edges:
        chain = [left]
        for crossed in range(layer[left] + 1, layer[right]):
            chain.append(first + len(dummies))
            dummies.append(crossed)
        chains[left, right] = [*chain, right]
    return chains, dummies


def _order(layer: Sequence[int], links: Sequence[Arc]) -> list[list[int]]:
    """The nodes of each layer from top to bottom, with few crossings."""
    rows: list[list[int]] = [[] for _ in range(max(layer, default=-1) + 1)]
    for node, column in enumerate(layer):
        rows[column].append(node)
    before: dict[int, list[int]] = {}
    after: dict[int, list[int]] = {}
    for left, right in links:
        before.setdefault(right, []).append(left)
        after.setdefault(left, []).append(right)
    for sweep in range(SWEEPS):
        beside = before if sweep % 2 == 0 else after
        columns = range(1, len(rows)) if sweep % 2 == 0 else range(len(rows) - 2, -1, -1)
        for column in columns:
            other = rows[column - 1 if sweep % 2 == 0 else column + 1]
            place = {node: position for position, node in enumerate(other)}
            keys = {}
            for position, node in enumerate(rows[column]):
                near = [place[n] for n in beside.get(node, ()) if n in place]
                keys[node] = sum(near) / len(near) if near else float(position)
            rows[column].sort(key=lambda node: keys[node])
    return rows


def _heights(
    rows: Sequence[Sequence[int]], chains: Mapping[Arc, Sequence[int]], first_dummy: int
) -> list[float]:
    """A vertical place for every node: near its neighbours, and no two of a layer overlapping."""
    count = sum(map(len, rows))
    sizes = [HEIGHT if node < first_dummy else 0.0 for node in range(count)]
    near: list[list[int]] = [[] for _ in range(count)]
    for chain in chains.values():
        for left, right in pairwise(chain):
            near[left].append(right)
            near[right].append(left)
    offsets = [_offsets([sizes[node] for node in row]) for row in rows]
    y = [0.0] * count
    for row, offset in zip(rows, offsets, strict=True):
        for node, place in zip(row, offset, strict=True):
            y[node] = place - offset[-1] / 2
    for sweep in range(SWEEPS):
        for column in range(len(rows))[:: 1 if sweep % 2 == 0 else -1]:
            row = rows[column]
            wanted = [
                sum(y[other] for other in near[node]) / len(near[node]) if near[node] else y[node]
                for node in row
            ]
            for node, place in zip(row, _apart(wanted, offsets[column]), strict=True):
                y[node] = place
    return y


def _offsets(sizes: Sequence[float]) -> list[float]:
    """The places of boxes of these sizes, packed with gaps, from the first box on."""
    places = [0.0] * len(sizes)
    for position in range(1, len(sizes)):
        between = (sizes[position - 1] + sizes[position]) / 2
        places[position] = places[position - 1] + between + ROW_GAP
    return places


def _apart(wanted: Sequence[float], offsets: Sequence[float]) -> list[float]:
    """The nearest places (in the sense of least squares) at least as far apart as the offsets."""
    # Pool adjacent violators on wanted[i] - offsets[i].
    blocks: list[tuple[float, int]] = []
    for position, place in enumerate(wanted):
        total, size = place - offsets[position], 1
        while blocks and blocks[-1][0] / blocks[-1][1] > total / size:
            more, count = blocks.pop()
            total, size = total + more, size + count
        blocks.append((total, size))
    levels = [total / size for total, size in blocks for _ in range(size)]
    return [level + offset for level, offset in zip(levels, offsets, strict=True)]


def _curve(points: Sequence[Point]) -> tuple[Point, ...]:
    """Control points of a smooth curve through the points, level at each of them."""
    curve = [points[0]]
    for (x, y), (next_x, next_y) in pairwise(points):
        middle = (x + next_x) / 2
        curve += [(middle, y), (middle, next_y), (next_x, next_y)]
    return tuple(curve)
