"""The expression grammar: what it accepts, what it refuses and where, within stated limits."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from verify.language.grammar import ExpressionError, is_variable, naming, parse_formula, parse_term
from verify.language.render import text
from verify.language.term import Neg, Not, Num, Pow, Rel, Sym, num


@pytest.mark.parametrize(
    "source",
    [
        "+".join(["x"] * 50_000),
        "(" * 300 + "x" + ")" * 300,
        "+".join(f"a{i}" for i in range(100)),
        "1" * 1_000,
        "abs(" * 300 + "x" + ")" * 300,
        "2^(" * 300 + "x" + ")" * 300,
        "-(" * 300 + "x" + ")" * 300,
        "-" * 1_000 + "x",
    ],
    ids=["length", "nesting", "names", "digits", "calls", "powers", "minus", "signs"],
)
def test_the_limits_leave_room(source: str) -> None:
    parse_term(source)


@pytest.mark.parametrize(
    ("source", "column", "message"),
    [
        ("", 0, "an expression was expected, but the text is empty"),
        ("2**10**10**10", 5, "this power has more digits than can be handled exactly"),
        ("(" * 1000 + "x" + ")" * 1000, 400, "nested deeper than 400 levels"),
        ("not " * 1000 + "x > 0", 1600, "nested deeper than 400 levels"),
        ("x/" * 1000 + "x", None, "nested deeper than 400 levels"),
        ("x**" * 1000 + "x", None, "nested deeper than 400 levels"),
        ("(x)**" * 1000 + "x", None, "nested deeper than 400 levels"),
        ("2**(" * 1000 + "x", None, "nested deeper than 400 levels"),
        ("\N{CYRILLIC SMALL LETTER HA} + 1", 0, "unexpected character 'х': only ASCII letters"),
        ("x + \N{FULLWIDTH DIGIT ONE}", 4, "unexpected character '１': only ASCII letters"),
        ("x \N{MINUS SIGN} 1", 2, "unexpected character '−': write an ASCII minus sign"),
        ("x + \u200b1", 4, "unexpected character U+200B: only ASCII letters"),
        ("__import__('os')", 11, 'unexpected character "\'"'),
        ("__import__(os)", 0, "__import__ is not a function that the grammar knows"),
        ("x.real", 1, "unexpected character '.'"),
        ("x => 0", 2, "unexpected character '=': write >="),
        ("x =< 0", 2, "unexpected character '=': write <="),
        ("x % 2 == 0", 2, "unexpected character '%': remainders (mod) are outside the grammar"),
        ("n! > 0", 1, "unexpected character '!': factorials are outside the grammar"),
        ("(n + 1) ! > 0", 8, "unexpected character '!': factorials are outside the grammar"),
        ("!(x > 0)", 0, "unexpected character '!': write not, or != for inequality"),
        ("ln(x)", 0, "ln is not a function that the grammar knows: did you mean log?"),
        ("cbrt(x)", 0, "cbrt is not a function that the grammar knows: write x^(1/3)"),
        ("cot(x)", 0, "cot is not a function that the grammar knows: write cos(x)/sin(x)"),
        ("mod(x, 2)", 0, "mod is not a function that the grammar knows: remainders (mod) are"),
        ("x[0]", 1, "unexpected character '[': write parentheses"),
        ("lambda: 1", 6, "unexpected character ':'"),
        ("a" * 10_000, 0, "a name has at most 200 characters"),
        ("(x + 1", 0, "this bracket is never closed"),
        ("x + 1)", 5, "this closing bracket has no opening one"),
        ("x + ", 3, "the expression ends here, but a number, a name or ( was expected"),
        ("2 x", 2, "an operator was expected here (write * for a product)"),
        ("sine(x)", 0, "sine is not a function that the grammar knows: did you mean sin?"),
        ("log", 0, "log is a function: write log(..)"),
        ("log(x, y)", 0, "log takes 1 argument(s), got 2"),
        ("1" * 5_000, 0, "a number has at most 4000 digits"),
        ("x" * 3 + "+" * 0 + " = 1", 4, "unexpected character '=': write == for equality"),
        ("x > 0", 0, "a number or an expression was expected, not a relation"),
        ("(x > 0) + 1", 8, "a number was expected on this side, not a relation"),
    ],
    ids=lambda value: str(value)[:20].encode("unicode_escape").decode(),
)
def test_refusals_say_what_and_where(source: str, column: int | None, message: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse_term(source)
    assert caught.value.message.startswith(message)
    if column is not None:
        assert caught.value.column == column


def test_the_caret_stands_under_the_column() -> None:
    with pytest.raises(ExpressionError) as caught:
        parse_formula("x + $ >= 0")
    assert caught.value.pointed() == "column 5: unexpected character '$'\n  x + $ >= 0\n      ^"


def test_length_and_names_are_limited() -> None:
    with pytest.raises(ExpressionError, match="at most 200000 are accepted"):
        parse_term("x" + " " * 200_000)
    with pytest.raises(ExpressionError, match="more than 1000 different names"):
        parse_term("+".join(f"a{i}" for i in range(1_001)))


def test_a_formula_is_wanted() -> None:
    with pytest.raises(ExpressionError, match="a relation was expected"):
        parse_formula("x + 1")
    with pytest.raises(ExpressionError, match="and joins relations"):
        parse_formula("x and y > 0")


def test_precedence() -> None:
    x = Sym("x")
    assert parse_term("-x**2") == Neg(Pow(x, num(2)))
    assert parse_term("-2**2") == num(-4)
    assert parse_term("2**3**2") == num(512)
    assert parse_term("x^-1") == Pow(x, num(-1))
    assert parse_term("0**0") == num(1)
    assert parse_term("0.1 + 0") != parse_term("1/10")
    assert isinstance(parse_term("1.25e-2"), Num)
    assert parse_formula("not x > 0 and x < 1") == parse_formula("(not (x > 0)) and (x < 1)")
    assert parse_formula("0 < x <= 1") == parse_formula("0 < x and x <= 1")
    assert parse_formula("not x == 1") == Not(Rel("==", x, num(1)))


LEAVES = st.sampled_from(
    ["x", "y_1", "pi", "e", "0", "1", "2", "0.5", "1/3", "-3", "(2/3)", "10", "(-1/2)"]
)


def _grown(parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    binary = st.tuples(parts, st.sampled_from(["+", "-", "*", "/", " - "]), parts)
    power = st.tuples(parts, st.sampled_from(["2", "3", "(1/2)", "-1", "y_1", "(x+1)"]))
    call = st.tuples(st.sampled_from(["exp", "abs", "sqrt", "floor"]), parts)
    return st.one_of(
        binary.map("".join),
        parts.map(lambda part: f"({part})"),
        parts.map(lambda part: f"-({part})"),
        power.map(lambda pair: f"({pair[0]})^{pair[1]}"),
        call.map(lambda pair: f"{pair[0]}({pair[1]})"),
        st.tuples(parts, parts).map(lambda pair: f"max({pair[0]}, {pair[1]})"),
    )


TERMS = st.recursive(LEAVES, _grown, max_leaves=12)
RELATIONS = st.tuples(TERMS, st.sampled_from([">=", "<", "==", "!="]), TERMS).map(" ".join)
FORMULAS = st.recursive(
    RELATIONS,
    lambda parts: st.one_of(
        st.tuples(parts, st.sampled_from([" and ", " or "]), parts).map(
            lambda t: f"({t[0]}){t[1]}({t[2]})"
        ),
        parts.map(lambda part: f"not ({part})"),
    ),
    max_leaves=4,
)


@settings(derandomize=True, max_examples=300, deadline=None)
@given(TERMS)
def test_terms_survive_a_round_trip(source: str) -> None:
    term = parse_term(source)
    assert parse_term(text(term)) == term


@settings(derandomize=True, max_examples=150, deadline=None)
@given(FORMULAS)
def test_formulas_survive_a_round_trip(source: str) -> None:
    formula = parse_formula(source)
    assert parse_formula(text(formula)) == formula


@settings(derandomize=True, max_examples=300, deadline=None)
@given(st.text(alphabet="x1.e+-*/^()<>=! ,andortsqp\u00b2\u0661[]'\"_\n", max_size=40))
def test_any_text_is_parsed_or_refused(source: str) -> None:
    refusal = _refusal(source)
    if refusal is None:
        item = parse_formula(source)
        assert parse_formula(text(item)) == item
    else:
        assert 0 <= refusal.column <= len(source)
        assert refusal.pointed().count("\n") == 2


def _refusal(source: str) -> ExpressionError | None:
    try:
        parse_formula(source)
    except ExpressionError as error:
        return error
    return None


def test_what_can_be_a_variable() -> None:
    assert all(map(is_variable, ("x", "a_1", "_y", "Pi", "log2")))
    assert not any(map(is_variable, ("", "2x", "pi", "e", "log", "not", "x y", " x", "x-y", "ä")))


def test_the_place_of_a_name() -> None:
    found = naming("2*foo + fo", ("fo",))
    assert (found.column, found.picture()) == (8, "  2*foo + fo\n          ^")


@pytest.mark.parametrize("kind", [int, float])
def test_what_others_made_of_a_number_does_not_change_what_is_read(kind: type) -> None:
    # Nodes are shared: these are the ones that the text below finds.
    kept = Num(kind(7919)), Num(kind(1000003))
    assert parse_term("7919/1000003") == Num(Fraction(7919, 1000003))
    assert all(type(node.value) is Fraction for node in kept)
