"""The map of a sweep over its first one or two parameters: as text, and as a picture."""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO

from verify.engine.sweep_closed import Plan
from verify.engine.sweep_run import Summary

MARKS = {"holds": "+", "fails": "X", "undecided": "?", "outside": "."}
COLOURS = {"holds": "#4f9d69", "fails": "#b3273b", "undecided": "#e3b23c", "outside": "#e6e6e6"}
_ORDER = ("fails", "undecided", "holds", "outside")


def text_map(summary: Summary, width: int = 48, height: int = 12) -> list[str]:
    """Lines of a small map: the worst of the points in each cell."""
    axes = summary.plan.points.axes
    if not axes:
        return []
    rows = height if len(axes) > 1 else 1
    cells: dict[tuple[int, int], str] = {}
    for (across, up), status in _two(summary.cells).items():
        size = summary.resolution
        cell = across * width // size, up * rows // size
        if _ORDER.index(status) < _ORDER.index(cells.get(cell, "outside")) or cell not in cells:
            cells[cell] = status
    low, high = axes[0].ends
    lines = []
    label = f"{axes[1].name} " if len(axes) > 1 else ""
    for row in reversed(range(rows)):
        ends = axes[1].ends if len(axes) > 1 else ("", "")
        end = ends[1] if row == rows - 1 and len(axes) > 1 else (ends[0] if row == 0 else "")
        marks = "".join(MARKS.get(cells.get((n, row), ""), " ") for n in range(width))
        lines.append(f"{label + end if end else '':>14} |{marks.rstrip()}")
    lines.append(f"{'':>14} +{'-' * width}")
    room = max(1, width - len(low) - len(high))
    lines.append(f"{'':>14}  {low}{axes[0].name:^{room}}{high}")
    shown = [f"{MARKS[s]} {s}" for s in _ORDER if s in summary.counts]
    lines.append(f"{'':>14}  {', '.join(shown)}")
    return lines


def _two(cells: Mapping[tuple[int, ...], str]) -> dict[tuple[int, int], str]:
    return {(cell[0], cell[1] if len(cell) > 1 else 0): status for cell, status in cells.items()}


def svg_map(summary: Summary) -> bytes:
    """The map as a picture; the same sweep gives the same bytes."""
    import matplotlib as mpl  # noqa: PLC0415
    from matplotlib.backends.backend_svg import FigureCanvasSVG  # noqa: PLC0415
    from matplotlib.figure import Figure  # noqa: PLC0415
    from matplotlib.patches import Patch, Rectangle  # noqa: PLC0415

    axes = summary.plan.points.axes
    size = summary.resolution
    with mpl.rc_context({"svg.hashsalt": "sweep", "svg.fonttype": "none"}):
        figure = Figure(figsize=(6.4, 4.8 if len(axes) > 1 else 2.2), layout="constrained")
        FigureCanvasSVG(figure)
        plot = figure.add_subplot()
        for (across, up), status in _two(summary.cells).items():
            height = 1 if len(axes) > 1 else size
            plot.add_patch(Rectangle((across, up), 1, height, color=COLOURS[status], lw=0))
        plot.set_xlim(0, size)
        plot.set_ylim(0, size)
        plot.set_xlabel(axes[0].name)
        plot.set_xticks([0, size], list(axes[0].ends))
        if len(axes) > 1:
            plot.set_ylabel(axes[1].name)
            plot.set_yticks([0, size], list(axes[1].ends))
        else:
            plot.set_yticks([])
        plot.set_title(title(summary.plan))
        shown = [status for status in _ORDER if status in summary.counts]
        figure.legend(
            handles=[Patch(color=COLOURS[s], label=f"{s}: {summary.counts[s]}") for s in shown],
            loc="outside lower center",
            ncols=len(shown) or 1,
            frameon=False,
        )
        data = BytesIO()
        figure.savefig(data, format="svg", metadata={"Date": None})
    return data.getvalue()


def title(plan: Plan) -> str:
    """What the map is about, in a line."""
    fixed = f", {', '.join(plan.fixed)}" if plan.fixed else ""
    return f"{plan.statement.id} over {', '.join(plan.names)}{fixed}"
