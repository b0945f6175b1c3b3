"""Sums of inverse tangents, two at a time by the tangent of a sum."""

from __future__ import annotations

import itertools
from fractions import Fraction

from verify.kernel.context import Context
from verify.kernel.poly import Ring, difference
from verify.language.term import (
    ONE,
    ZERO,
    Call,
    Const,
    Div,
    Formula,
    Mul,
    Neg,
    Num,
    Rel,
    Term,
    num,
)
from verify.provers.atoms import Notes, establish, learn
from verify.provers.budget import Budget
from verify.provers.linear import farkas
from verify.provers.system import coefficients
from verify.provers.tactic import Proof, Prove

MAX_STEPS = 12
MAX_MULTIPLE = 64


def arctangents(prove: Prove, context: Context, goal: Formula, budget: Budget) -> Proof | None:
    """A relation between sums of inverse tangents, once these are put together."""
    if not isinstance(goal, Rel) or goal.op == "!=":
        return None
    parts = _multiples(goal)
    if parts is None or sum(abs(times) for _, times in parts) < 2:
        return None
    notes = Notes(context)
    if all(isinstance(argument, Num) for argument, _ in parts):
        numbers = {argument.value: times for argument, times in parts if isinstance(argument, Num)}
        if not _numbers(prove, notes, numbers, budget):
            return None
    elif not _pairs(prove, notes, parts, budget):
        return None
    proof = farkas(notes.context, goal, budget.share(0.3, 1.0))
    if proof is None and len(notes.context.facts) > len(context.facts):
        proof = prove.easier()(notes.context, goal, budget.share(0.5))
    return proof and notes.close(dict(proof))


def _multiples(goal: Rel) -> list[tuple[Term, int]] | None:
    """The arguments of the inverse tangents in the difference of both sides, each with its whole
    multiple; None where one is multiplied by something else."""
    ring = Ring((goal.left, goal.right))
    poly = ring.polynomial(difference(goal))
    found: list[tuple[Term, Fraction]] = []
    for powers, value in coefficients(poly).items():
        used = [ring.generator(k) for k, power in zip(ring.keys, powers, strict=True) if power]
        inverse = [t for t in used if isinstance(t, Call) and t.name == "atan"]
        if inverse and sum(powers) > 1:
            return None
        found += [(call.args[0], value) for call in inverse]
    if not found:
        return None
    scale = max(value.denominator for _, value in found)
    whole = [(argument, value * scale) for argument, value in found]
    if any(value.denominator != 1 or abs(value) > MAX_MULTIPLE for _, value in whole):
        return None
    return [(argument, int(value)) for argument, value in whole]


def _pairs(prove: Prove, notes: Notes, parts: list[tuple[Term, int]], budget: Budget) -> bool:
    """Sums and differences of two, where the product of the arguments is known to be small."""
    learned = False
    for (one, times), (other, more) in itertools.combinations(parts, 2):
        right = other if times * more > 0 else Neg(other)
        if establish(prove, notes, Rel("<", Mul((one, right)), ONE), budget.share(0.3)):
            learned |= learn(notes, "atan_sum", one, right)
    for argument, times in parts:
        for sign in (argument, Neg(argument)):
            if notes.context.knows(Rel(">", sign, ZERO)):
                learned |= learn(notes, "atan_inverse", sign)
        if abs(times) > 1 and establish(
            prove, notes, Rel("<", Mul((argument, argument)), ONE), budget.share(0.3)
        ):
            learned |= learn(notes, "atan_sum", argument, argument)
    return learned


def _numbers(prove: Prove, notes: Notes, parts: dict[Fraction, int], budget: Budget) -> bool:
    """Put numbers together until one is left, whose inverse tangent is known."""
    for _ in range(MAX_STEPS):
        budget.check()
        parts = _positive(parts)
        large = next((value for value in parts if value > 1), None)
        if large is not None:
            learn(notes, "atan_inverse", Num(large))
            _add(parts, 1 / large, -parts.pop(large))
            continue
        doubled = next((v for v, times in parts.items() if v < 1 and abs(times) > 1), None)
        if doubled is not None:
            times = parts.pop(doubled)
            half = abs(times) // 2 * (1 if times > 0 else -1)
            _add(parts, doubled, times - 2 * half)
            _add(parts, _sum(notes, doubled, doubled), half)
            continue
        small = sorted(value for value in parts if value < 1)
        if len(small) < 2:
            break
        one, other = small[0], small[1]
        sign = 1 if parts[one] * parts[other] > 0 else -1
        times = parts.pop(one)
        parts.pop(other)
        _add(parts, _sum(notes, one, sign * other), times)
    if set(parts) <= {Fraction(1)}:
        quarter = Rel("==", Call("atan", (ONE,)), Div(Const("pi"), num(4)))
        return not parts or establish(prove, notes, quarter, budget)
    return False


def _positive(parts: dict[Fraction, int]) -> dict[Fraction, int]:
    """The inverse tangent is odd, and vanishes at zero."""
    found: dict[Fraction, int] = {}
    for value, times in parts.items():
        _add(found, abs(value), times if value > 0 else -times)
    return {value: times for value, times in found.items() if value and times}


def _add(parts: dict[Fraction, int], value: Fraction, times: int) -> None:
    parts[value] = parts.get(value, 0) + times
    if not parts[value]:
        del parts[value]


def _sum(notes: Notes, one: Fraction, other: Fraction) -> Fraction:
    learn(notes, "atan_sum", Num(one), Num(other))
    return (one + other) / (1 - one * other)
