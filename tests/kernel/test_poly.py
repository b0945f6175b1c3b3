"""Normal forms of exponentials, whose exponents have no small common unit, or a very small one."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verify.kernel.poly import MAX_DEGREE, Refused, Ring, canonical, difference, sign_polynomial
from verify.kernel.sums import Theory, unfold
from verify.language.grammar import parse_formula, parse_term
from verify.language.term import Call, Delta, Entry, Mul, Num, Rel, Sum, Sym, Term, mul

X = Sym("x")


def exp(multiple: Fraction) -> Term:
    return Call("exp", (Mul((Num(multiple), X)),))


def test_one_exponential_has_degree_one_whatever_its_digits() -> None:
    ring = Ring((exp(Fraction(200_001, 100_000)),))
    assert ring.polynomial(exp(Fraction(200_001, 100_000))).total_degree() == 1


def test_a_small_unit_is_shared() -> None:
    assert canonical(parse_term("exp(0.5*x)*exp(0.25*x)")) == canonical(parse_term("exp(0.75*x)"))
    assert canonical(parse_term("exp(1.23*x)*exp(4.56*x)")) == canonical(parse_term("exp(5.79*x)"))


def test_a_tiny_unit_is_not() -> None:
    few = [exp(Fraction(123_457, 10**6)), exp(Fraction(654_321, 10**6))]
    ring = Ring(few)
    assert len(ring.keys) == 2
    assert [ring.polynomial(term).total_degree() for term in few] == [1, 1]
    assert {canonical(ring.generator(key)) for key in ring.keys} == set(map(canonical, few))


@pytest.mark.parametrize("other", [Fraction(1, 2), Fraction(3, 2), Fraction(1, MAX_DEGREE + 1)])
def test_a_ring_refuses_an_exponential_that_is_no_power_of_its_own(other: Fraction) -> None:
    with pytest.raises(Refused, match="no power"):
        Ring((exp(Fraction(1)),)).fraction(exp(other))


def test_a_ring_refuses_an_exponential_that_it_has_not_seen() -> None:
    ring = Ring((exp(Fraction(123_457, 10**6)), exp(Fraction(654_321, 10**6))))
    with pytest.raises(Refused, match="not among"):
        ring.fraction(exp(Fraction(777_778, 10**6)))


multiples = st.fractions(min_value=-3, max_value=3, max_denominator=10**6).filter(bool)


@given(st.lists(multiples, min_size=1, max_size=3), st.lists(multiples, min_size=1, max_size=3))
def test_equal_normal_forms_have_equal_exponents(
    left: list[Fraction], right: list[Fraction]
) -> None:
    products = [mul(*map(exp, factors)) for factors in (left, right)]
    if canonical(products[0]) == canonical(products[1]):
        assert sum(left) == sum(right)


def test_indices_with_roots_of_exponentials_are_told_apart() -> None:
    places = [parse_term(place) for place in ("exp(x)", "exp(x/2)", "exp(2*x)")]
    for one, other in product(places, repeat=2):
        same = unfold(Delta(one, other), Theory()) == Num(Fraction(1))
        assert same is (one == other)


NESTED = [
    "exp(exp(x/2))",
    "x^(exp(z/2))",
    "exp(exp(200*x))",
    "exp(y*exp(2.00001*x))",
    "exp(exp(0.123457*x) + exp(0.654321*x))",
    "exp(sin(1)/exp(x/2))",
    "exp(exp(1/2))",
]


@pytest.mark.parametrize("text", NESTED)
def test_a_generator_is_what_it_is_called(text: str) -> None:
    term = parse_term(text)
    ring = Ring((term,))
    assert [canonical(ring.generator(key)) for key in ring.keys] == [
        f"{{{ring.text(ring.gen(key))}}}/{{1}}" for key in ring.keys
    ]


@pytest.mark.parametrize(
    ("text", "same"),
    [("(2/y)^(-1)", "y/2"), ("(-3*x/(2*y))^(-3)", "-8*y^3/(27*x^3)"), ("(4/5)^(-1)", "5/4")],
)
def test_a_negative_power_has_the_leading_coefficient_one_below(text: str, same: str) -> None:
    assert canonical(parse_term(text)) == canonical(parse_term(same))


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("sqrt(e)", "e^(1/2)"),
        ("sqrt(e)*sqrt(e)", "e"),
        ("log(sqrt(e))", "1/2"),
        ("sqrt(e)^3", "e*sqrt(e)"),
    ],
)
def test_the_root_of_e_is_an_exponential(text: str, same: str) -> None:
    assert canonical(parse_term(text)) == canonical(parse_term(same))


def nested(outer: str, inner: str, sizes: str, *indices: str) -> str:
    entry = Entry("a", tuple(map(Sym, indices)))
    body = Sum(Mul((entry, X)), inner, Sym(sizes[1]))
    return canonical(Call("exp", (Sum(body, outer, Sym(sizes[0])),)))


def test_the_names_of_indices_make_no_difference() -> None:
    one = nested("i", "j", "nm", "i", "j")
    assert nested("j", "i", "nm", "j", "i") == one
    assert nested("k", "k_", "nm", "k", "k_") == one
    assert nested("i", "j", "nm", "j", "i") != one
    assert nested("i", "i", "nm", "i", "i") != one
    assert nested("i", "j", "mn", "i", "j") != one
    assert nested("i", "j", "nm", "i", "x") != one
    assert nested("x", "j", "nm", "x", "j") != one


@pytest.mark.parametrize("more", ["y", "a", "exp(x/3)", "exp(2*x) + a", "exp(5001*x)", "sqrt(b)"])
@pytest.mark.parametrize(
    "rel",
    [
        "x/(x + y) >= 2",
        "exp(x) + exp(-2*x) > y",
        "exp(x)*log(y)/sqrt(x + 1) < 3",
        "2^x*sin(-y) == x^(1/3)",
        "exp(4000*x)^2 > 1",
        "1 >= 2",
    ],
)
def test_a_relation_is_the_same_polynomial_in_every_ring(rel: str, more: str) -> None:
    parsed, extra = parse_formula(rel), parse_term(more)
    assert isinstance(parsed, Rel)

    def polynomial(ring: Ring) -> object:
        top, bottom = ring.fraction(difference(parsed))
        return top if bottom.is_constant() else ring.times(top, bottom)

    def outcome(compute: Callable[[Ring], object]) -> object:
        try:
            return compute(Ring((parsed.left, extra, parsed.right)))
        except Refused as error:
            return str(error)

    assert outcome(lambda ring: sign_polynomial(ring, parsed)) == outcome(polynomial)
