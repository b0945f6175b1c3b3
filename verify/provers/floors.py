"""Floors and ceilings: of polynomials in integers by residues, of sums by their parts."""

from __future__ import annotations

import math
from fractions import Fraction

from verify.kernel.context import Context
from verify.kernel.poly import Refused, Ring
from verify.language.codec import encode_formula, encode_term
from verify.language.term import (
    NEGATED,
    ONE,
    Add,
    Call,
    Formula,
    Num,
    Rel,
    Sym,
    Term,
    add,
    map_terms,
    mul,
    num,
    replace,
)
from verify.provers.atoms import Notes, learn
from verify.provers.budget import Budget
from verify.provers.draft import rewritten
from verify.provers.integers import MAX_CASES, by_residues, quotient_of, remainder_of, sharpen
from verify.provers.linear import either_way, farkas
from verify.provers.syntax import applications
from verify.provers.system import coefficients
from verify.provers.tactic import Proof, Prove

MAX_MODULUS = 60
MAX_PARTS = 8


def floors_by_residues(
    prove: Prove, context: Context, goal: Formula, budget: Budget
) -> Proof | None:
    """Floors of polynomials in integer variables, for each residue of these."""
    if not isinstance(goal, Rel):
        return None
    modulus, names = 1, set[str]()
    for call in rounded_calls(goal):
        found = _denominator(call.args[0], context.integers)
        if found is None:
            return None
        modulus = math.lcm(modulus, found[0])
        names |= found[1]
    ordered = sorted(names)
    if not 1 < modulus <= MAX_MODULUS or modulus ** len(ordered) > MAX_CASES:
        return None

    def finish(inner: Context) -> Proof | None:
        return _at_residues(prove, inner, goal, ordered, modulus, budget)

    return by_residues(finish, context, ordered, modulus)


def rounded_calls(goal: Rel) -> list[Call]:
    """The floors and ceilings in a relation, inner ones first."""
    found = [
        node
        for node in applications(goal)
        if isinstance(node, Call) and node.name in ("floor", "ceil")
    ]
    return list(dict.fromkeys(found))


def _denominator(term: Term, integers: frozenset[str]) -> tuple[int, set[str]] | None:
    """The common denominator of a polynomial in integer variables, and the variables in it."""
    try:
        ring = Ring((term,))
        poly = ring.polynomial(term)
    except Refused:
        return None
    if not ring.keys or not all(key in integers for key in ring.keys):
        return None
    table = coefficients(poly)
    if any(value.denominator > MAX_MODULUS for value in table.values()):
        return None
    used = {
        ring.keys[n]
        for powers, value in table.items()
        if value.denominator > 1
        for n, power in enumerate(powers)
        if power
    }
    return math.lcm(*(value.denominator for value in table.values())), used


def _at_residues(
    prove: Prove, context: Context, goal: Rel, names: list[str], modulus: int, budget: Budget
) -> Proof | None:
    """The goal with each variable as ``modulus * floor(n / modulus) + r``, from what floors are."""
    steps: list[tuple[Term, Term]] = []
    changed: Formula = goal
    for name in names:
        quotient = quotient_of(name, modulus)
        remainder = remainder_of(name, modulus)
        value = next(
            fact.right for fact in context.facts if fact.op == "==" and fact.left == remainder
        )
        new: Term = Add((mul(num(modulus), quotient), value))
        table: dict[Term, Term] = {Sym(name): new}
        changed = map_terms(changed, lambda side, t=table: replace(side, t))  # type: ignore[misc]
        steps.append((Sym(name), new))
    assert isinstance(changed, Rel)
    notes = Notes(context)
    for call in rounded_calls(changed):
        learn(notes, f"{call.name}_bounds", call.args[0])
    sharpen(notes)
    plain: Formula = changed
    values: list[tuple[Term, Term]] = []
    bases = {quotient_of(name, modulus) for name in names}
    for call in rounded_calls(changed):
        if call in bases:
            continue
        integer = _value(call)
        if integer is None:
            return None
        equation = Rel("==", call, integer)
        equal = either_way(notes.context, equation, budget)
        if equal is None:
            return None
        notes.add(equation, equal)
        values.append((call, integer))
        table = {call: integer}
        plain = map_terms(plain, lambda side, t=table: replace(side, t))  # type: ignore[misc]
    proof = prove(notes.context, plain, budget.share(0.3))
    if proof is None:
        return None
    whole = notes.close(rewritten(values, dict(proof)))
    for old, new in reversed(steps):
        whole = {
            "rule": "rewrite",
            "term": encode_term(old),
            "by": encode_term(new),
            "proof": _rearranged(context, Rel("==", old, new)),
            "then": whole,
        }
    return whole


