"""Citations: what the cited statement takes for granted has to be at hand."""

from __future__ import annotations

from fractions import Fraction

import pytest
from sympy import IndexedBase, Integer, KroneckerDelta, Mul, Rational, Sum

from verify.engine.citations import check_citation
from verify.language.statement import (
    Array,
    Asymptotic,
    Citation,
    Definition,
    ForAll,
    Growth,
    Hypothesis,
    Index,
    Output,
    Paper,
    Param,
    PrintedProof,
    Probability,
    SignSum,
    Stacked,
    Statement,
)
from verify.language.sympy_terms import eq, ge, le, ne, symbols

n, k, x, i, j, y = symbols("n k x i j y")
w, v, r = IndexedBase("w"), IndexedBase("v"), IndexedBase("r")
SIZE = Param(n, "a size", Integer(3), integer=True, where=(ge(n, 1),))
WHOLE = Param(k, "an integer", Integer(2), integer=True)
REAL = Param(x, "a number", Integer(2))
OTHER = Param(y, "another", Integer(1))
EVEN = Param(k, "half", Integer(2), integer=True, where=(ge(k, 1), eq(n, 2 * k)))
HALF = eq(Sum(KroneckerDelta(r[i], 1), (i, 1, n)), k)
TOTAL = eq(Sum(w[i], (i, 1, n)), 1)
SIGNS = Probability(SignSum(1 / n, i, n, ">=", Integer(0)), Rational(1, 2))


def lemma(number: str, conclusion: object, *params: Param, **fields: object) -> Statement:
    return Statement(number, "T", "lemma", "1", params, conclusion, **fields)  # type: ignore[arg-type]


def verdict(cited: Statement, citing: Statement, used: object, **table: object) -> tuple[str, str]:
    substitution = {symbols(name)[0]: value for name, value in table.items()}
    citation = Citation(cited.id, substitution, used_for=used)
    paper = Paper("p", "P", "", "", (), (cited, citing))
    found = check_citation(paper, citing, citation, 2.0, 0)
    return found.verdict, found.why


def said(relation: object) -> Hypothesis:
    return Hypothesis(relation)


def network(columns: object) -> Probability:
    return Probability(Output(1 / n, i, n, Integer(2), columns, False), Rational(1, 2))


V_IS_2, W_IS_V = Array("v", (i,), Integer(2)), Array("w", (i,), v[i] + 1)
DIFFERENT = {"indices": (Index(i, n), Index(j, n)), "hypotheses": (said(ne(i, j)),)}


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
        (
            lemma("1", ge(x, n), REAL, SIZE, large=x, fixed=(n,)),
            lemma("2", ge(x, n), REAL, SIZE, large=x),
            ge(x, n),
            {},
            "how large x has to be depends on more there",
        ),
        (
            lemma("1", TOTAL, SIZE, arrays=(Array("w", (i,), 1 / n),)),
            lemma("2", TOTAL, SIZE),
            TOTAL,
            {},
            "w is defined there alone",
        ),
        (
            lemma("1", eq(w[1], 3), SIZE, arrays=(V_IS_2, W_IS_V)),
            lemma("2", eq(w[1], 3), SIZE, arrays=(W_IS_V,)),
            eq(w[1], 3),
            {},
            "v is defined there alone",
        ),
        (
            lemma("1", HALF, SIZE, EVEN, stacked=(Stacked("r", n, Integer(2), k),)),
            lemma("2", HALF, SIZE, EVEN, stacked=(Stacked("r", n, k, Integer(2)),)),
            HALF,
            {},
            "r is defined in another way there",
        ),
        (
            lemma("1", HALF, SIZE, EVEN, stacked=(Stacked("r", n, Integer(2), k),)),
            lemma("2", HALF, SIZE, EVEN),
            HALF,
            {},
            "r is defined there alone",
        ),
        (
            lemma("1", ge(x**2, 0), REAL),
            lemma("2", ge((1 / y) ** 2, 0), OTHER),
            ge((1 / y) ** 2, 0),
            {"x": 1 / y},
            "1/y, which is substituted, is not known to be defined",
        ),
        (
            lemma("1", ge(x, 2), REAL, OTHER, hypotheses=(said(ge(y, 1)), said(le(y, x - 1)))),
            lemma("2", ge(x, 2), REAL),
            ge(x, 2),
            {},
            "its hypothesis y <= x - 1 is about y as well: say in the substitution what that is",
        ),
        (
            lemma("1", ge(n, 2), SIZE, **DIFFERENT),
            lemma("2", ge(n, 2), SIZE),
            ge(n, 2),
            {},
            "n is not known to be at least 2",
        ),
        (
            lemma("1", network(n), SIZE),
            lemma("2", network(2 * n), SIZE),
            network(2 * n),
            {},
            "it is not known to be about the same network",
        ),
        (
            lemma("1", Asymptotic(Growth(n, "O", x), n), SIZE, REAL, hypotheses=(said(ge(x, n)),)),
            lemma("2", ge(x, 1), REAL),
            None,
            {},
            "whether its hypotheses follow is not asked",
        ),
    ],
    ids=[
        *("integer", "range", "family", "distinct", "array", "weights", "large"),
        *("fixed", "no array", "no inner array", "map", "no map", "undefined", "foreign"),
        *("no indices", "network", "another checker"),
    ],
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


