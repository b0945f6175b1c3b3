"""What the tests of all packs ask of a pack."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

import pytest
import sympy

from verify.engine.formal import formalise
from verify.engine.recheck import recheck_document
from verify.engine.results import Result
from verify.engine.run import Settings, document
from verify.engine.statements import check_statement
from verify.kernel.chance import Chance
from verify.language.statement import Paper, Statement
from verify.provers.budget import Budget
from verify.provers.lemma import prove_goal

SECONDS = 20.0


def _parts(obj: Any) -> Iterator[Any]:
    """Everything inside declared values, down to the atoms of expressions."""
    if is_dataclass(obj) and not isinstance(obj, type):
        for field in fields(obj):
            yield from _parts(getattr(obj, field.name))
    elif isinstance(obj, Mapping):
        for item in obj.items():
            yield from _parts(item)
    elif isinstance(obj, tuple | list):
        for item in obj:
            yield from _parts(item)
    elif isinstance(obj, sympy.Basic):
        yield from sympy.preorder_traversal(obj)
    else:
        yield obj


@pytest.fixture
def declared_well() -> Callable[[Paper], None]:
    """Asserts what every pack promises about its declarations."""

    def check(paper: Paper) -> None:
        known = {statement.id for statement in paper.statements}
        titles = [(statement.lemma, statement.title) for statement in paper.statements]
        assert len(set(titles)) == len(titles)
        assert set(paper.expected) <= known
        listed = {item.id for item in paper.definitions}
        assert all(item.provenance for item in paper.definitions)
        assert not [part for part in _parts(paper) if isinstance(part, float | sympy.Float)]
        for statement in paper.statements:
            assert statement.provenance, statement.id
            assert statement.heading, statement.id
            assert set(statement.tags) == {item.tag for item in statement.provenance}
            cited = {*statement.uses, *(citation.id for citation in statement.proof.citations)}
            assert cited <= known - {statement.id}, statement.id
            assert set(statement.definitions) <= listed, statement.id
            assert formalise(statement) is not None, statement.id

    return check


@pytest.fixture
def reached() -> Callable[[Paper, Statement], Result]:
    """The result of a statement, after asserting that its verdict is the one the pack records.

    What is proved has a certificate that the kernel accepts again, saved and read back; what is
    refuted has a counterexample. The two libraries agree on every number.
    """

    def check(paper: Paper, statement: Statement) -> Result:
        result = check_statement(paper, statement, SECONDS, 0)
        assert result.claim.verdict == paper.expected.get(statement.id, "proved"), result.claim
        assert not result.numeric.disagreements
        if result.claim.verdict == "refuted":
            assert result.claim.counterexample is not None
        saved = document(paper, [result], Settings(1, 0, 1, "test"), 0.0, True)
        rechecked = recheck_document(saved)
        assert rechecked.refused == 0
        return result

    return check


@pytest.fixture
def proved() -> Callable[[Statement], bool]:
    """Whether a statement without probabilities is proved in a second: planted ones must not be."""

    def check(statement: Statement) -> bool:
        formal = formalise(statement)
        assert formal is not None
        assert not isinstance(formal.conclusion, Chance)
        context = formal.sequent().context()
        return prove_goal(context, formal.conclusion, Budget.of(1.0)) is not None

    return check
