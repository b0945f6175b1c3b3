"""The laws of weighted signs against brute force and each other, and where they must refuse."""

from __future__ import annotations

import random
from bisect import bisect_left
from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import product
from math import comb, isqrt

import pytest
from flint import arb, ctx, fmpz
from hypothesis import given, settings
from hypothesis import strategies as st

from verify.probe import _signs_binomial as binomial
from verify.probe import _signs_exact as exact_counts
from verify.probe import _signs_lattice as lattice
from verify.probe._signs_lattice import RoundedGroup, lattice_tail
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
    two_sided,
    two_sided_ball,
    two_sided_enclosure,
    unrelated,
)

QUICK = settings(derandomize=True, max_examples=60, deadline=None)
F = Fraction


def brute_force(weights: Sequence[Fraction], passes: Callable[[Fraction], bool]) -> Fraction:
    """The share of sign vectors whose sum passes, one by one."""
    scale = 1
    for weight in weights:
        scale *= weight.denominator
    integers = [int(weight * scale) for weight in weights]
    hits = sum(
        passes(F(sum(w * s for w, s in zip(integers, signs, strict=True)), scale))
        for signs in product((-1, 1), repeat=len(weights))
    )
    return F(hits, 2 ** len(weights))


def all_sums(weights: Sequence[Fraction]) -> list[Fraction]:
    """The sum of every sign vector, by doubling."""
    sums = [F(0)]
    for weight in weights:
        sums = [s + weight for s in sums] + [s - weight for s in sums]
    return sums


def random_groups(generator: random.Random, d: int) -> list[Group]:
    """Groups on d signs in all, with small denominators so that ties happen."""
    groups, left = [], d
    while left:
        count = generator.randint(1, left)
        weight = F(generator.randint(-6, 6), generator.choice((1, 1, 2, 3, 4)))
        groups.append(Group(weight, count))
        left -= count
    return groups


def spelt_out(groups: Sequence[Group]) -> list[Fraction]:
    return [group.weight for group in groups for _ in range(group.count)]


def one(_precision: int) -> list[arb]:
    """The basis of the rationals."""
    return [arb(1)]


def check_all_ways(groups: list[Group], threshold: Fraction) -> None:
    """Every method against the sums of all sign vectors."""
    sums = all_sums(spelt_out(groups))
    size = len(sums)
    at_least = F(sum(s >= threshold for s in sums), size)
    above = F(sum(s > threshold for s in sums), size)
    assert tail(groups, threshold, False).lower == at_least
    assert tail(groups, threshold, True).lower == above
    assert two_sided(groups, threshold, False).lower == F(
        sum(abs(s) <= threshold for s in sums), size
    )
    assert two_sided(groups, threshold, True).lower == F(
        sum(abs(s) < threshold for s in sums), size
    )
    balls = [BallGroup((group.weight,), group.count) for group in groups]
    for strict, expected in ((False, at_least), (True, above)):
        assert tail(groups, threshold, strict).exact
        found = tail_ball(balls, (threshold,), strict, basis=one)
        assert found.exact
        assert found.lower == expected
        enclosure = tail_enclosure(groups, threshold, strict)
        assert enclosure.lower <= expected <= enclosure.upper


# Brute force


@pytest.mark.parametrize("d", [*range(12), pytest.param(12, marks=pytest.mark.slow)])
def test_tails_agree_with_all_sign_vectors(d: int) -> None:
    generator = random.Random(d)
    for _ in range(3 if d > 9 else 8):
        groups = random_groups(generator, d)
        sums = all_sums(spelt_out(groups))
        tie = generator.choice(sums)
        for threshold in (tie, tie + F(1, 7), F(0), F(generator.randint(-9, 9), 3)):
            check_all_ways(groups, threshold)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_tails_agree_with_all_sign_vectors_of_length_14(seed: int) -> None:
    generator = random.Random(100 + seed)
    groups = random_groups(generator, 14)
    for threshold in (generator.choice(all_sums(spelt_out(groups))), F(1, 2)):
        check_all_ways(groups, threshold)


def test_the_doubling_of_sums_agrees_with_single_sign_vectors() -> None:
    weights = [F(1, 2), F(-2, 3), F(5), F(0), F(5)]
    for threshold in (F(0), F(29, 6), F(5)):
        expected = brute_force(weights, lambda s, t=threshold: s >= t)  # type: ignore[misc]
        assert F(sum(s >= threshold for s in all_sums(weights)), 32) == expected
        assert tail([Group(w, 1) for w in weights], threshold, False).lower == expected


