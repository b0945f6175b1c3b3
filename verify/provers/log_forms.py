"""The logarithm of a product of powers, as a sum."""

from __future__ import annotations

from fractions import Fraction

from verify.kernel.poly import Refused, Ring
from verify.language.term import (
    ONE,
    ZERO,
    Add,
    Call,
    Const,
    Div,
    Entry,
    Mul,
    Neg,
    Num,
    Pow,
    Sum,
    Sym,
    Term,
    num,
)


def logarithm(term: Term) -> Term | None:
    """The logarithm of a product of powers, as a sum; None where it is no such product.

    All literal factors make one number, so that those of both sides can cancel.
    """
    found = _parts(term)
    if found is None:
        return None
    number, parts = found
    if number <= 0:
        return None
    constant = [] if number == 1 else [Call("log", (Num(number),))]
    whole = [*constant, *parts]
    if not whole:
        return ZERO
    return whole[0] if len(whole) == 1 else Add(tuple(whole))


def _parts(term: Term) -> tuple[Fraction, list[Term]] | None:
    """The literal factor, and the logarithms of the other factors."""
    match term:
        case Num(value=value):
            return value, []
        case Const(name="e"):
            return Fraction(1), [ONE]
        case Add() if (shorter := one_monomial(term)) is not None:
            return _parts(shorter)
        case Sym() | Add() | Const() | Entry() | Sum():
            return Fraction(1), [Call("log", (term,))]
        case Mul(args=args):
            number, parts = Fraction(1), list[Term]()
            for arg in args:
                found = _parts(arg)
                if found is None:
                    return None
                number *= found[0]
                parts += found[1]
            return number, parts
        case Div(num=top, den=bottom):
            above, below = _parts(top), _parts(bottom)
            if above is None or below is None or not below[0]:
                return None
            return above[0] / below[0], [*above[1], *(Neg(part) for part in below[1])]
        case Pow(base=base, exp=exponent):
            inner = logarithm(base)
            return None if inner is None else (Fraction(1), [Mul((exponent, inner))])
        case Call(name="exp", args=(arg,)):
            return Fraction(1), [arg]
        case Call(name="sqrt", args=(arg,)):
            inner = logarithm(arg)
            return None if inner is None else (Fraction(1), [Mul((num(Fraction(1, 2)), inner))])
        case _:
            return None


def one_monomial(term: Term) -> Term | None:
    """A sum that is one product in normal form, such as ``1 - (1 - x)``."""
    try:
        ring = Ring((term,))
        top, bottom = ring.fraction(term)
        if len(top) == 1 and len(bottom) == 1:
            above, below = ring.term(top), ring.term(bottom)
            return above if below == ONE else Div(above, below)
    except Refused:
        pass
    return None
