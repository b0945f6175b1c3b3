"""Probability bounds under attack: exact probabilities at points that satisfy the hypotheses."""

from __future__ import annotations

import contextlib
import itertools
import math
import random
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

import msgspec
import numpy as np
from flint import arb, ctx, fmpq, fmpz

from verify.engine.at_points import asked, entries_at
from verify.engine.audit import Effort
from verify.engine.conditions import Condition, conditions_of
from verify.engine.formal import Formal, formalise
from verify.engine.necessity import anyway, dropped, unneeded, without
from verify.engine.numeric import rough_margin
from verify.engine.reference import rational_reference
from verify.engine.reference_data import bounded_arrays
from verify.engine.results import At, Claim, Counterexample, Necessity, Result, Tightness
from verify.engine.scalars import is_scalar
from verify.kernel.certificate import Obligation, accept, load
from verify.kernel.chance import Chance, NetworkEvent
from verify.kernel.point import Point
from verify.kernel.poly import Refused
from verify.language.render import text
from verify.language.statement import Output, Probability, Statement
from verify.language.sympy_terms import to_term
from verify.language.term import Formula, Num, Rel, Sym, Term, free_names, nnf, num
from verify.probe.corners import Corner, Corners, Tightening, as_terms
from verify.probe.field import Field, is_heavy
from verify.provers.budget import Budget

MOST_HALVES = 8
"""Probabilities down to 1/2^7 are tried in place of a smaller constant."""

FEW_SIGNS = (1, 2, 3, 4, 9, 25)
"""So many variables are tried in a cited tail bound."""

SCALE_BITS = 4_096
"""Enough to tell probabilities from 1 that differ from it by ``n^-k``."""

FRESH, MOSTLY = 0.25, 0.75
"""How often corners are drawn anew, and not near the best one; where that is as good as any."""

SAME = 0.5
"""How often a corner beside the best one lies on faces of the same variables."""

PATIENCE = 60
"""Corners that may be no better than the best one before another start is made."""

DRAWN, ASKED = 32, 8
"""Corners that are drawn together, and how many of them are asked."""

MANY, HUGE = 20_000, 10**6
"""Between these, the law of so many signs may take seconds: too many for exact ones, too few for
quick bounds."""

FEW = 5_000
"""Sizes up to this are asked first: their laws are exact and quick."""


def refute_chance(statement: Statement, field: Field, effort: Effort) -> Counterexample | None:
    """A point at which the hypotheses hold and the exact probability is below its bound.

    A claim about a constant that is large enough is contradicted by a point only where a larger
    constant could not help.
    """
    if statement.large is not None and not _grows(statement):
        return None
    for result in evaluated(statement, field, effort):
        if result.claim.verdict == "refuted" and contradicts(statement, result):
            return result.claim.counterexample
    return None


def _grows(statement: Statement) -> bool:
    """Whether the large constant asks for no more than for many columns of a network.

    Where all other hypotheses leave both alone, they hold for every larger constant with as many
    more columns.
    """
    formal = formalise(statement)
    chance = None if formal is None else formal.conclusion
    if formal is None or not isinstance(chance, Chance):
        return False
    event = chance.event
    if not isinstance(event, NetworkEvent) or not isinstance(event.columns, Sym):
        return False
    constant, columns = to_term(statement.large), event.columns
    assert isinstance(constant, Sym)
    moved = {constant.name, columns.name}
    rules = {p.name for p in statement.params if p.determined_by is not None}
    sides = [event.threshold, event.rows, chance.bound]
    sides += [side for weight in event.weights for side in (weight.weight, weight.count)]
    # That there are at least so many columns stays true.
    theory = replace(formal.theory, least={}, memo={})
    if moved & theory.names or moved & rules:
        return False
    if any(moved & free_names(side) for side in sides):
        return False
    return all(
        not moved & free_names(item) or _is_kept(item, constant, columns)
        for item in formal.hypotheses
    )


def _is_kept(item: Formula, constant: Sym, columns: Sym) -> bool:
    """``columns >= (a term)`` or ``constant >= (a number)``, which larger ones keep true."""
    if not isinstance(item, Rel) or item.op not in (">=", ">"):
        return False
    rest = free_names(item.right)
    if item.left == constant:
        return not rest
    return item.left == columns and columns.name not in rest


def contradicts(statement: Statement, result: Result) -> bool:
    """Whether a point at which a claim fails contradicts it: one about a constant that is large
    enough has to fail there for every larger constant too.

    With more columns the output is zero less often, and positive still never where it never is.
    """
    if statement.large is None:
        return True
    conclusion = statement.conclusion
    if not isinstance(conclusion, Probability) or not isinstance(conclusion.event, Output):
        return False
    never = result.at is not None and result.at.left == "0"
    return (never or not conclusion.event.positive) and _grows(statement)


