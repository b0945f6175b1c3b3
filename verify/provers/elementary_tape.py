"""Terms evaluated many times over: each distinct subterm once per box, as the kernel does it.

The kernel's ``enclose`` walks a term at every call. A tape walks it once: constants are enclosed
when the tape is made, sums and products are the same ball operations in the same order, and
functions are enclosed by the kernel itself with placeholders for their arguments. So the balls are
the kernel's, and what a tape decides, the kernel decides as well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from flint import arb

from verify.kernel.ball import enclose
from verify.language.term import (
    Add,
    Div,
    Mul,
    Neg,
    Sym,
    Term,
    children,
    free_names,
    rebuild,
)

_Step = Callable[[list[arb]], arb]


class Tape:
    """The distinct subterms of some terms, in an order in which they can be evaluated.

    A tape is made for one working precision (the one in force when it is made and run).
    """

    def __init__(self, terms: Iterable[Term], names: Iterable[str]) -> None:
        self.names = tuple(names)
        self._slots: dict[Term, int] = {Sym(n): i for i, n in enumerate(self.names)}
        self._start: list[arb] = [arb(0)] * len(self.names)
        self._steps: list[tuple[int, _Step]] = []
        self.outputs = [self.slot(term) for term in terms]

    def slot(self, term: Term) -> int:
        """The place of a term's value, which is added to the tape if need be.

        Raises:
            Refused: the term mentions a variable that is not on the tape, or has no enclosure.
        """
        known = self._slots.get(term)
        if known is not None:
            return known
        if not free_names(term):
            value, step = enclose(term, {}), None
        else:
            value, step = arb(0), self._step(term)
        place = len(self._start)
        self._start.append(value)
        if step is not None:
            self._steps.append((place, step))
        self._slots[term] = place
        return place

    def _step(self, term: Term) -> _Step:
        if isinstance(term, Sym):
            enclose(term, {})
        places = [self.slot(part) for part in children(term)]
        match term:
            case Neg():
                (only,) = places
                return lambda v: -v[only]
            case Add():
                first, *rest = places
                return lambda v: _sum(v, first, rest)
            case Mul(args=args) if len(set(args)) == len(args):
                return lambda v: _product(v, places)
            case Div():
                top, bottom = places
                return lambda v: v[top] / v[bottom]
        named = [f"a{index}" for index in range(len(places))]
        shape = rebuild(term, tuple(Sym(name) for name in named))
        if isinstance(term, Mul):
            unique = {place: f"a{place}" for place in places}
            shape = rebuild(term, tuple(Sym(unique[place]) for place in places))
            return lambda v: enclose(shape, {name: v[place] for place, name in unique.items()})
        # Literal exponents stay as they are: the kernel treats them differently.
        parts = children(term)
        kept = tuple(
            part if not free_names(part) else Sym(name)
            for part, name in zip(parts, named, strict=True)
        )
        shape = rebuild(term, kept)
        needed = [
            (name, place)
            for name, place, part in zip(named, places, parts, strict=True)
            if free_names(part)
        ]
        return lambda v: enclose(shape, {name: v[place] for name, place in needed})

    def run(self, box: Mapping[str, arb]) -> list[arb]:
        """The values of all slots on a box."""
        values = self._start.copy()
        for index, name in enumerate(self.names):
            values[index] = box[name]
        for place, step in self._steps:
            values[place] = step(values)
        return values


def _sum(values: list[arb], first: int, rest: list[int]) -> arb:
    total = values[first]
    for place in rest:
        total = total + values[place]
    return total


def _product(values: list[arb], places: list[int]) -> arb:
    total = arb(1)
    for place in places:
        total = total * values[place]
    return total
