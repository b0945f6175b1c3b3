"""Powers compared by their bases, and hypotheses about powers of quotients taken apart.

``x <= y`` gives ``x^e <= y^e`` where ``e >= 0``; ``(x / y)^e <= r`` becomes ``x^e y^(-e) <= r``, so
that it can be combined with what is known about ``x^e`` and ``y^e``.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence

from verify.language.term import (
    ZERO,
    Div,
    Formula,
    Mul,
    Neg,
    Num,
    Pow,
    Rel,
    Term,
    map_terms,
    mul,
    num,
    replace,
)
from verify.provers.budget import Budget
from verify.provers.direct import focused, quick
from verify.provers.draft import Draft
from verify.provers.linear import farkas
from verify.provers.logarithms import by_logarithms
from verify.provers.powers import expand, general_powers

MOST_BASES = 5


def quotients_apart(draft: Draft, budget: Budget) -> None:
    """Add the facts about powers of quotients with these powers taken apart."""
    for fact in draft.context.facts:
        table: dict[Term, Term] = {}
        for power in general_powers(fact):
            if isinstance(power.base, Div) and _positive(draft, power.base, budget):
                found = expand(draft.context, power, budget.share(0.3))
                if found is not None:
                    table[power], proof = found
                    draft.have(Rel("==", power, table[power]), proof)
        if not table:
            continue
        apart = map_terms(fact, lambda side, t=table: replace(side, t))  # type: ignore[misc]
        keep = [fact, *(Rel("==", old, new) for old, new in table.items())]
        combined = focused(draft.context, apart, keep, lambda c, g: farkas(c, g, budget))
        if combined is not None:
            draft.have(apart, combined)


def _positive(draft: Draft, base: Div, budget: Budget) -> bool:
    """Whether a quotient and its parts are positive; the fact about its power is defined then."""
    for part in (base.num, base.den, base):
        positive = Rel(">", part, ZERO)
        if draft.context.knows(positive):
            continue
        proof = quick(draft.context, positive, budget.share(0.2))
        if proof is None:
            return False
        draft.have(positive, proof)
    return True


def ordered_powers(draft: Draft, formulas: Iterable[Formula], budget: Budget) -> None:
    """Add how powers with the same exponent in the formulas compare, as their bases do."""
    bases: dict[Term, dict[Term, None]] = {}
    for formula in formulas:
        for power in general_powers(formula):
            if not isinstance(power.base, Num):
                bases.setdefault(_size(power.exp), {})[power.base] = None
    for exponent, found in bases.items():
        for low, high in _ordered(draft, list(found)[:MOST_BASES], budget):
            less = Rel("<=", Pow(low, exponent), Pow(high, exponent))
            if draft.context.knows(less):
                continue
            proof = by_logarithms(draft.context, less, budget.share(0.2, 0.5))
            if proof is not None:
                draft.have(less, proof)


def _size(exponent: Term) -> Term:
    """The exponent without its sign and literal factor."""
    match exponent:
        case Neg(arg=arg):
            return _size(arg)
        case Mul(args=(Num(), *rest)):
            return mul(*rest) if rest else num(1)
        case _:
            return exponent


def _ordered(draft: Draft, bases: Sequence[Term], budget: Budget) -> Iterator[tuple[Term, Term]]:
    """Pairs of bases of which the first is at most the second."""
    for low, high in itertools.permutations(bases, 2):
        less = Rel("<=", low, high)
        if draft.context.knows(less):
            yield low, high
            continue
        proof = farkas(draft.context, less, budget.share(0.1, 0.3))
        if proof is not None:
            draft.have(less, dict(proof))
            yield low, high
