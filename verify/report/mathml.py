"""LaTeX to MathML that is safe to embed, and prose with formulas in it.

The converter of ``latex2mathml`` is not trusted with markup: its element tree is rebuilt here from
an allowed list of elements and attributes, and every character of it is escaped. What it cannot
convert is shown as LaTeX. The tree is adapted on the way to MathML Core, which browsers draw:
alphabets become their Unicode letters, function names get their space, angle brackets and bars
become fences.
"""

from __future__ import annotations

import html
import re
import xml.etree.ElementTree as ET
from functools import lru_cache
from itertools import groupby

from markupsafe import Markup, escape

from verify.language.render import name
from verify.report.ascii_math import formulas_in, latex_of_ascii
from verify.report.view import printable

MAX_LENGTH = 6_000
"""LaTeX longer than this is shown as text."""
MAX_ASCII = 2_000
"""Expressions longer than this are shown as they are."""

_ELEMENTS = {
    *("math", "mrow", "mi", "mn", "mo", "mtext", "mspace", "mfrac", "msqrt", "mroot"),
    *("msub", "msup", "msubsup", "munder", "mover", "munderover"),
    *("mtable", "mtr", "mtd", "mstyle", "mpadded", "mphantom"),
}
_ATTRIBUTES = {
    "stretchy": "true|false",
    "form": "prefix|infix|postfix",
    "movablelimits": "true|false",
    "displaystyle": "true|false",
    "accent": "true|false",
    "scriptlevel": r"[-+]?\d",
    "mathvariant": "normal",
    "linethickness": r"[\d.]+(em|px|pt)?",
    "width": r"[-+]?[\d.]+em",
    "height": r"[-+]?[\d.]+em",
    "depth": r"[-+]?[\d.]+em",
    "lspace": r"[-+]?[\d.]+em",
    "rspace": r"[-+]?[\d.]+em",
    "voffset": r"[-+]?[\d.]+em",
    "minsize": r"[\d.]+em",
    "maxsize": r"[\d.]+em",
}
_OPENING = {"\u27e8", "\u2308", "\u230a"}
_CLOSING = {"\u27e9", "\u2309", "\u230b"}
_BARS = {"|", "\u2016"}
_STARTS = {"(", "[", "{", *_OPENING, *_BARS}
_ENDS = {")", "]", "}", *_CLOSING, *_BARS}
_LARGE = {"\u2211", "\u220f", "\u22c0", "\u22c1", "\u22c2", "\u22c3"}
_LIMITED = {"max", "min", "lim", "sup", "inf"}
_SCRIPTS = {"msub", "msup", "msubsup", "munder", "mover", "munderover"}
_LIMITS = {"munder", "mover", "munderover"}
_SYMBOLS = {"\u221e", "\u22a4", "\u22a5", "\u2205", "\u2200", "\u2203"}
_TALL = {"mfrac", "msqrt", "mroot", "mtable", "munder", "mover", "munderover", "msubsup"}
_THIN = ".17em"

# First code points of the alphabets: capitals, small letters, digits; and the letters that
# Unicode has elsewhere.
_ALPHABETS: dict[str, tuple[int, int, int | None]] = {
    "bold": (0x1D400, 0x1D41A, 0x1D7CE),
    "italic": (0x1D434, 0x1D44E, None),
    "bold-italic": (0x1D468, 0x1D482, None),
    "script": (0x1D49C, 0x1D4B6, None),
    "fraktur": (0x1D504, 0x1D51E, None),
    "double-struck": (0x1D538, 0x1D552, 0x1D7D8),
}
_ELSEWHERE = {
    "script": dict(zip("BEFHILMR", "ℬℰℱℋℐℒℳℛ", strict=True)) | dict(zip("ego", "ℯℊℴ", strict=True)),
    "fraktur": dict(zip("CHIRZ", "ℭℌℑℜℨ", strict=True)),
    "double-struck": dict(zip("CHNPQRZ", "ℂℍℕℙℚℝℤ", strict=True)),
    "italic": {"h": "ℎ"},
}


class Unsupported(ValueError):
    """LaTeX that has no faithful MathML here."""


