"""Nonnegative combinations of products of facts (Farkas, Handelman, Krivine), by levels."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations_with_replacement
from operator import is_not
from typing import Any

from flint import fmpq_mpoly

from verify.kernel.context import Context
from verify.language.term import Formula, Rel, RelOp
from verify.language.work import WORK
from verify.provers.budget import Budget
from verify.provers.combination import Column, Multiple, combine
from verify.provers.draft import Draft
from verify.provers.system import Item, System, system

Proof = Mapping[str, Any]

MAX_KNOWN = 20_000
MAX_PRODUCTS = 2_500
MAX_PRODUCT_TERMS = 2_000
A_CHOICE, A_PRODUCT = 1, 7
"""The work of choosing factors, and of multiplying them, with each two monomials."""


@dataclass(frozen=True, slots=True)
class Factor:
    """A polynomial known to be nonnegative: a fact, or the square of ``root``."""

    poly: fmpq_mpoly
    fact: int | None
    root: fmpq_mpoly | None
    strict: bool
    degree: int
    cost: float


@dataclass(frozen=True, slots=True)
class Level:
    """How large the products may be: beyond the goal's degree, and in number of factors."""

    extra_degree: int
    factors: int
    squares: bool


LEVELS = (
    Level(0, 1, False),
    Level(0, 2, True),
    Level(1, 3, True),
    Level(2, 4, True),
    Level(4, 6, True),
)


def linear(context: Context, goal: Formula, budget: Budget) -> Proof | None:
    """A combination of products, by growing degree."""
    return products_up_to(context, goal, budget, len(LEVELS))


_WEAK: tuple[RelOp, ...] = (">=", "<=")


def farkas(context: Context, goal: Formula, budget: Budget) -> Proof | None:
    """A combination of the facts themselves."""
    return products_up_to(context, goal, budget, 1)


def either_way(context: Context, goal: Rel, budget: Budget) -> Proof | None:
    """A combination of the facts themselves; for an equation, of two inequalities."""
    if goal.op != "==":
        return farkas(context, goal, budget.share(0.2, 1.0))
    draft = Draft(context)
    for op in _WEAK:
        weaker = Rel(op, goal.left, goal.right)
        proof = farkas(draft.context, weaker, budget.share(0.2, 1.0))
        if proof is None:
            return None
        draft.force(weaker, dict(proof))
    both = [draft.number(Rel(op, goal.left, goal.right)) for op in _WEAK]
    products = [["1", [draft.negated(goal)], []], ["1", both, []]]
    return draft.close({"rule": "refute", "products": products, "equations": []})


def pairs(context: Context, goal: Formula, budget: Budget) -> Proof | None:
    """A combination of products of at most two facts or squares."""
    return products_up_to(context, goal, budget, 2)


def triples(context: Context, goal: Formula, budget: Budget) -> Proof | None:
    """A combination of products of at most three facts or squares."""
    return products_up_to(context, goal, budget, 3)


_KNOWN: dict[tuple[tuple[Rel, ...], Formula, int], Proof | None] = {}
"""What came of questions that were asked to the end: variants of a claim ask many of them again."""


def products_up_to(context: Context, goal: Formula, budget: Budget, levels: int) -> Proof | None:
    """The first levels, one after the other."""
    asked = context.facts, goal, levels
    if asked not in _KNOWN:
        proof = _products_up_to(context, goal, budget, levels)
        if len(_KNOWN) >= MAX_KNOWN:
            _KNOWN.clear()
        _KNOWN[asked] = proof
    return _KNOWN[asked]


def _products_up_to(context: Context, goal: Formula, budget: Budget, levels: int) -> Proof | None:
    view = system(context, goal)
    if view is None:
        return None
    items = relevant(view)
    before = -1
    for level in LEVELS[:levels]:
        budget.check()
        columns, multiples = products(view, items, level, budget)
        if len(columns) + len(multiples) == before:
            continue
        before = len(columns) + len(multiples)
        proof = combine(view, columns, multiples, budget)
        if proof is not None:
            return proof
    return None


def relevant(view: System) -> tuple[Item, ...]:
    """The facts that share atoms with the goal, directly or through other facts."""
    if view.goal is None:
        return view.items
    reached = set(view.used(view.goal.poly))
    items = [(item, view.used(item.poly)) for item in view.items if item is not view.goal]
    chosen: list[Item] = [view.goal]
    changed = True
    while changed:
        changed = False
        waiting = []
        for item, used in items:
            if not used or used & reached:
                reached |= used
                chosen.append(item)
                changed = True
            else:
                waiting.append((item, used))
        items = waiting
    positive = signed_variables(view)
    kept = [item for item in chosen if item is view.goal or not _redundant(item, positive)]
    return tuple(sorted(kept, key=lambda item: item.index))


def signed_variables(view: System) -> frozenset[int]:
    """The generators that a fact says are nonnegative."""
    return frozenset(
        next(iter(view.used(item.poly)))
        for item in view.facts
        if item.op in (">=", ">")
        and len(item.poly) == 1
        and item.poly.total_degree() == 1
        and item.poly.leading_coefficient() > 0
    )


