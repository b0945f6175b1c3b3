"""What each command does: the engine computes, the renderers print."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import sys
import time
from argparse import Namespace
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from verify.cli import ERROR, INTERRUPTED, OK, REFUTED, UNKNOWN, USAGE, UsageError
from verify.commands_cache import opened
from verify.engine import results as schema
from verify.engine.claims import ClaimError, ClaimText, check_claims, result_of
from verify.engine.claims_file import BadRecord, read_claims
from verify.engine.packs import PackError, UnknownId, as_good, load_pack, statements_of
from verify.kernel.ball import DEFAULT_PRECISION
from verify.language.grammar import is_variable
from verify.language.statement import Paper, Statement

if TYPE_CHECKING:
    from rich.console import Console

REPORTS = Path("reports")
"""Where reports go that no folder is named for."""


def exit_code(results: Sequence[schema.Result], strict: bool) -> int:
    """The exit code for some results: an error, then a refutation, then what is not known."""
    verdicts = {result.claim.verdict for result in results}
    if "error" in verdicts:
        return ERROR
    if "refuted" in verdicts:
        return REFUTED
    good = all(as_good(verdict, "proved" if strict else None) for verdict in verdicts)
    return OK if good else UNKNOWN


def document(
    results: Sequence[schema.Result], options: Namespace, started: float, complete: bool = True
) -> schema.Document:
    """A results document for a command that decides claims."""
    return schema.Document(
        schema=schema.SCHEMA,
        tool=schema.this_tool(),
        run=schema.Run(
            seed=options.seed,
            precision_bits=DEFAULT_PRECISION,
            seconds=time.monotonic() - started,
            command="verify " + options.function_name,
            budget_seconds=options.seconds,
            complete=complete,
        ),
        results=tuple(results),
    )


def write_json(document_: schema.Document, target: str) -> None:
    """Write a document to a file, or to standard output for ``-``."""
    write_data(schema.encode(document_), target)


def write_data(data: bytes, target: str) -> None:
    """Write bytes to a file, or to standard output for ``-``."""
    if target == "-":
        sys.stdout.buffer.write(data)
        return
    write_file(Path(target), data)


def write_file(path: Path, data: bytes) -> None:
    """Write a file as a whole or not at all.

    What is there and is no regular file, such as a device, a pipe or a link, stays what it is and
    is written to.

    Raises:
        UsageError: it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.is_symlink() or (path.exists() and not path.is_file()):
            path.write_bytes(data)
        else:
            _replace(path, data)
    except OSError as error:
        raise UsageError(
            f"cannot write {path}: {error.strerror}; choose another place with --json or --out"
        ) from error


def _replace(path: Path, data: bytes) -> None:
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        temporary.write_bytes(data)
        temporary.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise


def claim(options: Namespace) -> int:
    """``verify claim``."""
    options.function_name = "claim"
    started = time.monotonic()
    text = ClaimText(
        "claim",
        tuple(options.where),
        options.conclusion,
        dict.fromkeys(_integers(options.integers), "int"),
    )
    try:
        _require_variables(text)
        results = [
            result
            for _, result in check_claims(
                [text], seconds=options.seconds, seed=options.seed, jobs=1
            )
        ]
    except ClaimError as error:
        raise UsageError(str(error)) from error
    found = document(results, options, started)
    if options.json:
        write_json(found, options.json)
    if options.json != "-":
        _print_claim(results[0])
        if results[0].claim.certificate is not None and not options.json:
            _save_certificate(found)
    return exit_code(results, options.strict)


def _integers(words: Sequence[str]) -> list[str]:
    """The names after ``--int``, which may be separated by commas.

    Raises:
        UsageError: something there can be no variable.
    """
    names = [name.strip() for word in words for name in word.strip(",").split(",")]
    for name in names:
        if not is_variable(name):
            raise UsageError(f"--int {name}: {name!r} cannot be a variable: write --int n or n,m")
    return names


