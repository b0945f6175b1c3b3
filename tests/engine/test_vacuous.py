"""Hypotheses that nothing satisfies: what is proved under them says and supports nothing."""

from __future__ import annotations

import pytest
from sympy import IndexedBase, Integer, Rational, log

from verify.engine.preload import preload
from verify.engine.recheck import recheck_document
from verify.engine.results import Document, Result, Run, this_tool
from verify.engine.statements import check_statement
from verify.language.statement import (
    Asymptotic,
    FiniteSpace,
    ForAll,
    Growth,
    Hypothesis,
    Output,
    Paper,
    Param,
    PrintedProof,
    Probability,
    Statement,
    Step,
)
from verify.language.sympy_terms import ge, gt, le, lt, symbols

n, m, k, x, delta, C, i = symbols("n m k x delta C i")
z = IndexedBase("z")
SIZE = Param(n, "a size", Integer(4), integer=True, where=(ge(n, 1),))
COLUMNS = Param(m, "columns", Integer(4), integer=True, where=(ge(m, 1),))
POWER = Param(k, "a power", Integer(1), integer=True, where=(ge(k, 1),))
REAL = Param(x, "a number", Integer(2))
SMALL = Param(delta, "failure", Rational(1, 20), where=(gt(delta, 0), lt(delta, Rational(1, 10))))
OUTPUT = Probability(Output(Integer(1), i, Integer(1), Integer(0), m, True), 1 - delta / n**k)


def checked(conclusion: object, *params: Param, where: object = (), **fields: object) -> Result:
    hypotheses = tuple(item if isinstance(item, Hypothesis) else Hypothesis(item) for item in where)  # type: ignore[attr-defined]
    statement = Statement("1", "T", "lemma", "1", params, conclusion, hypotheses, **fields)  # type: ignore[arg-type]
    preload()
    result = check_statement(Paper("p", "P", "", "", (), (statement,)), statement, 4.0, 0)
    if result.claim.certificate is not None:
        document = Document(1, this_tool(), Run(0, 128, 0.0), (result,))
        found = recheck_document(document)
        assert found.refused == 0, found.lines
    return result


def large(where: tuple[object, ...], *more: object) -> Result:
    constant = Param(C, "a constant", Integer(10), where=(gt(C, 0), *where))
    params = (SIZE, COLUMNS, POWER, SMALL, constant)
    needed = (ge(m, C * log(n / delta)), *more)
    return checked(OUTPUT, *params, where=needed, large=C, fixed=(k,))


def test_hypotheses_about_all_indices() -> None:
    families = [Hypothesis(ForAll(i, n, ge(z[i], 1))), Hypothesis(ForAll(i, n, le(z[i], 0)))]
    found = checked(ge(z[1], 100), SIZE, where=families).claim
    assert found.verdict == "vacuous"
    assert (
        "z[i] >= 1 for every i in 1..n and z[i] <= 0 for every i in 1..n cannot hold together"
        in found.explanation
    )
    assert checked(ge(z[1], 0), SIZE, where=families[:1]).claim.verdict == "proved"


def test_a_constant_that_cannot_be_large_enough() -> None:
    assert large(()).claim.verdict == "proved"
    assert large((le(C, Rational(1, 10)),)).claim.verdict == "vacuous"
    assert large((), le(m, 5)).claim.verdict == "vacuous"


@pytest.mark.parametrize(
    "conclusion", [FiniteSpace(n), Asymptotic(Growth(n, "O", n**2), n)], ids=["union", "growth"]
)
def test_kinds_with_a_checker_of_their_own(conclusion: object) -> None:
    assert checked(conclusion, SIZE, REAL).claim.verdict == "proved"
    assert checked(conclusion, SIZE, REAL, where=(lt(x, 0), gt(x, 0))).claim.verdict == "vacuous"


@pytest.mark.parametrize(
    ("left", "where", "given"),
    [
        (n, (le(n, 100),), ()),
        (n * x, (le(n * x, 1), gt(x, 0)), ()),
        (n, (), (Growth(n, "O", Integer(1)),)),
    ],
    ids=["bounded", "bounded by a constant", "said to be bounded"],
)
def test_there_is_no_such_sequence(left: object, where: object, given: tuple[Growth, ...]) -> None:
    growth = Asymptotic(Growth(left, "o", Integer(1)), n, given)
    found = checked(growth, SIZE, REAL, where=where).claim
    assert found.verdict == "vacuous"
    assert found.explanation.startswith("n does not tend to infinity along any sequence that")


@pytest.mark.parametrize("given", [lt(x**2, 0), le(x, 0)])
def test_a_step_under_a_contradiction_supports_nothing(given: object) -> None:
    proof = PrintedProof((Step(ge(x, 100), "magic", given=(given,)),))
    found = checked(ge(x**2, 0), REAL, where=(ge(x, 1),), proof=proof)
    assert found.claim.verdict == "proved"
    assert [step.verdict for step in found.proof.steps] == ["vacuous"]
    assert found.proof.verdict == "unknown"
