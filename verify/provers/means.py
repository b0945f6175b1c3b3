"""Sums of exponentials and powers by tangent lines of the exponential function.

Two uses: ``2^x + 2^(1/x) >= 4`` with the tangent at each exponent's value where both sides are
equal, and means, ``x^p/p + y^q/q >= x y``, where every power is divided by the one below first and
the tangents touch at 0. What is left to prove has no exponentials.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from verify.kernel.context import Context
from verify.language.term import (
    ONE,
    ZERO,
    Add,
    Call,
    Div,
    Formula,
    Mul,
    Neg,
    Num,
    Pow,
    Rel,
    RelOp,
    Sym,
    Term,
    add,
    free_names,
    mul,
    replace,
    sub,
)
from verify.provers.atoms import Notes, establish, learn
from verify.provers.budget import Budget
from verify.provers.log_forms import log_arguments, logarithm
from verify.provers.sample import guess_sign, plausible, tight_points
from verify.provers.tactic import Proof, Prove
from verify.provers.tangent import addends
from verify.provers.wholes import concluded, product_sign, total_sign

MOST = 6
"""How many exponentials a sum may have."""

NEAR = 1e-5
"""How far a point of equality may be from the simple rational point that is tried."""


@dataclass(frozen=True, slots=True)
class _Addend:
    """``factor * exp(exponent)``; ``sign`` is that of the factor, as far as samples tell."""

    factor: Term
    exponent: Term
    sign: int

    @property
    def is_plain(self) -> bool:
        return self.exponent == ZERO


def means(prove: Prove, context: Context, goal: Formula, budget: Budget) -> Proof | None:
    """Prove a lower bound of a sum of exponentials with positive factors."""
    if not isinstance(goal, Rel) or goal.op in ("==", "!="):
        return None
    upward = goal.op in (">=", ">")
    total = sub(goal.left, goal.right) if upward else sub(goal.right, goal.left)
    parts = _parts(context, total)
    if parts is None:
        return None
    op: RelOp = ">" if goal.op in (">", "<") else ">="
    below = [part for part in parts if part.sign < 0]
    if len(below) == 1 and all(part.sign > 0 for part in parts if part is not below[0]):
        above = [part for part in parts if part is not below[0]]
        proof = _divided(prove, context, goal, op, above, below[0], budget.share(0.6))
        if proof is not None:
            return proof
    if all(part.sign > 0 for part in parts if not part.is_plain):
        for point in _simple_points(context, goal):
            proof = _touching(prove, context, goal, op, parts, point, budget.share(0.6))
            if proof is not None:
                return proof
    return None


def _parts(context: Context, total: Term) -> list[_Addend] | None:
    found = []
    for addend in addends(total):
        factor, exponent = _apart(addend)
        sign = guess_sign(context, factor)
        if exponent != ZERO and sign not in (1, -1):
            return None
        found.append(_Addend(factor, exponent, sign or 0))
    powers = sum(not part.is_plain for part in found)
    return found if 1 <= powers <= MOST else None


def _apart(term: Term) -> tuple[Term, Term]:
    """The factors without exponentials, and the exponent of the rest."""
    match term:
        case Neg(arg=arg):
            factor, exponent = _apart(arg)
            return Neg(factor), exponent
        case Mul(args=args):
            pieces = [_apart(arg) for arg in args]
            return mul(*(f for f, _ in pieces)), _sum(e for _, e in pieces)
        case Div(num=top, den=bottom):
            above, below = _apart(top), _apart(bottom)
            return Div(above[0], below[0]), _sum((above[1], Neg(below[1])))
        case Call(name="exp", args=(arg,)) if free_names(arg):
            return ONE, arg
        case Pow(exp=exp) if not isinstance(exp, Num) and free_names(term):
            log = logarithm(term)
            if log is not None:
                return ONE, log
    return term, ZERO


def _sum(terms: Iterable[Term]) -> Term:
    kept = [term for term in terms if term not in (ZERO, Neg(ZERO))]
    return add(*kept) if kept else ZERO


def _divided(
    prove: Prove,
    context: Context,
    goal: Rel,
    op: RelOp,
    above: Sequence[_Addend],
    below: _Addend,
    budget: Budget,
) -> Proof | None:
    """``sum c_i exp(A_i) >= c exp(A)`` from ``sum c_i (1 + A_i - A) >= c``."""
    bases = log_arguments(part.exponent for part in (*above, below))
    bottom, least = _with_bases(below, bases)
    tops = [_with_bases(part, bases) for part in above]
    if least == ZERO or all(exponent == ZERO for _, exponent in tops):
        return None
    notes = Notes(context)
    shifted = [(factor, sub(exponent, least)) for factor, exponent in tops]
    lines = [mul(factor, Add((ONE, exponent))) for factor, exponent in shifted]
    level = Rel(op, add(*lines), Neg(bottom))
    if not _logs_exist(prove, notes, (least, *(e for _, e in shifted)), budget):
        return None
    if not notes.context.defines(level) or not plausible(notes.context, level):
        return None
    proof = prove(notes.context, level, budget.share(0.5))
    if proof is None:
        return None
    notes.have(level, dict(proof))
    gaps = _above_tangents(prove, notes, shifted, budget)
    if gaps is None or not learn(notes, "exp_positive", least):
        return None
    whole = total_sign(notes, op, [sub(level.left, level.right), *gaps], budget)
    if whole is None:
        return None
    scaled = product_sign(notes, op, Call("exp", (least,)), whole, budget)
    return concluded(notes, goal, scaled)


def _with_bases(part: _Addend, bases: Sequence[Term]) -> tuple[Term, Term]:
    """The factor and the exponent, after factors that are bases of powers became exponentials."""
    if not part.is_plain:
        return part.factor, part.exponent
    factor, found = part.factor, list[Term]()
    kept: list[Term] = []
    pending = [factor]
    while pending:
        item = pending.pop(0)
        if isinstance(item, Mul):
            pending = [*item.args, *pending]
        elif isinstance(item, Neg):
            kept.append(Num(Fraction(-1)))
            pending.insert(0, item.arg)
        elif isinstance(item, Div):
            pending.insert(0, item.num)
            if item.den in bases:
                found.append(Neg(Call("log", (item.den,))))
            else:
                kept.append(Div(ONE, item.den))
        elif item in bases:
            found.append(Call("log", (item,)))
        else:
            kept.append(item)
    return (mul(*kept) if kept else ONE), _sum(found)


def _touching(
    prove: Prove,
    context: Context,
    goal: Rel,
    op: RelOp,
    parts: Sequence[_Addend],
    point: dict[Term, Term],
    budget: Budget,
) -> Proof | None:
    """Each exponential above its tangent at the exponent's value at a point."""
    notes = Notes(context)
    if not _logs_exist(prove, notes, [part.exponent for part in parts], budget):
        return None
    lines: list[Term] = []
    touching: list[tuple[Term, Term]] = []
    for part in parts:
        if part.is_plain:
            lines.append(part.factor)
            continue
        at = replace(part.exponent, point)
        factor, offset = mul(part.factor, Call("exp", (at,))), sub(part.exponent, at)
        if not notes.context.defines_term(offset):
            return None
        learn(notes, "exp_positive", at)
        lines.append(mul(factor, Add((ONE, offset))))
        touching.append((factor, offset))
    level = Rel(op, add(*lines), ZERO)
    if not notes.context.defines(level) or not plausible(notes.context, level):
        return None
    proof = prove(notes.context, level, budget.share(0.6))
    if proof is None:
        return None
    notes.have(level, dict(proof))
    gaps = _above_tangents(prove, notes, touching, budget)
    whole = None if gaps is None else total_sign(notes, op, [level.left, *gaps], budget)
    return concluded(notes, goal, whole)


