"""A badge for a README: how many parts are proved, and whether any are refuted."""

from __future__ import annotations

from markupsafe import Markup

from verify.engine.results import Document
from verify.report.verdicts import claim_counts

_COLOURS = {"refuted": "#b3261e", "error": "#8e24aa", "open": "#8a6100", "proved": "#2e7d32"}
_TEMPLATE = Markup(
    '<svg xmlns="http://www.w3.org/2000/svg" width="{total}" height="20" role="img"'
    ' aria-label="{label}: {value}"><title>{label}: {value}</title>'
    '<rect width="{total}" height="20" rx="3" fill="{colour}"/>'
    '<path d="M3 0h{left}v20h-{left}a3 3 0 0 1-3-3V3a3 3 0 0 1 3-3z" fill="#444"/>'
    '<g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11"'
    ' text-anchor="middle"><text x="{label_x}" y="14">{label}</text>'
    '<text x="{value_x}" y="14">{value}</text></g></svg>\n'
)


def badge(document: Document, label: str = "lemmas") -> str:
    """A small SVG: ``lemmas | 61/89 proved``, with the number refuted where there are any."""
    counts = claim_counts(document.results)
    checked = sum(counts.values()) - counts.get("unrecoverable", 0)
    proved = counts.get("proved", 0)
    value = f"{proved}/{checked} proved"
    colour = _COLOURS["proved" if proved == checked else "open"]
    for verdict in ("error", "refuted"):
        if counts.get(verdict):
            value = f"{proved}/{checked} proved, {counts[verdict]} {verdict}"
            colour = _COLOURS[verdict]
            break
    left, right = (round(6.6 * len(text)) + 12 for text in (label, value))
    return str(
        _TEMPLATE.format(
            total=left + right,
            left=left - 3,
            label=label,
            value=value,
            colour=colour,
            label_x=left / 2,
            value_x=left + right / 2,
        )
    )
