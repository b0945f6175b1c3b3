"""The simplest point that still refutes a claim.

Greedy and deterministic: a step is taken when the kernel confirms that the claim still fails there
and the point reads more simply than before.
"""

from __future__ import annotations

import contextlib
import itertools
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Protocol

from verify.kernel.check import Sequent
from verify.kernel.point import Evaluator, Point, Undecided, Undefined
from verify.kernel.poly import Refused
from verify.language.term import Num, Pow, Rel, Term
from verify.probe._cases import failures
from verify.probe._faces import Face
from verify.probe._judge import Constants, Judge
from verify.probe._simple import SMALL, power_of_ten, simplest_between, weight
from verify.probe._sweep import Sieve
from verify.provers.budget import Budget, OutOfTime

MAX_PASSES = 8
MAX_REPEATS = 12
MAX_TRIES = 90
MAX_FACES = 10
MAX_PAIRED = 6
LONG = 12
"""The weight from which on a coordinate is long."""
MAX_SHORTER = 12
BITS = 256

_Score = tuple[int, int, int, int, tuple[Fraction, ...]]


class Decides(Protocol):
    """Says at which points a claim certainly fails."""

    def fails(self, point: Constants, budget: Budget) -> bool:
        """Whether it fails there; raises ``OutOfTime`` where the budget has run out."""


def shrink(
    sequent: Sequent,
    point: Point,
    budget: Budget,
    reference: Mapping[str, Fraction],
    judge: Decides | None = None,
) -> Point:
    """A point at most as complicated as ``point``, at which the claim fails too.

    For a claim that is more than the ``sequent`` can say, that is what the points must satisfy at
    least, and a ``judge`` decides in place of the kernel.

    Rational coordinates come before irrational ones, then coordinates that agree with
    ``reference``, then integers and small numerators and denominators. When the time runs out, the
    best point so far is returned; where ``point`` does not refute the claim, ``point`` itself.
    """
    start = dict(sorted(point.items()))
    shrinking = _Shrinking(sequent, start, budget, reference, judge or Judge(sequent))
    with contextlib.suppress(OutOfTime, RecursionError):
        shrinking.run()
    return shrinking.point


