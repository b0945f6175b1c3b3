"""Proofs that were found, changed in one place: refused, or still a proof of the same claim.

A changed certificate never proves a false claim; and random certificates prove only what holds.
"""

from __future__ import annotations

import copy
import itertools
from collections.abc import Iterator
from fractions import Fraction
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from verify.kernel.certificate import Obligation, load, recheck, save
from verify.kernel.check import Sequent, check
from verify.kernel.point import evaluate
from verify.kernel.poly import Refused
from verify.language.grammar import parse_formula
from verify.language.term import Formula, Num, Term, free_names
from verify.provers.budget import Budget
from verify.provers.search import prove

pytestmark = pytest.mark.slow

CLAIMS: tuple[tuple[tuple[str, ...], str, tuple[str, ...]], ...] = (
    ((), "x**2 + y**2 >= 2*x*y", ()),
    (("x > 0",), "x + 1/x >= 2", ()),
    (("x >= 0", "y >= 0"), "(x + y)/2 >= sqrt(x*y)", ()),
    ((), "x**4 - x + 1 > 0", ()),
    ((), "exp(x) >= 1 + x", ()),
    (("x > 0",), "log(x) <= x - 1", ()),
    (("0 <= x <= 1",), "x*(1 - x) <= 1/4", ()),
    (("x >= 1", "y >= 2"), "x*y >= 2", ()),
    (("n >= 1",), "2*n >= n + 1", ("n",)),
    (("x == 2*y", "y > 1"), "x > 2", ()),
    (("0 <= x <= 1",), "exp(x) < 3", ()),
    ((), "abs(x) >= x", ()),
)
"""Hypotheses, a conclusion, and the integer variables."""

FALSE_CLAIMS = {
    "x**2 + y**2 >= 2*x*y": "x**2 + y**2 > 2*x*y",
    "x + 1/x >= 2": "x + 1/x >= 3",
    "(x + y)/2 >= sqrt(x*y)": "(x + y)/3 >= sqrt(x*y)",
    "x**4 - x + 1 > 0": "x**4 - 2*x + 1 > 0",
    "exp(x) >= 1 + x": "exp(x) > 1 + x",
    "log(x) <= x - 1": "log(x) < x - 1",
    "x*(1 - x) <= 1/4": "x*(1 - x) < 1/4",
    "x*y >= 2": "x*y > 2",
    "2*n >= n + 1": "2*n > n + 1",
    "x > 2": "x > 3",
    "exp(x) < 3": "exp(x) < 27/10",
    "abs(x) >= x": "abs(x) > x",
}


@cache
def saved(number: int) -> dict[str, Any]:
    """The certificate for a claim, found by the search."""
    hypotheses, conclusion, integers = CLAIMS[number]
    obligation = Obligation(
        tuple(map(parse_formula, hypotheses)), parse_formula(conclusion), frozenset(integers)
    )
    proof = prove(obligation.sequent(), Budget.of(20.0))
    assert proof is not None, conclusion
    return save(obligation, dict(proof))


def variants(data: Any) -> Iterator[Any]:
    """The data with one leaf changed, one element dropped, or one field renamed or removed."""
    if isinstance(data, dict):
        for key, value in data.items():
            yield from ({**data, key: other} for other in variants(value))
            without = {name: item for name, item in data.items() if name != key}
            yield without
            yield {**without, key + "_": value}
    elif isinstance(data, list | tuple):
        for position, value in enumerate(data):
            before, after = list(data[:position]), list(data[position + 1 :])
            yield from ([*before, other, *after] for other in variants(value))
            yield [*before, *after]
    elif isinstance(data, bool) or data is None:
        yield not data
    elif isinstance(data, int):
        yield from (data + 1, -1 - data, str(data), True)
    elif isinstance(data, str):
        yield from (f"{data} + 1", f"-({data})", data + "x", "", 0)
        if data.lstrip("-").replace("/", "").isdigit():
            yield str(Fraction(data) + 1)
            yield str(-Fraction(data))


MOST = 200

POINTS = [Fraction(p, q) for p in range(-5, 6) for q in (1, 2, 3)]


def holds_at_points(
    hypotheses: tuple[Formula, ...], conclusion: Formula, integers: frozenset[str]
) -> bool:
    """Whether the claim survives twenty exact points."""
    names = sorted(free_names(conclusion).union(*map(free_names, hypotheses)))
    for trial in range(20):
        point: dict[str, Term] = {
            name: Num(POINTS[(7 * trial + 13 * place + 5) % len(POINTS)])
            for place, name in enumerate(names)
        }
        if evaluate(hypotheses, conclusion, point, integers, 2_048).fails:
            return False
    return True


