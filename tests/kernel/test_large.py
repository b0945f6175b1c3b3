"""Families of points that refute claims about a constant that is large enough."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from lemmas.polynomial_attention import PAPER
from verify.engine.formal import formalise
from verify.engine.large import Large, refute_large
from verify.kernel.large import recheck_family
from verify.kernel.poly import Refused
from verify.language.codec import encode_term
from verify.language.term import Sym, num
from verify.provers.budget import Budget

BY_ID = {statement.id: statement for statement in PAPER.statements}


@pytest.fixture(scope="module")
def literal() -> Large:
    """The literal reading of Theorem 6.5: every beta from some beta_0 on, F = 0 on D_0."""
    statement = BY_ID["6.5/high-d0"]
    stated = statement.read_as(statement.readings[0])
    formal = formalise(stated)
    assert formal is not None
    found = refute_large(PAPER, stated, formal, Budget.of(20.0))
    assert found is not None
    return found


def test_a_literal_reading_is_refuted_by_a_family(literal: Large) -> None:
    assert recheck_family(literal.certificate) == frozenset(literal.axioms)
    assert literal.certificate["large"] == "beta"
    assert "no beta is large enough" in literal.explanation


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("large", "m"),
        ("number", "beta"),
        ("along", []),
        ("fixed", ["beta"]),
        ("opposite", {}),
        ("claim", {}),
    ],
)
def test_a_changed_family_is_refused(literal: Large, name: str, value: Any) -> None:
    with pytest.raises(Refused):
        recheck_family({**literal.certificate, name: value})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("beta", num(10_000)),  # it does not grow
        ("m", Sym("r")),  # it is fixed
        ("x_0", num(1)),  # a hypothesis fails
        ("a_0", num(1)),
        ("n", num(20_001)),
    ],
)
def test_a_family_with_another_value_is_refused(literal: Large, name: str, value: Any) -> None:
    changed = copy.deepcopy(literal.certificate)
    changed["family"][name] = encode_term(value)
    with pytest.raises(Refused):
        recheck_family(changed)


@pytest.mark.slow
def test_what_holds_from_some_constant_on_is_not_refuted() -> None:
    statement = BY_ID["6.9"]
    formal = formalise(statement)
    assert formal is not None
    assert refute_large(PAPER, statement, formal, Budget.of(3.0)) is None
