"""Printed forms: text that parses back, and the forms for people pinned."""

from __future__ import annotations

import pytest

from verify.language.codec import (
    CodecError,
    decode_formula,
    decode_term,
    encode_formula,
    encode_term,
)
from verify.language.grammar import parse_formula, parse_term
from verify.language.render import latex, text, unicode
from verify.language.term import FALSE, TRUE, Delta, Entry, Mul, Rel, Sum, Sym, num


@pytest.mark.parametrize(
    ("source", "as_text", "as_unicode", "as_latex"),
    [
        ("(1+a_1)^beta", "(1 + a_1)^beta", "(1 + a₁)^β", r"{\left(1 + a_{1}\right)}^{\beta}"),
        ("x/2 - -y", "x/2 - (-y)", "x/2 - (-y)", r"\frac{x}{2} - \left(-y\right)"),
        ("2*x*y", "2*x*y", "2 x y", r"2 \, x \, y"),
        ("sqrt(x)*abs(y)", "sqrt(x)*abs(y)", "√x |y|", r"\sqrt{x} \, \left|y\right|"),
        ("sqrt(1/2)*y", "sqrt(1/2)*y", "√(1/2) y", r"\sqrt{\frac{1}{2}} \, y"),
        ("sqrt(x)^2", "sqrt(x)^2", "(√x)²", r"{\sqrt{x}}^{2}"),
        ("x**-1", "x^(-1)", "x⁻¹", r"{x}^{-1}"),
        ("pi/e", "pi/e", "π/e", r"\frac{\pi}{e}"),
    ],
)
def test_forms_of_terms(source: str, as_text: str, as_unicode: str, as_latex: str) -> None:
    term = parse_term(source)
    assert (text(term), unicode(term), latex(term)) == (as_text, as_unicode, as_latex)


def test_forms_of_formulas() -> None:
    formula = parse_formula("(x >= 0 or not y == 1) and x != 2")
    assert text(formula) == "(x >= 0 or not (y == 1)) and x != 2"
    assert unicode(formula) == "(x ≥ 0 or not (y = 1)) and x ≠ 2"
    assert text(TRUE) == "0 == 0"
    assert text(FALSE) == "0 == 1"


I_, N = Sym("i"), Sym("n")
PICKED = Sum(Mul((Delta(I_, num(1)), Entry("A", (I_, N)))), "i", N)


def test_what_the_grammar_cannot_say_survives_its_encoding() -> None:
    relation = Rel(">=", PICKED, num(0))
    assert decode_term(encode_term(PICKED)) == PICKED
    assert decode_formula(encode_formula(relation)) == relation
    assert text(PICKED) == "sum(i in 1..n: [i = 1]*A[i, n])"


@pytest.mark.parametrize(
    "data",
    [
        None,
        7,
        [],
        ["sum", "x", 1, "n"],
        ["sum", "x", "i"],
        ["call", "eval", "x"],
        ["call", "log"],
        ["call", "log", "x", "y"],
        ["entry", "a b", "x"],
        ["/", "x"],
        ["no such", "x"],
        [["+"], "x"],
    ],
    ids=str,
)
def test_data_that_encodes_no_term_is_refused(data: object) -> None:
    with pytest.raises(CodecError):
        decode_term(data)


def test_nesting_of_encoded_terms_is_limited() -> None:
    data: object = "x"
    for _ in range(1_000):
        data = ["neg", data]
    with pytest.raises(CodecError):
        decode_term(data)
