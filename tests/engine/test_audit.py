"""Claims between numbers, and points at which indices have places."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from lemmas.polynomial_attention import PAPER
from verify.engine.audit import EFFORTS
from verify.engine.examine import audit_of
from verify.engine.formal import Formal, formalise
from verify.engine.scalars import Choice, Scalar, is_scalar, placed, scalars
from verify.kernel.check import Sequent
from verify.kernel.sums import IndexMap, Theory
from verify.language.grammar import parse_formula, parse_term
from verify.language.statement import Statement
from verify.language.term import TRUE, Entry, Formula, Num, Rel, Sym, nnf, num

BY_ID = {statement.id: statement for statement in PAPER.statements}


def formal_of(identifier: str) -> Formal:
    found = formalise(BY_ID[identifier])
    assert found is not None
    return found


def goal_of(formal: Formal) -> Formula:
    assert isinstance(formal.conclusion, Rel) or not hasattr(formal.conclusion, "event")
    return formal.conclusion  # type: ignore[return-value]


def test_a_claim_about_two_rows_needs_two_rows() -> None:
    formal = formal_of("6.6/3b")
    (case,) = scalars(formal, goal_of(formal))
    assert Rel(">=", Sym("n"), num(2)) in case.sequent.hypotheses
    assert is_scalar(case.sequent.conclusion)


def test_an_index_that_may_agree_gives_two_cases() -> None:
    formal = formal_of("6.15/2")
    cases = scalars(formal, goal_of(formal))
    assert len(cases) == 2
    assert {choice.same for case in cases for choice in case.choices} == {True, False}


def test_arrays_without_definitions_have_no_scalar_form() -> None:
    formal = formal_of("6.3/1")
    assert scalars(formal, goal_of(formal)) == ()


THEORY = Theory(
    maps={"r": IndexMap(Sym("n"), Sym("d"), Sym("t"))},
    ranges={"i": Sym("n"), "j": Sym("n"), "k": Sym("d")},
)
POINT = {"n": num(6), "d": num(3), "t": num(2)}
FIRST, SECOND, CLASS = Sym("i"), Sym("j"), Sym("k")


def place(*choices: Choice, **point: int) -> dict[str, int] | None:
    values = {name: Num(Fraction(value)) for name, value in point.items()}
    return placed(Scalar(Sequent((), TRUE), choices), THEORY, {**POINT, **values})


def test_places_agree_and_differ_as_asked() -> None:
    found = place(Choice(FIRST, SECOND, same=False), Choice(CLASS, Entry("r", (FIRST,)), same=True))
    assert found is not None
    assert found["i"] != found["j"]
    assert found["k"] == 1 + (found["i"] - 1) % 3


def test_one_row_has_no_second() -> None:
    assert place(Choice(FIRST, SECOND, same=False), n=1, d=1, t=1) is None


def test_a_class_of_its_own_has_no_other() -> None:
    assert place(Choice(CLASS, Entry("r", (FIRST,)), same=False), n=2, d=1, t=2) is None


def test_an_index_of_the_point_keeps_its_place() -> None:
    found = place(Choice(FIRST, SECOND, same=False), i=4)
    assert found is not None
    assert found["i"] == 4
    assert place(Choice(FIRST, SECOND, same=False), i=7) is None


def test_contradictory_choices_have_no_place() -> None:
    assert place(Choice(FIRST, SECOND, same=False), Choice(FIRST, SECOND, same=True)) is None


def audit(statement: Statement):  # type: ignore[no-untyped-def]
    formal = formalise(statement)
    assert formal is not None
    return audit_of(PAPER, statement, formal, EFFORTS["quick"], seed=0)


def test_a_certificate_serves_under_fewer_hypotheses_and_not_under_none() -> None:
    from verify.engine.examine import proof_of  # noqa: PLC0415
    from verify.engine.statements import check_statement  # noqa: PLC0415

    statement = BY_ID["6.6/2b"]
    asked = audit(statement)
    asked.proof = proof_of(check_statement(PAPER, statement, 10.0, 0).claim)
    formal, goal = asked.formal, goal_of(asked.formal)
    assert asked.rechecks(formal, goal)
    filler = nnf(parse_formula("1 >= 0"))
    degree = next(h for h in formal.hypotheses if "beta" in str(h) and "Pow" in str(h))
    place_ = formal.hypotheses.index(degree)
    fewer = (*formal.hypotheses[:place_], filler, *formal.hypotheses[place_ + 1 :])
    assert asked.rechecks(replace(formal, hypotheses=fewer), goal)
    assert not asked.rechecks(replace(formal, hypotheses=(filler,) * 11), goal)


@pytest.mark.parametrize("wrong", ["1/3", "3/5"])
def test_refutations_carry_places_and_a_command(wrong: str) -> None:
    asked = audit(BY_ID["6.6/4a"])
    goal = Rel("==", goal_of(asked.formal).left, parse_term(wrong))  # type: ignore[union-attr]
    found = asked.refute(asked.formal, goal, deep=False)
    assert found is not None
    assert found.point["j_0"] != found.point["j_3"]
    assert found.command.startswith("python -m verify at 6.6/4a --set ")