def _require_variables(text: ClaimText) -> None:
    """Every integer is a variable of the claim: anything else is a slip of the pen.

    Raises:
        UsageError: one is not.
        ClaimError: the claim cannot be read.
    """
    parsed = text.parsed()
    for name in text.variables:
        if name not in parsed.integers:
            raise UsageError(f"--int {name}: the claim has no variable {name}")


def _save_certificate(found: schema.Document) -> None:
    place = REPORTS / "claim.json"
    try:
        write_file(place, schema.encode(found))
    except UsageError as error:
        print(f"verify: the certificate was not saved: {error}", file=sys.stderr)
        return
    print(f"certificate: {place} (check it again with: python -m verify recheck {place})")


def _print_claim(result: schema.Result) -> None:
    found = result.claim
    print(f"{found.verdict}: {result.statement.holds}")
    for hypothesis in result.statement.where:
        print(f"  where {hypothesis}")
    if found.counterexample is not None:
        point = found.counterexample.point
        print("at " + (", ".join(f"{k} = {v}" for k, v in point.items()) or "every point"))
        if found.counterexample.undefined is not None:
            print(f"undefined at this point: {found.counterexample.undefined}")
    if found.explanation:
        print(f"because {found.explanation}" if found.verdict == "proved" else found.explanation)
    if found.axioms:
        print("rests on: " + ", ".join(found.axioms))
    for line in found.tried:
        print(f"tried: {line}")
    for finding in result.findings:
        print(f"note: {finding}")


def claims(options: Namespace) -> int:
    """``verify claims``."""
    options.function_name = "claims"
    started = time.monotonic()
    try:
        records = read_claims(options.file)
    except ClaimError as error:
        raise UsageError(str(error)) from error
    name = "standard input" if str(options.file) == "-" else options.file
    readable = [(index, item) for index, item in enumerate(records) if isinstance(item, ClaimText)]
    for _, text in readable:
        if text.note:
            print(f"verify: {name}, {text.place}: {text.id}: {text.note}", file=sys.stderr)
    found: dict[int, schema.Result] = {}
    for index, item in enumerate(records):
        if isinstance(item, BadRecord):
            print(f"verify: {name}, {item.said()}", file=sys.stderr)
            found[index] = _bad_result(item)
    complete = True
    shown = _InOrder(found, options.json != "-")
    with opened(options) as kept:
        try:
            for number, result in check_claims(
                [item for _, item in readable],
                seconds=options.seconds,
                seed=options.seed,
                jobs=options.jobs,
                cache=kept,
            ):
                found[readable[number][0]] = result
                shown.ready()
        except KeyboardInterrupt:
            complete = False
    results = [found[index] for index in sorted(found)]
    if options.json:
        write_json(document(results, options, started, complete), options.json)
    if options.json != "-":
        shown.rest()
        _print_summary(results)
    if not complete:
        left = len(records) - len(results)
        print(f"verify: interrupted with {left} left; to go on, run it again", file=sys.stderr)
        return INTERRUPTED
    bad = any(isinstance(item, BadRecord) for item in records)
    return USAGE if bad else exit_code(results, options.strict)


def _bad_result(item: BadRecord) -> schema.Result:
    empty = ClaimText(item.id, (), "0 == 0", {})
    failed = schema.Claim("error", explanation=f"{item.said()}")
    return schema.Result(
        id=item.id,
        title=result_of(empty, failed).id,
        kind="claim",
        tags=(),
        claim=failed,
    )


class _InOrder:
    """Prints results in the order of their claims, each as soon as those before it are there: who
    follows a long run in a file should see how far it is."""

    def __init__(self, found: Mapping[int, schema.Result], wanted: bool) -> None:
        self._found = found
        self._wanted = wanted
        self._next = 0

    def ready(self) -> None:
        """Print what has its turn."""
        while self._wanted and self._next in self._found:
            _print_result(self._found[self._next])
            self._next += 1

    def rest(self) -> None:
        """Print what is left, though some before it may be missing."""
        for index in sorted(self._found):
            if index >= self._next:
                _print_result(self._found[index])


