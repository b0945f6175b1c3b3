"""Terms and relations on many points at once, in floating point.

Everything here only suggests: a point that looks like a counterexample is confirmed by the kernel
before anybody sees it, and a point that does not is merely not looked at again.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import cached_property

import numpy as np
import numpy.typing as npt

from verify.language.floats import to_float
from verify.language.term import (
    Add,
    Call,
    Const,
    Div,
    Mul,
    Neg,
    Num,
    Pow,
    Rel,
    Sym,
    Term,
    children,
    node_count,
    subterms,
)
from verify.language.work import WORK

Array = npt.NDArray[np.float64]
_Operation = Callable[..., Array]

# Relative rounding errors below this are taken for zero.
TOLERANCE = 1e-11
NO, MAYBE, SURE = 0, 1, 2
STAGES = 4
"""In how many groups relations are asked where each point only matters if all of them hold."""
AN_OPERATION, VECTOR = 4, 300
"""The work of an operation on many points, and the number of points that costs as much again."""


class Unsupported(ValueError):
    """The term has no value at a point, such as a sum over a symbolic range."""


class Tape:
    """Terms compiled to a list of vectorised operations, common subterms evaluated once.

    Raises:
        Unsupported: a term is not a scalar one, or mentions a variable that is not in ``names``.
    """

    def __init__(self, terms: Sequence[Term], names: Sequence[str]) -> None:
        self._columns = {name: index for index, name in enumerate(names)}
        self._register: dict[Term, int] = {}
        self._steps: list[tuple[_Operation | int | float, tuple[int, ...]]] = []
        for term in terms:
            for node in subterms(term):
                if node not in self._register:
                    self._register[node] = len(self._steps)
                    self._steps.append(self._step(node))
        self._outputs = [self._register[term] for term in terms]

    def _step(self, node: Term) -> tuple[_Operation | int | float, tuple[int, ...]]:
        sources = tuple(self._register[child] for child in children(node))
        match node:
            case Num(value=value):
                return to_float(value), ()
            case Const(name=name):
                return (math.pi if name == "pi" else math.e), ()
            case Sym(name=name):
                if name not in self._columns:
                    raise Unsupported(f"no value for {name}")
                return self._columns[name], ()
            case Pow(base=base, exp=Num(value=value)):
                return _literal_power(value), (self._register[base],)
            case Call(name=name):
                return _CALLS[name], sources
        operation = _OPERATIONS.get(type(node))
        if operation is None:
            raise Unsupported("a sum over a symbolic range has no value at a point")
        return operation, sources

    def __call__(self, columns: Array) -> Array:
        """One row for each term; NaN where a term is undefined, or out of the range of floats."""
        count = columns.shape[1]
        WORK.done += int(AN_OPERATION * len(self._steps) * (1 + count / VECTOR))
        values: list[Array] = []
        with np.errstate(all="ignore"):
            for operation, sources in self._steps:
                if isinstance(operation, int):
                    values.append(columns[operation])
                elif isinstance(operation, float):
                    values.append(np.full(count, operation))
                else:
                    values.append(operation(*(values[source] for source in sources)))
            if not self._outputs:
                return np.empty((0, count))
            return np.stack([values[index] for index in self._outputs])


def _sum(*args: Array) -> Array:
    total = args[0]
    for arg in args[1:]:
        total = total + arg
    return total


def _product(*args: Array) -> Array:
    total = args[0]
    for arg in args[1:]:
        total = total * arg
    return total


def _quotient(top: Array, bottom: Array) -> Array:
    return np.where(bottom == 0, np.nan, top / bottom)


def _power(base: Array, exponent: Array) -> Array:
    return np.where((base == 0) & (exponent < 0), np.nan, np.power(base, exponent))


def _literal_power(value: Fraction) -> _Operation:
    power = to_float(value)
    if value.denominator == 1 or value.denominator % 2 == 0:
        return lambda base: _power(base, np.full_like(base, power))
    odd = value.numerator % 2 == 1

    def odd_root(base: Array) -> Array:
        size = _power(np.abs(base), np.full_like(base, power))
        return np.where((base < 0) & odd, -size, size)

    return odd_root


def _log(x: Array) -> Array:
    return np.where(x > 0, np.log(x), np.nan)


def _least(*args: Array) -> Array:
    total = args[0]
    for arg in args[1:]:
        total = np.minimum(total, arg)
    return total


def _greatest(*args: Array) -> Array:
    total = args[0]
    for arg in args[1:]:
        total = np.maximum(total, arg)
    return total


_OPERATIONS: dict[type, _Operation] = {
    Neg: np.negative,
    Add: _sum,
    Mul: _product,
    Div: _quotient,
    Pow: _power,
}
_CALLS: dict[str, _Operation] = {
    "exp": np.exp,
    "log": _log,
    "sqrt": np.sqrt,
    "abs": np.abs,
    "sin": np.sin,
    "cos": np.cos,
    "tan": np.tan,
    "asin": np.arcsin,
    "acos": np.arccos,
    "atan": np.arctan,
    "sinh": np.sinh,
    "cosh": np.cosh,
    "tanh": np.tanh,
    "min": _least,
    "max": _greatest,
    "floor": np.floor,
    "ceil": np.ceil,
}


class Relations:
    """Relations on many points at once.

    Raises:
        Unsupported: see :class:`Tape`.
    """

    def __init__(
        self, relations: Sequence[Rel], names: Sequence[str], integers: frozenset[str]
    ) -> None:
        self._relations, self._names = tuple(relations), tuple(names)
        self._tape = Tape([side for rel in relations for side in (rel.left, rel.right)], names)
        ops = np.array([rel.op for rel in relations], dtype="<U2").reshape(-1, 1)
        self._flipped = (ops == "<") | (ops == "<=")
        self._equal = ops == "=="
        self._unequal = ops == "!="
        self._strict = (ops == "<") | (ops == ">") | self._unequal
        self._integers = [index for index, name in enumerate(names) if name in integers]

    def gaps(self, columns: Array) -> tuple[Array, Array]:
        """By how much each relation holds (negative: fails), and the size of its two sides."""
        sides = self._tape(columns)
        left, right = sides[0::2], sides[1::2]
        with np.errstate(all="ignore"):
            gap = np.where(self._flipped, right - left, left - right)
            gap = np.where(self._equal, -np.abs(gap), np.where(self._unequal, np.abs(gap), gap))
            return gap, np.abs(left) + np.abs(right)

    def status(self, columns: Array) -> npt.NDArray[np.int8]:
        """For each point whether all relations hold: ``SURE``, ``MAYBE`` or ``NO``.

        A relation between numbers beyond the range of floats is ``MAYBE``.
        """
        gap, scale = self.gaps(columns)
        with np.errstate(all="ignore"):
            # Of an infinite side only its sign counts.
            slack = np.where(np.isinf(scale), 0.0, TOLERANCE * scale)
            holds = np.where(self._strict, gap > slack, gap >= -slack)
            overflow = np.isinf(scale) | self._beyond(columns)
            perhaps = np.where(np.isnan(gap), overflow, gap >= -slack)
        status = np.where(holds, SURE, np.where(perhaps, MAYBE, NO))
        result: npt.NDArray[np.int8] = status.min(axis=0, initial=SURE).astype(np.int8)
        for index in self._integers:
            x = columns[index]
            with np.errstate(all="ignore"):
                away = np.abs(x - np.round(x)) > 1e-9 * np.maximum(1.0, np.abs(x))
            result[away] = NO
        return result

    def sure(self, columns: Array) -> npt.NDArray[np.int64]:
        """The numbers of the points that are ``SURE``: the short relations are asked first, and
        the others only where these hold."""
        left = np.arange(columns.shape[1])
        for index in self._integers:
            x = columns[index][left]
            with np.errstate(all="ignore"):
                left = left[~(np.abs(x - np.round(x)) > 1e-9 * np.maximum(1.0, np.abs(x)))]
        for stage in self._stages:
            if not len(left):
                break
            gap, scale = stage.gaps(columns[:, left])
            with np.errstate(all="ignore"):
                slack = np.where(np.isinf(scale), 0.0, TOLERANCE * scale)
                holds = np.where(stage._strict, gap > slack, gap >= -slack)
            left = left[holds.all(axis=0)]
        return left

    @cached_property
    def _stages(self) -> list[Relations]:
        """The relations in groups, the short ones first."""
        ranked = sorted(
            self._relations, key=lambda rel: node_count(rel.left) + node_count(rel.right)
        )
        size = max(1, -(-len(ranked) // STAGES))
        groups = [ranked[start : start + size] for start in range(0, len(ranked), size)]
        return [Relations(group, self._names, frozenset()) for group in groups]

    @staticmethod
    def _beyond(columns: Array) -> npt.NDArray[np.bool_]:
        """Points with a coordinate so large or small that NaN may only mean an overflow."""
        size = np.abs(columns)
        return np.asarray(
            ((size > 1e20) | ((size > 0) & (size < 1e-20))).any(axis=0, keepdims=True)
        )

    def merit(self, columns: Array, weights: Array, rewards: Array) -> Array:
        """How far each point is from satisfying all relations, to be minimised.

        What is missing from a relation counts with its weight, a surplus with its reward (up to a
        limit, so that no relation makes up for another); a point where a side is undefined counts
        infinitely. Weights and rewards have a row for each relation.
        """
        gap, _ = self.gaps(columns)
        with np.errstate(all="ignore"):
            lack = np.log1p(np.maximum(-gap, 0.0)) + np.where(self._strict & (gap <= 0), 1e-12, 0.0)
            surplus = np.minimum(np.log1p(np.maximum(gap, 0.0)), 0.5)
            total: Array = (weights * lack - rewards * surplus).sum(axis=0)
        return np.where(np.isnan(total), np.inf, total)