@pytest.mark.parametrize("number", range(len(CLAIMS)))
def test_a_changed_proof_proves_nothing_false(number: int) -> None:
    data = saved(number)
    assert recheck(data) == frozenset()
    obligation, _ = load(data)
    assert not isinstance(obligation.conclusion, dict)
    refused = kept = 0
    for proof in itertools.islice(variants(data["proof"]), MOST):
        try:
            recheck({**data, "proof": proof})
        except Refused:
            refused += 1
        else:
            kept += 1
    assert refused > kept
    # What was accepted proves the same claim again.
    sequent = obligation.sequent()
    assert holds_at_points(sequent.hypotheses, sequent.conclusion, sequent.integers)


@pytest.mark.parametrize("number", range(len(CLAIMS)))
def test_the_same_proof_does_not_prove_a_false_claim(number: int) -> None:
    data = saved(number)
    data_false = {**data, "conclusion": FALSE_CLAIMS[CLAIMS[number][1]]}
    with pytest.raises(Refused):
        recheck(data_false)
    for proof in itertools.islice(variants(data["proof"]), MOST):
        with pytest.raises(Refused):
            recheck({**data_false, "proof": proof})


@pytest.mark.parametrize("number", range(len(CLAIMS)))
def test_a_changed_obligation_is_proved_only_if_it_holds(number: int) -> None:
    data = saved(number)
    obligation_fields = {name: item for name, item in data.items() if name != "proof"}
    for changed in variants(obligation_fields):
        candidate = copy.deepcopy({**changed, "proof": data["proof"]})
        try:
            recheck(candidate)
        except Refused:
            continue
        obligation, _ = load(candidate)
        sequent = obligation.sequent()
        assert holds_at_points(sequent.hypotheses, sequent.conclusion, sequent.integers)


SIDES = st.sampled_from(["0", "1", "x", "y", "x*y", "x**2", "1/x", "sqrt(x)", "abs(x)", "x - y"])
RELATIONS = st.tuples(SIDES, st.sampled_from([">=", ">", "<", "==", "!="]), SIDES).map(" ".join)
INDICES = st.integers(0, 4)
COEFFICIENTS = st.sampled_from(["1", "2", "1/2", "1/4"])
PRODUCTS = st.tuples(COEFFICIENTS, st.lists(INDICES, max_size=2), st.lists(SIDES, max_size=1)).map(
    list
)
LEAVES: st.SearchStrategy[dict[str, Any]] = st.one_of(
    st.just({"rule": "given"}),
    st.fixed_dictionaries(
        {
            "rule": st.just("refute"),
            "products": st.lists(PRODUCTS, min_size=1, max_size=3),
            "equations": st.lists(st.tuples(INDICES, SIDES).map(list), max_size=1),
        }
    ),
    st.fixed_dictionaries(
        {
            "rule": st.just("line"),
            "facts": st.lists(INDICES, min_size=1, max_size=3),
            "separators": st.sampled_from([[], ["1/2"], ["-1/2"], ["-1/2", "1/2"], ["1/3", "3"]]),
        }
    ),
)


def _grown(inner: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    def rule(name: str, **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
        return st.fixed_dictionaries({"rule": st.just(name), **fields})

    return st.one_of(
        rule("split", on=RELATIONS, yes=inner, no=inner),
        rule("cut", fact=RELATIONS, by=inner, then=inner),
        rule("absurd", then=inner),
        rule("generalise", term=SIDES, fresh=st.just("t"), then=inner),
        rule("rewrite", term=SIDES, by=SIDES, proof=inner, then=inner),
        rule("zero power", base=SIDES, exponent=SIDES, then=inner),
        rule("unfold", then=inner),
    )


@settings(derandomize=True, max_examples=60, deadline=None)
@given(
    st.lists(RELATIONS, max_size=2),
    RELATIONS,
    st.recursive(LEAVES, _grown, max_leaves=3),
)
def test_random_certificates_prove_only_what_holds(
    hypotheses: list[str], conclusion: str, proof: dict[str, Any]
) -> None:
    given_formulas, goal = tuple(map(parse_formula, hypotheses)), parse_formula(conclusion)
    try:
        check(Sequent(given_formulas, goal), proof)
    except Refused:
        return
    assert holds_at_points(given_formulas, goal, frozenset())
