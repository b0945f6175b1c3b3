"""Candidates decided by the kernel: the only way to a counterexample."""

from __future__ import annotations

from verify.kernel.check import Sequent
from verify.kernel.point import Evaluator, Outcome, Undecided, Undefined, evaluate
from verify.kernel.poly import Refused
from verify.language.term import Num, Term
from verify.provers.budget import Budget

QUICK_BITS = 640
MAX_SLOW = 12

Constants = dict[str, Term]


class Judge:
    """Asks the kernel about points, each only once."""

    def __init__(self, sequent: Sequent) -> None:
        self.sequent = sequent
        self.asked = 0
        self._known: dict[tuple[tuple[str, Term], ...], bool] = {}
        self._slow = 0

    def fails(self, point: Constants, budget: Budget) -> bool:
        """Whether the claim certainly fails at the point.

        Raises:
            OutOfTime: the budget has run out.
        """
        key = tuple(sorted(point.items(), key=lambda entry: entry[0]))
        known = self._known.get(key)
        if known is None:
            budget.check()
            self.asked += 1
            known = self._known[key] = self._decide(point)
        return known

    def _decide(self, point: Constants) -> bool:
        if not all(_is_number(value) for value in point.values()):
            return False
        outcome = outcome_at(self.sequent, point, QUICK_BITS)
        if outcome is None or outcome.fails:
            return outcome is not None
        undecided = outcome.conclusion is None and False not in outcome.hypotheses
        undecided |= outcome.conclusion is False and None in outcome.hypotheses
        if not undecided or self._slow >= MAX_SLOW:
            return False
        self._slow += 1
        outcome = outcome_at(self.sequent, point)
        return outcome is not None and outcome.fails


def outcome_at(sequent: Sequent, point: Constants, bits: int | None = None) -> Outcome | None:
    """The claim at a point; None where the kernel does not evaluate it."""
    try:
        if bits is None:
            return evaluate(sequent.hypotheses, sequent.conclusion, point, sequent.integers)
        return evaluate(sequent.hypotheses, sequent.conclusion, point, sequent.integers, bits)
    except (Refused, Undefined, Undecided, OverflowError, MemoryError, RecursionError):
        return None


def _is_number(value: Term) -> bool:
    """Whether a coordinate has a value: an undefined one is no point at all."""
    if isinstance(value, Num):
        return True
    try:
        Evaluator({}, QUICK_BITS).exact(value)
    except (Refused, Undefined, Undecided, OverflowError, MemoryError, RecursionError):
        return False
    return True
