"""The search for proofs about elementary functions: one relation at a time, recursively.

A relation is brought to a normal form modulo the relations between its atoms and split into
factors; each factor's sign is proved by the first way that works, from one-step combinations of
facts to derivatives and subdivision. What is seen to fail at a point is not attempted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from functools import partial
from math import lcm
from typing import Any

from verify.kernel.context import Context
from verify.kernel.poly import Refused
from verify.language.render import text
from verify.language.term import (
    FLIPPED,
    ZERO,
    And,
    Formula,
    Neg,
    Num,
    Pow,
    Rel,
    Sym,
    Term,
    add,
    conditions,
    replace,
)
from verify.provers.boxes import MAX_PIECES, subdivide
from verify.provers.budget import Budget, OutOfTime
from verify.provers.elementary_circle import on_circle
from verify.provers.elementary_facts import by_contraposition, by_exponential, by_fact
from verify.provers.elementary_forms import Forms, factors, relation, tidy
from verify.provers.elementary_glue import follow, sign_at_points
from verify.provers.elementary_handover import polynomial, quick_polynomial
from verify.provers.elementary_linear import combine, one_atom
from verify.provers.elementary_place import Place, Script
from verify.provers.elementary_points import ORIGIN, value
from verify.provers.elementary_roots import by_squaring
from verify.provers.elementary_rules import Reduced, other_way, reduce, rules_for
from verify.provers.elementary_signs import know_atoms, termwise
from verify.provers.elementary_tape import names_in
from verify.provers.slope import along, first, on_interval
from verify.provers.substitution import unrooted

Proof = Mapping[str, Any]

EFFORT = 9
QUICK_PIECES = 150
MANY_PIECES = 1_500
MAX_ATOMS = 6


class Engine:
    """One search; remembers what it could not prove."""

    def __init__(self) -> None:
        self._failed: dict[tuple[tuple[Rel, ...], Rel], int] = {}

    def formula(self, place: Place, goal: Formula, effort: int, budget: Budget) -> Proof | None:
        """A proof of a relation or a conjunction, or None."""
        if isinstance(goal, Rel):
            return self.rel(place, goal, effort, budget)
        if not isinstance(goal, And):
            return None
        proofs = []
        for part in goal.args:
            proof = self.formula(place, part, effort, budget)
            if proof is None:
                return None
            proofs.append(proof)
            place = place.learn(part)
        return {"rule": "all", "parts": proofs}

    def rel(self, place: Place, goal: Rel, effort: int, budget: Budget) -> Proof | None:
        """A proof of a relation, or None."""
        budget.check()
        if place.context.knows(goal):
            return {"rule": "given"}
        key = (place.context.facts, goal)
        if effort < 0 or self._failed.get(key, -1) >= effort:
            return None
        script = Script(place)
        for condition in dict.fromkeys((*conditions(goal.left), *conditions(goal.right))):
            if not self.known(script, condition, effort - 1, budget):
                return None
        try:
            proof = self._defined(script, goal, effort, budget)
        except Refused:
            # No normal form of a reasonable size: the functions themselves are left.
            proof = _subdivided(script.place, goal, budget)
        if proof is None:
            self._failed[key] = effort
            return None
        return script.close(proof)

    def known(self, script: Script, rel: Rel, effort: int, budget: Budget) -> bool:
        """Cut a relation into a script, unless it is known; False if it cannot be proved."""
        if script.context.knows(rel):
            return True
        proof = self.rel(script.place, rel, effort, budget)
        if proof is None:
            return False
        script.learn(rel, proof)
        return True

    def finish(
        self, script: Script, goal: Rel, known: Sequence[Rel], effort: int, budget: Budget
    ) -> Proof | None:
        """The whole proof of a goal from facts of the script that have its sign."""

        def positive(inner: Script, rel: Rel) -> bool:
            proof = self.rel(inner.place, rel, min(effort, 3), budget)
            if proof is not None:
                inner.learn(rel, proof)
            return proof is not None

        proof = follow(script, goal, known, positive)
        return proof and script.close(proof)

    def _defined(self, script: Script, goal: Rel, effort: int, budget: Budget) -> Proof | None:
        """A relation that is known to be defined."""
        proof = combine(script.context, goal)
        if proof is not None:
            return proof
        if script.place.refuted(goal):
            return None
        if goal.op == "!=":
            return self._nonzero(script, goal, effort, budget)
        if not names_in(goal):
            proof = _subdivided(script.place, goal, budget)
            if proof is not None:
                return proof
        rules = rules_for(
            script.place,
            [goal.left, goal.right],
            lambda inner, rel: self.known(inner, rel, effort - 1, budget),
        )
        reduced = min(
            (reduce(goal, way) for way in (rules, other_way(rules))),
            key=lambda way: (len(way.forms.used(way.result)), len(way.result)),
        )
        return self._reduced(script, goal, reduced, effort, budget)

    def _nonzero(self, script: Script, goal: Rel, effort: int, budget: Budget) -> Proof | None:
        gap = add(goal.left, Neg(goal.right)) if goal.right != ZERO else goal.left
        sign = sign_at_points(script.place, gap)
        if not sign:
            return None
        fact = relation(gap, ">" if sign > 0 else "<")
        proof = self.rel(script.place, fact, effort, budget)
        if proof is None:
            return None
        script.learn(fact, proof)
        return {"rule": "given"}

    def _reduced(
        self, script: Script, goal: Rel, reduced: Reduced, effort: int, budget: Budget
    ) -> Proof | None:
        """The goal from its normal form modulo the rules."""
        forms = reduced.forms
        for rule, _ in reduced.used:
            if rule.equation in script.context.facts:
                continue
            if script.context.knows(rule.equation):
                script.learn(rule.equation, {"rule": "given"})
            elif not rule.learn(script):
                return None
        if goal.op == "==":
            return self._equation(script, reduced)
        downward = goal.op in ("<=", "<")
        op = FLIPPED[goal.op] if downward else goal.op
        polynomial = -reduced.result if downward else reduced.result
        equations = [
            [script.context.facts.index(rule.equation), text(forms.term(-m if downward else m))]
            for rule, m in reduced.used
        ]
        negated = len(script.context.facts)
        if polynomial.is_constant():
            if polynomial.is_zero() and op == ">=":
                return _refutation([["1", [negated], []]], equations)
            return None
        if not reduced.used:
            return self._factored(script, goal, forms, polynomial, effort, budget)
        claim = forms.relation(polynomial, op)
        proof = self.rel(script.place, claim, effort, budget)
        if proof is None:
            return None
        script.learn(claim, proof)
        place = script.index(claim)
        negated = len(script.context.facts)
        products = [["1", [negated], []], ["1", [place], []]]
        return _refutation(products, equations)

    def _equation(self, script: Script, reduced: Reduced) -> Proof | None:
        if not reduced.result.is_zero():
            return None
        forms = reduced.forms
        equations = [
            [script.index(rule.equation), text(forms.term(-m * reduced.polynomial))]
            for rule, m in reduced.used
        ]
        return _refutation([["1", [len(script.context.facts)], []]], equations)

    def _factored(
        self,
        script: Script,
        goal: Rel,
        forms: Forms,
        polynomial: Any,
        effort: int,
        budget: Budget,
    ) -> Proof | None:
        """The goal from the signs of its factors."""
        _, parts = factors(polynomial)
        strict = goal.op in (">", "<")
        whole = forms.ring.one
        claims: list[Rel] = []
        for part, times in parts:
            if times % 2 == 0 and not strict:
                continue
            term = forms.term(part)
            sign = sign_at_points(script.place, term)
            if sign:
                op = ">" if strict else ">="
                claims.append(forms.relation(part if sign > 0 else -part, op))  # type: ignore[arg-type]
            else:
                whole = forms.ring.times(whole, part)
        if not whole.is_constant():
            sign = sign_at_points(script.place, forms.term(whole))
            if not sign:
                return None
            op = ">" if strict else ">="
            claims.append(forms.relation(whole if sign > 0 else -whole, op))  # type: ignore[arg-type]
        for claim in sorted(claims, key=lambda rel: len(text(rel))):
            if claim in script.context.facts:
                continue
            proof = self._signed(script, claim, effort, budget)
            if proof is None:
                return None
            script.learn(claim, proof)
        return self._product(script, goal, claims)

    def _product(self, script: Script, goal: Rel, claims: Sequence[Rel]) -> Proof | None:
        """Multiply the signs of the factors; what is left are squares."""
        if script.context.knows(goal):
            return {"rule": "given"}
        forms = Forms.of(goal, *claims)
        rest = forms.sign(goal)
        rest = -rest if goal.op in ("<=", "<") else rest
        used: list[int] = []
        for claim in claims:
            polynomial = forms.sign(claim)
            while True:
                quotient, remainder = divmod(rest, polynomial)
                if not remainder.is_zero():
                    break
                rest = quotient
                used.append(script.index(claim))
        constant, left = factors(rest)
        if constant <= 0 or any(times % 2 for _, times in left):
            return None
        squares = [text(forms.term(part ** (times // 2))) for part, times in left]
        negated = len(script.context.facts)
        return _refutation([["1", [negated], []], [str(constant), used, squares]], [])

    def _signed(self, script: Script, claim: Rel, effort: int, budget: Budget) -> Proof | None:
        """A claim ``p >= 0`` or ``p > 0`` for one factor, by the first way that works."""
        place = script.place
        if place.context.knows(claim):
            return {"rule": "given"}
        proof = combine(place.context, claim)
        if proof is not None:
            return proof
        if not names_in(claim):
            return _subdivided(place, claim, budget)
        inner = Script(place)
        know_atoms(inner, claim)
        proof = combine(inner.context, claim) or termwise(inner, claim)
        if proof is None:
            proof = one_atom(inner.context, claim)
        if proof is None:
            proof = by_contraposition(inner, claim)
        if proof is None and _in_one_variable(claim):
            # That was a decision: nothing more is known about a single variable.
            return None
        if proof is None:
            script = inner.fork()
            guided = any(place.guides.get(name) for name in names_in(claim))
            proof = None if guided else self._by_functions(script, claim, effort, budget)
            if proof is not None:
                return script.close(proof)
            proof = self._searched(inner.place, claim, effort, budget)
        return proof and inner.close(proof)

    def _by_functions(
        self, script: Script, claim: Rel, effort: int, budget: Budget
    ) -> Proof | None:
        """Facts about functions, and squares instead of square roots."""

        def known(inner: Script, rel: Rel) -> bool:
            return self.known(inner, rel, effort - 1, budget)

        def simple(inner: Script, rel: Rel) -> bool:
            return self.known(inner, rel, 0, budget)

        proof = by_fact(script, claim, known) or by_exponential(script, claim, simple)
        if proof is None and effort > 0 and _is_algebraic(claim):
            proof = self._by_squaring(script, claim, effort, budget)
        return proof

    def _by_squaring(self, script: Script, claim: Rel, effort: int, budget: Budget) -> Proof | None:
        return by_squaring(
            script,
            claim,
            lambda inner, rel: self.known(inner, rel, effort - 1, budget),
            lambda place: self.rel(place, claim, effort - 1, budget),
        )

    def _squared(self, place: Place, claim: Rel, effort: int, budget: Budget) -> Proof | None:
        script = Script(place)
        proof = self._by_squaring(script, claim, effort, budget)
        return proof and script.close(proof)

    def _searched(self, place: Place, claim: Rel, effort: int, budget: Budget) -> Proof | None:
        """Derivatives and subdivision."""
        names = sorted(names_in(claim))
        if len(names) == 1 and place.guides.get(names[0]):
            return on_interval(self, place, claim, names[0], effort, budget)
        proof = None
        if len(names) > 1:
            proof = _subdivided(place, claim, budget, QUICK_PIECES)
        elif _has_margin(place, claim, names[0]):
            proof = _subdivided(place, claim, budget, MANY_PIECES)
        if proof is not None or effort <= 0:
            return proof
        options: list[Callable[[Budget], Proof | None]] = []
        if len(names) > 1 or None in place.ends(names[0]):
            options.append(partial(on_circle, place, claim))
        root = _root_of_variable(claim)
        if root is not None:
            options.append(partial(unrooted, self, place, claim, root, effort))
        if len(names) == 1:
            options.append(partial(on_interval, self, place, claim, names[0], effort))
        else:
            atoms = Forms.of(claim).atoms
            if len(atoms) <= MAX_ATOMS:
                options.append(partial(quick_polynomial, place, claim))
            if not all(isinstance(atom, Sym) for atom in atoms) or _degree(claim) > 1:
                options.append(partial(along, self, place, claim, effort))
            if len(atoms) <= MAX_ATOMS:
                options.append(partial(polynomial, place, claim))
        if not _is_algebraic(claim):
            options.append(partial(self._squared, place, claim, effort))
        if all(None not in place.context.bounds.get(name, (None, None)) for name in names):
            options.append(partial(_subdivided, place, claim))
        return first(options, budget)


def _subdivided(place: Place, claim: Rel, budget: Budget, most: int = MAX_PIECES) -> Proof | None:
    return subdivide(place.context, claim, budget, most, place.hypotheses)


def _in_one_variable(claim: Rel) -> bool:
    atoms = Forms.of(claim).atoms
    return len(atoms) == 1 and isinstance(atoms[0], Sym)


def _is_algebraic(claim: Rel) -> bool:
    """Whether a claim has nothing but polynomials and roots."""
    forms = Forms.of(claim)
    return not any(map(forms.transcendental, range(len(forms.keys))))


def _root_of_variable(claim: Rel) -> Pow | None:
    """A root of something with one variable, where the claim has other functions as well; with the
    common degree of all roots of it."""
    if _is_algebraic(claim):
        return None
    degrees: dict[Term, int] = {}
    for atom in Forms.of(claim).atoms:
        if isinstance(atom, Pow) and isinstance(atom.exp, Num) and len(names_in(atom.base)) == 1:
            known = degrees.get(atom.base, 1)
            degrees[atom.base] = lcm(known, atom.exp.value.denominator)
    for base, degree in degrees.items():
        if degree > 1:
            return Pow(base, Num(Fraction(1, degree)))
    return None


def _degree(claim: Rel) -> int:
    return int(Forms.of(claim).sign(claim).total_degree())


def _has_margin(place: Place, claim: Rel, var: str) -> bool:
    """Whether a claim about one variable seems to hold strictly on a closed bounded range."""
    for end in place.ends(var):
        if end is None:
            return False
        try:
            there = value(replace(claim.left, {Sym(var): end}), ORIGIN)
        except (Refused, ZeroDivisionError):
            return False
        if not (there.is_finite() and there > 0):
            return False
    return True


def _refutation(products: list[Any], equations: list[Any]) -> Proof:
    return {"rule": "refute", "products": products, "equations": equations}


def search(context: Context, goal: Formula, budget: Budget, effort: int = EFFORT) -> Proof | None:
    """A proof of one relation in a context, or None."""
    if not isinstance(goal, Rel):
        return None
    tidied = tidy(goal)
    if not isinstance(tidied, Rel):
        return None
    try:
        return Engine().rel(Place.of(context, names_in(goal)), tidied, effort, budget)
    except (OutOfTime, Refused):
        return None
