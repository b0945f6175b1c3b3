"""Normal forms: a term as a quotient of two polynomials with rational coefficients.

The polynomials live over *atoms*: variables, and applications of functions that are opaque to
polynomial arithmetic, told apart by the normal form of their arguments. Some functions are first
rewritten by identities that hold wherever the term is defined::

    tan t = sin t / cos t          sinh t = (exp t - exp(-t)) / 2    (cosh and tanh alike)
    x**y  = exp(y log x)           exp(c log x) = x**c               (x > 0, c rational)
    exp(a + b) = exp a * exp b     exp(c m) = exp(m)**c              (c rational)
    sin(-t) = -sin t, cos(-t) = cos t, and the like for atan, asin

Two terms with the same normal form have the same value wherever both are defined. A power with a
variable exponent is rewritten under the assumption that its base is positive, which
:func:`verify.language.term.conditions` asks for and the rules check.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from flint import Ordering, fmpq, fmpq_mpoly, fmpq_mpoly_ctx, fmpz

from verify.language.render import text
from verify.language.term import (
    FLIPPED,
    ONE,
    Add,
    Call,
    Const,
    Delta,
    Div,
    Entry,
    Mul,
    Neg,
    Num,
    Pow,
    Rel,
    RelOp,
    Sum,
    Sym,
    Term,
    children,
    free_names,
    num,
    rebuild,
    replace,
)
from verify.language.work import WORK

MAX_TERMS = 200_000
MAX_DEGREE = 5_000
MAX_BITS = 2_000_000
MAX_RATE_BITS = 4_096
A_SCAN, A_FRACTION, A_TERM = 4, 8, 8
"""The work for each atom of a term, for a fraction, and for each monomial whose common factors are
looked for."""
PLAIN_DEGREE = 100
"""Up to this degree powers of exponentials are powers of one with the exponent 1/q."""


class Refused(ValueError):
    """The kernel does not accept this; the message says why."""


def rational(value: Fraction | int) -> fmpq:
    """The same number for python-flint."""
    return fmpq(*value.as_integer_ratio())


def _bits(value: fmpq) -> int:
    """The length of the numbers of which a power has a multiple; none for 1 and -1."""
    length: int = value.height_bits()
    return 0 if length == 1 and value else length


def _length(polynomial: fmpq_mpoly) -> int:
    """The length of the leading coefficient: short numbers do not add up to long ones by chance."""
    return 0 if polynomial.is_zero() else _bits(polynomial.leading_coefficient())


def fraction(value: fmpq) -> Fraction:
    """The same number for Python."""
    return Fraction(int(value.p), int(value.q))


@dataclass(frozen=True, slots=True)
class _Exponent:
    """One summand ``coefficient * monomial`` of the argument of an exponential."""

    key: str
    coefficient: Fraction
    log_of: Term | None
    base: Term
    exponent: Term


class _Scan:
    """The atoms of a term, and of which powers of which exponentials it is made."""

    def __init__(self, term: Term) -> None:
        self.atoms: dict[str, Term] = {}
        self.exponentials: dict[str, set[Fraction]] = {}
        self._scan(term)

    def _scan(self, term: Term) -> None:
        match term:
            case Num():
                return
            case Sym(name=name):
                self.atoms[name] = term
            case Neg(arg=arg):
                self._scan(arg)
            case Add(args=args) | Mul(args=args):
                for arg in args:
                    self._scan(arg)
            case Div(num=top, den=bottom):
                self._scan(top)
                self._scan(bottom)
            case Pow(base=base, exp=Num(value=value)) if base != Const("e"):
                self._scan(base)
                if value.denominator != 1 and exact_root(base, value.denominator) is None:
                    self.atoms[_root_key(base, value.denominator)] = _root(base, value.denominator)
            case Call(name="sqrt", args=(arg,)):
                self._scan(Pow(arg, num(Fraction(1, 2))))
            case Const(name="pi"):
                self.atoms["pi()"] = term
            case _:
                rewritten = _rewritten(term)
                if rewritten is not None:
                    self._scan(rewritten)
                elif isinstance(term, Call) and term.name == "exp":
                    self._scan_exp(term.args[0])
                else:
                    key, atom, _ = _opaque(term)
                    self.atoms[key] = atom

    def _scan_exp(self, argument: Term) -> None:
        for part in _exponents(argument):
            if part.log_of is not None:
                self._scan(Pow(part.log_of, Num(part.coefficient)))
                continue
            multiple = abs(part.coefficient)
            if max(multiple.numerator, multiple.denominator).bit_length() > MAX_RATE_BITS:
                raise Refused("an exponential of too large a multiple")
            self.exponentials.setdefault(part.key, set()).add(multiple)
            self.atoms[part.key] = Pow(part.base, part.exponent)


_scanned = lru_cache(maxsize=20_000)(_Scan)
"""The same facts are looked at in many rings."""


_ONCE = Fraction(1)


@lru_cache(maxsize=1_000)
def _variables(number: int) -> tuple[fmpq_mpoly_ctx, tuple[fmpq_mpoly, ...], fmpq_mpoly]:
    """So many variables, and the constant one."""
    ctx = fmpq_mpoly_ctx.get([f"v{index}" for index in range(number)], Ordering.degrevlex)
    return ctx, tuple(ctx.gens()), ctx.constant(1)


class Ring:
    """The polynomials over all atoms that occur in the given terms."""

    def __init__(self, terms: Iterable[Term]) -> None:
        self._atoms: dict[str, Term] = {}
        exponentials: dict[str, set[Fraction]] = {}
        for term in terms:
            seen = _scanned(term)
            WORK.done += A_SCAN * (1 + len(seen.atoms))
            self._atoms.update(seen.atoms)
            for key, more in seen.exponentials.items():
                exponentials[key] = exponentials.get(key, set()) | more
        self._units: dict[str, tuple[str, Fraction]] = {}
        for key, multiples in exponentials.items():
            self._lay_out(key, sorted(multiples))
        self.keys = sorted(self._atoms)
        self.ctx, gens, self.one = _variables(len(self.keys))
        self._gens = dict(zip(self.keys, gens, strict=True))
        self._memo: dict[Term, tuple[fmpq_mpoly, fmpq_mpoly]] = {}

    def atom(self, key: str) -> Term:
        """The term that an atom's key stands for."""
        return self._atoms[key]

    def generator(self, key: str) -> Term:
        """The term that the generator of an atom stands for."""
        return self.power(key, 1)

    def power(self, key: str, exponent: int) -> Term:
        """The term that a power of the generator of an atom stands for."""
        return _raised(self._atoms[key], exponent * self._unit(key)[1])

    def gen(self, key: str) -> fmpq_mpoly:
        """The generator of an atom."""
        return self._gens[key]

    def _lay_out(self, key: str, multiples: Sequence[Fraction]) -> None:
        """Choose generators for ``exp(m)**c`` with the given multiples ``c``: one power of
        ``exp(m)`` of which all are powers, else one for each of them."""
        most = multiples[-1]
        unit = Fraction(1, math.lcm(*(c.denominator for c in multiples)))
        if most > PLAIN_DEGREE * unit:
            unit *= math.gcd(*(int(c / unit) for c in multiples))
        if most <= MAX_DEGREE * unit:
            self._units[key] = key, unit
            return
        atom = self._atoms.pop(key)
        for multiple in multiples:
            name = f"{key}^{multiple}"
            self._atoms[name], self._units[name] = atom, (key, multiple)

    def _unit(self, key: str) -> tuple[str, Fraction]:
        """The atom of a generator, and which power of it the generator is."""
        return self._units.get(key, (key, _ONCE))

    def fraction(self, term: Term) -> tuple[fmpq_mpoly, fmpq_mpoly]:
        """Numerator and denominator, without common factors.

        Raises:
            Refused: a denominator is identically zero, or the result is too large.
        """
        known = self._memo.get(term)
        if known is None:
            known = self._memo[term] = self._fraction(term)
        return known

    def polynomial(self, term: Term) -> fmpq_mpoly:
        """The polynomial that ``term`` is.

        Raises:
            Refused: it is a proper quotient.
        """
        top, bottom = self.fraction(term)
        if not bottom.is_constant():
            raise Refused(f"{text(term)} is not a polynomial")
        return top / bottom.leading_coefficient()

    def moved(self, other: Ring, polynomial: fmpq_mpoly) -> fmpq_mpoly | None:
        """A polynomial of another ring in this one, if all of its atoms are laid out alike here.

        Both rings have their generators in the same order, so that what was computed there is what
        would have been computed here.
        """
        if any(self._units.get(key) != unit for key, unit in other._units.items()):
            return None
        if self.ctx is other.ctx:
            # As many generators, and all of those of the other.
            return polynomial if self.keys == other.keys else None
        gens = self._gens
        if not all(key in gens for key in other.keys):
            return None
        return polynomial.compose(*[gens[key] for key in other.keys], ctx=self.ctx)

    def _fraction(self, term: Term) -> tuple[fmpq_mpoly, fmpq_mpoly]:
        WORK.done += A_FRACTION
        match term:
            case Num(value=value):
                return self.ctx.constant(rational(value)), self.one
            case Sym(name=name):
                return self._gens[name], self.one
            case Const(name="pi"):
                return self._gens["pi()"], self.one
            case Neg(arg=arg):
                top, bottom = self.fraction(arg)
                return -top, bottom
            case Add(args=args):
                return self._added([self.fraction(arg) for arg in args])
            case Mul(args=args):
                top, bottom = self.one, self.one
                for arg in args:
                    more_top, more_bottom = self.fraction(arg)
                    top = self.times(more_top, top)
                    if more_bottom is not self.one:
                        bottom = self.times(bottom, more_bottom)
                return self._lowest(top, bottom)
            case Div(num=above, den=below):
                top, bottom = self.fraction(above)
                more_bottom, more_top = self.fraction(below)
                if more_bottom.is_zero():
                    raise Refused(f"division by zero in {text(term)}")
                return self._lowest(self.times(top, more_top), self.times(bottom, more_bottom))
            case Pow(base=base, exp=Num(value=value)) if base != Const("e"):
                return self._rational_power(base, value)
            case Call(name="sqrt", args=(arg,)):
                return self.fraction(Pow(arg, num(Fraction(1, 2))))
        rewritten = _rewritten(term)
        if rewritten is not None:
            return self.fraction(rewritten)
        if isinstance(term, Call) and term.name == "exp":
            return self._exponential(term.args[0])
        key, _, sign = _opaque(term)
        return self._gens[key] * sign, self.one

    def _added(self, parts: list[tuple[fmpq_mpoly, fmpq_mpoly]]) -> tuple[fmpq_mpoly, fmpq_mpoly]:
        top, bottom = self.ctx.constant(0), self.one
        for more_top, more_bottom in parts:
            if len(top) > MAX_TERMS:
                raise Refused("a sum with too many terms")
            if more_bottom == bottom:
                top += more_top
                continue
            common = bottom.gcd(more_bottom)
            left, right = more_bottom / common, bottom / common
            top = self.times(top, left) + self.times(more_top, right)
            bottom = self.times(bottom, left)
        return self._lowest(top, bottom)

    def _rational_power(self, base: Term, value: Fraction) -> tuple[fmpq_mpoly, fmpq_mpoly]:
        if value.denominator == 1:
            top, bottom = self.fraction(base)
        else:
            exact = exact_root(base, value.denominator)
            if exact is not None:
                top, bottom = self.ctx.constant(rational(exact)), self.one
            else:
                top, bottom = self._gens[_root_key(base, value.denominator)], self.one
        exponent = value.numerator
        if exponent < 0:
            if top.is_zero():
                raise Refused(f"division by zero: a negative power of {text(base)}")
            top, bottom, exponent = bottom, top, -exponent
        top, bottom = self._power(top, exponent), self._power(bottom, exponent)
        if top.is_zero():
            return top, self.one
        # Without common factors still, but what was above need not have the leading coefficient 1.
        lead = bottom.leading_coefficient()
        return top / lead, bottom / lead

    def _exponential(self, argument: Term) -> tuple[fmpq_mpoly, fmpq_mpoly]:
        top, bottom = self.one, self.one
        for part in _exponents(argument):
            if part.log_of is not None:
                more_top, more_bottom = self._rational_power(part.log_of, part.coefficient)
                top, bottom = self.times(top, more_top), self.times(bottom, more_bottom)
                continue
            name = part.key if part.key in self._gens else f"{part.key}^{abs(part.coefficient)}"
            if name not in self._units:
                raise Refused(f"exp({text(argument)}) is not among the atoms")
            power = part.coefficient / self._units[name][1]
            if power.denominator != 1:
                raise Refused(f"exp({text(argument)}) is no power of an atom")
            factor = self._power(self._gens[name], abs(int(power)))
            if power > 0:
                top = self.times(top, factor)
            else:
                bottom = self.times(bottom, factor)
        return self._lowest(top, bottom)

    def _power(self, base: fmpq_mpoly, exponent: int) -> fmpq_mpoly:
        length, degree = len(base), max(0, base.total_degree())
        if degree and degree * exponent > MAX_DEGREE:
            raise Refused("a power of too high a degree")
        if exponent * max(map(_bits, base.coeffs()), default=0) > MAX_BITS:
            raise Refused("a power with too many digits")
        if length > 1 and math.comb(exponent + length - 1, length - 1) > MAX_TERMS:
            raise Refused("a power with too many terms")
        return base**exponent

    def times(self, left: fmpq_mpoly, right: fmpq_mpoly) -> fmpq_mpoly:
        if len(left) * len(right) > 50 * MAX_TERMS:
            raise Refused("a product with too many terms")
        if _length(left) + _length(right) > MAX_BITS:
            raise Refused("a product of too long numbers")
        product = left if right.is_one() else left * right
        if len(product) > MAX_TERMS:
            raise Refused("a product with too many terms")
        return product

    def _lowest(self, top: fmpq_mpoly, bottom: fmpq_mpoly) -> tuple[fmpq_mpoly, fmpq_mpoly]:
        if top.is_zero():
            return top, self.one
        if bottom.is_constant():
            return top / bottom.leading_coefficient(), self.one
        WORK.done += A_TERM * (len(top) + len(bottom))
        common = top.gcd(bottom)
        if not common.is_constant():
            top, bottom = top / common, bottom / common
        lead = bottom.leading_coefficient()
        return top / lead, bottom / lead

    def term(self, polynomial: fmpq_mpoly) -> Term:
        """The polynomial as a term, the largest monomials first."""
        parts: list[Term] = []
        for powers, coefficient in polynomial.terms():
            factors: list[Term] = []
            for key, power in zip(self.keys, powers, strict=True):
                if power:
                    factors.append(self.power(key, int(power)))
            size = abs(fraction(coefficient))
            if size != 1 or not factors:
                factors.insert(0, Num(size))
            part = factors[0] if len(factors) == 1 else Mul(tuple(factors))
            parts.append(part if coefficient > 0 else Neg(part))
        if not parts:
            return num(0)
        return parts[0] if len(parts) == 1 else Add(tuple(parts))

    def text(self, polynomial: fmpq_mpoly) -> str:
        """A canonical text: equal for equal polynomials, whatever ring they are in."""
        shown = []
        units = [self._unit(key) for key in self.keys]
        for powers, coefficient in polynomial.terms():
            factors = [
                f"{atom}^{int(power) if unit is _ONCE else int(power) * unit}"
                for (atom, unit), power in zip(units, powers, strict=True)
                if power
            ]
            shown.append("*".join((str(coefficient), *factors)))
        return "+".join(sorted(shown)) or "0"


