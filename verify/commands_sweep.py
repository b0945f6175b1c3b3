"""The command ``sweep``: a statement at very many points."""

from __future__ import annotations

import importlib.util
import sys
import time
from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path

from verify.cli import INTERRUPTED, OK, REFUTED, UNKNOWN, UsageError
from verify.commands import write_file, write_json
from verify.commands_pack import pack_of, shortened, statements_named
from verify.engine import results as schema
from verify.engine.distributed import ClusterError
from verify.engine.settings import SettingError, point_of
from verify.engine.sweep_axes import Points, axes_of
from verify.engine.sweep_closed import Plan
from verify.engine.sweep_map import svg_map, text_map, title
from verify.engine.sweep_run import Line, Summary, SweepError, Where, make_plan, sweep
from verify.engine.sweep_table import write_parquet
from verify.engine.view import tags_of
from verify.kernel.ball import DEFAULT_PRECISION

PROGRESS = 2.0
"""Seconds between two lines of progress."""


def run(options: Namespace) -> int:
    """``verify sweep``.

    Raises:
        UsageError: there is no such statement, a range does not fit it, or a file cannot be used.
    """
    started = time.monotonic()
    plan = _plan(options)
    out = _target(options)
    where = Where(options.jobs, options.scheduler, out, options.resume)
    summary = Summary(plan)
    complete = True
    try:
        last = time.monotonic()
        for summary in sweep(plan, where):
            if sys.stderr.isatty() and time.monotonic() - last > PROGRESS:
                last = time.monotonic()
                print(f"{summary.total} of {plan.points.count} points", file=sys.stderr)
    except (SweepError, ClusterError) as error:
        raise UsageError(str(error)) from error
    except KeyboardInterrupt:
        complete = False
    if complete and options.out is not None and options.out.suffix == ".parquet":
        assert out is not None
        write_parquet(out, options.out)
    if options.json:
        write_json(
            _document(plan, summary, options, time.monotonic() - started, complete), options.json
        )
    if options.json != "-":
        print("\n".join(_lines(plan, summary)))
    if options.map is not None:
        write_file(options.map, svg_map(summary))
    if not complete:
        how = "add --resume to the command" if out is not None else "give it --out and --resume"
        left = plan.points.count - summary.total
        print(f"verify: interrupted with {left} points left: to go on, {how}", file=sys.stderr)
        return INTERRUPTED
    return _code(summary)


def _plan(options: Namespace) -> Plan:
    paper = pack_of(options)
    statements = statements_named(paper, options.id)
    if len(statements) > 1:
        parts = ", ".join(statement.id for statement in statements)
        raise UsageError(f"{options.id} has several parts: sweep one of {parts}")
    statement = statements[0]
    if not options.over:
        raise UsageError("say what to go through: --over NAME=LOW..HIGH:COUNT")
    try:
        axes = axes_of(statement, options.over)
        points = Points(axes, options.sample, options.seed)
        swept = {axis.name for axis in axes}
        both = [name for name in _names(options.values) if name in swept]
        if both:
            raise SettingError(f"{both[0]} is both set and swept")
        plan = make_plan(paper, statement, options.values, points)
        # What is wrong with a setting is wrong at every point: say it at once.
        point_of(statement, options.values, known=plan.known, anyway=True)
    except SettingError as error:
        raise UsageError(str(error)) from error
    return plan


def _names(settings: Sequence[str]) -> list[str]:
    return [setting.partition("=")[0].strip() for setting in settings]


def _target(options: Namespace) -> Path | None:
    """Where the lines go; for Parquet a file beside it, which is converted at the end."""
    out: Path | None = options.out
    if out is None:
        if options.resume:
            raise UsageError("--resume goes on with a file: name it with --out")
        return None
    if out.suffix == ".parquet":
        if importlib.util.find_spec("pyarrow") is None:
            raise UsageError(
                "Parquet needs pyarrow: pip install 'verify-lemmas[parquet]'; or write JSON lines: "
                f"--out {out.with_suffix('.jsonl')}"
            )
        return out.with_name(out.name + ".jsonl")
    if out.suffix not in (".jsonl", ".ndjson"):
        raise UsageError(f"{out} should end in .jsonl, .ndjson or .parquet")
    return out


def _code(summary: Summary) -> int:
    if summary.counts.get("fails"):
        return REFUTED
    inside = summary.counts.get("holds", 0)
    return OK if inside and not summary.counts.get("undecided") else UNKNOWN


def _lines(plan: Plan, summary: Summary) -> list[str]:
    counts = [
        f"{summary.counts[s]} {s}"
        for s in ("holds", "fails", "undecided", "outside")
        if summary.counts.get(s)
    ]
    lines = [title(plan), f"{summary.total} points: {', '.join(counts)}"]
    if not summary.counts.get("holds") and not summary.counts.get("fails"):
        lines.append("no point satisfies the hypotheses: nothing was tested")
    if summary.least is not None:
        lines.append(
            f"least margin {shortened(summary.least.margin or '')} at {_point(summary.least)}"
        )
    lines += [f"fails at {_point(line)}" for line in summary.failing]
    lines += [f"undecided at {_point(line)}" for line in summary.undecided]
    return [*lines, "", *text_map(summary)]


def _point(line: Line) -> str:
    return ", ".join(f"{name} = {value}" for name, value in line.point.items())


def _document(
    plan: Plan, summary: Summary, options: Namespace, seconds: float, complete: bool
) -> schema.Document:
    """The sweep as a result: ``sampled`` where nothing failed and everything was decided."""
    verdict: schema.Verdict = "unknown"
    counterexample = None
    if summary.failing:
        verdict = "refuted"
        counterexample = schema.Counterexample(dict(summary.failing[0].point))
    elif _code(summary) == OK:
        verdict = "sampled"
    worst = summary.least
    margin = None if worst is None else worst.margin
    inside = summary.total - summary.counts.get("outside", 0)
    statement = plan.statement
    result = schema.Result(
        id=statement.id,
        title=statement.title,
        kind=statement.kind,
        tags=tags_of(statement),
        claim=schema.Claim(
            verdict,
            method="sweep",
            counterexample=counterexample,
            margin=margin,
            seconds=seconds,
            explanation=_lines(plan, summary)[1],
        ),
        numeric=schema.Numeric(
            points=inside, min_margin=margin, worst_point=worst.point if worst else None
        ),
    )
    run_ = schema.Run(
        options.seed, DEFAULT_PRECISION, seconds, f"verify sweep {statement.id}", 0.0, complete
    )
    return schema.Document(schema.SCHEMA, schema.this_tool(), run_, (result,))
