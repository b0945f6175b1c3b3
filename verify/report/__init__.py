"""Renderers of a results document; they read it and decide nothing.

HTML (:func:`render_html`), JUnit XML, LaTeX, Markdown, a badge, the terminal, and the difference
between two documents. :func:`write_report` writes the files of a run.
"""

from __future__ import annotations

import os
from pathlib import Path

from verify.engine.cache import Cache
from verify.engine.results import Document, encode
from verify.report.badge import badge
from verify.report.diff import Change, Diff, diff
from verify.report.html import prepare, render_html
from verify.report.junit import junit
from verify.report.latex_table import latex_table
from verify.report.markdown import markdown
from verify.report.schema import json_schema

__all__ = [
    "Change",
    "Diff",
    "badge",
    "diff",
    "json_schema",
    "junit",
    "latex_table",
    "markdown",
    "prepare",
    "render_html",
    "write_report",
]


def write_report(document: Document, folder: Path, cache: Cache | None = None) -> list[Path]:
    """Write ``results.json``, ``junit.xml`` and ``index.html`` to a folder, and return their paths.

    Pictures that were drawn before are taken from the cache; the files are the same without it.
    The folder is made where it does not exist. Each file appears whole or not at all: it is written
    beside its place and then moved there.

    Raises:
        OSError: the folder or a file in it cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    contents = {
        "results.json": encode(document),
        "junit.xml": junit(document),
        "index.html": render_html(document, cache=cache).encode("utf-8"),
    }
    paths = []
    for name, data in contents.items():
        path = folder / name
        _replace(path, data)
        paths.append(path)
    return paths


def _replace(path: Path, data: bytes) -> None:
    temporary = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        temporary.write_bytes(data)
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
