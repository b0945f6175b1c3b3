"""The room that a bound leaves, from both sides."""

from __future__ import annotations

from fractions import Fraction

import pytest
from sympy import Rational

from verify.engine.audit import EFFORTS
from verify.engine.coverage import coverage
from verify.engine.examine import audit_of
from verify.engine.formal import formalise
from verify.engine.results import Tightness
from verify.engine.tightness import tightness
from verify.language.statement import Hypothesis, Paper, Param, Statement
from verify.language.sympy_terms import eq, ge, gt, le, symbols
from verify.language.term import Rel

x, y = symbols("x y")
EMPTY = Paper("p", "P", "", "", (), ())


def statement(conclusion: object, *hypotheses: object) -> Statement:
    return Statement(
        id="1.1",
        title="A lemma",
        kind="lemma",
        section="1",
        params=(
            Param(x, "a number", Rational(2), where=(gt(x, 0),)),
            Param(y, "a number", Rational(3), where=(gt(y, 0),)),
        ),
        conclusion=conclusion,
        hypotheses=tuple(Hypothesis(item) for item in hypotheses),
    )


def room(conclusion: object, *hypotheses: object, proved: bool = True) -> Tightness:
    asked = statement(conclusion, *hypotheses)
    formal = formalise(asked)
    assert formal is not None
    assert isinstance(formal.conclusion, Rel)
    audit = audit_of(EMPTY, asked, formal, EFFORTS["quick"], seed=0)
    return tightness(audit, formal.conclusion, proved=proved)


def test_a_bound_that_is_attained() -> None:
    found = room(ge(x, y), ge(x, y))
    assert (found.lower, found.upper, found.attained) == ("0", "0", True)
    assert found.at is not None
    assert found.at["x"] == found.at["y"]


def test_a_bound_that_is_approached_and_not_attained() -> None:
    found = room(gt(x, y), gt(x, y))
    assert found.lower == "0"
    assert found.attained is False
    assert found.upper is not None
    assert Fraction(found.upper) > 0


def test_a_constant_that_is_best_is_enclosed() -> None:
    found = room(ge(x / (x + y), Rational(1, 2)), ge(x, y))
    assert found.best_constant == "[1/2, 1001/2000]"


def test_a_constant_that_is_not_best_is_improved() -> None:
    found = room(ge(x / (x + y), Rational(1, 4)), ge(x, y))
    assert found.best_constant == "1/2"
    assert found.note == "1/2 would do as well"


def test_an_upper_bound_is_improved_downwards() -> None:
    found = room(le(x / (x + y), Rational(2, 3)), le(x, y))
    assert found.best_constant == "1/2"


@pytest.mark.parametrize("conclusion", [eq(x, x), eq(x * y, y * x)])
def test_identities_have_no_room(conclusion: object) -> None:
    assert room(conclusion) == Tightness()


def test_what_is_not_proved_has_no_lower_bound() -> None:
    assert room(ge(x, y), ge(x, y), proved=False).lower is None


def test_boundaries_are_reached_or_said_how_near() -> None:
    asked = statement(ge(x, y), ge(x, y))
    formal = formalise(asked)
    assert formal is not None
    assert isinstance(formal.conclusion, Rel)
    audit = audit_of(EMPTY, asked, formal, EFFORTS["quick"], seed=0)
    found, points = coverage(audit, formal.conclusion)
    table = {item.hypothesis: item for item in found}
    assert table["x >= y"].reached
    assert not table["x > 0"].reached
    assert table["x > 0"].nearest is not None
    assert 0 < Fraction(table["x > 0"].nearest) < Fraction(1, 1000)
    assert 1 <= len(points) <= len(found)
