"""What strategies look like, and how they ask for proofs of what they need."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from verify.kernel.context import Context
from verify.language.term import Formula
from verify.provers.budget import Budget

Proof = Mapping[str, Any]
Tactic = Callable[[Context, Formula, Budget], Proof | None]
"""Tries to prove one relation, known to be defined, or a contradiction (``FALSE``)."""


class DeadEnd(Exception):
    """A strategy has put the goal into a better form and could not prove that: there is no use in
    trying others on the form before."""


class Prove(Protocol):
    """Proves what a strategy needs, by all strategies up to an effort."""

    @property
    def effort(self) -> int:
        """How hard to try: 0, 1 or 2."""

    @property
    def depth(self) -> int:
        """How many strategies have asked for this: 0 for the claim itself."""

    def __call__(self, context: Context, goal: Formula, budget: Budget) -> Proof | None:
        """A proof of the goal in the context, or None."""

    def easier(self) -> Prove:
        """The same with less effort."""


Reduction = Callable[[Prove, Context, Formula, Budget], Proof | None]
"""Proves a goal from others, which it asks for."""
