"""A claim at one point: exact rationals where they suffice, growing balls elsewhere.

This is what confirms a counterexample, so it is trusted as much as the rules for proofs are.
A value is exact only when rational arithmetic (and exact roots) gives it; every other comparison is
decided by balls that do not overlap, or is left undecided.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import overload

from flint import arb, fmpq, fmpq_mpoly

from verify.kernel.ball import decide, enclose, precision
from verify.kernel.poly import Refused, Ring, at_rational_angle, exact_root, rational
from verify.language.render import text
from verify.language.term import (
    Add,
    And,
    Call,
    Const,
    Div,
    Formula,
    Mul,
    Neg,
    Not,
    Num,
    Or,
    Pow,
    Rel,
    Sym,
    Term,
    children,
    compare,
    nnf,
    num,
    replace,
    subterms,
)

PRECISIONS = (64, 192, 640, 2_048, 8_192, 30_000)
MAX_ROOT = 12
"""The highest degree of roots that are looked at for powers of each other."""
MAX_BITS = 2_000_000
EXACT_BITS = 32
"""Bits of an exact power for each bit of the highest precision, where less than the full one is
asked for: a ball is cheaper than a long rational."""

Point = Mapping[str, Term]


class Undefined(ArithmeticError):
    """A subterm has no value at the point."""

    def __init__(self, term: Term) -> None:
        super().__init__(text(term))
        self.term = term


class Undecided(ArithmeticError):
    """Whether a subterm has a value could not be decided at any precision tried."""


@dataclass(frozen=True, slots=True)
class Value:
    """A term's value: exact, or None and to be enclosed."""

    exact: Fraction | None