def _print_result(result: schema.Result) -> None:
    line = f"{result.claim.verdict:<10} {result.id}"
    if result.claim.explanation:
        line += f"  {result.claim.explanation}"
    print(line, flush=True)


def _print_summary(results: Sequence[schema.Result]) -> None:
    counts: dict[str, int] = {}
    for result in results:
        counts[result.claim.verdict] = counts.get(result.claim.verdict, 0) + 1
    summary = ", ".join(f"{count} {verdict}" for verdict, count in sorted(counts.items()))
    print(f"{len(results)} claims: {summary}")


def recheck(options: Namespace) -> int:
    """``verify recheck``: the kernel and the file alone."""
    from verify.engine.recheck import recheck_document  # noqa: PLC0415

    try:
        checked = recheck_document(schema.load(options.file))
    except schema.ResultsError as error:
        raise UsageError(str(error)) from error
    if options.json:
        found = {"schema": schema.SCHEMA, "results": checked.answers}
        write_data(schema.indented(found | checked.counts), options.json)
    if options.json != "-":
        for line in checked.lines:
            print(line)
        print(", ".join(f"{count} {word}" for word, count in checked.counts.items()))
    return OK if not checked.refused else REFUTED


def check_all(options: Namespace) -> int:
    """``verify all``."""
    paper = _paper(options.pack)
    return _checked(options, paper, paper.statements, "all")


def check(options: Namespace) -> int:
    """``verify check``."""
    paper, wanted = chosen(options)
    return _checked(options, paper, wanted, "check " + " ".join(options.ids))


def chosen(options: Namespace) -> tuple[Paper, list[Statement]]:
    """The pack, and its statements with the ids that were given; all of them without any.

    Raises:
        UsageError: there is no such pack or statement.
    """
    paper = _paper(options.pack)
    found: dict[str, Statement] = {}
    for name in options.ids:
        try:
            found.update({s.id: s for s in statements_of(paper, name)})
        except UnknownId as error:
            raise UsageError(str(error)) from error
    return paper, [s for s in paper.statements if s.id in found or not options.ids]


def _paper(name: str | None) -> Paper:
    try:
        return load_pack(name)
    except PackError as error:
        raise UsageError(str(error)) from error


def _checked(
    options: Namespace, paper: Paper, statements: Sequence[Statement], command: str
) -> int:
    from verify.engine.authors import second_thoughts  # noqa: PLC0415
    from verify.engine.distributed import ClusterError  # noqa: PLC0415
    from verify.engine.run import Settings, run  # noqa: PLC0415
    from verify.engine.slips import slips  # noqa: PLC0415

    folder = options.out or REPORTS
    with opened(options) as kept:
        wrong = slips(paper, statements, kept)
        if wrong:
            raise UsageError("\n".join(wrong))
        _require_writable(folder)
        settings = Settings(
            options.seconds,
            options.seed,
            options.jobs,
            f"verify {command}{paper.option}",
            kept,
            options.resume,
            options.scheduler,
            options.attack,
        )
        try:
            with _Progress(len(statements)) as progress:
                found = run(paper, statements, settings, progress.advance, _report_prepared)
        except ClusterError as error:
            raise UsageError(str(error)) from error
        from verify.report import terminal, write_report  # noqa: PLC0415

        if options.out is None and _holds_more(folder / "results.json", found):
            print(
                f"verify: {folder} holds a report of more of {paper.name} and is kept as it is; "
                "for a report of this, name a folder with --out",
                file=sys.stderr,
            )
        else:
            try:
                written = write_report(found, folder, kept)
            except OSError as error:
                raise UsageError(
                    f"cannot write to {folder}: {error.strerror}; choose another --out"
                ) from error
            print("report: " + ", ".join(str(path) for path in written), file=sys.stderr)
    _other_forms(options, found)
    if options.json:
        write_json(found, options.json)
    if options.json != "-":
        terminal.table(found, _console())
    known = {statement.id: statement for statement in statements}
    for note in filter(None, (second_thoughts(known[r.id], r) for r in found.results)):
        print(f"verify: {note}", file=sys.stderr)
    if not found.run.complete:
        left = len(statements) - len(found.results)
        how = "run it again" if options.no_cache else "add --resume to the command"
        print(
            f"verify: interrupted with {left} left; what was finished is kept: to go on, {how}",
            file=sys.stderr,
        )
        return INTERRUPTED
    return _code_with_expectations(found.results, paper, options.strict)


