"""The pictures of the report: inline SVG from matplotlib, the same bytes each time.

Colours are left to the page: what matplotlib draws in stand-in colours becomes classes, so that the
picture follows the light and the dark scheme and needs no inline style. Lines differ in dash and
marker as well as in colour.

What is kept in the cache is matplotlib's own drawing. It becomes a part of the page as a fresh one
does: rebuilt from allowed elements and attributes, with every value escaped.
"""

from __future__ import annotations

import io
import math
import re
import warnings
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Iterator
from importlib import metadata
from typing import Any

import msgspec
from markupsafe import Markup, escape

from verify.engine.cache import Cache
from verify.engine.keys import Keys
from verify.engine.results import Figure, Series
from verify.report.view import printable

_SVG = "{http://www.w3.org/2000/svg}"
_LINK = "{http://www.w3.org/1999/xlink}href"
_INK, _GRID = "#010101", "#010102"
_COLOURS = tuple(f"#0202{number:02x}" for number in range(6))
_MARK, _BORDER = "#020210", "#020211"
_CLASSES = {_INK: "ink", _GRID: "grid", _MARK: "mark", _BORDER: "border"} | {
    colour: f"s{number}" for number, colour in enumerate(_COLOURS)
}
_DASHES = ("-", (0, (5, 2)), (0, (1, 1.6)), (0, (6, 2, 1, 2)), (0, (3, 1, 1, 1, 1, 1)), (0, (9, 3)))
_MARKERS = ("o", "s", "^", "D", "v", "P")
_KEPT = {
    "path": ("d", "id"),
    "use": ("x", "y"),
    "text": ("x", "y"),
    "rect": ("x", "y", "width", "height"),
}
_BOX = re.compile(r"[-\d.]+( [-\d.]+){3}")
_CLIP = re.compile(r"url\(#(\w+)\)")
_STYLES = ("stroke-width", "stroke-dasharray", "stroke-linecap", "stroke-linejoin", "opacity")


MAX_LABEL = 80
"""Longer labels of axes are cut."""


class NoPicture(ValueError):
    """The figure holds no points that can be drawn."""


class _Unreadable(ValueError):
    """What should be a drawing is none."""


def picture(figure: Figure, prefix: str, cache: Cache | None = None) -> Markup:
    """Draw a figure, or take its drawing from the cache; ``prefix`` makes the ids in it unique on
    the page.

    Raises:
        NoPicture: no series has two finite points (or one, for marks) that the axes can show.
    """
    lines = [(_COLOURS[n % len(_COLOURS)], n, s) for n, s in enumerate(figure.series)]
    points = [(_MARK, n, s) for n, s in enumerate(figure.marks)]
    borders = [(_BORDER, n, s) for n, s in enumerate(figure.lines)]
    drawn = [(c, n, s, _finite(s, figure)) for c, n, s in (*borders, *lines, *points)]
    if not any(xs for c, _, _, (xs, _) in drawn if c != _BORDER):
        raise NoPicture("no finite points")
    if cache is None:
        return _adapted(_drawn(figure, drawn), figure, prefix)
    key = _key(figure)
    entry = cache.get(key)
    if entry is not None:
        try:
            return _adapted(entry.value, figure, prefix)
        except _Unreadable:
            cache.drop(key)
    fresh = _drawn(figure, drawn)
    cache.put(key, fresh, settled=True)
    return _adapted(fresh, figure, prefix)


def _key(figure: Figure) -> str:
    """The key of a figure's drawing; NumPy and this module are in every key."""
    return Keys(0.0, 0).of("drawing", [msgspec.to_builtins(figure), metadata.version("matplotlib")])


def table(figure: Figure) -> list[tuple[str, list[tuple[str, str]]]]:
    """The data of a figure: for each series its label and its points as the document has them."""
    return [
        (series.label, list(zip(series.x, series.y, strict=False)))
        for series in (*figure.series, *figure.lines, *figure.marks)
    ]


def _finite(series: Series, figure: Figure) -> tuple[list[float], list[float]]:
    """The coordinates to draw with; they are approximations for the picture alone."""
    xs: list[float] = []
    ys: list[float] = []
    for x, y in zip(map(_number, series.x), map(_number, series.y), strict=False):
        if math.isfinite(x) and math.isfinite(y):
            if (figure.log_x and x <= 0) or (figure.log_y and y <= 0):
                continue
            xs.append(x)
            ys.append(y)
    return xs, ys


