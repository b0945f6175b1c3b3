"""Terms as orders of growth: what their logarithms are, up to a bounded error.

``Reader.log(term)`` is a form with ``log(term) = form + O(1)``, for a term that is positive from
some point on. ``Reader.exact(term)`` is a form that the term equals. What is not understood is
refused; nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from verify.asymptotics.scale import (
    DEPTH,
    ONE,
    Constant,
    Form,
    LogOf,
    Power,
    iterated,
    merged,
    product,
    rational,
)
from verify.kernel.poly import Refused
from verify.language.render import text
from verify.language.term import Add, Call, Div, Mul, Neg, Num, Pow, Sym, Term

UNIT = Power()


@dataclass(frozen=True)
class Reader:
    """What the names mean: one growing ``variable``, fixed ``positive`` and other ``constants``,
    and ``sequences`` with a rational number that each of them is never below.
    """

    variable: str
    constants: frozenset[str] = frozenset()
    positive: frozenset[str] = frozenset()
    sequences: Mapping[str, Fraction] = field(default_factory=dict)

    def log(self, term: Term) -> Form:
        """The logarithm of a term that is positive from some point on, up to O(1).

        Raises:
            Refused: its order of growth is not known.
        """
        match term:
            case Num(value=value) if value > 0:
                return Form({})
            case Sym(name=name):
                return self._log_of_name(name)
            case Mul(args=args):
                return _sum([self.log(arg) for arg in args])
            case Div(num=top, den=bottom):
                return self.log(top).minus(self.log(bottom))
            case Pow(base=base, exp=exponent):
                return self._log_of_power(base, exponent)
            case Call(name="sqrt", args=(arg,)):
                return self.log(arg).scaled(Fraction(1, 2))
            case Call(name="exp", args=(arg,)):
                return self.exact(arg).unbounded()
            case Call(name="log", args=(arg,)):
                return self._log_of_log(arg)
            case Add(args=args):
                return self._log_of_sum(args, term)
        raise Refused(f"the order of growth of {text(term)} is not known")

    def _log_of_name(self, name: str) -> Form:
        if name == self.variable:
            return Form.single(iterated(1))
        if name in self.sequences and self.sequences[name] > 0:
            return Form.single(LogOf(name))
        if name in self.positive:
            return Form({})
        raise Refused(f"{name} is not known to be positive")

    def _log_of_power(self, base: Term, exponent: Term) -> Form:
        constant = self.constant(exponent)
        if constant is not None:
            return self.log(base).by(constant).unbounded()
        # b^e = exp(e log b), with both exactly: a bounded error of one would grow with the other.
        return _times(self.exact(exponent), self._exact_log(base)).unbounded()

    def _log_of_log(self, arg: Term) -> Form:
        """log(L) for L = log(arg): its leading atom, if that grows and its coefficient is > 0."""
        inner = self.log(arg).unbounded()
        leading = inner.leading()
        if leading is None:
            raise Refused(f"whether log({text(arg)}) tends to infinity is not known")
        atom, coefficient = leading
        number = rational(coefficient)
        if number is None or number <= 0 or atom.exponents[-1]:
            raise Refused(f"the order of growth of log({text(arg)}) is not known")
        logs = [((ONE, iterated(depth + 1)), atom.exponents[depth]) for depth in range(DEPTH - 1)]
        return Form.of(logs)

    def _log_of_sum(self, args: tuple[Term, ...], term: Term) -> Form:
        numbers = [self._number(arg) for arg in args]
        number = sum((value for value in numbers if value is not None), Fraction(0))
        rest = [arg for arg, value in zip(args, numbers, strict=True) if value is None]
        if len(rest) == 1 and isinstance(rest[0], Sym) and rest[0].name in self.sequences:
            least = self.sequences[rest[0].name]
            # From (1 - q / least) x <= x - q <= x for 0 <= q < least <= x; larger by a bounded
            # factor where the number is added.
            if least > 0 and -number < least:
                return self.log(rest[0])
        return self._dominant(args, term)

    def _number(self, term: Term) -> Fraction | None:
        constant = self.constant(term)
        return None if constant is None else rational(constant)

    def _dominant(self, args: tuple[Term, ...], term: Term) -> Form:
        """The summand that outgrows all others; it must be positive."""
        signed = [(arg.arg, -1) if isinstance(arg, Neg) else (arg, 1) for arg in args]
        sizes = []
        for arg, sign in signed:
            value, number = self.constant(arg), self._number(arg)
            if number is not None and number < 0:
                arg, sign = Num(-number), -sign  # noqa: PLW2901
            elif number == 0:
                continue
            elif value is not None and number is None:
                # A constant of unknown sign: bounded, so that anything that grows outgrows it.
                sizes.append((Form({}), 0))
                continue
            sizes.append((self.log(arg).unbounded(), sign))
        for place, (size, sign) in enumerate(sizes):
            others = [other for number, other in enumerate(sizes) if number != place]
            if sign > 0 and all(self._outgrows(size, *other) for other in others):
                return size
        raise Refused(f"no summand of {text(term)} is known to outgrow the others")

    def _outgrows(self, size: Form, other: Form, sign: int) -> bool:
        gap = size.minus(other)
        if not gap.parts and sign > 0:
            return True  # both positive and of the same order: so is their sum
        leading = gap.leading()
        number = rational(leading[1]) if leading is not None else None
        return number is not None and number > 0

    def constant(self, term: Term) -> Constant | None:
        """A polynomial in constants, or None where the term is none."""
        match term:
            case Num(value=value):
                return {ONE: value} if value else {}
            case Sym(name=name) if name in self.constants | self.positive:
                return {((name, 1),): Fraction(1)}
            case Neg(arg=arg):
                inner = self.constant(arg)
                return None if inner is None else {m: -v for m, v in inner.items()}
            case Add(args=args):
                return self._constant_sum(args)
            case Mul(args=args):
                total: Constant = {ONE: Fraction(1)}
                for arg in args:
                    part = self.constant(arg)
                    if part is None:
                        return None
                    total = product(total, part)
                return total
            case Div(num=top, den=Num(value=value)) if value:
                inner = self.constant(top)
                return None if inner is None else {m: v / value for m, v in inner.items()}
        return None

    def _constant_sum(self, args: tuple[Term, ...]) -> Constant | None:
        total: dict[tuple[tuple[str, int], ...], Fraction] = {}
        for arg in args:
            part = self.constant(arg)
            if part is None:
                return None
            for key, value in part.items():
                total[key] = total.get(key, Fraction(0)) + value
        return {key: value for key, value in total.items() if value}

    def exact(self, term: Term) -> Form:
        """The term as a form that it equals.

        Raises:
            Refused: it is not of that kind.
        """
        constant = self.constant(term)
        if constant is not None:
            return Form.single(UNIT).by(constant)
        match term:
            case Sym(name=name) if name == self.variable:
                return Form.single(iterated(0))
            case Neg(arg=arg):
                return self.exact(arg).scaled(Fraction(-1))
            case Add(args=args):
                return _sum([self.exact(arg) for arg in args])
            case Mul(args=args):
                total = Form.single(UNIT)
                for arg in args:
                    total = _times(total, self.exact(arg))
                return total
            case Div(num=top, den=bottom):
                return _times(self.exact(top), self._power(bottom, Fraction(-1)))
            case Pow(base=base, exp=Num(value=value)):
                return self._power(base, value)
            case Call(name="sqrt", args=(arg,)):
                return self._power(arg, Fraction(1, 2))
            case Call(name="log", args=(arg,)):
                return self._exact_log(arg)
        raise Refused(f"{text(term)} is not a sum of powers of {self.variable} and its logarithms")

    def _power(self, base: Term, exponent: Fraction) -> Form:
        """A power of a single atom; the coefficient must be 1 unless the exponent is integral."""
        form = self.exact(base)
        if len(form.parts) == 1:
            (((monomial, atom), value),) = form.parts.items()
            if isinstance(atom, Power) and monomial == ONE:
                if value == 1:
                    return Form.single(atom.raised(exponent))
                if exponent.denominator == 1:
                    return Form.single(atom.raised(exponent), value ** int(exponent))
        if exponent.denominator == 1 and exponent > 0:
            total = Form.single(UNIT)
            for _ in range(min(int(exponent), 12)):
                total = _times(total, form)
            if exponent <= 12:
                return total
        raise Refused(f"the power {exponent} of {text(base)} is not of the scale")

    def _exact_log(self, term: Term) -> Form:
        match term:
            case Sym(name=name) if name == self.variable:
                return Form.single(iterated(1))
            case Call(name="exp", args=(arg,)):
                return self.exact(arg)
            case Call(name="log", args=(Sym(name=name),)) if name == self.variable:
                return Form.single(iterated(2))
            case Mul(args=args):
                return _sum([self._exact_log(arg) for arg in args])
            case Pow(base=base, exp=exponent):
                return _times(self.exact(exponent), self._exact_log(base))
            case Call(name="sqrt", args=(arg,)):
                return self._exact_log(arg).scaled(Fraction(1, 2))
        raise Refused(f"log({text(term)}) is not of the scale")


def _sum(forms: list[Form]) -> Form:
    total = Form({})
    for form in forms:
        total = total.plus(form)
    return total


def _times(first: Form, second: Form) -> Form:
    items = []
    for (one, left), value in first.parts.items():
        for (other, right), factor in second.parts.items():
            if not isinstance(left, Power) or not isinstance(right, Power):
                raise Refused("a product of logarithms of sequences")
            items.append(((merged(one, other), left.times(right)), value * factor))
    return Form.of(items)