def _root(base: Term, degree: int) -> Term:
    return Pow(base, Num(Fraction(1, degree)))


def exact_root(base: Term, degree: int) -> Fraction | None:
    """The exact root of a literal number, where it is rational."""
    if not isinstance(base, Num) or degree > 10_000:
        return None
    value = base.value
    if value < 0 and degree % 2 == 0:
        return None
    parts = []
    for part in (abs(value.numerator), value.denominator):
        root = int(fmpz(part).root(degree))
        if root**degree != part:
            return None
        parts.append(root)
    return Fraction(parts[0] if value >= 0 else -parts[0], parts[1])


@lru_cache(maxsize=20_000)
def canonical(term: Term) -> str:
    """A text that is equal for terms of equal normal form, and for no others."""
    ring = Ring((term,))
    return _shown(ring, *ring.fraction(term))


def _shown(ring: Ring, top: fmpq_mpoly, bottom: fmpq_mpoly) -> str:
    # Coefficients and exponents have bars of their own.
    return f"{{{ring.text(top)}}}/{{{ring.text(bottom)}}}"


def _root_key(base: Term, degree: int) -> str:
    return f"root({degree};{canonical(base)})"


@lru_cache(maxsize=20_000)
def _rewritten(term: Term) -> Term | None:
    """``term`` by a defining identity (see the module's docstring), or None if it has none."""
    match term:
        case Const(name="e"):
            return Call("exp", (ONE,))
        case Pow(base=Const(name="e"), exp=exponent):
            return Call("exp", (exponent,))
        case Pow(base=base, exp=exponent):
            return Call("exp", (Mul((exponent, Call("log", (base,)))),))
        case Call(name="tan", args=(arg,)):
            return Div(Call("sin", (arg,)), Call("cos", (arg,)))
        case Call(name="sinh", args=(arg,)):
            return Div(Add((Call("exp", (arg,)), Neg(Call("exp", (Neg(arg),))))), num(2))
        case Call(name="cosh", args=(arg,)):
            return Div(Add((Call("exp", (arg,)), Call("exp", (Neg(arg),)))), num(2))
        case Call(name="tanh", args=(arg,)):
            up, down = Call("exp", (arg,)), Call("exp", (Neg(arg),))
            return Div(Add((up, Neg(down))), Add((up, down)))
        case Call(name="log", args=(Const(name="e"),)):
            return ONE
        case Call(name="log", args=(Call(name="exp", args=(arg,)),)):
            return arg
        case Call(name="log", args=(Pow(base=Const(name="e"), exp=exponent),)):
            return exponent
        case Call(name="log", args=(Call(name="sqrt", args=(Const(name="e"),)),)):
            return num(Fraction(1, 2))
        case Call(
            name="log" | "sin" | "atan" | "asin" | "floor" | "ceil" | "cos" as name, args=(arg,)
        ):
            return _at_constants(name, arg)
        case Call(name="min" | "max", args=(arg,)):
            return arg
        case Delta(left=left, right=right) if left == right:
            return ONE
        case _:
            return None


