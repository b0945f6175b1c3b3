"""Facts about functions that the kernel accepts without further proof.

Each schema takes terms and gives premises and a conclusion; an instance holds at every point where
the premises hold and the terms are defined. The list is short on purpose: polynomial bounds of the
elementary functions are derived from these facts with the slope rule.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from verify.kernel.poly import Refused
from verify.language.term import (
    ONE,
    ZERO,
    Add,
    Call,
    Const,
    Delta,
    Div,
    Formula,
    Mul,
    Neg,
    Num,
    Pow,
    Rel,
    RelOp,
    Term,
    conditions,
    conj,
    disj,
    num,
)


@dataclass(frozen=True, slots=True)
class Schema:
    """``premises`` imply ``conclusion``, for all terms; ``why`` is the reason in words."""

    arity: int
    why: str
    build: Callable[..., tuple[tuple[Rel, ...], Formula]]


def _f(name: str) -> Callable[[Term], Term]:
    return lambda x: Call(name, (x,))


_exp, _log, _abs, _sin, _cos = _f("exp"), _f("log"), _f("abs"), _f("sin"), _f("cos")
_atan, _asin, _acos, _floor, _ceil = _f("atan"), _f("asin"), _f("acos"), _f("floor"), _f("ceil")
_PI = Const("pi")


def _square(x: Term) -> Term:
    return Pow(x, num(2))


def _cathetus(x: Term) -> Term:
    return Call("sqrt", (Add((ONE, Neg(_square(x)))),))


def _rel(op: RelOp) -> Callable[[Term, Term], Rel]:
    return lambda left, right: Rel(op, left, right)


_ge, _gt, _le, _lt, _eq = _rel(">="), _rel(">"), _rel("<="), _rel("<"), _rel("==")


def _root(base: Term, degree: Term) -> tuple[Term, int]:
    if not isinstance(degree, Num) or degree.value.denominator != 1 or degree.value < 2:
        raise Refused("the degree of a root is a literal integer of at least 2")
    return Pow(base, Num(Fraction(1, int(degree.value)))), int(degree.value)


def _root_power(base: Term, degree: Term) -> tuple[tuple[Rel, ...], Formula]:
    root, q = _root(base, degree)
    return (() if q % 2 else (_ge(base, ZERO),)), _eq(Pow(root, num(q)), base)


def _root_sign(base: Term, degree: Term) -> tuple[tuple[Rel, ...], Formula]:
    root, _ = _root(base, degree)
    return (_ge(base, ZERO),), _ge(root, ZERO)


def _congruence(function: str, arity: int) -> Schema:
    def build(*terms: Term) -> tuple[tuple[Rel, ...], Formula]:
        left, right = terms[:arity], terms[arity:]
        premises = tuple(_eq(a, b) for a, b in zip(left, right, strict=True))
        # Where the function is undefined, equal arguments have no values at all.
        premises += conditions(Call(function, left))
        return premises, _eq(Call(function, left), Call(function, right))

    return Schema(2 * arity, "equal arguments have equal values", build)


SCHEMAS: dict[str, Schema] = {
    "exp_positive": Schema(1, "the exponential is positive", lambda t: ((), _gt(_exp(t), ZERO))),
    "exp_tangent": Schema(
        1, "exp is convex with tangent 1 + t at 0", lambda t: ((), _ge(_exp(t), Add((ONE, t))))
    ),
    "exp_increasing": Schema(
        2, "exp increases", lambda a, b: ((_le(a, b),), _le(_exp(a), _exp(b)))
    ),
    "exp_strictly_increasing": Schema(
        2, "exp increases strictly", lambda a, b: ((_lt(a, b),), _lt(_exp(a), _exp(b)))
    ),
    "log_tangent": Schema(
        1,
        "log is concave with tangent t - 1 at 1",
        lambda t: ((_gt(t, ZERO),), _le(_log(t), Add((t, Neg(ONE))))),
    ),
    "log_increasing": Schema(
        2, "log increases", lambda a, b: ((_gt(a, ZERO), _le(a, b)), _le(_log(a), _log(b)))
    ),
    "log_strictly_increasing": Schema(
        2, "log increases strictly", lambda a, b: ((_gt(a, ZERO), _lt(a, b)), _lt(_log(a), _log(b)))
    ),
    "log_product": Schema(
        2,
        "the logarithm of a product",
        lambda a, b: (
            (_gt(a, ZERO), _gt(b, ZERO)),
            _eq(_log(Mul((a, b))), Add((_log(a), _log(b)))),
        ),
    ),
    "log_quotient": Schema(
        2,
        "the logarithm of a quotient",
        lambda a, b: (
            (_gt(a, ZERO), _gt(b, ZERO)),
            _eq(_log(Div(a, b)), Add((_log(a), Neg(_log(b))))),
        ),
    ),
    "log_power": Schema(
        2,
        "the logarithm of a power",
        lambda a, y: ((_gt(a, ZERO),), _eq(_log(Pow(a, y)), Mul((y, _log(a))))),
    ),
    "log_exp": Schema(1, "log inverts exp", lambda t: ((), _eq(_log(_exp(t)), t))),
    "exp_log": Schema(1, "exp inverts log", lambda t: ((_gt(t, ZERO),), _eq(_exp(_log(t)), t))),
    "root_power": Schema(2, "the defining equation of a root", _root_power),
    "root_sign": Schema(2, "a root of a nonnegative number is nonnegative", _root_sign),
    "abs_bounds": Schema(
        1,
        "|t| is at least t and -t",
        lambda t: ((), conj(_ge(_abs(t), t), _ge(_abs(t), Neg(t)), _ge(_abs(t), ZERO))),
    ),
    "abs_square": Schema(1, "|t|^2 = t^2", lambda t: ((), _eq(_square(_abs(t)), _square(t)))),
    "abs_nonnegative": Schema(
        1, "|t| = t for t >= 0", lambda t: ((_ge(t, ZERO),), _eq(_abs(t), t))
    ),
    "abs_nonpositive": Schema(
        1, "|t| = -t for t <= 0", lambda t: ((_le(t, ZERO),), _eq(_abs(t), Neg(t)))
    ),
    "max_bounds": Schema(
        2,
        "a maximum is at least its arguments",
        lambda a, b: (
            (),
            conj(_ge(Call("max", (a, b)), a), _ge(Call("max", (a, b)), b)),
        ),
    ),
    "max_left": Schema(
        2, "max(a, b) = a for a >= b", lambda a, b: ((_ge(a, b),), _eq(Call("max", (a, b)), a))
    ),
    "min_bounds": Schema(
        2,
        "a minimum is at most its arguments",
        lambda a, b: (
            (),
            conj(_le(Call("min", (a, b)), a), _le(Call("min", (a, b)), b)),
        ),
    ),
    "min_left": Schema(
        2, "min(a, b) = a for a <= b", lambda a, b: ((_le(a, b),), _eq(Call("min", (a, b)), a))
    ),
    "pythagoras": Schema(
        1, "sin^2 + cos^2 = 1", lambda t: ((), _eq(Add((_square(_sin(t)), _square(_cos(t)))), ONE))
    ),
    "sin_sum": Schema(
        2,
        "addition theorem of the sine",
        lambda a, b: (
            (),
            _eq(_sin(Add((a, b))), Add((Mul((_sin(a), _cos(b))), Mul((_cos(a), _sin(b)))))),
        ),
    ),
    "cos_sum": Schema(
        2,
        "addition theorem of the cosine",
        lambda a, b: (
            (),
            _eq(_cos(Add((a, b))), Add((Mul((_cos(a), _cos(b))), Neg(Mul((_sin(a), _sin(b))))))),
        ),
    ),
    "sin_pi": Schema(1, "the sine vanishes at pi", lambda _: ((), _eq(_sin(_PI), ZERO))),
    "cos_pi": Schema(1, "the cosine is -1 at pi", lambda _: ((), _eq(_cos(_PI), num(-1)))),
    "sin_half_pi": Schema(
        1, "the sine is 1 at pi/2", lambda _: ((), _eq(_sin(Div(_PI, num(2))), ONE))
    ),
    "cos_half_pi": Schema(
        1, "the cosine vanishes at pi/2", lambda _: ((), _eq(_cos(Div(_PI, num(2))), ZERO))
    ),
    "cos_positive": Schema(
        1,
        "the cosine is positive on (-pi/2, pi/2)",
        lambda t: (
            (_gt(t, Neg(Div(_PI, num(2)))), _lt(t, Div(_PI, num(2)))),
            _gt(_cos(t), ZERO),
        ),
    ),
    "sin_positive": Schema(
        1,
        "the sine is positive on (0, pi)",
        lambda t: ((_gt(t, ZERO), _lt(t, _PI)), _gt(_sin(t), ZERO)),
    ),
    "atan_bounds": Schema(
        1,
        "the range of the inverse tangent",
        lambda t: (
            (),
            conj(_lt(_atan(t), Div(_PI, num(2))), _gt(_atan(t), Neg(Div(_PI, num(2))))),
        ),
    ),
    "sin_atan": Schema(
        1,
        "the tangent inverts the inverse tangent, whose cosine is positive",
        lambda t: ((), _eq(_sin(_atan(t)), Mul((t, _cos(_atan(t)))))),
    ),
    "atan_sum": Schema(
        2,
        "the sum of two inverse tangents that is between -pi/2 and pi/2 (DLMF 4.24.15)",
        lambda s, t: (
            (_lt(Mul((s, t)), ONE),),
            _eq(
                Add((_atan(s), _atan(t))),
                _atan(Div(Add((s, t)), Add((ONE, Neg(Mul((s, t))))))),
            ),
        ),
    ),
    "atan_inverse": Schema(
        1,
        "atan t + atan 1/t = pi/2 for positive t (DLMF 4.24.17)",
        lambda t: ((_gt(t, ZERO),), _eq(Add((_atan(t), _atan(Div(ONE, t)))), Div(_PI, num(2)))),
    ),
    "asin_bounds": Schema(
        1,
        "the range of the inverse sine",
        lambda t: (
            (_ge(t, num(-1)), _le(t, ONE)),
            conj(_le(_asin(t), Div(_PI, num(2))), _ge(_asin(t), Neg(Div(_PI, num(2))))),
        ),
    ),
    "sin_asin": Schema(
        1,
        "the sine inverts the inverse sine",
        lambda t: ((_ge(t, num(-1)), _le(t, ONE)), _eq(_sin(_asin(t)), t)),
    ),
    "acos_asin": Schema(
        1,
        "acos t + asin t = pi/2",
        lambda t: (
            (_ge(t, num(-1)), _le(t, ONE)),
            _eq(Add((_acos(t), _asin(t))), Div(_PI, num(2))),
        ),
    ),
    "power_of_power": Schema(
        3,
        "(b^x)^y = b^(x y) for positive b",
        lambda b, x, y: ((_gt(b, ZERO),), _eq(Pow(Pow(b, x), y), Pow(b, Mul((x, y))))),
    ),
    "cos_acos": Schema(
        1,
        "the cosine inverts the inverse cosine",
        lambda t: ((_ge(t, num(-1)), _le(t, ONE)), _eq(_cos(_acos(t)), t)),
    ),
    "sin_acos": Schema(
        1,
        "sin(acos t) = sqrt(1 - t^2), nonnegative on [0, pi]",
        lambda t: ((_ge(t, num(-1)), _le(t, ONE)), _eq(_sin(_acos(t)), _cathetus(t))),
    ),
    "cos_asin": Schema(
        1,
        "cos(asin t) = sqrt(1 - t^2), nonnegative on [-pi/2, pi/2]",
        lambda t: ((_ge(t, num(-1)), _le(t, ONE)), _eq(_cos(_asin(t)), _cathetus(t))),
    ),
    "cos_atan": Schema(
        1,
        "cos(atan t) = 1/sqrt(1 + t^2), positive on (-pi/2, pi/2)",
        lambda t: (
            (),
            _eq(_cos(_atan(t)), Div(ONE, Call("sqrt", (Add((ONE, _square(t))),)))),
        ),
    ),
    "asin_sin": Schema(
        1,
        "the inverse sine inverts the sine on [-pi/2, pi/2]",
        lambda t: (
            (_ge(t, Neg(Div(_PI, num(2)))), _le(t, Div(_PI, num(2)))),
            _eq(_asin(_sin(t)), t),
        ),
    ),
    "acos_cos": Schema(
        1,
        "the inverse cosine inverts the cosine on [0, pi]",
        lambda t: ((_ge(t, ZERO), _le(t, _PI)), _eq(_acos(_cos(t)), t)),
    ),
    "atan_tan": Schema(
        1,
        "the inverse tangent inverts the tangent on (-pi/2, pi/2)",
        lambda t: (
            (_gt(t, Neg(Div(_PI, num(2)))), _lt(t, Div(_PI, num(2)))),
            _eq(_atan(Call("tan", (t,))), t),
        ),
    ),
    "floor_bounds": Schema(
        1,
        "floor(t) <= t < floor(t) + 1",
        lambda t: ((), conj(_le(_floor(t), t), _lt(t, Add((_floor(t), ONE))))),
    ),
    "ceil_bounds": Schema(
        1,
        "ceil(t) - 1 < t <= ceil(t)",
        lambda t: ((), conj(_ge(_ceil(t), t), _gt(t, Add((_ceil(t), Neg(ONE)))))),
    ),
    "delta_values": Schema(
        2,
        "a Kronecker delta is 0 or 1",
        lambda a, b: ((), disj(_eq(Delta(a, b), ZERO), _eq(Delta(a, b), ONE))),
    ),
    **{
        f"equal_{name}": _congruence(name, 1)
        for name in ("exp", "log", "sqrt", "abs", "sin", "cos", "atan", "asin", "floor", "ceil")
    },
}


def instance(name: str, terms: list[Term]) -> tuple[tuple[Rel, ...], Formula]:
    """Premises and conclusion of a schema at given terms.

    Raises:
        Refused: no such schema, or a wrong number of terms.
    """
    schema = SCHEMAS.get(name)
    if schema is None:
        raise Refused(f"no fact called {name!r}")
    if len(terms) != schema.arity:
        raise Refused(f"{name} takes {schema.arity} term(s), got {len(terms)}")
    return schema.build(*terms)
