"""Orders of growth in statements: claims, and implications between hypotheses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

import msgspec

from verify.asymptotics.certificate import save_order
from verify.asymptotics.question import Order, Question
from verify.asymptotics.search import decided, prove_order
from verify.asymptotics.sequences import Family, refute_order
from verify.engine.reference import rational_reference
from verify.engine.results import Claim, Counterexample, OrderResult, Result
from verify.engine.shown import implication
from verify.kernel.poly import Refused
from verify.language.render import text
from verify.language.statement import Asymptotic, ForAll, Growth, Paper, Statement
from verify.language.sympy_terms import to_formula, to_term
from verify.language.term import ONE, And, Formula, Rel, free_names, nnf

FRACTIONS = (Fraction(1), Fraction(1, 2), Fraction(1, 10))


def order_of(growth: Growth) -> Order:
    """A declared order of growth, in terms."""
    return Order(to_term(growth.left), growth.kind, to_term(growth.right))


def growth_variable(statement: Statement, growth: Growth) -> str | None:
    """What tends to infinity: the only integer parameter on the right."""
    integers = {param.name for param in statement.params if param.integer}
    found = sorted(integers & free_names(to_term(growth.right)))
    return found[0] if len(found) == 1 else None


def question(
    statement: Statement, given: Sequence[Growth], goal: Growth, variable: str
) -> Question:
    """Whether orders of growth imply another one, under what a statement says about sizes.

    Integer parameters change with the variable; the relations are those between the parameters that
    the orders of growth mention, and integer ones that are related to these.
    """
    orders = tuple(map(order_of, given))
    wanted = order_of(goal)
    integers = {param.name for param in statement.params if param.integer}
    names = {variable}.union(
        *(free_names(side) for item in (*orders, wanted) for side in (item.left, item.right))
    )
    stated = _relations(statement)
    while True:
        related = {
            name
            for rel in stated
            if free_names(rel) & names and free_names(rel) <= names | integers
            for name in free_names(rel)
        }
        if related <= names:
            break
        names |= related
    known = tuple(rel for rel in stated if free_names(rel) <= names)
    return Question(variable, frozenset(integers & names) - {variable}, known, orders, wanted)


def _relations(statement: Statement) -> list[Rel]:
    return [part for part in _parts(statement) if isinstance(part, Rel)]


def _parts(statement: Statement) -> list[Formula]:
    """The hypotheses but those about all indices, conjunctions part by part."""
    formulas: list[Formula] = [
        to_formula(relation) for param in statement.params for relation in param.where
    ]
    formulas += [
        to_formula(item.relation)
        for item in statement.hypotheses
        if item.relation is not None and not isinstance(item.relation, ForAll)
    ]
    return [
        part
        for formula in map(nnf, formulas)
        for part in (formula.args if isinstance(formula, And) else (formula,))
    ]


def is_whole(statement: Statement, asked: Question) -> bool:
    """Whether a question has every hypothesis of a statement that is about its parameters; where
    one was left out, sequences that do not satisfy it refute nothing."""
    names = {asked.variable, *asked.sequences, *asked.reader.constants}
    for hypothesis in statement.hypotheses:
        if hypothesis.growth is not None and order_of(hypothesis.growth) not in asked.given:
            sides = (hypothesis.growth.left, hypothesis.growth.right)
            if any(free_names(to_term(side)) & names for side in sides):
                return False
        if isinstance(hypothesis.relation, ForAll) and names & free_names(
            to_formula(hypothesis.relation.relation)
        ):
            return False
    return all(
        formula in asked.hypotheses or not free_names(formula) & names
        for formula in _parts(statement)
    )


def answer(asked: Question, constants: Mapping[str, Fraction], whole: bool = True) -> OrderResult:
    """Whether the goal of a question follows: a checked argument, or sequences that say no.

    Sequences are tried at the values of ``constants``, and at fractions of them, where the question
    is the ``whole`` one.
    """
    shown = implication(asked)
    try:
        proof = prove_order(asked)
        if proof is not None:
            return OrderResult(shown, "proved", _why(asked, proof), save_order(asked, proof))
        family = _sequences(asked, constants) if whole else None
    except Refused as error:
        return OrderResult(shown, "unknown", str(error))
    if family is None:
        return OrderResult(shown, "unknown", "neither a proof nor sequences against it were found")
    return OrderResult(shown, "refuted", _against(family), sequences=_point(family))


def _sequences(asked: Question, constants: Mapping[str, Fraction]) -> Family | None:
    for part in FRACTIONS:
        used = {
            name: constants[name] * part for name in asked.reader.constants if name in constants
        }
        family = refute_order(asked, used)
        if family is not None:
            return family
    return None


def _why(asked: Question, proof: Sequence[Mapping[str, Any]]) -> str:
    """The combination of logarithms, fact by fact."""
    lines = []
    for part in proof:
        summands = [
            f"{'' if scale == '1' else f'{scale} * '}"
            + "".join(f"({asked.signs[sign].said}) * " for sign in signs)
            + f"[{asked.facts[place].said}]"
            for place, scale, signs in part["sum"]
        ]
        if part["top"]:
            summands.append(f"a part that only {asked.variable} determines, which grows")
        lines.append(" + ".join(summands) if summands else "both sides are of the same order")
    return "in logarithms, up to bounded terms: " + "; ".join(dict.fromkeys(lines))


def _against(family: Family) -> str:
    return "not along " + ", ".join(f"{name} = {value}" for name, value in _point(family).items())


def _point(family: Family) -> dict[str, str]:
    found = {name: text(value) for name, value in sorted(family.sequences.items())}
    return found | {name: str(value) for name, value in sorted(family.constants.items())}


def absurd(asked: Question) -> tuple[Question, Sequence[Mapping[str, Any]]] | None:
    """A proof that no sequence satisfies what is known: the constant 1 would tend to infinity."""
    never = replace(asked, goal=Order(ONE, "omega", ONE))
    proof = decided(never)
    return None if proof is None else (never, proof)


def claim(statement: Statement) -> Claim:
    """The verdict on a statement whose conclusion is an order of growth."""
    conclusion = statement.conclusion
    assert isinstance(conclusion, Asymptotic)
    asked = question(statement, conclusion.given, conclusion.growth, str(conclusion.variable))
    found = answer(asked, rational_reference(statement.params), is_whole(statement, asked))
    method = "orders of growth, by logarithms"
    nowhere = None if found.verdict == "refuted" else absurd(asked)
    if nowhere is not None:
        return Claim(
            "vacuous",
            method,
            certificate=save_order(*nowhere),
            explanation=f"{asked.variable} does not tend to infinity along any sequence that "
            f"satisfies the hypotheses: {_why(*nowhere)}",
        )
    if found.verdict == "proved":
        return Claim("proved", method, certificate=found.certificate, explanation=found.why)
    if found.verdict == "refuted":
        against = Counterexample(found.sequences or {})
        return Claim("refuted", method, counterexample=against, explanation=found.why)
    return Claim("unknown", tried=(found.why,))


def implications(statement: Statement) -> tuple[OrderResult, ...]:
    """What the growth hypotheses of a statement are said to imply, each decided."""
    found = []
    for item in statement.hypotheses:
        if item.growth is None or item.implies is None:
            continue
        variable = growth_variable(statement, item.growth)
        if variable is None:
            words = f"{order_of(item.growth)} implies {order_of(item.implies)}"
            found.append(OrderResult(words, "unknown", "what tends to infinity is not said"))
            continue
        asked = question(statement, (item.growth,), item.implies, variable)
        found.append(answer(asked, rational_reference(statement.params)))
    return tuple(found)


def with_orders(paper: Paper, results: Sequence[Result]) -> list[Result]:
    """The results with the implications between orders of growth that their statements state."""
    statements = {statement.id: statement for statement in paper.statements}
    return [
        msgspec.structs.replace(result, orders=implications(statements[result.id]))
        if result.id in statements
        else result
        for result in results
    ]
