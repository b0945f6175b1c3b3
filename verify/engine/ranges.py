"""Whether the sizes that a statement allows are sizes that the statements it uses ask for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from verify.engine.orders import answer, growth_variable, order_of, question
from verify.engine.reference import rational_reference
from verify.engine.results import OrderResult
from verify.language.statement import Growth, Hypothesis, Paper, Statement


def range_findings(paper: Paper, shown: Sequence[str]) -> list[str]:
    """Growth hypotheses of used statements that do not follow from those of their users.

    What is the same of several pairs of numbered statements is said once.
    """
    found: dict[tuple[str, str], list[tuple[str, str]]] = {}
    asked: set[tuple[str, str, Growth]] = set()
    statements = {statement.id: statement for statement in paper.statements}
    for user in paper.statements:
        if user.id not in frozenset(shown):
            continue
        own = tuple(item.growth for item in user.hypotheses if item.growth is not None)
        for name in dict.fromkeys((*user.uses, *(c.id for c in user.proof.citations))):
            used = statements.get(name)
            for item in used.hypotheses if used is not None and own else ():
                if item.growth is None or item.growth in own:
                    continue
                assert used is not None
                key = (user.lemma, used.lemma, item.growth)
                if key not in asked:
                    asked.add(key)
                    for said in _missing(user, own, used, item):
                        found.setdefault(said, []).append((user.lemma, used.lemma))
    return [_sentence(*said, pairs) for said, pairs in found.items()]


def _sentence(given: str, wanted: str, pairs: Sequence[tuple[str, str]]) -> str:
    users, used = (tuple(dict.fromkeys(names)) for names in zip(*pairs, strict=True))
    assumed = "it assumes" if len(users) == 1 else "they assume"
    asks = "asks" if len(used) == 1 else "ask"
    return (
        f"{', '.join(users)}: A condition is missing: of orders of growth {assumed} only {given}, "
        f"but {', '.join(used)}, on which this rests, {asks} for {wanted}."
    )


def _missing(
    user: Statement, own: tuple[Growth, ...], used: Statement, item: Hypothesis
) -> Iterator[tuple[str, str]]:
    """What the user assumes, and what is asked for beyond that."""
    if item.growth is None:
        return
    known = [growth_variable(user, growth) for growth in own]
    variable = next((name for name in [*known, growth_variable(used, item.growth)] if name), None)
    if variable is None:
        return
    result = answer(question(user, own, item.growth, variable), rational_reference(used.params))
    if result.verdict == "proved":
        return
    given = " and ".join(str(order_of(growth)) for growth in own)
    wanted = f"{order_of(item.growth)}{_same(used, item, variable)}"
    yield given, f"{wanted}, which {_verdict(result)}"


def _same(used: Statement, item: Hypothesis, variable: str) -> str:
    """Another form of the hypothesis that is asked for, where it is equivalent."""
    if item.growth is None or item.implies is None:
        return ""
    back = question(used, (item.implies,), item.growth, variable)
    forth = question(used, (item.growth,), item.implies, variable)
    constants = rational_reference(used.params)
    if all(answer(asked, constants).verdict == "proved" for asked in (back, forth)):
        return f" (the same as {order_of(item.implies)})"
    return ""


def _verdict(result: OrderResult) -> str:
    if result.verdict == "refuted":
        return f"does not follow: {result.why}"
    return f"is not known to follow: {result.why}"
