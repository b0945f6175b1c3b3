"""ASCII mathematics that goes beyond the expression grammar, as LaTeX to be shown.

Entries ``f[j_3, i]``, sums ``sum(p in 1..n: f[p])``, indicators ``[1 = i]``, inner products with
signs ``<f[p], s>`` and probabilities ``Pr[..]`` are read from the inside out: each becomes a name
that the grammar knows, and its LaTeX takes the place of the name in the end.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from verify.language.grammar import ExpressionError, parse_formula, parse_term
from verify.language.render import LATEX, latex, name

_RELATIONS = {">=": r"\ge", "<=": r"\le", "==": "=", "!=": r"\ne", ">": ">", "<": "<", "=": "="}
_STAND = "verifyshown"
_INNERMOST = re.compile(
    r"sum\((?P<var>\w+) in 1\.\.(?P<size>[^():\[\]]+): "
    r"(?P<body>(?:[^()\[\]]|\([^()\[\]]*\))*)\)"
    r"|(?P<array>[A-Za-z]\w*)?\[(?P<inner>[^\[\]]*)\]"
)
_PAIRING = re.compile(r"<([^<>]+), s>")
_ABSOLUTE = re.compile(r"\|([^|]+)\|")
_PLACE = re.compile(rf"\\mathrm{{{_STAND}([a-z]+)}}")
_RELATION = re.compile(r" (>=|<=|==|!=|>|<|=) ")
_START = re.compile(r"(?<![\w\]/.*^(\[|])(?:Pr\[|[A-Za-z]\w*\[|sqrt\(|sum\()")
_BREAK = re.compile(r"(?=[.,;:]?(?:\s|$))")
_WORDS = 16
_DEEPEST = 40
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


@lru_cache(maxsize=4096)
def latex_of_ascii(text: str) -> str:
    """The LaTeX of a relation, an expression or a probability; empty where the text is none."""
    try:
        return _Reader().read(text)
    except ExpressionError:
        return ""


def formulas_in(text: str) -> Iterator[tuple[int, int, str]]:
    """Where in prose there are probabilities, entries or roots, with all that belongs to them.

    Of each the start, the end and the LaTeX; the longest text that can be read counts.
    """
    position = 0
    while (start := _START.search(text, position)) is not None:
        position = start.end()
        ends = [found.start() for found in _BREAK.finditer(text, start.end())][:_WORDS]
        for end in reversed(ends):
            shown = latex_of_ascii(text[start.start() : end])
            if shown:
                yield start.start(), end, shown
                position = end
                break


class _Reader:
    def __init__(self) -> None:
        self._shown: dict[str, str] = {}

    def read(self, text: str) -> str:
        for _ in range(_DEEPEST):
            pairs = _PAIRING.sub(self._pairing, text)
            found = _INNERMOST.search(pairs)
            if found is None:
                return self._whole(pairs)
            text = pairs[: found.start()] + self._piece(found) + pairs[found.end() :]
        raise ExpressionError("nested too deeply", text, 0)

    def _stand_in(self, shown: str) -> str:
        number, letters = len(self._shown), ""
        for _ in range(3):
            number, digit = divmod(number, len(_LETTERS))
            letters += _LETTERS[digit]
        self._shown[letters] = shown
        return _STAND + letters

    def _piece(self, found: re.Match[str]) -> str:
        if found["var"]:
            bound, index = self._whole(found["size"]), name(found["var"], LATEX)
            body = self._whole(found["body"])
            return self._stand_in(rf"\left(\sum_{{{index}=1}}^{{{bound}}} {body}\right)")
        inner = found["inner"]
        if found["array"] == "Pr":
            return self._stand_in(rf"\Pr\left[{self._whole(inner)}\right]")
        if found["array"] is None:
            return self._stand_in(rf"\mathbb{{1}}[{self._whole(inner)}]")
        indices = ", ".join(self._whole(index) for index in inner.split(",")) if inner else ""
        stem = name(found["array"], LATEX)
        return self._stand_in(f"{stem}_{{{indices}}}" if indices else stem)

    def _pairing(self, found: re.Match[str]) -> str:
        if "[" in found[1].replace("[]", ""):
            # Its entries come first.
            return found[0]
        return self._stand_in(rf"\left\langle {self._whole(found[1])}, \sigma\right\rangle")

    def _whole(self, text: str) -> str:
        text = _ABSOLUTE.sub(lambda found: f"abs({found[1]})", text.strip())
        pieces = _RELATION.split(text)
        shown = self._expression(pieces[0])
        for sign, side in zip(pieces[1::2], pieces[2::2], strict=True):
            shown += f" {_RELATIONS[sign]} {self._expression(side)}"
        return shown

    def _expression(self, text: str) -> str:
        try:
            shown = latex(parse_term(text))
        except ExpressionError:
            shown = latex(parse_formula(text))
        return _PLACE.sub(lambda found: self._shown.get(found[1], ""), shown)
