"""The output F of a network for one matrix Y of signs, by structure and by the definition.

F(Y) = relu(sum over rows r and columns j of relu(sum over i of w[r,i] Y[i,j] - tau)). By structure,
rows come in kinds with the same weights and the d coordinates in groups on which these are
constant, so that the work is that of reading Y, whatever the number of rows is. Taken literally,
every sum is added up term by term, those of the definitions of the weights included.
"""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from flint import arb, ctx, fmpq

from verify.engine.formal import formal_conclusion
from verify.engine.literal import Literal, NotLiteral, Opaque, no_data, world_of
from verify.engine.pieces import Data, Pieces
from verify.engine.proportions import Combination, Proportions, proportions
from verify.kernel.chance import Chance, NetworkEvent
from verify.kernel.poly import Refused
from verify.language.statement import Statement
from verify.language.term import Add, Call, Entry, Mul, Neg, Num, Sum, Sym, Term, add, num

PRECISIONS = (64, 256, 1024, 4096)
"""Bits at which it is decided whether a row exceeds the threshold."""

_MARKS = {"1": 1, "+1": 1, "+": 1, "-1": -1, "-": -1}


class SignsError(ValueError):
    """A matrix of signs that cannot be read, or does not fit: says what and where."""


@dataclass(frozen=True)
class Signs:
    """A matrix of signs: d rows of m entries, each 1 or -1."""

    rows: tuple[tuple[int, ...], ...]

    @property
    def columns(self) -> int:
        """m."""
        return len(self.rows[0])


def drawn(d: int, m: int, seed: int) -> Signs:
    """A matrix of independent fair signs."""
    source = random.Random(f"{seed}:signs")
    return Signs(tuple(tuple(source.choice((-1, 1)) for _ in range(m)) for _ in range(d)))


def read_signs(content: str) -> Signs:
    """A matrix of signs from text: a JSON list of rows, or lines with 1 and -1, or + and -.

    Entries of a line stand apart by commas or blanks; empty lines are left out.

    Raises:
        SignsError: it is no such matrix; says in which line.
    """
    found = _from_json(content) if content.lstrip().startswith("[") else _from_lines(content)
    rows = list(found)
    if not rows:
        raise SignsError("there are no rows: write one line of signs for each of the d coordinates")
    for number, row in enumerate(rows, 1):
        if len(row) != len(rows[0]):
            raise SignsError(
                f"row {number} has {len(row)} entries, and row 1 has {len(rows[0])}: "
                "every row needs one for each of the m columns"
            )
    return Signs(tuple(rows))


def _from_lines(content: str) -> Iterable[tuple[int, ...]]:
    for number, line in enumerate(content.splitlines(), 1):
        words = line.replace(",", " ").split()
        if not words:
            continue
        wrong = next((word for word in words if word not in _MARKS), None)
        if wrong is not None:
            raise SignsError(f"line {number}: {_short(wrong)} is not a sign: write 1 or -1")
        yield tuple(_MARKS[word] for word in words)


def _from_json(content: str) -> Iterable[tuple[int, ...]]:
    try:
        data = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise SignsError(f"it is not valid JSON: {error}") from error
    for number, row in enumerate(data, 1):
        if not isinstance(row, list) or not row:
            raise SignsError(f"row {number} is not a list of signs")
        wrong = next((x for x in row if type(x) is not int or x not in (1, -1)), None)
        if wrong is not None:
            raise SignsError(f"row {number}: {_short(repr(wrong))} is not a sign: write 1 or -1")
        yield tuple(row)


def _short(word: str) -> str:
    return repr(word if len(word) <= 20 else word[:18] + "..")


def network_of(statement: Statement) -> NetworkEvent | None:
    """The network whose output a statement is about, if it is about one."""
    conclusion = formal_conclusion(statement.conclusion)
    event = conclusion.event if isinstance(conclusion, Chance) else None
    return event if isinstance(event, NetworkEvent) else None


def with_columns(statement: Statement, settings: Sequence[str], signs: Signs) -> list[str]:
    """The settings, with the number of columns that Y has where they do not say it."""
    event = network_of(statement)
    if event is None or not isinstance(event.columns, Sym):
        return list(settings)
    name = event.columns.name
    given = {setting.partition("=")[0].strip() for setting in settings}
    return [*settings, *([] if name in given else [f"{name}={signs.columns}"])]


@dataclass(frozen=True)
class NetworkValue:
    """F(Y) as a constant term; ``literal`` is what the definition gives, or None and why not."""

    value: Term
    literal: Fraction | None
    why: str


