"""A statement in readable mathematics, for results and reports."""

from __future__ import annotations

from verify.engine.formal import Formal, family
from verify.engine.results import Hypothesis, Mathematics, Provenance, StatementView
from verify.engine.shown import (
    UNION_BOUND,
    asymptotic_text,
    chance_text,
    family_text,
    in_lowest_terms,
    range_text,
    readable,
)
from verify.kernel.chance import Chance, NetworkEvent, SignEvent
from verify.language.render import LATEX, latex, name, text
from verify.language.statement import Asymptotic, FiniteSpace, ForAll, Growth, Statement, TailBound
from verify.language.sympy_terms import to_formula, to_term
from verify.language.term import Formula


def tags_of(statement: Statement) -> tuple[str, ...]:
    """The provenance tags of a statement, in a fixed order."""
    found = {item.tag for item in statement.provenance}
    return tuple(tag for tag in ("T", "D", "C") if tag in found)


def statement_view(
    statement: Statement, formal: Formal | None, closed: Formula | None
) -> StatementView:
    """What a reader sees of a statement."""
    return StatementView(
        section=statement.section,
        heading=statement.heading,
        parameters=tuple(
            Mathematics(
                f"{p.name}: {p.about}{' (integer)' if p.integer else ''}",
                latex(to_term(p.symbol)),
            )
            for p in statement.params
        ),
        variables={p.name: "int" if p.integer else "real" for p in statement.params},
        hypotheses=_hypotheses(statement),
        conclusion=_conclusion(statement, formal),
        closed_form=_closed_form(closed),
        note=statement.note,
        provenance=tuple(
            Provenance(item.tag, item.piece, item.reason) for item in statement.provenance
        ),
        definitions=statement.definitions,
        uses=statement.uses,
    )


def _closed_form(closed: Formula | None) -> Mathematics | None:
    if closed is None:
        return None
    shown = readable(in_lowest_terms(closed))
    return Mathematics(text(shown), latex(shown))


def _hypotheses(statement: Statement) -> tuple[Hypothesis, ...]:
    found = []
    for param in statement.params:
        for relation in param.where:
            formula = to_formula(relation)
            found.append(Hypothesis(text(formula), latex(formula)))
    for index in statement.indices:
        found.append(Hypothesis(range_text(str(index.symbol), to_term(index.size)), ""))
    for item in statement.hypotheses:
        relation = item.relation
        if relation is None:
            found.append(Hypothesis(item.text, growth_latex(item.growth) if item.growth else ""))
            continue
        if isinstance(relation, ForAll):
            formula = to_formula(relation.relation)
            found.append(Hypothesis(family_text(family(relation), formula), latex(formula)))
            continue
        formula = to_formula(relation)
        if item.growth is not None:
            found.append(Hypothesis(item.text, growth_latex(item.growth), finite=text(formula)))
        else:
            found.append(Hypothesis(text(formula), latex(formula)))
    return tuple(found)


def growth_latex(growth: Growth) -> str:
    """An asymptotic relation in LaTeX."""
    symbol = {"o": "o", "omega": r"\omega", "O": "O", "Theta": r"\Theta"}[growth.kind]
    return f"{latex(to_term(growth.left))} = {symbol}({latex(to_term(growth.right))})"


def _conclusion(statement: Statement, formal: Formal | None) -> Mathematics:
    conclusion = statement.conclusion
    if isinstance(conclusion, FiniteSpace):
        return Mathematics(
            UNION_BOUND,
            r"\Pr[E_1 \cup \dots \cup E_m] \le \sum_{i=1}^{m} \Pr[E_i]",
        )
    if isinstance(conclusion, TailBound):
        bound = to_term(conclusion.bound)
        return Mathematics(
            f"{conclusion.left} <= {text(bound)}",
            rf"\Pr[|X - \mathbb{{E}} X| \ge u] \le {latex(bound)}",
        )
    if isinstance(conclusion, Asymptotic):
        return _asymptotic(conclusion)
    assert formal is not None
    if isinstance(formal.conclusion, Chance):
        return Mathematics(chance_text(formal.conclusion), chance_latex(formal.conclusion))
    formula = to_formula(conclusion)
    return Mathematics(text(formula), latex(formula))


def growth_text(growth: Growth) -> str:
    """An asymptotic relation in ASCII."""
    return f"{text(to_term(growth.left))} = {growth.kind}({text(to_term(growth.right))})"


def _asymptotic(conclusion: Asymptotic) -> Mathematics:
    given_text = [growth_text(item) for item in conclusion.given]
    variable = text(to_term(conclusion.variable))
    shown = asymptotic_text(growth_text(conclusion.growth), given_text, variable)
    formula = growth_latex(conclusion.growth)
    if conclusion.given:
        given = r" \text{ and } ".join(map(growth_latex, conclusion.given))
        formula += rf" \quad\text{{whenever }} {given}"
    return Mathematics(shown, formula)


def chance_latex(claim: Chance) -> str:
    """A probability bound in LaTeX."""
    event = claim.event
    if isinstance(event, NetworkEvent):
        return rf"\Pr[{'F > 0' if event.positive else 'F = 0'}] \ge {latex(claim.bound)}"
    return rf"\Pr\left[{_event_latex(event)}\right] \ge {latex(claim.bound)}"


def _event_latex(event: SignEvent) -> str:
    weight = event.weights[0]
    size = latex(weight.count)
    index = name(weight.index or "i", LATEX)
    inner = rf"\sum_{{{index}=1}}^{{{size}}} {latex(weight.weight)} \, \sigma_{{{index}}}"
    shown = rf"\left|{inner}\right|" if event.absolute else inner
    relation = {">=": r"\ge", "<=": r"\le", ">": ">", "<": "<"}[event.op]
    return f"{shown} {relation} {latex(event.threshold)}"
