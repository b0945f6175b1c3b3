"""The second opinion: agreement where both libraries are right, a loud no where one is not."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import mpmath
import pytest
from flint import arb
from hypothesis import given, settings
from hypothesis import strategies as st

from verify.kernel.poly import Refused
from verify.language.grammar import parse_term
from verify.language.term import Num, Term
from verify.probe import opinion
from verify.probe.opinion import Opinion, compare


def opinion_of(term: str, values: dict[str, str] | None = None, digits: int = 50) -> Opinion:
    point: dict[str, Term] = {name: parse_term(value) for name, value in (values or {}).items()}
    return compare(parse_term(term), point, digits)


AGREE = [
    ("exp(x)*sin(y)", {"x": "3/2", "y": "2"}),
    ("(1 + 10^(-60)) - 1", {}),
    ("x^y", {"x": "-8", "y": "1/3"}),
    ("(-8)^(1/3)", {}),
    ("(-8)^(2/3) - 4", {}),
    ("floor(log(8)/log(2))", {}),
    ("(1 + a)^b", {"a": "1/2", "b": "log(10)/log(3/2)"}),
    ("n^n", {"n": "10^6"}),
    ("exp(exp(x))", {"x": "30"}),
    ("10^400*sin(x)", {"x": "10^100"}),
    ("cosh(x) - 1", {"x": "1/10^40"}),
    ("max(x, 2, 3)*abs(-x) + min(x, 1)", {"x": "7/3"}),
    ("asin(x) + acos(x) + atan(x)", {"x": "1/3"}),
    ("sinh(x)*tanh(x)*tan(x) + ceil(x)", {"x": "5/7"}),
    ("sqrt(pi) + e^2 + log(e)", {}),
    ("x^0", {"x": "0"}),
    ("(-1)^(10^30)", {}),
]


@pytest.mark.parametrize(("term", "values"), AGREE, ids=[row[0] for row in AGREE])
def test_both_agree(term: str, values: dict[str, str]) -> None:
    found = opinion_of(term, values)
    assert found.arb is not None
    assert found.mpmath is not None
    assert found.disagreement is None


@pytest.mark.parametrize(
    ("term", "values"),
    [
        ("1/(x - 1)", {"x": "1"}),
        ("log(x)", {"x": "-1"}),
        ("log(x)", {"x": "0"}),
        ("sqrt(x)", {"x": "-2"}),
        ("asin(x)", {"x": "2"}),
        ("x^(x - 1)", {"x": "0"}),
        ("x^y", {"x": "-2", "y": "1/2"}),
        ("0*log(x)", {"x": "-1"}),
    ],
)
def test_both_find_it_undefined(term: str, values: dict[str, str]) -> None:
    found = opinion_of(term, values)
    assert (found.arb, found.mpmath, found.disagreement) == (None, None, None)


@pytest.mark.parametrize(
    ("term", "values"),
    [
        ("sqrt(sqrt(x)^2 - x)", {"x": "2"}),
        ("log(sqrt(x)^2 - x)", {"x": "2"}),
        ("1/(exp(x) - exp(x))", {"x": "1/3"}),
        ("tan(x)", {"x": "pi/2"}),
        ("exp(exp(exp(1000)))", {}),
        ("(10^1000)^x", {"x": "10^1000"}),
    ],
)
def test_rounding_at_the_edge_raises_no_alarm(term: str, values: dict[str, str]) -> None:
    assert opinion_of(term, values).disagreement is None


def test_more_digits_are_more_digits() -> None:
    assert opinion_of("pi", digits=20).mpmath == "3.1415926535897932385"
    seventy = "3.141592653589793238462643383279502884197169399375105820974944592307816"
    assert opinion_of("pi", digits=70).mpmath == seventy
    with pytest.raises(ValueError, match="at least 15"):
        opinion_of("pi", digits=5)


def test_a_planted_error_in_mpmath_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong(context: Any, x: Any) -> Any:
        return context.exp(x) + context.mpf(10) ** -30

    monkeypatch.setitem(opinion._FUNCTIONS, "exp", wrong)
    found = opinion_of("exp(0*x) + x", {"x": "1/3"})
    assert found.disagreement is not None
    assert found.disagreement.startswith("Arb: [1.3333")
    assert "mpmath: " in found.disagreement


def test_a_planted_error_in_arb_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong(*_: object) -> tuple[arb, bool]:
        return arb("0.71", "0.001"), False

    monkeypatch.setattr(opinion, "_by_arb", wrong)
    assert opinion_of("sqrt(1/2)").disagreement is not None


def test_a_planted_domain_error_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(opinion._FUNCTIONS, "log", lambda context, _: context.nan)
    found = opinion_of("log(x)", {"x": "2"})
    assert found.disagreement is not None
    assert found.disagreement.endswith("mpmath: undefined")
    monkeypatch.setitem(opinion._FUNCTIONS, "log", lambda context, _: context.mpf(1))
    found = opinion_of("log(x)", {"x": "-2"})
    assert found.disagreement is not None
    assert found.disagreement.startswith("Arb: undefined")


def test_the_global_context_is_left_alone() -> None:
    before = mpmath.mp.dps
    opinion_of("exp(1/3)", digits=200)
    assert mpmath.mp.dps == before


def test_a_missing_coordinate_is_refused() -> None:
    with pytest.raises(Refused, match="no value for y"):
        opinion_of("x + y", {"x": "1"})


@settings(derandomize=True, max_examples=80, deadline=None)
@given(
    st.fractions(Fraction(1, 1000), 1000, max_denominator=10**6),
    st.fractions(-30, 30, max_denominator=10**4),
    st.sampled_from(
        [
            "exp(y)*log(x)",
            "x^y",
            "sqrt(x) - x^(1/3)",
            "atan(y) + sin(x)*cos(y)",
            "tanh(y)/(1 + x)",
            "log(1 + x/10^20)",
            "abs(y)^(3/7) + floor(x)",
        ]
    ),
)
def test_the_libraries_agree(x: Fraction, y: Fraction, term: str) -> None:
    found = compare(parse_term(term), {"x": Num(x), "y": Num(y)}, 40)
    assert found.arb is not None
    assert found.disagreement is None
