"""An equation solved for one variable, in closed form.

The solutions are candidates: some may be defined nowhere, or be solutions only on a part of the
domain, and not all solutions are found. Whoever uses them checks.
"""

from __future__ import annotations

import math
from fractions import Fraction

from flint import fmpq_mpoly, fmpq_poly

from verify.kernel.poly import Refused, Ring, fraction
from verify.language.term import (
    ONE,
    ZERO,
    Add,
    Call,
    Const,
    Div,
    Mul,
    Neg,
    Num,
    Pow,
    Sym,
    Term,
    add,
    children,
    free_names,
    mul,
    node_count,
    num,
    occurrences,
    rebuild,
    replace,
    sub,
    subterms,
)
from verify.probe._tidy import tidy

MAX_SIZE = 400
MAX_STEPS = 60
MAX_EXPANSION = 2_000
MAX_ROOT_DEGREE = 24
_UNKNOWN = Sym("_unknown")
_HALF = Num(Fraction(1, 2))


def solve(difference: Term, name: str, depth: int = 4) -> list[Term]:
    """Terms ``t`` without the variable for which ``difference`` is zero where ``name == t``."""
    if depth == 0 or name not in free_names(difference) or _too_large(difference):
        return []
    count = sum(node == Sym(name) for node in occurrences(difference))
    found = _peel(difference, ZERO, name, depth) if count == 1 else []
    if not found:
        found = _collected(difference, name, depth)
    tidied = dict.fromkeys(tidy(term) for term in found)
    return [term for term in tidied if not _too_large(term)]


def _too_large(term: Term) -> bool:
    return node_count(term) > MAX_SIZE


# By undoing one operation after the other


def _peel(term: Term, value: Term, name: str, depth: int) -> list[Term]:
    """Solve ``term == value``, where the value does not contain the variable."""
    if term == Sym(name):
        return [value]
    inside = [child for child in children(term) if name in free_names(child)]
    if isinstance(term, Call) and term.name in ("min", "max"):
        return [found for arg in inside for found in _peel(arg, value, name, depth)]
    if len(inside) != 1:
        return solve(sub(term, value), name, depth - 1)
    return [
        found
        for result in _inverse(term, inside[0], value)
        for found in _peel(inside[0], result, name, depth)
    ]


def _inverse(term: Term, inner: Term, value: Term) -> list[Term]:
    """The values of ``inner`` that make ``term`` equal to ``value``."""
    match term:
        case Neg():
            return [Neg(value)]
        case Add(args=args):
            return [add(value, *(Neg(arg) for arg in args if arg is not inner))]
        case Mul(args=args):
            others = [arg for arg in args if arg is not inner]
            return [Div(value, mul(*others)) if others else value]
        case Div(num=top, den=bottom):
            return [Mul((value, bottom))] if top is inner else [Div(top, value)]
        case Pow(base=base, exp=exponent) if exponent is inner:
            return [Div(_log(value), _log(base))]
        case Pow(exp=Num(value=power)) if power:
            root = Pow(value, Num(1 / power))
            return [root, Neg(root)] if power.numerator % 2 == 0 else [root]
        case Pow(exp=exponent):
            return [Pow(value, Div(ONE, exponent))]
        case Call(name=function):
            return _inverse_call(function, value)
        case _:
            return []


def _inverse_call(function: str, value: Term) -> list[Term]:
    match function:
        case "exp":
            return [_log(value)]
        case "log":
            return [Call("exp", (value,))]
        case "sqrt":
            return [Pow(value, num(2))]
        case "abs":
            return [value, Neg(value)]
        case "sin":
            principal = Call("asin", (value,))
            return [principal, sub(Const("pi"), principal)]
        case "cos":
            principal = Call("acos", (value,))
            return [principal, Neg(principal)]
        case "tan":
            return [Call("atan", (value,))]
        case "asin" | "acos" | "atan":
            return [Call(function[1:], (value,))]
        case "sinh":
            return [_log(Add((value, Call("sqrt", (Add((Pow(value, num(2)), ONE)),)))))]
        case "cosh":
            root = Call("sqrt", (sub(Pow(value, num(2)), ONE),))
            return [_log(Add((value, root))), Neg(_log(Add((value, root))))]
        case "tanh":
            return [Mul((_HALF, _log(Div(Add((ONE, value)), sub(ONE, value)))))]
        case "floor" | "ceil":
            return [value]
        case _:
            return []


def _log(term: Term) -> Term:
    return ONE if term == Const("e") else Call("log", (term,))


# By collecting what contains the variable


def _collected(difference: Term, name: str, depth: int) -> list[Term]:
    """Solve where the variable occurs only through one subterm, and in that polynomially."""
    for kernel in _kernels(difference, name):
        abstract = replace(difference, {kernel: _UNKNOWN})
        if name in free_names(abstract):
            continue
        roots = _roots(abstract)
        if roots is None:
            continue
        if kernel == Sym(name):
            return roots
        return [found for root in roots for found in _peel(kernel, root, name, depth - 1)]
    return []


def _kernels(difference: Term, name: str) -> list[Term]:
    """The subterms that contain the variable and are not polynomial operations."""
    found: dict[Term, None] = {Sym(name): None}
    for node in subterms(difference):
        if _is_opaque(node) and name in free_names(node):
            found[node] = None
    return list(found)[:MAX_STEPS]


def _is_opaque(node: Term) -> bool:
    if isinstance(node, Pow):
        return not (isinstance(node.exp, Num) and node.exp.value.denominator == 1)
    return not isinstance(node, Num | Sym | Neg | Add | Mul | Div)