def value_by_structure(event: NetworkEvent, pieces: Pieces, signs: Signs) -> Term:
    """F(Y) as a constant term, from the kinds of rows and the groups of coordinates.

    Raises:
        SignsError: Y does not have the shape that the point says.
        Unsupported, Refused: a weight cannot be evaluated, or compared with the threshold.
    """
    family = event.weights[0]
    d, m = pieces.integer(family.count), pieces.integer(event.columns)
    if len(signs.rows) != d or signs.columns != m:
        raise SignsError(
            f"Y has {len(signs.rows)} rows and {signs.columns} columns, and should have {d} and {m}"
        )
    rows = pieces.integer(event.rows) if event.index is not None else 1
    kinds, groups, table, group_of = pieces.numbered_grid(
        family.weight, event.index or "", rows, family.index or "", d
    )
    threshold = pieces.value(event.threshold)
    totals = _group_sums(signs, len(groups), group_of)
    parts: list[Term] = []
    for (_, count), weights in zip(kinds, table, strict=True):
        # F is piecewise linear: add up the sums of signs of the columns that pass.
        sums, passing = _passing(proportions([*weights, threshold]), totals)
        inner = [Mul((num(k), w)) for k, w in zip(sums, weights, strict=True) if k]
        if passing:
            whole = Add((*inner, Neg(Mul((num(passing), threshold)))))
            parts.append(Mul((num(count), whole)))
    return pieces.value(add(*parts)) if parts else num(0)


def _group_sums(
    signs: Signs, groups: int, group_of: Callable[[int], int]
) -> Counter[tuple[int, ...]]:
    """The sums of the signs of each group of coordinates, one column after another."""
    sums = [[0] * signs.columns for _ in range(groups)]
    for place, row in enumerate(signs.rows, 1):
        mine = sums[group_of(place)]
        for column, sign in enumerate(row):
            mine[column] += sign
    return Counter(zip(*sums, strict=True))


def _passing(known: Proportions, totals: Counter[tuple[int, ...]]) -> tuple[list[int], int]:
    """The sums of signs of the columns in which a row exceeds the threshold, and their number."""
    *weights, threshold = known.parts
    sums, passing = [0] * len(weights), 0
    for total, count in totals.items():
        gap = [
            sum((w[at] * k for w, k in zip(weights, total, strict=True)), -threshold[at])
            for at in range(len(threshold))
        ]
        if _is_positive(gap, known):
            sums = [have + count * k for have, k in zip(sums, total, strict=True)]
            passing += count
    return sums, passing


def _is_positive(gap: Combination | list[Fraction], known: Proportions) -> bool:
    if known.basis is None:
        return gap[0] > 0
    if not any(gap):
        return False
    for precision in PRECISIONS:
        with ctx.workprec(precision):
            basis = known.balls(precision)
            ball = arb(0)
            for x, b in zip(gap, basis, strict=True):
                ball += arb(fmpq(x.numerator, x.denominator)) * b
        if ball > 0:
            return True
        if ball < 0:
            return False
    raise Refused("whether a row exceeds the threshold was not decided")


def value_literally(
    statement: Statement, event: NetworkEvent, data: Data, signs: Signs
) -> Fraction:
    """F(Y) by the definition: all sums over rows, columns and coordinates added up.

    Raises:
        NotLiteral: a value is not rational, or the sums are too long.
    """
    family = event.weights[0]
    index, row, column = family.index or "coordinate", event.index or "row", "column of Y"
    sign = Entry("Y", (Sym(index), Sym(column)))
    inner = Add((Sum(Mul((family.weight, sign)), index, family.count), Neg(event.threshold)))
    layer = Sum(Call("max", (num(0), inner)), column, event.columns)
    output = Call("max", (num(0), Sum(layer, row, event.rows)))
    values = {name: value.value for name, value in data.values.items() if isinstance(value, Num)}
    return Literal(world_of(statement, values, _entries(data, signs))).value(output)


def _entries(data: Data, signs: Signs) -> Opaque:
    """Entries of Y, and those of arrays that the point gives."""

    def value(name: str, indices: tuple[Fraction, ...]) -> Fraction:
        if name == "Y":
            return Fraction(signs.rows[int(indices[0]) - 1][int(indices[1]) - 1])
        if name in data.arrays and len(indices) == 1:
            entry = data.arrays[name].value(int(indices[0]))
            if isinstance(entry, Num):
                return entry.value
        return no_data(name, indices)

    return value


def network_value(
    statement: Statement,
    event: NetworkEvent,
    pieces: Pieces,
    data: Data,
    signs: Signs,
) -> NetworkValue:
    """F(Y) both ways; the definition where its sums are rational and short enough.

    Raises:
        SignsError, Unsupported, Refused: as for :func:`value_by_structure`.
        ArithmeticError: the two differ, so that one of them is wrong.
    """
    found = value_by_structure(event, pieces, signs)
    try:
        literal = value_literally(statement, event, data, signs)
    except NotLiteral as error:
        others = (name for name, value in data.values.items() if not isinstance(value, Num))
        wanted = next((name for name in others if str(error) == f"no value for {name}"), None)
        why = str(error) if wanted is None else f"{wanted} is not a rational number here: set it"
        return NetworkValue(found, None, why)
    if not isinstance(found, Num) or found.value != literal:
        raise ArithmeticError(f"F(Y) is {literal} by its definition, but not by structure")
    return NetworkValue(found, literal, "")
