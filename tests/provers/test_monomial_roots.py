"""Roots of products of variables, by the roots of the variables."""

from __future__ import annotations

import pytest

from tests.provers.test_search import proved
from verify.kernel.check import check_goal
from verify.kernel.context import Context, Refused
from verify.language.grammar import parse_formula
from verify.language.term import Add, Rel, nnf, num
from verify.provers.budget import Budget
from verify.provers.monomial_roots import monomial_roots
from verify.provers.search import Search


def nonnegative(names: str) -> list[str]:
    """That all these variables are nonnegative."""
    return [f"{name} >= 0" for name in names]


def positive(names: str) -> list[str]:
    """That all these variables are positive."""
    return [f"{name} > 0" for name in names]


SUPERADDITIVE = "(a*b*c)^(1/3) + (u*v*w)^(1/3)"


@pytest.mark.parametrize(
    ("holds", "where"),
    [
        (f"((a + u)*(b + v)*(c + w))^(1/3) >= {SUPERADDITIVE}", nonnegative("abcuvw")),
        ("a + b + c >= (a^2*b)^(1/3) + (b^2*c)^(1/3) + (c^2*a)^(1/3)", positive("abc")),
        ("(a*b)^(2/3) + (b*c)^(2/3) >= 2*(8*a*c)^(1/3)*b^(2/3)/2", nonnegative("abc")),
        ("a/u + b/v + c/w >= 3*(a*b*c/(u*v*w))^(1/3)", positive("abcuvw")),
    ],
)
def test_roots_of_products(holds: str, where: list[str]) -> None:
    assert proved(where, holds)


def test_the_certificate_is_for_this_claim() -> None:
    context = Context().having(*(nnf(parse_formula(text)) for text in nonnegative("abcuvw")))
    context = context.having(nnf(parse_formula("(a + u)*(b + v)*(c + w) >= 0")))
    goal = nnf(parse_formula(f"((a + u)*(b + v)*(c + w))^(1/3) >= {SUPERADDITIVE}"))
    assert isinstance(goal, Rel)
    proof = monomial_roots(Search(1), context, goal, Budget.of(10.0))
    assert proof is not None
    check_goal(context, goal, proof)
    with pytest.raises(Refused):
        check_goal(context, Rel(">=", goal.left, Add((goal.right, num(1)))), proof)


@pytest.mark.parametrize(
    ("holds", "where"),
    [
        (f"((a + u)*(b + v)*(c + w))^(1/3) > {SUPERADDITIVE}", nonnegative("abcuvw")),
        ("(a*b)^(2/3) + (b*c)^(2/3) >= 21/10*(8*a*c)^(1/3)*b^(2/3)/2", nonnegative("abc")),
        ("a + b >= 2*sqrt(a*b)", ["a*b >= 0"]),
        ("a*b <= sqrt(a^2*b^2) - 1", nonnegative("ab")),
    ],
)
def test_what_does_not_hold(holds: str, where: list[str]) -> None:
    assert not proved(where, holds, 1.5)
