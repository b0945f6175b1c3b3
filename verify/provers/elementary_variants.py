"""Multiples of a claim, chosen so that the derivative gets simpler.

A claim ``q >= 0`` has the same truth as ``q/t >= 0`` for positive ``t``. With a logarithm whose
factor is constant the derivative loses the logarithm; with the exponential of one summand divided
out, that summand becomes a polynomial; once a summand is constant, the derivative loses it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from flint import fmpq, fmpq_mpoly

from verify.kernel.derivative import derivative
from verify.kernel.poly import Refused, fraction
from verify.language.term import (
    ONE,
    ZERO,
    Add,
    Call,
    Div,
    Mul,
    Neg,
    Num,
    Pow,
    Rel,
    Sym,
    Term,
    add,
    mul,
    num,
)
from verify.provers.elementary_forms import Forms, factors, relation
from verify.provers.elementary_glue import sign_at_points
from verify.provers.elementary_place import Guide, Place
from verify.provers.elementary_rules import reduce, rules_for
from verify.provers.elementary_tape import names_in


@dataclass(frozen=True, slots=True)
class Variant:
    """A claim ``left >= 0`` (or ``> 0``) with the sign of the goal, its derivative, and the factors
    of the derivative whose sign is not plain."""

    claim: Rel
    var: str
    slope: Term
    parts: tuple[Term, ...]
    weight: float
    guide: Guide | None = None


def variants(place: Place, claim: Rel, var: str) -> list[Variant]:
    """The claim and its multiples by positive terms, the simplest derivative first."""
    found: dict[Rel, Variant] = {}
    for multiple in _multiples(place, claim, var):
        if multiple not in found:
            made = _variant(place, multiple, var)
            if made is not None:
                found[multiple] = made
    return sorted(found.values(), key=lambda variant: variant.weight)


def _variant(place: Place, claim: Rel, var: str) -> Variant | None:
    try:
        slope = derivative(claim.left, var)
        rules = rules_for(place, [slope], lambda *_: False)
        reduced = reduce(Rel(">", slope, ZERO), rules)
        if reduced.result.is_zero():
            return Variant(claim, var, slope, (), 0.0)
        _, parts = factors(reduced.result)
    except (Refused, ZeroDivisionError):
        return None
    forms = reduced.forms
    hard = [part for part, times in parts if times % 2 and not _plain(forms, part)]
    weight = sum(_weight(forms, part, var) for part in hard)
    return Variant(claim, var, slope, tuple(forms.term(part) for part in hard), weight)


def _plain(forms: Forms, part: fmpq_mpoly) -> bool:
    """Whether a factor is an exponential or a root alone."""
    used = forms.used(part)
    if len(used) != 1 or len(part) != 1:
        return False
    return isinstance(forms.atoms[used[0]], Pow) or forms.keys[used[0]].startswith("exp(")


def _weight(forms: Forms, part: fmpq_mpoly, var: str) -> float:
    degrees = part.degrees()
    weight = 0.3 * len(part) + 0.1 * int(part.total_degree())
    for index in forms.used(part):
        if var in forms.names[index] and not isinstance(forms.atoms[index], Sym):
            weight += 3.0 * int(degrees[index]) if forms.transcendental(index) else 1.0
    return weight


def _multiples(place: Place, claim: Rel, var: str) -> Iterator[Rel]:
    """``claim`` is ``q op 0``; yields ``q/t op 0`` for terms ``t`` that are positive."""
    yield claim
    forms = Forms.of(claim)
    q = forms.sign(claim)
    deep = [i for i in forms.used(q) if forms.transcendental(i) and var in forms.names[i]]
    growing = [i for i in deep if forms.keys[i].startswith("exp(")]
    for index in deep:
        if isinstance(forms.atoms[index], Call) and index not in growing:
            parts = forms.coefficients(q, index)
            yield from _over(place, forms, claim, parts[max(parts)], [])
    for exponents, part in _exponential_parts(forms, q, growing).items():
        scale = [
            _inverse(forms.atoms[i], power)
            for i, power in zip(growing, exponents, strict=True)
            if power
        ]
        if scale:
            yield from _over(place, forms, claim, forms.ring.one, scale)
        yield from _over(place, forms, claim, part, scale)
    if var in forms.keys and not growing:
        x = forms.ring.gen(var)
        for power in (1, 2):
            yield from _over(place, forms, claim, x**power, [])


def _exponential_parts(
    forms: Forms, q: fmpq_mpoly, growing: list[int]
) -> dict[tuple[int, ...], fmpq_mpoly]:
    """The coefficients of the products of exponentials."""
    if not growing:
        return {}
    tables: dict[tuple[int, ...], dict[tuple[int, ...], fmpq]] = {}
    for powers, coefficient in q.terms():
        shown = [int(p) for p in powers]
        key = tuple(shown[i] for i in growing)
        for i in growing:
            shown[i] = 0
        tables.setdefault(key, {})[tuple(shown)] = coefficient
    return {key: forms.ring.ctx.from_dict(table) for key, table in tables.items()}


def _over(
    place: Place, forms: Forms, claim: Rel, divisor: fmpq_mpoly, scale: list[Term]
) -> Iterator[Rel]:
    top = Mul((*scale, claim.left)) if scale else claim.left
    if divisor.is_constant():
        if scale:
            yield relation(top, claim.op)
        return
    below = forms.term(divisor)
    sign = sign_at_points(place, below)
    if sign:
        yield relation(Div(top, below if sign > 0 else forms.term(-divisor)), claim.op)


def _inverse(atom: Term, power: int) -> Term:
    match atom:
        case Call(name="exp", args=(arg,)):
            return Call("exp", (Neg(arg) if power == 1 else Mul((num(-power), arg)),))
        case Pow(base=base, exp=exponent):
            return Pow(base, Neg(exponent) if power == 1 else Mul((num(-power), exponent)))
        case _:
            return Pow(atom, num(-power))


def roots(part: Term, var: str) -> list[Term]:
    """Where a factor vanishes, if it can be solved for the variable: linear in it, or in one
    logarithm, exponential or root of something linear in it, or a sum of logarithms, or the
    difference of two products of powers."""
    forms = Forms((part,))
    polynomial = forms.ring.polynomial(part)
    mine = [i for i in forms.used(polynomial) if var in forms.names[i]]
    if len(mine) == 1:
        return _single_root(forms, polynomial, mine[0], var)
    found = _logarithms_root(forms, polynomial, mine, var)
    return found or _powers_root(forms, polynomial, var)


def _logarithms_root(forms: Forms, polynomial: fmpq_mpoly, mine: list[int], var: str) -> list[Term]:
    """``k_1 log t_1 + ... = c`` for integers ``k_i``: a polynomial equation for the arguments."""
    if polynomial.total_degree() != 1:
        return []
    scale = None
    up: list[Term] = []
    down: list[Term] = []
    for powers, coefficient in polynomial.terms():
        used = [i for i, p in enumerate(powers) if p]
        atom = forms.atoms[used[0]] if used else None
        if not (isinstance(atom, Call) and atom.name == "log"):
            return []
        scale = abs(coefficient) if scale is None else scale
        times = fraction(coefficient / scale)
        if times.denominator != 1 or abs(times) > 4:
            return []
        (up if times > 0 else down).extend([atom.args[0]] * abs(int(times)))
    del mine
    equation = Forms((Add((mul(*up), Neg(mul(*down)))),))
    top, _ = equation.ring.fraction(Add((mul(*up), Neg(mul(*down)))))
    _, parts = factors(top)
    return [
        root
        for part, _ in parts
        if var in equation.variables(part) and equation.keys.count(var)
        for root in _single_root(equation, part, equation.keys.index(var), var)
    ]


def _powers_root(forms: Forms, polynomial: fmpq_mpoly, var: str) -> list[Term]:
    """``c M = d N`` with products of powers: linear in the logarithm of the variable."""
    if len(polynomial) != 2:
        return []
    (first, a), (second, b) = (
        ([int(p) for p in powers], fraction(c)) for powers, c in polynomial.terms()
    )
    if a * b >= 0:
        return []
    slopes: list[Term] = []
    rest: list[Term] = [Call("log", (Num(-a / b),))] if a != -b else []
    for atom, up, down in zip(forms.atoms, first, second, strict=True):
        if up == down:
            continue
        times = num(up - down)
        match atom:
            case Sym(name=name) if name == var:
                slopes.append(times)
            case Pow(base=Sym(name=name), exp=exponent) if name == var:
                slopes.append(Mul((times, exponent)))
            case Pow(base=base, exp=exponent):
                rest.append(Mul((times, exponent, Call("log", (base,)))))
            case Call(name="exp", args=(arg,)):
                rest.append(Mul((times, arg)))
            case _:
                rest.append(Mul((times, Call("log", (atom,)))))
    whole = add(*rest)
    if not slopes or var in names_in(whole) or any(var in names_in(s) for s in slopes):
        return []
    if not rest:
        return [ONE]
    return [Call("exp", (Div(Neg(whole), add(*slopes)),))]


def _single_root(forms: Forms, polynomial: fmpq_mpoly, index: int, var: str) -> list[Term]:
    parts = forms.coefficients(polynomial, index)
    if set(parts) - {0, 1} or 1 not in parts:
        return []
    zero = polynomial - polynomial
    if any(var in forms.variables(part) for part in parts.values()):
        return []
    solved: Term = _quotient(forms, -parts.get(0, zero), parts[1])
    match forms.atoms[index]:
        case Sym():
            return [solved]
        case Call(name="log", args=(arg,)):
            return _solve_linear(arg, var, Call("exp", (solved,)))
        case Call(name="exp", args=(arg,)):
            return _solve_linear(arg, var, Call("log", (solved,)))
        case Pow(base=base, exp=Num(value=value)) if value.numerator == 1:
            return _solve_linear(base, var, Pow(solved, num(value.denominator)))
    return []


def _quotient(forms: Forms, top: fmpq_mpoly, bottom: fmpq_mpoly) -> Term:
    if top.is_zero() or bottom.is_constant():
        return forms.term(top / bottom.leading_coefficient())
    common = top.gcd(bottom)
    return Div(forms.term(top / common), forms.term(bottom / common))


def _solve_linear(arg: Term, var: str, right: Term) -> list[Term]:
    """``x`` with ``arg == right``, for ``arg`` linear in ``x``."""
    if arg == Sym(var):
        return [right]
    forms = Forms((arg,))
    top, bottom = forms.ring.fraction(arg)
    if not bottom.is_constant() or var not in forms.keys:
        return []
    parts = forms.coefficients(top / bottom.leading_coefficient(), forms.keys.index(var))
    slope = parts.get(1)
    if set(parts) - {0, 1} or slope is None or var in forms.variables(slope):
        return []
    rest = forms.term(parts[0]) if 0 in parts else ZERO
    if 0 in parts and var in forms.variables(parts[0]):
        return []
    shifted = right if rest == ZERO else Add((right, Neg(rest)))
    return [shifted if slope.is_one() else Div(shifted, forms.term(slope))]
