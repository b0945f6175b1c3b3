"""Sums with square roots, by bounds that touch where both sides do."""

from __future__ import annotations

import pytest

from verify.kernel.check import check_goal
from verify.kernel.context import Context
from verify.language.grammar import parse_formula
from verify.language.term import nnf
from verify.provers.budget import Budget
from verify.provers.radicals import radicals
from verify.provers.search import Search

POSITIVE = ["a > 0", "b > 0", "c > 0"]
TRIANGLE = "sqrt(a^2 + a*b + b^2) + sqrt(b^2 + b*c + c^2) + sqrt(c^2 + c*a + a^2)"


@pytest.mark.parametrize(
    ("holds", "where"),
    [
        ("sqrt(x^2 + 1) + sqrt(y^2 + 4) + sqrt(z^2 + 9) >= 10", ["x + y + z == 8"]),
        (f"{TRIANGLE} >= sqrt(3)*(a + b + c)", []),
        ("sqrt(a) + sqrt(b) + sqrt(c) >= a*b + b*c + c*a", [*POSITIVE, "a + b + c == 3"]),
        ("a + b + c >= sqrt(a*b) + sqrt(b*c) + sqrt(c*a)", POSITIVE),
        ("a*sqrt(b) + b*sqrt(c) + c*sqrt(a) <= 1/sqrt(3)", [*POSITIVE, "a + b + c == 1"]),
        (
            "sqrt(4*a + 1) + sqrt(4*b + 1) + sqrt(4*c + 1) <= sqrt(21)",
            [*POSITIVE, "a + b + c == 1"],
        ),
    ],
)
def test_sums_of_roots(holds: str, where: list[str]) -> None:
    context = Context().having(*(nnf(parse_formula(text)) for text in where))
    goal = nnf(parse_formula(holds))
    proof = radicals(Search(1), context, goal, Budget.of(10.0))
    assert proof is not None
    check_goal(context, goal, proof)


@pytest.mark.parametrize(
    ("holds", "where"),
    [
        ("sqrt(x^2 + 1) + sqrt(y^2 + 4) + sqrt(z^2 + 9) > 10", ["x + y + z == 8"]),
        (f"{TRIANGLE} >= sqrt(3)*(a + b + c) + 1/1000", []),
        ("sqrt(a) + sqrt(b) >= 2", ["a > 0", "b > 0", "a + b == 2"]),
    ],
)
def test_sums_of_roots_that_are_less(holds: str, where: list[str]) -> None:
    context = Context().having(*(nnf(parse_formula(text)) for text in where))
    assert radicals(Search(1), context, nnf(parse_formula(holds)), Budget.of(1.0)) is None
