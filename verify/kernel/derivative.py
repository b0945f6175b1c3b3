"""Derivatives of terms, and the conditions under which they are derivatives."""

from __future__ import annotations

from fractions import Fraction

from verify.kernel.poly import Refused
from verify.language.render import text
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
    Rel,
    Sym,
    Term,
    conditions,
    free_names,
    num,
    subterms,
)


def derivative(term: Term, var: str) -> Term:
    """The derivative of ``term`` with respect to ``var``, with zero terms left out.

    Raises:
        Refused: the term contains a function that is not differentiable everywhere inside its
            domain (``abs``, ``min``, ``max``, ``floor``, ``ceil``).
    """
    if var not in free_names(term):
        return ZERO
    match term:
        case Sym():
            return ONE
        case Neg(arg=arg):
            return _negated(derivative(arg, var))
        case Add(args=args):
            return _sum([derivative(arg, var) for arg in args])
        case Mul(args=args):
            return _sum(
                [
                    _product([derivative(arg, var), *args[:index], *args[index + 1 :]])
                    for index, arg in enumerate(args)
                ]
            )
        case Div(num=top, den=bottom):
            if var not in free_names(bottom):
                return _quotient(derivative(top, var), bottom)
            above = _sum(
                [
                    _product([derivative(top, var), bottom]),
                    _negated(_product([top, derivative(bottom, var)])),
                ]
            )
            return _quotient(above, Pow(bottom, num(2)))
        case Pow(base=base, exp=Num(value=value)):
            return _product([Num(value), _lower(base, value - 1), derivative(base, var)])
        case Pow(base=base, exp=exponent):
            inner = _sum(
                [
                    _product([derivative(exponent, var), _log(base)]),
                    _quotient(_product([exponent, derivative(base, var)]), base),
                ]
            )
            return _product([term, inner])
        case Call(name=name, args=(arg,)):
            return _product([_outer(name, arg), derivative(arg, var)])
        case _:
            raise Refused(f"{text(term)} has no derivative here")


def smooth_conditions(term: Term) -> tuple[Rel, ...]:
    """What must hold around a point for the term to be differentiable there: the conditions of
    definedness, with the edges of the domains left out."""
    strict: dict[Rel, None] = {}
    for condition in conditions(term):
        op = {">=": ">", "<=": "<"}.get(condition.op, condition.op)
        strict[Rel(op, condition.left, condition.right)] = None  # type: ignore[arg-type]
    for node in subterms(term):
        if isinstance(node, Pow) and isinstance(node.exp, Num):
            exponent = node.exp.value
            if exponent.denominator != 1 and exponent.denominator % 2 == 1:
                # An odd root has a vertical tangent at zero.
                strict[Rel("!=", node.base, ZERO)] = None
    return tuple(strict)


def _log(base: Term) -> Term:
    return ONE if base == Const("e") else Call("log", (base,))


def _lower(base: Term, exponent: Fraction) -> Term:
    if exponent == 0:
        return ONE
    return base if exponent == 1 else Pow(base, Num(exponent))


def _outer(name: str, x: Term) -> Term:
    match name:
        case "exp":
            return Call("exp", (x,))
        case "log":
            return Div(ONE, x)
        case "sqrt":
            return Div(ONE, Mul((num(2), Call("sqrt", (x,)))))
        case "sin":
            return Call("cos", (x,))
        case "cos":
            return Neg(Call("sin", (x,)))
        case "tan":
            return Add((ONE, Pow(Call("tan", (x,)), num(2))))
        case "asin":
            return Div(ONE, Call("sqrt", (Add((ONE, Neg(Pow(x, num(2))))),)))
        case "acos":
            return Neg(_outer("asin", x))
        case "atan":
            return Div(ONE, Add((ONE, Pow(x, num(2)))))
        case "sinh":
            return Call("cosh", (x,))
        case "cosh":
            return Call("sinh", (x,))
        case "tanh":
            return Add((ONE, Neg(Pow(Call("tanh", (x,)), num(2)))))
        case _:
            raise Refused(f"{name} is not differentiable everywhere inside its domain")


def _sum(parts: list[Term]) -> Term:
    kept = [part for part in parts if part != ZERO]
    if not kept:
        return ZERO
    return kept[0] if len(kept) == 1 else Add(tuple(kept))


def _product(parts: list[Term]) -> Term:
    if ZERO in parts:
        return ZERO
    kept = [part for part in parts if part != ONE]
    if not kept:
        return ONE
    return kept[0] if len(kept) == 1 else Mul(tuple(kept))


def _negated(part: Term) -> Term:
    return part if part == ZERO else Neg(part)


def _quotient(top: Term, bottom: Term) -> Term:
    return ZERO if top == ZERO else Div(top, bottom)
