"""Coordinates in which the facts say that variables are nonnegative.

A *coordinate* is a linear form that a fact says is nonnegative, the square of a variable, the
constant 1, or a variable of unknown sign. A *frame* writes the goal's polynomial in coordinates;
if no coefficient is negative there (and variables of unknown sign occur in squares only), the
products of the coordinates prove it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal

import numpy as np
from flint import Ordering, fmpq, fmpq_mat, fmpq_mpoly, fmpq_mpoly_ctx

from verify.kernel.poly import fraction
from verify.provers.combination import Column, to_float
from verify.provers.system import Item, Monomial, System, coefficients

MAX_DEGREE = 60
SAMPLES = 300

Kind = Literal["fact", "square", "one", "free"]


@dataclass(frozen=True)
class Coordinate:
    """``form`` in the system's ring, and why it is nonnegative (or ``free``: it need not be)."""

    form: fmpq_mpoly
    kind: Kind
    fact: int | None = None
    strict: bool = False
    root: fmpq_mpoly | None = None
    new: bool = False
    """Whether the fact is a case that the search has added."""


@dataclass(frozen=True)
class Frame:
    """The target in coordinates, homogeneous in those of each block."""

    coordinates: tuple[Coordinate, ...]
    blocks: tuple[tuple[int, ...], ...]
    poly: fmpq_mpoly
    scales: tuple[float, ...]
    """How long the ray is on which only this coordinate is not zero, and is 1."""

    @property
    def free(self) -> tuple[int, ...]:
        """The coordinates of unknown sign."""
        return tuple(i for i, c in enumerate(self.coordinates) if c.kind == "free")

    def nonnegative(self) -> bool:
        """Whether every coefficient is nonnegative and free coordinates have even powers."""
        free = self.free
        return all(c >= 0 for c in self.poly.coeffs()) and not any(
            powers[i] % 2 for powers in self.poly.monoms() for i in free
        )

    def seems_negative(self) -> bool:
        """Whether the polynomial is clearly negative somewhere, the free coordinates apart."""
        powers = np.array([[int(p) for p in m] for m in self.poly.monoms()], dtype=np.float64)
        if not len(powers):
            return False
        weights = np.array([to_float(c) for c in self.poly.coeffs()])
        rng = np.random.default_rng(11)
        spread = np.repeat([0.5, 1.5, 4.0], SAMPLES // 3)[:, None]
        logs = rng.normal(size=(SAMPLES, powers.shape[1])) * spread
        signs = np.ones((SAMPLES, len(weights)))
        for i in self.free:
            flip = rng.random(SAMPLES) < 0.5
            odd = powers[:, i] % 2 == 1
            signs = np.where(flip[:, None] & odd[None, :], -signs, signs)
        parts = np.exp(np.clip(logs @ powers.T, -300, 300)) * weights * signs
        return bool(np.any(parts.sum(axis=1) < -1e-6 * np.abs(parts).sum(axis=1)))

    def column(self, system: System, powers: Monomial) -> Column:
        """The product that a monomial stands for."""
        facts: list[int] = []
        squares: list[fmpq_mpoly] = []
        strict = True
        cost = 0.1
        for coordinate, power in zip(self.coordinates, powers, strict=True):
            if not power or coordinate.kind == "one":
                continue
            cost += power
            if coordinate.fact is not None:
                facts += [coordinate.fact] * power
                strict &= coordinate.strict
            else:
                base = coordinate.root if coordinate.kind == "square" else coordinate.form
                assert base is not None
                squares.append(base ** (power if coordinate.kind == "square" else power // 2))
                strict = False
        root = _product(system, squares)
        mono = self.poly.context().from_dict({powers: fmpq(1)})
        return Column(mono, tuple(facts), () if root is None else (root,), strict, cost)

    def value(self, system: System, powers: Monomial) -> fmpq_mpoly:
        """The polynomial that a monomial stands for, in the system's ring."""
        result = system.constant(1)
        for coordinate, power in zip(self.coordinates, powers, strict=True):
            if power and coordinate.kind != "one":
                result = result * coordinate.form**power
        return result


def _product(system: System, parts: Sequence[fmpq_mpoly]) -> fmpq_mpoly | None:
    if not parts:
        return None
    result = system.constant(1)
    for part in parts:
        result = result * part
    return result


def frames(view: System, target: fmpq_mpoly) -> Iterator[Frame]:
    """Frames for the target, those with the fewest variables of unknown sign first."""
    variables = sorted(view.used(target))
    linear = [
        item
        for item in view.facts
        if item.op in (">=", ">")
        and item.poly.total_degree() == 1
        and view.used(item.poly) <= set(variables)
    ]
    seen: set[str] = set()
    for build in (_single, _joint, _even):
        frame = build(view, target, variables, linear)
        if frame is None:
            continue
        key = str([str(c.form) for c in frame.coordinates])
        if key not in seen:
            seen.add(key)
            yield frame


def _single(
    view: System, target: fmpq_mpoly, variables: Sequence[int], linear: Sequence[Item]
) -> Frame | None:
    """Each variable by its own bounds: boxes, half-lines, squares."""
    low: dict[int, Coordinate] = {}
    high: dict[int, Coordinate] = {}
    for item in linear:
        used = view.used(item.poly)
        if len(used) != 1:
            continue
        (variable,) = used
        slope, _ = _line(item.poly)
        side = low if slope > 0 else high
        coordinate = _fact(item)
        known = side.get(variable)
        if known is None or _tighter(coordinate, known):
            side[variable] = coordinate
    blocks: list[list[Coordinate]] = []
    spans: list[list[int]] = []
    rest: list[Coordinate] = []
    rest_span: list[int] = []
    for variable in variables:
        if variable in low and variable in high:
            blocks.append([low[variable], high[variable]])
            spans.append([variable])
            continue
        rest_span.append(variable)
        rest.append(low.get(variable) or high.get(variable) or _unsigned(view, target, variable))
    if rest:
        blocks.append(rest)
        spans.append(rest_span)
    return _frame(view, target, spans, blocks)


def _joint(
    view: System, target: fmpq_mpoly, variables: Sequence[int], linear: Sequence[Item]
) -> Frame | None:
    """One block with as many independent forms as possible, those in several variables first."""
    if not any(len(view.used(item.poly)) > 1 for item in linear):
        return None
    homogeneous = _homogeneous(target)
    size = len(variables) + (0 if homogeneous else 1)
    order = sorted(linear, key=lambda i: (-(len(view.used(i.poly)) > 1), len(i.poly), not i.strict))
    if homogeneous:
        order = [item for item in order if _homogeneous(item.poly)]
    chosen: list[Coordinate] = []
    rows: list[list[fmpq]] = []
    for item in order:
        row = _row(item.poly, variables, not homogeneous)
        if len(chosen) < size and _independent([*rows, row]):
            rows.append(row)
            chosen.append(_fact(item))
    if not homogeneous and len(chosen) < size:
        one = [*([fmpq(0)] * len(variables)), fmpq(1)]
        if _independent([*rows, one]):
            rows.append(one)
            chosen.append(Coordinate(view.constant(1), "one", strict=True))
    for variable in variables:
        if len(chosen) == size:
            break
        row = _row(view.gens[variable], variables, not homogeneous)
        if _independent([*rows, row]):
            rows.append(row)
            chosen.append(Coordinate(view.gens[variable], "free"))
    return _frame(view, target, [list(variables)], [chosen])


def _even(
    view: System, target: fmpq_mpoly, variables: Sequence[int], linear: Sequence[Item]
) -> Frame | None:
    """One block in the squares of all variables, where the target is even in each and facts are
    linear in the squares."""
    del linear
    if any(power % 2 for powers in target.monoms() for power in powers):
        return None
    homogeneous = _homogeneous(target)
    size = len(variables) + (0 if homogeneous else 1)
    chosen: list[Coordinate] = []
    rows: list[list[fmpq]] = []
    for item in view.facts:
        poly = item.poly
        if item.op not in (">=", ">") or not view.used(poly) <= set(variables):
            continue
        if any(sum(m) not in (0, 2) or max(m) == 1 for m in poly.monoms()) or len(poly) < 2:
            continue
        if homogeneous and not _homogeneous(poly):
            continue
        row = _row(poly, variables, not homogeneous)
        if len(chosen) < size and _independent([*rows, row]):
            rows.append(row)
            chosen.append(_fact(item))
    if not chosen:
        return None
    if not homogeneous:
        one = [*([fmpq(0)] * len(variables)), fmpq(1)]
        if len(chosen) < size and _independent([*rows, one]):
            rows.append(one)
            chosen.append(Coordinate(view.constant(1), "one", strict=True))
    for variable in variables:
        row = _row(view.gens[variable], variables, not homogeneous)
        if len(chosen) < size and _independent([*rows, row]):
            rows.append(row)
            gen = view.gens[variable]
            chosen.append(Coordinate(gen**2, "square", root=gen))
    return _frame(view, target, [list(variables)], [chosen], set(variables))


def _fact(item: Item) -> Coordinate:
    return Coordinate(item.poly, "fact", item.index, item.strict)


def _unsigned(view: System, target: fmpq_mpoly, variable: int) -> Coordinate:
    gen = view.gens[variable]
    if all(powers[variable] % 2 == 0 for powers in target.monoms()):
        return Coordinate(gen**2, "square", root=gen)
    return Coordinate(gen, "free")


def _line(poly: fmpq_mpoly) -> tuple[Fraction, Fraction]:
    table = coefficients(poly)
    constant = sum((c for m, c in table.items() if not any(m)), Fraction(0))
    slope = next(c for m, c in table.items() if any(m))
    return slope, constant


def _tighter(one: Coordinate, other: Coordinate) -> bool:
    """Whether the first bound of a variable implies the second."""
    (slope, constant), (slope_other, constant_other) = _line(one.form), _line(other.form)
    return constant / abs(slope) < constant_other / abs(slope_other)


def _homogeneous(poly: fmpq_mpoly) -> bool:
    return len({int(sum(powers)) for powers in poly.monoms()}) <= 1


def _row(poly: fmpq_mpoly, variables: Sequence[int], with_one: bool) -> list[fmpq]:
    row = [fmpq(0)] * (len(variables) + with_one)
    place = {v: i for i, v in enumerate(variables)}
    for powers, coefficient in zip(poly.monoms(), poly.coeffs(), strict=True):
        used = [i for i, p in enumerate(powers) if p]
        row[place[used[0]] if used else -1] = coefficient
    return row


def _independent(rows: Sequence[Sequence[fmpq]]) -> bool:
    matrix = fmpq_mat(len(rows), len(rows[0]), [entry for row in rows for entry in row])
    return bool(matrix.rank() == len(rows))


def _frame(
    view: System,
    target: fmpq_mpoly,
    spans: Sequence[Sequence[int]],
    given: Sequence[Sequence[Coordinate]],
    even: set[int] | None = None,
) -> Frame | None:
    """Write the target in the coordinates of the blocks, each homogeneous; where variables are
    ``even``, their squares take their place."""
    blocks = [list(block) for block in given]
    if target.total_degree() > MAX_DEGREE and any(len(c.form) > 1 for b in blocks for c in b):
        return None
    table = coefficients(target)
    squares = set(even or ())
    if even is None:
        for span, block in zip(spans, blocks, strict=True):
            squares |= {v for v, c in zip(span, block, strict=False) if c.kind == "square"}
    for span, block in zip(spans, blocks, strict=True):
        weights = {_weighted(powers, span, squares) for powers in table}
        plain = all(c.kind == "square" or _homogeneous(c.form) for c in block)
        if len(block) == len(span) and not (
            len(weights) == 1 and plain and all(c.form.total_degree() > 0 for c in block)
        ):
            block.append(Coordinate(view.constant(1), "one", strict=True))
    coordinates = [c for block in blocks for c in block]
    ctx = fmpq_mpoly_ctx.get([f"y{i}" for i in range(len(coordinates))], Ordering.degrevlex)
    gens = ctx.gens()
    values: dict[int, fmpq_mpoly] = {}
    ones: list[fmpq_mpoly | None] = []
    numbers: list[tuple[int, ...]] = []
    start = 0
    for span, block in zip(spans, blocks, strict=True):
        here = gens[start : start + len(block)]
        numbers.append(tuple(range(start, start + len(block))))
        start += len(block)
        solved = _inverse(span, block, here)
        if solved is None:
            return None
        values.update(solved[0])
        ones.append(solved[1])
    poly = _homogenised(ctx, table, spans, squares, values, ones)
    return Frame(tuple(coordinates), tuple(numbers), poly, (1.0,) * len(coordinates))


def _weighted(powers: Monomial, span: Sequence[int], squares: set[int]) -> int:
    return sum(powers[v] // 2 if v in squares else powers[v] for v in span)


def _inverse(
    span: Sequence[int], block: Sequence[Coordinate], here: Sequence[fmpq_mpoly]
) -> tuple[dict[int, fmpq_mpoly], fmpq_mpoly | None] | None:
    """The variables (or their squares) and 1 as linear forms of the coordinates."""
    with_one = len(block) == len(span) + 1
    size = len(block)
    entries: list[fmpq] = []
    for coordinate in block:
        form = coordinate.form
        if coordinate.kind == "square":
            assert coordinate.root is not None
            form = coordinate.root
        entries += _row(form, span, with_one)
    matrix = fmpq_mat(size, size, entries)
    if matrix.det() == 0:
        return None
    inverse = matrix.inv()
    zero = here[0] * 0
    forms = [
        sum((here[column] * inverse[row, column] for column in range(size)), zero)
        for row in range(size)
    ]
    return dict(zip(span, forms, strict=False)), forms[-1] if with_one else None


def _homogenised(
    ctx: fmpq_mpoly_ctx,
    table: dict[Monomial, Fraction],
    spans: Sequence[Sequence[int]],
    squares: set[int],
    values: dict[int, fmpq_mpoly],
    ones: Sequence[fmpq_mpoly | None],
) -> fmpq_mpoly:
    tops = [max((_weighted(p, span, squares) for p in table), default=0) for span in spans]
    powers_of: dict[tuple[str, int, int], fmpq_mpoly] = {}

    def power(kind: str, which: int, base: fmpq_mpoly, exponent: int) -> fmpq_mpoly:
        key = (kind, which, exponent)
        if key not in powers_of:
            powers_of[key] = base**exponent
        return powers_of[key]

    total = ctx.constant(0)
    for powers, coefficient in table.items():
        part = ctx.constant(fmpq(coefficient.numerator, coefficient.denominator))
        for number, (span, one, top) in enumerate(zip(spans, ones, tops, strict=True)):
            for v in span:
                exponent = powers[v] // 2 if v in squares else powers[v]
                if exponent:
                    part = part * power("x", v, values[v], exponent)
            missing = top - _weighted(powers, span, squares)
            if missing:
                assert one is not None
                part = part * power("1", number, one, missing)
        total = total + part
    return total


def split_frame(frame: Frame, low: int, high: int, ratio: Fraction) -> tuple[Frame, Frame]:
    """The frames where coordinate ``low`` is at least ``ratio`` times ``high``, and below it.

    The new coordinates have no fact number yet.
    """
    factor = fmpq(ratio.numerator, ratio.denominator)
    gens = frame.poly.context().gens()
    one, other = frame.coordinates[low], frame.coordinates[high]
    gap = one.form - other.form * factor
    size = content(gap)
    gap = gap / size
    above = _substituted(frame, gens, low, gens[low] * size + gens[high] * factor)
    below = _substituted(frame, gens, high, (gens[high] * size + gens[low]) / factor)
    first, second = list(frame.scales), list(frame.scales)
    unit = float(fraction(size))
    first[high] += float(ratio) * first[low]
    first[low] *= unit
    second[low] += second[high] / float(ratio)
    second[high] *= unit / float(ratio)
    return (
        replace(
            above,
            coordinates=_with(frame, low, Coordinate(gap, "fact", -1, False, new=True)),
            scales=tuple(first),
        ),
        replace(
            below,
            coordinates=_with(frame, high, Coordinate(-gap, "fact", -1, True, new=True)),
            scales=tuple(second),
        ),
    )


def split_sign(frame: Frame, index: int) -> tuple[Frame, Frame]:
    """The frames where a free coordinate is nonnegative, and negative."""
    gens = frame.poly.context().gens()
    form = frame.coordinates[index].form
    below = _substituted(frame, gens, index, -gens[index])
    return (
        replace(
            frame, coordinates=_with(frame, index, Coordinate(form, "fact", -1, False, new=True))
        ),
        replace(
            below, coordinates=_with(frame, index, Coordinate(-form, "fact", -1, True, new=True))
        ),
    )


def content(poly: fmpq_mpoly) -> fmpq:
    """The positive rational that leaves integer coefficients without a common factor."""
    numerator = math.gcd(*(int(c.p) for c in poly.coeffs()))
    denominator = math.lcm(*(int(c.q) for c in poly.coeffs()))
    return fmpq(numerator or 1, denominator)


def _substituted(frame: Frame, gens: Sequence[fmpq_mpoly], index: int, value: fmpq_mpoly) -> Frame:
    images = list(gens)
    images[index] = value
    return replace(frame, poly=frame.poly.compose(*images))


def _with(frame: Frame, index: int, coordinate: Coordinate) -> tuple[Coordinate, ...]:
    return (*frame.coordinates[:index], coordinate, *frame.coordinates[index + 1 :])
