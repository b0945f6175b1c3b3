"""False claims, each with a certificate that tries to slip through; all must be refused."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest

from verify.kernel.certificate import Obligation, accept
from verify.kernel.chance import Chance, NetworkEvent, SignEvent, Weight, check_chance
from verify.kernel.check import Sequent, check, unfolded
from verify.kernel.context import Context
from verify.kernel.point import Evaluator, evaluate
from verify.kernel.poly import Refused
from verify.kernel.sums import (
    NO_THEORY,
    Definition,
    Family,
    IndexMap,
    Theory,
    canonical_sum,
)
from verify.language.codec import encode_formula, encode_term
from verify.language.grammar import parse_formula, parse_term
from verify.language.term import (
    ONE,
    ZERO,
    Add,
    And,
    Delta,
    Div,
    Entry,
    Formula,
    Mul,
    Neg,
    Pow,
    Rel,
    Sum,
    Sym,
    Term,
    disj,
    num,
    replace,
)

GIVEN: dict[str, Any] = {"rule": "given"}
N, K, J = Sym("n"), Sym("i"), Sym("j")


def unfold(then: dict[str, Any]) -> dict[str, Any]:
    return {"rule": "unfold", "then": then}


def both(*parts: dict[str, Any]) -> dict[str, Any]:
    return {"rule": "all", "parts": list(parts)}


def a(index: Term) -> Term:
    return Entry("A", (index,))


def refuses(
    goal: str | Formula,
    certificate: object,
    *hypotheses: str | Formula,
    integers: tuple[str, ...] = (),
    theory: Theory = NO_THEORY,
) -> None:
    """The certificate does not prove the goal."""
    given = tuple(parse_formula(h) if isinstance(h, str) else h for h in hypotheses)
    wanted = parse_formula(goal) if isinstance(goal, str) else goal
    with pytest.raises(Refused):
        check(Sequent(given, wanted, frozenset(integers), theory), certificate)


@pytest.mark.parametrize(
    ("name", "goal"),
    [
        ("equal_log", "a > 0"),
        ("equal_sqrt", "a >= 0"),
        ("equal_asin", "a <= 1"),
        ("equal_asin", "a >= -1"),
    ],
)
def test_equal_arguments_do_not_make_a_function_defined(name: str, goal: str) -> None:
    refuses(goal, {"rule": "fact", "name": name, "terms": ["a", "a"]})


@pytest.mark.parametrize("bits", [64, 256])
def test_cosh_is_not_monotone_on_a_box_around_zero(bits: int) -> None:
    box = {"rule": "boxes", "box": {"x": ["-1", "1"]}, "precision": bits, "tree": 2}
    refuses("cosh(x) > 3/2", box, "x >= -1", "x <= 1")
    shifted = {"rule": "boxes", "box": {"x": ["-1", "2"]}, "precision": bits, "tree": 2}
    refuses("cosh(x) > 11/10", shifted, "x >= -1", "x <= 2")


@pytest.mark.parametrize(
    "goal",
    [
        "0*(1/x) == 0",
        "1/x - 1/x == 0",
        "0*log(x) >= 0",
        "0/x == 0",
        "sqrt(x) - sqrt(x) <= 0",
        "1 + 0*x**(1/2) > 0",
    ],
)
def test_unfolding_does_not_forget_that_a_part_is_undefined(goal: str) -> None:
    refuses(goal, unfold(GIVEN))


def test_a_definition_that_may_be_undefined_is_not_cancelled() -> None:
    theory = Theory(definitions={"A": Definition(("j",), parse_term("1/x"))})
    refuses(Rel("==", Mul((ZERO, a(ONE))), ZERO), unfold(GIVEN), theory=theory)
    refuses(Rel("==", a(ONE), a(ONE)), GIVEN, theory=theory)


def test_a_sum_whose_summands_have_conditions_is_no_contradiction() -> None:
    harmless = Rel(">=", Sum(Div(ONE, K), "i", N), ZERO)
    proof = {"rule": "refute", "products": [["1", [], []]], "equations": [[1, "1"]]}
    refuses("x > 5", {"rule": "absurd", "then": proof}, harmless)


def test_bound_names_are_not_confused_with_free_ones() -> None:
    product = Mul((Sum(a(K), "i", N), Sym("k__0")))
    refuses(Rel("==", product, Sum(Mul((a(K), K)), "i", N)), unfold(GIVEN))
    inside = Sum(Mul((a(K), Sym("i__"))), "i", N)
    refuses(Rel("==", inside, Sum(Mul((a(K), K)), "i", N)), unfold(GIVEN))
    entry = Entry("B", (Sym("k__0_"),))
    apart = Mul((Sum(a(K), "i", N), Sum(a(K), "i", N), entry))
    captured = Sum(Sum(Mul((a(K), a(J), Entry("B", (J,)))), "j", N), "i", N)
    refuses(Rel("==", apart, captured), unfold(GIVEN))


@pytest.mark.parametrize("position", ["3/2", "(j + l)/2", "pi"])
def test_an_index_between_integers_is_not_in_range(position: str) -> None:
    theory = Theory(least={"n": 5}, ranges={"j": N, "l": N})
    picked = Sum(Delta(K, parse_term(position)), "i", N)
    refuses(Rel("==", picked, ONE), unfold(GIVEN), theory=theory)


def test_a_family_has_no_member_between_integers() -> None:
    theory = Theory(
        least={"n": 2}, families=(Family("i", N, parse_formula("(i - 1)*(i - 2) >= 0")),)
    )
    proof = {
        "rule": "refute",
        "products": [["1", [0], []], ["1/4", [], []]],
        "equations": [],
    }
    refuses("0 == 1", {"rule": "family", "family": 0, "index": "3/2", "then": proof}, theory=theory)


@pytest.mark.parametrize(
    "certificate",
    [
        {"rule": "generalise", "term": "y", "fresh": "w", "then": GIVEN},
        {"rule": "replace", "var": "y", "by": "2", "proof": GIVEN, "then": GIVEN},
        {"rule": "induct", "var": "y", "base": GIVEN, "step": GIVEN},
        {"rule": "enumerate", "var": "y", "branches": [GIVEN]},
        {
            "rule": "substitute",
            "var": "y",
            "as": "z",
            "inverse": "y",
            "fresh": "z",
            "proof": GIVEN,
            "facts": [],
            "then": GIVEN,
        },
    ],
    ids=lambda certificate: str(certificate["rule"]),
)
def test_rules_that_forget_definitions_do_not_make_them_defined(
    certificate: dict[str, Any],
) -> None:
    theory = Theory(definitions={"A": Definition(("j",), parse_term("1/x"))})
    goal = Rel("==", a(ONE), a(ONE))
    refuses(goal, certificate, "y == 2", integers=("y",), theory=theory)


def test_a_fresh_index_does_not_occur_in_a_definition() -> None:
    theory = Theory(definitions={"A": Definition(("j",), parse_term("(j - m)^2"))})
    proof = {
        "rule": "sum",
        "bound": "0",
        "exceptions": [],
        "index": "m",
        "each": unfold(GIVEN),
        "total": GIVEN,
    }
    refuses(Rel("<=", Sum(a(K), "i", N), ZERO), proof, theory=theory)


def test_a_fresh_variable_does_not_occur_in_a_family() -> None:
    theory = Theory(families=(Family("i", ONE, parse_formula("z >= 0")),))
    proof = {
        "rule": "slope",
        "var": "x",
        "from": "-1",
        "side": "right",
        "point": "z",
        "strict": "base",
        "order": GIVEN,
        "base": GIVEN,
        "domain": both(),
        "slope": {"rule": "family", "family": 0, "index": "1", "then": GIVEN},
    }
    refuses("x^2 >= 1", proof, "x >= -1", theory=theory)


LEFT_OVER: dict[str, Any] = {
    "rule": "refute",
    "products": [["1", [0], []], ["1", [4], []], ["1", [], []]],
    "equations": [],
}
"""``n - 1 >= 0`` from ``n >= 2``, after three earlier parts of a conjunction."""


def refuses_chance(claim: Chance, certificate: object, theory: Theory) -> None:
    context = Context(theory=theory).having(parse_formula("n >= 2"))
    with pytest.raises(Refused):
        check_chance(context, claim, certificate)


def test_a_sign_is_not_fixed_between_indices() -> None:
    position = num(Fraction(3, 2))
    event = SignEvent((Weight(Delta(K, position), N, "i"),), ">=", ONE)
    halves = {"rule": "halves", "fixed": [0], "proof": both(GIVEN, GIVEN, GIVEN, LEFT_OVER)}
    certificate = {"rule": "split", "at": ["3/2"], "then": halves}
    refuses_chance(Chance(event, num(Fraction(1, 4))), certificate, Theory(least={"n": 2}))


def test_weights_of_a_row_keep_their_exceptions() -> None:
    weights = (Weight(Delta(K, ONE), N, "i", (ONE,)),)
    event = NetworkEvent(weights, num(Fraction(1, 2)), ONE, True, "r", ONE)
    halves = {"rule": "halves", "fixed": [0], "proof": both(GIVEN, GIVEN, GIVEN, LEFT_OVER)}
    certificate = {
        "rule": "some column",
        "row": "1",
        "chance": "1/4",
        "column": {"rule": "split", "at": ["1"], "then": halves},
        "proof": both(GIVEN, GIVEN, GIVEN, GIVEN),
    }
    refuses_chance(Chance(event, num(Fraction(1, 4))), certificate, Theory(least={"n": 2}))


@pytest.mark.parametrize(
    "certificate",
    [
        {"rule": "fact", "name": ["a"], "terms": ["x"]},
        {"rule": "refute", "products": [["1", [[0]], []]], "equations": []},
        {"rule": "refute", "products": [["1", [{}], []]], "equations": []},
        {"rule": "boxes", "box": {"x": ["0", "1", "2"]}, "precision": 64, "tree": 0},
        {
            "rule": "substitute",
            "var": "x",
            "as": "y",
            "inverse": "x",
            "fresh": [],
            "proof": GIVEN,
            "facts": [],
            "then": GIVEN,
        },
    ],
    ids=lambda certificate: str(certificate["rule"]),
)
def test_malformed_data_is_refused_and_not_a_crash(certificate: dict[str, Any]) -> None:
    refuses("x > 0", certificate, "x >= 0", "x <= 1")


def test_facts_without_variables_are_no_crash_on_the_line() -> None:
    constant = Rel("==", Sum(Div(ONE, K), "i", N), Sum(Div(ONE, K), "i", N))
    refuses("0 == 1", {"rule": "line", "facts": [0], "separators": []}, "0 == 0")
    refuses("0 == 1", {"rule": "line", "facts": [1], "separators": []}, constant)


def test_a_summation_index_does_not_capture_a_parameter_of_a_definition() -> None:
    theory = Theory(definitions={"A": Definition(("j",), Sym("m"))})
    goal = Rel("==", Sum(a(ONE), "m", N), Sum(Sym("m"), "m", N))
    refuses(goal, unfold(GIVEN), theory=theory)


def test_a_summand_that_is_undefined_at_one_index_is_not_resolved() -> None:
    summand = Div(Delta(K, ONE), parse_term("i - 2"))
    goal = Rel("==", Sum(summand, "i", N), num(-1))
    refuses(goal, unfold(GIVEN), theory=Theory(least={"n": 2}))


@pytest.mark.parametrize(
    "goal",
    [
        "x/x == 1",
        "x**(0*y) == 1",
        "0**y == 0",
        "0**(0*y) == 0",
        "(x**2)**(1/2) == x",
        "exp(log(x)) == x",
        "max(x, y) == max(x)",
        "max(x, min(y, z)) == max(x, y, z)",
        "max(x, max(y, z)) == max(x, y)",
        "min(x, max(y, z)) == min(x, y, z)",
        "tan(pi/2) == tan(pi/2)",
        "1/(x - x) == 1/(x - x)",
        "log(x**2) == 2*log(x)",
    ],
)
def test_a_cancellation_needs_its_domain(goal: str) -> None:
    refuses(goal, GIVEN)


@pytest.mark.parametrize("exponent", ["2", "1 + 1", "y"])
def test_the_logarithm_of_a_power_needs_a_positive_base(exponent: str) -> None:
    goal = f"log(x**({exponent})) == ({exponent})*log(x)"
    refuses(goal, {"rule": "fact", "name": "log_power", "terms": ["x", exponent]}, "x < 0")


@pytest.mark.parametrize(
    "certificate",
    [
        {"rule": "replace", "var": "x", "by": "i", "proof": GIVEN, "then": GIVEN},
        {"rule": "rewrite", "term": "x", "by": "i", "proof": GIVEN, "then": GIVEN},
        {"rule": "generalise", "term": "x", "fresh": "i", "then": GIVEN},
    ],
    ids=lambda certificate: str(certificate["rule"]),
)
def test_what_is_put_into_a_sum_is_not_captured(certificate: dict[str, Any]) -> None:
    left = Sum(Mul((a(K), Sym("x"))), "i", N)
    refuses(Rel("==", left, Sum(Mul((a(K), K)), "i", N)), certificate, "x == i")


@pytest.mark.parametrize("constant", ["5", "pi", "max(2, 3)"])
def test_a_variable_for_a_constant_is_not_captured(constant: str) -> None:
    # The sum is the constant itself; with the index in its place it would be 1.
    total = Sum(Mul((parse_term(constant), Delta(K, ONE))), "i", num(2))
    proof = {"rule": "generalise", "term": constant, "fresh": "i", "then": unfold(GIVEN)}
    refuses(Rel("==", total, ONE), proof)
    proof = {"rule": "rewrite", "term": constant, "by": "i", "proof": GIVEN, "then": unfold(GIVEN)}
    refuses(Rel("==", total, ONE), proof, f"{constant} == i")


@pytest.mark.parametrize(
    ("hypotheses", "integers", "least"),
    [(("n >= -3",), ("n",), 0), (("n >= 2",), ("n",), 3), (("n >= 2",), (), 2), ((), ("n",), 1)],
)
def test_a_size_is_no_larger_than_the_hypotheses_say(
    hypotheses: tuple[str, ...], integers: tuple[str, ...], least: int
) -> None:
    goal = Rel("==", Delta(N, num(-1)), ZERO)
    given = tuple(map(parse_formula, hypotheses))
    asked = Obligation(given, goal, frozenset(integers), Theory(least={"n": least}))
    with pytest.raises(Refused, match="nothing says that n is an integer of at least"):
        accept(asked, unfold(GIVEN))


@pytest.mark.parametrize(
    ("said", "accepted"), [("n == c*q", True), ("n == c + q", False), ("n >= c*q", False)]
)
def test_rows_are_the_copies_of_all_classes_where_that_is_said(said: str, accepted: bool) -> None:
    # With r(j) = 1 for j = 1, 3, 5, 7 of n = 7 rows in c = 2 classes the sum is 4, not q = 3.
    total = Sum(Delta(Entry("r", (J,)), ONE), "j", N)
    sizes = dict.fromkeys(("n", "c", "q"), 1)
    theory = Theory(maps={"r": IndexMap(N, Sym("c"), Sym("q"))}, least=sizes)
    given = tuple(map(parse_formula, (said, "n >= 1", "c >= 1", "q >= 1")))
    asked = Obligation(given, Rel("==", total, Sym("q")), frozenset(sizes), theory)
    if accepted:
        accept(asked, unfold(GIVEN))
        return
    with pytest.raises(Refused, match="nothing says that the rows of r are its copies"):
        accept(asked, unfold(GIVEN))


def test_a_renamed_index_does_not_complete_what_is_replaced() -> None:
    # The sum over i is x; renamed to i_ its body is what stands for 2 outside.
    x, taken = Sym("x"), Sym("i_")
    total = Sum(Mul((Mul((x, K)), Delta(K, ONE))), "i", taken)
    goal = Rel("==", total, num(2))

    def at(var: str, value: str, then: dict[str, Any]) -> dict[str, Any]:
        return {"rule": "replace", "var": var, "by": value, "proof": GIVEN, "then": then}

    proof = {
        "rule": "rewrite",
        "term": encode_term(Mul((x, taken))),
        "by": "i",
        "proof": at("x", "1", at("i_", "2", at("i", "2", GIVEN))),
        "then": at("i_", "2", at("i", "2", unfold(GIVEN))),
    }
    refuses(goal, proof, "x == 1", "i_ == 2", "i == 2")


@pytest.mark.parametrize(
    ("fact", "goal", "integers"),
    [
        ("n >= 1/2", "n >= 1", ("x",)),
        ("n*m/2 >= 1/4", "n*m/2 >= 1", ("n", "m")),
        ("n/m >= 1/2", "n/m >= 1", ("n", "m")),
        ("n > 1", "n > 2", ("n",)),
        ("n**2/2 + n/2 >= 1/2", "n**2/2 + n/2 >= 1", ("n",)),
        ("n**(1/2) >= 1/2", "n**(1/2) >= 1", ("n",)),
    ],
)
def test_rounding_needs_integers_and_their_content(
    fact: str, goal: str, integers: tuple[str, ...]
) -> None:
    refuses(goal, {"rule": "integral", "fact": 0}, fact, integers=integers)


@pytest.mark.parametrize("goal", ["tan(x) >= 0", "-1/(x - 1) >= 1", "floor(x) >= 0"])
def test_a_slope_does_not_cross_a_pole_or_a_jump(goal: str) -> None:
    proof = {
        "rule": "slope",
        "var": "x",
        "from": "0",
        "side": "right",
        "point": "z",
        "strict": "base",
        "order": GIVEN,
        "base": GIVEN,
        "domain": GIVEN,
        "slope": both(GIVEN, GIVEN),
    }
    refuses(goal, proof, "x >= 0", "x <= 3", "x != 1", "cos(x) != 0")


@pytest.mark.parametrize(
    ("goal", "facts"),
    [
        ("abs(x) - 1 >= 0", ("x >= -1", "x <= 1")),
        ("-(x - 1/2)^2 + 1/4 <= 0", ("x >= 0", "x <= 1")),
        ("-floor(x) >= 0", ("x >= 0", "x <= 1")),
        ("x^2 - 1 >= 0", ("x >= -1", "x <= 1")),
        ("1/x + 1 >= 0", ("x >= -1", "x <= 1", "x != 0")),
        ("x^(1/3) >= 1", ("x >= -1", "x <= 1")),
    ],
)
def test_a_chord_needs_a_concave_function(goal: str, facts: tuple[str, ...]) -> None:
    low = "0" if facts[0] == "x >= 0" else "-1"
    every = both(GIVEN, GIVEN)
    proof = {"rule": "chord", "var": "x", "low": low, "high": "1", "point": "z"}
    for bend in (GIVEN, every, both(GIVEN, GIVEN, GIVEN)):
        for domain in (both(), GIVEN):
            pieces = {"order": every, "ends": every, "domain": domain, "bend": bend}
            refuses(goal, proof | pieces, *facts)


def test_one_sign_alone_has_no_symmetric_rest() -> None:
    event = SignEvent((Weight(ONE),), ">=", ONE)
    proof = {"rule": "halves", "fixed": [0], "proof": both(GIVEN, GIVEN)}
    assert check_chance(Context(), Chance(event, num(Fraction(1, 2))), proof) == frozenset()
    with pytest.raises(Refused):
        check_chance(Context(), Chance(event, num(Fraction(51, 100))), proof)


def test_a_rest_is_nonnegative_only_half_of_the_time() -> None:
    event = SignEvent((Weight(ONE), Weight(ONE)), ">=", ONE)
    proof = {"rule": "halves", "fixed": [0], "proof": both(GIVEN, GIVEN, GIVEN)}
    assert check_chance(Context(), Chance(event, num(Fraction(1, 4))), proof) == frozenset()
    with pytest.raises(Refused):
        check_chance(Context(), Chance(event, num(Fraction(1, 2))), proof)


RECIPROCALS = Sum(Div(ONE, Add((K, Neg(num(2))))), "i", N)
"""``sum over i of 1 / (i - 2)``, which has no value from ``n = 2`` on."""


@pytest.mark.parametrize(
    "left",
    [
        Mul((ZERO, RECIPROCALS)),
        Add((RECIPROCALS, Neg(RECIPROCALS))),
        Sum(Mul((ZERO, Div(ONE, Add((K, Neg(num(2))))))), "i", N),
    ],
)
def test_a_sum_without_a_value_is_not_left_out(left: Term) -> None:
    goal = Rel("==", left, ZERO)
    least = Theory(least={"n": 2})
    for proof in (GIVEN, {"rule": "unfold", "then": GIVEN}):
        with pytest.raises(Refused):
            check(Sequent((parse_formula("n >= 2"),), goal, frozenset({"n"}), least), proof)
    found = unfolded(goal, least)
    assert found != Rel("==", ZERO, ZERO)
    parts = found.args if isinstance(found, And) else (found,)
    with pytest.raises(Refused):
        check(
            Sequent((parse_formula("n >= 2"),), goal, frozenset({"n"}), least),
            {"rule": "unfold", "then": both(*(GIVEN for _ in parts))},
        )


def sum_rule(bound: str) -> dict[str, Any]:
    return {
        "rule": "sum",
        "bound": bound,
        "exceptions": [],
        "index": "m",
        "each": GIVEN,
        "total": GIVEN,
    }


def test_a_sum_has_a_natural_number_of_terms() -> None:
    total = Sum(ONE, "i", num(-1))
    with pytest.raises(Refused):
        check(Sequent((), Rel(">=", total, ZERO)), sum_rule("0"))
    with pytest.raises(Refused):
        check(Sequent((), Rel("<=", total, num(-1))), sum_rule("1"))


def test_sums_of_a_product_keep_their_own_indices() -> None:
    def total(name: str) -> Term:
        return Sum(Entry(name, (K,)), "i", N)

    product = Mul((total("A"), Mul((total("B"), total("C")))))
    mixed = Mul((N, total("A"), Sum(Mul((Entry("B", (K,)), Entry("C", (K,)))), "i", N)))
    goal = Rel("==", product, mixed)
    least = Theory(least={"n": 1})
    for proof in (unfold(GIVEN), unfold(unfold(GIVEN))):
        with pytest.raises(Refused):
            check(Sequent((), goal, theory=least), proof)


def test_sums_whose_size_depends_on_an_index_do_not_change_places() -> None:
    inner = Sym("l")

    def total(first: Term, second: Term) -> Term:
        body = Sum(Entry("A", (first, second, inner)), "l", K)
        return Sum(Sum(body, "j", N), "i", N)

    goal = Rel("==", total(K, J), total(J, K))
    with pytest.raises(Refused):
        check(Sequent((), goal, theory=Theory(least={"n": 1})), unfold(GIVEN))


@pytest.mark.parametrize(
    ("index", "goal"), [("1 + 0/x", "x != 0"), ("1 + log(x) - log(x)", "x > 0")]
)
def test_an_index_of_a_family_is_defined(index: str, goal: str) -> None:
    theory = Theory(least={"n": 1}, families=(Family("i", N, parse_formula("y >= i")),))
    proof = {"rule": "family", "family": 0, "index": index, "then": GIVEN}
    with pytest.raises(Refused):
        check(Sequent((), parse_formula(goal), theory=theory), proof)


def test_what_a_power_needs_is_not_taken_for_known() -> None:
    goal = parse_formula("x**y + 0*log(x) == z")
    named = {"rule": "generalise", "term": "x^y", "fresh": "w", "then": GIVEN}
    with pytest.raises(Refused):
        check(Sequent((parse_formula("x**y == z"),), goal), unfold(named))


def test_a_base_keeps_what_it_needs() -> None:
    goal = parse_formula("(2*x + 0/y)**z == (2*x)**z")
    with pytest.raises(Refused):
        check(Sequent((parse_formula("x > 0"),), goal), unfold(GIVEN))


def test_an_entry_of_an_ended_definition_is_not_left_out() -> None:
    theory = Theory(definitions={"A": Definition(("j",), parse_term("1/x"))})
    goal = Rel("==", Mul((ZERO, Entry("A", (ONE,)))), ZERO)
    named = {"rule": "generalise", "term": "y", "fresh": "w", "then": unfold(GIVEN)}
    with pytest.raises(Refused):
        check(Sequent((), goal, theory=theory), named)


def test_undefined_indices_do_not_vanish() -> None:
    log = parse_term("log(x)")
    theory = Theory(definitions={"A": Definition(("j",), num(5))}, least={"n": 1})
    for left, right in (
        (Delta(log, log), ONE),
        (Sum(Delta(K, parse_term("1 + 0/x")), "i", N), ONE),
        (Entry("A", (parse_term("1/x"),)), num(5)),
    ):
        with pytest.raises(Refused):
            check(Sequent((), Rel("==", left, right), theory=theory), unfold(GIVEN))


def test_an_index_map_without_rows_has_no_values() -> None:
    maps = {"r": IndexMap(parse_term("m"), parse_term("c"), parse_term("p"))}
    family = Family("i", parse_term("c"), parse_formula("z >= 1"))
    theory = Theory(maps=maps, least={"m": 0, "c": 0, "p": 0}, families=(family,))
    proof = {"rule": "family", "family": 0, "index": ["entry", "r", "1"], "then": GIVEN}
    with pytest.raises(Refused):
        check(Sequent((parse_formula("c == 0"),), parse_formula("z >= 1"), theory=theory), proof)


@pytest.mark.parametrize("exceptions", [(1, 1, 1), (7, 8, 9)])
def test_exceptions_of_a_family_are_different_signs_of_it(exceptions: tuple[int, ...]) -> None:
    weight = Weight(ONE, num(3), "i", tuple(num(e) for e in exceptions))
    event = SignEvent((weight,), "<=", ONE, True)
    proof = {
        "rule": "hoeffding",
        "fixed": [],
        "radius": "1",
        "variance": "1/100",
        "proof": both(*(GIVEN for _ in range(6))),
    }
    refuses_chance(Chance(event, num(Fraction(9, 10))), proof, Theory(least={"n": 2}))


def test_the_index_of_weights_is_no_parameter() -> None:
    body = Mul((num(1000), Delta(Sym("p"), num(3))))
    theory = Theory(definitions={"A": Definition(("j",), body)})
    event = SignEvent((Weight(Entry("A", (Sym("p"),)), num(2), "p"),), "<=", ONE, True)
    inner = {
        "rule": "hoeffding",
        "fixed": [],
        "radius": "1",
        "variance": "1/100",
        "proof": both(*(GIVEN for _ in range(5))),
    }
    refuses_chance(
        Chance(event, num(Fraction(9, 10))), {"rule": "split", "at": [], "then": inner}, theory
    )


def test_rows_and_weights_have_different_indices() -> None:
    weights = (Weight(Delta(K, ONE), num(2), "i"),)
    event = NetworkEvent(weights, ONE, ONE, True, "i", ONE)
    certificate = {
        "rule": "some column",
        "row": "1",
        "chance": "1/4",
        "column": GIVEN,
        "proof": both(GIVEN, GIVEN, GIVEN, GIVEN),
    }
    with pytest.raises(Refused, match="same index"):
        check_chance(Context(), Chance(event, num(Fraction(1, 8))), certificate)


@pytest.mark.parametrize("claim", ["0**(sqrt(2)*sqrt(2) - 2) == 1", "0**(2**n - 2**n) == 1"])
def test_nothing_to_the_power_of_nothing_is_one(claim: str) -> None:
    outcome = evaluate((), parse_formula(claim), {"n": num(3000)}, frozenset(), 64)
    assert not outcome.fails
    assert outcome.undefined is None


RECIPROCAL = Theory(definitions={"A": Definition(("j",), parse_term("1/x"))}, least={"n": 1})
"""Every entry of ``A`` is ``1/x``, which has no value at ``x = 0``."""


def ended(then: dict[str, Any]) -> dict[str, Any]:
    """A step after which no definition is known any more."""
    return {"rule": "generalise", "term": "t", "fresh": "w", "then": then}


@pytest.mark.parametrize("before", [lambda proof: proof, ended], ids=["defined", "ended"])
def test_an_index_that_stands_for_something_undefined_does_not_vanish(
    before: Callable[[dict[str, Any]], dict[str, Any]],
) -> None:
    proof = before(unfold(GIVEN))
    refuses(Rel("==", Delta(a(ONE), a(ONE)), ONE), proof, theory=RECIPROCAL)
    five = Theory(definitions={**RECIPROCAL.definitions, "B": Definition(("j",), num(5))})
    refuses(Rel("==", Entry("B", (a(ONE),)), num(5)), proof, theory=five)


NOTHING = Add((a(ONE), Neg(a(ONE))))
"""0 where it is defined, and not defined at ``x = 0``."""


def test_an_index_of_a_family_has_no_entry_that_may_be_undefined() -> None:
    theory = Theory(
        definitions=RECIPROCAL.definitions,
        least={"n": 1},
        families=(Family("i", N, parse_formula("y >= i")),),
    )
    index = encode_term(Add((ONE, NOTHING)))
    named = {"rule": "generalise", "term": encode_term(a(ONE)), "fresh": "w", "then": GIVEN}
    proof = {"rule": "family", "family": 0, "index": index, "then": named}
    refuses(Rel("==", a(ONE), a(ONE)), proof, theory=theory)


def test_a_size_with_an_entry_is_not_known_to_be_natural() -> None:
    total = Sum(ONE, "i", Add((ONE, NOTHING)))
    with pytest.raises(Refused, match="size"):
        check(Sequent((), Rel(">=", total, ONE), theory=RECIPROCAL), sum_rule("1"))


def test_an_entry_of_an_ended_definition_stays_in_a_base() -> None:
    twice = Mul((num(2), Sym("y")))
    goal = Rel("==", Pow(Add((NOTHING, twice)), Sym("z")), Pow(twice, Sym("z")))
    refuses(goal, ended(unfold(GIVEN)), "y > 0", theory=RECIPROCAL)


@pytest.mark.parametrize(
    ("where", "base", "exponent", "goal"),
    [
        (["x == 0", "y >= 0"], "x", "y", "x^y <= 0"),
        (["x == 0", "y != 0"], "x", "y", "x^y <= 0"),
        (["x >= 0", "y > 0"], "x", "y", "x^y <= 0"),
        (["y > 0"], "0*log(x)", "y", "(0*log(x))^y <= 0"),
        (["x == 0"], "x", "1 + 0/z", "x^(1 + 0/z) <= 0"),
        (["x == 0", "y > 0"], "x", "y", "x^y >= 1"),
        (["x == 0", "y == 0"], "x", "y", "x^y <= 0"),
    ],
)
def test_the_power_of_zero_is_known_only_where_it_is(
    where: list[str], base: str, exponent: str, goal: str
) -> None:
    proof = {"rule": "zero power", "base": base, "exponent": exponent, "then": GIVEN}
    with pytest.raises(Refused):
        check(Sequent(tuple(map(parse_formula, where)), parse_formula(goal)), proof)


CANCELLED = "exp(x*log(2)/x) == 2"


def test_what_an_exponent_cancels_must_not_be_zero() -> None:
    check(Sequent((parse_formula("x != 0"),), parse_formula(CANCELLED)), GIVEN)
    with pytest.raises(Refused):
        check(Sequent((), parse_formula(CANCELLED)), GIVEN)


@pytest.mark.parametrize(
    "goal",
    [
        "exp(x*log(2)/y) == 2",
        "exp((x*log(2) - log(2))/x) == 2",
        "exp(2*x*log(3)/x) == 3",
        "exp(x^2*log(2)/x) == 2",
        "exp(x*log(2)/(2*x)) == 2",
    ],
)
def test_exponents_in_lowest_terms_are_not_confused(goal: str) -> None:
    where = (parse_formula("x > 0"), parse_formula("y > 0"))
    with pytest.raises(Refused):
        check(Sequent(where, parse_formula(goal)), GIVEN)


def cut(fact: str, by: dict[str, Any], then: dict[str, Any]) -> dict[str, Any]:
    return {"rule": "cut", "fact": fact, "by": by, "then": then}


def positive(argument: str, then: dict[str, Any]) -> dict[str, Any]:
    by = {"rule": "fact", "name": "exp_positive", "terms": [argument]}
    return cut(f"exp({argument}) > 0", by, then)


NUMBERS_DIFFER = {
    "rule": "absurd",
    "then": {"rule": "boxes", "box": {}, "precision": 64, "tree": 0},
}
"""What turns a false equation of numbers into a proof of anything."""


@pytest.mark.parametrize(
    ("one", "other"), [("x/2", "x"), ("200*x", "x"), ("2.00001*x", "x"), ("1/2", "1"), ("200", "1")]
)
def test_an_exponential_inside_an_exponent_keeps_its_own_exponent(one: str, other: str) -> None:
    equation = f"(2*exp(exp({one})))^pi == (2*exp(exp({other})))^pi"
    proof = positive(one, positive(other, unfold(GIVEN)))
    refuses(equation, proof)
    end = positive(one, positive(other, NUMBERS_DIFFER))
    refuses("0 == 1", cut(equation, proof, end))


def test_exponentials_as_sizes_are_told_apart() -> None:
    theory = Theory(ranges={"i": parse_term("exp(y*exp(x/2))")})
    place = Delta(Sym("i"), parse_term("exp(y*exp(x)) + 1"))
    refuses(Rel("==", place, ZERO), unfold(GIVEN), theory=theory)


def test_an_angle_is_the_whole_quotient() -> None:
    # (2/pi)^(-1) is pi/2, and not pi with 2 below that nobody looks at.
    equation = "cos((2/pi)^(-1)) == -1"
    refuses(equation, GIVEN)
    refuses("0 == 1", cut(equation, GIVEN, NUMBERS_DIFFER))


FRACTION = Pow(parse_term("4/5"), num(-1))


def test_an_index_that_is_no_integer_is_not_in_a_range() -> None:
    one_or_two = parse_formula("(i - 1)*(i - 2) >= 0")
    theory = Theory(least={"n": 2}, families=(Family("i", N, one_or_two),))
    below = {"rule": "refute", "products": [["1", [0], []], ["3/16", [], []]], "equations": []}
    index = encode_term(FRACTION)
    refuses("0 == 1", {"rule": "family", "family": 0, "index": index, "then": below}, theory=theory)
    total = Sum(Delta(K, FRACTION), "i", N)
    refuses(Rel("==", total, ONE), unfold(GIVEN), theory=Theory(least={"n": 2}))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("((2/3)*y/(x + 5))^(-1)", "(3*y/(x + 5/2))^(-1)"),
        ("((2/3)*x/exp(x))^(-1)", "(3*x/exp(x/2))^(-1)"),
        ("((2/3)*pi/(e + 5))^(-1)", "(3*pi/(e + 5/2))^(-1)"),
    ],
)
def test_a_quotient_is_read_in_one_way(one: str, other: str) -> None:
    bases = [f"{term[:-5]} > 0" for term in (one, other)]
    refuses(f"abs({one}) == abs({other})", GIVEN, *bases)


@pytest.mark.parametrize(
    "claim",
    [
        Rel(">", Pow(Pow(Pow(num(2), num(5000)), num(5000)), num(5000)), ZERO),
        Rel(">", parse_term("exp(y*x)"), ZERO),
    ],
)
def test_numbers_of_any_size_end_quickly(claim: Rel) -> None:
    huge = Pow(Pow(num(2), num(5000)), num(2500))
    claim = Rel(claim.op, replace(claim.left, {Sym("y"): huge}), claim.right)
    refuses(claim, {"rule": "unfold", "then": GIVEN})


EMPTY = Sum(ONE, "k", ZERO)


def nowhere(index: str, facts: int) -> dict[str, Any]:
    """Anything, where an index lies in an empty range: a sum over it is 0, and at least 1."""
    ones = {"rule": "sum", "bound": "0", "exceptions": [index], "index": "kk"}
    end = {
        "rule": "refute",
        "products": [["1", [facts], []], ["1", [], []]],
        "equations": [[facts + 1, "-1"]],
    }
    return cut(
        encode_formula(Rel(">=", EMPTY, ONE)),
        {**ones, "each": GIVEN, "total": GIVEN},
        cut(
            encode_formula(Rel("==", EMPTY, ZERO)),
            unfold(GIVEN),
            {"rule": "absurd", "then": end},
        ),
    )


@pytest.mark.parametrize("factor", ["1/log(1)", "log(x)", "1/x", "x^y"])
def test_a_factor_does_not_vanish_behind_an_empty_sum(factor: str) -> None:
    total = Sum(a(Sym("k")), "k", ZERO)
    fact = Rel(">=", Mul((parse_term(factor), total)), ZERO)
    term = {"rule": "sum", "bound": "0", "exceptions": [], "index": "m", "total": GIVEN}
    proof = unfold({**term, "each": nowhere("m", 0)})
    refuses(fact, proof)
    end = {"rule": "refute", "products": [["1", [1], []]], "equations": []}
    refuses("0 == 1", cut(encode_formula(fact), proof, {"rule": "absurd", "then": end}))


def every_column(failure: Term, column: dict[str, Any], *proof: dict[str, Any]) -> dict[str, Any]:
    row = {"at": [], "absolute": False, "column": column}
    return {
        "rule": "every column",
        "named": [],
        "failure": encode_term(failure),
        "rows": [row],
        "proof": both(*proof),
    }


def silent(rows: Term) -> NetworkEvent:
    """That the output is zero, where all three signs of one column being 1 makes it positive."""
    return NetworkEvent((Weight(ONE, num(3), "i"),), ONE, ONE, False, "r", rows)


def hoeffding(last: dict[str, Any]) -> dict[str, Any]:
    proof = both(GIVEN, GIVEN, GIVEN, GIVEN, last, GIVEN)
    return {"rule": "hoeffding", "fixed": [], "radius": "1", "variance": "3", "proof": proof}


def test_the_name_of_a_row_is_no_parameter_of_the_bound() -> None:
    here = Delta(Sym("row_0"), ZERO)
    certificate = every_column(Add((ONE, Neg(here))), hoeffding(unfold(GIVEN)), GIVEN, GIVEN, GIVEN)
    with pytest.raises(Refused, match="row_0"):
        check_chance(Context(), Chance(silent(ONE), here), certificate)


@pytest.mark.parametrize(
    ("threshold", "columns", "given", "accepted"),
    [
        ("t", "1", ("t < 1",), True),
        ("k", "1", ("k < 1",), False),
        ("t", "k", ("t < 1", "k == 1"), False),
    ],
)
def test_a_threshold_does_not_depend_on_the_row(
    threshold: str, columns: str, given: tuple[str, ...], accepted: bool
) -> None:
    # No sign exceeds k in row k; what is known about a parameter k has nothing to do with it.
    context = Context(integers=frozenset(("n", "k")), theory=Theory(least={"n": 1})).having(
        *map(parse_formula, ("n >= 1", *given))
    )
    one = {"rule": "replace", "var": "k", "by": "1", "proof": GIVEN, "then": GIVEN}
    last = one if columns == "k" else GIVEN
    certificate = {
        "rule": "some column",
        "row": "1",
        "chance": "1/2",
        "column": {"rule": "halves", "fixed": [0], "proof": both(GIVEN, GIVEN)},
        "proof": both(GIVEN, GIVEN, last, last),
    }
    event = NetworkEvent((Weight(ONE),), Sym(threshold), parse_term(columns), True, "k", N)
    claim = Chance(event, num(Fraction(1, 2)))
    if accepted:
        check_chance(context, claim, certificate)
        return
    with pytest.raises(Refused, match="do not depend on the row"):
        check_chance(context, claim, certificate)


def among_none(index: str, size: Term, facts: int) -> dict[str, Any]:
    """Anything, where an index lies in a range whose size is 0: it is met once, and never."""
    met = Delta(Sym("kk"), Sym(index))
    total = Sum(Delta(Sym("k"), Sym(index)), "k", size)
    values = disj(Rel("==", met, ZERO), Rel("==", met, ONE))
    branches = [
        {
            "rule": "refute",
            "products": [["1", [facts + 1], []], *([["1", [], []]] if value == 0 else [])],
            "equations": [[facts, "-1"]],
        }
        for value in (0, 1)
    ]
    each = cut(
        encode_formula(values),
        {"rule": "fact", "name": "delta_values", "terms": ["kk", index]},
        {"rule": "cases", "of": 0, "branches": branches},
    )
    bound = {"rule": "sum", "bound": "1", "exceptions": [], "index": "kk", "total": GIVEN}
    end = {
        "rule": "refute",
        "products": [["1", [facts], []], ["1", [], []]],
        "equations": [[facts + 1, "1"]],
    }
    return cut(
        encode_formula(Rel("<=", total, ZERO)),
        {**bound, "each": each},
        cut(
            encode_formula(Rel("==", total, ONE)),
            unfold(GIVEN),
            {"rule": "absurd", "then": end},
        ),
    )


@pytest.mark.parametrize("parts", [2, 3])
def test_no_rows_do_not_fail_with_a_negative_probability(parts: int) -> None:
    context = Context(theory=Theory(least={"n": 0})).having(Rel("==", N, ZERO))
    column = hoeffding(among_none("row_0", N, 5))
    with pytest.raises(Refused):
        check_chance(
            context,
            Chance(silent(N), num(2)),
            every_column(num(-1), column, *[GIVEN] * parts),
        )


def test_terms_that_share_their_parts_end_quickly() -> None:
    then: dict[str, Any] = GIVEN
    for _ in range(40):
        same = {"rule": "refute", "products": [["1", [0], []]], "equations": []}
        then = {"rule": "rewrite", "term": "x", "by": "(x + x)/2", "proof": same, "then": then}
    refuses("x + y > 0", then)


def test_a_product_of_many_sums_is_refused() -> None:
    factors = [parse_term(f"a_{n} + b_{n}") for n in range(14)]
    product = Mul((*factors, Sum(a(Sym("k")), "k", ONE)))
    refuses(Rel(">=", product, ZERO), unfold(GIVEN))


def test_an_index_is_no_variable_of_the_same_name_outside() -> None:
    inner = Sum(a(Sym("j")), "j", ZERO)
    total = Sum(Mul((parse_term("log(k - 5)"), inner)), "k", N)
    with pytest.raises(Refused, match="index"):
        canonical_sum(total, lambda _: None)


def test_a_range_is_of_natural_size_and_its_index_an_integer() -> None:
    off = {"rule": "refute", "products": [["1", [], []]], "equations": [[1, "-1"]]}
    fact = ["==", ["delta", "x", "0"], "0"]
    zero: dict[str, Any] = {"rule": "cut", "fact": fact, "by": unfold(GIVEN)}
    at_zero = {"rule": "replace", "var": "x", "by": "0", "proof": GIVEN}
    proof = {**zero, "then": {**at_zero, "then": {"rule": "absurd", "then": off}}}
    given = (parse_formula("x == 0"),)
    for size, integers in (("5", ()), ("1/2", ("x",)), ("-3", ("x",)), ("m", ("x", "m"))):
        theory = Theory(ranges={"x": parse_term(size)})
        obligation = Obligation(given, parse_formula("0 >= 1"), frozenset(integers), theory)
        with pytest.raises(Refused, match="index in a range"):
            accept(obligation, proof)


@pytest.mark.parametrize(
    ("products", "root"),
    [
        (["1", [], ["(a + b + c + d + f + g + h)^12 + (k + l + m + n + o + p + q)^12"]], None),
        (["1", [0], []], "(a + b + c + d + f + g + h)^12 + (k + l + m + n + o + p + q)^12 != 0"),
    ],
)
def test_squares_that_would_fill_the_memory(products: list[Any], root: str | None) -> None:
    proof = {"rule": "refute", "products": [products], "equations": []}
    refuses("0 == 1", proof, *([] if root is None else [root]))


def test_facts_do_not_grow_without_end() -> None:
    proof: dict[str, Any] = GIVEN
    for i in reversed(range(40)):
        twice = f"x{i + 1} + x{i + 1}"
        proof = {"rule": "replace", "var": f"x{i}", "by": twice, "proof": GIVEN, "then": proof}
    chain = [f"x{i} == x{i + 1} + x{i + 1}" for i in range(40)]
    refuses("0 == 1", proof, "x0 > 0", *chain)


def test_products_of_long_numbers() -> None:
    factors = (Pow(num(2), num(900_000)),) * 300
    refuses(Rel("==", Mul(factors), ZERO), GIVEN)


def test_the_floor_of_a_number_that_is_too_long_to_write_down() -> None:
    evaluator = Evaluator({"x": num(10**12)})
    assert evaluator.formula(parse_formula("floor(2^x) >= 0")) is not False


@pytest.mark.parametrize("columns", [ONE, num(Fraction(1, 2))])
def test_columns_are_a_whole_number(columns: Term) -> None:
    claim = Chance(NetworkEvent((Weight(ONE),), ZERO, columns, True), num(Fraction(1, 100)))
    halves = {"rule": "halves", "fixed": [0], "proof": both(GIVEN, GIVEN)}
    proof = {
        "rule": "some column",
        "row": "1",
        "chance": "1/2",
        "column": halves,
        "proof": both(GIVEN, GIVEN, GIVEN, GIVEN),
    }
    if columns == ONE:
        assert check_chance(Context(), claim, proof) == frozenset()
    else:
        refuses_chance(claim, proof, NO_THEORY)


@pytest.mark.parametrize("count", [N, Div(N, num(2))])
def test_there_is_a_whole_number_of_signs(count: Term) -> None:
    event = SignEvent((Weight(ONE, count),), ">=", ZERO)
    context = Context(integers=frozenset({"n"})).having(parse_formula("n >= 0"))
    proof = {"rule": "halves", "fixed": [], "proof": both(GIVEN, GIVEN, GIVEN, GIVEN)}
    claim = Chance(event, num(Fraction(1, 2)))
    if count == N:
        assert check_chance(context, claim, proof) == frozenset()
        return
    with pytest.raises(Refused, match="not known to be an integer"):
        check_chance(context, claim, proof)
