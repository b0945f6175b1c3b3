"""What a reviewer should know that the paper does not say, generated from the results.

Each finding has a rank: what is wrong comes first, then what the printed proof lacks, then
hypotheses and constants that could be better, then what is merely good to know.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import msgspec

from verify.engine.coincidences import coincidences, in_words
from verify.engine.conditions import conditions_of
from verify.engine.formal import formalise
from verify.engine.results import Necessity, Result, Topic
from verify.language.render import text
from verify.language.statement import Paper, Statement
from verify.language.sympy_terms import to_formula

WEAK = frozenset(("refuted", "unknown", "error", "vacuous"))

FAILS, CITATION, STEP, MISSING, CONVENTION, UNNEEDED, WEAKER = range(7)
CONSTANT, THRESHOLD, SIZE, TIGHT, SAME, UNUSED = range(7, 13)

Ranked = tuple[int, str]

CHOSEN = " (this rests on a value that is chosen, not printed)"


def with_findings(paper: Paper, results: Sequence[Result]) -> list[Result]:
    """The results with their findings and with the state of what they rest on."""
    by_id = {result.id: result for result in results}
    statements = {statement.id: statement for statement in paper.statements}
    uses = {
        statement.id: {*statement.uses, *(c.id for c in statement.proof.citations)}
        for statement in paper.statements
    }
    found = []
    for result in results:
        above = sorted(_ancestors(result.id, uses))
        weak = tuple(
            name
            for name in above
            if name in by_id
            and (by_id[name].claim.verdict in WEAK or by_id[name].proof.verdict == "gap")
        )
        ranked = sorted(_findings(result, statements.get(result.id)), key=lambda item: item[0])
        found.append(
            msgspec.structs.replace(
                result,
                findings=tuple(sentence for _, sentence in ranked),
                ancestors=tuple(above),
                weak_ancestors=weak,
            )
        )
    return found


def _ancestors(start: str, uses: dict[str, set[str]]) -> set[str]:
    seen: set[str] = set()
    stack = list(uses.get(start, ()))
    while stack:
        name = stack.pop()
        if name not in seen:
            seen.add(name)
            stack.extend(uses.get(name, ()))
    return seen


def _findings(result: Result, statement: Statement | None) -> Iterator[Ranked]:
    claim = result.claim
    chosen = CHOSEN if "C" in result.tags else ""
    if claim.verdict == "refuted" and claim.counterexample is not None:
        yield FAILS, f"The claim fails at {_point(claim.counterexample.point)}{chosen}."
    for citation in result.proof.citations:
        if citation.verdict == "does not serve":
            instead = f"; {', '.join(citation.instead)} would serve" if citation.instead else ""
            why = f"The citation of {citation.id} does not serve: {citation.why}{instead}."
            yield CITATION, why
    for step in result.proof.steps:
        if step.verdict == "refuted":
            where = ""
            if step.counterexample is not None:
                where = f"; it fails at {_point(step.counterexample.point)}"
            what = f"Step {step.index} of the printed proof does not follow: {step.text}{where}"
            yield STEP, f"{what}{chosen}."
    for variant in result.variants:
        if variant.verdict == "refuted":
            where = ""
            if variant.counterexample is not None:
                where = f", for instance at {_point(variant.counterexample.point)}"
            yield CONVENTION, f"The convention matters: with {variant.reason} it fails{where}."
        elif variant.verdict == "proved":
            yield CONVENTION, f"The convention does not matter: with {variant.reason} it holds too."
    if claim.explicit_n0:
        yield THRESHOLD, f"The constant that is large enough: {claim.explicit_n0}."
    bounds = _bounds(statement)
    for need in result.necessity:
        if need.hypothesis not in bounds:
            yield from _about(need)
    yield from _room(result, chosen)


def _bounds(statement: Statement | None) -> frozenset[str]:
    """The domains of the parameters, as text: of these only the paper as a whole speaks."""
    if statement is None:
        return frozenset()
    relations = [relation for param in statement.params for relation in param.where]
    return frozenset(text(to_formula(relation)) for relation in relations)


def _about(need: Necessity) -> Iterator[Ranked]:
    if need.needed is False:
        yield UNNEEDED, f"The hypothesis {need.hypothesis} is not needed."
    elif need.needed and need.note:
        yield WEAKER, f"The hypothesis {need.hypothesis} can be weakened: {need.note}."


def _room(result: Result, chosen: str) -> Iterator[Ranked]:
    """How much better the bound could be."""
    found = result.tightness
    claim = result.statement.conclusion.text
    if found.note.endswith("would do as well"):
        yield CONSTANT, f"The bound can be improved: in {claim}, {found.note}{chosen}."
    elif found.best_constant is not None and claim.startswith("Pr["):
        yield (
            CONSTANT,
            (
                f"The constant in {claim} could be larger: the best one lies in "
                f"{found.best_constant}, its lower end is proved{chosen}."
            ),
        )
    elif found.best_constant is not None:
        yield (
            TIGHT,
            (
                f"The constant in {claim} cannot be improved by a thousandth: the best one lies in "
                f"{found.best_constant}{chosen}."
            ),
        )
    if found.attained and found.at:
        yield TIGHT, f"The bound is attained: there is equality at {_point(found.at)}."


def _point(values: dict[str, str]) -> str:
    return ", ".join(f"{name} = {value}" for name, value in values.items())


@dataclass(frozen=True, slots=True)
class _Finding:
    """A finding of the whole paper; ``about`` is the hypothesis or the parts that it concerns."""

    rank: int
    sentence: str
    about: tuple[str, ...] = ()


LEADING = "What fails or is missing"
_FURTHER = (
    ("Hypotheses that are not needed, or could be weaker", frozenset((UNNEEDED, WEAKER))),
    ("Constants that could be better, or that are lost", frozenset((CONSTANT, THRESHOLD))),
    ("From which size on the finite forms hold", frozenset((SIZE,))),
    ("The same statement twice, and statements that nothing uses", frozenset((SAME, UNUSED))),
)


def paper_topics(
    paper: Paper,
    results: Sequence[Result],
    *,
    missing: Sequence[str] = (),
    sizes: Sequence[str] = (),
) -> tuple[Topic, ...]:
    """The findings of the whole paper by topic, the gravest first.

    The same finding about several parts is said once, and a hypothesis that some part of a lemma
    needs is not called unneeded. ``missing`` are findings about conditions of several statements,
    ``sizes`` those about thresholds.
    """
    found = [
        *_ranked(paper, results),
        *(_Finding(MISSING, sentence) for sentence in missing),
        *(_Finding(SIZE, sentence) for sentence in sizes),
    ]
    found.sort(key=lambda item: item.rank)
    first = tuple(item.sentence for item in found if item.rank < UNNEEDED)
    topics = [Topic(LEADING, first, leading=True)]
    for title, ranks in _FURTHER:
        chosen = [item for item in found if item.rank in ranks]
        gist = ", ".join(dict.fromkeys(name for item in chosen for name in item.about))
        topics.append(Topic(title, tuple(item.sentence for item in chosen), gist))
    return tuple(topic for topic in topics if topic.findings)


def _ranked(paper: Paper, results: Sequence[Result]) -> Iterator[_Finding]:
    statements = {statement.id: statement for statement in paper.statements}
    where: dict[Ranked, list[str]] = {}
    hypotheses: dict[Ranked, str] = {}
    for result in results:
        for need in result.necessity:
            hypotheses.update((item, need.hypothesis) for item in _about(need))
        for item in _findings(result, statements.get(result.id)):
            if item[0] < UNNEEDED or item[0] in (WEAKER, CONSTANT, THRESHOLD):
                where.setdefault(item, []).append(result.id)
    for item, ids in where.items():
        rank, what = item
        about = (hypotheses[item],) if item in hypotheses else tuple(ids)
        yield _Finding(rank, f"{', '.join(ids)}: {what}", about)
    yield from _unneeded(paper, results)
    for sentence in in_words(coincidences(results)):
        yield _Finding(SAME, sentence)
    yield from _unused(paper, results)


def _unneeded(paper: Paper, results: Sequence[Result]) -> Iterator[_Finding]:
    """Hypotheses that no part of a lemma needs.

    Where not all parts of a lemma were checked, or not all that have the hypothesis were decided,
    only those that were are spoken of; where one needs it, or may need it, none is.
    """
    present = {result.id for result in results}
    partial = {s.lemma for s in paper.statements if s.id not in present}
    parts: dict[str, list[Statement]] = {}
    for statement in paper.statements:
        parts.setdefault(statement.lemma, []).append(statement)
    lemmas: dict[str, dict[str, dict[str, Necessity]]] = {}
    for result in results:
        lemma = result.id.split("/")[0]
        table = lemmas.setdefault(result.id if lemma in partial else lemma, {})
        for need in result.necessity:
            table.setdefault(need.hypothesis, {})[result.id] = need
    where: dict[tuple[str, str], list[str]] = {}
    for lemma, table in lemmas.items():
        for hypothesis, needs in table.items():
            if all(need.needed is False for need in needs.values()):
                notes = {need.note for need in needs.values()} - {""}
                enough = f": {sorted(notes)[0]}" if notes else ""
                others = (s for s in parts.get(lemma, ()) if s.id not in needs)
                open_ = any(hypothesis in _conditions(statement) for statement in others)
                names = where.setdefault((hypothesis, enough), [])
                names += needs if open_ else (lemma,)
    for (hypothesis, enough), names in where.items():
        what = f"The hypothesis {hypothesis} is not needed{enough}."
        yield _Finding(UNNEEDED, f"{', '.join(names)}: {what}", (hypothesis,))


def _conditions(statement: Statement) -> set[str]:
    """The hypotheses of a statement that are worth a question, as answers name them."""
    formal = formalise(statement)
    return set() if formal is None else {text(c.formula) for c in conditions_of(formal)}


def _unused(paper: Paper, results: Sequence[Result]) -> Iterator[_Finding]:
    used = {
        name
        for statement in paper.statements
        for name in (*statement.uses, *(c.id for c in statement.proof.citations))
    }
    unused = [s.id for s in paper.statements if s.id not in used and s.kind != "theorem"]
    if unused and len(results) == len(paper.statements):
        yield _Finding(UNUSED, f"Nothing rests on: {', '.join(unused)}.")
