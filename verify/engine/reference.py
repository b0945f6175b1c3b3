"""The reference point of a statement, and rough values there to choose strategies by."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction

from flint import arb

from verify.engine.constants import Constants
from verify.kernel.ball import enclose, precision
from verify.kernel.poly import Refused
from verify.language.statement import Param
from verify.language.sympy_terms import to_term
from verify.language.term import Formula, Mul, Num, Sym, Term, free_names, relations, replace
from verify.provers.rough import roughly


def reference_point(
    params: Sequence[Param], given: Mapping[str, Term] | None = None
) -> dict[str, Term]:
    """The reference value of every parameter, in normal form; ``given`` values come first.

    Values may mention other parameters, such as ``beta = 2 log n``; they are replaced in turn.

    Raises:
        ValueError: the reference values depend on each other in a circle.
    """
    values = {
        param.name: to_term(
            param.determined_by if param.determined_by is not None else param.reference
        )
        for param in params
        if given is None or param.name not in given
    } | dict(given or {})
    for _ in range(len(values) + 1):
        if not any(free_names(value) for value in values.values()):
            constants = Constants()
            return {name: constants.normal(value) for name, value in values.items()}
        table: dict[Term, Term] = {
            Sym(name): value for name, value in values.items() if not free_names(value)
        }
        values = {name: replace(value, table) for name, value in values.items()}
    raise ValueError("the reference values depend on each other in a circle")


def rational_reference(params: Sequence[Param]) -> dict[str, Fraction]:
    """The reference values that are rational numbers.

    Raises:
        ValueError: see :func:`reference_point`.
    """
    return {
        name: value.value
        for name, value in reference_point(params).items()
        if isinstance(value, Num)
    }


def rough_value(point: dict[str, Term]) -> Callable[[Term], float | None]:
    """Approximate values at a point, for choosing between strategies and for nothing else."""
    with precision(64):
        box = {name: enclose(value, {}) for name, value in point.items()}

    def value(term: Term) -> float | None:
        with precision(64):
            try:
                ball: arb = enclose(term, box)
            except Refused:
                return None
        return float(ball.mid()) if ball.is_finite() else None

    return value


FACTORS = (Fraction(1, 8), Fraction(1, 2), Fraction(2), Fraction(8))
MOST_PAIRS = 24


def nearby_values(
    params: Sequence[Param], hypotheses: Sequence[Formula]
) -> tuple[Callable[[Term], float | None], ...]:
    """Rough values at the reference point, then where one parameter or two are moved by factors.

    What the parameters determine follows; points at which a hypothesis fails are left out.
    """
    reference = reference_point(params)
    free = [param.name for param in params if param.determined_by is None]
    moves = [(name, factor) for name in free for factor in FACTORS]
    found = [rough_value(reference)]

    def near(chosen: Sequence[tuple[str, Fraction]]) -> bool:
        moved = {name: Mul((Num(factor), reference[name])) for name, factor in chosen}
        try:
            value = rough_value(reference_point(params, moved))
        except (ValueError, Refused):
            return False
        if all(roughly(value, rel) for formula in hypotheses for rel in relations(formula)):
            found.append(value)
            return True
        return False

    good = [move for move in moves if near([move])]
    pairs = [pair for pair in itertools.combinations(good, 2) if pair[0][0] != pair[1][0]]
    for pair in pairs[:: max(1, len(pairs) // MOST_PAIRS)]:
        near(pair)
    return tuple(found)
