"""One parameter point of a statement: what was given, completed by what follows from it."""

from __future__ import annotations

import difflib
import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from dataclasses import replace as replace_fields

from verify.engine.constants import Constants
from verify.engine.pieces import Data, Pieces, Unsupported
from verify.engine.reference_data import ENTRY, bounded_arrays
from verify.kernel.point import Evaluator, Undecided, Undefined
from verify.kernel.poly import Refused, Ring
from verify.kernel.sums import Definition
from verify.language.grammar import ExpressionError, naming, parse_term
from verify.language.render import text
from verify.language.statement import ForAll, Param, Statement
from verify.language.sympy_terms import to_formula, to_term
from verify.language.term import (
    Call,
    Div,
    Formula,
    Neg,
    Num,
    Rel,
    Sym,
    Term,
    free_names,
    num,
    relations,
    replace,
)

MAX_SHOWN = 40


class SettingError(ValueError):
    """A point that is not one of the statement's: says which value, why, and what to try."""


@dataclass(frozen=True)
class Setting:
    """Values of all parameters and indices of a statement.

    ``values`` are constant terms, for integer parameters and indices numbers that ``integers`` has
    as well. ``notes`` say what was given and is not used. ``entries`` are those that were given of
    arrays that hypotheses only bound.
    """

    values: Mapping[str, Term]
    integers: Mapping[str, int]
    given: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    entries: Mapping[str, Term] = field(default_factory=dict)

    def shown(self) -> dict[str, str]:
        """The point as text, in the grammar of ``--set``."""
        return {name: text(value) for name, value in self.coordinates().items()}

    def coordinates(self) -> dict[str, Term]:
        """The values and the entries that were given."""
        return {**self.values, **self.entries}


def point_of(
    statement: Statement,
    settings: Sequence[str],
    *,
    known: Collection[str] = (),
    anyway: bool = False,
) -> Setting:
    """Read ``NAME=VALUE`` settings, and complete them.

    A parameter that is left out is determined by the others where it can be (``n`` from ``d, t``,
    and back), and has its reference value otherwise; an index is the least one that the hypotheses
    allow. Of an array ``z`` that hypotheses only bound, ``z`` is the value of all entries, ``z[1]``
    that of one. Names in ``known``, which belong to other statements, are accepted and not used.
    With ``anyway``, sizes and indices may break their hypotheses.

    Raises:
        SettingError: a name or a value that does not belong here, or sizes that do not fit.
    """
    given, entries, notes = _read(statement, settings, known)
    found = _Completion(statement, given, notes).setting(anyway)
    return replace_fields(found, entries=entries) if entries else found


def _read(
    statement: Statement, settings: Sequence[str], known: Collection[str]
) -> tuple[dict[str, Term], dict[str, Term], list[str]]:
    indices = [str(index.symbol) for index in statement.indices]
    names = [*(param.name for param in statement.params), *indices]
    given: dict[str, Term] = {}
    entries: dict[str, Term] = {}
    notes: list[str] = []
    seen: set[str] = set()
    for setting in settings:
        name, equals, value = setting.partition("=")
        name = name.strip()
        if not equals or not name or not value.strip():
            raise SettingError(f"{setting!r} is not a setting: write NAME=VALUE, such as d=7")
        if name in seen:
            raise SettingError(f"{name} is set twice")
        seen.add(name)
        entry = ENTRY.fullmatch(name)
        if name not in names and (entry[1] if entry else name) in bounded_arrays(statement):
            entries[name] = _constant(name, value)
            continue
        if name not in names and name not in known:
            raise SettingError(_no_such(statement, name, names))
        term = _constant(name, value)
        if name in names:
            given[name] = term
        else:
            notes.append(f"{statement.id} does not depend on {name}: its value is not used")
    return given, entries, notes


def _no_such(statement: Statement, name: str, names: Sequence[str]) -> str:
    close = difflib.get_close_matches(name, names, 1, 0.5)
    hint = f" (did you mean {close[0]}?)" if close else ""
    what = f"its parameters are {', '.join(names)}" if names else "it has none"
    return f"{statement.id} has no parameter {name}{hint}; {what}"


def _constant(name: str, value: str) -> Term:
    """A constant term with a value, as a number where that is rational."""
    try:
        term = parse_term(value)
    except ExpressionError as error:
        raise SettingError(f"the value of {name}: {error.pointed()}") from error
    used = sorted(free_names(term))
    if used:
        message = (
            f"the value of {name} mentions {', '.join(used)}: values are constants, "
            "such as 7/10 or 2*log(30)"
        )
        where = naming(value, used)
        raise SettingError(f"{message}; column {where.column + 1}\n{where.picture()}")
    try:
        exact = Evaluator({}).exact(term)
    except Undefined as error:
        raise SettingError(f"the value of {name} is undefined: {error}") from error
    except Undecided as error:
        raise SettingError(f"the value of {name} is out of reach: {error}") from error
    return term if exact is None else num(exact)


