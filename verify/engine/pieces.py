"""Entries and sums at one point, for sizes of any magnitude.

At a point the sizes are numbers, such as 10**300 rows, and a sum cannot be added up term by term.
But a summand depends on its index only through comparisons with other indices, so the range falls
into a few pieces on which the summand is the same: a few single places, the places that a map sends
to a given class, and all others. Evaluating the summand at one place of each piece records the
comparisons that it makes; they give the pieces. One summand for each piece, times the number of its
places, is the sum.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from verify.engine.constants import Constants, power, product, quotient, total
from verify.kernel.point import Evaluator
from verify.kernel.sums import Definition
from verify.language.render import text
from verify.language.term import (
    ONE,
    ZERO,
    Add,
    Call,
    Const,
    Delta,
    Div,
    Entry,
    Mul,
    Neg,
    Num,
    Pow,
    Sum,
    Sym,
    Term,
    conditions,
    entry_names,
    num,
)

MAX_BEYOND = 16
MAX_LISTED = 400


class Unsupported(ValueError):
    """A term that cannot be evaluated in a few pieces: says why."""


@dataclass(frozen=True, slots=True)
class Place:
    """An index: ``shift``, or ``shift + variable``, or ``shift + map(variable)``."""

    shift: int
    variable: str | None = None
    map: str | None = None

    def plus(self, number: int) -> Place:
        """The index moved by a number."""
        return Place(self.shift + number, self.variable, self.map)


@dataclass(frozen=True, slots=True)
class Same:
    """The question whether two indices agree."""

    left: Place
    right: Place


@dataclass(frozen=True, slots=True)
class Within:
    """The question whether an index lies in ``1 .. size``."""

    place: Place
    size: int


Question = Same | Within


@dataclass(frozen=True, slots=True)
class Piece:
    """Some places of a range on which a term has one value: one of them, and how many."""

    at: int
    count: int
    value: Term


@dataclass(frozen=True)
class Datum:
    """An array with one index, given by a few single entries and a cycle that fills the rest."""

    special: Mapping[int, Term]
    cycle: tuple[Term, ...]

    def value(self, index: int) -> Term:
        """The entry with an index from 1 on."""
        found = self.special.get(index)
        return self.cycle[(index - 1) % len(self.cycle)] if found is None else found


@dataclass(frozen=True)
class Data:
    """What symbols and entries mean at the point.

    ``values`` are constant terms for parameters, ``integers`` the sizes and the indices;
    ``classes`` gives for each map of the rows the number of its classes.
    """

    values: Mapping[str, Term]
    integers: Mapping[str, int]
    definitions: Mapping[str, Definition] = field(default_factory=dict)
    classes: Mapping[str, Term] = field(default_factory=dict)
    arrays: Mapping[str, Datum] = field(default_factory=dict)


@dataclass
class _Scope:
    """The index variables in sight: names to places, and the present values of the variables."""

    places: dict[str, Place]
    present: dict[str, int]


@dataclass
class _Cut:
    """The places at which a range is cut, and the classes of a map that are pieces of their own."""

    points: dict[Place, None] = field(default_factory=dict)
    classes: dict[tuple[str, Place], None] = field(default_factory=dict)


class Pieces:
    """Evaluates terms at one point; entries are remembered.

    Raises (from every method):
        Unsupported: a term is not made of comparisons of indices alone, or not in few pieces.
    """

    def __init__(self, data: Data) -> None:
        self._data = data
        self._known: dict[tuple[str, tuple[int, ...]], tuple[Term, tuple[Question, ...]]] = {}
        self._numbers = itertools.count()
        self._partials: dict[str, bool] = {}
        """For each definition whether its entries may be undefined."""
        self._values = Evaluator({})
        self._constants = Constants()
        self._sizes = {
            name: self._integer(size, _Scope({}, {})) for name, size in data.classes.items()
        }
        self._sizes |= {_cycle(name): len(item.cycle) for name, item in data.arrays.items()}

    def value(self, term: Term) -> Term:
        """The value of a term without free index variables, as a constant term."""
        return self._constants.normal(self._value(term, _Scope({}, {}), {}))

    def integer(self, term: Term) -> int:
        """The value of a term that is an integer."""
        return self._integer(term, _Scope({}, {}))

    def pieces(
        self, term: Term, variable: str, size: int, apart: Iterable[int] = ()
    ) -> list[Piece]:
        """The range ``1 .. size`` of an index in pieces on which the term has one value.

        The places in ``apart`` become pieces of their own.
        """
        cut = _Cut({Place(index): None for index in apart})
        found = self._pieces(term, variable, size, _Scope({}, {}), {}, cut)
        return [Piece(p.at, p.count, self._constants.normal(p.value)) for p in found]

    def grid(
        self, term: Term, row: str, rows: int, column: str, columns: int
    ) -> tuple[list[tuple[int, int]], list[tuple[int, int]], list[list[Term]]]:
        """Rows and columns in pieces on whose products the term has one value.

        Returns the pieces of the rows and those of the columns, each as one place and how many,
        and the values, row by row.
        """
        kinds, groups, table, _ = self.numbered_grid(term, row, rows, column, columns)
        return kinds, groups, table

    def numbered_grid(
        self, term: Term, row: str, rows: int, column: str, columns: int
    ) -> tuple[
        list[tuple[int, int]], list[tuple[int, int]], list[list[Term]], Callable[[int], int]
    ]:
        """As :meth:`grid`, and for a column from 1 on the place of its piece among the pieces."""
        cuts = {row: _Cut(), column: _Cut()}
        sizes = {row: rows, column: columns}
        while True:
            before = [(len(cut.points), len(cut.classes)) for cut in cuts.values()]
            across = {
                name: self._parts(cut, sizes[name], _Scope({}, {}), {})
                for name, cut in cuts.items()
            }
            table = []
            crossed = False
            for r, r_place, _ in across[row]:
                line = []
                for c, c_place, _ in across[column]:
                    scope = _Scope(
                        {row: r_place or Place(0, row), column: c_place or Place(0, column)},
                        {row: r, column: c},
                    )
                    asked: dict[Question, None] = {}
                    line.append(self._value(term, scope, asked))
                    for question in asked:
                        if _mentions(question, row) and _mentions(question, column):
                            crossed = True
                        else:
                            name = row if _mentions(question, row) else column
                            self._answer(question, name, cuts[name], sizes[name])
                table.append(line)
            if crossed:
                small = min(sizes, key=lambda name: sizes[name])
                if sizes[small] > MAX_LISTED:
                    raise Unsupported("the rows differ in too many ways")
                cuts[small].points |= {Place(x): None for x in range(1, sizes[small] + 1)}
            if before == [(len(cut.points), len(cut.classes)) for cut in cuts.values()]:
                break
        values = [[self._constants.normal(value) for value in line] for line in table]
        return (
            [(at, count) for at, _, count in across[row]],
            [(at, count) for at, _, count in across[column]],
            values,
            self._piece_of(cuts[column], across[column]),
        )

    def _piece_of(
        self, cut: _Cut, parts: Sequence[tuple[int, Place | None, int]]
    ) -> Callable[[int], int]:
        """The number of the piece that a place belongs to, for a cut without outer indices."""
        points = {at: number for number, (at, place, _) in enumerate(parts) if place is not None}
        size = next((self._sizes[name] for name, _ in cut.classes), 1)
        wanted = {self._present(place, _Scope({}, {})) for _, place in cut.classes}
        wide = {
            1 + (at - 1) % size: number
            for number, (at, place, _) in enumerate(parts)
            if place is None and 1 + (at - 1) % size in wanted
        }
        return lambda x: points.get(x, wide.get(1 + (x - 1) % size, len(parts) - 1))

    # Values

    def _value(self, term: Term, scope: _Scope, log: dict[Question, None]) -> Term:
        match term:
            case Num() | Const():
                return term
            case Sym(name=name):
                return self._symbol(name, scope)
            case Neg(arg=arg):
                return product((num(-1), self._value(arg, scope, log)))
            case Add(args=args):
                return total([self._value(arg, scope, log) for arg in args])
            case Mul(args=args):
                return self._product(args, scope, log)
            case Div(num=top, den=bottom):
                return quotient(self._value(top, scope, log), self._value(bottom, scope, log))
            case Pow(base=base, exp=exponent):
                below = self._constants.normal(self._value(base, scope, log))
                above = self._constants.normal(self._value(exponent, scope, log))
                return power(below, above)
            case Call(name=name, args=args):
                return Call(name, tuple(self._value(arg, scope, log) for arg in args))
            case Delta(left=left, right=right):
                return self._delta(left, right, scope, log)
            case Sum(body=body, var=var, size=size):
                count = self._integer(size, scope)
                pieces = self._pieces(body, var, count, scope, log, _Cut())
                parts = [product((num(piece.count), piece.value)) for piece in pieces]
                return self._constants.normal(total(parts))
            case Entry(name=name, indices=indices):
                return self._entry(name, indices, scope, log)

    def _product(self, args: Iterable[Term], scope: _Scope, log: dict[Question, None]) -> Term:
        factors: list[Term] = []
        absent = False
        # Deltas first: where one is zero, of the rest only those matter that may be undefined.
        for arg in sorted(args, key=lambda part: not isinstance(part, Delta)):
            if absent and not self._may_be_undefined(arg):
                continue
            factors.append(self._value(arg, scope, log))
            absent |= factors[-1] == ZERO and isinstance(arg, Delta)
        return product(factors)

    def _may_be_undefined(self, term: Term) -> bool:
        """Whether a term, or what its entries stand for, is not defined for all values."""
        return bool(conditions(term)) or any(
            self._partial(name) for name in entry_names(term) & set(self._data.definitions)
        )

    def _partial(self, name: str) -> bool:
        if name not in self._partials:
            self._partials[name] = True  # a definition that uses itself is refused where it is used
            self._partials[name] = self._may_be_undefined(self._data.definitions[name].body)
        return self._partials[name]

    def _symbol(self, name: str, scope: _Scope) -> Term:
        if name in scope.places:
            place = scope.places[name]
            if place.variable is not None:
                raise Unsupported(f"the index {name} is used as a number")
            return num(place.shift)
        if name in self._data.integers:
            return num(self._data.integers[name])
        if name in self._data.values:
            return self._data.values[name]
        raise Unsupported(f"no value for {name}")

    def _delta(self, left: Term, right: Term, scope: _Scope, log: dict[Question, None]) -> Term:
        places = self._place(left, scope), self._place(right, scope)
        self._ask(Same(*places), log)
        here = [self._present(place, scope) for place in places]
        return ONE if here[0] == here[1] else ZERO

    def _entry(
        self, name: str, indices: tuple[Term, ...], scope: _Scope, log: dict[Question, None]
    ) -> Term:
        places = [self._place(index, scope) for index in indices]
        here = tuple(self._present(place, scope) for place in places)
        if name in self._data.arrays and len(places) == 1:
            return self._datum(name, places[0], here[0], log)
        if name in self._data.classes:
            return num(self._integer(Entry(name, indices), scope))
        if name not in self._data.definitions:
            raise Unsupported(f"{text(Entry(name, indices))} has no definition and no value")
        definition = self._data.definitions[name]
        if len(definition.indices) != len(indices):
            raise Unsupported(f"{name} takes {len(definition.indices)} indices")
        formals = [f"{name}.{index}" for index in definition.indices]
        known = self._known.get((name, here))
        if known is None:
            inner = _Scope(
                {
                    index: Place(0, formal)
                    for index, formal in zip(definition.indices, formals, strict=True)
                },
                dict(zip(formals, here, strict=True)),
            )
            asked: dict[Question, None] = {}
            value = self._value(definition.body, inner, asked)
            known = self._known[name, here] = (value, tuple(asked))
        table = dict(zip(formals, places, strict=True))
        for question in known[1]:
            self._ask(self._moved(question, table), log)
        return known[0]

    def _moved(self, question: Question, table: Mapping[str, Place]) -> Question:
        """A question about the indices of an entry, asked about the places they are used with."""
        if isinstance(question, Within):
            return Within(self._at(question.place, table), question.size)
        return Same(self._at(question.left, table), self._at(question.right, table))

    def _at(self, place: Place, table: Mapping[str, Place]) -> Place:
        if place.variable is None:
            return place
        actual = table[place.variable]
        if place.map is not None:
            actual = self._mapped(place.map, actual)
        return actual.plus(place.shift)

    def _datum(self, name: str, place: Place, here: int, log: dict[Question, None]) -> Term:
        datum = self._data.arrays[name]
        for index in datum.special:
            self._ask(Same(place, Place(index)), log)
        if here not in datum.special and len(datum.cycle) > 1:
            residue = 1 + (here - 1) % len(datum.cycle)
            self._ask(Same(self._mapped(_cycle(name), place), Place(residue)), log)
        return datum.value(here)

    # Indices

    def _integer(self, term: Term, scope: _Scope) -> int:
        place = self._place(term, scope)
        if place.variable is not None:
            raise Unsupported(f"{text(term)} depends on a summation index")
        return place.shift

    def _place(self, term: Term, scope: _Scope) -> Place:
        match term:
            case Num(value=value) if value.denominator == 1:
                return Place(int(value))
            case Sym(name=name) if name in scope.places:
                return scope.places[name]
            case Sym(name=name) if name in self._data.integers:
                return Place(self._data.integers[name])
            case Neg(arg=arg):
                return Place(-self._integer(arg, scope))
            case Add(args=args):
                parts = [self._place(arg, scope) for arg in args]
                shift = sum(part.shift for part in parts)
                moving = [part for part in parts if part.variable is not None]
                if len(moving) > 1:
                    raise Unsupported(f"the index {text(term)} adds up several indices")
                return moving[0].plus(shift - moving[0].shift) if moving else Place(shift)
            case Entry(name=name, indices=(index,)) if name in self._data.classes:
                return self._mapped(name, self._place(index, scope))
            case _:
                return self._computed(term, scope)

    def _computed(self, term: Term, scope: _Scope) -> Place:
        """An index that is an expression in sizes alone."""
        value = self._values.exact(self._value(term, scope, {}))
        if value is None or value.denominator != 1:
            raise Unsupported(f"{text(term)} is not an integer here")
        return Place(int(value))

    def _mapped(self, name: str, place: Place) -> Place:
        if place.variable is None:
            return Place(1 + (place.shift - 1) % self._sizes[name])
        if place.map is not None or place.shift:
            raise Unsupported(f"the map {name} of an index that is not a plain one")
        return Place(0, place.variable, name)

    def _present(self, place: Place, scope: _Scope) -> int:
        if place.variable is None:
            return place.shift
        value = scope.present[place.variable]
        if place.map is not None:
            value = 1 + (value - 1) % self._sizes[place.map]
        return place.shift + value

    # Questions

    def _ask(self, question: Question, log: dict[Question, None]) -> None:
        """Record a question, unless the answer does not depend on any variable."""
        match question:
            case Same(left=left, right=right):
                if (left.variable, left.map) == (right.variable, right.map):
                    return
                for one, other in ((left, right), (right, left)):
                    if one.map is not None and other.variable is None:
                        wanted = other.shift - one.shift
                        if not 1 <= wanted <= self._sizes[one.map]:
                            return
            case Within(place=place, size=size):
                if place.variable is None:
                    return
                if place.map is not None:
                    # A class lies in a known range, so only its ends can be outside.
                    for value in _outside(place.shift, self._sizes[place.map], size):
                        log[Same(Place(0, place.variable, place.map), Place(value))] = None
                    return
        log[question] = None

    def _answer(self, question: Question, variable: str, cut: _Cut, size: int) -> None:
        """Cut the range of a variable where the answer to a question changes."""
        match question:
            case Within(place=place, size=limit):
                for value in _outside(place.shift, size, limit):
                    cut.points[Place(value)] = None
            case Same(left=left, right=right):
                if right.variable == variable:
                    left, right = right, left
                if right.variable == variable:
                    raise Unsupported("an index is compared with its own class")
                if left.map is None:
                    cut.points[right.plus(-left.shift)] = None
                else:
                    cut.classes[left.map, right.plus(-left.shift)] = None

    # Ranges

    def _pieces(
        self,
        term: Term,
        name: str,
        size: int,
        scope: _Scope,
        log: dict[Question, None],
        cut: _Cut,
    ) -> list[Piece]:
        """One place, the number of places, and the value, for each piece of ``1 .. size``."""
        variable = f"{name}#{next(self._numbers)}"
        seen: dict[tuple[int, Place | None], Term] = {}
        while True:
            before = len(cut.points), len(cut.classes)
            asked: dict[Question, None] = {}
            parts = self._parts(cut, size, scope, asked)
            for at, place, _ in parts:
                if (at, place) in seen:
                    continue
                inner = _Scope(
                    {**scope.places, name: place or Place(0, variable)},
                    {**scope.present, variable: at},
                )
                questions: dict[Question, None] = {}
                seen[at, place] = self._value(term, inner, questions)
                for question in questions:
                    if _mentions(question, variable):
                        self._answer(question, variable, cut, size)
                    else:
                        log[question] = None
            if before == (len(cut.points), len(cut.classes)):
                log.update(asked)
                return [Piece(at, count, seen[at, place]) for at, place, count in parts]

    def _parts(
        self, cut: _Cut, size: int, scope: _Scope, log: dict[Question, None]
    ) -> list[tuple[int, Place | None, int]]:
        """The pieces that a cut makes of ``1 .. size``: one place, how it is known, how many.

        Which cuts coincide or lie outside may depend on outer indices; that is asked.
        """
        points: dict[int, Place] = {}
        for point in cut.points:
            self._ask(Within(point, size), log)
            for other in cut.points:
                self._ask(Same(point, other), log)
            value = self._present(point, scope)
            if 1 <= value <= size:
                points.setdefault(value, point)
        maps = {name for name, _ in cut.classes}
        if len(maps) > 1:
            raise Unsupported("an index is mapped in two ways")
        parts: list[tuple[int, Place | None, int]] = [
            (value, point, 1) for value, point in points.items()
        ]
        rest = size - len(points)
        classes: set[int] = set()
        number = 1
        for name, wanted in cut.classes:
            number = self._sizes[name]
            self._ask(Within(wanted, number), log)
            for point in cut.points:
                self._ask(Same(self._mapped(name, point), wanted), log)
            for _, other in cut.classes:
                self._ask(Same(wanted, other), log)
            value = self._present(wanted, scope)
            if not 1 <= value <= number or value in classes:
                continue
            classes.add(value)
            taken = sum(1 for point in points if 1 + (point - 1) % number == value)
            count = (size - value) // number + 1 - taken if size >= value else 0
            if count:
                first = next(x for x in range(value, size + 1, number) if x not in points)
                parts.append((first, None, count))
                rest -= count
        if rest:
            free = (x for x in range(1, size + 1) if x not in points)
            outside = next((x for x in free if 1 + (x - 1) % number not in classes), None)
            if outside is None:
                raise Unsupported("a range has a negative size")
            parts.append((outside, None, rest))
        return parts


def _cycle(name: str) -> str:
    """The map that sends an index to its place in the cycle of a datum."""
    return f"cycle of {name}"


def _mentions(question: Question, variable: str) -> bool:
    if isinstance(question, Within):
        return question.place.variable == variable
    return variable in (question.left.variable, question.right.variable)


def _outside(shift: int, size: int, limit: int) -> list[int]:
    """The values ``x`` in ``1 .. size`` for which ``shift + x`` is not in ``1 .. limit``."""
    below, above = range(1, min(size, -shift) + 1), range(max(1, limit - shift + 1), size + 1)
    if len(below) + len(above) > MAX_BEYOND:
        raise Unsupported("an index leaves its range in too many places")
    return [*below, *above]
