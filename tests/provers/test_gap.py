"""The gap between both sides, in factors that a reader can check."""

import pytest

from verify.kernel.check import Sequent
from verify.language.grammar import parse_formula
from verify.provers.budget import Budget
from verify.provers.gap import gap_in_factors

HYPOTHESES = ("(1 + a)^beta >= n", "n >= 1", "a > 0", "beta > 0", "s > 0")


def said(goal: str, *hypotheses: str) -> str | None:
    given = tuple(parse_formula(text) for text in hypotheses or HYPOTHESES)
    sequent = Sequent(given, parse_formula(goal))
    return gap_in_factors(sequent.context(), sequent.conclusion, Budget.of(5.0))


def test_the_gap_is_a_quotient_of_factors_that_are_sums_of_facts() -> None:
    found = said("(1 + a)^(2*beta)/((1 + a)^(2*beta) + (n - 1)*(1 + a)^beta) >= 1/2")
    assert found is not None
    gap, *reasons = found.split("; ")
    assert gap == "the gap is 1/2 (P - n + 1)/(P + n - 1) with P = (1 + a)^β"
    assert reasons[0] == "P - n + 1 = 1 + (P - n)"


def test_both_directions_are_read() -> None:
    found = said("s/((1 + a)^beta + n - 1) <= s/n")
    assert found is not None
    assert found.startswith("the gap is s (P - 1)/(n (P + n - 1)) with P = (1 + a)^β")


@pytest.mark.parametrize(
    ("goal", "hypotheses"),
    [
        ("(1 + a)^beta/((1 + a)^beta + n - 1) >= 2/3", HYPOTHESES),
        ("(1 + a)^beta/((1 + a)^beta + n - 1) <= 1/2", HYPOTHESES),
        ("(1 + a)^beta - n > 0", HYPOTHESES),
        ("x - 1 > 0", ("x >= 1",)),
        ("x == y", ("x >= y", "y >= x")),
    ],
)
def test_what_does_not_follow_is_not_said(goal: str, hypotheses: tuple[str, ...]) -> None:
    assert said(goal, *hypotheses) is None