def formula(latex: str, text: str = "", *, display: bool = False) -> Markup:
    """The formula as MathML; a displayed one with its LaTeX as an annotation, to be copied.

    Without LaTeX the text is read as an expression of the grammar; what cannot be read or converted
    is shown as code.
    """
    if not latex.strip():
        latex = _printed(text)
    if not latex.strip():
        return Markup('<code class="ascii">{}</code>').format(printable(text)) if text else Markup()
    try:
        body = _convert(latex, display)
    except Unsupported:
        return Markup('<code class="tex">{}</code>').format(printable(latex))
    if not display:
        return Markup("<math>{}</math>").format(body)
    return Markup(
        '<math display="block"><semantics>{}'
        '<annotation encoding="application/x-tex">{}</annotation></semantics></math>'
    ).format(body, printable(latex))


def condition(latex: str, text: str) -> Markup:
    """A hypothesis: a formula where it is one, else the words that describe it."""
    if latex.strip() or _printed(text):
        return formula(latex, text)
    return inline(text)


def _printed(text: str) -> str:
    """The LaTeX of an expression or a relation in ASCII; empty where the text is none."""
    if not text or len(text) > MAX_ASCII:
        return ""
    return latex_of_ascii(text)


_PROSE = re.compile(
    r"\$\$(?P<display>[^$]+)\$\$|\$(?P<inline>[^\s$](?:[^$\n]*[^\s$])?)\$(?!\d)|`(?P<code>[^`\n]+)`"
)


def prose(text: str) -> Markup:
    """Escaped text in which ``$..$`` and ``$$..$$`` are LaTeX and backquotes mark code."""
    pieces: list[Markup] = []
    position = 0
    for found in _PROSE.finditer(text):
        pieces.append(escape(printable(text[position : found.start()])))
        if code := found["code"]:
            pieces.append(Markup("<code>{}</code>").format(printable(code)))
        else:
            display = found["display"]
            shown = formula(display or found["inline"], display=display is not None)
            pieces.append(Markup('<span class="eq">{}</span>').format(shown) if display else shown)
        position = found.end()
    pieces.append(escape(printable(text[position:])))
    return Markup().join(pieces)


_EQUATION = re.compile(r"(?<![\w$`\\{])([A-Za-z]\w*) ([=≈]) (?=[-\d\[(]|(?:log|sqrt|exp)\(|pi\b)")


_GREEK = ("alpha", "beta", "delta", "tau", "omega", "Theta")
_SIGNS = {"&gt;=": "\u2265", "&lt;=": "\u2264", "!=": "\u2260", "==": "="}
_INLINE = re.compile(
    r"(?P<sign>&gt;=|&lt;=|!=|==)|\^\((?P<long>[^()]*)\)|\^(?P<power>\w+)"
    r"|(?<![\w/.])(?P<stem>[A-Za-z]+)_(?P<index>[0-9A-Za-z]+)(?!\w)"
    rf"|(?<![\w/.])(?P<greek>{'|'.join(_GREEK)})(?!\w)"
    r"|(?P<minus>(?<= )-(?= ))|(?<=[\w)])(?P<times>\*)(?=[\w(])"
)


def inline(text: str) -> Markup:
    """Prose with ASCII mathematics: signs, Greek letters, subscripts and powers are set as such."""
    if "$" in text or "`" in text:
        return prose(text)
    pieces: list[Markup] = []
    position = 0
    for start, end, latex in formulas_in(text):
        pieces += (_signs(text[position:start]), formula(latex))
        position = end
    return Markup().join([*pieces, _signs(text[position:])])


def _signs(text: str) -> Markup:
    return Markup(_set(str(escape(printable(text)))))


def _set(escaped: str) -> str:
    # Only fixed tags are added, around characters that are escaped already.
    return _INLINE.sub(_inline, escaped)


def _inline(found: re.Match[str]) -> str:
    if found["sign"]:
        return _SIGNS[found["sign"]]
    if found["minus"]:
        return "\u2212"
    if found["times"]:
        return "\u2009"
    if found["greek"]:
        return name(found["greek"]) if found["greek"] != "Theta" else "\u0398"
    if found["stem"]:
        stem = found["stem"]
        stem = name(stem) if stem in _GREEK else stem
        return f"{stem}<sub>{found['index']}</sub>"
    power = found["long"] if found["long"] is not None else found["power"]
    return f"<sup>{_set(power)}</sup>"


_SIMPLE = re.compile(r"([A-Za-z]+)(?:_([A-Za-z0-9]+))?")


