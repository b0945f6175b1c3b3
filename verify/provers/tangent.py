"""Sums of functions of one variable each, under a linear equation: a tangent line for each.

Where ``sum x_i = K`` and ``f_1(x_1) + .. + f_n(x_n) >= 0`` is attained with all ``x_i = c``, where
``c = K / n``,
it is enough that each ``f_i(x) >= f_i(c) + s (x - c)`` with the same slope ``s``.
"""

from __future__ import annotations

from dataclasses import dataclass

from verify.kernel.context import Context
from verify.kernel.derivative import derivative
from verify.kernel.poly import Refused, Ring, difference
from verify.language.term import (
    ZERO,
    Add,
    Formula,
    Mul,
    Neg,
    Num,
    Rel,
    RelOp,
    Sym,
    Term,
    add,
    free_names,
    mul,
    num,
    replace,
    sub,
)
from verify.provers.atoms import Notes
from verify.provers.budget import Budget
from verify.provers.linear import farkas
from verify.provers.quick import quick
from verify.provers.sample import plausible
from verify.provers.system import coefficients
from verify.provers.tactic import Proof, Prove

_UP: dict[RelOp, bool] = {">=": True, ">": True, "<=": False, "<": False}


@dataclass(frozen=True)
class _Sum:
    """The goal's difference by variables, and what has none."""

    parts: dict[str, Term]
    constant: Term


def tangents(prove: Prove, context: Context, goal: Formula, budget: Budget) -> Proof | None:
    """A tangent line below each part, at the point where all variables are equal."""
    if not isinstance(goal, Rel) or goal.op not in _UP:
        return None
    total = difference(goal) if _UP[goal.op] else sub(goal.right, goal.left)
    split = _by_variable(total)
    if split is None or len(split.parts) < 2:
        return None
    names = frozenset(split.parts)
    for fact in context.facts:
        middle = _middle(fact, names) if fact.op == "==" else None
        if middle is None:
            continue
        proof = _with_lines(prove, context, goal, split, middle, budget)
        if proof is not None:
            return proof
    return None


def _by_variable(total: Term) -> _Sum | None:
    parts: dict[str, list[Term]] = {}
    constants: list[Term] = []
    for addend in addends(total):
        names = free_names(addend)
        if len(names) > 1:
            return None
        if names:
            parts.setdefault(next(iter(names)), []).append(addend)
        else:
            constants.append(addend)
    return _Sum({n: add(*terms) for n, terms in parts.items()}, add(*constants))


def addends(term: Term) -> list[Term]:
    """The terms of a sum, with numbers multiplied in."""
    match term:
        case Add(args=args):
            return [part for arg in args for part in addends(arg)]
        case Neg(arg=arg):
            return [Neg(part) for part in addends(arg)]
        case Mul(args=(Num() as factor, rest)):
            return [mul(factor, part) for part in addends(rest)]
        case _:
            return [term]


def _middle(equation: Rel, names: frozenset[str]) -> Term | None:
    """``K / n`` where the equation says that the variables sum to ``K``."""
    try:
        ring = Ring((equation.left, equation.right))
        poly = ring.polynomial(difference(equation))
    except Refused:
        return None
    weights = {}
    rest: Term = ZERO
    for powers, weight in coefficients(poly).items():
        used = [ring.keys[i] for i, p in enumerate(powers) if p]
        if len(used) == 1 and sum(powers) == 1 and used[0] in names:
            weights[used[0]] = weight
            continue
        if any(name in free_names(ring.atom(key)) for key in used for name in names):
            return None
        factors = [ring.generator(ring.keys[i]) for i, p in enumerate(powers) for _ in range(p)]
        rest = add(*([rest] if rest != ZERO else []), mul(num(weight), *factors))
    if frozenset(weights) != names or len(set(weights.values())) != 1:
        return None
    (weight,) = set(weights.values())
    return _tidy(mul(num(-1 / (weight * len(names))), rest))


def _tidy(constant: Term) -> Term:
    ring = Ring((constant,))
    return ring.term(ring.polynomial(constant))


def _with_lines(
    prove: Prove, context: Context, goal: Rel, split: _Sum, middle: Term, budget: Budget
) -> Proof | None:
    notes = Notes(context)
    for name, part in split.parts.items():
        _bounds(notes, name, middle, len(split.parts), budget)
        try:
            slope = replace(derivative(part, name), {Sym(name): middle})
        except Refused:
            return None
        at_middle = replace(part, {Sym(name): middle})
        line = Add((at_middle, Mul((slope, sub(Sym(name), middle)))))
        below = Rel(">=", part, line)
        if not plausible(notes.context, below):
            return None
        proof = prove(notes.context, below, budget.share(0.4))
        if proof is None:
            return None
        notes.add(below, proof)
    values = [replace(p, {Sym(n): middle}) for n, p in split.parts.items()]
    op: RelOp = ">" if goal.op in (">", "<") else ">="
    level = Rel(op, add(*values, split.constant), ZERO)
    if not notes.context.knows(level):
        proof = prove(notes.context, level, budget.share(0.5))
        if proof is None:
            return None
        notes.add(level, proof)
    last = farkas(notes.context, goal, budget)
    return last and notes.close(dict(last))


def _bounds(notes: Notes, name: str, middle: Term, count: int, budget: Budget) -> None:
    """Each variable is at most the whole sum, where the others are nonnegative."""
    most = _tidy(mul(num(count), middle))
    bound = Rel("<=", Sym(name), most)
    if not notes.context.knows(bound):
        proof = quick(notes.context, bound, budget.share(0.1))
        if proof is not None:
            notes.add(bound, proof)
