"""``A sin t + B cos t`` is at most ``sqrt(A^2 + B^2)``: oscillations of one frequency."""

from __future__ import annotations

from dataclasses import dataclass

from flint import fmpq, fmpq_mpoly

from verify.kernel.context import Context
from verify.kernel.poly import Refused, difference
from verify.language.codec import encode_term
from verify.language.term import (
    ONE,
    ZERO,
    Add,
    Call,
    Formula,
    Mul,
    Neg,
    Pow,
    Rel,
    Term,
    free_names,
    num,
)
from verify.provers.atoms import Notes, learn
from verify.provers.budget import Budget
from verify.provers.elementary_forms import Forms
from verify.provers.tactic import Proof, Prove
from verify.provers.turns import angles_of, opened, outside_angles, unit_of


@dataclass(frozen=True, slots=True)
class _Wave:
    """``constant + up sin(angle) + along cos(angle)``."""

    angle: Term
    constant: Term
    up: Term
    along: Term

    @property
    def sine(self) -> Term:
        return Call("sin", (self.angle,))

    @property
    def cosine(self) -> Term:
        return Call("cos", (self.angle,))

    @property
    def moving(self) -> Term:
        return Add((Mul((self.up, self.sine)), Mul((self.along, self.cosine))))

    @property
    def across(self) -> Term:
        """What has with the moving part a constant sum of squares."""
        return Add((Mul((self.up, self.cosine)), Neg(Mul((self.along, self.sine)))))

    @property
    def amplitude(self) -> Term:
        """The square of the amplitude."""
        return Add((Pow(self.up, num(2)), Pow(self.along, num(2))))


def amplitude(prove: Prove, context: Context, goal: Formula, budget: Budget) -> Proof | None:
    """``C + u >= 0`` with ``u = A sin t + B cos t``, from ``C >= 0`` and ``C^2 >= A^2 + B^2``.

    Otherwise ``x = -(C + u)`` were positive, and with ``v = A cos t - B sin t``::

        x^2 + 2 C x + (C^2 - A^2 - B^2) + v^2 = u^2 + v^2 - A^2 - B^2 = 0
    """
    if not isinstance(goal, Rel) or goal.op in ("==", "!="):
        return None
    gap = difference(goal) if goal.op[0] == ">" else Neg(difference(goal))
    wave = _wave(goal, gap)
    if wave is None:
        return None
    notes = Notes(context)
    size, strict = wave.constant, goal.op in (">", "<")
    same = Rel("==", gap, Add((size, wave.moving)))
    enough = Rel(">" if strict else ">=", Add((Pow(size, num(2)), Neg(wave.amplitude))), ZERO)
    circle = Rel("==", Add((Pow(wave.sine, num(2)), Pow(wave.cosine, num(2)))), ONE)
    learn(notes, "pythagoras", wave.angle)
    for fact in (circle, Rel(">=", size, ZERO), enough, same):
        if notes.context.knows(fact):
            notes.state(fact)
            continue
        proof = prove(notes.context, fact, budget.share(0.5))
        if proof is None:
            return None
        notes.add(fact, dict(proof))
    turned, positive, room, equal = map(notes.number, (circle, Rel(">=", size, ZERO), enough, same))
    negated = notes.negated(goal)
    both = Neg(Add((gap, Neg(size), wave.moving)))
    return notes.close(
        {
            "rule": "refute",
            "products": [
                ["1", [negated, negated], []],
                ["2", [positive, negated], []],
                ["1", [room], []],
                ["1", [], [encode_term(wave.across)]],
            ],
            "equations": [
                [equal, encode_term(both)],
                [turned, encode_term(Neg(wave.amplitude))],
            ],
        }
    )


def _wave(goal: Rel, gap: Term) -> _Wave | None:
    """The one oscillation that a term is, of an angle or of its double."""
    names = frozenset().union(*(free_names(angle) for angle in angles_of(goal)))
    if len(names) != 1 or names & outside_angles(goal):
        return None
    (name,) = names
    unit = unit_of(goal, name)
    plain = opened(gap, (unit,))
    if plain is None:
        return None
    sine, cosine = Call("sin", (unit,)), Call("cos", (unit,))
    forms = Forms((plain, sine, cosine))
    try:
        polynomial = forms.ring.polynomial(plain)
    except Refused:
        return None
    ((up,), (along,)) = (forms.used(forms.ring.polynomial(node)) for node in (sine, cosine))
    parts: dict[tuple[int, int], fmpq_mpoly] = {
        (i, j): part
        for i, rest in forms.coefficients(polynomial, up).items()
        for j, part in forms.coefficients(rest, along).items()
        if not part.is_zero()
    }
    nothing = forms.ring.ctx.constant(0)
    powers = parts.keys() - {(0, 0)}
    if not powers:
        return None
    constant = parts.get((0, 0), nothing)
    if powers <= {(1, 0), (0, 1)}:
        pair = parts.get((1, 0), nothing), parts.get((0, 1), nothing)
        return _Wave(unit, forms.term(constant), *map(forms.term, pair))
    if not powers <= {(2, 0), (1, 1), (0, 2)}:
        return None
    half = fmpq(1, 2)
    of_sine, mixed, of_cosine = (parts.get(key, nothing) for key in ((2, 0), (1, 1), (0, 2)))
    constant = constant + (of_sine + of_cosine) * half
    pair = mixed * half, (of_cosine - of_sine) * half
    return _Wave(Mul((num(2), unit)), forms.term(constant), *map(forms.term, pair))
