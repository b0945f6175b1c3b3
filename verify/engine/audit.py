"""Questions that a hostile reviewer asks of a statement: the ground that all of them stand on.

Each question (does it hold without this hypothesis? would a changed claim be noticed?) is an
obligation like the claim itself. It is asked at many points at once, then of the prover, then of
the search for counterexamples. A refutation is accepted only where the kernel evaluates the
unfolded claim at an exact point, and indices exist there that are as different as the statement
says.
"""

from __future__ import annotations

import itertools
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any, Literal

from verify.engine.decide import confirmed
from verify.engine.formal import Formal
from verify.engine.results import Counterexample
from verify.kernel.check import Sequent, check, unfolded
from verify.kernel.point import Evaluator, Point, Undecided, Undefined
from verify.kernel.poly import Refused
from verify.kernel.sums import Theory
from verify.language.render import text
from verify.language.term import (
    ONE,
    ZERO,
    Add,
    Delta,
    Entry,
    Formula,
    Num,
    Rel,
    Sum,
    Sym,
    Term,
    free_names,
    map_terms,
    nnf,
    num,
    relations,
    subterms,
)
from verify.language.term import (
    replace as replace_terms,
)
from verify.provers.budget import Budget, OutOfTime
from verify.provers.lemma import Assist, prove_goal

Answer = Literal["proved", "refuted", "unknown"]
Attack = Literal["none", "quick", "default", "hunt"]

MAX_DELTAS = 3
MAX_PLACES = 20_000


@dataclass(frozen=True, slots=True)
class Effort:
    """How much work goes into each question: seconds of proof and of search for each, how many
    points the kernel looks at, and how many changed claims are tried."""

    points: float
    proof: float
    search: float
    shrink: float
    looks: int
    mutants: int


EFFORTS: Mapping[Attack, Effort] = {
    "quick": Effort(points=2.0, proof=1.0, search=0.0, shrink=0.2, looks=8, mutants=8),
    "default": Effort(points=6.0, proof=3.0, search=3.0, shrink=1.0, looks=25, mutants=40),
    "hunt": Effort(points=20.0, proof=20.0, search=60.0, shrink=3.0, looks=100, mutants=400),
}


@dataclass(frozen=True, slots=True)
class Choice:
    """Whether two indices agree, in one of the cases of a claim."""

    left: Term
    right: Term
    same: bool


