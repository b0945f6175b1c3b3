"""Constant terms in a compact form: exact numbers where they are rational, few atoms elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from flint import fmpz

from verify.kernel.ball import enclose, precision
from verify.kernel.point import Evaluator, Undecided, Undefined
from verify.kernel.poly import Refused, Ring
from verify.language.term import (
    ONE,
    Add,
    Div,
    Mul,
    Neg,
    Num,
    Pow,
    Sym,
    Term,
    children,
    num,
    rebuild,
    replace,
)

MAX_BITS = 400_000
MAX_EXPONENT = 1_000
MAX_ROOT_BITS = 2_000
ROUNDS = 3


def total(parts: Sequence[Term]) -> Term:
    """The sum, with its numbers added up."""
    number = Fraction(0)
    others: list[Term] = []
    for part in parts:
        for item in part.args if isinstance(part, Add) else (part,):
            if isinstance(item, Num):
                number += item.value
            else:
                others.append(item)
    if number or not others:
        others.append(num(number))
    return others[0] if len(others) == 1 else Add(tuple(others))


def product(parts: Sequence[Term]) -> Term:
    """The product, with its numbers multiplied.

    Zero times something is left as it is, unless that is a number: it may be undefined.
    """
    number = Fraction(1)
    others: list[Term] = []
    for part in parts:
        for item in part.args if isinstance(part, Mul) else (part,):
            if isinstance(item, Num):
                number *= item.value
            else:
                others.append(item)
    if number != 1 or not others:
        others.insert(0, num(number))
    return others[0] if len(others) == 1 else Mul(tuple(others))


def quotient(top: Term, bottom: Term) -> Term:
    """The quotient; a number in the denominator is multiplied out."""
    if isinstance(bottom, Num) and bottom.value:
        return product((num(1 / bottom.value), top))
    return Div(top, bottom)


def power(base: Term, exponent: Term) -> Term:
    """The power, taken apart into powers of the factors of the base.

    An exponent that is not an integer is moved inside only where all factors are positive.
    """
    factors = base.args if isinstance(base, Mul) else (base,)
    if not _is_integer(exponent) and not all(_positive(factor) for factor in factors):
        return Pow(base, exponent)
    return product([_power(factor, exponent) for factor in factors])


def _power(base: Term, exponent: Term) -> Term:
    if exponent == ONE or (base == ONE and isinstance(exponent, Num)):
        return base
    # (x^(1/2))^4 is undefined for negative x, and x^2 is not.
    if isinstance(base, Pow) and (
        _positive(base.base) or (_is_integer(exponent) and _is_integer(base.exp))
    ):
        return _power(base.base, product((base.exp, exponent)))
    if isinstance(base, Num) and isinstance(exponent, Num) and _is_integer(exponent):
        value, times = base.value, int(exponent.value)
        bits = max(value.numerator.bit_length(), value.denominator.bit_length())
        if (value or times >= 0) and bits * abs(times) <= MAX_BITS:
            return num(value**times)
    if isinstance(base, Num) and not _is_integer(exponent):
        # 2.89**x is 1.7**(2 x): with the least base, equal powers look equal.
        root, degree = _least_base(base.value)
        return Pow(num(root), product((num(degree), exponent)))
    return Pow(base, exponent)


def _least_base(value: Fraction) -> tuple[Fraction, int]:
    """A positive rational number as a power with the greatest exponent."""
    degree = 1
    parts = value.numerator, value.denominator
    bits = max(part.bit_length() for part in parts)
    factor = 2
    while bits < MAX_ROOT_BITS and 2 ** (factor - 1) < max(parts):
        roots = [int(fmpz(part).root(factor)) for part in parts]
        if all(root**factor == part for root, part in zip(roots, parts, strict=True)):
            parts, degree = (roots[0], roots[1]), degree * factor
        else:
            factor += 1
    return Fraction(*parts), degree


def _is_integer(term: Term) -> bool:
    return isinstance(term, Num) and term.value.denominator == 1


def _positive(term: Term) -> bool:
    if isinstance(term, Num):
        return term.value > 0
    with precision(256):
        return bool(enclose(term, {}) > 0)


class Constants:
    """Brings constant terms into normal form; results are remembered."""

    def __init__(self) -> None:
        self._evaluator = Evaluator({})
        self._known: dict[Term, Term] = {}

    def normal(self, term: Term) -> Term:
        """An equal term: a number where the value is known to be rational, else a quotient of
        polynomials in lowest terms. A term that is not defined is left as it is."""
        if isinstance(term, Num):
            return term
        if term not in self._known:
            self._known[term] = self._normal(term)
        return self._known[term]

    def _normal(self, term: Term) -> Term:
        # Squares of square roots become plain only when written out, hence more than one round.
        for _ in range(ROUNDS):
            try:
                exact = self._evaluator.exact(term)
                if exact is not None:
                    return num(exact)
                simpler = _lowest(term)
            except (Undefined, Undecided, Refused):
                return term
            if simpler == term:
                break
            term = simpler
        return term


def _lowest(term: Term) -> Term:
    """A quotient of polynomials in lowest terms."""
    hidden: dict[Term, Term] = {}
    short = hidden_powers(term, hidden)
    ring = Ring((short,))
    top, bottom = ring.fraction(short)
    shown = {sign: power_ for power_, sign in hidden.items()}
    return quotient(replace(ring.term(top), shown), replace(ring.term(bottom), shown))


def hidden_powers(term: Term, hidden: dict[Term, Term]) -> Term:
    """``term`` with high integer powers replaced by symbols: they are not multiplied out."""
    if (
        isinstance(term, Pow)
        and isinstance(term.exp, Num)
        and abs(term.exp.value.numerator) > MAX_EXPONENT
    ):
        return hidden.setdefault(term, Sym(f"power__{len(hidden)}"))
    if isinstance(term, Neg | Add | Mul | Div | Pow):
        return rebuild(term, tuple(hidden_powers(part, hidden) for part in children(term)))
    return term
