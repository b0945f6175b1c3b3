"""Points that are found once and asked about many conclusions."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from verify.kernel.check import Sequent
from verify.language.grammar import parse_formula, parse_term
from verify.language.term import FALSE, Num, nnf, relations
from verify.probe._judge import Judge
from verify.probe.field import Field, searched
from verify.probe.numeric import SURE, Relations
from verify.provers.budget import Budget

HYPOTHESES = tuple(
    nnf(parse_formula(text)) for text in ("n >= 2", "x > 0", "x <= 1", "n == 2*m", "m >= 1")
)


def field(*boundaries: str) -> Field:
    return Field(
        HYPOTHESES,
        frozenset(("n", "m")),
        boundaries=[nnf(parse_formula(text)) for text in boundaries],
        budget=Budget.of(5.0),
    )


def sequent(goal: str, *more: str) -> Sequent:
    given_ = (*HYPOTHESES, *(nnf(parse_formula(text)) for text in more))
    return Sequent(given_, nnf(parse_formula(goal)), frozenset(("n", "m")))


FIELD = field("n*x >= 1")


def test_equations_hold_exactly_at_every_point() -> None:
    assert len(FIELD) > 20
    for index in range(0, len(FIELD), 7):
        point = FIELD.point(index)
        assert isinstance(point["n"], Num)
        assert isinstance(point["m"], Num)
        assert point["n"].value == 2 * point["m"].value


def test_points_lie_on_both_sides_of_a_boundary_and_on_it() -> None:
    gaps = FIELD.gaps(parse_formula("n*x >= 1"))  # type: ignore[arg-type]
    assert (gaps > 0).any()
    assert (gaps < 0).any()
    assert (gaps == 0).any()


def test_points_are_different() -> None:
    assert np.unique(FIELD.columns, axis=1).shape[1] == len(FIELD)


def test_a_claim_that_fails_on_the_boundary_only_is_refuted() -> None:
    found = list(FIELD.refuting(sequent("n*x > 1", "n*x >= 1"), 10))
    assert found
    assert all(isinstance(point["x"], Num) for point in found)
    assert all(point["x"].value * point["n"].value == 1 for point in found)  # type: ignore[union-attr]


def test_a_true_claim_is_not_refuted() -> None:
    assert not list(FIELD.refuting(sequent("n*x <= n"), 50))


def test_what_is_refuted_is_refuted_by_the_kernel() -> None:
    asked = sequent("x <= 9/10")
    judge = Judge(asked)
    for point in FIELD.refuting(asked, 10):
        assert judge.fails(point, Budget.of(math.inf))


def test_a_name_that_no_point_has_is_no_error() -> None:
    assert not list(FIELD.refuting(sequent("y > 0"), 10))
    assert np.isnan(FIELD.values(parse_term("y"))).all()
    assert FIELD.satisfying((parse_formula("y > 0"),)).size == 0


def test_the_same_seed_gives_the_same_points() -> None:
    one, other = field(), field()
    assert np.array_equal(one.columns, other.columns)


def test_no_points_where_hypotheses_contradict_each_other() -> None:
    none = Field(
        [parse_formula("x > 1"), parse_formula("x < 0")], frozenset(), budget=Budget.of(2.0)
    )
    assert len(none) == 0
    assert not list(none.refuting(Sequent(none.hypotheses, FALSE), 5))


@settings(max_examples=30, derandomize=True, deadline=None)
@given(st.integers(1, 40), st.integers(1, 12))
def test_satisfying_points_satisfy(top: int, bottom: int) -> None:
    bound = parse_formula(f"x <= {top}/{bottom}")
    for index in FIELD.satisfying((*HYPOTHESES, bound))[:5]:
        point = FIELD.point(int(index))
        premises = Sequent((*HYPOTHESES, bound), FALSE, frozenset(("n", "m")))
        assert FIELD.holds(premises, point)


@pytest.mark.parametrize("goal", ["x != 1/3", "n*x <= 7"])
def test_a_search_finds_what_points_at_hand_may_miss(goal: str) -> None:
    asked = sequent(goal)
    (found,) = searched(asked, Budget.of(3.0), 0, {})
    assert Judge(asked).fails(found, Budget.of(1.0))


def test_points_that_surely_satisfy_all_relations_are_found_in_stages() -> None:
    texts = (
        "x > 0",
        "y >= x",
        "x*y <= 3",
        "x + y != 2",
        "exp(x)*y - x >= 1",
        "log(y) <= x",
        "n < 5",
    )
    rels = [rel for text in texts for rel in relations(nnf(parse_formula(text)))]
    compiled = Relations(rels, ("n", "x", "y"), frozenset(("n",)))
    rng = np.random.default_rng(1)
    columns = rng.choice([-1.0, 0.0, 0.5, 1.0, 1.5, 2.0, 7.0, np.inf], (3, 2000))
    expected = np.flatnonzero(compiled.status(columns) == SURE)
    assert 0 < len(expected) < 1000
    assert np.array_equal(compiled.sure(columns), expected)
    assert np.array_equal(Relations([], ("n",), frozenset()).sure(columns[:1]), np.arange(2000))
