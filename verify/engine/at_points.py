"""Claims asked at points the way ``at`` asks them: exactly, in the statement as it is written.

This is for what unfolding does not turn into a claim between numbers: sums that are left because
an index is not known to be in its range, and probabilities.
"""

from __future__ import annotations

import contextlib
import itertools
import random
from collections.abc import Iterator, Sequence

from verify.engine.at import AtPoint, evaluate_at
from verify.engine.formal import Formal
from verify.engine.pieces import Data, Pieces, Unsupported
from verify.engine.reference import rational_reference
from verify.engine.reference_data import other_entries
from verify.engine.results import Counterexample, Result
from verify.engine.scalars import is_scalar
from verify.engine.settings import SettingError, point_of
from verify.kernel.check import Sequent
from verify.kernel.point import Evaluator, Point, Undecided, Undefined
from verify.kernel.poly import Refused
from verify.language.render import text
from verify.language.statement import Statement
from verify.language.sympy_terms import to_term
from verify.language.term import FALSE, Term, num
from verify.probe.field import Field, is_heavy
from verify.probe.shrink import shrink
from verify.probe.signs import LawError
from verify.provers.budget import Budget, OutOfTime

SMALL = 40
"""Sizes up to which a claim about indices is asked: what goes wrong for an index does so early."""

SHORT = 6
"""How many characters a reference value has at most that makes a counterexample simpler."""

ENDS = 3
"""So many indices at each end of a range are tried."""

MOST = 200
"""Points and places for the indices that are tried for the same sizes."""


OUT_OF_REACH = (
    SettingError,
    LawError,
    Unsupported,
    Refused,
    Undefined,
    Undecided,
    ArithmeticError,
    MemoryError,
    RecursionError,
)


def asked(statement: Statement, point: Point) -> Result | None:
    """The statement at a point; None where that is out of reach."""
    settings = [f"{name}={text(value)}" for name, value in point.items()]
    try:
        return evaluate_at(statement, point_of(statement, settings))
    except OUT_OF_REACH:
        return None


def holds_at(statement: Statement, point: Point) -> bool | None:
    """Whether a probability bound holds at a point, whatever its hypotheses say there; None where
    that is not decided."""
    settings = [f"{name}={text(value)}" for name, value in point.items()]
    try:
        return AtPoint(statement, point_of(statement, settings), 0).bound_holds()
    except OUT_OF_REACH:
        return None


def entries_at(statement: Statement, point: Point) -> list[dict[str, Term]]:
    """Entries of bounded arrays that a point may be given in addition; see ``other_entries``."""
    settings = [f"{name}={text(value)}" for name, value in point.items()]
    try:
        setting = point_of(statement, settings)
        plain = Pieces(Data(setting.values, setting.integers))
        return list(other_entries(statement, plain.value, plain.integer))
    except (SettingError, Unsupported, Refused, ArithmeticError):
        return []


class Asker:
    """Asks a statement at points, at each only once; in place of the kernel's judge."""

    def __init__(self, statement: Statement) -> None:
        self._statement = statement
        self._integers = {param.name for param in statement.params if param.integer}
        self._integers |= {str(index.symbol) for index in statement.indices}
        self._known: dict[tuple[tuple[str, Term], ...], Counterexample | None] = {}

    def fails(self, point: Point, budget: Budget) -> bool:
        """Whether the hypotheses hold at the point, and the claim does not.

        Raises:
            OutOfTime: the budget has run out.
        """
        return self.counterexample(point, budget) is not None

    def counterexample(self, point: Point, budget: Budget) -> Counterexample | None:
        """The point as a counterexample; None where it is none, or takes long to evaluate.

        Raises:
            OutOfTime: the budget has run out.
        """
        key = _key(point)
        if key not in self._known:
            budget.check()
            found = None if is_heavy(point, self._integers) else asked(self._statement, point)
            self._known[key] = None if found is None else found.claim.counterexample
        return self._known[key]

    def learn(self, point: Point, found: Counterexample) -> None:
        """Take over what was found at a point, however long that took."""
        self._known[_key(point)] = found

    def known(self, point: Point) -> Counterexample | None:
        """What was found at a point, if it was asked."""
        return self._known.get(_key(point))


def _key(point: Point) -> tuple[tuple[str, Term], ...]:
    return tuple(sorted(point.items(), key=lambda entry: entry[0]))


def simpler(
    statement: Statement, formal: Formal, found: Counterexample, seconds: float
) -> Counterexample:
    """A counterexample made simpler in some seconds; each simpler point is asked exactly."""
    asker, budget = Asker(statement), Budget.counted(seconds)
    known = rational_reference(statement.params)
    reference = {name: value for name, value in known.items() if len(str(value)) <= SHORT}
    whole = formal.integers | {str(index.symbol) for index in statement.indices}
    given = Sequent(tuple(filter(is_scalar, formal.hypotheses)), FALSE, whole)
    start = point_of(statement, [f"{name}={value}" for name, value in found.point.items()])
    asker.learn(start.coordinates(), found)
    least = shrink(given, start.coordinates(), budget, reference, asker)
    return asker.known(least) or found


def refute_at_points(
    statement: Statement, formal: Formal, field: Field, budget: Budget, seed: int
) -> Counterexample | None:
    """A point of a field, with places for the indices, at which the claim fails; or None."""
    asker = Asker(statement)
    with contextlib.suppress(OutOfTime):
        for point in _small(statement, formal, field, seed):
            found = asker.counterexample(point, budget)
            if found is not None:
                return found
    return None


def _small(statement: Statement, formal: Formal, field: Field, seed: int) -> Iterator[Point]:
    """Points of small sizes with places for the indices, in turn one for each of the sizes."""
    feasible = field.satisfying([h for h in formal.hypotheses if is_scalar(h)])
    sizes = [place for place, name in enumerate(field.names) if name in field.integers]
    groups: dict[tuple[float, ...], list[int]] = {}
    for index in feasible.tolist():
        key = tuple(float(field.columns[place, index]) for place in sizes)
        if max(key, default=0.0) <= SMALL:
            groups.setdefault(key, []).append(index)
    rows = [_of_sizes(statement, field, groups[key], seed) for key in sorted(groups, key=_by_size)]
    for turn in itertools.zip_longest(*rows):
        yield from (point for point in turn if point is not None)


def _by_size(sizes: tuple[float, ...]) -> tuple[float, tuple[float, ...]]:
    return max(sizes, default=0.0), sizes


def _of_sizes(
    statement: Statement, field: Field, indices: Sequence[int], seed: int
) -> Iterator[Point]:
    """Points that have the same sizes, each with places for the indices, mixed."""
    places = _places(statement, field.point(indices[0]))
    pairs = list(itertools.product(indices, places))
    random.Random(seed).shuffle(pairs)
    return ({**field.point(index), **where} for index, where in pairs[:MOST])


def _places(statement: Statement, point: Point) -> list[Point]:
    """Places for the indices of a statement, near both ends of their ranges."""
    evaluator = Evaluator(point)
    rows: list[list[int]] = []
    for index in statement.indices:
        size = evaluator.exact(to_term(index.size))
        last = 0 if size is None else int(size)
        near = (*range(1, ENDS + 1), *range(last - ENDS + 1, last + 1))
        rows.append(sorted({place for place in near if 1 <= place <= last}))
    names = [str(index.symbol) for index in statement.indices]
    return [dict(zip(names, map(num, row), strict=True)) for row in itertools.product(*rows)]
