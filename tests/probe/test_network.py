"""The network's laws against all sign matrices, and F by classes against F by definition."""

from __future__ import annotations

import random
from collections.abc import Callable
from fractions import Fraction
from itertools import product

import pytest
from flint import arb, ctx
from hypothesis import given, settings
from hypothesis import strategies as st

from verify.probe.network import (
    ColumnLaw,
    Row,
    column,
    literal_rows,
    positive,
    value,
    value_literal,
    zero,
)
from verify.probe.signs import Group, LawError, tail, tail_enclosure

QUICK = settings(derandomize=True, max_examples=60, deadline=None)
F = Fraction


def share_positive(law: ColumnLaw, tau: Fraction, m: int) -> Fraction:
    """The share of all d x m sign matrices with F > 0, by the definition of F."""
    rows, d = literal_rows(law), sum(law.sizes)
    hits = 0
    for entries in product((-1, 1), repeat=d * m):
        y = [entries[i * m : (i + 1) * m] for i in range(d)]
        hits += value_literal(rows, y, tau) > 0
    return F(hits, 2 ** (d * m))


def random_law(generator: random.Random, d: int, classes: int) -> ColumnLaw:
    sizes: list[int] = []
    while sum(sizes) < d:
        sizes.append(generator.randint(1, d - sum(sizes)))
    rows = tuple(
        Row(
            tuple(F(generator.randint(-4, 4), generator.choice((1, 2, 3))) for _ in sizes),
            generator.randint(1, 3),
        )
        for _ in range(classes)
    )
    return ColumnLaw(rows, tuple(sizes))


@pytest.mark.parametrize(("d", "m"), [(1, 1), (1, 4), (2, 3), (3, 2), (4, 2), (6, 1), (8, 1)])
@pytest.mark.parametrize("classes", [1, 2, 3])
def test_the_law_agrees_with_all_sign_matrices(d: int, m: int, classes: int) -> None:
    generator = random.Random(100 * d + 10 * m + classes)
    for _ in range(2):
        law = random_law(generator, d, classes)
        row = literal_rows(law)[0]
        tie = sum((w * generator.choice((-1, 1)) for w in row), F(0))
        for tau in (tie, F(1, 2)):
            expected = share_positive(law, tau, m)
            found = positive(law, tau, m)
            assert found.exact
            assert found.lower == expected
            assert zero(law, tau, m).lower == 1 - expected
            shifted = positive(law, tau - F(1, 10**6), m)  # passes what only tied before
            assert shifted.lower >= found.lower


def test_a_tie_at_tau_does_not_make_f_positive() -> None:
    law = ColumnLaw((Row((F(1),), 2),), (2,))
    assert positive(law, F(2), 1).lower == 0
    assert positive(law, F(2) - F(1, 10**9), 1).lower == F(1, 4)
    assert value(law, [[1], [1]], F(2)) == 0
    assert value(law, [[1], [1]], F(1)) == 2


weights = st.builds(F, st.integers(-5, 5), st.integers(1, 3))


@st.composite
def laws_and_matrices(draw: st.DrawFn) -> tuple[ColumnLaw, list[list[int]], Fraction]:
    sizes = tuple(draw(st.lists(st.integers(0, 3), min_size=1, max_size=3)))
    rows = draw(
        st.lists(
            st.builds(Row, st.tuples(*(weights for _ in sizes)), st.integers(0, 3)), max_size=3
        )
    )
    m = draw(st.integers(1, 3))
    line = st.lists(st.sampled_from((-1, 1)), min_size=m, max_size=m)
    y = draw(st.lists(line, min_size=sum(sizes), max_size=sum(sizes)))
    return ColumnLaw(tuple(rows), sizes), y, draw(weights)


@QUICK
@given(laws_and_matrices())
def test_f_by_classes_is_f_by_definition(
    case: tuple[ColumnLaw, list[list[int]], Fraction],
) -> None:
    law, y, tau = case
    assert value(law, y, tau) == value_literal(literal_rows(law), y, tau)


