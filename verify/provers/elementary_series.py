"""Power series of a term in one variable at a point: how a claim behaves next to it."""

from __future__ import annotations

from flint import arb, arb_series, ctx

from verify.kernel.ball import enclose, precision
from verify.kernel.poly import Refused, rational
from verify.language.term import Add, Call, Div, Mul, Neg, Num, Pow, Sym, Term
from verify.provers.elementary_points import BITS
from verify.provers.elementary_tape import names_in


def coefficients(term: Term, var: str, at: arb, count: int) -> list[arb]:
    """The first Taylor coefficients of a term in one variable.

    Raises:
        Refused: the term has another variable, or a function without a series here.
    """
    before = ctx.cap
    try:
        ctx.cap = count
        with precision(2 * BITS):
            series = _series(term, var, arb_series([at, 1], prec=count))
            return [series[index] for index in range(count)]
    except (ValueError, ZeroDivisionError) as error:
        raise Refused(f"no series: {error}") from error
    finally:
        ctx.cap = before


def _series(term: Term, var: str, x: arb_series) -> arb_series:
    if var not in names_in(term):
        return arb_series([enclose(term, {})], prec=x.prec)
    match term:
        case Sym():
            return x
        case Neg(arg=arg):
            return -_series(arg, var, x)
        case Add(args=args):
            total = _series(args[0], var, x)
            for arg in args[1:]:
                total = total + _series(arg, var, x)
            return total
        case Mul(args=args):
            product = _series(args[0], var, x)
            for arg in args[1:]:
                product = product * _series(arg, var, x)
            return product
        case Div(num=top, den=bottom):
            return _series(top, var, x) / _series(bottom, var, x)
        case Pow(base=base, exp=Num(value=value)):
            inner = _series(base, var, x)
            if value.denominator == 1 and value >= 0:
                return inner ** int(value)
            if not inner[0] > 0:
                raise Refused("a root or a reciprocal where the base may vanish")
            return (inner.log() * arb(rational(value))).exp()
        case Pow(base=base, exp=exponent):
            return (_series(base, var, x).log() * _series(exponent, var, x)).exp()
        case Call(name=name, args=(arg,)):
            return _function(name, _series(arg, var, x))
        case _:
            raise Refused("no series")


def _function(name: str, inner: arb_series) -> arb_series:
    match name:
        case "exp":
            return inner.exp()
        case "log":
            return inner.log()
        case "sqrt":
            return inner.sqrt()
        case "sin":
            return inner.sin()
        case "cos":
            return inner.cos()
        case "tan":
            return inner.tan()
        case "atan":
            return inner.atan()
        case "asin":
            return inner.asin()
        case "acos":
            return inner.acos()
        case "sinh":
            return (inner.exp() - (-inner).exp()) / 2
        case "cosh":
            return (inner.exp() + (-inner).exp()) / 2
        case "tanh":
            up, down = inner.exp(), (-inner).exp()
            return (up - down) / (up + down)
        case _:
            raise Refused(f"no series for {name}")
