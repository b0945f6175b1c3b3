"""Inverse sines and tangents of special numbers, and of inverses of numbers.

With ``a = asin(v)`` and an angle ``b`` of sine ``v``, neither of which has a negative cosine: the
cosines agree, so ``sin(a - b) = 0``; but that sine would be positive for ``0 < a - b < pi``. For
``a = atan(v)`` and an angle ``b`` with ``sin b = v cos b`` the sine of ``a - b`` vanishes as well;
and for ``t > 0`` so does that of ``pi/2 - atan(t) - atan(1/t)``.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from verify.kernel.context import Context
from verify.kernel.poly import Ring, difference
from verify.language.render import text
from verify.language.term import (
    FALSE,
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
    RelOp,
    Sym,
    Term,
    num,
)
from verify.provers.elementary_forms import Forms, relation, tidy_rel
from verify.provers.elementary_linear import combine, equate
from verify.provers.elementary_place import Place, Script
from verify.provers.elementary_points import ORIGIN, value
from verify.provers.elementary_tape import names_in


def special_angle(atom: Call) -> Term | None:
    """The multiple of pi that the inverse sine or tangent of a constant seems to be."""
    if names_in(atom):
        return None
    share = value(atom, ORIGIN) / value(Const("pi"), ORIGIN)
    if not share.is_finite():
        return None
    turns = Fraction(float(share.mid())).limit_denominator(12)
    if not abs(share - turns.numerator / turns.denominator) < 1e-12:
        return None
    return Mul((Num(turns), Const("pi"))) if turns else ZERO


def learn_special_angle(script: Script, atom: Call, angle: Term) -> bool:
    """Cut ``asin(v) == b`` or ``atan(v) == b`` into a script; False if the kernel does not know the
    sine and the cosine of ``b``."""
    if atom.name == "atan":
        return _learn_special_arctan(script, atom, angle)
    (number,) = atom.args
    sine, cosine, other = Call("sin", (atom,)), Call("cos", (atom,)), Call("cos", (angle,))
    if not script.context.knows(_equal(Call("sin", (angle,)), number)):
        return False
    known = _fact(script, _equal(sine, number), "sin_asin", number)
    circle = _equal(Add((_square(sine), _square(cosine))), ONE)
    _fact(script, circle, "pythagoras", atom)
    same = _same_cosine(script, (sine, cosine, other, number), known, script.index(circle))
    if same is None:
        return False
    gap = Add((atom, Neg(angle)))
    turned = Call("sin", (gap,))
    parts = (Mul((sine, Call("cos", (Neg(angle),)))), Mul((cosine, Call("sin", (Neg(angle),)))))
    by_sum = _fact(script, _equal(turned, Add(parts)), "sin_sum", atom, Neg(angle))
    # f = (f - s d + c v) + (s - v) d - (c - d) v, for f = sin(a - b), and f^2 > 0 unless f = 0.
    multipliers = [
        [by_sum, Neg(turned)],
        [known, Neg(Mul((turned, other)))],
        [same, Mul((turned, number))],
    ]
    _refute(script, _equal(turned, ZERO), [], multipliers)
    return _same_angle(script, atom, angle)


def _learn_special_arctan(script: Script, atom: Call, angle: Term) -> bool:
    (number,) = atom.args
    other = Call("cos", (angle,))
    theirs = _equal(Call("sin", (angle,)), Mul((number, other)))
    if not _learn_constant(script, theirs):
        return False
    mine = _cleared(script, _learn_tangent(script, atom))
    sine, cosine = Call("sin", (atom,)), Call("cos", (atom,))
    turned = Call("sin", (Add((atom, Neg(angle))),))
    parts = (Mul((sine, Call("cos", (Neg(angle),)))), Mul((cosine, Call("sin", (Neg(angle),)))))
    by_sum = _fact(script, _equal(turned, Add(parts)), "sin_sum", atom, Neg(angle))
    forms = Forms((number,))
    below = forms.term(forms.ring.fraction(number)[1])
    positive = [] if isinstance(below, Num) else [_known_positive(script, below)]
    # With v = E/D and f = sin(a - b), d = cos b, e = sin b:
    # D f = D (f - s d + c e) + (D s - E c) d - (D e - E d) c.
    multipliers = [[by_sum, Neg(Mul((below, turned)))], [mine, Neg(Mul((turned, other)))]]
    if theirs in script.context.facts:
        known = _cleared(script, script.index(theirs))
        multipliers.append([known, Mul((turned, cosine))])
    _refute(script, _equal(turned, ZERO), [], multipliers, *positive)
    return _same_angle(script, atom, angle)


def _learn_tangent(script: Script, atom: Call) -> int:
    """Cut ``sin(a) == t cos(a)`` for ``a = atan(t)``, and the range of ``a``."""
    (number,) = atom.args
    half = Div(Const("pi"), num(2))
    for fact in (tidy_rel(Rel("<", atom, half)), relation(Add((atom, half)), ">")):
        _fact(script, fact, "atan_bounds", number)
    tangent = _equal(Call("sin", (atom,)), Mul((number, Call("cos", (atom,)))))
    return _fact(script, tangent, "sin_atan", number)


def inverse_value(atom: Call) -> Term | None:
    """``pi/2 - atan(t)`` for ``atan(1/t)`` where ``t`` has no denominator, for positive ``t``."""
    (arg,) = atom.args
    forms = Forms((arg,))
    top, bottom = forms.ring.fraction(arg)
    if bottom.is_constant() or not top.is_constant():
        return None
    below = forms.term(bottom / top.leading_coefficient())
    return Add((Div(Const("pi"), num(2)), Neg(Call("atan", (below,)))))


def learn_inverse(
    script: Script, atom: Call, value: Term, prove: Callable[[Script, Rel], bool]
) -> bool:
    """Cut ``atan(1/t) == pi/2 - atan(t)`` into a script, for ``t`` that is proved positive."""
    other = value.args[1].arg if isinstance(value, Add) and isinstance(value.args[1], Neg) else None
    if not isinstance(other, Call):
        return False
    (number,) = other.args
    for argument in (number, atom.args[0]):
        if not _positive_arctan(script, argument, prove):
            return False
    mine, theirs = (_cleared(script, _learn_tangent(script, each)) for each in (atom, other))
    half = Div(Const("pi"), num(2))
    both = Add((atom, other))
    cosines = Mul((Call("cos", (atom,)), Call("cos", (other,))))
    sines = Mul((Call("sin", (atom,)), Call("sin", (other,))))
    whole = Call("cos", (both,))
    by_sum = _fact(script, _equal(whole, Add((cosines, Neg(sines)))), "cos_sum", atom, other)
    # With s = sin(a), c = cos(a) for a = atan(1/t), and S, C for atan(t):
    # t (c C - s S) = -c (S - t C) - S (t s - c).
    multipliers = [
        [by_sum, Neg(Mul((whole, number)))],
        [theirs, Mul((whole, Call("cos", (atom,))))],
        [mine, Mul((whole, Call("sin", (other,))))],
    ]
    place = _known_positive(script, number)
    number_of_cosine = _refute(script, _equal(whole, ZERO), [], multipliers, place)
    gap = Add((half, Neg(both)))
    turned = Call("sin", (gap,))
    parts = (
        Mul((Call("sin", (half,)), Call("cos", (Neg(both),)))),
        Mul((Call("cos", (half,)), Call("sin", (Neg(both),)))),
    )
    turn = _fact(script, _equal(turned, Add(parts)), "sin_sum", half, Neg(both))
    _refute(
        script,
        _equal(turned, ZERO),
        [],
        [[turn, Neg(turned)], [number_of_cosine, Neg(turned)]],
    )
    return _same_angle(script, half, both) and _restate(script, _equal(atom, value))


def _positive_arctan(script: Script, argument: Term, prove: Callable[[Script, Rel], bool]) -> bool:
    """Cut ``atan(t) > 0`` for a positive ``t``, from the same for a variable."""
    positive, wanted = relation(argument, ">"), relation(Call("atan", (argument,)), ">")
    if wanted in script.context.facts:
        return True
    if not script.context.knows(positive) and not prove(script, positive):
        return False
    keep = [_known_positive(script, argument)]
    fresh = Sym("t")
    while fresh.name in script.place.names:
        fresh = Sym(fresh.name + "_")
    alone = Context((relation(fresh, ">"),))
    inner = Script(Place.of(alone))
    if not prove(inner, relation(Call("atan", (fresh,)), ">")):
        return False
    then = inner.close({"rule": "given"})
    general = {"rule": "generalise", "term": text(argument), "fresh": fresh.name, "then": then}
    script.learn(wanted, {"rule": "focus", "keep": keep, "then": general})
    return True


def _cleared(script: Script, equation: int) -> int:
    """An equation without its denominator, which is known to be positive."""
    rel = script.context.facts[equation]
    ring = Ring((rel.left, rel.right))
    top, bottom = ring.fraction(difference(rel))
    if bottom.is_constant():
        return equation
    place = _known_positive(script, ring.term(bottom))
    # (top bottom) top bottom = top^2 bottom^2.
    multiplier = Neg(Mul((ring.term(top), ring.term(bottom))))
    plain = relation(ring.term(top), "==")
    return _refute(script, plain, [], [[equation, multiplier]], place, place)


def _known_positive(script: Script, term: Term) -> int:
    fact = relation(term, ">")
    if fact not in script.context.facts:
        script.learn(fact, {"rule": "given"})
    return script.index(fact)


def _restate(script: Script, equation: Rel) -> bool:
    if equation not in script.context.facts:
        if not script.context.knows(equation):
            return False
        script.learn(equation, {"rule": "given"})
    return True


def _learn_constant(script: Script, equation: Rel) -> bool:
    """Cut an equation between numbers with square roots, unless its normal form is trivial."""
    if script.context.knows(equation):
        return True
    return _known_square(script, equation) is not None


def _same_angle(script: Script, left: Term, right: Term) -> bool:
    """Cut ``a == b``, where ``sin(a - b) == 0`` is a fact and less than a half turn is between."""
    if not all(_not_beyond(script, left, right, op) for op in _SIDES):
        return False
    sides = [script.index(tidy_rel(Rel(op, left, right))) for op in _SIDES]
    _refute(script, _equal(left, right), [["1", sides, []]], [])
    return True


_SIDES: tuple[RelOp, RelOp] = ("<=", ">=")


def _square(term: Term) -> Term:
    return Pow(term, num(2))


def _equal(left: Term, right: Term) -> Rel:
    return tidy_rel(Rel("==", left, right))


def _fact(script: Script, rel: Rel, name: str, *terms: Term) -> int:
    if rel not in script.context.facts:
        proof = {"rule": "fact", "name": name, "terms": [text(term) for term in terms]}
        script.learn(rel, proof)
    return script.index(rel)


def _refute(
    script: Script, equation: Rel, products: list[Any], multipliers: list[Any], *positive: int
) -> int:
    """Cut an equation: its gap's square, times positive facts, would not vanish otherwise."""
    negated = len(script.context.facts)
    proof = {
        "rule": "refute",
        "products": [["1", [negated, *positive], []], *products],
        "equations": [[number, text(term)] for number, term in multipliers],
    }
    script.learn(equation, proof)
    return script.index(equation)


