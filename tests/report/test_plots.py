"""Pictures: the same bytes each time, no inline style, readable without colour."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from verify.engine.cache import Cache
from verify.engine.results import Figure, Series
from verify.report import plots

from .hostile import PAYLOAD
from .sample import document

SVG = "{http://www.w3.org/2000/svg}"
LINE = Figure("f", "Title", "Caption", "x", "y", (Series("a", ("0", "1", "2"), ("1", "4", "9")),))


def parsed(figure: Figure) -> ET.Element:
    shown = plots.picture(figure, "p")
    return ET.fromstring(f'<root xmlns="http://www.w3.org/2000/svg">{shown}</root>')


@pytest.mark.slow
def test_the_same_each_time() -> None:
    figure = document().figures[0]
    assert plots.picture(figure, "p") == plots.picture(figure, "p")


def test_ids_differ_from_picture_to_picture() -> None:
    def ids(prefix: str) -> set[str]:
        root = ET.fromstring(f"<r>{plots.picture(LINE, prefix)}</r>")
        return {identifier for element in root.iter() if (identifier := element.get("id"))}

    assert ids("a")
    assert not ids("a") & ids("b")


def test_has_labels_and_a_text_alternative() -> None:
    root = parsed(LINE)
    texts = [element.text for element in root.iter(f"{SVG}text")]
    assert "x" in texts
    assert "y" in texts
    svg = root.find(f"{SVG}svg")
    assert svg is not None
    assert svg.get("role") == "img"
    assert svg.get("aria-labelledby") == "p-t p-d"
    assert [child.tag.removeprefix(SVG) for child in svg][:2] == ["title", "desc"]


def test_no_inline_style_no_colours_and_no_date() -> None:
    shown = plots.picture(document().figures[1], "p")
    for forbidden in ("style=", "#0", "<script", "<metadata", "date", "DOCTYPE", "xlink"):
        assert forbidden not in shown


def test_every_line_differs_in_dash_or_marker() -> None:
    figure = msgspec.structs.replace(LINE, series=LINE.series * 3)
    samples = [str(sample) for _, sample in plots.legend(figure)]
    assert len(set(samples)) == 3
    dashes = {sample.partition("stroke-dasharray=")[2][:12] for sample in samples}
    assert len(dashes) == 3


def test_what_cannot_be_drawn_is_left_out() -> None:
    xs = ("0", "1", "x", "nan", "1e999", "3")
    series = Series("a", xs, ("1", "inf", "2", "2", "2", "4", "5"))
    assert plots._finite(series, LINE) == ([0.0, 3.0], [1.0, 4.0])
    assert plots._finite(series, msgspec.structs.replace(LINE, log_x=True)) == ([3.0], [4.0])


def _kept(cache: Cache) -> tuple[str, bytes]:
    rows = cache._run("SELECT key, value FROM entry")
    assert len(rows) == 1
    return rows[0][0], rows[0][1]


def test_a_drawing_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = Cache(tmp_path)
    fresh = plots.picture(LINE, "p")
    assert plots.picture(LINE, "p", cache) == fresh

    def never(*_: object) -> bytes:
        raise AssertionError("drawn again")

    monkeypatch.setattr(plots, "_drawn", never)
    assert plots.picture(LINE, "p", cache) == fresh
    with pytest.raises(AssertionError, match="drawn again"):
        plots.picture(msgspec.structs.replace(LINE, x_label="other"), "p", cache)
    monkeypatch.setattr(plots.metadata, "version", lambda _: "another version")
    with pytest.raises(AssertionError, match="drawn again"):
        plots.picture(LINE, "p", cache)


@pytest.mark.parametrize(
    "spoiled",
    [
        b"",
        b"<svg",
        b"no picture",
        b"<html><body>no picture</body></html>",
        b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"/>',
        b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="x"><text>a</text></svg>',
        b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1">'
        + b"<g>" * 5000
        + b"</g>" * 5000
        + b"</svg>",
    ],
)
def test_what_is_no_drawing_is_drawn_again(tmp_path: Path, spoiled: bytes) -> None:
    cache = Cache(tmp_path)
    fresh = plots.picture(LINE, "p", cache)
    key, good = _kept(cache)
    cache.put(key, spoiled, settled=True)
    assert plots.picture(LINE, "p", cache) == fresh
    assert _kept(cache) == (key, good)


def test_a_drawing_from_the_cache_adds_no_markup(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    plots.picture(LINE, "p", cache)
    key, _ = _kept(cache)
    outside = "https://elsewhere.example/x.svg"
    hostile = f"""<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)" viewBox="0 0 9 9"
        xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:h="http://www.w3.org/1999/xhtml">
        <script>alert(1)</script><style>@import '{outside}';</style>
        <h:script>alert(1)</h:script><foreignObject><h:iframe src="{outside}"/></foreignObject>
        <a xlink:href="javascript:alert(1)"><text>link</text></a><image xlink:href="{outside}"/>
        <use xlink:href="{outside}#a" href="{outside}" x="&quot;&gt;&lt;script&gt;"/>
        <g clip-path="url({outside}#a)" transform="&quot; onload=&quot;alert(1)">
        <text onclick="alert(1)" style="fill: url({outside}); stroke: red">
        &lt;/svg&gt;&lt;script&gt;alert(1)\u202e</text></g>
        </svg>"""
    cache.put(key, hostile.encode(), settled=True)
    shown = plots.picture(LINE, "p", cache)
    assert "&lt;/svg&gt;&lt;script&gt;alert(1)\N{REPLACEMENT CHARACTER}</text>" in shown
    root = ET.fromstring(f"<r>{shown}</r>")
    allowed = {
        *("viewBox", "class", "role", "aria-labelledby", "id", "transform", "clip-path"),
        *("x", "y", "href", "d", "width", "height", *plots._STYLES),
    }
    for element in root.iter():
        assert element.tag in {"r", "svg", "title", "desc", "g", "use", "text"}
        assert set(element.attrib) <= allowed
        assert element.get("href", "#p-").startswith("#p-")
        assert element.get("clip-path") is None


def test_settings_of_ones_own_for_matplotlib_change_nothing() -> None:
    import matplotlib  # noqa: PLC0415

    plain = plots.picture(LINE, "p")
    with matplotlib.rc_context({"lines.linewidth": 9, "axes.labelsize": 30, "xtick.labelsize": 3}):
        assert plots.picture(LINE, "p") == plain
        assert matplotlib.rcParams["lines.linewidth"] == 9


def test_nothing_to_draw() -> None:
    with pytest.raises(plots.NoPicture, match="no finite points"):
        plots.picture(msgspec.structs.replace(LINE, series=(Series("a", ("x",), ("y",)),)), "p")


def test_hostile_labels_stay_text() -> None:
    figure = Figure("f", PAYLOAD, PAYLOAD, PAYLOAD, "_" + PAYLOAD, LINE.series, log_y=True)
    tags = {element.tag.removeprefix(SVG) for element in parsed(figure).iter()}
    assert tags <= {
        *("root", "svg", "title", "desc", "defs", "clipPath", "g", "path", "use", "text", "rect")
    }


@settings(max_examples=8, derandomize=True, deadline=None)
@given(
    st.lists(st.tuples(st.floats(-1e6, 1e6), st.floats(-1e250, 1e250)), min_size=2, max_size=6),
    st.booleans(),
)
def test_any_points_are_drawn(points: list[tuple[float, float]], log: bool) -> None:
    xs, ys = zip(*points, strict=True)
    series = Series("a", tuple(map(str, xs)), tuple(map(str, ys)))
    figure = msgspec.structs.replace(LINE, series=(series,), log_x=log)
    if not log or any(x > 0 for x in xs):
        assert parsed(figure) is not None