def test_f_by_definition_notices_a_wrong_class() -> None:
    law = ColumnLaw((Row((F(1), F(1, 2)), 2), Row((F(-1), F(1)), 1)), (1, 2))
    y = [[1, -1], [1, 1], [1, -1]]
    rows = literal_rows(law)
    assert len(rows) == 3
    assert value(law, y, F(0)) == value_literal(rows, y, F(0))
    rows[0][0] += 1
    assert value(law, y, F(0)) != value_literal(rows, y, F(0))


def test_one_row_is_the_tail_of_one_sum() -> None:
    law = ColumnLaw((Row((F(1, 5), F(3)), 7),), (2000, 1))
    groups = [Group(F(1, 5), 2000), Group(F(3), 1)]
    tie = F(47, 5)
    assert column(law, tie).lower == tail(groups, tie, True).lower
    assert column(law, tie).lower != tail(groups, tie, False).lower
    huge = ColumnLaw((Row((F(1, 5), F(3)), 7),), (10**18, 1))
    groups = [Group(F(1, 5), 10**18), Group(F(3), 1)]
    assert column(huge, F(10**8)).ball().overlaps(tail_enclosure(groups, F(10**8), True).ball())


def test_opposite_rows_add_up() -> None:
    """The events of a row and of its negative exclude each other for tau >= 0."""
    for size in (400, 10**7):
        single = column(ColumnLaw((Row((F(1),)),), (size,)), F(40))
        both = column(ColumnLaw((Row((F(1),)), Row((F(-1),))), (size,)), F(40))
        assert both.ball().overlaps(2 * single.ball())
        assert not both.ball().overlaps(single.ball())
    everything = ColumnLaw((Row((F(1),)), Row((F(-1),))), (10**7,))
    assert column(everything, F(-1)).at_least(1) is True


def test_small_balls_contain_the_exact_rational() -> None:
    rows = (Row((F(1, 7), F(2), F(-1))), Row((F(-1, 7), F(1), F(3)), 4))
    just_exact = ColumnLaw(rows, (19_998, 1, 1))
    just_not = ColumnLaw(rows, (20_000, 1, 1))
    assert column(just_exact, F(20)).exact
    found = column(just_not, F(20))
    assert not found.exact
    assert abs(found.lower - column(just_exact, F(20)).lower) < F(1, 1000)
    assert found.upper - found.lower < F(1, 2**110)


def test_many_columns_need_balls() -> None:
    law = ColumnLaw((Row((F(1),), 5),), (40,))
    p = column(law, F(30)).lower
    exact, ball = zero(law, F(30), 1000), zero(law, F(30), 10**5)
    assert exact.exact
    assert exact.lower == (1 - p) ** 1000
    assert not ball.exact
    with ctx.workprec(200):
        one_minus_p = arb(int((1 - p) * 2**40)) * arb((1, -40))
        assert ball.ball().overlaps(one_minus_p**100_000)
        assert not ball.ball().overlaps(one_minus_p**100_001)
    assert zero(law, F(30), 10**18).upper < F(1, 10**1000)
    assert positive(law, F(30), 10**18).at_least(1 - F(1, 10**1000)) is True
    assert positive(law, F(39), 10**6).at_least(F(1, 2)) is False


def test_extreme_probabilities_and_many_columns() -> None:
    certain = ColumnLaw((Row((F(1),)),), (3,))
    assert zero(certain, F(-4), 10**7).upper == 0
    assert positive(certain, F(4), 10**7).upper == 0
    assert zero(certain, F(-4), 0).lower == 1
    assert zero(ColumnLaw((), (3,)), F(0), 5).lower == 1
    assert column(ColumnLaw((Row((F(0),)),), (3,)), F(0)).upper == 0
    nearly = ColumnLaw((Row((F(1),)),), (10**9,))
    assert zero(nearly, F(-(10**8)), 10).at_most(F(1, 10**3000)) is True
    assert zero(nearly, F(10**8), 10**9).at_least(1 - F(1, 10**3000)) is True


