"""Terms evaluated many times over: each distinct subterm once per box, as the kernel does it.

The kernel's ``enclose`` walks a term at every call. A tape walks it once: constants are enclosed
when the tape is made, sums and products are the same ball operations in the same order, and
functions are enclosed by the kernel itself with placeholders for their arguments. So the balls are
the kernel's, and what a tape decides, the kernel decides as well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache

from flint import arb

from verify.kernel.ball import enclose
from verify.language.term import (
    Add,
    Div,
    Formula,
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
        if not names_in(term):
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
        operation = operation_of(term)
        places = [self.slot(part) for part in children(term)]
        return lambda v: operation([v[place] for place in places])

    def run(self, box: Mapping[str, arb]) -> list[arb]:
        """The values of all slots on a box."""
        values = self._start.copy()
        for index, name in enumerate(self.names):
            values[index] = box[name]
        for place, step in self._steps:
            values[place] = step(values)
        return values


@lru_cache(maxsize=20_000)
def operation_of(term: Term) -> Callable[[list[arb]], arb]:
    """What the kernel does to the balls of a term's parts to enclose the term."""
    match term:
        case Neg():
            return lambda v: -v[0]
        case Add():
            return _sum
        case Mul(args=args) if len(set(args)) == len(args):
            return _product
        case Div():
            return lambda v: v[0] / v[1]
    parts = children(term)
    slots = {part: Sym(f"a{index}") for index, part in enumerate(parts) if names_in(part)}
    # Literal exponents stay as they are: the kernel treats them differently.
    shape = rebuild(term, tuple(slots.get(part, part) for part in parts))
    needed = {slot.name: parts.index(part) for part, slot in slots.items()}
    return lambda v: enclose(shape, {name: v[index] for name, index in needed.items()})


def _sum(values: list[arb]) -> arb:
    total = values[0]
    for value in values[1:]:
        total = total + value
    return total


def _product(values: list[arb]) -> arb:
    total = arb(1)
    for value in values:
        total = total * value
    return total


@lru_cache(maxsize=50_000)
def names_in(item: Term | Formula) -> frozenset[str]:
    """The variables that occur free, remembered."""
    return free_names(item)
