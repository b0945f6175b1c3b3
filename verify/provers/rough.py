"""Rough values of terms at a point, for choosing between strategies and for nothing else."""

from __future__ import annotations

from collections.abc import Callable

from verify.language.term import Rel, Term

Approximate = Callable[[Term], float | None]


def roughly(value: Approximate, rel: Rel) -> bool:
    """Whether a relation may hold, by rough values; one without a value may."""
    left, right = value(rel.left), value(rel.right)
    if left is None or right is None:
        return True
    slack = 1e-9 * (abs(left) + abs(right))
    match rel.op:
        case ">=" | ">":
            return left >= right - slack
        case "<=" | "<":
            return left <= right + slack
        case "==":
            return abs(left - right) <= slack
        case _:
            return True
