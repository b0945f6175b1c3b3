"""From declared statements to what the kernel checks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from verify.kernel.certificate import Obligation, load, save
from verify.kernel.chance import Chance, NetworkEvent, SignEvent, Weight
from verify.kernel.check import Sequent
from verify.kernel.sums import Definition, Family, IndexMap, Theory
from verify.language.statement import (
    Array,
    ForAll,
    Hypothesis,
    Output,
    Param,
    Probability,
    SignSum,
    Statement,
    Step,
)
from verify.language.sympy_terms import to_formula, to_term
from verify.language.term import (
    ONE,
    TRUE,
    And,
    Entry,
    Formula,
    Num,
    Rel,
    Sym,
    Term,
    free_names,
    nnf,
    subterms,
)


@dataclass(frozen=True)
class Formal:
    """A statement as hypotheses, definitions and a conclusion, in terms."""

    hypotheses: tuple[Formula, ...]
    conclusion: Formula | Chance
    integers: frozenset[str]
    theory: Theory

    def obligation(self) -> Obligation:
        """What a certificate is about."""
        return Obligation(self.hypotheses, self.conclusion, self.integers, self.theory)

    def sequent(self, conclusion: Formula | None = None) -> Sequent:
        """The obligation for the conclusion, or for another one under the same hypotheses."""
        goal = conclusion
        if goal is None:
            goal = self.conclusion if not isinstance(self.conclusion, Chance) else TRUE
        return Sequent(self.hypotheses, goal, self.integers, self.theory)


def formalise(statement: Statement) -> Formal | None:
    """The formal content of a statement, or None for a kind that has its own checker.

    Raises:
        LanguageError: an expression of the pack cannot be read.
    """
    conclusion = formal_conclusion(statement.conclusion)
    if conclusion is None:
        return None
    indices = {str(index.symbol): to_term(index.size) for index in statement.indices}
    maps = {
        item.name: IndexMap(to_term(item.rows), to_term(item.classes), to_term(item.copies))
        for item in statement.stacked
    }
    hypotheses, families, distinct = _hypotheses(statement, set(indices) | set(maps))
    theory = Theory(
        definitions=definitions(statement.arrays),
        maps=maps,
        ranges=indices,
        least=_least(statement.params),
        distinct=distinct,
        families=families,
    )
    integers = frozenset(param.name for param in statement.params if param.integer) | set(indices)
    return _normal(Formal(tuple(hypotheses), conclusion, integers, theory))


def formalise_step(statement: Statement, formal: Formal, step: Step) -> Formal:
    """A statement, whose formal content is at hand, under the further hypotheses of a step."""
    if not step.given:
        return formal
    found = formalise(under(statement, step))
    assert found is not None
    return found


def under(statement: Statement, step: Step) -> Statement:
    """A statement under the further hypotheses of a step."""
    extra = tuple(Hypothesis(relation) for relation in step.given)
    return statement.but(hypotheses=(*statement.hypotheses, *extra))


def _normal(formal: Formal) -> Formal:
    """The statement as it reads back from a saved certificate, so that both are checked alike."""
    obligation, _ = load(save(formal.obligation(), {}))
    return Formal(
        obligation.hypotheses, obligation.conclusion, obligation.integers, obligation.theory
    )


def definitions(arrays: Sequence[Array]) -> dict[str, Definition]:
    """The arrays of a pack, for unfolding."""
    return {
        array.name: Definition(tuple(str(index) for index in array.indices), to_term(array.body))
        for array in arrays
    }


def _hypotheses(
    statement: Statement, index_names: set[str]
) -> tuple[list[Formula], tuple[Family, ...], tuple[tuple[Term, Term], ...]]:
    found: list[Formula] = [
        to_formula(relation) for param in statement.params for relation in param.where
    ]
    families: list[Family] = []
    distinct: list[tuple[Term, Term]] = []
    for hypothesis in statement.hypotheses:
        if hypothesis.relation is None:
            continue
        if isinstance(hypothesis.relation, ForAll):
            families.append(family(hypothesis.relation))
            continue
        formula = nnf(to_formula(hypothesis.relation))
        if isinstance(formula, Rel) and formula.op == "!=" and _is_index(formula, index_names):
            distinct.append((formula.left, formula.right))
        else:
            found.append(formula)
    return found, tuple(families), tuple(distinct)


def family(item: ForAll) -> Family:
    """A hypothesis about all indices, for the kernel."""
    return Family(
        str(item.index),
        to_term(item.size),
        nnf(to_formula(item.relation)),
        tuple(to_term(exception) for exception in item.exceptions),
    )


def _is_index(rel: Rel, names: set[str]) -> bool:
    used = free_names(rel) | {
        node.name
        for side in (rel.left, rel.right)
        for node in subterms(side)
        if isinstance(node, Entry)
    }
    return bool(used) and used <= names


def _least(params: Sequence[Param]) -> dict[str, int]:
    """Integer lower bounds that the domains state outright, of what may be a size."""
    found: dict[str, int] = {}
    for param in params:
        for relation in param.where:
            formula = to_formula(relation)
            if (
                param.integer
                and isinstance(formula, Rel)
                and formula.op == ">="
                and formula.left == Sym(param.name)
                and isinstance(formula.right, Num)
                and formula.right.value.denominator == 1
                and formula.right.value >= 0
            ):
                found[param.name] = max(found.get(param.name, 0), int(formula.right.value))
    return found


def formal_conclusion(conclusion: Any) -> Formula | Chance | None:
    """A conclusion for the kernel; None for kinds that have their own checker."""
    if isinstance(conclusion, Probability):
        event = conclusion.event
        weights = (Weight(to_term(event.weight), to_term(event.size), str(event.index)),)
        bound = to_term(conclusion.at_least)
        threshold = to_term(event.threshold)
        if isinstance(event, SignSum):
            return Chance(SignEvent(weights, event.op, threshold, event.absolute), bound)
        assert isinstance(event, Output)
        return Chance(
            NetworkEvent(
                weights,
                threshold,
                to_term(event.columns),
                event.positive,
                str(event.row) if event.row is not None else None,
                to_term(event.rows) if event.row is not None else ONE,
            ),
            bound,
        )
    if hasattr(conclusion, "free_symbols"):
        formula = nnf(to_formula(conclusion))
        return And(formula.args) if isinstance(formula, And) else formula
    return None
