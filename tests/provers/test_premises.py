"""The parts of the premises of bounds on probabilities."""

from __future__ import annotations

import pytest

from verify.kernel.check import check_goal
from verify.kernel.context import Context
from verify.kernel.poly import Refused
from verify.language.grammar import parse_formula, parse_term
from verify.language.term import And, Formula, nnf
from verify.provers.budget import Budget
from verify.provers.premises import union_premise

FACTS = ["n >= 2", "delta > 0", "delta < 1", "m >= 1", "m <= n^2/(4*delta)"]
COUNT, SIGN = "m >= 0", "exp(-2*log(n/delta)) >= 0"
ENOUGH = "2*m*exp(-2*log(n/delta)) <= 1 - (1 - delta)"


def context() -> Context:
    facts = [*FACTS, "n/delta > 0"]
    return Context().having(*(nnf(parse_formula(fact)) for fact in facts))


def goal(*parts: str) -> Formula:
    return And(tuple(nnf(parse_formula(part)) for part in parts))


@pytest.mark.parametrize(
    "parts", [(COUNT, ENOUGH, SIGN), (COUNT, SIGN, ENOUGH), (ENOUGH, COUNT, SIGN)]
)
def test_a_union_bound_follows_in_any_order_of_its_parts(parts: tuple[str, ...]) -> None:
    asked = goal(*parts)
    found = union_premise(context(), asked, parse_term("m"), Budget.of(5.0))
    assert found is not None
    check_goal(context(), asked, found)
    with pytest.raises(Refused):
        check_goal(Context(), asked, found)


def test_too_many_columns_have_no_union_bound() -> None:
    asked = goal(COUNT, "5*m*exp(-2*log(n/delta)) <= 1 - (1 - delta)", SIGN)
    assert union_premise(context(), asked, parse_term("m"), Budget.of(5.0)) is None