def at_rational_angle(name: str, arg: Term) -> Term | None:
    """Sine or cosine of a rational multiple of pi, where its value is a square root or rational."""
    ring = Ring((arg,))
    top, bottom = ring.fraction(arg)
    if ring.keys != ["pi()"] or not bottom.is_constant() or top.total_degree() > 1:
        return None
    turns = Fraction(0)
    for powers, coefficient in top.terms():
        if not any(powers):
            return None
        turns = fraction(coefficient)
    angle = (turns + (Fraction(1, 2) if name == "cos" else 0)) % 2
    sign = -1 if angle >= 1 else 1
    angle %= 1
    square = _SQUARED_SINES.get(min(angle, 1 - angle))
    if square is None:
        return None
    root = exact_root(Num(square), 2)
    if root is not None:
        return Num(sign * root)
    value: Term = Div(Call("sqrt", (Num(4 * square),)), num(2))
    return value if sign > 0 else Neg(value)


_SQUARED_SINES = {
    Fraction(0): Fraction(0),
    Fraction(1, 6): Fraction(1, 4),
    Fraction(1, 4): Fraction(1, 2),
    Fraction(1, 3): Fraction(3, 4),
    Fraction(1, 2): Fraction(1),
}
"""The squared sines of these multiples of pi."""


