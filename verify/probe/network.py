"""Two-layer ReLU networks on random signs: exact probabilities of F > 0 and of F = 0.

F(Y) = relu( sum over rows r, sum over columns j of relu(<c_r, y_j> - tau) ), where the m columns
y_j of Y are independent and uniform in {-1, 1}**d. Every term is >= 0, so F > 0 if and only if
some <c_r, y_j> is > tau, strictly. Rows come in classes of equal rows, coordinates in groups on
which every row is constant; then one column is decided by the sign sums of the groups.

Weights and tau are rationals, or rational combinations of basis numbers known through balls.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from flint import arb, ctx

from verify.probe._signs_events import EXACT_SIGNS, Basis, Combination, Event, probability
from verify.probe._signs_groups import check_count, check_precision, rational
from verify.probe._signs_value import LawError, Probability, enclosed, exactly

__all__ = [
    "ColumnLaw",
    "Row",
    "column",
    "literal_rows",
    "none_of",
    "positive",
    "value",
    "value_literal",
    "zero",
]

Weight = Fraction | Combination

# Bits of the longest rational power that is written out.
_POWER_BITS = 1 << 18


@dataclass(frozen=True)
class Row:
    """`count` equal rows; `weights` holds one weight for each group of coordinates."""

    weights: tuple[Weight, ...]
    count: int = 1

    def __post_init__(self) -> None:
        object.__setattr__(self, "weights", tuple(_weight(w) for w in self.weights))
        check_count(self.count)


@dataclass(frozen=True)
class ColumnLaw:
    """The classes of rows, and the number of coordinates in each group."""

    rows: tuple[Row, ...]
    sizes: tuple[int, ...]

    def __post_init__(self) -> None:
        for size in self.sizes:
            check_count(size)
        for row in self.rows:
            if len(row.weights) != len(self.sizes):
                raise LawError(
                    f"a row has {len(row.weights)} weights for {len(self.sizes)} groups of "
                    "coordinates; it needs one for each"
                )


def column(
    law: ColumnLaw,
    tau: Weight,
    *,
    basis: Basis | None = None,
    precision: int = 128,
    limit: int | None = None,
) -> Probability:
    """Pr[some row has <c_r, y> > tau] for one column y.

    An exact rational while there are at most 20,000 coordinates, a ball beyond. With a `basis`,
    comparisons that balls of up to `limit` bits (default 16 * precision) leave open widen the
    result. Raises LawError when all groups but the largest have too many sign sums.
    """
    check_precision(precision)
    rows = [row for row in law.rows if row.count]
    if not rows:
        return exactly(Fraction(0), "no rows")
    groups = tuple(
        (tuple(_combination(row.weights[place], basis) for row in rows), size)
        for place, size in enumerate(law.sizes)
    )
    thresholds = (_combination(_weight(tau), basis),) * len(rows)
    event = Event(groups, thresholds, True, basis)
    return probability(
        event, precision=precision, limit=limit or 16 * precision, exact_signs=EXACT_SIGNS
    )


def zero(
    law: ColumnLaw,
    tau: Weight,
    m: int,
    *,
    basis: Basis | None = None,
    precision: int = 128,
    limit: int | None = None,
) -> Probability:
    """Pr[F = 0] = (1 - p)**m with p from `column`, for tau >= 0 or < 0 alike.

    An exact rational while it has at most about 260,000 bits, a ball beyond; m has no limit.
    """
    reach = column(law, tau, basis=basis, precision=precision, limit=limit)
    return none_of(reach, m, precision)


def positive(
    law: ColumnLaw,
    tau: Weight,
    m: int,
    *,
    basis: Basis | None = None,
    precision: int = 128,
    limit: int | None = None,
) -> Probability:
    """Pr[F > 0] = 1 - (1 - p)**m; otherwise as `zero`."""
    return zero(law, tau, m, basis=basis, precision=precision, limit=limit).complement()


def literal_rows(law: ColumnLaw) -> list[list[Fraction]]:
    """All rows of the matrix, each with all d weights, groups of coordinates one after another."""
    return [
        [w for w, size in zip(_rationals(row), law.sizes, strict=True) for _ in range(size)]
        for row in law.rows
        for _ in range(row.count)
    ]


def value(law: ColumnLaw, y: Sequence[Sequence[int]], tau: Fraction | int) -> Fraction:
    """F for a concrete d x m matrix of signs, by classes of rows and groups of coordinates."""
    bound, columns = rational(tau, "tau"), _columns(y, sum(law.sizes))
    total = Fraction(0)
    for signs in columns:
        sums, start = [], 0
        for size in law.sizes:
            sums.append(sum(signs[start : start + size]))
            start += size
        for row in law.rows:
            inner = sum((w * k for w, k in zip(_rationals(row), sums, strict=True)), Fraction(0))
            total += row.count * max(inner - bound, Fraction(0))
    return max(total, Fraction(0))


def value_literal(
    rows: Sequence[Sequence[Fraction]], y: Sequence[Sequence[int]], tau: Fraction | int
) -> Fraction:
    """F for a concrete d x m matrix of signs, by the definition: every row, every coordinate."""
    bound, total = rational(tau, "tau"), Fraction(0)
    for row in rows:
        for signs in _columns(y, len(row)):
            inner = Fraction(0)
            for weight, sign in zip(row, signs, strict=True):
                inner += weight * sign
            total += max(inner - bound, Fraction(0))
    return max(total, Fraction(0))


def none_of(reach: Probability, m: int, precision: int) -> Probability:
    """The probability that m independent events of probability `reach` all fail.

    An exact rational while it has at most about 260,000 bits, a ball beyond.
    """
    check_count(m)
    low, high = 1 - reach.upper, 1 - reach.lower
    bits = max(low.denominator.bit_length(), high.denominator.bit_length())
    if m == 0:
        return exactly(Fraction(1), "no columns")
    if reach.near_zero is None and (m * bits <= _POWER_BITS or low == high == 0):
        return Probability(low**m, high**m, reach.method)
    with ctx.workprec(precision + 2 * m.bit_length() + 32):
        # log(1 - p), from whichever of p and 1 - p is small
        near_zero, near_one = reach.ball(precision + 32), reach.complement().ball(precision + 32)
        logarithm = (-near_zero).log1p() if near_zero < near_one else near_one.log()
        if not logarithm.is_finite():  # p = 1 is possible, so only an upper end is known
            high_end = near_one.upper().min(arb(1)).log()
            return enclosed(arb(0).union((m * high_end).exp()), None, reach.method, precision)
        # The power is monotone, so the ends of the logarithm give its ends.
        ends = [m * logarithm.lower(), m * logarithm.upper()]
        none = ends[0].exp().union(ends[1].exp())
        some = (-ends[0].expm1()).union(-ends[1].expm1())
    return enclosed(none, some, f"{reach.method}, power by balls", precision)


def _weight(weight: object) -> Weight:
    if isinstance(weight, tuple):
        return tuple(rational(c, "a coefficient") for c in weight)
    return rational(weight, "a weight")


def _combination(weight: Weight, basis: Basis | None) -> Combination:
    if basis is None:
        if isinstance(weight, tuple):
            raise LawError("weights that are combinations need the basis they refer to")
        return (weight,)
    if isinstance(weight, tuple):
        return weight
    raise LawError("with a basis, every weight must be a tuple of coefficients (got a rational)")


def _rationals(row: Row) -> list[Fraction]:
    weights = [w for w in row.weights if isinstance(w, Fraction)]
    if len(weights) != len(row.weights):
        raise LawError("F is evaluated for rational weights only")
    return weights


def _columns(y: Sequence[Sequence[int]], d: int) -> list[list[int]]:
    """The columns of a d x m matrix, after checking its shape and its entries."""
    matrix = [[int(sign) for sign in line] for line in y]
    if len(matrix) != d or any(len(line) != len(matrix[0]) for line in matrix):
        raise LawError(f"Y must be a matrix with {d} rows of equal length")
    if any(sign not in (-1, 1) for line in matrix for sign in line):
        raise LawError("every entry of Y must be 1 or -1")
    return [list(signs) for signs in zip(*matrix, strict=True)]