def _report_prepared() -> None:
    from verify.report import prepare  # noqa: PLC0415

    prepare()


def _holds_more(place: Path, found: schema.Document) -> bool:
    """Whether a report is about more statements of the same pack: a look at a few of them should
    not cost anyone the report of a long run."""
    if not place.is_file():
        return False
    try:
        before = schema.load(place)
    except schema.ResultsError:
        return False
    if before.paper is None or found.paper is None or before.paper.name != found.paper.name:
        return False
    return len(before.results) > len(found.results)


def _require_writable(folder: Path) -> None:
    """Say at once, not after the work, that a report cannot be written.

    Raises:
        UsageError: the folder cannot be made or written to.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / f".verify-{os.getpid()}.tmp"
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        raise UsageError(
            f"cannot write to the folder {folder}: {error.strerror}; choose another --out"
        ) from error


def _other_forms(options: Namespace, found: schema.Document) -> None:
    from verify.report.badge import badge  # noqa: PLC0415
    from verify.report.latex_table import latex_table  # noqa: PLC0415
    from verify.report.markdown import markdown  # noqa: PLC0415

    for name, render in (("latex", latex_table), ("markdown", markdown), ("badge", badge)):
        target = getattr(options, name, None)
        if target:
            write_file(Path(target), render(found).encode())


def _code_with_expectations(results: Sequence[schema.Result], paper: Paper, strict: bool) -> int:
    """0 when every verdict is as good as what the pack records, or better."""
    if strict:
        return exit_code(results, strict)
    surprising = [
        result
        for result in results
        if not as_good(result.claim.verdict, paper.expected.get(result.id))
    ]
    return exit_code(surprising, False)


def _plain() -> bool:
    return bool(os.environ.get("NO_COLOR"))


def _console() -> Console:
    """Standard output; with ``NO_COLOR`` without anything that steers a terminal, not only without
    colour as Rich has it."""
    from rich.console import Console  # noqa: PLC0415

    return Console(highlight=False, color_system=None if _plain() else "auto")


class _Progress:
    """A progress bar on standard error, where that is a terminal."""

    def __init__(self, total: int) -> None:
        from rich.console import Console  # noqa: PLC0415
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn  # noqa: PLC0415

        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            console=Console(stderr=True),
            disable=not sys.stderr.isatty() or _plain(),
            transient=True,
        )
        self._task = self._bar.add_task("checking", total=total)

    def __enter__(self) -> _Progress:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def advance(self, result: schema.Result) -> None:
        """One more statement is done."""
        self._bar.update(self._task, advance=1, description=result.id)


def diff(options: Namespace) -> int:
    """``verify diff``."""
    from verify.report.diff import diff as compare  # noqa: PLC0415

    try:
        change = compare(schema.load(options.old), schema.load(options.new))
    except schema.ResultsError as error:
        raise UsageError(str(error)) from error
    if options.json:
        found = {"schema": schema.SCHEMA} | dataclasses.asdict(change)
        write_data(schema.indented(found), options.json)
    if options.json != "-":
        print("\n".join(change.lines()))
    return REFUTED if change.worse else OK
