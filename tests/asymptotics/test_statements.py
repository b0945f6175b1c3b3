"""Orders of growth in statements: claims, implications of hypotheses, saved proofs."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from typing import Any

import pytest
from sympy import And, Integer, Or, Rational, exp, log, sqrt

from lemmas.polynomial_attention import PAPER
from verify.asymptotics.certificate import recheck_order
from verify.engine.orders import claim, implications
from verify.engine.statements import check_statement
from verify.kernel.poly import Refused
from verify.language.statement import (
    Asymptotic,
    ForAll,
    Growth,
    Hypothesis,
    Paper,
    Param,
    Statement,
)
from verify.language.sympy_terms import eq, ge, gt, le, symbols

n, d, k, x, y = symbols("n d k x y")
PARAMS = (
    Param(n, "size", Integer(10), integer=True, where=(ge(n, 2),)),
    Param(d, "width", Integer(3), integer=True, where=(ge(d, 1),)),
    Param(x, "exponent", Rational(1, 2), where=(gt(x, 0),)),
)


def statement(growth: Growth, *given: Growth) -> Statement:
    return Statement(
        id="1",
        title="growth",
        kind="lemma",
        section="1",
        params=PARAMS,
        conclusion=Asymptotic(growth, n, given),
    )


def test_a_claim_is_proved_with_a_certificate_that_is_accepted_again() -> None:
    found = claim(statement(Growth(log(n) * d, "o", n ** (2 * x)), Growth(d, "O", n**x)))
    assert found.verdict == "proved"
    assert found.certificate is not None
    recheck_order(json.loads(json.dumps(found.certificate)))


def test_a_claim_is_refuted_by_sequences() -> None:
    # At the reference value of x it holds; at smaller ones it does not.
    found = claim(statement(Growth(d, "O", n ** (2 * x)), Growth(d, "O", n)))
    assert found.verdict == "refuted"
    assert found.counterexample is not None
    assert found.counterexample.point["x"] == "1/4"


def test_the_whole_check_of_a_statement() -> None:
    said = statement(Growth(exp(sqrt(log(n))), "o", n**x))
    paper = Paper("p", "P", "", "", (), (said,))
    result = check_statement(paper, said, 1.0, 0)
    assert result.claim.verdict == "proved"
    assert "as n grows" in result.statement.conclusion.text
    false = statement(Growth(n, "o", n**x))
    assert check_statement(paper, false, 1.0, 0).claim.verdict == "refuted"


def test_implications_of_the_paper() -> None:
    found = {s.id: implications(s) for s in PAPER.statements}
    shown = {key: [item.verdict for item in value] for key, value in found.items() if value}
    assert shown == {f"6.{i}/{part}": ["proved"] for i in (8, 12, 16, 20) for part in (1, 2)}


def test_a_false_implication_has_sequences_against_it() -> None:
    lemma = next(s for s in PAPER.statements if s.id == "6.8/1")
    too_much = n ** Rational(1, 40)
    hypotheses = tuple(
        replace(item, implies=Growth(item.implies.left, "omega", too_much))
        if item.implies is not None
        else item
        for item in lemma.hypotheses
    )
    (found,) = implications(lemma.but(hypotheses=hypotheses))
    assert found.verdict == "refuted"
    assert found.sequences is not None
    assert set(found.sequences) >= {"d", "t", "n"}


def test_what_tends_to_infinity_has_to_be_clear() -> None:
    said = Hypothesis(None, growth=Growth(n, "o", d * n), implies=Growth(d, "omega", 1))
    (found,) = implications(statement(Growth(n, "O", n)).but(hypotheses=(said,)))
    assert found.verdict == "unknown"
    assert "is not said" in found.why


@pytest.mark.parametrize(
    "change",
    [
        lambda c: c.pop("growth"),
        lambda c: c.update(more=1),
        lambda c: c["growth"].pop("given"),
        lambda c: c["growth"].update(variable=3),
        lambda c: c["growth"].update(goal=["n", "o"]),
        lambda c: c["growth"].update(goal=["n", "equals", "n"]),
        lambda c: c["growth"].update(given=[]),
        lambda c: c["growth"].update(sequences=5),
        lambda c: c.update(proof="yes"),
    ],
)
def test_a_changed_certificate_is_refused(change: Any) -> None:
    found = claim(statement(Growth(log(n) * d, "o", n ** (2 * x)), Growth(d, "O", n**x)))
    changed = copy.deepcopy(found.certificate)
    assert changed is not None
    change(changed)
    with pytest.raises(Refused):
        recheck_order(changed)


@pytest.mark.parametrize(
    "relation",
    [
        le(n, y * d),
        And(ge(d, n), ge(d, 1)),
        Or(ge(d, n), ge(d, n**2)),
        ForAll(k, n, ge(d, n)),
    ],
    ids=["constant", "both", "either", "for all"],
)
def test_a_hypothesis_that_the_question_leaves_out_refutes_nothing(relation: Any) -> None:
    constant = Param(y, "a constant", Integer(2), where=(gt(y, 0),))
    said = statement(Growth(n, "O", d))
    given = said.but(params=(*PARAMS, constant), hypotheses=(Hypothesis(relation),))
    assert claim(said).verdict == "refuted"
    assert claim(given).verdict in ("unknown", "proved")


def test_a_sequence_that_an_equation_gives_is_one_of_integers() -> None:
    halves = Hypothesis(eq(n, d + Rational(1, 2)))
    found = claim(statement(Growth(n, "o", d)).but(hypotheses=(halves,)))
    assert found.verdict != "refuted"
