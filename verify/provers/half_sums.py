"""Sines of two angles, in half their sum and half their difference: ``sin x + sin y`` is
``2 sin p cos h`` with ``x = p + h`` and ``y = p - h``, and bounds of ``cos h`` do the rest."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from verify.kernel.context import Context
from verify.kernel.poly import Refused, difference
from verify.language.codec import encode_term
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
    free_names,
    mul,
    num,
)
from verify.provers.atoms import Notes, establish
from verify.provers.budget import Budget
from verify.provers.elementary_forms import Forms
from verify.provers.linear import farkas
from verify.provers.tactic import Proof, Prove
from verify.provers.turns import (
    HALF_TURN,
    QUARTER,
    angles_of,
    linear_form,
    opened,
    outside_angles,
    replaced,
    unit_of,
)

MEAN, HALF = "mean__", "half__"
"""What the new variables are called; once is enough."""


def half_sums(prove: Prove, context: Context, goal: Formula, budget: Budget) -> Proof | None:
    """Two variables that occur in sines and cosines, as sum and difference of two others; a third
    one is what an equation says that it is."""
    if not isinstance(goal, Rel) or goal.op == "!=":
        return None
    inside = frozenset().union(*(free_names(angle) for angle in angles_of(goal)))
    if outside_angles(goal) or inside & context.integers or any(map(_is_new, inside)):
        return None
    if len(inside) == 3:
        return _without_third(prove, context, goal, budget)
    if len(inside) != 2:
        return None
    one, other = sorted(inside)
    mean, half = _fresh(context, goal, MEAN), _fresh(context, goal, HALF)
    by_mean: Term = Add((Mul((num(2), Sym(mean))), Neg(Sym(other))))
    by_half: Term = Add((Sym(mean), Neg(Sym(half))))
    before, inner = context, goal
    for name, value in ((one, by_mean), (other, by_half)):
        table: dict[Term, Term] = {Sym(name): value}
        before = before.replacing(table, before.integers)
        inner = replaced(inner, table)
    notes = Notes(before)
    know_signs(prove, notes, inner, (mean, half), budget)
    proof = _by_ends(prove, notes, inner, mean, half, budget.share(0.9))
    if proof is None:
        proof = prove(notes.context, inner, budget.share(0.5))
    if proof is None:
        return None
    proof = notes.close(dict(proof))
    proof = _substituted(other, by_half, Add((Sym(mean), Neg(Sym(other)))), half, proof)
    return _substituted(one, by_mean, Div(Add((Sym(one), Sym(other))), num(2)), mean, proof)


def _by_ends(
    prove: Prove, notes: Notes, goal: Rel, mean: str, half: str, budget: Budget
) -> Proof | None:
    """A goal that is affine in the cosine of the half difference, or in its square: what it says at
    the ends of the range of that."""
    if goal.op not in ("<=", ">="):
        return None
    units = unit_of(goal, mean), unit_of(goal, half)
    gap = difference(goal) if goal.op == ">=" else Neg(difference(goal))
    plain = opened(gap, units)
    cosine = Call("cos", (units[1],))
    low: Term = ZERO if notes.context.knows(Rel(">=", cosine, ZERO)) else num(-1)
    affine = None if plain is None else _affine(plain, units[1], low)
    if affine is None:
        return None
    value, ends, bounds = affine
    inner = Notes(notes.context)
    same = Rel("==", gap, value)
    known = [Rel(">=", end, ZERO) for end in ends]
    for fact, share in zip((*bounds, same, *known), (0.1, 0.1, 0.3, 0.5, 0.9), strict=True):
        if inner.context.knows(fact):
            inner.state(fact)
            continue
        proof = prove(inner.context, fact, budget.share(share))
        if proof is None:
            return None
        inner.add(fact, dict(proof))
    # With l <= m <= 1: (1 - l) p(m) = (1 - m) p(l) + (m - l) p(1).
    above, below, at_low, at_one = map(inner.number, (*bounds, *known))
    weight = str(1 / (1 - bounds[0].right.value))  # type: ignore[union-attr]
    return inner.close(
        {
            "rule": "refute",
            "products": [
                ["1", [inner.negated(goal)], []],
                [weight, [below, at_low], []],
                [weight, [above, at_one], []],
            ],
            "equations": [[inner.number(same), "1"]],
        }
    )


def _affine(
    plain: Term, unit: Term, low: Term
) -> tuple[Term, tuple[Term, Term], tuple[Rel, Rel]] | None:
    """A polynomial without the sine of an angle, where it is affine in its cosine or the square of
    that; its values at the ends, and the bounds."""
    cosine, sine = Call("cos", (unit,)), Call("sin", (unit,))
    forms = Forms((plain, cosine, sine))
    try:
        polynomial = forms.ring.polynomial(plain)
    except Refused:
        return None
    (place,) = forms.used(forms.ring.polynomial(cosine))
    (other,) = forms.used(forms.ring.polynomial(sine))
    square = forms.ring.one - forms.ring.polynomial(cosine) ** 2
    whole = forms.ring.ctx.constant(0)
    for power, part in forms.coefficients(polynomial, other).items():
        if power % 2 and not part.is_zero():
            return None
        whole = whole + part * square ** (power // 2)
    parts = {n: part for n, part in forms.coefficients(whole, place).items() if not part.is_zero()}
    rest = parts.pop(0, forms.ring.ctx.constant(0))
    if len(parts) != 1 or not parts.keys() <= {1, 2}:
        return None
    ((power, slope),) = parts.items()
    start = ZERO if power == 2 else low
    moving = cosine if power == 1 else Pow(cosine, num(2))
    at_low = rest if start == ZERO else rest - slope
    return (
        forms.term(whole),
        (forms.term(at_low), forms.term(rest + slope)),
        (Rel(">=", moving, start), Rel("<=", moving, ONE)),
    )


def _substituted(name: str, forward: Term, backward: Term, fresh: str, then: Proof) -> Proof:
    return {
        "rule": "substitute",
        "var": name,
        "as": encode_term(forward),
        "inverse": encode_term(backward),
        "fresh": fresh,
        "proof": {"rule": "given"},
        "facts": [],
        "then": then,
    }


def _without_third(prove: Prove, context: Context, goal: Rel, budget: Budget) -> Proof | None:
    """The last of three variables by an equation that is linear in them."""
    last = max(free_names(goal))
    for fact in context.facts:
        value = _solved_for(fact, last) if fact.op == "==" else None
        if value is None or free_names(fact) != free_names(goal):
            continue
        table: dict[Term, Term] = {Sym(last): value}
        inner = context.replacing(table, context.integers)
        then = half_sums(prove, inner, replaced(goal, table), budget)
        return then and {
            "rule": "replace",
            "var": last,
            "by": encode_term(value),
            "proof": {"rule": "given"},
            "then": then,
        }
    return None


def _solved_for(equation: Rel, name: str) -> Term | None:
    """What an equation with constant coefficients says that a variable is."""
    parts = linear_form(difference(equation))
    if parts is None or not parts.get(Sym(name)):
        return None
    slope = parts.pop(Sym(name))
    return Add(tuple(_times(-part / slope, term) for term, part in parts.items()))


def _times(factor: Fraction, term: Term) -> Term:
    if term == ONE:
        return Num(factor)
    return term if factor == 1 else mul(Num(factor), term)


def _is_new(name: str) -> bool:
    return name.startswith((MEAN, HALF))


def know_signs(prove: Prove, notes: Notes, goal: Rel, names: Sequence[str], budget: Budget) -> None:
    """Learn the signs of the sine and the cosine of the common units of the angles."""
    for name in names:
        unit = unit_of(goal, name)
        for low, high, function in (
            (ZERO, HALF_TURN, "sin"),
            (Neg(QUARTER), QUARTER, "cos"),
        ):
            for op in ("<", "<="):
                ends = (Rel(op, low, unit), Rel(op, unit, high))
                if all(_bounded(notes, end, budget) for end in ends):
                    above: RelOp = ">" if op == "<" else ">="
                    fact = Rel(above, Call(function, (unit,)), ZERO)
                    establish(prove.easier(), notes, fact, budget)
                    break


def _bounded(notes: Notes, end: Rel, budget: Budget) -> bool:
    if notes.context.knows(end):
        return True
    proof = farkas(notes.context, end, budget.share(0.1))
    if proof is None:
        return False
    notes.have(end, dict(proof))
    return True


def _fresh(context: Context, goal: Rel, name: str) -> str:
    while name in context.names | free_names(goal):
        name += "_"
    return name
