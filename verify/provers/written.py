"""Claims whose sides differ, as they are written, by squares and products of known signs."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from verify.kernel.context import Context, refutation_context
from verify.language.codec import encode_term
from verify.language.term import (
    NEGATED,
    ZERO,
    Add,
    Div,
    Formula,
    Mul,
    Neg,
    Num,
    Pow,
    Rel,
    Term,
)
from verify.provers.budget import Budget
from verify.provers.tactic import Proof

MAX_PARTS = 60


@dataclass(frozen=True, slots=True)
class _Part:
    """``factor`` times facts times squares; positive where all the facts are strict."""

    factor: Fraction
    facts: tuple[int, ...] = ()
    roots: tuple[Term, ...] = ()

    def times(self, other: _Part) -> _Part:
        return _Part(self.factor * other.factor, self.facts + other.facts, self.roots + other.roots)


def squares_as_written(context: Context, goal: Formula, budget: Budget) -> Proof | None:
    """The difference of both sides is a sum of parts, none of which is negative, before anything
    is multiplied out."""
    budget.check()
    if not isinstance(goal, Rel) or goal.op in ("==", "!="):
        return None
    small, large = (goal.right, goal.left) if goal.op in (">=", ">") else (goal.left, goal.right)
    inner = refutation_context(context, goal)
    parts = _parts(inner, large, 1)
    less = None if parts is None else _parts(inner, small, -1)
    if parts is None or less is None or len(parts) + len(less) > MAX_PARTS:
        return None
    strict = {index for index, fact in enumerate(inner.facts) if fact.op in (">", "<")}
    if any(part.factor < 0 for part in (*parts, *less)):
        return None
    kept = [part for part in (*parts, *less) if part.factor]
    negated = inner.facts.index(Rel(NEGATED[goal.op], goal.left, goal.right))
    if negated not in strict and not any(
        not part.roots and strict.issuperset(part.facts) for part in kept
    ):
        return None
    products = [
        [str(part.factor), list(part.facts), [encode_term(root) for root in part.roots]]
        for part in kept
    ]
    return {"rule": "refute", "products": [["1", [negated], []], *products], "equations": []}


def _parts(context: Context, term: Term, sign: int) -> list[_Part] | None:
    """``sign`` times a term as a sum of parts, or None where it is written in another way."""
    match term:
        case Num(value=value):
            return [_Part(sign * value)]
        case Neg(arg=arg):
            return _parts(context, arg, -sign)
        case Add(args=args):
            found = [_parts(context, arg, sign) for arg in args]
            return None if None in found else [part for some in found for part in some or ()]
        case Div(num=top, den=Num(value=value)) if value:
            scale = _Part(1 / value)
            above = _parts(context, top, sign)
            return None if above is None else [part.times(scale) for part in above]
        case Mul(args=args):
            product = [_Part(Fraction(sign))]
            for arg in args:
                factor = _parts(context, arg, 1)
                if factor is None or len(factor) * len(product) > MAX_PARTS:
                    return None
                product = [left.times(right) for left in product for right in factor]
            return product
        case Pow(base=base, exp=Num(value=value)) if value > 0 and value % 2 == 0:
            root = base if value == 2 else Pow(base, Num(value / 2))
            return [_Part(Fraction(sign), (), (root,))]
    return _known(context, term, sign)


def _known(context: Context, term: Term, sign: int) -> list[_Part] | None:
    """A term whose sign is a fact."""
    for index, fact in enumerate(context.facts):
        if fact.op not in ("==", "!="):
            positive = fact.op in (">", ">=")
            if (fact.left, fact.right) == (term, ZERO):
                return [_Part(Fraction(sign if positive else -sign), (index,))]
            if (fact.left, fact.right) == (ZERO, term):
                return [_Part(Fraction(-sign if positive else sign), (index,))]
    return None
