"""Expressions of packs are read as they are written."""

from __future__ import annotations

import pytest
from sympy import Dummy, Mul, Pow, Sum, symbols

from verify.language.render import text
from verify.language.sympy_terms import LanguageError, to_term
from verify.language.term import free_names

i, j, n, x = symbols("i j n x")


def test_the_first_limit_is_that_of_the_innermost_sum() -> None:
    # i <= j <= n: the sum is n (n + 1) / 2, with no free index.
    total = to_term(Sum(1, (i, 1, j), (j, 1, n)))
    assert text(total) == "sum(j in 1..n: sum(i in 1..j: 1))"
    assert free_names(total) == {"n"}


@pytest.mark.parametrize(
    ("expression", "shown"),
    [
        (Mul(-2, x, Pow(x, -1), evaluate=False), "-(2*x/x)"),
        (Mul(x, Pow(x, -1), evaluate=False), "x/x"),
        (Pow(Mul(x, Pow(x, -1), evaluate=False), -2, evaluate=False), "1/(x/x)^2"),
        (Mul(-2, x + 1, evaluate=False), "-(2*(1 + x))"),
    ],
)
def test_what_is_not_evaluated_stays_as_it_is(expression: object, shown: str) -> None:
    assert text(to_term(expression)) == shown


def test_a_dummy_has_no_name_of_its_own() -> None:
    with pytest.raises(LanguageError, match="is a Dummy, which others may be called like"):
        to_term(Dummy("x") + x)
