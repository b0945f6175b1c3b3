"""A statement at very many points: which hypotheses and conclusions hold there, rigorously.

Where a statement has a closed form (its conclusion with the definitions unfolded by the kernel),
that is compiled once and evaluated in balls; whatever balls do not decide, the kernel evaluates
exactly or at a higher precision. Other statements are evaluated point by point.
"""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from flint import arb

from verify.engine.at import evaluate_at
from verify.engine.settings import SettingError, point_of
from verify.engine.sweep_axes import Value, as_term
from verify.engine.sweep_axes import shown as shown_value
from verify.engine.sweep_closed import Closed, Plan, closed, solved
from verify.engine.sweep_tape import Relation, Tape
from verify.kernel.ball import precision
from verify.kernel.point import Evaluator, Undecided, Undefined
from verify.kernel.poly import Refused, rational
from verify.language.term import Add, And, Formula, Neg, Or, Rel, free_names, relations

BITS = (64, 320)
"""The precisions of the fast evaluation, one after the other."""

HIGHEST = 8_192
"""The highest precision of the kernel's evaluation here."""

DIGITS = 8
"""Digits of a margin."""

REMEMBERED = 100_000
"""Exact decisions that are kept for a block of points."""

Status = Literal["holds", "fails", "outside", "undecided"]


@dataclass(frozen=True, slots=True)
class Found:
    """What is so at one point; ``margin`` is at least 0 where the conclusion holds."""

    status: Status
    margin: str | None = None


def block(plan: Plan, start: int, stop: int) -> bytes:
    """The points with numbers from ``start`` to ``stop - 1``, as JSON lines."""
    names = [json.dumps(name) for name in plan.names]
    lines = []
    points = plan.points.block(start, stop)
    for point, found in zip(points, evaluated(plan, points), strict=True):
        pairs = ",".join([f'{n}:"{shown_value(v)}"' for n, v in zip(names, point, strict=True)])
        margin = "null" if found.margin is None else f'"{found.margin}"'
        lines.append(f'{{"point":{{{pairs}}},"status":"{found.status}","margin":{margin}}}\n')
    return "".join(lines).encode()


def evaluated(plan: Plan, points: Sequence[tuple[Value, ...]]) -> Iterator[Found]:
    """What is so at each of some points."""
    form = closed(plan)
    if form is None:
        for point in points:
            yield _slowly(plan, point)
        return
    work = _Work(plan, form)
    with precision(BITS[0]):
        for point in points:
            yield work.at(point)


def _slowly(plan: Plan, point: Sequence[Value]) -> Found:
    """A point by the same way as ``verify at``, from the definitions."""
    try:
        setting = point_of(plan.statement, plan.settings(point), known=plan.known)
    except SettingError:
        return Found("outside")
    try:
        result = evaluate_at(plan.statement, setting)
    except SettingError:
        return Found("undecided")
    at = result.at
    assert at is not None
    if any(item.holds is False for item in at.hypotheses):
        return Found("outside")
    if result.claim.verdict == "sampled":
        return Found("holds", at.margin)
    return Found("fails" if result.claim.verdict == "refuted" else "undecided", at.margin)


Truths = list[bool | None]

_SOLVED: dict[tuple[str, ...], tuple[Value, ...] | None] = {}
"""Derived parameters, by plan and values of their sources."""

PREPARED = 20_000
"""So many of them are solved for once, before the work is shared out."""


def prepare(plan: Plan) -> bool:
    """Do what all blocks need; returns whether the statement has a closed form."""
    form = closed(plan)
    if form is None:
        return False
    axes = [axis for axis in plan.points.axes if axis.name in form.derived.sources]
    if plan.points.sample is None and math.prod(axis.count for axis in axes) <= PREPARED:
        table = {axis.name: [axis.value(n) for n in range(axis.count)] for axis in axes}
        lists = [table[name] for name in form.derived.sources]
        for values in itertools.product(*lists) if lists else ():
            _SOLVED[plan.key, *map(shown_value, values)] = solved(plan, form.derived, values)
    return True


