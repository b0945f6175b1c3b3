"""Constants folded out of terms, so that what a search builds stays short enough to show."""

from __future__ import annotations

from fractions import Fraction

from flint import fmpz

from verify.language.term import (
    ONE,
    ZERO,
    Add,
    Call,
    Const,
    Div,
    Mul,
    Neg,
    Num,
    Pow,
    Term,
    add,
    children,
    mul,
    rebuild,
)

MAX_BITS = 10_000
_PRIMES = (2, 3, 5, 7, 11, 13)
_ANGLES = {
    ("asin", Fraction(1)): Fraction(1, 2),
    ("asin", Fraction(-1)): Fraction(-1, 2),
    ("asin", Fraction(1, 2)): Fraction(1, 6),
    ("asin", Fraction(-1, 2)): Fraction(-1, 6),
    ("acos", Fraction(0)): Fraction(1, 2),
    ("acos", Fraction(-1)): Fraction(1),
    ("acos", Fraction(1, 2)): Fraction(1, 3),
    ("acos", Fraction(-1, 2)): Fraction(2, 3),
    ("atan", Fraction(1)): Fraction(1, 4),
    ("atan", Fraction(-1)): Fraction(-1, 4),
}
"""Inverse functions at rationals, as multiples of pi."""


def tidy(term: Term) -> Term:
    """A term of the same value wherever ``term`` is defined, with rational arithmetic done.

    It may be defined at more points than ``term`` (``0*log(x)`` becomes 0).
    """
    parts = tuple(tidy(part) for part in children(term))
    match term:
        case Neg():
            return _negated(parts[0])
        case Add():
            return _sum(parts)
        case Mul():
            return _product(parts)
        case Div():
            return _quotient(*parts)
        case Pow():
            return _power(*parts)
        case Call(name=name):
            return _call(name, parts)
        case _:
            return rebuild(term, parts)


def _negated(term: Term) -> Term:
    match term:
        case Num(value=value):
            return Num(-value)
        case Neg(arg=arg):
            return arg
        case Mul(args=(Num(value=value), *rest)):
            return _product((Num(-value), *rest))
        case _:
            return Neg(term)


def _sum(args: tuple[Term, ...]) -> Term:
    total, rest = Fraction(0), list[Term]()
    for arg in args:
        for part in arg.args if isinstance(arg, Add) else (arg,):
            if isinstance(part, Num):
                total += part.value
            elif _negated(part) in rest:
                rest.remove(_negated(part))
            else:
                rest.append(part)
    if total < 0 and rest:
        return add(*rest, Neg(Num(-total)))
    return add(*rest, Num(total)) if total or not rest else add(*rest)


def _product(args: tuple[Term, ...]) -> Term:
    total, rest = Fraction(1), list[Term]()
    for arg in args:
        for part in arg.args if isinstance(arg, Mul) else (arg,):
            match part:
                case Num(value=value):
                    total *= value
                case Neg(arg=inner):
                    total = -total
                    rest.append(inner)
                case _:
                    rest.append(part)
    if total == 0 or not rest:
        return Num(total)
    if total == 1:
        return mul(*rest)
    return Neg(mul(*rest)) if total == -1 else Mul((Num(total), *rest))


def _quotient(top: Term, bottom: Term) -> Term:
    match top, bottom:
        case Num(value=value), Num(value=by) if by:
            return Num(value / by)
        case _, Num(value=value) if abs(value) == 1:
            return top if value == 1 else _negated(top)
        case Mul(args=(Num(), *_)), Num(value=value) if value:
            return _product((Num(1 / value), top))
        case Add(args=args), Num() if all(_has_factor(arg) for arg in args):
            return _sum(tuple(_quotient(arg, bottom) for arg in args))
        case Num(value=value), _ if value == 0 and bottom != ZERO:
            return ZERO
        case _ if top == bottom and bottom != ZERO:
            return ONE
        case _:
            return Div(top, bottom)


def _has_factor(term: Term) -> bool:
    return isinstance(term, Num) or (isinstance(term, Mul) and isinstance(term.args[0], Num))


def _power(base: Term, exponent: Term) -> Term:
    if exponent == ONE:
        return base
    match base, exponent:
        case Num(value=value), Num(value=power):
            exact = rational_power(value, power)
            return Pow(base, exponent) if exact is None else Num(exact)
        case Pow(base=inner, exp=Num(value=first)), Num(value=second) if (
            second.denominator == 1 and (1 / first).denominator == 1 and first * second == 1
        ):
            # The square of a square root.
            return inner
        case Call(name="sqrt", args=(inner,)), Num(value=power) if power == 2:
            return inner
        case _:
            return Pow(base, exponent)


def rational_power(value: Fraction, power: Fraction) -> Fraction | None:
    """The exact power, where it is rational and not too long."""
    if value == 0:
        return None if power < 0 else Fraction(int(power == 0))
    if value < 0 and power.denominator % 2 == 0:
        return None
    roots = []
    for part in (abs(value.numerator), value.denominator):
        if power.denominator > part.bit_length() and part != 1:
            return None
        root = int(fmpz(part).root(power.denominator)) if part != 1 else 1
        if power.denominator != 1 and root**power.denominator != part:
            return None
        roots.append(root)
    if max(roots).bit_length() * abs(power.numerator) > MAX_BITS and max(roots) > 1:
        return None
    sign = -1 if value < 0 else 1
    return Fraction(sign * roots[0], roots[1]) ** power.numerator


def _square_root(value: Fraction) -> Term:
    """``sqrt(value)`` as a rational times the root of a small integer."""
    if value < 0 or value.numerator.bit_length() > 200 or value.denominator.bit_length() > 200:
        exact = rational_power(value, Fraction(1, 2))
        return Call("sqrt", (Num(value),)) if exact is None else Num(exact)
    inside, outside = value.numerator * value.denominator, Fraction(1, value.denominator)
    for prime in _PRIMES:
        while inside and inside % (prime * prime) == 0:
            inside //= prime * prime
            outside *= prime
    exact = rational_power(Fraction(inside), Fraction(1, 2))
    if exact is not None:
        return Num(exact * outside)
    root = Call("sqrt", (Num(Fraction(inside)),))
    return root if outside == 1 else Mul((Num(outside), root))


def _call(name: str, args: tuple[Term, ...]) -> Term:
    first = args[0]
    match name, first:
        case "sqrt", Num(value=value):
            return _square_root(value)
        case "exp", Call(name="log", args=(inner,)):
            return inner
        case "log", Call(name="exp", args=(inner,)):
            return inner
        case ("exp", Num(value=value)) | ("cos", Num(value=value)) if value == 0:
            return ONE
        case "exp", Num(value=value) if value == 1:
            return Const("e")
        case (("log" | "acos"), Num(value=value)) if value == 1:
            return ZERO
        case (("sin" | "tan" | "asin" | "atan" | "sinh" | "tanh"), Num(value=value)) if value == 0:
            return ZERO
        case "abs", Num(value=value):
            return Num(abs(value))
        case "asin" | "acos" | "atan", Num(value=value) if (name, value) in _ANGLES:
            return _product((Num(_ANGLES[name, value]), Const("pi")))
        case _:
            return Call(name, args)