@dataclass(frozen=True, slots=True)
class Scalar:
    """A claim between numbers: no array entry, no sum; in one case for the indices."""

    sequent: Sequent
    choices: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer to a question, with the counterexample that refutes."""

    answer: Answer
    counterexample: Counterexample | None = None


def is_scalar(formula: Formula) -> bool:
    """Whether no array entry, no sum and no comparison of indices is left."""
    return not any(
        isinstance(node, Entry | Sum | Delta)
        for rel in relations(formula)
        for side in (rel.left, rel.right)
        for node in subterms(side)
    )


def scalars(formal: Formal, goal: Formula) -> tuple[Scalar, ...]:
    """The cases of a claim after unfolding; none where array entries or sums are left.

    Two indices of one range can differ only where that has two places: a fact that is added to the
    hypotheses of the cases in which they do.

    Raises:
        Refused: a definition cannot be unfolded.
    """
    raw = nnf(unfolded(nnf(goal), formal.theory))
    deltas = list(_deltas(raw))
    if len(deltas) > MAX_DELTAS or formal.theory.families:
        return ()
    apart = tuple(Choice(a, b, same=False) for a, b in formal.theory.distinct)
    found = []
    for values in itertools.product((True, False), repeat=len(deltas)):
        table: dict[Term, Term] = {
            delta: ONE if same else ZERO for delta, same in zip(deltas, values, strict=True)
        }
        case = map_terms(raw, lambda side, t=table: replace_terms(side, t))  # type: ignore[misc]
        choices = (
            *apart,
            *(Choice(d.left, d.right, same) for d, same in zip(deltas, values, strict=True)),
        )
        hypotheses = (*formal.hypotheses, *_room(choices, formal.theory))
        if not all(is_scalar(h) for h in hypotheses) or not is_scalar(case):
            return ()
        found.append(Scalar(Sequent(hypotheses, case, formal.integers), choices))
    return tuple(found)


def _deltas(formula: Formula) -> dict[Delta, None]:
    return {
        node: None
        for rel in relations(formula)
        for side in (rel.left, rel.right)
        for node in subterms(side)
        if isinstance(node, Delta)
    }


def _room(choices: Sequence[Choice], theory: Theory) -> tuple[Rel, ...]:
    """What the sizes must be for the indices to differ."""
    found: dict[Rel, None] = {}
    for choice in choices:
        if choice.same:
            continue
        for side in (choice.left, choice.right):
            size = _range_of(side, theory)
            if size is not None:
                found[Rel(">=", size, num(2))] = None
    return tuple(found)


def _range_of(index: Term, theory: Theory) -> Term | None:
    match index:
        case Sym(name=name):
            return theory.ranges.get(name)
        case Entry(name=name) if name in theory.maps:
            return theory.maps[name].classes
        case Add(args=args):
            moving = [arg for arg in args if not isinstance(arg, Num)]
            return _range_of(moving[0], theory) if len(moving) == 1 else None
        case _:
            return None


def placed(scalar: Scalar, theory: Theory, point: Point) -> dict[str, int] | None:
    """Places for the indices, within their ranges and as different as the case says."""
    evaluator = Evaluator(point)
    names = sorted(theory.ranges)
    limit = len(names) + 1
    ranges = []
    for name in names:
        size = evaluator.exact(theory.ranges[name])
        if size is None or size < 1 or size.denominator != 1:
            return None
        if name in point:
            value = evaluator.exact(Sym(name))
            inside = value is not None and value.denominator == 1 and 1 <= value <= size
            ranges.append([int(value)] if inside and value is not None else [])
        else:
            ranges.append(list(range(1, min(int(size), limit) + 1)))
    for row in itertools.islice(itertools.product(*ranges), MAX_PLACES):
        values = dict(zip(names, row, strict=True))
        if all(_agrees(choice, values, theory, evaluator) for choice in scalar.choices):
            return values
    return None


def _agrees(
    choice: Choice, values: Mapping[str, int], theory: Theory, evaluator: Evaluator
) -> bool:
    left = _index(choice.left, values, theory, evaluator)
    right = _index(choice.right, values, theory, evaluator)
    return left is not None and right is not None and (left == right) is choice.same


def _index(
    index: Term, values: Mapping[str, int], theory: Theory, evaluator: Evaluator
) -> Fraction | None:
    match index:
        case Sym(name=name) if name in values:
            return Fraction(values[name])
        case Entry(name=name, indices=(inner,)) if name in theory.maps:
            place = _index(inner, values, theory, evaluator)
            classes = evaluator.exact(theory.maps[name].classes)
            return None if place is None or not classes else 1 + (place - 1) % classes
        case Add(args=args):
            parts = [_index(arg, values, theory, evaluator) for arg in args]
            known = [part for part in parts if part is not None]
            return sum(known, Fraction(0)) if len(known) == len(parts) else None
        case _ if free_names(index) <= {*values}:
            return evaluator.exact(index)
        case _:
            return evaluator.exact(index)


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
    assist: Assist = field(default_factory=Assist)
    proof: Mapping[str, Any] | None = None

    def __post_init__(self) -> None:
        from verify.probe.field import Field  # noqa: PLC0415 - numpy is slow to load

        self.field = Field(
            self.base,
            self.formal.integers - frozenset(self.formal.theory.ranges),
            boundaries=self.formal.hypotheses,
            seed=self.seed,
            reference=self.reference,
            budget=Budget.of(self.effort.points),
        )

    def decide(
        self, formal: Formal, goal: Formula, given: tuple[Formula, ...] = (), *, deep: bool = True
    ) -> Decision:
        """Whether a claim holds. ``given`` are facts that a counterexample may be assumed to
        satisfy; a proof does not use them."""
        found = self.refute(formal, goal, given, deep=False)
        if found is not None:
            return Decision("refuted", found)
        if self.proves(formal, goal):
            return Decision("proved")
        if deep and self.effort.search:
            found = self.refute(formal, goal, given, deep=True)
        return Decision("unknown" if found is None else "refuted", found)

    def proves(self, formal: Formal, goal: Formula) -> bool:
        """Whether the prover finds a certificate that the kernel accepts, in every case."""
        try:
            cases = scalars(formal, goal)
        except Refused:
            return False
        budget = Budget.of(self.effort.proof)
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
        self, formal: Formal, goal: Formula, given: tuple[Formula, ...] = (), *, deep: bool
    ) -> Counterexample | None:
        """A confirmed counterexample to a claim, at the points at hand or, if that is wanted, from
        a search of its own."""
        try:
            cases = scalars(formal, goal)
        except Refused:
            return None
        for case in cases:
            asked = replace(case.sequent, hypotheses=(*case.sequent.hypotheses, *given))
            for point in self._suspects(asked, deep):
                found = self._confirmed(case, formal.theory, point)
                if found is not None:
                    return found
        return None

    def _suspects(self, asked: Sequent, deep: bool) -> Iterator[Point]:
        from verify.probe.field import searched  # noqa: PLC0415

        try:
            if deep:
                budget = Budget.of(self.effort.search)
                yield from searched(asked, budget, self.seed, self.reference)
            else:
                yield from self.field.refuting(asked, self.effort.looks)
        except OutOfTime:
            return

    def _confirmed(self, case: Scalar, theory: Theory, point: Point) -> Counterexample | None:
        """The point in the claim itself, made simpler where that is possible."""
        from verify.probe.shrink import shrink  # noqa: PLC0415

        if self._places(case, theory, point) is None:
            return None
        if self.effort.shrink:
            budget = Budget.of(self.effort.shrink)
            smaller = shrink(case.sequent, point, budget, self.reference)
            if self._places(case, theory, smaller) is not None:
                point = smaller
        places = self._places(case, theory, point) or {}
        shown = {name: text(value) for name, value in sorted(point.items())}
        shown |= {name: str(value) for name, value in places.items()}
        settings = " ".join(shlex.quote(f"{name}={value}") for name, value in shown.items())
        command = f"python -m verify at {self.identifier} --set {settings}"
        found = confirmed(case.sequent, point, command)
        if found is None:
            return None
        point_shown = {**found.point, **{n: str(v) for n, v in places.items()}}
        return Counterexample(
            point_shown, found.undefined, found.command, found.left, found.right
        )

    def _places(self, case: Scalar, theory: Theory, point: Point) -> dict[str, int] | None:
        try:
            return placed(case, theory, point)
        except (Refused, Undefined, Undecided, OverflowError):
            return None

