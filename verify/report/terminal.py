"""Results in a terminal: the pass/fail table and the details of one result.

Everything is built from plain text values, so that nothing in a document is read as markup, and
characters that steer a terminal are replaced. Colour is up to the console: none when it is not a
terminal or ``NO_COLOR`` is set.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from verify.engine.results import Counterexample, Document, Result
from verify.report import verdicts, view
from verify.report.verdicts import Look

WIDE = 100
"""From this many columns on, the table also shows titles, methods and times."""
_TIME = 11
_VERDICTS = 15 + 13 + 4
"""The columns that the two verdicts take, with the gaps after them."""
_OTHERS = 10 + _TIME + 5 * 2
"""The same for what the wide table adds, but for titles and methods."""


def table(document: Document, console: Console) -> None:
    """Print the pass/fail table, what failed or stayed open, and the headline."""
    wide = console.width >= WIDE
    grid = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    longest = max((len(result.id) for result in document.results), default=2)
    rest = console.width - _VERDICTS
    grid.add_column("id", overflow="fold", width=min(longest, rest, 24) if wide else None)
    if wide:
        rest -= min(longest, 24) + _OTHERS
        grid.add_column("statement", overflow="ellipsis", no_wrap=True, width=rest * 3 // 5)
    grid.add_column("claim", no_wrap=True, width=15)
    grid.add_column("printed proof", no_wrap=True, width=13)
    if wide:
        grid.add_column("method", overflow="ellipsis", no_wrap=True, width=rest - rest * 3 // 5)
        grid.add_column("rests on", overflow="ellipsis", no_wrap=True, width=10)
        grid.add_column("time", justify="right", no_wrap=True, width=_TIME)
    for result in document.results:
        cells = [Text(view.printable(result.id)), *_verdicts(result, console)]
        if wide:
            cells.insert(1, _line(result.title))
            cells.append(_line(result.claim.method))
            cells.append(_line(", ".join(result.claim.axioms)))
            cells.append(Text(view.duration(result.claim.seconds), style="dim"))
        grid.add_row(*cells)
    console.print(grid)
    _notices("Claims that failed or stayed open", view.attention(document), console)
    _notices("Gaps in printed proofs", view.gaps(document), console)
    findings = document.paper.findings if document.paper else ()
    _bullets("Findings", findings, console)
    _bullets("Problems", document.problems, console)
    console.print()
    if not document.run.complete:
        console.print(Text("The run was interrupted: the results are incomplete.", style="bold"))
    console.print(_line(verdicts.headline(document.results)))


def details(result: Result, console: Console) -> None:
    """Print everything that was found out about one statement."""
    claim, proof, statement = result.claim, result.proof, result.statement
    console.print(Text(view.printable(f"{result.id}  {result.title}").rstrip(), style="bold"))
    for hypothesis in statement.hypotheses:
        _field("where", hypothesis.text, console)
        if hypothesis.finite:
            _field("", f"used as {hypothesis.finite}", console)
    _field("claim", statement.conclusion.text, console)
    shown_claim, shown_proof = _verdicts(result, console)
    _row("verdict", shown_claim, console)
    _field("because", view.plain(view.why(result) or claim.method), console)
    _field("rests on", ", ".join(claim.axioms), console)
    _counterexample(claim.counterexample, console)
    _field("holds from", f"n = {claim.explicit_n0}" if claim.explicit_n0 else "", console)
    _field("margin", claim.margin or "", console)
    _field("tightness", view.tightness(result), console)
    _field("witness", view.point(claim.witness or {}), console)
    _field("why", view.plain(claim.explanation), console)
    _row("proof", shown_proof, console)
    for step in proof.steps:
        label = f"{step.index}. {step.text}  [{step.verdict}]"
        _field("", label, console)
        _counterexample(step.counterexample, console)
    for citation in proof.citations:
        _field("cites", f"{citation.id}: {citation.verdict}. {citation.why}", console)
    for variant in result.variants:
        _field("variant", f"{variant.reason}: {variant.text}  [{variant.verdict}]", console)
        _counterexample(variant.counterexample, console)
    for need in result.necessity:
        _field("hypothesis", f"{need.hypothesis}: {view.needed(need)}", console)
        _counterexample(need.counterexample, console)
    _field("numeric", view.numeric(result), console)
    _field("coverage", view.coverage(result), console)
    _field("mutants", view.mutants(result), console)
    for provable in result.mutants.provable:
        _field("", f"also holds: {provable}", console)
    for finding in result.findings:
        _field("finding", view.plain(finding), console)
    console.print()


def _verdicts(result: Result, console: Console) -> tuple[Text, Text]:
    return (
        _verdict(result.claim.verdict, verdicts.CLAIM[result.claim.verdict], console),
        _verdict(result.proof.verdict, verdicts.PROOF[result.proof.verdict], console),
    )


def _verdict(word: str, look: Look, console: Console) -> Text:
    try:
        look.symbol.encode(console.encoding)
    except (UnicodeEncodeError, LookupError):
        return Text(word, style=look.style)
    return Text(f"{look.symbol} {word}", style=look.style)


def _counterexample(found: Counterexample | None, console: Console) -> None:
    if found:
        _field("", f"fails at {view.at(found)}", console)
        _field("", found.command, console)


def _line(text: str) -> Text:
    return Text(" ".join(view.printable(text).split()))


def _field(label: str, text: str, console: Console) -> None:
    if text:
        _row(label, Text(view.printable(text)), console)


def _row(label: str, text: Text, console: Console) -> None:
    grid = Table.grid(padding=(0, 1))
    grid.add_column(width=11)
    grid.add_column(overflow="fold")
    grid.add_row(Text(label, style="dim"), text)
    console.print(Padding(grid, (0, 0, 0, 2)))


def _notices(heading: str, notices: Iterable[view.Notice], console: Console) -> None:
    rows = list(notices)
    _heading(heading, rows, console)
    for notice in rows:
        _bullet(f"{', '.join(notice.ids)} {notice.verdict}: {notice.words}", console)
        command = view.reproduces(notice.first)
        if command:
            console.print(Padding(Text(view.printable(command), style="dim"), (0, 0, 0, 4)))


def _bullets(heading: str, rows: Iterable[str], console: Console) -> None:
    lines = list(rows)
    _heading(heading, lines, console)
    for line in lines:
        _bullet(line, console)


def _heading(heading: str, rows: Sequence[object], console: Console) -> None:
    if rows:
        console.print()
        console.print(Text(heading, style="bold"))


def _bullet(row: str, console: Console) -> None:
    console.print(Padding(_line(view.plain(row)), (0, 0, 0, 2)))
