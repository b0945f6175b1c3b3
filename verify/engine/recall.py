"""Cached results: the keys under which they are kept, and what makes them believed again.

A key hashes everything that a result depends on: the formal content of the statement and of those
it uses, the sources of the toolkit, the versions of Python and of the libraries, the seed and the
budget. A result that is found is still not believed: its certificates are given to the kernel
again, for the obligation as it is stated now, and its counterexamples are evaluated again.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import msgspec

from verify.engine.cache import Cache
from verify.engine.formal import Formal, formal_conclusion, formalise, formalise_step, under
from verify.engine.keys import Keys, Memory, accepted
from verify.engine.results import Claim, Counterexample, Proof, Result, StatementView, StepResult
from verify.engine.shown import conclusion_text, large_enough, proof_verdict
from verify.engine.special import induction_step, taken_from_literature
from verify.engine.versions import digest
from verify.engine.view import statement_view
from verify.engine.workers import Task, nothing, run_all
from verify.kernel.certificate import Obligation, load, save
from verify.kernel.large import recheck_family
from verify.kernel.poly import Refused
from verify.language.render import text
from verify.language.statement import FiniteSpace, Paper, Statement, TailBound
from verify.language.sympy_terms import to_term
from verify.language.term import FALSE, Formula, free_names

SECONDS_EACH = 30.0
"""The time to confirm a result; one that takes longer is computed again instead."""


class NoKey(ValueError):
    """The content of something cannot be written down, so nothing is kept about it."""


def statement_key(keys: Keys, paper: Paper, statement: Statement) -> str | None:
    """The key of a statement's result, or None where nothing can be kept about it."""
    try:
        return keys.of("statement", statement_content(paper, statement))
    except NoKey:
        return None


def statement_content(paper: Paper, statement: Statement) -> object:
    """Everything in a pack that the result of a statement depends on.

    Raises:
        NoKey: the pack says something in a form that is not known here.
    """
    table = _table(paper)
    used = [[item.id, table.of(item)] for item in scope(paper, statement)]
    return [statement.id, table.about, used]


def paper_content(paper: Paper) -> object:
    """Everything in a pack.

    Raises:
        NoKey: the pack says something in a form that is not known here.
    """
    table = _table(paper)
    return [table.about, [[item.id, table.of(item)] for item in paper.statements]]


class _Table:
    """What was already written down about a paper: most statements are used by several others."""

    def __init__(self, paper: Paper) -> None:
        self.paper = paper
        self.about = digest([paper.origin, content(replace(paper, statements=(), expected={}))])
        self._known: dict[int, tuple[Statement, str]] = {}

    def of(self, statement: Statement) -> str:
        """The digest of a statement, which is kept so that its identity stays its own."""
        if id(statement) not in self._known:
            self._known[id(statement)] = statement, digest(content(statement))
        return self._known[id(statement)][1]


_TABLES: list[_Table] = []


def _table(paper: Paper) -> _Table:
    if not _TABLES or _TABLES[0].paper is not paper:
        _TABLES[:] = [_Table(paper)]
    return _TABLES[0]


def scope(paper: Paper, statement: Statement) -> tuple[Statement, ...]:
    """The statements that the result of one depends on: those it uses, and those they use.

    A citation that does not serve is compared with every other statement.
    """
    if statement.proof.citations:
        return paper.statements
    known = {item.id: item for item in paper.statements}
    found: dict[str, Statement] = {}
    waiting = [statement]
    while waiting:
        item = waiting.pop()
        if item.id not in found:
            found[item.id] = item
            waiting += [known[name] for name in item.uses if name in known]
    return tuple(item for item in paper.statements if item.id in found)


def content(value: object) -> object:
    """A part of a pack in plain data, with everything that tells it from others.

    Raises:
        NoKey: it has a form that is not known here.
    """
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, tuple | list):
        return [content(item) for item in value]
    if isinstance(value, Mapping):
        return sorted([_shown(key), content(item)] for key, item in value.items())
    if dataclasses.is_dataclass(value):
        fields = [item for item in dataclasses.fields(value) if item.compare]
        return [type(value).__name__, *(content(getattr(value, item.name)) for item in fields)]
    if not isinstance(value, Hashable):
        raise NoKey(f"a {type(value).__name__} is not a part of a statement")
    return _shown(value)