class _Completion:
    """Fills in the values that were not given, in an order in which each can be computed."""

    def __init__(self, statement: Statement, given: Mapping[str, Term], notes: list[str]) -> None:
        self.statement = statement
        self.params = {param.name: param for param in statement.params}
        self.indices = [str(index.symbol) for index in statement.indices]
        self.given = given
        self.notes = notes
        self.constants = Constants()
        self.values = {name: term for name, term in given.items() if name in self.params}
        self.integers: dict[str, int] = {}
        for name, param in self.params.items():
            if param.integer and name in self.values:
                _whole(name, self.values[name])

    def setting(self, anyway: bool) -> Setting:
        """All values, checked."""
        for param in self.statement.params:
            self._solve_for_parts(param, anyway)
        for name in self.params:
            self._fill(name, ())
        self._raise_to_bounds()
        self.integers = {
            name: _whole(name, self.values[name])
            for name, param in self.params.items()
            if param.integer
        }
        if not anyway:
            self._check_sizes()
        self._place_indices(anyway)
        values = {name: self.values[name] for name in self.params}
        values |= {name: num(self.integers[name]) for name in self.indices}
        return Setting(values, dict(self.integers), tuple(self.given), tuple(self.notes))

    # Values that follow from others

    def _fill(self, name: str, waiting: tuple[str, ...]) -> None:
        if name in self.values:
            return
        if name not in self.params or name in waiting:
            raise SettingError(f"{name} has no value: set it with --set {name}=..")
        param = self.params[name]
        source = param.reference if param.determined_by is None else param.determined_by
        term = to_term(source)
        for other in sorted(free_names(term)):
            self._fill(other, (*waiting, name))
        self.values[name] = self._value(term)
        if param.integer:
            _whole(name, self.values[name])

    def _value(self, term: Term) -> Term:
        closed = replace(term, {Sym(name): value for name, value in self.values.items()})
        normal = self.constants.normal(closed)
        return normal if isinstance(normal, Num) else closed

    def _solve_for_parts(self, param: Param, anyway: bool) -> None:
        """A size that was given determines a part of it: ``t`` from ``n`` and ``d``; ``anyway``,
        the nearest integer below will do."""
        if param.determined_by is None or param.name not in self.values:
            return
        parts = free_names(to_term(param.determined_by))
        missing = [name for name in self.params if name in parts and name not in self.values]
        rules = [rule for rule in _equations(param) if free_names(rule) <= {*parts, param.name}]
        if not missing or not rules:
            return
        if not all(name in self.values for name in parts if name not in missing):
            return
        for guess, last in self._attempts(missing):
            found = self._solved(rules[0], last, {**self.values, **guess})
            if anyway and isinstance(found, Num) and self.params[last].integer:
                found = num(math.floor(found.value))
            if found is not None and self._fits({**guess, last: found}):
                self.values |= {**guess, last: found}
                return
        if anyway:
            return
        shown = ", ".join(f"{name} = {_short(self.values[name])}" for name in self._known_of(rules))
        raise SettingError(
            f"no {' and '.join(missing)} with {text(rules[0])} for {shown}: "
            f"set {', '.join(missing)} as well, or another {param.name}; --anyway takes the "
            "nearest whole numbers below"
        )

    def _known_of(self, rules: Sequence[Rel]) -> list[str]:
        return [name for name in self.params if name in free_names(rules[0]) & set(self.values)]

    def _attempts(self, names: Sequence[str]) -> Iterator[tuple[dict[str, Term], str]]:
        """Values for all names but one, which is solved for: first the reference values, solving
        for the last name first; then the least values, solving for the first name first."""
        for last in reversed(names):
            others = [name for name in names if name != last]
            yield {name: self._value(to_term(self.params[name].reference)) for name in others}, last
        for last in names:
            others = [name for name in names if name != last]
            bounds = {name: _least(self.params[name]) for name in others}
            yield {name: bound for name, bound in bounds.items() if bound is not None}, last

    def _solved(self, rule: Rel, name: str, values: Mapping[str, Term]) -> Term | None:
        """The value of one name for which a linear equation holds."""
        table: dict[Term, Term] = {Sym(known): value for known, value in values.items()}
        gap = replace(rule.left, table), replace(rule.right, table)
        try:
            ring = Ring(gap)
            top = ring.polynomial(gap[0]) - ring.polynomial(gap[1])
            place = ring.keys.index(name)
            if top.degrees()[place] != 1:
                return None
            slope = top.derivative(place)
            rest = top - slope * ring.gen(name)
            return self.constants.normal(Neg(Div(ring.term(rest), ring.term(slope))))
        except (Refused, ValueError):
            return None

    def _fits(self, found: Mapping[str, Term]) -> bool:
        """Whether values lie in the domains of their parameters."""
        evaluator = Evaluator({**self.values, **found})
        for name, value in found.items():
            param = self.params[name]
            if param.integer and not (isinstance(value, Num) and value.value.denominator == 1):
                return False
            for relation in param.where:
                formula = to_formula(relation)
                known = free_names(formula) <= {*self.values, *found}
                if known and evaluator.formula(formula) is False:
                    return False
        return True

    def _raise_to_bounds(self) -> None:
        """An integer parameter that a hypothesis bounds below, such as ``m >= C log(n / delta)``,
        is that bound rounded up unless it was given."""
        for hypothesis in self.statement.hypotheses:
            if hypothesis.relation is None or isinstance(hypothesis.relation, ForAll):
                continue
            match to_formula(hypothesis.relation):
                case Rel(op=">=", left=Sym(name=name), right=right) if (
                    name in self.params
                    and self.params[name].integer
                    and name not in self.given
                    and free_names(right)
                    and free_names(right) <= set(self.values) - {name}
                ):
                    bound = self._value(Call("ceil", (right,)))
                    if isinstance(bound, Num):
                        self.values[name] = bound

    # Sizes and indices

    def _check_sizes(self) -> None:
        broken: list[str] = []
        sizes = {name for name, param in self.params.items() if param.integer}
        evaluator = Evaluator({name: self.values[name] for name in sizes})
        for param in self.statement.params:
            for relation in param.where:
                formula = to_formula(relation)
                if free_names(formula) <= sizes and evaluator.formula(formula) is False:
                    broken.append(self._breaks(param, formula))
        if broken:
            raise SettingError("; ".join(dict.fromkeys(broken)))

    def _breaks(self, param: Param, formula: Formula) -> str:
        value = f"{param.name} = {_short(self.values[param.name])}"
        message = f"{value} ({param.about}) breaks the hypothesis {text(formula)}"
        if param.determined_by is not None and not isinstance(formula, Rel):
            return message
        if isinstance(formula, Rel) and formula.op == "==" and param.determined_by is not None:
            term = to_term(param.determined_by)
            parts = ", ".join(
                f"{name} = {_short(self.values[name])}" for name in sorted(free_names(term))
            )
            due = _short(self._value(term))
            return f"{message}: with {parts} it is {due}; leave {param.name} out, or change these"
        return message

    def _place_indices(self, anyway: bool) -> None:
        for index in self.statement.indices:
            name = str(index.symbol)
            size = self._pieces().integer(to_term(index.size))
            if name in self.given:
                value = _whole(name, self.given[name])
                if not 1 <= value <= size:
                    raise SettingError(
                        f"{name} = {_short(num(value))} is not an index in 1 .. "
                        f"{text(to_term(index.size))} = {_short(num(size))}"
                    )
                self.integers[name] = value
                broken = [] if anyway else self._coincidences(name)
                if broken:
                    raise SettingError(
                        f"{name} = {_short(num(value))} breaks the hypothesis {text(broken[0])}"
                    )
                continue
            self.integers[name] = self._least_index(name, size)

    def _least_index(self, name: str, size: int) -> int:
        limit = min(size, len(self.statement.hypotheses) + len(self.indices) + 2)
        for value in range(1, limit + 1):
            self.integers[name] = value
            if not self._coincidences(name):
                return value
        raise SettingError(
            f"no index {name} in 1 .. {size} fits the hypotheses: choose larger sizes"
        )

    def _coincidences(self, name: str) -> list[Formula]:
        """The hypotheses ``name != other`` that the indices placed so far break."""
        found: list[Formula] = []
        for hypothesis in self.statement.hypotheses:
            if hypothesis.relation is None or isinstance(hypothesis.relation, ForAll):
                continue
            formula = to_formula(hypothesis.relation)
            if not (isinstance(formula, Rel) and formula.op == "!="):
                continue
            if name not in free_names(formula) or not free_names(formula) <= set(self.integers):
                continue
            try:
                pieces = self._pieces()
                if pieces.integer(formula.left) == pieces.integer(formula.right):
                    found.append(formula)
            except Unsupported:
                continue
        return found

    def _pieces(self) -> Pieces:
        classes = {item.name: to_term(item.classes) for item in self.statement.stacked}
        return Pieces(Data(self.values, self.integers, classes=classes))


def definitions_of(statement: Statement) -> dict[str, Definition]:
    """The arrays that a statement refers to."""
    return {
        array.name: Definition(tuple(str(index) for index in array.indices), to_term(array.body))
        for array in statement.arrays
    }


def _whole(name: str, value: Term) -> int:
    if isinstance(value, Num) and value.value.denominator == 1:
        return int(value.value)
    raise SettingError(f"{name} = {_short(value)} is not an integer, but {name} must be one")


def _short(value: Term) -> str:
    shown = text(value)
    return shown if len(shown) <= MAX_SHOWN else f"{shown[:12]}..{shown[-8:]}"


def _equations(param: Param) -> list[Rel]:
    found = [rel for relation in param.where for rel in relations(to_formula(relation))]
    return [rel for rel in found if rel.op == "=="]


def _least(param: Param) -> Term | None:
    """The literal lower bound of a parameter, where it has one."""
    for relation in param.where:
        for rel in relations(to_formula(relation)):
            if rel.op == ">=" and rel.left == Sym(param.name) and isinstance(rel.right, Num):
                return rel.right
    return None
