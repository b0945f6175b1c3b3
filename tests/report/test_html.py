"""The report as a file: whole, closed, linked, small, and deaf to what a document says."""

from __future__ import annotations

import base64
import hashlib
import html.parser
import re
from functools import cache
from pathlib import Path

import jinja2
import msgspec
import pytest

from verify.engine.results import Document, Mathematics, PaperView, StatementView, decode
from verify.report import prepare, render_html, write_report
from verify.report.html import CERTIFICATE, Anchors, _environment, certificate, closed_form

from .hostile import PAYLOAD, hostile
from .sample import EXPLANATION, document, small

VOID = {"meta", "link", "input", "br", "path", "rect", "circle", "use", "hr"}
TAGS = {
    *("html", "head", "meta", "title", "link", "style", "script", "body", "a", "nav", "ul", "ol"),
    *("li", "main", "header", "footer", "section", "article", "h1", "h2", "h3", "h4", "p", "b"),
    *("i", "span", "div", "dl", "dt", "dd", "table", "caption", "thead", "tbody", "tr", "th", "td"),
    *("form", "label", "select", "option", "optgroup", "input", "button", "output", "details"),
    *("summary", "code", "pre", "figure", "figcaption", "svg", "symbol", "g", "path", "rect"),
    *("circle", "use", "text", "defs", "marker", "clippath", "desc"),
    *("math", "semantics", "annotation", "var", "sub", "sup", "mrow", "mi", "mn", "mo", "mtext"),
    *("mspace", "mfrac"),
    *("msqrt", "mroot", "msub", "msup", "msubsup", "munder", "mover", "munderover", "mtable"),
    *("mtr", "mtd", "mstyle", "mpadded", "mphantom"),
}


