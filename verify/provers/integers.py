"""Integers: rounding, branching, values one by one, residues, induction."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import product

import numpy as np
from flint import fmpq_mpoly

from verify.kernel.context import Context
from verify.kernel.poly import Refused, Ring, difference, fraction
from verify.language.codec import encode_formula
from verify.language.term import (
    NEGATED,
    Add,
    Call,
    Div,
    Formula,
    Neg,
    Pow,
    Rel,
    Sym,
    Term,
    add,
    free_names,
    map_terms,
    mul,
    num,
    replace,
    substitute,
)
from verify.provers.atoms import Notes, learn
from verify.provers.budget import Budget
from verify.provers.sample import cloud, violated
from verify.provers.syntax import applications, calls
from verify.provers.system import coefficients, generator_terms, polynomial_term
from verify.provers.tactic import Proof, Prove

MAX_VALUES = 60
MAX_CASES = 120
MODULI = (2, 3, 4, 5, 7, 8, 9, 16)


def has_integers(context: Context, goal: Formula) -> bool:
    """Whether there is anything to round."""
    if context.integers:
        return True
    rels = [*context.facts, *([goal] if isinstance(goal, Rel) else [])]
    return any(calls(rel) & {"floor", "ceil"} for rel in rels)


def sharpen(notes: Notes) -> None:
    """Round the facts about integers: ``m < n`` becomes ``m <= n - 1``."""
    for index, fact in enumerate(notes.context.facts):
        if fact.op == "==":
            for op in (">=", "<="):
                weaker = Rel(op, fact.left, fact.right)
                better = rounded(notes.context, weaker)
                if better is not None and not notes.context.knows(better):
                    notes.add(weaker, {"rule": "given"})
                    number = notes.number(weaker)
                    notes.add(better, {"rule": "integral", "fact": number})
            continue
        better = rounded(notes.context, fact)
        if better is not None and not notes.context.knows(better):
            notes.add(better, {"rule": "integral", "fact": index})


def rounded(context: Context, fact: Rel) -> Rel | None:
    """The fact with its constant rounded, if that says more."""
    if fact.op == "!=":
        return None
    try:
        ring = Ring((fact.left, fact.right))
        poly = ring.polynomial(difference(fact))
        terms = generator_terms(ring)
    except Refused:
        return None
    if fact.op in ("<=", "<"):
        poly = -poly
    if poly.is_constant() or not all(_integer(t, context.integers) for t in terms):
        return None
    constant = sum((c for m, c in coefficients(poly).items() if not any(m)), Fraction(0))
    body = poly - _rational(poly, constant)
    step = _content(body)
    bound = -constant / step
    least = math.floor(bound) + 1 if fact.op in (">", "<") else math.ceil(bound)
    if least == bound and fact.op in (">=", "<="):
        return None
    return Rel(">=", polynomial_term(body, terms), num(least * step))


def _integer(term: Term, integers: frozenset[str]) -> bool:
    if isinstance(term, Sym):
        return term.name in integers
    return isinstance(term, Call) and term.name in ("floor", "ceil")


def _rational(poly: fmpq_mpoly, value: Fraction) -> fmpq_mpoly:
    return poly * 0 + value.numerator * (poly * 0 + 1) / value.denominator


def _content(poly: fmpq_mpoly) -> Fraction:
    values = [fraction(c) for c in poly.coeffs()]
    denominator = math.lcm(*(v.denominator for v in values))
    return Fraction(math.gcd(*(int(v * denominator) for v in values)), denominator)


def rounding(prove: Prove, context: Context, goal: Formula, budget: Budget) -> Proof | None:
    """The negation of the goal, rounded, as a fact; then branch on a variable."""
    if not isinstance(goal, Rel) or not has_integers(context, goal):
        return None
    negated = Rel(NEGATED[goal.op], goal.left, goal.right)
    if any(context.knows(r) for r in (negated,)):
        return _branch(prove, context, goal, budget)
    inner = context.having(negated)
    notes = Notes(inner)
    sharpen(notes)
    if len(notes.context.facts) > len(inner.facts):
        proof = prove(notes.context, goal, budget.share(0.6))
        if proof is not None:
            return {
                "rule": "split",
                "on": encode_formula(goal),
                "yes": {"rule": "given"},
                "no": notes.close(dict(proof)),
            }
    return _branch(prove, context, goal, budget)


def _branch(prove: Prove, context: Context, goal: Rel, budget: Budget) -> Proof | None:
    """Split at a fractional value at which the goal fails for real numbers."""
    choice = _fractional(context, goal)
    if choice is None:
        return None
    name, value = choice
    above = math.floor(value) + 1
    on = Rel(">=", Sym(name), num(above))
    low, high = context.bounds.get(name, (None, None))
    if (low is not None and low >= above) or (high is not None and high < above):
        return None
    proofs = []
    for branch in (on, Rel("<", on.left, on.right)):
        notes = Notes(context.having(branch))
        sharpen(notes)
        proof = prove(notes.context, goal, budget.share(0.7))
        if proof is None:
            return None
        proofs.append(notes.close(dict(proof)))
    return {"rule": "split", "on": encode_formula(on), "yes": proofs[0], "no": proofs[1]}


def _fractional(context: Context, goal: Rel) -> tuple[str, float] | None:
    real = Context(context.facts, context.choices)
    points = cloud(real, goal)
    if points is None:
        return None
    try:
        bad = np.atleast_1d(violated(goal, points))
    except Refused:
        return None
    best: tuple[float, str, float] | None = None
    for name in sorted(free_names(goal) & context.integers):
        values = points[name][bad] if len(bad) == len(points[name]) else np.array([])
        off = np.abs(values - np.round(values))
        if len(off) and float(np.max(off)) > 0.01:
            # The variable that is least often close to an integer where the goal fails.
            score, middle = float(np.mean(off)), float(np.median(values))
            if best is None or score > best[0]:
                best = (score, name, middle)
    return None if best is None else best[1:]


def one_by_one(prove: Prove, context: Context, goal: Formula, budget: Budget) -> Proof | None:
    """The values of an integer variable between literal bounds, one by one."""
    choices = []
    for name in sorted(context.integers):
        low, high = context.bounds.get(name, (None, None))
        if low is not None and high is not None:
            count = math.floor(high) - math.ceil(low) + 1
            if 0 <= count <= MAX_VALUES:
                choices.append((count, name, math.ceil(low), math.floor(high)))
    if not choices:
        return None
    count, name, low_value, high_value = min(choices)
    branches = []
    for value in range(low_value, high_value + 1):
        table: dict[Term, Term] = {Sym(name): num(value)}
        inner = context.replacing(table, context.integers - {name})
        here = map_terms(goal, lambda side, t=table: replace(side, t))  # type: ignore[misc]
        proof = prove(inner, here, budget)
        if proof is None:
            return None
        branches.append(proof)
    return {"rule": "enumerate", "var": name, "branches": branches}


def induction(prove: Prove, context: Context, goal: Formula, budget: Budget) -> Proof | None:
    """From the lower bound on, for a goal with a power whose exponent is the variable."""
    if not isinstance(goal, Rel) or goal.op == "!=":
        return None
    for name in sorted(free_names(goal) & context.integers):
        low, _ = context.bounds.get(name, (None, None))
        if low is None or not has_exponent(goal, name):
            continue
        start = num(math.ceil(low))
        kept = [f for f in context.formulas if name not in free_names(f)]
        rest = Context(integers=context.integers).having(*kept)
        base = prove(rest, substitute(goal, {name: start}), budget.share(0.3))
        if base is None:
            continue
        at_least = Rel(">=", Sym(name), start)
        following = substitute(goal, {name: add(Sym(name), num(1))})
        step = prove(rest.having(at_least, goal), following, budget.share(0.8))
        if step is not None:
            return {"rule": "induct", "var": name, "base": base, "step": step}
    return None


def has_exponent(goal: Rel, name: str) -> bool:
    """Whether a variable occurs in the exponent of a power."""
    return any(
        isinstance(node, Pow) and name in free_names(node.exp) for node in applications(goal)
    )


def residues(prove: Prove, context: Context, goal: Formula, budget: Budget) -> Proof | None:
    """An equation that is impossible modulo a small number."""
    if isinstance(goal, Rel) and goal.op == "!=":
        equation: Rel | None = Rel("==", goal.left, goal.right)
    else:
        equation = next((fact for fact in context.facts if fact.op == "=="), None)
    if equation is None:
        return None
    plan = _impossible(equation, context.integers)
    if plan is None:
        return None
    modulus, names = plan

    def finish(inner: Context) -> Proof | None:
        notes = Notes(inner)
        _substituted_equations(notes)
        sharpen(notes)
        proof = _by_farkas(notes.context, goal) or prove(notes.context, goal, budget.share(0.3))
        return proof and notes.close(dict(proof))

    if not isinstance(goal, Rel) or goal.op != "!=":
        return by_residues(finish, context, list(names), modulus)
    proof = by_residues(finish, context.having(equation), list(names), modulus)
    return proof and {
        "rule": "split",
        "on": encode_formula(equation),
        "yes": proof,
        "no": {"rule": "given"},
    }


def _impossible(equation: Rel, integers: frozenset[str]) -> tuple[int, tuple[str, ...]] | None:
    """A modulus and variables such that fixing their residues leaves no solution."""
    try:
        ring = Ring((equation.left, equation.right))
        poly = ring.polynomial(difference(equation))
    except Refused:
        return None
    if not all(key in integers for key in ring.keys) or not ring.keys:
        return None
    scale = math.lcm(*(fraction(c).denominator for c in poly.coeffs()))
    table = {m: int(c * scale) for m, c in coefficients(poly).items()}
    for modulus in MODULI:
        mixed = [
            n
            for n, _ in enumerate(ring.keys)
            if any(m[n] and c % modulus for m, c in table.items())
        ]
        for target in (modulus, 2 * modulus, modulus * modulus):
            names = mixed
            if target != modulus:
                names = [
                    n
                    for n, _ in enumerate(ring.keys)
                    if any(m[n] and c % target for m, c in table.items())
                ]
            if not names or modulus ** len(names) > MAX_CASES:
                continue
            if all(
                _no_solution(table, names, values, modulus, target)
                for values in product(range(modulus), repeat=len(names))
            ):
                return modulus, tuple(ring.keys[n] for n in names)
    return None


def _no_solution(
    table: dict[tuple[int, ...], int],
    names: list[int],
    values: tuple[int, ...],
    modulus: int,
    target: int,
) -> bool:
    """Whether no ``x = modulus q + value`` gives 0 modulo the target."""
    for shifts in product(range(0, target, modulus), repeat=len(names)):
        point = {n: v + s for n, v, s in zip(names, values, shifts, strict=True)}
        total = 0
        for powers, coefficient in table.items():
            part = coefficient
            for n, power in enumerate(powers):
                if power and n in point:
                    part *= point[n] ** power
                elif power:
                    part = 0
            total += part
        if total % target == 0:
            return False
    return True


Finish = Callable[[Context], Proof | None]
"""Proves the goal once all residues are known."""


def by_residues(finish: Finish, context: Context, names: list[str], modulus: int) -> Proof | None:
    """A goal for each residue of some integer variables, by what ``n - m floor(n / m)`` is."""
    if not names:
        return finish(context)
    name, rest = names[0], names[1:]
    quotient = quotient_of(name, modulus)
    remainder = remainder_of(name, modulus)
    notes = Notes(context)
    learn(notes, "floor_bounds", quotient.args[0])
    sharpen(notes)
    proof = _remainders(finish, notes.context, remainder, 0, rest, modulus)
    return proof and notes.close(dict(proof))


def quotient_of(name: str, modulus: int) -> Call:
    """``floor(n / m)``."""
    return Call("floor", (Div(Sym(name), num(modulus)),))


def remainder_of(name: str, modulus: int) -> Term:
    """``n - m floor(n / m)``, which is one of ``0 .. m - 1``."""
    return Add((Sym(name), Neg(mul(num(modulus), quotient_of(name, modulus)))))


def _remainders(
    finish: Finish, context: Context, remainder: Term, value: int, rest: list[str], modulus: int
) -> Proof | None:
    """Cases ``remainder == value``, ``value + 1``, ... below the modulus."""
    on = Rel("<=", remainder, num(value))
    if value == modulus - 1:
        proof = by_residues(finish, _equal(context, remainder, value), rest, modulus)
        return proof and _with_equation(context, remainder, value, dict(proof))
    low = context.having(on)
    yes = by_residues(finish, _equal(low, remainder, value), rest, modulus)
    if yes is None:
        return None
    yes = _with_equation(low, remainder, value, dict(yes))
    above = Notes(context.having(Rel(">", remainder, num(value))))
    sharpen(above)
    no = _remainders(finish, above.context, remainder, value + 1, rest, modulus)
    if no is None:
        return None
    return {"rule": "split", "on": encode_formula(on), "yes": yes, "no": above.close(dict(no))}


def _equal(context: Context, remainder: Term, value: int) -> Context:
    return context.having(Rel("==", remainder, num(value)))


def _with_equation(
    context: Context, remainder: Term, value: int, proof: dict[str, object]
) -> dict[str, object]:
    """``remainder == value`` from the two inequalities among the facts."""
    equation = Rel("==", remainder, num(value))
    goal = len(context.facts)
    inner = Notes(context)
    numbers = []
    for op in (">=", "<="):
        rel = Rel(op, remainder, num(value))
        inner.add(rel, {"rule": "given"})
        numbers.append(inner.number(rel))
    goal = len(inner.context.facts)
    square = {
        "rule": "refute",
        "products": [["1", [goal], []], ["1", numbers, []]],
        "equations": [],
    }
    by = inner.close(square)
    return {"rule": "cut", "fact": encode_formula(equation), "by": by, "then": proof}


def _substituted_equations(notes: Notes) -> None:
    """Equations with what other equations say about their variables put in."""
    solved: dict[Term, Term] = {}
    for fact in notes.context.facts:
        if fact.op == "==":
            for name, value in _solutions(fact):
                solved.setdefault(Sym(name), value)
    if not solved:
        return
    for fact in notes.context.facts:
        if fact.op != "==" or not any(free_names(symbol) & free_names(fact) for symbol in solved):
            continue
        changed = Rel("==", replace(fact.left, solved), replace(fact.right, solved))
        for op in (">=", "<="):
            weaker = Rel(op, changed.left, changed.right)
            if not notes.context.knows(weaker):
                proof = _by_farkas(notes.context, weaker)
                if proof is not None:
                    notes.add(weaker, proof)


def _by_farkas(context: Context, goal: Formula) -> Proof | None:
    from verify.provers.linear import farkas  # noqa: PLC0415  (avoids a cycle)

    return farkas(context, goal, Budget.of(0.5))


def _solutions(equation: Rel) -> Iterator[tuple[str, Term]]:
    """``x = value`` from ``x - modulus * floor(x / modulus) == remainder``."""
    match equation.left:
        case Add(args=(Sym(name=name), Neg(arg=rest))):
            yield name, Add((rest, equation.right))
        case _:
            return