def _at_constants(name: str, arg: Term) -> Term | None:
    if name in ("sin", "cos"):
        special = at_rational_angle(name, arg)
        if special is not None:
            return special
    ring = Ring((arg,))
    top, bottom = ring.fraction(arg)
    if name == "log":
        return _logarithm(ring, top, bottom)
    if top.is_zero():
        return ONE if name == "cos" else num(0)
    return None


def _logarithm(ring: Ring, top: fmpq_mpoly, bottom: fmpq_mpoly) -> Term | None:
    """The logarithm of a quotient of products of exponentials, or None for anything else."""
    parts: list[Term] = [num(0)]
    for polynomial, sign in ((top, 1), (bottom, -1)):
        if len(polynomial) != 1 or polynomial.leading_coefficient() != 1:
            return None
        for key, power in zip(ring.keys, polynomial.monoms()[0], strict=True):
            if power:
                match ring.power(key, int(power)):
                    case Pow(base=Const(name="e"), exp=exponent):
                        parts.append(exponent if sign == 1 else Neg(exponent))
                    case Call(name="exp", args=(exponent,)):
                        parts.append(exponent if sign == 1 else Neg(exponent))
                    case _:
                        return None
    return Add(tuple(parts)) if len(parts) > 1 else parts[0]


@lru_cache(maxsize=20_000)
def _exponents(argument: Term) -> tuple[_Exponent, ...]:
    """The summands of an exponential's argument, each a rational multiple of a monomial."""
    ring = Ring((argument,))
    top, whole = ring.fraction(argument)
    parts = []
    for summand, coefficient in top.terms():
        monomial = ring.ctx.from_dict({tuple(int(p) for p in summand): fmpq(1)})
        # Each summand in lowest terms: (log 2 - x log 2)/x has the summand -log 2. What cancels is
        # a factor of the denominator, which is not zero where the argument is defined.
        common = monomial.gcd(whole)
        monomial, bottom = monomial / common, whole / common
        ((powers, unit),) = monomial.terms()
        used = [(key, int(p)) for key, p in zip(ring.keys, powers, strict=True) if p]
        log_of: Term | None = None
        if bottom.is_one() and len(used) == 1 and used[0][1] == 1:
            atom = ring.atom(used[0][0])
            if isinstance(atom, Call) and atom.name == "log":
                log_of = atom.args[0]
        base, exponent = _as_power(ring, used, bottom)
        key = f"exp({ring.text(monomial)};{ring.text(bottom)})"
        parts.append(_Exponent(key, fraction(coefficient * unit), log_of, base, exponent))
    return tuple(parts)


