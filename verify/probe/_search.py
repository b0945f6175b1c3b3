"""The stages of a search for a point at which a claim fails, from cheap to expensive."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction

import numpy as np

from verify.kernel.check import Sequent
from verify.kernel.poly import Refused
from verify.language.floats import to_float
from verify.language.term import (
    Div,
    Neg,
    Num,
    Term,
    free_names,
    sub,
)
from verify.probe._cases import Case, failures
from verify.probe._conic import curved
from verify.probe._descent import descend
from verify.probe._faces import Face, bases, faces
from verify.probe._judge import Constants, Judge
from verify.probe._lines import around, constants, on_line
from verify.probe._pool import bounds_of, pools
from verify.probe._round import exact_nearby, rounded
from verify.probe._simple import SMALL, power_of_ten
from verify.probe._solve import solve
from verify.probe._sweep import MAX_GRID, Chart, chart
from verify.probe.numeric import Array, Relations, Unsupported
from verify.probe.smt import Models, Untranslatable
from verify.provers.budget import Budget, OutOfTime

RATIONAL_SECONDS = 0.7
MAX_STARTS = 24
MAX_SECTIONS = 30
MAX_CHARTS = 8
ROUNDS = 140
GIANTS = tuple(power_of_ten(power) for power in (30, 100, 1_000, 10_000))

Candidates = Iterator[Constants]


class Search:
    """One search: its cases, its random numbers and its time."""

    def __init__(
        self,
        sequent: Sequent,
        budget: Budget,
        seed: int,
        reference: Mapping[str, Fraction],
        others: frozenset[str] = frozenset(),
        solver: bool = True,
    ) -> None:
        self.sequent = sequent
        self.solver = solver
        self.budget = budget
        self.reference = reference
        self.rng = np.random.default_rng(seed)
        self.judge = Judge(sequent)
        found = others.union(
            free_names(sequent.conclusion), *(free_names(h) for h in sequent.hypotheses)
        )
        self.names = tuple(sorted(found))
        self.cases = failures(sequent)
        self.charts: list[tuple[Case, Chart]] = []
        self._ends: list[tuple[Case, list[list[float]]]] = []
        self.settled = False

    def run(self) -> Constants | None:
        """A point where the claim fails, with rational coordinates if such a one is found soon."""
        best: Constants | None = None
        try:
            for point in itertools.chain.from_iterable(self._stages()):
                if self.judge.fails(point, self.budget):
                    if all(isinstance(value, Num) for value in point.values()):
                        return point
                    if best is None:
                        best = point
                        self.budget = self.budget.share(1.0, RATIONAL_SECONDS)
        except (OutOfTime, RecursionError, Unsupported, Refused):
            return best
        return best

    def solutions(self, enough: int) -> Iterator[dict[str, Fraction]]:
        """Different rational points where the claim fails; the search ends with the first stage
        after which there are enough."""
        seen: set[tuple[Term, ...]] = set()
        found = 0
        try:
            for stage in self._stages():
                for point in stage:
                    values = {n: v.value for n, v in point.items() if isinstance(v, Num)}
                    key = tuple(point[name] for name in self.names)
                    if len(values) < len(point) or key in seen:
                        continue
                    seen.add(key)
                    if self.judge.fails(point, self.budget):
                        found += 1
                        yield values
                if found >= enough:
                    return
        except (OutOfTime, RecursionError, Unsupported, Refused):
            return

    def _stages(self) -> Iterator[Candidates]:
        stages: tuple[tuple[Callable[[Budget], Candidates], float], ...] = (
            (self._uniform, 0.1),
            (self._grids, 0.3),
            (self._quick_models, 0.1),
            (self._on_faces, 0.3),
            (self._between_roots, 0.2),
            (self._beyond_boundaries, 0.2),
            (self._descents, 0.6),
            (self._on_quadrics, 0.3),
            (self._giants, 0.3),
            (self._models, 0.8),
        )
        for stage, part in stages:
            yield self._within(stage, self.budget.share(part))
            if self.settled or not self.names:
                return

    def _within(self, stage: Callable[[Budget], Candidates], budget: Budget) -> Candidates:
        """A stage that ends when its share of the time does."""
        try:
            yield from stage(budget)
        except OutOfTime:
            self.budget.check()

    def _uniform(self, _budget: Budget) -> Candidates:
        """All coordinates alike; or at the reference."""
        if set(self.names) <= set(self.reference):
            yield {name: Num(self.reference[name]) for name in self.names}
        for value in SMALL:
            yield {name: Num(self.reference.get(name, value)) for name in self.names}
            yield {name: Num(value) for name in self.names}

    def _grids(self, budget: Budget) -> Candidates:
        """Simple numbers and numbers from the claim, in all combinations or many."""
        limit = max(2_000, MAX_GRID // len(self.cases or (0,)))
        for case in self.cases:
            budget.check()
            relations = Relations(case.relations, self.names, self.sequent.integers)
            whole = Chart(Face(self.names, {}), self.names, relations)
            self.charts.append((case, whole))
            yield from whole.grid(self._pools(case), self.rng, 25, limit)

    def _pools(self, case: Case) -> dict[str, list[Fraction]]:
        return pools(case, self.names, self.sequent.integers, self.reference)

    def _on_faces(self, budget: Budget) -> Candidates:
        """Where equations hold, and where inequalities are tight."""
        solved: list[tuple[Case, Chart]] = []
        for case, whole in self.charts:
            values = self._pools(case)
            start = bases(case, self.names, budget)
            most = max(4, 80 // len(self.charts))
            for face in itertools.chain(start, itertools.islice(faces(case, start, budget), most)):
                found = chart(face, self.names, whole.relations)
                if found is None:
                    continue
                if face.defined:
                    budget.check()
                    yield from found.grid(values, self.rng, 12, 4_000)
                if face in start or len(solved) < MAX_CHARTS:
                    solved.append((case, found))
        self.charts = solved or self.charts

    def _between_roots(self, budget: Budget) -> Candidates:
        """On lines through simple points: between the roots of what is polynomial there."""
        for case, place in self.charts:
            free = place.face.free
            if not free or len(free) > 3:
                continue
            values = self._pools(case)
            for name in free:
                others = [other for other in free if other != name]
                sections = itertools.product(*(values[other][:6] for other in others))
                for section in itertools.islice(sections, MAX_SECTIONS):
                    budget.check()
                    fixed = dict(zip(others, section, strict=True))
                    points = on_line(case, place.face, name, fixed)
                    rows = [{**fixed, name: value} for value in points]
                    yield from place.promising(rows, 10)

    def _beyond_boundaries(self, budget: Budget) -> Candidates:
        """A little and far beyond where the conclusion begins to fail."""
        for case, place in self.charts:
            values = self._pools(case)
            for rel, name in itertools.product(case.violated, place.face.free):
                if rel.op in (">=", "<=", "=="):
                    continue
                others = [other for other in place.face.free if other != name]
                for boundary in solve(sub(rel.left, rel.right), name)[:3]:
                    sections = itertools.product(*(values[other][:8] for other in others))
                    for section in itertools.islice(sections, MAX_SECTIONS):
                        budget.check()
                        fixed = dict(zip(others, section, strict=True))
                        for value in around(boundary, fixed, name in self.sequent.integers):
                            yield place.face.point({**constants(fixed), name: value})

    def _descents(self, budget: Budget) -> Candidates:
        """Down to where the conclusion holds least, then to exact numbers nearby."""
        for index, (case, place) in enumerate(self.charts):
            if not place.face.free:
                continue
            share = budget.share(max(0.2, 1 / (len(self.charts) - index)))
            try:
                yield from self._descent(case, place, share)
            except OutOfTime:
                budget.check()

    def _descent(self, case: Case, place: Chart, budget: Budget) -> Candidates:
        low, high = self._limits(case, place.face.free)
        given, violated = len(case.given), len(case.violated)
        zero = np.zeros((given + violated, 1))
        weights = np.ones((given + violated, 1))
        for emphasis, inward in ((1.0, 0.0), (30.0, 0.02)):
            heavy = np.array([[emphasis]] * given + [[1.0]] * violated).reshape(-1, 1)
            rewards = np.array([[inward]] * given + [[0.3]] * violated).reshape(-1, 1)

            def objective(free: Array, heavy: Array = heavy, rewards: Array = rewards) -> Array:
                return place.merit(free, heavy, rewards)

            starts = self._starts(objective, low, high)
            ends, _ = descend(objective, starts, low, high, self.rng, ROUNDS, budget)
            lack = place.merit(ends, weights, zero)
            best = [index for index in np.argsort(lack, kind="stable")[:6] if lack[index] < 0.02]
            if any(rel.op == "==" for rel in case.relations):
                whole = place.columns(ends[:, best])
                self._ends.append((case, [[float(x) for x in end] for end in whole.T[:3]]))
            for index in best:
                budget.check()
                yield from self._near(place, [float(x) for x in ends[:, index]])

    def _on_quadrics(self, budget: Budget) -> Candidates:
        """Rational solutions of a quadratic equation, where the closed form has roots."""
        for case, ends in self._ends:
            curve = curved(case, self.names, budget)
            if curve is not None:
                yield from curve.near(ends, budget)

    def _limits(self, case: Case, free: tuple[str, ...]) -> tuple[Array, Array]:
        bounds = bounds_of(case)
        pairs = [bounds.get(name, (None, None)) for name in free]
        low = [-np.inf if a is None else to_float(a) for a, _ in pairs]
        high = [np.inf if b is None else to_float(b) for _, b in pairs]
        return np.array(low).reshape(-1, 1), np.array(high).reshape(-1, 1)

    def _starts(self, objective: Callable[[Array], Array], low: Array, high: Array) -> Array:
        """The best of many random points of all magnitudes, and some others."""
        size = len(low)
        count = 3_000 if size <= 6 else 600
        magnitude = 10.0 ** self.rng.uniform(-3, self.rng.choice([1.0, 3.0, 8.0], count))
        wide = self.rng.normal(size=(size, count)) * magnitude
        anchor = np.where(np.isfinite(low), low, np.where(np.isfinite(high), high, 0.0))
        sign = np.where(np.isfinite(low), 1.0, np.where(np.isfinite(high), -1.0, 0.0))
        free = np.where(sign == 0, wide, anchor + sign * np.abs(wide))
        with np.errstate(invalid="ignore"):
            inner = low + self.rng.random((size, count)) * (high - low)
        free = np.where(np.isfinite(inner), inner, free)
        order = np.argsort(objective(free), kind="stable")
        chosen = np.concatenate([order[: MAX_STARTS - 8], order[:: max(1, count // 8)][:8]])
        return free[:, chosen]

    def _near(self, place: Chart, values: list[float]) -> Candidates:
        free = place.face.free
        yield from place.promising(rounded(free, values, self.sequent.integers), 6)
        if len(free) <= 3:
            for point in exact_nearby(free, values, self.sequent.integers):
                yield place.face.point(point)

    def _giants(self, budget: Budget) -> Candidates:
        """Numbers far beyond the range of floats."""
        for (_, place), giant in itertools.product(self.charts[:3], GIANTS):
            free = place.face.free
            for value in (giant, Div(Num(Fraction(1)), giant), Neg(giant)):
                budget.check()
                yield place.face.point(dict.fromkeys(free, value))
                for name, other in itertools.product(free[:4], SMALL[1:5]):
                    rest = {each: self.reference.get(each, other) for each in free}
                    yield place.face.point({**constants(rest), name: value})

    def _quick_models(self, budget: Budget) -> Candidates:
        return self._proposals(budget.share(1.0, 0.5))

    def _models(self, budget: Budget) -> Candidates:
        return self._proposals(budget.share(1.0, 4.0))

    def _proposals(self, budget: Budget) -> Candidates:
        """What z3 proposes; where it says that there is nothing to find, the search ends."""
        if not self.solver:
            return
        try:
            answer, points = Models(self.sequent).propose(budget)
        except Untranslatable:
            return
        self.settled = answer == "unsat"
        for point in points:
            yield {name: point.get(name, Num(Fraction(0))) for name in self.names}
