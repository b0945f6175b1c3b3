"""Values worth trying for each variable of a case."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from fractions import Fraction

from verify.kernel.context import linear_bound
from verify.language.term import Num, subterms
from verify.probe._cases import Case
from verify.probe._simple import SMALL, weight

MAX_LITERALS = 24
LARGE = tuple(Fraction(10) ** power for power in (1, 2, 3, 4, 6, 9, 12, 20, 30))
_OFFSETS = (Fraction(2), Fraction(3), *(Fraction(1, n) for n in (1, 2, 10, 100, 1_000, 10**6)))
_SHARES = tuple(Fraction(k, n) for n in (2, 3, 4, 10, 100) for k in (1, n - 1))

Bounds = tuple[Fraction | None, Fraction | None]


def bounds_of(case: Case) -> dict[str, Bounds]:
    """Literal bounds of variables, from relations that are linear in one variable alone."""
    found: dict[str, Bounds] = {}
    for rel in case.relations:
        bound = linear_bound(rel)
        if bound is None:
            continue
        name, op, value = bound
        low, high = found.get(name, (None, None))
        if op in (">=", ">", "=="):
            low = value if low is None else max(low, value)
        if op in ("<=", "<", "=="):
            high = value if high is None else min(high, value)
        found[name] = (low, high)
    return found


def literals_of(case: Case) -> list[Fraction]:
    """The numbers that are written in the relations, simplest first."""
    found = {
        node.value
        for rel in case.relations
        for side in (rel.left, rel.right)
        for node in subterms(side)
        if isinstance(node, Num)
    }
    return sorted(found, key=weight)[:MAX_LITERALS]


def pool(
    bounds: Bounds, literals: Iterable[Fraction], integer: bool, extra: Iterable[Fraction] = ()
) -> list[Fraction]:
    """Values of one variable within its bounds, simplest first."""
    low, high = bounds
    found: dict[Fraction, None] = dict.fromkeys((*SMALL, *extra))
    for value in literals:
        found.update(dict.fromkeys((value, -value, value + 1, value - 1, 2 * value, value / 2)))
        if value:
            found[1 / value] = None
    for power in LARGE:
        found.update(dict.fromkeys((power, 1 / power, -power, -1 / power)))
    for anchor, sign in ((low, 1), (high, -1)):
        if anchor is not None:
            found[anchor] = None
            found.update(dict.fromkeys(anchor + sign * step for step in (*_OFFSETS, *LARGE)))
            found.update(dict.fromkeys((anchor * 2, anchor * 10, anchor * Fraction(11, 10))))
    if low is not None and high is not None:
        found.update(dict.fromkeys(low + share * (high - low) for share in _SHARES))
    values: Iterable[Fraction] = found
    if integer:
        values = {Fraction(rounded) for v in found for rounded in (math.floor(v), math.ceil(v))}
    inside = (v for v in values if (low is None or v >= low) and (high is None or v <= high))
    return sorted(inside, key=weight)


def pools(
    case: Case,
    names: Iterable[str],
    integers: frozenset[str],
    extra: Mapping[str, Fraction] | None = None,
) -> dict[str, list[Fraction]]:
    """The pool of each variable; ``extra`` gives further values to try."""
    bounds, literals, extra = bounds_of(case), literals_of(case), extra or {}
    return {
        name: pool(
            bounds.get(name, (None, None)),
            literals,
            name in integers,
            (extra[name],) if name in extra else (),
        )
        for name in names
    }
