"""Claims with exponentials, logarithms, powers, roots and trigonometric functions.

Before the search begins, the place is prepared: a variable that an equation gives in terms of the
others is replaced by it, an absolute value that is known is put in, cases are distinguished where a
hypothesis only says that two things differ, and hypotheses that contradict each other are found
out.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from verify.kernel.context import Context
from verify.kernel.poly import Refused
from verify.language.render import text
from verify.language.term import (
    FALSE,
    NEGATED,
    Call,
    Const,
    Formula,
    Num,
    Pow,
    Rel,
    Sym,
    Term,
    map_terms,
    num,
    replace,
    subterms,
)
from verify.provers.budget import Budget, OutOfTime
from verify.provers.elementary_engine import EFFORT, Engine
from verify.provers.elementary_forms import Forms, tidy
from verify.provers.elementary_glue import sign_at_points
from verify.provers.elementary_linear import combine
from verify.provers.elementary_place import Place, Script
from verify.provers.elementary_points import ORIGIN, sample, value
from verify.provers.elementary_tape import names_in

Proof = Mapping[str, Any]

MAX_CASES = 3


def elementary(context: Context, goal: Formula, budget: Budget) -> Proof | None:
    """A proof of one relation about elementary functions, or of a contradiction."""
    if goal != FALSE and not isinstance(goal, Rel):
        return None
    wanted = tidy(goal) if isinstance(goal, Rel) else None
    if not any(
        map(is_elementary, (*context.facts, *([wanted] if isinstance(wanted, Rel) else [])))
    ):
        return None
    try:
        return _prepared(context, wanted if isinstance(wanted, Rel) else None, budget, MAX_CASES)
    except (OutOfTime, Refused):
        return None


def is_elementary(rel: Rel) -> bool:
    """Whether a relation is about more than polynomials."""
    return any(
        isinstance(node, Call | Const) or (isinstance(node, Pow) and not _is_integer(node.exp))
        for side in (rel.left, rel.right)
        for node in subterms(side)
    )


def _is_integer(term: Term) -> bool:
    return isinstance(term, Num) and term.value.denominator == 1


def _prepared(context: Context, goal: Rel | None, budget: Budget, cases: int) -> Proof | None:
    budget.check()
    if goal is not None:
        found = _solved_equation(context, goal)
        if found is not None:
            return _replaced(context, goal, found, budget, cases)
    place = Place.of(context, names_in(goal) if goal is not None else ())
    if not place.points:
        proof = _contradiction(place, budget)
        if proof is not None or goal is None:
            return proof
    if goal is None:
        return None
    fact = _undecided_difference(place)
    if fact is not None and cases > 0:
        return _two_cases(context, goal, fact, budget, cases - 1)
    script = Script(place)
    _put_in_values(script)
    _round_bounds(script)
    proof = Engine().rel(script.place, goal, EFFORT, budget)
    return proof and script.close(proof)


def _solved_equation(context: Context, goal: Rel) -> tuple[str, Term] | None:
    """A variable of the claim that an equation gives in terms of others."""
    for fact in context.facts:
        if fact.op != "==":
            continue
        try:
            forms = Forms.of(fact)
            polynomial = forms.sign(fact)
        except Refused:
            continue
        for name in sorted(names_in(fact), reverse=True):
            if name not in forms.keys or name in context.integers:
                continue
            parts = forms.coefficients(polynomial, forms.keys.index(name))
            slope = parts.get(1)
            if set(parts) - {0, 1} or slope is None or not slope.is_constant():
                continue
            rest = -parts.get(0, polynomial - polynomial) / slope.leading_coefficient()
            if name not in forms.variables(rest) and (name in names_in(goal) or len(parts) == 1):
                return name, forms.term(rest)
    return None


def _replaced(
    context: Context, goal: Rel, found: tuple[str, Term], budget: Budget, cases: int
) -> Proof | None:
    name, term = found
    solved = tidy(Rel("==", Sym(name), term))
    if not isinstance(solved, Rel) or not context.knows(solved):
        return None
    value = solved.right
    table: dict[Term, Term] = {Sym(name): value}
    inner = context.replacing(table, context.integers - {name})
    claim = map_terms(goal, lambda side: replace(side, table))
    if not isinstance(claim, Rel):
        return None
    then = _prepared(inner, claim, budget, cases)
    given = {"rule": "given"}
    return then and {
        "rule": "replace",
        "var": name,
        "by": text(value),
        "proof": given,
        "then": then,
    }


def _undecided_difference(place: Place) -> Rel | None:
    """A fact ``p != 0`` where ``p`` takes both signs."""
    for fact in place.context.facts:
        if fact.op != "!=" or not names_in(fact):
            continue
        try:
            gap = Forms.of(fact)
            polynomial = gap.sign(fact)
        except Refused:
            continue
        if not polynomial.is_constant() and not sign_at_points(place, gap.term(polynomial)):
            return fact
    return None


def _two_cases(context: Context, goal: Rel, fact: Rel, budget: Budget, cases: int) -> Proof | None:
    """Larger, or smaller: what is not larger and differs is smaller."""
    larger = tidy(Rel(">", fact.left, fact.right))
    smaller = tidy(Rel("<", fact.left, fact.right))
    assert isinstance(larger, Rel)
    yes = _prepared(context.having(larger), goal, budget.share(0.5), cases)
    if yes is None:
        return None
    not_larger = tidy(Rel("<=", fact.left, fact.right))
    outer = context.having(not_larger)
    no = _prepared(outer.having(smaller), goal, budget, cases)
    if no is None:
        return None
    negated = len(outer.facts)
    products = [
        ["1", [negated, len(context.facts)], []],
        ["1", [context.facts.index(fact)], []],
    ]
    by = {"rule": "refute", "products": products, "equations": []}
    cut = {"rule": "cut", "fact": text(smaller), "by": by, "then": no}
    return {"rule": "split", "on": text(larger), "yes": yes, "no": cut}


def _put_in_values(script: Script) -> None:
    """``abs(x) <= 1`` as ``x <= 1``, where ``abs(x) == x`` is a fact."""
    table: dict[Term, Term] = {}
    for fact in script.context.facts:
        if (
            fact.op == "=="
            and isinstance(fact.left, Call)
            and fact.left.name in ("abs", "min", "max")
        ):
            table[fact.left] = fact.right
    if not table:
        return
    for fact in script.context.facts:
        changed = tidy(map_terms(fact, lambda side: replace(side, table)))
        if changed == fact or not isinstance(changed, Rel) or script.context.knows(changed):
            continue
        proof = combine(script.context, changed)
        if proof is not None:
            script.learn(changed, proof)


def _round_bounds(script: Script) -> None:
    """``x <= 1.571`` from ``x <= pi/2``: subdivision needs literal bounds."""
    for name in sorted(script.place.names):
        for op, bound in zip((">=", "<="), script.place.ends(name), strict=True):
            if bound is None or isinstance(bound, Num):
                continue
            ball = value(bound, ORIGIN)
            if not ball.is_finite():
                continue
            near = Fraction(round(float(ball.mid()) * 2**20), 2**20)
            room = Fraction(1, 2**20)
            outer = num(near - room if op == ">=" else near + room)
            known = tidy(Rel(op, bound, outer))  # type: ignore[arg-type]
            wanted = tidy(Rel(op, Sym(name), outer))  # type: ignore[arg-type]
            if not isinstance(known, Rel) or not script.context.knows(known):
                continue
            script.learn(known, {"rule": "given"})
            proof = combine(script.context, wanted)
            if proof is not None:
                script.learn(wanted, proof)


def _contradiction(place: Place, budget: Budget) -> Proof | None:
    """A contradiction among the facts: one of them is false where the others hold."""
    context = place.context
    for fact in sorted(context.facts, key=lambda rel: len(text(rel))):
        if not is_elementary(fact) or not names_in(fact) or _is_bent(fact):
            continue
        around = _without(place, [f for f in context.facts if f != fact])
        if around is None:
            around = _without(place, [f for f in context.facts if not is_elementary(f)])
        if around is None:
            continue
        ops = ("<", ">") if fact.op == "==" else (NEGATED[fact.op],)
        for op in ops:
            opposite = tidy(Rel(op, fact.left, fact.right))  # type: ignore[arg-type]
            if not isinstance(opposite, Rel) or around.refuted(opposite):
                continue
            proof = Engine().rel(around, opposite, 4, budget.share(0.3))
            if proof is not None:
                return _absurd(context, fact, opposite, proof)
    return None


def _without(place: Place, facts: list[Rel]) -> Place | None:
    """The same place, with points at which only some of the facts hold."""
    context = place.context
    points = sample(Context(tuple(facts), (), context.integers), place.names, 40)
    return Place(context, place.names, tuple(facts), points) if points else None


def _is_bent(rel: Rel) -> bool:
    """Whether a relation has a function without a derivative."""
    return any(
        isinstance(node, Call) and node.name in ("abs", "min", "max", "floor", "ceil")
        for side in (rel.left, rel.right)
        for node in subterms(side)
    )


def _absurd(context: Context, fact: Rel, opposite: Rel, proof: Proof) -> Proof:
    number = len(context.facts)
    there = context.facts.index(fact)
    if fact.op == "==":
        sign = "1" if opposite.op == "<" else "-1"
        products: list[Any] = [["1", [number], []]]
        equations = [[there, sign]]
    else:
        products, equations = [["1", [number], []], ["1", [there], []]], []
    then = {"rule": "refute", "products": products, "equations": equations}
    cut = {"rule": "cut", "fact": text(opposite), "by": proof, "then": then}
    return {"rule": "absurd", "then": cut}