def _same_cosine(
    script: Script, terms: tuple[Term, Term, Term, Term], known: int, circle: int
) -> int | None:
    """``c = d``, from ``c^2 = 1 - v^2 = d^2`` and ``c + d > 0``, or from ``c^2 = d = 0``."""
    sine, cosine, other, number = terms
    rest = Add((ONE, Neg(_square(number))))
    squared = _equal(_square(cosine), rest)
    gap = Add((_square(cosine), Neg(rest)))
    # c^2 - 1 + v^2 = (s^2 + c^2 - 1) - (s - v) (s + v).
    both = Mul((gap, Add((sine, number))))
    mine = _refute(script, squared, [], [[circle, Neg(gap)], [known, both]])
    equation = _equal(cosine, other)
    if script.context.knows(_equal(other, ZERO)):
        return _refute(script, equation, [], [[mine, num(-1)]])
    theirs = _known_square(script, _equal(_square(other), rest))
    positive = relation(Add((cosine, other)), ">")
    if theirs is None or not script.context.knows(positive):
        return None
    script.learn(positive, {"rule": "given"})
    place = script.index(positive)
    # (c - d)^2 (c + d)^2 = (c^2 - d^2) ((c^2 - 1 + v^2) - (d^2 - 1 + v^2)).
    factor = Add((_square(cosine), Neg(_square(other))))
    multipliers = [[mine, Neg(factor)], [theirs, factor]]
    return _refute(script, equation, [], multipliers, place, place)


