"""Pictures: coordinates against values computed in another way, and declarations that fail."""

from __future__ import annotations

from fractions import Fraction
from math import comb

import pytest
from sympy import Integer, Rational

from verify.engine.figures import NoFigure, figures
from verify.engine.results import Series
from verify.language.picture import Boundary, Curve, Line, Plot
from verify.language.statement import (
    Output,
    Paper,
    Param,
    Probability,
    Provenance,
    SignSum,
    Statement,
)
from verify.language.sympy_terms import ge, le, symbols

n, w, i, j, x, y = symbols("n w i j x y")
PARAMS = (
    Param(n, "count", Integer(10), integer=True, where=(ge(n, 1),)),
    Param(w, "weight", Rational(1, 2), where=(ge(w, 0),)),
)
BOUND = Statement(
    id="1",
    title="a bound",
    kind="lemma",
    section="1",
    params=PARAMS,
    conclusion=ge(w * n, w),
    provenance=(Provenance("T", "all", "made up"),),
    tags=("T",),
)
SIGNS = BOUND.but(id="2", conclusion=Probability(SignSum(w, i, n, "<=", w * n), Rational(1, 2)))


def draw(plot: Plot) -> tuple[Series, ...]:
    """The curves and lines of a plot."""
    paper = Paper("p", "P", "", "", (), (BOUND, SIGNS), plots=(plot,))
    (figure,) = figures(paper, [plot.id])
    return (*figure.series, *figure.lines)


def plot(*curves: Curve, **more: object) -> Plot:
    fields = {
        "id": "f",
        "title": "t",
        "caption": "c",
        "statement": "1",
        "variable": x,
        "values": (Integer(2), Integer(3)),
        "x_label": "x",
        "y_label": "y",
        "curves": curves,
    }
    return Plot(**{**fields, **more})


def test_a_margin_is_relative_to_the_bound() -> None:
    (series,) = draw(plot(Curve("m", "1", None, {n: x})))
    assert [Fraction(y) for y in series.y] == [1, 2]


def test_an_expression_may_use_parameters_and_the_variable() -> None:
    (series,) = draw(plot(Curve("e", "1", w * n + x, {n: 2 * x})))
    assert [Fraction(y) for y in series.y] == [2 + 2, 3 + 3]


def test_the_probability_of_a_sum_of_signs_is_exact() -> None:
    event = SignSum(w, i, n, ">", x * w)
    (series,) = draw(plot(Curve("p", "2", event, {n: Integer(9)})))
    expected = [Fraction(sum(comb(9, k) for k in range(9) if 9 - 2 * k > x), 2**9) for x in (2, 3)]
    assert list(map(float, series.y)) == pytest.approx(list(map(float, expected)), rel=1e-7)


def test_the_output_of_a_network_has_independent_columns() -> None:
    # One column exceeds 8/2 with probability Pr[all nine are 1] = 2^-9.
    fires = Output(w, i, n, w * 8, columns=Integer(3), positive=True)
    silent = Output(w, i, n, w * 8, columns=Integer(3), positive=False)
    first, second = draw(
        plot(Curve("p", "2", fires, {n: Integer(9)}), Curve("q", "2", silent, {n: Integer(9)}))
    )
    assert float(first.y[0]) + float(second.y[0]) == pytest.approx(1, abs=1e-7)
    assert float(second.y[0]) == pytest.approx((1 - 2**-9) ** 3, rel=1e-7)


@pytest.mark.parametrize("side", ["least", "greatest"])
def test_a_border_is_found_by_bisection(side: str) -> None:
    relation = ge(w, Rational(1, 3) * n) if side == "least" else le(w, Rational(1, 3) * n)
    border = Boundary("b", "1", relation, Integer(0), Integer(4), {n: x, w: y}, side=side)  # type: ignore[arg-type]
    (series,) = draw(plot(boundaries=(border,), second=y))
    for at, found in zip((2, 3), series.y, strict=True):
        distance = Fraction(found) - Fraction(at, 3)
        assert abs(distance) <= Fraction(4, 2**8) + Fraction(1, 10**6)
        assert distance * (1 if side == "least" else -1) >= -Fraction(1, 10**7)


def test_a_border_between_integers_is_exact() -> None:
    border = Boundary("b", "1", ge(n, 7 * x), Integer(1), Integer(40), {n: y})
    (series,) = draw(plot(boundaries=(border,), second=y, whole=True))
    assert [Fraction(value) for value in series.y] == [14, 21]


def test_where_a_condition_never_holds_there_is_no_point() -> None:
    border = Boundary("b", "1", ge(n, 20 * x), Integer(1), Integer(50), {n: y})
    (series,) = draw(plot(boundaries=(border,), second=y, whole=True))
    assert series.x == ("2.0000000",)


def test_a_line_and_another_horizontal_coordinate() -> None:
    curve, line = draw(
        plot(
            Curve("m", "1", n, {n: x}),
            lines=(Line("l", (Integer(0), Integer(1)), (Rational(1, 4), Integer(2))),),
            drawn=x / 2,
        )
    )
    assert curve.x == ("1.0000000", "1.5000000")
    assert (line.x, line.y) == (("0", "0.25000000"), ("1.0000000", "2.0000000"))


def test_a_plot_of_a_statement_that_does_not_exist_says_so() -> None:
    with pytest.raises(NoFigure, match="no statement 9"):
        draw(plot(Curve("m", "9")))


def test_a_plot_over_a_parameter_that_does_not_exist_says_so() -> None:
    with pytest.raises(NoFigure, match="1 has no parameter y"):
        draw(plot(Curve("m", "1", None, {y: x})))


def test_a_probability_has_no_margin_to_draw() -> None:
    with pytest.raises(NoFigure, match="2 has no margin"):
        draw(plot(Curve("m", "2")))
