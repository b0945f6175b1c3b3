"""Planted falsehoods: changed claims must come out refuted, with a confirmed point."""

from __future__ import annotations

import pytest
from sympy import Rational

from lemmas.polynomial_attention import PAPER
from lemmas.polynomial_attention.notation import (
    a_1,
    alpha,
    b,
    beta,
    c,
    entry,
    f,
    j_0,
    j_1,
    j_3,
    n,
    s,
    t,
    u,
)
from verify.engine.formal import formalise
from verify.engine.statements import _Work
from verify.kernel.check import Sequent
from verify.kernel.point import evaluate
from verify.language.grammar import parse_term
from verify.language.statement import Statement
from verify.language.sympy_terms import eq, ge, gt, le, lt
from verify.language.term import Formula
from verify.provers.budget import Budget
from verify.provers.lemma import closed_form

BY_ID = {statement.id: statement for statement in PAPER.statements}

P = (1 + a_1) ** beta
S = s ** (2 * beta)

FALSE: list[tuple[str, str, object]] = [
    ("6.6/1a", "beta for 2 beta", eq(u[j_3, j_3], P * S)),
    ("6.6/1a", "exponent of s", eq(u[j_3, j_3], P**2 * s**beta)),
    ("6.6/1b", "squared", eq(u[j_3, j_1], P**2 * S)),
    ("6.6/2b", "feature where there is none", eq(u[j_0, j_1], P * S)),
    ("6.6/3a", "2/3 for 1/2", ge(f[j_3, j_3], Rational(2, 3))),
    ("6.6/3a", "direction", le(f[j_3, j_3], Rational(1, 2))),
    ("6.6/3b", "1/(n + 1) for 1/n", le(f[j_3, j_1], 1 / (n + 1))),
    ("6.6/3b", "direction", ge(f[j_3, j_1], 1 / n)),
    ("6.6/4a", "2/3 for 1/2", ge(f[j_0, j_3], Rational(2, 3))),
    ("6.6/4b", "1/(n + 1) for 1/n", le(f[j_0, j_1], 1 / (n + 1))),
    ("6.7/1", "a s for a s / 2", ge(entry[j_3, 1], a_1 * s)),
    ("6.7/3", "b for c", eq(entry[j_3, 1], c * s)),
    ("6.7/4", "direction", lt(entry[j_0, 1], a_1 * s / 2)),
    ("6.7/6", "b s", eq(entry[j_0, 1], b * s)),
    ("6.6/3a", "n - 2 for n - 1 in alpha", eq(alpha[j_3], P**2 * S + (n - 2) * P * S)),
]


def refuted(statement: Statement, seconds: float = 8.0) -> bool:
    """Whether the statement is refuted, by a point that is confirmed in its closed form."""
    formal = formalise(statement)
    assert formal is not None
    work = _Work(PAPER, statement, formal, seconds, 0)
    claim = work.claim()
    assert claim.verdict != "proved", claim
    if claim.counterexample is None:
        return False
    conclusion = formal.conclusion
    goal: Formula = closed_form(work.context, conclusion, Budget.of(2.0))  # type: ignore[arg-type]
    point = {name: parse_term(value) for name, value in claim.counterexample.point.items()}
    sequent = Sequent(formal.hypotheses, goal, formal.integers)
    return evaluate(sequent.hypotheses, goal, point, sequent.integers).fails


@pytest.mark.slow
@pytest.mark.parametrize(
    ("identifier", "change", "conclusion"), FALSE, ids=[f"{i}: {c}" for i, c, _ in FALSE]
)
def test_changed_claims_are_refuted(identifier: str, change: str, conclusion: object) -> None:
    assert refuted(BY_ID[identifier].but(conclusion=conclusion)), change


def test_dropping_the_degree_condition_is_refuted() -> None:
    statement = BY_ID["6.6/3a"]
    kept = tuple(
        h for h in statement.hypotheses if h.relation is None or n not in h.relation.free_symbols
    )
    assert len(kept) < len(statement.hypotheses)
    assert refuted(statement.but(hypotheses=kept))


def test_a_strengthening_that_is_true_is_proved() -> None:
    # P >= n gives P/(P + n - 1) > 1/2, strictly.
    statement = BY_ID["6.6/3a"].but(conclusion=gt(f[j_3, j_3], Rational(1, 2)))
    formal = formalise(statement)
    assert formal is not None
    assert _Work(PAPER, statement, formal, 10.0, 0).claim().verdict == "proved"


def test_the_weight_of_a_special_row_is_not_that_of_the_others() -> None:
    statement = BY_ID["6.7/2.special"].but(conclusion=le(entry[j_3, 1], t / n * b * s))
    assert refuted(statement)
