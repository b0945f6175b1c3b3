"""Every fact of the kernel's list, at many points: premises that hold, a conclusion that does not
would be a hole in the kernel."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from verify.kernel.functions import SCHEMAS, instance
from verify.kernel.point import Evaluator
from verify.kernel.poly import Refused
from verify.language.term import Call, Const, Formula, Mul, Num, Rel, Term, num

NUMBERS = st.one_of(
    st.integers(-4, 4).map(Fraction),
    st.fractions(-5, 5, max_denominator=12),
    st.sampled_from([Fraction(1, 10**6), Fraction(-1, 10**6), Fraction(200), Fraction(-200)]),
)
TERMS = st.one_of(
    NUMBERS.map(Num),
    NUMBERS.map(lambda share: Mul((Num(share), Const("pi")))),
    NUMBERS.map(lambda value: Call("atan", (Num(value),))),
)
"""Rationals, multiples of pi, and angles that are neither. Deltas of these have no value."""


def contradicted(premises: tuple[Rel, ...], conclusion: Formula) -> bool:
    """Whether the premises are decided true and the conclusion false."""
    here = Evaluator({}, 256)
    if not all(here.formula(premise) is True for premise in premises):
        return False
    return here.formula(conclusion) is False


@pytest.mark.parametrize("name", sorted(set(SCHEMAS) - {"delta_values"}))
@settings(max_examples=60, deadline=None, derandomize=True, database=None)
@given(data=st.data())
def test_no_instance_is_false(name: str, data: st.DataObject) -> None:
    terms: list[Term] = [data.draw(TERMS) for _ in range(SCHEMAS[name].arity)]
    if name in ("root_power", "root_sign"):
        terms[1] = num(data.draw(st.integers(2, 6)))
    try:
        premises, conclusion = instance(name, terms)
    except Refused:
        return
    assert not contradicted(premises, conclusion)


def test_a_false_fact_is_noticed() -> None:
    half, angle = num(Fraction(1, 2)), Call("atan", (num(Fraction(1, 2)),))
    assert contradicted((), Rel("==", Call("sin", (angle,)), half))
    assert contradicted((Rel(">", half, num(0)),), Rel(">", Call("log", (half,)), num(0)))
