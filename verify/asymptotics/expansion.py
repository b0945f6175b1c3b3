"""Expansions along a growing variable: finite sums over the scale with a bound of the error.

An expansion stands for any function that differs from its form by at most a multiple of its error,
from some point on. Powers and logarithms are expanded about the fastest part, by the series of
(1 + x)^r and log(1 + x), whose remainders after the power k are O(x^(k+1)) for x -> 0.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from verify.asymptotics.closed import closed, logarithm
from verify.asymptotics.closed import sign as sign_of
from verify.asymptotics.scale import DEPTH, ONE, Constant, Form, Power, iterated, merged, rational
from verify.kernel.poly import Refused
from verify.language.term import Num, Pow

UNIT = Power()
ORDER = 6
"""Terms of a series."""

MAX_PARTS = 200
"""Parts of a form, at most."""


@dataclass(frozen=True)
class Expansion:
    """``form + O(error)``; without an error the form is exact. Atoms are powers."""

    form: Form
    error: Power | None = None

    @staticmethod
    def of(form: Form, *errors: Power | None) -> Expansion:
        """With the largest of the errors; what is no larger than it is left out."""
        error = max((item for item in errors if item is not None), default=None)
        if error is not None:
            form = Form.of(
                (key, value)
                for key, value in form.parts.items()
                if isinstance(key[1], Power) and key[1] > error
            )
        if len(form.parts) > MAX_PARTS:
            raise Refused(f"an expansion has more than {MAX_PARTS} parts")
        return Expansion(form, error)

    @property
    def size(self) -> Power | None:
        """What it is O of; None for zero."""
        leading = self.form.leading()
        return leading[0] if leading is not None else self.error

    def plus(self, other: Expansion) -> Expansion:
        """The sum."""
        return Expansion.of(self.form.plus(other.form), self.error, other.error)

    def times(self, other: Expansion) -> Expansion:
        """The product."""
        items = []
        for (one, left), value in self.form.parts.items():
            for (two, right), factor in other.form.parts.items():
                assert isinstance(left, Power)
                assert isinstance(right, Power)
                items.append(((merged(one, two), left.times(right)), value * factor))
        return Expansion.of(
            Form.of(items), _product(self.error, other.size), _product(self.size, other.error)
        )

    def scaled(self, factor: Fraction) -> Expansion:
        """A rational multiple."""
        return Expansion(self.form.scaled(factor), self.error)

    def nearly(self) -> Form:
        """The form up to a bounded error.

        Raises:
            Refused: the error is not known to be bounded.
        """
        if self.error is not None and self.error.grows:
            raise Refused("an expansion has too few terms for a bounded error")
        return self.form.unbounded()

    def power(self, exponent: Fraction) -> Expansion:
        """A power with a rational exponent.

        Raises:
            Refused: the fastest part has no known sign, or is not positive where it has to be.
        """
        if exponent.denominator == 1 and 0 <= exponent <= 2 * ORDER:
            total = constant({ONE: Fraction(1)})
            for _ in range(int(exponent)):
                total = total.times(self)
            return total
        atom, coefficient, rest = self._split()
        if exponent.denominator != 1 and coefficient <= 0:
            raise Refused("a root of what is not positive")
        first = constant(_constant_power(coefficient, exponent))
        first = first.times(Expansion(Form.single(atom.raised(exponent))))

        def binomial(k: int) -> Fraction:
            value = Fraction(1)
            for step in range(k):
                value *= (exponent - step) / (step + 1)
            return value

        return first.times(_series(rest, binomial))

    def log(self) -> Expansion:
        """The logarithm.

        Raises:
            Refused: the fastest part is not a positive number times a power.
        """
        atom, coefficient, rest = self._split()
        if coefficient <= 0 or atom.exponents[-1]:
            raise Refused("the logarithm is not of the scale")
        logs = [((ONE, iterated(depth + 1)), atom.exponents[depth]) for depth in range(DEPTH - 1)]
        number = Expansion(Form.of(logs)).plus(constant(logarithm(Num(coefficient))))

        def coefficients(k: int) -> Fraction:
            return Fraction((-1) ** (k + 1), k) if k else Fraction(0)

        return number.plus(_series(rest, coefficients))

    def _split(self) -> tuple[Power, Fraction, Expansion]:
        """A, c and x with self = c A (1 + x) and x -> 0."""
        leading = self.form.leading()
        coefficient = None if leading is None else rational(leading[1])
        if leading is None or coefficient is None:
            raise Refused("the fastest part has no rational coefficient")
        atom = leading[0]
        inverse = Expansion(Form.single(atom.raised(Fraction(-1)), 1 / coefficient))
        one = constant({ONE: Fraction(-1)})
        return atom, coefficient, self.times(inverse).plus(one)


def constant(value: Constant) -> Expansion:
    """A constant."""
    return Expansion(Form.single(UNIT).by(value))


def _product(one: Power | None, other: Power | None) -> Power | None:
    return None if one is None or other is None else one.times(other)


def _series(x: Expansion, coefficient: Callable[[int], Fraction]) -> Expansion:
    """The sum of coefficient(k) x^k, for x -> 0."""
    size = x.size
    total, power = constant({ONE: coefficient(0)}), constant({ONE: Fraction(1)})
    if size is None:
        return total
    if size >= UNIT:
        raise Refused("what a series is about does not tend to 0")
    for k in range(1, ORDER + 1):
        power = power.times(x)
        total = total.plus(power.scaled(coefficient(k)))
    return Expansion.of(total.form, total.error, size.raised(Fraction(ORDER + 1)))


def _constant_power(value: Fraction, exponent: Fraction) -> Constant:
    if exponent.denominator == 1:
        return {ONE: value ** int(exponent)}
    found = closed(Pow(Num(value), Num(exponent)))
    assert sign_of(found) == 1
    return found
