"""Rational points on a quadric near a given float point.

A line through one rational point of a quadric, in a rational direction, meets it in one more point,
which is rational too. So one rational solution of a quadratic equation leads to all others.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from verify.kernel.point import Evaluator, Undecided, Undefined
from verify.kernel.poly import Refused
from verify.language.term import Call, Num, Pow, Rel, Sym, Term, replace, sub, subterms
from verify.probe._cases import Case
from verify.probe._faces import Face
from verify.probe._judge import Constants
from verify.probe._simple import SMALL
from verify.provers.budget import Budget

MAX_STARTS = 3
MAX_TRIED = 3_000
PRECISIONS = (1, 2, 5, 12, 60, 1_000, 10**5, 10**7)

Values = dict[str, Fraction]


@dataclass(frozen=True)
class Quadric:
    """A quadratic equation that is left once the linear ones of a case are solved."""

    names: tuple[str, ...]
    face: Face
    rel: Rel

    def near(self, targets: Sequence[Sequence[float]], budget: Budget) -> Iterator[Constants]:
        """Rational solutions near float points (with all coordinates, in the order of the names).

        Raises:
            OutOfTime: the budget has run out.
        """
        free = self.face.free
        table: dict[Term, Term] = {Sym(name): term for name, term in self.face.defined.items()}
        difference = replace(sub(self.rel.left, self.rel.right), table)
        rows = itertools.islice(itertools.product(SMALL[:5], repeat=len(free)), MAX_TRIED)
        starts = (dict(zip(free, row, strict=True)) for row in rows)
        solutions = (start for start in starts if exact_value(difference, start) == 0)
        for start in itertools.islice(solutions, MAX_STARTS):
            for target in targets:
                budget.check()
                goal = [target[self.names.index(name)] for name in free]
                for values in on_quadric(difference, start, goal):
                    yield self.face.at(values)


def curved(case: Case, names: tuple[str, ...], budget: Budget) -> Quadric | None:
    """The one equation of a case that has no rational closed form, if there is just one.

    Raises:
        OutOfTime: the budget has run out.
    """
    flat, rest = Face(names, {}), list[Rel]()
    for index, rel in enumerate(case.relations):
        if rel.op != "==":
            continue
        budget.check()
        linear = [face for face in flat.tightened(rel, index) if not _has_roots(face)]
        if linear:
            flat = linear[0]
        else:
            rest.append(rel)
    return Quadric(names, flat, rest[0]) if len(rest) == 1 else None


def _has_roots(face: Face) -> bool:
    nodes = (node for term in face.defined.values() for node in subterms(term))
    return any(
        isinstance(node, Call)
        or (isinstance(node, Pow) and not (isinstance(node.exp, Num) and _is_whole(node.exp)))
        for node in nodes
    )


def _is_whole(exponent: Num) -> bool:
    return exponent.value.denominator == 1


def exact_value(term: Term, values: Mapping[str, Fraction]) -> Fraction | None:
    """The value of a term at a rational point, where it is rational."""
    try:
        return Evaluator({name: Num(value) for name, value in values.items()}, 64).exact(term)
    except (Refused, Undefined, Undecided, OverflowError):
        return None


def on_quadric(
    difference: Term, start: Mapping[str, Fraction], target: Sequence[float]
) -> Iterator[Values]:
    """Rational points near ``target`` at which a quadratic ``difference`` is zero, given one."""
    for bound in PRECISIONS:
        steps = {
            name: Fraction(goal).limit_denominator(bound) - start[name]
            for name, goal in zip(start, target, strict=True)
        }
        found = _second_meeting(difference, start, steps)
        if found is not None:
            yield found


def _second_meeting(
    difference: Term, start: Mapping[str, Fraction], steps: Mapping[str, Fraction]
) -> Values | None:
    """Where the line from ``start`` along ``steps`` meets the quadric again."""

    def along(time: Fraction) -> Values:
        return {name: value + time * steps[name] for name, value in start.items()}

    forth, back, far = (exact_value(difference, along(Fraction(t))) for t in (1, -1, 2))
    if forth is None or back is None or far is None:
        return None
    square, slope = (forth + back) / 2, (forth - back) / 2
    if not square or far != 4 * square + 2 * slope:
        return None
    return along(-slope / square)
