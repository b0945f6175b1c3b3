"""A search by steps that shrink, for many starting points at once, in floating point."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from verify.probe.numeric import Array
from verify.provers.budget import Budget

AXES = 10
Objective = Callable[[Array], Array]


def descend(
    objective: Objective,
    starts: Array,
    low: Array,
    high: Array,
    rng: np.random.Generator,
    rounds: int,
    budget: Budget,
) -> tuple[Array, Array]:
    """Points (columns) of lower merit near each start, best first, with their merit.

    Each round tries a step forward and back along some axes, along random directions, and along the
    last move; steps grow after a success and shrink after a failure. ``low`` and ``high`` bound
    each coordinate.

    Raises:
        OutOfTime: the budget has run out.
    """
    size, many = starts.shape
    points = np.clip(starts, low, high)
    merit = objective(points)
    step = 0.3 * np.maximum(np.abs(points).max(axis=0, initial=0.0, keepdims=True), 0.5)
    move = np.zeros_like(points)
    for _ in range(rounds):
        budget.check()
        trials = _trials(points, step, move, rng)
        count = trials.shape[2]
        trials = np.clip(trials, low[:, :, None], high[:, :, None])
        values = objective(trials.reshape(size, many * count)).reshape(many, count)
        best = values.argmin(axis=1)
        reached = values[np.arange(many), best]
        better = reached < merit
        chosen = trials[:, np.arange(many), best]
        move = np.where(better, chosen - points, 0.5 * move)
        points = np.where(better, chosen, points)
        merit = np.where(better, reached, merit)
        step = np.where(better, 1.7 * step, 0.5 * step)
        if not (step > 1e-13 * (1 + np.abs(points).max(axis=0, initial=0.0))).any():
            break
    order = np.argsort(merit, kind="stable")
    return points[:, order], merit[order]


def _trials(points: Array, step: Array, move: Array, rng: np.random.Generator) -> Array:
    size, many = points.shape
    axes = np.arange(size) if size <= AXES else rng.choice(size, AXES, replace=False)
    directions = np.zeros((size, 1, 2 * len(axes)))
    directions[axes, 0, np.arange(len(axes))] = 1.0
    directions[axes, 0, np.arange(len(axes)) + len(axes)] = -1.0
    # Axes with a coordinate of another magnitude need steps in proportion to it.
    scaled = directions * step[:, :, None]
    relative = scaled * np.minimum(1.0, np.abs(points))[:, :, None]
    free = rng.normal(size=(size, many, 6)) * step[:, :, None]
    along = move[:, :, None] * np.array([1.0, 2.5, 0.4])
    parts = [np.broadcast_to(scaled, (size, many, scaled.shape[2])), free, along]
    if size > 1:
        parts.append(np.broadcast_to(relative, (size, many, relative.shape[2])))
    trials: Array = points[:, :, None] + np.concatenate(parts, axis=2)
    return trials
