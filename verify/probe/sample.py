"""Exact points that satisfy the hypotheses of a claim: random, on boundaries, and extreme.

Every point is confirmed by the kernel. They are built from the hypotheses rather than drawn and
rejected: equations are solved for some of the variables, and from a point that satisfies everything
a step in one coordinate is shortened until it still does.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
from hypothesis import HealthCheck, Phase, Verbosity, example, given, settings, target
from hypothesis import seed as seeded
from hypothesis import strategies as st
from hypothesis.errors import HypothesisException

from verify.kernel.check import Sequent
from verify.kernel.point import Evaluator, Point, Undecided, Undefined
from verify.kernel.poly import Refused
from verify.language.grammar import ExpressionError, parse_term
from verify.language.render import text
from verify.language.term import FALSE, Num, Term, free_names
from verify.probe._cases import Case
from verify.probe._conic import curved
from verify.probe._faces import Face, bases
from verify.probe._judge import Constants, Judge
from verify.probe._lines import on_line
from verify.probe._pool import Bounds, bounds_of, pools
from verify.probe._search import Search
from verify.probe.shrink import shrink
from verify.provers.budget import Budget, OutOfTime

MAX_ANCHORS = 24
ENOUGH = 4
HALVINGS = 6
MARGIN_BITS = 192
ANCHOR_SECONDS = 1.0
RANDOM_TARGETS = 12
MOST_KEPT = 20


@dataclass(frozen=True, slots=True)
class Attack:
    """What an adversarial search found: a counterexample or None, how many points it decided, and
    the least margin among them, as a rational number or a ball, with its point."""

    counterexample: Point | None
    points: int
    margin: str | None
    worst: Point | None


@dataclass(frozen=True, slots=True)
class _Place:
    """A face on which the equations among the hypotheses hold, with a point on it."""

    case: Case
    face: Face
    free: dict[str, Fraction]


class _Domain:
    """The points that satisfy the hypotheses, as places from which steps are taken."""

    def __init__(self, sequent: Sequent, seed: int, budget: Budget) -> None:
        self.premises = Sequent(sequent.hypotheses, FALSE, sequent.integers, sequent.theory)
        self.integers = sequent.integers
        self.judge = Judge(self.premises)
        search = Search(self.premises, budget, seed, {}, free_names(sequent.conclusion))
        self.names = search.names
        self.anchors = list(itertools.islice(search.solutions(ENOUGH), MAX_ANCHORS))
        self.places = list(self._places(search.cases, budget))

    def _places(self, cases: list[Case], budget: Budget) -> Iterator[_Place]:
        with contextlib.suppress(OutOfTime):
            for case in cases:
                for face in bases(case, self.names, budget):
                    for anchor in self.anchors:
                        free = {name: anchor[name] for name in face.free}
                        if face.at(free) == {n: Num(v) for n, v in anchor.items()}:
                            yield _Place(case, face, free)

    def holds(self, point: Constants, budget: Budget) -> bool:
        return self.judge.fails(point, budget)

    def stepped(
        self, place: _Place, name: str, goal: Fraction, budget: Budget
    ) -> tuple[_Place, Constants] | None:
        """A step of one free coordinate towards ``goal``, shortened until the hypotheses hold."""
        start = place.free[name]
        for halving in range(HALVINGS):
            value = start + (goal - start) / 2**halving
            if name in self.integers:
                value = Fraction(round(value))
            if value == start:
                return None
            free = {**place.free, name: value}
            point = place.face.at(free)
            if all(isinstance(v, Num) for v in point.values()) and self.holds(point, budget):
                return _Place(place.case, place.face, free), point
        return None


def feasible_points(sequent: Sequent, count: int, seed: int, budget: Budget) -> list[Point]:
    """Up to ``count`` different rational points that satisfy the hypotheses, each confirmed.

    Simple points and points on boundaries come first, then random ones of all magnitudes. Fewer are
    returned when the time runs out or the hypotheses allow no more.
    """
    found: dict[tuple[Term, ...], Point] = {}
    with contextlib.suppress(OutOfTime, Refused, RecursionError):
        domain = _Domain(sequent, seed, budget.share(0.5))
        rng = np.random.default_rng(seed)
        fruitless = 0
        for point in _stream(domain, rng, budget):
            before = len(found)
            if point is not None:
                found.setdefault(tuple(point[name] for name in domain.names), point)
            fruitless = 0 if len(found) > before else fruitless + 1
            if len(found) >= count or fruitless > 50 + 2 * count:
                break
    return list(found.values())


def _stream(
    domain: _Domain, rng: np.random.Generator, budget: Budget
) -> Iterator[Constants | None]:
    for anchor in domain.anchors:
        yield {name: Num(value) for name, value in anchor.items()}
    places = [place for place in domain.places if place.face.free]
    if not places:
        return
    for place in places[:4]:
        yield from _on_boundaries(domain, place, budget)
    yield from _on_quadrics(domain, rng, budget)
    while True:
        index = int(rng.integers(len(places)))
        place = places[index]
        name = place.face.free[int(rng.integers(len(place.face.free)))]
        goal = _random_goal(rng, bounds_of(place.case).get(name, (None, None)), place.free[name])
        step = domain.stepped(place, name, goal, budget)
        if step is not None:
            places[index] = step[0]
        yield None if step is None else step[1]


def _on_boundaries(domain: _Domain, place: _Place, budget: Budget) -> Iterator[Constants | None]:
    """Along each axis, exactly where a hypothesis is tight, and between such values."""
    for name in place.face.free:
        others = {other: value for other, value in place.free.items() if other != name}
        for value in on_line(place.case, place.face, name, others):
            budget.check()
            point = place.face.at({**others, name: value})
            rational = all(isinstance(v, Num) for v in point.values())
            yield point if rational and domain.holds(point, budget) else None


def _on_quadrics(
    domain: _Domain, rng: np.random.Generator, budget: Budget
) -> Iterator[Constants | None]:
    """Rational solutions of a quadratic equation, in random directions from a known one."""
    for case in dict.fromkeys(place.case for place in domain.places):
        curve = curved(case, domain.names, budget)
        if curve is None:
            continue
        targets = rng.normal(size=(RANDOM_TARGETS, len(domain.names))) * 2.0
        for point in curve.near([[float(x) for x in row] for row in targets], budget):
            yield point if domain.holds(point, budget) else None


def _random_goal(rng: np.random.Generator, bounds: Bounds, value: Fraction) -> Fraction:
    """Uniform between bounds; or a bound, or near one; or of a random magnitude."""
    low, high = bounds
    share = Fraction(int(rng.integers(1, 10**6)), 10**6)
    tiny = Fraction(1, 10 ** int(rng.integers(1, 30)))
    large = Fraction(10) ** int(rng.integers(-3, 25)) * share
    kind = rng.random()
    if low is not None and high is not None:
        if kind < 0.6:
            return low + share * (high - low)
        if kind < 0.8:
            return low + (high - low) * tiny
        return high - (high - low) * tiny if kind < 0.95 else (low if kind < 0.975 else high)
    if low is not None or high is not None:
        sign = 1 if low is not None else -1
        anchor = low if low is not None else high
        assert anchor is not None
        if kind < 0.25:
            return anchor + sign * tiny
        return anchor + sign * (large if kind < 0.6 else 10 * share)
    if kind < 0.5:
        return value + (20 * share - 10)
    return large if rng.random() < 0.5 else -large


def points(sequent: Sequent, seconds: float = ANCHOR_SECONDS) -> st.SearchStrategy[Point]:
    """A Hypothesis strategy for rational points that satisfy the hypotheses.

    Nothing is rejected: each draw starts from a point that is known to satisfy them and moves free
    coordinates as far as they go. ``seconds`` limits the search for starting points.

    Raises:
        ValueError: no point that satisfies the hypotheses was found.
    """
    domain = _Domain(sequent, 0, Budget.counted(seconds))
    if not domain.anchors:
        raise ValueError("no point that satisfies the hypotheses was found: give more seconds")
    return _drawn(domain)


def _drawn(domain: _Domain) -> st.SearchStrategy[Point]:
    anchors = st.sampled_from([{n: Num(v) for n, v in a.items()} for a in domain.anchors])
    places = [place for place in domain.places if place.face.free]
    if not places:
        return anchors
    values = {id(place.case): pools(place.case, domain.names, domain.integers) for place in places}

    @st.composite
    def moved(draw: st.DrawFn) -> Point:
        place = draw(st.sampled_from(places))
        limits, pool = bounds_of(place.case), values[id(place.case)]
        point: Constants = place.face.at(place.free)
        for name in place.face.free:
            goal = draw(_goal(limits.get(name, (None, None)), pool[name], name in domain.integers))
            step = domain.stepped(place, name, goal, Budget.counted(ANCHOR_SECONDS))
            if step is not None:
                place, point = step
        return point

    return moved()


def _goal(bounds: Bounds, pool: list[Fraction], integer: bool) -> st.SearchStrategy[Fraction]:
    low, high = bounds
    numbers: st.SearchStrategy[Fraction]
    if integer:
        numbers = st.integers(None, None).map(Fraction)
    else:
        numbers = st.fractions(low, high, max_denominator=10**6) if low != high else st.nothing()
    return st.one_of(st.sampled_from(pool), numbers) if pool else numbers


def attack(
    sequent: Sequent,
    margin: Term | None,
    examples: int,
    seed: int,
    budget: Budget,
    kept: Path | None = None,
) -> Attack:
    """Hypothesis against a claim: points that satisfy the hypotheses, drawn towards a small margin.

    ``margin`` is a term that is negative where the conclusion fails, or None. The run depends on
    the seed alone (and on the time, if that runs out), and on the points in the file ``kept``,
    where there is one: every counterexample is written there, and tried first the next time.
    """
    run = _Run(sequent, margin, budget)
    try:
        strategy = points(sequent, min(ANCHOR_SECONDS, budget.left() / 2))
    except (ValueError, OutOfTime, Refused, RecursionError):
        return Attack(None, 0, None, None)

    @seeded(seed)
    @settings(
        max_examples=examples,
        database=None,
        deadline=None,
        derandomize=False,
        phases=(Phase.explicit, Phase.generate, Phase.target),
        suppress_health_check=list(HealthCheck),
        verbosity=Verbosity.quiet,
        report_multiple_bugs=False,
    )
    @given(strategy)
    def probe(point: Point) -> None:
        run.decide(point)

    known: list[Point] = [] if kept is None else _read(kept, set(free_names(sequent.conclusion)))
    for point in reversed(known):
        probe = example(point)(probe)
    # A run that ends early for lack of time looks flaky to Hypothesis.
    with contextlib.suppress(_Refuted, HypothesisException, OutOfTime):
        probe()
    found = run.refuting
    if found is not None:
        found = shrink(sequent, found, budget, {})
        if kept is not None:
            _write(kept, [found, *(point for point in known if point != found)])
    return Attack(found, run.decided, run.margin, run.worst)


def _read(kept: Path, names: set[str]) -> list[Point]:
    """The points in a file; none of what is not a list of points with these coordinates."""
    try:
        rows = json.loads(kept.read_bytes())
        found: list[Point] = [{n: parse_term(value) for n, value in row.items()} for row in rows]
    except (OSError, ValueError, TypeError, AttributeError, ExpressionError):
        return []
    return [point for point in found if names <= set(point)][:MOST_KEPT]


def _write(kept: Path, points: Sequence[Point]) -> None:
    rows = [{name: text(value) for name, value in sorted(p.items())} for p in points[:MOST_KEPT]]
    with contextlib.suppress(OSError):
        # A folder that cannot be written to only means that nothing is remembered.
        kept.parent.mkdir(parents=True, exist_ok=True)
        temporary = kept.with_suffix(f".{os.getpid()}")
        temporary.write_text(json.dumps(rows, indent=1), encoding="utf-8")
        temporary.replace(kept)


class _Refuted(Exception):
    """The claim fails at the point under test."""


class _Run:
    """What an attack has seen so far."""

    def __init__(self, sequent: Sequent, margin: Term | None, budget: Budget) -> None:
        self.judge = Judge(sequent)
        self.term = margin
        self.budget = budget
        self.refuting: Point | None = None
        self.decided = 0
        self.margin: str | None = None
        self.worst: Point | None = None
        self._least: Fraction | None = None

    def decide(self, point: Point) -> None:
        if not self.budget.left():
            return
        self.decided += 1
        if self.judge.fails(dict(point), self.budget):
            self.refuting = point
            raise _Refuted
        self._measure(point)

    def _measure(self, point: Point) -> None:
        if self.term is None:
            return
        try:
            evaluator = Evaluator(point, MARGIN_BITS)
            exact = evaluator.exact(self.term)
            ball = evaluator.ball(self.term, MARGIN_BITS)
        except (Refused, Undefined, Undecided, OverflowError):
            return
        if not ball.is_finite() or abs(ball) > 10**300:
            return
        middle = ball.mid().fmpq()
        value = Fraction(int(middle.p), int(middle.q)) if exact is None else exact
        # Hypothesis climbs, and likes scores of moderate size.
        target(-float(np.arcsinh(float(value))))
        if self._least is None or value < self._least:
            self._least, self.worst = value, point
            self.margin = str(ball) if exact is None else str(exact)