def _rearranged(context: Context, equation: Rel) -> Proof:
    proof = farkas(context, equation, Budget.of(0.5))
    return {"rule": "given"} if proof is None else proof


def _value(call: Call) -> Term | None:
    """The value of a floor or a ceiling of a polynomial that is an integer but for its constant."""
    ring = Ring((call.args[0],))
    poly = ring.polynomial(call.args[0])
    constant = Fraction(0)
    for powers, value in coefficients(poly).items():
        if not any(powers):
            constant = value
        elif value.denominator != 1:
            return None
    whole = math.floor(constant) if call.name == "floor" else math.ceil(constant)
    return Add((call.args[0], Num(whole - constant)))


def floors_by_parts(prove: Prove, context: Context, goal: Formula, budget: Budget) -> Proof | None:
    """Floors of sums ``k x + l y`` with whole coefficients: each is that of its parts, ``k floor(x)
    + l floor(y)``, and one of a few integers more."""
    del prove
    if not isinstance(goal, Rel):
        return None
    whole: dict[Call, Term] = {}
    for call in rounded_calls(goal):
        parts = _parts(call.args[0])
        if call.name != "floor" or parts is None:
            return None
        floors = [mul(Num(k), Call("floor", (atom,))) for atom, k in parts if atom != ONE]
        if floors and floors != [call]:
            whole[call] = add(*floors)
    if not 0 < len(whole) <= MAX_PARTS:
        return None
    notes = Notes(context)
    parts_of = [call for term in whole.values() for call in rounded_calls(Rel("==", term, ONE))]
    for call in dict.fromkeys([*whole, *parts_of]):
        learn(notes, "floor_bounds", call.args[0])
    for call, floors_of in whole.items():
        low, high = _range(call)
        for bound in (
            Rel(">", call, add(floors_of, num(low - 1))),
            Rel("<", call, add(floors_of, num(high + 1))),
        ):
            known = farkas(notes.context, bound, budget.share(0.2, 0.5))
            if known is not None:
                notes.add(bound, known)
    sharpen(notes)
    proof = _more(notes.context, goal, list(whole.items()), budget)
    return proof and notes.close(dict(proof))


def _parts(term: Term) -> list[tuple[Term, Fraction]] | None:
    """A linear form over variables with whole coefficients; the constant belongs to ``ONE``."""
    try:
        ring = Ring((term,))
        poly = ring.polynomial(term)
    except Refused:
        return None
    found: list[tuple[Term, Fraction]] = []
    for powers, value in coefficients(poly).items():
        keys = [ring.generator(key) for key, power in zip(ring.keys, powers, strict=True) if power]
        if sum(powers) > 1 or (keys and not (isinstance(keys[0], Sym) and value.denominator == 1)):
            return None
        found.append((keys[0] if keys else ONE, value))
    return found


def _more(
    context: Context, goal: Rel, open_: list[tuple[Call, Term]], budget: Budget
) -> Proof | None:
    """A case for each integer that a floor can exceed that of its parts by."""
    budget.check()
    proof = either_way(context, goal, budget)
    if proof is not None or not open_:
        return proof
    (call, parts), rest = open_[0], open_[1:]
    low, high = _range(call)
    if high - low > MAX_PARTS:
        return None
    return _values(context, goal, call, parts, rest, low, high, budget)


def _values(
    context: Context,
    goal: Rel,
    call: Call,
    parts: Term,
    rest: list[tuple[Call, Term]],
    value: int,
    high: int,
    budget: Budget,
) -> Proof | None:
    if value == high:
        return _more(context, goal, rest, budget)
    on = Rel("<=", call, add(parts, num(value)))
    proofs = []
    for branch in (on, Rel(NEGATED[on.op], on.left, on.right)):
        notes = Notes(context.having(branch))
        sharpen(notes)
        if branch == on:
            proof = _more(notes.context, goal, rest, budget)
        else:
            proof = _values(notes.context, goal, call, parts, rest, value + 1, high, budget)
        if proof is None:
            return None
        proofs.append(notes.close(dict(proof)))
    return {"rule": "split", "on": encode_formula(on), "yes": proofs[0], "no": proofs[1]}


def _range(call: Call) -> tuple[int, int]:
    """From what to what a floor exceeds that of its parts, by the coefficients."""
    parts = _parts(call.args[0]) or []
    constant = sum((k for atom, k in parts if atom == ONE), Fraction(0))
    least = sum(k for atom, k in parts if atom != ONE and k < 0) + constant
    most = sum(k for atom, k in parts if atom != ONE and k > 0) + constant
    return math.floor(least), max(math.ceil(most) - 1, math.floor(least))
