"""What the paper's pack declares about itself as a whole: pictures, regimes, practical sizes."""

from __future__ import annotations

import pytest

from lemmas.polynomial_attention import PAPER
from verify.engine.results import Figure
from verify.engine.whole import WholePaper

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def figures() -> dict[str, Figure]:
    whole = WholePaper(PAPER, [statement.id for statement in PAPER.statements], 0, None).computed(2)
    assert whole.problems == ()
    assert [regime.verdict for regime in whole.regimes] == ["proved"]
    assert {threshold.verdict for threshold in whole.thresholds} == {"proved"}
    assert [threshold.exact for threshold in whole.thresholds] == ["502", "502", "1002", "1002"]
    # For all n, with one copy of the identity: enough for the lemmas as proved, not for the truth.
    enough = [threshold.least for threshold in whole.thresholds]
    assert enough == ["1197", None, "927", "46601928709492994671186390245166929525"]
    assert len(whole.findings) == 3
    return {figure.id: figure for figure in whole.figures}


def values(figure: Figure, label: str) -> list[float]:
    (series,) = [series for series in figure.series if series.label.startswith(label)]
    return list(map(float, series.y))


def test_every_declared_picture_is_drawn(figures: dict[str, Figure]) -> None:
    assert set(figures) == {plot.id for plot in PAPER.plots}
    for figure in figures.values():
        assert all(len(series.x) == len(series.y) >= 2 for series in figure.series), figure.id


def test_the_network_separates_between_the_regimes(figures: dict[str, Figure]) -> None:
    figure = figures["fires-by-degree"]
    on_1, on_0 = values(figure, "Pr[F > 0] on D_1"), values(figure, "Pr[F > 0] on D_0")
    assert all(one >= zero for one, zero in zip(on_1, on_0, strict=True))
    place = figure.series[0].x.index("32.000000")
    assert on_1[place] > 0.999
    assert on_0[place] < 0.001
    assert on_0[-1] > 0.999


def test_the_bound_lies_above_the_exact_tail(figures: dict[str, Figure]) -> None:
    exact, bound = values(figures["tail"], "exact"), values(figures["tail"], "Hoeffding")
    assert all(one <= two for one, two in zip(exact, bound, strict=True))


def test_what_suffices_lies_on_the_right_side_of_the_exact_border(
    figures: dict[str, Figure],
) -> None:
    figure = figures["phase-feature"]
    series = {
        item.label: dict(zip(item.x, map(float, item.y), strict=True)) for item in figure.series
    }
    for left, right in (("F > 0: (1", "F > 0: exact"), ("F = 0: exact", "F = 0: (1")):
        above = next(points for label, points in series.items() if label.startswith(left))
        below = next(points for label, points in series.items() if label.startswith(right))
        assert all(above[x] >= below[x] for x in above.keys() & below.keys())
