"""Changes of a claim: each in one place, each once, all kinds."""

from __future__ import annotations

from itertools import islice

import pytest

from verify.language.grammar import parse_formula
from verify.language.render import text
from verify.language.term import And, Rel, nnf, relations
from verify.probe.mutate import mutants

CLAIM = nnf(parse_formula("f >= 1/2*a*s^(2*b)"))


def shown(claim: str, *twins: tuple[str, str]) -> set[str]:
    return {text(mutant.formula) for mutant in mutants(nnf(parse_formula(claim)), twins)}


@pytest.mark.parametrize(
    ("claim", "mutant"),
    [
        ("f >= 1/2", "f <= 1/2"),
        ("f >= 1/2", "f > 1/2"),
        ("f >= 1/2", "f >= 2/3"),
        ("f >= 1/2", "f >= 1/3"),
        ("f <= 1/n", "f <= 1/(n + 1)"),
        ("f <= 1/n", "f <= 1"),
        ("f == s^b", "f == s^(2*b)"),
        ("f == a*s", "f == a"),
        ("f == a*s", "f == a*a*s"),
        ("f == a - s", "f == a + s"),
        ("f == a + s", "f == s"),
    ],
)
def test_the_usual_slips_are_made(claim: str, mutant: str) -> None:
    assert text(nnf(parse_formula(mutant))) in shown(claim)


def test_names_that_are_easily_confused_are_exchanged_on_either_side() -> None:
    assert {"f*b >= a", "f*a >= b"} & shown("f*a >= a", ("a", "b"))
    assert "b >= 1" in shown("a >= 1", ("a", "b"))


def test_each_is_new_and_none_is_the_claim() -> None:
    found = [mutant.formula for mutant in mutants(CLAIM, (("a", "s"),))]
    assert len(set(found)) == len(found)
    assert CLAIM not in found
    assert len(found) > 12


def test_of_two_relations_one_is_changed_and_the_other_stays() -> None:
    first, second = nnf(parse_formula("x >= 0")), nnf(parse_formula("x <= 1/2"))
    for mutant in mutants(And((first, second))):
        assert isinstance(mutant.formula, And)
        kept = [rel for rel in relations(mutant.formula) if rel in (first, second)]
        assert len(kept) == 1
        assert list(relations(mutant.formula)).index(kept[0]) == (0 if kept[0] == first else 1)


def test_every_kind_shows_early() -> None:
    early = [mutant.change for mutant in islice(mutants(CLAIM, (("a", "s"),)), 8)]
    assert {"direction", "strictness"} & set(early)
    assert any("times" in change for change in early)
    assert any(" to " in change for change in early)
    assert any(" for " in change for change in early)


def test_indices_and_sums_are_left_alone() -> None:
    rel = nnf(parse_formula("x >= 1"))
    assert isinstance(rel, Rel)
    assert all(isinstance(mutant.formula, Rel) for mutant in mutants(rel))
