"""What is in the angles of sines and cosines, and the addition theorems for sums of units."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import gcd, lcm

from verify.kernel.poly import Refused, Ring, fraction
from verify.language.term import (
    ONE,
    ZERO,
    Add,
    Call,
    Const,
    Div,
    Mul,
    Neg,
    Num,
    Rel,
    Sym,
    Term,
    free_names,
    map_terms,
    num,
    replace,
    subterms,
)

CIRCULAR = frozenset(("sin", "cos", "tan"))
HALF_TURN: Term = Const("pi")
QUARTER: Term = Div(HALF_TURN, num(2))
MAX_TIMES = 6


def opened(term: Term, units: Sequence[Term]) -> Term | None:
    """A term with the addition theorems applied down to the units of the angles."""
    table: dict[Term, Term] = {}
    for node in subterms(term):
        if isinstance(node, Call) and node.name in CIRCULAR:
            turned = _turned(node.args[0], units)
            if turned is None:
                return None
            cosine, sine = turned
            table[node] = {"sin": sine, "cos": cosine, "tan": Div(sine, cosine)}[node.name]
    return replace(term, table)


def _turned(angle: Term, units: Sequence[Term]) -> tuple[Term, Term] | None:
    """Cosine and sine of a sum of whole multiples of the units and of right angles."""
    parts = linear_form(angle)
    if parts is None:
        return None
    cosine: Term = ONE
    sine: Term = ZERO
    for unit in (*units, QUARTER):
        name = HALF_TURN if unit == QUARTER else Sym(next(iter(free_names(unit))))
        size = (linear_form(unit) or {}).get(name, Fraction(1))
        count = parts.pop(name, Fraction(0)) / size
        if count.denominator != 1 or abs(count) > MAX_TIMES:
            return None
        cos, sin = (ZERO, ONE) if unit == QUARTER else (Call("cos", (unit,)), Call("sin", (unit,)))
        turn = sin if count > 0 else Neg(sin)
        for _ in range(abs(int(count))):
            cosine, sine = (
                Add((Mul((cosine, cos)), Neg(Mul((sine, turn))))),
                Add((Mul((sine, cos)), Mul((cosine, turn)))),
            )
    return None if parts else (cosine, sine)


def linear_form(term: Term) -> dict[Term, Fraction] | None:
    """A sum of multiples of atoms; the constant belongs to 1."""
    try:
        ring = Ring((term,))
        polynomial = ring.polynomial(term)
    except Refused:
        return None
    if polynomial.total_degree() > 1:
        return None
    found: dict[Term, Fraction] = {}
    for powers, coefficient in polynomial.terms():
        used = [key for key, power in zip(ring.keys, powers, strict=True) if power]
        found[ring.generator(used[0]) if used else ONE] = fraction(coefficient)
    return found


def angles_of(goal: Rel) -> list[Term]:
    """The arguments of sines, cosines and tangents."""
    nodes = [node for side in (goal.left, goal.right) for node in subterms(side)]
    return [n.args[0] for n in nodes if isinstance(n, Call) and n.name in CIRCULAR]


def unit_of(goal: Rel, name: str) -> Term:
    """The greatest multiple of a variable of which all its multiples in the angles are whole
    multiples."""
    step = Fraction(0)
    for angle in angles_of(goal):
        size = abs((linear_form(angle) or {}).get(Sym(name), Fraction(0)))
        below = lcm(step.denominator, size.denominator)
        step = Fraction(gcd(int(step * below), int(size * below)), below)
    return Sym(name) if step in (0, 1) else Mul((Num(step), Sym(name)))


def replaced(rel: Rel, table: dict[Term, Term]) -> Rel:
    """A relation with terms replaced by others."""
    changed = map_terms(rel, lambda side: replace(side, table))
    assert isinstance(changed, Rel)
    return changed


def outside_angles(goal: Rel) -> frozenset[str]:
    """The variables that occur elsewhere than in an angle."""
    table: dict[Term, Term] = {
        Call(name, (angle,)): ONE for angle in angles_of(goal) for name in CIRCULAR
    }
    return free_names(replaced(goal, table))