def _as_power(ring: Ring, used: list[tuple[str, int]], bottom: fmpq_mpoly) -> tuple[Term, Term]:
    """``exp(m / bottom)`` as a power: ``y log x`` belongs to the base ``x``, others to ``e``."""
    base: Term = Const("e")
    factors: list[Term] = []
    for key, power in used:
        atom = ring.atom(key)
        if base == Const("e") and power == 1 and isinstance(atom, Call) and atom.name == "log":
            base = atom.args[0]
        else:
            factors.append(ring.power(key, power))
    above = factors[0] if len(factors) == 1 else (Mul(tuple(factors)) if factors else ONE)
    return base, above if bottom.is_one() else Div(above, ring.term(bottom))


def _raised(atom: Term, exponent: Fraction) -> Term:
    if exponent == 1:
        return atom
    if isinstance(atom, Pow) and (atom.base == Const("e") or not isinstance(atom.exp, Num)):
        if isinstance(atom.exp, Num):
            return Pow(atom.base, Num(exponent * atom.exp.value))
        return Pow(atom.base, Mul((Num(exponent), atom.exp)))
    if isinstance(atom, Pow) and isinstance(atom.exp, Num) and exponent.denominator == 1:
        return Pow(atom.base, Num(atom.exp.value * exponent))
    return Pow(atom, Num(exponent))


