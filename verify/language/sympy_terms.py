"""SymPy expressions to terms: how packs write mathematics.

Indexed objects (``u[j, k]``) and applied undefined functions (``g(x)``) become entries;
``Sum(body, (k, 1, d))`` and ``KroneckerDelta`` become sums and deltas.
"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Any

import sympy

from verify.language.term import (
    FUNCTIONS,
    Add,
    And,
    Call,
    Const,
    Delta,
    Entry,
    Formula,
    Mul,
    Neg,
    Not,
    Num,
    Or,
    Pow,
    Rel,
    RelOp,
    Sum,
    Sym,
    Term,
    num,
)
from verify.language.term import Div as Quotient

_NAME = re.compile(r"^[A-Za-z][A-Za-z0-9_]*$")
_CALLS: dict[Any, str] = {
    sympy.exp: "exp",
    sympy.log: "log",
    sympy.Abs: "abs",
    sympy.sin: "sin",
    sympy.cos: "cos",
    sympy.tan: "tan",
    sympy.asin: "asin",
    sympy.acos: "acos",
    sympy.atan: "atan",
    sympy.sinh: "sinh",
    sympy.cosh: "cosh",
    sympy.tanh: "tanh",
    sympy.Min: "min",
    sympy.Max: "max",
    sympy.floor: "floor",
    sympy.ceiling: "ceil",
}
_RELATIONS: dict[Any, RelOp] = {
    sympy.Ge: ">=",
    sympy.Le: "<=",
    sympy.Gt: ">",
    sympy.Lt: "<",
    sympy.Eq: "==",
    sympy.Ne: "!=",
}


class LanguageError(ValueError):
    """An expression of a pack that cannot be read: says what is wrong and what to write instead."""


def to_term(expression: Any) -> Term:
    """The term that a SymPy expression denotes.

    Raises:
        LanguageError: a float, a relation where a number belongs, or something unknown.
    """
    expression = sympy.sympify(expression, strict=True)
    if isinstance(expression, sympy.Float):
        raise LanguageError(
            f"{expression} is a float: write an exact number, such as Rational(1, 10)"
        )
    if isinstance(expression, sympy.Rational):
        return num(Fraction(int(expression.p), int(expression.q)))
    if isinstance(expression, sympy.Symbol):
        return Sym(_named(expression))
    if expression is sympy.pi:
        return Const("pi")
    if expression is sympy.E:
        return Const("e")
    if isinstance(expression, sympy.Add):
        return Add(tuple(_negated_last([to_term(arg) for arg in _ordered(expression)])))
    if isinstance(expression, sympy.Mul):
        return _product(expression)
    if isinstance(expression, sympy.exp):
        return Call("exp", (to_term(expression.args[0]),))
    if isinstance(expression, sympy.Pow):
        return _power(expression)
    if isinstance(expression, sympy.Indexed):
        indices = tuple(to_term(index) for index in expression.indices)
        return Entry(_checked(str(expression.base.label)), indices)
    if isinstance(expression, sympy.KroneckerDelta):
        if len(expression.args) != 2:
            raise LanguageError(f"{expression} has a range, which is not read: leave it out")
        return Delta(to_term(expression.args[0]), to_term(expression.args[1]))
    if isinstance(expression, sympy.Sum):
        body = to_term(expression.function)
        # The first index is that of the innermost sum, so its limit may depend on the others.
        for index, low, high in expression.limits:
            if low != 1:
                raise LanguageError(f"sums run from 1, not from {low}")
            body = Sum(body, _named(index), to_term(high))
        return body
    if expression.func in _CALLS:
        return Call(_CALLS[expression.func], tuple(to_term(arg) for arg in expression.args))
    if isinstance(expression, sympy.core.function.AppliedUndef):
        name = _checked(expression.func.__name__)
        return Entry(name, tuple(to_term(arg) for arg in expression.args))
    raise LanguageError(f"{expression} of type {type(expression).__name__} is not a known term")


def to_formula(relation: Any) -> Formula:
    """The formula that a SymPy relation or boolean combination denotes.

    Raises:
        LanguageError: the relation was evaluated to true or false before it could be read.
    """
    if isinstance(relation, bool | sympy.logic.boolalg.BooleanAtom):
        raise LanguageError(
            f"this relation was evaluated to {relation}: build it unevaluated, with ge(..), le(..)"
        )
    if isinstance(relation, sympy.And):
        return And(tuple(to_formula(arg) for arg in relation.args))
    if isinstance(relation, sympy.Or):
        return Or(tuple(to_formula(arg) for arg in relation.args))
    if isinstance(relation, sympy.Not):
        return Not(to_formula(relation.args[0]))
    if relation.func in _RELATIONS:
        return Rel(_RELATIONS[relation.func], to_term(relation.lhs), to_term(relation.rhs))
    raise LanguageError(f"{relation} is not a relation: use ge, le, gt, lt, eq, ne")


def _unevaluated(kind: Any, left: Any, right: Any) -> Any:
    return kind(sympy.sympify(left, strict=True), sympy.sympify(right, strict=True), evaluate=False)


def ge(left: Any, right: Any) -> Any:
    """``left >= right``, kept as written."""
    return _unevaluated(sympy.Ge, left, right)


def le(left: Any, right: Any) -> Any:
    """``left <= right``, kept as written."""
    return _unevaluated(sympy.Le, left, right)


def gt(left: Any, right: Any) -> Any:
    """``left > right``, kept as written."""
    return _unevaluated(sympy.Gt, left, right)


def lt(left: Any, right: Any) -> Any:
    """``left < right``, kept as written."""
    return _unevaluated(sympy.Lt, left, right)


def eq(left: Any, right: Any) -> Any:
    """``left == right``, kept as written."""
    return _unevaluated(sympy.Eq, left, right)


def ne(left: Any, right: Any) -> Any:
    """``left != right``, kept as written."""
    return _unevaluated(sympy.Ne, left, right)


def _named(symbol: sympy.Symbol) -> str:
    if isinstance(symbol, sympy.Dummy | sympy.Wild):
        kind = type(symbol).__name__
        raise LanguageError(f"{symbol} is a {kind}, which others may be called like: use a Symbol")
    return _checked(symbol.name)


def _checked(name: str) -> str:
    if not _NAME.fullmatch(name) or name in FUNCTIONS or name in ("pi", "e", "and", "or", "not"):
        raise LanguageError(f"{name!r} is not a name: use letters, digits and underscores")
    return name


def _ordered(expression: Any) -> list[Any]:
    """Summands as a person would write them: 1 + a, but n - 1."""
    parts = sorted(expression.args, key=lambda arg: (arg.is_number, sympy.default_sort_key(arg)))
    numbers = [part for part in parts if part.is_number]
    others = [part for part in parts if not part.is_number]
    positive = [part for part in others if not part.could_extract_minus_sign()]
    negative = [part for part in others if part.could_extract_minus_sign()]
    if numbers and numbers[0].is_negative:
        return [*positive, *negative, *numbers] if positive else [*numbers, *negative]
    return [*numbers, *positive, *negative]


def _negated_last(parts: list[Term]) -> list[Term]:
    return [
        Neg(Num(-part.value)) if isinstance(part, Num) and part.value < 0 and index else part
        for index, part in enumerate(parts)
    ]


def _product(expression: Any) -> Term:
    coefficient, rest = expression.as_coeff_Mul()
    if coefficient.is_Rational and coefficient < 0:
        return Neg(_times(-coefficient, rest))
    return _times(coefficient, rest)


def _times(coefficient: Any, rest: Any) -> Term:
    if coefficient == 1 and not isinstance(rest, sympy.Mul):
        return to_term(rest)
    if not coefficient.is_Rational:
        raise LanguageError(f"{coefficient} is not a number that can be computed with")
    top: list[Term] = []
    bottom: list[Term] = []
    if coefficient != 1:
        top.append(num(int(coefficient.p)))
        if coefficient.q != 1:
            bottom.append(num(int(coefficient.q)))
    for factor in rest.as_ordered_factors():
        exponent = factor.exp if isinstance(factor, sympy.Pow) else None
        if exponent is not None and exponent.is_Rational and exponent < 0:
            bottom.append(_raised(factor.base, -exponent))
        else:
            top.append(to_term(factor))
    above = [part for part in top if part != num(1)] or [num(1)]
    upper: Term = above[0] if len(above) == 1 else Mul(tuple(above))
    if not bottom:
        return upper
    if isinstance(upper, Num) and len(bottom) == 1 and isinstance(bottom[0], Num):
        return Num(upper.value / bottom[0].value)
    return Quotient(upper, bottom[0] if len(bottom) == 1 else Mul(tuple(bottom)))


def _power(expression: Any) -> Term:
    base, exponent = expression.base, expression.exp
    if exponent == sympy.Rational(1, 2):
        return Call("sqrt", (to_term(base),))
    if exponent.is_Rational and exponent < 0:
        return Quotient(num(1), _raised(base, -exponent))
    if base is sympy.E:
        return Call("exp", (to_term(exponent),))
    return Pow(to_term(base), to_term(exponent))


def _raised(base: Any, exponent: Any) -> Term:
    """A power as it is written: evaluation could cancel what has to be defined."""
    return to_term(base if exponent == 1 else sympy.Pow(base, exponent, evaluate=False))


def symbols(names: str) -> tuple[sympy.Symbol, ...]:
    """Plain SymPy symbols, without assumptions that could rewrite an expression."""
    found = sympy.symbols(names)
    return found if isinstance(found, tuple) else (found,)
