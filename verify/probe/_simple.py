"""Which numbers are simple, and simple numbers near a given one."""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction

from verify.language.term import Call, Const, Mul, Neg, Num, Pow, Term, add, occurrences
from verify.probe._tidy import tidy

SMALL = (
    *(Fraction(top) for top in (0, 1, -1, 2)),
    *(Fraction(top, 2) for top in (1, -4, -1, 6, 3)),
    *(Fraction(top, 3) for top in (1, 2, -9, -1)),
    *(Fraction(top, 4) for top in (16, 1, 3)),
    *(Fraction(top) for top in (5, 6, 7, 8, 9, 10)),
    Fraction(1, 10),
)
DENOMINATORS = (1, 2, 3, 4, 5, 6, 8, 10, 12, 20, 30, 60, 100, 360, 1_000, 10**4, 10**5, 10**6)
FINE_DENOMINATORS = (10**8, 10**10, 10**12, 2**53)


def weight(value: Fraction) -> tuple[int, int, Fraction]:
    """How complicated a rational is to read: integers before fractions of the same size, small
    numbers before large ones and round ones among the large, positive before negative."""
    top, bottom = _digits(abs(value.numerator)), value.denominator
    size = top if bottom == 1 else top + 2 * _digits(bottom)
    return size, int(value < 0), abs(value)


def _digits(number: int) -> int:
    if number < 10:
        return number
    if number.bit_length() > 2_000:
        return number.bit_length()
    shown = str(number)
    if number < 10**6:
        return 9 + 2 * len(shown)
    significant = shown.rstrip("0")
    zeros = len(shown) - len(significant)
    # Longer powers of ten are better written as powers (see power_of_ten).
    return 15 + zeros + (zeros > 30) + (0 if significant == "1" else 4 * len(significant))


def term_weight(term: Term) -> tuple[int, int, int, Fraction]:
    """The same order for constants: rational ones first."""
    if isinstance(term, Num):
        size, negative, absolute = weight(term.value)
        return 0, size, negative, absolute
    size = sum(weight(n.value)[0] if isinstance(n, Num) else 10 for n in occurrences(term))
    return 1, size, 0, Fraction(0)


def simplest_between(low: Fraction, high: Fraction) -> Fraction:
    """The rational of least denominator (then least numerator) in ``low <= x <= high``."""
    if low <= 0 <= high:
        return Fraction(0)
    if high < 0:
        return -simplest_between(-high, -low)
    # The continued fractions of both ends agree up to a point; the answer ends there.
    parts = []
    while True:
        whole = math.ceil(low)
        if whole <= high:
            parts.append(whole)
            break
        parts.append(whole - 1)
        low, high = 1 / (high - (whole - 1)), 1 / (low - (whole - 1))
    value = Fraction(parts[-1])
    for part in reversed(parts[:-1]):
        value = part + 1 / value
    return value


def power_of_ten(power: int) -> Term:
    """``10^power``: as a number where that is short, otherwise as a power."""
    if abs(power) <= 30:
        return Num(Fraction(10) ** power)
    return Pow(Num(Fraction(10)), Num(Fraction(power)))


def near(value: float, denominators: tuple[int, ...] = DENOMINATORS) -> list[Fraction]:
    """Rationals near a float, with growing denominators and no repetitions."""
    if not math.isfinite(value):
        return []
    exact = Fraction(value)
    return list(dict.fromkeys(exact.limit_denominator(bound) for bound in denominators))


def recognised(value: float, tolerance: float = 1e-6) -> Iterator[Term]:
    """Short irrational constants that agree with a float: roots, logarithms, multiples of pi."""
    if not math.isfinite(value) or not 1e-6 < abs(value) < 1e6:
        return
    size = abs(value)
    for transform, back in _CONSTANTS:
        image = transform(size)
        if not math.isfinite(image) or image > 1e6:
            continue
        guess = Fraction(image).limit_denominator(60)
        if guess.numerator > 1_000 or not guess:
            continue
        if abs(float(guess) - image) <= tolerance * max(1.0, image):
            constant = tidy(back(guess))
            if not isinstance(constant, Num):
                yield tidy(Neg(constant)) if value < 0 else constant
    yield from _quadratic(value, tolerance)


def _quadratic(value: float, tolerance: float) -> Iterator[Term]:
    """Numbers ``p + sqrt(q)`` and ``p - sqrt(q)`` with small rationals."""
    for bottom in (1, 2, 3, 4):
        for top in range(-6, 7):
            shift = Fraction(top, bottom)
            if not top or shift.denominator != bottom:
                continue
            square = (value - float(shift)) ** 2
            guess = Fraction(square).limit_denominator(16)
            if guess and abs(float(guess) - square) <= tolerance * max(1.0, square) / 10:
                root: Term = Call("sqrt", (Num(guess),))
                signed = root if value > float(shift) else Neg(root)
                constant = tidy(add(signed, Num(shift)))
                if not isinstance(constant, Num):
                    yield constant


def _exp(value: float) -> float:
    return math.exp(value) if value < 30 else math.inf


_CONSTANTS = (
    (lambda x: x * x, lambda q: Call("sqrt", (Num(q),))),
    (lambda x: x / math.pi, lambda q: Mul((Num(q), Const("pi")))),
    (lambda x: x / math.e, lambda q: Mul((Num(q), Const("e")))),
    (lambda x: x**3, lambda q: Pow(Num(q), Num(Fraction(1, 3)))),
    (_exp, lambda q: Call("log", (Num(q),))),
    (lambda x: _exp(-x), lambda q: Neg(Call("log", (Num(q),)))),
    (lambda x: math.log(x) if x > 1 else math.inf, lambda q: Call("exp", (Num(q),))),
    (lambda x: -math.log(x) if x < 1 else math.inf, lambda q: Call("exp", (Num(-q),))),
    (lambda x: x**4, lambda q: Pow(Num(q), Num(Fraction(1, 4)))),
    (lambda x: x / math.sqrt(math.pi), lambda q: Mul((Num(q), Call("sqrt", (Const("pi"),))))),
)
