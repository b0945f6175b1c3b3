"""Claims put another way: contrapositives, squares of both sides, off the boundary."""

from __future__ import annotations

import pytest

from tests.provers.test_search import proved
from verify.kernel.check import check_goal
from verify.kernel.context import Context
from verify.language.grammar import parse_formula
from verify.language.term import nnf
from verify.provers.budget import Budget
from verify.provers.detours import by_squares, contrapositive, off_the_boundary
from verify.provers.search import Search
from verify.provers.tactic import Reduction

TRIANGLE = ["a > 0", "b > 0", "c > 0", "(a + b + c)*(1/a + 1/b + 1/c) < 10"]
LORENTZ = ["a >= 0", "x >= 0", "a^2 >= b^2 + c^2", "x^2 >= y^2 + z^2"]


def found(tactic: Reduction, holds: str, where: list[str], seconds: float = 10.0) -> bool:
    """Whether the tactic has a proof, which the kernel then accepts."""
    context = Context().having(*(nnf(parse_formula(text)) for text in where))
    goal = nnf(parse_formula(holds))
    proof = tactic(Search(1), context, goal, Budget.of(seconds))
    if proof is not None:
        check_goal(context, goal, proof)
    return proof is not None


@pytest.mark.parametrize(
    ("holds", "where"),
    [
        ("a < b + c", TRIANGLE),
        ("a + b <= 2", ["a^3 + b^3 <= 2"]),
        ("x*y >= 1", ["x > 0", "y > 0", "1/x + 1/y <= 2"]),
    ],
)
def test_a_hypothesis_denied_instead(holds: str, where: list[str]) -> None:
    assert found(contrapositive, holds, where)


@pytest.mark.parametrize(
    ("holds", "where"),
    [
        ("a < b + c", [*TRIANGLE[:3], "(a + b + c)*(1/a + 1/b + 1/c) <= 10"]),
        ("a + b <= 2", ["a^2 - b^2 <= 2"]),
        ("x*y >= 1", ["x != 0", "y != 0", "1/x + 1/y <= 2"]),
    ],
)
def test_a_hypothesis_that_may_hold_all_the_same(holds: str, where: list[str]) -> None:
    assert not found(contrapositive, holds, where, 1.0)


def test_squares_of_both_sides() -> None:
    assert found(by_squares, "a*x - b*y - c*z >= 0", LORENTZ)
    assert not found(by_squares, "a*x - b*y - c*z >= 0", LORENTZ[1:], 1.0)
    assert not found(by_squares, "a*x - 2*b*y - c*z >= 0", LORENTZ, 1.0)


def test_on_the_boundary_and_off_it() -> None:
    aczel = "(a^2 - b^2)*(x^2 - y^2) <= (a*x - b*y)^2"
    context = Context().having(nnf(parse_formula("a^2 >= b^2")), nnf(parse_formula("x^2 >= y^2")))
    goal = nnf(parse_formula(aczel))
    proof = off_the_boundary(Search(2), context, goal, Budget.of(10.0))
    assert proof is not None
    check_goal(context, goal, proof)
    assert not proved(["a >= 0", "a*c >= b^2"], "a*x^2 + 2*b*x*y + c*y^2 >= 0", 1.0)
