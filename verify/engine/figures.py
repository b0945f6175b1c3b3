"""The pictures that a pack declares, computed: coordinates come from exact values or balls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from flint import arb, ctx

from verify.engine.figures_law import Closed, closed
from verify.engine.formal import Formal, formal_conclusion, formalise
from verify.engine.reference import reference_point
from verify.engine.results import Figure, Series
from verify.kernel.ball import decide, enclose
from verify.kernel.chance import Chance, NetworkEvent, SignEvent
from verify.kernel.check import unfolded_term
from verify.kernel.point import Evaluator
from verify.kernel.poly import Refused
from verify.language.picture import Boundary, Curve, Line, Plot
from verify.language.statement import Output, Paper, Probability, SignSum, Statement
from verify.language.sympy_terms import to_formula, to_term
from verify.language.term import (
    ONE,
    ZERO,
    Add,
    Div,
    Neg,
    Num,
    Rel,
    Sym,
    Term,
    free_names,
    num,
    replace,
)
from verify.probe import signs
from verify.probe.signs import LawError

PRECISION = 192
DIGITS = 8
BISECTIONS = 8
"""Halvings of the range of a real variable in which a boundary is sought."""


Event = SignEvent | NetworkEvent
Values = Mapping[str, Term]


class NoFigure(ValueError):
    """A plot that cannot be computed as it is declared: says why."""


def figures(paper: Paper, names: Sequence[str]) -> tuple[Figure, ...]:
    """The declared pictures with these names, in the pack's order.

    A point that has no value (a hypothesis of the law fails there, or it is out of reach) is left
    out of its curve.

    Raises:
        NoFigure: a plot names a statement or a parameter that does not exist.
    """
    subjects = {statement.id: Subject(statement) for statement in paper.statements}
    return tuple(_figure(plot, subjects) for plot in paper.plots if plot.id in frozenset(names))


class Subject:
    """A statement with what is derived from it once, for all of its points."""

    def __init__(self, statement: Statement) -> None:
        self.statement = statement
        self._events: dict[Event, Closed | None] = {}
        self._terms: dict[Term, Term] = {}

    @cached_property
    def formal(self) -> Formal | None:
        return formalise(self.statement)

    def values(self, given: Mapping[str, Term]) -> Values:
        """The point with these values, and reference values for the rest."""
        known = {param.name for param in self.statement.params}
        strange = sorted(set(given) - known)
        if strange:
            raise NoFigure(f"{self.statement.id} has no parameter {', '.join(strange)}")
        return reference_point(self.statement.params, given)

    def unfolded(self, term: Term) -> Term:
        if term not in self._terms:
            assert self.formal is not None
            self._terms[term] = unfolded_term(term, self.formal.sequent().context())
        return self._terms[term]

    def probability(self, event: Event, values: Values) -> signs.Probability | None:
        """The probability of an event at a point; None where it is out of reach.

        Only the weights are unfolded: curves move the threshold, and ask for F > 0 and F = 0.
        """
        key = _weights_of(event)
        if key not in self._events:
            assert self.formal is not None
            try:
                self._events[key] = closed(self.formal.sequent().context(), key)
            except Refused:
                self._events[key] = None
        law = self._events[key]
        try:
            return None if law is None else law.probability(event, values)
        except (Refused, LawError):
            return None

    def bound_holds(self, point: Values) -> bool | None:
        """Whether the conclusion, a probability bound, holds at a point."""
        conclusion = None if self.formal is None else self.formal.conclusion
        if not isinstance(conclusion, Chance):
            raise NoFigure(f"{self.statement.id} is not about a probability")
        found = self.probability(conclusion.event, point)
        if found is None:
            return None
        bound = Evaluator(point).exact(conclusion.bound)
        return None if bound is None else found.at_least(bound)


Subjects = Mapping[str, Subject]


def _figure(plot: Plot, subjects: Subjects) -> Figure:
    series = [
        *(_curve(plot, curve, _subject(subjects, curve.statement)) for curve in plot.curves),
        *(
            _boundary(plot, boundary, _subject(subjects, boundary.statement))
            for boundary in plot.boundaries
        ),
    ]
    return Figure(
        id=plot.id,
        title=plot.title,
        caption=plot.caption,
        x_label=plot.x_label,
        y_label=plot.y_label,
        series=tuple(series),
        statement=plot.statement,
        log_x=plot.log_x,
        log_y=plot.log_y,
        lines=tuple(map(_line, plot.lines)),
    )


def _subject(subjects: Subjects, name: str) -> Subject:
    if name not in subjects:
        raise NoFigure(f"no statement {name}")
    return subjects[name]


def _curve(plot: Plot, curve: Curve, subject: Subject) -> Series:
    xs, ys = [], []
    for x in map(to_term, curve.values or plot.values):
        known = _settings(curve.settings, {str(plot.variable): x})
        value = _value(curve, subject, {str(plot.variable): x}, known)
        if value is not None:
            xs.append(_drawn(plot, x))
            ys.append(_decimal(value))
    return Series(curve.label, tuple(xs), tuple(ys))


def _settings(given: Mapping[object, object], at: Mapping[str, Term]) -> dict[str, Term]:
    """The declared settings, with the variables of the plot replaced by their values."""
    table: dict[Term, Term] = {Sym(name): value for name, value in at.items()}
    return {str(name): replace(to_term(value), table) for name, value in given.items()}


def _value(
    curve: Curve, subject: Subject, at: Mapping[str, Term], known: Mapping[str, Term]
) -> arb | None:
    if subject.formal is None:
        raise NoFigure(f"{subject.statement.id} has nothing to draw")
    values = subject.values(known)
    # The variable of the plot may occur in the quantity without being a parameter.
    table: dict[Term, Term] = {Sym(name): value for name, value in at.items() if name not in values}
    quantity = curve.quantity
    if isinstance(quantity, SignSum | Output):
        chance = formal_conclusion(Probability(quantity, 0))
        assert isinstance(chance, Chance)
        threshold = replace(chance.event.threshold, table)
        found = subject.probability(_with_threshold(chance.event, threshold), values)
        return None if found is None else found.ball(PRECISION)
    term = _margin(subject) if quantity is None else to_term(quantity)
    return _enclosed(subject.unfolded(replace(term, table)), values)


def _with_threshold(event: Event, threshold: Term) -> Event:
    if isinstance(event, SignEvent):
        return SignEvent(event.weights, event.op, threshold, event.absolute)
    return NetworkEvent(
        event.weights, threshold, event.columns, event.positive, event.index, event.rows
    )


def _weights_of(event: Event) -> Event:
    """The same for all events with these weights, to remember closed forms by."""
    if isinstance(event, SignEvent):
        return SignEvent(event.weights, ">", ZERO)
    return NetworkEvent(event.weights, ZERO, ONE, True, event.index, event.rows)


def _margin(subject: Subject) -> Term:
    """What is nonnegative where the conclusion holds, as a ratio to the bound."""
    assert subject.formal is not None
    conclusion = subject.formal.conclusion
    if not isinstance(conclusion, Rel) or conclusion.op not in (">=", ">", "<=", "<"):
        raise NoFigure(f"{subject.statement.id} has no margin: it is not an inequality")
    left, right = conclusion.left, conclusion.right
    gap = Add((left, Neg(right))) if conclusion.op in (">=", ">") else Add((right, Neg(left)))
    return Div(gap, right)


def _enclosed(term: Term, values: Values) -> arb | None:
    with ctx.workprec(PRECISION):
        box = {name: enclose(value, {}) for name, value in values.items()}
        if not free_names(term) <= box.keys():
            return None
        ball = enclose(term, box)
    return ball if ball.is_finite() else None


def _drawn(plot: Plot, x: Term) -> str:
    """The coordinate at which a value of the variable is drawn."""
    if plot.drawn is None:
        return _decimal(_ball(x))
    return _decimal(_ball(replace(to_term(plot.drawn), {Sym(str(plot.variable)): x})))


def _line(line: Line) -> Series:
    xs, ys = zip(line.start, line.end, strict=True)
    return Series(line.label, tuple(map(_coordinate, xs)), tuple(map(_coordinate, ys)))


def _coordinate(place: object) -> str:
    return _decimal(_ball(to_term(place)))


def _boundary(plot: Plot, boundary: Boundary, subject: Subject) -> Series:
    if plot.second is None:
        raise NoFigure(f"{plot.id} has boundaries but no second variable")
    condition = _Condition(plot, boundary, subject)
    xs, ys = [], []
    for x in map(to_term, plot.values):
        y = condition.edge(x)
        if y is not None:
            xs.append(_drawn(plot, x))
            ys.append(_decimal(_ball(y)))
    return Series(boundary.label, tuple(xs), tuple(ys))


@dataclass
class _Condition:
    plot: Plot
    boundary: Boundary
    subject: Subject

    def edge(self, x: Term) -> Term | None:
        """The outermost value of the second variable at which the condition is known to hold."""
        table: dict[Term, Term] = {Sym(str(self.plot.variable)): x}
        evaluator = Evaluator({})
        ends = [
            evaluator.exact(replace(to_term(end), table))
            for end in (self.boundary.low, self.boundary.high)
        ]
        low, high = ends
        if low is None or high is None or low > high:
            raise NoFigure(f"{self.plot.id}: the range of {self.plot.second} must be rational")
        far, near = (high, low) if self.boundary.side == "least" else (low, high)
        if not self.holds(x, num(far)):
            return None
        if self.holds(x, num(near)):
            return num(near)
        for _ in range(BISECTIONS if not self.plot.whole else int(high - low).bit_length() + 1):
            middle = (far + near) / 2
            if self.plot.whole:
                if abs(far - near) <= 1:
                    break
                middle = Fraction((far + near) // 2)
            if self.holds(x, num(middle)):
                far = middle
            else:
                near = middle
        return num(far)

    def holds(self, x: Term, y: Term) -> bool:
        """Whether the condition is decided to hold at a point."""
        at = {str(self.plot.variable): x, str(self.plot.second): y}
        values = self.subject.values(_settings(self.boundary.settings, at))
        condition = self.boundary.holds
        if not isinstance(condition, Probability):
            return Evaluator({**at, **values}).formula(to_formula(condition)) is True
        chance = formal_conclusion(condition)
        assert isinstance(chance, Chance)
        found = self.subject.probability(chance.event, values)
        if found is None:
            return False
        bound = Evaluator(values).closed(chance.bound)
        if isinstance(bound, Num):
            return found.at_least(bound.value) is True
        with ctx.workprec(PRECISION):
            return decide(found.ball(PRECISION), ">=", enclose(bound, {})) is True


def _ball(term: Term) -> arb:
    with ctx.workprec(PRECISION):
        return enclose(term, {})


def _decimal(value: arb) -> str:
    """The digits that are certain, up to eight of them."""
    return str(value.str(DIGITS, radius=False))