def _number(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        return math.nan
    return value if abs(value) < 1e300 else math.nan


def _drawn(
    figure: Figure, drawn: Iterable[tuple[str, int, Series, tuple[list[float], list[float]]]]
) -> bytes:
    # Imported here: half a second that only a report with pictures pays.
    from matplotlib import rc_context, rcdefaults, rcParams  # noqa: PLC0415
    from matplotlib.backends.backend_svg import FigureCanvasSVG  # noqa: PLC0415
    from matplotlib.figure import Figure as Canvas  # noqa: PLC0415

    settings: dict[Any, Any] = {
        "svg.fonttype": "none",
        "svg.hashsalt": "verify",
        "text.parse_math": False,
        "text.usetex": False,
        "axes.formatter.use_mathtext": False,
        "font.family": "DejaVu Sans",
        "font.size": 10,
        "path.simplify": True,
    }
    # Glyphs that the font lacks are only measured here; the page has its own fonts.
    with rc_context(), warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        # Whatever settings of their own somebody has for matplotlib.
        rcdefaults()
        rcParams.update(settings)
        canvas = Canvas(figsize=(6.4, 3.6), layout="constrained")
        FigureCanvasSVG(canvas)
        axes = canvas.add_subplot()
        for colour, number, _, (xs, ys) in drawn:
            if colour == _BORDER:
                dash = _DASHES[1 + number % (len(_DASHES) - 1)]
                axes.plot(xs, ys, color=_BORDER, linestyle=dash, linewidth=1.1)
            elif colour == _MARK:
                axes.plot(xs, ys, color=_MARK, linestyle="none", marker="x", markersize=9)
            else:
                axes.plot(
                    xs,
                    ys,
                    color=colour,
                    linestyle=_DASHES[number % len(_DASHES)],
                    marker=_MARKERS[number % len(_MARKERS)],
                    markevery=max(1, len(xs) // 8),
                    markersize=4.5,
                    linewidth=1.6,
                )
        _axes(axes, figure)
        buffer = io.BytesIO()
        canvas.savefig(buffer, format="svg", transparent=True, metadata={"Date": None})
    return buffer.getvalue()


def _axes(axes: Any, figure: Figure) -> None:
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter  # noqa: PLC0415

    for log, axis, set_scale in (
        (figure.log_x, axes.xaxis, axes.set_xscale),
        (figure.log_y, axes.yaxis, axes.set_yscale),
    ):
        if log:
            set_scale("log")
            axis.set_major_locator(LogLocator(numticks=7))
            axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.12g}"))
            axis.set_minor_formatter(NullFormatter())
    axes.set_xlabel(printable(figure.x_label)[:MAX_LABEL], color=_INK)
    axes.set_ylabel(printable(figure.y_label)[:MAX_LABEL], color=_INK)
    axes.grid(True, color=_GRID, linewidth=0.6)
    axes.tick_params(colors=_INK, which="both")
    for side, spine in axes.spines.items():
        spine.set_visible(side in ("left", "bottom"))
        spine.set_color(_INK)


def legend(figure: Figure) -> Iterator[tuple[str, Markup]]:
    """For each series its label and a sample of its line."""
    for number, series in enumerate(figure.series):
        yield series.label, _sample(number)
    for number, series in enumerate(figure.lines):
        yield series.label, _rule(number)
    for series in figure.marks:
        yield (
            series.label,
            Markup(
                '<svg class="key" viewBox="0 0 34 12" width="34" height="12" aria-hidden="true">'
                '<path class="mark-l" d="M13 2l8 8m0-8l-8 8"/></svg>'
            ),
        )


def _rule(number: int) -> Markup:
    """A sample of a straight line."""
    return Markup(
        '<svg class="key" viewBox="0 0 34 12" width="34" height="12" aria-hidden="true">'
        '<path class="border-l" d="M0 6h34" stroke-width="1.1" stroke-dasharray="{}"/></svg>'
    ).format(_pattern(1 + number % (len(_DASHES) - 1), 1.1))


def _pattern(number: int, width: float) -> str:
    dash = _DASHES[number % len(_DASHES)]
    return "" if isinstance(dash, str) else " ".join(f"{width * length:g}" for length in dash[1])


def _sample(number: int) -> Markup:
    pattern = _pattern(number, 1.6)
    shape = {
        "o": "M14 6a3 3 0 1 0 6 0a3 3 0 1 0-6 0",
        "s": "M14 3h6v6h-6z",
        "^": "M17 2.5l3.5 6.5h-7z",
        "D": "M17 2l4 4l-4 4l-4-4z",
        "v": "M17 9.5l3.5-6.5h-7z",
        "P": "M15.5 3h3v1.5h1.5v3h-1.5v1.5h-3v-1.5h-1.5v-3h1.5z",
    }[_MARKERS[number % len(_MARKERS)]]
    name = f"s{number % len(_COLOURS)}"
    return Markup(
        '<svg class="key" viewBox="0 0 34 12" width="34" height="12" aria-hidden="true">'
        '<path class="{}-l" d="M0 6h34" stroke-width="1.6"{}/><path class="{}-f" d="{}"/></svg>'
    ).format(
        name,
        Markup(' stroke-dasharray="{}"').format(pattern) if pattern else Markup(),
        name,
        shape,
    )


def _adapted(svg: bytes, figure: Figure, prefix: str) -> Markup:
    """Matplotlib's drawing, rebuilt from the few elements and attributes that it needs.

    Raises:
        _Unreadable: it is no drawing.
    """
    try:
        root = ET.fromstring(svg)
        body = "".join(_element(child, prefix) for child in root)
    except (ET.ParseError, ValueError, RecursionError) as error:
        raise _Unreadable(str(error)) from error
    if root.tag != f"{_SVG}svg" or not _BOX.fullmatch(root.get("viewBox", "")) or not body:
        raise _Unreadable("it is not a picture, or empty")
    title, described = f"{prefix}-t", f"{prefix}-d"
    return Markup(
        '<svg class="plot" role="img" viewBox="{}" aria-labelledby="{} {}">'
        '<title id="{}">{}</title><desc id="{}">{}</desc>{}</svg>'
    ).format(
        root.get("viewBox"),
        title,
        described,
        title,
        printable(figure.title),
        described,
        printable(_description(figure)),
        Markup(body),
    )


def _description(figure: Figure) -> str:
    labelled = (*figure.series, *figure.lines, *figure.marks)
    names = ", ".join(series.label for series in labelled)
    return f"{figure.y_label} against {figure.x_label}: {names}. {figure.caption}".strip()


def _element(element: ET.Element, prefix: str) -> str:
    tag = element.tag.removeprefix(_SVG)
    if tag in ("metadata", "style", "title"):
        return ""
    children = "".join(_element(child, prefix) for child in element)
    if tag in ("g", "defs"):
        given = _attributes(element, ("transform", "clip-path"), prefix)
        if tag == "g" and not given:
            return children
        return f"<{tag}{given}>{children}</{tag}>" if children else ""
    if tag == "clipPath":
        identifier = escape(f"{prefix}-{element.get('id', '')}")
        return f'<clipPath id="{identifier}">{children}</clipPath>'
    if tag not in _KEPT:
        return ""
    given = _attributes(element, (*_KEPT[tag], "transform", "clip-path"), prefix)
    given += (style := _style(element, tag))
    if tag == "use":
        target = element.get(_LINK, "").removeprefix("#")
        given += f' href="#{escape(f"{prefix}-{target}")}"'
    text = str(escape(printable(element.text or ""))) if tag == "text" else ""
    if tag == "path" and not style and not element.get("id"):
        # Backgrounds.
        return ""
    return f"<{tag}{given}>{text}</{tag}>" if text else f"<{tag}{given}/>"


def _attributes(element: ET.Element, names: Iterable[str], prefix: str) -> str:
    shown = ""
    for name in names:
        value = element.get(name)
        if value is None:
            continue
        if name == "id":
            value = f"{prefix}-{value}"
        elif name == "clip-path":
            target = _CLIP.fullmatch(value)
            if target is None:
                # Nothing on the page refers to anything outside it.
                continue
            value = f"url(#{prefix}-{target[1]})"
        elif name in ("d", "transform", "x", "y"):
            value = _rounded(value)
        if value.startswith("rotate(-0 "):
            continue
        shown += f' {name}="{escape(value)}"'
    return shown


def _style(element: ET.Element, tag: str) -> str:
    """The inline style as classes and presentation attributes."""
    pairs = [piece.partition(":") for piece in element.get("style", "").split(";")]
    style = {name.strip(): value.strip() for name, _, value in pairs if value}
    classes = []
    for name, suffix in (("stroke", "l"), ("fill", "f")):
        if style.get(name) in _CLASSES:
            classes.append(f"{_CLASSES[style[name]]}-{suffix}")
    if tag == "text":
        anchor = style.get("text-anchor", "start")
        classes += ["label"] + ([anchor] if anchor in ("middle", "end") else [])
    elif style.get("fill") == "none" and not classes:
        return ""
    shown = f' class="{" ".join(classes)}"' if classes else ""
    for name in _STYLES:
        if name in style:
            shown += f' {name}="{escape(style[name])}"'
    return shown


def _rounded(numbers: str) -> str:
    """Coordinates to a hundredth of a point: a third of the size, and no visible difference."""
    shorter = re.sub(
        r"-?\d+\.\d+", lambda found: f"{float(found[0]):.2f}".rstrip("0").rstrip("."), numbers
    )
    return re.sub(r"\s*([A-Za-z])\s+", r"\1", shorter).strip()
