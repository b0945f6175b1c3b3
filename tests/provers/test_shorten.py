"""Proofs lose the steps that nothing rests on, and nothing else."""

from __future__ import annotations

import json

import pytest

from tests.kernel.test_rules import CASES, GIVEN, Case, Proof, square
from verify.kernel.check import Sequent, check, check_goal
from verify.kernel.context import Context
from verify.kernel.poly import Refused
from verify.language.grammar import parse_formula
from verify.language.term import nnf
from verify.provers.budget import Budget
from verify.provers.search import prove
from verify.provers.shorten import _Follower, shortened

JUNK = parse_formula("3 > 2")


def moved(case: Case, place: Context) -> Proof:
    """The certificate of a case for a context with other numbers of facts."""
    sequent = case.sequent
    return _Follower().part(sequent.context(), nnf(sequent.conclusion), case.proof).build(place)


@pytest.mark.parametrize("rule", CASES)
def test_every_rule_is_followed(rule: str) -> None:
    case = CASES[rule]
    context = case.sequent.context().having(JUNK)
    proof = moved(case, context)
    check_goal(context, case.sequent.conclusion, proof)
    longer = {"rule": "cut", "fact": "3 > 2", "by": GIVEN, "then": proof}
    case.check(longer)
    shorter = shortened(case.sequent.context(), case.sequent.conclusion, longer)
    case.check(shorter)
    assert "3 > 2" not in json.dumps(shorter)
    assert len(json.dumps(shorter)) <= len(json.dumps(case.proof))


def test_what_is_needed_in_order_to_be_defined_stays() -> None:
    sequent = Sequent(tuple(map(parse_formula, ("x >= 1", "y >= 0"))), parse_formula("y/x >= 0"))
    proof = prove(sequent, Budget.of(5.0))
    assert proof is not None
    check(sequent, shortened(sequent.context(), sequent.conclusion, dict(proof)))


def test_a_case_distinction_that_one_case_does_not_use_goes() -> None:
    context = Sequent((), parse_formula("x**2 >= 0")).context()
    branch = square(1, "x")
    split = {"rule": "split", "on": "y >= 0", "yes": branch, "no": branch}
    goal = parse_formula("x**2 >= 0")
    check_goal(context, goal, split)
    assert shortened(context, goal, split) == square(0, "x")


def test_what_the_kernel_refuses_stays_refused() -> None:
    context = Sequent((), parse_formula("x >= 0")).context()
    with pytest.raises(Refused):
        shortened(context, parse_formula("x >= 0"), {"rule": "given"})


def test_what_cannot_be_followed_stays_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("verify.provers.shorten._RULES", {})
    case = CASES["cut"]
    context, goal = case.sequent.context(), case.sequent.conclusion
    assert shortened(context, goal, case.proof) is case.proof
