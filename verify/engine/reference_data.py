"""Arrays that a statement only bounds: one datum within the bounds, to evaluate at a point.

Where the hypotheses bound every entry ``l <= z[i] <= h``, the entries alternate ``l, h, l, h, ..``;
an entry that a hypothesis fixes, ``z[j] == M``, has that value. Where all that is said is
``a[i] <= b[i]``, every ``a[i]`` is -1 and every ``b[i]`` is 1.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from verify.engine.formal import family
from verify.engine.pieces import Datum
from verify.kernel.sums import Family
from verify.language.render import text
from verify.language.statement import ForAll, Statement
from verify.language.sympy_terms import to_formula
from verify.language.term import (
    FLIPPED,
    Entry,
    Formula,
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


def reference_arrays(
    statement: Statement, value: Callable[[Term], Term], integer: Callable[[Term], int]
) -> dict[str, Datum]:
    """The arrays of a statement that hypotheses bound and no definition explains.

    ``value`` and ``integer`` evaluate terms in the parameters and indices of the point.
    """
    defined = {array.name for array in statement.arrays} | {m.name for m in statement.stacked}
    found: dict[str, _Bounds] = {}
    for hypothesis in statement.hypotheses:
        if isinstance(hypothesis.relation, ForAll):
            item = family(hypothesis.relation)
            for rel in relations(item.formula):
                _from_family(rel, item.var, defined, found)
    for hypothesis in statement.hypotheses:
        if hypothesis.relation is not None and not isinstance(hypothesis.relation, ForAll):
            _from_entry(to_formula(hypothesis.relation), found, value, integer)
    return {
        name: Datum(bounds.fixed, tuple(value(t) for t in (*bounds.lower, *bounds.upper)))
        for name, bounds in found.items()
    }


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