def _redundant(item: Item, positive: frozenset[int]) -> bool:
    """Whether a fact is a sum of products of nonnegative variables, and so says nothing new."""
    if item.op not in (">=", ">", "!=") or len(item.poly) < 2:
        return False
    return all(c > 0 for c in item.poly.coeffs()) and all(
        power % 2 == 0 or generator in positive
        for powers in item.poly.monoms()
        for generator, power in enumerate(powers)
        if power
    )


def products(
    view: System, items: Sequence[Item], level: Level, budget: Budget
) -> tuple[list[Column], list[Multiple]]:
    """The columns of a level, and the multiples of equations of the same degree."""
    degree = level.extra_degree + max(
        2 if level.factors > 1 else 1,
        max((i.poly.total_degree() for i in items if level.factors == 1), default=0),
        view.goal.poly.total_degree() if view.goal is not None else 2,
    )
    if view.goal is not None and view.goal.op in ("!=", "=="):
        degree = max(degree, 2 * view.goal.poly.total_degree())
    factors = base_factors(view, items, level.squares)
    columns = list(_columns(view, factors, level, degree, budget))
    multiples: list[Multiple] = []
    for item in items:
        if item.op != "==":
            continue
        room = degree - item.poly.total_degree() if level.factors > 1 else 0
        for mono in monomials(view, items, max(0, room)):
            multiples.append(Multiple(item.poly * mono, item.index, mono))
            if len(multiples) > MAX_PRODUCTS:
                return columns, multiples
    return columns, multiples


def base_factors(view: System, items: Sequence[Item], squares: bool) -> list[Factor]:
    """The facts that may be multiplied, and simple squares."""
    factors: list[Factor] = []
    signed: set[int] = set()
    for item in items:
        if item.op == "==":
            continue
        poly = item.factor
        cost = 1.0 + 0.1 * len(poly)
        factors.append(Factor(poly, item.index, None, item.strict, poly.total_degree(), cost))
        used = view.used(item.poly)
        if len(item.poly) == 1 and len(used) == 1 and item.poly.total_degree() == 1:
            signed |= used
    if squares:
        occurring = sorted(frozenset().union(*(view.used(item.poly) for item in items)))
        gens = [view.gens[i] for i in occurring]
        roots = [view.gens[i] for i in occurring if i not in signed]
        if len(gens) <= 6:
            roots += [a - b for n, a in enumerate(gens) for b in gens[n + 1 :]]
            roots += [a - 1 for a in gens]
        if len(gens) <= 3:
            free = [view.gens[i] for i in occurring if i not in signed]
            roots += [a + b for n, a in enumerate(free) for b in free[n + 1 :]]
            roots += [a + 1 for a in free]
        factors += [Factor(root**2, None, root, False, 2, 1.5 + 0.2 * len(root)) for root in roots]
    return factors


def _columns(
    view: System, factors: Sequence[Factor], level: Level, degree: int, budget: Budget
) -> Iterator[Column]:
    yield Column(view.constant(1), (), (), True, 0.1)
    count = 0
    for size in range(1, level.factors + 1):
        before: tuple[Factor, ...] = ()
        start: fmpq_mpoly | None = None
        for chosen in combinations_with_replacement(factors, size):
            count += 1
            if count % 256 == 0:
                budget.check()
            if count > 50 * MAX_PRODUCTS:
                return
            if size > 1:
                whole = roots = 0
                for factor in chosen:
                    whole += factor.degree
                    roots += factor.root is not None
                if whole > degree or roots > 1:
                    continue
            poly = chosen[-1].poly
            if size > 1:
                # Neighbours differ in the last factor alone.
                if start is None or any(map(is_not, before, chosen[:-1])):
                    before, start = chosen[:-1], _before_last(chosen)
                poly = start * poly
            if len(poly) > MAX_PRODUCT_TERMS:
                continue
            WORK.done += A_PRODUCT + len(poly) // 2
            yield Column(
                poly,
                tuple(f.fact for f in chosen if f.fact is not None),
                tuple(f.root for f in chosen if f.root is not None),
                all(f.strict for f in chosen),
                sum(f.cost for f in chosen) + size * size - 1,
            )
            if count > MAX_PRODUCTS:
                return


def _before_last(chosen: Sequence[Factor]) -> fmpq_mpoly:
    """The product of all factors but the last."""
    poly = chosen[0].poly
    for factor in chosen[1:-1]:
        poly = poly * factor.poly
    return poly


def monomials(view: System, items: Sequence[Item], degree: int) -> list[fmpq_mpoly]:
    """All monomials up to a degree in the atoms that occur."""
    occurring = sorted(frozenset().union(*(view.used(item.poly) for item in items)))
    found = [view.constant(1)]
    for size in range(1, degree + 1):
        for chosen in combinations_with_replacement(occurring, size):
            mono = view.constant(1)
            for index in chosen:
                mono = mono * view.gens[index]
            found.append(mono)
            if len(found) > MAX_PRODUCTS:
                return found
    return found
