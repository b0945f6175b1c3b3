"""Probability bounds for weighted random signs.

A claim is ``Pr[event] >= p`` where the event compares ``X = sum_g sum_i w_g(i) s_{g,i}`` (or its
absolute value) with a threshold; all signs ``s`` are independent and uniform in {-1, 1}. The rules
reduce it to inequalities between terms, which the rules of :mod:`check` prove. Two more rules
pass from one column of signs to the output of a network with independent columns.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import Any, Literal

from verify.kernel.check import Certificate, check_goal, unfolded_term
from verify.kernel.context import Context, read_term
from verify.kernel.poly import Refused, is_whole
from verify.kernel.proved import once
from verify.kernel.sums import in_range, is_size, simplified, unfold
from verify.language.term import (
    ONE,
    ZERO,
    Add,
    Call,
    Delta,
    Div,
    Formula,
    Mul,
    Neg,
    Num,
    Pow,
    Rel,
    Sum,
    Sym,
    Term,
    conj,
    free_names,
    num,
    replace,
)


@dataclass(frozen=True, slots=True)
class Weight:
    """``count`` signs of weight ``weight``.

    With an index, one sign for each index in ``1 .. count`` but the exceptions, and the weight
    depends on the index.
    """

    weight: Term
    count: Term = ONE
    index: str | None = None
    exceptions: tuple[Term, ...] = ()

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
    """The output of a network with ``columns`` independent columns of signs, positive or zero.

    ``F = relu(sum over rows and columns of relu(X_row - threshold))`` is positive exactly if
    ``X_row > threshold`` for some row and column. The weights may depend on the row ``index`` in
    ``1 .. rows``; without an index there is one row.
    """

    weights: tuple[Weight, ...]
    threshold: Term
    columns: Term
    positive: bool
    index: str | None = None
    rows: Term = ONE


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
    return once(context, claim, certificate, lambda: _by_rule(context, claim, certificate))


def _by_rule(context: Context, claim: Chance, certificate: Certificate) -> frozenset[str]:
    rule = certificate.get("rule")
    event = claim.event
    if rule == "split" and isinstance(event, SignEvent):
        return _split(context, claim, event, certificate)
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


def halves_premise(context: Context, claim: Chance, event: SignEvent, chosen: list[int]) -> Formula:
    """What the rule ``halves`` asks for."""
    if event.absolute or event.op not in (">=", ">"):
        raise Refused("this rule is for events X >= threshold and X > threshold")
    _check_weights(context, event.weights)
    if not all(event.weights[i].single for i in chosen):
        raise Refused("only single signs are fixed")
    total = Add((ZERO, *(event.weights[i].weight for i in chosen)))
    rest = [weight for i, weight in enumerate(event.weights) if i not in chosen]
    least = Num(Fraction(1, 2 ** (len(chosen) + (1 if rest else 0))))
    return conj(
        Rel(event.op, total, event.threshold),
        Rel("<=", claim.bound, least),
        *_defined(context, rest),
    )


def _defined(context: Context, weights: list[Weight]) -> list[Rel]:
    """Relations that hold exactly if the weights are defined and the counts make sense."""
    found = []
    for weight in weights:
        squares = unfolded_term(_sum_of_squares(weight), context)
        if weight.index is not None:
            found.append(Rel(">=", squares, ZERO))
            continue
        found.append(Rel("==", weight.weight, weight.weight))
        if weight.count != ONE:
            found.append(Rel(">=", weight.count, ZERO))
    return found


def _halves(
    context: Context, claim: Chance, event: SignEvent, certificate: Certificate
) -> frozenset[str]:
    """Fix some single signs to +1 (probability ``2**-k``); the rest of the sum is symmetric, hence
    nonnegative with probability at least 1/2, independently of them. Then X is at least the sum of
    the fixed weights. Where no weight is left the rest is zero."""
    chosen, proof = _fields(certificate, "fixed", "proof")
    check_goal(context, halves_premise(context, claim, event, _fixed(event, chosen)), proof)
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
    _check_weights(context, event.weights)
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
        *(Rel(">=", weight.count, ZERO) for weight in rest if weight.count != ONE),
    )


def _check_weights(context: Context, weights: tuple[Weight, ...]) -> None:
    """There are as many signs as an integer says, and the exceptions of a family are different
    indices in its range."""
    for weight in weights:
        _check_count(context, weight.count)
        if not weight.exceptions:
            continue
        if weight.index is None or any(weight.index in free_names(e) for e in weight.exceptions):
            raise Refused("an exception depends on the index of the weights")
        _check_indices(context, weight.exceptions, weight.count)


def _check_count(context: Context, count: Term) -> None:
    """Where it matters that a number is not negative either, a premise asks for that."""
    if not is_size(count, context.theory) and not is_whole(count, context.integers):
        raise Refused("a number of signs, rows or columns is not known to be an integer")


def _check_indices(context: Context, indices: Sequence[Term], size: Term) -> None:
    if any(not in_range(index, size, context.theory) for index in indices):
        raise Refused("an exceptional index is not known to be in range")
    for a, b in itertools.combinations(indices, 2):
        if unfold(Delta(a, b), context.theory) != ZERO:
            raise Refused("the exceptional indices are not known to differ")


def _sum_of_squares(weight: Weight) -> Term:
    square = Pow(weight.weight, num(2))
    if weight.index is not None:
        at: list[Term] = [
            Neg(replace(square, {Sym(weight.index): exception})) for exception in weight.exceptions
        ]
        return Add((Sum(square, weight.index, weight.count), *at))
    return Mul((weight.count, square))


def _hoeffding(
    context: Context, claim: Chance, event: SignEvent, certificate: Certificate
) -> frozenset[str]:
    """Take some single signs out, each contributing at most its absolute weight; for the rest use
    Hoeffding's inequality for random signs, ``Pr[|rest| >= r] <= 2 exp(-r^2 / (2 V))`` for every
    ``V`` of at least the sum of the squared weights. The links of its proof are checked first."""
    chosen, radius, variance, proof = _fields(certificate, "fixed", "radius", "variance", "proof")
    premise = hoeffding_premise(
        context, claim, event, _fixed(event, chosen), read_term(radius), read_term(variance)
    )
    _check_links()
    check_goal(context, premise, proof)
    return frozenset()


@cache
def _check_links() -> None:
    # The links are certificates themselves, which need this module.
    from verify.kernel.hoeffding import check_links  # noqa: PLC0415

    check_links()


def split_weights(
    context: Context, weights: tuple[Weight, ...], exceptions: list[Term]
) -> tuple[Weight, ...]:
    """An indexed family of weights with some indices taken out, definitions unfolded.

    Raises:
        Refused: the family is not a single indexed one, an exceptional index is not known to be in
            range, or two of them are not known to differ.
    """
    if len(weights) != 1 or weights[0].index is None or weights[0].exceptions:
        raise Refused("only an indexed family of weights is split")
    family = weights[0]
    index, theory = weights[0].index, context.theory
    _check_indices(context, exceptions, family.count)
    taken = theory.parameters.union(theory.ranges, free_names(family.count))
    if (
        index in taken
        or any(index in free_names(e) for e in exceptions)
        or any(index in free_names(formula) for formula in context.formulas)
    ):
        raise Refused("the index of the weights is not fresh")
    found = [
        Weight(unfolded_term(replace(family.weight, {Sym(index): exception}), context))
        for exception in exceptions
    ]
    inner = Context(theory=theory.with_index(index, family.count, exceptions))
    rest = unfolded_term(family.weight, inner)
    if index in free_names(rest):
        found.append(Weight(rest, family.count, index, tuple(exceptions)))
    else:
        found.append(Weight(rest, simplified(Add((family.count, num(-len(exceptions)))))))
    return tuple(found)


def _split(
    context: Context, claim: Chance, event: SignEvent, certificate: Certificate
) -> frozenset[str]:
    """Name some indices of the family of weights; the others have a common closed form."""
    exceptions, then = _fields(certificate, "at", "then")
    weights = split_weights(context, event.weights, _terms(exceptions))
    inner = SignEvent(weights, event.op, event.threshold, event.absolute)
    return check_chance(context, Chance(inner, claim.bound), then)


def _terms(data: object) -> list[Term]:
    if not isinstance(data, list):
        raise Refused("a list of terms was expected")
    return [read_term(item) for item in data]


def _check_row_index(event: NetworkEvent) -> None:
    if event.index is None:
        return
    if any(w.index == event.index for w in event.weights):
        raise Refused("rows and weights have the same index")
    # Only the weights are taken at a row: elsewhere its name would be that of a parameter, about
    # which there may be hypotheses.
    if event.index in free_names(event.threshold) | free_names(event.columns):
        raise Refused("the threshold and the number of columns do not depend on the row")


def _at_row(event: NetworkEvent, row: Term) -> tuple[Weight, ...]:
    if event.index is None:
        return event.weights
    table: dict[Term, Term] = {Sym(event.index): row}
    _check_row_index(event)
    if any(w.index in free_names(row) for w in event.weights):
        raise Refused("the row is named like the index of the weights")
    return tuple(
        Weight(
            replace(w.weight, table),
            replace(w.count, table),
            w.index,
            tuple(replace(exception, table) for exception in w.exceptions),
        )
        for w in event.weights
    )


def _some_column(
    context: Context, claim: Chance, event: NetworkEvent, certificate: Certificate
) -> frozenset[str]:
    """One row exceeds the threshold in one column with probability at least ``q``; the columns are
    independent, so none of ``m`` does with probability at most ``(1 - q)^m``."""
    row, chance, column, proof = _fields(certificate, "row", "chance", "column", "proof")
    if not event.positive:
        raise Refused("this rule is for a positive output")
    _check_row_index(event)
    index = read_term(row)
    if event.index is not None and not in_range(index, event.rows, context.theory):
        raise Refused("the row is not known to be in range")
    q = read_term(chance)
    inner = Chance(SignEvent(_at_row(event, index), ">", event.threshold), q)
    axioms = check_chance(context, inner, column)
    check_goal(context, some_column_premise(context, claim, event, q), proof)
    return axioms


def some_column_premise(context: Context, claim: Chance, event: NetworkEvent, q: Term) -> Formula:
    """What the rule ``some column`` asks for, beside the bound for one column."""
    _check_count(context, event.columns)
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
    """Each row stays at or below the threshold in one column with probability at least ``1 - q``.

    Rows with the same weights have the same value. Some rows are named; all others must have
    weights that do not depend on the row, so that they count once. By the union bound over the
    kinds of rows and the columns, the output is zero with probability at least
    ``1 - kinds * m * q``.
    """
    named, failure, rows, proof = _fields(certificate, "named", "failure", "rows", "proof")
    if event.positive:
        raise Refused("this rule is for an output of zero")
    kinds = row_kinds(context, event, _terms(named))
    other = row_name(context, event, _terms(named))
    if not isinstance(rows, list) or len(rows) != len(kinds):
        raise Refused("one proof is needed for each kind of row")
    q = read_term(failure)
    if other in free_names(q) | free_names(claim.bound):
        raise Refused(f"{other} stands for a row, and is no parameter")
    axioms: frozenset[str] = frozenset()
    for (local, weights), part in zip(kinds, rows, strict=True):
        if not isinstance(part, Mapping) or set(part) != {"at", "absolute", "column"}:
            raise Refused("a row is given by at, absolute and column")
        if event.index is not None:
            weights = split_weights(local, weights, _terms(part["at"]))  # noqa: PLW2901
            if any(other in _names(weight) for weight in weights):
                raise Refused("the weights of the other rows depend on the row")
        elif part["at"]:
            weights = split_weights(local, weights, _terms(part["at"]))  # noqa: PLW2901
        if any(other in free_names(index) for index in _terms(part["at"])):
            raise Refused("the signs that are named depend on the row")
        if not isinstance(part["absolute"], bool):
            raise Refused("absolute is true or false")
        inner = SignEvent(weights, "<=", event.threshold, part["absolute"])
        axioms |= check_chance(local, Chance(inner, Add((ONE, Neg(q)))), part["column"])
    check_goal(context, every_column_premise(context, claim, event, q, len(kinds)), proof)
    return axioms


def _names(weight: Weight) -> frozenset[str]:
    parts = (weight.weight, weight.count, *weight.exceptions)
    return frozenset().union(*map(free_names, parts))


def row_kinds(
    context: Context, event: NetworkEvent, named: list[Term]
) -> list[tuple[Context, tuple[Weight, ...]]]:
    """The named rows, then all others as one row with a fresh index.

    Raises:
        Refused: a named row is not known to be in range, or what all rows share depends on the row.
    """
    if event.index is None:
        if named:
            raise Refused("there is only one row")
        return [(context, event.weights)]
    theory = context.theory
    if any(not in_range(row, event.rows, theory) for row in named):
        raise Refused("a named row is not known to be in range")
    _check_row_index(event)
    _check_count(context, event.rows)
    name = row_name(context, event, named)
    inner = theory.with_index(name, event.rows, named)
    other = Context((), (), context.integers, inner).having(*context.formulas)
    kinds = [(context, _at_row(event, row)) for row in named]
    return [*kinds, (other, _at_row(event, Sym(name)))]


def row_name(context: Context, event: NetworkEvent, named: list[Term]) -> str:
    """A variable for the rows that are not named: it occurs nowhere yet."""
    taken = context.names | context.integers
    taken |= free_names(event.threshold) | free_names(event.columns)
    taken |= free_names(event.rows).union(*map(free_names, named), *map(_names, event.weights))
    taken |= {weight.index for weight in event.weights if weight.index is not None}
    return next(name for i in itertools.count() if (name := f"row_{i}") not in taken)


def every_column_premise(
    context: Context, claim: Chance, event: NetworkEvent, q: Term, kinds: int
) -> Formula:
    """What the rule ``every column`` asks for, beside the bounds for one column.

    Those say that ``q`` is not negative, but only where there are rows.
    """
    _check_count(context, event.columns)
    failing = Mul((num(kinds), event.columns, q))
    return conj(
        Rel(">=", event.columns, ZERO),
        Rel("<=", failing, Add((ONE, Neg(claim.bound)))),
        Rel(">=", q, ZERO),
    )