@lru_cache(maxsize=20_000)
def _opaque(term: Term) -> tuple[str, Term, int]:
    """Key, representative and sign of an application that polynomial arithmetic cannot open."""
    match term:
        case Call(name="sin" | "atan" | "asin" | "cos" as name, args=(arg,)):
            ring = Ring((arg,))
            top, bottom = ring.fraction(arg)
            odd = top.leading_coefficient() < 0
            shown = _shown(ring, -top if odd else top, bottom)
            atom = Call(name, (Neg(arg) if odd else arg,))
            return f"{name}({shown})", atom, -1 if odd and name != "cos" else 1
        case Call(name="min" | "max" as name):
            among = {canonical(arg) for arg in _alternatives(term)}
            return f"{name}({';'.join(sorted(among))})", term, 1
        case Call(name=name, args=args):
            return f"{name}({';'.join(canonical(arg) for arg in args)})", term, 1
        case Entry(name=name, indices=indices):
            return f"{name}[{';'.join(canonical(index) for index in indices)}]", term, 1
        case Delta(left=left, right=right):
            sides = sorted((canonical(left), canonical(right)))
            return f"delta({';'.join(sides)})", term, 1
        case Sum():
            if any("#" in name for name in free_names(term)):
                raise Refused("a variable is called like a bound one")
            return f"sum({text(_anonymous(term)[0])})", term, 1
        case _:
            raise Refused(f"{text(term)} has no normal form")