def unit_and_root(precision: int) -> list[arb]:
    with ctx.workprec(precision):
        return [arb(1), arb(2).sqrt()]


def test_weights_known_through_balls() -> None:
    one, root = (F(1), F(0)), (F(0), F(1))
    law = ColumnLaw((Row((root, one), 3), Row((one, root), 1)), (1, 2))
    # sums: s r2 + (u + v) and s + (u + v) r2, against tau = r2
    signs = list(product((-1, 1), repeat=3))
    r2 = 2**0.5
    hits = sum(s * r2 + u + v > r2 + 1e-9 or s + (u + v) * r2 > r2 + 1e-9 for s, u, v in signs)
    found = positive(law, root, 1, basis=unit_and_root)
    assert found.exact
    assert found.lower == F(hits, 8)
    powered = zero(law, root, 2, basis=unit_and_root)
    assert powered.lower == (1 - F(hits, 8)) ** 2


def test_an_unproved_tie_widens_the_answer() -> None:
    def disguised(precision: int) -> list[arb]:
        with ctx.workprec(precision):
            return [arb(2).sqrt(), arb(8).sqrt()]

    law = ColumnLaw((Row(((F(1), F(0)),)),), (2,))
    found = positive(law, (F(0), F(1)), 2, basis=disguised)
    assert (found.lower, found.upper) == (F(0), 1 - F(3, 4) ** 2)
    proved = positive(law, (F(2), F(0)), 2, basis=disguised)
    assert proved.upper == 0


def test_a_wide_answer_stays_wide_in_high_powers() -> None:
    def disguised(precision: int) -> list[arb]:
        with ctx.workprec(precision):
            return [arb(2).sqrt(), arb(8).sqrt()]

    law = ColumnLaw((Row(((F(1), F(0)),)),), (2,))
    rarely = zero(law, (F(0), F(1)), 10**5, basis=disguised)  # p is 0 or 1/4
    assert rarely.at_most(F(1, 10**100)) is None
    assert rarely.upper == 1
    often = zero(law, (F(0), F(-1)), 10**5, basis=disguised)  # p is 3/4 or 1
    assert often.lower == 0
    assert often.at_most(F(1, 10**1000)) is True
    assert positive(law, (F(0), F(-1)), 10**5, basis=disguised).upper == 1


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: ColumnLaw((Row((F(1),)),), (1, 2)), "one for each"),
        (lambda: ColumnLaw((), (-1,)), ">= 0"),
        (lambda: Row((F(1),), -1), ">= 0"),
        (lambda: Row((0.5,)), "exact rational"),  # type: ignore[arg-type]
        (lambda: zero(ColumnLaw((Row((F(1),)),), (1,)), F(0), -1), ">= 0"),
        (lambda: zero(ColumnLaw((Row((F(1),)),), (1,)), F(0), 1.5), "integer"),  # type: ignore[arg-type]
        (lambda: column(ColumnLaw((Row(((F(1), F(1)),)),), (1,)), F(0)), "need the basis"),
        (
            lambda: column(ColumnLaw((Row((F(1),)),), (1,)), F(0), basis=unit_and_root),
            "tuple of coefficients",
        ),
        (lambda: value(ColumnLaw((Row((F(1),)),), (2,)), [[1]], F(0)), "2 rows"),
        (lambda: value(ColumnLaw((Row((F(1),)),), (1,)), [[2]], F(0)), "1 or -1"),
        (lambda: value_literal([[F(1), F(2)]], [[1], [1, 1]], F(0)), "equal length"),
        (
            lambda: column(ColumnLaw((Row(tuple(F(k) for k in range(1, 31))),), (1,) * 30), F(0)),
            "enumerated",
        ),
    ],
)
def test_impossible_parameters_are_refused(make: Callable[[], object], words: str) -> None:
    with pytest.raises(LawError, match=words):
        make()