class Reader(html.parser.HTMLParser):
    """Collects what the tests ask about, and insists that elements are closed in order."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: set[str] = set()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.attributes: set[str] = set()
        self.scripts: list[str] = []
        self.words: list[str] = []
        self._open: list[str] = []
        self.feed(page)
        assert not self._open, self._open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        for name, value in attrs:
            self.attributes.add(name)
            if name == "id":
                self.ids.append(value or "")
            if name in ("href", "src"):
                self.links.append(value or "")
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self._open.pop()

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self._open, f"</{tag}> closes nothing"
            assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] == "script":
            self.scripts.append(data)
        elif not self._open or self._open[-1] not in ("style", "annotation"):
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


@cache
def page() -> str:
    return render_html(document())


def test_elements_are_closed_and_ids_unique() -> None:
    reader = Reader(page())
    assert len(reader.ids) == len(set(reader.ids))
    assert reader.tags <= TAGS


def test_every_link_stays_on_the_page_and_leads_somewhere() -> None:
    reader = Reader(page())
    ids = set(reader.ids)
    for link in reader.links:
        assert link == "data:," or (link.startswith("#") and link[1:] in ids), link


def test_is_small_enough() -> None:
    assert len(page().encode()) < 1_200_000


def test_is_small_enough_with_long_proofs() -> None:
    """Every part with an explanation, a large certificate, and twice the steps."""
    results = []
    for result in document().results:
        claim = msgspec.structs.replace(
            result.claim, explanation=EXPLANATION, certificate={"squares": ["x" * 5_000]}
        )
        proof = msgspec.structs.replace(result.proof, steps=result.proof.steps * 2)
        results.append(msgspec.structs.replace(result, claim=claim, proof=proof))
    heavy = msgspec.structs.replace(document(), results=tuple(results), figures=())
    assert len(render_html(heavy).encode()) < 1_500_000


@pytest.mark.slow
def test_is_the_same_each_time() -> None:
    assert render_html(document()) == page()
    assert render_html(document(), use_dot=False) == render_html(document(), use_dot=False)


def test_policy_allows_exactly_what_is_in_the_page() -> None:
    found = re.search(r'Content-Security-Policy" content="([^"]*)"', page())
    assert found
    policy = found[1].replace("&#39;", "'")
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    blocks = re.findall(r"<(style|script)>(.*?)</\1>", page(), re.DOTALL)
    assert [kind for kind, _ in blocks] == ["style", "script", "script"]
    for kind, text in blocks:
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy, kind
    assert not {"style", "onload", "onclick"} & Reader(page()).attributes


def test_everything_is_there_without_javascript() -> None:
    text = Reader(page()).text
    for result in document().results:
        assert result.id in text
    for words in (
        "89 parts: 78 proved",
        "7 gaps",
        "below the stated",
        "python -m verify all",
        "used in the finite form",
        "What would serve instead",
        "Without it",
        "chosen: this constant is lost",
        "Taken from the literature as they stand",
        "Lost from the source",
    ):
        assert words in text, words


def test_shared_hypotheses_are_said_once() -> None:
    section = page().partition('id="s-6.6"')[2].partition('id="s-6.7"')[0]
    assert section.count('class="hyps"') == 1
    assert section.count('class="params"') == 1


def test_incomplete_runs_and_problems_are_said_at_the_top() -> None:
    original = small()
    run = msgspec.structs.replace(original.run, complete=False)
    changed = msgspec.structs.replace(original, run=run, problems=("dot <broke>",))
    text = Reader(render_html(changed)).text
    assert text.index("Incomplete.") < text.index("What to know")
    assert "dot <broke>" in text
    assert "Incomplete." not in Reader(render_html(original)).text


@pytest.mark.parametrize(
    "original",
    [
        small(),
        Document(1, small().tool, small().run, ()),
        Document(1, small().tool, small().run, (), PaperView("p", "A paper")),
        msgspec.structs.replace(document(), results=document().results[3:9]),
    ],
    ids=["claims", "empty", "empty paper", "some"],
)
def test_other_documents_render(original: Document) -> None:
    reader = Reader(render_html(original))
    ids = set(reader.ids)
    assert all(link == "data:," or link[1:] in ids for link in reader.links)


def test_hostile_text_stays_text() -> None:
    spoiled = hostile(document())
    reader = Reader(render_html(spoiled))
    assert reader.tags <= TAGS
    assert len(reader.scripts) == 2
    assert not any(name.startswith("on") or name == "style" for name in reader.attributes)
    assert not any("javascript" in link for link in reader.links)
    assert all(link == "data:," or link.startswith("#") for link in reader.links)
    assert "\x1b" not in reader.text
    assert "<script>alert(1)</script>" in reader.text


def test_anchors_of_hostile_and_similar_ids_differ() -> None:
    result = small().results[0]
    ids = ("a/1", "a-1", "a 1", "a", PAYLOAD, PAYLOAD + "2", "", "/")
    results = tuple(msgspec.structs.replace(result, id=identifier) for identifier in ids)
    anchors = Anchors(msgspec.structs.replace(small(), results=results))
    places = [anchors.of(identifier) for identifier in ids]
    assert len(set(places)) == len(ids)
    assert all(place and re.fullmatch(r"[A-Za-z0-9.-]+", place) for place in places)


def test_long_certificates_are_cut_and_say_so() -> None:
    result = small().results[0]
    claim = msgspec.structs.replace(result.claim, certificate={"squares": "x" * 9_000})
    changed = msgspec.structs.replace(result, claim=claim)
    shown = render_html(msgspec.structs.replace(small(), results=(changed,)))
    assert "x" * CERTIFICATE[1] not in shown
    assert "the rest is in results.json" in shown


def test_the_latex_of_every_claim_can_be_copied() -> None:
    shown = html.unescape(page())
    for result in document().results:
        for formula in (result.statement.conclusion, *result.proof.steps):
            assert formula.latex in shown


def test_a_certificate_is_an_outline_of_its_proof() -> None:
    proof = {"rule": "refute", "terms": [{"scale": "2", "of": ["a", "b"]}, "x"], "then": []}
    text, cut = certificate({"hypotheses": ["h"], "proof": proof}, 1_000)
    assert text == "rule: refute\nterms:\n 1.\n  scale: 2\n  of: a, b\n 2. x\nthen: "
    assert not cut
    short, cut = certificate({"proof": proof}, 16)
    assert (short, cut) == ("rule: refute\nter…", True)


def test_a_closed_form_says_what_the_claim_does_not() -> None:
    st = StatementView(conclusion=Mathematics("x == y"), closed_form=Mathematics("y == y", "y = y"))
    assert closed_form(st) == ("Both sides unfold to", Mathematics("y", "y"))
    other = msgspec.structs.replace(st, closed_form=Mathematics("a <= b", r"a \le b"))
    assert closed_form(other) == ("Unfolds to", other.closed_form)
    assert closed_form(msgspec.structs.replace(st, closed_form=st.conclusion)) is None
    assert closed_form(msgspec.structs.replace(st, closed_form=Mathematics("a" * 900))) is None


def test_what_every_page_takes_is_prepared_once(monkeypatch: pytest.MonkeyPatch) -> None:
    _environment.cache_clear()
    prepare()

    def never(*_: object, **__: object) -> None:
        raise AssertionError("compiled again")

    monkeypatch.setattr(jinja2.Environment, "compile", never)
    assert render_html(small()) == render_html(small())
    _environment.cache_clear()
    with pytest.raises(AssertionError, match="compiled again"):
        render_html(small())


def test_write_report(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b"
    paths = write_report(small(), folder)
    assert [path.name for path in paths] == ["results.json", "junit.xml", "index.html"]
    assert sorted(path.name for path in folder.iterdir()) == sorted(path.name for path in paths)
    assert decode(paths[0].read_bytes()) == small()
    assert paths[2].read_text(encoding="utf-8") == render_html(small())
    write_report(document(), folder)
    assert "Polynomial" in paths[2].read_text(encoding="utf-8")


def test_a_failed_write_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_report(small(), tmp_path)
    before = (tmp_path / "index.html").read_bytes()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("verify.report.os.replace", full)
    with pytest.raises(OSError, match="No space"):
        write_report(document(), tmp_path)
    assert (tmp_path / "index.html").read_bytes() == before
    assert len(list(tmp_path.iterdir())) == 3
