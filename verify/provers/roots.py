"""Goals that are linear in a root: bring it to one side and take the power."""

from __future__ import annotations

import math
from fractions import Fraction

from flint import fmpq_mpoly

from verify.kernel.context import Context
from verify.language.codec import encode_formula
from verify.language.term import ZERO, Formula, Num, Pow, Rel, RelOp
from verify.provers.atoms import Notes
from verify.provers.budget import Budget
from verify.provers.combination import Column, Multiple, refutation
from verify.provers.sample import guess_sign, plausible
from verify.provers.system import Rewriting, System, in_powers, system
from verify.provers.tactic import Proof, Prove

MAX_TERMS = 400


def isolate(prove: Prove, context: Context, goal: Formula, budget: Budget) -> Proof | None:
    """``A r + B >= 0`` for a root ``r^q = t``, with ``A, r >= 0``: from ``A^q t >= (-B)^q``;
    and ``B - A r >= 0`` from ``B >= 0`` and ``B^q >= A^q t``."""
    view = system(context, goal)
    if view is None or view.goal is None or view.goal.op not in (">", ">="):
        return None
    options: list[tuple[int, int, Rewriting, list[fmpq_mpoly]]] = []
    for rule in view.rewritings:
        parts = in_powers(view, view.target, rule.generator)
        if len(parts) == 2 and _root_of_nonnegative(view, rule):
            power = parts[1] ** rule.degree * rule.image - (-parts[0]) ** rule.degree
            degrees = _reduce(view, power).degrees()
            left = sum(1 for other in view.rewritings if degrees[other.generator])
            options.append((left, len(power), rule, parts))
    for _, size, rule, parts in sorted(options, key=lambda option: option[:2]):
        if size > MAX_TERMS:
            continue
        proof = _isolated(prove, context, view, rule, parts, budget)
        if proof is not None:
            return proof
    return None


def _root_of_nonnegative(view: System, rule: Rewriting) -> bool:
    term = view.generators[rule.generator]
    if not (isinstance(term, Pow) and isinstance(term.exp, Num)):
        return False
    return term.exp.value == Fraction(1, rule.degree) and view.context.knows(Rel(">=", term, ZERO))


def _reduce(view: System, poly: fmpq_mpoly) -> fmpq_mpoly:
    for rule in view.rewritings:
        parts = in_powers(view, poly, rule.generator)
        if len(parts) > rule.degree:
            from_gen = view.gens[rule.generator]
            total = view.constant(0)
            for power, part in enumerate(parts):
                times, rest = divmod(power, rule.degree)
                total = total + part * rule.image**times * from_gen**rest
            poly = total
    return poly


def _isolated(
    prove: Prove,
    context: Context,
    view: System,
    rule: Rewriting,
    parts: list[fmpq_mpoly],
    budget: Budget,
) -> Proof | None:
    constant, slope = parts
    strict = view.goal is not None and not view.goal.strict
    side = guess_sign(context, view.term(slope))
    if side is None or side == 0:
        return None
    notes = Notes(context)
    op: RelOp = ">" if strict else ">="
    if side == 1:
        rest = _reduce(view, slope**rule.degree * rule.image - (-constant) ** rule.degree)
        wanted = Rel(op, view.term(rest), ZERO)
        if not plausible(context, wanted):
            return _by_sign(prove, context, view, constant, budget)
        base = _note(prove, notes, view, slope, ">=", budget)
    else:
        rest = _reduce(view, constant**rule.degree - (-slope) ** rule.degree * rule.image)
        wanted = Rel(op, view.term(rest), ZERO)
        if not plausible(context, wanted):
            return None
        base = _note(prove, notes, view, constant, ">=", budget)
    if base is None:
        return None
    last = _note(prove, notes, view, rest, op, budget)
    if last is None:
        return None
    return _close(notes, view, rule, side, base, last, rest)


def _by_sign(
    prove: Prove, context: Context, view: System, constant: fmpq_mpoly, budget: Budget
) -> Proof | None:
    """Where the rest is nonnegative there is nothing to take a power of."""
    on = Rel(">=", view.term(constant), ZERO)
    assert view.goal is not None
    if guess_sign(context, on.left) != 0 or context.knows(on):
        return None
    goal = Rel(">" if not view.goal.strict else ">=", view.term(view.target), ZERO)
    proofs = []
    for branch in (on, Rel("<", on.left, on.right)):
        proof = prove(context.having(branch), goal, budget.share(0.6))
        if proof is None:
            return None
        proofs.append(proof)
    split = {"rule": "split", "on": encode_formula(on), "yes": proofs[0], "no": proofs[1]}
    notes = Notes(context)
    notes.add(goal, split)
    terms = [
        (Fraction(1), Column(view.goal.poly, (len(notes.context.facts),))),
        (Fraction(1), Column(view.target, (notes.number(goal),))),
    ]
    facts = {len(notes.context.facts): view.goal.original, notes.number(goal): view.target}
    last = refutation(view, terms, (), {**view.originals, **facts})
    return last and notes.close(dict(last))


def _note(
    prove: Prove, notes: Notes, view: System, poly: fmpq_mpoly, op: RelOp, budget: Budget
) -> tuple[fmpq_mpoly, int] | None:
    wanted = Rel(op, view.term(poly), ZERO)
    if notes.context.knows(wanted):
        proof: Proof | None = {"rule": "given"}
    else:
        proof = prove(notes.context, wanted, budget.share(0.7))
    if proof is None:
        return None
    notes.add(wanted, proof)
    return poly, notes.number(wanted)


def _close(
    notes: Notes,
    view: System,
    rule: Rewriting,
    side: int,
    base: tuple[fmpq_mpoly, int],
    last: tuple[fmpq_mpoly, int],
    rest: fmpq_mpoly,
) -> Proof | None:
    """``(y + g)^q - y^q`` expanded, where ``g > 0`` is the negated goal."""
    assert view.goal is not None
    positive = Rel(">=", view.generators[rule.generator], ZERO)
    notes.add(positive, {"rule": "given"})
    root = notes.number(positive)
    goal = len(notes.context.facts)
    facts = {**view.originals, goal: view.goal.original, base[1]: base[0], last[1]: last[0]}
    facts[root] = view.gens[rule.generator]
    terms: list[tuple[Fraction, Column]] = []
    q = rule.degree
    for k in range(1, q + 1):
        others = [base[1]] * (q - k) + ([root] * (q - k) if side == 1 else [])
        terms.append((Fraction(math.comb(q, k)), Column(rest, (*([goal] * k), *others))))
    terms.append((Fraction(1), Column(rest, (last[1],))))
    multiples: list[tuple[Fraction, Multiple]] = []
    proof = refutation(view, terms, multiples, facts)
    return proof and notes.close(dict(proof))
