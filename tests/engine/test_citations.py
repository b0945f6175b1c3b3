"""Citations: what the cited statement takes for granted has to be at hand."""

from __future__ import annotations

import pytest
from sympy import IndexedBase, Integer, KroneckerDelta, Rational

from verify.engine.citations import check_citation
from verify.language.statement import (
    Array,
    Citation,
    ForAll,
    Hypothesis,
    Index,
    Paper,
    Param,
    PrintedProof,
    Probability,
    SignSum,
    Statement,
)
from verify.language.sympy_terms import eq, ge, ne, symbols

n, k, x, i, j = symbols("n k x i j")
w = IndexedBase("w")
SIZE = Param(n, "a size", Integer(3), integer=True, where=(ge(n, 1),))
WHOLE = Param(k, "an integer", Integer(2), integer=True)
REAL = Param(x, "a number", Integer(2))
SIGNS = Probability(SignSum(1 / n, i, n, ">=", Integer(0)), Rational(1, 2))


def lemma(number: str, conclusion: object, *params: Param, **fields: object) -> Statement:
    return Statement(number, "T", "lemma", "1", params, conclusion, **fields)  # type: ignore[arg-type]


def verdict(cited: Statement, citing: Statement, used: object, **table: object) -> tuple[str, str]:
    substitution = {symbols(name)[0]: value for name, value in table.items()}
    citation = Citation(cited.id, substitution, used_for=used)
    paper = Paper("p", "P", "", "", (), (cited, citing))
    found = check_citation(paper, citing, citation, 2.0, 0)
    return found.verdict, found.why


@pytest.mark.parametrize(
    ("cited", "citing", "used", "table", "why"),
    [
        (
            lemma("1", ge(k**2, k), WHOLE),
            lemma("2", ge(x**2, x), REAL),
            ge(x**2, x),
            {"k": x},
            "it is about an integer k, and x is not known to be one",
        ),
        (
            lemma("1", ge(x**2, x), Param(x, "a number", Integer(2), where=(ge(x, 1),))),
            lemma("2", ge(x**2, x), REAL),
            ge(x**2, x),
            {},
            "whether its hypothesis x >= 1 follows is not known",
        ),
        (
            lemma("1", ge(i, 1), SIZE, indices=(Index(i, n),)),
            lemma("2", ge(k, 1), SIZE, WHOLE),
            ge(k, 1),
            {"i": k},
            "k is not known to be in 1..n",
        ),
        (
            lemma("1", ge(w[1], 0), SIZE, hypotheses=(Hypothesis(ForAll(i, n, ge(w[i], 0))),)),
            lemma("2", ge(w[1], 0), SIZE),
            ge(w[1], 0),
            {},
            "its hypothesis w[i] >= 0 for every i in 1..n is not at hand",
        ),
        (
            lemma(
                "1",
                eq(KroneckerDelta(i, j), 0),
                SIZE,
                indices=(Index(i, n), Index(j, n)),
                hypotheses=(Hypothesis(ne(i, j)),),
            ),
            lemma("2", eq(KroneckerDelta(i, j), 0), SIZE, indices=(Index(i, n), Index(j, n))),
            eq(KroneckerDelta(i, j), 0),
            {},
            "i and j are not known to differ",
        ),
        (
            lemma("1", eq(w[1], 1 / n), SIZE, arrays=(Array("w", (i,), 1 / n),)),
            lemma("2", eq(w[1], 1 / n), SIZE, arrays=(Array("w", (i,), Integer(7)),)),
            eq(w[1], 1 / n),
            {},
            "w is defined in another way there",
        ),
        (
            lemma("1", SIGNS, SIZE),
            lemma("2", SIGNS, SIZE),
            Probability(SignSum(Integer(9), i, n, ">=", Integer(0)), Rational(1, 2)),
            {},
            "and the weights are not known to be the same",
        ),
        (
            lemma("1", ge(x, 1), REAL, large=x),
            lemma("2", ge(x, 1), REAL),
            ge(x, 1),
            {},
            "it is about x that is large enough",
        ),
    ],
    ids=["integer", "domain", "range", "family", "distinct", "array", "weights", "large"],
)
def test_what_is_not_at_hand(
    cited: Statement, citing: Statement, used: object, table: dict[str, object], why: str
) -> None:
    found, reason = verdict(cited, citing, used, **table)
    assert found == "unknown"
    assert why in reason


def test_the_same_weights_under_another_name_of_the_index() -> None:
    used = Probability(SignSum(1 / n, j, n, ">=", Integer(0)), Rational(1, 2))
    assert verdict(lemma("1", SIGNS, SIZE), lemma("2", SIGNS, SIZE), used)[0] == "serves"


def test_an_integer_form_of_integers_serves() -> None:
    cited, citing = lemma("1", ge(k**2, k), WHOLE), lemma("2", ge((2 * n) ** 2, 2 * n), SIZE)
    assert verdict(cited, citing, ge((2 * n) ** 2, 2 * n), k=2 * n)[0] == "serves"


def test_a_circle_does_not_serve() -> None:
    def proof(number: str) -> PrintedProof:
        return PrintedProof(citations=(Citation(number, {}, used_for=ge(x, 5)),))

    one = lemma("1", ge(x, 5), REAL, proof=proof("2"))
    other = lemma("2", ge(x, 5), REAL, proof=proof("1"))
    found, why = verdict(one, other, ge(x, 5))
    assert found == "does not serve"
    assert why == "it rests on 2 itself, in a circle"