@functools.lru_cache(maxsize=50_000)
def _shown(value: object) -> str:
    """An expression with everything that tells it from others, assumptions included."""
    from sympy import Basic, srepr  # noqa: PLC0415
    from sympy.core.function import AppliedUndef  # noqa: PLC0415

    if isinstance(value, str):
        return value
    if not isinstance(value, Basic):
        raise NoKey(f"a {type(value).__name__} is not a part of a statement")
    # Of functions that are applied, SymPy writes the names alone.
    functions = sorted(
        f"{name}: {sorted(taken.items())}"
        for name, taken in (
            (call.func.__name__, call.func._kwargs) for call in value.atoms(AppliedUndef)
        )
        if taken
    )
    return f"{type(value).__module__}:{srepr(value)}{functions or ''}"


def settled(result: Result, seconds: float) -> bool:
    """Whether more time, or a less busy machine, would not have changed a verdict.

    Attacks (on hypotheses, by mutants) always end with their time; what they leave open counts for
    the profile that is part of the key.
    """
    undecided = {"unknown", "error"}
    if result.claim.verdict in undecided:
        return False
    parts: list[str] = [step.verdict for step in result.proof.steps]
    parts += [citation.verdict for citation in result.proof.citations]
    parts += [variant.verdict for variant in result.variants]
    return undecided.isdisjoint(parts) or result.claim.seconds < seconds


def recall(
    cache: Cache,
    statements: Sequence[Statement],
    keys: Sequence[str | None],
    *,
    jobs: int,
    unsettled: bool,
    same: Mapping[int, int] = MappingProxyType({}),
    meanwhile: Callable[[], None] = nothing,
) -> Iterator[tuple[int, Result]]:
    """The cached results that are still right; what is wrong is dropped from the cache.

    ``meanwhile`` is done in this process while others confirm them, if there are any.

    ``unsettled`` results, which more time might change, are only taken where that is asked for.
    Statements that ask the ``same`` as another are confirmed beside it.
    """
    found: list[tuple[int, bytes]] = []
    for index, key in enumerate(keys):
        entry = None if key is None else cache.get(key)
        if entry is not None and (entry.settled or unsettled):
            found.append((index, entry.value))
    found.sort(key=lambda item: (same.get(item[0], item[0]), item[0]))
    waiting = _shares(found, jobs)
    while waiting:
        tasks = [
            Task(
                _confirm,
                ([(statements[index], value) for index, value in share],),
                SECONDS_EACH,
                tells=True,
            )
            for share in waiting
        ]
        again = []
        said = [0] * len(waiting)
        for number, answer in run_all(tasks, jobs, meanwhile):
            share = waiting[number]
            verdicts = answer.value or b""
            for (index, value), verdict in zip(share[said[number] :], verdicts, strict=False):
                if verdict == _RIGHT:
                    yield index, msgspec.json.decode(value, type=Result)
                elif (key := keys[index]) is not None:
                    cache.drop(key)
            said[number] += len(verdicts)
            if not answer.part:
                again += _unsaid(share, said[number], answer.failure)
        waiting, meanwhile = again, nothing


_Share = Sequence[tuple[int, bytes]]
_RIGHT, _WRONG = b"+-"


