"""The order in which the strategies are tried, and how they share the time.

Everything here is untrusted: whatever comes out is checked by the kernel before anyone sees it.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field, replace
from fractions import Fraction

from verify.kernel.check import Sequent
from verify.kernel.context import Context
from verify.kernel.poly import Refused
from verify.language.codec import encode_formula, encode_term
from verify.language.term import (
    FALSE,
    NEGATED,
    ZERO,
    And,
    Call,
    Formula,
    Num,
    Or,
    Pow,
    Rel,
    RelOp,
    Sym,
    Term,
    conditions,
    nnf,
    substitute,
)
from verify.provers.amplitude import amplitude
from verify.provers.arctangents import arctangents
from verify.provers.atoms import Notes, is_routine, with_facts
from verify.provers.base_one import base_one
from verify.provers.boxes import boxes
from verify.provers.budget import Budget, OutOfTime
from verify.provers.cases import at_equality, inside, piecewise
from verify.provers.cases import signs as by_signs
from verify.provers.chord import chord
from verify.provers.compositions import compositions
from verify.provers.cones import cones, orthants, signs
from verify.provers.detours import by_squares, contrapositive, off_the_boundary
from verify.provers.elementary import elementary, is_elementary
from verify.provers.engel import engel
from verify.provers.exact_angles import exact_angles
from verify.provers.factors import factored, quotient
from verify.provers.floors import floors_by_parts, floors_by_residues
from verify.provers.half_sums import half_sums
from verify.provers.integers import (
    has_integers,
    induction,
    one_by_one,
    residues,
    rounding,
    sharpen,
)
from verify.provers.later_induction import later_induction
from verify.provers.line import line
from verify.provers.linear import farkas, linear, pairs, triples
from verify.provers.log_sides import log_sides
from verify.provers.log_terms import log_terms
from verify.provers.means import means
from verify.provers.monomial_roots import monomial_roots
from verify.provers.monotone import comparisons, rates
from verify.provers.opened_angles import opened_angles
from verify.provers.quadratic import corner, discriminant, endpoints, quadratic_form
from verify.provers.quick import quick
from verify.provers.radicals import radicals
from verify.provers.roots import isolate
from verify.provers.sample import chained_bounds, cloud, guess_sign, plausible
from verify.provers.scaling import exponentials, scaled
from verify.provers.shorten import shortened
from verify.provers.squares import squares
from verify.provers.syntax import applications, calls, names
from verify.provers.tactic import DeadEnd, Proof, Prove, Reduction, Tactic
from verify.provers.tangent import tangents, tangents_of_products
from verify.provers.turns import CIRCULAR
from verify.provers.twins import successors, twins
from verify.provers.written import squares_as_written
from verify.provers.zero_power import power_of, zero_base

MAX_DEPTH = 40
EFFORTS = (0, 1, 2)
UNHURRIED = 0.7
"""A strategy that gives up with so much of its time left would do so with more time as well."""


def prove(sequent: Sequent, budget: Budget) -> Proof | None:
    """A certificate that the kernel accepts, or None."""
    try:
        proof = solve(sequent.context(), nnf(sequent.conclusion), budget)
        if proof is None:
            return None
        return shortened(sequent.context(), sequent.conclusion, dict(proof))
    except (OutOfTime, Refused, RecursionError):
        return None


def refute_hypotheses(sequent: Sequent, budget: Budget) -> Proof | None:
    """A certificate, accepted by the kernel, that no value satisfies the hypotheses, or None.

    Where no contradiction is found between all of them: one that the others deny.
    """
    absurd = replace(sequent, conclusion=FALSE)
    proof = prove(absurd, budget.share(0.4))
    if proof is not None or any(not isinstance(nnf(h), Rel) for h in sequent.hypotheses):
        return proof
    whole = sequent.context()
    for number, item in enumerate(sequent.hypotheses):
        denied = nnf(item, negate=True)
        others = sequent.hypotheses[:number] + sequent.hypotheses[number + 1 :]
        given = replace(sequent, hypotheses=others, conclusion=denied)
        proof = prove(given, budget.share(0.6))
        if proof is None:
            continue
        both = replace(absurd, hypotheses=(*sequent.hypotheses, denied))
        end = prove(both, budget.share(0.5))
        if end is None:
            continue
        keep = [whole.facts.index(fact) for fact in given.context().facts]
        by = {"rule": "focus", "keep": keep, "then": proof}
        cut = {"rule": "cut", "fact": encode_formula(denied), "by": by, "then": end}
        return shortened(whole, FALSE, cut)
    return None


def solve(context: Context, goal: Formula, budget: Budget) -> Proof | None:
    """A proof of ``goal``, not yet checked: with growing effort."""
    for fact in context.facts:
        name, value = _fixed(fact)
        if name is None:
            continue
        # A power whose exponent is fixed needs no positive base, as it would with a variable.
        inner = context.replacing({Sym(name): value}, context.integers - {name})
        then = solve(inner, substitute(goal, {name: value}), budget)
        known = {"rule": "given"}
        by = encode_term(value)
        return then and {"rule": "replace", "var": name, "by": by, "proof": known, "then": then}
    return Search().structure(context, goal, budget)


def _fixed(fact: Rel) -> tuple[str | None, Term]:
    """A variable that a fact says is a number."""
    for left, right in ((fact.left, fact.right), (fact.right, fact.left)):
        if fact.op == "==" and isinstance(left, Sym) and isinstance(right, Num):
            return left.name, right
    return None, ZERO


@dataclass(frozen=True)
class Search:
    """One level of effort, at one depth; failures are remembered across all of them."""

    level: int | None = None
    depth: int = 0
    failed: set[object] = field(default_factory=set)

    @property
    def effort(self) -> int:
        """How hard to try; at the outermost level this grows from 0 on."""
        return self.level or 0

    def __call__(self, context: Context, goal: Formula, budget: Budget) -> Proof | None:
        """Prove a goal that a strategy asks for."""
        try:
            return replace(self, depth=self.depth + 1).structure(context, goal, budget)
        except OutOfTime:
            return None

    def easier(self) -> Search:
        """The same with less effort."""
        return replace(self, level=max(0, self.effort - 1))

    def structure(self, context: Context, goal: Formula, budget: Budget) -> Proof | None:
        """A proof by the structure of the goal, down to single relations."""
        budget.check()
        if self.depth > MAX_DEPTH:
            return None
        match goal:
            case And(args=parts):
                return self._conjunction(context, parts, budget)
            case Or(args=parts) if parts:
                return self._disjunction(context, parts, budget)
        if context.choices:
            return self._cases(context, goal, budget)
        efforts = EFFORTS if self.level is None else range(self.level + 1)
        for effort in efforts:
            share = budget.share((0.15, 0.5, 1.0)[effort]) if self.level is None else budget
            try:
                proof = replace(self, level=effort).relation(context, goal, share)
            except OutOfTime:
                budget.check()
                continue
            if proof is not None:
                return proof
        return None

    def _conjunction(
        self, context: Context, parts: tuple[Formula, ...], budget: Budget
    ) -> Proof | None:
        proofs = []
        for part in parts:
            proof = self.structure(context, part, budget)
            if proof is None:
                return None
            proofs.append(proof)
            context = context.having(part)
        return {"rule": "all", "parts": proofs}

    def _disjunction(
        self, context: Context, parts: tuple[Formula, ...], budget: Budget
    ) -> Proof | None:
        """One of the parts; else the last one, with the negations of the others as facts."""
        for index, part in enumerate(parts):
            if not plausible(context, part):
                continue
            inner = replace(self, level=self.effort)
            proof = inner(context, part, budget.share(0.3))
            if proof is not None:
                return {"rule": "either", "index": index, "then": proof}
        for index, part in enumerate(parts):
            if isinstance(part, Rel) and context.defines(part):
                return self._or_else(context, parts, index, budget)
        return None

    def _or_else(
        self, context: Context, parts: tuple[Formula, ...], index: int, budget: Budget
    ) -> Proof | None:
        part = parts[index]
        assert isinstance(part, Rel)
        negated = Rel(NEGATED[part.op], part.left, part.right)
        if negated in context.facts:
            return None
        proof = self(context.having(negated), Or(parts), budget)
        yes = {"rule": "either", "index": index, "then": {"rule": "given"}}
        on = encode_formula(part)
        return proof and {"rule": "split", "on": on, "yes": yes, "no": proof}

    def _cases(self, context: Context, goal: Formula, budget: Budget) -> Proof | None:
        rest = context.without_choice(0)
        branches = []
        for alternative in context.choices[0].args:
            proof = self(rest.having(alternative), goal, budget)
            if proof is None:
                return None
            branches.append(proof)
        return {"rule": "cases", "of": 0, "branches": branches}

    def relation(self, context: Context, goal: Formula, budget: Budget) -> Proof | None:
        """One relation, or a contradiction, at this effort."""
        key = (self.effort, frozenset(context.facts), goal)
        if key in self.failed:
            return None
        proof = self._defined(context, goal, budget) if isinstance(goal, Rel) else None
        if not isinstance(goal, Rel):
            proof = self._atomic(context, goal, budget)
        if proof is None:
            self.failed.add(key)
        return proof

    def _defined(self, context: Context, goal: Rel, budget: Budget) -> Proof | None:
        """Prove what the goal needs in order to be defined, then the goal."""
        if isinstance(goal, Rel) and context.knows(goal):
            return {"rule": "given"}
        for side in (goal.left, goal.right):
            for condition in conditions(side):
                if context.knows(condition):
                    continue
                for stronger in _stronger(context, condition):
                    proof = self(context, stronger, budget.share(0.5))
                    if proof is None:
                        continue
                    then = self._defined(context.having(stronger), goal, budget)
                    fact = encode_formula(stronger)
                    return then and {"rule": "cut", "fact": fact, "by": proof, "then": then}
                power = power_of(goal, condition)
                if power is not None:
                    cases = zero_base(self, self._defined, context, goal, power, budget)
                    if cases is not None:
                        return cases
                return self._contradiction(context, budget)
        if not context.defines(goal):
            return self._contradiction(context, budget)
        return self._atomic(context, goal, budget)

    def _contradiction(self, context: Context, budget: Budget) -> Proof | None:
        """From contradictory facts anything follows, defined or not."""
        if _satisfiable(context):
            return None
        absurd = self._atomic(context, FALSE, budget.share(0.5))
        return absurd and {"rule": "absurd", "then": absurd}

    def _atomic(self, context: Context, goal: Formula, budget: Budget) -> Proof | None:
        """A relation that is known to be defined, or a contradiction."""
        budget.check()
        if isinstance(goal, Rel):
            if context.knows(goal):
                return {"rule": "given"}
            if not plausible(context, goal):
                return None
        else:
            # Points only nearly satisfy facts such as tanh(x) >= 1; what is plain needs none.
            with contextlib.suppress(OutOfTime):
                proof = farkas(context, goal, budget.share(0.1, 0.3))
                if proof is not None:
                    return proof
            if _satisfiable(context):
                return None
        notes = with_facts(context, goal, lambda inner, rel: quick(inner, rel, budget))
        if isinstance(goal, Rel) and is_elementary(goal):
            _carry_bounds(notes, budget)
        if has_integers(notes.context, goal):
            sharpen(notes)
        proof = self._strategies(notes.context, goal, budget)
        return proof and notes.close(dict(proof))

    def _strategies(self, context: Context, goal: Formula, budget: Budget) -> Proof | None:
        facts = frozenset(context.facts)
        for effort, share, most, strategy in STRATEGIES:
            if effort > self.effort:
                continue
            # What works alone does the same at every effort.
            key = (0 if isinstance(strategy, Leaf) else self.effort, strategy, facts, goal)
            if key in self.failed:
                continue
            part = budget.share(share, most)
            given = part.left()
            try:
                if isinstance(strategy, Leaf):
                    proof = strategy.tactic(context, goal, part)
                else:
                    proof = strategy.reduction(self, context, goal, part)
            except DeadEnd:
                if is_transcendental(goal):
                    continue
                return None
            except (OutOfTime, Refused, ArithmeticError):
                # Numbers beyond what floating-point hints can hold end a strategy, not the search.
                budget.check()
                continue
            if proof is not None:
                return proof
            if part.left() > UNHURRIED * given:
                self.failed.add(key)
        return None


@dataclass(frozen=True)
class Leaf:
    """A strategy that works alone."""

    tactic: Tactic


@dataclass(frozen=True)
class Inner:
    """A strategy that asks for other proofs."""

    reduction: Reduction


def _carry_bounds(notes: Notes, budget: Budget) -> None:
    """Literal bounds that come through other variables, which most strategies do not look for."""
    known = notes.context.bounds
    for name, (low, high) in chained_bounds(notes.context).items():
        ends: tuple[tuple[RelOp, Fraction | None, Fraction | None], ...] = (
            (">=", low, known.get(name, (None, None))[0]),
            ("<=", high, known.get(name, (None, None))[1]),
        )
        for op, bound, before in ends:
            if bound is None or bound == before:
                continue
            fact = Rel(op, Sym(name), Num(bound))
            with contextlib.suppress(OutOfTime):
                proof = farkas(notes.context, fact, budget.share(0.1, 0.3))
                if proof is not None:
                    notes.have(fact, dict(proof))


def _stronger(context: Context, condition: Rel) -> list[Rel]:
    """What to prove instead of ``t != 0``: the sign of ``t``, where it seems to have one."""
    if condition.op != "!=":
        return [condition]
    guess = guess_sign(context, condition.left)
    if guess in (1, -1):
        sharper = Rel(">" if guess == 1 else "<", condition.left, condition.right)
        return [sharper, condition]
    return [condition]


def _satisfiable(context: Context) -> bool:
    """Whether a point is known at which the facts seem to hold."""
    points = cloud(context)
    return points is not None and any(len(values) for values in points.values())


def equality(prove: Prove, context: Context, goal: Formula, budget: Budget) -> Proof | None:
    """``a == b`` from ``a >= b`` and ``a <= b``; ``a != b`` from ``a > b`` or ``a < b``."""
    if not isinstance(goal, Rel) or goal.op not in ("==", "!="):
        return None
    if goal.op == "!=":
        sharper: tuple[RelOp, RelOp] = (">", "<")
        for op in sharper:
            stronger = Rel(op, goal.left, goal.right)
            if plausible(context, stronger):
                proof = prove(context, stronger, budget.share(0.5))
                if proof is not None:
                    fact = encode_formula(stronger)
                    return {"rule": "cut", "fact": fact, "by": proof, "then": {"rule": "given"}}
        return None
    parts = [Rel(">=", goal.left, goal.right), Rel("<=", goal.left, goal.right)]
    inner, proofs = context, []
    for part in parts:
        proof = prove(inner, part, budget.share(0.5))
        if proof is None:
            return None
        proofs.append(proof)
        inner = inner.having(part)
    number = len(inner.facts)
    products = [["1", [number], []], ["1", [len(context.facts), number - 1], []]]
    last: Proof = {"rule": "refute", "products": products, "equations": []}
    for part, proof in reversed(list(zip(parts, proofs, strict=True))):
        last = {"rule": "cut", "fact": encode_formula(part), "by": proof, "then": last}
    return last


TRANSCENDENTAL = frozenset(
    ("exp", "log", "sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh")
)


def is_transcendental(goal: Formula) -> bool:
    """Whether a relation has exponentials, logarithms, variable powers or angles."""
    return isinstance(goal, Rel) and any(
        node.name in TRANSCENDENTAL if isinstance(node, Call) else not isinstance(node.exp, Num)
        for node in applications(goal)
        if isinstance(node, Call | Pow)
    )


def algebraic_quotient(
    prove: Prove, context: Context, goal: Formula, budget: Budget
) -> Proof | None:
    """Clear denominators at once where there are only polynomials and roots."""
    return None if is_transcendental(goal) else quotient(prove, context, goal, budget)


def easy_corner(prove: Prove, context: Context, goal: Formula, budget: Budget) -> Proof | None:
    """The strategy :func:`corner`, where what it needs is easy."""
    return corner(prove.easier(), context, goal, budget)


def logarithms_of_one_variable(
    prove: Prove, context: Context, goal: Formula, budget: Budget
) -> Proof | None:
    """The strategy :func:`log_sides`, where the logarithms are decided by derivatives in one
    variable: before the derivatives of the powers themselves take the time."""
    if not isinstance(goal, Rel) or len(names(goal)) != 1:
        return None
    return log_sides(prove, context, goal, budget)


def interior(prove: Prove, context: Context, goal: Formula, budget: Budget) -> Proof | None:
    """The strategy :func:`inside`, where bounds are no factors that a combination could use and the
    ends are not ends of a part of an oscillation."""
    if not isinstance(goal, Rel) or not is_transcendental(goal) or calls(goal) & CIRCULAR:
        return None
    return inside(prove, context, goal, budget)


def transcendental(context: Context, goal: Formula, budget: Budget) -> Proof | None:
    """What :func:`elementary` can do, where the goal has more than roots and powers: first with the
    facts about the goal's variables alone, then with all but the routine ones."""
    if isinstance(goal, Rel) and not is_transcendental(goal):
        return None
    useful = [i for i, fact in enumerate(context.facts) if not is_routine(fact)]
    wanted = names(goal) if isinstance(goal, Rel) else frozenset()
    close = [i for i in useful if names(context.facts[i]) <= wanted]
    for keep, share in ((close, 0.5), (useful, 1.0)):
        if keep is useful and close == useful:
            break
        facts = tuple(context.facts[i] for i in keep)
        inner = Context(facts, (), context.integers, context.theory)
        if isinstance(goal, Rel) and not inner.defines(goal):
            continue
        proof = elementary(inner, goal, budget.share(share))
        if proof is not None:
            if len(keep) == len(context.facts):
                return proof
            return {"rule": "focus", "keep": keep, "then": proof}
        if close == useful:
            break
    return None


