"""Arrays that a statement only bounds: one datum within the bounds, to evaluate at a point.

Where the hypotheses bound every entry ``l <= z[i] <= h``, the entries alternate ``l, h, l, h, ..``;
an entry that a hypothesis fixes, ``z[j] == M``, has that value. Where all that is said is
``a[i] <= b[i]``, every ``a[i]`` is -1 and every ``b[i]`` is 1. A point may say otherwise:
``z = 2`` is the value of all entries, ``z[1] = 7`` that of one of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from verify.engine.formal import family
from verify.engine.pieces import Datum
from verify.kernel.sums import Family
from verify.language.render import text
from verify.language.statement import ForAll, Statement
from verify.language.sympy_terms import to_formula
from verify.language.term import (
    FLIPPED,
    Div,
    Entry,
    Formula,
    Mul,
    Rel,
    Sym,
    Term,
    free_names,
    num,
    relations,
)


@dataclass
class _Bounds:
    lower: list[Term] = field(default_factory=list)
    upper: list[Term] = field(default_factory=list)
    fixed: dict[int, Term] = field(default_factory=dict)


ENTRY = re.compile(r"(\w+)\[([1-9]\d*)\]")
"""How a point names an entry."""

FAR = (10**3, 10**6)
"""By these factors an entry goes beyond the others where no hypothesis bounds it."""


def reference_arrays(
    statement: Statement,
    entries: Mapping[str, Term],
    value: Callable[[Term], Term],
    integer: Callable[[Term], int],
) -> dict[str, Datum]:
    """The arrays of a statement that hypotheses bound and no definition explains.

    ``entries`` are the values that the point gives. ``value`` and ``integer`` evaluate terms in its
    parameters and indices.
    """
    found: dict[str, Datum] = {}
    for name, bounds in _bounds(statement, value, integer).items():
        given = {
            int(match[2]): entries[key]
            for key in entries
            if (match := ENTRY.fullmatch(key)) is not None and match[1] == name
        }
        usual = tuple(value(term) for term in (*bounds.lower, *bounds.upper))
        cycle = (entries[name],) if name in entries else usual
        found[name] = Datum({**bounds.fixed, **given}, cycle)
    return found


def other_entries(
    statement: Statement, value: Callable[[Term], Term], integer: Callable[[Term], int]
) -> Iterator[dict[str, Term]]:
    """Data unlike the reference datum, as the entries that a point may give: one entry at one bound
    and all others at the other one; one far from the others where there is one bound only."""
    for name, bounds in _bounds(statement, value, integer).items():
        place = next(p for p in range(1, len(bounds.fixed) + 2) if p not in bounds.fixed)
        single = f"{name}[{place}]"
        for low in bounds.lower:
            for high in bounds.upper:
                yield {name: value(low), single: value(high)}
                yield {name: value(high), single: value(low)}
            for factor in FAR if not bounds.upper else ():
                yield {name: value(low), single: value(Mul((num(factor), low)))}
        for high in bounds.upper if not bounds.lower else ():
            for factor in FAR:
                yield {name: value(Div(high, num(factor))), single: value(high)}


def bounded_arrays(statement: Statement) -> frozenset[str]:
    """The names of the arrays that hypotheses bound and no definition explains."""
    return frozenset(_of_families(statement))


def _bounds(
    statement: Statement, value: Callable[[Term], Term], integer: Callable[[Term], int]
) -> dict[str, _Bounds]:
    found = _of_families(statement)
    for hypothesis in statement.hypotheses:
        if hypothesis.relation is not None and not isinstance(hypothesis.relation, ForAll):
            _from_entry(to_formula(hypothesis.relation), found, value, integer)
    return found


def _of_families(statement: Statement) -> dict[str, _Bounds]:
    defined = {array.name for array in statement.arrays} | {m.name for m in statement.stacked}
    found: dict[str, _Bounds] = {}
    for hypothesis in statement.hypotheses:
        if isinstance(hypothesis.relation, ForAll):
            item = family(hypothesis.relation)
            for rel in relations(item.formula):
                _from_family(rel, item.var, defined, found)
    return found


def pairs(statement: Statement) -> list[tuple[str, str, Family]]:
    """Arrays ``a, b`` of which a hypothesis says that ``a[i] <= b[i]`` for all ``i``."""
    found = []
    for hypothesis in statement.hypotheses:
        if isinstance(hypothesis.relation, ForAll):
            item = family(hypothesis.relation)
            for rel in relations(item.formula):
                left, right = _entry_of(rel.left, item.var), _entry_of(rel.right, item.var)
                if left is not None and right is not None and rel.op == "<=":
                    found.append((left, right, item))
    return found


def described(arrays: dict[str, Datum]) -> list[str]:
    """The data in words."""
    found = []
    for name, datum in arrays.items():
        cycle = " and ".join(dict.fromkeys(text(term) for term in datum.cycle))
        how = "alternates" if len(set(datum.cycle)) > 1 else "is always"
        special = "".join(f", {name}[{i}] = {text(t)}" for i, t in datum.special.items())
        found.append(f"{name} {how} {cycle}{special}")
    return found


def _from_family(rel: Rel, var: str, defined: set[str], found: dict[str, _Bounds]) -> None:
    left, right = _entry_of(rel.left, var), _entry_of(rel.right, var)
    if left is not None and right is not None:
        if rel.op == "<=" and not {left, right} & defined:
            found.setdefault(left, _Bounds()).lower.append(num(-1))
            found.setdefault(right, _Bounds()).upper.append(num(1))
        return
    for name, bound, op in ((left, rel.right, rel.op), (right, rel.left, FLIPPED[rel.op])):
        if name is None or name in defined or var in free_names(bound):
            continue
        if op in (">=", "=="):
            found.setdefault(name, _Bounds()).lower.append(bound)
        elif op == "<=":
            found.setdefault(name, _Bounds()).upper.append(bound)


def _entry_of(term: Term, var: str) -> str | None:
    return term.name if isinstance(term, Entry) and term.indices == (Sym(var),) else None


def _from_entry(
    formula: Formula,
    found: dict[str, _Bounds],
    value: Callable[[Term], Term],
    integer: Callable[[Term], int],
) -> None:
    match formula:
        case Rel(op="==", left=Entry(name=name, indices=(index,)), right=right) if name in found:
            found[name].fixed[integer(index)] = value(right)
