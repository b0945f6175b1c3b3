"""Random claims: none is proved that an exact point refutes, no refutation is without a point."""

from __future__ import annotations

import pytest

from fuzz.claims import claim, decide_many, wrong
from verify.engine.claims import ClaimText, result_of
from verify.engine.results import Claim, Counterexample


def test_a_few_claims() -> None:
    figures = decide_many(1, range(16), seconds=0.5, jobs=2)
    assert not figures.wrong
    assert sum(figures.verdicts.values()) == 16
    # Even on a machine that is busy with other things.
    assert figures.verdicts.get("proved", 0) >= 1
    assert figures.verdicts.get("refuted", 0) >= 1


@pytest.mark.slow
def test_more_claims() -> None:
    assert not decide_many(2, range(300), seconds=2.0, jobs=2).wrong


def test_wrong_verdicts_would_be_noticed() -> None:
    false = ClaimText("a", ("x >= 0",), "x^2 >= x", {})
    assert wrong(false, result_of(false, Claim("proved")), 0) is not None
    assert wrong(false, result_of(false, Claim("vacuous")), 0) is not None
    at = {"right": "1/2", "wrong": "2", "outside": "-1/2"}
    for name, x in at.items():
        refuted = Claim("refuted", counterexample=Counterexample({"x": x}))
        assert (wrong(false, result_of(false, refuted), 0) is None) == (name == "right")
    pole = ClaimText("b", (), "1/x != 7", {})
    assert "'x': Fraction(0, 1)" in (wrong(pole, result_of(pole, Claim("proved")), 0) or "")


def test_claims_are_the_same_for_the_same_seed() -> None:
    assert [claim(3, number) for number in range(50)] == [claim(3, number) for number in range(50)]
