"""The selftest: what it tries, what it counts, and that it says so where an answer is wrong."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from sympy import Rational

from lemmas.polynomial_attention import PAPER
from verify.cli import ERROR, OK, UNKNOWN, USAGE, run
from verify.commands_selftest import _code
from verify.engine.audit import EFFORTS, Decision
from verify.engine.examine import audit_of
from verify.engine.formal import formalise
from verify.engine.mutants import Trial
from verify.engine.results import Counterexample
from verify.engine.selftest import Change, Report, _wrong, changes_of, totals
from verify.language.grammar import parse_formula
from verify.language.statement import Hypothesis, Paper, Param, Statement
from verify.language.sympy_terms import ge, gt, symbols
from verify.probe.mutate import Mutant

x, y = symbols("x y")
LEMMA = Statement(
    id="1.1",
    title="A lemma",
    kind="lemma",
    section="1",
    params=(
        Param(x, "a number", Rational(4), where=(gt(x, 0),)),
        Param(y, "a number", Rational(1), where=(gt(y, 0),)),
    ),
    conclusion=ge(x, y),
    hypotheses=(Hypothesis(ge(x, 3 * y)),),
)
SMALL = Paper("p", "P", "", "", (), (LEMMA,))


def test_every_change_is_decided_and_no_answer_is_wrong() -> None:
    report = changes_of(SMALL, LEMMA, 2.0, 0)
    assert len(report.changes) >= 5
    assert report.count("unknown") == 0
    assert report.count("proved") >= 1
    assert report.count("refuted") >= 1
    assert report.wrong == ()
    assert all((c.point is not None) == (c.answer == "refuted") for c in report.changes)


def wrong(claim: str, decision: Decision) -> str | None:
    formal = formalise(LEMMA)
    assert formal is not None
    audit = audit_of(SMALL, LEMMA, formal, replace(EFFORTS["quick"]), seed=0)
    return _wrong(audit, LEMMA, Trial(Mutant("", parse_formula(claim)), decision))


def test_a_true_claim_that_was_called_refuted_is_noticed() -> None:
    point = Counterexample({"x": "6", "y": "1"})
    assert wrong("x >= 2*y", Decision("refuted", point)) == (
        "it was refuted, but holds at {'x': '6', 'y': '1'}"
    )
    assert wrong("x <= 2*y", Decision("refuted", point)) is None


def test_a_false_claim_that_was_called_proved_is_noticed() -> None:
    found = wrong("x <= 2*y", Decision("proved"))
    assert found is not None
    assert found.startswith("it was proved, but fails at {")
    assert wrong("x >= 2*y", Decision("proved")) is None


def report(*answers: str, bad: str | None = None) -> Report:
    return Report("1.1", tuple(Change("c", "x", answer, wrong=bad) for answer in answers))


def test_the_exit_code() -> None:
    open_ = [report("unknown", "refuted")]
    assert _code(open_, strict=False) == OK
    assert _code(open_, strict=True) == UNKNOWN
    assert _code([report("refuted", "proved")], strict=True) == OK
    assert _code([report("refuted", bad="it holds")], strict=False) == ERROR
    assert _code([Report("1.1", failure="memory")], strict=False) == ERROR


def test_totals() -> None:
    whole = totals([report("refuted", "proved"), report("unknown")])
    assert (whole.tried, whole.refuted, whole.proved, whole.decided) == (3, 1, 1, 2)


def test_a_cited_bound_has_nothing_to_change() -> None:
    cited = next(s for s in PAPER.statements if s.id == "3.5")
    assert changes_of(PAPER, cited, 1.0, 0).changes == ()


def test_json_of_the_command(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    assert run(["selftest", "3.5", "--json", "-", "--jobs", "1"]) == OK
    found = json.loads(capsysbinary.readouterr().out)
    assert found["schema"] == 1
    assert [item["id"] for item in found["statements"]] == ["3.5"]
    assert (found["tried"], found["wrong"]) == (0, 0)


def test_an_unknown_id_is_bad_input(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["selftest", "6.66"]) == USAGE
    assert "6.66" in capsys.readouterr().err


@pytest.mark.slow
def test_of_a_lemma_almost_every_change_is_decided(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["selftest", "6.6/3a", "6.6/1a", "3.2", "--jobs", "1", "--strict"]) == OK
    assert "6.6/3a: f[j_3, j_3] > 1/2 (strictness)" in capsys.readouterr().out
