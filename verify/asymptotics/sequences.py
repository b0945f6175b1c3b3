"""Counterexamples: sequences of powers along which everything given holds and the goal fails."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from verify.asymptotics.closed import sign
from verify.asymptotics.question import Fact, Order, Question
from verify.asymptotics.scale import Form, LogOf, iterated
from verify.asymptotics.simplex import maximise
from verify.kernel.poly import Refused, Ring, is_whole
from verify.language.term import (
    Add,
    Num,
    Pow,
    Rel,
    Sym,
    Term,
    compare,
    free_names,
    map_terms,
    num,
)
from verify.language.term import replace as exchange

INDEX = "r"
"""The index of the sequences: all of them are powers of it, plus a number."""


@dataclass(frozen=True)
class Family:
    """Values of constants, and sequences as terms in :data:`INDEX`."""

    constants: Mapping[str, Fraction]
    sequences: Mapping[str, Term]


def refute_order(question: Question, constants: Mapping[str, Fraction]) -> Family | None:
    """Sequences along which the hypotheses and the given growths hold and the goal does not.

    They hold from some index on, and are checked after the substitution, by the orders of growth of
    one variable. ``constants`` are the values that constants take.

    Raises:
        Refused: a given growth or the goal cannot be read.
    """
    table: dict[Term, Term] = {Sym(name): num(value) for name, value in constants.items()}
    fixed = _substituted(question, table)
    moving = fixed.sequences | {fixed.variable}
    if fixed.reader.constants:
        return None
    for exponents in _candidates(fixed, sorted(moving)):
        sequences = _sequences(fixed, exponents)
        if sequences is not None and _is_counterexample(fixed, sequences):
            return Family(dict(constants), sequences)
    return None


def _substituted(question: Question, table: dict[Term, Term]) -> Question:
    def order(item: Order) -> Order:
        return replace(item, left=exchange(item.left, table), right=exchange(item.right, table))

    return replace(
        question,
        hypotheses=tuple(map_terms(h, lambda t: exchange(t, table)) for h in question.hypotheses),
        given=tuple(map(order, question.given)),
        goal=order(question.goal),
    )


def _candidates(question: Question, names: Sequence[str]) -> Iterator[dict[str, Fraction]]:
    """Exponents to try: only the variable grows, or those at which some part of the goal fails."""
    yield {name: Fraction(int(name == question.variable)) for name in names}
    for boundary in (False, True):
        for goal in question.forms(question.goal):
            found = _exponents(question, names, goal, boundary)
            if found is not None:
                yield found


def _exponents(
    question: Question, names: Sequence[str], goal: Fact, boundary: bool
) -> dict[str, Fraction] | None:
    """Exponents, with 1 for the growing variable, at which forms of logarithms have their signs.

    With ``boundary`` the goal may fail by staying bounded.
    """
    rows: list[list[Fraction]] = []
    right: list[Fraction] = []

    def add(form: Form, sign: int, margin: int, slack: bool) -> None:
        # sign * form(exponents) - margin * gap - slack = 0
        rows.append([sign * _coefficient(form, name, question.variable) for name in names])
        rows[-1].append(Fraction(-margin))
        slacks.append(slack)
        right.append(Fraction(0))

    slacks: list[bool] = []
    for fact in question.facts:
        add(fact.form, 1, int(fact.strict), not fact.equation)
    add(goal.form, -1, 0 if boundary and goal.strict else 1, True)
    rows.append([Fraction(int(name == question.variable)) for name in names] + [Fraction(0)])
    right.append(Fraction(1))
    slacks.append(False)
    rows.append([Fraction(0) for _ in names] + [Fraction(1)])
    right.append(Fraction(1))
    slacks.append(True)
    width = sum(slacks)
    place = 0
    for number, slack in enumerate(slacks):
        sign = 1 if number == len(slacks) - 1 else -1
        extra = [Fraction(0)] * width
        if slack:
            extra[place] = Fraction(sign)
            place += 1
        rows[number] += extra
    cost = [Fraction(0) for _ in names] + [Fraction(1)] + [Fraction(0)] * width
    values = maximise(cost, rows, right)
    if values is None or values[len(names)] <= 0:
        return None
    return dict(zip(names, values, strict=False))


def _coefficient(form: Form, name: str, variable: str) -> Fraction:
    wanted = iterated(1) if name == variable else LogOf(name)
    return sum((value for (_, atom), value in form.parts.items() if atom == wanted), Fraction(0))


def _sequences(question: Question, exponents: Mapping[str, Fraction]) -> dict[str, Term] | None:
    """Powers of the index plus the least values; what an equation determines, by that equation."""
    common = math.lcm(*(value.denominator for value in exponents.values()))
    determined = _determined(question)
    found: dict[str, Term] = {}
    for name, exponent in exponents.items():
        if name in determined:
            continue
        least = math.ceil(question.reader.sequences.get(name, Fraction(0)))
        found[name] = _power(int(exponent * common), max(least, 0))
    table: dict[Term, Term] = {Sym(name): term for name, term in found.items()}
    for name, term in determined.items():
        found[name] = exchange(term, table)
    whole = all(is_whole(found[name], {INDEX}) for name in determined)
    return found if whole and all(free_names(t) <= {INDEX} for t in found.values()) else None


def _power(exponent: int, least: int) -> Term:
    if not exponent:
        return num(max(least, 1))
    power: Term = Sym(INDEX) if exponent == 1 else Pow(Sym(INDEX), num(exponent))
    return Add((power, num(least))) if least else power


def _determined(question: Question) -> dict[str, Term]:
    moving = question.sequences | {question.variable}
    for rel in question.hypotheses:
        match rel:
            case Rel(op="==", left=Sym(name=name), right=right) if name in moving and free_names(
                right
            ) <= moving - {name}:
                return {name: right}
    return {}


def _is_counterexample(question: Question, sequences: Mapping[str, Term]) -> bool:
    table: dict[Term, Term] = {Sym(name): term for name, term in sequences.items()}
    plain = Question(INDEX, frozenset(), (), (), question.goal)
    along = _substituted(replace(question, variable=INDEX, sequences=frozenset()), table)
    try:
        holds = all(_eventually(plain, rel) for rel in along.hypotheses)
        holds = holds and all(_tends(fact) for order in along.given for fact in plain.forms(order))
        grows = _tends(Fact(plain.reader.log(sequences[question.variable]), strict=True))
        fails = any(not _tends(fact) and _decided(fact) for fact in plain.forms(along.goal))
    except Refused:
        return False
    return holds and grows and fails


def _eventually(plain: Question, rel: object) -> bool:
    """Whether a relation between terms in the index holds from some index on."""
    if not isinstance(rel, Rel):
        return False
    if isinstance(rel.left, Num) and isinstance(rel.right, Num):
        return compare(rel.left.value, rel.op, rel.right.value)
    ring = Ring((rel.left, rel.right))
    if ring.polynomial(rel.left) == ring.polynomial(rel.right):
        return rel.op in ("==", ">=", "<=")
    larger, smaller = (
        (rel.left, rel.right) if rel.op in (">=", ">", "!=") else (rel.right, rel.left)
    )
    if rel.op == "==":
        return False
    gap = plain.reader.log(larger).minus(plain.reader.log(smaller)).unbounded()
    return _tends(Fact(gap, strict=True))


def _tends(fact: Fact) -> bool:
    """Whether a form over the scale has the sign that a fact claims."""
    found = _sign(fact.form.unbounded())
    return found is not None and (found > 0 or (found == 0 and not fact.strict))


def _decided(fact: Fact) -> bool:
    return _sign(fact.form.unbounded()) is not None


def _sign(form: Form) -> int | None:
    """1 where a form tends to infinity, -1 where its negative does, 0 where it is bounded."""
    if not form.parts:
        return 0
    leading = form.leading()
    return None if leading is None else sign(leading[1]) or None
