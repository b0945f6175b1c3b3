"""Points at which facts seem to hold, which tell what is not worth a search."""

from __future__ import annotations

import numpy as np
import pytest

from verify.kernel.context import Context
from verify.language.grammar import parse_formula, parse_term
from verify.language.term import Entry, Formula, Rel, Sym, Term, map_terms, nnf, replace
from verify.provers import sample
from verify.provers.sample import cloud, guess_sign, plausible, tight_points

ENTRIES: dict[Term, Term] = {Sym(f"z_{i}"): Entry("z", (Sym(i),)) for i in ("i", "j")}


def formula(text: str) -> Formula:
    return map_terms(nnf(parse_formula(text)), lambda side: replace(side, ENTRIES))


def given(*facts: str) -> Context:
    return Context().having(*map(formula, facts))


@pytest.mark.parametrize(
    ("facts", "goal", "may_hold"),
    [
        (["z_j >= 1", "b > 0"], "z_j*b >= b", True),
        (["z_j >= 1", "b > 0"], "z_j*b >= 2*b", False),
        (["z_i >= 1", "z_j >= 2"], "z_i >= z_j", False),
        (["z_j >= 1"], "z_j >= s", False),
        (["z_j >= 1"], "0 == 1", False),
        (["s <= z_j"], "s != 0", False),
        (["s^2 >= 1"], "s != 0", True),
    ],
)
def test_entries_of_arrays_have_values_like_variables(
    facts: list[str], goal: str, may_hold: bool
) -> None:
    assert plausible(given(*facts), formula(goal)) == may_hold


def test_whole_numbers_are_not_moved_between_others() -> None:
    context = given("n >= 0")
    whole = Context(context.facts, (), frozenset(("n",)))
    assert not plausible(context, formula("n != 1/2"))
    assert plausible(whole, formula("n != 1/2"))
    assert not plausible(whole, formula("n != 2"))


def test_signs_are_guessed_of_what_has_entries() -> None:
    context = given("z_j >= 1", "z_i >= 0", "j >= 1")
    assert guess_sign(context, replace(parse_term("z_j + z_i"), ENTRIES)) == 1
    assert guess_sign(context, replace(parse_term("z_j - z_i"), ENTRIES)) == 0


def test_no_places_of_equality_are_named_for_what_has_entries() -> None:
    goal = formula("z_j >= 1")
    assert isinstance(goal, Rel)
    assert tight_points(given("z_j >= 1"), goal) == []


def test_facts_without_points_are_not_sampled_with_more(monkeypatch: pytest.MonkeyPatch) -> None:
    facts = ["u >= 1", "u^2 + v^2 <= 1/2"]
    empty = cloud(given(*facts))
    assert empty is not None
    assert not any(map(len, empty.values()))
    monkeypatch.setattr(sample, "_sampled", lambda *_: pytest.fail("sampled again"))
    again = cloud(given("w >= 0", *facts))
    assert again is not None
    assert set(again) == {"u", "v", "w"}
    assert all(np.size(values) == 0 for values in again.values())
