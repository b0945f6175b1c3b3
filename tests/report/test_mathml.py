"""Formulas and prose: faithful MathML, and nothing that the text did not mean."""

from __future__ import annotations

import html
import re
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from verify.report import mathml
from verify.report.mathml import condition, formula, inline, named, paragraphs, prose, symbol
from verify.report.view import printable

ALLOWED = mathml._ELEMENTS | {"semantics", "annotation"}
HOSTILE = [
    "<script>alert(1)</script>",
    r"\text{<script>alert(1)</script>}",
    r"\text{&lt;script&gt;alert(1)&lt;/script&gt;}",
    r"\text{&#60;img src=x onerror=alert(1)&#62;}",
    r"\href{javascript:alert(1)}{x}",
    r"\style{background:url(http://x)}{y}",
    r"\class{a\" onload=\"alert(1)}{y}",
    r"\color{red\"onload=\"x}{y}",
    r"\mathrm{</math><svg onload=alert(1)>}",
    r"\includegraphics{http://example.org/x.png}",
    "\x00\x1b[31m",
]


def core(latex: str, *, display: bool = False) -> str:
    """The presentation part of the MathML."""
    shown = str(formula(latex, display=display))
    assert shown.startswith("<math"), shown
    if display:
        return shown.partition("<semantics>")[2].partition("<annotation")[0]
    return shown.partition(">")[2].removesuffix("</math>")


def words(markup: str) -> str:
    return html.unescape(re.sub(r"<[^>]*>", "", markup))


@pytest.mark.parametrize(
    ("latex", "expected"),
    [
        (r"\frac{1}{n}", "<mfrac><mn>1</mn><mi>n</mi></mfrac>"),
        (r"\mathbb{R}", "<mi>ℝ</mi>"),
        (r"\mathbf{1}_n", "<msub><mn>𝟏</mn><mi>n</mi></msub>"),
        (r"\mathrm{ab}", "<mi>ab</mi>"),
        (r"\max(x)", "<mi>max</mi>"),
        (r"\log n", '<mi>log</mi><mspace width=".17em"/><mi>n</mi>'),
        (r"\infty", "<mi>∞</mi>"),
        (r"\langle u\rangle", '<mo form="prefix" stretchy="false">⟨</mo><mi>u</mi>'),
        (r"\sum_{i=1}^{n} x", '<munderover><mo movablelimits="true">∑</mo>'),
        (r"1/2", '<mo lspace="0em" rspace="0em">/</mo>'),
        (r"\begin{aligned} a &= b \\ &= c \end{aligned}", '<mtd class="left">'),
    ],
)
def test_renders(latex: str, expected: str) -> None:
    assert expected in core(latex)


def test_a_displayed_formula_keeps_its_latex_to_copy() -> None:
    annotation = '<annotation encoding="application/x-tex">a &lt; b</annotation>'
    assert annotation in formula("a < b", display=True)
    assert annotation not in formula("a < b")


def test_a_condition_in_words_is_prose() -> None:
    assert condition("", "the data are sorted") == "the data are sorted"
    assert condition("", "n >= 1").startswith("<math>")


def test_short_brackets_do_not_grow() -> None:
    assert core(r"\left(1 + a_{1}\right)^2").count('stretchy="false"') == 2
    assert 'stretchy="false"' not in core(r"\left(\frac{1}{2}\right)")


def test_display_is_a_block() -> None:
    assert formula("x", display=True).startswith('<math display="block">')


@pytest.mark.parametrize("latex", [r"\frac{", "}", r"\nosuchcommand{x}", "a & b", "x" * 10_000])
def test_what_cannot_be_converted_is_shown_as_latex(latex: str) -> None:
    shown = formula(latex)
    assert shown.startswith('<code class="tex">')
    assert words(shown) == latex


@pytest.mark.parametrize("opening", ["{", "x^{", r"\left({", r"\sqrt{"])
def test_deep_nesting_does_no_harm(opening: str) -> None:
    depth = mathml.MAX_LENGTH // (len(opening) + 1) - 1
    for levels in (50, depth):
        _assert_harmless(str(formula(opening * levels + "x" + "}" * levels)))


def test_without_latex_an_expression_is_read() -> None:
    assert "<mo>≥</mo>" in formula("", "x_1 >= 1/2")
    assert "<mfrac>" in formula("", "1/2")


def test_without_latex_other_text_is_code() -> None:
    assert formula("", "n large <b>") == '<code class="ascii">n large &lt;b&gt;</code>'
    assert formula("", "") == ""


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_latex_adds_no_markup(text: str) -> None:
    makers = (formula, prose, named, inline)
    for shown in (*(make(text) for make in makers), formula("", text), prose(f"${text}$")):
        _assert_harmless(str(shown))


@settings(max_examples=150, derandomize=True, deadline=None)
@given(st.text(alphabet=st.sampled_from("ab1_^{}\\$`<>&\"'/=#;:()[]| \n"), max_size=40))
def test_any_text_is_harmless(text: str) -> None:
    for shown in (formula(text), formula("", text), prose(text), named(text), paragraphs(text)):
        _assert_harmless(str(shown))


@settings(max_examples=100, derandomize=True, deadline=None)
@given(st.text(max_size=60))
def test_text_without_marks_is_kept(text: str) -> None:
    if not set(text) & set("$`"):
        assert words(prose(text)) == printable(text)


def test_prose() -> None:
    shown = prose("Take $x^2$ and `a<b`; it costs $5 or $6.")
    assert "<msup>" in shown
    assert "<code>a&lt;b</code>" in shown
    assert shown.endswith("; it costs $5 or $6.")


def test_prose_displays() -> None:
    assert '<span class="eq"><math display="block">' in prose("so $$x = 1$$")


def test_ascii_mathematics_in_prose() -> None:
    assert inline("x_0 >= 2*beta, d = omega(n^(1/50 + 2*x_0))") == (
        "x<sub>0</sub> \u2265 2\u2009\u03b2, d = \u03c9(n<sup>1/50 + 2\u2009x<sub>0</sub></sup>)"
    )
    assert inline("6.5/high-d1 and a_b.c") == "6.5/high-d1 and a<sub>b</sub>.c"
    assert inline("`a_1` <= $x$").startswith("<code>a_1</code>")


def test_paragraphs() -> None:
    assert paragraphs("a\n\nb") == "<p>a</p><p>b</p>"


def test_names_become_mathematics() -> None:
    shown = named("fails at a_1 = 7/10, beta = 2 (left 1)")
    assert "<var>a<sub>1</sub></var>&nbsp;=&nbsp;7/10" in shown
    assert "<var>β</var>&nbsp;=&nbsp;2" in shown
    shown = named("near beta = log(3)/log(5/2), s ≈ 1e-30")
    assert "<var>β</var>&nbsp;=&nbsp;log(3)" in shown
    assert "<var>s</var>&nbsp;≈&nbsp;1e-30" in shown
    assert symbol("a\\b{") == "<i>a\\b{</i>"


def _assert_harmless(shown: str) -> None:
    """Well-formed, and made of the allowed elements and attributes alone."""
    root = ET.fromstring(f"<root>{shown.replace('&nbsp;', ' ')}</root>")
    for element in root.iter():
        assert element.tag in ALLOWED | {"root", "code", "span", "p", "i", "var", "sub", "sup"}
        assert set(element.attrib) <= {*mathml._ATTRIBUTES, "class", "display", "encoding"}
        assert element.get("class", "eq") in ("eq", "tex", "ascii", "left", "right")
