"""What a statement takes for granted about its sums and indices is among its hypotheses."""

from __future__ import annotations

import pytest
from sympy import Function, IndexedBase, Integer, KroneckerDelta, Rational, Sum

from verify.engine.statements import check_statement
from verify.kernel.poly import Refused
from verify.language.statement import Hypothesis, Index, Paper, Param, Stacked, Statement
from verify.language.sympy_terms import eq, ge, symbols

n, c, q, j, i = symbols("n c q j i")
r, a = Function("r"), IndexedBase("a")
SIZES = tuple(
    Param(size, "a size", Integer(value), integer=True, where=(ge(size, 1),))
    for size, value in ((n, 4), (c, 2), (q, 2))
)


def verdict(statement: Statement) -> str:
    paper = Paper("p", "P", "", "", (), (statement,))
    return check_statement(paper, statement, 5.0, 0).claim.verdict


def test_rows_are_copies_of_all_classes_where_a_hypothesis_says_so() -> None:
    # Of n = 7 rows in c = 2 classes, 4 are in the first one, whatever q is.
    statement = Statement(
        id="1",
        title="copies",
        kind="lemma",
        section="1",
        params=SIZES,
        conclusion=eq(Sum(KroneckerDelta(r(j), 1), (j, 1, n)), q),
        stacked=(Stacked("r", n, c, q),),
    )
    with pytest.raises(Refused, match="nothing says that the rows of r are its copies"):
        verdict(statement)
    assert verdict(statement.but(hypotheses=(Hypothesis(eq(n, c * q)),))) == "proved"


def test_an_index_is_in_a_range_of_natural_size() -> None:
    # With n = 1/2 the range has no last index.
    real = Param(n, "a size", Rational(1, 2), where=(ge(n, Rational(1, 2)),))
    statement = Statement(
        id="1",
        title="range",
        kind="lemma",
        section="1",
        params=(real,),
        conclusion=ge(n, 1),
        indices=(Index(i, n),),
    )
    with pytest.raises(Refused, match="nothing says that i is an index in a range"):
        verdict(statement)