def _anonymous(term: Term) -> tuple[Term, int]:
    """A term in which every summation index is called by how many sums its own holds inside each
    other, so that the names given to indices make no difference; and that number for the term."""
    if isinstance(term, Sum):
        body, height = _anonymous(term.body)
        name = f"#{height}"
        renamed = replace(body, {Sym(term.var): Sym(name)})
        return Sum(renamed, name, _anonymous(term.size)[0]), height + 1
    parts = [_anonymous(part) for part in children(term)]
    height = max((inner for _, inner in parts), default=0)
    return rebuild(term, tuple(part for part, _ in parts)) if parts else term, height


def _alternatives(term: Call) -> Iterator[Term]:
    """The arguments of a maximum or minimum, with those of the same kind inside it laid open."""
    for arg in term.args:
        if isinstance(arg, Call) and arg.name == term.name:
            yield from _alternatives(arg)
        else:
            yield arg


@dataclass(frozen=True, slots=True)
class SignForm:
    """A relation as ``polynomial op 0``: the polynomial's canonical primitive text and the
    relation, or, where the polynomial is constant, its value's truth."""

    polynomial: str
    op: RelOp
    truth: bool | None


def difference(rel: Rel) -> Term:
    """``left - right``."""
    return Add((rel.left, Neg(rel.right)))


def sign_polynomial(ring: Ring, rel: Rel) -> fmpq_mpoly:
    """A polynomial with the sign of ``left - right`` wherever both sides are defined:
    numerator times denominator."""
    own = _own_sign_polynomial(rel)
    if own is not None:
        moved = ring.moved(*own)
        if moved is not None:
            return moved
    return _sign_polynomial(ring, rel)


def _sign_polynomial(ring: Ring, rel: Rel) -> fmpq_mpoly:
    top, bottom = ring.fraction(difference(rel))
    return top if bottom.is_constant() else ring.times(top, bottom)


@lru_cache(maxsize=20_000)
def _own_sign_polynomial(rel: Rel) -> tuple[Ring, fmpq_mpoly] | None:
    """The polynomial in the ring of the relation alone, from which it is moved to larger ones."""
    try:
        ring = Ring((rel.left, rel.right))
        polynomial = _sign_polynomial(ring, rel)
        # What led to it is not asked for again.
        ring._memo.clear()
        return ring, polynomial
    except Refused:
        # Where exponentials are laid out otherwise it may still be in reach.
        return None


@lru_cache(maxsize=20_000)
def sign_form(rel: Rel) -> SignForm:
    """The canonical form of a relation.

    Raises:
        Refused: see :meth:`Ring.fraction`.
    """
    own = _own_sign_polynomial(rel)
    if own is None:
        ring = Ring((rel.left, rel.right))
        own = ring, _sign_polynomial(ring, rel)
    ring, polynomial = own
    if polynomial.is_constant():
        value = polynomial.leading_coefficient() if not polynomial.is_zero() else fmpq(0)
        return SignForm("", rel.op, holds(value, rel.op))
    scale = abs(polynomial.leading_coefficient())
    positive, negative = ring.text(polynomial / scale), ring.text(-polynomial / scale)
    if negative < positive:
        return SignForm(negative, FLIPPED[rel.op], None)
    return SignForm(positive, rel.op, None)


def holds(value: fmpq, op: RelOp) -> bool:
    """Whether ``value op 0``."""
    match op:
        case ">=":
            return bool(value >= 0)
        case "<=":
            return bool(value <= 0)
        case ">":
            return bool(value > 0)
        case "<":
            return bool(value < 0)
        case "==":
            return bool(value == 0)
        case "!=":
            return bool(value != 0)


def is_whole(term: Term, integers: Set[str]) -> bool:
    """Whether a term is a polynomial in integers with integer coefficients."""
    try:
        ring = Ring((term,))
        poly = ring.polynomial(term)
    except Refused:
        return False
    return set(ring.keys) <= integers and all(c.q == 1 for c in poly.coeffs())
