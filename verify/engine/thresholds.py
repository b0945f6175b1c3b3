"""Explicit thresholds: from which size on a finite form holds, proved, beside the exact truth.

The finite form of a growth hypothesis is a sum on the left of ``<=``. At the threshold it is
decided exactly; that it holds for every larger size is proved by showing that each summand, up to
a factor that does not change and is not negative, falls: one obligation for each kind of summand,
and one that adds them up.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from verify.engine.figures import Subject
from verify.engine.reference import reference_point
from verify.engine.replay import Replay
from verify.engine.results import StepResult, ThresholdResult
from verify.kernel.certificate import Obligation, save
from verify.kernel.check import Sequent
from verify.kernel.point import Evaluator, Point
from verify.language.render import latex, text
from verify.language.statement import Statement, Threshold
from verify.language.sympy_terms import to_formula, to_term
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
    Sym,
    Term,
    free_names,
    num,
    replace,
)
from verify.provers.budget import Budget
from verify.provers.search import prove

SECONDS = 10.0
MAX_SUMMANDS = 12


class NoThreshold(ValueError):
    """A declaration that cannot be decided: says why."""


def decide_threshold(
    declared: Threshold, statement: Statement, known: Sequence[StepResult] = ()
) -> ThresholdResult:
    """From which value of the variable on the finite form holds, and from which on the claim does.

    Proofs of steps that are ``known`` are given to the kernel in place of a search.

    Raises:
        NoThreshold: the finite form is not ``sum <= bound``, or a value is not a number.
    """
    return _Decision(declared, statement, Replay(known)).result()


class _Decision:
    def __init__(self, declared: Threshold, statement: Statement, known: Replay) -> None:
        finite = to_formula(declared.finite)
        if not isinstance(finite, Rel) or finite.op != "<=":
            raise NoThreshold(f"{declared.title}: the finite form is a sum <= a bound")
        self.declared, self.statement, self.finite = declared, statement, finite
        self.subject = Subject(statement)
        self.known = known
        self.name = str(declared.variable)
        self.given = {str(name): to_term(value) for name, value in declared.settings.items()}
        self.values = sorted(_integer(to_term(value)) for value in declared.values)
        self.steps: list[StepResult] = []

    def point(self, value: int) -> Point:
        """The point with this value of the variable."""
        table: dict[Term, Term] = {Sym(self.name): num(value)}
        given = {name: replace(term, table) for name, term in self.given.items()}
        return reference_point(self.statement.params, given | {self.name: num(value)})

    def holds(self, value: int) -> bool:
        """Whether the finite form is decided to hold at a value."""
        return Evaluator(self.point(value)).formula(self.finite) is True

    def fails(self, value: int) -> bool:
        """Whether the finite form is decided to fail at a value."""
        return Evaluator(self.point(value)).formula(self.finite) is False

    def result(self) -> ThresholdResult:
        low, high = self.values[0], self.values[-1]
        least = self._least(low, high)
        exact, fails = self._exact()
        if least is not None:
            self._monotone()
        nowhere = least is None and all(map(self.fails, self.values))
        proved = least is not None and all(step.verdict == "proved" for step in self.steps)
        return ThresholdResult(
            self.declared.title,
            "proved" if proved or nowhere else "unknown",
            self._text(least, exact, fails),
            None if least is None else str(least),
            None if exact is None else str(exact),
            tuple(self.steps),
        )

    def _least(self, low: int, high: int) -> int | None:
        """The least value at which the finite form holds, if it holds at the greatest one."""
        if not self.holds(high):
            return None
        while low < high:
            middle = (low + high) // 2
            if self.holds(middle):
                high = middle
            else:
                low = middle + 1
        return high

    def _exact(self) -> tuple[int | None, int | None]:
        """The value from which on the claim holds at all that are listed, and the last failure."""
        from_on = None
        for value in reversed(self.values):
            truth = self.subject.bound_holds(self.point(value))
            if truth is not True:
                return from_on, value if truth is False else None
            from_on = value
        return from_on, None

    def _text(self, least: int | None, exact: int | None, fails: int | None) -> str:
        shown = ", ".join(f"{name} = {text(term)}" for name, term in self.given.items())
        said = f"At {shown}, the finite form of {self.statement.id} holds "
        if least is None and any(map(self.holds, self.values)):
            said += f"at some {self.name}, but not at {self.values[-1]}"
        elif least is None:
            said += f"at none of the {len(self.values)} {self.name} up to {self.values[-1]} tried"
        else:
            said += f"for every {self.name} >= {least}"
            if Evaluator(self.point(least - 1)).formula(self.finite) is False:
                said += f" and not at {least - 1}"
        if exact is None:
            return f"{said}; nor does the claim at {self.name} = {self.values[-1]}"
        said += f"; of the {len(self.values)} {self.name} tried, the claim itself holds from "
        said += f"{self.name} = {exact} on"
        return said + (f", and fails at {self.name} = {fails}" if fails is not None else "")

    # For all larger values

    def _monotone(self) -> None:
        left, right = self._in_the_variable(self.finite.left), self.finite.right
        if self.name in free_names(self._in_the_variable(right)):
            raise NoThreshold(f"the bound {text(right)} depends on {self.name}")
        moving: dict[Term, None] = {}
        here = Evaluator(self.point(self.values[-1]))
        for summand in _summands(left):
            factors = _factors(summand)
            moving[_product([f for f in factors if self.name in free_names(f)])] = None
            still = _product([f for f in factors if self.name not in free_names(f)])
            if here.formula(Rel(">=", still, ZERO)) is not True:
                raise NoThreshold(f"whether {text(still)} is negative is not known")
        start = Sym("start")
        larger = (
            Rel(">=", Sym(self.name), start),
            Rel(">=", start, num(self.values[0])),
        )
        facts: list[Formula] = []
        now, before = [], []
        for number, part in enumerate(part for part in moving if part != ONE):
            first = replace(part, {Sym(self.name): start})
            self._step(larger, Rel("<=", part, first), "falls as the size grows")
            p, q, c = (Sym(f"{letter}_{number}") for letter in "pqc")
            facts += [Rel("<=", p, q), Rel(">=", c, ZERO)]
            now.append(Mul((c, p)))
            before.append(Mul((c, q)))
        held = Rel("<=", Add((Sym("rest"), *before)), Sym("bound"))
        self._step(
            (*facts, held), Rel("<=", Add((Sym("rest"), *now)), Sym("bound")), "adds them up"
        )

    def _in_the_variable(self, term: Term) -> Term:
        """A term with every other parameter replaced by what determines its value.

        Raises:
            NoThreshold: they determine each other.
        """
        table: dict[Term, Term] = {}
        for param in self.statement.params:
            source = param.reference if param.determined_by is None else param.determined_by
            table[Sym(param.name)] = self.given.get(param.name) or to_term(source)
        table.pop(Sym(self.name), None)
        for _ in table:
            if free_names(term) <= {self.name}:
                return term
            term = replace(term, table)
        if not free_names(term) <= {self.name}:
            raise NoThreshold(f"{text(term)} does not depend on {self.name} alone")
        return term

    def _step(self, hypotheses: tuple[Formula, ...], goal: Rel, reason: str) -> None:
        obligation = Obligation(hypotheses, goal)
        proof = self.known.of(obligation)
        if proof is None:
            proof = prove(Sequent(hypotheses, goal), Budget.counted(SECONDS))
        self.steps.append(
            StepResult(
                len(self.steps) + 1,
                text(goal),
                "unknown" if proof is None else "proved",
                latex(goal),
                reason,
                certificate=None if proof is None else save(obligation, proof),
            )
        )


def _integer(term: Term) -> int:
    if isinstance(term, Num) and term.value.denominator == 1:
        return int(term.value)
    raise NoThreshold(f"{text(term)} is not an integer")


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
