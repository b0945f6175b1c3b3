"""Sums of squares with facts as multipliers (Putinar, Schmuedgen, Stengle), by levels.

The goal ``p >= 0`` is proved from ``p = sum (squares) * (product of facts) + sum m_j e_j``, or from
such a sum for ``p`` times a positive polynomial.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from typing import Any

import numpy as np
from flint import fmpq, fmpq_mpoly

from verify.kernel.context import Context
from verify.language.codec import encode_formula
from verify.language.term import ZERO, Formula, Rel
from verify.language.work import WORK
from verify.provers.binomials import lattice_points
from verify.provers.budget import Budget
from verify.provers.combination import Column, Multiple, refutation
from verify.provers.gram import Block, Decomposition, decompose
from verify.provers.linear import relevant
from verify.provers.sdp import available
from verify.provers.system import Item, System, system

Proof = Mapping[str, Any]

MAX_BASIS = 60
A_PRODUCT = 8
"""The work of a product, beside its monomials, and of a monomial, beside its exponents."""
MAX_WORK = 5_000


@dataclass(frozen=True, slots=True)
class Level:
    """How many facts per product, how much the degree may grow, and whether the negated goal may
    be multiplied by a sum of squares as well."""

    facts: int
    extra: int
    multiplied: bool


LEVELS = (
    Level(0, 0, False),
    Level(1, 0, False),
    Level(2, 0, False),
    Level(0, 2, True),
    Level(1, 2, False),
    Level(2, 2, True),
    Level(3, 2, False),
)


def squares(context: Context, goal: Formula, budget: Budget) -> Proof | None:
    """A sum of squares with multipliers, by growing degree."""
    view = system(context, goal)
    if view is None or not available() or (view.goal is not None and view.goal.op == "!="):
        return None
    items = relevant(view)
    if any(len(item.poly) > 400 for item in items):
        return None
    before: object = None
    for level in LEVELS:
        budget.check()
        blocks, multiples = _blocks(view, items, level)
        shape = [(len(b.basis), b.multiplier.facts) for b in blocks]
        work = sum(n * (n + 1) // 2 for n, _ in shape) + len(multiples)
        if shape == before or work > MAX_WORK:
            continue
        before = shape
        proof = _attempt(view, context, blocks, multiples, level, budget)
        if proof is not None:
            return proof
    return None


def _attempt(
    view: System,
    context: Context,
    blocks: Sequence[Block],
    multiples: Sequence[Multiple],
    level: Level,
    budget: Budget,
) -> Proof | None:
    inner = budget.share(0.6)
    positive = view.goal is not None and view.goal.op in (">", ">=")
    if positive and level.multiplied and _form(view, [view.target]):
        return _times_norm(view, context, blocks, inner)
    if positive and not level.multiplied:
        assert view.goal is not None
        found = decompose(view.target, blocks, multiples, inner, not view.goal.strict)
        if found is None:
            return None
        goal = Column(view.goal.poly, (view.goal.index,), (), view.goal.strict)
        return refutation(view, [(Fraction(1), goal), *found.columns], found.multiples)
    found = decompose(view.constant(0), blocks, multiples, inner, True)
    return None if found is None else refutation(view, found.columns, found.multiples)


def _blocks(
    view: System, items: Sequence[Item], level: Level
) -> tuple[list[Block], list[Multiple]]:
    """The products of facts with their bases, and the multiples of the equations."""
    goal = view.goal if view.goal is not None and view.goal.op in (">", ">=") else None
    facts = [item for item in items if item.op in (">", ">=") and item is not goal]
    equations = [item for item in items if item.op == "=="]
    polys = [item.poly for item in items]
    form = _form(view, polys)
    degree = max((p.total_degree() for p in (polys if goal is None else [goal.poly])), default=2)
    degree = max(degree, 2) + level.extra
    if not form and degree % 2:
        degree += 1
    atoms = sorted(frozenset().union(*(view.used(p) for p in polys)))
    blocks: list[Block] = []
    multiplied = level.multiplied or goal is None
    support = None
    if not equations and not (facts and level.facts) and goal is not None and not multiplied:
        support = goal.poly
    one = Column(view.constant(1), (), (), True)
    products = [one]
    for size in range(1, level.facts + 1):
        for chosen in combinations(facts, size):
            poly = view.constant(1)
            for item in chosen:
                poly = poly * item.poly
            WORK.done += A_PRODUCT + len(poly)
            column = Column(poly, tuple(i.index for i in chosen), (), all(i.strict for i in chosen))
            products.append(column)
    if multiplied and goal is not None:
        column = Column(goal.poly, (goal.index,), (), goal.strict)
        products.append(column)
    bases: dict[int, tuple[fmpq_mpoly, ...]] = {}
    for column in products:
        room = degree - column.poly.total_degree()
        if room < 0 or (form and room % 2) or _too_many(len(atoms), room // 2):
            continue
        if room not in bases:
            found = _basis(view, atoms, room // 2, form, support)
            bases[room] = tuple(found) if len(found) <= MAX_BASIS else ()
        if column.strict and not form:
            # Apart, so that its coefficient can be asked to be positive.
            blocks.append(Block(column, (view.constant(1),)))
        blocks.append(Block(column, bases[room]))
    multiples = []
    for item in equations:
        room = degree - item.poly.total_degree()
        if _too_many(len(atoms), room // 2):
            continue
        for mono in _basis(view, atoms, max(0, room), False, None):
            WORK.done += A_PRODUCT + len(item.poly)
            multiples.append(Multiple(item.poly * mono, item.index, mono))
    return blocks, multiples


def _form(view: System, polys: Sequence[fmpq_mpoly]) -> bool:
    """Whether all polynomials are homogeneous."""
    return all(len({int(sum(m)) for m in p.monoms()}) <= 1 for p in polys) and bool(view)


def _basis(
    view: System, atoms: Sequence[int], degree: int, form: bool, support: fmpq_mpoly | None
) -> list[fmpq_mpoly]:
    """Monomials up to a degree, or of that degree; with a support, half of its polytope."""
    if support is not None:
        return _half_polytope(view, support)
    ctx = view.ring.ctx
    found: list[fmpq_mpoly] = []
    for powers in _exponents(len(atoms), degree, form):
        full = [0] * len(view.gens)
        for atom, power in zip(atoms, powers, strict=True):
            full[atom] = power
        found.append(ctx.from_dict({tuple(full): fmpq(1)}))
        WORK.done += A_PRODUCT + len(full)
        if len(found) > 4 * MAX_BASIS:
            break
    return found


def _too_many(count: int, degree: int) -> bool:
    return math.comb(count + max(0, degree), count) > 4 * MAX_BASIS


def _exponents(count: int, degree: int, exactly: bool) -> Iterator[tuple[int, ...]]:
    """One at a time: of many atoms there are far more than the few that are taken."""
    if count == 0:
        if degree == 0 or not exactly:
            yield ()
    elif count == 1 and exactly:
        yield (degree,)
    else:
        for first in range(degree + 1):
            for rest in _exponents(count - 1, degree - first, exactly):
                yield (first, *rest)


def _half_polytope(view: System, support: fmpq_mpoly) -> list[fmpq_mpoly]:
    atoms = sorted(view.used(support))
    degree = support.total_degree()
    if degree % 2:
        return []
    points = np.array(
        [[*(int(m[a]) for a in atoms), degree - int(sum(m))] for m in support.monoms()],
        dtype=np.int64,
    )
    inside = lattice_points(points, [list(range(len(atoms) + 1))])
    if inside is None:
        return _basis(view, atoms, degree // 2, False, None)
    halves = [tuple(row // 2) for row in inside if not np.any(row % 2)]
    known = {tuple(row) for row in points.tolist()}
    # A monomial whose square occurs neither in the polynomial nor as a product of two others
    # cannot be used.
    changed = True
    while changed:
        sums = {tuple(a + b for a, b in zip(x, y, strict=True)) for x, y in combinations(halves, 2)}
        kept = [h for h in halves if tuple(2 * a for a in h) in known | sums]
        changed = len(kept) < len(halves)
        halves = kept
    found = []
    for half in halves:
        full = [0] * len(view.gens)
        for atom, power in zip(atoms, half, strict=False):
            full[atom] = int(power)
        found.append(view.ring.ctx.from_dict({tuple(full): fmpq(1)}))
    return found


def _times_norm(
    view: System, context: Context, blocks: Sequence[Block], budget: Budget
) -> Proof | None:
    """A form times the sum of the squares of its variables; all zero is a case of its own."""
    assert view.goal is not None
    atoms = sorted(view.used(view.target))
    norm = sum((view.gens[a] ** 2 for a in atoms), view.constant(0))
    blocks = [b for b in blocks if view.goal.index not in b.multiplier.facts]
    if not view.goal.strict or view.target.is_constant() or view.reduces:
        return None
    found = decompose(view.target * norm, blocks, [], budget)
    return None if found is None else _unless_zero(view, context, norm, atoms, found)


def _unless_zero(
    view: System, context: Context, norm: fmpq_mpoly, atoms: Sequence[int], found: Decomposition
) -> Proof:
    assert view.goal is not None
    on = Rel(">", view.term(norm), ZERO)
    number = len(context.facts)
    products: list[list[Any]] = [["1", [number + 1, number], []]]
    products += [
        [str(c), list(column.facts), [view.text(s) for s in column.squares]]
        for c, column in found.columns
    ]
    yes = {"rule": "refute", "products": products, "equations": []}
    zeros: list[tuple[Any, Proof]] = []
    for offset, atom in enumerate(atoms):
        equation = Rel("==", view.generators[atom], ZERO)
        rest = [["1", [], [view.text(view.gens[a])]] for a in atoms if a != atom]
        products = [["1", [number + 1 + offset], []], ["1", [number], []], *rest]
        proof = {"rule": "refute", "products": products, "equations": []}
        zeros.append((encode_formula(equation), proof))
    equations = []
    left = view.target
    for offset, atom in enumerate(atoms):
        quotient, remainder = divmod(left, view.gens[atom])
        left = remainder
        if not quotient.is_zero():
            equations.append([number + 1 + offset, view.text(quotient)])
    last = number + 1 + len(atoms)
    no: Proof = {"rule": "refute", "products": [["1", [last], []]], "equations": equations}
    for fact, proof in reversed(zeros):
        no = {"rule": "cut", "fact": fact, "by": proof, "then": no}
    return {"rule": "split", "on": encode_formula(on), "yes": yes, "no": no}
