"""Why an inequality holds, as a person would check it: the gap between both sides in factors, each
of them a sum of what is known to be positive.

The certificate is what is checked; this is for people. What it says are identities between rational
functions, and combinations of facts that are found anew.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from string import ascii_uppercase

from flint import fmpq_mpoly

from verify.kernel.context import Context
from verify.kernel.poly import Refused, Ring, fraction
from verify.language.render import unicode
from verify.language.term import (
    ONE,
    ZERO,
    Div,
    Formula,
    Mul,
    Num,
    Pow,
    Rel,
    RelOp,
    Sum,
    Sym,
    Term,
    contains,
    entry_names,
    free_names,
    map_terms,
    num,
    replace,
    sub,
    subterms,
)
from verify.provers.atoms_known import atom_facts
from verify.provers.budget import Budget, OutOfTime
from verify.provers.draft import Draft
from verify.provers.explain import combination
from verify.provers.linear import products_up_to
from verify.provers.system import generator_terms

SHORT = 25
"""Facts with more nodes are not about single powers."""
MAX_LENGTH = 400
STRICT: tuple[RelOp, ...] = (">",)
EITHER: tuple[RelOp, ...] = (">", ">=")


@dataclass(frozen=True, slots=True)
class _Factor:
    """A factor with the sign that it is known to have, and the sum that shows it."""

    term: Term
    positive: bool
    reason: str


def gap_in_factors(context: Context, goal: Formula, budget: Budget) -> str | None:
    """``left - right = (P - n + 1)/(2*(P + n - 1)) with P = (1 + a)^beta; P - n + 1 = ...``.

    None unless the goal is an inequality between terms without sums or entries whose gap, in lowest
    terms, has factors that are, up to sign, sums of facts.
    """
    if not isinstance(goal, Rel) or goal.op not in (">=", ">", "<=", "<"):
        return None
    if any(contains(side, Sum) or entry_names(side) for side in (goal.left, goal.right)):
        return None
    try:
        return _gap(context, goal, budget)
    except (Refused, OutOfTime, RecursionError):
        return None


def _gap(context: Context, goal: Rel, budget: Budget) -> str | None:
    draft = Draft(context)
    short = [
        f for f in context.facts if sum(1 for s in (f.left, f.right) for _ in subterms(s)) < SHORT
    ]
    with contextlib.suppress(OutOfTime):
        atom_facts(draft, (goal, *short), budget.share(0.5))
    plain = Ring((goal.left, goal.right))
    lowest = [plain.term(part) for part in plain.fraction(sub(goal.left, goal.right))]
    names = _letters(draft.context, Div(*lowest))
    known = Context(tuple(_named(f, names) for f in draft.context.facts), (), context.integers)
    ring = Ring([replace(part, names) for part in lowest])
    signs = (STRICT, EITHER) if goal.op in (">", "<") else (EITHER, EITHER)
    sides = []
    reasons: dict[str, None] = {}
    upward = goal.op in (">=", ">")
    for part, ops in zip(lowest, signs, strict=True):
        found = _side(known, ring, ring.polynomial(replace(part, names)), ops, budget)
        if found is None:
            return None
        term, positive, why = found
        upward = upward == positive
        sides.append(term)
        reasons |= dict.fromkeys(why)
    if not upward:
        return None
    top, bottom = sides
    quotient = top if bottom == ONE else Div(top, bottom)
    nodes = set(subterms(quotient))
    given = [f"{unicode(new)} = {unicode(old)}" for old, new in names.items() if new in nodes]
    said = f"the gap is {unicode(quotient)}"
    said += f" with {', '.join(given)}" if given else ""
    said = "; ".join((said, *reasons))
    return said if len(said) <= MAX_LENGTH else None


def _side(
    known: Context, ring: Ring, polynomial: fmpq_mpoly, ops: tuple[RelOp, ...], budget: Budget
) -> tuple[Term, bool, list[str]] | None:
    """A polynomial as a product of positive factors, whether it is positive, and why."""
    if polynomial.is_zero():
        return None
    lead, factors = polynomial.factor()
    value, shown, reasons = fraction(lead), [], []
    for poly, times in factors:
        found = _factor(known, ring, poly, ops, budget)
        if found is None:
            return None
        if found.reason:
            reasons.append(found.reason)
        if not found.positive and int(times) % 2:
            value = -value
        shown.append(found.term if times == 1 else Pow(found.term, num(int(times))))
    parts = [num(abs(value)), *shown] if abs(value) != 1 or not shown else shown
    return parts[0] if len(parts) == 1 else Mul(tuple(parts)), value > 0, reasons


def _letters(context: Context, gap: Term) -> dict[Term, Term]:
    """A capital letter for each power with a variable exponent."""
    ring = Ring((gap,))
    powers = [
        term
        for term in generator_terms(ring)
        if isinstance(term, Pow) and not isinstance(term.exp, Num)
    ]
    taken = context.names | free_names(gap)
    letters = (
        Sym(letter)
        for letter in ascii_uppercase[ascii_uppercase.index("P") :]
        if letter not in taken
    )
    return dict(zip(powers, letters, strict=False))


def _named(fact: Rel, names: dict[Term, Term]) -> Rel:
    found = map_terms(fact, lambda side: replace(side, names))
    assert isinstance(found, Rel)
    return found


def _factor(
    known: Context, ring: Ring, poly: fmpq_mpoly, ops: tuple[RelOp, ...], budget: Budget
) -> _Factor | None:
    for positive in (True, False):
        term = ring.term(poly if positive else -poly)
        for op in ops:
            goal = Rel(op, term, ZERO)
            if known.knows(goal):
                return _Factor(term, positive, "")
            proof = products_up_to(known, goal, budget.share(0.3), 2)
            if proof is not None:
                plain = isinstance(term, Sym)
                reason = "" if plain else combination(known, goal, dict(proof))
                if reason and " = " not in reason:
                    reason = f"{unicode(term)} is {reason}"
                return _Factor(term, positive, reason)
    return None
