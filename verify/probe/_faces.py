"""Parametrisations of where some relations hold with equality.

A face lets some variables run freely and gives the others in closed form. Counterexamples that lie
only on a boundary, and points that satisfy equations, are found on faces.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from verify.kernel.poly import Refused
from verify.language.term import Num, Rel, Sym, Term, free_names, node_count, replace, sub
from verify.probe._cases import Case
from verify.probe._solve import solve
from verify.probe._tidy import tidy
from verify.provers.budget import Budget

MAX_BASES = 6
MAX_FACES = 60
MAX_DEFINITION = 300
NON_STRICT = (">=", "<=")


@dataclass(frozen=True)
class Face:
    """Free variables, the others as terms in them, and which relations are tight."""

    free: tuple[str, ...]
    defined: Mapping[str, Term]
    tight: frozenset[int] = frozenset()

    def point(self, values: Mapping[str, Term]) -> dict[str, Term]:
        """The coordinates of all variables, from those of the free ones."""
        table: dict[Term, Term] = {Sym(name): values[name] for name in self.free}
        point = {name: values[name] for name in self.free}
        for name, term in self.defined.items():
            point[name] = tidy(replace(term, table))
        return point

    def at(self, values: Mapping[str, Fraction]) -> dict[str, Term]:
        """The same for rational values."""
        return self.point({name: Num(values[name]) for name in self.free})

    def tightened(self, rel: Rel, index: int) -> list[Face]:
        """The faces of this one on which the relation holds with equality, simplest first."""
        table: dict[Term, Term] = {Sym(name): term for name, term in self.defined.items()}
        difference = tidy(replace(sub(rel.left, rel.right), table))
        candidates: list[tuple[int, str, Term]] = []
        for name in self.free:
            if name in free_names(difference):
                candidates.extend((node_count(t), name, t) for t in solve(difference, name))
        candidates.sort(key=lambda entry: entry[0])
        return [
            face
            for _, name, term in candidates
            if (face := self._defining(name, term, index)) is not None
        ]

    def _defining(self, name: str, term: Term, index: int) -> Face | None:
        table: dict[Term, Term] = {Sym(name): term}
        defined = {other: tidy(replace(old, table)) for other, old in self.defined.items()}
        defined[name] = term
        if any(node_count(value) > MAX_DEFINITION for value in defined.values()):
            return None
        rest = tuple(other for other in self.free if other != name)
        return Face(rest, defined, self.tight | {index})


def bases(case: Case, names: tuple[str, ...], budget: Budget) -> list[Face]:
    """Faces on which the equations of a case hold, as far as they can be solved."""
    found = [Face(names, {})]
    for index, rel in enumerate(case.relations):
        if rel.op != "==":
            continue
        budget.check()
        narrowed = [tighter for face in found for tighter in _safely(face, rel, index)[:4]]
        # An equation that cannot be solved is left to the optimiser.
        found = narrowed[:MAX_BASES] or found
    return found


def faces(case: Case, start: list[Face], budget: Budget) -> Iterator[Face]:
    """Further faces, on which more and more inequalities are tight.

    A strict inequality cannot be tight where the case holds, so those are left alone.
    """
    loose = [(index, rel) for index, rel in enumerate(case.relations) if rel.op in NON_STRICT]
    seen: set[tuple[tuple[str, Term], ...]] = set()
    layer, count = start, 0
    while layer:
        following: list[Face] = []
        for (index, rel), face in itertools.product(reversed(loose), layer):
            if index in face.tight:
                continue
            budget.check()
            for tighter in _safely(face, rel, index)[:3]:
                key = tuple(sorted(tighter.defined.items(), key=lambda entry: entry[0]))
                if key in seen:
                    continue
                seen.add(key)
                following.append(tighter)
                yield tighter
                count += 1
                if count >= MAX_FACES:
                    return
        layer = following


def _safely(face: Face, rel: Rel, index: int) -> list[Face]:
    try:
        return face.tightened(rel, index)
    except (Refused, OverflowError, MemoryError, ValueError):
        return []
