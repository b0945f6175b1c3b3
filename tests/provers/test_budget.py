"""Budgets: work decides what a search does, and the clock only ends it."""

from __future__ import annotations

import time

import pytest

from verify.kernel.check import Sequent
from verify.language.grammar import parse_formula
from verify.language.work import UNITS, WORK
from verify.probe.smt import Models
from verify.provers.budget import OVERRUN, PATIENCE, Budget, OutOfTime


def test_work_ends_a_budget_whose_time_is_far_from_over() -> None:
    budget = Budget.counted(2.0)
    budget.check()
    budget.spend(2.1 * UNITS)
    with pytest.raises(OutOfTime):
        budget.check()
    assert budget.left() == 0


def test_the_clock_ends_a_budget_whose_work_is_not_done() -> None:
    budget = Budget.of(0.01)
    time.sleep(0.02)
    with pytest.raises(OutOfTime):
        budget.check()


def test_a_share_does_not_depend_on_the_clock_while_there_is_time_enough() -> None:
    budget = Budget.counted(1.0)
    before = WORK.done
    time.sleep(0.05)
    share = budget.share(0.5)
    assert share.work - WORK.done == pytest.approx((budget.work - WORK.done) / 2)
    assert WORK.done - before < 100


def test_a_share_is_one_of_time_where_time_is_scarce() -> None:
    budget = Budget(time.monotonic() + 0.1, WORK.done + 10 * UNITS, WORK.done + 10 * UNITS)
    assert budget.left() <= 0.1
    assert budget.share(1.0).left() <= 0.1


def test_no_share_goes_beyond_the_whole() -> None:
    budget = Budget.of(1.0)
    budget.spend(0.999 * UNITS)
    assert budget.share(1.0).work <= budget.end


def test_what_does_not_count_all_of_its_work_may_last_longer_inside_of_a_run() -> None:
    alone, inside = Budget.of(10.0).share(0.1), Budget.counted(10.0).share(0.1)
    assert alone.patience() == pytest.approx(OVERRUN, rel=0.01)
    assert inside.patience() == pytest.approx(PATIENCE, rel=0.01)


def test_a_solver_that_is_stopped_has_spent_its_share() -> None:
    # Its cylindrical algebra counts next to none of the resources that limit it.
    hypotheses = tuple(map(parse_formula, ("a > 0", "b > 0", "c > 0", "a*b*c == 1")))
    claim = parse_formula("1/(a^3*(b + c)) + 1/(b^3*(c + a)) + 1/(c^3*(a + b)) >= 3/2")
    models = Models(Sequent(hypotheses, claim, frozenset()))
    budget = Budget.of(20.0)
    before, started = WORK.done, time.monotonic()
    answer, points = models.propose(budget.share(0.01))
    assert (answer, points) == ("unknown", [])
    # Only a part of the share is the solver's; a deadline of the whole would take all 20 seconds.
    assert WORK.done - before >= 0.5 * 0.01 * 20 * UNITS
    assert time.monotonic() - started < 10
