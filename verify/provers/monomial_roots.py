"""Roots of products of variables: ``(a b c)^(1/3)`` is ``x y z`` where ``a = x^3`` and so on.

To polynomial arithmetic such a root is an unknown with nothing but its defining equation. With the
roots of the variables as new variables it is a product, and a claim such as the superadditivity of
geometric means is one about polynomials.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import comb, lcm
from typing import Any, cast

from verify.kernel.context import Context
from verify.kernel.poly import Refused, Ring, exact_root, fraction
from verify.language.codec import encode_formula, encode_term
from verify.language.term import (
    ZERO,
    Call,
    Div,
    Formula,
    Num,
    Pow,
    Rel,
    RelOp,
    Sym,
    Term,
    contains,
    map_terms,
    mul,
    num,
    replace,
)
from verify.provers.atoms import Notes, is_routine, learn
from verify.provers.budget import Budget
from verify.provers.draft import rewritten
from verify.provers.syntax import applications, normal, unused
from verify.provers.tactic import Proof, Prove

MOST = 12
"""The greatest degree of a root."""


@dataclass(frozen=True, slots=True)
class _Product:
    """``coefficient * product of variable^exponent``."""

    coefficient: Fraction
    exponents: tuple[tuple[str, int], ...]


def monomial_roots(prove: Prove, context: Context, goal: Formula, budget: Budget) -> Proof | None:
    """The goal with the roots of its variables as variables."""
    if not isinstance(goal, Rel) or goal.op == "!=":
        return None
    roots = [node for node in applications(goal) if _degree(node) is not None]
    bases = {node: _product(_radicand(node)) for node in roots}
    found = {node: base for node, base in bases.items() if base is not None}
    if not any(len(base.exponents) > 1 for base in found.values()):
        # A root of one variable is as good an unknown as the variable.
        return None
    degrees = _degrees(found)
    if not degrees or any(
        name in context.integers or not context.knows(Rel(">=", Sym(name), ZERO))
        for base in found.values()
        for name, _ in base.exponents
    ):
        return None
    keep = [
        number
        for number, fact in enumerate(context.facts)
        if not (is_routine(fact) and contains(fact, Pow, Call))
    ]
    few = Context(tuple(context.facts[i] for i in keep), (), context.integers, context.theory)
    plain: dict[Term, Term] = {
        node: _power(Pow(_radicand(node), Num(Fraction(1, cast(int, _degree(node))))), node)
        for node in roots
    }
    level = normal(map_terms(goal, lambda side: replace(side, plain)))
    if not isinstance(level, Rel) or not few.defines(level) or not few.defines(goal):
        return None
    proof = _changed(prove, few, level, sorted(degrees.items()), budget)
    if proof is None:
        return None
    given = {"rule": "given"}
    cut = {"rule": "cut", "fact": encode_formula(level), "by": dict(proof), "then": given}
    return {"rule": "focus", "keep": keep, "then": cut}


def _degree(node: Term) -> int | None:
    match node:
        case Call(name="sqrt"):
            return 2
        case Pow(exp=Num(value=value)) if 1 < value.denominator <= MOST:
            return value.denominator
        case _:
            return None


def _radicand(node: Term) -> Term:
    match node:
        case Call(args=(arg,)):
            return arg
        case Pow(base=base):
            return base
        case _:
            raise ValueError("not a root")


def _power(root: Term, node: Term) -> Term:
    """A power with a rational exponent as a power of the root."""
    times = node.exp.value.numerator if isinstance(node, Pow) and isinstance(node.exp, Num) else 1
    return root if times == 1 else Pow(root, num(times))


def _product(term: Term) -> _Product | None:
    """A term as a product of powers of variables with a positive factor."""
    try:
        ring = Ring((term,))
        top, bottom = ring.fraction(term)
    except Refused:
        return None
    if len(top) != 1 or len(bottom) != 1 or not top.leading_coefficient() > 0:
        return None
    if any(ring.atom(key) != Sym(key) for key in ring.keys):
        return None
    powers = zip(ring.keys, top.monoms()[0], bottom.monoms()[0], strict=True)
    exponents = tuple((key, int(up) - int(down)) for key, up, down in powers)
    return _Product(fraction(top.leading_coefficient()), tuple(e for e in exponents if e[1]))


def _degrees(found: dict[Term, _Product]) -> dict[str, int]:
    """Which root of each variable is needed."""
    degrees: dict[str, int] = {}
    for node, base in found.items():
        for name, exponent in base.exponents:
            part = Fraction(exponent, cast(int, _degree(node))).denominator
            degrees[name] = lcm(degrees.get(name, 1), part)
    if any(degree > MOST for degree in degrees.values()):
        return {}
    return {name: degree for name, degree in degrees.items() if degree > 1}


def _changed(
    prove: Prove, context: Context, goal: Rel, plan: Sequence[tuple[str, int]], budget: Budget
) -> Proof | None:
    """The goal with powers of new variables for the first of the variables, then for the others."""
    if not plan:
        return _without_roots(prove, context, goal, budget)
    (name, degree), *others = plan
    old, root = Sym(name), Pow(Sym(name), Num(Fraction(1, degree)))
    notes = Notes(context)
    for fact in ("root_sign", "root_power"):
        if not learn(notes, fact, old, num(degree)):
            return None
    op: RelOp = ">=" if not context.knows(Rel(">", old, ZERO)) else ">"
    sign = Rel(op, root, ZERO)
    if op == ">":
        notes.have(sign, _positive(notes, sign, root, old, degree))
    fresh = Sym(unused(notes.context, goal))
    forward = Pow(fresh, num(degree))
    table: dict[Term, Term] = {old: forward}
    positive = Rel(op, fresh, ZERO)
    moved = notes.context.replacing(table, context.integers).having(positive)
    wanted = [map_terms(fact, lambda side: replace(side, table)) for fact in context.facts]
    keep = [moved.facts.index(cast(Rel, fact)) for fact in (*wanted, positive)]
    inner = Context(tuple(moved.facts[i] for i in keep), (), context.integers, context.theory)
    level = cast(Rel, map_terms(goal, lambda side: replace(side, table)))
    then = _changed(prove, inner, level, others, budget)
    return then and notes.close(
        {
            "rule": "substitute",
            "var": name,
            "as": encode_term(forward),
            "inverse": encode_term(root),
            "fresh": fresh.name,
            "proof": {"rule": "given"},
            "facts": [[encode_formula(positive), {"rule": "given"}]],
            "then": {"rule": "focus", "keep": keep, "then": dict(then)},
        }
    )


def _positive(notes: Notes, sign: Rel, root: Term, base: Term, degree: int) -> dict[str, Any]:
    """That the root of what is positive is positive."""
    weak, whole = notes.number_of(Rel(">=", root, ZERO)), notes.number_of(Rel(">", base, ZERO))
    power = notes.number_of(Rel("==", Pow(root, num(degree)), base))
    products = [["1", [whole], []], ["1", [notes.negated(sign), *[weak] * (degree - 1)], []]]
    return {"rule": "refute", "products": products, "equations": [[power, "1"]]}


def _without_roots(prove: Prove, context: Context, goal: Rel, budget: Budget) -> Proof | None:
    """The goal with products in place of the roots that they are."""
    notes = Notes(context)
    values: list[tuple[Term, Term]] = []
    for node in applications(goal):
        degree = _degree(node)
        base = None if degree is None else _product(_radicand(node))
        value = None if degree is None or base is None else _value(base, degree)
        if degree is None or base is None or value is None:
            continue
        if not _equal(notes, node, value, base, degree):
            return None
        values.append((node, value))
    rest: Formula = goal
    for old, new in values:
        table: dict[Term, Term] = {old: new}
        rest = map_terms(rest, lambda side, t=table: replace(side, t))  # type: ignore[misc]
    # What was learnt on the way speaks of the roots, which are gone.
    last = prove(context, rest, budget)
    if last is None:
        return None
    keep = list(range(len(context.facts)))
    return notes.close(rewritten(values, {"rule": "focus", "keep": keep, "then": dict(last)}))


def _value(base: _Product, degree: int) -> Term | None:
    """The root of a product of powers of nonnegative variables, where its factor is rational."""
    size = exact_root(Num(base.coefficient), degree)
    if size is None or any(exponent % degree for _, exponent in base.exponents):
        return None
    powers = [(Sym(name), exponent // degree) for name, exponent in base.exponents]
    up = [var if times == 1 else Pow(var, num(times)) for var, times in powers if times > 0]
    down = [var if times == -1 else Pow(var, num(-times)) for var, times in powers if times < 0]
    top = mul(*([] if size == 1 and up else [Num(size)]), *up)
    return Div(top, mul(*down)) if down else top


def _equal(notes: Notes, node: Term, value: Term, base: _Product, degree: int) -> bool:
    """Learn that a root is its value: both are nonnegative and have the same power."""
    radicand = _radicand(node)
    known = []
    for name, exponent in base.exponents:
        op: RelOp = ">" if notes.context.knows(Rel(">", Sym(name), ZERO)) else ">="
        known.append((notes.number_of(Rel(op, Sym(name), ZERO)), abs(exponent)))
    if isinstance(value, Div):
        # As a product of what is positive; only then the value is known to be defined.
        below = Rel(">", value.den, ZERO)
        factors = zip(known, base.exponents, strict=True)
        numbers = [n for (n, times), (_, e) in factors for _ in range(times // degree) if e < 0]
        products = [["1", [notes.negated(below)], []], ["1", numbers, []]]
        notes.have(below, {"rule": "refute", "products": products, "equations": []})
    size = exact_root(Num(base.coefficient), degree)
    for term, part, factor in ((radicand, 1, base.coefficient), (value, degree, size)):
        sign = cast(Rel, normal(Rel(">=", term, ZERO)))
        if notes.context.knows(sign):
            continue
        numbers = [number for number, times in known for _ in range(times // part)]
        products = [["1", [notes.negated(sign)], []], [str(factor), numbers, []]]
        notes.have(sign, {"rule": "refute", "products": products, "equations": []})
    if not all(learn(notes, f"root_{fact}", radicand, num(degree)) for fact in ("sign", "power")):
        return False
    facts = [
        cast(Rel, normal(rel))
        for rel in (
            Rel(">=", node, ZERO),
            Rel(">=", value, ZERO),
            Rel("==", Pow(node, num(degree)), Pow(value, num(degree))),
        )
    ]
    if not all(map(notes.context.knows, facts)):
        return False
    for fact in facts:
        notes.state(fact)
    keep = [notes.context.facts.index(fact) for fact in facts]
    inner = Context(tuple(facts))
    table: dict[Term, Term] = {}
    for name, fact in (("root__", facts[0]), ("value__", facts[1])):
        if not isinstance(fact.left, Sym):
            table[fact.left] = Sym(name)
            inner = inner.replacing({fact.left: Sym(name)}, frozenset())
    proof = _same(inner, [table.get(fact.left, fact.left) for fact in facts[:2]], degree)
    for term, fresh in reversed(table.items()):
        name = cast(Sym, fresh).name
        proof = {"rule": "generalise", "term": encode_term(term), "fresh": name, "then": proof}
    notes.add(Rel("==", node, value), {"rule": "focus", "keep": keep, "then": proof})
    return True


def _same(context: Context, values: Sequence[Term], degree: int) -> dict[str, Any]:
    """``r == v`` from the facts ``r >= 0``, ``v >= 0`` and ``r^q == v^q``: were ``d = v - r``
    positive, so were ``(r + d)^q - r^q``, which is 0; and the like for ``d = r - v``."""
    root, value = values
    signs = [context.facts.index(Rel(">=", term, ZERO)) for term in values]
    power = next(number for number, fact in enumerate(context.facts) if fact.op == "==")
    count = len(context.facts)
    both = [["1", [count + 2], []], ["1", [count, count + 1], []]]
    proof: dict[str, Any] = {"rule": "refute", "products": both, "equations": []}
    ops: tuple[RelOp, RelOp] = (">=", "<=")
    for number, sign in ((1, "-1"), (0, "1")):
        products = [
            [str(comb(degree, k)), [*[count + number] * k, *[signs[number]] * (degree - k)], []]
            for k in range(1, degree + 1)
        ]
        by = {"rule": "refute", "products": products, "equations": [[power, sign]]}
        fact = encode_formula(Rel(ops[number], root, value))
        proof = {"rule": "cut", "fact": fact, "by": by, "then": proof}
    return proof
