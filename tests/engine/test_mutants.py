"""Changed claims: which are noticed, which hold too, and which show nothing."""

from __future__ import annotations

from sympy import Rational

from verify.engine.audit import EFFORTS, Decision
from verify.engine.chance_mutants import chance_mutants
from verify.engine.examine import audit_of
from verify.engine.formal import formalise
from verify.engine.literal_points import literal_refutation
from verify.engine.mutants import summary, try_mutants, twins
from verify.language.render import text
from verify.language.statement import Hypothesis, Paper, Param, Probability, SignSum, Statement
from verify.language.sympy_terms import eq, ge, gt, le, symbols
from verify.language.term import Rel

x, y, n, i = symbols("x y n i")
EMPTY = Paper("p", "P", "", "", (), ())


def statement(conclusion: object, *hypotheses: object) -> Statement:
    return Statement(
        id="1.1",
        title="A lemma",
        kind="lemma",
        section="1",
        params=(
            Param(x, "a number", Rational(2), where=(gt(x, 0),)),
            Param(y, "a number", Rational(3), where=(gt(y, 0),)),
        ),
        conclusion=conclusion,
        hypotheses=tuple(Hypothesis(item) for item in hypotheses),
    )


def trials(asked: Statement) -> dict[str, Decision]:
    formal = formalise(asked)
    assert formal is not None
    assert isinstance(formal.conclusion, Rel)
    audit = audit_of(EMPTY, asked, formal, EFFORTS["quick"], seed=0)
    found = try_mutants(audit, asked, formal.conclusion)
    return {trial.shown: trial.decision for trial in found}


def test_a_tight_claim_catches_every_change() -> None:
    found = trials(statement(ge(x, y), ge(x, y)))
    assert found
    assert {decision.answer for decision in found.values()} == {"refuted"}
    assert all(decision.counterexample is not None for decision in found.values())


def test_a_claim_with_room_can_be_strengthened() -> None:
    found = trials(statement(ge(x, y), ge(x, 10 * y)))
    assert found["x >= 2*y"].answer == "proved"
    assert found["x > y"].answer == "proved"
    assert found["x <= y"].answer == "refuted"


def test_changes_that_only_weaken_are_left_out() -> None:
    found = trials(statement(ge(x, y), ge(x, y)))
    assert "x >= 1/2*y" not in found
    assert "x >= y - 1" not in found


def test_the_summary_counts() -> None:
    asked = statement(ge(x, y), ge(x, 10 * y))
    formal = formalise(asked)
    assert formal is not None
    assert isinstance(formal.conclusion, Rel)
    audit = audit_of(EMPTY, asked, formal, EFFORTS["quick"], seed=0)
    found = try_mutants(audit, asked, formal.conclusion)
    whole = summary(found)
    assert whole.tried == len(found) <= EFFORTS["quick"].mutants
    assert whole.caught + len(whole.provable) + len(whole.undecided) == whole.tried


def test_parameters_that_the_claim_mentions_are_exchanged() -> None:
    asked = statement(ge(x, 1))
    formal = formalise(asked)
    assert formal is not None
    assert isinstance(formal.conclusion, Rel)
    assert ("x", "y") in twins(asked, formal.conclusion)


def test_arrays_without_definitions_are_tried_at_small_sizes() -> None:
    from sympy import IndexedBase, Sum  # noqa: PLC0415

    u = IndexedBase("u")
    size = Param(n, "a size", Rational(3), integer=True, where=(ge(n, 1),))
    asked = statement(eq(Sum(u[i], (i, 1, n)), Sum(u[i] ** 2, (i, 1, n)))).but(params=(size,))
    formal = formalise(asked)
    assert formal is not None
    assert isinstance(formal.conclusion, Rel)
    found = literal_refutation(asked, formal, formal.conclusion)
    assert found is not None
    assert set(found.point) == {"n"}
    same = Rel("==", formal.conclusion.left, formal.conclusion.left)
    assert literal_refutation(asked, formal, same) is None


def test_changed_probability_bounds_ask_for_more() -> None:
    event = SignSum(x, i, n, "<=", y, absolute=True)
    asked = statement(Probability(event, Rational(1, 10)))
    changes = {mutant.change: mutant.statement.conclusion for mutant in chance_mutants(asked)}
    assert changes["direction"].event.op == ">="
    assert changes["probability 1"].at_least == 1
    assert changes["half the chance of failure"].at_least == Rational(11, 20)
    assert changes["threshold times 1/10"].event.threshold == y / 10


def test_a_claim_about_a_large_constant_has_no_changes() -> None:
    event = SignSum(x, i, n, "<=", y, absolute=True)
    asked = statement(Probability(event, Rational(1, 10))).but(large=x)
    assert not list(chance_mutants(asked))
    assert not list(chance_mutants(statement(le(x, y))))


def test_shown_claims_read_like_the_claim() -> None:
    formal = formalise(statement(ge(x, y), ge(x, y)))
    assert formal is not None
    assert isinstance(formal.conclusion, Rel)
    assert text(formal.conclusion) == "x >= y"
