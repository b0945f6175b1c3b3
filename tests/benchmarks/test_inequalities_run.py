"""How the benchmark puts claims to peers, and judges answers."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

FOLDER = Path(__file__).resolve().parents[2] / "benchmarks" / "inequalities"
NONE: frozenset[str] = frozenset()


@pytest.fixture(name="scripts", scope="module")
def _scripts() -> Iterator[tuple[ModuleType, ModuleType]]:
    sys.path.insert(0, str(FOLDER))
    try:
        yield importlib.import_module("run"), importlib.import_module("peers")
    finally:
        sys.path.remove(str(FOLDER))


Scripts = tuple[ModuleType, ModuleType]


@pytest.mark.parametrize(
    ("where", "holds", "expected"),
    [
        ([], "a^2 + b^2 >= 2*a*b", "proved"),
        ([], "a^2 + b^2 > 2*a*b", "refuted"),
        (["x > 0"], "x + 1/x >= 2", "proved"),
        # Only the pole is a counterexample; z3 would choose a value for 1/0.
        ([], "x*(1/x) == 1", "refuted"),
        (["x*(1/x) == 1"], "x != 0", "proved"),
        (["x >= 0"], "sqrt(x)^2 == x", "proved"),
        ([], "sqrt(x)^2 == x", "refuted"),
        ([], "(x^3)^(1/3) == x", "proved"),
        ([], "max(x, y) - min(x, y) == abs(x - y)", "proved"),
        ([], "exp(x) > 0", "unsupported"),
        ([], "x < pi", "unsupported"),
    ],
)
def test_z3_is_asked_the_right_question(
    scripts: Scripts, where: list[str], holds: str, expected: str
) -> None:
    assert scripts[1].ask("z3", where, holds, NONE, 5.0) == expected


def test_integer_variables_are_integers(scripts: Scripts) -> None:
    peers = scripts[1]
    assert peers.ask("z3", ["m < n"], "m + 1 <= n", frozenset(("m", "n")), 5.0) == "proved"
    assert peers.ask("z3", ["m < n"], "m + 1 <= n", NONE, 5.0) == "refuted"
    # A quotient of integers is a real number, not a rounded one.
    assert peers.ask("z3", ["n == 1"], "n/2 == 0", frozenset("n"), 5.0) == "refuted"


def test_cvc5_does_not_refute_with_an_inexact_model(scripts: Scripts) -> None:
    pytest.importorskip("cvc5")
    peers = scripts[1]
    assert peers.ask("cvc5", ["x > 0"], "exp(x) > 1", NONE, 5.0) == "proved"
    assert peers.ask("cvc5", ["x > 0"], "exp(x) > 2", NONE, 1.0) == "unknown"
    assert peers.ask("cvc5", ["x > 0"], "x > 1", NONE, 5.0) == "refuted"


@pytest.mark.parametrize(
    ("truth", "vacuous", "answer", "solved", "wrong"),
    [
        (True, False, "proved", True, False),
        (True, False, "attested", True, False),
        (True, False, "refuted", False, True),
        (True, False, "vacuous", False, True),
        (True, False, "unknown", False, False),
        (False, False, "refuted", True, False),
        (False, False, "proved", False, True),
        (False, False, "sampled", False, False),
        (True, True, "vacuous", True, False),
        (True, True, "proved", True, False),
    ],
)
def test_answers_are_judged(
    scripts: Scripts, truth: bool, vacuous: bool, answer: str, solved: bool, wrong: bool
) -> None:
    run = scripts[0]
    claim = run.Claim("c", "polynomial", (), "x == x", NONE, truth, vacuous)
    outcome = run.Outcome(claim, "ours", answer, 1.0)
    assert (outcome.solved, outcome.wrong) == (solved, wrong)


def test_a_command_is_killed_in_time(scripts: Scripts) -> None:
    output, _ = scripts[0].killed_after([sys.executable, "-c", "while True: pass"], "", 0.3)
    assert output is None


def test_the_limit_spreads_over_the_kinds(scripts: Scripts) -> None:
    run = scripts[0]
    assert {claim.kind for claim in run.load(limit=50)} == set(run.KINDS)
    assert len(run.load(limit=50)) == 50
