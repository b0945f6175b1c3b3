"""The pass/fail table as LaTeX, for a paper or an appendix."""

from __future__ import annotations

from verify.engine.results import Document
from verify.report.verdicts import headline
from verify.report.view import printable, short

_ESCAPES = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "%": r"\%",
    "_": r"\_",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "\n": " ",
    "\r": " ",
    "\t": " ",
    "≈": r"$\approx$",
    "…": r"\dots{}",
}


def latex_table(document: Document) -> str:
    """A ``longtable`` (packages ``longtable`` and ``booktabs``), one row for each part."""
    rows = []
    for result in document.results:
        margin = result.tightness.lower or result.claim.margin
        cells = (
            result.id,
            result.title,
            result.claim.verdict,
            result.proof.verdict,
            ", ".join(result.claim.axioms) or "none",
            short(margin) if margin else "",
        )
        rows.append(" & ".join(map(escape, cells)) + r" \\")
    head = r"Id & Statement & Claim & Printed proof & Rests on & Margin \\"
    return "\n".join(
        [
            "% " + printable(headline(document.results)),
            r"\begin{longtable}{lp{0.36\linewidth}llll}",
            r"\toprule",
            head,
            r"\midrule",
            r"\endhead",
            r"\bottomrule",
            r"\endfoot",
            *rows,
            r"\end{longtable}",
            "",
        ]
    )


def escape(text: str) -> str:
    """Plain text with the characters that LaTeX gives a meaning replaced."""
    return "".join(_ESCAPES.get(letter, letter) for letter in printable(text))