def _shares(found: Sequence[tuple[int, bytes]], jobs: int) -> list[_Share]:
    """One share for each job, so that what is computed for one result is there for the next.

    Neighbours share definitions and stay together; long results take long.
    """
    whole = sum(len(value) + 1 for _, value in found)
    shares: list[list[tuple[int, bytes]]] = [[] for _ in range(max(1, jobs))]
    before = 0
    for index, value in found:
        shares[before * len(shares) // whole].append((index, value))
        before += len(value) + 1
    return [share for share in shares if share]


def _unsaid(share: _Share, said: int, failure: str | None) -> list[_Share]:
    """What another process goes on with, after one that did not come to its end.

    The result at which it ended is tried once more, as the first of its process, if it was not: it
    may have ended of what was there before. Never where it took too long, since each result has its
    own time. What is not confirmed at last is computed again.
    """
    if failure is None:
        return []
    rest = share[said:] if said and failure != "time" else share[said + 1 :]
    return [rest] if rest else []


def _confirm(tell: Callable[[bytes], None], pairs: Sequence[tuple[Statement, bytes]]) -> None:
    memory = Memory()
    for statement, value in pairs:
        tell(bytes([_RIGHT if _is_right(statement, value, memory) else _WRONG]))


def _is_right(statement: Statement, value: bytes, memory: Memory) -> bool:
    try:
        still_right(statement, value, memory)
    except MemoryError:
        # Others before it may have used it up.
        raise
    except Exception:
        # Whatever is wrong with it, the result is computed again.
        return False
    return True


def still_right(statement: Statement, value: bytes, memory: Memory) -> None:
    """Check a stored result of a statement: its certificates, its counterexample, and that it shows
    what these are about.

    Raises:
        Refused: it is not right, or not about this statement.
        ValueError: it cannot be read.
    """
    result = msgspec.json.decode(value, type=Result)
    if (result.id, result.title, result.kind) != (statement.id, statement.title, statement.kind):
        raise Refused("it is about another statement")
    formal = formalise(statement)
    if not _shows(result.statement, statement_view(statement, formal, None)):
        raise Refused("it shows another statement")
    if formal is None:
        _special_right(statement, result, memory)
        return
    claim_right(statement, formal, result.claim, memory)
    if result.proof.verdict != proof_verdict(result.proof.steps, result.proof.citations):
        raise Refused("the verdict on the printed proof does not follow from those on its parts")
    others = len(statement.variants)
    for reading, shown in zip(statement.readings, result.variants[others:], strict=True):
        _reading_right(statement.read_as(reading), shown)
    steps = (*statement.proof.steps, *statement.variant_steps())
    checked = (*result.proof.steps, *result.variants[:others])
    for given, step in zip(steps, checked, strict=True):
        wanted_step, least = formal_conclusion(given.claim), ""
        if wanted_step is not None:
            least = _said_beyond(step.text, conclusion_text(wanted_step))
        if step.verdict == "proved":
            if wanted_step is None:
                raise Refused("a step that claims nothing is not proved")
            under = formalise_step(statement, formal, given)
            obligation = replace(under, conclusion=wanted_step).obligation()
            if least:
                obligation = _with_threshold(obligation, statement, step.certificate, least)
            accepted(step.certificate, obligation, memory)
        elif step.verdict == "refuted":
            _step_fails(statement, given, step.counterexample)


def _reading_right(stated: Statement, shown: StepResult) -> None:
    """Check the verdict on a claim in another reading.

    Raises:
        Refused: it is not right, or not about this reading.
    """
    formal = formalise(stated)
    if formal is None or shown.text != conclusion_text(formal.conclusion):
        raise Refused("another reading is shown")
    if shown.verdict == "refuted":
        _family_right(stated, formal, shown.certificate, shown.counterexample)
    elif shown.verdict != "unknown":
        raise Refused("a verdict that is not kept")


def _special_right(statement: Statement, result: Result, memory: Memory) -> None:
    """Check the verdict on a claim that has a checker of its own, which looks at nothing else.

    Raises:
        Refused: it is not right, or it is of a kind that cannot be checked again.
    """
    claim = result.claim
    if result.proof != Proof("none given") or result.variants:
        raise Refused("its proof was never looked at")
    if isinstance(statement.conclusion, FiniteSpace) and claim.verdict == "proved":
        if accepted(claim.certificate, induction_step(), memory) != frozenset(claim.axioms):
            raise Refused("it rests on other cited facts")
    elif isinstance(statement.conclusion, TailBound):
        # To be assumed is to be declared, and no instance against it was found before.
        if msgspec.structs.replace(claim, seconds=0.0) != taken_from_literature(statement):
            raise Refused("the pack cites something else")
    else:
        raise Refused("there is nothing that the kernel could check")


def _shows(shown: StatementView, wanted: StatementView) -> bool:
    """Whether a reader sees the statement: its hypotheses and its conclusion. Earlier versions
    write other things otherwise, or not at all."""
    hypotheses = [[item.text for item in view.hypotheses] for view in (shown, wanted)]
    return shown.conclusion.text == wanted.conclusion.text and hypotheses[0] == hypotheses[1]


def _said_beyond(words: str, shown: str) -> str:
    """The threshold that a step names beside what it claims, if any.

    Raises:
        Refused: it claims something else.
    """
    said, least = words[: len(shown)], words[len(shown) :]
    if said != shown or (least and not least.startswith(" for ")):
        raise Refused("the step shows another claim")
    return least.removeprefix(" for ")


def claim_right(statement: Statement, formal: Formal, claim: Claim, memory: Memory) -> None:
    """Check the verdict on a claim: its certificate, or its counterexample.

    Raises:
        Refused: it is not right, or not about this statement.
        ValueError: it cannot be read.
    """
    if claim.verdict in ("proved", "vacuous"):
        wanted = formal.obligation()
        if claim.verdict == "vacuous":
            wanted = replace(wanted, conclusion=FALSE)
        if claim.explicit_n0 is not None:
            wanted = _with_threshold(wanted, statement, claim.certificate, claim.explicit_n0)
        axioms = accepted(claim.certificate, wanted, memory)
        if axioms != frozenset(claim.axioms):
            raise Refused("it rests on other cited facts")
    elif claim.verdict == "refuted" and statement.large is not None and claim.certificate:
        axioms = _family_right(statement, formal, claim.certificate, claim.counterexample)
        if axioms != frozenset(claim.axioms):
            raise Refused("it rests on other cited facts")
    elif claim.verdict == "refuted":
        _fails(statement, claim.counterexample)
    elif claim.verdict != "unknown":
        raise Refused("a verdict that is not kept")


def _with_threshold(
    wanted: Obligation, statement: Statement, certificate: object, said: str
) -> Obligation:
    """For "C large enough": with the hypothesis on ``C`` that the result states."""
    extra = threshold_hypothesis(wanted, statement, certificate, said)
    return replace(wanted, hypotheses=(*wanted.hypotheses, extra))


def threshold_hypothesis(
    wanted: Obligation, statement: Statement, certificate: object, said: str
) -> Formula:
    """``C log(1/(1 - q)) >= kappa``, read from the certificate; it must be a lower bound of ``C``
    by what is fixed before it, and the one that the result shows.

    Raises:
        Refused: it is not.
    """
    if statement.large is None:
        raise Refused("there is no constant that has to be large")
    obligation, _ = load(certificate)
    constant = to_term(statement.large)
    fixed = {str(symbol) for symbol in statement.fixed}
    added = obligation.hypotheses[len(wanted.hypotheses) :]
    least = large_enough(added[0]) if len(added) == 1 else None
    if least is not None and least.left == constant and text(least) == said:
        if free_names(least.right) <= fixed - free_names(constant):
            return added[0]
        raise Refused("the threshold depends on what is not fixed before the constant")
    raise Refused("the threshold is not the one that the result states")


def _family_right(
    statement: Statement, formal: Formal, certificate: object, point: Counterexample | None
) -> frozenset[str]:
    """A family of points refutes a claim about a constant that is large enough, which fails at the
    point that is shown; the cited facts that this rests on.

    Raises:
        Refused: it does not, or is about something else.
    """
    axioms = recheck_family(certificate)
    assert isinstance(certificate, dict)
    fixed = sorted(str(symbol) for symbol in statement.fixed)
    expected = save(formal.obligation(), {}), str(statement.large), fixed
    said = certificate["claim"], certificate["large"], list(certificate["fixed"])
    if digest(list(said)) != digest(list(expected)):
        raise Refused("the family is about something else")
    _fails(statement.but(large=None), point)
    return axioms


def _fails(statement: Statement, point: Counterexample | None) -> None:
    """The statement fails at a point, evaluated from its definitions.

    Raises:
        Refused: it does not, or that is not known.
    """
    from verify.engine.at import evaluate_at  # noqa: PLC0415
    from verify.engine.settings import point_of  # noqa: PLC0415

    if point is None:
        raise Refused("there is no counterexample")
    setting = point_of(statement, [f"{name}={value}" for name, value in point.point.items()])
    found = evaluate_at(statement, setting)
    if found.claim.verdict != "refuted":
        raise Refused("the counterexample is none")
    if statement.large is not None:
        from verify.engine.chances import contradicts  # noqa: PLC0415

        if not contradicts(statement, found):
            raise Refused("a larger constant may help there")


def _step_fails(statement: Statement, step: Any, point: Counterexample | None) -> None:
    _fails(under(statement, step).but(conclusion=step.claim), point)
