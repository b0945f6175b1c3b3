"""Small exact linear arithmetic: a goal as a combination of few facts, monomials as unknowns.

Meant for the many easy steps of a longer proof (``z <= 2`` from ``z < x`` and ``x <= 2``); it
costs about a millisecond and fails fast.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import lru_cache
from typing import Any

from flint import fmpq, fmpq_mpoly

from verify.kernel.context import Context, refutation_context
from verify.kernel.poly import Refused, Ring, difference, fraction, rational, sign_polynomial
from verify.kernel.univariate import as_univariate, contradiction_on_line
from verify.language.render import text
from verify.language.term import (
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
    Term,
    contains,
    num,
)
from verify.language.work import WORK
from verify.provers.elementary_forms import Forms
from verify.provers.line import separating

Proof = Mapping[str, Any]
_Vector = dict[str, Fraction]
_Key = tuple[tuple[int, ...], str]

MAX_FACTS = 28
MAX_TERMS = 30
MAX_LIFTED = 6


def combine(context: Context, goal: Formula) -> Proof | None:
    """A ``refute`` certificate with constant multipliers, or None.

    The negated goal may also be multiplied by the square of a fact's denominator, which is what the
    normal form does to a bound such as ``a/b <= x`` or ``exp(-1) <= x``.
    """
    try:
        inner = refutation_context(context, goal)
    except Refused:
        return None
    first = len(context.facts)
    vectors: dict[_Key, _Vector] = {}
    for number, fact in enumerate(inner.facts):
        known = _vector(fact)
        if known is not None and context_allows(inner, number):
            vectors[((number,), "")] = known
    goals = {key for key in vectors if key[0][0] >= first}
    found = farkas(inner.facts, _relevant(vectors, goals))
    if found is None and isinstance(goal, Rel) and goal.op not in ("==", "!="):
        lifted = _lifted(inner, first)
        if lifted:
            vectors |= lifted
            found = farkas(inner.facts, _relevant(vectors, goals | set(lifted)))
    return found


def _lifted(context: Context, first: int) -> dict[_Key, _Vector]:
    """The negated goal times squares of denominators."""
    found: dict[_Key, _Vector] = {}
    goal = context.facts[first]
    denominators = dict.fromkeys(
        below for fact in context.facts[:first] if (below := _denominator(fact)) is not None
    )
    for below in list(denominators)[-4:]:
        square = Pow(below, num(2))
        try:
            ring = Ring((goal.left, goal.right, square))
            polynomial = ring.times(sign_polynomial(ring, goal), ring.polynomial(square))
        except Refused:
            continue
        if len(polynomial) <= MAX_LIFTED and context.defines_term(below):
            polynomial = -polynomial if goal.op in ("<=", "<") else polynomial
            found[((first,), text(below))] = _written(ring, polynomial)
    return found


@lru_cache(maxsize=20_000)
def _denominator(fact: Rel) -> Term | None:
    if not any(contains(side, Div, Call, Pow) for side in (fact.left, fact.right)):
        return None
    try:
        forms = Forms.of(fact)
        bottom = forms.ring.fraction(difference(fact))[1]
    except Refused:
        return None
    return None if bottom.is_constant() or len(bottom) > 4 else forms.term(bottom)


def context_allows(context: Context, number: int) -> bool:
    """Whether a fact may be used in its normal form."""
    try:
        context.usable(number)
    except Refused:
        return False
    return True


@lru_cache(maxsize=20_000)
def _vector(fact: Rel) -> _Vector | None:
    """What a fact says is nonnegative, as coefficients of monomials; None if it has no such form.

    A monomial is written as text that does not depend on the ring.
    """
    if fact.op == "!=":
        return None
    try:
        ring = Ring((fact.left, fact.right))
        polynomial = sign_polynomial(ring, fact)
    except Refused:
        return None
    if len(polynomial) > MAX_TERMS:
        return None
    return _written(ring, -polynomial if fact.op in ("<=", "<") else polynomial)


def _written(ring: Ring, polynomial: fmpq_mpoly) -> _Vector:
    return {
        ring.text(ring.ctx.from_dict({powers: fmpq(1)})) if any(powers) else "": fraction(c)
        for powers, c in polynomial.terms()
    }


def _relevant(vectors: dict[_Key, _Vector], goals: set[_Key]) -> dict[_Key, _Vector]:
    """The facts that share monomials with the goal, directly or through others."""
    kept = {key: vector for key, vector in vectors.items() if key in goals}
    if not kept:
        return dict(list(vectors.items())[-MAX_FACTS:])
    reached = {monomial for vector in kept.values() for monomial in vector if monomial}
    grown = True
    while grown and len(kept) < MAX_FACTS:
        grown = False
        for number, vector in vectors.items():
            if number not in kept and len(kept) < MAX_FACTS:
                own = {monomial for monomial in vector if monomial}
                if own & reached:
                    kept[number], grown = vector, True
                    reached |= own
    return kept


def farkas(facts: Sequence[Rel], vectors: Mapping[_Key, _Vector]) -> Proof | None:
    """Nonnegative multipliers that turn facts, or facts times squares, into a contradiction."""
    vectors = _cancelling(facts, vectors)
    if not vectors:
        return None
    rows = sorted({monomial for vector in vectors.values() for monomial in vector if monomial})
    columns: list[tuple[_Key, int]] = []
    table: list[list[Fraction]] = []
    for key, vector in vectors.items():
        strict = not key[1] and all(facts[number].op in (">", "<") for number in key[0])
        constant = vector.get("", Fraction(0))
        entries = [vector.get(row, Fraction(0)) for row in rows]
        column = [*entries, constant, Fraction(1 if strict else 0)]
        columns.append((key, 1))
        table.append(column)
        if facts[key[0][0]].op == "==":
            columns.append((key, -1))
            table.append([-value for value in column])
    # The constant 1 is positive: it takes up what is left over.
    columns.append((((), ""), 1))
    table.append([*(Fraction(0) for _ in rows), Fraction(1), Fraction(1)])
    right = [*(Fraction(0) for _ in rows), Fraction(0), Fraction(1)]
    solution = _feasible(table, right)
    if solution is None:
        return None
    products: list[list[Any]] = []
    equations: dict[int, Fraction] = {}
    for ((numbers, square), sign), value in zip(columns, solution, strict=True):
        if not value:
            continue
        if numbers and facts[numbers[0]].op == "==":
            equations[numbers[0]] = equations.get(numbers[0], Fraction(0)) + sign * value
        else:
            products.append([str(value), list(numbers), [square] if square else []])
    return {
        "rule": "refute",
        "products": products,
        "equations": [[number, str(value)] for number, value in equations.items() if value],
    }


def one_atom(context: Context, goal: Formula) -> Proof | None:
    """A ``line`` certificate from the facts about the goal's only atom, or None."""
    try:
        inner = refutation_context(context, goal)
        first = len(context.facts)
        goal_forms = Forms.of(inner.facts[first])
        mine = goal_forms.used(goal_forms.sign(inner.facts[first]))
        if len(mine) != 1:
            return None
        key = goal_forms.keys[mine[0]]
        kept: dict[int, Rel] = {}
        for number in range(len(inner.facts)):
            forms = Forms.of(inner.facts[number])
            if [forms.keys[i] for i in forms.used(forms.sign(inner.facts[number]))] == [key]:
                kept[number] = inner.usable(number)
        forms = Forms.of(*kept.values())
        if key not in forms.keys:
            return None
        place = forms.keys.index(key)
        needed = _needed([(n, forms.sign(fact), fact.op) for n, fact in kept.items()], place, first)
    except (Refused, IndexError):
        return None
    if needed is None:
        return None
    numbers, separators = needed
    return {"rule": "line", "facts": numbers, "separators": [str(point) for point in separators]}


