"""Claims that a known fact about a function gives at once, or turns into one about its argument."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

from flint import fmpq_mpoly

from verify.kernel.poly import Refused, Ring, fraction
from verify.language.render import text
from verify.language.term import (
    ONE,
    ZERO,
    Call,
    Const,
    Div,
    Mul,
    Neg,
    Num,
    Pow,
    Rel,
    RelOp,
    Term,
    add,
    num,
)
from verify.provers.elementary_forms import Forms, relation, tidy
from verify.provers.elementary_glue import follow, sign_at_points
from verify.provers.elementary_place import Script

Proof = Mapping[str, Any]
Known = Callable[[Script, Rel], bool]
"""Cuts a relation into a script, unless it is known; says if it cannot."""

_HALF_PI = Div(Const("pi"), num(2))


def by_fact(script: Script, claim: Rel, known: Known) -> Proof | None:
    """A proof of ``p >= 0`` or ``p > 0`` from one fact about a function, or None."""
    forms = Forms.of(claim)
    try:
        p = forms.sign(claim)
    except Refused:
        return None
    if len(p) == 1 and p.total_degree() == 1 and p.leading_coefficient() > 0:
        atom = forms.atoms[forms.used(p)[0]]
        if isinstance(atom, Call) and atom.name in ("sin", "cos"):
            return _positive_angle(script, claim, atom, known)
        if isinstance(atom, Pow) and isinstance(atom.exp, Num) and claim.op == ">":
            return _positive_root(script, claim, atom, known)
    if p.total_degree() == 1 and len(p) <= 2:
        proof = _logarithms(script, claim, forms, p, known)
        if proof is not None:
            return proof
    if len(p) == 2:
        return _powers(script, claim, forms, p, known)
    return None


def _rel(op: RelOp, left: Term, right: Term) -> Rel:
    found = tidy(Rel(op, left, right))
    if not isinstance(found, Rel):
        raise Refused("one relation was expected")
    return found


def _fact(name: str, *terms: Term) -> Proof:
    return {"rule": "fact", "name": name, "terms": [text(term) for term in terms]}


def _positive_angle(script: Script, claim: Rel, atom: Call, known: Known) -> Proof | None:
    """``sin`` on (0, pi), ``cos`` on (-pi/2, pi/2)."""
    (angle,) = atom.args
    low, high = (ZERO, Const("pi")) if atom.name == "sin" else (Neg(_HALF_PI), _HALF_PI)
    if not all(known(script, _rel(op, angle, end)) for op, end in ((">", low), ("<", high))):  # type: ignore[arg-type]
        return None
    fact = relation(atom, ">")
    if fact not in script.context.facts:
        script.learn(fact, _fact(f"{atom.name}_positive", angle))
    return follow(script, claim, [fact], lambda *_: False)


def _positive_root(script: Script, claim: Rel, root: Pow, known: Known) -> Proof | None:
    """With ``r = t^(1/q)`` and ``t > 0``: if ``r <= 0``, then ``t = r * r^(q-1) <= 0``."""
    assert isinstance(root.exp, Num)
    degree = root.exp.value.denominator
    positive = relation(root.base, ">")
    if root.exp.value.numerator != 1 or not known(script, positive):
        return None
    equation = _rel("==", Pow(root, num(degree)), root.base)
    nonnegative = relation(root, ">=")
    for fact, name in ((equation, "root_power"), (nonnegative, "root_sign")):
        if fact not in script.context.facts:
            script.learn(fact, _fact(name, root.base, num(degree)))
    if positive not in script.context.facts:
        script.learn(positive, {"rule": "given"})
    negated = len(script.context.facts)
    facts = [negated, *[script.index(nonnegative)] * (degree - 1)]
    script_claim = relation(root, ">")
    proof = {
        "rule": "refute",
        "products": [["1", [script.index(positive)], []], ["1", facts, []]],
        "equations": [[script.index(equation), "1"]],
    }
    if claim == script_claim:
        return proof
    script.learn(script_claim, proof)
    return follow(script, claim, [script_claim], lambda *_: False)


def _logarithms(
    script: Script, claim: Rel, forms: Forms, p: fmpq_mpoly, known: Known
) -> Proof | None:
    """``log a - log b``, or one logarithm alone, by the order of the arguments."""
    sides: dict[int, Term] = {}
    for index in forms.used(p):
        atom = forms.atoms[index]
        if not (isinstance(atom, Call) and atom.name == "log"):
            return None
        slope = fraction(forms.coefficients(p, index)[1].leading_coefficient())
        sides[1 if slope > 0 else -1] = atom.args[0]
    values = {abs(fraction(c)) for _, c in p.terms()}
    if len(values) != 1 or len(sides) != len(p):
        return None
    high, low = sides.get(1, ONE), sides.get(-1, ONE)
    strict = claim.op == ">"
    needed = [relation(low, ">"), _rel("<" if strict else "<=", low, high)]
    if low == ONE:
        needed = needed[1:]
    if not all(known(script, rel) for rel in needed):
        return None
    name = "log_strictly_increasing" if strict else "log_increasing"
    fact = _rel("<" if strict else "<=", Call("log", (low,)), Call("log", (high,)))
    script.learn(fact, _fact(name, low, high))
    return follow(script, claim, [fact], lambda *_: False)


def _powers(script: Script, claim: Rel, forms: Forms, p: fmpq_mpoly, known: Known) -> Proof | None:
    """``c M - d N`` with products of powers ``M``, ``N``, by the logarithm of their quotient."""
    (powers_up, up), (powers_down, down) = sorted(
        ((tuple(int(q) for q in powers), fraction(c)) for powers, c in p.terms()),
        key=lambda item: -item[1],
    )
    if not up > 0 > down:
        return None
    sides: dict[int, list[Term]] = {1: [], -1: []}
    growing = False
    for index, (a, b) in enumerate(zip(powers_up, powers_down, strict=True)):
        if a == b:
            continue
        atom = forms.atoms[index]
        growing |= forms.keys[index].startswith("exp(")
        if sign_at_points(script.place, atom) != 1:
            return None
        if not forms.keys[index].startswith("exp(") and not known(script, relation(atom, ">")):
            return None
        exponent, body = _logarithm(atom)
        part = _times(Fraction(a - b), exponent, body)
        # A quotient is kept apart: sums of it with others have another normal form as exponents.
        if _is_quotient(part) == (a > b):
            sides[-1].append(_times(Fraction(b - a), exponent, body))
        else:
            sides[1].append(part)
    if not growing:
        return None
    ratio = up / -down
    if ratio != 1:
        sides[1].append(Call("log", (Num(ratio),)))
    high, low = add(*sides[1]), add(*sides[-1])
    strict = claim.op == ">"
    if not known(script, _rel("<" if strict else "<=", low, high)):
        return None
    name = "exp_strictly_increasing" if strict else "exp_increasing"
    fact = _rel("<" if strict else "<=", Call("exp", (low,)), Call("exp", (high,)))
    script.learn(fact, _fact(name, low, high))
    return follow(script, claim, [fact], known_positive(known))


def _is_quotient(term: Term) -> bool:
    ring = Ring((term,))
    return not ring.fraction(term)[1].is_constant()


def known_positive(known: Known) -> Callable[[Script, Rel], bool]:
    """The same, for facts that must be in the script."""

    def positive(script: Script, rel: Rel) -> bool:
        if not known(script, rel):
            return False
        if rel not in script.context.facts:
            script.learn(rel, {"rule": "given"})
        return True

    return positive


def _logarithm(atom: Term) -> tuple[Term, Term]:
    """``(y, t)`` such that the logarithm of a positive atom is ``y * t``."""
    match atom:
        case Call(name="exp", args=(arg,)):
            return ONE, arg
        case Const(name="e"):
            return ONE, ONE
        case Pow(base=base, exp=exponent):
            return exponent, Call("log", (base,))
        case _:
            return ONE, Call("log", (atom,))


def _times(count: Fraction, exponent: Term, body: Term) -> Term:
    factors = [f for f in (exponent, body) if f != ONE] or [ONE]
    if abs(count) != 1:
        factors.insert(0, Num(abs(count)))
    whole = factors[0] if len(factors) == 1 else Mul(tuple(factors))
    return Neg(whole) if count < 0 else whole
