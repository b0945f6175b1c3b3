"""What each command does: the engine computes, the renderers print."""

from __future__ import annotations

import os
import sys
import time
from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path

from verify.cli import ERROR, OK, REFUTED, UNKNOWN, USAGE, UsageError
from verify.engine import results as schema
from verify.engine.claims import (
    BadRecord,
    ClaimError,
    ClaimText,
    check_claims,
    read_claims,
    result_of,
)
from verify.kernel.ball import DEFAULT_PRECISION

GOOD = frozenset(("proved", "attested", "enclosed", "sampled", "assumed"))


def exit_code(results: Sequence[schema.Result], strict: bool) -> int:
    """The exit code for some results: an error, then a refutation, then what is not known."""
    verdicts = {result.claim.verdict for result in results}
    if "error" in verdicts:
        return ERROR
    if "refuted" in verdicts:
        return REFUTED
    good = frozenset(("proved",)) if strict else GOOD
    return OK if verdicts <= good else UNKNOWN


def document(
    results: Sequence[schema.Result], options: Namespace, started: float
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
        ),
        results=tuple(results),
    )


def write_json(document_: schema.Document, target: str) -> None:
    """Write a document to a file, or to standard output for ``-``."""
    data = schema.encode(document_)
    if target == "-":
        sys.stdout.buffer.write(data)
        return
    write_file(Path(target), data)


def write_file(path: Path, data: bytes) -> None:
    """Write a file as a whole or not at all.

    Raises:
        UsageError: it cannot be written.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_bytes(data)
        temporary.replace(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise UsageError(
            f"cannot write {path}: {error.strerror}; choose another place with --json or --out"
        ) from error


def claim(options: Namespace) -> int:
    """``verify claim``."""
    options.function_name = "claim"
    started = time.monotonic()
    text = ClaimText(
        "claim",
        tuple(options.where),
        options.conclusion,
        {name: "int" for name in options.integers},
    )
    try:
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


def _save_certificate(found: schema.Document) -> None:
    place = Path("reports") / "claim.json"
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


def claims(options: Namespace) -> int:
    """``verify claims``."""
    options.function_name = "claims"
    started = time.monotonic()
    try:
        records = read_claims(options.file)
    except ClaimError as error:
        raise UsageError(str(error)) from error
    readable = [(index, item) for index, item in enumerate(records) if isinstance(item, ClaimText)]
    found: dict[int, schema.Result] = {}
    for index, item in enumerate(records):
        if isinstance(item, BadRecord):
            print(f"verify: {options.file}, {item.place}: {item.message}", file=sys.stderr)
            found[index] = _bad_result(item)
    for number, result in check_claims(
        [item for _, item in readable],
        seconds=options.seconds,
        seed=options.seed,
        jobs=options.jobs,
    ):
        found[readable[number][0]] = result
    results = [found[index] for index in range(len(records))]
    if options.json:
        write_json(document(results, options, started), options.json)
    if options.json != "-":
        _print_claims(results)
    bad = any(isinstance(item, BadRecord) for item in records)
    return USAGE if bad else exit_code(results, options.strict)


def _bad_result(item: BadRecord) -> schema.Result:
    empty = ClaimText(item.id, (), "0 == 0", {})
    failed = schema.Claim("error", explanation=f"{item.place}: {item.message}")
    return schema.Result(
        id=item.id,
        title=result_of(empty, failed).id,
        kind="claim",
        tags=(),
        claim=failed,
    )


def _print_claims(results: Sequence[schema.Result]) -> None:
    for result in results:
        line = f"{result.claim.verdict:<10} {result.id}"
        if result.claim.explanation:
            line += f"  {result.claim.explanation}"
        print(line)
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
    for line in checked.lines:
        print(line)
    print(f"{checked.accepted} accepted, {checked.refused} refused, {checked.without} without")
    return OK if not checked.refused else REFUTED