def named(text: str) -> Markup:
    """Prose in which the names of ``name = value`` are mathematics: ``a_1 = 7/10``."""
    pieces: list[Markup] = []
    position = 0
    for found in _EQUATION.finditer(text):
        pieces.append(prose(text[position : found.start()]))
        pieces.append(symbol(found[1]) + Markup(f"&nbsp;{found[2]}&nbsp;"))
        position = found.end()
    pieces.append(prose(text[position:]))
    return Markup().join(pieces)


def symbol(identifier: str) -> Markup:
    """A parameter's name: ``a_1`` with its subscript. Names are many; MathML would be long."""
    found = _SIMPLE.fullmatch(identifier)
    if found is None:
        return Markup("<i>{}</i>").format(printable(identifier))
    index = Markup("<sub>{}</sub>").format(found[2]) if found[2] else Markup()
    return Markup("<var>{}{}</var>").format(name(found[1]), index)


def paragraphs(text: str) -> Markup:
    """Prose in which an empty line starts a paragraph."""
    blocks = [block.strip() for block in re.split(r"\n\s*\n", text) if block.strip()]
    return Markup().join(Markup("<p>{}</p>").format(prose(block)) for block in blocks)


@lru_cache(maxsize=8192)
def _convert(latex: str, display: bool) -> Markup:
    # Imported here: only a report needs it.
    from latex2mathml.converter import convert_to_element  # noqa: PLC0415

    if len(latex) > MAX_LENGTH:
        raise Unsupported("too long")
    try:
        tree = convert_to_element(
            latex.replace("{aligned}", "{align*}"), display="block" if display else "inline"
        )
        return Markup(_serial(_simple(tree)))
    except Unsupported:
        raise
    # The converter meets arbitrary text and fails in arbitrary ways, recursion among them.
    except Exception as error:
        raise Unsupported(str(error)) from error


def _simple(element: ET.Element) -> ET.Element:
    """The element, rebuilt for MathML Core from allowed pieces."""
    tag = element.tag
    if tag not in _ELEMENTS:
        raise Unsupported(f"element {tag}")
    if tag in ("mi", "mn", "mo", "mtext"):
        return _token(element)
    made = ET.Element("mrow" if tag == "math" else tag, _allowed(element))
    if element.text and element.text.strip():
        raise Unsupported("text outside a token")
    children = [_simple(child) for child in element]
    if made.tag in ("mrow", "msqrt", "mtd", "mstyle"):
        children = _spaced(_merged(children))
    if tag == "mtd" and element.get("columnalign") in ("left", "right"):
        # MathML Core leaves alignment to the style sheet.
        made.set("class", element.get("columnalign", ""))
    if made.tag == "mrow" and len(children) == 1:
        return children[0]
    if made.tag in _SCRIPTS and children:
        if children[0].text in _LARGE or (children[0].text in _LIMITED and made.tag == "msub"):
            # Their scripts are limits: the browser puts them aside in running text.
            made.tag = {"msub": "munder", "msup": "mover"}.get(made.tag, "munderover")
            children[0].tag = "mo"
            children[0].set("movablelimits", "true")
        elif made.tag not in _LIMITS:
            children[0] = _named(children[0])
    if made.tag == "mrow":
        _calm(children)
    made.extend(children)
    return made


def _calm(children: list[ET.Element]) -> None:
    """Brackets around a single line of text keep their size, as they do in TeX."""
    if not any(item.tag in _TALL for child in children for item in child.iter()):
        for child in children:
            if child.tag == "mo" and (child.text or "") in {*_STARTS, *_ENDS}:
                child.set("stretchy", "false")


def _token(element: ET.Element) -> ET.Element:
    tag = element.tag
    text = html.unescape(element.text or "")
    variant = element.get("mathvariant", "")
    if tag != "mtext" and re.search(r"[\\{}&$#]", text) and text not in ("{", "}", "&", "#", "$"):
        raise Unsupported(f"unknown command {text}")
    if tag == "mi" and text in ("{", "}", "&", "#", "$"):
        raise Unsupported(f"stray {text}")
    made = ET.Element(tag, _allowed(element))
    if variant and variant != "normal":
        text = _styled(text, variant)
    if text in _OPENING | _CLOSING:
        made = ET.Element(
            "mo", {"form": "prefix" if text in _OPENING else "postfix", **made.attrib}
        )
        made.set("stretchy", element.get("stretchy", "false"))
    elif tag == "mo" and text in "()[]" and made.get("stretchy") == "true":
        # What the operator dictionary says of brackets anyway.
        made = ET.Element("mo")
    elif tag == "mo" and text in {*_BARS, "/"}:
        made.set("lspace", "0em")
        made.set("rspace", "0em")
    elif text in _SYMBOLS:
        made = ET.Element("mi")
    elif text == "\u2015":
        # The bar of an overline, in the form that fonts stretch.
        made, text = ET.Element("mo", {"accent": "true", "stretchy": "true"}), "\u00af"
    elif tag == "mi" and text in ("\u2032", "\u22ee", "\u22ef", "\u2026"):
        made = ET.Element("mo", {"lspace": "0em", "rspace": "0em"})
    if text == "\u29f8":
        raise Unsupported("a slash over another symbol")
    if tag == "mi" and len(text) > 1:
        # Only a single letter is slanted by default.
        made.attrib.pop("mathvariant", None)
    made.text = printable(text)
    return made


