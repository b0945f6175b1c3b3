"""Claims that a known fact about a function gives at once, or turns into one about its argument."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from math import lcm
from typing import Any

from flint import fmpq_mpoly

from verify.kernel.poly import Refused, Ring, fraction, sign_form
from verify.language.render import text
from verify.language.term import (
    FALSE,
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
    Sym,
    Term,
    add,
    mul,
    num,
    replace,
    subterms,
)
from verify.provers.elementary_forms import Forms, relation, tidy
from verify.provers.elementary_glue import follow, sign_at_points
from verify.provers.elementary_linear import combine
from verify.provers.elementary_place import Script
from verify.provers.elementary_rules import rules_for
from verify.provers.elementary_tape import names_in

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
    if len(p) == 2:
        proof = _powers(script, claim, forms, p, known)
        if proof is not None:
            return proof
    if p.total_degree() == 1:
        return _logarithms(script, claim, forms, p, known)
    return None


def by_exponential(script: Script, claim: Rel, known: Known) -> Proof | None:
    """``log t >= u`` from ``t >= exp(u)``, and ``log t <= u`` alike."""
    forms = Forms.of(claim)
    p = forms.sign(claim)
    logs = [
        index
        for index in forms.used(p)
        if isinstance(forms.atoms[index], Call) and forms.atoms[index].name == "log"  # type: ignore[union-attr]
    ]
    if len(logs) != 1:
        return None
    parts = forms.coefficients(p, logs[0])
    slope = parts.get(1)
    if set(parts) - {0, 1} or slope is None or not slope.is_constant():
        return None
    size = slope.leading_coefficient()
    (argument,) = forms.atoms[logs[0]].args  # type: ignore[union-attr]
    power = Call("exp", (forms.term(-parts.get(0, p - p) / size),))
    low, high = (power, argument) if size > 0 else (argument, power)
    strict = claim.op == ">"
    op: RelOp = "<" if strict else "<="
    needed = [relation(low, ">"), relation(high, ">"), _rel(op, low, high)]
    if not all(known(script, rel) for rel in needed):
        return None
    name = "log_strictly_increasing" if strict else "log_increasing"
    fact = _rel(op, Call("log", (low,)), Call("log", (high,)))
    script.learn(fact, _fact(name, low, high))
    equation = _rel("==", Call("log", (power,)), power.args[0])
    script.learn(equation, _fact("log_exp", power.args[0]))
    return combine(script.context, claim)


def by_contraposition(script: Script, claim: Rel) -> Proof | None:
    """For ``x >= t``, where a logarithm or exponential of something linear in ``x`` occurs in the
    facts: if ``x < t``, then ``log x < log t``, which may contradict them."""
    forms = Forms.of(claim)
    p = forms.sign(claim)
    inside = dict.fromkeys(
        node
        for fact in script.context.facts
        for side in (fact.left, fact.right)
        for node in subterms(side)
        if isinstance(node, Call) and node.name in ("log", "exp")
    )
    for index in forms.used(p):
        atom, parts = forms.atoms[index], forms.coefficients(p, index)
        slope = parts.get(1)
        if not isinstance(atom, Sym) or set(parts) - {0, 1} or slope is None:
            continue
        if not slope.is_constant():
            continue
        bound = forms.term(-parts.get(0, p - p) / slope.leading_coefficient())
        above = bool(slope.leading_coefficient() > 0)
        for call in inside:
            rising = _slope_in(call.args[0], atom)
            if not rising:
                continue
            ends = (call.args[0], replace(call.args[0], {atom: bound}))
            swap = above == (rising < 0)
            proof = _contradicted(script, claim, call.name, ends[::-1] if swap else ends)
            if proof is not None:
                return proof
    return None


def _slope_in(term: Term, variable: Sym) -> int:
    """The sign of the constant slope of a term in a variable; 0 where there is none."""
    if variable.name not in names_in(term):
        return 0
    forms = Forms((term,))
    top, bottom = forms.ring.fraction(term)
    if not bottom.is_constant() or variable.name not in forms.keys:
        return 0
    parts = forms.coefficients(top, forms.keys.index(variable.name))
    slope = parts.get(1)
    if set(parts) - {0, 1} or slope is None or not slope.is_constant():
        return 0
    return 1 if slope.leading_coefficient() > 0 else -1


def _contradicted(script: Script, claim: Rel, name: str, ends: tuple[Term, Term]) -> Proof | None:
    """``a >= b`` (or ``>``), since otherwise ``f(a) < f(b)`` (or ``<=``)."""
    high, low = ends
    op: RelOp = "<" if claim.op == ">=" else "<="
    off = tidy(Rel("<" if claim.op == ">=" else "<=", claim.left, claim.right))
    inner = Script(script.place.assume(off))
    order = _rel(op, high, low)
    if not inner.context.knows(order):
        return None
    fact = _rel(op, Call(name, (high,)), Call(name, (low,)))
    schema = f"{name}_strictly_increasing" if op == "<" else f"{name}_increasing"
    if name == "log" and not all(_positive(inner, end) for end in ends):
        return None
    if sign_form(fact).truth is not None:
        return None
    inner.learn(fact, _fact(schema, high, low))
    proof = combine(inner.context, claim) or combine(inner.context, FALSE)
    if proof is None:
        return None
    no = inner.close(proof)
    return {"rule": "split", "on": text(claim), "yes": {"rule": "given"}, "no": no}


def _positive(script: Script, term: Term) -> bool:
    """Know that a term is positive, if that takes one step."""
    fact = relation(term, ">")
    if script.context.knows(fact):
        return True
    proof = combine(script.context, fact)
    if proof is not None:
        script.learn(fact, proof)
    return proof is not None


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
    """``k_1 log t_1 + ... + c``, by the order of two products of powers of the arguments."""
    sides: dict[int, list[Term]] = {1: [], -1: []}
    whole = lcm(*(fraction(c).denominator for _, c in p.terms()))
    for powers, coefficient in p.terms():
        used = [index for index, power in enumerate(powers) if power]
        times = int(fraction(coefficient) * whole)
        side = sides[1 if times > 0 else -1]
        if not used:
            side.append(Call("exp", (num(abs(times)),)))
            continue
        atom = forms.atoms[used[0]]
        if not (isinstance(atom, Call) and atom.name == "log") or abs(times) > 6:
            return None
        argument = atom.args[0]
        side.append(argument if abs(times) == 1 else Pow(argument, num(abs(times))))
    high, low = mul(*sides[1]), mul(*sides[-1])
    strict = claim.op == ">"
    needed = [relation(low, ">"), relation(high, ">"), _rel("<" if strict else "<=", low, high)]
    if not all(known(script, rel) for rel in needed):
        return None
    name = "log_strictly_increasing" if strict else "log_increasing"
    fact = _rel("<" if strict else "<=", Call("log", (low,)), Call("log", (high,)))
    script.learn(fact, _fact(name, low, high))
    for rule in rules_for(script.place, [fact.left, fact.right], known):
        if rule.power == 1 and not rule.learn(script):
            return None
    return combine(script.context, claim)


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
