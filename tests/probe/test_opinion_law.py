"""mpmath's sums of binomial probabilities, and of arrays, beside exact ones."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import pytest

from verify.kernel.poly import Refused
from verify.kernel.sums import Definition
from verify.language.grammar import parse_term
from verify.language.term import Delta, Entry, Num, Pow, Sum, Sym, Term, num
from verify.probe.opinion import NoValue
from verify.probe.opinion_law import reach
from verify.probe.opinion_sums import AddedUp

DIGITS = 50


def counted(
    table: list[list[Fraction]], sizes: list[int], threshold: Fraction, strict: bool
) -> Fraction:
    """The same probability, sign by sign."""
    place = [group for group, size in enumerate(sizes) for _ in range(size)]
    good = 0
    for signs in product((1, -1), repeat=len(place)):
        sums = [sum(line[g] * s for g, s in zip(place, signs, strict=True)) for line in table]
        good += any(x > threshold or (not strict and x == threshold) for x in sums)
    return Fraction(good, 2 ** len(place))


@pytest.mark.parametrize("strict", [True, False])
@pytest.mark.parametrize("threshold", ["0", "1", "-1", "5/2", "7", "8"])
@pytest.mark.parametrize(
    "table",
    [
        [["1", "2", "-1"]],
        [["1/3", "0", "1/3"]],
        [["0", "0", "0"]],
        [["1", "2", "-1"], ["1", "2", "-1"]],
        [["1", "2", "-1"], ["-2", "1", "1/2"]],
    ],
)
def test_every_sum_of_signs(table: list[list[str]], threshold: str, strict: bool) -> None:
    sizes = [3, 2, 4]
    terms = [[parse_term(weight) for weight in line] for line in table]
    found = reach(terms, sizes, parse_term(threshold), DIGITS, strict=strict)
    numbers = [[Fraction(weight) for weight in line] for line in table]
    wanted = counted(numbers, sizes, Fraction(threshold), strict)
    assert abs(found * wanted.denominator - wanted.numerator) < 1e-45


@pytest.mark.parametrize("strict", [True, False])
@pytest.mark.parametrize("others", [[], [["1", "sqrt(2)"]]])
def test_what_may_be_a_tie_of_irrational_numbers_has_no_value(
    others: list[list[str]], strict: bool
) -> None:
    table = [["sqrt(8)", "log(9)"], *others]
    terms = [[parse_term(weight) for weight in line] for line in table]
    for threshold in ("2*sqrt(2) + 2*log(3)", "sqrt(8) + log(9) - 10^(-900)"):
        with pytest.raises(NoValue) as caught:
            reach(terms, [1, 1], parse_term(threshold), DIGITS, strict=strict)
        assert caught.value.doubtful
    assert reach(terms[:1], [1, 1], parse_term("sqrt(8) + 1"), DIGITS, strict=strict) == 0.25
    assert reach(terms[:1], [1, 1], parse_term("-sqrt(200)"), DIGITS, strict=strict) == 1
    assert reach(terms[:1], [1, 1], parse_term("sqrt(200)"), DIGITS, strict=strict) == 0


def test_rational_numbers_tie_exactly_however_near() -> None:
    tiny = Fraction(1, 10**900)
    weights = [[num(1), Num(tiny)]]
    for threshold, strict, value in ((1 + tiny, True, 0), (1 + tiny, False, 0.25), (1, True, 0.25)):
        assert reach(weights, [1, 1], Num(Fraction(threshold)), DIGITS, strict=strict) == value


def test_many_signs_of_one_weight() -> None:
    found = reach([[num(1)]], [20_000], num(0), DIGITS, strict=False)
    other = reach([[num(1)]], [20_000], num(0), DIGITS, strict=True)
    assert abs(found + other - 1) < 1e-48
    assert 0.5028 < found < 0.5029


def test_too_many_signs_are_refused() -> None:
    for sizes in ([20_001, 1], [60, 60, 60]):
        with pytest.raises(Refused):
            reach([[num(1)] * len(sizes)], sizes, num(0), DIGITS, strict=True)


P, Q, N = Sym("i"), Sym("j"), Sym("n")
ROOT = Definition(("i",), Pow(Entry("a", (P,)), Num(Fraction(1, 2))))


def added(term: Term, size: int = 4) -> AddedUp | float:
    def datum(name: str, indices: tuple[Fraction, ...]) -> Term | Fraction | None:
        return {"a": indices[0], "b": num(7)}.get(name)

    world = AddedUp({"n": num(size)}, {"root": ROOT}, {"half": num(2)}, datum, DIGITS)
    return float(world.value(term))


@pytest.mark.parametrize(
    ("term", "value"),
    [
        (Sum(Entry("a", (P,)), "i", N), 10.0),
        (Sum(Sum(Delta(P, Q), "j", N), "i", N), 4.0),
        (Sum(Entry("root", (P,)), "i", N), 1 + 2**0.5 + 3**0.5 + 2),
        (Sum(Entry("half", (P,)), "i", N), 1.0 + 2 + 1 + 2),
        (Sum(Entry("b", (P,)), "i", num(0)), 0.0),
        (Entry("b", (Num(Fraction(2)),)), 7.0),
    ],
)
def test_sums_are_added_up(term: Term, value: float) -> None:
    assert added(term) == value


def test_what_cannot_be_added_up() -> None:
    for term in (Entry("c", (num(1),)), Sym("x"), Entry("a", (Num(Fraction(1, 2)),))):
        with pytest.raises(Refused):
            added(term)
    with pytest.raises(Refused, match="too long"):
        added(Sum(P, "i", N), 10**30)
    with pytest.raises(NoValue):
        added(Pow(Sum(P, "i", num(0)), num(-1)))
