"""Inverse sines of special numbers: ``asin(1/2) == pi/6``, from the sine of that angle.

With ``a = asin(v)`` and an angle ``b`` of sine ``v``, neither of which has a negative cosine: the
cosines agree, so ``sin(a - b) = 0``; but that sine would be positive for ``0 < a - b < pi``.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from verify.language.render import text
from verify.language.term import (
    FALSE,
    ONE,
    ZERO,
    Add,
    Call,
    Const,
    Mul,
    Neg,
    Num,
    Pow,
    Rel,
    RelOp,
    Term,
    num,
)
from verify.provers.elementary_forms import Forms, relation, tidy_rel
from verify.provers.elementary_linear import combine, equate
from verify.provers.elementary_place import Script
from verify.provers.elementary_points import ORIGIN, value
from verify.provers.elementary_tape import names_in


def special_angle(atom: Call) -> Term | None:
    """The multiple of pi that the inverse sine of a constant seems to be."""
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
    """Cut ``asin(v) == b`` into a script; False if the kernel does not know the sine of ``b``."""
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
    if not all(_not_beyond(script, atom, angle, op) for op in _SIDES):
        return False
    sides = [script.index(tidy_rel(Rel(op, atom, angle))) for op in _SIDES]
    _refute(script, _equal(atom, angle), [["1", sides, []]], [])
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
        if not inner.context.knows(premise):
            return False
    _fact(inner, relation(Call("sin", (gap,)), ">"), "sin_positive", gap)
    proof = combine(inner.context, FALSE)
    if proof is None:
        return False
    no = inner.close(proof)
    split = {"rule": "split", "on": text(wanted), "yes": {"rule": "given"}, "no": no}
    script.learn(wanted, split)
    return True
