"""Probability bounds for weighted random signs.

A claim is ``Pr[event] >= p`` where the event compares ``X = sum_g sum_i w_g(i) s_{g,i}`` (or its
absolute value) with a threshold; all signs ``s`` are independent and uniform in {-1, 1}. The rules
reduce it to inequalities between terms, which the rules of :mod:`check` prove. Two more rules
pass from one column of signs to the output of a network with independent columns.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

from verify.kernel.check import Certificate, check_goal, unfolded_term
from verify.kernel.context import Context, read_term
from verify.kernel.poly import Refused
from verify.language.term import (
    ONE,
    ZERO,
    Add,
    Call,
    Div,
    Formula,
    Mul,
    Neg,
    Num,
    Pow,
    Rel,
    Sum,
    Term,
    conj,
    num,
)


@dataclass(frozen=True, slots=True)
class Weight:
    """``count`` signs of weight ``weight``; with an index, the weight depends on it."""

    weight: Term
    count: Term = ONE
    index: str | None = None

    @property
    def single(self) -> bool:
        """Whether this is one sign."""
        return self.count == ONE and self.index is None


@dataclass(frozen=True, slots=True)
class SignEvent:
    """``X op threshold`` or, with ``absolute``, ``|X| op threshold``."""

    weights: tuple[Weight, ...]
    op: Literal[">=", ">", "<=", "<"]
    threshold: Term
    absolute: bool = False


@dataclass(frozen=True, slots=True)
class NetworkEvent:
    """The output of ``m`` independent columns of signs, positive or zero.

    ``F = relu(sum over rows and columns of relu(X_row - threshold))`` is positive exactly if for some
    row and column ``X > threshold``. Rows of the same weights give the same value, so ``rows`` holds
    each kind of row once.
    """

    rows: tuple[tuple[Weight, ...], ...]
    threshold: Term
    columns: Term
    positive: bool


@dataclass(frozen=True, slots=True)
class Chance:
    """``Pr[event] >= bound``."""

    event: SignEvent | NetworkEvent
    bound: Term


def check_chance(context: Context, claim: Chance, certificate: object) -> frozenset[str]:
    """Accept a certificate for a probability bound; returns the cited facts that it rests on.

    Raises:
        Refused: the certificate does not prove the claim.
    """
    if not isinstance(certificate, Mapping):
        raise Refused("a certificate is a dictionary with a rule")
    rule = certificate.get("rule")
    event = claim.event
    if rule == "halves" and isinstance(event, SignEvent):
        return _halves(context, claim, event, certificate)
    if rule == "hoeffding" and isinstance(event, SignEvent):
        return _hoeffding(context, claim, event, certificate)
    if rule == "some column" and isinstance(event, NetworkEvent):
        return _some_column(context, claim, event, certificate)
    if rule == "every column" and isinstance(event, NetworkEvent):
        return _every_column(context, claim, event, certificate)
    raise Refused(f"no rule called {rule!r} for this kind of probability bound")


def _fields(certificate: Mapping[str, Any], *names: str) -> list[Any]:
    if set(certificate) != {"rule", *names}:
        raise Refused(f"the fields are {sorted(names)}, got {sorted(certificate)}")
    return [certificate[name] for name in names]


def _fixed(event: SignEvent, chosen: object) -> list[int]:
    if not isinstance(chosen, list) or any(
        isinstance(i, bool) or not isinstance(i, int) or not 0 <= i < len(event.weights)
        for i in chosen
    ):
        raise Refused("fixed signs are given by their numbers")
    if len(set(chosen)) != len(chosen):
        raise Refused("a sign is fixed once")
    return list(chosen)


def halves_premise(claim: Chance, event: SignEvent, chosen: list[int]) -> Formula:
    """What the rule ``halves`` asks for."""
    if event.absolute or event.op not in (">=", ">"):
        raise Refused("this rule is for events X >= threshold and X > threshold")
    if not all(event.weights[i].single for i in chosen):
        raise Refused("only single signs are fixed")
    total = Add((ZERO, *(event.weights[i].weight for i in chosen)))
    least = Num(Fraction(1, 2 ** (len(chosen) + 1)))
    return conj(Rel(event.op, total, event.threshold), Rel("<=", claim.bound, least))


def _halves(
    context: Context, claim: Chance, event: SignEvent, certificate: Certificate
) -> frozenset[str]:
    """Fix some single signs to +1 (probability ``2**-k``); the rest of the sum is symmetric, hence
    nonnegative with probability at least 1/2, independently of them. Then X is at least the sum of
    the fixed weights."""
    chosen, proof = _fields(certificate, "fixed", "proof")
    check_goal(context, halves_premise(claim, event, _fixed(event, chosen)), proof)
    return frozenset()


def hoeffding_premise(
    context: Context,
    claim: Chance,
    event: SignEvent,
    chosen: list[int],
    radius: Term,
    variance: Term,
) -> Formula:
    """What the rule ``hoeffding`` asks for."""
    if event.op not in ("<=", "<"):
        raise Refused("this rule is for events |X| <= threshold or X <= threshold")
    if not all(event.weights[i].single for i in chosen):
        raise Refused("only single signs are taken out of the sum")
    rest = [weight for i, weight in enumerate(event.weights) if i not in chosen]
    fixed: list[Term] = [Call("abs", (event.weights[i].weight,)) for i in chosen]
    squares: list[Term] = [_sum_of_squares(weight) for weight in rest]
    sides = num(2) if event.absolute else ONE
    exponent = Neg(Div(Pow(radius, num(2)), Mul((num(2), variance))))
    failure = Mul((sides, Call("exp", (exponent,))))
    return conj(
        Rel(">", variance, ZERO),
        Rel(">", radius, ZERO),
        Rel("<=", unfolded_term(Add((ZERO, *squares)), context), variance),
        # Hoeffding bounds the probability of |rest| >= radius, so that on the complement the
        # inequality is strict, whatever the event says.
        Rel("<=", Add((*fixed, radius)), event.threshold),
        Rel("<=", failure, Add((ONE, Neg(claim.bound)))),
    )


def _sum_of_squares(weight: Weight) -> Term:
    square = Pow(weight.weight, num(2))
    if weight.index is not None:
        return Sum(square, weight.index, weight.count)
    return Mul((weight.count, square))


def _hoeffding(
    context: Context, claim: Chance, event: SignEvent, certificate: Certificate
) -> frozenset[str]:
    """Take some single signs out, each contributing at most its absolute weight; for the rest use
    Hoeffding's inequality for random signs, ``Pr[|rest| >= r] <= 2 exp(-r^2 / (2 V))`` for every
    ``V`` of at least the sum of the squared weights."""
    chosen, radius, variance, proof = _fields(certificate, "fixed", "radius", "variance", "proof")
    premise = hoeffding_premise(
        context, claim, event, _fixed(event, chosen), read_term(radius), read_term(variance)
    )
    check_goal(context, premise, proof)
    return frozenset(("hoeffding",))


def _some_column(
    context: Context, claim: Chance, event: NetworkEvent, certificate: Certificate
) -> frozenset[str]:
    """One row exceeds the threshold in one column with probability at least ``q``; the columns are
    independent, so none of ``m`` does with probability at most ``(1 - q)^m``."""
    row, chance, column, proof = _fields(certificate, "row", "chance", "column", "proof")
    if not event.positive:
        raise Refused("this rule is for a positive output")
    if isinstance(row, bool) or not isinstance(row, int) or not 0 <= row < len(event.rows):
        raise Refused("no such row")
    q = read_term(chance)
    inner = Chance(SignEvent(event.rows[row], ">", event.threshold), q)
    axioms = check_chance(context, inner, column)
    check_goal(context, some_column_premise(claim, event, q), proof)
    return axioms


def some_column_premise(claim: Chance, event: NetworkEvent, q: Term) -> Formula:
    """What the rule ``some column`` asks for, beside the bound for one column."""
    miss = Pow(Add((ONE, Neg(q))), event.columns)
    return conj(
        Rel(">", q, ZERO),
        Rel("<", q, ONE),
        Rel(">=", event.columns, ZERO),
        Rel("<=", miss, Add((ONE, Neg(claim.bound)))),
    )


def _every_column(
    context: Context, claim: Chance, event: NetworkEvent, certificate: Certificate
) -> frozenset[str]:
    """Each kind of row stays at or below the threshold in one column with probability at least
    ``1 - q``; by the union bound over the kinds of rows and the columns the output is zero with
    probability at least ``1 - kinds * m * q``."""
    failure, rows, proof = _fields(certificate, "failure", "rows", "proof")
    if event.positive:
        raise Refused("this rule is for an output of zero")
    if not isinstance(rows, list) or len(rows) != len(event.rows):
        raise Refused("one proof is needed for each kind of row")
    q = read_term(failure)
    axioms: frozenset[str] = frozenset()
    for weights, part in zip(event.rows, rows, strict=True):
        absolute, inner_proof = _fields({"rule": "row", **part}, "absolute", "column")
        if not isinstance(absolute, bool):
            raise Refused("absolute is true or false")
        inner = SignEvent(weights, "<=", event.threshold, absolute)
        axioms |= check_chance(context, Chance(inner, Add((ONE, Neg(q)))), inner_proof)
    check_goal(context, every_column_premise(claim, event, q), proof)
    return axioms


def every_column_premise(claim: Chance, event: NetworkEvent, q: Term) -> Formula:
    """What the rule ``every column`` asks for, beside the bounds for one column."""
    failing = Mul((num(len(event.rows)), event.columns, q))
    return conj(
        Rel(">=", event.columns, ZERO),
        Rel("<=", failing, Add((ONE, Neg(claim.bound)))),
    )
