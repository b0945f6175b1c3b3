"""Few large groups of signs: paths, recurrences, Fourier integrals and windows, against others."""

from __future__ import annotations

import random
from fractions import Fraction
from math import isqrt

import pytest
from flint import acb, arb, ctx, fmpq
from hypothesis import given, settings
from hypothesis import strategies as st

from verify.probe import _signs_coarse as coarse
from verify.probe import _signs_events as events
from verify.probe import _signs_fourier as fourier
from verify.probe import _signs_path as path
from verify.probe._signs_exact import IntGroup, integer_law
from verify.probe._signs_lattice import RoundedGroup
from verify.probe.signs import (
    BallGroup,
    Group,
    LawError,
    Probability,
    hoeffding_bound,
    simulate,
    tail,
    tail_ball,
    tail_enclosure,
    two_sided_enclosure,
)

F = Fraction
QUICK = settings(derandomize=True, max_examples=80, deadline=None)
int_groups = st.lists(
    st.tuples(st.integers(1, 9), st.integers(1, 7)),
    min_size=1,
    max_size=4,
    unique_by=lambda group: group[0],
)


def counted(groups: list[IntGroup], bound: int) -> int:
    """Sign vectors with sum >= bound, from the law written out."""
    return sum(ways for value, ways in integer_law(groups).items() if value >= bound)


@QUICK
@given(int_groups, st.integers(-60, 60))
def test_the_recurrence_counts_sign_vectors(groups: list[IntGroup], bound: int) -> None:
    assert path.count_by_recurrence(groups, bound) == counted(groups, bound)


@QUICK
@given(int_groups.filter(lambda groups: len(groups) > 1), st.integers(-60, 60))
def test_a_path_counts_sign_vectors(groups: list[IntGroup], bound: int) -> None:
    pair = groups[:2]
    assert path.count_by_path(pair[0], pair[1], bound) == counted(pair, bound)
    assert path.count_by_path(pair[1], pair[0], bound) == counted(pair, bound)


def test_paths_of_many_blocks_agree_with_the_recurrence() -> None:
    pair = ((7, 1300), (3, 1700))
    for bound in (-9000, 0, 1, 57, 14_000):
        found = path.count_by_path(*pair, bound)
        assert found == path.count_by_recurrence(pair, bound)
        assert found != path.count_by_path(*pair, bound + 2)


@QUICK
@given(int_groups, st.integers(-60, 60))
def test_the_fourier_integral_contains_the_exact_tail(groups: list[IntGroup], bound: int) -> None:
    signs = sum(count for _, count in groups)
    exact = fmpq(counted(groups, bound), 2**signs)
    tail_, rest = fourier.fourier_tail(groups, bound, 128)
    with ctx.workprec(256):
        assert tail_.contains(exact)
        assert rest.contains(1 - exact)
        if exact not in (0, 1):
            assert max(tail_.rel_accuracy_bits(), rest.rel_accuracy_bits()) > 120
            wrong = exact + fmpq(1, 2**signs)  # must say no: one sign vector more
            assert not tail_.contains(wrong)


@pytest.mark.parametrize("theta", [0.4, 2.0])
def test_the_fourier_integral_is_right_on_any_line(
    monkeypatch: pytest.MonkeyPatch, theta: float
) -> None:
    monkeypatch.setattr(fourier, "_saddle", lambda _groups, _shift: 0.01 * theta)
    groups = [(3, 900), (2, 700)]
    exact = path.count_by_recurrence(groups, 101)
    with ctx.workprec(256):
        assert fourier.fourier_tail(groups, 101, 64)[0].contains(fmpq(exact, 2**1600))


def test_both_ways_to_enclose_the_exponent_agree() -> None:
    """Taylor's formula on a wide ball contains the direct value at its points."""
    with ctx.workprec(200):
        factor = fourier._Factor(7, arb(0.001), arb(0))
        wide = acb(arb(0.002, 0.002), arb(0, 0.001))
        taylor = factor.bend(wide, factor.ratio(wide))
        for place in (acb(0), acb(0.001, 0.0005), acb(0.004, -0.001)):
            assert taylor.contains(factor.ratio(place).log() - factor.slope * place)


