"""The logarithm of a product of powers, as a sum, and what a comparison of two products becomes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from verify.kernel.poly import Refused, Ring
from verify.language.codec import encode_term
from verify.language.term import (
    ONE,
    ZERO,
    Add,
    Call,
    Const,
    Div,
    Entry,
    Formula,
    Mul,
    Neg,
    Num,
    Pow,
    Rel,
    Sum,
    Sym,
    Term,
    num,
    subterms,
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


@dataclass(frozen=True, slots=True)
class Comparison:
    """``a <= b``, or ``a < b``, between products of powers: ``low`` and ``high`` are the logarithms
    of ``a`` and ``b``."""

    small: Term
    large: Term
    low: Term
    high: Term
    strict: bool

    @property
    def logarithms(self) -> Rel:
        """The comparison of the logarithms."""
        return Rel("<" if self.strict else "<=", self.low, self.high)

    @property
    def powers(self) -> Rel:
        """What follows for their exponentials."""
        exponentials = (Call("exp", (log,)) for log in (self.low, self.high))
        return Rel(self.logarithms.op, *exponentials)

    @property
    def step(self) -> dict[str, Any]:
        """The proof of :attr:`powers`, and of what has the same normal form."""
        name = "exp_strictly_increasing" if self.strict else "exp_increasing"
        terms = [encode_term(log) for log in (self.low, self.high)]
        return {"rule": "fact", "name": name, "terms": terms}


def comparison(goal: Formula) -> Comparison | None:
    """How two products of powers compare; None where one side is no such product, or where no
    exponent varies and no exponential occurs."""
    if not isinstance(goal, Rel) or goal.op in ("==", "!="):
        return None
    small, large = (goal.left, goal.right) if goal.op[0] == "<" else (goal.right, goal.left)
    if not any(_has_power(side) for side in (small, large)):
        return None
    low, high = logarithm(small), logarithm(large)
    if low is None or high is None:
        return None
    return Comparison(small, large, low, high, goal.op in ("<", ">"))


def _has_power(side: Term) -> bool:
    return any(
        (isinstance(node, Pow) and not isinstance(node.exp, Num))
        or (isinstance(node, Call) and node.name == "exp")
        for node in subterms(side)
    )


def log_arguments(terms: Iterable[Term]) -> list[Term]:
    """What stands in the logarithms of some terms, the innermost first."""
    found: dict[Term, None] = {}
    for term in terms:
        for node in subterms(term):
            if isinstance(node, Call) and node.name == "log":
                found[node.args[0]] = None
    return list(found)
