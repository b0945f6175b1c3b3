"""One variable at a time: completing the square, end points of an interval."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from flint import fmpq, fmpq_mpoly

from verify.kernel.context import Context
from verify.kernel.poly import fraction
from verify.language.codec import encode_formula
from verify.language.term import ZERO, Formula, Rel, RelOp, num
from verify.provers.atoms import Notes
from verify.provers.budget import Budget
from verify.provers.combination import Column, refutation
from verify.provers.gram import ldl
from verify.provers.sample import guess_sign
from verify.provers.system import Item, System, coefficients, in_powers, system
from verify.provers.tactic import Proof, Prove

MAX_TERMS = 500


def quadratic_form(context: Context, goal: Formula, budget: Budget) -> Proof | None:
    """A polynomial of degree two, by completing squares."""
    view = system(context, goal)
    if view is None or view.goal is None or view.goal.op not in (">", ">="):
        return None
    budget.check()
    target = view.target
    if target.total_degree() != 2:
        return None
    basis = [view.constant(1), *(view.gens[i] for i in sorted(view.used(target)))]
    places = sorted(view.used(target))
    matrix = [[fmpq(0)] * len(basis) for _ in basis]
    for powers, coefficient in zip(target.monoms(), target.coeffs(), strict=True):
        factors = [n + 1 for n, i in enumerate(places) for _ in range(int(powers[i]))]
        i, j = ([0, 0, *factors])[-2:]
        matrix[i][j] += coefficient / 2
        matrix[j][i] += coefficient / 2
    # The constant comes last, so that what is left of it is a number of its own.
    order = [*range(1, len(basis)), 0]
    factored = ldl([[matrix[i][j] for j in order] for i in order])
    if factored is None:
        return None
    terms = [(Fraction(1), Column(view.goal.poly, (view.goal.index,), (), view.goal.strict))]
    positive = view.goal.strict
    for weight, row in factored:
        root = view.constant(0)
        for place, value in zip(order, row, strict=True):
            root = root + basis[place] * value
        if root.is_constant():
            positive = True
            terms.append((fraction(weight * root.leading_coefficient() ** 2), Column(root, ())))
        else:
            terms.append((fraction(weight), Column(root, (), (root,))))
    return refutation(view, terms) if positive else None


def discriminant(prove: Prove, context: Context, goal: Formula, budget: Budget) -> Proof | None:
    """``A x^2 + B x + C >= 0`` from ``A > 0`` and ``4 A C - B^2 >= 0``."""
    view = _view(context, goal)
    if view is None:
        return None
    assert view.goal is not None
    strict = not view.goal.strict
    for index in sorted(view.used(view.target)):
        parts = in_powers(view, view.target, index)
        if len(parts) != 3 or (parts[2].is_constant() and parts[2].leading_coefficient() < 0):
            continue
        constant, linear, leading = parts
        rest = 4 * leading * constant - linear**2
        if guess_sign(context, view.term(leading)) not in (1, None):
            continue
        if guess_sign(context, view.term(rest)) not in (1, None):
            continue
        notes = Notes(context)
        first = _sign(prove, notes, view, leading, ">", budget)
        if first is None:
            continue
        second = _sign(prove, notes, view, rest, ">" if strict else ">=", budget)
        if second is None:
            continue
        root = 2 * leading * view.gens[index] + linear
        products = [
            _product(first, Fraction(4), [len(notes.context.facts)]),
            ["1", [], [view.text(root)]],
            _product(second, Fraction(1), []),
        ]
        kept = [product for product in products if product[0] != "0"]
        return notes.close({"rule": "refute", "products": kept, "equations": []})
    return None


def endpoints(prove: Prove, context: Context, goal: Formula, budget: Budget) -> Proof | None:
    """A variable in which the goal is affine or concave: only the ends of its interval matter.

    With ``l <= x <= u`` and ``p = A x^2 + B x + C``::

        (u - l) p(x) = (u - x) p(l) + (x - l) p(u) - A (u - l) (x - l) (u - x)

    With only ``x >= l``: ``p(x) = p(l) + (x - l) (B + A (x + l))``.
    """
    view = _view(context, goal)
    if view is None:
        return None
    assert view.goal is not None
    strict = not view.goal.strict
    op: RelOp = ">" if strict else ">="
    for index in sorted(view.used(view.target), key=lambda i: int(view.target.degrees()[i])):
        parts = in_powers(view, view.target, index)
        ends = _ends(view, index)
        if ends is None or len(parts) > 3 or len(view.used(view.target)) < 2:
            continue
        low, high = ends
        curvature = -parts[2] if len(parts) == 3 else view.constant(0)
        if not curvature.is_zero() and guess_sign(context, view.term(curvature)) not in (1, None):
            continue
        notes = Notes(context)
        numbers: list[int | Fraction] = []
        wanted = [_at(view, index, low.bound), _at(view, index, high.bound)]
        for poly, relation in ((wanted[0], op), (wanted[1], op), (curvature, ">=")):
            number = _sign(prove, notes, view, poly, relation, budget)
            if number is None:
                break
            numbers.append(number)
        if len(numbers) < 3:
            continue
        if strict:
            last = _strictly_inside(view, notes, index, low, high, numbers, wanted[0])
        else:
            last = _inside(len(notes.context.facts), low, high, numbers, None)
        return notes.close(last)
    return None


def _inside(
    goal: int, low: _End, high: _End, numbers: list[int | Fraction], strictly: int | None
) -> dict[str, Any]:
    """The combination, with the lower bound replaced by a strict fact ``x - l > 0`` if given."""
    width = high.bound - low.bound
    below = (low.item.index, 1 / low.slope) if strictly is None else (strictly, Fraction(1))
    above = (high.item.index, 1 / high.slope)
    products = [
        [str(width), [goal], []],
        _product(numbers[0], above[1], [above[0]]),
        _product(numbers[1], below[1], [below[0]]),
        _product(numbers[2], width * below[1] * above[1], [below[0], above[0]]),
    ]
    kept = [product for product in products if product[0] != "0"]
    return {"rule": "refute", "products": kept, "equations": []}


def _strictly_inside(
    view: System,
    notes: Notes,
    index: int,
    low: _End,
    high: _End,
    numbers: list[int | Fraction],
    start: fmpq_mpoly,
) -> dict[str, Any]:
    """For a strict goal, the lower end is a case of its own."""
    gen = view.gens[index]
    number = len(notes.context.facts)
    on = Rel(">", view.generators[index], num(low.bound))
    equation = Rel("==", on.left, on.right)
    equal = {
        "rule": "refute",
        "products": [
            ["1", [number + 1], []],
            [str(1 / low.slope), [low.item.index, number], []],
        ],
        "equations": [],
    }
    quotient = (view.target - start) / (gen - view.constant(low.bound))
    at_end = {
        "rule": "refute",
        "products": [["1", [number + 2], []], _product(numbers[0], Fraction(1), [])],
        "equations": [[number + 1, view.text(quotient)]],
    }
    return {
        "rule": "split",
        "on": encode_formula(on),
        "yes": _inside(number + 1, low, high, numbers, number),
        "no": {"rule": "cut", "fact": encode_formula(equation), "by": equal, "then": at_end},
    }


def corner(prove: Prove, context: Context, goal: Formula, budget: Budget) -> Proof | None:
    """``p = p(e) + (x - e) q`` where a fact says ``x >= e`` (or ``x <= e``): from the signs of
    ``p(e)`` and ``q``, where ``e`` may contain other variables."""
    view = _view(context, goal)
    if view is None:
        return None
    assert view.goal is not None
    op: RelOp = ">" if not view.goal.strict else ">="
    for item in view.facts:
        if item.op not in (">=", ">") or item.poly.total_degree() != 1:
            continue
        for index in sorted(view.used(item.poly) & view.used(view.target)):
            slope = item.poly.derivative(index).leading_coefficient()
            edge = view.gens[index] - item.poly / slope
            images = list(view.gens)
            images[index] = edge
            start = view.target.compose(*images)
            # p = start + item * rate, and the item is nonnegative.
            rate = (view.target - start) / item.poly
            if rate.is_constant():
                continue
            if start.is_constant() and ((start.is_zero() and op == ">") or _constant(start) < 0):
                continue
            if guess_sign(context, view.term(rate)) != 1:
                continue
            if guess_sign(context, view.term(start)) != 1:
                continue
            notes = Notes(context)
            parts = [_sign(prove, notes, view, start, op, budget)]
            if parts[0] is not None:
                parts.append(_sign(prove, notes, view, rate, ">=", budget))
            if None in parts:
                continue
            products = [
                ["1", [len(notes.context.facts)], []],
                _product(parts[0] or Fraction(0), Fraction(1), []),
                _product(parts[1] or Fraction(0), Fraction(1), [item.index]),
            ]
            kept = [product for product in products if product[0] != "0"]
            return notes.close({"rule": "refute", "products": kept, "equations": []})
    return None


def _sign(
    prove: Prove, notes: Notes, view: System, poly: fmpq_mpoly, op: RelOp, budget: Budget
) -> int | Fraction | None:
    """The number of the fact ``poly op 0``, proved and noted, or the constant that it is."""
    if poly.is_constant():
        value = _constant(poly)
        return value if value > 0 or (value == 0 and op == ">=") else None
    wanted = Rel(op, view.term(poly), ZERO)
    proof = prove(notes.context, wanted, budget.share(0.5))
    if proof is None:
        return None
    notes.add(wanted, proof)
    return notes.number(wanted)


def _constant(poly: fmpq_mpoly) -> Fraction:
    return Fraction(0) if poly.is_zero() else fraction(poly.leading_coefficient())


def _product(number: int | Fraction, scale: Fraction, others: list[int]) -> list[Any]:
    if isinstance(number, int):
        return [str(scale), [number, *others], []]
    return [str(scale * number), others, []]


def _view(context: Context, goal: Formula) -> System | None:
    view = system(context, goal)
    if view is None or view.goal is None or view.goal.op not in (">", ">="):
        return None
    if view.reduces or view.target.is_constant() or len(view.target) > MAX_TERMS:
        return None
    return view


@dataclass(frozen=True)
class _End:
    """A fact that bounds a generator: ``slope * (x - bound) >= 0``, or with the other sign."""

    item: Item
    bound: Fraction
    slope: Fraction


def _ends(view: System, index: int) -> tuple[_End, _End] | None:
    """The tightest facts that bound a generator below and above by constants."""
    low: _End | None = None
    high: _End | None = None
    for item in view.facts:
        if item.op not in (">=", ">") or item.poly.total_degree() != 1:
            continue
        if view.used(item.poly) != {index}:
            continue
        table = coefficients(item.poly)
        slope = next(c for m, c in table.items() if any(m))
        bound = -sum((c for m, c in table.items() if not any(m)), Fraction(0)) / slope
        if slope > 0 and (low is None or bound > low.bound):
            low = _End(item, bound, slope)
        if slope < 0 and (high is None or bound < high.bound):
            high = _End(item, bound, -slope)
    return None if low is None or high is None else (low, high)


def _at(view: System, index: int, value: Fraction) -> fmpq_mpoly:
    images = list(view.gens)
    images[index] = view.constant(value)
    return view.target.compose(*images)