STRATEGIES: tuple[tuple[int, float, float, Leaf | Inner], ...] = (
    (0, 1.0, 9e9, Inner(piecewise)),
    (0, 0.5, 2.0, Inner(compositions)),
    (0, 0.5, 1.0, Leaf(squares_as_written)),
    (0, 0.5, 1.0, Leaf(line)),
    (0, 0.5, 1.0, Leaf(farkas)),
    (0, 0.5, 3.0, Leaf(exact_angles)),
    (0, 1.0, 9e9, Inner(equality)),
    (0, 0.5, 1.0, Leaf(quadratic_form)),
    (0, 0.4, 2.0, Inner(tangents)),
    (0, 0.5, 4.0, Inner(engel)),
    (0, 0.5, 0.8, Inner(radicals)),
    (0, 0.8, 9e9, Inner(algebraic_quotient)),
    (0, 0.5, 1.0, Leaf(signs)),
    (0, 0.5, 0.5, Leaf(pairs)),
    (0, 0.5, 1.0, Inner(rates)),
    (0, 0.5, 2.0, Inner(amplitude)),
    (1, 0.5, 2.5, Inner(opened_angles)),
    (0, 0.7, 4.0, Inner(half_sums)),
    (0, 0.7, 3.0, Inner(arctangents)),
    (0, 0.8, 9e9, Inner(comparisons)),
    (0, 0.8, 9e9, Inner(scaled)),
    (0, 0.6, 4.0, Inner(exponentials)),
    (0, 0.6, 9e9, Inner(twins)),
    (0, 0.6, 9e9, Inner(successors)),
    (0, 0.3, 2.0, Inner(logarithms_of_one_variable)),
    (0, 0.7, 1.5, Leaf(transcendental)),
    (0, 0.5, 1.5, Inner(log_terms)),
    (0, 0.5, 1.5, Inner(chord)),
    (1, 0.8, 9e9, Inner(tangents)),
    (1, 0.5, 4.0, Inner(tangents_of_products)),
    (1, 0.7, 4.0, Leaf(transcendental)),
    (1, 0.3, 2.0, Inner(log_sides)),
    (1, 0.4, 4.0, Inner(interior)),
    (1, 0.4, 3.0, Inner(means)),
    (2, 0.7, 9e9, Leaf(transcendental)),
    (1, 0.4, 4.0, Inner(monomial_roots)),
    (0, 0.8, 9e9, Inner(quotient)),
    (0, 0.7, 9e9, Inner(factored)),
    (0, 0.8, 9e9, Inner(isolate)),
    (0, 0.5, 9e9, Inner(residues)),
    (0, 0.5, 3.0, Inner(floors_by_residues)),
    (0, 0.5, 3.0, Inner(floors_by_parts)),
    (0, 0.7, 9e9, Inner(rounding)),
    (0, 0.7, 9e9, Inner(induction)),
    (0, 0.5, 4.0, Inner(later_induction)),
    (1, 0.7, 9e9, Inner(one_by_one)),
    (1, 0.6, 9e9, Inner(discriminant)),
    (1, 0.6, 9e9, Inner(endpoints)),
    (1, 0.6, 3.0, Leaf(cones)),
    (1, 0.3, 0.7, Leaf(triples)),
    (1, 0.3, 9e9, Inner(easy_corner)),
    (1, 0.5, 2.0, Leaf(squares)),
    (1, 0.4, 1.0, Leaf(boxes)),
    (1, 0.3, 2.0, Inner(by_squares)),
    (1, 0.3, 2.0, Inner(contrapositive)),
    (2, 0.4, 9e9, Inner(base_one)),
    (2, 0.3, 9e9, Inner(corner)),
    (2, 0.4, 9e9, Inner(at_equality)),
    (2, 0.4, 9e9, Inner(by_signs)),
    (2, 0.4, 3.0, Inner(off_the_boundary)),
    (2, 0.4, 9e9, Leaf(orthants)),
    (2, 0.5, 9e9, Leaf(linear)),
    (2, 0.5, 9e9, Leaf(squares)),
    (2, 0.5, 9e9, Leaf(elementary)),
    (2, 0.9, 9e9, Leaf(boxes)),
)
"""Strategies with the least effort at which they are tried, the share of the remaining time and the
seconds that each may use at most."""
