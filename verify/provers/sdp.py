"""Semidefinite feasibility in floating point: what comes out is only a suggestion.

Uses Clarabel where it is installed (the optional extra ``sos``).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray

from verify.language.work import UNITS
from verify.provers.budget import Budget

Floats = NDArray[np.float64]

HUGE = 1e100
A_STEP = 0.36
"""The work of an iteration, times the number of unknowns to the power 3/2."""
STEPS = 100
"""The most iterations."""
USABLE = ("Solved", "AlmostSolved", "InsufficientProgress", "MaxIterations")


@dataclass(frozen=True, slots=True)
class Entry:
    """Coefficient ``value`` of the entry ``(i, j)``, ``i <= j``, of a block, in a row.

    An off-diagonal entry stands for both of its places.
    """

    row: int
    block: int
    i: int
    j: int
    value: float


@dataclass(frozen=True, slots=True)
class Gram:
    """Symmetric matrices, one per block, and the free unknowns."""

    blocks: tuple[Floats, ...]
    free: Floats
    objective: float


@lru_cache(maxsize=1)
def available() -> bool:
    """Whether the solver is installed."""
    return find_spec("clarabel") is not None and find_spec("scipy") is not None


def feasible(
    sizes: Sequence[int],
    entries: Sequence[Entry],
    free: Sequence[tuple[int, int, float]],
    free_count: int,
    right: Floats,
    reward: Sequence[int],
    budget: Budget,
) -> Gram | None:
    """Positive semidefinite blocks and free unknowns with ``sum of entries = right``, row by row.

    ``free`` lists (row, unknown, coefficient). With ``reward``, the sum of those blocks, of size 1,
    is maximised, up to 1. None when infeasible, out of time, or without a solver.
    """
    if not available():
        return None
    import clarabel  # noqa: PLC0415  (optional, and slow to import)
    from scipy import sparse  # noqa: PLC0415

    offsets, total = _offsets(sizes)
    rows, columns, values = [], [], []
    for entry in entries:
        rows.append(entry.row)
        columns.append(offsets[entry.block] + _triangle(entry.i, entry.j))
        values.append(entry.value if entry.i == entry.j else entry.value * math.sqrt(2))
    for row, unknown, value in free:
        rows.append(row)
        columns.append(total + unknown)
        values.append(value)
    width = total + free_count
    height = len(right)
    bound = 0
    if reward:
        bound = 1
        for block in reward:
            rows.append(height)
            columns.append(offsets[block])
            values.append(1.0)
    rows += [height + bound + k for k in range(total)]
    columns += list(range(total))
    values += [-1.0] * total
    matrix = sparse.csc_matrix((values, (rows, columns)), shape=(height + bound + total, width))
    cost = np.zeros(width)
    for block in reward:
        cost[offsets[block]] = -1.0
    constants = np.concatenate([right, np.ones(bound), np.zeros(total)])
    cones: list[Any] = [clarabel.ZeroConeT(height)]
    if bound:
        cones.append(clarabel.NonnegativeConeT(1))
    cones += [
        clarabel.NonnegativeConeT(1) if size == 1 else clarabel.PSDTriangleConeT(size)
        for size in sizes
    ]
    settings = clarabel.DefaultSettings()
    settings.verbose = False
    step = A_STEP * width**1.5
    settings.time_limit = max(0.02, budget.clock())
    settings.max_iter = int(min(STEPS, budget.left() * UNITS / step))
    if not settings.max_iter:
        return None
    sizes_of = np.abs(np.concatenate([matrix.data, constants]))
    if not np.all(sizes_of < HUGE) or np.any((sizes_of > 0) & (sizes_of < 1 / HUGE)):
        # The solver ends the whole process over numbers that it cannot hold the squares of.
        return None
    quadratic = sparse.csc_matrix((width, width))
    solution = clarabel.DefaultSolver(quadratic, cost, matrix, constants, cones, settings).solve()
    budget.spend(step * solution.iterations)
    if str(solution.status) not in USABLE:
        return None
    x = np.array(solution.x)
    if not np.all(np.isfinite(x)):
        return None
    blocks = tuple(
        _square(x[o : o + n * (n + 1) // 2], n) for o, n in zip(offsets, sizes, strict=True)
    )
    return Gram(blocks, x[total:], float(-cost @ x))


def _offsets(sizes: Sequence[int]) -> tuple[list[int], int]:
    offsets, total = [], 0
    for size in sizes:
        offsets.append(total)
        total += size * (size + 1) // 2
    return offsets, total


def _triangle(i: int, j: int) -> int:
    return j * (j + 1) // 2 + i


def _square(entries: Floats, size: int) -> Floats:
    matrix = np.zeros((size, size))
    position = 0
    for j in range(size):
        for i in range(j + 1):
            value = entries[position] if i == j else entries[position] / math.sqrt(2)
            matrix[i, j] = matrix[j, i] = value
            position += 1
    return matrix
