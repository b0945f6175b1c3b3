"""What was proved once is told from everything else that looks like it."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from verify.kernel import proved
from verify.kernel.check import check_goal
from verify.kernel.context import Context
from verify.kernel.poly import Refused
from verify.kernel.proved import once
from verify.kernel.sums import Definition, Theory
from verify.language.grammar import parse_formula, parse_term
from verify.language.term import Entry, Formula, Rel

X_IS_LARGE = parse_formula("x >= 2")
GOAL = parse_formula("x > 1")
PROOF: dict[str, Any] = {
    "rule": "refute",
    "products": [["1", [0], []], ["1", [1], []], ["1", [], []]],
    "equations": [],
}


@pytest.fixture(autouse=True)
def _forgotten() -> None:
    """What one test has others believe without a proof is not there for the next."""
    proved._PROVED.clear()


def _having(*formulas: Formula, **more: Any) -> Context:
    return Context(**more).having(*formulas)


def test_the_same_proof_is_gone_through_once() -> None:
    calls = []
    for _ in range(3):
        proof = copy.deepcopy(PROOF)
        once(_having(X_IS_LARGE), GOAL, proof, lambda: calls.append(1))
    assert len(calls) == 1


def test_a_refusal_is_not_kept() -> None:
    calls = []

    def refuse() -> None:
        calls.append(1)
        raise Refused("no")

    for _ in range(2):
        with pytest.raises(Refused):
            once(_having(X_IS_LARGE), GOAL, {"rule": "refusal"}, refuse)
    assert len(calls) == 2
    assert not proved._OPEN


def test_what_is_accepted_in_one_context_is_refused_in_others() -> None:
    check_goal(_having(X_IS_LARGE), GOAL, PROOF)
    for other in ("x >= 1", "y >= 2", "x <= 2"):
        with pytest.raises(Refused):
            check_goal(_having(parse_formula(other)), GOAL, PROOF)
    with pytest.raises(Refused):
        check_goal(_having(), GOAL, PROOF)
    check_goal(_having(X_IS_LARGE), GOAL, PROOF)


def test_another_goal_or_another_proof_is_another_question() -> None:
    check_goal(_having(X_IS_LARGE), GOAL, PROOF)
    with pytest.raises(Refused):
        check_goal(_having(X_IS_LARGE), parse_formula("x > 3"), PROOF)
    spoiled: list[Any] = [
        PROOF | {"products": [["1", [0], []], ["1", [1], []]]},
        PROOF | {"products": [["2", [0], []], *PROOF["products"][1:]]},
        PROOF | {"products": [[1, [0], []], *PROOF["products"][1:]]},
        PROOF | {"products": [["1", [True], []], ["1", [0], []], ["1", [], []]]},
        PROOF | {"products": [["1", [0.0], []], ["1", [1], []], ["1", [], []]]},
        PROOF | {"more": None},
    ]
    for proof in spoiled:
        with pytest.raises(Refused):
            check_goal(_having(X_IS_LARGE), GOAL, proof)


def test_a_proof_that_was_changed_after_it_was_accepted_is_another_one() -> None:
    proof = copy.deepcopy(PROOF)
    check_goal(_having(X_IS_LARGE), GOAL, proof)
    proof["products"][2][2] = ["2"]
    with pytest.raises(Refused):
        check_goal(_having(X_IS_LARGE), GOAL, proof)


def test_definitions_and_integers_are_part_of_the_question() -> None:
    goal = Rel("==", Entry("a", (parse_term("1"),)), parse_term("3"))
    proof = {"rule": "unfold", "then": {"rule": "given"}}
    good = Theory(definitions={"a": Definition(("i",), parse_term("i + 2"))})
    bad = Theory(definitions={"a": Definition(("i",), parse_term("i + 3"))})
    check_goal(Context(theory=good), goal, proof)
    for theory in (bad, Theory(), good.closed()):
        with pytest.raises(Refused):
            check_goal(Context(theory=theory), goal, proof)
    rounding = {"rule": "integral", "fact": 0}
    halves, rounded = parse_formula("n >= 3/2"), parse_formula("n >= 2")
    check_goal(_having(halves, integers=frozenset(("n",))), rounded, rounding)
    with pytest.raises(Refused):
        check_goal(_having(halves), rounded, rounding)


def test_alternatives_and_the_order_of_facts_are_part_of_the_question() -> None:
    either, small = parse_formula("x >= 2 or x >= 3"), parse_formula("x >= 0")
    three = {**PROOF, "products": [["1", [0], []], ["1", [1], []], ["2", [], []]]}
    by_cases = {"rule": "cases", "of": 0, "branches": [PROOF, three]}
    check_goal(_having(either), GOAL, by_cases)
    for others in ((), (X_IS_LARGE,), (parse_formula("x >= 2 or x >= 0"),)):
        with pytest.raises(Refused):
            check_goal(_having(*others), GOAL, by_cases)
    named = {**PROOF, "products": [["1", [0], []], ["1", [2], []], ["1", [], []]]}
    check_goal(_having(X_IS_LARGE, small), GOAL, named)
    with pytest.raises(Refused):
        check_goal(_having(small, X_IS_LARGE), GOAL, named)


def test_a_theory_in_the_place_of_one_that_is_gone_is_another_one() -> None:
    goal = Rel("==", Entry("a", (parse_term("1"),)), parse_term("3"))
    proof = {"rule": "unfold", "then": {"rule": "given"}}

    def proves(body: str) -> bool:
        # The theory is not kept here, so that the next may come to lie where it was.
        theory = Theory(definitions={"a": Definition(("i",), parse_term(body))})
        try:
            check_goal(Context(theory=theory), goal, proof)
        except Refused:
            return False
        return True

    for _ in range(50):
        assert proves("i + 2")
        assert not proves("i + 3")


def test_a_proof_that_was_left_in_its_middle_is_not_remembered() -> None:
    class _Over(Exception):
        pass

    def stopped() -> None:
        raise _Over

    question = _having(parse_formula("x >= 7")), parse_formula("x > 9"), {"rule": "of no use"}
    for _ in range(proved.DEPTH + 2):
        with pytest.raises(_Over):
            once(*question, stopped)
    assert not proved._OPEN
    with pytest.raises(Refused):
        check_goal(*question)


def test_what_is_remembered_is_bounded() -> None:
    for number in range(proved.MOST + 10):
        once(_having(), GOAL, {"number": number}, lambda: None)
    assert len(proved._PROVED) <= proved.MOST


def test_parts_of_parts_are_not_looked_up() -> None:
    calls = []

    def nested(depth: int) -> None:
        calls.append(depth)
        if depth:
            once(_having(), GOAL, {"deep": depth}, lambda: nested(depth - 1))

    for _ in range(2):
        once(_having(), GOAL, object(), lambda: nested(20))
    assert len(calls) == 21 + 1