def _known_square(script: Script, equation: Rel) -> int | None:
    """Cut ``d^2 == 1 - v^2`` for numbers, perhaps with square roots of rationals."""
    if script.context.knows(equation):
        script.learn(equation, {"rule": "given"})
        return script.index(equation)
    roots = []
    for atom in Forms.of(equation).atoms:
        if isinstance(atom, Pow) and atom.exp == Num(Fraction(1, 2)):
            power = _equal(_square(atom), atom.base)
            roots.append(_fact(script, power, "root_power", atom.base, num(2)))
    proof = equate(script.context, equation, roots)
    if proof is None:
        return None
    script.learn(equation, proof)
    return script.index(equation)


def _not_beyond(script: Script, atom: Term, angle: Term, op: RelOp) -> bool:
    """``a <= b``, since ``sin(a - b)`` would be positive otherwise; and the other way round."""
    high, low = (atom, angle) if op == "<=" else (angle, atom)
    wanted = tidy_rel(Rel(op, atom, angle))
    gap = Add((high, Neg(low)))
    inner = Script(script.place.assume(tidy_rel(Rel(">", high, low))))
    for premise in (relation(gap, ">"), tidy_rel(Rel("<", gap, Const("pi")))):
        if inner.context.knows(premise):
            continue
        proof = combine(inner.context, premise)
        if proof is None:
            return False
        inner.learn(premise, proof)
    _fact(inner, relation(Call("sin", (gap,)), ">"), "sin_positive", gap)
    proof = combine(inner.context, FALSE)
    if proof is None:
        return False
    no = inner.close(proof)
    split = {"rule": "split", "on": text(wanted), "yes": {"rule": "given"}, "no": no}
    script.learn(wanted, split)
    return True
