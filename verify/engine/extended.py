"""Relations in one size that hold from some size on, proved for all larger ones.

Either the prover decides the relation at once, or it is a sum on the left of ``<=``, each summand
of which, up to a factor that does not change and is not negative, falls as the size grows: one
obligation for each kind of summand, and one that adds them up.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from verify.engine.replay import Replay
from verify.engine.results import StepResult
from verify.kernel.certificate import Obligation, save
from verify.kernel.point import Evaluator
from verify.language.codec import normal_formula
from verify.language.render import latex, text
from verify.language.term import (
    ONE,
    ZERO,
    Add,
    Call,
    Div,
    Formula,
    Mul,
    Neg,
    Num,
    Pow,
    Rel,
    RelOp,
    Sym,
    Term,
    free_names,
    num,
    replace,
    subterms,
)
from verify.provers.budget import Budget
from verify.provers.search import prove
from verify.provers.tactic import Proof

SECONDS = 10.0
BRIEFLY = 2.0
"""Seconds for a relation as a whole, which may need another argument."""

STARTS = (10**3, 10**6)
"""Summands are shown to fall from these sizes on, or from the first one that is asked about where
that is smaller: what is larger only makes the search harder."""

MAX_SUMMANDS = 12


class NoThreshold(ValueError):
    """A declaration that cannot be decided: says why."""


class Extended:
    """Proofs about all larger values of the variable ``name``; the same ones are found once."""

    def __init__(self, name: str, known: Replay) -> None:
        self._name, self._known = name, known
        self._found: dict[tuple[tuple[Formula, ...], Rel], Proof | None] = {}

    def whole(
        self, relation: Rel, least: int, last: int | None
    ) -> tuple[tuple[StepResult, ...], int | None]:
        """A proof of the relation as it stands for all values from ``least`` on, or else up to
        ``last``; its steps, and the ``last`` one where that was assumed. No steps where no proof
        was found.
        """
        size = Sym(self._name)
        given: list[tuple[Formula, ...]] = [(Rel(">=", size, num(least)),)]
        if last is not None:
            given.append((*given[0], Rel("<=", size, num(last))))
            given.sort(key=lambda facts: self._known.of(_obligation(facts, relation)) is None)
        for facts in given:
            steps = self._between(facts, relation)
            if steps:
                return steps, last if len(facts) > 1 else None
        return (), None

    def _between(self, given: tuple[Formula, ...], relation: Rel) -> tuple[StepResult, ...]:
        """The relation under bounds of the size; numbers that are rounded up are numbers within 1
        of what is rounded."""
        steps: list[StepResult] = []
        rounded: dict[Term, Term] = {}
        facts: list[Formula] = []
        for number, call in enumerate(_rounded_up(relation)):
            new = Sym(f"q_{number}")
            above = Rel("<", call, Add((call.args[0], ONE)))
            for rel in (Rel(">=", call, call.args[0]), above):
                steps.append(self._step(given, rel, "rounding up", BRIEFLY))
                facts.append(Rel(rel.op, new, rel.right))
            rounded[call] = new
        goal = Rel(relation.op, replace(relation.left, rounded), replace(relation.right, rounded))
        steps.append(self._step((*given, *facts), goal, "at all of these sizes", BRIEFLY))
        return tuple(steps) if all(step.verdict == "proved" for step in steps) else ()

    def falling(self, relation: Rel, least: int) -> tuple[StepResult, ...]:
        """Why the relation, which holds at ``least``, holds for all larger values.

        Raises:
            NoThreshold: it is not of the form ``sum <= bound``.
        """
        left, right = relation.left, relation.right
        if relation.op in (">=", ">"):
            left, right = right, left
        if relation.op in ("==", "!="):
            raise NoThreshold(f"{text(relation)} is not of the form sum <= bound")
        if self._name in free_names(right):
            raise NoThreshold(f"the bound {text(right)} depends on {self._name}")
        parts = self._parts(left)
        steps = [self._falls(part, least) for part in parts]
        facts: list[Formula] = []
        now, before = [], []
        for number in range(len(parts)):
            p, q, c = (Sym(f"{letter}_{number}") for letter in "pqc")
            facts += [Rel("<=", p, q), Rel(">=", c, ZERO)]
            now.append(Mul((c, p)))
            before.append(Mul((c, q)))
        op: RelOp = "<=" if relation.op in ("<=", ">=") else "<"
        bound = Sym("bound")
        held = Rel(op, Add((Sym("rest"), *before)), bound)
        goal = Rel(op, Add((Sym("rest"), *now)), bound)
        return (*steps, self._step((*facts, held), goal, "adds them up"))

    def _parts(self, left: Term) -> list[Term]:
        """The kinds of summands that change, without factors that do not.

        Raises:
            NoThreshold: a factor that does not change is not known to be nonnegative.
        """
        moving: dict[Term, None] = {}
        for summand in _summands(left):
            factors = _factors(summand)
            moving[_product([f for f in factors if self._name in free_names(f)])] = None
            still = _product([f for f in factors if self._name not in free_names(f)])
            if Evaluator({}).formula(Rel(">=", still, ZERO)) is not True:
                raise NoThreshold(f"whether {text(still)} is negative is not known")
        return [part for part in moving if part != ONE]

    def _falls(self, part: Term, least: int) -> StepResult:
        start = Sym("start")
        goal = Rel("<=", part, replace(part, {Sym(self._name): start}))
        from_on = [
            (Rel(">=", Sym(self._name), start), Rel(">=", start, num(place)))
            for place in dict.fromkeys(min(least, size) for size in STARTS)
        ]
        # What was proved before is not searched for from another size on.
        from_on.sort(key=lambda larger: self._known.of(_obligation(larger, goal)) is None)
        for larger in from_on:
            step = self._step(larger, goal, "falls as the size grows")
            if step.verdict == "proved":
                break
        return step

    def _step(
        self, hypotheses: tuple[Formula, ...], goal: Rel, reason: str, seconds: float = SECONDS
    ) -> StepResult:
        obligation = _obligation(hypotheses, goal)
        asked = hypotheses, goal
        if asked not in self._found:
            proof = self._known.of(obligation)
            if proof is None:
                proof = prove(obligation.sequent(), Budget.counted(seconds))
            self._found[asked] = proof
        proof = self._found[asked]
        shown = normal_formula(goal)
        return StepResult(
            1,
            text(shown),
            "unknown" if proof is None else "proved",
            latex(shown),
            reason,
            certificate=None if proof is None else save(obligation, proof),
        )


def _obligation(hypotheses: tuple[Formula, ...], goal: Rel) -> Obligation:
    """An obligation as it reads back from its certificate, so that a proof of it is found again."""
    return Obligation(tuple(map(normal_formula, hypotheses)), normal_formula(goal))


def _rounded_up(relation: Rel) -> list[Call]:
    sides = (relation.left, relation.right)
    found = (node for side in sides for node in subterms(side))
    return list(
        dict.fromkeys(node for node in found if isinstance(node, Call) and node.name == "ceil")
    )


def _summands(term: Term) -> Iterator[Term]:
    """The summands of a sum, products of sums multiplied out; all must be without a minus."""
    match term:
        case Add(args=args):
            for arg in args:
                yield from _summands(arg)
        case Mul(args=args):
            parts = [list(_summands(arg)) for arg in args]
            found: list[Term] = [ONE]
            for options in parts:
                found = [_product([*_factors(f), o]) for f in found for o in options]
                if len(found) > MAX_SUMMANDS:
                    raise NoThreshold("too many summands")
            yield from found
        case Div(num=top, den=bottom):
            for summand in _summands(top):
                yield _product([*_factors(summand), Div(ONE, bottom)])
        case Neg():
            raise NoThreshold("a summand of the finite form is subtracted")
        case _:
            yield term


def _factors(term: Term) -> list[Term]:
    match term:
        case Mul(args=args):
            return [factor for arg in args for factor in _factors(arg)]
        case Num() if term == ONE:
            return []
        case Div(num=top, den=bottom) if top != ONE:
            return [*_factors(top), Div(ONE, bottom)]
        case Pow(base=Div()) | Call():
            return [term]
        case Num(value=value) if value < 0:
            raise NoThreshold("a summand of the finite form has a negative coefficient")
    return [term]


def _product(factors: Sequence[Term]) -> Term:
    kept = [factor for factor in factors if factor != ONE]
    if not kept:
        return ONE
    return kept[0] if len(kept) == 1 else Mul(tuple(kept))