def hunted(
    statement: Statement, formal: Formal, budget: Budget, seed: int
) -> Counterexample | None:
    """A counterexample at a corner of the domain, for as long as the budget lasts."""
    return _Hunt(statement, formal, seed).run(budget)


class _Hunt:
    """Asks at corners that are drawn at random, and then near the one where the exact probability
    is least above its bound so far, until that gets no better."""

    def __init__(self, statement: Statement, formal: Formal, seed: int) -> None:
        assert isinstance(formal.conclusion, Chance)
        self._statement = statement
        self._integers = {param.name for param in statement.params if param.integer}
        weights = formal.conclusion.event.weights
        self._counts = {name for weight in weights for name in free_names(weight.count)}
        rules = {p.name: p.determined_by for p in statement.params if p.determined_by is not None}
        self._corners = Corners(
            [h for h in formal.hypotheses if is_scalar(h)],
            [param.name for param in statement.params if param.name not in rules],
            {name: to_term(rule) for name, rule in rules.items()},
            formal.integers,
            rational_reference(statement.params),
            seed,
        )
        self._source = random.Random(seed)
        self._seen: set[tuple[tuple[str, Term], ...]] = set()
        self._room = math.inf
        self._best: tuple[Corner, tuple[Tightening, ...]] | None = None
        self._stale = 0

    def run(self, budget: Budget) -> Counterexample | None:
        """A counterexample, or None where the budget has run out."""
        while budget.left():
            order, drawn = self._drawn()
            for corner in itertools.islice(filter(self._is_quick, drawn), ASKED):
                found = self._ask(corner, order) if budget.left() else None
                if found is not None:
                    return found
        return None

    def _drawn(self) -> tuple[tuple[Tightening, ...], list[Corner]]:
        fresh = MOSTLY if math.isinf(self._room) else FRESH
        if self._best is None or self._source.random() < fresh:
            order = self._corners.order()
            return order, self._corners.drawn(order, DRAWN)
        corner, order = self._best
        if self._source.random() >= SAME:
            order = self._corners.order()
        return order, self._corners.near(corner, order, DRAWN)

    def _is_quick(self, corner: Corner) -> bool:
        sizes = [corner[name] for name in self._counts if name in corner]
        return not any(MANY < size < HUGE for size in sizes) and not is_heavy(
            as_terms(corner), self._integers
        )

    def _ask(self, corner: Corner, order: tuple[Tightening, ...]) -> Counterexample | None:
        point = self._with_some_data(corner)
        key = tuple(point.items())
        result = None if key in self._seen else asked(self._statement, point)
        self._seen.add(key)
        if result is None or result.at is None or result.at.margin is None:
            return None
        if all(item.holds for item in result.at.hypotheses):
            self._compare(_relative(result.at), corner, order)
        return result.claim.counterexample

    def _compare(self, room: float, corner: Corner, order: tuple[Tightening, ...]) -> None:
        """Where no corner is better for long, another start may be."""
        self._stale = 0 if room < self._room else self._stale + 1
        if self._stale > PATIENCE:
            self._room, self._best, self._stale = math.inf, None, 0
        elif room <= self._room:
            self._room, self._best = room, (corner, order)

    def _with_some_data(self, corner: Corner) -> Point:
        """A corner as a point, with one of the data that the hypotheses may allow."""
        point = as_terms(corner)
        if bounded_arrays(self._statement):
            point |= self._source.choice([{}, *entries_at(self._statement, point)])
        return point


def refute_tail(statement: Statement) -> Counterexample | None:
    """Few variables at both ends of their intervals, for which a cited tail bound fails; or None.

    The bound is taken from the literature, and is not proved; but it may be copied wrong.
    """
    sizes = [param.name for param in statement.params if param.integer]
    reals = [param.name for param in statement.params if not param.integer]
    for size in FEW_SIGNS:
        for part in (
            Fraction(1, size),
            Fraction(1, 2),
            Fraction(1),
            Fraction(math.isqrt(size), size),
        ):
            point: dict[str, Term] = dict.fromkeys(sizes, num(size))
            point |= dict.fromkeys(reals, num(size * part))
            for entries in ({}, *entries_at(statement, point)):
                result = asked(statement, {**point, **entries})
                if result is not None and result.claim.counterexample is not None:
                    return result.claim.counterexample
    return None


def _relative(at: At) -> float:
    """The margin in units of the probability that the event does not happen; it decides nothing.

    The margin itself is small wherever both sides are near 1, as for ``1 - delta / n^k`` with a
    large exponent, without being close to a counterexample.
    """
    with ctx.workprec(SCALE_BITS), contextlib.suppress(ValueError):
        missed, margin = 1 - _value(at.left or "nan"), _value(at.margin or "nan")
        return float(margin / missed) if missed > 0 else math.inf
    # A side beyond all balls is shown as a term.
    return math.inf


def _value(shown: str) -> arb:
    """The middle of a number as it is shown."""
    top, _, bottom = shown.strip("[]").split(" ")[0].partition("/")
    return arb(fmpq(fmpz(top), fmpz(bottom))) if bottom else arb(top)