class _Shrinking:
    def __init__(
        self,
        sequent: Sequent,
        point: Constants,
        budget: Budget,
        reference: Mapping[str, Fraction],
        judge: Decides,
    ) -> None:
        self.sequent = sequent
        self.point = point
        self.budget = budget
        self.reference = reference
        self.judge = judge
        self.sieve = Sieve(sequent, tuple(point))
        self.best = self.score(point)
        self._bounds = sequent.context().bounds
        self._tried: dict[tuple[str, Term], list[Term]] = {}

    def score(self, point: Constants) -> _Score:
        sizes = {name: _size(value) for name, value in point.items()}
        away = 0
        for name, value in self.reference.items():
            if name in point and point[name] == Num(value):
                sizes[name] = 0
            else:
                away += name in point
        values = [value.value for value in point.values() if isinstance(value, Num)]
        return (
            sum(not _is_rational(value) for value in point.values()),
            away,
            sum(sizes.values()),
            sum(value < 0 for value in values),
            tuple(abs(value) for value in values),
        )

    def run(self) -> None:
        if not self.judge.fails(self.point, self.budget):
            return
        steps: tuple[Callable[[], None], ...] = (
            self._to_reference,
            self._alike,
            self._each,
            self._rescaled,
            self._pairs,
            self._long,
            self._coupled,
        )
        idle: dict[int, Constants] = {}
        for _ in range(MAX_PASSES):
            before = self.best
            for number, step in enumerate(steps):
                if self._is_plain():
                    return
                point = self.point
                if idle.get(number) is point:
                    # It has found nothing simpler than this point before.
                    continue
                step()
                if self.point is point:
                    idle[number] = point
            if self.best == before:
                return

    def _is_plain(self) -> bool:
        """Whether there is nothing left worth a search."""
        irrational, away, size, negative, _ = self.best
        return not (irrational or away or negative) and size <= len(self.point)

    def accept(self, point: Constants) -> bool:
        """Move to a simpler point if the claim fails there."""
        score = self.score(point)
        if score >= self.best or not self.judge.fails(point, self.budget):
            return False
        self.point, self.best = point, score
        return True

    def first(self, points: Iterable[Constants]) -> bool:
        """Move to the simplest of some points at which the claim fails, if there is one."""
        scored = [(score, point) for point in points if (score := self.score(point)) < self.best]
        scored.sort(key=lambda entry: entry[0])
        likely = self.sieve.likely([point for _, point in scored])
        return any(self.accept(point) for point in likely)

    def _to_reference(self) -> None:
        known = {name: Num(v) for name, v in self.reference.items() if name in self.point}
        if self.accept({**self.point, **known}):
            return
        for name, value in known.items():
            self.accept({**self.point, name: value})

    def _alike(self) -> None:
        self.first(dict.fromkeys(self.point, Num(value)) for value in SMALL[:10])

    def _each(self) -> None:
        for name in self.point:
            for _ in range(MAX_REPEATS):
                simpler = self._simpler(name, self.point[name])
                if not self.first({**self.point, name: value} for value in simpler):
                    break

    def _simpler(self, name: str, value: Term) -> list[Term]:
        """Simpler coordinates to try, simplest first."""
        if (name, value) not in self._tried:
            self._tried[name, value] = self._simpler_values(name, value)
        return self._tried[name, value]

    def _simpler_values(self, name: str, value: Term) -> list[Term]:
        middle = _approximation(value)
        found = dict.fromkeys(SMALL)
        terms: dict[Term, None] = {}
        if middle is not None:
            found.update(dict.fromkeys(_nearby(middle)))
            digits = len(str(abs(int(middle))))
            lower = [digits - digits // 2**k for k in range(1, 12)]
            powers = [power for power in (digits + 1, digits, *lower) if power > 30]
            terms = dict.fromkeys(map(power_of_ten, powers))
        if name in self.reference:
            found[self.reference[name]] = None
        if name in self.sequent.integers:
            found = {v: None for v in found if v.denominator == 1}
        plain = sorted((Num(v) for v in found), key=_order)[:MAX_TRIES]
        limit = _size(value) if _is_rational(value) else math.inf
        good = [term for term in (*plain, *terms) if _size(term) <= limit and term != value]
        return sorted(good, key=_order)

    def _rescaled(self) -> None:
        """All coordinates divided by one of them, or by a common factor, or moved alike."""
        values = {name: v.value for name, v in self.point.items() if isinstance(v, Num)}
        if len(values) < max(2, len(self.point)):
            return
        units = {abs(value) for value in values.values() if value}
        tops = [value.numerator for value in values.values()]
        units.add(
            Fraction(math.gcd(*tops) or 1, math.lcm(*(v.denominator for v in values.values())))
        )
        for unit in sorted(units):
            self.accept({name: Num(value / unit) for name, value in values.items()})
        for shift in sorted(set(values.values())):
            self.accept({name: Num(value - shift) for name, value in values.items()})

    def _pairs(self) -> None:
        """Two coordinates at once."""
        names = list(self.point)
        if not 2 <= len(names) <= MAX_PAIRED:
            return
        grid = list(itertools.product(map(Num, SMALL[:16]), repeat=2))
        for first, second in itertools.combinations(names, 2):
            self.first({**self.point, first: one, second: two} for one, two in grid)

    def _coupled(self) -> None:
        """Coordinates that equations tie together, or tight inequalities: move the free ones."""
        for face in self._faces():
            for name in face.free:
                free = {other: self.point[other] for other in face.free}
                values = self._simpler(name, free[name])
                self.first(_sorted(face.point({**free, name: value})) for value in values)
            self.accept(_sorted(face.point({name: self.point[name] for name in face.free})))
            if 1 <= len(face.free) <= 2:
                self._grid(face)

    def _grid(self, face: Face) -> None:
        rows = itertools.product(SMALL[: 24 // len(face.free)], repeat=len(face.free))
        self.first(_sorted(face.at(dict(zip(face.free, row, strict=True)))) for row in rows)

    def _long(self) -> None:
        """A long coordinate is made short together with one other, which it needs as it is."""
        long = [name for name, value in self.point.items() if _size(value) > LONG]
        for face in self._faces() if long else ():
            free = {name: self.point[name] for name in face.free}
            for name in (name for name in face.free if name in long):
                shorter = self._within(name, free[name])
                for other in (other for other in face.free if other != name):
                    values = self._within(other, free[other])
                    pairs = itertools.product(shorter, values)
                    points = (face.point({**free, name: one, other: two}) for one, two in pairs)
                    self.first(_sorted(point) for point in points)

    def _within(self, name: str, value: Term) -> Sequence[Term]:
        """The simplest coordinates that the bounds of a variable by numbers allow."""
        low, high = self._bounds.get(name, (None, None))
        return [
            term
            for term in self._simpler(name, value)
            if isinstance(term, Num)
            and (low is None or low <= term.value)
            and (high is None or term.value <= high)
        ][:MAX_SHORTER]

    def _faces(self) -> Iterator[Face]:
        tight = self._tight()
        layer = [Face(tuple(self.point), {})]
        for index, rel in enumerate(tight):
            self.budget.check()
            try:
                narrowed = [f for face in layer for f in face.tightened(rel, index)]
            except (Refused, OverflowError, MemoryError):
                continue
            layer = narrowed[:MAX_FACES] or layer
        return iter([face for face in layer if face.defined])

    def _tight(self) -> list[Rel]:
        """Relations that hold with equality at the point, among those that make it fail."""
        evaluator = Evaluator(self.point, BITS)
        for case in failures(self.sequent):
            if all(_holds(evaluator, rel) for rel in case.relations):
                equal = [Rel("==", rel.left, rel.right) for rel in case.relations]
                return [
                    rel
                    for rel, known in zip(equal, case.relations, strict=True)
                    if known.op != "!=" and _holds(evaluator, rel)
                ]
        return []


def _holds(evaluator: Evaluator, rel: Rel) -> bool:
    try:
        return evaluator.relation(rel) is True
    except (Refused, Undefined, Undecided, OverflowError):
        return False


def _sorted(point: Constants) -> Constants:
    return dict(sorted(point.items()))


def _is_rational(term: Term) -> bool:
    match term:
        case Num():
            return True
        case Pow(base=Num(value=base), exp=Num(value=power)):
            return base.denominator == power.denominator == 1
        case _:
            return False


def _size(term: Term) -> int:
    match term:
        case Num(value=value):
            return weight(value)[0]
        case Pow(exp=Num(value=power)) if _is_rational(term):
            return 15 + int(abs(power))
        case _:
            return 1_000


def _order(term: Term) -> tuple[int, int, Fraction]:
    if isinstance(term, Num):
        return weight(term.value)
    return _size(term), 0, Fraction(0)


def _approximation(value: Term) -> Fraction | None:
    """The number itself where it is rational, or a close rational."""
    try:
        evaluator = Evaluator({}, BITS)
        exact = evaluator.exact(value)
        if exact is None:
            middle = evaluator.ball(value, BITS).mid()
            if not middle.is_finite() or abs(middle) > 10**300:
                return None
            close = middle.fmpq()
            exact = Fraction(int(close.p), int(close.q))
    except (Refused, Undefined, Undecided, OverflowError):
        return None
    return exact if exact.numerator.bit_length() < 12_000 else None


def _nearby(middle: Fraction) -> Iterator[Fraction]:
    """The simplest rationals in intervals around and beside a number, from wide to narrow."""
    size = abs(middle)
    reaches = [(size + 1) / 2**k for k in range(6)] + [size / 2**k for k in range(56)]
    for reach in reaches:
        yield simplest_between(middle - reach, middle + reach)
        yield simplest_between(middle, middle + reach)
        yield simplest_between(middle - reach, middle)
    sign = 1 if middle > 0 else -1
    if size >= 10:
        digits = len(str(int(size)))
        for power in range(1, min(digits + 1, 400)):
            yield Fraction(sign * 10**power)
        for kept in (1, 2, 3):
            unit = 10 ** max(0, digits - kept)
            yield Fraction(sign * unit * math.floor(size / unit))
            yield Fraction(sign * unit * math.ceil(size / unit))
    elif 0 < size < 1:
        places = len(str(int(1 / size)))
        for power in range(1, min(places + 2, 400)):
            yield Fraction(sign, 10**power)
