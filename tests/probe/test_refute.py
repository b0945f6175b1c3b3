"""False claims of all kinds are refuted, by small points; true ones never are."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from verify.kernel.check import Sequent
from verify.kernel.point import Point, evaluate
from verify.language.grammar import parse_formula, parse_term
from verify.language.render import text
from verify.language.term import (
    FALSE,
    Add,
    Call,
    Const,
    Div,
    Mul,
    Neg,
    Num,
    Pow,
    Rel,
    Sym,
    Term,
    free_names,
    num,
)
from verify.probe._cases import MAX_CASES, failures
from verify.probe._judge import Judge
from verify.probe._simple import simplest_between, weight
from verify.probe._solve import solve
from verify.probe._tidy import tidy
from verify.probe.refute import attest, find_counterexample, find_witness
from verify.probe.smt import Script, Untranslatable
from verify.provers.budget import Budget, OutOfTime

SECONDS = 6.0


def sequent(where: list[str], holds: str, integers: str = "") -> Sequent:
    hypotheses = tuple(parse_formula(each) for each in where)
    return Sequent(hypotheses, parse_formula(holds), frozenset(integers.split()))


def shown(point: Point) -> dict[str, str]:
    return {name: text(value) for name, value in point.items()}


def refuted(where: list[str], holds: str, integers: str = "") -> dict[str, str]:
    claim = sequent(where, holds, integers)
    found = find_counterexample(claim, Budget.of(SECONDS))
    assert found is not None, f"{where} |- {holds}"
    outcome = evaluate(claim.hypotheses, claim.conclusion, found.point, claim.integers)
    assert outcome.fails
    assert (found.undefined is not None) == (outcome.undefined is not None)
    assert all(parse_term(text(value)) is not None for value in found.point.values())
    return shown(found.point)


# Where no point is given, any counterexample will do.
PLAIN = [
    ([], "x^2 >= x", "", {"x": "1/2"}),
    ([], "x*y <= x^2", "", {"x": "1", "y": "2"}),
    (["x > 0", "y > 0"], "x + y >= 3*sqrt(x*y)", "", {"x": "1", "y": "1"}),
    ([], "a^3 + b^3 + c^3 >= 3*a*b*c", "", None),
    (["x >= 0"], "sin(x) >= x - x^3/7", "", {"x": "1"}),
    ([], "exp(x) >= 1 + 2*x", "", {"x": "1"}),
    (["a > 0", "b > 0", "a <= b"], "a^b <= b^a", "", {"a": "3", "b": "4"}),
    ([], "floor(x) + floor(y) == floor(x + y)", "", {"x": "1/2", "y": "1/2"}),
    (["x >= 0"], "floor(x) >= x - 9/10", "", None),
    ([], "max(x, y)*min(x, y) <= 0", "", {"x": "1", "y": "1"}),
    (["x >= 0 or y >= 0"], "x + y >= -1", "", None),
    (["not (x < 1)"], "x >= 2 or x <= 1", "", {"x": "3/2"}),
    (["t > 0"], "(1 + 1/t)^t < 27/10", "", None),
]
BOUNDARY = [
    ([], "x^2 > 0", "", {"x": "0"}),
    (["0 <= x", "x <= 7/3"], "x < 7/3", "", {"x": "7/3"}),
    (["x >= 0", "y >= 0", "x + y <= 1"], "x + 2*y < 2", "", {"x": "0", "y": "1"}),
    (["a + b + c == 1"], "a*b + b*c + c*a < 1/3", "", dict.fromkeys("abc", "1/3")),
    (["x > 0", "y > 0", "x*y == 1"], "x + y > 2", "", {"x": "1", "y": "1"}),
    (["x > 0"], "log(x) < x - 1", "", {"x": "1"}),
    (
        ["(1 + a)^b >= n", "a > 0", "b > 0", "n >= 2"],
        "(1 + a)^b > n",
        "",
        {"a": "1", "b": "1", "n": "2"},
    ),
    (
        ["(1 + a)^b >= n", "a == 1/2", "n == 10"],
        "(1 + a)^b > n",
        "",
        {"a": "1/2", "b": "log(10)/log(3/2)", "n": "10"},
    ),
    (["x^2 + y^2 == 1"], "3*x + 4*y < 5", "", {"x": "3/5", "y": "4/5"}),
    (["x^2 + y^2 == 1", "x > 0", "y > 0"], "x^3 + y^3 >= 71/100", "", None),
    ([], "(3*x - 1)^2 + (7*y - 2)^2 > 0", "", {"x": "1/3", "y": "2/7"}),
    (["a + b + c == 6", "a^2 + b^2 + c^2 == 14"], "a*b*c <= 59/10", "", None),
    (["x + y == 3", "x*y == 2"], "x < 2", "", {"x": "2", "y": "1"}),
    (["x^3 + y^3 == 9", "x + y == 3"], "x <= 1", "", {"x": "2", "y": "1"}),
    (["x >= 0"], "2^x != 3", "", {"x": "log(3)/log(2)"}),
    ([], "exp(2*x) - 5*exp(x) + 6 != 0", "", None),
    (["A > 0", "B > 0", "A + B == pi"], "A <= 3*B", "", None),
    (["abs(d) <= 2^(-53)"], "(1 + d)^2 <= 1 + 2^(-52)", "", {"d": "1/9007199254740992"}),
]
UNDEFINED = [
    ([], "1/x >= 0 or x < -1", "", {"x": "0"}),
    (["x >= 0"], "x/(x - 3) >= 0 or x/(x - 3) < 0", "", {"x": "3"}),
    ([], "log(x) < x", "", {"x": "0"}),
    (["x > -5"], "sqrt(x)^2 == x", "", {"x": "-1"}),
    (["x > 0", "y > 0"], "1/(x - y)^2 > 0", "", {"x": "1", "y": "1"}),
    (["x >= 0"], "x^(x - 1) >= 0", "", {"x": "0"}),
    (["a + b > 0"], "1/(a^2 + b^2 - 1) != 0", "", None),
    (["x > 1"], "1/log(x - 1) != 0", "", {"x": "2"}),
    ([], "asin(x) <= 2", "", {"x": "2"}),
    (["x*y*z == 1"], "1/(x - 1) != 0 or y != 4 or z == 3", "", None),
]
INTEGER = [
    (["n >= 1"], "2^n > n^2", "n", {"n": "2"}),
    (["n >= 0"], "n^2 + n + 1 != 91", "n", {"n": "9"}),
    (["n >= 1", "m >= 1"], "n^2 != 2*m^2 + 1", "n m", {"n": "3", "m": "2"}),
    (["n >= 1"], "n^2 - 6*n + 8 >= 0", "n", {"n": "3"}),
    (["n >= 5"], "2^n > n^3", "n", {"n": "5"}),
    (["d >= 1", "d <= 100"], "(d - 3)^2 >= 1", "d", {"d": "3"}),
    (["n >= 1"], "n < 5 or n^2 > 30", "n", {"n": "5"}),
    (["n >= 1", "7*n >= 1000"], "n >= 144", "n", {"n": "143"}),
    (["x^2 + y^2 == z^2", "x >= 1", "y >= 1"], "x + y + z != 12", "x y z", None),
    (["n >= 1", "d >= 2"], "d != 3 or n >= 5", "n d", {"n": "1", "d": "3"}),
]
EXTREME = [
    (["n >= 1"], "log(n) <= 50", "", {"n": "1" + "0" * 22}),
    (["x > 0"], "x >= 1/10^9", "", None),
    (["x >= 1"], "x^10 <= 10^50", "", None),
    (["n >= 3"], "log(log(n)) <= 7", "", {"n": "10^477"}),
    (["n >= 3"], "log(log(n)) <= 20", "", None),
    (["n >= 10^15"], "n^(1/10) <= log(n)", "", None),
    (["x >= 10"], "exp(x) >= x^100", "", {"x": "10"}),
    (["n >= 2"], "sqrt(n) <= 10^20", "n", {"n": "10^41"}),
    (["eps > 0", "n >= 1"], "n*eps >= 1/10^8", "", None),
]
TINY = [
    (["0 <= x", "x <= 1"], "(x - 1234/10000)^2 >= 1/4000000", "", None),
    (["x > 0"], "x*log(x) >= -3678/10000", "", None),
    (["x > 0"], "x^x >= 6923/10000", "", {"x": "3/8"}),
    ([], "(x - 7/9)^2 + (y + 3/11)^2 >= 1/10^6", "", {"x": "7/9", "y": "-3/11"}),
    (["x >= 0"], "x^4 - 3*x^2 + 9/4 >= 1/10^6", "", None),
    (["0 <= x", "x <= 10"], "sin(x)*x < 79/10", "", None),
    (["0 <= x", "x <= 6"], "cos(x) + cos(2*x) + cos(3*x) >= -1315/1000", "", None),
    (["x >= 0", "y >= 0"], "x^4*y^2 + x^2*y^4 + 999/1000 >= 3*x^2*y^2", "", None),
]
FALSE_CLAIMS = PLAIN + BOUNDARY + UNDEFINED + INTEGER + EXTREME + TINY


@pytest.mark.parametrize(
    ("where", "holds", "integers", "point"), FALSE_CLAIMS, ids=[row[1] for row in FALSE_CLAIMS]
)
def test_refutes(where: list[str], holds: str, integers: str, point: dict[str, str] | None) -> None:
    found = refuted(where, holds, integers)
    assert point is None or found == point


IRRATIONAL = [
    ([], "x^2 != 2"),
    ([], "(x^2 - 2)^2 > 0"),
    (["x > 0"], "x + 2/x > 2*sqrt(2)"),
    ([], "x^3 != 2"),
    (["x^2 == 3"], "x < 0"),
    (["x^2 + y^2 == 1", "x == y"], "x <= 0"),
    ([], "x^2 - x - 1 != 0"),
    ([], "sin(x) < 1"),
    (["x > 0"], "x*log(x) > -1/e"),
]


@pytest.mark.parametrize(("where", "holds"), IRRATIONAL, ids=[row[1] for row in IRRATIONAL])
def test_refutes_at_one_irrational_point(where: list[str], holds: str) -> None:
    refuted(where, holds)


TRUE_CLAIMS = [
    ([], "x^2 >= 0", ""),
    (["x > 0", "y > 0"], "x + y >= 2*sqrt(x*y)", ""),
    ([], "exp(x) >= 1 + x", ""),
    (["n >= 5"], "2^n > n^2", "n"),
    (["x >= 0", "y >= 0", "x + y <= 1"], "x*y <= 1/4", ""),
    ([], "sin(x)^2 + cos(x)^2 == 1", ""),
    (["x > 0"], "x^x >= 692/1000", ""),
    (["0 < x", "x < 1"], "1/x > 1", ""),
    ([], "floor(x) <= x", ""),
    (["x >= 1"], "x^2 != 2 or x > 7/5", ""),
    (["x > 1", "x < 1"], "x == 7", ""),
]


@pytest.mark.parametrize(
    ("where", "holds", "integers"), TRUE_CLAIMS, ids=[row[1] for row in TRUE_CLAIMS]
)
def test_finds_nothing_against_a_true_claim(where: list[str], holds: str, integers: str) -> None:
    assert find_counterexample(sequent(where, holds, integers), Budget.of(1.0)) is None


# Claims that are true by construction, with singular and awkward values inside.

_X, _Y = Sym("x"), Sym("y")
_LEAVES: st.SearchStrategy[Term] = st.sampled_from(
    [_X, _Y, num(0), num(1), num(-2), num(Fraction(1, 3)), Const("pi")]
)
_EXPONENTS: st.SearchStrategy[Term] = st.sampled_from([num(2), num(-1), num(Fraction(1, 2)), _Y])


def _grown(inner: st.SearchStrategy[Term]) -> st.SearchStrategy[Term]:
    return st.one_of(
        st.tuples(inner, inner).map(Add),
        st.tuples(inner, inner).map(Mul),
        st.tuples(inner, inner).map(lambda ab: Div(*ab)),
        inner.map(Neg),
        st.tuples(inner, _EXPONENTS).map(lambda ab: Pow(*ab)),
        st.tuples(st.sampled_from(["exp", "log", "sqrt", "abs", "sin", "floor"]), inner).map(
            lambda fa: Call(fa[0], (fa[1],))
        ),
    )


TERMS = st.recursive(_LEAVES, _grown, max_leaves=5)


@settings(derandomize=True, max_examples=20, deadline=None)
@given(TERMS, TERMS)
@example(Div(_X, _X), num(1))
@example(Call("log", (_X,)), Call("sqrt", (_Y,)))
def test_never_refutes_what_its_hypothesis_says(left: Term, right: Term) -> None:
    claim = Rel(">=", left, right)
    weaker = Rel(">=", Add((left, num(1))), right)
    assert find_counterexample(Sequent((claim,), claim), Budget.of(0.15)) is None
    assert find_counterexample(Sequent((claim,), weaker), Budget.of(0.15)) is None


@settings(derandomize=True, max_examples=30, deadline=None)
@given(TERMS, TERMS)
def test_every_refutation_is_confirmed_by_the_kernel(left: Term, right: Term) -> None:
    claim = Sequent((), Rel(">", left, right))
    found = find_counterexample(claim, Budget.of(0.3))
    if found is not None:
        assert set(found.point) == free_names(claim.conclusion)
        assert evaluate((), claim.conclusion, found.point, frozenset()).fails


def test_says_what_is_undefined() -> None:
    found = find_counterexample(sequent(["x >= 0"], "x/(x - 3) != 5"), Budget.of(SECONDS))
    assert found is not None
    assert found.undefined == "3/(3 - 3)" or found.point["x"] != num(3)
    undefined = find_counterexample(sequent(["x == 3"], "1/(x - 3) > 0"), Budget.of(SECONDS))
    assert undefined is not None
    assert undefined.undefined == "1/(3 - 3)"


def test_an_undefined_coordinate_is_no_point() -> None:
    judge = Judge(sequent([], "x^2 >= 0"))
    assert not judge.fails({"x": parse_term("log(-1)")}, Budget.of(1))
    assert not judge.fails({"x": parse_term("1/0")}, Budget.of(1))


def test_keeps_reference_values() -> None:
    reference = {"n": Fraction(10**6), "d": Fraction(7)}
    claim = sequent(["n >= 2", "d >= 2", "x > 0"], "x*log(n) <= d")
    found = find_counterexample(claim, Budget.of(SECONDS), reference=reference)
    assert found is not None
    assert shown(found.point) == {"d": "7", "n": "1000000", "x": "1"}


def test_the_same_seed_gives_the_same_point() -> None:
    claim = sequent([], "(x - 5/7)^2 + (y - x)^2 >= 1/10^5")
    first = find_counterexample(claim, Budget.of(SECONDS), seed=3)
    second = find_counterexample(claim, Budget.of(SECONDS), seed=3)
    assert first == second


def test_a_spent_budget_finds_nothing() -> None:
    assert find_counterexample(sequent([], "x > 0"), Budget.of(0)) is None
    with pytest.raises(OutOfTime):
        Judge(sequent([], "x > 0")).fails({"x": num(0)}, Budget.of(0))


def test_a_claim_without_variables() -> None:
    found = find_counterexample(sequent([], "2 + 2 == 5"), Budget.of(1))
    assert found is not None
    assert found.point == {}
    assert find_counterexample(sequent([], "2 + 2 == 4"), Budget.of(1)) is None


def test_many_variables() -> None:
    names = [f"x{index}" for index in range(60)]
    where = [f"{name} >= 1" for name in names]
    found = refuted(where, " + ".join(names) + " > 60")
    assert set(found.values()) == {"1"}


def test_long_powers_stay_within_the_time() -> None:
    claim = sequent(["0 < u", "u < v", "z + 1 < w"], "(u + v + z)^33 < (u + v + w + 1)^55")
    budget = Budget.of(2.0)
    find_counterexample(claim, budget)
    assert Budget.of(0).deadline - budget.deadline < 2.0


WITNESSES = [
    (["x > 0", "y > 0", "x + y <= 1/1000"], ""),
    (["x^2 + y^2 == 25", "x > 4"], ""),
    (["2*x + 3*y == 1"], "x y"),
    (["(1 + a)^b >= n", "a > 0", "a < 1/100", "n >= 1000"], ""),
    (["x*y == 1", "x + y == 5/2"], ""),
    (["1/x > 3 or x > 10^40"], ""),
    ([], ""),
]


@pytest.mark.parametrize(("where", "integers"), WITNESSES, ids=str)
def test_finds_a_witness(where: list[str], integers: str) -> None:
    claim = sequent(where, "x + y >= 0", integers)
    found = find_witness(claim, Budget.of(SECONDS))
    assert found is not None
    assert {"x", "y"} <= set(found)
    assert evaluate(claim.hypotheses, FALSE, found, claim.integers).fails


@pytest.mark.parametrize("where", [["x > 1", "x < 1"], ["x^2 < 0"], ["log(x) > 0", "x < 1"]])
def test_finds_no_witness_of_a_contradiction(where: list[str]) -> None:
    assert find_witness(sequent(where, "x > 0"), Budget.of(1)) is None


# Outside solvers


@pytest.mark.parametrize(
    ("where", "holds", "integers"),
    [
        ([], "x^2 >= 0", ""),
        (["x > 0", "y > 0"], "x + y >= 2*sqrt(x*y)", ""),
        (["n >= 1"], "2*n^2 - 3*n + 1 >= 0", "n"),
        (["sqrt(x) >= 2"], "x >= 4", ""),
        ([], "abs(x + y) <= abs(x) + max(y, -y)", ""),
        (["x > 0"], "1/x > 0", ""),
    ],
)
def test_attests(where: list[str], holds: str, integers: str) -> None:
    assert attest(sequent(where, holds, integers), Budget.of(5)) in ("z3", "cvc5")


@pytest.mark.parametrize(
    ("where", "holds", "integers"),
    [
        ([], "x^2 > 0", ""),
        (["x >= 0"], "1/x >= 0", ""),
        ([], "sqrt(x)^2 == x", ""),
        ([], "x/x == 1", ""),
        (["1/x == 1/x"], "x != 0 and x^2 > 1", ""),
        (["n >= 1"], "2*n^2 - 3*n + 1 > 0", "n"),
        ([], "exp(x) > 0", ""),
        ([], "x^(-1/2) > 0", ""),
    ],
)
def test_does_not_attest(where: list[str], holds: str, integers: str) -> None:
    assert attest(sequent(where, holds, integers), Budget.of(5)) is None


def test_asks_solvers_only_about_algebra() -> None:
    with pytest.raises(Untranslatable):
        Script(sequent([], "exp(x) > 0"))
    with pytest.raises(Untranslatable):
        Script(sequent([], "x^n > 0"))
    with pytest.raises(Untranslatable):
        Script(sequent([], "x^1000 >= 0"))


# Parts of the search


@pytest.mark.parametrize(
    ("difference", "name", "solutions"),
    [
        ("(1 + a)^b - n", "b", {"log(n)/log(a + 1)"}),
        ("(1 + a)^b - n", "n", {"(a + 1)^b"}),
        ("x*y - 1", "x", {"1/y"}),
        ("x^2 + y*x", "x", {"0", "-y"}),
        ("x^2 - 2*x - 1", "x", {"sqrt(2) + 1", "-sqrt(2) + 1"}),
        ("log(log(n)) - 5", "n", {"exp(exp(5))"}),
        ("abs(x) - 3", "x", {"3", "-3"}),
        ("x*exp(x) - 3", "x", set()),
        ("y - 3", "x", set()),
    ],
)
def test_solves_for_a_variable(difference: str, name: str, solutions: set[str]) -> None:
    assert {text(term) for term in solve(parse_term(difference), name)} == solutions


@settings(derandomize=True, max_examples=60, deadline=None)
@given(st.fractions(-50, 50, max_denominator=60), st.fractions(0, 3, max_denominator=60))
def test_the_simplest_number_between(low: Fraction, width: Fraction) -> None:
    found = simplest_between(low, low + width)
    assert low <= found <= low + width
    # No smaller denominator reaches into the interval.
    for bottom in range(1, found.denominator):
        assert -(-low * bottom // 1) > (low + width) * bottom


def test_integers_are_simpler_than_fractions() -> None:
    values = [Fraction(text) for text in ("7/10", "100", "1/2", "-1", "0", "3", "1")]
    assert [str(value) for value in sorted(values, key=weight)] == [
        "0", "1", "-1", "3", "1/2", "100", "7/10"
    ]  # fmt: skip


@settings(derandomize=True, max_examples=60, deadline=None)
@given(TERMS, st.fractions(-3, 3, max_denominator=4), st.fractions(-3, 3, max_denominator=4))
def test_tidy_keeps_the_value(term: Term, x: Fraction, y: Fraction) -> None:
    point: dict[str, Term] = {"x": Num(x), "y": Num(y)}
    outcome = evaluate((), Rel("==", tidy(term), term), point, frozenset(), 192)
    # Undefined terms may become defined; a defined one keeps its value.
    assert outcome.conclusion is not False or outcome.undefined is not None


def test_the_cases_of_a_claim() -> None:
    cases = failures(sequent(["x > 0 or y > 0"], "1/x > y and log(y) < 1"))
    shown_cases = [[text(rel) for rel in case.relations] for case in cases]
    assert ["x > 0", "1/x <= y"] in shown_cases
    assert ["y > 0", "x == 0"] in shown_cases
    assert ["x > 0", "log(y) >= 1"] in shown_cases
    many = " and ".join(f"(x{i} > 0 or x{i} < -1)" for i in range(12))
    assert len(failures(sequent([many], "x0 > 5"))) == MAX_CASES
