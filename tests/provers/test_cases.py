"""Which case is decided first: it decides whether the others become easy."""

from __future__ import annotations

import pytest

from verify.kernel.check import Sequent
from verify.language.grammar import parse_formula
from verify.provers.budget import Budget
from verify.provers.search import prove

CLAIM = "abs(log(1 + x)) <= -log(1 - abs(x))"


def found(where: str, holds: str, seconds: float = 5.0) -> bool:
    sequent = Sequent((parse_formula(where),), parse_formula(holds))
    return prove(sequent, Budget.of(seconds)) is not None


def test_the_sign_of_a_variable_before_the_sign_of_a_logarithm() -> None:
    assert found("abs(x) < 1", CLAIM)


@pytest.mark.parametrize(
    ("where", "holds"),
    [("abs(x) < 2", CLAIM), ("abs(x) < 1", f"{CLAIM} - x^2/100")],
)
def test_no_order_proves_what_is_false(where: str, holds: str) -> None:
    assert not found(where, holds, 2.0)
