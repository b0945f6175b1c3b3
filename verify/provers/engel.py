"""Sums of fractions, by the inequality of Cauchy and Schwarz in Engel's form.

For positive ``m_i``, ``D_i`` and weights ``w_i``, ``sum v_i^2 m_i/D_i`` is at least ``S^2/Q`` with
``S = sum v_i m_i w_i`` and ``Q = sum m_i D_i w_i^2``. What is left to prove is far shorter than
what clearing all denominators leaves. With ``g_i = m_i/D_i``, ``Q sum v_i^2 g_i - S^2`` is the sum
of ``g_i g_j (v_i D_j w_j - v_j D_i w_i)^2`` over the pairs, which is what the certificate says.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from typing import cast

from verify.kernel.context import Context
from verify.kernel.poly import Refused, Ring, fraction, sign_polynomial
from verify.language.codec import encode_term
from verify.language.term import (
    ONE,
    ZERO,
    Add,
    Div,
    Formula,
    Mul,
    Neg,
    Num,
    Pow,
    Rel,
    RelOp,
    Sym,
    Term,
    add,
    free_names,
    mul,
    num,
    replace,
    sub,
)
from verify.provers.atoms import Notes, establish
from verify.provers.budget import Budget
from verify.provers.draft import Draft
from verify.provers.sample import guess_sign, plausible
from verify.provers.syntax import normal, unused
from verify.provers.tactic import Proof, Prove
from verify.provers.tangent import addends

BRIEF, LONG, THOROUGH = 0.8, 2.5, 2
"""Seconds, below an effort and from it on."""

LEAST, MOST = 3, 8
"""How many fractions a sum may have: with two, denominators are as well cleared."""


@dataclass(frozen=True, slots=True)
class _Part:
    """The fraction ``root^2 top / bottom`` with a weight."""

    root: Term
    top: Term
    bottom: Term
    weight: Term = ONE


def engel(prove: Prove, context: Context, goal: Formula, budget: Budget) -> Proof | None:
    """Prove a lower bound of a sum of fractions with positive numerators and denominators."""
    if not isinstance(goal, Rel) or goal.op in ("==", "!="):
        return None
    upward = goal.op in (">=", ">")
    total = sub(goal.left, goal.right) if upward else sub(goal.right, goal.left)
    fractions: list[tuple[Term, Term]] = []
    rest: list[Term] = []
    for addend in addends(total):
        found = _fraction(addend)
        if found is None:
            rest.append(addend)
        elif all(guess_sign(context, part) == 1 for part in found):
            fractions.append(found)
        else:
            return None
    if not LEAST <= len(fractions) <= MOST:
        return None
    op: RelOp = ">" if goal.op in (">", "<") else ">="
    budget = budget.share(1.0, BRIEF if prove.effort < THOROUGH else LONG)
    for parts in _weighted(fractions):
        proof = _prove(prove, context, goal, op, parts, add(*rest), budget)
        if proof is not None:
            return proof
    return None


def _fraction(term: Term) -> tuple[Term, Term] | None:
    """Numerator and denominator of a fraction with a variable denominator."""
    match term:
        case Div(num=top, den=bottom) if free_names(bottom):
            return top, bottom
        case Neg(arg=arg):
            found = _fraction(arg)
            return None if found is None else (Neg(found[0]), found[1])
        case Mul(args=args):
            pieces = [(_fraction(arg), arg) for arg in args]
            below = [piece[1] for piece, _ in pieces if piece is not None]
            if below:
                return mul(*(arg if p is None else p[0] for p, arg in pieces)), mul(*below)
    return None


def _weighted(fractions: Sequence[tuple[Term, Term]]) -> Iterator[list[_Part]]:
    """Roots and weights to try: none, the squares in the numerators, and single variables or all
    but one of them, where there are as many variables as fractions."""
    plain = [_Part(ONE, top, bottom) for top, bottom in fractions]
    yield plain
    rooted = [_Part(*_square(top), bottom) for top, bottom in fractions]
    if rooted != plain:
        yield rooted
    if any(free_names(part.top) for part in plain):
        yield [_Part(ONE, part.top, part.bottom, part.top) for part in plain]
    names = sorted(set[str]().union(*(free_names(top) | free_names(d) for top, d in fractions)))
    if len(names) != len(fractions):
        return
    for shift in range(len(names)):
        turned = [Sym(name) for name in (*names[shift:], *names[:shift])]
        yield [
            _Part(part.root, part.top, part.bottom, own)
            for part, own in zip(rooted, turned, strict=True)
        ]
        yield [
            _Part(part.root, part.top, part.bottom, mul(*(x for x in turned if x != own)))
            for part, own in zip(rooted, turned, strict=True)
        ]


def _square(term: Term) -> tuple[Term, Term]:
    """``v`` and ``m`` with ``term = v^2 m``, from powers as they are written."""
    match term:
        case Pow(base=base, exp=Num(value=value)) if value.denominator == 1 and value >= 2:
            half, odd = divmod(int(value), 2)
            return (base if half == 1 else Pow(base, num(half))), (base if odd else ONE)
        case Mul(args=args):
            pairs = [_square(arg) for arg in args]
            roots = [v for v, _ in pairs if v != ONE]
            rest = [m for _, m in pairs if m != ONE]
            return (mul(*roots) if roots else ONE), (mul(*rest) if rest else ONE)
        case _:
            return ONE, term


def _prove(
    prove: Prove,
    context: Context,
    goal: Rel,
    op: RelOp,
    parts: Sequence[_Part],
    rest: Term,
    budget: Budget,
) -> Proof | None:
    inner = add(*(mul(part.root, part.top, part.weight) for part in parts))
    bottom = add(*(mul(part.top, part.bottom, part.weight, part.weight) for part in parts))
    level = Rel(op, Add((Mul((inner, inner)), Mul((rest, bottom)))), ZERO)
    if not plausible(context, level):
        return None
    notes = Notes(context)
    # First what is hard, among as few facts as there are.
    proof = prove(context, level, budget.share(0.8))
    if proof is None:
        return None
    notes.add(level, dict(proof))
    for term in (*(part.bottom for part in parts), bottom):
        if not establish(prove.easier(), notes, Rel(">", term, ZERO), budget):
            return None
    for part in parts:
        if not establish(prove.easier(), notes, Rel(">=", part.top, ZERO), budget):
            return None
    # Quotients are spelled with a factor of one, so that they stay as they are written.
    quotients = []
    for part in parts:
        sign = cast(Rel, normal(Rel(">=", Mul((ONE, Div(part.top, part.bottom))), ZERO)))
        if not notes.context.knows(sign):
            notes.force(sign, _sign_proof(notes, sign, part))
        notes.state(sign)
        quotients.append(sign.left)
        notes.state(Rel("==", Mul((ONE, sign.left, part.bottom)), part.top))
    terms = [mul(part.root, part.root, q) for part, q in zip(parts, quotients, strict=True)]
    whole = cast(Rel, normal(Rel(op, Add((*terms, rest)), ZERO)))
    last = _combined(notes.context, whole, quotients, parts, level, bottom)
    if last is None:
        return None
    notes.add(whole, last)
    return notes.close({"rule": "given"}) if notes.context.knows(goal) else None


def _sign_proof(notes: Notes, sign: Rel, part: _Part) -> dict[str, object]:
    """That a quotient is nonnegative, from its numerator and its denominator."""
    numbers = [
        notes.number_of(Rel(">=", part.top, ZERO)),
        notes.number_of(Rel(">", part.bottom, ZERO)),
    ]
    products = [["1", [notes.negated(sign)], []], ["1", numbers, []]]
    return {"rule": "refute", "products": products, "equations": []}


def _combined(
    context: Context,
    goal: Rel,
    quotients: Sequence[Term],
    parts: Sequence[_Part],
    level: Rel,
    bottom: Term,
) -> dict[str, object] | None:
    """The sum of the fractions and the rest, for any values of the quotients."""
    signs = [cast(Rel, normal(Rel(">=", term, ZERO))) for term in quotients]
    equations = [
        cast(Rel, normal(Rel("==", Mul((ONE, term, part.bottom)), part.top)))
        for term, part in zip(quotients, parts, strict=True)
    ]
    table: dict[Term, Term] = {}
    for term in quotients:
        one: dict[Term, Term] = {term: Sym(unused(context, goal))}
        context = context.replacing(one, context.integers)
        goal = Rel(goal.op, replace(goal.left, one), replace(goal.right, one))
        table |= one

    def renamed(rel: Rel) -> Rel:
        return Rel(rel.op, replace(rel.left, table), replace(rel.right, table))

    draft = Draft(context)
    try:
        last = _identity(
            draft,
            goal,
            [table[term] for term in quotients],
            parts,
            [draft.number(renamed(rel)) for rel in signs],
            [draft.number(renamed(rel)) for rel in equations],
            draft.number_of(level),
            draft.number_of(Rel(">", bottom, ZERO)),
        )
    except (Refused, ValueError, ZeroDivisionError):
        return None
    proof = draft.close(last)
    for term in reversed(quotients):
        fresh = cast(Sym, table[term]).name
        proof = {"rule": "generalise", "term": encode_term(term), "fresh": fresh, "then": proof}
    return proof


def _identity(
    draft: Draft,
    goal: Rel,
    values: Sequence[Term],
    parts: Sequence[_Part],
    signs: Sequence[int],
    equations: Sequence[int],
    level: int,
    bottom: int,
) -> dict[str, object]:
    """``(rest + sum v_i^2 g_i) Q`` as the level and the squares, by ``g_i D_i = m_i``."""
    pairs = list(zip(values, parts, strict=True))
    below = add(*(mul(p.top, p.bottom, p.weight, p.weight) for p in parts))
    outer = add(*(mul(p.root, p.top, p.weight) for p in parts))
    inner = add(*(mul(p.root, g, p.bottom, p.weight) for g, p in pairs))
    total = add(*(mul(p.root, p.root, g) for g, p in pairs))
    facts = draft.context.facts
    used = [facts[number] for number in (*equations, level, bottom)]
    ring = Ring(
        [side for rel in (*used, goal) for side in (rel.left, rel.right)]
        + [below, outer, inner, total]
    )

    def scale(rel: Rel, meant: Term) -> Fraction:
        """What the polynomial of a fact is to be multiplied by."""
        said, wanted = sign_polynomial(ring, rel), ring.polynomial(meant)
        ratio = wanted.leading_coefficient() / said.leading_coefficient()
        if said * ratio != wanted:
            raise Refused("a fact is not what was meant")
        return fraction(ratio)

    gap, height = sub(goal.left, goal.right), sub(facts[level].left, facts[level].right)
    products: list[list[object]] = [
        [
            str(scale(facts[bottom], below) * scale(goal, gap)),
            [draft.negated(goal), bottom],
            [],
        ],
        [str(scale(facts[level], height)), [level], []],
    ]
    for i, j in combinations(range(len(parts)), 2):
        one, other = parts[i], parts[j]
        root = sub(
            mul(one.root, other.bottom, other.weight), mul(other.root, one.bottom, one.weight)
        )
        products.append(["1", [signs[i], signs[j]], [encode_term(root)]])
    multipliers = []
    for number, (value, part) in zip(equations, pairs, strict=True):
        factor = sub(
            mul(part.root, part.weight, add(inner, outer)),
            mul(part.bottom, part.weight, part.weight, total),
        )
        ratio = scale(facts[number], sub(mul(value, part.bottom), part.top))
        multipliers.append([number, encode_term(mul(Num(ratio), factor))])
    return {"rule": "refute", "products": products, "equations": multipliers}
