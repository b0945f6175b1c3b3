"""Subdivision: a box is cut until on every piece some fact fails.

A piece is excluded by the enclosure of a fact, or by its mean value form, which is sharper on small
pieces. Works for claims with a margin on bounded sets, whatever the functions; a claim that holds
with equality somewhere has no such proof, and is given up early.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from flint import arb

from verify.kernel.ball import decide, decide_on, interval, precision
from verify.kernel.context import Context, linear_bound, refutation_context
from verify.kernel.derivative import derivative, smooth_conditions
from verify.kernel.poly import Refused, difference, rational
from verify.language.floats import to_float
from verify.language.term import Formula, Rel, free_names
from verify.provers.budget import Budget
from verify.provers.elementary_tape import Tape

Piece = dict[str, tuple[Fraction, Fraction]]
Proof = Mapping[str, Any]

MAX_PIECES = 20_000
MAX_CUTS = 44
PRECISIONS = (64, 256)
TRIES = 24


@dataclass(slots=True)
class _Candidate:
    """A fact that may fail: its sides on the tape, and what its mean value form needs."""

    index: int
    rel: Rel
    sides: tuple[int, int]
    gap: int = -1
    smooth: list[tuple[Rel, int, int]] = field(default_factory=list)
    gradient: list[tuple[str, int]] | None = None


def boxes(context: Context, goal: Formula, budget: Budget) -> Proof | None:
    """A proof by subdivision, for a goal whose variables have literal bounds."""
    return subdivide(context, goal, budget)


def subdivide(
    context: Context,
    goal: Formula,
    budget: Budget,
    most: int = MAX_PIECES,
    using: Sequence[Rel] | None = None,
) -> Proof | None:
    """A proof by subdivision into at most so many pieces, or None.

    All facts are used, and the box has the variables that they connect with the goal's; or only the
    goal's variables and the given facts about them.
    """
    try:
        inner = refutation_context(context, goal)
    except Refused:
        return None
    negated = range(len(context.facts), len(inner.facts))
    box = _box(inner, goal, using is None)
    if box is None:
        return None
    for bits in PRECISIONS:
        with precision(bits):
            search = _Subdivision(inner, negated, box, using, budget, most)
            tree = search.run() if search.candidates else None
        if tree is not None:
            return {
                "rule": "boxes",
                "box": {name: [str(low), str(high)] for name, (low, high) in box.items()},
                "precision": bits,
                "tree": tree[0],
            }
        if not search.blurred:
            return None
    return None


def _box(context: Context, goal: Formula, linked: bool) -> Piece | None:
    """The literal bounds of the goal's variables, and perhaps of others that share facts with
    them."""
    bounded = {
        name: (low, high)
        for name, (low, high) in context.bounds.items()
        if low is not None and high is not None
    }
    wanted = free_names(goal)
    if not wanted <= set(bounded):
        return None
    grown = linked
    while grown:
        grown = False
        for fact in context.facts:
            names = free_names(fact)
            if names <= set(bounded) and names & wanted and not names <= wanted:
                wanted, grown = wanted | names, True
    if any(low > high for low, high in bounded.values()):
        return None
    return {name: bounded[name] for name in sorted(wanted)}


class _Subdivision:
    """One run of the subdivision at the working precision in force."""

    def __init__(
        self,
        context: Context,
        negated: range,
        box: Piece,
        using: Sequence[Rel] | None,
        budget: Budget,
        most: int,
    ) -> None:
        self.box, self.budget, self.most = box, budget, most
        self.blurred = False
        self.names = tuple(box)
        self.tape = Tape((), self.names)
        self.slopes = Tape((), self.names)
        self.candidates: list[_Candidate] = []
        for index in reversed(range(len(context.facts))):
            fact = context.facts[index]
            if index in negated:
                self._add(context, index, True)
            elif using is not None and fact not in using:
                continue
            elif free_names(fact) <= set(box) and not linear_bound(fact) and _fails(fact, box):
                self._add(context, index, not negated)

    def _add(self, context: Context, index: int, smoothly: bool) -> None:
        try:
            fact = context.usable(index)
            sides = (self.tape.slot(fact.left), self.tape.slot(fact.right))
        except Refused:
            return
        candidate = _Candidate(index, fact, sides)
        self.candidates.append(candidate)
        if not smoothly or len(self.candidates) > 4:
            return
        gap = difference(fact)
        try:
            gradient = [(name, derivative(gap, name)) for name in sorted(free_names(gap))]
            candidate.gap = self.tape.slot(gap)
            candidate.smooth = [
                (rel, self.slopes.slot(rel.left), self.slopes.slot(rel.right))
                for rel in smooth_conditions(gap)
            ]
            candidate.gradient = [(name, self.slopes.slot(term)) for name, term in gradient]
        except Refused:
            candidate.gradient = None

    def run(self) -> list[Any] | None:
        """The tree in a list of one, or None."""
        result: list[Any] = []
        stack: list[tuple[Piece, list[Any], int]] = [(self.box, result, 0)]
        pieces = 0
        while stack:
            piece, place, depth = stack.pop()
            pieces += 1
            if pieces % 16 == 0:
                self.budget.check()
            if pieces > self.most:
                return None
            node, cut = self._decide(piece)
            if node is not None:
                place.append(node)
                continue
            if cut is None or depth > MAX_CUTS * len(self.names):
                return None
            if depth >= 8 and depth % 4 == 0 and self._hopeless(piece):
                return None
            name, at = cut
            low, high = piece[name]
            branch: list[Any] = [name, str(at)]
            halves: list[Any] = []
            place.append((branch, halves))
            stack.append(({**piece, name: (at, high)}, halves, depth + 1))
            stack.append(({**piece, name: (low, at)}, halves, depth + 1))
        return [_assembled(result[0])]

    def _decide(self, piece: Piece) -> tuple[Any, tuple[str, Fraction] | None]:
        """A leaf that excludes the piece, or where to cut it."""
        balls = {name: interval(*bounds) for name, bounds in piece.items()}
        values = self.tape.run(balls)
        for candidate in self.candidates:
            left, right = candidate.sides
            if decide(values[left], candidate.rel.op, values[right]) is False:
                return candidate.index, None
        if not piece:
            self.blurred = True
            return None, None
        widths = {name: high - low for name, (low, high) in piece.items()}
        slopes: list[arb] | None = None
        smear: dict[str, float] = {}
        for candidate in self.candidates:
            if candidate.gradient is None:
                continue
            slopes = self.slopes.run(balls) if slopes is None else slopes
            if self._mean_value(candidate, piece, balls, slopes):
                return [candidate.index], None
            if not smear:
                smear = _smear(candidate.gradient, slopes, widths)
        return None, _cut(piece, smear)

    def _mean_value(
        self, candidate: _Candidate, piece: Piece, balls: dict[str, arb], slopes: list[arb]
    ) -> bool:
        if not all(decide(slopes[a], rel.op, slopes[b]) for rel, a, b in candidate.smooth):
            return False
        middle = {name: arb(rational((low + high) / 2)) for name, (low, high) in piece.items()}
        total = self.tape.run(middle)[candidate.gap]
        for name, slot in candidate.gradient or ():
            total = total + slopes[slot] * (balls[name] - middle[name])
        return decide(total, candidate.rel.op, arb(0)) is False

    def _hopeless(self, piece: Piece) -> bool:
        """Whether all facts hold in the middle of a piece, or cannot be told apart there."""
        middle = {name: arb(rational((low + high) / 2)) for name, (low, high) in piece.items()}
        truths = [decide_on(candidate.rel, middle) for candidate in self.candidates]
        if all(truth is True for truth in truths):
            return True
        if not any(truth is False for truth in truths):
            self.blurred = True
            return True
        return False


def _fails(fact: Rel, box: Piece) -> bool:
    """Whether a fact fails somewhere in the box, as far as a few points can tell."""
    source = random.Random(0)
    for _ in range(TRIES):
        point = {
            name: arb(rational(low + (high - low) * Fraction(source.randint(0, 64), 64)))
            for name, (low, high) in box.items()
        }
        try:
            if decide_on(fact, point) is not True:
                return True
        except Refused:
            return False
    return False


def _smear(
    gradient: list[tuple[str, int]], slopes: list[arb], widths: dict[str, Fraction]
) -> dict[str, float]:
    found: dict[str, float] = {}
    for name, slot in gradient:
        size = slopes[slot].abs_upper()
        if size.is_finite():
            found[name] = float(size) * float(widths[name])
    return found if len(found) == len(widths) else {}


def _cut(piece: Piece, smear: dict[str, float]) -> tuple[str, Fraction] | None:
    """The variable that matters most, and its middle; the geometric middle of a wide range."""
    weight = smear if any(smear.values()) else {n: to_float(b - a) for n, (a, b) in piece.items()}
    name = max(sorted(weight), key=lambda n: weight[n])
    low, high = piece[name]
    if low == high:
        return None
    if low > 0 and high > 16 * low:
        middle = low * Fraction(1 << (int(high / low).bit_length() // 2))
    elif high < 0 and low < 16 * high:
        middle = high * Fraction(1 << (int(low / high).bit_length() // 2))
    else:
        middle = (low + high) / 2
    return name, _simple(low, middle, high)


def _simple(low: Fraction, middle: Fraction, high: Fraction) -> Fraction:
    """A number with few digits close to the middle."""
    below = middle.denominator
    if below & (below - 1) == 0 and below.bit_length() < 64:
        return middle
    quarter = (high - low) / 4
    bits = 0
    while Fraction(1, 1 << bits) > quarter:
        bits += 1
    near = Fraction(round(middle * (1 << bits)), 1 << bits)
    return near if low < near < high and abs(near - middle) <= quarter else middle


def _assembled(node: Any) -> Any:
    """The tree, once both halves of every cut are known."""
    if not isinstance(node, tuple):
        return node
    branch, halves = node
    return [*branch, *(_assembled(half) for half in halves)]