def test_a_tie_tells_the_two_comparisons_apart() -> None:
    groups = [Group(F(1, 3), 2), Group(F(1, 6), 1)]
    # sums: 5/6, 1/2, 1/6 (twice), and their negatives
    assert tail(groups, F(1, 2), False).lower == F(1, 4)
    assert tail(groups, F(1, 2), True).lower == F(1, 8)
    assert two_sided(groups, F(1, 2), False).lower == F(3, 4)
    assert two_sided(groups, F(1, 2), True).lower == F(1, 2)


def test_without_signs_the_sum_is_zero() -> None:
    for groups in ([], [Group(F(0), 9)], [Group(F(3), 0)]):
        assert tail(groups, 0, False).lower == 1
        assert tail(groups, 0, True).upper == 0
        assert two_sided(groups, 0, False).lower == 1
        assert tail(groups, F(1, 9), False).upper == 0
        assert tail(groups, -1, True).lower == 1
        assert tail_enclosure(groups, 0, False).lower == 1


weights = st.builds(F, st.integers(-20, 20), st.integers(1, 6))
group_lists = st.lists(st.builds(Group, weights, st.integers(0, 5)), max_size=6)


@QUICK
@given(group_lists, weights, st.booleans())
def test_a_tail_and_the_mirrored_tail_add_up_to_one(
    groups: list[Group], threshold: Fraction, strict: bool
) -> None:
    there = tail(groups, threshold, strict)
    mirrored = [Group(-group.weight, group.count) for group in groups]
    assert there == tail(mirrored, threshold, strict)
    assert there.lower + tail(groups, -threshold, not strict).lower == 1


@QUICK
@given(group_lists, weights, st.integers(1, 30))
def test_scaling_changes_nothing(groups: list[Group], threshold: Fraction, scale: int) -> None:
    scaled = [Group(group.weight * scale, group.count) for group in groups]
    assert tail(groups, threshold, False) == tail(scaled, threshold * scale, False)


