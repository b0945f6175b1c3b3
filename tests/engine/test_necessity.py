"""Which hypotheses a claim needs."""

from __future__ import annotations

import pytest
from sympy import Rational

from lemmas.polynomial_attention import PAPER
from verify.engine.audit import EFFORTS, Audit
from verify.engine.conditions import conditions_of, setting_of
from verify.engine.examine import audit_of, proof_of
from verify.engine.formal import formalise
from verify.engine.necessity import dropped, necessities, without
from verify.engine.results import Necessity
from verify.engine.statements import check_statement
from verify.language.render import text
from verify.language.statement import Hypothesis, Index, Param, Statement
from verify.language.sympy_terms import eq, ge, gt, le, ne, symbols
from verify.language.term import Rel

x, y, n = symbols("x y n")
BY_ID = {statement.id: statement for statement in PAPER.statements}


def statement(conclusion: object, *hypotheses: object, **more: object) -> Statement:
    return Statement(
        id="1.1",
        title="A lemma",
        kind="lemma",
        section="1",
        params=(
            Param(x, "a number", Rational(2), where=(gt(x, 0), ge(x, Rational(1, 10)))),
            Param(y, "a number", Rational(3), where=(gt(y, 0),)),
            Param(n, "a size", Rational(4), integer=True, where=(ge(n, 1),)),
        ),
        conclusion=conclusion,
        hypotheses=tuple(Hypothesis(item) for item in hypotheses),
        **more,  # type: ignore[arg-type]
    )


def audit(asked: Statement) -> Audit:
    formal = formalise(asked)
    assert formal is not None
    found = audit_of(PAPER, asked, formal, EFFORTS["quick"], seed=0)
    claim = check_statement(PAPER, asked, 5.0, 0).claim
    assert claim.verdict == "proved"
    found.proof = proof_of(claim)
    return found


def needs(asked: Statement) -> dict[str, Necessity]:
    found = audit(asked)
    goal = found.formal.conclusion
    assert isinstance(goal, Rel)
    return {item.hypothesis: item for item in necessities(found, goal)}


def test_signs_sizes_and_equations_are_the_setting() -> None:
    formal = formalise(statement(ge(x + y, 0), le(x, y), eq(x * y, 6)))
    assert formal is not None
    asked = {text(item.formula) for item in conditions_of(formal)}
    assert asked == {"x >= 1/10", "x <= y"}
    assert {text(item) for item in setting_of(formal)} >= {"x > 0", "y > 0", "n >= 1"}


def test_a_hypothesis_that_nothing_uses_is_not_needed() -> None:
    found = needs(statement(ge(x + y, 0), le(x, y)))
    assert found["x <= y"].needed is False
    assert found["x >= 1/10"].needed is False
    assert found["x >= 1/10"].note == "x > 0 is enough"


def test_a_needed_hypothesis_comes_with_a_point_at_which_only_it_fails() -> None:
    need = needs(statement(le(x, 2 * y), le(x, y)))["x <= y"]
    assert need.needed is True
    assert need.counterexample is not None
    assert need.counterexample.command.endswith("--anyway")
    point = need.counterexample.point
    assert Rational(point["x"]) > 2 * Rational(point["y"])


def test_a_weaker_hypothesis_that_is_enough_is_named() -> None:
    need = needs(statement(le(x, y + 1), le(x, y)))["x <= y"]
    assert need.needed is True
    assert need.note == "x <= y + 1 is enough"


def test_strictness_that_is_not_needed_is_named() -> None:
    need = needs(statement(ge(y * y, x * x), gt(y, x)))["y > x"]
    assert need.needed is True
    assert need.note == "y >= x is enough"


def test_a_claim_that_needs_a_number_says_so() -> None:
    need = needs(statement(ge(20 * x, 1)))["x >= 1/10"]
    assert need.needed is True


@pytest.mark.slow
def test_the_degree_condition_can_be_weakened_by_one() -> None:
    found = audit(BY_ID["6.6/3a"])
    goal = found.formal.conclusion
    assert isinstance(goal, Rel)
    table = {item.hypothesis: item for item in necessities(found, goal)}
    degree = table["(1 + a_1)^beta >= n"]
    assert degree.needed is True
    assert degree.note == "(1 + a_1)^beta >= n - 1 is enough"
    assert table["b >= 1/10"].needed is False


def test_a_negative_bound_leaves_nothing_when_it_is_dropped() -> None:
    z = Param(symbols("z")[0], "any number", Rational(0), where=(ge(symbols("z")[0], -3),))
    asked = statement(ge(symbols("z")[0], -4))
    formal = formalise(asked.but(params=(*asked.params, z)))
    assert formal is not None
    (condition,) = (c for c in conditions_of(formal) if text(c.formula) == "z >= -3")
    assert condition.left_over == ()
    need = needs(asked.but(params=(*asked.params, z)))["z >= -3"]
    assert need.needed is True
    assert need.counterexample is not None
    assert Rational(need.counterexample.point["z"]) < -4


def test_the_others_keep_their_numbers() -> None:
    formal = formalise(statement(ge(x, 0), le(x, y)))
    assert formal is not None
    for condition in conditions_of(formal):
        rest = without(formal, condition)
        assert len(rest.hypotheses) == len(formal.hypotheses)
        changed = [a for a, b in zip(formal.hypotheses, rest.hypotheses, strict=True) if a != b]
        assert changed == [condition.formula]


def test_the_declared_statement_loses_the_same_hypothesis() -> None:
    asked = statement(ge(x, 0), le(x, y))
    formal = formalise(asked)
    assert formal is not None
    for condition in conditions_of(formal):
        weaker = dropped(asked, condition)
        assert weaker is not None
        rest = formalise(weaker)
        assert rest is not None
        assert condition.formula not in rest.hypotheses
        assert len(rest.hypotheses) == len(formal.hypotheses) - 1


def test_that_indices_differ_is_a_hypothesis() -> None:
    i, j = symbols("i j")
    asked = statement(ge(x, 0), indices=(Index(i, n), Index(j, n)))
    formal = formalise(asked.but(hypotheses=(Hypothesis(ne(i, j)),)))
    assert formal is not None
    assert [item.indices is not None for item in conditions_of(formal)] == [False, True]
