"""Where a proof stands: a context, points at which it holds, and the cuts made on the way."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from flint import arb

from verify.kernel.ball import decide, enclose, precision
from verify.kernel.context import Context
from verify.kernel.poly import Refused, rational
from verify.language.render import text
from verify.language.term import Formula, Neg, Num, Rel, RelOp, Sym, Term, add, replace
from verify.provers.elementary_forms import tidy
from verify.provers.elementary_points import (
    BITS,
    ORIGIN,
    Point,
    extended,
    sample,
    solved_bound,
    truth,
    value,
)
from verify.provers.elementary_tape import names_in

Proof = Mapping[str, Any]

SAMPLES = 40
_SHARES = tuple(
    Fraction(n, d)
    for n, d in (
        (1, 10**6), (1, 10**4), (1, 1000), (1, 100), (1, 30), (1, 12), (1, 6), (1, 4), (1, 3),
        (5, 12), (1, 2), (7, 12), (2, 3), (3, 4), (5, 6), (11, 12), (29, 30), (99, 100),
        (999, 1000), (9999, 10**4), (999999, 10**6),
    )
)  # fmt: skip
_STEPS = tuple(
    Fraction(n, d)
    for n, d in (
        (1, 10**6), (1, 10**4), (1, 1000), (1, 100), (1, 20), (1, 5), (1, 2), (1, 1), (3, 2),
        (2, 1), (3, 1), (4, 1), (6, 1), (10, 1), (20, 1), (50, 1), (200, 1), (1000, 1),
    )
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Guide:
    """From where a claim about a variable is to be followed, by derivative after derivative."""

    start: Term
    side: str


class Place:
    """A context together with points at which its facts hold. Neither ever changes."""

    def __init__(
        self,
        context: Context,
        names: Iterable[str],
        hypotheses: tuple[Rel, ...],
        points: Sequence[Point] | None = None,
        grids: dict[str, list[Point]] | None = None,
        guides: Mapping[str, Guide | None] | None = None,
    ) -> None:
        self.context = context
        self.guides: Mapping[str, Guide | None] = guides or {}
        self.names = frozenset(names)
        self.hypotheses = hypotheses
        self._points = points
        self._grids: dict[str, list[Point]] = {} if grids is None else grids

    @classmethod
    def of(cls, context: Context, names: Iterable[str] = ()) -> Place:
        """The place where a proof in a context begins."""
        return cls(context, context.names | frozenset(names), context.facts)

    @property
    def points(self) -> Sequence[Point]:
        """Points over all variables; none where they are hard to find."""
        if self._points is None and len(self.names) == 1:
            self._points = self.grid(next(iter(self.names))) or None
        if self._points is None:
            self._points = sample(self.context, self.names, SAMPLES)
        return self._points

    def learn(self, *formulas: Formula) -> Place:
        """With consequences added: the points stay."""
        inner = self.context.having(*formulas)
        # A grid fills the range that is known for a variable, which may now be known better.
        grids = {
            name: grid
            for name, grid in self._grids.items()
            if not any(isinstance(f, Rel) and solved_bound(f, name) for f in formulas)
        }
        return Place(inner, self.names, self.hypotheses, self._points, grids, self.guides)

    def assume(self, *formulas: Formula) -> Place:
        """With hypotheses added: only some of the points stay."""
        rels = tuple(formula for formula in formulas if isinstance(formula, Rel))
        kept = [point for point in self.points if all(truth(rel, point) is True for rel in rels)]
        inner = self.context.having(*formulas)
        points = kept if len(kept) >= 6 else None
        hypotheses = (*self.hypotheses, *rels)
        return Place(inner, self.names, hypotheses, points, None, self.guides)

    @property
    def intermediate(self) -> frozenset[str]:
        """The variables that lie between others."""
        return frozenset(self.guides)

    def between(
        self, name: str, low: Term, high: Term, formulas: Sequence[Formula], guide: Guide | None
    ) -> Place:
        """With a new variable between two terms."""
        points = _thinned(extended(_thinned(self.points, SAMPLES), name, low, high, 2), 2 * SAMPLES)
        inner = self.context.having(*formulas)
        rels = tuple(formula for formula in formulas if isinstance(formula, Rel))
        hypotheses = (*self.hypotheses, *rels)
        names, guides = self.names | {name}, {**self.guides, name: guide}
        return Place(inner, names, hypotheses, points, None, guides)

    def points_for(self, names: frozenset[str]) -> Sequence[Point]:
        """Points that matter for a claim about some variables."""
        if len(names) == 1:
            (name,) = names
            return self.grid(name)
        return self.points

    def grid(self, name: str) -> list[Point]:
        """Points in increasing order for one variable, also close to the ends of its range.

        Only the facts about this variable alone are taken into account.
        """
        if name not in self._grids:
            self._grids[name] = self._grid(name)
        return self._grids[name]

    def _grid(self, name: str) -> list[Point]:
        own = [fact for fact in self.hypotheses if names_in(fact) == {name}]
        low, high = self.ends(name)
        with precision(BITS):
            if low is None and high is None:
                steps = [arb(rational(step)) for step in _STEPS]
                values = [-step for step in reversed(steps)] + [arb(0)] + steps
            elif high is None:
                start = value(low, ORIGIN) if low is not None else arb(0)
                values = [start + arb(rational(step)) for step in _STEPS]
            elif low is None:
                start = value(high, ORIGIN)
                values = [start - arb(rational(step)) for step in reversed(_STEPS)]
            else:
                left, right = value(low, ORIGIN), value(high, ORIGIN)
                width = right - left
                if left > 0 and right > 1000 * left:
                    ratio = (right / left).log()
                    values = [left * (ratio * arb(rational(share))).exp() for share in _SHARES]
                else:
                    values = [left + width * arb(rational(share)) for share in _SHARES]
            # An end that does not belong to the range would refute what holds in it.
            ends = [
                (end.value, at)
                for end, at in ((low, 0), (high, 10**6))
                if isinstance(end, Num) and not self.context.knows(Rel("!=", Sym(name), end))
            ]
            for number, at in ends:
                values.insert(at, arb(rational(number)))
            if low is None or high is None:
                values = self._within(name, values)
            points = [Point({name: arb(ball.mid())}) for ball in values]
            return [p for p in points if all(truth(fact, p) is not False for fact in own)]

    def _within(self, name: str, values: list[arb]) -> list[arb]:
        """Only values between those of points, where other variables limit this one."""
        linked = (names_in(fact) for fact in self.hypotheses)
        if not any(name in names and len(names) > 1 for names in linked):
            return values
        seen = [point[name] for point in self.points if name in point]
        if not seen:
            return values
        least = min(seen, key=lambda ball: float(ball.mid()))
        most = max(seen, key=lambda ball: float(ball.mid()))
        return [ball for ball in values if not (ball < least or ball > most)]

    def ends(self, name: str) -> tuple[Term | None, Term | None]:
        """The best constant bounds for a variable among the facts."""
        low: Term | None = None
        high: Term | None = None
        for op, bound in self.bounds(name):
            if names_in(bound):
                continue
            if op in (">=", ">") and (low is None or _above(bound, low)):
                low = bound
            if op in ("<=", "<") and (high is None or _above(high, bound)):
                high = bound
        return low, high

    def bounds(self, name: str) -> list[tuple[str, Term]]:
        """All facts of the form ``name op bound``."""
        found: dict[tuple[str, Term], None] = {}
        for fact in self.context.facts:
            bound = solved_bound(fact, name)
            if bound is not None:
                found[bound] = None
        return list(found)

    def bound_of(self, term: Term) -> list[tuple[RelOp, Fraction]]:
        """The literal bounds of a term among the facts."""
        return [
            (fact.op, fact.right.value)
            for fact in self.context.facts
            if fact.left == term and isinstance(fact.right, Num) and fact.op not in ("==", "!=")
        ]

    def refuted(self, goal: Rel) -> bool:
        """Whether a goal is seen to fail at a point, so that it cannot be proved."""
        points = self.points_for(names_in(goal))
        loose = any(fact.op == "==" for fact in self.context.facts)
        for point in points:
            if truth(goal, point) is False and not (loose and _nearly(goal, point)):
                return True
        return self._fails_at_end(goal)

    def _fails_at_end(self, goal: Rel) -> bool:
        """Whether a strict claim about one variable seems to be an equality at an end of its
        range, which belongs to it."""
        names = names_in(goal)
        if goal.op not in (">", "<") or len(names) != 1:
            return False
        (name,) = names
        for op, bound in self.bounds(name):
            if op not in (">=", "<=") or isinstance(bound, Num) or names_in(bound):
                continue
            if not any(
                op == weak and end == bound
                for weak, end in zip((">=", "<="), self.ends(name), strict=True)
            ):
                continue
            try:
                gap = value(replace(add(goal.left, Neg(goal.right)), {Sym(name): bound}), ORIGIN)
            except Refused:
                continue
            if gap.contains(0) and gap.rad() < 1e-25:
                return True
        return False


def _thinned(points: Sequence[Point], most: int) -> Sequence[Point]:
    """Some of the points, spread over all of them."""
    step = -(-len(points) // most)
    return points if step < 2 else points[::step]


def _above(left: Term, right: Term) -> bool:
    with precision(BITS):
        return decide(enclose(left, {}), ">", enclose(right, {})) is True


def _nearly(goal: Rel, point: Point) -> bool:
    """Whether a relation fails by so little that rounding may be to blame."""
    with precision(BITS):
        left, right = enclose(goal.left, point), enclose(goal.right, point)
        return bool(abs(left - right) < arb(2) ** -30 * (1 + abs(left) + abs(right)))


class Script:
    """A proof in the making: facts cut one after the other, then a conclusion."""

    def __init__(self, place: Place, cuts: Iterable[tuple[str, Proof]] = ()) -> None:
        self.place = place
        self._cuts = list(cuts)

    def fork(self) -> Script:
        """A copy that can go its own way."""
        return Script(self.place, self._cuts)

    @property
    def context(self) -> Context:
        """The context with all facts cut so far."""
        return self.place.context

    def learn(self, fact: Formula, proof: Proof) -> None:
        """Add a fact with its proof from the facts before it."""
        fact = tidy(fact)
        self._cuts.append((text(fact), proof))
        self.place = self.place.learn(fact)

    def instance(self, fact: Rel, name: str, *terms: Term) -> bool:
        """Add an instance of a known fact about functions, if its premises are known."""
        if self.context.knows(fact):
            return True
        proof = {"rule": "fact", "name": name, "terms": [text(term) for term in terms]}
        self.learn(fact, proof)
        return True

    def index(self, rel: Rel) -> int:
        """The number of a fact.

        Raises:
            ValueError: it is not among the facts as written.
        """
        return self.context.facts.index(rel)

    def close(self, proof: Proof) -> Proof:
        """The whole certificate, given the proof of the conclusion from all facts."""
        for fact, by in reversed(self._cuts):
            proof = {"rule": "cut", "fact": fact, "by": by, "then": proof}
        return proof
