"""The pack says what the paper says: which parts, how many conditions, on which grounds."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any

import pytest
import sympy

from lemmas.polynomial_attention import PAPER
from lemmas.polynomial_attention.cases import CASES, Case
from verify.engine.formal import Formal, formal_conclusion, formalise
from verify.engine.reference import reference_point
from verify.kernel.chance import Chance
from verify.kernel.point import Evaluator
from verify.language.statement import ForAll, Hypothesis, Output, Probability, Statement
from verify.language.sympy_terms import eq, ge, to_formula, to_term
from verify.language.term import (
    Add,
    Call,
    Div,
    Entry,
    Formula,
    Mul,
    Neg,
    Pow,
    Rel,
    Sum,
    Sym,
    Term,
    free_names,
    num,
    relations,
    subterms,
)
from verify.provers.budget import Budget
from verify.provers.lemma import prove_goal

SIX = ("1", "2", "3", "4", "5", "6")
ENTRIES = ("1a", "1b", "2a", "2b", "3a", "3b", "4a", "4b")
HALVED = ("1", "2.special", "2.rest", "3", "4", "5.special", "5.rest", "6")
PARTS: dict[str, tuple[str, ...]] = {
    "3.2": (), "3.3": (), "3.5": (), "3.6": (),
    "4.1": (), "4.2": ("1", "2"), "5.1": ("1", "2"), "5.2": ("1", "2"), "6.3": ("1", "2"),
    "6.5": ("high-d1", "high-d0", "low-d1", "low-d0"),
    "6.6": ENTRIES, "6.7": HALVED, "6.8": ("1", "2"), "6.9": (),
    "6.10": ENTRIES, "6.11": HALVED, "6.12": ("1", "2"), "6.13": (),
    "6.14": ENTRIES, "6.15": SIX, "6.16": ("1", "2"), "6.17": (),
    "6.18": ENTRIES, "6.19": SIX, "6.20": ("1", "2"), "6.21": (),
}  # fmt: skip
LISTED = {
    "6.3": 5, "6.5": 2, "6.6": 6, "6.7": 4, "6.8": 2, "6.9": 6, "6.10": 6, "6.11": 4, "6.12": 2,
    "6.13": 5, "6.14": 5, "6.15": 4, "6.16": 2, "6.17": 5, "6.18": 4, "6.19": 4, "6.20": 2,
    "6.21": 5,
}  # fmt: skip
DEFINITIONS = (
    "1.1", "1.2", "1.3", "3.1", "3.4", "3.7", "3.8", "3.9", "3.10", "3.11", "6.1", "6.2", "6.4",
)  # fmt: skip
OWN_CHECKER = {"3.5", "3.6"}

BY_ID = {statement.id: statement for statement in PAPER.statements}
every_statement = pytest.mark.parametrize("statement", PAPER.statements, ids=lambda s: s.id)


def parts_of(obj: Any) -> Iterator[Any]:
    """Everything inside declared values, down to the atoms of expressions."""
    if is_dataclass(obj) and not isinstance(obj, type):
        for field in fields(obj):
            yield from parts_of(getattr(obj, field.name))
    elif isinstance(obj, Mapping):
        for key, value in obj.items():
            yield from parts_of(key)
            yield from parts_of(value)
    elif isinstance(obj, tuple | list):
        for item in obj:
            yield from parts_of(item)
    elif isinstance(obj, sympy.Basic):
        yield from sympy.preorder_traversal(obj)
    else:
        yield obj


def floats(obj: Any) -> list[Any]:
    return [part for part in parts_of(obj) if isinstance(part, float | sympy.Float)]


def listed(statement: Statement) -> int:
    return sum(hypothesis.listed for hypothesis in statement.hypotheses)


def relations_of(statement: Statement) -> list[Formula]:
    """What the parameters and the scalar hypotheses say."""
    found = [relation for param in statement.params for relation in param.where]
    found += [
        hypothesis.relation
        for hypothesis in statement.hypotheses
        if hypothesis.relation is not None and not isinstance(hypothesis.relation, ForAll)
    ]
    return [to_formula(relation) for relation in found]


def test_the_89_parts_in_the_order_of_the_paper() -> None:
    wanted = [
        f"{number}/{part}" if part else number
        for number, parts in PARTS.items()
        for part in parts or ("",)
    ]
    assert len(wanted) == 89
    assert [statement.id for statement in PAPER.statements] == wanted


def test_the_definitions_are_listed_and_one_example_is_lost() -> None:
    assert tuple(item.id for item in PAPER.definitions) == DEFINITIONS
    assert [item.id for item in PAPER.definitions if not item.recoverable] == ["3.1"]
    assert all(item.provenance for item in PAPER.definitions)


def test_the_kinds_are_those_of_the_text() -> None:
    kinds = {statement.lemma: statement.kind for statement in PAPER.statements}
    named = dict.fromkeys(PARTS, "lemma")
    named |= dict.fromkeys(("3.2", "3.3", "3.5"), "fact") | {"6.3": "claim"}
    named |= dict.fromkeys(("6.5", "6.9", "6.13", "6.17", "6.21"), "theorem")
    assert kinds == named


@pytest.mark.parametrize(("number", "count"), LISTED.items())
def test_the_number_of_listed_conditions_is_that_of_the_text(number: str, count: int) -> None:
    counts = {s.id: listed(s) for s in PAPER.statements if s.lemma == number}
    assert set(counts.values()) == {count}, counts


def test_an_unlisted_condition_does_not_count() -> None:
    statement = BY_ID["6.9"]
    one = Hypothesis(ge(sympy.Symbol("n"), 2))
    assert listed(statement.but(hypotheses=(*statement.hypotheses, one))) == 7
    carried = replace(one, listed=False)
    assert listed(statement.but(hypotheses=(*statement.hypotheses, carried))) == 6


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.section)
def test_every_part_of_a_case_assumes_its_regime(case: Case) -> None:
    conditions = case.conditions()
    regimes = [conditions[name].relation for name in ("high", "low") if name in conditions]
    regimes = [regime for regime in regimes if regime is not None]
    assert len(regimes) == 1
    theorem_part = f"6.5/{case.degree}-d{case.dataset}"
    for statement in PAPER.statements:
        if statement.section != case.section and statement.id != theorem_part:
            continue
        held = [hypothesis.relation for hypothesis in statement.hypotheses]
        assert all(regime in held for regime in regimes), statement.id


def test_regimes_of_the_four_cases() -> None:
    shown = {
        case.section: {
            name: str(item.relation)
            for name, item in case.conditions().items()
            if name in ("high", "low")
        }
        for case in CASES
    }
    assert shown == {
        "6.4": {"high": "(a_1 + 1)**beta >= n"},
        "6.5": {"high": "None", "low": "(a_0 + 1)**beta <= n**x_0"},
        "6.6": {"low": "(a_1 + 1)**beta <= n**x_0"},
        "6.7": {"low": "(a_0 + 1)**beta <= n**x_0"},
    }


@every_statement
def test_what_is_cited_and_used_exists(statement: Statement) -> None:
    cited = {citation.id for citation in statement.proof.citations} | set(statement.uses)
    assert cited <= BY_ID.keys()
    assert statement.id not in cited
    assert set(statement.definitions) <= {item.id for item in PAPER.definitions}


def test_nothing_uses_itself_through_others() -> None:
    remaining = {s.id: set(s.uses) for s in PAPER.statements}
    while remaining:
        free = [name for name, uses in remaining.items() if not uses & remaining.keys()]
        assert free, f"a circle among {sorted(remaining)}"
        for name in free:
            del remaining[name]


def test_citations_are_kept_as_the_text_has_them() -> None:
    cited = {
        number: [citation.id for citation in BY_ID[number].proof.citations]
        for number in ("6.9", "6.13", "6.17", "6.21")
    }
    assert cited == {"6.9": ["6.8/1"], "6.13": ["6.12/1"], "6.17": ["6.8/1"], "6.21": ["6.20/1"]}
    for number in ("6.12", "6.16", "6.20"):
        for part in ("1", "2"):
            proof = BY_ID[f"{number}/{part}"].proof
            assert not proof.steps
            assert not proof.citations


def test_equations_are_numbered_as_in_the_text() -> None:
    found = {step.equation for s in PAPER.statements for step in s.proof.steps} - {""}
    # (4) and (9) define z, and are named in the steps that follow.
    assert found == {str(number) for number in range(1, 21)} - {"4", "9"}


def test_printed_references_that_the_text_has_wrong_are_recorded() -> None:
    reasons = " ".join(step.reason for s in PAPER.statements for step in s.proof.steps)
    for right in ("Eq. (1) and Eq. (2)", "Eq. (5)", "Eq. (7)", "Eq. (10)", "Eq. (12)", "Eq. (13)"):
        assert f"where {right}" in reasons.replace("  ", " "), right
    assert "'Eq. (5.1)', where Eq. (14) is meant" in reasons
    assert "'Eq. (5.2)', where Eq. (15) is meant" in reasons


@every_statement
def test_tags_are_those_of_the_provenance(statement: Statement) -> None:
    assert statement.provenance
    assert all(item.piece and item.reason for item in statement.provenance)
    assert set(statement.tags) == {item.tag for item in statement.provenance}
    assert statement.heading


def test_every_lemma_has_one_heading() -> None:
    headings: dict[str, set[str]] = {}
    for statement in PAPER.statements:
        headings.setdefault(statement.lemma, set()).add(statement.heading)
    assert all(len(found) == 1 for found in headings.values()), headings


def test_titles_tell_the_parts_of_a_lemma_apart() -> None:
    titles = Counter((statement.lemma, statement.title) for statement in PAPER.statements)
    assert not [title for title, count in titles.items() if count > 1]


def test_no_float_anywhere() -> None:
    assert not floats(PAPER)


def test_a_float_is_found_wherever_it_hides() -> None:
    statement = BY_ID["6.9"]
    assert floats(statement.but(radius=0.5 * sympy.Symbol("n"))) == [sympy.Float(0.5)]
    assert floats(statement.but(hypotheses=(Hypothesis(ge(sympy.Symbol("n"), 0.5)),)))
    assert floats(statement.but(note=0.5)) == [0.5]


@every_statement
def test_every_statement_formalises(statement: Statement) -> None:
    formal = formalise(statement)
    assert (formal is None) == (statement.id in OWN_CHECKER)
    if isinstance(formal, Formal):
        assert formal.theory.ranges.keys() == {str(index.symbol) for index in statement.indices}


@every_statement
def test_every_step_citation_and_variant_can_be_read(statement: Statement) -> None:
    for step in statement.proof.steps:
        assert formal_conclusion(step.claim) is not None
        assert all(to_formula(item) for item in step.given)
    for citation in statement.proof.citations:
        for new in citation.substitution.values():
            to_term(new)
        if citation.used_for is not None:
            assert formal_conclusion(citation.used_for) is not None
    for name, conclusion in statement.variants:
        assert name
        assert formal_conclusion(conclusion) is not None
    for extra in (statement.radius, statement.variance):
        if extra is not None:
            to_term(extra)


@every_statement
def test_every_free_name_is_declared(statement: Statement) -> None:
    formal = formalise(statement)
    if formal is None:
        return
    declared = {param.name for param in statement.params}
    declared |= {str(index.symbol) for index in statement.indices}
    used = frozenset().union(*(free_names(item) for item in formal.hypotheses))
    assert used <= declared
    if isinstance(statement.conclusion, Probability):
        used = free_names(to_term(statement.conclusion.at_least))
        used |= free_names(to_term(statement.conclusion.event.threshold))
    else:
        used = free_names(to_formula(statement.conclusion))
    assert used <= declared


@every_statement
def test_the_reference_point_satisfies_the_hypotheses(statement: Statement) -> None:
    point = reference_point(statement.params)
    scalar = [item for item in relations_of(statement) if _is_scalar(item, point)]
    evaluator = Evaluator(point)
    assert scalar or not statement.params or statement.id in ("3.3",)
    for item in scalar:
        assert evaluator.formula(item) is True, item


def _is_scalar(formula: Formula, point: Mapping[str, Any]) -> bool:
    """Whether a relation is about parameters alone: no array entry, no sum, no index."""
    nodes = [
        node
        for rel in relations(formula)
        for side in (rel.left, rel.right)
        for node in subterms(side)
    ]
    return free_names(formula) <= point.keys() and not any(
        isinstance(node, Entry | Sum) for node in nodes
    )


# In 4.2/2 and 6.8 the radius belongs to a step of the proof, not to the claim.
HOEFFDING = [
    s for s in PAPER.statements if s.radius is not None and s.lemma != "6.8" and s.id != "4.2/2"
]


@pytest.mark.parametrize("statement", HOEFFDING, ids=lambda s: s.id)
def test_radius_and_variance_leave_the_failure_probability(statement: Statement) -> None:
    """At the reference point: as often as Hoeffding's bound is used, it fails rarely enough."""
    radius, variance = to_term(statement.radius), to_term(statement.variance)
    conclusion = statement.conclusion
    assert isinstance(conclusion, Probability)
    times: Term = num(1)
    if isinstance(conclusion.event, Output):
        kinds = num(1 if conclusion.event.row is None else 2)
        times = Mul((kinds, to_term(conclusion.event.columns)))
    exponent = Neg(Div(Pow(radius, num(2)), Mul((num(2), variance))))
    failure = Mul((num(2), times, Call("exp", (exponent,))))
    allowed = Add((num(1), Neg(to_term(conclusion.at_least))))
    evaluator = Evaluator(reference_point(statement.params))
    assert evaluator.formula(Rel("<=", failure, allowed)) is True
    assert evaluator.formula(Rel("<=", failure, Mul((allowed, num(0))))) is False


