"""Sums with square roots, each root bounded by something without: where both sides touch, the
bounds do too.

With ``r = sqrt(q)`` the value of ``sqrt(u)`` at a point of equality, ``sqrt(u)`` is at most
``(u + q)/(2 r)`` and at least ``2 r u/(u + q)``; the tangent plane ``s`` at that point lies below
the root of a convex quadratic form, and above it lies ``(u + s^2)/(2 s)``. What is left to prove
has no roots.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from typing import cast

from verify.kernel.ball import enclose, precision
from verify.kernel.context import Context
from verify.kernel.derivative import derivative
from verify.kernel.point import Evaluator, Undecided, Undefined
from verify.kernel.poly import Refused, exact_root
from verify.language.codec import encode_term
from verify.language.term import (
    ONE,
    ZERO,
    Add,
    Call,
    Div,
    Formula,
    Mul,
    Neg,
    Num,
    Pow,
    Rel,
    RelOp,
    Sym,
    Term,
    add,
    contains,
    free_names,
    map_terms,
    mul,
    node_count,
    num,
    replace,
    sub,
)
from verify.provers.atoms import Notes, establish, learn
from verify.provers.budget import Budget
from verify.provers.sample import guess_sign, plausible, tight_points
from verify.provers.syntax import normal, unused
from verify.provers.tactic import Proof, Prove
from verify.provers.tangent import addends
from verify.provers.wholes import concluded, product_sign, total_sign

HALF = Fraction(1, 2)
LONGEST = 80
"""How many subterms a claim has at most: longer ones come from squaring, and are not for bounds."""

LEAST, MOST = 2, 6
"""How many roots a sum may have: a single one is brought to one side."""
POINTS = 3
DENOMINATORS = (12, 60)
NEAR = 1e-4


@dataclass(frozen=True, slots=True)
class _Root:
    """``factor * sqrt(radicand)``, or the quotient of the two; the factor has the given sign."""

    factor: Term
    root: Term
    radicand: Term
    below: bool
    sign: int


def radicals(prove: Prove, context: Context, goal: Formula, budget: Budget) -> Proof | None:
    """Prove a bound of a sum with square roots from bounds of the roots."""
    if not isinstance(goal, Rel) or goal.op in ("==", "!="):
        return None
    inner = prove.depth > 0 and prove.effort == 0
    if inner or node_count(goal.left) + node_count(goal.right) > LONGEST:
        # What other strategies ask for is mostly easy, and the points take time.
        return None
    upward = goal.op in (">=", ">")
    total = sub(goal.left, goal.right) if upward else sub(goal.right, goal.left)
    roots: list[_Root] = []
    rest: list[Term] = []
    for addend in addends(total):
        found = _root_of(context, addend)
        if found is None:
            rest.append(addend)
        else:
            roots.append(found)
    if not LEAST <= len(roots) <= MOST or any(_has_root(term) for term in rest):
        return None
    op: RelOp = ">" if goal.op in (">", "<") else ">="
    seen: set[Rel] = set()
    for bounds in _choices(context, goal, roots):
        chosen = list(zip(roots, bounds, strict=True))
        level = Rel(op, add(*(_line(root, bound) for root, bound in chosen), *rest), ZERO)
        if level in seen or not plausible(context, level):
            continue
        seen.add(level)
        proof = _prove(prove, context, goal, level, chosen, budget)
        if proof is not None:
            return proof
    return None


def _line(root: _Root, bound: _Bound) -> Term:
    value = bound.of(root.radicand, bound.plane)
    return mul(root.factor, Div(ONE, value) if root.below else value)


def _has_root(term: Term) -> bool:
    return contains(term, Pow, Call) and any(True for _ in _roots(term))


def _roots(term: Term) -> Iterator[Term]:
    match term:
        case Call(name="sqrt", args=(arg,)) if free_names(arg):
            yield term
        case Pow(base=base, exp=Num(value=value)) if value.denominator == 2 and free_names(base):
            yield term
        case Add(args=args) | Mul(args=args):
            for arg in args:
                yield from _roots(arg)
        case Neg(arg=arg):
            yield from _roots(arg)
        case Div(num=top, den=bottom):
            yield from _roots(top)
            yield from _roots(bottom)


def _root_of(context: Context, addend: Term) -> _Root | None:
    """An addend with one root as a factor or as a divisor, and a factor of known sign."""
    factors: list[Term] = []
    divisors: list[Term] = []
    pending = [(addend, False)]
    while pending:
        term, below = pending.pop()
        match term:
            case Neg(arg=arg):
                factors.append(num(-1))
                pending.append((arg, below))
            case Mul(args=args):
                pending += [(arg, below) for arg in args]
            case Div(num=top, den=bottom):
                pending += [(top, below), (bottom, not below)]
            case _:
                (divisors if below else factors).append(term)
    sides = [*((term, False) for term in factors), *((term, True) for term in divisors)]
    found = [(term, below) for term, below in sides if _radicand(term) is not None]
    if len(found) != 1:
        return None
    root, below = found[0]
    others = [term for term in factors if below or term is not root]
    under = [term for term in divisors if not below or term is not root]
    factor = mul(*others) if others else ONE
    if under:
        factor = Div(factor, mul(*under))
    sign = guess_sign(context, factor) if free_names(factor) else _constant_sign(factor)
    radicand = _radicand(root)
    if sign not in (1, -1) or radicand is None or _has_root(factor) or _has_root(radicand):
        return None
    return _Root(factor, root, radicand, below, sign)


def _constant_sign(term: Term) -> int | None:
    with precision(128):
        ball = enclose(term, {})
    return 1 if ball > 0 else -1 if ball < 0 else None


def _radicand(term: Term) -> Term | None:
    match term:
        case Call(name="sqrt", args=(arg,)) if free_names(arg):
            return arg
        case Pow(base=base, exp=Num(value=value)) if value == HALF and free_names(base):
            return base
        case _:
            return None


@dataclass(frozen=True, slots=True)
class _Bound:
    """What bounds a root: above or below it, by its value ``sqrt(square)`` at a point, or by the
    tangent plane there."""

    upper: bool
    square: Fraction
    value: Term
    plane: Term | None = None

    def of(self, radicand: Term, plane: Term | None) -> Term:
        """The bound of the root of a radicand."""
        if plane is not None and not self.upper:
            return plane
        if plane is not None:
            return Div(Add((radicand, Pow(plane, num(2)))), Mul((num(2), plane)))
        total = Add((radicand, Num(self.square)))
        if self.upper:
            return Div(total, Mul((num(2), self.value)))
        return Div(Mul((num(2), self.value, radicand)), total)


def _choices(context: Context, goal: Rel, roots: Sequence[_Root]) -> Iterator[tuple[_Bound, ...]]:
    """Bounds for all the roots together, the same kind for those on the same side."""
    for point in (*_places(context, goal), None):
        options: list[list[_Bound]] = []
        for root in roots:
            upper = (root.sign > 0) == root.below
            options.append(list(_bounds(context, root.radicand, upper, point)))
        if not all(options):
            continue
        for kinds in product(range(2), repeat=2):
            yield tuple(
                choice[min(kinds[root.sign > 0], len(choice) - 1)]
                for root, choice in zip(roots, options, strict=True)
            )


def _places(context: Context, goal: Rel) -> Iterator[dict[str, Fraction]]:
    """Simple points near which both sides are equal, also at another scale."""
    seen: set[tuple[tuple[str, Fraction], ...]] = set()
    for place in tight_points(context, goal)[:POINTS]:
        least = min((abs(value) for value in place.values() if abs(value) > NEAR), default=1.0)
        for scale, denominator in product((1.0, least), DENOMINATORS):
            values = {name: value / scale for name, value in place.items()}
            close = {name: Fraction(v).limit_denominator(denominator) for name, v in values.items()}
            if any(abs(float(close[n]) - v) > NEAR * (1 + abs(v)) for n, v in values.items()):
                continue
            key = tuple(sorted(close.items()))
            if key not in seen:
                seen.add(key)
                yield close


def _bounds(
    context: Context, radicand: Term, upper: bool, point: Mapping[str, Fraction] | None
) -> Iterator[_Bound]:
    """Upper or lower bounds of a root that touch it at the point, or where it is 1."""
    square = Fraction(1)
    if point is not None:
        found = _value(radicand, point)
        if found is None or found <= 0:
            return
        square = found
    exact = exact_root(Num(square), 2)
    value: Term = Num(exact) if exact is not None else Pow(Num(square), Num(HALF))
    plane = None if point is None else _plane(radicand, point, square, value)
    # For each side the simpler one first.
    at_value = _Bound(upper, square, value)
    if upper:
        yield at_value
        if plane is not None and guess_sign(context, plane) == 1:
            yield _Bound(upper, square, value, plane)
        return
    if plane is not None and plausible(context, Rel(">=", Pow(radicand, Num(HALF)), plane)):
        yield _Bound(upper, square, value, plane)
    yield at_value


def _value(term: Term, point: Mapping[str, Fraction]) -> Fraction | None:
    table: dict[Term, Term] = {Sym(name): Num(value) for name, value in point.items()}
    try:
        return Evaluator({}).exact(replace(term, table))
    except (Undefined, Undecided):
        return None


def _plane(
    radicand: Term, point: Mapping[str, Fraction], square: Fraction, value: Term
) -> Term | None:
    """The tangent plane of the root: ``r + sum u_i (x_i - p_i)/(2 r)``, collected."""
    constant = square
    slopes: list[tuple[Fraction, str]] = []
    for name in sorted(free_names(radicand)):
        try:
            slope = _value(derivative(radicand, name), point)
        except Refused:
            return None
        if slope is None:
            return None
        slopes.append((slope / 2, name))
        constant -= slope / 2 * point[name]
    line = [mul(Num(slope), Sym(name)) for slope, name in slopes if slope]
    if not line:
        return None
    whole = add(*line, Num(constant)) if constant else add(*line)
    return mul(Num(1 / square), value, whole)


def _prove(
    prove: Prove,
    context: Context,
    goal: Rel,
    level: Rel,
    chosen: Sequence[tuple[_Root, _Bound]],
    budget: Budget,
) -> Proof | None:
    notes = Notes(context)
    # First what is hard, among as few facts as there are.
    proof = prove(context, level, budget.share(0.5))
    if proof is None:
        return None
    notes.add(level, dict(proof))
    lemmas: dict[tuple[tuple[Rel, ...], Formula], Proof | None] = {}
    gaps: list[Term] = []
    for root, bound in chosen:
        factor = root.factor if root.sign > 0 else Neg(root.factor)
        if not establish(prove.easier(), notes, Rel(">", factor, ZERO), budget):
            return None
        gap = _gap(prove, notes, root, bound, lemmas, budget)
        signed = None if gap is None else product_sign(notes, ">=", factor, gap, budget)
        if signed is None:
            return None
        gaps.append(signed)
    return concluded(notes, goal, total_sign(notes, level.op, [level.left, *gaps], budget))


def _gap(
    prove: Prove,
    notes: Notes,
    root: _Root,
    bound: _Bound,
    lemmas: dict[tuple[tuple[Rel, ...], Formula], Proof | None],
    budget: Budget,
) -> Term | None:
    """Learn by how much a root exceeds its bound, or the bound the root: from what is known of any
    root and its square alone, unless the bound is a plane below it."""
    radicand, easier = root.radicand, prove.easier()
    if not establish(easier, notes, Rel(">=", radicand, ZERO), budget):
        return None
    if root.below and not establish(easier, notes, Rel(">", radicand, ZERO), budget):
        return None
    whole = _difference(root, Pow(radicand, Num(HALF)), bound.of(radicand, bound.plane))
    if bound.plane is not None and not bound.upper:
        if not establish(easier, notes, Rel(">=", whole, ZERO), budget):
            return None
        return whole
    facts: list[Rel] = []
    names: list[Term] = []
    for name in ("root_sign", "root_power"):
        if not learn(notes, name, radicand, num(2)):
            return None
    known = Pow(radicand, Num(HALF))
    # With a factor of one, what is under the root keeps its brackets.
    sign, power = Rel(">=", known, ZERO), Rel("==", Pow(known, num(2)), Mul((ONE, radicand)))
    facts += [cast(Rel, normal(sign)), cast(Rel, normal(power))]
    names += [facts[0].left, facts[1].right]
    plane = None
    if bound.plane is not None:
        if not establish(easier, notes, Rel(">", bound.plane, ZERO), budget):
            return None
        facts.append(cast(Rel, normal(Rel(">", Mul((ONE, bound.plane)), ZERO))))
        plane = facts[-1].left
        names.insert(1, plane)
    for fact in facts:
        notes.state(fact)
    whole = _difference(root, names[0], bound.of(names[-1], plane))
    goal = normal(Rel(">=", whole, ZERO))
    proof = _lemma(prove, notes.context, goal, facts, names, lemmas, budget)
    if proof is None:
        return None
    notes.have(goal, dict(proof))
    return whole


def _difference(root: _Root, known: Term, bound: Term) -> Term:
    """What is not negative: the root minus its lower bound, or the like for its inverse."""
    value, line = (Div(ONE, known), Div(ONE, bound)) if root.below else (known, bound)
    return sub(value, line) if root.sign > 0 else sub(line, value)


def _lemma(
    prove: Prove,
    context: Context,
    goal: Formula,
    facts: Sequence[Rel],
    names: Sequence[Term],
    lemmas: dict[tuple[tuple[Rel, ...], Formula], Proof | None],
    budget: Budget,
) -> Proof | None:
    """A goal from a few facts, for any values of some terms."""
    keep = [context.facts.index(fact) for fact in facts]
    few = Context(tuple(context.facts[number] for number in keep), (), context.integers)
    rest = goal
    fresh: list[tuple[Term, str]] = []
    for term in names:
        if isinstance(term, Sym):
            continue
        assert isinstance(rest, Rel)
        table: dict[Term, Term] = {term: Sym(unused(few, rest))}
        few = few.replacing(table, few.integers)
        rest = map_terms(rest, lambda side, t=table: replace(side, t))  # type: ignore[misc]
        fresh.append((term, cast(Sym, table[term]).name))
    key = (few.facts, rest)
    if key not in lemmas:
        lemmas[key] = prove(few, rest, budget.share(0.3))
    found = lemmas[key]
    if found is None:
        return None
    proof = dict(found)
    for term, name in reversed(fresh):
        proof = {"rule": "generalise", "term": encode_term(term), "fresh": name, "then": proof}
    return {"rule": "focus", "keep": keep, "then": proof}
