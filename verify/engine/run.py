"""A run over the statements of a pack: obligations in parallel, results in order."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import msgspec

from verify.engine import results as schema
from verify.engine.alike import alike
from verify.engine.cache import Cache
from verify.engine.distributed import answers
from verify.engine.keys import Keys
from verify.engine.preload import preload
from verify.engine.recall import recall, scope, settled, statement_key
from verify.engine.results import (
    Claim,
    Definition,
    Document,
    Edge,
    Mathematics,
    PaperView,
    Provenance,
    Result,
    Topic,
)
from verify.engine.view import statement_view, tags_of
from verify.engine.whole import Whole, WholePaper, said
from verify.engine.workers import Answer, Task, nothing
from verify.kernel.ball import DEFAULT_PRECISION
from verify.language.render import text
from verify.language.statement import Paper, Statement
from verify.language.sympy_terms import to_term

if TYPE_CHECKING:
    from verify.engine.audit import Attack

NOTHING = Whole()

OBLIGATIONS = 20
"""How many obligations (claim, steps, citations) the time limit of a statement allows for."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How a run is set up."""

    seconds: float
    seed: int
    jobs: int
    command: str
    cache: Cache | None = None
    resume: bool = False
    """Also take cached results that more time might change: what a run finished before it ended."""
    scheduler: str | None = None
    attack: Attack = "quick"
    """How hard it is tried to break each claim, its hypotheses and its bounds."""


def run(
    paper: Paper,
    statements: Sequence[Statement],
    settings: Settings,
    progress: Callable[[Result], None],
    meanwhile: Callable[[], None] = nothing,
) -> Document:
    """Check statements; on an interrupt the document holds what was finished by then.

    ``meanwhile`` is what the caller has to do at some time, and may be done while others work.
    """
    started = time.monotonic()
    found: dict[int, Result] = {}
    whole = Whole()
    complete = True
    names = [statement.id for statement in statements]
    pieces = WholePaper(paper, names, settings.seed, settings.cache)

    def beside() -> None:
        _ = pieces.kept
        meanwhile()

    try:
        for index, result in _results(paper, statements, settings, beside):
            found[index] = result
            progress(result)
        whole = pieces.computed(settings.jobs)
    except KeyboardInterrupt:
        complete = False
    ordered = [found[index] for index in sorted(found)]
    seconds = time.monotonic() - started
    return document(paper, ordered, settings, seconds, complete, whole)


def _results(
    paper: Paper,
    statements: Sequence[Statement],
    settings: Settings,
    beside: Callable[[], None],
) -> Iterator[tuple[int, Result]]:
    """Results as they come: from the cache what is still right there, then the others."""
    keys: list[str | None] = [None] * len(statements)
    left = dict.fromkeys(range(len(statements)))
    found: dict[int, Result] = {}
    same = alike(paper, statements)
    cache = settings.cache
    if cache is not None:
        kept = Keys(settings.seconds, settings.seed, settings.attack)
        keys = [statement_key(kept, paper, statement) for statement in statements]
        known = recall(
            cache,
            statements,
            keys,
            jobs=settings.jobs,
            unsettled=settings.resume,
            same=same,
            meanwhile=beside,
        )
        for index, result in known:
            del left[index]
            found[index] = result
            yield index, result
    first = [index for index in left if index not in same]
    for waiting in (first, [index for index in left if index in same]):
        tasks = [_task(paper, statements[i], settings, found.get(same.get(i, -1))) for i in waiting]
        if tasks and settings.scheduler is None:
            preload()
        for number, answer in answers(tasks, settings.jobs, settings.scheduler):
            index = waiting[number]
            result = _result(statements[index], answer)
            found[index] = result
            key = keys[index]
            if cache is not None and key is not None and answer.value is not None:
                cache.put(key, answer.value, settled(result, settings.seconds))
            yield index, result


def _task(paper: Paper, statement: Statement, settings: Settings, known: Result | None) -> Task:
    paper = replace(paper, statements=scope(paper, statement))
    arguments = (paper, statement, settings.seconds, settings.seed, settings.attack, known)
    return Task(_checked, arguments, settings.seconds * OBLIGATIONS)


