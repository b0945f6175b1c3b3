"""The closed form of a statement in terms of the parameters that a sweep varies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from verify.engine.formal import formalise
from verify.engine.settings import SettingError, point_of
from verify.engine.sweep_axes import Points, Value, shown
from verify.kernel.chance import Chance
from verify.kernel.check import unfolded
from verify.kernel.poly import Refused
from verify.kernel.sums import in_range
from verify.language.grammar import parse_term
from verify.language.statement import ForAll, Param, Statement
from verify.language.sympy_terms import to_formula, to_term
from verify.language.term import (
    ONE,
    Delta,
    Entry,
    Formula,
    Rel,
    Sum,
    Sym,
    Term,
    contains,
    free_names,
    map_terms,
    nnf,
    relations,
    replace,
)


@dataclass(frozen=True)
class Plan:
    """What a sweep evaluates: a statement, with some parameters fixed, at the points.

    ``key`` tells it from every other plan.
    """

    statement: Statement
    fixed: tuple[str, ...]
    points: Points
    key: str
    known: frozenset[str] = frozenset()

    @property
    def names(self) -> tuple[str, ...]:
        """The swept parameters."""
        return tuple(axis.name for axis in self.points.axes)

    def settings(self, point: Sequence[Value]) -> list[str]:
        """A point of the sweep as ``--set`` takes it."""
        swept = [f"{name}={shown(value)}" for name, value in zip(self.names, point, strict=True)]
        return [*self.fixed, *swept]


@dataclass(frozen=True)
class Derived:
    """Parameters that are solved for from swept ones: ``t`` and ``d`` from ``n``."""

    names: tuple[str, ...]
    sources: tuple[str, ...]


@dataclass(frozen=True)
class Closed:
    """Hypotheses and conclusion over the swept and the derived parameters alone.

    ``main`` are the relations of the conclusion as stated, without what unfolding adds.
    """

    hypotheses: tuple[Formula, ...]
    conclusion: Formula
    main: tuple[Rel, ...]
    derived: Derived


_KNOWN: dict[str, Closed | None] = {}


def closed(plan: Plan) -> Closed | None:
    """The closed form, or None for a statement that must be evaluated point by point."""
    if plan.key not in _KNOWN:
        try:
            _KNOWN[plan.key] = _closed(plan)
        except Refused:
            _KNOWN[plan.key] = None
    return _KNOWN[plan.key]


def _closed(plan: Plan) -> Closed:
    statement = plan.statement
    formal = formalise(statement)
    if formal is None or isinstance(formal.conclusion, Chance) or formal.theory.families:
        raise Refused("the statement has no closed form")
    if any(_raised(statement, param, plan) for param in statement.params):
        raise Refused("a parameter is the least one that a hypothesis allows")
    sizes = formal.theory.ranges.values()
    if formal.theory.distinct or not all(in_range(ONE, s, formal.theory) for s in sizes):
        raise Refused("there may be no index to speak of")
    conclusion = unfolded(formal.conclusion, formal.theory)
    main = tuple(
        list(relations(unfolded(rel, formal.theory)))[-1] for rel in relations(formal.conclusion)
    )
    for formula in (*formal.hypotheses, conclusion):
        _require_scalar(formula)
    derived = _derived(plan)
    table = _values(plan, derived)

    def filled(formula: Formula) -> Formula:
        found = nnf(map_terms(formula, lambda side: replace(side, table)))
        if not free_names(found) <= {*plan.names, *derived.names}:
            raise Refused("it depends on an index")
        return found

    rels = [filled(rel) for rel in main]
    return Closed(
        tuple(filled(hypothesis) for hypothesis in formal.hypotheses),
        filled(conclusion),
        tuple(rel for rel in rels if isinstance(rel, Rel)),
        derived,
    )


def _require_scalar(formula: Formula) -> None:
    for rel in relations(formula):
        for side in (rel.left, rel.right):
            if contains(side, Entry, Sum, Delta):
                raise Refused("a sum or an entry is left")


def _raised(statement: Statement, param: Param, plan: Plan) -> bool:
    """Whether a parameter that is not given is a bound rounded up, as ``at`` takes it."""
    if not param.integer or param.name in {*plan.names, *_given(plan)}:
        return False
    for hypothesis in statement.hypotheses:
        if hypothesis.relation is None or isinstance(hypothesis.relation, ForAll):
            continue
        match to_formula(hypothesis.relation):
            case Rel(op=">=", left=Sym(name=name), right=right) if (
                name == param.name and free_names(right)
            ):
                return True
    return False


def _given(plan: Plan) -> dict[str, Term]:
    """The values of ``--set``."""
    found = {}
    for setting in plan.fixed:
        name, _, value = setting.partition("=")
        found[name.strip()] = parse_term(value)
    return found


def _derived(plan: Plan) -> Derived:
    """A given parameter that others determine determines those of them that are not given."""
    given = {*plan.names, *_given(plan)}
    names: dict[str, None] = {}
    sources: dict[str, None] = {}
    for param in plan.statement.params:
        if param.determined_by is None or param.name not in given:
            continue
        parts = free_names(to_term(param.determined_by))
        missing = [p.name for p in plan.statement.params if p.name in parts - given]
        names |= dict.fromkeys(missing)
        if missing:
            sources |= dict.fromkeys(name for name in plan.names if name in {param.name, *parts})
    return Derived(tuple(names), tuple(sources))


def solved(plan: Plan, derived: Derived, values: Sequence[Value]) -> tuple[Term, ...] | None:
    """The derived parameters for some values of their sources; None where none fit."""
    given = [f"{name}={shown(value)}" for name, value in zip(derived.sources, values, strict=True)]
    try:
        setting = point_of(plan.statement, [*plan.fixed, *given], known=plan.known, anyway=True)
    except SettingError:
        return None
    return tuple(setting.values[name] for name in derived.names)


def _values(plan: Plan, derived: Derived) -> dict[Term, Term]:
    """Every other parameter, by what is given, what determines it, or its reference value."""
    params = {param.name: param for param in plan.statement.params}
    base = {*plan.names, *derived.names}
    found: dict[str, Term] = {name: value for name, value in _given(plan).items() if name in params}

    def value(name: str, waiting: tuple[str, ...]) -> Term:
        if name in base:
            return Sym(name)
        if name not in found:
            if name not in params or name in waiting:
                raise Refused(f"{name} has no value")
            param = params[name]
            source = param.reference if param.determined_by is None else param.determined_by
            term = to_term(source)
            inner: dict[Term, Term] = {
                Sym(n): value(n, (*waiting, name)) for n in sorted(free_names(term))
            }
            found[name] = replace(term, inner)
        return found[name]

    return {Sym(name): value(name, ()) for name in params if name not in base}
