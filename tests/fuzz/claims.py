"""Random small claims, and an exact evaluation of them that shares nothing with the kernel."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from verify.engine.claims import ClaimText, check_claims
from verify.engine.results import Result
from verify.language.grammar import parse_formula, parse_term
from verify.language.term import (
    Add,
    And,
    Call,
    Div,
    Formula,
    Mul,
    Neg,
    Not,
    Num,
    Or,
    Pow,
    Rel,
    Sym,
    Term,
)

POINTS = 400
"""Exact points at which each decided claim is tried."""


class Undefined(ArithmeticError):
    """A part has no value."""


class Irrational(ArithmeticError):
    """A part is not evaluated here."""


def value(term: Term, point: Mapping[str, Fraction]) -> Fraction:
    """The exact value of a term made of rational operations.

    Raises:
        Undefined: a denominator is zero.
        Irrational: there is another function in it.
    """
    match term:
        case Num(value=number):
            return number
        case Sym(name=name):
            return point[name]
        case Neg(arg=arg):
            return -value(arg, point)
        case Add(args=args):
            return sum((value(arg, point) for arg in args), Fraction(0))
        case Mul(args=args):
            product = Fraction(1)
            for arg in args:
                product *= value(arg, point)
            return product
        case Div(num=top, den=bottom):
            below = value(bottom, point)
            above = value(top, point)
            if below == 0:
                raise Undefined
            return above / below
        case Pow(base=base, exp=Num(value=power)) if power.denominator == 1:
            found = value(base, point)
            if found == 0 and power < 0:
                raise Undefined
            return Fraction(found ** int(power))
        case Call(name=name, args=args):
            values = [value(arg, point) for arg in args]
            known = {"abs": lambda: abs(values[0]), "min": lambda: min(values)}
            known |= {"max": lambda: max(values)}
            known |= {"floor": lambda: Fraction(values[0].__floor__())}
            if name in known:
                return known[name]()
    raise Irrational


def holds(formula: Formula, point: Mapping[str, Fraction]) -> bool:
    """Whether a formula holds; a relation with an undefined side does not."""
    match formula:
        case Rel(op=op, left=left, right=right):
            try:
                low, high = value(left, point), value(right, point)
            except Undefined:
                return False
            return {
                ">=": low >= high,
                "<=": low <= high,
                ">": low > high,
                "<": low < high,
                "==": low == high,
                "!=": low != high,
            }[op]
        case And(args=args):
            return all(holds(arg, point) for arg in args)
        case Or(args=args):
            return any(holds(arg, point) for arg in args)
        case Not():
            raise Irrational
    raise Irrational


def claim(seed: int, number: int) -> ClaimText:
    """A small claim, often true, often nearly true."""
    source = random.Random(f"claim:{seed}:{number}")
    names = source.sample(["x", "y", "n"], source.choice((1, 2, 2, 3)))
    where = [_hypothesis(source, names) for _ in range(source.choice((0, 1, 1, 2, 3)))]
    kinds = {name: "int" for name in names if name == "n" or source.random() < 0.15}
    shape = source.randrange(5)
    depth = source.choice((1, 1, 2))
    left, right = _term(source, names, depth), _term(source, names, depth)
    if shape == 0:
        left, right = f"({left})^2 + ({right})^2", f"{source.choice((2, 2, 3))}*({left})*({right})"
    elif shape == 1:
        right = str(source.choice((0, 1, -1, "1/4")))
    elif shape == 2:
        left = f"max({left}, {right})"
    elif shape == 3:
        left, right = f"abs({left}) + abs({right})", f"abs({left} + {right})"
    op = source.choice((">=", ">=", ">=", ">", "!=", "<="))
    return ClaimText(f"{seed}:{number}", tuple(where), f"{left} {op} {right}", kinds)


def _hypothesis(source: random.Random, names: list[str]) -> str:
    name = source.choice(names)
    if source.random() < 0.7:
        op = source.choice((">=", ">", "<=", "<"))
        return f"{name} {op} {source.choice((0, 0, 1, 1, 2, -1, '1/2', 3))}"
    return (
        f"{_term(source, names, 1)} {source.choice(('>=', '<=', '=='))} {_term(source, names, 1)}"
    )


def _term(source: random.Random, names: list[str], depth: int) -> str:
    if depth == 0 or source.random() < 0.2:
        return source.choice([*names, *names, str(source.choice((1, 2, 3, "1/2", -1)))])
    a, b = _term(source, names, depth - 1), _term(source, names, depth - 1)
    shapes = ("{a} + {b}", "{a} - {b}", "({a})*({b})", "({a})^2", "({a})/(({b})^2 + 1)")
    rare = ("({a})/({b})", "abs({a})", "min({a}, {b})", "floor({a})", "({a})^3", "1/({a})")
    return source.choice((*shapes, *shapes, *rare)).format(a=a, b=b)


def _points(text: ClaimText, seed: int) -> Iterator[dict[str, Fraction]]:
    source = random.Random(f"points:{seed}:{text.id}")
    sequent = text.parsed()
    names = sorted({"x", "y", "n"})
    near = [Fraction(n, 2) for n in range(-6, 7)] + [Fraction(1, 3), Fraction(100), Fraction(-50)]
    for _ in range(POINTS):
        point = {}
        for name in names:
            found = source.choice(near)
            if source.random() < 0.3:
                found = Fraction(source.randint(-40, 40), source.randint(1, 12))
            point[name] = Fraction(round(found)) if name in sequent.integers else found
        yield point


def wrong(text: ClaimText, result: Result, seed: int) -> str | None:
    """Why a verdict is wrong, by exact evaluation; None where nothing speaks against it."""
    where = [parse_formula(item) for item in text.where]
    goal = parse_formula(text.holds)
    found = result.claim
    if found.verdict == "refuted":
        assert found.counterexample is not None
        try:
            shown = found.counterexample.point.items()
            point = {name: value(parse_term(at), {}) for name, at in shown}
            if all(holds(item, point) for item in where) and not holds(goal, point):
                return None
        except Irrational:
            return None
        return f"refuted at {point}, which is no counterexample"
    if found.verdict not in ("proved", "vacuous"):
        return None
    for point in _points(text, seed):
        if not all(holds(item, point) for item in where):
            continue
        if found.verdict == "vacuous":
            return f"vacuous, but the hypotheses hold at {point}"
        if not holds(goal, point):
            return f"proved, but fails at {point}"
    return None


@dataclass
class Figures:
    """How many claims there were with each verdict, and what was wrong."""

    verdicts: dict[str, int]
    wrong: list[str]


def decide_many(seed: int, numbers: range, seconds: float, jobs: int) -> Figures:
    """Decide claims, and hold each verdict against exact points."""
    figures = Figures({}, [])
    texts = [claim(seed, number) for number in numbers]
    for index, result in check_claims(texts, seconds=seconds, seed=0, jobs=jobs):
        verdict = result.claim.verdict
        figures.verdicts[verdict] = figures.verdicts.get(verdict, 0) + 1
        text = texts[index]
        why = wrong(text, result, seed)
        if verdict == "error":
            why = result.claim.explanation
        if why is not None:
            figures.wrong.append(f"{text.command}: {why}")
    return figures
