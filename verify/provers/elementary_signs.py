"""Polynomials with nonnegative coefficients in what is known to be nonnegative."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from typing import Any

from flint import fmpq_mpoly, fmpz

from verify.kernel.poly import Refused, fraction, rational
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
    num,
)
from verify.provers.elementary_forms import Forms, relation, tidy_rel
from verify.provers.elementary_linear import combine
from verify.provers.elementary_place import Script
from verify.provers.elementary_points import ORIGIN, value
from verify.provers.elementary_tape import names_in

Proof = Mapping[str, Any]

MAX_BOUNDED = 4


@dataclass(frozen=True, slots=True)
class _Bound:
    """Fact number ``index``: ``scale * side * (atom - at)`` is nonnegative."""

    index: int
    at: Fraction
    scale: Fraction
    side: int
    strict: bool


def know_atoms(script: Script, claim: Rel) -> None:
    """Cut what is known of the atoms of a claim whatever their arguments: exponentials are
    positive, even roots are not negative, sines and cosines lie in [-1, 1]."""
    for atom in Forms.of(claim).atoms:
        if not names_in(atom):
            _know_constant(script, atom)
        match atom:
            case Call(name="exp", args=(arg,)):
                _know(script, relation(atom, ">"), "exp_positive", arg)
            case Pow(base=base, exp=Num(value=value)) if value.denominator > 1:
                if script.context.knows(relation(base, ">=")):
                    degree = num(value.denominator)
                    _know(script, relation(atom, ">="), "root_sign", base, degree)
                    if value.numerator == 1:
                        _know_root_bounds(script, atom, base, value.denominator)
            case Pow(base=base, exp=exponent):
                argument = Mul((exponent, Call("log", (base,))))
                _know(script, relation(atom, ">"), "exp_positive", argument)
            case Call(name="sin" | "cos" as name, args=(angle,)):
                _know_range(script, atom, angle)
                _know_angle(script, atom, name, angle)
            case Call(name="atan", args=(arg,)):
                half = Div(Const("pi"), num(2))
                for bound in (Rel("<", atom, half), Rel(">", atom, Neg(half))):
                    _know(script, tidy_rel(bound), "atan_bounds", arg)
            case Call(name="log", args=(arg,)):
                _know_logarithm(script, atom, arg)


def _know(script: Script, fact: Rel, name: str, *terms: Term) -> None:
    if fact in script.context.facts:
        return
    if script.context.knows(fact):
        script.learn(fact, {"rule": "given"})
        return
    proof = {"rule": "fact", "name": name, "terms": [text(term) for term in terms]}
    script.learn(fact, proof)


def _know_root_bounds(script: Script, root: Term, base: Term, degree: int) -> None:
    """``sqrt(x) <= 3`` from ``x <= 9``, for literal bounds of a variable."""
    if not isinstance(base, Sym):
        return
    for below, end in zip((True, False), script.context.bounds.get(base.name, ()), strict=False):
        if end is None or end <= 0:
            continue
        bound = _root_near(end, degree, below)
        fact = tidy_rel(Rel(">=" if below else "<=", root, num(bound)))
        order = tidy_rel(Rel(">=" if below else "<=", base, num(bound**degree)))
        power = tidy_rel(Rel("==", Pow(root, num(degree)), base))
        if not bound or script.context.knows(fact) or not _at_hand(script, order):
            continue
        if power not in script.context.facts:
            _know(script, power, "root_power", base, num(degree))
        if order not in script.context.facts:
            script.learn(order, {"rule": "given"})
        # With d = c - r > 0: d (c^(q-1) + .. + r^(q-1)) + (x - c^q) = x - r^q = 0; or all the
        # other way round.
        facts = script.context.facts
        negated, sign = len(facts), facts.index(relation(root, ">="))
        products = [
            [str(bound**i), [negated, *[sign] * (degree - 1 - i)], []] for i in range(degree)
        ]
        products.append(["1", [facts.index(order)], []])
        equations = [[facts.index(power), "1" if below else "-1"]]
        proof = {"rule": "refute", "products": products, "equations": equations}
        script.learn(fact, proof)


def _root_near(value: Fraction, degree: int, below: bool) -> Fraction:
    """A rational root of a value, rounded down or up where it has none."""
    tops = [int(fmpz(part).root(degree)) for part in (value.numerator, value.denominator)]
    exact = Fraction(tops[0], tops[1])
    if exact**degree == value:
        return exact
    scale = 2**20
    found = Fraction(int(fmpz(int(value * scale**degree)).root(degree)), scale)
    return found if below else found + Fraction(1, scale)


def _know_constant(script: Script, atom: Term) -> None:
    """Rational bounds of a constant, which the kernel confirms by itself."""
    ball = value(atom, ORIGIN)
    if not ball.is_finite():
        return
    middle = Fraction(round(float(ball.mid()) * 2**20), 2**20)
    room = Fraction(1, 2**20)
    for fact in (
        tidy_rel(Rel(">=", atom, num(middle - room))),
        tidy_rel(Rel("<=", atom, num(middle + room))),
    ):
        if fact not in script.context.facts and script.context.knows(fact):
            script.learn(fact, {"rule": "given"})


def _know_range(script: Script, atom: Term, angle: Term) -> None:
    """``-1 <= sin(t) <= 1``: with ``v = sin(t)``, ``w = cos(t)`` and ``d = v - 1 > 0`` otherwise,
    ``d^2 + 2 d + w^2 - (v^2 + w^2 - 1) = 0``."""
    sine, cosine = Call("sin", (angle,)), Call("cos", (angle,))
    other = cosine if atom == sine else sine
    circle = tidy_rel(Rel("==", Add((Pow(sine, num(2)), Pow(cosine, num(2)))), ONE))
    for bound in (tidy_rel(Rel("<=", atom, ONE)), tidy_rel(Rel(">=", atom, num(-1)))):
        if script.context.knows(bound):
            continue
        if circle not in script.context.facts:
            proof = {"rule": "fact", "name": "pythagoras", "terms": [text(angle)]}
            script.learn(circle, proof)
        negated = len(script.context.facts)
        products = [["1", [negated, negated], []], ["2", [negated], []], ["1", [], [text(other)]]]
        equations = [[script.context.facts.index(circle), "-1"]]
        script.learn(bound, {"rule": "refute", "products": products, "equations": equations})


def _know_angle(script: Script, atom: Term, name: str, angle: Term) -> None:
    """``sin > 0`` on (0, pi), ``cos > 0`` on (-pi/2, pi/2), where the bounds are at hand."""
    half = Div(Const("pi"), num(2))
    low, high = (ZERO, Const("pi")) if name == "sin" else (Neg(half), half)
    fact = relation(atom, ">")
    if fact in script.context.facts or script.place.refuted(fact):
        return
    if _at_hand(script, Rel(">", angle, low)) and _at_hand(script, Rel("<", angle, high)):
        _know(script, fact, f"{name}_positive", angle)


def _know_logarithm(script: Script, atom: Term, arg: Term) -> None:
    """The sign of a logarithm, where the side of 1 on which its argument lies is at hand."""
    if _at_hand(script, Rel(">=", arg, ONE)):
        fact = tidy_rel(Rel("<=", Call("log", (ONE,)), atom))
        _know(script, fact, "log_increasing", ONE, arg)
    elif _at_hand(script, Rel("<=", arg, ONE)) and script.context.knows(relation(arg, ">")):
        fact = tidy_rel(Rel("<=", atom, Call("log", (ONE,))))
        _know(script, fact, "log_increasing", arg, ONE)


def _at_hand(script: Script, rel: Rel) -> bool:
    """Know a relation that is a fact, or follows from facts in one step."""
    wanted = tidy_rel(rel)
    if script.context.knows(wanted):
        return True
    proof = None if script.place.refuted(wanted) else combine(script.context, wanted)
    if proof is None:
        return False
    script.learn(wanted, proof)
    return True


def termwise(script: Script, claim: Rel) -> Proof | None:
    """A proof of ``p >= 0`` or ``p > 0`` by expanding ``p`` at known bounds of its atoms."""
    facts = [fact for fact in script.context.facts if fact.op not in ("==", "!=")]
    forms = Forms.of(claim, *facts)
    try:
        p = forms.sign(claim)
        bounds = _bounds(script, forms)
    except Refused:
        return None
    if claim.op in ("<=", "<"):
        p = -p
    used = forms.used(p)
    choices: list[list[_Bound | None]] = [list(bounds.get(index, [])) for index in used]
    if sum(len(choice) > 1 for choice in choices) > MAX_BOUNDED:
        choices = [choice[:1] for choice in choices]
    for chosen in product(*(choice or [None] for choice in choices)):
        proof = _expanded(script, forms, p, dict(zip(used, chosen, strict=True)), claim)
        if proof is not None:
            return proof
    return None


def _bounds(script: Script, forms: Forms) -> dict[int, list[_Bound]]:
    """The tightest lower and upper literal bounds of the atoms."""
    found: dict[int, dict[int, _Bound]] = {}
    for number, fact in enumerate(script.context.facts):
        if fact.op in ("==", "!="):
            continue
        try:
            polynomial = forms.sign(script.context.usable(number))
        except Refused:
            continue
        used = forms.used(polynomial)
        if len(used) != 1 or polynomial.total_degree() != 1:
            continue
        slope = fraction(polynomial.coefficient(0))
        at = -(fraction(polynomial.coefficient(1)) if len(polynomial) > 1 else 0) / slope
        lower = (slope > 0) == (fact.op in (">=", ">"))
        side = 1 if lower else -1
        bound = _Bound(number, Fraction(at), abs(slope), side, fact.op in (">", "<"))
        known = found.setdefault(used[0], {}).get(side)
        if known is None or (bound.at * side, bound.strict) > (known.at * side, known.strict):
            found[used[0]][side] = bound
    return {index: [sides[s] for s in (1, -1) if s in sides] for index, sides in found.items()}


def _expanded(
    script: Script, forms: Forms, p: fmpq_mpoly, chosen: dict[int, _Bound | None], claim: Rel
) -> Proof | None:
    moved = []
    for index, gen in enumerate(forms.ring.ctx.gens()):
        bound = chosen.get(index)
        # atom = at + side * v, where the fact is scale * v.
        moved.append(gen if bound is None else gen * bound.side + rational(bound.at))
    shifted = p.compose(*moved, ctx=forms.ring.ctx)
    products: list[Any] = [["1", [len(script.context.facts)], []]]
    strict = claim.op in (">=", "<=")
    for powers, coefficient in shifted.terms():
        value = fraction(coefficient)
        factors: list[int] = []
        squares: list[str] = []
        positive = True
        for index, power in enumerate(int(q) for q in powers):
            if not power:
                continue
            bound = chosen.get(index)
            if bound is None:
                if power % 2:
                    return None
                squares.append(text(Pow(forms.atoms[index], Num(Fraction(power // 2)))))
                positive = False
                continue
            value /= bound.scale**power
            factors += [bound.index] * power
            positive &= bound.strict
        if value < 0:
            return None
        strict |= positive
        products.append([str(value), factors, squares])
    if not strict:
        return None
    return {"rule": "refute", "products": products, "equations": []}
