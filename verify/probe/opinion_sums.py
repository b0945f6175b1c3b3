"""A second opinion on sums and arrays: mpmath adds every sum up term by term.

Nothing of the rules that evaluate sums in pieces, or that unfold definitions, is used.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

from verify.kernel.poly import Refused
from verify.kernel.sums import Definition
from verify.language.term import Delta, Entry, Sum, Sym, Term, children
from verify.probe.opinion import context_of, value_of

MAX_STEPS = 20_000

Datum = Callable[[str, tuple[Fraction, ...]], Term | Fraction | None]
"""The value of an entry that no definition explains, or None."""


class AddedUp:
    """Evaluates terms with so many digits; entries are remembered.

    ``values`` belong to parameters and indices, ``classes`` say modulo what a map takes its index.
    """

    def __init__(
        self,
        values: Mapping[str, Term],
        definitions: Mapping[str, Definition],
        classes: Mapping[str, Term],
        datum: Datum,
        digits: int,
    ) -> None:
        self._context = context_of(digits)
        self._near = self._context.mpf(10) ** (-digits * 2 // 3)
        self._definitions, self._classes, self._datum = definitions, classes, datum
        self._entries: dict[tuple[str, tuple[Fraction, ...]], Any] = {}
        self._steps = 0
        self._values = {name: self._value(value, {}) for name, value in values.items()}

    def value(self, term: Term) -> Any:
        """The value of a term.

        Raises:
            NoValue: an operation has no (real) value, or its result is out of range.
            Refused: a name or an entry has no value, or a sum is too long.
        """
        self._steps = 0
        return self._value(term, self._values)

    def _value(self, term: Term, at: Mapping[str, Any]) -> Any:
        self._steps += 1
        if self._steps > MAX_STEPS:
            raise Refused("too long to be added up term by term")
        match term:
            case Sym(name=name) if name in at:
                return at[name]
            case Sum(body=body, var=var, size=size):
                last = self._whole(self._value(size, at))
                # A generator, so that what is too long is refused before it is listed.
                scopes = ({**at, var: self._context.mpf(i)} for i in range(1, last + 1))
                return self._context.fsum([self._value(body, scope) for scope in scopes])
            case Delta(left=left, right=right):
                gap = self._value(left, at) - self._value(right, at)
                return self._context.mpf(abs(gap) < self._near)
            case Entry(name=name, indices=indices):
                places = tuple(self._fraction(self._value(index, at)) for index in indices)
                return self._entry(name, places)
            case _:
                found = {child: self._value(child, at) for child in children(term)}
                return value_of(self._context, term, found)

    def _entry(self, name: str, indices: tuple[Fraction, ...]) -> Any:
        if (name, indices) not in self._entries:
            self._entries[name, indices] = self._new_entry(name, indices)
        return self._entries[name, indices]

    def _new_entry(self, name: str, indices: tuple[Fraction, ...]) -> Any:
        if name in self._classes:
            classes = self._whole(self._value(self._classes[name], self._values))
            return self._context.mpf(1 + (int(indices[0]) - 1) % classes)
        if name in self._definitions:
            definition = self._definitions[name]
            given = zip(definition.indices, map(self._number, indices), strict=True)
            return self._value(definition.body, {**self._values, **dict(given)})
        found = self._datum(name, indices)
        if found is None:
            raise Refused(f"{name} has no value")
        return self._number(found) if isinstance(found, Fraction) else self._value(found, {})

    def _number(self, value: Fraction) -> Any:
        return self._context.mpf(value.numerator) / value.denominator

    def _fraction(self, value: Any) -> Fraction:
        """A place, or a rational number that an unknown function is applied to.

        Raises:
            Refused: it is not a whole number.
        """
        return Fraction(self._whole(value))

    def _whole(self, value: Any) -> int:
        nearest = int(self._context.nint(value))
        if abs(value - nearest) > self._near or abs(value) * self._near > 1:
            raise Refused("a place is a whole number, of no more digits than are at hand")
        return nearest
