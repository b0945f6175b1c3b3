"""Nonnegative combinations of products of facts, found by a linear program and then made exact.

The linear program only says which products to use; their coefficients are solved for exactly.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from flint import fmpq, fmpq_mat, fmpq_mpoly

from verify.kernel.poly import fraction, rational
from verify.language.work import WORK
from verify.provers.budget import Budget
from verify.provers.lp import Optimum, minimise
from verify.provers.system import System

Proof = Mapping[str, Any]

MAX_COLUMNS = 6_000
MAX_ENTRIES = 400_000
MAX_EXACT = 60_000
TINY = 1e-9
A_COLUMN, AN_ENTRY = 2, 2
"""The work of a column of a table, and of each of its entries."""


@dataclass(frozen=True, slots=True)
class Column:
    """A product of facts and squares: ``poly >= 0``, with what the certificate says about it."""

    poly: fmpq_mpoly
    facts: tuple[int, ...]
    squares: tuple[fmpq_mpoly, ...] = ()
    strict: bool = False
    cost: float = 1.0


@dataclass(frozen=True, slots=True)
class Multiple:
    """An equation times a polynomial: ``poly = multiplier * equation``, which is zero."""

    poly: fmpq_mpoly
    fact: int
    multiplier: fmpq_mpoly
    cost: float = 1.0


def refutation(
    system: System,
    terms: Sequence[tuple[Fraction, Column]],
    multiples: Sequence[tuple[Fraction, Multiple]] = (),
    facts: Mapping[int, fmpq_mpoly] | None = None,
) -> Proof | None:
    """The certificate that says: this combination is zero, and positive.

    Multiples of the equations by which the system eliminated variables are added here. ``facts``
    gives the polynomials of the facts by number, where they are not the system's.
    """
    scale = Fraction(1)
    if facts is None:
        facts = system.originals
        scale = _scale(system, [c for c, _ in terms] + [c for c, _ in multiples], terms)
    products = [
        [str(coefficient * scale), list(column.facts), [system.text(s) for s in column.squares]]
        for coefficient, column in terms
        if coefficient
    ]
    by_fact: dict[int, fmpq_mpoly] = {}
    for coefficient, multiple in multiples:
        part = multiple.multiplier * rational(coefficient * scale)
        by_fact[multiple.fact] = by_fact.get(multiple.fact, system.constant(0)) + part
    if system.reduces:
        total = system.constant(0)
        for coefficient, column in terms:
            total = total + _value(system, column, facts) * rational(coefficient * scale)
        for fact, multiplier in by_fact.items():
            total = total + multiplier * facts[fact]
        more = system.by_equations(total)
        if more is None:
            return None
        for fact, multiplier in more.items():
            by_fact[fact] = by_fact.get(fact, system.constant(0)) + multiplier
    equations = [[fact, system.text(m)] for fact, m in sorted(by_fact.items()) if not m.is_zero()]
    return {"rule": "refute", "products": products, "equations": equations}


def _value(system: System, column: Column, facts: Mapping[int, fmpq_mpoly]) -> fmpq_mpoly:
    """The product of a column with the facts as they stand."""
    total = system.constant(1)
    for fact in column.facts:
        total = total * facts[fact]
    for square in column.squares:
        total = total * square**2
    return total


def _scale(
    system: System, values: Sequence[Fraction], terms: Sequence[tuple[Fraction, Column]]
) -> Fraction:
    """Make the negated goal appear once, where it does; else make the coefficients whole."""
    goal = system.goal
    if goal is not None:
        with_goal = [c for c, column in terms if goal.index in column.facts]
        if len(with_goal) == 1 and with_goal[0]:
            return 1 / with_goal[0]
    denominator = math.lcm(*(v.denominator for v in values)) if values else 1
    numerator = math.gcd(*(int(v * denominator) for v in values)) or 1
    return Fraction(denominator, numerator)


def combine(
    system: System,
    columns: Sequence[Column],
    multiples: Sequence[Multiple],
    budget: Budget,
    facts: Mapping[int, fmpq_mpoly] | None = None,
) -> Proof | None:
    """A combination of the columns that is zero although one part is strictly positive.

    ``facts`` as for :func:`refutation`.
    """
    if not any(column.strict for column in columns) or len(columns) > MAX_COLUMNS:
        return None
    budget.check()
    polys = [column.poly for column in columns] + [m.poly for m in multiples]
    costs = [column.cost for column in columns] + [m.cost for m in multiples]
    table = _Table(polys)
    if table.entries > MAX_ENTRIES:
        return None
    strict = [i for i, column in enumerate(columns) if column.strict]
    optimum = _solve(table, costs, strict, len(columns), budget)
    if optimum is None:
        return None
    budget.check()
    for chosen in _supports(optimum, len(columns)):
        budget.check()
        exact = table.exact(chosen, [i for i in strict if i in set(chosen)])
        if exact is None:
            continue
        terms = [(v, columns[i]) for i, v in exact.items() if i < len(columns)]
        if any(v < 0 for v, _ in terms) or not any(v > 0 and c.strict for v, c in terms):
            continue
        rest = [
            (v, multiples[i - len(columns)]) for i, v in exact.items() if i >= len(columns) and v
        ]
        return refutation(system, [(v, c) for v, c in terms if v], rest, facts)
    return None


class _Table:
    """The coefficients of polynomials as the columns of a sparse matrix."""

    def __init__(self, polys: Sequence[fmpq_mpoly]) -> None:
        self.rows: dict[tuple[int, ...], int] = {}
        self.columns: list[list[tuple[int, fmpq]]] = []
        self.floats: list[list[float]] = []
        self.scales: list[float] = []
        self.entries = 0
        for poly in polys:
            coefficients = poly.coeffs()
            numbers = [self.rows.setdefault(powers, len(self.rows)) for powers in poly.monoms()]
            column = list(zip(numbers, coefficients, strict=True))
            floats = [to_float(coefficient) for coefficient in coefficients]
            self.columns.append(column)
            self.floats.append(floats)
            self.entries += len(column)
            WORK.done += A_COLUMN + AN_ENTRY * len(column)
            self.scales.append(max(map(abs, floats), default=1.0) or 1.0)

    def arrays(
        self, strict: Sequence[int]
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        last = len(self.rows)
        extra = set(strict)
        start, index, value = [0], [], []
        columns = zip(self.columns, self.floats, self.scales, strict=True)
        for number, (column, floats, scale) in enumerate(columns):
            index += [row for row, _ in column]
            value += [coefficient / scale for coefficient in floats]
            if number in extra:
                index.append(last)
                value.append(1.0)
            start.append(len(index))
        right = np.zeros(last + 1)
        right[last] = 1.0
        return (
            np.array(start, dtype=np.int32),
            np.array(index, dtype=np.int32),
            np.array(value),
            right,
        )

    def exact(self, chosen: Sequence[int], strict: Sequence[int]) -> dict[int, Fraction] | None:
        """The exact solution on the chosen columns with the strict ones summing to 1."""
        rows = {row: i for i, row in enumerate({r for c in chosen for r, _ in self.columns[c]})}
        if len(chosen) * len(rows) > MAX_EXACT:
            return None
        width = len(chosen) + 1
        entries = [fmpq(0)] * ((len(rows) + 1) * width)
        for position, number in enumerate(chosen):
            for row, coefficient in self.columns[number]:
                entries[rows[row] * width + position] = coefficient
            if number in strict:
                entries[len(rows) * width + position] = fmpq(1)
        entries[len(rows) * width + width - 1] = fmpq(1)
        solution = solve_exact(fmpq_mat(len(rows) + 1, width, entries))
        if solution is None:
            return None
        return {number: fraction(v) for number, v in zip(chosen, solution, strict=True)}


def solve_exact(augmented: fmpq_mat) -> list[fmpq] | None:
    """One solution of the system whose last column is the right side; free unknowns are 0."""
    reduced, rank = augmented.rref()
    width = augmented.ncols() - 1
    solution = [fmpq(0)] * width
    column = 0
    for row in range(rank):
        while column <= width and reduced[row, column] == 0:
            column += 1
        if column == width:
            return None
        solution[column] = reduced[row, width]
    return solution


def to_float(value: fmpq) -> float:
    """The nearest float, with huge or tiny values clipped."""
    try:
        return int(value.p) / int(value.q)
    except OverflowError:
        return 1e300 if value > 0 else -1e300


def _solve(
    table: _Table, costs: Sequence[float], strict: Sequence[int], bounded: int, budget: Budget
) -> Optimum | None:
    start, index, value, right = table.arrays(strict)
    free = np.arange(len(costs)) >= bounded
    cost = np.array(costs)
    # A free multiplier costs nothing: a cost would make the program unbounded.
    cost[free] = 0.0
    return minimise(cost, start, index, value, right, free, budget)


def _supports(optimum: Optimum, bounded: int) -> list[list[int]]:
    """Which columns to solve for exactly: those clearly used, then all basic ones."""
    largest = max(1e-12, float(np.max(np.abs(optimum.values[:bounded]), initial=0.0)))
    used = np.abs(optimum.values) > TINY * largest
    supports = [list(map(int, np.flatnonzero(used)))]
    basic = list(map(int, np.flatnonzero(optimum.basic | used)))
    if basic != supports[0]:
        supports.append(basic)
    return supports
