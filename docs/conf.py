"""How Sphinx builds these pages: sphinx-build -W docs build/site."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from verify import cli

project = "verify"
author = "the authors of verify"
extensions = ["myst_parser", "sphinx.ext.autodoc"]
html_theme = "furo"
html_title = "verify"
html_show_sphinx = False
exclude_patterns = ["reference/commands-generated.md"]
myst_heading_anchors = 3
autodoc_member_order = "groupwise"
autodoc_typehints = "none"
python_maximum_signature_line_length = 80
# Links to files of the repository that are no pages, such as the results schema.
suppress_warnings = ["myst.xref_missing"]


def _commands(_: Any) -> None:
    """Write what `--help` says of every command into a page of the reference."""
    lines: list[str] = []
    for name in _choices([]):
        command = _choices([name])[name]
        command.prog = f"python -m verify {name}"
        command.epilog = None
        lines += [f"## {name}", "", "```text", command.format_help().rstrip(), "```", ""]
    target = Path(__file__).parent / "reference" / "commands-generated.md"
    target.write_text("\n".join(lines), encoding="utf-8")


def _choices(arguments: list[str]) -> dict[str, argparse.ArgumentParser]:
    """The commands; the options of the one that the arguments begin with are known."""
    actions = cli._parser(arguments)._actions
    (found,) = [action for action in actions if isinstance(action, argparse._SubParsersAction)]
    return dict(found.choices)


def setup(app: Any) -> None:
    """Have the page written before it is read."""
    app.connect("builder-inited", _commands)
