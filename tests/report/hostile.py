"""A document in which every text tries to break out of its place."""

from __future__ import annotations

from typing import Any

import msgspec

from verify.engine.results import Document

PAYLOAD = (
    "\"'><script>alert(1)</script><img src=x onerror=alert(1)></svg></math></style></pre>"
    "\x1b[31m\x00 ${{7*7}} `x` $\\href{javascript:alert(1)}{x}$ $x<b>$ [link](javascript:alert(1))"
    " {% raw %} ]]> \u202e \\end{longtable}"
)
_FIXED = {"verdict", "tag", "expected", "serves"}


def hostile(original: Document) -> Document:
    """The document with the payload added to every free text in it, names and keys too."""
    data = msgspec.to_builtins(original)
    edges = data.pop("edges")
    data = _spoil(data)
    data["edges"] = [
        {**edge, "source": _text(edge["source"]), "target": _text(edge["target"])} for edge in edges
    ]
    return msgspec.convert(data, Document)


def _text(text: str) -> str:
    return text + PAYLOAD


def _spoil(value: Any, key: str = "") -> Any:
    if isinstance(value, str):
        return value if key in _FIXED else _text(value)
    if isinstance(value, list | tuple):
        return [_spoil(item, key) for item in value]
    if isinstance(value, dict):
        free = key in ("point", "witness", "worst_point", "at", "libraries", "certificate")
        return {(_text(name) if free else name): _spoil(item, name) for name, item in value.items()}
    return value
