"""Domains that an author has forgotten: seen where a claim fails because it is undefined."""

from __future__ import annotations

from verify.engine.results import Counterexample
from verify.kernel.point import evaluate
from verify.language.grammar import ExpressionError, parse_term
from verify.language.term import Formula, conditions, free_names, relations


def missing(
    conclusion: Formula, integers: frozenset[str], found: Counterexample | None
) -> Formula | None:
    """A condition under which the conclusion would be defined at a counterexample, or None.

    None also where the conclusion is defined there, or where no single condition can be named.
    """
    if found is None or found.undefined is None:
        return None
    try:
        point = {name: parse_term(value) for name, value in found.point.items()}
    except ExpressionError:
        return None
    for relation in relations(conclusion):
        for needed in (*conditions(relation.left), *conditions(relation.right)):
            # What has no variables no hypothesis can make true.
            if not free_names(needed):
                continue
            if evaluate((), needed, point, integers).conclusion is not True:
                return needed
    return None
