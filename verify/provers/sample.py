"""Floating-point points at which the facts seem to hold: hints for the search, never evidence."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from functools import lru_cache

import numpy as np
from flint import arb
from numpy.typing import NDArray

from verify.kernel.ball import decide_on, precision
from verify.kernel.context import Context
from verify.kernel.poly import Refused
from verify.language.floats import to_float
from verify.language.render import text
from verify.language.term import (
    ZERO,
    Add,
    Call,
    Const,
    Div,
    Entry,
    Formula,
    Mul,
    Neg,
    Num,
    Pow,
    Rel,
    Sym,
    Term,
    children,
    entry_names,
    free_names,
    map_terms,
    relations,
    replace,
)
from verify.language.work import WORK

Floats = NDArray[np.float64]
Points = Mapping[str, Floats]

COUNT = 300
ENOUGH = 60
REPAIRED = 80
REPAIRS = 10
CHAIN = 4
"""Through how many other variables a bound is followed."""
CLOUDS = 500
DESCENTS = 14
KEPT = 12
TOLERANCE = 1e-7
AN_OPERATION = 4
"""The work of an operation on all points."""

_FUNCTIONS: dict[str, Callable[[Floats], Floats]] = {
    "exp": np.exp,
    "log": np.log,
    "sqrt": np.sqrt,
    "abs": np.abs,
    "sin": np.sin,
    "cos": np.cos,
    "tan": np.tan,
    "asin": np.arcsin,
    "acos": np.arccos,
    "atan": np.arctan,
    "sinh": np.sinh,
    "cosh": np.cosh,
    "tanh": np.tanh,
    "floor": np.floor,
    "ceil": np.ceil,
}


@lru_cache(maxsize=20_000)
def _opaque(entry: Entry) -> str:
    """What the values of an entry of an array are kept under: nothing is known of it but the
    facts, as of a variable."""
    return text(entry)


@lru_cache(maxsize=20_000)
def _variables(formula: Formula) -> frozenset[str]:
    """The variables of a formula and its entries of arrays: all that has values."""
    return free_names(formula).union(map(_opaque, _entries(formula)))


@lru_cache(maxsize=20_000)
def _entries(formula: Formula) -> frozenset[Entry]:
    """The outermost entries of arrays."""
    return frozenset().union(
        *(_outermost(side) for rel in relations(formula) for side in (rel.left, rel.right))
    )


def _outermost(term: Term) -> frozenset[Entry]:
    if isinstance(term, Entry):
        return frozenset((term,))
    if not entry_names(term):
        return frozenset()
    return frozenset().union(*map(_outermost, children(term)))


def evaluate(term: Term, points: Points) -> Floats:
    """The values of a term at many points; NaN where it is undefined.

    Raises:
        Refused: the term has a variable without values, or is not a scalar term.
    """
    with np.errstate(all="ignore"):
        return _evaluate(term, points)


def _evaluate(term: Term, points: Points) -> Floats:
    WORK.done += AN_OPERATION
    match term:
        case Num(value=value):
            try:
                return np.float64(value)  # type: ignore[return-value]
            except OverflowError:
                return np.float64(np.inf if value > 0 else -np.inf)  # type: ignore[return-value]
        case Sym(name=name):
            if name not in points:
                raise Refused(f"no values for {name}")
            return points[name]
        case Entry():
            if _opaque(term) not in points:
                raise Refused(f"no values for {_opaque(term)}")
            return points[_opaque(term)]
        case Const(name=name):
            return np.float64(np.pi if name == "pi" else np.e)  # type: ignore[return-value]
        case Neg(arg=arg):
            return -_evaluate(arg, points)
        case Add(args=args):
            total = _evaluate(args[0], points)
            for arg in args[1:]:
                total = total + _evaluate(arg, points)
            return total
        case Mul(args=args):
            total = _evaluate(args[0], points)
            for arg in args[1:]:
                total = total * _evaluate(arg, points)
            return total
        case Div(num=top, den=bottom):
            below = _evaluate(bottom, points)
            return _evaluate(top, points) / np.where(below == 0, np.nan, below)
        case Pow(base=base, exp=Num(value=value)):
            return _power(_evaluate(base, points), value.numerator, value.denominator)
        case Pow(base=base, exp=exponent):
            return np.float64(1) * _evaluate(base, points) ** _evaluate(exponent, points)
        case Call(name="min" | "max" as name, args=args):
            combine = np.minimum if name == "min" else np.maximum
            total = _evaluate(args[0], points)
            for arg in args[1:]:
                total = combine(total, _evaluate(arg, points))
            return total
        case Call(name=name, args=(arg,)):
            return _FUNCTIONS[name](_evaluate(arg, points))
        case _:
            raise Refused("not a scalar term")


def _power(base: Floats, top: int, bottom: int) -> Floats:
    if bottom == 1:
        # np.power keeps the sign of negative bases for integer exponents given as floats.
        return np.power(base, to_float(Fraction(top)))
    if bottom % 2:
        root = np.sign(base) * np.abs(base) ** to_float(Fraction(1, bottom))
        return np.power(root, to_float(Fraction(top)))
    return np.power(base, to_float(Fraction(top, bottom)))


def gap(rel: Rel, points: Points) -> tuple[Floats, Floats]:
    """``left - right`` and the size of what cancels in it, for judging rounding errors."""
    left, right = evaluate(rel.left, points), evaluate(rel.right, points)
    with np.errstate(all="ignore"):
        return left - right, _size(rel.left, points) + _size(rel.right, points)


def _size(term: Term, points: Points) -> Floats:
    match term:
        case Neg(arg=arg):
            return _size(arg, points)
        case Add(args=args):
            return np.asarray(sum((_size(arg, points) for arg in args), np.float64(0)))
        case Mul(args=args):
            total = _size(args[0], points)
            for arg in args[1:]:
                total = total * _size(arg, points)
            return total
        case Div(num=top, den=bottom):
            return _size(top, points) / np.abs(_evaluate(bottom, points))
        case Pow(base=base, exp=Num(value=value)) if value >= 1:
            return _power(_size(base, points), value.numerator, value.denominator)
        case _:
            return np.abs(_evaluate(term, points))


def violated(rel: Rel, points: Points) -> NDArray[np.bool_]:
    """Where a relation clearly fails (by more than rounding errors)."""
    difference, size = gap(rel, points)
    with np.errstate(all="ignore"):
        margin = TOLERANCE * (size + 1e-3)
        match rel.op:
            case ">=" | ">":
                bad = difference < -margin
            case "<=" | "<":
                bad = difference > margin
            case "==":
                bad = np.abs(difference) > margin
            case "!=":
                bad = np.zeros(np.shape(difference), dtype=bool)
    return np.asarray(bad & np.isfinite(difference))


class _Clouds:
    """The points found so far, by facts; a context starts from those of one with fewer facts."""

    def __init__(self) -> None:
        self.known: dict[tuple[frozenset[str], frozenset[str], tuple[Rel, ...]], Points | None] = {}
        self.hopeless: list[tuple[frozenset[Rel], frozenset[str]]] = []
        """Facts without points: those that hold only where these do are not worth the search."""

    def points(
        self, facts: tuple[Rel, ...], names: frozenset[str], integers: frozenset[str]
    ) -> Points | None:
        """The points for these facts, sampled when first asked for."""
        key = (names, integers, facts)
        if key not in self.known:
            if len(self.known) > CLOUDS:
                self.known.clear()
                self.hopeless.clear()
            self.known[key] = self._found(facts, names, integers)
        return self.known[key]

    def _found(
        self, facts: tuple[Rel, ...], names: frozenset[str], integers: frozenset[str]
    ) -> Points | None:
        inherited = self._inherited(facts, names, integers)
        if inherited:
            return inherited
        given = frozenset(facts)
        if any(integers == whole and fewer <= given for fewer, whole in self.hopeless):
            return dict.fromkeys(names, np.empty(0))
        found = _sampled(facts, sorted(names), integers)
        if found is not None and not len(next(iter(found.values()))):
            self.hopeless.append((given, integers))
        return found

    def _inherited(
        self, facts: tuple[Rel, ...], names: frozenset[str], integers: frozenset[str]
    ) -> Points | None:
        for length in range(len(facts) - 1, max(-1, len(facts) - 8), -1):
            parent = self.known.get((names, integers, facts[:length]))
            if parent is None:
                continue
            count = len(next(iter(parent.values())))
            try:
                with np.errstate(all="ignore"):
                    good = _holding(parent, facts[length:])
            except Refused:
                return None
            if np.count_nonzero(good) < max(1, min(ENOUGH, count // 2)):
                return None
            return {name: values[good] for name, values in parent.items()}
        return None


_CLOUDS = _Clouds()


def _sampled(
    facts: tuple[Rel, ...], names: Sequence[str], integers: frozenset[str]
) -> Points | None:
    if not names or len(names) > 24:
        return None
    points: Points = _start(names, Context(facts), integers)
    try:
        with np.errstate(all="ignore"):
            good = _holding(points, facts)
            if np.count_nonzero(good) < ENOUGH:
                kept = {name: values[~good][:REPAIRED] for name, values in points.items()}
                moved = _repaired(kept, facts, names, integers)
                points = {n: np.concatenate([points[n][good], moved[n]]) for n in names}
                good = _holding(points, facts)
    except (Refused, KeyError, np.linalg.LinAlgError):
        return None
    return {name: points[name][good] for name in names}


def _holding(points: Points, facts: Sequence[Rel]) -> NDArray[np.bool_]:
    """Where all facts seem to hold."""
    good = np.ones(len(next(iter(points.values()))), dtype=bool)
    for fact in facts:
        difference, size = gap(fact, points)
        margin = TOLERANCE * (size + 1e-3)
        match fact.op:
            case ">=":
                good &= difference >= -1e-12 * size
            case ">":
                good &= difference > 0
            case "<=":
                good &= difference <= 1e-12 * size
            case "<":
                good &= difference < 0
            case "==":
                good &= np.abs(difference) <= margin
            case "!=":
                good &= difference != 0
    return good


def cloud(context: Context, *more: Formula) -> Points | None:
    """Points where the facts seem to hold, with values for all their variables; None where they
    cannot be evaluated."""
    if context.choices:
        return None
    found = frozenset().union(*map(_variables, (*context.facts, *more)))
    return _CLOUDS.points(context.facts, found, context.integers)


def _start(names: Sequence[str], context: Context, integers: frozenset[str]) -> dict[str, Floats]:
    rng = np.random.default_rng(7)
    points: dict[str, Floats] = {}
    same = rng.random(COUNT) < 0.25
    base = _spread(rng, COUNT)
    bounds = chained_bounds(context)
    for name in names:
        low, high = bounds.get(name, (None, None))
        if low is not None and high is not None:
            first, last = to_float(low), to_float(high)
            values = first + (last - first) * _unit(rng, COUNT)
        else:
            alike = base * rng.choice([1.0, 1.0, 1.0, 2.0, 0.5], COUNT)
            values = np.where(same, alike, _spread(rng, COUNT))
            if low is not None:
                values = to_float(low) + np.abs(values)
            elif high is not None:
                values = to_float(high) - np.abs(values)
        if name in integers:
            values = np.round(values)
        points[name] = values
    return points


def chained_bounds(context: Context) -> dict[str, tuple[Fraction | None, Fraction | None]]:
    """The literal bounds of variables, also those that come through other variables: points that
    miss a large bound by far would never be moved to it."""
    bounds = dict(context.bounds)
    ordered = []
    for fact in context.facts:
        if isinstance(fact.left, Sym) and isinstance(fact.right, Sym):
            pair = fact.left.name, fact.right.name
            if fact.op in ("<=", "<", "=="):
                ordered.append(pair)
            if fact.op in (">=", ">", "=="):
                ordered.append(pair[::-1])
    for _ in ordered[:CHAIN]:
        for small, large in ordered:
            low, top = bounds.get(small, (None, None))
            bottom, high = bounds.get(large, (None, None))
            lows = [value for value in (low, bottom) if value is not None]
            highs = [value for value in (top, high) if value is not None]
            bounds[small] = low, min(highs, default=None)
            bounds[large] = max(lows, default=None), high
    return bounds


def _unit(rng: np.random.Generator, count: int) -> Floats:
    """Points of the unit interval, with its ends and middle more often."""
    values = rng.random(count)
    kind = rng.integers(0, 8, count)
    values = np.where(kind == 0, 0.0, values)
    values = np.where(kind == 1, 1.0, values)
    return np.where(kind == 2, np.round(values * 4) / 4, values)


def _spread(rng: np.random.Generator, count: int) -> Floats:
    """Numbers of many sizes, small integers among them."""
    kind = rng.integers(0, 4, count)
    values = rng.normal(0, 1.5, count)
    values = np.where(kind == 0, np.round(3 * rng.normal(0, 1, count)), values)
    wide = np.exp(rng.normal(0, 2.5, count)) * rng.choice([-1.0, 1.0], count)
    return np.where(kind == 1, wide, values)


def _repaired(
    points: Points, facts: Sequence[Rel], names: Sequence[str], integers: frozenset[str]
) -> Points:
    """Newton steps towards the facts that fail; the caller silences floating-point warnings."""
    count = len(points[names[0]])
    free = [name for name in names if name not in integers]
    facts = [fact for fact in dict.fromkeys(facts) if fact.op != "!="]
    for _ in range(REPAIRS):
        here = [_signed(fact, points) for fact in facts]
        residuals = [_residual(fact, value) for fact, value in zip(facts, here, strict=True)]
        active = [k for k, r in enumerate(residuals) if np.any(np.abs(r) > 1e-13)]
        if not active or not free:
            break
        jacobian = np.zeros((count, len(active), len(free)))
        for column, name in enumerate(free):
            step = 1e-6 * (1 + np.abs(points[name]))
            moved = {**points, name: points[name] + step}
            for row, k in enumerate(active):
                if name not in _variables(facts[k]):
                    continue
                slope = (_signed(facts[k], moved) - here[k]) / step
                jacobian[:, row, column] = np.where(residuals[k] != 0, slope, 0.0)
        target = np.stack([residuals[k] for k in active], axis=1)
        jacobian = np.nan_to_num(jacobian, posinf=0.0, neginf=0.0)
        target = np.nan_to_num(target, posinf=0.0, neginf=0.0)
        gram = jacobian @ jacobian.transpose(0, 2, 1)
        size = np.trace(gram, axis1=1, axis2=2)[:, None, None] + 1e-12
        gram = gram + 1e-11 * size * np.eye(len(active))
        change = jacobian.transpose(0, 2, 1) @ np.linalg.solve(gram, target[:, :, None])
        for column, name in enumerate(free):
            limit = 2 + np.abs(points[name])
            points = {**points, name: points[name] - np.clip(change[:, column, 0], -limit, limit)}
    return points


def _signed(fact: Rel, points: Points) -> Floats:
    difference = np.asarray(_evaluate(fact.left, points) - _evaluate(fact.right, points))
    shape = np.shape(next(iter(points.values())))
    return difference if difference.shape == shape else np.broadcast_to(difference, shape)


def _residual(fact: Rel, difference: Floats) -> Floats:
    """How far a fact is from holding with a little room, 0 where it holds."""
    room = 1e-3
    match fact.op:
        case "==":
            return difference
        case ">=" | ">":
            return np.where(difference < 0, difference - room, 0.0)
        case _:
            return np.where(difference > 0, difference + room, 0.0)


def plausible(context: Context, goal: Formula) -> bool:
    """False where a sampled point satisfies the facts and clearly violates the goal."""
    if not isinstance(goal, Rel):
        return True
    points = cloud(context, goal)
    if points is None or not all(map(len, points.values())):
        return True
    try:
        if goal.op == "!=" and isinstance(goal.left, Sym) and isinstance(goal.right, Num):
            # Hardly a sampled point lies just there, but some may be moved there.
            if goal.left.name in context.integers and goal.right.value.denominator > 1:
                return True
            value = to_float(goal.right.value)
            moved = {**points, goal.left.name: np.full(len(points[goal.left.name]), value)}
            with np.errstate(all="ignore"):
                return not np.any(_holding(moved, context.facts))
        suspects = np.flatnonzero(np.atleast_1d(violated(goal, points)))
        return not any(_confirmed(goal, points, int(k)) for k in suspects[:5])
    except (Refused, OverflowError, ValueError):
        return True


def _confirmed(goal: Rel, points: Points, which: int) -> bool:
    """Whether the violation at one point is more than a rounding error, by a ball."""
    place = {name: float(values[which]) for name, values in points.items()}
    table: dict[Term, Term] = {entry: Sym(_opaque(entry)) for entry in _entries(goal)}
    goal = map_terms(goal, lambda side: replace(side, table)) if table else goal  # type: ignore[assignment]
    with precision(160):
        box = {name: arb(value) for name, value in place.items()}
        return decide_on(goal, box) is False


def guess_sign(context: Context, term: Term) -> int | None:
    """1 or -1 where a term has that sign (or zero) at all sampled points, 0 where it has both,
    None where no point is known.

    The facts about the term's own variables often settle it, and many contexts share them.
    """
    wanted = _variables(Rel(">=", term, ZERO))
    few = tuple(fact for fact in context.facts if _variables(fact) <= wanted)
    if len(few) < len(context.facts):
        guess = _sign_among(Context(few, (), context.integers & wanted), term)
        if guess in (1, -1):
            return guess
    return _sign_among(context, term)


def _sign_among(context: Context, term: Term) -> int | None:
    points = cloud(context, Rel(">=", term, ZERO))
    if points is None:
        return None
    try:
        values = np.atleast_1d(evaluate(term, points))
    except Refused:
        return None
    values = values[np.isfinite(values)]
    if not len(values):
        return None
    size = float(np.max(np.abs(values)))
    up, down = bool(np.any(values > 1e-9 * size)), bool(np.any(values < -1e-9 * size))
    if up and down:
        return 0
    return -1 if down else 1


def tight_points(context: Context, goal: Rel) -> list[dict[str, float]]:
    """Points at which the facts seem to hold and the goal's sides to be equal, the best first."""
    if any(map(_entries, (*context.facts, goal))):
        # Such points are for terms between variables alone.
        return []
    start = cloud(context, goal)
    if start is None or not len(next(iter(start.values()), ())):
        return []
    found_names = sorted(start)
    rng = np.random.default_rng(3)
    best: list[dict[str, float]] = []
    try:
        with np.errstate(all="ignore"):
            points, radius = start, 0.5
            for _ in range(DESCENTS):
                ranked = np.argsort(_relative(goal, points))[:KEPT]
                kept = {name: np.repeat(points[name][ranked], 8) for name in found_names}
                moved = {
                    name: np.concatenate(
                        [
                            points[name][ranked],
                            values + radius * rng.normal(size=len(values)) * (0.1 + np.abs(values)),
                        ]
                    )
                    for name, values in kept.items()
                }
                repaired = _repaired(moved, context.facts, found_names, context.integers)
                good = _holding(repaired, context.facts)
                if np.any(good):
                    points = {name: values[good] for name, values in repaired.items()}
                radius *= 0.6
            scores = _relative(goal, points)
            for k in np.argsort(scores)[:KEPT]:
                if scores[k] < 1e-3:
                    best.append({name: float(points[name][k]) for name in found_names})
    except (Refused, np.linalg.LinAlgError):
        return []
    return best


def _relative(goal: Rel, points: Points) -> Floats:
    """How far the sides are apart, beside their size; infinite where that is unknown."""
    difference, size = gap(goal, points)
    apart = np.where(np.isfinite(difference), np.abs(difference) / (size + 1e-12), np.inf)
    # Sides without variables have the same values at every point.
    return np.broadcast_to(apart, np.shape(next(iter(points.values()))))