def _needed(
    facts: list[tuple[int, fmpq_mpoly, RelOp]], place: int, first: int
) -> tuple[list[int], list[Fraction]] | None:
    """The facts that a contradiction needs, and separators for their roots."""
    found = _separators(facts, place)
    if found is None:
        return None
    for fact in list(facts):
        if fact[0] < first and len(facts) > 1:
            fewer = [other for other in facts if other is not fact]
            again = _separators(fewer, place)
            if again is not None:
                facts, found = fewer, again
    return [number for number, _, _ in facts], found


def _separators(facts: list[tuple[int, fmpq_mpoly, RelOp]], place: int) -> list[Fraction] | None:
    try:
        points = separating([as_univariate(polynomial, place) for _, polynomial, _ in facts])
        contradiction_on_line([(polynomial, op) for _, polynomial, op in facts], points)
    except Refused:
        return None
    return points


def equate(context: Context, goal: Rel, numbers: Sequence[int]) -> Proof | None:
    """A proof of an equation as a linear combination of equations among the facts.

    With ``f`` the goal's gap and ``g_j`` theirs, ``f^2 - sum c_j f g_j = 0``, but ``f^2 > 0`` where
    the goal fails.
    """
    wanted = _vector(goal)
    known = {number: _vector(context.facts[number]) for number in numbers}
    vectors = {number: vector for number, vector in known.items() if vector}
    if wanted is None or not context.defines(goal):
        return None
    rows = sorted({m for vector in (wanted, *vectors.values()) for m in vector})
    signs = [-1 if wanted.get(row, 0) < 0 else 1 for row in rows]
    columns: list[list[Fraction]] = []
    for vector in vectors.values():
        column = [s * vector.get(row, Fraction(0)) for s, row in zip(signs, rows, strict=True)]
        columns += [column, [-value for value in column]]
    right = [s * wanted.get(row, Fraction(0)) for s, row in zip(signs, rows, strict=True)]
    solution = _feasible(columns, right)
    if solution is None:
        return None
    gap = Add((goal.left, Neg(goal.right)))
    equations = []
    for index, number in enumerate(vectors):
        factor = solution[2 * index] - solution[2 * index + 1]
        if factor:
            equations.append([number, text(Mul((Num(-factor), gap)))])
    products = [["1", [len(context.facts)], []]]
    return {"rule": "refute", "products": products, "equations": equations}