def _above_tangents(
    prove: Prove, notes: Notes, parts: Sequence[tuple[Term, Term]], budget: Budget
) -> list[Term] | None:
    """``factor * (exp(t) - (1 + t))`` for each part, which are learnt to be nonnegative."""
    found = []
    for factor, exponent in parts:
        if not _positive(prove, notes, factor, budget):
            return None
        if not learn(notes, "exp_tangent", exponent):
            return None
        gap = sub(Call("exp", (exponent,)), Add((ONE, exponent)))
        product = product_sign(notes, ">=", factor, gap, budget)
        if product is None:
            return None
        found.append(product)
    return found


def _simple_points(context: Context, goal: Rel) -> Iterator[dict[Term, Term]]:
    """Simple rational points near which both sides are equal."""
    seen = set()
    for place in tight_points(context, goal)[:4]:
        close = {name: Fraction(value).limit_denominator(6) for name, value in place.items()}
        if any(abs(float(close[name]) - value) > NEAR for name, value in place.items()):
            continue
        key = tuple(sorted(close.items()))
        if key not in seen:
            seen.add(key)
            yield {Sym(name): Num(value) for name, value in close.items()}


def _positive(prove: Prove, notes: Notes, factor: Term, budget: Budget) -> bool:
    return establish(prove.easier(), notes, Rel(">", factor, ZERO), budget)


def _logs_exist(prove: Prove, notes: Notes, terms: Iterable[Term], budget: Budget) -> bool:
    """Prove that every argument of a logarithm is positive."""
    return all(_positive(prove, notes, argument, budget) for argument in log_arguments(terms))
