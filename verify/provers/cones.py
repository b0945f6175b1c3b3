"""Polynomials on cones and boxes, cut up until no coefficient is negative.

In coordinates that are nonnegative, a polynomial without negative coefficients is nonnegative. A
cone is cut in two along ``y_i = r y_j``, which replaces a coordinate by the difference; ordering
the variables is the first such cut (successive difference substitution), cutting a box at a point
is another (Bernstein's form).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from itertools import product
from typing import Any

import numpy as np
from flint import fmpq_mpoly

from verify.kernel.context import Context
from verify.kernel.poly import fraction
from verify.language.codec import encode_formula
from verify.language.term import ZERO, Formula, Rel
from verify.provers.binomials import binomials
from verify.provers.budget import Budget
from verify.provers.combination import Column, refutation, to_float
from verify.provers.frames import Frame, frames, split_frame, split_sign
from verify.provers.system import System, system

Proof = Mapping[str, Any]

MAX_TERMS = 3_000
MAX_LEAVES = 150
RATIOS = 40
ROUNDS = 12
SAMPLES = 120
TOUCH = 1e-3
MAX_VERTICES = 300
MAX_FREE = 5


def signs(context: Context, goal: Formula, budget: Budget) -> Proof | None:
    """No negative coefficient in coordinates that the facts give, or binomial squares."""
    for view, frame in _frames(context, goal):
        budget.check()
        proof = _leaf(view, frame, context)
        if proof is not None:
            return proof
        if not frame.seems_negative():
            proof = binomials(view, frame, budget)
            if proof is not None:
                return proof
    return None


def cones(context: Context, goal: Formula, budget: Budget) -> Proof | None:
    """Cut up frames in which all coordinates have a sign, each with a part of the time."""
    return _cut_up(context, goal, budget, 0)


def orthants(context: Context, goal: Formula, budget: Budget) -> Proof | None:
    """Also where variables have no sign: then in each orthant, or for each order of them."""
    return _cut_up(context, goal, budget, MAX_FREE)


def _cut_up(context: Context, goal: Formula, budget: Budget, free: int) -> Proof | None:
    for view, frame in _frames(context, goal):
        if len(frame.free) > free or frame.seems_negative():
            continue
        search = _Search(view, budget.share(0.9))
        proof = search.run(context, frame, 0)
        if proof is not None:
            return proof
    return None


def _frames(context: Context, goal: Formula) -> list[tuple[System, Frame]]:
    view = system(context, goal)
    if view is None or view.goal is None or view.goal.op not in (">", ">="):
        return []
    if view.target.is_constant() or len(view.target) > MAX_TERMS:
        return []
    return [(view, frame) for frame in frames(view, view.target)]


def _leaf(view: System, frame: Frame, context: Context) -> Proof | None:
    """The certificate where every coefficient is nonnegative."""
    assert view.goal is not None
    if not frame.nonnegative():
        return None
    number = len(context.facts)
    terms = [(Fraction(1), Column(view.goal.poly, (number,), (), view.goal.strict))]
    for powers, coefficient in zip(frame.poly.monoms(), frame.poly.coeffs(), strict=True):
        column = frame.column(view, tuple(int(p) for p in powers))
        terms.append((fraction(coefficient), column))
    if not any(column.strict for _, column in terms):
        return None
    return refutation(view, terms, (), _case(view, frame, number))


def _case(view: System, frame: Frame, number: int) -> dict[int, fmpq_mpoly]:
    """The polynomials of the facts in a case, where the negated goal has the given number."""
    assert view.goal is not None
    facts = {n: poly for n, poly in view.originals.items() if n != view.goal.index}
    facts.update({c.fact: c.form for c in frame.coordinates if c.new and c.fact is not None})
    facts[number] = view.goal.original
    return facts


@dataclass
class _Search:
    view: System
    budget: Budget
    leaves: int = 0
    attempts: int = 10

    def run(self, context: Context, frame: Frame, depth: int) -> Proof | None:
        """A tree of cuts for this part of the cone, or None."""
        self.budget.check()
        proof = _leaf(self.view, frame, context)
        if proof is not None:
            self.leaves += 1
            return proof
        late = depth > len(frame.coordinates) + 1 and negativity(frame) < 0.02
        if self.attempts and late and _touches_at_vertex(frame):
            # Next to a zero a form may be positive without positive coefficients.
            self.attempts -= 1
            case = _case(self.view, frame, len(context.facts))
            proof = binomials(self.view, frame, self.budget.share(0.3, 0.5), case)
            if proof is not None:
                self.leaves += 1
                return proof
        if depth > 4 * len(frame.coordinates) + 8 or self.leaves > MAX_LEAVES:
            return None
        if frame.free:
            low, high, above, below = _cut_free(frame)
        else:
            cut = _best_cut(frame, self.budget)
            if cut is None:
                return None
            low, high, ratio = cut
            above, below = split_frame(frame, low, high, ratio)
        gap = above.coordinates[low].form
        on = Rel(">=", self.view.term(gap), ZERO)
        yes = self._branch(context, on, above, low, depth)
        if yes is None:
            return None
        no = self._branch(context, Rel("<", on.left, on.right), below, high, depth)
        return no and {"rule": "split", "on": encode_formula(on), "yes": yes, "no": no}

    def _branch(
        self, context: Context, fact: Rel, frame: Frame, index: int, depth: int
    ) -> Proof | None:
        number = len(context.facts)
        coordinates = list(frame.coordinates)
        coordinates[index] = replace(coordinates[index], fact=number)
        inner = replace(frame, coordinates=tuple(coordinates))
        return self.run(context.having(fact), inner, depth + 1)


def _cut_free(frame: Frame) -> tuple[int, int, Frame, Frame]:
    """Order two coordinates of unknown sign, where only differences matter; else take a sign."""
    free = frame.free
    drift = sum((frame.poly.derivative(i) for i in free), frame.poly * 0)
    if len(free) > 1 and drift.is_zero():
        above, below = split_frame(frame, free[0], free[1], Fraction(1))
        return free[0], free[1], above, below
    above, below = split_sign(frame, free[0])
    return free[0], free[0], above, below


def _best_cut(frame: Frame, budget: Budget) -> tuple[int, int, Fraction] | None:
    """The cut after which the least negativity is left; None where the polynomial is negative."""
    if _negative_at_vertex(frame):
        return None
    zero = lowest(frame)
    best: tuple[float, int, int, Fraction] | None = None
    for block in frame.blocks:
        for n, i in enumerate(block):
            for j in block[n + 1 :]:
                budget.check()
                for ratio in _ratios(frame, i, j, zero):
                    above, below = split_frame(frame, i, j, ratio)
                    if _negative_at_vertex(above) or _negative_at_vertex(below):
                        return None
                    left = negativity(above) + negativity(below)
                    if best is None or left < best[0] - 1e-12:
                        best = (left, i, j, ratio)
    return None if best is None else best[1:]


def _negative_at_vertex(frame: Frame) -> bool:
    """Whether some coefficient of a pure power in each block is negative."""
    for powers, coefficient in zip(frame.poly.monoms(), frame.poly.coeffs(), strict=True):
        if coefficient < 0 and all(
            sum(1 for i in block if powers[i]) <= 1 for block in frame.blocks
        ):
            return True
    return False


def _touches_at_vertex(frame: Frame) -> bool:
    """Whether the polynomial vanishes where only one coordinate of each block does not."""
    table = {tuple(map(int, m)) for m in frame.poly.monoms()}
    degrees = [sum(next(iter(table))[i] for i in block) for block in frame.blocks]
    count = 1
    for block in frame.blocks:
        count *= len(block)
    if count > MAX_VERTICES:
        return False
    for chosen in product(*frame.blocks):
        powers = [0] * len(frame.coordinates)
        for i, degree in zip(chosen, degrees, strict=True):
            powers[i] = degree
        if tuple(powers) not in table:
            return True
    return False


def negativity(frame: Frame) -> float:
    """How negative the coefficients are, each relative to the multinomial that goes with it."""
    bad = good = 0.0
    logs = [math.log(scale) for scale in frame.scales]
    for exponents, coefficient in zip(frame.poly.monoms(), frame.poly.coeffs(), strict=True):
        powers = tuple(map(int, exponents))
        weight = math.exp(-sum(p * s for p, s in zip(powers, logs, strict=True) if p))
        for block in frame.blocks:
            weight /= _multinomial(tuple(powers[i] for i in block))
        value = to_float(coefficient) * weight
        if value < 0:
            bad -= value
        else:
            good += value
    return bad / (good + bad) if bad else 0.0


@lru_cache(maxsize=50_000)
def _multinomial(powers: tuple[int, ...]) -> float:
    result, total = 1.0, 0
    for power in powers:
        for k in range(1, power + 1):
            total += 1
            result *= total / k
    return result


def _ratios(frame: Frame, i: int, j: int, zero: Sequence[float] | None) -> list[Fraction]:
    """Where to cut an edge: in the middle, where the polynomial touches zero on it, or through a
    point inside where it does."""
    middle = Fraction(frame.scales[j] / frame.scales[i]).limit_denominator(4) or Fraction(1)
    found = [Fraction(1), middle]
    best = _edge_minimum(frame, i, j)
    if best is not None:
        found.append(best)
    if zero is not None and zero[i] > 1e-3 and zero[j] > 1e-3:
        through = Fraction(zero[i] / zero[j]).limit_denominator(RATIOS)
        if through > 0:
            found.append(through)
    return list(dict.fromkeys(found))


def lowest(frame: Frame) -> list[float] | None:
    """A point where the polynomial seems to touch zero, by sampling, drawn towards the best
    points; None where it stays away from zero."""
    powers = np.array([[int(p) for p in m] for m in frame.poly.monoms()], dtype=np.float64)
    weights = np.array([to_float(c) for c in frame.poly.coeffs()])
    rng = np.random.default_rng(5)
    width = len(frame.coordinates)
    scales = np.array(frame.scales)
    best = np.full(width, 1.0)
    radius = 1.0
    for _ in range(ROUNDS):
        points = best * np.exp(radius * 2 * rng.normal(size=(SAMPLES, width)))
        points[0] = best
        for block in frame.blocks:
            part = points[:, list(block)]
            points[:, list(block)] = part / part.sum(axis=1, keepdims=True)
        logs = np.log(np.maximum(points / scales, 1e-30)) @ powers.T
        values = np.exp(logs) @ weights
        sizes = np.exp(logs) @ np.abs(weights) + 1e-300
        where = int(np.argmin(values / sizes))
        best = points[where]
        radius *= 0.55
    if values[where] > TOUCH * sizes[where]:
        return None
    return [float(b) for b in best / scales]


def _edge_minimum(frame: Frame, i: int, j: int) -> Fraction | None:
    """The ratio ``y_i / y_j`` at which the polynomial touches zero where all others vanish, or is
    smallest, if that is far from the middle."""
    table: dict[int, float] = {}
    for powers, coefficient in zip(frame.poly.monoms(), frame.poly.coeffs(), strict=True):
        if all(not p for k, p in enumerate(powers) if k not in (i, j)):
            table[int(powers[i])] = to_float(coefficient)
    if len(table) < 3:
        return None
    degree = max(table)
    dense = np.array([table.get(k, 0.0) for k in range(degree, -1, -1)])
    roots = np.roots(np.polyder(dense))
    real = [r.real for r in roots if abs(r.imag) < 1e-5 * max(1.0, abs(r)) and r.real > 1e-6]
    if not real:
        return None
    value = min(real, key=lambda r: float(np.polyval(dense, r)) / (1 + r) ** degree)
    size = float(np.polyval(np.abs(dense), value))
    far = value * frame.scales[i] / frame.scales[j]
    if np.polyval(dense, value) > TOUCH * size and 0.2 < far < 5:
        return None
    simple = Fraction(value).limit_denominator(RATIOS)
    return simple if simple > 0 else None