@QUICK
@given(group_lists, weights)
def test_the_exact_methods_agree(groups: list[Group], threshold: Fraction) -> None:
    expected = tail(groups, threshold, False).lower
    merged: dict[int, int] = {}
    for group in groups:
        weight = abs(int(group.weight * 60))
        if weight and group.count:
            merged[weight] = merged.get(weight, 0) + group.count
    items, signs = list(merged.items()), sum(merged.values())
    cut = -(-threshold * 60 // 1)
    if items:
        assert F(exact_counts.count_by_polynomial(items, int(cut)), 2**signs) == expected
        assert F(exact_counts.count_by_halves(items, int(cut)), 2**signs) == expected
        left, right = exact_counts.halves(items)
        by_integers = exact_counts._count_integers(left, right, int(cut))
        assert F(by_integers, 2**signs) == expected


# Larger laws


def test_one_large_group_is_a_binomial_tail() -> None:
    d = 3000
    found = tail([Group(F(2, 7), d)], F(20), False)  # heads - tails >= 70
    assert found.lower == F(sum(comb(d, k) for k in range(1535, d + 1)), 2**d)
    assert found.exact


def test_two_large_groups() -> None:
    first, second, bound = 300, 250, 11
    groups = [Group(F(1), first), Group(F(3, 5), second)]
    expected = sum(
        comb(first, a) * comb(second, b)
        for a in range(first + 1)
        for b in range(second + 1)
        if 5 * (2 * a - first) + 3 * (2 * b - second) > 5 * bound
    )
    assert tail(groups, bound, True).lower == F(expected, 2 ** (first + second))


def test_many_weights_on_a_common_lattice() -> None:
    groups = [Group(F(1, 3), 400), Group(F(1, 5), 400), Group(F(1, 7), 400), Group(F(2), 3)]
    found = tail(groups, F(4), False)
    assert found.exact
    assert "polynomial" in found.method
    assert simulate(groups, F(4), False, 40_000, seed=1).contains(found)


def test_forty_different_weights_meet_in_the_middle() -> None:
    generator = random.Random(3)
    groups = [Group(F(generator.randint(10**6, 10**7), 10**5), 1) for _ in range(34)]
    found = tail(groups, F(100), False)
    assert "middle" in found.method
    assert found.lower + tail(groups, F(-100), True).lower == 1
    assert simulate(groups, F(100), False, 40_000, seed=2).contains(found)


def test_weights_beyond_machine_words_meet_in_the_middle() -> None:
    big = 10**40
    groups = [Group(F(big + 7**k), 1) for k in range(18)] + [Group(F(10**30, 3), 1)]
    found = tail(groups, F(4 * big), False)
    sums = all_sums([3 * weight for weight in spelt_out(groups)[:9]])
    rest = sorted(int(s) for s in all_sums([3 * weight for weight in spelt_out(groups)[9:]]))
    hits = sum(len(rest) - bisect_left(rest, 12 * big - int(s)) for s in sums)
    assert found.exact
    assert found.lower == F(hits, 2**19)


@pytest.mark.parametrize("m", [*range(10), 31, 32])
def test_binomial_tails_from_either_end(m: int) -> None:
    def tail_count(j: int) -> int:
        return sum(comb(m, i) for i in range(j, m + 1))

    for j in range(m + 2):
        assert binomial.weighted_count(m, {j: 3}) == 3 * tail_count(j)
        assert binomial._from_the_end(m, {j: 1}) == tail_count(j)
        if 2 * j > m:
            assert binomial._from_the_middle(m, {j: 1}) == tail_count(j)
    everything = {j: j + 1 for j in range(m + 2)}
    assert binomial.weighted_count(m, everything) == sum(
        tail_count(j) * w for j, w in everything.items()
    )


# Balls


@pytest.mark.parametrize("share", [(0, 1), (1, 1), (3, 1), (-2, 1), (9, 1)])
def test_balls_contain_the_exact_tail(share: tuple[int, int]) -> None:
    d = 20_000
    j = d // 2 + 1 + share[0] * isqrt(d) // share[1]
    count = binomial.weighted_count(d, {j: 1})
    ball = binomial.tail_ball(d, j, 128)
    with ctx.workprec(400):
        truth = arb(fmpz(count)) * arb((1, -d))
        assert ball.overlaps(truth)
    assert ball.rel_accuracy_bits() > 120
    with ctx.workprec(400):  # must say no: the next tail is a different number
        assert not ball.overlaps(arb(fmpz(binomial.weighted_count(d, {j + 1: 1}))) * arb((1, -d)))


@pytest.mark.parametrize("d", [10**6, 10**9, 10**15])
def test_balls_agree_with_the_incomplete_beta_function(d: int) -> None:
    for j in (1, d // 3, d // 2 - isqrt(d), d // 2, d // 2 + 2 * isqrt(d), 3 * d // 4, d - 1, d):
        ball = binomial.tail_ball(d, j, 128)
        with ctx.workprec(256):
            beta = (arb(1) / 2).beta_lower(arb(j), arb(d - j + 1), regularized=True)
            assert ball.overlaps(beta)
        assert ball.rel_accuracy_bits() > 120


@pytest.mark.parametrize("d", [10**15, 10**18, 10**30])
def test_huge_laws_are_near_the_normal_law(d: int) -> None:
    """Berry and Esseen: within 1/2 / sqrt(d) of the normal law."""
    for deviations in (F(0), F(1), F(5, 2)):
        found = tail_enclosure([Group(F(1), d)], deviations * isqrt(d), False)
        with ctx.workprec(200):
            normal = (arb(deviations.numerator) / deviations.denominator / arb(2).sqrt()).erfc() / 2
            gap = abs(found.ball() - normal)
            assert gap < arb(1) / isqrt(d)
        assert found.upper - found.lower < F(1, 2**100)


def test_a_tail_smaller_than_any_readable_rational_keeps_its_ball() -> None:
    d = 10**18
    found = tail_enclosure([Group(F(1), d)], d, False)
    assert found.lower == 0
    assert 0 < found.upper < F(1, 2**4000)
    assert found.ball() > 0
    assert found.as_text().startswith("[6.113094441")
    assert found.complement().at_least(1) is False
    assert found.complement().at_least(1 - F(1, 10**50)) is True


def test_a_large_group_with_a_few_small_ones() -> None:
    small = [Group(F(3), 1), Group(F(11, 2), 2)]
    exact = tail([Group(F(1, 10), 20_001), *small], F(7), True)
    ball = tail_enclosure([Group(F(1, 10), 20_001), *small], F(7), True)
    assert exact.exact
    assert not ball.exact
    assert ball.lower <= exact.lower <= ball.upper
    assert ball.upper - ball.lower < F(1, 2**110)
    assert tail_enclosure([Group(F(1, 10), 10**6), *small], F(7), True).upper < F(1, 2)


@pytest.mark.slow
def test_many_different_weights_are_enclosed() -> None:
    generator = random.Random(4)
    groups = [Group(F(generator.randint(10**6, 10**9), 10**6), 1) for _ in range(60)]
    for threshold in (F(3000), F(-500)):
        with pytest.raises(LawError, match="tail_enclosure"):
            tail(groups, threshold, False)
        found = tail_enclosure(groups, threshold, False, resolution=1 << 14)
        assert found.upper - found.lower < F(1, 100)
        assert simulate(groups, threshold, False, 100_000, seed=5).contains(found)


def test_two_huge_groups_on_a_lattice_are_enclosed_tightly() -> None:
    groups = [Group(F(1), 100_000), Group(F(2), 101_000)]
    found = tail_enclosure(groups, F(1000), False)
    assert found.upper - found.lower < F(1, 2**100)
    assert simulate(groups, F(1000), False, 100_000, seed=6).contains(found)


def test_a_tail_on_a_lattice_and_its_mirror_image_add_up_to_one() -> None:
    groups = [Group(F(1), 100_000), Group(F(2), 101_000)]
    there, mirrored = tail_enclosure(groups, -1000, False), tail_enclosure(groups, 1000, True)
    assert there.lower + mirrored.lower <= 1 <= there.upper + mirrored.upper
    with_the_tie = tail_enclosure(groups, 1000, False)
    assert there.lower + with_the_tie.lower > 1


def test_mass_lost_by_rounding_down_is_added_above() -> None:
    exact = tail([Group(F(1), 5000)], 4900, False)
    lower, upper = lattice_tail([RoundedGroup(F(1), F(0), 5000)], (F(4900),) * 2, False, 4096)
    assert lower == 0 < exact.lower <= upper < F(1, 2**90)


def test_rounding_errors_that_all_point_the_same_way(monkeypatch: pytest.MonkeyPatch) -> None:
    """The largest sum moves by more than the margin that almost never fails."""
    monkeypatch.setattr(lattice, "_step", lambda _groups, _resolution: F(1))
    sizes = [F(1000 * k + 490, 1000) for k in range(20)]
    rounded = [RoundedGroup(size, F(0), 1) for size in sizes]
    lower, upper = lattice_tail(rounded, (sum(sizes, F(0)),) * 2, False, 1)
    assert lower <= F(1, 2**20) <= upper


def test_what_only_hoeffding_reaches() -> None:
    groups = [Group(F(100_003 + 7**k, 10**5), 10**18) for k in range(1, 6)]
    groups[0] = Group(F(1, 10**7), 3)
    found = tail_enclosure(groups, 6 * 10**9, False)
    assert found.method == "Hoeffding's bound"
    assert found.lower == 0
    with ctx.workprec(128):
        assert found.upper <= Fraction(1, 2)
        assert found.ball() <= hoeffding_bound(groups, 6 * 10**9) / 2 * arb("1.0001")
    assert tail_enclosure(groups, -6 * 10**9, True).lower >= F(1, 2)


@QUICK
@given(group_lists, weights, st.booleans(), st.integers(40, 400))
def test_the_lattice_encloses_the_exact_tail(
    groups: list[Group], threshold: Fraction, strict: bool, resolution: int
) -> None:
    exact = tail(groups, threshold, strict)
    rounded = [RoundedGroup(abs(g.weight), F(0), g.count) for g in groups if g.weight and g.count]
    if rounded:
        lower, upper = lattice_tail(rounded, (threshold, threshold), strict, resolution)
        assert lower <= exact.lower <= upper


def test_two_sided_enclosures() -> None:
    for d in (1000, 10**6):
        root = isqrt(d)
        inside = two_sided_enclosure([Group(F(1), d)], 4 * root, False)
        outside = tail_enclosure([Group(F(1), d)], 4 * root, True)
        assert inside.at_least(1 - 2 * outside.upper)
        assert inside.at_most(1 - 2 * outside.lower)
    assert two_sided_enclosure([Group(F(1), 10**6)], 0, True).upper == 0
    far = two_sided_enclosure([Group(F(1), 10**12)], 10**11, False)
    assert far.at_least(1 - F(1, 10**1000)) is True


# Weights known through balls


def roots(precision: int) -> list[arb]:
    """1 and the square roots of 2 and 3."""
    with ctx.workprec(precision):
        return [arb(1), arb(2).sqrt(), arb(3).sqrt()]


def test_irrational_weights_are_compared_rigorously() -> None:
    groups = [BallGroup((F(0), F(1), F(0)), 3), BallGroup((F(0), F(0), F(1)), 2)]
    found = tail_ball(groups, (F(1), F(0), F(0)), False, 64, basis=roots)
    hits = sum(
        2 ** F(1, 2) * (a + b + c) + 3 ** F(1, 2) * (d + e) >= 1
        for a, b, c, d, e in product((-1, 1), repeat=5)
    )
    assert found.exact
    assert found.lower == F(hits, 32)


def test_a_tie_between_irrational_numbers_is_proved_by_its_coefficients() -> None:
    groups = [BallGroup((F(0), F(1), F(0)), 2), BallGroup((F(0), F(-1), F(-1)), 1)]
    tie = (F(0), F(3), F(1))  # the largest sum, 3 sqrt 2 + sqrt 3
    assert tail_ball(groups, tie, False, 64, basis=roots).lower == F(1, 8)
    assert tail_ball(groups, tie, True, 64, basis=roots).upper == 0
    assert two_sided_ball(groups, tie, False, 64, basis=roots).lower == 1
    assert two_sided_ball(groups, tie, True, 64, basis=roots).lower == F(3, 4)


def test_an_unproved_tie_is_reported_as_an_interval() -> None:
    groups, threshold = unrelated([2, 1])

    def weights_and_threshold(precision: int) -> list[arb]:
        with ctx.workprec(precision):  # the threshold is 3 sqrt 2 in disguise
            return [arb(2).sqrt(), arb(2).sqrt(), arb(18).sqrt()]

    found = tail_ball(groups, threshold, False, 64, basis=weights_and_threshold)
    assert not found.exact
    assert (found.lower, found.upper) == (F(0), F(1, 8))
    assert "undecided" in found.method
    assert found.at_least(F(1, 8)) is None
    assert found.at_least(F(1, 4)) is False


def test_precision_is_raised_until_the_comparison_is_decided() -> None:
    asked: list[int] = []

    def close(precision: int) -> list[arb]:
        asked.append(precision)
        with ctx.workprec(precision):
            return [arb(2).sqrt(), arb(2).sqrt() - arb((1, -900))]

    groups, threshold = unrelated([1])
    found = tail_ball(groups, threshold, True, 64, basis=close)
    assert found.lower == found.upper == F(1, 2)
    assert max(asked) >= 900
    assert not tail_ball(groups, threshold, True, 64, basis=close, limit=128).exact


def test_a_weight_of_unknown_sign_is_not_guessed() -> None:
    groups, threshold = unrelated([3])
    found = tail_ball(groups, threshold, False, 64, basis=lambda _: [arb(0, 1), arb(1)])
    assert (found.lower, found.upper) == (F(0), F(1))


def test_irrational_weights_on_a_million_signs() -> None:
    groups = [BallGroup((F(0), F(1), F(0)), 10**6), BallGroup((F(0), F(0), F(40)), 1)]
    found = tail_ball(groups, (F(100), F(0), F(0)), True, basis=roots)
    near = [Group(F(14142135623731, 10**13), 10**6), Group(F(692820323027551, 10**13), 1)]
    assert found.ball().overlaps(tail_enclosure(near, F(100), True).ball())
    assert found.upper - found.lower < F(1, 2**100)


def test_many_irrational_weights_are_rounded_to_a_lattice() -> None:
    size = 24

    def square_roots(precision: int) -> list[arb]:
        with ctx.workprec(precision):
            return [arb(k + 2).sqrt() for k in range(size)] + [arb(10)]

    groups, threshold = unrelated([1] * size)
    found = tail_ball(groups, threshold, False, basis=square_roots)
    near = [Group(F(isqrt((k + 2) * 10**24), 10**12), 1) for k in range(size)]
    assert found.upper - found.lower < F(1, 100)
    assert simulate(near, F(10), False, 100_000, seed=7).contains(found)


# What must be refused


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Group(F(1), -1), "must be >= 0"),
        (lambda: Group(F(1), 2.0), "must be an integer"),  # type: ignore[arg-type]
        (lambda: Group(F(1), True), "must be an integer"),
        (lambda: Group(0.5, 1), "exact rational"),  # type: ignore[arg-type]
        (lambda: tail([Group(F(1), 1)], 0.5, True), "exact rational"),  # type: ignore[arg-type]
        (lambda: tail([Group(F(1), 10**6)], 0, True), "tail_enclosure"),
        (lambda: tail([Group(F(1), 10**18)], 10**9, True), "200000"),
        (lambda: hoeffding_bound([Group(F(1), 3)], 0), "u > 0"),
        (lambda: hoeffding_bound([], 1), "nonzero weight"),
        (lambda: tail_enclosure([Group(F(1), 3)], 0, True, 2), "16 bits"),
        (lambda: simulate([Group(F(1), 3)], 0, True, 0, seed=1), "samples >= 1"),
        (
            lambda: tail_ball([BallGroup((F(1),), 2)], (F(1),), True, basis=roots),
            "3 numbers",
        ),
        (
            lambda: tail_ball([BallGroup((F(1), F(2)), 2)], (F(1),), True, basis=roots),
            "coefficients",
        ),
        (
            lambda: two_sided_ball(
                [BallGroup((F(1),), 2)], (F(-1),), True, basis=lambda _: [arb(1)]
            ),
            "surely >= 0",
        ),
        (lambda: Probability(F(1, 2), F(1, 3), "nothing"), "lower <= upper"),
    ],
)
def test_impossible_parameters_are_refused(make: Callable[[], object], words: str) -> None:
    with pytest.raises(LawError, match=words):
        make()