def document(
    paper: Paper,
    results: Sequence[Result],
    settings: Settings,
    seconds: float,
    complete: bool,
    whole: Whole = NOTHING,
) -> Document:
    """The results document of a run."""
    from verify.engine.findings import paper_topics, with_findings  # noqa: PLC0415
    from verify.engine.orders import with_orders  # noqa: PLC0415

    results = with_findings(paper, with_orders(paper, results))
    return Document(
        schema=schema.SCHEMA,
        tool=schema.this_tool(),
        run=schema.Run(
            seed=settings.seed,
            precision_bits=DEFAULT_PRECISION,
            seconds=seconds,
            command=settings.command,
            budget_seconds=settings.seconds,
            complete=complete,
        ),
        results=tuple(results),
        paper=paper_view(
            paper,
            paper_topics(
                paper,
                results,
                missing=(*whole.findings, *said(whole.regimes)),
                sizes=said(whole.thresholds),
            ),
            whole,
        ),
        edges=edges(paper, results),
        figures=whole.figures,
        problems=whole.problems,
    )


def _checked(
    paper: Paper,
    statement: Statement,
    seconds: float,
    seed: int,
    attack: Attack,
    known: Result | None,
) -> bytes:
    # Imported where it is needed: a run that finds everything in the cache searches for nothing.
    from verify.engine.statements import check_statement  # noqa: PLC0415

    return msgspec.json.encode(check_statement(paper, statement, seconds, seed, attack, known))


def _result(statement: Statement, answer: Answer) -> Result:
    if answer.value is not None:
        return msgspec.json.decode(answer.value, type=Result)
    again = f"python -m verify check {statement.id}"
    if answer.failure in ("time", "memory"):
        what = "time" if answer.failure == "time" else "memory"
        claim = Claim(
            "unknown", seconds=answer.seconds, tried=(f"stopped: the {what} was used up",)
        )
    else:
        claim = Claim(
            "error",
            seconds=answer.seconds,
            explanation=f"the checker failed: {answer.failure}; to reproduce: {again}",
        )
    return Result(
        id=statement.id,
        title=statement.title,
        kind=statement.kind,
        tags=tags_of(statement),
        claim=claim,
        statement=_view_without_formal(statement),
    )


def _view_without_formal(statement: Statement) -> schema.StatementView:
    from verify.engine.formal import formalise  # noqa: PLC0415

    try:
        return statement_view(statement, formalise(statement), None)
    except Exception as error:
        # The statement itself may be what failed; the result says so already.
        return schema.StatementView(section=statement.section, note=str(error))


def edges(paper: Paper, results: Sequence[Result]) -> tuple[Edge, ...]:
    """The dependency graph, read from the declarations; citations with their verdicts."""
    serves = {
        (result.id, citation.id): citation.verdict == "serves"
        for result in results
        for citation in result.proof.citations
    }
    shown = {result.id for result in results}
    found: dict[tuple[str, str], Edge] = {}
    for statement in paper.statements:
        if statement.id not in shown:
            continue
        for target in statement.uses:
            found[statement.id, target] = Edge(statement.id, target, "uses")
        for citation in statement.proof.citations:
            key = (statement.id, citation.id)
            found[key] = Edge(*key, "cites", serves.get(key))
    return tuple(found.values())


def paper_view(paper: Paper, topics: tuple[Topic, ...], whole: Whole = NOTHING) -> PaperView:
    """The paper for the report."""
    return PaperView(
        name=paper.name,
        title=paper.title,
        authors=paper.authors,
        source=paper.source,
        definitions=tuple(
            Definition(
                id=item.id,
                title=item.title,
                kind=item.kind,
                body=(
                    Mathematics(item.text),
                    *(
                        Mathematics(f"{array.name}[..] = {text(to_term(array.body))}")
                        for array in item.arrays
                    ),
                ),
                tags=tuple(dict.fromkeys(p.tag for p in item.provenance)),
                provenance=tuple(Provenance(p.tag, p.piece, p.reason) for p in item.provenance),
                note=item.note if item.recoverable else "unrecoverable: its content is lost",
            )
            for item in paper.definitions
        ),
        findings=tuple(sentence for topic in topics for sentence in topic.findings),
        notes=paper.notes,
        regimes=whole.regimes,
        thresholds=whole.thresholds,
        topics=topics,
    )
