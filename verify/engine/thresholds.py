"""Explicit thresholds: from which size on a finite form holds, proved, beside the exact truth.

The finite form of a statement is what it asks of the sizes. The least size from which on it holds
is found exactly, and that it holds for every larger one is proved (see :mod:`extended`). A size at
which the claim itself fails, evaluated exactly, is a lower bound on every threshold.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from math import isqrt
from types import MappingProxyType

import msgspec

from verify.engine.at_points import entries_at, holds_at
from verify.engine.extended import Extended, NoThreshold
from verify.engine.figures import Subject
from verify.engine.reference import reference_point
from verify.engine.reference_data import bounded_arrays
from verify.engine.replay import Replay
from verify.engine.results import OF, StepResult, ThresholdResult
from verify.engine.scalars import is_scalar
from verify.kernel.point import Evaluator, Point
from verify.language.render import text
from verify.language.statement import Statement, Threshold
from verify.language.sympy_terms import to_formula, to_term
from verify.language.term import And, Num, Rel, Sym, Term, free_names, nnf, num, relations, replace

__all__ = ["NoThreshold", "decide_threshold", "decide_thresholds"]

SMALL = 12
"""What holds from some size on up to this one may hold from there on for good."""

EXPONENTS = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1_024)
"""Of the powers of ten that are tried in turn."""

SURE = 3
"""Where the finite form holds at so many in a row, the least size is sought before them."""

ASKED = (1_000, 100, 10, 1, 0)
"""So far beyond the first size the claim is asked; further on only where it fails at the first."""

NEAR = 16
"""A failure is found to one part in so many of the size."""


NOTHING_KNOWN: Mapping[str, ThresholdResult] = MappingProxyType({})


def decide_threshold(
    declared: Threshold, statement: Statement, known: Sequence[StepResult] = ()
) -> ThresholdResult:
    """From which value of the variable on the finite form holds, and from which on the claim does.

    Proofs of steps that are ``known`` are given to the kernel in place of a search.

    Raises:
        NoThreshold: the finite form is not ``sum <= bound``, or a value is not a number.
    """
    proofs = Extended(str(declared.variable), Replay(known))
    return _together(declared, [_Decision(declared, statement, proofs)])


def decide_thresholds(
    declared: Threshold, statements: Sequence[Statement], known: Sequence[ThresholdResult] = ()
) -> tuple[ThresholdResult, ...]:
    """The answers for all of these statements, which a declaration is about.

    Those that ask the same of the sizes share one. Answers that are ``known`` are where the search
    begins; they are not believed.
    """
    proofs = Extended(
        str(declared.variable), Replay(step for answer in known for step in answer.steps)
    )
    hints = {answer.title: answer for answer in known}
    groups: dict[object, list[_Decision]] = {}
    found: list[ThresholdResult] = []

    def undecided(ids: Sequence[str], error: NoThreshold) -> None:
        found.append(ThresholdResult(_title(declared, ids), "unknown", f"not decided: {error}"))

    for statement in statements:
        try:
            decision = _Decision(declared, statement, proofs)
            groups.setdefault((decision.late, decision.first), []).append(decision)
        except NoThreshold as error:
            undecided([statement.id], error)
    for group in groups.values():
        try:
            found.append(_together(declared, group, hints))
        except NoThreshold as error:
            undecided([item.statement.id for item in group], error)
    return tuple(found)


def _title(declared: Threshold, ids: Sequence[str]) -> str:
    return declared.title if declared.statement else f"{declared.title}{OF}{', '.join(ids)}"


def _together(
    declared: Threshold,
    group: Sequence[_Decision],
    known: Mapping[str, ThresholdResult] = NOTHING_KNOWN,
) -> ThresholdResult:
    """The answer for statements that ask the same of the sizes."""
    ids = [item.statement.id for item in group]
    title, decision = _title(declared, ids), group[0]
    before = known.get(title, ThresholdResult(title, "unknown", ""))
    decision.hint = _number(before.least)
    least = decision.least
    steps = [*(step for item in group for step in item.early_steps), *decision.falling()]
    steps = list({repr(step.certificate): step for step in steps}.values())
    # The same law is asked once, as for a theorem and the one that sums it up.
    claims = list({_law(item.statement): item for item in reversed(group)}.values())
    hints = itertools.chain(map(_number, before.fails), itertools.repeat(None))
    truths = [_Truth(item, next(hints)) for item in reversed(claims) if item.late]
    open_ = [step.text for step in steps if step.verdict != "proved"]
    where = f"{decision.text()}{_in_words(truths)}"
    if open_:
        least, where = None, f"from no {decision.name} on that is known: not proved is {open_[0]}"
    proved = least is not None
    nowhere = decision.least is None and all(map(decision.fails, decision.values))
    exact = [truth.exact for truth in truths if truth.exact is not None]
    at = f"At {decision.shown}, the" if decision.shown else "The"
    of = f" of {ids[0]}" if declared.statement else ""
    return ThresholdResult(
        title,
        "proved" if proved or nowhere else "unknown",
        f"{at} finite form{of} holds {where}",
        None if least is None else str(least),
        str(max(exact)) if exact else None,
        tuple(msgspec.structs.replace(step, index=n) for n, step in enumerate(steps, 1)),
        tuple("" if truth.fails is None else str(truth.fails) for truth in truths),
    )


def _number(shown: str | None) -> int | None:
    return int(shown) if shown and shown.isdigit() else None


def _in_words(truths: Sequence[_Truth]) -> str:
    """What is known about the claims themselves; the same about several is said once."""
    same: dict[str, list[str]] = {}
    for truth in truths:
        same.setdefault(truth.text("the claim itself"), []).append(truth.statement.id)
    if len(same) <= 1:
        return "".join(same)
    return "".join(
        said.replace("the claim itself", " and ".join(ids)) for said, ids in same.items()
    )


def _law(statement: Statement) -> str:
    """What decides whether a claim holds at a point."""
    data = {repr(item.relation) for item in statement.hypotheses}
    return repr((statement.conclusion, statement.arrays, sorted(data)))


class _Decision:
    """What a statement asks of the sizes, along the declared sequence.

    ``late`` are the relations that do not hold at all sizes from ``first`` on, as far as is known;
    ``last`` is the greatest size where some relation bounds it from above, ``early_steps`` prove
    the relations that do hold, and ``hint`` is a size that may be the least one.
    """

    def __init__(
        self,
        declared: Threshold,
        statement: Statement,
        proofs: Extended,
    ) -> None:
        self.statement, self._proofs = statement, proofs
        self.name = str(declared.variable)
        names = {param.name for param in statement.params}
        settings = {str(name): to_term(value) for name, value in declared.settings.items()}
        one = bool(declared.statement)
        self.given = {name: value for name, value in settings.items() if one or name in names}
        self.values = sorted(_integer(to_term(value)) for value in declared.values)
        self.last: int | None = None
        self.hint: int | None = None
        self.early_steps: list[StepResult] = []
        self._is_sum = declared.finite is not None
        if self._is_sum:
            finite = to_formula(declared.finite)
            if not isinstance(finite, Rel) or finite.op != "<=":
                raise NoThreshold(f"{declared.title}: the finite form is a sum <= a bound")
            self.late: tuple[Rel, ...] = (self._along(finite),)
            self.first = self.values[0]
        else:
            sized = list(self._hypotheses())
            starts = {rel: self._start(rel) for rel in sized}
            self.first = max((start for start in starts.values() if start is not None), default=1)
            self.late = tuple(rel for rel in sized if not self._early(rel, starts[rel]))

    # What is asked

    def _hypotheses(self) -> Iterator[Rel]:
        """The hypotheses that say something about the variable.

        Raises:
            NoThreshold: another one is not known to hold.
        """
        formal = Subject(self.statement).formal
        for formula in () if formal is None else formal.hypotheses:
            if not is_scalar(formula):
                continue
            plain = nnf(formula)
            if not isinstance(plain, Rel | And):
                raise NoThreshold(f"{text(formula)} is not one relation")
            for relation in relations(plain):
                along = self._along(relation)
                if self.name in free_names(along.left) | free_names(along.right):
                    if along.left != along.right:
                        yield along
                elif Evaluator({}).formula(along) is not True:
                    raise NoThreshold(f"{text(relation)} is not known to hold")

    def _along(self, relation: Rel) -> Rel:
        return Rel(
            relation.op, self._in_the_variable(relation.left), self._in_the_variable(relation.right)
        )

    def _in_the_variable(self, term: Term) -> Term:
        """A term with every other parameter replaced by what determines its value.

        Raises:
            NoThreshold: they determine each other.
        """
        for _ in self._table:
            if free_names(term) <= {self.name}:
                return term
            term = replace(term, self._table)
        if not free_names(term) <= {self.name}:
            raise NoThreshold(f"{text(term)} does not depend on {self.name} alone")
        return term

    @cached_property
    def _table(self) -> dict[Term, Term]:
        table: dict[Term, Term] = {}
        for param in self.statement.params:
            source = param.reference if param.determined_by is None else param.determined_by
            table[Sym(param.name)] = self.given.get(param.name) or to_term(source)
        table.pop(Sym(self.name), None)
        return table

    # What holds at all sizes

    def _start(self, relation: Rel) -> int | None:
        """From which small size on a relation holds at the small ones, if any."""
        found = None
        for value in range(SMALL, 0, -1):
            if self._holds(relation, value) is not True:
                break
            found = value
        return found

    def _early(self, relation: Rel, start: int | None) -> bool:
        """Whether a relation is proved for all sizes from ``first`` on."""
        if start is None:
            return False
        below = isinstance(relation.right, Num) and relation.op in (">=", ">")
        if below and relation.left == Sym(self.name):
            return True
        last = self.values[-1] if self.values else None
        steps, end = self._proofs.whole(relation, self.first, last)
        self.early_steps += steps
        self.last = self.last if end is None else end
        return bool(steps)

    # The least size

    def _holds(self, relation: Rel, value: int) -> bool | None:
        return Evaluator({self.name: num(value)}).formula(relation)

    def holds(self, value: int) -> bool:
        """Whether the finite form is decided to hold at a value."""
        return all(self._holds(relation, value) is True for relation in self.late)

    def fails(self, value: int) -> bool:
        """Whether the finite form is decided to fail at a value."""
        return value < self.first or any(
            self._holds(relation, value) is False for relation in self.late
        )

    @cached_property
    def least(self) -> int | None:
        """The least value at which the finite form holds, if it holds at the greatest one."""
        hint = None if self.values else self.hint
        if hint and hint > self.first and self.holds(hint) and self.fails(hint - 1):
            return hint
        low, high = self._ends
        if high is None or not self.holds(high):
            return None
        while low < high:
            # Over orders of magnitude their order is halved.
            middle = (low + high) // 2 if high <= 4 * low else isqrt(low * high)
            if self.holds(middle):
                high = middle
            else:
                low = middle + 1
        return high

    @property
    def _ends(self) -> tuple[int, int | None]:
        """Sizes between which the finite form begins to hold, as far as is seen from some."""
        low = self.first
        if self.values:
            return max(low, self.values[0]), self.values[-1]
        held: list[int] = []
        for size in (low, *(10**exponent for exponent in EXPONENTS)):
            if size < self.first:
                continue
            if self.holds(size):
                held.append(size)
                if len(held) == SURE:
                    return low, held[0]
            else:
                low, held = size, []
        return low, None

    def falling(self) -> list[StepResult]:
        """Why what does not hold at all sizes holds at all from the least one on.

        Raises:
            NoThreshold: a relation is not of the form ``sum <= bound``.
        """
        steps: list[StepResult] = []
        least = self.least
        if least is None:
            return steps
        for relation in self.late:
            try:
                steps += self._proofs.falling(relation, least)
            except NoThreshold:
                # What is proved from the least size on need not be a sum.
                whole, _ = self._proofs.whole(relation, least, None)
                if not whole or self._is_sum:
                    raise
                steps += whole
        return steps

    # In words

    @property
    def shown(self) -> str:
        """The other parameters."""
        return ", ".join(f"{name} = {text(term)}" for name, term in self.given.items())

    def text(self) -> str:
        """Where the finite form holds, in words."""
        name = self.name
        if self.least is None:
            if not self.values:
                return f"from no {name} on: it is not known to at 10^{EXPONENTS[-1]}"
            if any(map(self.holds, self.values)):
                return f"at some {name}, but not at {self.values[-1]}"
            return f"at none of the {len(self.values)} {name} up to {self.values[-1]} tried"
        until = "" if self.last is None else f" up to {self.last}"
        said = f"for every {name} >= {self.least}{until}"
        if self.late and self.fails(self.least - 1):
            said += f" and not at {self.least - 1}"
        return said

    def point(self, value: int) -> Point:
        """The point with this value of the variable."""
        table: dict[Term, Term] = {Sym(self.name): num(value)}
        given = {name: replace(term, table) for name, term in self.given.items()}
        return reference_point(self.statement.params, given | {self.name: num(value)})


class _Truth:
    """The claim itself, evaluated exactly.

    ``fails`` is the largest size found at which it fails, and ``exact``, at listed sizes, the least
    one from which on it holds.
    """

    def __init__(self, decision: _Decision, hint: int | None) -> None:
        self.statement = decision.statement
        self._decision = decision
        self._subject = Subject(decision.statement)
        self.exact: int | None = None
        self.fails: int | None = None
        if decision.values:
            self._listed()
        elif hint is not None and self._holds(hint) is False:
            self.fails = hint
        else:
            self._searched()

    def _listed(self) -> None:
        for value in reversed(self._decision.values):
            truth = self._holds(value)
            if truth is not True:
                self.fails = value if truth is False else None
                return
            self.exact = value

    def _searched(self) -> None:
        first = self._decision.first
        above = None
        for size in ASKED:
            if self._holds(first + size) is False:
                self.fails = first + size
                break
            above = first + size
        end = self._decision.least or 0
        while self.fails is not None and above is None and self.fails**2 <= end:
            if self._holds(self.fails**2) is False:
                self.fails = self.fails**2
            else:
                above = self.fails**2
        if self.fails is None or above is None:
            return
        while above - self.fails > max(1, above // NEAR):
            middle = (self.fails + above) // 2
            if self._holds(middle) is False:
                self.fails = middle
            else:
                above = middle

    def _holds(self, value: int) -> bool | None:
        """Whether the claim holds at a size; where data are free, for some of them."""
        point = self._decision.point(value)
        if not bounded_arrays(self.statement):
            return self._subject.bound_holds(point)
        truth: bool | None = True
        for entries in (*entries_at(self.statement, point), {}):
            holds = holds_at(self.statement, {**point, **entries})
            if holds is False:
                return False
            truth = truth and holds
        return truth

    def text(self, claim: str) -> str:
        """What is known about the claim itself, in words."""
        name, values = self._decision.name, self._decision.values
        if not values or bounded_arrays(self.statement):
            if self.fails is None:
                return f"; no {name} was found at which {claim} fails"
            return f"; {claim} fails at {name} = {self.fails}"
        if self.exact is None and self.fails is None:
            return f"; whether {claim} holds at {name} = {values[-1]} is not known"
        if self.exact is None:
            return f"; nor does {claim} at {name} = {values[-1]}"
        said = f"; of the {len(values)} {name} tried, {claim} holds from {name} = {self.exact} on"
        return said if self.fails is None else f"{said}, and fails at {name} = {self.fails}"


def _integer(term: Term) -> int:
    if isinstance(term, Num) and term.value.denominator == 1:
        return int(term.value)
    raise NoThreshold(f"{text(term)} is not an integer")
