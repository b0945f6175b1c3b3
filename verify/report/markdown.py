"""A summary in Markdown, for a pull request."""

from __future__ import annotations

import re
from collections.abc import Iterable

from verify.engine.results import Document
from verify.report import verdicts, view

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>()#+!|~@$&^:-])")
MAX_ROWS = 20


def markdown(document: Document) -> str:
    """Headline, findings, what failed or stayed open, gaps of printed proofs, how to run it again.

    Text from the document is escaped, so that it can hold no markup, links or mentions.
    """
    blocks = [f"### {escape(view.title(document))}", escape(verdicts.headline(document.results))]
    if not document.run.complete:
        blocks.append("**The run was interrupted: the results are incomplete.**")
    if document.problems:
        blocks.append("**Problems**\n\n" + _bullets(map(escape, document.problems)))
    if document.paper and document.paper.findings:
        blocks.append(
            "**Findings**\n\n" + _bullets(map(escape, map(view.plain, document.paper.findings)))
        )
    for heading, notices in (
        ("Claims that failed or stayed open", view.attention(document)),
        ("Gaps in printed proofs", view.gaps(document)),
    ):
        if notices:
            rows = [
                ", ".join(f"`{_code(identifier)}`" for identifier in notice.ids)
                + f" {notice.verdict}: {escape(view.plain(notice.words))}"
                for notice in notices
            ]
            blocks.append(f"**{heading}**\n\n" + _bullets(rows))
    blocks.append(_table(document))
    blocks.append(
        f"verify {escape(document.tool.version)}, seed {document.run.seed}, "
        f"{escape(view.duration(document.run.seconds))}: `{_code(document.run.command)}`"
    )
    return "\n\n".join(blocks) + "\n"


def escape(text: str) -> str:
    """Plain text on one line, with every character that Markdown may read replaced."""
    return _SPECIAL.sub(r"\\\1", " ".join(view.printable(text).split()))


def _code(text: str) -> str:
    return " ".join(view.printable(text).replace("`", "'").split())


def _bullets(rows: Iterable[str]) -> str:
    lines = [f"- {row}" for row in rows]
    more = len(lines) - MAX_ROWS
    return "\n".join(lines[:MAX_ROWS] + ([f"- and {more} more"] if more > 0 else []))


def _table(document: Document) -> str:
    rows = [
        "<details><summary>All parts</summary>",
        "",
        "| id | claim | printed proof | rests on |",
        "| --- | --- | --- | --- |",
    ]
    for result in document.results:
        symbol = verdicts.CLAIM[result.claim.verdict].symbol
        axioms = escape(", ".join(result.claim.axioms)) or "none"
        rows.append(
            f"| {escape(result.id)} | {symbol} {result.claim.verdict} "
            f"| {result.proof.verdict} | {axioms} |"
        )
    return "\n".join([*rows, "", "</details>"])
