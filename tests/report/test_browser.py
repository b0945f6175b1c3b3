"""The report in a real browser: opened from disk, with nothing to be fetched."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from verify.engine.results import Document
from verify.report import render_html

from .conftest import missing
from .hostile import hostile
from .sample import document

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

CHOSEN = ("3.1", "3.6", "4.2", "6.6", "6.8", "6.9", "6.11", "6.17", "6.18", "6.20")


def excerpt() -> Document:
    """A part of the sample with every kind of verdict, small enough for slow checks."""
    original = document()
    results = tuple(
        result
        for result in original.results
        if result.id.partition("/")[0] in CHOSEN and not result.id.endswith(("/1b", "/2a", "/4a"))
    )
    return msgspec.structs.replace(original, results=results)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("report")
    for name, shown in (
        ("report", document()),
        ("excerpt", excerpt()),
        ("hostile", hostile(excerpt())),
    ):
        (place / f"{name}.html").write_text(render_html(shown), encoding="utf-8")
    return place


class Visit:
    """A page with all that it says to the console and asks of the network."""

    def __init__(self, browser: Browser, file: Path, **options: Any) -> None:
        self.context = browser.new_context(**options)
        self.page: Page = self.context.new_page()
        self.complaints: list[str] = []
        self.requests: list[str] = []
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("dialog", lambda dialog: self.complaints.append(dialog.message))
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.goto(file.as_uri())

    def quiet(self) -> None:
        assert self.complaints == []
        assert [url for url in self.requests if not url.startswith("data:")] == [
            self.page.url.partition("#")[0]
        ]


@pytest.fixture
def visit(browser: Browser, folder: Path) -> Iterator[Visit]:
    opened = Visit(browser, folder / "excerpt.html")
    yield opened
    opened.quiet()
    opened.context.close()


@pytest.fixture
def page(visit: Visit) -> Page:
    return visit.page


def shown(page: Page) -> list[str]:
    """The ids of the parts that the table shows."""
    rows = page.locator("#table tr.part:visible th a").all_inner_texts()
    return [row.strip() for row in rows]


def groups(page: Page) -> list[str]:
    """The statements in the order of the table."""
    return page.locator("#table tbody:visible tr:first-child th a").all_inner_texts()


def test_opens_from_disk_with_real_mathematics(browser: Browser, folder: Path) -> None:
    opened = Visit(browser, folder / "report.html")
    page = opened.page
    assert page.title().startswith("The Expressibility of Polynomial based Attention Scheme")
    fraction = page.locator("[id='s-6.6-3a'] math mfrac").first
    assert fraction.evaluate("e => e.getBoundingClientRect().height") > 25
    loaded = "[...document.fonts].filter(f => f.status === 'loaded').map(f => f.family)"
    assert any("Report Math" in family for family in page.evaluate(loaded))
    opened.quiet()
    opened.context.close()


def test_rows_open_and_close(page: Page) -> None:
    assert "6.6/1a" not in shown(page)
    toggle = page.get_by_role("button", name="Parts of 6.6", exact=True)
    toggle.click()
    assert toggle.get_attribute("aria-expanded") == "true"
    assert "6.6/1a" in shown(page)
    toggle.press("Enter")
    assert "6.6/1a" not in shown(page)
    page.get_by_role("button", name="Open all rows").click()
    assert len(shown(page)) == 28


def test_filters(page: Page) -> None:
    page.select_option("#f-verdict", "c-refuted")
    assert shown(page) == ["4.2/2", "6.6/4b"]
    assert page.locator("#count").inner_text() == "2 of 28 entries"
    page.select_option("#f-section", "6.4 Case 1")
    assert shown(page) == ["6.6/4b"]
    page.select_option("#f-verdict", "p-gap")
    assert shown(page) == ["6.6/3a", "6.8/1", "6.8/2"]
    page.fill("#f-text", "random SIGNS special")
    assert shown(page) == ["6.8/1"]
    page.fill("#f-text", "no such words")
    assert page.locator("#none").is_visible()
    page.click("#reset")
    assert not page.locator("#reset").is_visible()
    assert page.locator("#count").inner_text() == "28 entries"
    page.select_option("#f-kind", "theorem")
    assert shown(page) == ["6.9", "6.17"]


def test_a_count_of_the_summary_filters(page: Page) -> None:
    page.get_by_role("link", name="4 gaps").click()
    assert shown(page) == ["6.6/3a", "6.8/1", "6.8/2", "6.17"]
    assert page.url.endswith("#results")


def test_sorts(page: Page) -> None:
    def by(name: str) -> Locator:
        head = page.get_by_role("columnheader", name=name)
        head.get_by_role("button").click()
        return head

    assert by("Claim").get_attribute("aria-sort") == "ascending"
    assert groups(page)[:4] == ["6.20", "4.2", "6.6", "6.18"]
    assert by("Claim").get_attribute("aria-sort") == "descending"
    assert groups(page)[-1] == "6.20"
    by("Time")
    assert groups(page)[:2] == ["3.1", "3.6"]
    by("Method")
    assert page.locator("th[aria-sort]").all_inner_texts() == ["Method"]
    by("Statement")
    assert groups(page)[:4] == ["3.1", "3.6", "4.2", "6.6"]


def test_a_node_of_the_graph_leads_to_its_statement(page: Page) -> None:
    page.locator("svg.graph a[href='#s-6.17']").click()
    assert page.url.endswith("#s-6.17")
    assert page.locator("[id='s-6.17']").evaluate("e => e.getBoundingClientRect().top") < 300


def test_the_graph_shows_what_a_statement_rests_on(page: Page) -> None:
    page.select_option("#trace", label="6.17 The network's output is zero")
    lit = page.locator("svg.graph .node.lit text").all_text_contents()
    assert {"6.17", "6.8", "6.7", "6.6", "6.5"} <= set(lit)
    assert "6.13" not in lit
    page.locator("[id='s-6.9'] .trace").click()
    lit = page.locator("svg.graph .node.lit text").all_text_contents()
    assert "6.9" in lit
    assert "6.17" not in lit
    page.locator("svg.graph a[href='#s-6.9']").press("Escape")
    assert page.locator("svg.graph.traced").count() == 0


def test_an_address_opens_what_is_folded_around_it(browser: Browser, folder: Path) -> None:
    opened = Visit(browser, folder / "excerpt.html")
    page = opened.page
    page.evaluate("document.querySelectorAll('.know details').forEach(d => { d.open = false; })")
    page.evaluate("document.querySelector('.know details p, .know details li').id = 'inner'")
    page.evaluate("location.hash = 'inner'")
    page.wait_for_function("document.querySelector('.know details').open")
    opened.quiet()
    opened.context.close()


def test_details_fold_all_at_once(page: Page) -> None:
    page.click("#unfold")
    assert page.locator(".statements details:not([open])").count() == 0
    page.click("#fold")
    assert page.locator(".statements details[open]").count() == 0


def test_copies_commands_and_the_latex_of_a_selection(browser: Browser, folder: Path) -> None:
    opened = Visit(
        browser,
        folder / "excerpt.html",
        permissions=["clipboard-read", "clipboard-write"],
    )
    page = opened.page
    page.locator(".again .copy").first.click()
    assert page.evaluate("navigator.clipboard.readText()") == "python -m verify all"
    page.evaluate(
        "getSelection().selectAllChildren(document.getElementById('s-6.9').querySelector('.eq'))"
    )
    page.keyboard.press("Control+c")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith(r"$\Pr\left[F(A_1, A_2, A_3) > 0\right]")
    opened.context.close()


def test_keyboard_reaches_the_report_first(page: Page) -> None:
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the report"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


@pytest.mark.parametrize(
    "width",
    [360, 1280, *(pytest.param(width, marks=pytest.mark.slow) for width in (768, 1920))],
)
def test_fits_the_width(browser: Browser, folder: Path, width: int) -> None:
    opened = Visit(browser, folder / "excerpt.html", viewport={"width": width, "height": 800})
    opened.page.click("#unfold")
    assert opened.page.evaluate("document.documentElement.scrollWidth") <= width
    opened.quiet()
    opened.context.close()


def test_layout_does_not_jump(browser: Browser, folder: Path) -> None:
    opened = Visit(browser, folder / "excerpt.html")
    moved = opened.page.evaluate(
        """() => new Promise((done) => {
            let total = 0;
            new PerformanceObserver((list) => {
              for (const entry of list.getEntries()) total += entry.value;
            }).observe({ type: "layout-shift", buffered: true });
            setTimeout(() => done(total), 300);
        })"""
    )
    assert moved < 0.02
    opened.context.close()


def test_is_complete_without_javascript(browser: Browser, folder: Path) -> None:
    opened = Visit(browser, folder / "excerpt.html", java_script_enabled=False)
    page = opened.page
    assert len(shown(page)) == 28
    assert not page.locator("#filters").is_visible()
    assert not page.locator("#unfold").is_visible()
    opened.context.close()


def test_prints(page: Page, tmp_path: Path) -> None:
    target = tmp_path / "report.pdf"
    page.pdf(path=target, format="A4")
    data = target.read_bytes()
    assert data.startswith(b"%PDF")
    assert data.count(b"/Type /Page\n") + data.count(b"/Type /Page ") > 5
    page.emulate_media(media="print")
    assert not page.locator("nav.side").is_visible()
    assert len(shown(page)) == 28


def test_hostile_text_runs_nothing(browser: Browser, folder: Path) -> None:
    opened = Visit(browser, folder / "hostile.html")
    opened.page.click("#unfold")
    opened.page.click("#expand")
    opened.page.locator("svg.graph a").first.click()
    opened.quiet()
    opened.context.close()


def test_policy_stops_an_injected_script(browser: Browser, folder: Path, tmp_path: Path) -> None:
    page = (folder / "excerpt.html").read_text(encoding="utf-8")
    broken = tmp_path / "broken.html"
    broken.write_text(
        page.replace("</main>", "<img src='http://127.0.0.1:9/x'><script>window.bad = 1</script>"),
        encoding="utf-8",
    )
    opened = Visit(browser, broken)
    assert opened.page.evaluate("window.bad") is None
    assert len([text for text in opened.complaints if "Content Security Policy" in text]) == 2
    opened.context.close()


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_no_accessibility_violations(
    browser: Browser, folder: Path, scheme: str, width: int
) -> None:
    try:
        from axe_playwright_python.sync_playwright import (  # type: ignore[import-untyped] # noqa: PLC0415
            Axe,
        )
    except ImportError:
        missing("no axe: pip install 'verify-lemmas[dev]'")
    opened = Visit(
        browser,
        folder / "excerpt.html",
        viewport={"width": width, "height": 900},
        color_scheme=scheme,
    )
    opened.page.click("#unfold")
    found = Axe().run(opened.page)
    assert found.violations_count == 0, found.generate_report()
    opened.context.close()
