"""Many points that satisfy some hypotheses, kept to be asked about many conclusions.

The points lie inside the domain, on its faces, edges and corners, at simple numbers and at extreme
ones. They are chosen in floating point once; a conclusion is then sifted at all of them at once,
and only where it seems to fail does the kernel decide, at the exact point.
"""

from __future__ import annotations

import contextlib
import itertools
import math
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from verify.kernel.check import Sequent
from verify.kernel.poly import Refused
from verify.language.term import (
    FALSE,
    NEGATED,
    ZERO,
    Call,
    Div,
    Formula,
    Num,
    Pow,
    Rel,
    Term,
    contains,
    free_names,
    nnf,
    relations,
)
from verify.probe._cases import Case, failures
from verify.probe._faces import Face, bases, faces
from verify.probe._judge import Constants, Judge
from verify.probe._pool import pools
from verify.probe._search import Search
from verify.probe._simple import weight
from verify.probe._sweep import Chart, chart
from verify.probe.numeric import (
    MAYBE,
    SURE,
    TOLERANCE,
    Array,
    Relations,
    Tape,
    Unsupported,
)
from verify.provers.budget import Budget, OutOfTime

MAX_CASES = 6
MAX_FACES = 12
PER_FACE = 20
GRID = 2_000
FEW = 60
DENSE = 20_000
"""Where the grids leave fewer points than ``FEW``, denser ones are sifted."""

HEAVY = 20_000
"""Digits of the coordinates times the largest real one, which may be an exponent."""


@dataclass(frozen=True, slots=True)
class _Found:
    """A point as its free coordinates on a face; the others follow exactly when they are needed.

    ``size`` says how complicated it is: points with roots and logarithms come last.
    """

    face: Face
    free: Mapping[str, Fraction]
    size: tuple[bool, int]

    def point(self) -> Constants:
        return dict(sorted(self.face.at(self.free).items()))


