"""What a reviewer should know that the paper does not say, generated from the results."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from verify.engine.results import Result
from verify.language.statement import Paper

WEAK = frozenset(("refuted", "unknown", "error", "vacuous"))


def with_findings(paper: Paper, results: Sequence[Result]) -> list[Result]:
    """The results with their findings and with the state of what they rest on."""
    by_id = {result.id: result for result in results}
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
        found.append(
            msgspec.structs.replace(
                result,
                findings=tuple(_findings(result)),
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


def _findings(result: Result) -> Iterable[str]:
    claim = result.claim
    chosen = " (this rests on a value that is chosen, not printed)" if "C" in result.tags else ""
    if claim.verdict == "refuted" and claim.counterexample is not None:
        point = ", ".join(f"{k} = {v}" for k, v in claim.counterexample.point.items())
        yield f"The claim fails at {point}{chosen}."
    for citation in result.proof.citations:
        if citation.verdict == "does not serve":
            instead = f"; {', '.join(citation.instead)} would serve" if citation.instead else ""
            yield f"The citation of {citation.id} does not serve: {citation.why}{instead}."
    for step in result.proof.steps:
        if step.verdict == "refuted":
            yield f"Step {step.index} of the printed proof does not follow: {step.text}{chosen}."
    if claim.explicit_n0:
        yield f"The constant that is large enough: {claim.explicit_n0}."
    for item in result.necessity:
        if item.needed is False:
            yield f"The hypothesis {item.hypothesis} is not needed{chosen}."


def paper_findings(paper: Paper, results: Sequence[Result]) -> list[str]:
    """The findings of the whole paper, the gravest first."""
    ranked: list[tuple[int, str]] = []
    for result in results:
        for text in result.findings:
            grave = (
                0
                if text.startswith("The claim fails")
                else (1 if text.startswith("The citation") else 2)
            )
            ranked.append((grave, f"{result.id}: {text}"))
    used = {
        name
        for statement in paper.statements
        for name in (*statement.uses, *(c.id for c in statement.proof.citations))
    }
    unused = [s.id for s in paper.statements if s.id not in used and s.kind != "theorem"]
    if unused and len(results) == len(paper.statements):
        ranked.append((3, f"Nothing rests on: {', '.join(unused)}."))
    return [text for _, text in sorted(ranked, key=lambda item: item[0])]
