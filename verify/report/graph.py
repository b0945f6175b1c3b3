"""The dependency graph as SVG: one node for each numbered statement, coloured by what was found.

The fill shows the worst verdict on the claims of its parts, the border that on their printed
proofs. Arrows run from a statement to those that rest on it; a citation that does not serve
stands out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from markupsafe import Markup

from verify.engine.results import Document
from verify.report import view
from verify.report.layout import HEIGHT, Arc, Layout, layout

_LETTER = 8.2
_ICON = 19.0
_PAD = 24.0


@dataclass(frozen=True, slots=True)
class Node:
    """A statement, a definition, or something that is only cited (then without a verdict)."""

    key: str
    id: str
    title: str
    kind: str
    claim: str | None
    proof: str | None
    href: str

    @property
    def width(self) -> float:
        return max(len(self.id), 3) * _LETTER + _PAD + (_ICON if self.claim else 0.0)

    @property
    def label(self) -> str:
        """What a screen reader says, and the tooltip."""
        words = f"{self.kind} {self.id}: {self.title}".rstrip(": ")
        if self.claim:
            words += f". Claim {self.claim}, printed proof {self.proof}"
        return words


@dataclass(frozen=True, slots=True)
class Link:
    """``source`` rests on ``target``; ``style`` is uses, cites or bad."""

    source: str
    target: str
    style: str


@dataclass(frozen=True, slots=True)
class Graph:
    """Nodes by key, links between them, and the drawing."""

    nodes: tuple[Node, ...]
    links: tuple[Link, ...]
    svg: Markup

    def rests_on(self, key: str) -> tuple[Node, ...]:
        """What a node uses or cites directly."""
        wanted = {link.target for link in self.links if link.source == key}
        return tuple(node for node in self.nodes if node.key in wanted)

    def bad(self) -> tuple[Link, ...]:
        """The citations that do not serve."""
        return tuple(link for link in self.links if link.style == "bad")

    def node(self, key: str) -> Node:
        return next(node for node in self.nodes if node.key == key)


def graph(
    document: Document, anchor: Callable[[str], str | None], *, use_dot: bool = True
) -> Graph | None:
    """Draw the document's edges; None where there are none.

    ``anchor`` gives the place in the report that an id links to, or None.
    """
    nodes = _nodes(document, anchor)
    links = _links(document, {node.id: node.key for node in nodes})
    if not links:
        return None
    index = {node.key: position for position, node in enumerate(nodes)}
    arcs = [(index[link.target], index[link.source]) for link in links]
    placed = layout([node.width for node in nodes], arcs, use_dot=use_dot)
    return Graph(nodes, links, _svg(nodes, links, arcs, placed))


def _nodes(document: Document, anchor: Callable[[str], str | None]) -> tuple[Node, ...]:
    mentioned = view.unique(
        view.base(end) for edge in document.edges for end in (edge.source, edge.target)
    )
    wanted = set(mentioned)
    rows: dict[str, tuple[str, str, str | None, str | None]] = {}
    for definition in document.paper.definitions if document.paper else ():
        if view.base(definition.id) in wanted:
            rows[view.base(definition.id)] = (definition.title, definition.kind, None, None)
    for group in view.groups(document):
        rows[group.id] = (group.title, group.kind, group.claim, group.proof)
    for identifier in mentioned:
        rows.setdefault(identifier, ("not part of this run", "", None, None))
    return tuple(
        Node(f"n{number}", identifier, *row, f"#{place}" if (place := anchor(identifier)) else "")
        for number, (identifier, row) in enumerate(rows.items())
    )


def _links(document: Document, keys: dict[str, str]) -> tuple[Link, ...]:
    """One link for each pair of statements, in the style of its worst edge."""
    order = ("uses", "cites", "bad")
    styles: dict[tuple[str, str], str] = {}
    for edge in document.edges:
        ends = (keys[view.base(edge.source)], keys[view.base(edge.target)])
        style = "bad" if edge.serves is False else edge.kind
        if ends[0] == ends[1] and style != "bad":
            continue
        styles[ends] = max(style, styles.get(ends, "uses"), key=order.index)
    return tuple(Link(*ends, style) for ends, style in styles.items() if ends[0] != ends[1])


def _svg(
    nodes: tuple[Node, ...], links: tuple[Link, ...], arcs: list[Arc], placed: Layout
) -> Markup:
    # Bad citations are drawn last, over the others.
    order = sorted(range(len(links)), key=lambda number: links[number].style == "bad")
    edges = [_edge(links[number], placed.edges.get(arcs[number], ())) for number in order]
    boxes = [_node(node, *place) for node, place in zip(nodes, placed.nodes, strict=True)]
    width, height = round(placed.width), round(placed.height)
    return Markup(
        '<svg class="graph" viewBox="0 0 {} {}" width="{}" height="{}" role="group"'
        ' aria-labelledby="graph-title">'
        '<title id="graph-title">Dependency graph: arrows run from a statement to those that rest'
        " on it</title><defs>"
        '<marker id="arrow" viewBox="0 0 8 8" refX="7.5" refY="4" markerWidth="7"'
        ' markerHeight="7" orient="auto"><path class="head" d="M0 .8 8 4 0 7.2z"/></marker>'
        '<marker id="arrow-bad" viewBox="0 0 8 8" refX="7.5" refY="4" markerWidth="5"'
        ' markerHeight="5" orient="auto"><path class="head bad" d="M0 .8 8 4 0 7.2z"/></marker>'
        "</defs><g>{}</g><g>{}</g></svg>"
    ).format(width, height, width, height, Markup().join(edges), Markup().join(boxes))


def _edge(link: Link, points: tuple[tuple[float, float], ...]) -> Markup:
    if not points:
        return Markup()
    shown = [f"{x:.1f} {y:.1f}" for x, y in points]
    path = f"M{shown[0]}C{' '.join(shown[1:])}"
    drawn = Markup(
        '<path class="edge {}" data-from="{}" data-to="{}" d="{}" marker-end="url(#arrow{})"/>'
    ).format(link.style, link.target, link.source, path, "-bad" if link.style == "bad" else "")
    if link.style == "bad":
        # A cross on the line, so that colour is not the only sign.
        x, y = _middle(points)
        drawn += Markup(
            '<path class="cross" data-from="{}" data-to="{}" d="M{:.1f} {:.1f}l10 10m0-10l-10 10"/>'
        ).format(link.target, link.source, x - 5, y - 5)
    return drawn


def _middle(points: tuple[tuple[float, float], ...]) -> tuple[float, float]:
    """The middle of the middle cubic piece."""
    start = 3 * ((len(points) - 1) // 3 // 2)
    (a, b), (c, d), (e, f), (g, h) = points[start : start + 4]
    return (a + 3 * c + 3 * e + g) / 8, (b + 3 * d + 3 * f + h) / 8


def _node(node: Node, x: float, y: float) -> Markup:
    left, top = x - node.width / 2, y - HEIGHT / 2
    start = x - (len(node.id) * _LETTER + (_ICON if node.claim else 0)) / 2
    classes = f"node c-{node.claim or 'plain'} b-{(node.proof or 'plain').replace(' ', '-')}"
    icon = Markup()
    if node.claim:
        icon = Markup('<use href="#i-{}" x="{:.1f}" y="{:.1f}" width="13" height="13"/>').format(
            node.claim, start, y - 6.5
        )
    inner = Markup(
        '<title>{}</title><rect x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.0f}" rx="{}"/>'
        '{}<text x="{:.1f}" y="{:.1f}">{}</text>'
    ).format(
        view.printable(node.label),
        left,
        top,
        node.width,
        HEIGHT,
        5 if node.claim else 15,
        icon,
        start + (_ICON if node.claim else 0),
        y + 4.8,
        view.printable(node.id),
    )
    if not node.href:
        return Markup('<g class="{}" data-key="{}">{}</g>').format(classes, node.key, inner)
    return Markup('<a class="{}" data-key="{}" href="{}" aria-label="{}">{}</a>').format(
        classes, node.key, node.href, view.printable(node.label), inner
    )
