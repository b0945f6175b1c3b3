"""What is shown of claims: names for summation indices, and the texts of conclusions."""

from __future__ import annotations

import pytest

from lemmas.polynomial_attention import PAPER
from verify.engine.formal import formalise
from verify.engine.shown import readable
from verify.engine.view import statement_view
from verify.language.render import text
from verify.language.term import Entry, Formula, Mul, Rel, Sum, Sym, Term

K, L, N = Sym("k__0"), Sym("k__1"), Sym("n")


def total(body: Term, index: Term) -> Term:
    assert isinstance(index, Sym)
    return Sum(body, index.name, N)


@pytest.mark.parametrize(
    ("claim", "shown"),
    [
        (Rel(">=", total(Entry("u", (K,)), K), N), "sum(k in 1..n: u[k]) >= n"),
        (Rel(">=", total(Entry("k", (K,)), K), Sym("l")), "sum(i in 1..n: k[i]) >= l"),
        (Rel("==", total(total(Entry("u", (K, L)), L), K), total(Entry("v", (K,)), K)),
         "sum(k in 1..n: sum(l in 1..n: u[k, l])) == sum(k in 1..n: v[k])"),
        (Rel(">=", total(total(Mul((K, Sym("k"))), Sym("k")), K), N),
         "sum(l in 1..n: sum(k in 1..n: l*k)) >= n"),
        (Rel(">=", total(Entry("u", (Sym("i"),)), Sym("i")), N), "sum(i in 1..n: u[i]) >= n"),
    ],
)  # fmt: skip
def test_summation_indices_are_letters_of_their_own(claim: Formula, shown: str) -> None:
    assert text(readable(claim)) == shown


def test_a_tail_bound_is_one_probability() -> None:
    (statement,) = [item for item in PAPER.statements if item.id == "3.6"]
    shown = statement_view(statement, formalise(statement), None).conclusion.text
    assert shown.startswith("Pr[|X - E X| >= u] <= 2*exp(")
