"""The data, the two units, and how every statement of the pack is put together."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sympy import Integer, Rational, log, sqrt

from lemmas.attention import (
    ROW_0,
    ROW_1,
    ROW_3,
    ROW_MAP,
    ROW_SUMS,
    SIGN_COLUMN,
    TENTH,
    attention,
    b,
    dataset,
    j_0,
    j_1,
    j_3,
    k_0,
    n,
    row_class,
    s,
    sizes,
)
from lemmas.writing import declare
from verify import Hypothesis, Index, Param, Statement, ge, gt, le, ne, symbols
from verify.language.statement import Array, Expression

(a,) = symbols("a,")
HALF = Rational(1, 2)
CONSTANT_ENTRY = s - b * s
THRESHOLD = CONSTANT_ENTRY + TENTH * s

WEIGHT = Param(
    b, "scale of the Type II columns; 1 - b is that of the Type III column", Rational(2, 5),
    where=(ge(b, TENTH), le(b, 1 - TENTH)),
)  # fmt: skip
SCALE = Param(
    s, "common scale of the data; the paper takes sqrt(log n)", sqrt(log(n)),
    where=(gt(s, 0),), determined_by=sqrt(log(n)),
)  # fmt: skip
FEATURE = Param(a, "the feature", Rational(7, 10), where=(gt(a, 0),))

SOURCE = "arXiv:2310.11685 compares the two units on data of this kind"
DATA = Hypothesis(None, "A is the data matrix of Definition 1 with the feature a in row j_3")
SCORES = Hypothesis(None, "Q K' = 1_{d x d} and V = I_d")


@dataclass(frozen=True)
class Unit:
    """What acts on every score."""

    name: str
    arrays: tuple[Array, ...]


def unit(name: str, function: Callable[[Any], Expression]) -> Unit:
    """A unit by its name and the function that acts on every score."""
    return Unit(name, attention(function, ROW_SUMS))


def where(*positions: Expression) -> tuple[tuple[Index, ...], tuple[Hypothesis, ...]]:
    """The indices of a statement about these places, and that they are not those of the feature."""
    indices, conditions = [ROW_3], []
    for index, declared, special in (
        (j_0, ROW_0, j_3), (j_1, ROW_1, j_3), (k_0, SIGN_COLUMN, row_class[j_3]),
    ):  # fmt: skip
        if index in positions:
            indices.append(declared)
            conditions.append(Hypothesis(ne(index, special), listed=False))
    return tuple(indices), tuple(conditions)


def named(row: Expression, column: Expression | None = None) -> str:
    """A place in words."""
    left = "j_0 = j_3" if row == j_3 else "j_0 != j_3"
    if column is None:
        return left
    return f"{left} and {'j_1 = j_3' if column == j_3 else 'j_1 != j_3'}"


def about(
    acting: Unit,
    *places: Expression,
    given: tuple[Hypothesis, ...] = (),
    params: tuple[Param, ...] = (),
    wide: tuple[int, int] = (7, 4),
    feature: Param = FEATURE,
    **fields: Any,
) -> Statement:
    """A statement about attention with a unit on the data, at the given places."""
    indices, conditions = where(*places)
    return declare(
        params=(*sizes(*wide), WEIGHT, SCALE, feature, *params),
        indices=indices,
        stacked=(ROW_MAP,),
        arrays=(dataset(a, CONSTANT_ENTRY), *acting.arrays),
        hypotheses=(DATA, SCORES, Hypothesis(None, acting.name), *given, *conditions),
        definitions=("1", "2"),
        kind="lemma",
        **fields,
    )


def at_least(symbol: Expression, about_it: str, reference: int, least: int) -> Param:
    """A natural number with a lower bound."""
    return Param(symbol, about_it, Integer(reference), integer=True, where=(ge(symbol, least),))
