"""Terms as orders of growth: what their logarithms are, up to a bounded error.

``Reader.log(term)`` is a form with ``log(term) = form + O(1)``, for a term that is positive from
some point on. ``Reader.expand(term)`` is an expansion of the term itself, with its error. What is
not understood is refused; nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from verify.asymptotics.closed import closed, logarithm
from verify.asymptotics.closed import sign as sign_of
from verify.asymptotics.expansion import Expansion, constant
from verify.asymptotics.scale import (
    DEPTH,
    ONE,
    Constant,
    Form,
    LogOf,
    iterated,
    product,
    rational,
)
from verify.kernel.poly import Refused
from verify.language.render import text
from verify.language.term import Add, Call, Div, Mul, Neg, Num, Pow, Sym, Term, free_names


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
        if not free_names(term):
            if sign_of(closed(term)) != 1:
                raise Refused(f"{text(term)} is not known to be positive")
            return Form({})
        match term:
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
                return self.expand(arg).nearly()
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
        # b^e = exp(e log b), with the errors of both: that of one grows with the other.
        return self.expand(exponent).times(self._expand_log(base)).nearly()

    def _log_of_log(self, arg: Term) -> Form:
        """log(L) for L = log(arg): its leading atom, if that grows and its coefficient is > 0."""
        inner = self.log(arg).unbounded()
        leading = inner.leading()
        if leading is None:
            raise Refused(f"whether log({text(arg)}) tends to infinity is not known")
        atom, coefficient = leading
        if sign_of(coefficient) != 1 or atom.exponents[-1]:
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
        return leading is not None and sign_of(leading[1]) == 1

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
            case Call(name="log", args=(Sym(name=name),)) if name in self.positive:
                return {((text(term), 1),): Fraction(1)}
            case Call(name="log", args=(arg,)) if not free_names(arg):
                return logarithm(arg)
        return None if free_names(term) else closed(term)

    def _constant_sum(self, args: tuple[Term, ...]) -> Constant | None:
        total: dict[tuple[tuple[str, int], ...], Fraction] = {}
        for arg in args:
            part = self.constant(arg)
            if part is None:
                return None
            for key, value in part.items():
                total[key] = total.get(key, Fraction(0)) + value
        return {key: value for key, value in total.items() if value}

    def expand(self, term: Term) -> Expansion:
        """The term as a sum over the scale, with its error.

        Raises:
            Refused: it is not of that kind.
        """
        value = self.constant(term)
        if value is not None:
            return constant(value)
        match term:
            case Sym(name=name) if name == self.variable:
                return Expansion(Form.single(iterated(0)))
            case Neg(arg=arg):
                return self.expand(arg).scaled(Fraction(-1))
            case Add(args=args):
                total = constant({})
                for arg in args:
                    total = total.plus(self.expand(arg))
                return total
            case Mul(args=args):
                total = constant({ONE: Fraction(1)})
                for arg in args:
                    total = total.times(self.expand(arg))
                return total
            case Div(num=top, den=bottom):
                return self.expand(top).times(self.expand(bottom).power(Fraction(-1)))
            case Pow(base=base, exp=Num(value=exponent)):
                return self.expand(base).power(exponent)
            case Call(name="sqrt", args=(arg,)):
                return self.expand(arg).power(Fraction(1, 2))
            case Call(name="log", args=(arg,)):
                return self._expand_log(arg)
        raise Refused(f"{text(term)} is not a sum of powers of {self.variable} and its logarithms")

    def _expand_log(self, term: Term) -> Expansion:
        """The logarithm of a term that is positive from some point on."""
        value = self.constant(Call("log", (term,)))
        if value is not None:
            return constant(value)
        match term:
            case Call(name="exp", args=(arg,)):
                return self.expand(arg)
            case Mul(args=args):
                total = constant({})
                for arg in args:
                    total = total.plus(self._expand_log(arg))
                return total
            case Div(num=top, den=bottom):
                return self._expand_log(top).plus(self._expand_log(bottom).scaled(Fraction(-1)))
            case Pow(base=base, exp=exponent):
                return self.expand(exponent).times(self._expand_log(base))
            case Call(name="sqrt", args=(arg,)):
                return self._expand_log(arg).scaled(Fraction(1, 2))
        return self.expand(term).log()


def _sum(forms: list[Form]) -> Form:
    total = Form({})
    for form in forms:
        total = total.plus(form)
    return total