def _styled(text: str, variant: str) -> str:
    if variant not in _ALPHABETS:
        return text
    capitals, small, digits = _ALPHABETS[variant]
    elsewhere = _ELSEWHERE.get(variant, {})
    shown = ""
    for letter in text:
        if letter in elsewhere:
            shown += elsewhere[letter]
        elif "A" <= letter <= "Z":
            shown += chr(capitals + ord(letter) - ord("A"))
        elif "a" <= letter <= "z":
            shown += chr(small + ord(letter) - ord("a"))
        elif digits is not None and "0" <= letter <= "9":
            shown += chr(digits + ord(letter) - ord("0"))
        else:
            shown += letter
    return shown


def _allowed(element: ET.Element) -> dict[str, str]:
    return {
        name: _THIN if value == "0.167em" else value
        for name, value in element.attrib.items()
        if name in _ATTRIBUTES and re.fullmatch(_ATTRIBUTES[name], value)
    }


def _named(element: ET.Element) -> ET.Element:
    """A multi-letter ``mo`` (max, Pr) as a function name; anything else as it is."""
    if element.tag == "mo" and len(element.text or "") > 1 and (element.text or "").isalpha():
        made = ET.Element("mi")
        made.text = element.text
        return made
    return element


def _merged(children: list[ET.Element]) -> list[ET.Element]:
    """Adjacent upright letters as one name: ``\\mathrm{ab}`` is a word, not a product."""
    merged: list[ET.Element] = []
    for upright, run in groupby(map(_named, children), _is_upright):
        letters = list(run)
        if upright and len(letters) > 1:
            word = ET.Element("mi")
            word.text = "".join(letter.text or "" for letter in letters)
            merged.append(word)
        else:
            merged.extend(letters)
    return merged


def _is_upright(element: ET.Element) -> bool:
    return element.tag == "mi" and element.get("mathvariant") == "normal"


def _is_function(element: ET.Element) -> bool:
    base = element[0] if element.tag in _SCRIPTS and len(element) else element
    text = base.text or ""
    return base.tag in ("mi", "mo") and len(text) > 1 and text.isalpha() and text.isascii()


def _spaced(children: list[ET.Element]) -> list[ET.Element]:
    """A thin space around function names, but not before a bracket or beside an operator."""
    spaced: list[ET.Element] = []
    for position, child in enumerate(children):
        before = children[position - 1] if position else None
        if before is not None and _needs_space(before, child):
            spaced.append(ET.Element("mspace", {"width": _THIN}))
        spaced.append(child)
    return spaced


def _needs_space(before: ET.Element, after: ET.Element) -> bool:
    if "mspace" in (before.tag, after.tag) or "mtext" in (before.tag, after.tag):
        return False
    if _is_function(before):
        return not _starts_fenced(after) and not _is_operator(after)
    return _is_function(after) and not _is_operator(before)


def _starts_fenced(element: ET.Element) -> bool:
    while len(element) and element.tag in (*_SCRIPTS, "mrow"):
        element = element[0]
    return element.tag == "mo" and (element.text or "") in _STARTS


def _is_operator(element: ET.Element) -> bool:
    text = element.text or ""
    return element.tag == "mo" and text not in _ENDS and not text.isalpha()


def _serial(element: ET.Element) -> str:
    attributes = "".join(
        f' {name}="{escape(value)}"' for name, value in sorted(element.attrib.items())
    )
    inner = str(escape(element.text or "")) + "".join(_serial(child) for child in element)
    if not inner:
        return f"<{element.tag}{attributes}/>"
    return f"<{element.tag}{attributes}>{inner}</{element.tag}>"
