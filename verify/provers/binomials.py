"""Monomials and squares of binomials with monomial weights, in coordinates of known sign.

The target is written as a combination of ``y^d`` and ``y^d (y^a - k y^b)^2``, by a linear program
whose dual values say which ``k`` to add next. This covers Muirhead's inequality and the inequality
of the arithmetic and the geometric mean, and needs no semidefinite programming.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
from flint import fmpq, fmpq_mpoly
from numpy.typing import NDArray

from verify.provers.budget import Budget
from verify.provers.combination import Column, combine, to_float
from verify.provers.frames import Frame
from verify.provers.lp import minimise
from verify.provers.system import Monomial, System

Proof = Mapping[str, Any]
Powers = NDArray[np.int64]

MAX_MONOMIALS = 500
MAX_PAIRS = 4_000
ROUNDS = 12


def binomials(
    view: System, frame: Frame, budget: Budget, case: Mapping[int, fmpq_mpoly] | None = None
) -> Proof | None:
    """A certificate for the target of a frame, or None.

    In a case that the search has distinguished, ``case`` gives the polynomials of all facts by
    number, the negated goal last.
    """
    support = np.array([[int(p) for p in m] for m in frame.poly.monoms()], dtype=np.int64)
    if not len(support):
        return None
    free = list(frame.free)
    candidates = lattice_points(support, frame.blocks)
    if candidates is None or len(candidates) > MAX_MONOMIALS:
        return None
    even = ~np.any(candidates[:, free] % 2 == 1, axis=1) if free else np.ones(len(candidates), bool)
    usable = candidates[even]
    pairs = _pairs(usable, candidates)
    if pairs is None and not np.any(support[[c > 0 for c in frame.poly.coeffs()]] % 2):
        # Signs of the coordinates would allow for more squares, but these may be enough.
        usable = candidates[~np.any(candidates % 2 == 1, axis=1)]
        pairs = _pairs(usable, candidates)
    if pairs is None:
        return None
    program = _Program(frame, candidates, usable, pairs)
    for _ in range(ROUNDS):
        budget.check()
        outcome = program.solve(budget)
        if outcome is None:
            return None
        shortfall, new = outcome
        if shortfall < 1e-9:
            return _exact(view, frame, program, case, budget)
        if not new:
            return None
    return None


def _exact(
    view: System,
    frame: Frame,
    program: _Program,
    case: Mapping[int, fmpq_mpoly] | None,
    budget: Budget,
) -> Proof | None:
    assert view.goal is not None
    ctx = frame.poly.context()
    number = view.goal.index if case is None else max(case)
    goal = Column(-frame.poly, (number,), (), view.goal.strict, 0.0)
    columns = [goal]
    columns += [frame.column(view, tuple(map(int, m))) for m in program.monomials]
    for (a, b, c), ratio in program.squares:
        column = _square_column(view, frame, a, b, ratio)
        left, right, middle = (ctx.from_dict({tuple(map(int, m)): fmpq(1)}) for m in (a, b, c))
        k = fmpq(ratio.numerator, ratio.denominator)
        poly = left - middle * (2 * k) + right * (k * k)
        columns.append(Column(poly, column.facts, column.squares, False, 1.5))
    return combine(view, columns, [], budget, case)


def _square_column(view: System, frame: Frame, a: Powers, b: Powers, ratio: Fraction) -> Column:
    """``y^d (y^p - ratio y^q)^2`` where ``a = d + 2 p`` and ``b = d + 2 q``."""
    low = np.minimum(a, b)
    odd = a % 2
    # A common power outside of the square stays outside, where its coordinate has a sign.
    free = np.array([c.kind == "free" for c in frame.coordinates])
    weight = np.where(free, odd, low)
    outer = frame.column(view, tuple(map(int, weight)))
    p, q = ((m - weight) // 2 for m in (a, b))
    k = fmpq(ratio.numerator, ratio.denominator)
    left, right = (frame.value(view, tuple(map(int, m))) for m in (p, q))
    return Column(view.constant(0), outer.facts, (*outer.squares, left - right * k), False)


class _Program:
    """The growing linear program: target = sum of columns + shortfall."""

    def __init__(
        self,
        frame: Frame,
        candidates: Powers,
        usable: Powers,
        pairs: list[tuple[int, int, int]],
    ) -> None:
        self.place = {tuple(m): i for i, m in enumerate(candidates.tolist())}
        self.candidates = candidates
        self.monomials = usable
        self.pairs = pairs
        self.target = np.zeros(len(candidates))
        for powers, coefficient in zip(frame.poly.monoms(), frame.poly.coeffs(), strict=True):
            self.target[self.place[tuple(int(p) for p in powers)]] = to_float(coefficient)
        self.scale = float(np.max(np.abs(self.target))) or 1.0
        self.target /= self.scale
        self.free = {i for i, c in enumerate(frame.coordinates) if c.kind == "free"}
        self.squares: list[tuple[tuple[Powers, Powers, Powers], Fraction]] = []
        self.known: set[tuple[int, int, Fraction]] = set()
        self.columns: list[list[tuple[int, float]]] = [
            [(self.place[tuple(m)], 1.0)] for m in usable.tolist()
        ]
        for pair in pairs:
            for ratio in (1, -1) if self._signed(pair) else (1,):
                self.add(pair, Fraction(ratio))

    def _signed(self, pair: tuple[int, int, int]) -> bool:
        """Whether the mixed term may have either sign."""
        return any(self.candidates[pair[2]][i] % 2 for i in self.free)

    def add(self, pair: tuple[int, int, int], ratio: Fraction) -> bool:
        """Add ``(y^a - ratio y^b)^2``; whether it was new."""
        key = (pair[0], pair[1], ratio)
        if key in self.known or not ratio:
            return False
        self.known.add(key)
        k = float(ratio)
        size = max(1.0, k * k)
        self.columns.append(
            [(pair[0], 1 / size), (pair[1], k * k / size), (pair[2], -2 * k / size)]
        )
        a, b, c = (self.candidates[i] for i in pair)
        self.squares.append(((a, b, c), ratio))
        return True

    def solve(self, budget: Budget) -> tuple[float, bool] | None:
        """The shortfall, and whether columns were added that may reduce it."""
        rows = len(self.candidates)
        columns = [*self.columns]
        cost = [1e-4] * len(columns)
        for row in range(rows):
            columns += [[(row, 1.0)], [(row, -1.0)]]
            cost += [1.0, 1.0]
        start = np.cumsum([0, *(len(c) for c in columns)]).astype(np.int32)
        index = np.array([r for c in columns for r, _ in c], dtype=np.int32)
        value = np.array([v for c in columns for _, v in c])
        optimum = minimise(
            np.array(cost),
            start,
            index,
            value,
            self.target,
            np.zeros(len(columns), dtype=bool),
            budget.share(1.0, 2.0),
        )
        if optimum is None:
            return None
        shortfall = float(np.sum(optimum.values[len(self.columns) :]))
        return shortfall, shortfall >= 1e-9 and self._grow(optimum.duals)

    def _grow(self, duals: NDArray[np.float64]) -> bool:
        ranked: list[tuple[float, tuple[int, int, int], float]] = []
        for pair in self.pairs:
            # The reduced cost of (y^a - k y^b)^2 is a quadratic in k, best at k = c / b.
            a, b, c = (float(duals[i]) for i in pair)
            if b < -1e-12 and c * c / -b + a > 1e-7:
                ranked.append((c * c / -b + a, pair, c / b))
        ranked.sort(key=lambda entry: -entry[0])
        new = False
        for _, pair, k in ranked[:60]:
            if k < 0 and not self._signed(pair):
                continue
            for denominator in (2, 12, 1000):
                ratio = Fraction(k).limit_denominator(denominator)
                new |= self.add(pair, ratio)
        return new


def lattice_points(support: Powers, blocks: Sequence[Sequence[int]]) -> Powers | None:
    """The exponents in (an outer bound of) the Newton polytope, block degrees kept."""
    parts: list[list[list[int]]] = []
    for block in blocks:
        degree = int(support[0, list(block)].sum())
        if math.comb(degree + len(block) - 1, len(block) - 1) > 20 * MAX_MONOMIALS:
            return None
        part = _compositions(degree, len(block))
        parts.append(part)
    total = 1
    for part in parts:
        total *= len(part)
    if total > 20 * MAX_MONOMIALS:
        return None
    width = support.shape[1]
    points = np.zeros((1, width), dtype=np.int64)
    for block, part in zip(blocks, parts, strict=True):
        array = np.array(part, dtype=np.int64)
        points = np.repeat(points, len(array), axis=0)
        points[:, list(block)] = np.tile(array, (len(points) // len(array), 1))
    return points[_inside(points, support)]


def _inside(points: Powers, support: Powers) -> NDArray[np.bool_]:
    """Which points lie within the support's extent in many directions."""
    rng = np.random.default_rng(20_240_101)
    width = support.shape[1]
    directions = [np.eye(width, dtype=np.int64), -np.eye(width, dtype=np.int64)]
    directions.append(rng.integers(-3, 4, size=(60 * width, width)))
    table = np.concatenate(directions)
    limits = (support @ table.T).max(axis=0)
    inside: NDArray[np.bool_] = np.all(points @ table.T <= limits, axis=1)
    return inside


def _compositions(total: int, parts: int) -> list[list[int]]:
    if parts == 1:
        return [[total]]
    return [
        [first, *rest]
        for first in range(total + 1)
        for rest in _compositions(total - first, parts - 1)
    ]


def _pairs(usable: Powers, candidates: Powers) -> list[tuple[int, int, int]] | None:
    """Numbers of exponents ``a``, ``b`` and their midpoint."""
    place = {tuple(m): i for i, m in enumerate(candidates.tolist())}
    groups: dict[tuple[int, ...], list[Monomial]] = {}
    for powers in usable.tolist():
        groups.setdefault(tuple(p % 2 for p in powers), []).append(tuple(powers))
    found: list[tuple[int, int, int]] = []
    for group in groups.values():
        for n, a in enumerate(group):
            for b in group[n + 1 :]:
                middle = place.get(tuple((x + y) // 2 for x, y in zip(a, b, strict=True)))
                if middle is not None:
                    found.append((place[a], place[b], middle))
                    if len(found) > MAX_PAIRS:
                        return None
    return found