@pytest.mark.parametrize("count", [10**6, 10**12, 10**18])
def test_two_huge_groups_are_near_the_normal_law(count: int) -> None:
    """Berry and Esseen: within 1 / sqrt(count) of the normal law."""
    groups = [Group(F(1), count), Group(F(3, 7), count), Group(F(5, 2), 3)]
    bound = isqrt(count * 58 // 49)
    found = tail_enclosure(groups, bound, False)
    assert "Fourier" in found.method
    assert found.upper - found.lower < F(1, 2**110)
    with ctx.workprec(200):
        variance = arb(fmpq(58 * count, 49)) + arb(75) / 4
        normal = (bound / (2 * variance).sqrt()).erfc() / 2
        assert abs(found.ball() - normal) < 3 / arb(count).sqrt()


def test_a_tail_far_out_keeps_its_relative_accuracy() -> None:
    groups = [Group(F(7), 10**18), Group(F(3), 10**18)]
    found = tail_enclosure(groups, 7 * 10**18, False)
    assert found.lower == 0 < found.ball()
    assert found.ball().rel_accuracy_bits() > 120
    assert found.ball() < hoeffding_bound(groups, 7 * 10**18)
    everything = tail_enclosure(groups, 10**19, False)
    with ctx.workprec(200):
        assert everything.ball().overlaps(arb((1, -2 * 10**18)))


def test_a_hundred_thousand_signs_in_two_groups_exactly() -> None:
    groups = [Group(F(1), 50_000), Group(F(3, 7), 50_000)]
    exact, ball = tail(groups, 300, True), tail_enclosure(groups, 300, True)
    assert exact.exact
    assert not ball.exact
    assert ball.lower <= exact.lower <= ball.upper
    assert ball.upper - ball.lower < F(1, 2**110)
    with_the_tie = tail(groups, 300, False)  # 7 * 300 is a sum: 7 a + 3 b with a, b even
    assert not ball.lower <= with_the_tie.lower <= ball.upper


def test_three_large_groups_on_a_coarse_lattice_exactly() -> None:
    groups = [Group(F(k, 5), 5_000) for k in (1, 2, 3)]
    exact = tail(groups, F(77), False)
    assert "recurrence" in exact.method
    ball = fourier.fourier_tail([(1, 5000), (2, 5000), (3, 5000)], 385, 128)[0]
    with ctx.workprec(400):
        assert ball.contains(fmpq(exact.lower.numerator, exact.lower.denominator))


def test_other_groups_beside_two_large_ones() -> None:
    generator = random.Random(5)
    groups = [Group(F(1), 3000), Group(F(100_003, 99_991), 2500), Group(F(17, 3), 2)]
    for bound in (F(generator.randint(-9, 9), 7), F(45)):
        exact = tail(groups, bound, True)
        assert "paths" in exact.method
        assert simulate(groups, bound, True, 20_000, seed=6).contains(exact)


@QUICK
@given(int_groups, st.integers(-60, 60), st.booleans(), st.integers(1, 12))
def test_rounded_weights_enclose_the_exact_tail(
    groups: list[IntGroup], bound: int, strict: bool, finest: int
) -> None:
    exact = F(counted(groups, bound + strict), 2 ** sum(count for _, count in groups))
    given_ = [RoundedGroup(F(w), F(0), count) for w, count in groups]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(coarse, "_FINEST", finest)
        lower, upper = coarse.coarse_tail(given_, (F(bound), F(bound)), strict)
    assert lower <= exact <= upper


def test_a_radius_of_a_weight_widens_what_rounding_gives() -> None:
    exact = tail([Group(F(1), 900), Group(F(7, 5), 1000)], 30, False).lower
    widths = []
    for radius in (F(0), F(1, 10**6), F(1, 100)):
        groups = [RoundedGroup(F(1) + radius, radius, 900), RoundedGroup(F(7, 5), radius, 1000)]
        lower, upper = coarse.coarse_tail(groups, (F(30), F(30)), False)
        assert lower <= exact <= upper
        widths.append(upper - lower)
    assert widths == sorted(widths)
    assert widths[0] < F(1, 10**9) < widths[2]


@pytest.mark.parametrize("count", [10**12, 10**18])
def test_two_huge_groups_of_fine_weights(count: int) -> None:
    groups = [Group(F(1), count), Group(F(1_234_577, 1_000_003), count)]
    root = isqrt(count)
    for bound in (root, 0, -2 * root):
        found = tail_enclosure(groups, bound, False)
        assert "rounded weights" in found.method
        assert found.upper - found.lower < F(1, 10**7)
        with ctx.workprec(200):
            variance = count * (1 + arb(fmpq(1_234_577, 1_000_003)) ** 2)
            normal = (bound / (2 * variance).sqrt()).erfc() / 2
            assert abs(found.ball() - normal) < arb("1e-5")
    far = tail_enclosure(groups, count // 2, False)
    assert far.upper < F(1, 2**4000)


def test_a_threshold_of_zero_needs_no_mirror() -> None:
    groups = [Group(F(100_003 + 7**k, 10**5), 10**10) for k in range(1, 7)]
    assert tail_enclosure(groups, 0, False).upper == 1
    assert two_sided_enclosure(groups, 0, False).lower == 0


# Laws followed as far as they matter


def square_roots(precision: int) -> list[arb]:
    with ctx.workprec(precision):
        return [arb(2).sqrt(), arb(3).sqrt(), arb(1)]


def irrational(count: int, bound: int) -> Probability:
    groups = [
        BallGroup((F(1), F(0), F(0)), count),
        BallGroup((F(0), F(1), F(0)), count + 1),
    ]
    return tail_ball(groups, (F(0), F(0), F(bound)), False, basis=square_roots)


def test_two_large_groups_of_irrational_weights() -> None:
    found = irrational(200_000, 447)
    assert found.upper - found.lower < F(1, 2**110)
    near = [Group(F(isqrt(k * 10**24), 10**12), 200_000 + k - 2) for k in (2, 3)]
    assert simulate(near, 447, False, 100_000, seed=8).contains(found)


@pytest.mark.parametrize("count", [9_000, 9_001])
def test_masses_of_a_window_are_just_below_the_true_ones(count: int) -> None:
    reach = events._window(count, 32)
    assert reach < count
    masses, bits = events._masses(count, reach, 32)
    every, all_bits = events._masses(count, count, 32)
    assert all_bits == count
    first = (count - reach) // 2
    kept = every[first : first + len(masses)]
    assert len(masses) == reach + 1
    for mass, ways in zip(masses, kept, strict=True):
        assert 0 <= (ways << bits) - (mass << count) < count << count
    assert 0 < (1 << bits) - sum(masses) < 1 << (bits - 32)


def test_what_a_window_leaves_out_widens_the_result(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "_window", lambda count, _precision: min(count, 100 + count % 2))
    monkeypatch.setattr(events, "EXACT_SIGNS", 0)
    group = [(((F(1),),), 9_001), (((F(7, 5),),), 10_000)]
    event = events.Event(tuple(group), ((F(40),),), False)
    found = events.probability(event, precision=64, limit=64, exact_signs=0)
    exact = tail([Group(F(1), 9_001), Group(F(7, 5), 10_000)], 40, False)
    assert found.lower < exact.lower < found.upper
    assert found.upper - found.lower > F(1, 10)


def test_what_is_beyond_all_exact_methods_says_what_is_not() -> None:
    fine = [Group(F(1), 20_000), Group(F(100_003, 99_991), 20_000), Group(F(17, 99_989), 20_000)]
    with pytest.raises(LawError, match="outside the two largest groups"):
        tail(fine, 10, False)
    with pytest.raises(LawError, match="too fine"):
        fourier.fourier_tail([(10**9 + 7, 10**6), (10**8 + 7, 10**6)], 10**9, 128)
