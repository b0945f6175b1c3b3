"""Sines and cosines of sums and multiples of angles, in those of the least common angles.

All angles of a claim are written as integer combinations of units: for each monomial the greatest
angle of which all its coefficients are multiples, and half turns. The addition theorems then take
the angles apart, one unit at a time.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import gcd, lcm

from flint import fmpq

from verify.kernel.poly import Ring, fraction
from verify.language.term import Add, Call, Const, Mul, Neg, Num, Term, num
from verify.provers.elementary_forms import Forms

MAX_PIECES = 8


@dataclass(frozen=True, slots=True)
class Addition:
    """``name(whole)`` by the addition theorem for ``first + second``."""

    name: str
    whole: Term
    first: Term
    second: Term

    @property
    def value(self) -> Term:
        """The right side of the addition theorem."""
        a, b = self.first, self.second
        sin_a, cos_a, sin_b, cos_b = (
            Call(name, (angle,)) for angle in (a, b) for name in ("sin", "cos")
        )
        if self.name == "sin":
            return Add((Mul((sin_a, cos_b)), Mul((cos_a, sin_b))))
        return Add((Mul((cos_a, cos_b)), Neg(Mul((sin_a, sin_b)))))


@dataclass(frozen=True, slots=True)
class _Angle:
    """An angle as a linear combination of monomials, and a multiple of pi."""

    parts: tuple[tuple[str, Fraction], ...]
    turns: Fraction


def additions(angles: list[Term]) -> list[Addition]:
    """The addition theorems that bring all angles down to common units."""
    units: dict[str, Term] = {}
    taken: dict[Term, _Angle] = {}
    for angle in angles:
        taken[angle] = _parts(angle, units)
    steps: dict[str, Fraction] = {}
    for taken_apart in taken.values():
        for name, size in taken_apart.parts:
            steps[name] = _common(steps.get(name, Fraction(0)), abs(size))
    found: dict[tuple[str, str], Addition] = {}
    for taken_apart in taken.values():
        pieces = _pieces(taken_apart, units, steps)
        if pieces is None or len(pieces) < 2:
            continue
        whole = pieces[0]
        for piece in pieces[1:]:
            before, whole = whole, Add((whole, piece))
            key = _key(whole)
            for name in ("sin", "cos"):
                found.setdefault((name, key), Addition(name, whole, before, piece))
    # The largest sums first, so that what they bring in is taken apart after them.
    return sorted(found.values(), key=lambda step: -_size(step.whole))


def _size(whole: Term) -> int:
    return 1 + _size(whole.args[0]) if isinstance(whole, Add) and len(whole.args) == 2 else 1


def _key(angle: Term) -> str:
    ring = Ring((angle,))
    top, bottom = ring.fraction(angle)
    if not top.is_zero() and top.leading_coefficient() < 0:
        top = -top
    return f"{ring.text(top)}/{ring.text(bottom)}"


def _parts(angle: Term, units: dict[str, Term]) -> _Angle:
    forms = Forms((angle,))
    top, bottom = forms.ring.fraction(angle)
    if not bottom.is_constant():
        key = _key(angle)
        units.setdefault(key, angle)
        return _Angle(((key, Fraction(1)),), Fraction(0))
    scale = fraction(bottom.leading_coefficient())
    parts: list[tuple[str, Fraction]] = []
    turns = Fraction(0)
    for powers, coefficient in top.terms():
        single = forms.ring.ctx.from_dict({tuple(int(p) for p in powers): fmpq(1)})
        name = forms.ring.text(single)
        if forms.term(single) == Const("pi"):
            turns = fraction(coefficient) / scale
            continue
        units.setdefault(name, forms.term(single))
        parts.append((name, fraction(coefficient) / scale))
    return _Angle(tuple(parts), turns)


def _common(left: Fraction, right: Fraction) -> Fraction:
    """The greatest rational of which both are multiples."""
    if not left:
        return right
    below = lcm(left.denominator, right.denominator)
    return Fraction(gcd(int(left * below), int(right * below)), below)


def _pieces(angle: _Angle, units: dict[str, Term], steps: dict[str, Fraction]) -> list[Term] | None:
    """The angle as a sum of units, with signs, and of half turns."""
    pieces: list[Term] = []
    for name, size in angle.parts:
        step = steps[name]
        unit = units[name] if step == 1 else Mul((Num(step), units[name]))
        count = size / step
        pieces += [unit if count > 0 else Neg(unit)] * abs(int(count))
    halves = angle.turns * 2
    if halves.denominator != 1:
        return None
    whole, half = divmod(abs(int(halves)), 2)
    turn: Term = Const("pi")
    half_turn: Term = Mul((num(Fraction(1, 2)), turn))
    turns = [turn] * whole + [half_turn] * half
    pieces += turns if halves > 0 else [Neg(turn) for turn in turns]
    return pieces if len(pieces) <= MAX_PIECES else None