def polynomial_skeleton(term: Term) -> tuple[Term, dict[Term, Term]]:
    """``term`` with a fresh variable for each outermost operation that is not polynomial, and what
    the fresh variables stand for."""
    meanings: dict[Term, Term] = {}
    names: dict[Term, Term] = {}

    def walk(node: Term) -> Term:
        if _is_opaque(node):
            if node not in names:
                names[node] = Sym(f"_opaque{len(names)}")
                meanings[names[node]] = node
            return names[node]
        parts = children(node)
        changed = tuple(walk(part) for part in parts)
        return node if changed == parts else rebuild(node, changed)

    return walk(term), meanings


def expansion(term: Term) -> float:
    """An upper bound on the monomials of a polynomial or quotient when it is multiplied out."""
    sizes: dict[Term, float] = {}
    for node in subterms(term):
        parts = [sizes[child] for child in children(node)]
        match node:
            case Add():
                sizes[node] = sum(parts)
            case Mul() | Div():
                sizes[node] = math.prod(parts)
            case Pow(exp=Num(value=power)):
                sizes[node] = _power_size(parts[0], abs(power.numerator))
            case _:
                sizes[node] = max(parts, default=1)
    return sizes[term]


def _power_size(size: float, power: int) -> float:
    if size == 1 or size > MAX_EXPANSION or power > MAX_EXPANSION:
        return size
    return math.comb(int(size) + power - 1, power)


def _roots(abstract: Term) -> list[Term] | None:
    """The solutions of a polynomial equation for the unknown; None where it is not polynomial."""
    skeleton, meanings = polynomial_skeleton(abstract)
    if expansion(skeleton) > MAX_EXPANSION:
        return None
    if any(_UNKNOWN.name in free_names(meaning) for meaning in meanings.values()):
        return None
    try:
        ring = Ring((skeleton,))
        top, _ = ring.fraction(skeleton)
    except (Refused, MemoryError, OverflowError):
        return None
    if _UNKNOWN.name not in ring.keys:
        return []
    found: list[Term] = []
    for factor, _ in top.factor()[1]:
        found.extend(_factor_roots(_coefficients(ring, factor)))
    return [replace(term, meanings) for term in found]


def _coefficients(ring: Ring, polynomial: fmpq_mpoly) -> dict[int, Term]:
    """The coefficients of the powers of the unknown, as terms in the other variables."""
    index = ring.keys.index(_UNKNOWN.name)
    grouped: dict[int, list[Term]] = {}
    for powers, coefficient in polynomial.terms():
        factors = [
            Sym(key) if power == 1 else Pow(Sym(key), num(int(power)))
            for position, (key, power) in enumerate(zip(ring.keys, powers, strict=True))
            if power and position != index
        ]
        value = fraction(coefficient)
        whole: Term = mul(*factors)
        if not factors:
            whole = Num(value)
        elif value != 1:
            whole = Neg(whole) if value == -1 else Mul((Num(value), *factors))
        grouped.setdefault(int(powers[index]), []).append(whole)
    return {degree: add(*parts) for degree, parts in grouped.items()}


def _factor_roots(table: dict[int, Term]) -> list[Term]:
    """Roots by formula: of degree one and two, also in a power of the unknown, and cubic."""
    degree = max(table)
    step = min((power for power in table if power), default=0)
    if not degree or degree > MAX_ROOT_DEGREE:
        return []
    constant, lead = table.get(0, ZERO), table[degree]
    if degree == step:
        powers: list[Term] = [Div(Neg(constant), lead)]
    elif degree == 2 * step and not any(power % step for power in table):
        middle = table[step]
        root = Call("sqrt", (sub(Pow(middle, num(2)), Mul((num(4), lead, constant))),))
        twice = Mul((num(2), lead))
        powers = [Div(add(Neg(middle), sign), twice) for sign in (root, Neg(root))]
    elif degree == 3 and all(isinstance(part, Num) for part in table.values()):
        return _cardano([_number(table.get(power, ZERO)) for power in range(4)])
    else:
        return []
    if step == 1:
        return powers
    roots: list[Term] = [Pow(power, Num(Fraction(1, step))) for power in powers]
    return roots if step % 2 else [*roots, *(Neg(root) for root in roots)]


def _number(term: Term) -> Fraction:
    return term.value if isinstance(term, Num) else Fraction(0)


def _cardano(coefficients: list[Fraction]) -> list[Term]:
    """The real root of a cubic that has only one."""
    d, c, b, a = coefficients
    shift = b / (3 * a)
    p = c / a - 3 * shift**2
    q = 2 * shift**3 - c * shift / a + d / a
    inside = (q / 2) ** 2 + (p / 3) ** 3
    if inside < 0:
        return []
    root = Call("sqrt", (Num(inside),))
    third = Num(Fraction(1, 3))
    parts = [Pow(add(Num(-q / 2), sign), third) for sign in (root, Neg(root))]
    return [add(*parts, Num(-shift))]


def real_roots(polynomial: fmpq_poly) -> list[Fraction]:
    """Rational approximations of the real roots, exact for rational ones, in increasing order."""
    found: list[Fraction] = []
    for factor, _ in polynomial.factor()[1]:
        if factor.degree() == 1:
            found.append(fraction(-factor[0] / factor[1]))
            continue
        for entry in factor.complex_roots():
            root = entry[0]  # type: ignore[index]
            if root.imag.is_zero():
                found.append(fraction(root.real.mid().fmpq()))
    return sorted(set(found))
