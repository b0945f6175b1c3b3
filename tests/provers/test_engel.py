"""Sums of fractions by the inequality of Cauchy and Schwarz, and many-variable means."""

from __future__ import annotations

from fractions import Fraction

import pytest

from tests.provers.test_search import proved
from verify.kernel.check import check_goal
from verify.kernel.context import Context, Refused
from verify.language.grammar import parse_formula
from verify.language.term import Add, Num, Rel, nnf
from verify.provers.budget import Budget
from verify.provers.engel import engel
from verify.provers.search import Search

FIVE = "a/(b + c) + b/(c + d) + c/(d + f) + d/(f + a) + f/(a + b)"


def positive(names: str) -> list[str]:
    """That all these variables are positive."""
    return [f"{name} > 0" for name in names]


@pytest.mark.parametrize(
    ("holds", "where"),
    [
        (f"{FIVE} >= 5/2", positive("abcdf")),
        (f"{FIVE} > 12/5", positive("abcdf")),
        (
            "a^2/(a + b) + b^2/(b + c) + c^2/(c + d) + d^2/(d + a) >= 1/2",
            [*positive("abcd"), "a + b + c + d == 1"],
        ),
        ("3 <= a/(b + c) + b/(c + d) + c/(d + a) + d/(a + b) + 1", positive("abcd")),
    ],
)
def test_sums_of_fractions(holds: str, where: list[str]) -> None:
    context = Context().having(*(nnf(parse_formula(text)) for text in where))
    goal = nnf(parse_formula(holds))
    proof = engel(Search(1), context, goal, Budget.of(10.0))
    assert proof is not None
    check_goal(context, goal, proof)
    assert isinstance(goal, Rel)
    left, right = (Add((side, Num(Fraction(1)))) for side in (goal.left, goal.right))
    more = Rel(goal.op, left, goal.right) if goal.op == "<=" else Rel(goal.op, goal.left, right)
    with pytest.raises(Refused):
        check_goal(context, more, proof)


@pytest.mark.parametrize(
    ("holds", "where"),
    [
        (f"{FIVE} >= 13/5", positive("abcdf")),
        (f"{FIVE} >= 5/2", positive("abcd")),
        (f"{FIVE} > 5/2", positive("abcdf")),
    ],
)
def test_sums_of_fractions_that_may_be_less(holds: str, where: list[str]) -> None:
    context = Context().having(*(nnf(parse_formula(text)) for text in where))
    assert engel(Search(1), context, nnf(parse_formula(holds)), Budget.of(1.0)) is None


def test_six_variables() -> None:
    total = "u^6 + v^6 + w^6 + x^6 + y^6 + z^6"
    assert proved([], f"{total} >= 6*u*v*w*x*y*z")
    assert proved(positive("uvwxyz"), f"{total} >= 6*u*v*w*x*y*z")
    assert not proved([], f"{total} >= 7*u*v*w*x*y*z", 1.0)
