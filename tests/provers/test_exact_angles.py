"""Sines and cosines at rational multiples of pi, compared exactly."""

from __future__ import annotations

import pytest

from tests.provers.test_search import proved
from verify.kernel.check import check_goal
from verify.kernel.context import Context, Refused
from verify.language.grammar import parse_formula
from verify.language.term import Add, Num, Rel, nnf, num
from verify.provers.budget import Budget
from verify.provers.exact_angles import exact_angles

TRUE = [
    "cos(pi/11) - cos(2*pi/11) + cos(3*pi/11) - cos(4*pi/11) + cos(5*pi/11) == 1/2",
    "cos(2*pi/9)*cos(4*pi/9)*cos(8*pi/9) == -1/8",
    "sin(pi/7)*sin(2*pi/7)*sin(3*pi/7) == sqrt(7)/8",
    "1/sin(pi/7) == 1/sin(2*pi/7) + 1/sin(3*pi/7)",
    "tan(pi/9)*tan(2*pi/9)*tan(4*pi/9) == sqrt(3)",
    "tan(pi/8) == sqrt(2) - 1",
    "cos(pi/5) >= (1 + sqrt(5))/4",
    "cos(pi/12) <= (sqrt(6) + sqrt(2))/4",
    "sin(pi/5) == sqrt(10 - 2*sqrt(5))/4",
    "sqrt(2)*cos(pi/7)*sqrt(8) == 4*cos(pi/7)",
    "sin(pi/60)*cos(pi/60) == sin(pi/30)/2",
    "log(2)*cos(pi/5) - log(2)*cos(2*pi/5) == log(2)/2",
]


@pytest.mark.parametrize("holds", TRUE)
def test_exact_values(holds: str) -> None:
    context, goal = Context(), nnf(parse_formula(holds))
    proof = exact_angles(context, goal, Budget.of(10.0))
    assert proof is not None
    check_goal(context, goal, proof)
    assert isinstance(goal, Rel)
    sign = -1 if goal.op == ">=" else 1
    off = Rel(goal.op, Add((goal.left, num(sign))), goal.right)
    with pytest.raises(Refused):
        check_goal(context, off, proof)


@pytest.mark.parametrize(
    "holds",
    [
        "cos(pi/9)*cos(2*pi/9)*cos(4*pi/9) == 1/7",
        "cos(pi/7) == 9009688679/10000000000",
        "sin(pi/5) == sqrt(10 + 2*sqrt(5))/4",
        "cos(2*pi/5) >= sqrt(5)/4",
        "cos(x*pi/7) == 1",
        "sin(1) == 0",
    ],
)
def test_other_values(holds: str) -> None:
    assert exact_angles(Context(), nnf(parse_formula(holds)), Budget.of(2.0)) is None


def test_a_difference_that_no_ball_of_a_first_look_sees() -> None:
    tiny = Num(num(10).value ** -60)
    goal = nnf(parse_formula("cos(pi/7) - cos(2*pi/7) + cos(3*pi/7) == 1/2"))
    assert isinstance(goal, Rel)
    off = Rel("==", goal.left, Add((goal.right, tiny)))
    assert exact_angles(Context(), off, Budget.of(2.0)) is None


@pytest.mark.parametrize("holds", TRUE[:3])
def test_the_search_finds_exact_values(holds: str) -> None:
    assert proved([], holds)
