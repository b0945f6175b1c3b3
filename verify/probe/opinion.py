"""A second opinion: mpmath's value of a term at a point, beside Arb's ball.

Two libraries that compute independently and agree to many digits make a fault in either unlikely to
go unnoticed. mpmath's values are approximations without error bounds, so they decide nothing: a
disagreement says that something is wrong, not what.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any

import mpmath
from flint import arb

from verify.kernel.ball import precision
from verify.kernel.point import Evaluator, Point, Undecided, Undefined
from verify.kernel.poly import Refused
from verify.language.render import text
from verify.language.term import (
    Add,
    Call,
    Const,
    Div,
    Mul,
    Neg,
    Num,
    Pow,
    Sym,
    Term,
    children,
    replace,
    subterms,
)

LEAST_DIGITS = 15
GUARD_DIGITS = 15
SLACK = 100
BALL_BITS = (1, 4, 16)
MAX_EXPONENT = 10**7
MAX_POWER = 1_000
MAX_MAGNITUDE = 5_000
_GROWING = frozenset(("exp", "sinh", "cosh", "tanh", "sin", "cos", "tan"))


class NoValue(ArithmeticError):
    """The term has no value at the point, as far as mpmath can tell; ``doubtful`` where rounding
    may be to blame."""

    def __init__(self, where: str, doubtful: bool) -> None:
        super().__init__(where)
        self.doubtful = doubtful


@dataclass(frozen=True, slots=True)
class Opinion:
    """A term's value by both libraries, and how they disagree, if they do.

    ``arb`` is the exact value or a ball, ``mpmath`` a number with the digits asked for; either is
    None where the library finds the term undefined, or cannot tell.
    """

    arb: str | None
    mpmath: str | None
    digits: int
    disagreement: str | None


def compare(term: Term, point: Point, digits: int = 50) -> Opinion:
    """Evaluate a term at a point in both libraries.

    mpmath computes in a context of its own, once with some guard digits and once with twice as
    many; the difference says how far its value can be trusted. The value disagrees if it lies
    outside Arb's ball by more than that, or if only one library finds the term undefined.

    Raises:
        ValueError: fewer than 15 digits are asked for.
        Refused: a coordinate is missing, or the term is not a scalar one.
    """
    if digits < LEAST_DIGITS:
        raise ValueError(f"digits must be at least {LEAST_DIGITS} (got {digits})")
    return beside(term, point, lambda working: evaluate(term, point, working), digits)


def beside(term: Term, point: Point, value_at: Callable[[int], Any], digits: int) -> Opinion:
    """Arb's value of a term beside one that mpmath finds on a way of its own.

    Raises:
        Refused: a coordinate is missing, or either library cannot compute its value.
    """
    ball, undefined = _by_arb(term, point, digits)
    return confront(ball, value_at, digits, undefined)


def confront(
    ball: arb | None, value_at: Callable[[int], Any], digits: int, undefined: bool = False
) -> Opinion:
    """A ball beside a value that mpmath computes with any number of digits.

    ``undefined`` says that where there is no ball there is certainly no value.

    Raises:
        Refused: what is computed has no value that either library knows.
    """
    value, error, doubtful = _by_mpmath(value_at, digits)
    shown = None if ball is None else str(ball.str(digits))
    other = None if value is None else context_of(digits).nstr(value, digits)
    if ball is not None and value is not None:
        agree = _agree(ball, value, error, digits)
    elif ball is not None:
        agree = doubtful
    else:
        agree = value is None or doubtful or not undefined
    words = f"Arb: {shown or 'undefined'}; mpmath: {other or 'undefined'}"
    return Opinion(shown, other, digits, None if agree else words)


def _by_arb(term: Term, point: Point, digits: int) -> tuple[arb | None, bool]:
    """A ball, tight where that is possible, and whether the term is certainly undefined."""
    evaluator = Evaluator(point)
    try:
        exact = evaluator.exact(term)
    except Undefined:
        return None, True
    except Undecided:
        return None, False
    bits = math.ceil(digits * math.log2(10)) + 32
    if exact is not None:
        with precision(bits):
            return arb(exact.numerator) / exact.denominator, False
    ball = evaluator.ball(term, bits)
    for factor in BALL_BITS:
        ball = evaluator.ball(term, bits * factor)
        if ball.is_finite() and ball.rel_accuracy_bits() >= bits - 32:
            break
    return (ball, False) if ball.is_finite() else (None, False)


def _by_mpmath(value_at: Callable[[int], Any], digits: int) -> tuple[Any, Any, bool]:
    """mpmath's value, an estimate of its error, and whether either cannot be trusted."""
    working = digits + GUARD_DIGITS
    try:
        first, second = value_at(working), value_at(2 * working)
    except NoValue as error:
        return None, None, error.doubtful
    change = abs(second - first)
    trusted = abs(second) * SLACK * context_of(working).mpf(10) ** -digits
    return second, change, bool(change > trusted)


def _agree(ball: arb, value: Any, error: Any, digits: int) -> bool:
    """Whether mpmath's value, give or take its error, meets the ball."""
    with precision(math.ceil((digits + GUARD_DIGITS) * 8)):
        center = _as_arb(value)
        slack = _as_arb(error) * SLACK + abs(center) * arb(10) ** (-digits)
        return bool(ball.overlaps(center + slack * arb(0, 1)))