def proved(statement: Statement, seconds: float = 10.0) -> bool:
    formal = formalise(statement)
    assert formal is not None
    assert not isinstance(formal.conclusion, Chance)
    context = formal.sequent().context()
    return prove_goal(context, formal.conclusion, Budget.of(seconds)) is not None


@pytest.mark.parametrize("identifier", ["3.2", "3.3", "6.3/1", "6.3/2"])
def test_identities_follow_from_the_definitions(identifier: str) -> None:
    assert proved(BY_ID[identifier])


def test_the_tensor_trick_does_not_follow_for_stacked_columns() -> None:
    statement = BY_ID["3.2"]
    ((name, conclusion),) = statement.variants
    assert "column-major" in name
    assert not proved(statement.but(conclusion=conclusion), 2.0)


def test_a_wrong_identity_is_not_proved() -> None:
    statement = BY_ID["6.3/1"]
    left, right = sympy.sympify(statement.conclusion).args
    assert proved(statement.but(conclusion=eq(right, left)))
    assert not proved(statement.but(conclusion=eq(left, 2 * right)), 2.0)


def test_reference_values() -> None:
    evaluator = Evaluator(reference_point(BY_ID["6.5/high-d1"].params))
    names = ("d", "t", "n", "a_1", "b", "c", "delta", "k", "m", "C")
    shown = {name: str(evaluator.exact(Sym(name))) for name in names}
    assert shown == {
        "d": "7", "t": "4", "n": "20", "a_1": "7/10", "b": "2/5", "c": "3/5", "delta": "1/20",
        "k": "1", "m": "60", "C": "10",
    }  # fmt: skip
