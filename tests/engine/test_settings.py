"""Parameter points: what may be given, what follows from it, and what is refused."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Integer, Symbol, sqrt

from lemmas.polynomial_attention import PAPER
from verify.engine.settings import Setting, SettingError, point_of
from verify.language.statement import Hypothesis, Param, Statement
from verify.language.sympy_terms import eq, ge

STATEMENTS = {statement.id: statement for statement in PAPER.statements}


def point(identifier: str, *values: str, anyway: bool = False) -> Setting:
    return point_of(STATEMENTS[identifier], values, anyway=anyway)


def refusal(identifier: str, *values: str) -> str:
    with pytest.raises(SettingError) as caught:
        point(identifier, *values)
    return str(caught.value)


def test_reference_values_and_what_they_determine() -> None:
    assert point("6.6/1a").shown() == {
        "d": "7", "t": "4", "n": "20", "b": "2/5", "c": "3/5", "s": "sqrt(log(20))",
        "a_1": "7/10", "beta": "2*log(20)", "j_3": "1",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("given_", "expected"),
    [
        (["d=5", "t=10"], {"n": "30"}),
        (["n=20"], {"d": "7", "t": "4"}),
        (["n=30", "d=5"], {"t": "10"}),
        (["n=30", "t=10"], {"d": "5"}),
        (["n=30"], {"d": "7", "t": "6"}),
        (["n=21"], {"d": "23", "t": "1"}),
        (["n=10**300"], {"d": "7", "t": str(2 * 10**299)}),
        (["b=1/2"], {"c": "1/2"}),
        (["c=0.3"], {"b": "7/10"}),
        (["n=20", "s=2"], {"s": "2", "d": "7"}),
        (["beta=2*log(30)"], {"beta": "2*log(30)"}),
        (["d=2*3 + 1"], {"d": "7"}),
        (["t = 2"], {"t": "2", "n": "10"}),
    ],
)
def test_what_is_left_out_is_determined(given_: list[str], expected: dict[str, str]) -> None:
    shown = point("6.6/1a", *given_).shown()
    assert {name: shown[name] for name in expected} == expected


@settings(max_examples=40, deadline=None, derandomize=True)
@given(st.integers(3, 10**40), st.integers(1, 10**40))
def test_sizes_determine_each_other(d: int, t: int) -> None:
    n = (d - 2) * t
    for given_ in ([f"d={d}", f"t={t}"], [f"d={d}", f"n={n}"], [f"t={t}", f"n={n}"]):
        assert point("6.6/1a", *given_).integers == {"d": d, "t": t, "n": n, "j_3": 1}


def test_a_number_of_columns_is_the_bound_rounded_up() -> None:
    assert point("6.9").integers["m"] == 60
    assert point("6.9", "C=20").integers["m"] == 120
    assert point("6.9", "m=7").integers["m"] == 7
    assert point("6.13", "d=7", "t=4").integers["m"] == 60


def test_indices_are_the_least_that_differ() -> None:
    assert point("6.6/4b").integers["j_0"] == 2
    assert point("6.6/4b").integers["j_1"] == 2
    assert point("6.6/4b", "j_3=3").integers["j_0"] == 1
    assert point("6.7/5.rest").integers["k_0"] == 2
    assert point("6.7/5.rest", "j_3=7").integers["k_0"] == 1


def test_names_of_other_statements_are_noted() -> None:
    found = point_of(STATEMENTS["6.6/1a"], ["x_0=1/3"], known=["x_0"])
    assert found.notes == ("6.6/1a does not depend on x_0: its value is not used",)
    assert "x_0" not in found.values


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (["bta=1"], "6.6/1a has no parameter bta (did you mean beta?); its parameters are d, t, n,"
                    " b, c, s, a_1, beta, j_3"),
        (["zzz=1"], "6.6/1a has no parameter zzz; its parameters are d, t, n,"),
        (["d"], "'d' is not a setting: write NAME=VALUE, such as d=7"),
        (["d="], "'d=' is not a setting: write NAME=VALUE, such as d=7"),
        (["=7"], "'=7' is not a setting: write NAME=VALUE, such as d=7"),
        (["d=7", "d=8"], "d is set twice"),
        (["d=7)"], "the value of d: column 2: "),
        (["beta=2*log(n)"], "the value of beta mentions n: values are constants, such as 7/10"),
        (["beta=2*foo"], "the value of beta mentions foo: values are constants, such as 7/10 or "
                         "2*log(30); column 3\n  2*foo\n    ^"),
        (["beta=nan"], "the value of beta mentions nan: values are constants, such as 7/10 or "
                       "2*log(30); column 1\n  nan\n  ^"),
        (["beta=log(0)"], "the value of beta is undefined: log(0)"),
        (["d=7/2"], "d = 7/2 is not an integer, but d must be one"),
        (["d=pi"], "d = pi is not an integer, but d must be one"),
        (["d=2", "t=1"], "d = 2 (number of columns) breaks the hypothesis d >= 3"),
        (["n=21", "d=7", "t=3"], "n = 21 (number of rows) breaks the hypothesis n == t*(d - 2): "
                                 "with d = 7, t = 3 it is 15; leave n out, or change these"),
        (["n=21", "d=7"], "no t with n == t*(d - 2) for d = 7, n = 21: "
                          "set t as well, or another n"),
        (["n=-5"], "no d and t with n == t*(d - 2) for n = -5"),
        (["j_3=21"], "j_3 = 21 is not an index in 1 .. n = 20"),
        (["j_3=0"], "j_3 = 0 is not an index in 1 .. n = 20"),
        (["j_3=1/2"], "j_3 = 1/2 is not an integer, but j_3 must be one"),
    ],
)  # fmt: skip
def test_what_is_refused(values: list[str], message: str) -> None:
    assert refusal("6.6/1a", *values).startswith(message)


def test_indices_that_must_differ() -> None:
    assert refusal("6.6/2b", "j_0=1") == "j_0 = 1 breaks the hypothesis j_0 != j_3"
    assert refusal("6.7/2.rest", "d=3", "t=2").startswith("no index k_0 in 1 .. 1 fits")
    assert point("6.6/2b", "j_0=1", anyway=True).integers["j_0"] == 1


def test_sizes_that_break_hypotheses_are_accepted_on_request() -> None:
    assert point("6.6/1a", "n=21", "d=7", "t=3", anyway=True).integers["n"] == 21
    assert point("6.6/1a", "n=21", "d=7", anyway=True).integers["t"] == 4


def test_long_numbers_are_shortened_in_messages() -> None:
    message = refusal("6.6/1a", "n=10**300", "d=8", "t=1")
    assert message.startswith("n = 100000000000..00000000 (number of rows) breaks")
    assert len(message) < 250


def test_values_without_a_source_are_asked_for() -> None:
    x, y = Symbol("x"), Symbol("y")
    circle = Statement(
        "1", "a circle", "lemma", "1",
        (Param(x, "one", y), Param(y, "other", x)),
        ge(x, y),
    )  # fmt: skip
    with pytest.raises(SettingError, match="has no value: set it with --set"):
        point_of(circle, [])
    assert point_of(circle, ["x=1"]).shown() == {"x": "1", "y": "1"}


def test_an_equation_that_is_not_linear_is_not_solved() -> None:
    x, y = Symbol("x"), Symbol("y")
    squares = Statement(
        "1", "squares", "lemma", "1",
        (
            Param(x, "root", Integer(2)),
            Param(y, "square", Integer(4), where=(eq(y, x**2),), determined_by=x**2),
        ),
        ge(y, 0),
        hypotheses=(Hypothesis(ge(x, sqrt(2))),),
    )  # fmt: skip
    assert point_of(squares, ["x=3"]).shown()["y"] == "9"
    with pytest.raises(SettingError, match="no x with y == x"):
        point_of(squares, ["y=9"])
