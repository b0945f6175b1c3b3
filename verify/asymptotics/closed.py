"""Numbers such as ``log(2)``, ``sqrt(2)`` or ``pi`` as constants of forms, with rigorous signs.

Such a number stands in a monomial under its own text. Logarithms of rationals are written in those
of primes, so that ``log(4) - 2*log(2)`` is zero by itself; whatever else cancels is not noticed,
and has no known sign.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from functools import lru_cache

from flint import arb, ctx, fmpq, fmpz

from verify.asymptotics.scale import ONE, Constant, Monomial, rational
from verify.kernel.point import Evaluator, Undecided, Undefined
from verify.kernel.poly import Refused
from verify.language.grammar import parse_term
from verify.language.render import text
from verify.language.term import Call, Const, Num, Pow, Term, free_names

PRECISIONS = (64, 256, 1024, 4096)
"""Bits at which signs are tried."""

_PRIMES_BELOW = 1 << 60
"""Numerators and denominators are split into primes up to here."""


def closed(term: Term) -> Constant:
    """A number without names as a constant.

    Raises:
        Refused: it is not known to be defined.
    """
    value = _exact(term)
    if value is not None:
        return {ONE: value} if value else {}
    return {((text(term), 1),): Fraction(1)}


def logarithm(term: Term) -> Constant:
    """The logarithm of a positive number without names.

    Raises:
        Refused: it is not known to be positive.
    """
    value = _exact(term)
    if value is None:
        if sign(closed(term)) != 1:
            raise Refused(f"{text(term)} is not known to be positive")
        return _irrational(term)
    if value <= 0:
        raise Refused(f"{text(term)} is not positive")
    total: dict[Monomial, Fraction] = {}
    for part, direction in ((value.numerator, 1), (value.denominator, -1)):
        for prime, exponent in _factors(part):
            key = ((text(Call("log", (Num(Fraction(prime)),))), 1),)
            total[key] = total.get(key, Fraction(0)) + direction * exponent
    return {key: number for key, number in total.items() if number}


def _irrational(term: Term) -> Constant:
    """The logarithm of a positive number that is not known to be rational."""
    match term:
        case Const(name="e"):
            return {ONE: Fraction(1)}
        case Call(name="exp", args=(arg,)):
            return closed(arg)
        case Call(name="sqrt", args=(arg,)):
            return {key: value / 2 for key, value in logarithm(arg).items()}
        case Pow(base=base, exp=Num(value=exponent)) if sign(closed(base)) == 1:
            return {key: value * exponent for key, value in logarithm(base).items()}
    return {((text(Call("log", (term,))), 1),): Fraction(1)}


def _factors(number: int) -> list[tuple[int, int]]:
    if number >= _PRIMES_BELOW:
        return [(number, 1)]
    return [(int(prime), int(exponent)) for prime, exponent in fmpz(number).factor()]


def _exact(term: Term) -> Fraction | None:
    try:
        return Evaluator({}).exact(term)
    except (Undefined, Undecided) as error:
        raise Refused(f"{text(term)} is not known to be defined") from error


def is_number(monomial: Monomial) -> bool:
    """Whether a monomial stands for a number, and not for constants with names."""
    return all(_parsed(name) is not None for name, _ in monomial)


def sign(constant: Constant) -> int | None:
    """1, 0 or -1 for a polynomial in numbers; None where it has names, or is not known."""
    value = rational(constant)
    if value is not None:
        return (value > 0) - (value < 0)
    if not all(map(is_number, constant)):
        return None
    for bits in PRECISIONS:
        with ctx.workprec(bits):
            ball = _ball(constant, bits)
            if ball > 0:
                return 1
            if ball < 0:
                return -1
    return None


def _ball(constant: Mapping[Monomial, Fraction], bits: int) -> arb:
    total = arb(0)
    for monomial, coefficient in constant.items():
        part = arb(fmpq(coefficient.numerator, coefficient.denominator))
        for name, exponent in monomial:
            term = _parsed(name)
            assert term is not None
            part *= Evaluator({}).ball(term, bits) ** exponent
        total += part
    return total


@lru_cache(maxsize=1024)
def _parsed(name: str) -> Term | None:
    """The number that a name of a monomial is the text of."""
    term = parse_term(name)
    return None if free_names(term) else term