def chance_field(statement: Statement, formal: Formal, effort: Effort, seed: int) -> Field:
    """Points that satisfy the hypotheses of a statement that are about numbers."""
    return Field(
        [h for h in formal.hypotheses if is_scalar(h)],
        formal.integers - frozenset(formal.theory.ranges),
        seed=seed,
        reference=rational_reference(statement.params),
        budget=Budget.counted(effort.points),
    )


def evaluated(statement: Statement, field: Field, effort: Effort) -> Iterator[Result]:
    """The statement at some points of a field, where that is within reach."""
    for index in _chosen(field, effort.laws):
        result = asked(statement, field.point(index))
        if result is not None:
            yield result


def _chosen(field: Field, most: int) -> list[int]:
    """Small sizes first, then others; of both some simple points and some of every size."""
    feasible = field.satisfying(field.hypotheses, heavy=True)
    sizes = [
        row for name, row in zip(field.names, field.columns, strict=True) if name in field.integers
    ]
    largest = np.max(np.stack(sizes), axis=0) if sizes else np.zeros(len(field))
    found: list[int] = []
    for group, share in ((feasible[largest[feasible] <= FEW], 3), (feasible, 1)):
        half = max(1, most * share // 8)
        by_size = group[np.argsort(largest[group], kind="stable")[::-1]]
        step = max(1, len(group) // half)
        found += [*group[:half].tolist(), *by_size[::step].tolist()[:half]]
    return list(dict.fromkeys(found))


def _inside(at: At) -> bool:
    """Whether a point is known to satisfy all hypotheses that say something about one."""
    return all(item.holds or item.asymptotic for item in at.hypotheses)


def least_likely(statement: Statement, field: Field, effort: Effort) -> At | None:
    """Of some points that satisfy the hypotheses, the one with the least difference between the
    exact probability and its bound.

    None for a claim about a constant that is large enough, which says nothing about small ones.
    """
    if statement.large is not None:
        return None
    least: tuple[float, At] | None = None
    for result in evaluated(statement, field, effort):
        at = result.at
        if at is None or at.margin is None or not _inside(at):
            continue
        rough = rough_margin(at.margin)
        if least is None or rough < least[0]:
            least = rough, at
    return None if least is None else least[1]


def room(claim: Claim, worst: At | None) -> Tightness:
    """What is known about the room in a proved probability bound.

    A constant bound is at best what the claim's own certificate still proves, and at most the
    least exact probability that was met.
    """
    if worst is None:
        return Tightness(lower="0")
    found = Tightness(
        lower="0",
        upper=worst.margin,
        at=worst.point,
        note="the exact probability minus its bound, at the points that were tried",
    )
    try:
        top = Fraction(worst.left or "")
        obligation, proof = load(claim.certificate)
    except (ValueError, Refused):
        return found
    chance = obligation.conclusion
    if not isinstance(chance, Chance) or not isinstance(chance.bound, Num):
        return found
    level = chance.bound.value
    for power in range(1, MOST_HALVES):
        better = Fraction(1, 2**power)
        if level < better <= top and _still_proves(obligation, chance, better, proof):
            level = better
            break
    return msgspec.structs.replace(found, best_constant=f"[{level}, {top}]")


def _still_proves(obligation: Obligation, chance: Chance, level: Fraction, proof: object) -> bool:
    try:
        accept(replace(obligation, conclusion=replace(chance, bound=Num(level))), proof)
    except Refused:
        return False
    return True


def chance_necessities(
    statement: Statement, claim: Claim, effort: Effort, seed: int
) -> tuple[Necessity, ...]:
    """Which hypotheses a proved probability bound needs.

    Not needed is one without which the kernel accepts the same certificate; needed is one without
    which the exact probability is too small at some point.
    """
    try:
        obligation, proof = load(claim.certificate)
    except Refused:
        return ()
    formal = Formal(
        obligation.hypotheses, obligation.conclusion, obligation.integers, obligation.theory
    )
    return tuple(
        _necessity(statement, formal, condition, proof, effort, seed)
        for condition in conditions_of(formal)
    )


def _necessity(
    statement: Statement,
    formal: Formal,
    condition: Condition,
    proof: object,
    effort: Effort,
    seed: int,
) -> Necessity:
    rest = without(formal, condition)
    if condition.indices is None:
        with contextlib.suppress(Refused):
            accept(rest.obligation(), proof)
            return unneeded(condition)
    found = None
    weaker = dropped(statement, condition) if effort.search else None
    if weaker is not None and is_scalar(condition.formula):
        outside = replace(rest, hypotheses=(*rest.hypotheses, nnf(condition.formula, negate=True)))
        found = refute_chance(weaker, chance_field(weaker, outside, effort, seed), effort)
        found = anyway(found) if found is not None else None
    return Necessity(text(condition.formula), True if found else None, found)
