"""Small linear programs in exact rational arithmetic."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

ZERO, ONE = Fraction(0), Fraction(1)


def maximise(
    cost: Sequence[Fraction], rows: Sequence[Sequence[Fraction]], right: Sequence[Fraction]
) -> list[Fraction] | None:
    """An optimal ``x >= 0`` with ``rows x = right``, or None where there is no feasible one.

    The problem must be bounded. Bland's rule, so that it ends.
    """
    count, size = len(rows), len(cost)
    table = []
    for number, (row, value) in enumerate(zip(rows, right, strict=True)):
        sign = -1 if value < 0 else 1
        unit = [ONE if place == number else ZERO for place in range(count)]
        table.append([*(sign * entry for entry in row), *unit, sign * value])
    basis = [size + number for number in range(count)]
    first = [*(ZERO for _ in range(size)), *(-ONE for _ in range(count))]
    _improve(table, basis, first, size + count)
    if any(name >= size and line[-1] for name, line in zip(basis, table, strict=True)):
        return None
    _improve(table, basis, [*cost, *(ZERO for _ in range(count))], size)
    values = [ZERO] * (size + count)
    for name, line in zip(basis, table, strict=True):
        values[name] = line[-1]
    return values[:size]


def _improve(
    table: list[list[Fraction]], basis: list[int], cost: Sequence[Fraction], allowed: int
) -> None:
    while True:
        entering = next(
            (
                column
                for column in range(allowed)
                if cost[column]
                > sum(
                    (cost[name] * line[column] for name, line in zip(basis, table, strict=True)),
                    ZERO,
                )
            ),
            None,
        )
        if entering is None:
            return
        # Artificial variables are 0 in the second phase and must stay so.
        ratios = [
            (line[-1] / line[entering], basis[number], number)
            for number, line in enumerate(table)
            if line[entering] > 0
        ] + [
            (ZERO, basis[number], number)
            for number, line in enumerate(table)
            if basis[number] >= allowed and line[entering] < 0
        ]
        if not ratios:
            return
        _pivot(table, basis, min(ratios)[2], entering)


def _pivot(table: list[list[Fraction]], basis: list[int], row: int, column: int) -> None:
    pivot = table[row][column]
    table[row] = [entry / pivot for entry in table[row]]
    for number, line in enumerate(table):
        factor = line[column]
        if number != row and factor:
            table[number] = [a - factor * b for a, b in zip(line, table[row], strict=True)]
    basis[row] = column
