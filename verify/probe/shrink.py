"""The simplest point that still refutes a claim.

Greedy and deterministic: a step is taken when the kernel confirms that the claim still fails there
and the point reads more simply than before.
"""

from __future__ import annotations

import contextlib
import itertools
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction

from verify.kernel.check import Sequent
from verify.kernel.point import Evaluator, Point, Undecided, Undefined
from verify.kernel.poly import Refused
from verify.language.term import Num, Pow, Rel, Term
from verify.probe._cases import failures
from verify.probe._faces import Face
from verify.probe._judge import Constants, Judge
from verify.probe._simple import SMALL, power_of_ten, simplest_between, weight
from verify.provers.budget import Budget, OutOfTime

MAX_PASSES = 8
MAX_TRIES = 90
MAX_FACES = 10
MAX_PAIRED = 6
BITS = 256

_Score = tuple[int, int, int, int, tuple[Fraction, ...]]


def shrink(
    sequent: Sequent, point: Point, budget: Budget, reference: Mapping[str, Fraction]
) -> Point:
    """A point at most as complicated as ``point``, at which the claim fails too.

    Rational coordinates come before irrational ones, then coordinates that agree with
    ``reference``, then integers and small numerators and denominators. When the time runs out, the
    best point so far is returned; where ``point`` does not refute the claim, ``point`` itself.
    """
    shrinking = _Shrinking(sequent, dict(sorted(point.items())), budget, reference)
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
    ) -> None:
        self.sequent = sequent
        self.point = point
        self.budget = budget
        self.reference = reference
        self.judge = Judge(sequent)
        self.best = self.score(point)

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
            self._coupled,
        )
        for _ in range(MAX_PASSES):
            before = self.best
            for step in steps:
                if self._is_plain():
                    return
                step()
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

    def _to_reference(self) -> None:
        known = {name: Num(v) for name, v in self.reference.items() if name in self.point}
        if self.accept({**self.point, **known}):
            return
        for name, value in known.items():
            self.accept({**self.point, name: value})

    def _alike(self) -> None:
        for value in SMALL[:10]:
            if self.accept(dict.fromkeys(self.point, Num(value))):
                return

    def _each(self) -> None:
        for name in self.point:
            for value in self._simpler(name, self.point[name]):
                if self.accept({**self.point, name: value}):
                    break

    def _simpler(self, name: str, value: Term) -> list[Term]:
        """Simpler coordinates to try, simplest first."""
        middle = _approximation(value)
        found = dict.fromkeys(SMALL)
        terms: dict[Term, None] = {}
        if middle is not None:
            found.update(dict.fromkeys(_nearby(middle)))
            digits = len(str(abs(int(middle))))
            terms = dict.fromkeys(power_of_ten(digits + more) for more in (0, 1) if digits > 30)
        if name in self.reference:
            found[self.reference[name]] = None
        if name in self.sequent.integers:
            found = {v: None for v in found if v.denominator == 1}
        terms.update(dict.fromkeys(Num(v) for v in found))
        limit = _size(value) if _is_rational(value) else math.inf
        good = [term for term in terms if _size(term) <= limit and term != value]
        return sorted(good, key=_order)[:MAX_TRIES]

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
        grid = sorted(itertools.product(SMALL[:12], repeat=2), key=lambda ab: (_total(ab), ab))
        for first, second in itertools.combinations(names, 2):
            for one, two in grid:
                moved = {**self.point, first: Num(one), second: Num(two)}
                if self.accept(moved):
                    break

    def _coupled(self) -> None:
        """Coordinates that equations tie together, or tight inequalities: move the free ones."""
        for face in self._faces():
            for name in face.free:
                free = {other: self.point[other] for other in face.free}
                for value in self._simpler(name, free[name]):
                    if self.accept(_sorted(face.point({**free, name: value}))):
                        break
            self.accept(_sorted(face.point({name: self.point[name] for name in face.free})))
            if 1 <= len(face.free) <= 2:
                self._grid(face)

    def _grid(self, face: Face) -> None:
        rows = itertools.product(SMALL[: 24 // len(face.free)], repeat=len(face.free))
        for row in sorted(rows, key=lambda values: (_total(values), values)):
            self.accept(_sorted(face.at(dict(zip(face.free, row, strict=True)))))

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
            return 70 + int(abs(power)) // 8
        case _:
            return 1_000


def _order(term: Term) -> tuple[int, int, Fraction]:
    if isinstance(term, Num):
        return weight(term.value)
    return _size(term), 0, Fraction(0)


def _total(values: Sequence[Fraction]) -> int:
    return sum(weight(value)[0] for value in values)


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
