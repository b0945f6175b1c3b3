"""Weights of random signs in closed form, and probabilities from them at many points.

What a single point costs is mostly the unfolding of definitions. It is done once here, for symbolic
parameters, by the rules that the kernel has for families of weights.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from verify.engine.constants import Constants, power, product, quotient, total
from verify.engine.laws import probability_of, some_row
from verify.engine.pieces import Data, Pieces
from verify.kernel.chance import NetworkEvent, SignEvent, Weight, row_kinds, split_weights
from verify.kernel.context import Context
from verify.kernel.poly import Refused
from verify.language.term import (
    Add,
    Div,
    Mul,
    Neg,
    Num,
    Pow,
    Sym,
    Term,
    children,
    free_names,
    num,
    rebuild,
    replace,
)
from verify.probe.network import none_of
from verify.probe.signs import Probability
from verify.provers.chance import special_indices, special_rows

PRECISION = 128
ROW = "row"


@dataclass(frozen=True)
class Closed:
    """The weights of events of random signs in closed form.

    ``rows`` has for each kind of row the weights of the groups of signs, and how many such rows
    there are; ``sizes`` the numbers of signs in the groups. A sum of signs is a single row.
    """

    rows: tuple[tuple[tuple[Term, ...], Term], ...]
    sizes: tuple[Term, ...]

    def probability(
        self, event: SignEvent | NetworkEvent, point: Mapping[str, Term]
    ) -> Probability:
        """The probability at a point of an event with these weights, whatever its threshold.

        Raises:
            Refused: a value is not known at the point.
            LawError: the law is out of reach there.
        """
        at = Values(point)
        sizes = [at.count(size) for size in self.sizes]
        bound = at.of(event.threshold)
        if isinstance(event, SignEvent):
            ((weights, _),) = self.rows
            groups = tuple(
                Weight(at.of(weight), num(size))
                for weight, size in zip(weights, sizes, strict=True)
            )
            constant = SignEvent(groups, event.op, bound, event.absolute)
            return probability_of(constant, Pieces(Data({}, {})))
        counts = [at.count(count) for _, count in self.rows]
        table = [[at.of(weight) for weight in weights] for weights, _ in self.rows]
        reach = some_row(table, counts, sizes, bound)
        none = none_of(reach, at.count(event.columns), PRECISION)
        return none.complement() if event.positive else none


class Values:
    """Values of terms at one point; common parts of the terms are evaluated once."""

    def __init__(self, point: Mapping[str, Term]) -> None:
        self._known: dict[Term, Term] = {Sym(name): term for name, term in point.items()}
        self._constants = Constants()

    def of(self, term: Term) -> Term:
        """The value as a constant term in normal form.

        Raises:
            Refused: a parameter has no value at the point.
        """
        return self._constants.normal(self._value(term))

    def count(self, term: Term) -> int:
        """The value of a term that counts something.

        Raises:
            Refused: it is not known to be an integer.
        """
        found = self.of(term)
        if not isinstance(found, Num) or found.value.denominator != 1:
            raise Refused("a number of signs or rows is not an integer")
        return int(found.value)

    def _value(self, term: Term) -> Term:
        if term not in self._known:
            self._known[term] = self._computed(term)
        return self._known[term]

    def _computed(self, term: Term) -> Term:
        if isinstance(term, Sym):
            raise Refused(f"no value for {term.name}")
        parts = tuple(map(self._value, children(term)))
        match term:
            case Neg():
                return product((num(-1), *parts))
            case Add():
                return total(parts)
            case Mul():
                return product(parts)
            case Div():
                return quotient(*parts)
            case Pow():
                return power(*map(self._constants.normal, parts))
            case _:
                return rebuild(term, parts) if parts else term


def closed(context: Context, event: SignEvent | NetworkEvent) -> Closed:
    """The event with its weights in closed form.

    Raises:
        Refused: some weight still depends on its index, or on its row.
    """
    if isinstance(event, SignEvent):
        return _one_row(context, event.weights)
    event = _fresh(event)
    named = special_rows(context, event)
    kinds = row_kinds(context, event, named)
    rest = Add((event.rows, num(-len(named)))) if event.index is not None else num(1)
    counts = [*(num(1) for _ in named), rest]
    places = special_indices(*kinds[0])
    rows = []
    sizes: tuple[Term, ...] = ()
    for (local, family), count in zip(kinds, counts, strict=True):
        weights, sizes = _split(local, family, places)
        if event.index is not None and any(event.index in free_names(w) for w in weights):
            raise Refused("the weights of the other rows depend on the row")
        rows.append((weights, count))
    return Closed(tuple(rows), sizes)


def _one_row(context: Context, weights: tuple[Weight, ...]) -> Closed:
    found, sizes = _split(context, weights, special_indices(context, weights))
    return Closed(((found, num(1)),), sizes)


def _fresh(event: NetworkEvent) -> NetworkEvent:
    """The event with a name for the index of its rows that occurs nowhere else."""
    if event.index is None:
        return event
    table: dict[Term, Term] = {Sym(event.index): Sym(ROW)}
    weights = tuple(
        Weight(replace(item.weight, table), item.count, item.index, item.exceptions)
        for item in event.weights
    )
    return NetworkEvent(weights, event.threshold, event.columns, event.positive, ROW, event.rows)


def _split(
    context: Context, weights: tuple[Weight, ...], places: Sequence[Term]
) -> tuple[tuple[Term, ...], tuple[Term, ...]]:
    single = all(weight.index is None for weight in weights)
    found = weights if single else split_weights(context, weights, list(places))
    if any(weight.index is not None for weight in found):
        raise Refused("the weights depend on the index")
    return tuple(weight.weight for weight in found), tuple(weight.count for weight in found)