def _cancelling(facts: Sequence[Rel], vectors: Mapping[_Key, _Vector]) -> dict[_Key, _Vector]:
    """Without the facts of which a monomial cannot be cancelled by the others."""
    kept = dict(vectors)
    while True:
        signs: dict[str, set[int]] = {}
        for key, vector in kept.items():
            both = bool(key[0]) and facts[key[0][0]].op == "=="
            for monomial, value in vector.items():
                if monomial:
                    mark = {len(signs) + 2, 1, -1} if both else {1 if value > 0 else -1}
                    signs.setdefault(monomial, set()).update(mark)
        stuck = {monomial for monomial, marks in signs.items() if not {1, -1} <= marks}
        if not stuck:
            return kept
        kept = {key: v for key, v in kept.items() if not stuck.intersection(v)}


def _feasible(columns: list[list[Fraction]], right: list[Fraction]) -> list[Fraction] | None:
    """``x >= 0`` with ``sum x_j columns_j = right`` (``right >= 0``), by the simplex method with
    Bland's rule, exactly."""
    height, width = len(right), len(columns)
    WORK.done += height * width // 2
    # Rows of the tableau: the columns and the right side; the artificial unknowns, one per row,
    # are implicit.
    exact = [[rational(value) for value in column] for column in [*columns, right]]
    rows = [[exact[j][i] for j in range(width + 1)] for i in range(height)]
    basis = [width + i for i in range(height)]
    zero = fmpq(0)
    cost = [sum((row[j] for row in rows), zero) for j in range(width + 1)]
    while cost[width] > 0:
        entering = next((j for j in range(width) if cost[j] > 0), None)
        if entering is None:
            return None
        leaving, least = -1, zero
        for i, row in enumerate(rows):
            if row[entering] > 0:
                ratio = row[width] / row[entering]
                if leaving < 0 or ratio < least or (ratio == least and basis[i] < basis[leaving]):
                    leaving, least = i, ratio
        if leaving < 0:
            return None
        pivot = rows[leaving][entering]
        rows[leaving] = pivot_row = [value / pivot if value else value for value in rows[leaving]]
        used = [j for j, value in enumerate(pivot_row) if value]
        WORK.done += (width + height * len(used)) // 4
        for row in (*rows[:leaving], *rows[leaving + 1 :], cost):
            factor = row[entering]
            if factor:
                for j in used:
                    row[j] -= factor * pivot_row[j]
        basis[leaving] = entering
    values = [Fraction(0)] * width
    for i, j in enumerate(basis):
        if j < width:
            values[j] = fraction(rows[i][width])
    return values
