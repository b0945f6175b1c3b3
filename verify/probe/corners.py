"""Corners of a domain, drawn at random: simple values, then moved onto the faces of hypotheses.

What is least likely to hold there is a probability bound: with a threshold as low, a degree as
small and as many columns as the hypotheses allow.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from verify.kernel.check import Sequent
from verify.kernel.poly import Refused
from verify.language.floats import to_float
from verify.language.term import (
    FALSE,
    Formula,
    Num,
    Rel,
    Sym,
    Term,
    free_names,
    map_terms,
    replace,
)
from verify.probe._cases import Case, failures
from verify.probe._pool import pools
from verify.probe._simple import simplest_between
from verify.probe.numeric import SURE, Array, Relations, Unsupported

Corner = Mapping[str, Fraction]

WIDE = np.geomspace(1e-12, 1e40, 79)
"""Where the face of a hypothesis is looked for."""

HALVINGS = 28
INSIDE = 1e-3
"""How far inside, at most, relative to its value, a coordinate is that lies on a face: that leaves
room for a simple number."""

MODEST = 10**4
"""Half of the sizes are at most this: the laws of larger ones take long."""

ALL_TIGHT = 0.8
"""How often a coordinate is moved onto a face."""

USUAL = 0.3
"""How often a variable has its reference value."""

STEPS = tuple(Fraction(step) for step in ("1/2", "9/10", "11/10", "2", "10", "1000"))


@dataclass(frozen=True, slots=True)
class Tightening:
    """A relation, and the variable that is moved until it holds with next to nothing to spare; to
    ``repair``, only where it fails."""

    relation: Rel
    name: str
    repair: bool


class Corners:
    """Draws corners of the domain that hypotheses describe.

    ``determined`` are variables whose values follow from the others, and how. Points seem to
    satisfy the hypotheses; whether they do is for others to say.
    """

    def __init__(
        self,
        hypotheses: Sequence[Formula],
        names: Sequence[str],
        determined: Mapping[str, Term],
        integers: frozenset[str],
        reference: Mapping[str, Fraction],
        seed: int,
    ) -> None:
        self._names = tuple(names)
        self._integers = integers
        self._reference = reference
        self._rng = np.random.default_rng(seed)
        table: dict[Term, Term] = {}
        for name, term in determined.items():
            table[Sym(name)] = replace(term, table)
        closed = [map_terms(h, lambda side: replace(side, table)) for h in hypotheses]
        case = failures(Sequent(tuple(closed), FALSE, integers))[0]
        self._relations = [rel for rel in case.relations if self._is_usable(rel)]
        self._all = Relations(self._relations, self._names, integers)
        self._values = {
            name: self._inside(name, values)
            for name, values in pools(
                Case(tuple(self._relations), ()), self._names, integers, reference
            ).items()
        }

    def _is_usable(self, rel: Rel) -> bool:
        with contextlib.suppress(Unsupported, Refused):
            Relations([rel], self._names, self._integers)
            return free_names(rel) <= set(self._names) and rel.left != rel.right
        return False

    def _inside(self, name: str, values: Sequence[Fraction]) -> list[Fraction]:
        """The values that satisfy what is said about a variable alone."""
        alone = [rel for rel in self._relations if free_names(rel) == {name}]
        columns = np.ones((len(self._names), len(values)))
        columns[self._names.index(name)] = [to_float(value) for value in values]
        kept = Relations(alone, self._names, self._integers).status(columns) == SURE
        return [value for value, keep in zip(values, kept, strict=True) if keep]

    def order(self) -> tuple[Tightening, ...]:
        """The relations between variables, in some order, each with one of its variables; then
        again with others, where the later ones undid what the earlier ones did."""
        rels = [rel for rel in self._relations if len(free_names(rel)) > 1]
        return tuple(
            Tightening(rels[place], str(self._rng.choice(sorted(free_names(rels[place])))), again)
            for again in (False, True, True)
            for place in self._rng.permutation(len(rels))
        )

    def drawn(self, order: Sequence[Tightening], count: int) -> list[Corner]:
        """Corners from values that are chosen at random."""
        return self._moved([self._anywhere() for _ in range(count)], order)

    def near(self, corner: Corner, order: Sequence[Tightening], count: int) -> list[Corner]:
        """Corners that differ from one in one value or two, and in what follows."""
        return self._moved([self._beside(corner) for _ in range(count)], order)

    def _anywhere(self) -> dict[str, Fraction]:
        most = MODEST if self._rng.random() < 0.5 else None
        return {name: self._any(name, most) for name in self._names}

    def _any(self, name: str, most: int | None = None) -> Fraction:
        """A value of a variable, sooner a simple one, and often that of the reference point."""
        values = self._values[name]
        if self._reference.get(name) in values and self._rng.random() < USUAL:
            return self._reference[name]
        if most is not None and name in self._integers:
            values = [value for value in values if value <= most] or values
        return values[int(len(values) * self._rng.random() ** 2)] if values else Fraction(1)

    def _beside(self, corner: Corner) -> dict[str, Fraction]:
        moved = dict(corner)
        for name in self._rng.choice(self._names, size=self._rng.integers(1, 3)):
            step = STEPS[self._rng.integers(len(STEPS))]
            other = self._any(name) if self._rng.random() < 0.5 else moved[name] * step
            moved[name] = Fraction(math.ceil(other)) if name in self._integers else other
        return moved

    def _moved(
        self, starts: list[dict[str, Fraction]], order: Sequence[Tightening]
    ) -> list[Corner]:
        columns = np.array(
            [[to_float(start[name]) for start in starts] for name in self._names], dtype=float
        )
        for step in order:
            self._tighten(step, starts, columns)
        kept = self._all.status(columns) == SURE
        return [start for start, keep in zip(starts, kept, strict=True) if keep]

    def _tighten(self, step: Tightening, starts: list[dict[str, Fraction]], columns: Array) -> None:
        """Move one coordinate of each point, where that has a face to move to."""
        row = self._names.index(step.name)
        rel = Relations([step.relation], self._names, frozenset())
        with np.errstate(all="ignore"):
            failing = rel.gaps(columns)[0][0] < 0
        chosen = failing if step.repair else self._rng.random(len(starts)) < ALL_TIGHT
        places = np.flatnonzero(chosen)
        faces = _faces(rel, row, columns[:, places], strict=step.relation.op in ("<", ">"))
        for index, (face, upward) in zip(places.tolist(), faces, strict=True):
            if face is not None:
                value = self._rounded(step.name, face, upward)
                starts[index][step.name] = value
                columns[row, index] = to_float(value)

    def _rounded(self, name: str, face: float, upward: bool) -> Fraction:
        """A simple number on the side of the face on which the relation holds."""
        if name in self._integers:
            return Fraction(math.ceil(face) if upward else math.floor(face))
        if upward:
            return simplest_between(Fraction(face), Fraction(face * (1 + INSIDE)))
        return simplest_between(Fraction(face * (1 - INSIDE)), Fraction(face))


def _faces(
    rel: Relations, row: int, columns: Array, *, strict: bool
) -> list[tuple[float | None, bool]]:
    """Where a relation begins to hold as one coordinate of each point moves, and whether it holds
    above that; outside the face only where the relation is strict."""
    count = columns.shape[1]

    def gaps(values: Array) -> Array:
        moved = np.repeat(columns, len(values) // max(1, count), axis=1)
        moved[row] = values
        with np.errstate(all="ignore"):
            found: Array = rel.gaps(moved)[0][0]
        return found

    wide = gaps(np.tile(WIDE, count)).reshape(count, len(WIDE))
    sides = np.sign(wide)
    changes = (sides[:, :-1] * sides[:, 1:] < 0) | ((sides[:, :-1] != 0) & (sides[:, 1:] == 0))
    place = changes.argmax(axis=1)
    low, high = WIDE[place], WIDE[place + 1]
    upward = wide[np.arange(count), place + 1] >= 0
    for _ in range(HALVINGS):
        middle = np.sqrt(low * high)
        good = gaps(middle) >= 0
        high = np.where(good == upward, middle, high)
        low = np.where(good == upward, low, middle)
    face = np.where(upward == strict, high, low)
    return [
        (float(value) if known else None, bool(up))
        for value, known, up in zip(face, changes.any(axis=1), upward, strict=True)
    ]


def as_terms(corner: Corner) -> dict[str, Term]:
    """A corner as a point."""
    return {name: Num(value) for name, value in corner.items()}
