"""Balls: rigorous enclosures of terms, by Arb.

An enclosure contains the value of the term at every point of the box where the term is defined.
Where Arb cannot enclose (a denominator that may vanish), the ball is not finite and no help.
Comparisons are three-valued: True, False, or None for "not decided at this precision".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from fractions import Fraction

from flint import arb, ctx

from verify.kernel.poly import Refused, rational
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
    RelOp,
    Sym,
    Term,
)
from verify.language.work import WORK

Box = Mapping[str, arb]

DEFAULT_PRECISION = 64
A_BALL = 3
"""The work of an enclosure, beside that of its parts."""


@contextmanager
def precision(bits: int) -> Iterator[None]:
    """Arb's working precision inside the block; restored afterwards."""
    before = ctx.prec
    ctx.prec = bits
    try:
        yield
    finally:
        ctx.prec = before


def interval(low: Fraction, high: Fraction) -> arb:
    """A ball that contains every real number from ``low`` to ``high``."""
    left = arb(rational(low))
    return left if low == high else left.union(arb(rational(high)))


def _monotone(function: Callable[[arb], arb], x: arb) -> arb:
    """Arb's error propagation is loose on wide balls; an increasing function is not."""
    if x.rad() < 1e-6 or not x.is_finite():
        return function(x)
    return function(x.lower()).union(function(x.upper()))


MAX_DEGREE_BITS = 62
"""Roots of higher degree are exponentials of logarithms."""


def _power(base: arb, exponent: int) -> arb:
    if exponent % 2 == 0 and exponent > 0 and base.contains(0) and not base.is_exact():
        top = base.abs_upper() ** exponent
        return arb(0).union(top)
    if exponent > 0 and base.rad() > 1e-6 and base.is_finite():
        if exponent % 2 == 1 or base > 0:
            return (base.lower() ** exponent).union(base.upper() ** exponent)
        return (base.upper() ** exponent).union(base.lower() ** exponent)
    return base**exponent


def _rational_power(base: arb, value: Fraction) -> arb:
    degree = value.denominator
    if degree == 1:
        return _power(base, value.numerator)
    if degree.bit_length() > MAX_DEGREE_BITS:
        if base > 0:
            return _general_power(base, arb(rational(value)))
        raise Refused("a root of too high a degree")
    if degree % 2 == 0:
        root = _monotone(lambda x: x.nonnegative_part().root(degree), _nonnegative(base))
    elif base > 0 or (base >= 0):
        root = _monotone(lambda x: x.root(degree), base)
    elif base < 0 or (base <= 0):
        root = -_monotone(lambda x: x.root(degree), -base)
    else:
        top = (base.upper()).root(degree)
        low = -((-base.lower()).root(degree))
        root = low.union(top)
    return _power(root, value.numerator)


def _nonnegative(x: arb) -> arb:
    """The part of ``x`` where an even root is defined; the rest is outside the domain."""
    return x if x >= 0 or x < 0 else x.nonnegative_part()


def _general_power(base: arb, exponent: arb) -> arb:
    if base > 0:
        return _monotone(lambda x: x.exp(), exponent * _monotone(lambda x: x.log(), base))
    return arb.nan()


def enclose(term: Term, box: Box) -> arb:
    """A ball that contains the value of ``term`` at every point of ``box`` where it is defined.

    Raises:
        Refused: the term has a variable outside the box, or is not a scalar term.
    """
    WORK.done += A_BALL
    match term:
        case Num(value=value):
            return arb(rational(value))
        case Sym(name=name):
            try:
                return box[name]
            except KeyError:
                raise Refused(f"no value for {name}") from None
        case Const(name=name):
            return arb.pi() if name == "pi" else arb(1).exp()
        case Neg(arg=arg):
            return -enclose(arg, box)
        case Add(args=args):
            total = enclose(args[0], box) if args else arb(0)
            for arg in args[1:]:
                total = total + enclose(arg, box)
            return total
        case Mul(args=args):
            return _product(args, box)
        case Div(num=top, den=bottom):
            return enclose(top, box) / enclose(bottom, box)
        case Pow(base=base, exp=Num(value=value)):
            return _rational_power(enclose(base, box), value)
        case Pow(base=base, exp=exponent):
            return _general_power(enclose(base, box), enclose(exponent, box))
        case Call(name=name, args=args):
            return _call(name, [enclose(arg, box) for arg in args])
        case _:
            raise Refused("a sum over a symbolic range has no enclosure")


def _product(args: tuple[Term, ...], box: Box) -> arb:
    total = arb(1)
    position = 0
    while position < len(args):
        factor, times = args[position], 1
        while position + times < len(args) and args[position + times] == factor:
            times += 1
        # x*x is a square, and never negative: multiplying the balls would forget that.
        value = enclose(factor, box)
        total = total * (value if times == 1 else _power(value, times))
        position += times
    return total


# The inverse sine is continued by constants outside [-1, 1], where it is undefined, so that a box
# that ends exactly there keeps a finite enclosure.
_INCREASING: dict[str, Callable[[arb], arb]] = {
    "exp": lambda x: x.exp(),
    "log": lambda x: x.log(),
    "asin": lambda x: x.min(arb(1)).max(arb(-1)).asin(),
    "atan": lambda x: x.atan(),
    "sinh": lambda x: x.sinh(),
    "tanh": lambda x: x.tanh(),
    "floor": lambda x: x.floor(),
    "ceil": lambda x: x.ceil(),
}


def _call(name: str, args: list[arb]) -> arb:
    x = args[0]
    if name in _INCREASING:
        return _monotone(_INCREASING[name], x)
    match name:
        case "sqrt":
            return _monotone(lambda y: y.nonnegative_part().sqrt(), _nonnegative(x))
        case "abs":
            return abs(x)
        case "sin":
            return x.sin()
        case "cos":
            return x.cos()
        case "tan":
            return x.tan()
        case "acos":
            return arb.pi() / 2 - _monotone(_INCREASING["asin"], x)
        case "cosh":
            if x.contains(0):
                return arb(1).union(x.abs_upper().cosh())
            return _monotone(lambda y: y.cosh(), abs(x))
        case "min" | "max":
            total = x
            for other in args[1:]:
                total = total.min(other) if name == "min" else total.max(other)
            return total
        case _:
            raise Refused(f"no enclosure for {name}")


def decide(left: arb, op: RelOp, right: arb) -> bool | None:
    """Whether ``left op right`` for all, for no, or for undecided values in the balls."""
    if not (left.is_finite() and right.is_finite()):
        return None
    gap = left - right
    positive, negative = bool(gap > 0), bool(gap < 0)
    exact_zero = bool(gap.is_zero())
    match op:
        case ">":
            return True if positive else (False if negative or gap <= 0 else None)
        case "<":
            return True if negative else (False if positive or gap >= 0 else None)
        case ">=":
            return True if gap >= 0 else (False if negative else None)
        case "<=":
            return True if gap <= 0 else (False if positive else None)
        case "==":
            return True if exact_zero else (False if positive or negative else None)
        case "!=":
            return True if positive or negative else (False if exact_zero else None)


def decide_on(rel: Rel, box: Box) -> bool | None:
    """Whether a relation holds everywhere, nowhere, or undecided on a box."""
    return decide(enclose(rel.left, box), rel.op, enclose(rel.right, box))
