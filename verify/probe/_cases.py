"""The ways in which a claim can fail, each a conjunction of relations."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from verify.kernel.check import Sequent
from verify.language.term import NEGATED, And, Formula, Or, Rel, conditions, nnf

MAX_CASES = 48

Conjunction = tuple[Rel, ...]


@dataclass(frozen=True)
class Case:
    """Relations from the hypotheses, and those that make the conclusion fail."""

    given: Conjunction
    violated: Conjunction

    @cached_property
    def relations(self) -> Conjunction:
        """All of them, the violated ones last."""
        return (*self.given, *self.violated)


def failures(sequent: Sequent) -> list[Case]:
    """Conjunctions of relations that together cover the counterexamples of a claim.

    First those in which a relation of the conclusion is false, then those in which one of its sides
    is undefined. Each is a suggestion: a point that satisfies it may be no counterexample, and
    where a formula has more than ``MAX_CASES`` alternatives, the rest is left out.
    """
    given = _product(_alternatives(nnf(hypothesis)) for hypothesis in sequent.hypotheses)
    false = _violations(nnf(sequent.conclusion))
    both = [Case(hypotheses, rels) for rels in false for hypotheses in given]
    return list(dict.fromkeys(both))[:MAX_CASES]


def _alternatives(formula: Formula) -> list[Conjunction]:
    match formula:
        case Rel():
            return [(formula,)]
        case And(args=args):
            return _product(_alternatives(arg) for arg in args)
        case Or(args=args):
            return [case for arg in args for case in _alternatives(arg)]
        case _:
            raise AssertionError("negations were pushed down")


def _violations(formula: Formula) -> list[Conjunction]:
    match formula:
        case Rel(op=op, left=left, right=right):
            undefined = (*conditions(left), *conditions(right))
            return [
                (Rel(NEGATED[op], left, right),),
                *((Rel(NEGATED[rel.op], rel.left, rel.right),) for rel in undefined),
            ]
        case And(args=args):
            parts = [_violations(arg) for arg in args]
            # The first violation of every part, then the second, and so on.
            rows = itertools.zip_longest(*parts)
            return [case for row in rows for case in row if case is not None]
        case Or(args=args):
            return _product(_violations(arg) for arg in args)
        case _:
            raise AssertionError("negations were pushed down")


def _product(parts: Iterable[list[Conjunction]]) -> list[Conjunction]:
    result: list[Conjunction] = [()]
    for part in parts:
        result = [(*left, *right) for left in result for right in part][:MAX_CASES]
    return result
