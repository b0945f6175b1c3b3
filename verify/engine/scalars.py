"""Claims between numbers, which definitions unfold to, and points at which they fail.

What is left of the indices of an array is only which of them agree. A point is a counterexample
only where places exist for them that agree and differ as the claim says.
"""

from __future__ import annotations

import hashlib
import itertools
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from verify.engine.decide import confirmed
from verify.engine.formal import Formal
from verify.engine.numeric import margin_of
from verify.engine.results import Counterexample
from verify.kernel.check import Sequent, unfolded
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
    contains,
    map_terms,
    nnf,
    num,
    relations,
    subterms,
)
from verify.language.term import replace as replace_terms
from verify.provers.budget import Budget, OutOfTime

MAX_DELTAS = 3
MAX_PLACES = 20_000
SHRINK_SECONDS = 2.0
HUNTED = 100_000
"""More points than any hunt has time for."""


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


def is_scalar(formula: Formula) -> bool:
    """Whether no array entry, no sum and no comparison of indices is left."""
    return not contains(formula, Entry, Sum, Delta)


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
        case _:
            return evaluator.exact(index)


def counterexample(
    identifier: str,
    case: Scalar,
    theory: Theory,
    point: Point,
    budget: Budget | None,
    reference: Mapping[str, Fraction],
) -> Counterexample | None:
    """A point as a counterexample, made simpler in the time given, if any; None if it is none.

    The kernel evaluates the unfolded claim at the point, and the indices have places there.
    """
    from verify.probe.shrink import shrink  # noqa: PLC0415

    if _places(case, theory, point) is None:
        return None
    smaller = point if budget is None else shrink(case.sequent, point, budget, reference)
    places = _places(case, theory, smaller)
    if places is None:
        smaller, places = point, _places(case, theory, point) or {}
    shown = {name: text(value) for name, value in sorted(smaller.items())}
    shown |= {name: str(value) for name, value in places.items()}
    settings = " ".join(shlex.quote(f"{name}={value}") for name, value in shown.items())
    found = confirmed(case.sequent, smaller, f"python -m verify at {identifier} --set {settings}")
    if found is None:
        return None
    return Counterexample(shown, found.undefined, found.command, found.left, found.right)


def _places(case: Scalar, theory: Theory, point: Point) -> dict[str, int] | None:
    try:
        return placed(case, theory, point)
    except (Refused, Undefined, Undecided, OverflowError):
        return None


def refutation(
    identifier: str,
    formal: Formal,
    goal: Formula,
    budget: Budget,
    seed: int,
    reference: Mapping[str, Fraction],
    kept: Path | None = None,
) -> Counterexample | None:
    """A counterexample to a claim under the hypotheses of a statement, from a search.

    With a folder for what is ``kept``, Hypothesis goes on for as long as the search took; what it
    finds is written there, and tried first the next time.
    """
    from verify.probe.refute import find_counterexample  # noqa: PLC0415

    try:
        cases = scalars(formal, goal)
        for number, case in enumerate(cases):
            share = budget.share(1 / (len(cases) - number))
            part = share if kept is None else share.share(0.5)
            found = find_counterexample(case.sequent, part, seed, reference)
            point = None if found is None else found.point
            if point is None and kept is not None:
                point = _hunted(case.sequent, seed, share, kept)
            if point is not None:
                more = Budget.counted(SHRINK_SECONDS)
                shown = counterexample(identifier, case, formal.theory, point, more, reference)
                if shown is not None:
                    return shown
    except (Refused, OutOfTime):
        return None
    return None


def _hunted(sequent: Sequent, seed: int, budget: Budget, kept: Path) -> Point | None:
    """What Hypothesis finds, led by the margin of the first relation."""
    from verify.probe.sample import attack  # noqa: PLC0415

    rel = next(relations(sequent.conclusion), None)
    margin = None if rel is None else margin_of(rel)
    file = hashlib.sha256(repr(sequent.conclusion).encode()).hexdigest()[:24] + ".json"
    return attack(sequent, margin, HUNTED, seed, budget, kept / file).counterexample