class Evaluator:
    """Evaluates terms and formulas at one point, whose coordinates are constant terms.

    Raises (from every method):
        Refused: a coordinate is missing, or the term is not a scalar one.
    """

    def __init__(self, point: Point, highest: int = PRECISIONS[-1]) -> None:
        self._precisions = [bits for bits in PRECISIONS if bits <= highest]
        self._longest = MAX_BITS if highest >= PRECISIONS[-1] else EXACT_BITS * highest
        self._table: dict[Term, Term] = {Sym(name): value for name, value in point.items()}
        self._exact: dict[Term, fmpq | None] = {}
        for name, value in point.items():
            self._require_defined(name, value)

    def _require_defined(self, name: str, value: Term) -> None:
        """A coordinate is a number; a point with an undefined one is no point."""
        if isinstance(value, Num):
            return
        try:
            for node in subterms(value):
                self._visit(node)
        except (Undefined, Undecided) as error:
            raise Refused(f"the value of {name} is not known to be defined: {error}") from error

    def closed(self, term: Term) -> Term:
        """``term`` with the coordinates in place of the variables."""
        return replace(term, self._table)

    def exact(self, term: Term) -> Fraction | None:
        """The exact rational value, or None where the value is not known to be rational.

        Raises:
            Undefined: the term has no value at the point.
            Undecided: whether it has one could not be decided.
        """
        term = self.closed(term)
        self._visit_all(term)
        return _fraction(self._exact[term])

    def _visit_all(self, term: Term) -> None:
        for node in subterms(term):
            self._visit(node)

    def _visit(self, node: Term) -> None:
        if node not in self._exact:
            self._exact[node] = self._exact_node(node)

    def _exact_node(self, node: Term) -> fmpq | None:
        parts: list[fmpq | None]
        match node:
            case Num(value=value):
                return _rational(value)
            case Const():
                return None
            case Neg(arg=arg):
                inner = self._exact[arg]
                return None if inner is None else -inner
            case Add(args=args):
                parts = [self._exact[arg] for arg in args]
                known = [part for part in parts if part is not None]
                if len(known) == len(parts):
                    return sum(known, fmpq(0))
                return _cancelled(node) if len(parts) - len(known) > 1 else None
            case Mul(args=args):
                parts = [self._exact[arg] for arg in args]
                known = [part for part in parts if part is not None]
                if 0 in known:
                    return fmpq(0)
                return math.prod(known, start=fmpq(1)) if len(known) == len(parts) else None
            case Div(num=top, den=bottom):
                return self._quotient(node, self._exact[top], bottom)
            case Pow(base=base, exp=exponent):
                return self._power(node, base, exponent)
            case Call(name=name, args=args):
                return self._call(node, name, args)
            case Sym(name=name):
                raise Refused(f"no value for {name}")
            case _:
                raise Refused("a sum over a symbolic range has no value at a point")

    def _quotient(self, node: Term, top: fmpq | None, bottom: Term) -> fmpq | None:
        below = self._exact[bottom]
        if below is None:
            self._require(Rel("!=", bottom, num(0)), node)
            return fmpq(0) if top == 0 else None
        if below == 0:
            raise Undefined(node)
        return None if top is None else top / below

    def _power(self, node: Term, base: Term, exponent: Term) -> fmpq | None:
        value, power = self._exact[base], self._exact[exponent]
        if power is None:
            if value is not None and value < 0:
                # Whether an irrational or unknown exponent is an integer is not decided here.
                raise Undecided(text(node))
            if value == 0:
                return self._power_of_zero(node, exponent)
            if value is None and not self._compare(Rel(">", base, num(0))):
                # A negative base has a power where the exponent happens to be an integer.
                raise Undecided(text(node))
            return fmpq(1) if value == 1 else None
        if power == 0:
            return fmpq(1)
        if value is None:
            if power.q % 2 == 0:
                self._require(Rel(">=" if power > 0 else ">", base, num(0)), node)
            elif power < 0:
                self._require(Rel("!=", base, num(0)), node)
            return None
        if value == 0:
            if power < 0:
                raise Undefined(node)
            return fmpq(0)
        if value < 0 and power.q % 2 == 0:
            raise Undefined(node)
        return _exact_power(value, power, self._longest)

    def _power_of_zero(self, node: Term, exponent: Term) -> fmpq:
        """``0^e`` is 0 for ``e > 0``, 1 for ``e = 0`` and undefined for ``e < 0``."""
        if self._compare(Rel(">", exponent, num(0))):
            return fmpq(0)
        if self._compare(Rel("==", exponent, num(0))):
            return fmpq(1)
        if self._compare(Rel("<", exponent, num(0))):
            raise Undefined(node)
        raise Undecided(text(node))

    def _call(self, node: Term, name: str, args: tuple[Term, ...]) -> fmpq | None:
        values = [self._exact[arg] for arg in args]
        x = values[0]
        if name == "log":
            if x is None:
                self._require(Rel(">", args[0], num(0)), node)
            elif x <= 0:
                raise Undefined(node)
        elif name == "sqrt":
            if x is None:
                self._require(Rel(">=", args[0], num(0)), node)
            elif x < 0:
                raise Undefined(node)
        elif name in ("asin", "acos"):
            if x is None:
                self._require(Rel("<=", args[0], num(1)), node)
                self._require(Rel(">=", args[0], num(-1)), node)
            elif abs(x) > 1:
                raise Undefined(node)
        elif name == "tan" and x is None:
            self._require(Rel("!=", Call("cos", args), num(0)), node)
        if None in values:
            if name in ("sin", "cos"):
                special = at_rational_angle(name, args[0])
                return _rational(special.value) if isinstance(special, Num) else None
            return self._rounded(node) if name in ("floor", "ceil") else None
        known = [_fraction(value) for value in values if value is not None]
        found = _exact_call(name, known)
        return None if found is None else _rational(found)

    def _rounded(self, node: Term) -> fmpq | None:
        """A floor or ceiling of an irrational number, once the precision separates it."""
        for bits in self._precisions:
            ball = self._ball(node, bits)
            if not abs(ball) < arb(2) ** self._longest:
                return None
            integer = ball.unique_fmpz()
            if integer is not None and ball.is_exact():
                return fmpq(integer)
        return None

    def _require(self, condition: Rel, node: Term) -> None:
        truth = self._compare(condition)
        if truth is None:
            raise Undecided(text(node))
        if not truth:
            raise Undefined(node)

    def _ball(self, term: Term, bits: int) -> arb:
        with precision(bits):
            return enclose(term, {})

    def ball(self, term: Term, bits: int) -> arb:
        """An enclosure of the value at the given precision."""
        return self._ball(self.closed(term), bits)

    def _compare(self, rel: Rel) -> bool | None:
        """Three-valued comparison of two closed terms that have values."""
        left, right = self._exact.get(rel.left), self._exact.get(rel.right)
        if isinstance(rel.right, Num):
            right = _rational(rel.right.value)
        if left is not None and right is not None:
            return compare(Fraction((left > right) - (left < right)), rel.op, Fraction(0))
        for bits in self._precisions:
            with precision(bits):
                truth = decide(enclose(rel.left, {}), rel.op, enclose(rel.right, {}))
            if truth is not None:
                return truth
            if bits == self._precisions[0] and _identical(self._with_exact_parts(rel)):
                return rel.op in (">=", "<=", "==")
        return None

    def _with_exact_parts(self, rel: Rel) -> Rel:
        """The relation with every subterm whose value is rational replaced by it."""
        table: dict[Term, Term] = {}
        seen: set[Term] = set()
        pending: list[Term] = [rel.left, rel.right]
        while pending:
            node = pending.pop()
            if node in seen:
                continue
            seen.add(node)
            value = self._exact.get(node)
            if value is None:
                pending.extend(children(node))
            else:
                table[node] = Num(_fraction(value))
        return Rel(rel.op, replace(rel.left, table), replace(rel.right, table))

    def relation(self, rel: Rel) -> bool | None:
        """Whether a relation holds; None when undecided.

        Raises:
            Undefined: a side has no value.
        """
        left, right = self.closed(rel.left), self.closed(rel.right)
        try:
            # To make Python's fractions of these could take longer than all else.
            self._visit_all(left)
            self._visit_all(right)
        except Undecided:
            return None
        return self._compare(Rel(rel.op, left, right))

    def formula(self, formula: Formula) -> bool | None:
        """Whether a formula holds, where a relation with an undefined side does not hold."""
        return self._formula(nnf(formula))

    def _formula(self, formula: Formula) -> bool | None:
        match formula:
            case Rel():
                try:
                    return self.relation(formula)
                except Undefined:
                    return False
            case And(args=args):
                return _all([self._formula(arg) for arg in args])
            case Or(args=args):
                truths = [self._formula(arg) for arg in args]
                return True if True in truths else (None if None in truths else False)
            case Not():
                raise AssertionError("negations were pushed down")

    def undefined_part(self, formula: Formula) -> Term | None:
        """The first undefined subterm of the formula's relations, or None."""
        for rel in _relations(nnf(formula)):
            try:
                self.relation(rel)
            except Undefined as error:
                return error.term
        return None


