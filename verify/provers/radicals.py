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

from verify.kernel.ball import enclose, precision
from verify.kernel.context import Context
from verify.kernel.derivative import derivative
from verify.kernel.point import Evaluator, Undecided, Undefined
from verify.kernel.poly import Refused, exact_root
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
    mul,
    num,
    replace,
    sub,
)
from verify.provers.atoms import Notes, establish
from verify.provers.budget import Budget
from verify.provers.sample import guess_sign, plausible, tight_points
from verify.provers.tactic import Proof, Prove
from verify.provers.tangent import addends
from verify.provers.wholes import concluded, product_sign, total_sign

HALF = Fraction(1, 2)
MOST = 6
"""How many roots a sum may have."""
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

    @property
    def value(self) -> Term:
        """What is bounded: the root, or its inverse."""
        return Div(ONE, self.root) if self.below else self.root


def radicals(prove: Prove, context: Context, goal: Formula, budget: Budget) -> Proof | None:
    """Prove a bound of a sum with square roots from bounds of the roots."""
    if not isinstance(goal, Rel) or goal.op in ("==", "!="):
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
    if not 1 <= len(roots) <= MOST or any(_has_root(term) for term in rest):
        return None
    op: RelOp = ">" if goal.op in (">", "<") else ">="
    seen: set[Rel] = set()
    for bounds in _choices(context, goal, roots):
        lines = [mul(root.factor, bound) for root, bound in zip(roots, bounds, strict=True)]
        level = Rel(op, add(*lines, *rest), ZERO)
        if level in seen or not plausible(context, level):
            continue
        seen.add(level)
        proof = _prove(prove, context, goal, level, list(zip(roots, bounds, strict=True)), budget)
        if proof is not None:
            return proof
    return None


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


def _choices(context: Context, goal: Rel, roots: Sequence[_Root]) -> Iterator[tuple[Term, ...]]:
    """Bounds for all the roots together, the same kind for those on the same side."""
    for point in (*_places(context, goal), None):
        options: list[list[Term]] = []
        for root in roots:
            upper = (root.sign > 0) == root.below
            bounds = list(_bounds(context, root.radicand, upper, point))
            options.append([Div(ONE, bound) if root.below else bound for bound in bounds])
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
) -> Iterator[Term]:
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
    if plane is not None and not upper:
        if plausible(context, Rel(">=", Pow(radicand, Num(HALF)), plane)):
            yield plane
    elif plane is not None and guess_sign(context, plane) == 1:
        yield Div(Add((radicand, Mul((plane, plane)))), Mul((num(2), plane)))
    if upper:
        yield Div(Add((radicand, Num(square))), Mul((num(2), value)))
    else:
        yield Div(Mul((num(2), value, radicand)), Add((radicand, Num(square))))


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
    return Div(add(*line, Num(constant)) if constant else add(*line), value)


def _prove(
    prove: Prove,
    context: Context,
    goal: Rel,
    level: Rel,
    bounds: Sequence[tuple[_Root, Term]],
    budget: Budget,
) -> Proof | None:
    notes = Notes(context)
    # First what is hard, among as few facts as there are.
    proof = prove(context, level, budget.share(0.5))
    if proof is None:
        return None
    notes.add(level, dict(proof))
    gaps: list[Term] = []
    for root, bound in bounds:
        gap = sub(root.value, bound) if root.sign > 0 else sub(bound, root.value)
        factor = root.factor if root.sign > 0 else Neg(root.factor)
        easier = prove.easier()
        if not establish(easier, notes, Rel(">", factor, ZERO), budget):
            return None
        found = prove(notes.context, Rel(">=", gap, ZERO), budget.share(0.4))
        if found is None:
            return None
        notes.have(Rel(">=", gap, ZERO), dict(found))
        signed = product_sign(notes, ">=", factor, gap, budget)
        if signed is None:
            return None
        gaps.append(signed)
    return concluded(notes, goal, total_sign(notes, level.op, [level.left, *gaps], budget))
