"""Points at which all facts hold: what fails there need not be attempted.

The points only guide the search. Values are balls around dyadic rationals, so a relation that is
decided to be false at a point is false there, and no proof of it from the facts exists.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache

from flint import arb, ctx

from verify.kernel.ball import decide, enclose, precision
from verify.kernel.context import Context
from verify.kernel.poly import Refused, rational
from verify.language.term import FLIPPED, Rel, Sym, Term, children, subterms
from verify.provers.elementary_forms import Forms
from verify.provers.elementary_tape import names_in, operation_of

BITS = 128
_SPECIAL = (0, 1, 2, -1, Fraction(1, 2), 3, -2, Fraction(-1, 2), 5, 10)


@dataclass(slots=True)
class _Fact:
    rel: Rel
    names: frozenset[str]
    bounds: dict[str, tuple[str, Term] | None] = field(default_factory=dict)
    linear: dict[str, bool] = field(default_factory=dict)


class Point(dict[str, arb]):
    """Values of variables; what has been computed from them is remembered."""

    __slots__ = ("known",)

    def __init__(self, values: Mapping[str, arb]) -> None:
        super().__init__(values)
        self.known: dict[Term, arb] = {}


ORIGIN = Point({})
"""The point of no variables."""


def value(term: Term, point: Point) -> arb:
    """The value at a point, as a narrow ball.

    Raises:
        Refused: a variable has no value.
    """
    known = point.known.get(term)
    if known is not None:
        return known
    # By hand: entering a context manager takes longer than most evaluations.
    before, ctx.prec = ctx.prec, BITS
    try:
        return _value(term, point)
    finally:
        ctx.prec = before


def _value(term: Term, point: Point) -> arb:
    known = point.known.get(term)
    if known is not None:
        return known
    if isinstance(term, Sym):
        found = point.get(term.name)
        if found is None:
            raise Refused(f"{term.name} has no value at the point")
    elif not names_in(term):
        found = _constant(term)
    else:
        found = operation_of(term)([_value(part, point) for part in children(term)])
    point.known[term] = found
    return found


@lru_cache(maxsize=20_000)
def _constant(term: Term) -> arb:
    return enclose(term, {})


def truth(rel: Rel, point: Point) -> bool | None:
    """Whether a relation holds at a point; None when undecided, as at a point of equality."""
    try:
        return decide(value(rel.left, point), rel.op, value(rel.right, point))
    except Refused:
        return None


def sample(context: Context, names: Iterable[str], count: int, seed: int = 0) -> list[Point]:
    """Points over the variables at which the facts about them are decided to hold (equations:
    hold up to rounding)."""
    order, facts = _relevant(context, frozenset(names))
    found: list[Point] = []
    if not order:
        return [ORIGIN] if all(truth(fact.rel, ORIGIN) is not False for fact in facts) else []
    source = random.Random(seed)
    with precision(BITS):
        for attempt in range(count * 4):
            point = _draw(order, facts, context.integers, source, attempt)
            if point is not None:
                found.append(point)
            if len(found) >= count or (attempt > count and not found):
                break
    return found


def extended(
    points: Sequence[Point], name: str, low: Term, high: Term, per_point: int = 3
) -> list[Point]:
    """Points with one more variable between two terms of the others."""
    found: list[Point] = []
    weights = (Fraction(1, 2), Fraction(1, 16), Fraction(15, 16), Fraction(1, 5), Fraction(4, 5))
    with precision(BITS):
        for number, point in enumerate(points):
            a, b = value(low, point), value(high, point)
            if not (a.is_finite() and b.is_finite()) or not a < b:
                continue
            for step in range(per_point):
                share = arb(rational(weights[(number + step) % len(weights)]))
                found.append(Point({**point, name: arb((a + (b - a) * share).mid())}))
    return found


def _relevant(context: Context, names: frozenset[str]) -> tuple[list[str], list[_Fact]]:
    """The variables connected to the given ones by facts, in order of appearance, and the facts."""
    facts = [(fact, names_in(fact)) for fact in context.facts]
    wanted = names
    grown = True
    while grown:
        grown = False
        for _, used in facts:
            if used & wanted and not used <= wanted:
                wanted, grown = wanted | used, True
    kept = [_Fact(fact, used) for fact, used in facts if used and used <= wanted]
    order: dict[str, None] = {}
    for fact in context.facts:
        for side in (fact.left, fact.right):
            for node in subterms(side):
                if isinstance(node, Sym) and node.name in wanted:
                    order[node.name] = None
    for name in sorted(wanted):
        order.setdefault(name, None)
    return list(order), kept


def _draw(
    order: list[str],
    facts: list[_Fact],
    integers: frozenset[str],
    source: random.Random,
    attempt: int,
) -> Point | None:
    point = Point({})
    placed: set[str] = set()
    for name in order:
        low, high = -math.inf, math.inf
        own = [fact for fact in facts if name in fact.names and fact.names - {name} <= placed]
        for fact in own:
            low, high = _narrowed(fact, name, point, low, high)
        if low > high:
            return None
        chosen = _choice(low, high, source, attempt)
        if name in integers:
            chosen = Fraction(math.floor(chosen + Fraction(1, 2)))
        point = Point({**point, name: arb(rational(chosen))})
        placed.add(name)
        for fact in own:
            if not _accepts(fact.rel, point):
                return None
    return point


def _accepts(rel: Rel, point: Point) -> bool:
    gap = value(rel.left, point) - value(rel.right, point)
    if rel.op == "==":
        return bool(gap.is_finite() and gap.abs_lower() < arb(2) ** -40)
    if rel.op in (">=", "<="):
        # Equality is not decided, but allowed: |x| >= x holds where it is an equality.
        return bool(gap.is_finite()) and decide(gap, rel.op, arb(0)) is not False
    return decide(gap, rel.op, arb(0)) is True


def _narrowed(fact: _Fact, name: str, point: Point, low: float, high: float) -> tuple[float, float]:
    """Bounds from a fact that is linear in the variable at the point."""
    if fact.rel.op == "!=":
        return low, high
    if name not in fact.bounds:
        fact.bounds[name] = solved_bound(fact.rel, name)
        sides = (fact.rel.left, fact.rel.right)
        fact.linear[name] = not any(_inside(side, name) for side in sides)
    known = fact.bounds[name]
    if known is not None:
        end = value(known[1], point)
        if not end.is_finite():
            return low, high
        if known[0] in (">=", ">"):
            return max(low, float(end.mid())), high
        return low, min(high, float(end.mid()))
    if not fact.linear[name]:
        return low, high
    gaps = []
    for at in (0, 1, 2):
        here = Point({**point, name: arb(at)})
        gap = value(fact.rel.left, here) - value(fact.rel.right, here)
        if not gap.is_finite():
            return low, high
        gaps.append(float(gap.mid()))
    slope, constant = gaps[1] - gaps[0], gaps[0]
    if not slope or abs(gaps[2] - gaps[1] - slope) > 1e-12 * (abs(slope) + abs(constant)):
        return low, high
    bound = -constant / slope
    op = fact.rel.op
    if op == "==":
        return max(low, bound), min(high, bound)
    if (op in (">=", ">")) == (slope > 0):
        return max(low, bound), high
    return low, min(high, bound)


@lru_cache(maxsize=20_000)
def solved_bound(fact: Rel, name: str) -> tuple[str, Term] | None:
    """``(op, bound)`` where a fact says ``name op bound``, for ``op`` an inequality."""
    if fact.op in ("==", "!=") or name not in names_in(fact):
        return None
    if fact.left == Sym(name) and name not in names_in(fact.right):
        return fact.op, fact.right
    if fact.right == Sym(name) and name not in names_in(fact.left):
        return FLIPPED[fact.op], fact.left
    try:
        forms = Forms.of(fact)
        polynomial = forms.sign(fact)
    except Refused:
        return None
    if name not in forms.keys:
        return None
    parts = forms.coefficients(polynomial, forms.keys.index(name))
    slope = parts.get(1)
    if set(parts) - {0, 1} or slope is None or not slope.is_constant():
        return None
    rest = -parts.get(0, polynomial - polynomial) / slope.leading_coefficient()
    if name in forms.variables(rest):
        return None
    op = fact.op if slope.leading_coefficient() > 0 else FLIPPED[fact.op]
    return op, forms.term(rest)


def _inside(side: Term, name: str) -> bool:
    """Whether the variable occurs inside a function, where the side is hardly linear in it."""
    return any(
        not isinstance(node, Sym)
        and type(node).__name__ in ("Call", "Pow")
        and name in names_in(node)
        for node in subterms(side)
    )


def _choice(low: float, high: float, source: random.Random, attempt: int) -> Fraction:
    """A number between two bounds: close to them, far out, in between, or a special one."""
    kind = attempt % 4
    if low == math.inf or high == -math.inf:
        return Fraction(0)
    if low == high:
        return Fraction(low)
    if kind == 0:
        special = [value for value in _SPECIAL if low <= value <= high]
        if special:
            return Fraction(source.choice(special))
    if math.isinf(low) and math.isinf(high):
        scale = 10.0 ** source.uniform(-3, 2)
        return _dyadic(source.choice((-1, 1)) * scale)
    if math.isinf(high):
        return _dyadic(low + 10.0 ** source.uniform(-4, 2.5))
    if math.isinf(low):
        return _dyadic(high - 10.0 ** source.uniform(-4, 2.5))
    width = high - low
    if kind == 1:
        return _within(low + width * source.random(), low, high)
    small = width * 10.0 ** source.uniform(-5, -0.1)
    return _within(low + small if kind == 2 else high - small, low, high)


def _dyadic(value: float) -> Fraction:
    return Fraction(value)


def _within(value: float, low: float, high: float) -> Fraction:
    return Fraction(min(max(value, low), high))
