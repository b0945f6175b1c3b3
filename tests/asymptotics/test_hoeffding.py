"""Hoeffding's inequality for random signs: every link is proved, and changed links are not."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction

import pytest
from flint import arb, ctx
from hypothesis import given, settings
from hypothesis import strategies as st

from verify.kernel import hoeffding
from verify.kernel.certificate import accept
from verify.kernel.check import Sequent
from verify.kernel.hoeffding import LINKS, PROOFS, Link, check_links
from verify.kernel.poly import Refused
from verify.probe.signs import Group, two_sided
from verify.provers.budget import Budget
from verify.provers.hoeffding import find_proofs
from verify.provers.search import prove


def test_the_kernel_accepts_every_link() -> None:
    check_links()
    assert set(PROOFS) == {link.name for link in LINKS}


def test_the_search_finds_every_link_again() -> None:
    assert set(find_proofs(10.0)) == set(PROOFS)


def test_a_missing_proof_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hoeffding, "PROOFS", {**PROOFS, "best L": PROOFS["one sign"]})
    with pytest.raises(Refused, match="best L"):
        check_links()
    monkeypatch.setattr(hoeffding, "PROOFS", {})
    with pytest.raises(Refused, match="no proof of 'one sign'"):
        check_links()


CHANGED = {
    "one sign": "(exp(y) + exp(-y))/2 == cosh(2*y)",
    "cosh, right of 0": "cosh(y) <= exp(y^2/3)",
    "cosh, left of 0": "cosh(y) <= exp(2*y^2/5)",
    "no signs": "m <= exp(L^2*0/2) - 1/100",
    "one more sign": "m*c <= exp(L^2*(S + w^2)/3)",
    "indicator": "a*exp(L*r) <= exp(L*X) - 1",
    "quotient": "P <= exp(A - 2*B)",
    "best L": "L^2*S/2 - L*r <= -r^2/V",
    "exponents": "exp(B - A) <= exp(D)",
    "either side": "X >= r",
    "both sides": "a <= p",
}


@pytest.mark.parametrize("link", LINKS, ids=lambda link: link.name)
def test_no_proof_serves_for_a_stronger_link(link: Link) -> None:
    changed = replace(link, holds=CHANGED[link.name]).obligation()
    for proof in PROOFS.values():
        with pytest.raises(Refused):
            accept(changed, json.loads(proof))
    sequent = Sequent(changed.hypotheses, changed.conclusion)  # type: ignore[arg-type]
    assert prove(sequent, Budget.of(0.3)) is None


@settings(derandomize=True, max_examples=40, deadline=None)
@given(
    st.lists(st.fractions(-2, 2, max_denominator=5), min_size=1, max_size=8),
    st.fractions(Fraction(1, 10), 6, max_denominator=10),
)
def test_the_bound_holds_for_exact_laws(weights: list[Fraction], radius: Fraction) -> None:
    squares = sum((weight**2 for weight in weights), Fraction(0)) or Fraction(1)
    inside = two_sided([Group(weight, 1) for weight in weights], radius, True)
    assert inside.exact
    exponent = radius**2 / (2 * squares)
    with ctx.workprec(128):
        bound = 2 * (-arb(exponent.numerator) / exponent.denominator).exp()
        outside = 1 - inside.lower
        assert arb(outside.numerator) / outside.denominator <= bound
