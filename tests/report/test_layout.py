"""The dependency graph: layout with and without Graphviz, and the drawing."""

from __future__ import annotations

import shutil
import subprocess
import xml.etree.ElementTree as ET
from itertools import pairwise

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from verify.engine.results import Edge
from verify.report.graph import Graph, graph
from verify.report.layout import HEIGHT, Arc, Layout, layout

from .hostile import hostile
from .sample import document, small

SVG = "{http://www.w3.org/2000/svg}"


def place(identifier: str) -> str:
    return f"s-{identifier}"


def drawn(use_dot: bool = False) -> Graph:
    found = graph(document(), place, use_dot=use_dot)
    assert found
    return found


def overlaps(found: Layout, widths: list[float]) -> bool:
    boxes = list(zip(found.nodes, widths, strict=True))
    return any(
        abs(a[0] - b[0]) < (v + w) / 2 and abs(a[1] - b[1]) < HEIGHT
        for number, (a, v) in enumerate(boxes)
        for b, w in boxes[number + 1 :]
    )


@st.composite
def networks(draw: st.DrawFn) -> tuple[list[float], list[Arc]]:
    count = draw(st.integers(1, 14))
    ends = st.integers(0, count - 1)
    arcs = draw(st.lists(st.tuples(ends, ends), max_size=30))
    widths = draw(st.lists(st.floats(20, 120), min_size=count, max_size=count))
    return widths, [arc for arc in dict.fromkeys(arcs) if arc[0] != arc[1]]


@settings(max_examples=80, derandomize=True, deadline=None)
@given(networks())
def test_any_network_is_laid_out(network: tuple[list[float], list[Arc]]) -> None:
    widths, arcs = network
    found = layout(widths, arcs, use_dot=False)
    assert not overlaps(found, widths)
    assert set(found.edges) == set(arcs)
    for (x, y), width in zip(found.nodes, widths, strict=True):
        assert width / 2 <= x <= found.width - width / 2
        assert HEIGHT / 2 <= y <= found.height - HEIGHT / 2
    for points in found.edges.values():
        assert len(points) % 3 == 1


def test_edges_run_from_left_to_right() -> None:
    arcs = [(0, 1), (1, 2), (0, 2), (3, 2)]
    found = layout([40.0] * 4, arcs, use_dot=False)
    for left, right in arcs:
        assert found.nodes[left][0] < found.nodes[right][0]
    for first, second in pairwise([0, 1, 2]):
        assert found.nodes[first][0] < found.nodes[second][0]


def test_a_cycle_is_drawn_all_the_same() -> None:
    found = layout([40.0] * 3, [(0, 1), (1, 2), (2, 0), (1, 0)], use_dot=False)
    assert set(found.edges) == {(0, 1), (1, 2), (2, 0), (1, 0)}


def test_no_nodes() -> None:
    assert layout([], [], use_dot=False).nodes == ()


@pytest.mark.parametrize("failure", ["missing", "broken", "nonsense"])
def test_without_a_working_dot_the_own_layout_serves(
    monkeypatch: pytest.MonkeyPatch, failure: str
) -> None:
    def run(*_: object, **__: object) -> subprocess.CompletedProcess[str]:
        if failure == "broken":
            raise subprocess.CalledProcessError(1, "dot")
        return subprocess.CompletedProcess("dot", 0, stdout="graph 1 x y\n")

    found = None if failure == "missing" else "/usr/bin/dot"
    monkeypatch.setattr(shutil, "which", lambda _: found)
    monkeypatch.setattr(subprocess, "run", run)
    assert layout([40.0, 40.0], [(0, 1)]) == layout([40.0, 40.0], [(0, 1)], use_dot=False)


@pytest.mark.skipif(not shutil.which("dot"), reason="Graphviz is not installed")
def test_dot_places_every_node_and_edge() -> None:
    widths = [40.0, 60.0, 80.0]
    arcs = [(0, 1), (1, 2), (0, 2)]
    found = layout(widths, arcs)
    assert not overlaps(found, widths)
    assert set(found.edges) == set(arcs)
    assert found.nodes[0][0] < found.nodes[1][0] < found.nodes[2][0]


@pytest.mark.parametrize("use_dot", [True, False])
def test_one_node_for_each_statement(use_dot: bool) -> None:
    found = drawn(use_dot)
    by_id = {node.id: node for node in found.nodes}
    assert (by_id["6.6"].claim, by_id["6.6"].proof) == ("refuted", "gap")
    assert by_id["6.1"].claim is None
    root = ET.fromstring(f'<root xmlns="http://www.w3.org/2000/svg">{found.svg}</root>')
    links = {a.get("href") for a in root.iter(f"{SVG}a")}
    assert {"#s-6.6", "#s-6.1", "#s-3.2"} <= links


def test_a_citation_that_does_not_serve_stands_out() -> None:
    found = drawn()
    (bad,) = found.bad()
    assert found.node(bad.source).id == "6.17"
    assert found.node(bad.target).id == "6.8"
    assert found.svg.count('class="cross"') == 1


def test_rests_on() -> None:
    found = drawn()
    keys = {node.id: node.key for node in found.nodes}
    assert {node.id for node in found.rests_on(keys["6.5"])} == {"6.9", "6.13", "6.17", "6.21"}


def test_without_edges_there_is_no_graph() -> None:
    assert graph(small(), place) is None


def test_what_is_cited_but_not_in_the_document_has_no_verdict_and_no_link() -> None:
    original = msgspec.structs.replace(small(), edges=(Edge("amgm", "9.9/1", "cites", None),))
    found = graph(original, lambda identifier: None if identifier == "9.9" else "x")
    assert found
    outside = next(node for node in found.nodes if node.id == "9.9")
    assert (outside.claim, outside.href) == (None, "")


def test_the_drawing_is_the_same_each_time() -> None:
    assert drawn().svg == drawn().svg


def test_hostile_names_stay_text() -> None:
    found = graph(hostile(document()), lambda _: "x", use_dot=True)
    assert found
    root = ET.fromstring(f'<root xmlns="http://www.w3.org/2000/svg">{found.svg}</root>')
    tags = {element.tag.removeprefix(SVG) for element in root.iter()}
    assert tags <= {
        *("root", "svg", "title", "defs", "marker", "path", "g", "a", "rect", "use", "text")
    }
