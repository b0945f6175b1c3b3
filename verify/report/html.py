"""The report: one HTML file that needs no network, no server and, to be read, no JavaScript.

Nothing in a document can add markup or code to it: templates escape every value, formulas are
rebuilt by :mod:`verify.report.mathml`, and the page's Content-Security-Policy allows only the style
sheet and the scripts that are in it, by their hashes.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

import jinja2
from markupsafe import Markup

from verify.engine.cache import Cache
from verify.engine.results import (
    Document,
    Figure,
    Hypothesis,
    Mathematics,
    OrderResult,
    Provenance,
    Result,
    StatementView,
    StepResult,
    Verdict,
)
from verify.report import mathml, plots, verdicts, view
from verify.report.graph import graph

T = TypeVar("T")

_HERE = Path(__file__).parent
CERTIFICATES = 16_000
"""Characters that the page spends on certificates; results.json has all of each of them."""
CERTIFICATE = (180, 4_000)
"""The fewest and the most of them that one certificate may take."""
MAX_CLOSED = 320
"""Longer closed forms, in ASCII, are left to results.json."""
MAX_INDENT = 24
"""Levels of a certificate that are indented further and further."""
MAX_LINKS = 8
"""A finding about more statements than this names them without links."""
MAX_TABLE = 60
"""Points of a figure that its table shows."""


def render_html(document: Document, *, use_dot: bool = True, cache: Cache | None = None) -> str:
    """The whole report as one HTML document; equal documents give equal pages, with or without a
    cache of drawings.

    ``use_dot=False`` lays out the dependency graph without Graphviz even where it is installed.
    """
    anchors = Anchors(document)
    style, head_script, script = _style(), _text("head.js"), _text("report.js")
    environment = _environment()
    page = environment.get_template("report.html.j2").render(
        document=document,
        view=view,
        verdicts=verdicts,
        anchors=anchors,
        pages=[Page(group, anchors) for group in view.groups(document)],
        drawing=graph(document, anchors.of, use_dot=use_dot),
        figures=_figures(document.figures, cache),
        legend=plots.legend,
        latex=latex_sources,
        max_table=MAX_TABLE,
        certificate_limit=certificate_limit(document),
        style=Markup(style),
        head_script=Markup(head_script),
        script=Markup(script),
        policy=_policy(style, head_script, script),
    )
    return page.encode("utf-8", "replace").decode("utf-8")


def prepare() -> None:
    """Do what every page takes and no document changes, while there is nothing else to do."""
    environment = _environment()
    for name in environment.list_templates(extensions=["j2", "svg"]):
        environment.get_template(name)
    mathml.formula("x")


class Anchors:
    """Where on the page each statement, part and definition is."""

    def __init__(self, document: Document) -> None:
        self._taken: set[str] = set()
        self._places: dict[str, str] = {}
        for group in view.groups(document):
            for part in group.parts:
                self._add("s", part.id)
            if not group.single:
                self._add("s", group.id)
        for definition in document.paper.definitions if document.paper else ():
            self._add("d", definition.id)

    def _add(self, kind: str, identifier: str) -> None:
        if identifier in self._places:
            return
        stem = kind + "-" + re.sub(r"[^A-Za-z0-9.]+", "-", identifier)[:60].strip("-")
        place, number = stem, 1
        while place in self._taken:
            number += 1
            place = f"{stem}--{number}"
        self._taken.add(place)
        self._places[identifier] = place

    def of(self, identifier: str) -> str | None:
        """The anchor of an id, or of the statement that it is a part of."""
        return self._places.get(identifier) or self._places.get(view.base(identifier))

    def ref(self, identifier: str) -> Markup:
        """The id, as a link where it is on the page."""
        place = self.of(identifier)
        shown = view.printable(identifier)
        if place is None:
            return Markup("<span>{}</span>").format(shown)
        return Markup('<a class="ref" href="#{}">{}</a>').format(place, shown)

    def finding(self, text: str) -> Markup:
        """A finding, with links to what it is about where that is said first."""
        head, colon, rest = text.partition(": ")
        about = head.split(", ")
        if not colon or len(about) > MAX_LINKS or not all(map(self.of, about)):
            return mathml.inline(text)
        return self.refs(about) + ": " + mathml.inline(rest)

    def refs(self, identifiers: Iterable[str]) -> Markup:
        """Several ids, with commas."""
        return Markup(", ").join(map(self.ref, identifiers))


@dataclass(frozen=True, slots=True)
class Page:
    """A statement with its parts; what all parts share is said once."""

    group: view.Group
    anchors: Anchors

    @property
    def anchor(self) -> str:
        return self.anchors.of(self.group.id) or ""

    @property
    def parameters(self) -> tuple[Mathematics, ...]:
        return _shared(part.statement.parameters for part in self.group.parts)

    @property
    def hypotheses(self) -> tuple[Hypothesis, ...]:
        return _shared(part.statement.hypotheses for part in self.group.parts)

    @property
    def definitions(self) -> tuple[str, ...]:
        return _shared(part.statement.definitions for part in self.group.parts)

    @property
    def provenance(self) -> tuple[Provenance, ...]:
        return _shared(part.statement.provenance for part in self.group.parts)

    def counts(self) -> list[tuple[str, int]]:
        """The claim verdicts of the parts, worst first."""
        return list(verdicts.claim_counts(self.group.parts).items())[::-1]

    def proof_counts(self) -> list[tuple[str, int]]:
        """The printed-proof verdicts of the parts, worst first."""
        return list(verdicts.proof_counts(self.group.parts).items())[::-1]


def _shared(rows: Iterable[tuple[T, ...]]) -> tuple[T, ...]:
    """What every row holds, in the order of the first."""
    first, *others = rows
    return tuple(item for item in first if all(item in other for other in others))


def _figures(figures: Iterable[Figure], cache: Cache | None) -> list[tuple[Figure, Markup, str]]:
    """Each figure with its drawing (empty where it has no points) and a prefix for its ids."""
    drawn = []
    for number, figure in enumerate(figures):
        try:
            svg = plots.picture(figure, f"f{number}", cache)
        except plots.NoPicture:
            svg = Markup()
        drawn.append((figure, svg, f"f{number}"))
    return drawn


def latex_sources(hypotheses: Iterable[Hypothesis], result: Result | None) -> tuple[str, ...]:
    """The LaTeX of these formulas, and of the claim and the proof of a part, once each."""
    found = [item.latex for item in hypotheses]
    if result:
        statement = result.statement
        found.append(statement.conclusion.latex)
        unfolded = closed_form(statement)
        if unfolded:
            found.append(unfolded[1].latex)
        found += [latex for step in result.proof.steps for latex in (step.latex, step.given_latex)]
    return view.unique(view.printable(latex) for latex in found if latex.strip())


def certificate_limit(document: Document) -> int:
    """How much of each certificate the page shows: an equal share, within bounds."""
    count = sum(result.claim.certificate is not None for result in document.results)
    fewest, most = CERTIFICATE
    return min(max(CERTIFICATES // max(count, 1), fewest), most)


def certificate(value: dict[str, Any], limit: int) -> tuple[str, bool]:
    """The proof of a certificate as an indented outline, and whether it was cut.

    What the proof is about, and the definitions, are on the page already.
    """
    lines: list[str] = []
    room = limit
    for line in _outline(value.get("proof", value), 0):
        if len(line) >= room:
            return "\n".join([*lines, line[:room] + "…"]), True
        lines.append(line)
        room -= len(line) + 1
    return "\n".join(lines), False


def _outline(value: object, depth: int) -> Iterator[str]:
    indent = " " * min(depth, MAX_INDENT)
    if isinstance(value, dict):
        for key, item in value.items():
            if _plain(item):
                yield f"{indent}{key}: {_flat(item)}"
            else:
                yield f"{indent}{key}:"
                yield from _outline(item, depth + 1)
    elif isinstance(value, list | tuple) and not _plain(value):
        for number, item in enumerate(value, 1):
            if _plain(item):
                yield f"{indent}{number}. {_flat(item)}"
            else:
                yield f"{indent}{number}."
                yield from _outline(item, depth + 1)
    else:
        yield indent + _flat(value)


def _plain(value: object) -> bool:
    """Whether a value fits on a line: not a table, nor a list that holds tables or lists."""
    if isinstance(value, list | tuple):
        return all(not isinstance(item, dict | list | tuple) for item in value)
    return not isinstance(value, dict)


def _flat(value: object) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return str(value)


def closed_form(statement: StatementView) -> tuple[str, Mathematics] | None:
    """What the claim says with all definitions unfolded, and words to introduce it.

    None where it is not known, too long to read, or what the claim says anyway.
    """
    found = statement.closed_form
    if found is None or found.text == statement.conclusion.text or len(found.text) > MAX_CLOSED:
        return None
    left, equal, right = found.text.partition(" == ")
    latex_left, _, latex_right = found.latex.partition(" = ")
    if equal and left == right and latex_left == latex_right:
        return "Both sides unfold to", Mathematics(left, latex_left)
    return "Unfolds to", found


def explanation(result: Result) -> str:
    """Why the claim holds, unless that only repeats its closed form."""
    said = result.claim.explanation
    first, _, rest = said.partition("\n")
    repeated = result.statement.closed_form is not None and first.startswith("unfolds to ")
    return rest if repeated else said


def step_summary(steps: tuple[StepResult, ...]) -> str:
    """``5 steps: 4 proved, 1 refuted``."""
    return _summary("step", [step.verdict for step in steps])


def _summary(what: str, found: list[Verdict]) -> str:
    kinds = ", ".join(f"{count} {verdict}" for verdict, count in Counter(found).items())
    return f"{verdicts.plural(len(found), what)}: {kinds}"


def variant_summary(found: tuple[StepResult, ...]) -> str:
    """``1 variant: 1 refuted``."""
    return _summary("variant", [variant.verdict for variant in found])


def order_summary(orders: tuple[OrderResult, ...]) -> str:
    """``2 implications: 1 proved, 1 refuted``."""
    return _summary("implication", [order.verdict for order in orders])


def origins(items: Iterable[Provenance]) -> str:
    """``forced, chosen``: how the pieces of a statement came to be."""
    return ", ".join(view.unique(verdicts.PROVENANCE[item.tag][0] for item in items))


@lru_cache(maxsize=1)
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_final,
    )
    filters: dict[str, Callable[..., Any]] = {
        "prose": mathml.prose,
        "inline": mathml.inline,
        "paragraphs": mathml.paragraphs,
        "certificate": certificate,
        "name": mathml.symbol,
        "named": mathml.named,
        "steps": step_summary,
        "orders": order_summary,
        "variants": variant_summary,
        "origins": origins,
        "duration": view.duration,
        "short": view.short,
    }
    environment.filters.update(filters)
    environment.globals["formula"] = mathml.formula
    environment.globals["condition"] = mathml.condition
    environment.globals["closed_form"] = closed_form
    environment.globals["explanation"] = explanation
    environment.globals["plural"] = verdicts.plural
    return environment


def _final(value: object) -> object:
    """Text of the document without characters that are not allowed in a page."""
    return view.printable(value) if type(value) is str else value


@lru_cache(maxsize=8)
def _text(name: str) -> str:
    return (_HERE / "templates" / name).read_text(encoding="utf-8")


@lru_cache(maxsize=1)
def _style() -> str:
    """The style sheet with the fonts in it."""

    def font(found: re.Match[str]) -> str:
        data = (_HERE / "fonts" / f"{found[1]}.woff2").read_bytes()
        return f"url(data:font/woff2;base64,{base64.b64encode(data).decode()})"

    return re.sub(r"font\(([a-z-]+)\)", font, _text("report.css"))


def _policy(style: str, *scripts: str) -> str:
    def allowed(text: str) -> str:
        digest = hashlib.sha256(text.encode()).digest()
        return f"'sha256-{base64.b64encode(digest).decode()}'"

    return (
        f"default-src 'none'; style-src {allowed(style)}; "
        f"script-src {' '.join(map(allowed, scripts))}; font-src data:; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