class Field:
    """Points that seem to satisfy the hypotheses, simple ones first.

    The same hypotheses and seed give the same points, unless the budget ends first.
    """

    def __init__(
        self,
        hypotheses: Sequence[Formula],
        integers: frozenset[str],
        *,
        boundaries: Sequence[Formula] = (),
        seed: int = 0,
        reference: Mapping[str, Fraction] | None = None,
        budget: Budget,
    ) -> None:
        self.hypotheses = tuple(hypotheses)
        self.boundaries = tuple(h for h in boundaries if h not in self.hypotheses)
        self.integers = integers
        self.names = tuple(sorted(_names((*hypotheses, *boundaries))))
        self._known: dict[Case, list[Face]] = {}
        kept: dict[bytes, tuple[_Found, Array]] = {}
        for found, row in self._search(seed, reference or {}, budget):
            key = row.tobytes()
            if key not in kept or found.size < kept[key][0].size:
                kept[key] = found, row
        pairs = list(kept.values())
        order = sorted(range(len(pairs)), key=lambda index: pairs[index][0].size)
        self._found = [pairs[index][0] for index in order]
        rows = [pairs[index][1] for index in order]
        self.heavy = np.array([self._is_heavy(*pairs[index]) for index in order], dtype=bool)
        self.columns: Array = np.stack(rows, axis=1) if rows else np.empty((len(self.names), 0))

    def _is_heavy(self, found: _Found, row: Array) -> bool:
        """Whether exact powers of the coordinates have so many digits that they take long."""
        pairs = zip(self.names, row, strict=True)
        real = [abs(x) for name, x in pairs if name not in self.integers]
        return found.size[1] * max(real, default=0.0) > HEAVY

    def __len__(self) -> int:
        return len(self._found)

    def point(self, index: int) -> Constants:
        """One of the points, exactly; whether it satisfies the hypotheses is for the kernel."""
        return self._found[index].point()

    def _search(
        self, seed: int, reference: Mapping[str, Fraction], budget: Budget
    ) -> Iterator[tuple[_Found, Array]]:
        rng = np.random.default_rng(seed)
        loose = Sequent(self.hypotheses, FALSE, self.integers)
        tight = Sequent((*self.hypotheses, *self.boundaries), FALSE, self.integers)
        with contextlib.suppress(OutOfTime, Unsupported, Refused, RecursionError):
            for case in failures(tight)[:MAX_CASES]:
                yield from self._of_case(case, case, rng, reference, budget)
            if self.boundaries:
                for case, other in zip(failures(loose), failures(tight), strict=False):
                    yield from self._of_case(case, other, rng, reference, budget)

    def _of_case(
        self,
        case: Case,
        boundaries: Case,
        rng: np.random.Generator,
        reference: Mapping[str, Fraction],
        budget: Budget,
    ) -> Iterator[tuple[_Found, Array]]:
        """Points that satisfy a case, some of them on the boundaries of another one."""
        kept = Relations(case.relations, self.names, self.integers)
        values = pools(case, self.names, self.integers, reference)
        if boundaries is not case:
            more = pools(boundaries, self.names, self.integers, reference)
            values = {name: sorted({*values[name], *more[name]}, key=weight) for name in self.names}
        charts = [
            found
            for face in self._faces(boundaries, budget)
            if (found := chart(face, self.names, kept)) is not None
        ]
        count = 0
        for limit in (GRID, DENSE):
            for found in charts:
                budget.check()
                for item in self._on_chart(found, values, rng, limit):
                    count += 1
                    yield item
            if count >= FEW:
                return

    def _on_chart(
        self,
        found: Chart,
        values: Mapping[str, Sequence[Fraction]],
        rng: np.random.Generator,
        limit: int,
    ) -> Iterator[tuple[_Found, Array]]:
        face = found.face
        roots = any(contains(term, Call, Pow) for term in face.defined.values())
        doubtful = [
            place
            for place, name in enumerate(self.names)
            if name in self.integers and not _is_polynomial(face.defined.get(name, ZERO))
        ]
        for free, row in found.spread(values, rng, PER_FACE, limit):
            if all(_looks_integral(float(row[place])) for place in doubtful):
                yield _Found(face, free, (roots, _size(free.values()))), row

    def _faces(self, case: Case, budget: Budget) -> list[Face]:
        if case not in self._known:
            start = bases(case, self.names, budget)
            found = faces(case, start, budget)
            first = list(itertools.islice(found, MAX_FACES))
            # Edges of what ties variables to each other: with a domain's bound a point is left.
            edges = (face for face in found if _is_edge(face, case))
            self._known[case] = [*start, *first, *itertools.islice(edges, MAX_FACES)]
        return self._known[case]

    def suspects(self, sequent: Sequent, most: int) -> list[Constants]:
        """At most so many points at which a claim seems to fail, likely and simple ones first."""
        false = {Rel(NEGATED[r.op], r.left, r.right) for r in relations(nnf(sequent.conclusion))}
        ranks: dict[int, int] = {}
        for case in failures(sequent):
            try:
                status = Relations(case.relations, self.names, self.integers).status(self.columns)
            except Unsupported:
                continue
            # Where floats underflow, a denominator only seems to be zero.
            plain = set(case.violated) <= false
            for level, rank in ((SURE, 0 if plain else 2), (MAYBE, 1 if plain else 3)):
                for index in np.flatnonzero(status == level).tolist():
                    ranks[index] = min(rank, ranks.get(index, rank))
        order = sorted(ranks, key=lambda index: (ranks[index], index))
        light = [index for index in order if not self.heavy[index]]
        heavy = [index for index in order if self.heavy[index]]
        return [self.point(index) for index in (*light[:most], *heavy[: max(1, most // 8)])]

    def refuting(self, sequent: Sequent, most: int) -> Iterator[Constants]:
        """Those of at most so many suspects at which the kernel confirms that the claim fails."""
        judge = Judge(sequent)
        unlimited = Budget.of(math.inf)
        return (point for point in self.suspects(sequent, most) if judge.fails(point, unlimited))

    def satisfying(
        self, hypotheses: Sequence[Formula], *, heavy: bool = False
    ) -> npt.NDArray[np.int64]:
        """The numbers of the points that seem to satisfy hypotheses, all of which are relations;
        none where floats cannot tell. Without ``heavy``, only points that are quick to evaluate."""
        try:
            given = [rel for h in hypotheses for rel in relations(h)]
            status = Relations(given, self.names, self.integers).status(self.columns)
        except Unsupported:
            return np.empty(0, dtype=np.int64)
        return np.flatnonzero((status == SURE) & (heavy | ~self.heavy))

    def holds(self, sequent: Sequent, point: Constants) -> bool:
        """Whether the kernel confirms that a point satisfies the hypotheses of a claim."""
        premises = Sequent(sequent.hypotheses, FALSE, sequent.integers)
        return Judge(premises).fails(point, Budget.of(math.inf))

    def values(self, term: Term) -> Array:
        """A term at each point, as floats."""
        try:
            found: Array = Tape([term], self.names)(self.columns)[0]
            return found
        except Unsupported:
            return np.full(len(self), np.nan)

    def gaps(self, rel: Rel) -> Array:
        """By how much a relation holds at each point (negative: fails), relative to its sides."""
        try:
            gap, scale = Relations([rel], self.names, frozenset()).gaps(self.columns)
        except Unsupported:
            return np.full(len(self), np.nan)
        with np.errstate(all="ignore"):
            relative: Array = np.divide(gap[0], np.where(scale[0] > 0, scale[0], 1.0))
            relative[np.abs(relative) < TOLERANCE] = 0.0
        return relative


def _is_edge(face: Face, case: Case) -> bool:
    """Whether a face is on two boundaries, one of them of a relation between variables."""
    loose = [case.relations[i] for i in face.tight if case.relations[i].op != "=="]
    return len(loose) > 1 and any(len(free_names(rel)) > 1 for rel in loose)


def is_heavy(point: Mapping[str, Term], integers: Collection[str]) -> bool:
    """Whether exact powers of the coordinates have so many digits that they take long."""
    numbers = {name: value.value for name, value in point.items() if isinstance(value, Num)}
    real = [abs(value) for name, value in numbers.items() if name not in integers]
    return _size(numbers.values()) * max(real, default=Fraction(0)) > HEAVY


def _size(values: Iterable[Fraction]) -> int:
    """The digits of some numbers."""
    return sum(v.numerator.bit_length() + 2 * (v.denominator.bit_length() - 1) for v in values)


def _names(formulas: Sequence[Formula]) -> frozenset[str]:
    return frozenset().union(*(free_names(formula) for formula in formulas))


def searched(
    sequent: Sequent, budget: Budget, seed: int, reference: Mapping[str, Fraction]
) -> Iterator[Constants]:
    """A point at which the kernel confirms that a claim fails, from a search of its own."""
    point = Search(sequent, budget, seed, reference, solver=False).run()
    if point is not None:
        yield point


def _is_polynomial(term: Term) -> bool:
    """Whether a term has integer values at integers, but for its numbers."""
    return not contains(term, Div, Pow, Call)


def _looks_integral(value: float) -> bool:
    """Whether floats can tell that a number is an integer, and say so."""
    return abs(value) < 1e12 and abs(value - round(value)) < 1e-9
