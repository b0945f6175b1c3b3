"""Finds proofs of orders of growth: exact linear programs over the known forms."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from verify.asymptotics.check import check_order
from verify.asymptotics.closed import is_number, sign
from verify.asymptotics.question import Fact, Question
from verify.asymptotics.scale import ONE, Atom, Constant, Form, Monomial, Power, product, rational
from verify.asymptotics.simplex import maximise
from verify.kernel.poly import Refused

MAX_FACTORS = 2
"""How many signs are multiplied with a fact."""

MAX_STRICT = 1_000
"""The sum of the multiples of strict facts, at most; it only has to be positive."""

Proof = dict[str, Any]
Key = tuple[Monomial, Atom]


@dataclass(frozen=True)
class _Column:
    form: Form
    strict: bool
    item: list[Any] | None
    top: list[Any] | None = None
    number: bool = False


def prove_order(question: Question) -> list[Proof] | None:
    """A certificate for the goal of a question, which has been checked; None where none is found.

    Raises:
        Refused: a given growth or the goal cannot be read.
    """
    found = [_prove(question, goal) for goal in question.forms(question.goal)]
    if any(proof is None for proof in found):
        return None
    certificate = [proof for proof in found if proof is not None]
    check_order(question, certificate)
    return certificate


def _prove(question: Question, goal: Fact) -> Proof | None:
    for factors in range(MAX_FACTORS + 1):
        proof = _with_factors(question, goal, factors)
        if proof is not None:
            return proof
    return None


def _with_factors(question: Question, goal: Fact, factors: int) -> Proof | None:
    multipliers = list(_multipliers(question, factors))
    base = list(_fact_columns(question, multipliers))
    for top in (None, *_tops(question, goal)):
        columns = list(base)
        if top is not None:
            columns += [
                _Column(Form.single(top).by(polynomial), positive, None, [Fraction(1), list(signs)])
                for signs, polynomial, positive in multipliers
            ]
            columns += [
                _Column(Form.single(top).by(number), True, None, None, number=True)
                for number in _numbers(question, goal, top)
            ]
        proof = _combined(goal, columns, top)
        if proof is not None:
            return proof
    return None


def _multipliers(
    question: Question, factors: int
) -> Iterator[tuple[tuple[int, ...], Constant, bool]]:
    places = range(len(question.signs))
    for size in range(factors + 1):
        for signs in itertools.combinations_with_replacement(places, size):
            polynomial: Constant = {ONE: Fraction(1)}
            for place in signs:
                polynomial = product(polynomial, question.signs[place].polynomial)
            strict = all(question.signs[place].strict for place in signs)
            yield signs, polynomial, strict


def _fact_columns(
    question: Question, multipliers: Sequence[tuple[tuple[int, ...], Constant, bool]]
) -> Iterator[_Column]:
    for place, fact in enumerate(question.facts):
        for signs, polynomial, positive in multipliers:
            form = fact.form.by(polynomial)
            item: list[Any] = [place, Fraction(1), list(signs)]
            yield _Column(form, fact.strict and positive, item)
            if fact.equation:
                yield _Column(form.scaled(Fraction(-1)), False, [place, Fraction(-1), list(signs)])


def _tops(question: Question, goal: Fact) -> list[Power]:
    forms = [goal.form, *(fact.form for fact in question.facts)]
    atoms = {atom for form in forms for _, atom in form.parts if isinstance(atom, Power)}
    return sorted(atoms, reverse=True)


def _numbers(question: Question, goal: Fact, top: Power) -> Iterator[Constant]:
    """Positive irrational numbers that may be left of the coefficient of the fastest part."""
    whole = {monomial: v for (monomial, atom), v in goal.form.parts.items() if atom == top}
    candidates: list[Constant] = [_number_part(whole)]
    for item in question.signs:
        number = _number_part(item.polynomial)
        candidates += [{monomial: Fraction(1)} for monomial in number]
        # What a sign takes away with it, where it accounts for a monomial of constants.
        candidates += [
            _number_part(_difference(whole, item.polynomial, whole[monomial] / value))
            for monomial, value in item.polynomial.items()
            if monomial in whole and not is_number(monomial)
        ]
    for candidate in candidates:
        known = None if rational(candidate) is not None else sign(candidate)
        if known:
            yield {monomial: known * value for monomial, value in candidate.items()}


def _number_part(polynomial: Constant) -> Constant:
    return {monomial: value for monomial, value in polynomial.items() if is_number(monomial)}


def _difference(first: Constant, second: Constant, factor: Fraction) -> Constant:
    total = dict(first)
    for monomial, value in second.items():
        total[monomial] = total.get(monomial, Fraction(0)) - factor * value
    return {monomial: value for monomial, value in total.items() if value}


def _combined(goal: Fact, columns: Sequence[_Column], top: Power | None) -> Proof | None:
    """The goal as a combination, up to atoms that are slower than ``top``."""

    def counts(key: Key) -> bool:
        return top is None or not isinstance(key[1], Power) or key[1] >= top

    forms = [goal.form, *(column.form for column in columns)]
    keys = sorted({key for form in forms for key in form.parts if counts(key)}, key=repr)
    # What has to be positive is made large; one row more bounds it.
    wanted = [
        column.strict and (top is None or column.top is not None or column.number)
        for column in columns
    ]
    strict = [Fraction(int(item)) for item in wanted]
    rows = [
        [*(column.form.parts.get(key, Fraction(0)) for column in columns), Fraction(0)]
        for key in keys
    ]
    right = [goal.form.parts.get(key, Fraction(0)) for key in keys]
    rows.append([*strict, Fraction(1)])
    right.append(Fraction(MAX_STRICT))
    values = maximise([*strict, Fraction(0)], rows, right)
    if values is None:
        return None
    used = [(column, value) for column, value in zip(columns, values, strict=False) if value]
    reached = any(item and value for item, value in zip(wanted, values, strict=False))
    if not reached and (goal.strict or top is not None):
        return None
    tops = [(column, value) for column, value in used if column.top is not None]
    return {
        "sum": [
            [column.item[0], str(column.item[1] * value), column.item[2]]
            for column, value in used
            if column.item is not None
        ],
        "top": [[str(value), column.top[1]] for column, value in tops if column.top is not None],
    }


def decided(question: Question) -> list[Proof] | None:
    """As :func:`prove_order`, with what cannot be read counted as not proved."""
    try:
        return prove_order(question)
    except Refused:
        return None