def test_a_negative_threshold_has_an_empty_two_sided_event() -> None:
    assert two_sided([Group(F(1), 3)], -1, False).upper == 0


# The value itself, Hoeffding's bound and the simulation


def test_texts() -> None:
    assert tail([Group(F(1), 2)], 1, False).as_text() == "1/4"
    assert tail([], 0, False).as_text() == "1"
    assert tail([Group(F(1), 9000)], 1, False).as_text().startswith("[0.4957")
    assert Probability(F(1, 4), F(3, 4), "guess").as_text(5) == "[0.500 +/- 0.251]"


def test_bounds_are_decided_or_left_open() -> None:
    exact = tail([Group(F(1), 2)], 1, False)
    assert exact.at_least(F(1, 4)) is True
    assert exact.at_least(F(1, 4) + F(1, 10**40)) is False
    assert exact.at_most(F(1, 4)) is True
    assert exact.at_most(F(1, 5)) is False
    wide = Probability(F(1, 4), F(1, 2), "guess")
    assert wide.at_least(F(1, 3)) is None
    assert wide.complement().at_most(F(3, 4)) is True


@QUICK
@given(group_lists, weights)
def test_hoeffding_bounds_the_exact_law(groups: list[Group], threshold: Fraction) -> None:
    if threshold > 0 and any(group.weight and group.count for group in groups):
        outside = two_sided(groups, threshold, True).complement()
        assert outside.ball() <= hoeffding_bound(groups, threshold) * arb("1.0000001")


def test_the_simulation_is_seeded_and_notices_a_wrong_law() -> None:
    groups = [Group(F(1, 3), 50), Group(F(2), 1)]
    first = simulate(groups, F(1), False, 50_000, seed=8)
    assert first == simulate(groups, F(1), False, 50_000, seed=8)
    assert first.contains(tail(groups, F(1), False))
    assert not first.contains(tail(groups, F(2), False))
    assert first.low <= first.estimate <= first.high


def test_the_simulation_of_weights_beyond_machine_words() -> None:
    groups = [Group(F(10**400 + 3**k), 5) for k in range(4)]
    found = simulate(groups, F(10**400), False, 50_000, seed=9)
    assert not found.lattice
    assert found.contains(tail(groups, F(10**400), False))
