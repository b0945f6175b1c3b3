"""Tails of sums of few large groups of signs, of any size, by a rigorous Fourier integral.

Let X be the sum over groups of w_g times the sum of m_g signs, with positive integers w_g whose
greatest common divisor is 1, and T have the parity of X. Summing the Fourier coefficients of the
law from T on, along the line Im z = -theta with theta > 0, gives

    Pr[X >= T] = (2/pi) Re integral over u in [0, pi/2] of f(u - i theta) du,
    f(z) = exp(-i (T - 1) z) / (2 i sin z) * product of cos(w_g z)**m_g.

Any theta > 0 is right; at the saddle point f neither oscillates nor exceeds the result much, so
that also the smallest tails come with full relative accuracy. With |cos(w z)|**2
= cosh(w theta)**2 - sin(w u)**2 and |sin z| >= sinh(theta), the integrand is at most

    K exp(-s(u)) / (2 sinh theta),   s(u) = sum of m_g sin(w_g u)**2 / (2 cosh(w_g theta)**2),

for K its value at u = 0 without the sine. Where s is large, the integral is negligible; the rest,
a few short intervals, is integrated.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from math import gcd

from flint import acb, arb, ctx

from verify.probe._signs_exact import IntGroup
from verify.probe._signs_value import LawError

# Intervals times groups for which the size of the integrand is estimated, and bits of that.
_PIECES = 60_000
_ROUGH = 64
# Evaluations for one of the intervals that are integrated; some hundred are usual.
_EVALUATIONS = 10_000
# Correct bits below which a result is not worth having.
_WORTHWHILE = 32
# Groups of up to this many signs are raised to their power by multiplication.
_FEW_SIGNS = 32


def fourier_tail(groups: Sequence[IntGroup], bound: int, precision: int) -> tuple[arb, arb]:
    """Balls around Pr[X >= bound] and around its complement, for positive integer weights.

    The smaller of the two has a relative accuracy of about `precision` bits. Any number of signs
    will do; weights that differ in size, divided by their common divisor, may be a few thousands.
    Raises LawError when the weights are too fine for that.
    """
    unit = gcd(*(weight for weight, _ in groups))
    scaled = [(weight // unit, count) for weight, count in groups]
    total = sum(weight * count for weight, count in scaled)
    bound = -(-bound // unit)
    bound += (bound - total) % 2
    with ctx.workprec(precision + 16):
        if bound > total or bound <= -total:
            sure = arb(int(bound <= -total))
            return sure, 1 - sure
        if bound <= 0:  # by symmetry Pr[X <= bound - 2] = Pr[X >= 2 - bound]
            tail = _upper_tail(scaled, 2 - bound, precision)
            return 1 - tail, tail
        tail = _upper_tail(scaled, bound, precision)
        return tail, 1 - tail


def _upper_tail(groups: Sequence[IntGroup], bound: int, precision: int) -> arb:
    """Pr[X >= bound] for 0 < bound <= the largest sum, of its parity."""
    total = sum(weight * count for weight, count in groups)
    signs = sum(count for _, count in groups)
    if bound > total - 2 * min(weight for weight, _ in groups):  # only if all signs are plus
        return arb((1, -signs))
    work = precision + 2 * total.bit_length() + 64
    with ctx.workprec(work):
        theta = arb(_saddle(groups, bound - 1))
        integral = _Integral(groups, bound - 1, theta)
        log_top = sum((m * (w * theta).cosh().log() for w, m in groups), arb(0))
        log_top -= (bound - 1) * theta
        tail = log_top.exp() * integral.value(precision) * 2 / arb.pi()
    if tail.rel_accuracy_bits() < _WORTHWHILE:
        raise LawError("the Fourier integral does not converge")
    return tail


def _saddle(groups: Sequence[IntGroup], shift: int) -> float:
    """About the theta > 0 where the integrand on the imaginary axis is least.

    Only a guess: the integral is right for any theta, and merely takes longer at a bad one.
    """
    total = sum(w * m for w, m in groups)
    parts, share, unit = [(w, w * m / total) for w, m in groups], shift / total, 1 / total
    low, high = 1e-300, 1e3
    for _ in range(200):
        middle = math.sqrt(low) * math.sqrt(high)
        mean = sum(part * math.tanh(w * middle) for w, part in parts)
        if mean - share < unit / math.tanh(middle):
            low = middle
        else:
            high = middle
    return low


class _Integral:
    """The integral of f(u - i theta) / K over u in [0, pi/2], where K bounds the product."""

    def __init__(self, groups: Sequence[IntGroup], shift: int, theta: arb) -> None:
        self.groups, self.shift, self.theta = groups, shift, theta
        self.sinh = theta.sinh()
        # The coefficients m / (2 cosh**2) of s(u).
        self.steep = [m / (2 * (w * theta).cosh() ** 2) for w, m in groups]
        curvature = sum((c * w * w for c, (w, _) in zip(self.steep, groups, strict=True)), arb(0))
        self.width = (1 / curvature.max(arb(1)).sqrt()).mid()

    def value(self, precision: int) -> arb:
        """A ball with a relative accuracy of about `precision` bits."""
        goal = math.ceil(0.7 * (precision + 24) - float(self.width.log())) + 8
        pieces = self._pieces(goal)
        tolerance = (self.width / (2 * self.sinh) * arb((1, -precision - 12))).mid()
        total = arb(0)
        for low, high in pieces:
            part = acb.integral(
                _Integrand(self.groups, self.shift, self.theta, self._anchor(low, high)),
                acb(low),
                acb(high),
                rel_tol=arb((1, -precision - 12)),
                abs_tol=tolerance,
                eval_limit=_EVALUATIONS,
            )
            total += part.real
        # The integrand is at most 1 / (2 sinh theta), and exp(-goal) times that on what is left
        # out; the last interval ends just beyond pi/2.
        beyond = arb.pi().upper() - arb.pi().lower()
        lost = (arb(-goal).exp() * arb.pi() + beyond) / (4 * self.sinh)
        return total + lost.upper() * arb(0, 1)

    def _pieces(self, goal: int) -> list[tuple[arb, arb]]:
        """Intervals that cover where s(u) < goal, in order."""
        shortest = self.width * arb(goal).sqrt() / 2
        found: list[tuple[arb, arb]] = []
        waiting = [(arb(0), arb.pi().upper() / 2)]
        seen = 0
        while waiting:
            low, high = waiting.pop()
            seen += 1
            if seen * len(self.groups) > _PIECES:
                raise LawError(f"the weights are too fine for a Fourier integral in {seen} pieces")
            with ctx.workprec(_ROUGH):
                negligible = self._steepness(low.union(high)) >= goal
            if negligible:
                continue
            if high - low > shortest:
                middle = ((low + high) / 2).mid()
                waiting += [(middle, high), (low, middle)]
            elif found and found[-1][1] == low:
                found[-1] = (found[-1][0], high)
            else:
                found.append((low, high))
        return found

    def _steepness(self, u: arb) -> arb:
        """s(u) for u in a ball."""
        terms = (c * (w * u).sin() ** 2 for c, (w, _) in zip(self.steep, self.groups, strict=True))
        return sum(terms, arb(0))

    def _anchor(self, low: arb, high: arb) -> arb:
        """Where the integrand is expanded on a piece: near its largest value there."""
        steepest = max(
            range(len(self.groups)), key=lambda at: self.steep[at] * self.groups[at][0] ** 2
        )
        weight = self.groups[steepest][0]
        middle = (low + high) / 2 if low > 0 else low
        turns = (weight * middle / arb.pi() + arb(0.5)).mid().floor()
        return turns * arb.pi() / weight


class _Integrand:
    """f(u - i theta) / K near an anchor on the real line.

    With q = exp(-2 w theta) a group contributes exp(i w u) (1 + q exp(-2 i w u)) / (1 + q) to the
    power m. The parts of the logarithm that are linear in u nearly cancel with T, and are put
    together. Powers are entire, so that any way to enclose them will do.
    """

    def __init__(self, groups: Sequence[IntGroup], shift: int, theta: arb, anchor: arb) -> None:
        self.groups, self.theta, self.anchor = groups, theta, anchor
        self.drift = acb(0, 1) * (sum(w * m for w, m in groups) - shift)
        self.start = self.drift * anchor
        self.factors = [_Factor(w, theta, anchor) for w, _ in groups]

    def __call__(self, u: acb, _analytic: bool) -> acb:
        v = u - self.anchor
        exponent, slope, value = self.start, self.drift, acb(1)
        for factor, (_, m) in zip(self.factors, self.groups, strict=True):
            ratio = factor.ratio(u)
            if m <= _FEW_SIGNS:
                value *= ratio**m
            elif ratio.real > 0:
                exponent += m * (factor.log + factor.bend(v, ratio))
                slope += m * factor.slope
            else:  # near a zero of the cosine
                size = (m * ratio.abs_upper().log()).exp().upper()
                value *= acb(arb(0, 1) * size, arb(0, 1) * size)
        sine = (u - acb(0, 1) * self.theta).sin()
        return value * (exponent + slope * v).exp() / (acb(0, 2) * sine)


class _Factor:
    """r(u) = (1 + q exp(-2 i w u)) / (1 + q), with its logarithm and slope at an anchor."""

    def __init__(self, weight: int, theta: arb, anchor: arb) -> None:
        self.weight = weight
        self.q = (-2 * weight * theta).exp()
        self.wave = self.q * (acb(0, -2) * weight * anchor).exp()
        self.log = ((1 + self.wave) / (1 + self.q)).log()
        self.slope = acb(0, -2) * weight * self.wave / (1 + self.wave)

    def ratio(self, u: acb) -> acb:
        """r(u)."""
        return (1 + self.q * (acb(0, -2) * self.weight * u).exp()) / (1 + self.q)

    def bend(self, v: acb, ratio: acb) -> acb:
        """log r less its linear part, at v from the anchor.

        Directly for a narrow ball. For a wide one as v**2 times the integral over s in [0, 1] of
        (1 - s) L''(s v), with L'' = -4 w**2 q e / (1 + q e)**2 and e = exp(-2 i w u).
        """
        direct = ratio.log() - self.log - self.slope * v
        wave = self.wave * (acb(0, -2) * self.weight * v.union(acb(0))).exp()
        taylor = -2 * (self.weight * v) ** 2 * wave / (1 + wave) ** 2
        return taylor if _radius(taylor) < _radius(direct) else direct


def _radius(ball: acb) -> arb:
    radius = ball.real.rad() + ball.imag.rad()
    return radius if radius.is_finite() else arb.pos_inf()
