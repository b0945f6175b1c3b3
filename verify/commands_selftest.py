"""``verify selftest``: changes every claim and says how many changes were noticed."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence

from verify.cli import ERROR, OK, UNKNOWN
from verify.commands import chosen, write_data
from verify.engine import results as schema
from verify.engine.selftest import Report, selftest, totals

ENOUGH = 95
"""The percentage of changes that ``--strict`` wants to see decided."""


def run_selftest(options: Namespace) -> int:
    """``verify selftest``."""
    paper, statements = chosen(options)
    found: dict[int, Report] = {}
    shown = options.json != "-"
    for index, report in selftest(paper, statements, options.seconds, options.seed, options.jobs):
        found[index] = report
        if shown:
            print(_line(report), flush=True)
    reports = [found[index] for index in sorted(found)]
    if options.json:
        write_data(schema.indented(_document(reports)), options.json)
    if shown:
        _details(reports)
    return _code(reports, options.strict)


def _document(reports: Sequence[Report]) -> dict[str, object]:
    whole = totals(reports)
    return {
        "schema": 1,
        "tried": whole.tried,
        "refuted": whole.refuted,
        "proved": whole.proved,
        "undecided": whole.tried - whole.decided,
        "wrong": sum(len(report.wrong) for report in reports),
        "statements": reports,
    }


def _line(report: Report) -> str:
    if report.failure is not None:
        return f"{report.id:<14} stopped: {report.failure}"
    if not report.changes:
        return f"{report.id:<14} nothing to change"
    open_ = report.count("unknown")
    line = f"{report.id:<14} {len(report.changes):>3} changes: {report.count('refuted')} refuted"
    line += f", {report.count('proved')} proved, {open_} undecided"
    return line + (f", {len(report.wrong)} WRONG" if report.wrong else "")


def _details(reports: Sequence[Report]) -> None:
    for answer, title in (
        ("proved", "Changed claims that hold too"),
        ("unknown", "Changed claims that stay open"),
    ):
        rows = [(r.id, c) for r in reports for c in r.changes if c.answer == answer]
        if rows:
            print(f"\n{title}")
        for identifier, change in rows:
            print(f"  {identifier}: {change.claim} ({change.change})")
    for report in reports:
        for change in report.wrong:
            print(f"\nWRONG: {report.id}: {change.claim}: {change.wrong}")
    whole = totals(reports)
    print(
        f"\n{whole.tried} changed claims: {whole.refuted} refuted, {whole.proved} proved, "
        f"{whole.tried - whole.decided} undecided: {_percent(whole.decided, whole.tried)} decided"
    )


def _percent(part: int, whole: int) -> str:
    return f"{100 * part // whole} %" if whole else "none to be"


def _code(reports: Sequence[Report], strict: bool) -> int:
    """4 where an answer is wrong, 3 with ``--strict`` where too few are decided, else 0."""
    if any(report.wrong or report.failure is not None for report in reports):
        return ERROR
    whole = totals(reports)
    enough = 100 * whole.decided >= ENOUGH * whole.tried
    return UNKNOWN if strict and not enough else OK
