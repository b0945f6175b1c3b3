"""The line of mathematics that says why a claim holds."""

from __future__ import annotations

import pytest

from verify.kernel.check import Sequent, check
from verify.language.grammar import parse_formula
from verify.provers.budget import Budget
from verify.provers.explain import explain
from verify.provers.search import prove

SECONDS = 20.0


def explained(where: list[str], holds: str) -> str:
    given = tuple(parse_formula(text) for text in where)
    sequent = Sequent(given, parse_formula(holds), frozenset())
    certificate = prove(sequent, Budget.of(SECONDS))
    assert certificate is not None
    check(sequent, certificate)
    return explain(sequent, certificate)


SHOWN = [
    # The negated equation enters as a square: (x + y - 3)^2 > 0.
    (
        ["x == 2*z", "y == 3 - 2*z"],
        "x + y == 3",
        "(x + y - 3)² = (x - 2 z) (x + y - 3) + (y - (3 - 2 z)) (x + y - 3)",
    ),
    (["x >= y", "x <= z", "z <= y"], "x == y", "both x ≥ y and x ≤ y"),
    # An inequality between unknowns is shown for the exponentials that they stand for.
    (
        ["x >= 0"],
        "exp(-0.0197*x) + exp(-0.181*x) <= 2",
        "2 - (exp((-197/10000) x) + exp((-181/1000) x))"
        " = (exp(0) - exp((-197/10000) x)) + (exp(0) - exp((-181/1000) x))",
    ),
]


@pytest.mark.parametrize(("where", "holds", "why"), SHOWN, ids=[holds for _, holds, _ in SHOWN])
def test_the_explanation_is_an_identity(where: list[str], holds: str, why: str) -> None:
    assert explained(where, holds) == why


def test_equations_alone_are_named() -> None:
    long = " + ".join(f"quantity_{index}^2" for index in range(8))
    assert explained([f"x == {long}"], f"y*x == y*({long})") == "a multiple of one equation"
