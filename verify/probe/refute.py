"""The search for counterexamples of a claim, and for points that satisfy its hypotheses.

Candidates come from grids of simple numbers, from boundaries solved in closed form, from descent in
floating point and from z3. Each is confirmed by the kernel at the point itself, in the original
claim; whatever suggested it decides nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from verify.kernel.check import Sequent
from verify.kernel.point import Point
from verify.language.render import text
from verify.language.term import FALSE, free_names
from verify.probe._judge import outcome_at
from verify.probe._search import Search
from verify.probe.shrink import shrink
from verify.probe.smt import attest
from verify.provers.budget import Budget

__all__ = ["Counterexample", "attest", "find_counterexample", "find_witness"]

SHRINK_SECONDS = 1.5


@dataclass(frozen=True, slots=True)
class Counterexample:
    """A point at which every hypothesis holds and the conclusion does not, and the subterm of the
    conclusion that is undefined there, if that is why."""

    point: Point
    undefined: str | None


def find_counterexample(
    sequent: Sequent,
    budget: Budget,
    seed: int = 0,
    reference: Mapping[str, Fraction] | None = None,
) -> Counterexample | None:
    """A counterexample that the kernel confirms, shrunk; None if none was found in the time.

    ``reference`` gives usual values of the parameters: they are tried, and kept where possible.
    """
    point = Search(sequent, budget.share(0.8), seed, reference or {}).run()
    if point is None:
        return None
    small = shrink(sequent, point, budget.share(1.0, SHRINK_SECONDS), reference or {})
    outcome = outcome_at(sequent, dict(small))
    undefined = None if outcome is None else outcome.undefined
    return Counterexample(small, None if undefined is None else text(undefined))


def find_witness(sequent: Sequent, budget: Budget, seed: int = 0) -> Point | None:
    """A point at which every hypothesis holds, confirmed by the kernel; None if none was found."""
    premises = Sequent(sequent.hypotheses, FALSE, sequent.integers)
    others = free_names(sequent.conclusion)
    point = Search(premises, budget, seed, {}, others).run()
    return None if point is None else shrink(premises, point, budget.share(1.0, SHRINK_SECONDS), {})
