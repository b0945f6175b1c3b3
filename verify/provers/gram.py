"""Sums of squares with multipliers, made exact: Gram matrices over the rationals.

A floating-point solution of the semidefinite program is rounded, moved onto the affine space of
exact solutions, and factored exactly. Where the solution must be singular (the polynomial has
zeros), the kernel is guessed from the floating-point one as rational vectors, and the program is
solved again on its complement, where it has an interior.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from flint import fmpq, fmpq_mat, fmpq_mpoly
from numpy.typing import NDArray

from verify.kernel.poly import fraction
from verify.provers.budget import Budget
from verify.provers.combination import Column, Multiple, solve_exact, to_float
from verify.provers.sdp import Entry, Gram, feasible

MAX_UNKNOWNS = 6_000
MAX_ROWS = 700
FACES = 5
DENOMINATORS = (1, 2, 6, 12, 60, 2**10, 2**16, 2**24, 2**34)
ERRORS = (1e-6, 1e-5, 1e-4, 2e-3)
KERNEL_DENOMINATORS = (1, 6, 30, 200, 1000)


@dataclass(frozen=True)
class Block:
    """``multiplier * (sum of squares of combinations of basis)``; the multiplier is a product of
    facts and squares."""

    multiplier: Column
    basis: tuple[fmpq_mpoly, ...]


@dataclass(frozen=True)
class Decomposition:
    """Products with coefficients, and multiples of equations, that sum to the target."""

    columns: tuple[tuple[Fraction, Column], ...]
    multiples: tuple[tuple[Fraction, Multiple], ...]


def decompose(
    target: fmpq_mpoly,
    blocks: Sequence[Block],
    multiples: Sequence[Multiple],
    budget: Budget,
    strict: bool = False,
) -> Decomposition | None:
    """Write the target as a sum of blocks and multiples; with ``strict``, with a positive part of
    a strictly positive multiplier without squares."""
    blocks = [block for block in blocks if block.basis]
    for _ in range(FACES):
        budget.check()
        model = _Model(target, blocks, multiples)
        if model.unknowns > MAX_UNKNOWNS or len(model.rows) > MAX_ROWS or not model.possible:
            return None
        reward = _rewarded(blocks) if strict else []
        if strict and not reward:
            return None
        gram = model.solve(reward, budget)
        if gram is None or (strict and gram.objective < 1e-6):
            return None
        budget.check()
        found = model.exact(gram, strict, budget)
        if found is not None:
            return found
        smaller = _face(blocks, gram)
        if smaller is None:
            return None
        blocks = smaller
    return None


def _rewarded(blocks: Sequence[Block]) -> list[int]:
    return [
        number
        for number, block in enumerate(blocks)
        if block.multiplier.strict and len(block.basis) == 1 and block.basis[0].is_constant()
    ]


class _Model:
    """The linear equations for the entries of the Gram matrices."""

    def __init__(
        self, target: fmpq_mpoly, blocks: Sequence[Block], multiples: Sequence[Multiple]
    ) -> None:
        self.blocks = blocks
        self.multiples = multiples
        self.rows: dict[tuple[int, ...], int] = {}
        self.places: list[tuple[int, int, int]] = []
        self.columns: list[list[tuple[int, fmpq]]] = []
        for number, block in enumerate(blocks):
            for j, right in enumerate(block.basis):
                scaled = block.multiplier.poly * right
                for i in range(j + 1):
                    poly = scaled * block.basis[i]
                    self._column(poly if i == j else poly * 2)
                    self.places.append((number, i, j))
        for multiple in multiples:
            self._column(multiple.poly)
        self.unknowns = len(self.columns)
        known = len(self.rows)
        self.right: list[fmpq] = [fmpq(0)] * known
        self.possible = True
        for powers, coefficient in zip(target.monoms(), target.coeffs(), strict=True):
            row = self.rows.get(powers)
            if row is None:
                self.possible = False
                return
            self.right[row] = coefficient

    def _column(self, poly: fmpq_mpoly) -> None:
        self.columns.append(
            [
                (self.rows.setdefault(powers, len(self.rows)), coefficient)
                for powers, coefficient in zip(poly.monoms(), poly.coeffs(), strict=True)
            ]
        )

    def solve(self, reward: Sequence[int], budget: Budget) -> Gram | None:
        scale = np.ones(len(self.rows))
        for column in self.columns:
            for row, coefficient in column:
                scale[row] = max(scale[row], abs(to_float(coefficient)))
        entries, free = [], []
        for column, (number, i, j) in zip(self.columns, self.places, strict=False):
            # An off-diagonal column already counts both places.
            half = 1.0 if i == j else 0.5
            for row, coefficient in column:
                entries.append(Entry(row, number, i, j, half * to_float(coefficient) / scale[row]))
        for unknown, column in enumerate(self.columns[len(self.places) :]):
            free += [(row, unknown, to_float(c) / scale[row]) for row, c in column]
        right = np.array([to_float(c) for c in self.right]) / scale
        sizes = [len(block.basis) for block in self.blocks]
        return feasible(sizes, entries, free, len(self.multiples), right, reward, budget)

    def exact(self, gram: Gram, strict: bool, budget: Budget) -> Decomposition | None:
        """Round, correct, and factor, with growing denominators."""
        floats = [float(gram.blocks[b][i, j]) for b, i, j in self.places] + list(gram.free)
        # A clearly indefinite or singular matrix cannot be made definite by rounding.
        floor = min(
            (float(np.linalg.eigvalsh(m)[0]) / max(1e-9, float(np.trace(m))) for m in gram.blocks),
            default=1.0,
        )
        if floor < -1e-5:
            return None
        normal: _Normal | None = None
        for denominator in DENOMINATORS:
            if 1.0 / denominator > 40 * max(floor, 1e-9) and denominator > 60:
                continue
            budget.check()
            rounded = [fmpq(round(value * denominator), denominator) for value in floats]
            residual = self._residual(rounded)
            if any(r != 0 for r in residual):
                if normal is None:
                    normal = _Normal(self.columns, len(self.rows))
                correction = normal.solve(residual)
                if correction is None:
                    return None
                rounded = [v + c for v, c in zip(rounded, correction, strict=True)]
            found = self._factored(rounded, strict)
            if found is not None:
                return found
        return None

    def _residual(self, values: Sequence[fmpq]) -> list[fmpq]:
        residual = list(self.right)
        for value, column in zip(values, self.columns, strict=True):
            if value != 0:
                for row, coefficient in column:
                    residual[row] -= coefficient * value
        return residual

    def _factored(self, values: Sequence[fmpq], strict: bool) -> Decomposition | None:
        matrices = [[[fmpq(0)] * len(block.basis) for _ in block.basis] for block in self.blocks]
        for (number, i, j), value in zip(self.places, values, strict=False):
            matrices[number][i][j] = matrices[number][j][i] = value
        terms: list[tuple[Fraction, Column]] = []
        positive = False
        for block, matrix in zip(self.blocks, matrices, strict=True):
            factored = ldl(matrix)
            if factored is None:
                return None
            for weight, row in factored:
                root = _weighted(block.basis, row)
                column = block.multiplier
                size = weight
                if root.is_constant():
                    size = weight * root.leading_coefficient() ** 2
                    positive |= column.strict
                else:
                    column = Column(column.poly, column.facts, (*column.squares, root))
                terms.append((fraction(size), column))
        if strict and not positive:
            return None
        rest = values[len(self.places) :]
        multiples = tuple(
            (Fraction(int(v.p), int(v.q)), m)
            for v, m in zip(rest, self.multiples, strict=True)
            if v != 0
        )
        return Decomposition(tuple(terms), multiples)


class _Normal:
    """The least change of the unknowns that removes a residual, exactly."""

    def __init__(self, columns: Sequence[Sequence[tuple[int, fmpq]]], height: int) -> None:
        self.columns = columns
        self.height = height
        product: dict[tuple[int, int], fmpq] = {}
        for column in columns:
            for row, a in column:
                for other, b in column:
                    product[row, other] = product.get((row, other), fmpq(0)) + a * b
        self.diagonal = all(row == other for row, other in product)
        self.product = product

    def solve(self, residual: Sequence[fmpq]) -> list[fmpq] | None:
        size = self.height
        if self.diagonal:
            weights = [r / self.product[k, k] for k, r in enumerate(residual)]
        else:
            entries = [fmpq(0)] * (size * size)
            for (row, other), value in self.product.items():
                entries[row * size + other] = value
            matrix = fmpq_mat(size, size, entries)
            try:
                solved = matrix.solve(fmpq_mat(size, 1, list(residual)))
                weights = [solved[k, 0] for k in range(size)]
            except ZeroDivisionError:
                augmented = fmpq_mat(
                    size,
                    size + 1,
                    [
                        e
                        for k in range(size)
                        for e in (*entries[k * size : (k + 1) * size], residual[k])
                    ],
                )
                found = solve_exact(augmented)
                if found is None:
                    return None
                weights = found
        return [sum((c * weights[row] for row, c in column), fmpq(0)) for column in self.columns]


def ldl(matrix: Sequence[Sequence[fmpq]]) -> list[tuple[fmpq, list[fmpq]]] | None:
    """Weights and rows with ``matrix = sum w r r^T``, ``w > 0``; None unless semidefinite."""
    size = len(matrix)
    rest = [list(row) for row in matrix]
    found: list[tuple[fmpq, list[fmpq]]] = []
    for k in range(size):
        pivot = rest[k][k]
        if pivot < 0:
            return None
        if pivot == 0:
            if any(rest[k][j] != 0 for j in range(k + 1, size)):
                return None
            continue
        row = [fmpq(0)] * k + [rest[k][j] / pivot for j in range(k, size)]
        found.append((pivot, row))
        for i in range(k + 1, size):
            if row[i] != 0:
                factor = row[i] * pivot
                for j in range(i, size):
                    rest[i][j] -= factor * row[j]
                    rest[j][i] = rest[i][j]
    return found


def _face(blocks: Sequence[Block], gram: Gram) -> list[Block] | None:
    """Blocks on the complement of the kernels, or None where no kernel is recognised."""
    changed = False
    smaller: list[Block] = []
    top = max((float(np.linalg.eigvalsh(m)[-1]) for m in gram.blocks), default=0.0)
    for block, matrix in zip(blocks, gram.blocks, strict=True):
        kernel = _kernel(matrix, top)
        if not kernel:
            smaller.append(block)
            continue
        changed = True
        basis = _complement(kernel, len(block.basis))
        polys = [_weighted(block.basis, vector) for vector in basis]
        if polys:
            smaller.append(Block(block.multiplier, tuple(polys)))
    return smaller if changed and smaller else None


def _weighted(basis: Sequence[fmpq_mpoly], weights: Sequence[fmpq]) -> fmpq_mpoly:
    total = basis[0] * 0
    for poly, weight in zip(basis, weights, strict=True):
        if weight != 0:
            total = total + poly * weight
    return total


def _kernel(matrix: NDArray[np.float64], top: float) -> list[list[Fraction]]:
    """Rational vectors that seem to span the kernel of a nearly singular matrix."""
    values, vectors = np.linalg.eigh(matrix)
    values = np.maximum(values, 1e-9 * top)
    following = np.append(values[1:], top)
    candidates = [k for k in range(len(values)) if values[k] < 1e-3 * top]
    candidates = [k for k in candidates if following[k] > 10 * values[k]]
    for k in sorted(candidates, key=lambda k: -following[k] / values[k]):
        for error in ERRORS:
            found = _rational_echelon(vectors[:, : k + 1].T.copy(), error)
            if found is not None:
                return found
    return []


def _rational_echelon(rows: NDArray[np.float64], error: float) -> list[list[Fraction]] | None:
    """The reduced echelon form with complete pivoting, if its entries look rational."""
    used: list[int] = []
    for r in range(len(rows)):
        sub = np.abs(rows[r:]).copy()
        sub[:, used] = 0.0
        i, j = divmod(int(np.argmax(sub)), sub.shape[1])
        if sub[i, j] < 1e-6:
            return None
        rows[[r, r + i]] = rows[[r + i, r]]
        rows[r] /= rows[r, j]
        for other in range(len(rows)):
            if other != r:
                rows[other] -= rows[other, j] * rows[r]
        used.append(j)
    result: list[list[Fraction]] = []
    for row in rows:
        nice: list[Fraction] = []
        for value in row:
            guess = _simple(float(value), error)
            if guess is None:
                return None
            nice.append(guess)
        result.append(nice)
    return result


def _simple(value: float, error: float) -> Fraction | None:
    """A rational so simple that it is no coincidence, within the error."""
    for denominator in KERNEL_DENOMINATORS:
        guess = Fraction(value).limit_denominator(denominator)
        if abs(float(guess) - value) <= error:
            return guess if error * guess.denominator**2 < 0.2 else None
    return None


def _complement(kernel: Sequence[Sequence[Fraction]], size: int) -> list[list[fmpq]]:
    """A basis of the vectors orthogonal to all kernel vectors."""
    matrix = fmpq_mat(
        len(kernel), size, [fmpq(v.numerator, v.denominator) for row in kernel for v in row]
    )
    reduced, rank = matrix.rref()
    pivots: list[int] = []
    for row in range(rank):
        pivots.append(next(c for c in range(size) if reduced[row, c] != 0))
    basis: list[list[fmpq]] = []
    for free in range(size):
        if free in pivots:
            continue
        vector = [fmpq(0)] * size
        vector[free] = fmpq(1)
        for row, pivot in enumerate(pivots):
            vector[pivot] = -reduced[row, free]
        basis.append(vector)
    return basis
