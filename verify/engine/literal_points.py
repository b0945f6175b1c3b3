"""Claims about arrays that no definition explains, refuted at small sizes by adding everything up.

The entries are small integers drawn with a seed, the sums are added up term by term, and all
arithmetic is exact; nothing of the rules that unfold definitions is used.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from fractions import Fraction

from verify.engine.formal import Formal
from verify.engine.literal import Literal, NotLiteral, seeded, world_of
from verify.engine.results import Counterexample
from verify.language.statement import Statement
from verify.language.sympy_terms import to_term
from verify.language.term import Formula

SIZES = (1, 2, 3)
VALUES = (Fraction(2), Fraction(-3), Fraction(1, 2))
MOST = 60
SEED = 0
"""The seed with which entries are drawn when a statement is evaluated at a point."""


def literal_refutation(
    statement: Statement, formal: Formal, goal: Formula
) -> Counterexample | None:
    """Small sizes and seeded entries at which a claim fails, or None."""
    if formal.theory.families:
        return None
    for values in itertools.islice(_settings(statement, formal), MOST):
        try:
            literal = Literal(world_of(statement, values, seeded(SEED)))
            fails = not literal.holds(goal)
        except NotLiteral:
            continue
        if fails:
            shown = {name: str(value) for name, value in values.items()}
            settings = " ".join(f"{name}={value}" for name, value in shown.items())
            return Counterexample(
                shown, command=f"python -m verify at {statement.id} --set {settings}"
            )
    return None


def _settings(statement: Statement, formal: Formal) -> Iterator[Mapping[str, Fraction]]:
    """Parameters and indices at which the hypotheses hold, small sizes first."""
    sizes = [param.name for param in statement.params if param.integer]
    reals = [param.name for param in statement.params if not param.integer]
    for row in itertools.product(SIZES, repeat=len(sizes)):
        values = {name: Fraction(value) for name, value in zip(sizes, row, strict=True)}
        values |= {name: VALUES[place % 3] for place, name in enumerate(reals)}
        try:
            plain = Literal(world_of(statement, values))
            if not all(plain.holds(h) for h in formal.hypotheses):
                continue
            ranges = [
                range(1, int(plain.value(to_term(index.size))) + 1) for index in statement.indices
            ]
        except NotLiteral:
            continue
        for places in itertools.product(*ranges):
            names = [str(index.symbol) for index in statement.indices]
            full = values | {n: Fraction(p) for n, p in zip(names, places, strict=True)}
            if _apart(statement, formal, full):
                yield full


def _apart(statement: Statement, formal: Formal, values: Mapping[str, Fraction]) -> bool:
    literal = Literal(world_of(statement, values))
    try:
        return all(literal.value(a) != literal.value(b) for a, b in formal.theory.distinct)
    except NotLiteral:
        return False
