"""Questions that a hostile reviewer asks of a statement: the ground that all of them stand on.

Each question (does it hold without this hypothesis? would a changed claim be noticed?) is an
obligation like the claim itself. It is asked at many points at once, then of the prover, then of
the search for counterexamples.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from typing import Any, Literal

from verify.engine.formal import Formal
from verify.engine.results import Counterexample
from verify.engine.scalars import counterexample, is_scalar, scalars
from verify.kernel.check import Sequent, check
from verify.kernel.point import Point
from verify.kernel.poly import Refused
from verify.language.term import Formula
from verify.probe.field import Field, searched
from verify.provers.budget import Budget, OutOfTime
from verify.provers.lemma import NO_HELP, Assist, prove_goal

Answer = Literal["proved", "refuted", "unknown"]
Attack = Literal["none", "quick", "default", "hunt"]


@dataclass(frozen=True, slots=True)
class Effort:
    """How much work goes into each question: seconds for a field of points, and of proof, search
    and shrinking for each question; at how many points the kernel looks, and an exact probability
    is computed; and how many changed claims are tried."""

    points: float
    proof: float
    search: float
    shrink: float
    looks: int
    laws: int
    mutants: int


EFFORTS: Mapping[Attack, Effort] = {
    "quick": Effort(2.0, proof=0.6, search=0.0, shrink=0.3, looks=6, laws=12, mutants=6),
    "default": Effort(6.0, proof=3.0, search=3.0, shrink=1.0, looks=25, laws=80, mutants=40),
    "hunt": Effort(20.0, proof=20.0, search=60.0, shrink=3.0, looks=100, laws=600, mutants=400),
}
MAX_CASES = 2
"""How many times the effort of one proof several cases may take."""


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer to a question, with the counterexample that refutes."""

    answer: Answer
    counterexample: Counterexample | None = None


@dataclass
class Audit:
    """Asks questions about one statement; what they share is computed once.

    ``base`` are the hypotheses of the setting, which are never dropped: the points that are tried
    satisfy them, and lie on the boundaries of the others as well as on both sides of these.
    ``proof`` is the certificate of the claim itself, where there is one.
    """

    identifier: str
    formal: Formal
    base: tuple[Formula, ...]
    reference: Mapping[str, Fraction]
    effort: Effort
    seed: int = 0
    assist: Assist = NO_HELP
    proof: Mapping[str, Any] | None = None
    _proved: list[tuple[Formal, Formula, bool]] = field(default_factory=list)
    """What the prover was asked: several questions come down to the same obligation."""

    @cached_property
    def field(self) -> Field:
        """The points that are tried; found when they are first asked for."""
        return Field(
            self.base,
            self.formal.integers - frozenset(self.formal.theory.ranges),
            boundaries=self.formal.hypotheses,
            seed=self.seed,
            reference=self.reference,
            budget=Budget.counted(self.effort.points),
        )

    def decide(
        self, formal: Formal, goal: Formula, given: tuple[Formula, ...] = (), *, simple: bool = True
    ) -> Decision:
        """Whether a claim holds. ``given`` are facts that a counterexample may be assumed to
        satisfy; a proof does not use them. With ``simple``, a counterexample is made simpler."""
        found = self.refute(formal, goal, given, deep=False, simple=simple)
        if found is not None:
            return Decision("refuted", found)
        if self.proves(formal, goal):
            return Decision("proved")
        if self.effort.search:
            found = self.refute(formal, goal, given, deep=True, simple=simple)
        return Decision("unknown" if found is None else "refuted", found)

    def proves(self, formal: Formal, goal: Formula) -> bool:
        """Whether the prover finds a certificate that the kernel accepts, in every case."""
        for before, asked, answer in self._proved:
            if asked == goal and before == formal:
                return answer
        self._proved.append((formal, goal, self._is_proved(formal, goal)))
        return self._proved[-1][2]

    def _is_proved(self, formal: Formal, goal: Formula) -> bool:
        try:
            cases = scalars(formal, goal)
        except Refused:
            return False
        # Where indices may coincide, there are as many proofs in one.
        budget = Budget.counted(self.effort.proof * min(MAX_CASES, max(1, len(cases))))
        extra = tuple(dict.fromkeys(h for case in cases for h in case.sequent.hypotheses))
        shared = tuple(h for h in extra if all(h in case.sequent.hypotheses for case in cases))
        if cases:
            formal = replace(formal, hypotheses=shared)
        return prove_goal(formal.sequent().context(), goal, budget, self.assist) is not None

    def rechecks(self, formal: Formal, goal: Formula) -> bool:
        """Whether the kernel accepts the claim's own certificate under other hypotheses."""
        if self.proof is None:
            return False
        try:
            check(formal.sequent(goal), self.proof)
        except Refused:
            return False
        return True

    def refute(
        self,
        formal: Formal,
        goal: Formula,
        given: tuple[Formula, ...] = (),
        *,
        deep: bool,
        simple: bool = True,
    ) -> Counterexample | None:
        """A confirmed counterexample to a claim, at the points at hand or, if that is wanted, from
        a search of its own."""
        try:
            cases = scalars(formal, goal)
        except Refused:
            return None
        if not all(is_scalar(h) for h in self.base):
            return None
        for case in cases:
            asked = replace(case.sequent, hypotheses=(*case.sequent.hypotheses, *given))
            for point in self._suspects(asked, deep):
                budget = Budget.counted(self.effort.shrink) if simple else None
                found = counterexample(
                    self.identifier, case, formal.theory, point, budget, self.reference
                )
                if found is not None:
                    return found
        return None

    def fails(self, formal: Formal, goal: Formula, given: tuple[Formula, ...] = ()) -> bool:
        """Whether one of the points at hand is a confirmed counterexample."""
        return self.refute(formal, goal, given, deep=False, simple=False) is not None

    def _suspects(self, asked: Sequent, deep: bool) -> Iterator[Point]:
        try:
            if deep:
                budget = Budget.counted(self.effort.search)
                yield from searched(asked, budget, self.seed, self.reference)
            else:
                yield from self.field.refuting(asked, self.effort.looks)
        except OutOfTime:
            return