def _relations(formula: Formula) -> Iterator[Rel]:
    match formula:
        case Rel():
            yield formula
        case And(args=args) | Or(args=args):
            for arg in args:
                yield from _relations(arg)


def _all(truths: list[bool | None]) -> bool | None:
    if False in truths:
        return False
    return None if None in truths else True


@lru_cache(maxsize=5_000)
def _cancelled(total: Term) -> fmpq | None:
    """The value of a sum whose irrational parts cancel."""
    try:
        top, bottom = Ring((total,)).fraction(total)
    except Refused:
        return None
    if not (top.is_constant() and bottom.is_constant()):
        return None
    return fmpq(0) if top.is_zero() else top.leading_coefficient() / bottom.leading_coefficient()


def _by_fewer_roots(ring: Ring, top: fmpq_mpoly) -> fmpq_mpoly:
    """A polynomial in which ``sqrt(12)`` is ``2 sqrt(3)``, and ``sqrt(2)`` the square of a fourth
    root of 2, where these occur as well."""
    roots: dict[str, tuple[Fraction, int]] = {}
    for key in ring.keys:
        match ring.atom(key):
            case Pow(base=Num(value=value), exp=Num(value=exponent)) if (
                value > 0 and exponent.numerator == 1 and exponent.denominator <= MAX_ROOT
            ):
                roots[key] = value, exponent.denominator
    for key, (value, degree) in list(roots.items()):
        for other, (number, larger) in roots.items():
            found = (
                None
                if other == key or larger % degree
                else _power_of_root(value ** (larger // degree), number, larger)
            )
            if found is None:
                continue
            factor, power = found
            image = ring.gen(other) ** power * rational(factor)
            images = [image if name == key else ring.gen(name) for name in ring.keys]
            top = top.compose(*images, ctx=ring.ctx)
            del roots[key]
            break
    return top


def _power_of_root(value: Fraction, number: Fraction, degree: int) -> tuple[Fraction, int] | None:
    """``c`` and ``k`` with ``value = c^degree number^k``."""
    for power in range(1, degree):
        factor = exact_root(Num(value / number**power), degree)
        if factor is not None:
            return factor, power
    return None


def _identical(rel: Rel) -> bool:
    """Whether both sides have the same normal form, so that they are equal."""
    try:
        ring = Ring((rel.left, rel.right))
        top = _by_fewer_roots(ring, ring.fraction(Add((rel.left, Neg(rel.right))))[0])
        for key in ring.keys:
            # A root satisfies its equation: what is left after division by it has the same value.
            atom = ring.atom(key)
            if isinstance(atom, Pow) and isinstance(atom.exp, Num) and key.startswith("root("):
                equation = ring.gen(key) ** atom.exp.value.denominator - ring.polynomial(atom.base)
                top = divmod(top, equation)[1]
        return bool(top.is_zero())
    except Refused:
        return False


@overload
def _fraction(value: fmpq) -> Fraction: ...
@overload
def _fraction(value: None) -> None: ...
def _fraction(value: fmpq | None) -> Fraction | None:
    return None if value is None else Fraction(int(value.p), int(value.q))


def _rational(value: Fraction) -> fmpq:
    return fmpq(value.numerator, value.denominator)


def _exact_power(value: fmpq, power: fmpq, longest: int) -> fmpq | None:
    degree = int(power.q)
    root = value
    if degree != 1:
        rational = exact_root(Num(_fraction(value)), degree)
        if rational is None:
            return None
        root = _rational(rational)
    times = int(power.p)
    size = max(int(root.p).bit_length(), int(root.q).bit_length())
    if abs(root) != 1 and size * abs(times) > longest:
        return None
    return root**times


def _exact_call(name: str, values: list[Fraction]) -> Fraction | None:
    x = values[0]
    match name:
        case "abs":
            return abs(x)
        case "min":
            return min(values)
        case "max":
            return max(values)
        case "floor":
            return Fraction(math.floor(x))
        case "ceil":
            return Fraction(math.ceil(x))
        case "sqrt":
            return exact_root(Num(x), 2)
        case "exp" | "cos" | "cosh":
            return Fraction(1) if x == 0 else None
        case "log":
            return Fraction(0) if x == 1 else None
        case "acos":
            return Fraction(0) if x == 1 else None
        case _:
            return Fraction(0) if x == 0 else None


@dataclass(frozen=True, slots=True)
class Outcome:
    """A claim at one point: ``fails`` only if it is certain that every hypothesis holds and the
    conclusion does not."""

    hypotheses: tuple[bool | None, ...]
    conclusion: bool | None
    undefined: Term | None

    @property
    def fails(self) -> bool:
        """Whether the point is a counterexample."""
        return all(truth is True for truth in self.hypotheses) and self.conclusion is False


def evaluate(
    hypotheses: tuple[Formula, ...],
    conclusion: Formula,
    point: Point,
    integers: frozenset[str],
    highest: int = PRECISIONS[-1],
) -> Outcome:
    """The hypotheses and the conclusion at a point.

    A coordinate of an integer variable that is not an integer counts as a failed hypothesis.

    Raises:
        Refused: a coordinate is missing.
    """
    evaluator = Evaluator(point, highest)
    truths: list[bool | None] = [evaluator.formula(hypothesis) for hypothesis in hypotheses]
    for name in sorted(integers):
        if name in point:
            value = evaluator.exact(Sym(name))
            truths.append(value is not None and value.denominator == 1)
    conclusion_truth = evaluator.formula(conclusion)
    undefined = None if conclusion_truth is not False else evaluator.undefined_part(conclusion)
    return Outcome(tuple(truths), conclusion_truth, undefined)