def _as_arb(value: Any) -> arb:
    """The exact value of an mpmath number."""
    sign, mantissa, exponent, _ = value._mpf_
    whole = arb(-int(mantissa) if sign else int(mantissa))
    return whole * arb(2) ** int(exponent)


def evaluate(term: Term, point: Point, digits: int) -> Any:
    """mpmath's value of a term, with so many digits in every operation.

    Raises:
        NoValue: an operation has no (real) value, or its result is out of range.
        Refused: a coordinate is missing, or the term is not a scalar one.
    """
    context = context_of(digits)
    closed = replace(term, {Sym(name): value for name, value in point.items()})
    found: dict[Term, Any] = {}
    for node in subterms(closed):
        if node in found:
            continue
        found[node] = value_of(context, node, found)
    return found[closed]


def value_of(context: Any, node: Term, found: Mapping[Term, Any]) -> Any:
    """The value of a node from those of its children, which are in ``found``.

    Raises:
        NoValue: the operation has no (real) value, or its result is out of range.
        Refused: the node is none of a scalar term.
    """
    try:
        value = _node(context, node, found)
    except ZeroDivisionError as error:
        raise NoValue(text(node), _doubtful(context, node, found)) from error
    except OverflowError as error:
        raise NoValue(text(node), True) from error
    if not isinstance(value, context.mpf) or not context.isfinite(value):
        raise NoValue(text(node), _doubtful(context, node, found))
    return value


@lru_cache(maxsize=8)
def context_of(digits: int) -> Any:
    """A context of mpmath with its own precision: the global one is never touched."""
    context = mpmath.mp.clone()
    context.dps = digits
    return context


def _doubtful(context: Any, node: Term, found: Mapping[Term, Any]) -> bool:
    """Whether an argument is so near the edge of the domain that rounding may have crossed it."""
    inner = node.den if isinstance(node, Div) else children(node)[0]
    if rational_value(inner) is not None:
        return False
    edge = 1 if isinstance(node, Call) and node.name in ("asin", "acos") else 0
    return bool(abs(abs(found[inner]) - edge) < context.mpf(10) ** (-context.dps // 2))


def _node(context: Any, node: Term, found: Mapping[Term, Any]) -> Any:
    args = [found[child] for child in children(node)]
    match node:
        case Num(value=value):
            return context.mpf(value.numerator) / value.denominator
        case Const(name=name):
            return +context.pi if name == "pi" else +context.e
        case Sym(name=name):
            raise Refused(f"no value for {name}")
        case Neg():
            return -args[0]
        case Add():
            return context.fsum(args)
        case Mul():
            return context.fprod(args)
        case Div():
            return args[0] / args[1]
        case Pow(exp=exponent):
            return _power(context, args[0], args[1], rational_value(exponent))
        case Call(name=name):
            if name in _GROWING and context.mag(args[0]) > MAX_MAGNITUDE:
                raise OverflowError
            return _FUNCTIONS[name](context, *args)
        case _:
            raise Refused("a sum over a symbolic range has no value at a point")


def rational_value(term: Term) -> Fraction | None:
    """The value of a term of rational numbers and the four operations, without variables."""
    match term:
        case Num(value=value):
            return value
        case Neg(arg=arg):
            inner = rational_value(arg)
            return None if inner is None else -inner
        case Add(args=args) | Mul(args=args):
            parts = [part for part in map(rational_value, args) if part is not None]
            if len(parts) < len(args):
                return None
            if isinstance(term, Add):
                return sum(parts, Fraction(0))
            return math.prod(parts, start=Fraction(1))
        case Div(num=top, den=bottom):
            above, below = rational_value(top), rational_value(bottom)
            return above / below if above is not None and below else None
        case Pow(base=base, exp=Num(value=power)) if abs(power) <= MAX_POWER:
            below = rational_value(base)
            if below is None or power.denominator != 1 or (power < 0 and not below):
                return None
            return below**power.numerator
        case _:
            return None


def _power(context: Any, base: Any, exponent: Any, exact: Fraction | None) -> Any:
    """A power as the language defines it: ``0**0`` is 1, odd roots of negative numbers exist."""
    if exact is None and exponent == context.floor(exponent):
        exact = Fraction(int(exponent))
    if base and context.mag(exponent) + context.mag(context.log(abs(base))) > MAX_MAGNITUDE:
        raise OverflowError
    if base > 0 or (exact is not None and exact.denominator == 1):
        if abs(exponent) > MAX_EXPONENT and base != 0:
            return context.exp(exponent * context.log(abs(base))) * _sign(base, exact)
        return base**exponent
    if base == 0:
        if exponent < 0:
            raise ZeroDivisionError
        return context.mpf(0)
    if exact is None or exact.denominator % 2 == 0:
        return context.nan
    return _sign(base, exact) * (-base) ** exponent


def _sign(base: Any, exponent: Fraction | None) -> int:
    return -1 if base < 0 and exponent is not None and exponent.numerator % 2 else 1


def _real(name: str) -> Callable[..., Any]:
    """A function of mpmath; outside the real domain its value is complex, and refused later."""
    return lambda context, x: getattr(context, name)(x)


_FUNCTIONS: dict[str, Callable[..., Any]] = {
    **{name: _real(name) for name in ("exp", "log", "sqrt", "sin", "cos", "tan", "sinh")},
    **{name: _real(name) for name in ("asin", "acos", "atan", "cosh", "tanh", "floor", "ceil")},
    "abs": lambda _, x: abs(x),
    "min": lambda _, *args: min(args),
    "max": lambda _, *args: max(args),
}