class _Work:
    """The closed form, compiled at each precision, and what was decided exactly so far."""

    def __init__(self, plan: Plan, form: Closed) -> None:
        self.plan = plan
        self.form = form
        names = plan.names
        levels = {name: level for level, name in enumerate(names)}
        sources = [levels[name] for name in form.derived.sources]
        levels |= dict.fromkeys(form.derived.names, max(sources, default=0))
        self.names = tuple(levels)
        self.highest = max(sources, default=0)
        self.derived: tuple[Value, ...] | None = ()
        hypotheses = [rel for hypothesis in form.hypotheses for rel in relations(hypothesis)]
        self.rels = list(dict.fromkeys([*hypotheses, *relations(form.conclusion), *form.main]))
        self.tapes = [Tape(levels, bits) for bits in BITS]
        self.compiled = [[tape.relation(rel) for rel in self.rels] for tape in self.tapes]
        self.places = {rel: place for place, rel in enumerate(self.rels)}
        self.depends = [
            tuple(n for n, name in enumerate(self.names) if name in free_names(rel))
            for rel in self.rels
        ]
        # A hypothesis that always holds need not be looked at again.
        readers = [
            (self._reader(item), bool(free_names(item) & set(self.names)))
            for item in form.hypotheses
        ]
        self.conclusion = self._reader(form.conclusion)
        self.main = [self.places[rel] for rel in form.main]
        # What to set and to look at again when variables from a level on change.
        tape, last = self.tapes[0], max(levels.values(), default=0)
        self.sets = [
            [(n, tape.place(name)) for n, name in enumerate(self.names) if levels[name] >= level]
            for level in range(last + 1)
        ]
        self.looks = [
            [(place, rel) for place, rel in enumerate(self.compiled[0]) if rel.level >= level]
            for level in range(last + 1)
        ]
        self.truths: Truths = [tape.truth(rel) for rel in self.compiled[0]]
        self.values: tuple[Value, ...] | None = ()
        self.before: tuple[Value, ...] | None = None
        self.stale = [True] * len(BITS)
        self.exact: dict[tuple[int, tuple[Value, ...]], bool | None] = {}
        self.confirmed = False
        self.hypotheses = [read for read, varies in readers if varies or read() is not True]

    def _reader(self, formula: Formula) -> Callable[[], bool | None]:
        """A formula as a function of the truths of its relations at the present point."""
        match formula:
            case Rel():
                place = self.places[formula]
                return lambda: self._truth(place)
            case And(args=args):
                parts = [self._reader(arg) for arg in args]
                return lambda: _all(part() for part in parts)
            case Or(args=args):
                parts = [self._reader(arg) for arg in args]
                return lambda: _any(part() for part in parts)
            case _:
                raise Refused("a formula is in negation normal form")

    def at(self, point: tuple[Value, ...]) -> Found:
        """What is so at a point."""
        if not self._moved(point):
            return Found("outside")
        hypotheses = _all(reader() for reader in self.hypotheses)
        if hypotheses is False:
            return Found("outside")
        holds = self.conclusion()
        margin = self._margin(holds)
        if hypotheses is None or holds is None:
            # Both sides may be equal, for which the definitions have normal forms.
            return _slowly(self.plan, point)
        if holds:
            return Found("holds", margin)
        return self._failure(point, margin)

    def _moved(self, point: tuple[Value, ...]) -> bool:
        """Go to a point; False where parameters that it should determine do not exist."""
        first = 0
        before = self.before
        if before is not None:
            while first < len(point) and point[first] is before[first]:
                first += 1
        self.before = point
        if self.form.derived.names and (before is None or first <= self.highest):
            chosen = dict(zip(self.plan.names, point, strict=True))
            self.derived = self._solved(tuple(chosen[name] for name in self.form.derived.sources))
        derived = self.derived
        if derived is None:
            self.values = None
            self.before = None
            return False
        self.values = values = (*point, *derived)
        self.stale[1:] = [True] * (len(BITS) - 1)
        if first < len(self.sets):
            tape = self.tapes[0]
            for number, place in self.sets[first]:
                tape.registers[place] = tape.ball(values[number])
            tape.run(first)
            for place, rel in self.looks[first]:
                self.truths[place] = tape.truth(rel)
        return True

    def _solved(self, values: tuple[Value, ...]) -> tuple[Value, ...] | None:
        key = self.plan.key, *map(shown_value, values)
        if key not in _SOLVED:
            _SOLVED[key] = solved(self.plan, self.form.derived, values)
        return _SOLVED[key]

    def _truth(self, place: int) -> bool | None:
        truth = self.truths[place]
        if truth is None:
            truth = self.truths[place] = self._precisely(place)
        return truth

    def _precisely(self, place: int) -> bool | None:
        """A relation that thin balls did not decide: thinner ones, then the kernel."""
        assert self.values is not None
        key = (place, tuple(self.values[n] for n in self.depends[place]))
        if key not in self.exact:
            if len(self.exact) > REMEMBERED:
                self.exact.clear()
            rel = self.rels[place]
            truth = None if rel.op in ("==", "!=") else self._thinner(place)
            self.exact[key] = self._exactly(rel) if truth is None else truth
        return self.exact[key]

    def _thinner(self, place: int) -> bool | None:
        for number in range(1, len(BITS)):
            tape = self._tape(number)
            truth = tape.truth(self.compiled[number][place])
            if truth is not None:
                return truth
        return None

    def _tape(self, number: int) -> Tape:
        tape = self.tapes[number]
        if self.stale[number]:
            assert self.values is not None
            with precision(BITS[number]):
                for name, value in zip(self.names, self.values, strict=False):
                    tape.registers[tape.place(name)] = tape.ball(value)
                tape.run(0)
            self.stale[number] = False
        return tape

    def _evaluator(self) -> Evaluator:
        assert self.values is not None
        # Before the first point there are no values: constants need none.
        pairs = zip(self.names, self.values, strict=False)
        return Evaluator({name: as_term(value) for name, value in pairs}, HIGHEST)

    def _exactly(self, rel: Rel) -> bool | None:
        try:
            return self._evaluator().formula(rel)
        except Refused:
            return None

    def _margin(self, holds: bool | None) -> str | None:
        """The least margin of the conclusion's relations."""
        least: arb | None = None
        for place in self.main:
            gap = self._gap(place, holds)
            if gap is not None and (least is None or gap.mid() < least.mid()):
                least = gap
        if least is None:
            return None
        shown = least.str(DIGITS)
        return shown if shown.startswith("[") else f"[{shown} +/- 0]"

    def _gap(self, place: int, holds: bool | None) -> arb | None:
        rel = self.compiled[0][place]
        gap = self.tapes[0].registers[rel.margin]
        if gap > 0 or gap < 0:
            # Far enough from 0 for a few digits.
            return _sided(rel, gap)
        if holds and rel.op == "==":
            return arb(0)
        gap = self._tape(1).registers[self.compiled[1][place].margin]
        if gap > 0 or gap < 0:
            return _sided(rel, gap)
        exact = self._exact_gap(self.rels[place])
        return exact if exact is not None else (gap if gap.is_finite() else None)

    def _exact_gap(self, rel: Rel) -> arb | None:
        try:
            value = self._evaluator().exact(Add((rel.left, Neg(rel.right))))
        except (Undefined, Undecided, Refused):
            return None
        if value is None:
            return None
        sign = -1 if rel.op in ("<=", "<") else 1
        return arb(rational(Fraction(sign * value)))

    def _failure(self, point: tuple[Value, ...], margin: str | None) -> Found:
        """A failing point counts once one of the block has failed from the definitions as well."""
        if not self.confirmed:
            found = _slowly(self.plan, point)
            if found.status != "fails":
                return Found("outside" if found.status == "outside" else "undecided", margin)
            self.confirmed = True
        return Found("fails", margin)


def _sided(rel: Relation, gap: arb) -> arb:
    """How far two sides are apart; as a margin of an equation that is negative."""
    if rel.op == "==":
        return -abs(gap)
    return abs(gap) if rel.op == "!=" else gap


def _all(truths: Iterator[bool | None]) -> bool | None:
    known: bool | None = True
    for truth in truths:
        if truth is False:
            return False
        if truth is None:
            known = None
    return known


def _any(truths: Iterator[bool | None]) -> bool | None:
    known: bool | None = False
    for truth in truths:
        if truth is True:
            return True
        if truth is None:
            known = None
    return known
