"""What occurs in a relation, remembered: the search asks the same again and again."""

from __future__ import annotations

from functools import lru_cache

from verify.kernel.context import Context
from verify.kernel.poly import Refused, Ring
from verify.language.codec import normal_formula
from verify.language.term import Call, Formula, Pow, Rel, Term, free_names, subterms
from verify.provers.system import generator_terms

CACHE = 20_000


@lru_cache(maxsize=CACHE)
def names(rel: Rel) -> frozenset[str]:
    """The variables of a relation."""
    return free_names(rel)


@lru_cache(maxsize=CACHE)
def applications(rel: Rel) -> tuple[Term, ...]:
    """The function calls and powers in a relation, innermost first."""
    found = {
        node: None
        for side in (rel.left, rel.right)
        for node in subterms(side)
        if isinstance(node, Call | Pow)
    }
    return tuple(found)


@lru_cache(maxsize=CACHE)
def calls(rel: Rel) -> frozenset[str]:
    """The names of the functions in a relation."""
    return frozenset(node.name for node in applications(rel) if isinstance(node, Call))


@lru_cache(maxsize=CACHE)
def atoms(side: Term) -> tuple[Term, ...]:
    """A term for each atom of a term's normal form; none where it has no normal form."""
    try:
        return generator_terms(Ring((side,)))
    except Refused:
        return ()


@lru_cache(maxsize=CACHE)
def normal(formula: Formula) -> Formula:
    """A formula as it reads back from a certificate."""
    return normal_formula(formula)


def unused(context: Context, goal: Rel) -> str:
    """A name for a new variable."""
    taken = context.names | free_names(goal) | context.integers
    number = 1
    while f"z_{number}" in taken:
        number += 1
    return f"z_{number}"
