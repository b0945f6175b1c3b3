"""Polynomials on cones and boxes, cut up until no coefficient is negative.

In coordinates that are nonnegative, a polynomial without negative coefficients is nonnegative. A
cone is cut in two along ``y_i = r y_j``, which replaces a coordinate by the difference; ordering the
variables is the first such cut (successive difference substitution), cutting a box at a point is
another (Bernstein's form).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
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
from verify.provers.frames import Frame, frames, split_frame
from verify.provers.system import System, system

Proof = Mapping[str, Any]

MAX_TERMS = 3_000
MAX_LEAVES = 150
RATIOS = 40


def signs(context: Context, goal: Formula, budget: Budget) -> Proof | None:
    """No negative coefficient in coordinates that the facts give, or binomial squares."""
    for view, frame in _frames(context, goal):
        budget.check()
        proof = _leaf(view, frame, context)
        if proof is not None:
            return proof
        if len(frame.poly) <= MAX_TERMS:
            proof = binomials(view, frame, budget)
            if proof is not None:
                return proof
    return None


def cones(context: Context, goal: Formula, budget: Budget) -> Proof | None:
    """Cut the frames up, each with a part of the time."""
    for view, frame in _frames(context, goal):
        if frame.free or len(frame.poly) > MAX_TERMS:
            continue
        search = _Search(view, budget.share(0.6))
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
    facts = {**view.originals}
    facts.update({c.fact: c.form for c in frame.coordinates if c.new and c.fact is not None})
    facts[number] = view.goal.original
    return refutation(view, terms, (), facts)


@dataclass
class _Search:
    view: System
    budget: Budget
    leaves: int = 0

    def run(self, context: Context, frame: Frame, depth: int) -> Proof | None:
        """A tree of cuts for this part of the cone, or None."""
        self.budget.check()
        proof = _leaf(self.view, frame, context)
        if proof is not None:
            self.leaves += 1
            return proof
        if depth > 4 * len(frame.coordinates) + 8 or self.leaves > MAX_LEAVES:
            return None
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


def _best_cut(frame: Frame, budget: Budget) -> tuple[int, int, Fraction] | None:
    """The cut after which the least negativity is left; None where the polynomial is negative."""
    if _negative_at_vertex(frame):
        return None
    best: tuple[float, int, int, Fraction] | None = None
    for block in frame.blocks:
        for n, i in enumerate(block):
            for j in block[n + 1 :]:
                budget.check()
                for ratio in _ratios(frame, i, j):
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


def negativity(frame: Frame) -> float:
    """How negative the coefficients are, each relative to the multinomial that goes with it."""
    bad = good = 0.0
    for powers, coefficient in zip(frame.poly.monoms(), frame.poly.coeffs(), strict=True):
        value = to_float(coefficient)
        weight = 1.0
        for block in frame.blocks:
            weight *= _multinomial(tuple(int(powers[i]) for i in block))
        if value < 0:
            bad -= value / weight
        else:
            good += value / weight
    return bad / (good + bad) if bad else 0.0


def _multinomial(powers: tuple[int, ...]) -> float:
    result, total = 1.0, 0
    for power in powers:
        for k in range(1, power + 1):
            total += 1
            result *= total / k
    return result


def _ratios(frame: Frame, i: int, j: int) -> list[Fraction]:
    """Where to cut an edge: in the middle, and where the polynomial is smallest on it."""
    found = [Fraction(1)]
    best = _edge_minimum(frame.poly, i, j)
    if best is not None and best not in found:
        found.append(best)
    return found


def _edge_minimum(poly: fmpq_mpoly, i: int, j: int) -> Fraction | None:
    """The ratio ``y_i / y_j`` of an interior minimum where all other coordinates vanish."""
    table: dict[int, float] = {}
    for powers, coefficient in zip(poly.monoms(), poly.coeffs(), strict=True):
        if all(not p for k, p in enumerate(powers) if k not in (i, j)):
            table[int(powers[i])] = to_float(coefficient)
    if len(table) < 3:
        return None
    degree = max(table)
    dense = np.array([table.get(k, 0.0) for k in range(degree, -1, -1)])
    # Scaling by the other coordinate's power does not move the sign, only the size.
    roots = np.roots(np.polyder(dense))
    real = [r.real for r in roots if abs(r.imag) < 1e-7 * max(1.0, abs(r)) and r.real > 1e-6]
    if not real:
        return None
    value = min(real, key=lambda r: float(np.polyval(dense, r)) / (1 + r) ** degree)
    simple = Fraction(value).limit_denominator(RATIOS)
    return simple if simple > 0 else None
