"""The two sides of a relation at a point: as text, which one is greater, and by how much."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from flint import arb, ctx

from verify.engine.constants import Constants, product, total
from verify.engine.values import DIGITS, shown_ball
from verify.kernel.ball import decide, enclose
from verify.kernel.point import Evaluator, Undecided, Undefined
from verify.kernel.poly import Refused, rational
from verify.language.render import text
from verify.language.term import Num, Rel, RelOp, Term, compare, num
from verify.probe.signs import Probability

EXACT_BITS = 100_000
PRECISIONS = (128, 512, 2_048, 8_192, 32_768)
SHOWN_PRECISION = 192


@dataclass(frozen=True)
class Sides:
    """A relation at a point.

    ``margin`` is at least 0 where the relation holds (greater than 0 where it is strict), and
    ``slack`` a rational number close to it. ``undefined`` is the part that has no value, or none
    that is known where ``holds`` is None; the side that it belongs to has none either.
    """

    left: str | None
    relation: RelOp
    right: str | None
    holds: bool | None
    margin: str | None
    method: str = ""
    undefined: str | None = None
    slack: Fraction | None = None


def related(rel: Rel) -> Sides:
    """A relation between constants, decided by normal forms or by balls that do not overlap."""
    evaluator = Evaluator({})
    try:
        exact = [evaluator.exact(rel.left), evaluator.exact(rel.right)]
    except Undefined as error:
        values = [_defined(side) for side in (rel.left, rel.right)]
        return Sides(values[0], rel.op, values[1], False, None, "undefined", str(error))
    except Undecided as error:
        values = [_defined(side) for side in (rel.left, rel.right)]
        part = str(error) if None in values else None
        return Sides(values[0], rel.op, values[1], None, None, undefined=part)
    left, right = shown(rel.left), shown(rel.right)
    method = "exact rational arithmetic" if None not in exact else "normal forms and balls"
    gap = _margin(rel)
    if isinstance(gap, Num):
        margin, holds = shown(gap), compare(gap.value, _oriented(rel.op), Fraction(0))
        return Sides(left, rel.op, right, holds, margin, method, slack=gap.value)
    ball = _separated(gap)
    if rel.op in ("==", "!="):
        with ctx.workprec(SHOWN_PRECISION):
            ball = -abs(ball) if rel.op == "==" else abs(ball)
    if not ball.is_finite():
        return Sides(left, rel.op, right, None, None, method)
    truth = decide(ball, _oriented(rel.op), arb(0))
    middle = ball.mid().fmpq()
    slack = Fraction(int(middle.p), int(middle.q))
    return Sides(left, rel.op, right, truth, shown_ball(ball), method, slack=slack)


def _defined(side: Term) -> str | None:
    """A side as text, unless it has no value."""
    try:
        Evaluator({}).exact(side)
    except Undefined:
        return None
    except Undecided:
        with ctx.workprec(SHOWN_PRECISION):
            return shown(side) if enclose(side, {}).is_finite() else None
    return shown(side)


def undefined_part(terms: Iterable[Term]) -> str | None:
    """The first part of some constants that has no value, where there is one."""
    for term in terms:
        try:
            Evaluator({}).exact(term)
        except Undefined as error:
            return str(error)
        except Undecided:
            continue
    return None


def _oriented(op: RelOp) -> RelOp:
    """How the margin compares with 0 where the relation holds."""
    return {">=": ">=", "<=": ">=", ">": ">", "<": ">", "==": ">=", "!=": ">"}[op]  # type: ignore[return-value]


def _margin(rel: Rel) -> Term:
    """``left - right`` turned so that it is at least 0 where the relation holds."""
    constants = Constants()
    gap = constants.normal(total([rel.left, product((num(-1), rel.right))]))
    if rel.op in ("<=", "<"):
        return constants.normal(product((num(-1), gap)))
    if rel.op in ("==", "!=") and isinstance(gap, Num):
        return num(abs(gap.value) * (-1 if rel.op == "==" else 1))
    return gap


def _separated(gap: Term) -> arb:
    """An enclosure, with growing precision until it does not contain 0."""
    ball = arb(0)
    for bits in PRECISIONS:
        with ctx.workprec(bits):
            ball = enclose(gap, {})
        if ball > 0 or ball < 0:
            break
    return ball


def against(found: Probability, op: RelOp, bound: Term) -> Sides:
    """A probability ``>=`` or ``<=`` its bound."""
    if op == "<=":
        turned = against(found.complement(), ">=", _one_minus(bound))
        left, right = probability(found), shown(bound)
        return Sides(left, op, right, turned.holds, turned.margin, found.method)
    holds = found.at_least(bound.value) if isinstance(bound, Num) else _at_least(found, bound)
    margin = _distance(found, bound)
    return Sides(probability(found), op, shown(bound), holds, margin, found.method)


def _one_minus(bound: Term) -> Term:
    return Constants().normal(total([num(1), product((num(-1), bound))]))


def _at_least(found: Probability, bound: Term) -> bool | None:
    for bits in PRECISIONS:
        with ctx.workprec(bits):
            right, rest = enclose(bound, {}), enclose(_one_minus(bound), {})
            low, high = enclose(num(found.lower), {}), enclose(num(found.upper), {})
            truths = [decide(low, ">=", right) or None, decide(high, ">=", right) and None]
            if found.near_zero is not None:
                truths.append(decide(found.near_zero, ">=", right))
            if found.near_one is not None:
                truths.append(decide(found.near_one, "<=", rest))
        for truth in truths:
            if truth is not None:
                return truth
    return None


def _distance(found: Probability, bound: Term) -> str:
    """The probability minus its bound; from their complements where these are small."""
    if found.exact and isinstance(bound, Num):
        return shown(num(found.lower - bound.value))
    with ctx.workprec(SHOWN_PRECISION):
        if found.near_one is not None and found.near_one < arb("0.5"):
            return shown_ball(enclose(_one_minus(bound), {}) - found.near_one)
        return shown_ball(found.ball(SHOWN_PRECISION) - enclose(bound, {}))


def probability(found: Probability) -> str:
    """``p/q`` where it is known and not too long, else a ball."""
    if found.exact and found.lower.denominator.bit_length() <= EXACT_BITS:
        return shown(num(found.lower))
    ball = found.ball_text(DIGITS)
    return ball if ball.startswith("[") else f"[{ball} +/- 0]"


def shown(term: Term) -> str:
    """A constant as an exact rational, or as a ball where it is irrational or too long."""
    if isinstance(term, Num):
        bits = max(term.value.numerator.bit_length(), term.value.denominator.bit_length())
        if bits <= EXACT_BITS:
            # Python refuses to write out more than some thousand digits; FLINT does not.
            return str(rational(term.value))
    try:
        with ctx.workprec(SHOWN_PRECISION):
            return shown_ball(enclose(term, {}))
    except Refused:
        return text(term)
