"""Claims about elementary functions: what must be proved, and what must never be."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from verify.kernel.check import Sequent, check
from verify.kernel.context import read_relation
from verify.language.grammar import parse_formula
from verify.language.term import Rel
from verify.provers.boxes import boxes
from verify.provers.budget import Budget
from verify.provers.elementary import elementary

SECONDS = 20.0


def proved(tactic, where: list[str], holds: str, seconds: float = SECONDS) -> bool:  # type: ignore[no-untyped-def]
    """Whether a tactic proves a claim; the kernel must accept what it returns."""
    sequent = Sequent(tuple(parse_formula(text) for text in where), read_relation(holds))
    goal = sequent.conclusion
    assert isinstance(goal, Rel)
    certificate = tactic(sequent.context(), goal, Budget.of(seconds))
    if certificate is None:
        return False
    check(sequent, certificate)
    return True


BOUNDED = [
    ([], "pi < 22/7"),
    ([], "exp(1) < 3"),
    ([], "exp(pi) - pi > 19.99"),
    ([], "exp(pi*sqrt(163)) < 262537412640768744"),
    (["0 <= x", "x <= 1"], "exp(x) - 1 - x > -1/1000000"),
    (["0 <= x", "x <= 10"], "sin(x) + cos(3*x)*exp(-x) < 12/5"),
    (["0 <= x", "x <= 1", "0 <= y", "y <= 1"], "x*y*(1 - x)*(1 - y) < 1/15"),
    (["0 <= x", "x <= 1", "0 <= y", "y <= 1", "x + y <= 1"], "x*y < 1/3"),
    (["0 <= x", "x <= 1000000"], "x/(1 + x^2) < 6/10"),
    (["0 <= x", "x <= 289"], "2.84 - 0.063*exp(-0.0195*x)*(cos(0.3*x) + sin(0.3*x)) > 0"),
]


@pytest.mark.parametrize(("where", "holds"), BOUNDED, ids=[holds for _, holds in BOUNDED])
def test_boxes_prove_claims_with_a_margin(where: list[str], holds: str) -> None:
    facts = [*where, "1 + x^2 != 0"] if "1 + x^2" in holds else where
    assert proved(boxes, facts, holds)


BEYOND_BOXES = [
    (["0 <= x", "x <= 1"], "exp(x) >= 1 + x", "equality at 0"),
    (["0 <= x", "x <= 1"], "exp(x) <= 27/10", "false at 1"),
    (["0 <= x"], "exp(x) > 0", "no upper bound"),
    (["0 <= x", "x <= 1", "0 <= y", "y <= 1"], "x*y <= 1/2", "false at (1, 1)"),
]


@pytest.mark.parametrize(("where", "holds", "why"), BEYOND_BOXES)
def test_boxes_give_up(where: list[str], holds: str, why: str) -> None:
    assert not proved(boxes, where, holds, 5.0), why


TRUE = [
    ([], "exp(x) >= 1 + x"),
    (["x >= 0"], "exp(x) >= 1 + x + x^2/2"),
    ([], "1 - x <= exp(-x)"),
    (["x > 0"], "log(x) <= x - 1"),
    (["x > -1"], "log(1 + x) >= x/(1 + x)"),
    (["x >= 0"], "log(1 + x) >= 2*x/(2 + x)"),
    ([], "cosh(x) <= exp(x^2/2)"),
    (["x >= 0"], "2*sinh(x) >= 2*x"),
    (["x >= 0"], "sin(x) <= x"),
    ([], "cos(x) >= 1 - x^2/2"),
    (["x >= 0", "x <= pi/2"], "sin(x) >= 2*x/pi"),
    (["x >= 0", "x < pi/2"], "tan(x) >= x"),
    (["x >= 0", "x < pi/2"], "tan(x) >= x + x^3/3"),
    (["x > 0"], "x^x >= exp(-1/e)"),
    (["x > 0"], "(1 + 1/x)^x < e"),
    (["x >= 0"], "atan(x) >= 3*x/(1 + 2*sqrt(1 + x^2))"),
    (["0 < a", "a < b"], "sqrt(a*b) <= (b - a)/(log(b) - log(a))"),
    (["0 < p", "p < 1"], "-p*log(p) - (1 - p)*log(1 - p) <= log(2)"),
    (["x >= 0"], "sqrt(x) <= (1 + x)/2"),
    (["y > 0"], "x*y <= exp(x - 1) + y*log(y)"),
    ([], "exp(x) + exp(y) >= 2*exp((x + y)/2)"),
    ([], "3 + 4*cos(x) + cos(2*x) >= 0"),
    (["x > 0"], "log(1 + 1/x) > 1/(x + 1/2)"),
    (["x >= 0", "x <= 1"], "asin(x) >= x"),
    (["a > 0", "b > 0"], "(log(a) + log(b))/2 <= log((a + b)/2)"),
    (["x > -1", "r >= 1"], "(1 + x)^r >= 1 + r*x"),
    (["u > 0", "x > 0", "log(x) > 2*u"], "x > 1"),
    (["a > 1", "c > 0", "b > 0", "log(b^2) > 4", "log(c) > 1"], "log(a*b^2*c^3) > 7"),
]


@pytest.mark.parametrize(("where", "holds"), TRUE, ids=[holds for _, holds in TRUE])
def test_true_claims_are_proved(where: list[str], holds: str) -> None:
    assert proved(elementary, where, holds)


DEEP = [
    (["0 < x", "x < pi/2"], "(sin(x)/x)^3 > cos(x)"),
    (["0 < x", "x <= pi/2"], "sin(x)/x >= 2/pi + (pi^2 - 4*x^2)/pi^3"),
    (["p > 0", "q > 0", "r > 0", "p + q + r == 1"], "-p*log(p) - q*log(q) - r*log(r) <= log(3)"),
]


@pytest.mark.slow
@pytest.mark.parametrize(("where", "holds"), DEEP, ids=[holds for _, holds in DEEP])
def test_deep_claims_are_proved(where: list[str], holds: str) -> None:
    assert proved(elementary, where, holds, 60.0)


CONTRADICTORY = [
    (["exp(x) <= 0"], "x > 10"),
    (["sin(x) > 1"], "x == 0"),
    (["cos(x) == 2"], "x > 0"),
    (["x > 0", "log(x) > x"], "x < 1/100"),
]


@pytest.mark.parametrize(("where", "holds"), CONTRADICTORY, ids=[str(w) for w, _ in CONTRADICTORY])
def test_contradictory_hypotheses_prove_anything(where: list[str], holds: str) -> None:
    assert proved(elementary, where, holds)


FALSE = [
    ([], "exp(x) > 1 + x"),
    ([], "exp(x) >= 1 + x + x^2/2"),
    (["x > 0"], "log(x) < x - 1"),
    (["x > 0"], "log(x) < x/e"),
    (["x >= 0"], "sin(x) < x"),
    (["x >= 0"], "sin(x) <= 99/100*x"),
    ([], "cosh(x) <= exp(49/100*x^2)"),
    (["0 < x", "x <= pi/2"], "sin(x) > 2*x/pi"),
    (["0 < x", "x <= pi/2"], "tan(x) > x"),
    (["x > 0"], "(1 + 1/x)^x < 2.718"),
    (["x > 0"], "x^x >= 0.6923"),
    (["0 < p", "p < 1"], "-p*log(p) - (1 - p)*log(1 - p) < log(2)"),
    (["x > -1", "r >= 0"], "(1 + x)^r >= 1 + r*x"),
    ([], "exp(x) + exp(y) > 2*exp((x + y)/2)"),
    (["x >= 0"], "sqrt(x) < (1 + x)/2"),
    (["a > 0", "b > 0"], "log(a + b) >= log(a) + log(b)"),
    (["x > 0"], "atan(x) + atan(1/x) > pi/2"),
    (["x^2 + y^2 <= 1"], "exp(x) + exp(y) <= 4"),
    ([], "1/x > exp(x)"),
    (["x <= 2"], "log(3 - x^2) <= 2"),
    (["exp(x) <= 2"], "x < log(2)"),
]


@pytest.mark.parametrize(("where", "holds"), FALSE, ids=[holds for _, holds in FALSE])
def test_false_claims_are_never_proved(where: list[str], holds: str) -> None:
    for tactic in (elementary, boxes):
        assert not proved(tactic, where, holds, 2.0)


@pytest.mark.slow
@given(st.integers(-30, 30), st.integers(1, 10))
@settings(derandomize=True, max_examples=5, deadline=None)
def test_tangents_of_the_exponential_at_rationals(top: int, bottom: int) -> None:
    at = f"({top}/{bottom})"
    assert proved(elementary, [], f"exp(x) >= exp({at})*(1 + x - {at})")
    assert not proved(elementary, [], f"exp(x) >= exp({at})*(1 + x - {at}) + 1/1000000", 1.0)


def test_a_search_keeps_to_its_budget() -> None:
    claim = read_relation("tan(sin(x)) > sin(tan(x))")
    context = Sequent((parse_formula("0 < x < pi/2"),), claim).context()
    started = time.monotonic()
    assert elementary(context, claim, Budget.of(0.5)) is None
    assert time.monotonic() - started < 1.5
