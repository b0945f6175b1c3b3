"""Points of a face built from pools of values, sifted in floating point."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from verify.kernel.check import Sequent
from verify.language.floats import to_float
from verify.language.term import Num, Term
from verify.probe._cases import failures
from verify.probe._faces import Face
from verify.probe._judge import Constants
from verify.probe.numeric import MAYBE, SURE, Array, Relations, Tape, Unsupported

MAX_GRID = 30_000


class Chart:
    """A face with its relations compiled: free coordinates to all coordinates, as floats.

    Raises:
        Unsupported: see :class:`verify.probe.numeric.Tape`.
    """

    def __init__(self, face: Face, names: tuple[str, ...], relations: Relations) -> None:
        self.face = face
        self.relations = relations
        self._tape = Tape(list(face.defined.values()), face.free)
        rows = {name: index for index, name in enumerate((*face.free, *face.defined))}
        self._order = [rows[name] for name in names]

    def columns(self, free: Array) -> Array:
        """All coordinates, in the order of the names."""
        whole: Array = np.concatenate([free, self._tape(free)], axis=0)[self._order]
        return whole

    def merit(self, free: Array, weights: Array, rewards: Array) -> Array:
        """See :meth:`verify.probe.numeric.Relations.merit`."""
        return self.relations.merit(self.columns(free), weights, rewards)

    def promising(self, rows: Sequence[Mapping[str, Fraction]], most: int) -> Iterator[Constants]:
        """The points of ``rows`` that may satisfy all relations, likely ones first."""
        if not rows:
            return
        free = np.array(
            [[to_float(row[name]) for row in rows] for name in self.face.free], dtype=float
        ).reshape(len(self.face.free), len(rows))
        status = self.relations.status(self.columns(free))
        for level in (SURE, MAYBE):
            for index in np.flatnonzero(status == level)[:most]:
                yield self.face.at(rows[int(index)])

    def grid(
        self,
        pools: Mapping[str, Sequence[Fraction]],
        rng: np.random.Generator,
        most: int,
        limit: int = MAX_GRID,
    ) -> Iterator[Constants]:
        """Points with coordinates from the pools that may satisfy all relations.

        Those that do as far as floats can tell come first, and simple ones before others.
        """
        lists = [pools[name] for name in self.face.free]
        if any(not values for values in lists):
            return
        floats = [np.array([to_float(value) for value in values]) for values in lists]
        for picks in _picks([len(values) for values in lists], limit, rng):
            free = np.empty(picks.shape)
            for row, values in enumerate(floats):
                free[row] = values[picks[row]]
            status = self.relations.status(self.columns(free))
            for level in (SURE, MAYBE):
                found = np.flatnonzero(status == level)
                sizes = picks[:, found].sum(axis=0)
                chosen = picks[:, found[np.argsort(sizes, kind="stable")][:most]].T
                points = [self.face.at(self._values(pools, row)) for row in chosen]
                yield from sorted(points, key=_irrational)

    def spread(
        self,
        pools: Mapping[str, Sequence[Fraction]],
        rng: np.random.Generator,
        most: int,
        limit: int,
    ) -> Iterator[tuple[dict[str, Fraction], Array]]:
        """Points with coordinates from the pools that satisfy all relations as far as floats can
        tell: about so many simple ones, and as many of any size. Each comes as its free
        coordinates, exactly, and all coordinates as floats."""
        lists = [pools[name] for name in self.face.free]
        if any(not values for values in lists):
            return
        floats = [np.array([to_float(value) for value in values]) for values in lists]
        for picks in _picks([len(values) for values in lists], limit, rng):
            free = np.array([values[row] for values, row in zip(floats, picks, strict=True)])
            columns = self.columns(free.reshape(picks.shape))
            found = self.relations.sure(columns)
            sizes = picks[:, found].sum(axis=0)
            simple = found[np.argsort(sizes, kind="stable")][:most]
            for place in np.union1d(simple, rng.permutation(found)[:most]):
                yield self._values(pools, picks[:, place]), columns[:, place]

    def _values(
        self, pools: Mapping[str, Sequence[Fraction]], row: npt.NDArray[np.int64]
    ) -> dict[str, Fraction]:
        picks = zip(self.face.free, row, strict=True)
        return {name: pools[name][int(index)] for name, index in picks}


def _irrational(point: Constants) -> int:
    return sum(not isinstance(value, Num) for value in point.values())


def _picks(
    sizes: list[int], limit: int, rng: np.random.Generator
) -> Iterator[npt.NDArray[np.int64]]:
    """Index vectors into the pools: all of them, or the simple ones and a random sample."""
    if math.prod(sizes) <= limit:
        yield _product(sizes)
        return
    per_axis = int((limit / 2) ** (1 / len(sizes)))
    if per_axis > 1:
        yield _product([min(size, per_axis) for size in sizes])
    count = min(limit, 400_000 // len(sizes))
    last = np.array(sizes)[:, None] - 1
    # Small indices are simple values: they are drawn more often than others.
    share = rng.random((len(sizes), count)) ** rng.choice([1.0, 2.5], count)
    spread = (share * (last + 1)).astype(np.int64)
    alike = rng.random(count) < 0.3
    spread[:, alike] = spread[:1, alike]
    # Many claims fail where few variables differ from a common simple value.
    few = rng.random(count) < 0.3
    kept = rng.random((len(sizes), count)) < 2.0 / len(sizes)
    spread = np.where(few & ~kept, rng.integers(0, 2, (1, count)), spread)
    yield np.minimum(spread, last)


def _product(sizes: list[int]) -> npt.NDArray[np.int64]:
    if not sizes:
        return np.zeros((0, 1), dtype=np.int64)
    axes = np.meshgrid(*(np.arange(size) for size in sizes), indexing="ij")
    return np.stack([axis.ravel() for axis in axes]).astype(np.int64)


def chart(face: Face, names: tuple[str, ...], relations: Relations) -> Chart | None:
    """The chart of a face, or None where floats cannot follow."""
    try:
        return Chart(face, names, relations)
    except Unsupported:
        return None


class Sieve:
    """Points of a claim sifted in floating point: those at which it may fail."""

    def __init__(self, sequent: Sequent, names: tuple[str, ...]) -> None:
        self._names = names
        self._floats: dict[Term, float] = {}
        try:
            self._cases = [
                Relations(case.relations, names, sequent.integers) for case in failures(sequent)
            ]
        except Unsupported:
            self._cases = []

    def likely(self, points: Sequence[Constants]) -> list[Constants]:
        """The points at which the claim may fail, in the same order; all, if floats cannot say."""
        if not self._cases or not points:
            return list(points)
        columns = np.array(
            [[self._float(point[name]) for point in points] for name in self._names], dtype=float
        ).reshape(len(self._names), len(points))
        kept = np.zeros(len(points), dtype=bool)
        for case in self._cases:
            kept |= case.status(columns) >= MAYBE
        return [point for point, keep in zip(points, kept, strict=True) if keep]

    def _float(self, value: Term) -> float:
        if isinstance(value, Num):
            return to_float(value.value)
        if value not in self._floats:
            self._floats[value] = float(Tape([value], ())(np.empty((0, 1)))[0, 0])
        return self._floats[value]