def test_an_array_that_is_not_mentioned_is_defined_as_the_cited_statement_needs_it() -> None:
    cited = lemma("1", ge(n * w[1], n), SIZE, arrays=(Array("w", (i,), Integer(1)),))
    assert verdict(cited, lemma("2", ge(n, 1), SIZE), None)[0] == "serves"


def test_what_is_canonically_the_same_may_be_undefined() -> None:
    used = ge(Mul(x / y, y, evaluate=False), x)
    cited, citing = lemma("1", ge(x, x), REAL), lemma("2", used, REAL, OTHER)
    assert verdict(cited, citing, used)[0] == "unknown"


def test_an_entry_is_not_substituted_by_itself() -> None:
    cited = lemma("1", TOTAL, SIZE, arrays=(Array("w", (i,), 1 / n),))
    citing = lemma("2", ge(x, x), SIZE, REAL)
    citation = Citation("1", {w[1]: x})
    found = check_citation(Paper("p", "P", "", "", (), (cited, citing)), citing, citation, 2.0, 0)
    assert (found.verdict, found.why[:30]) == ("unknown", "only a symbol can be substitut")


def test_only_what_the_pack_has_serves() -> None:
    item = Definition("1.1", "T", "text")
    citing = lemma("2", ge(x, x), REAL)
    paper = Paper("p", "P", "", "", (item,), (citing,))
    for number, answer in (("1.1", "serves"), ("1.l", "does not serve")):
        assert check_citation(paper, citing, Citation(number), 2.0, 0).verdict == answer


def test_another_output_of_the_network() -> None:
    some = Probability(Output(1 / n, i, n, Integer(2), n, True), Rational(1, 2))
    found = verdict(lemma("1", network(n), SIZE), lemma("2", some, SIZE), some)
    assert found == ("does not serve", "it is about another event")
    assert verdict(lemma("1", network(n), SIZE), lemma("2", some, SIZE), network(n))[0] == "serves"


def test_a_missing_hypothesis_is_shown_at_a_point() -> None:
    # At the reference point, x = 2, what the cited lemma asks for holds.
    citing = lemma("2", ge(x**2, 0), REAL)
    for cited in (
        lemma("1", ge(x**2, 1), REAL, hypotheses=(said(ge(x, 1)),)),
        lemma("1", ge(x**2, 1), Param(x, "a number", Integer(2), where=(ge(x, 1),))),
    ):
        paper = Paper("p", "P", "", "", (), (cited, citing))
        found = check_citation(paper, citing, Citation("1"), 2.0, 0)
        assert found.verdict == "does not serve"
        assert found.why == "its hypothesis x >= 1 does not follow"
        assert found.counterexample is not None
        assert Fraction(found.counterexample.point["x"]) < 1


def test_what_would_serve_instead_says_what_is_used() -> None:
    # Anything "gives" what follows from the hypotheses alone.
    cited = lemma("1", ge(x, 5), REAL, hypotheses=(said(ge(x, 5)),))
    other, just = lemma("2", ge(x + 1, x), REAL), lemma("3", ge(x**2, 0), REAL)
    citing = lemma("4", ge(x**2 + 1, 1), REAL)
    paper = Paper("p", "P", "", "", (), (cited, other, just, citing))
    found = check_citation(paper, citing, Citation("1", used_for=ge(x**2, 0)), 2.0, 0)
    assert (found.verdict, found.instead) == ("does not serve", ("3",))
    nothing = check_citation(paper, citing, Citation("1", used_for=ge(x**2 + 2, 1)), 2.0, 0)
    assert (nothing.verdict, nothing.instead) == ("does not serve", ())


@pytest.mark.parametrize(
    ("threshold", "words"),
    [
        # Pr[s >= 1/2] = Pr[s > 1/2], but Pr[s >= 1] = 1/2 and Pr[s > 1] = 0.
        (Rational(1, 2), "1 is proved with the strict > too, so what is used holds"),
        (Integer(1), "whether 1 holds with the strict > is not known"),
    ],
)
def test_whether_what_is_used_survives_a_bound_that_is_not_strict(
    threshold: object, words: str
) -> None:
    i = symbols("i")
    weak, strict = (
        Probability(SignSum(Integer(1), i, Integer(1), op, threshold), Rational(1, 2))
        for op in (">=", ">")
    )
    first = Statement(id="1", title="t", kind="lemma", section="1", params=(), conclusion=weak)
    second = first.but(id="2", conclusion=strict)
    paper = Paper("p", "P", "", "", (), (first, second))
    found = check_citation(paper, second, Citation("1", {}, strict), 2.0, 0)
    assert found.verdict == "does not serve"
    assert found.why.endswith(words)
