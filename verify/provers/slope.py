"""Claims by the sign of a derivative: where to start, and in which direction to go.

The rule needs a point at which the claim holds, and a derivative that keeps it true from there on.
For a claim about one variable the range is cut so that the derivative has one sign on each piece
near an end, and the middle is left to subdivision; for several variables the starting point is a
term in the others.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from typing import Any, Protocol

from flint import arb

from verify.kernel.ball import precision
from verify.kernel.check import slope_premises
from verify.kernel.poly import Refused
from verify.language.grammar import parse_term
from verify.language.render import text
from verify.language.term import (
    ONE,
    ZERO,
    And,
    Call,
    Formula,
    Num,
    Rel,
    Sym,
    Term,
    conditions,
    num,
    replace,
    subterms,
)
from verify.provers.boxes import subdivide
from verify.provers.budget import Budget, OutOfTime
from verify.provers.elementary_forms import tidy
from verify.provers.elementary_linear import combine
from verify.provers.elementary_place import Guide, Place, Script
from verify.provers.elementary_points import BITS, ORIGIN, Point, value
from verify.provers.elementary_series import coefficients
from verify.provers.elementary_signs import know_atoms
from verify.provers.elementary_tape import names_in
from verify.provers.elementary_variants import Variant, roots, variants
from verify.provers.numbers import simplest_between
from verify.provers.substitution import inverted, is_inverse

Proof = Mapping[str, Any]

MAX_ORDER = 10


class Prover(Protocol):
    """What proves the premises: the search as a whole, with less effort."""

    def formula(self, place: Place, goal: Formula, effort: int, budget: Budget) -> Proof | None:
        """A proof of a formula, or None."""

    def known(self, script: Script, rel: Rel, effort: int, budget: Budget) -> bool:
        """Cut a relation into a script, unless it is known; False if it cannot be proved."""

    def finish(
        self, script: Script, goal: Rel, known: Sequence[Rel], effort: int, budget: Budget
    ) -> Proof | None:
        """The whole proof of a goal from facts of the script that have its sign."""


@dataclass(frozen=True, slots=True)
class Start:
    """Where to start, and the sides (of it) on which points lie."""

    at: Term
    sides: frozenset[str]


def along(prover: Prover, place: Place, claim: Rel, effort: int, budget: Budget) -> Proof | None:
    """A proof of ``q >= 0`` or ``q > 0`` by following a variable from a start."""
    names = sorted(names_in(claim))
    options: list[tuple[float, Variant, Start]] = []
    for var in names:
        for variant in variants(place, claim, var)[:6]:
            budget.check()
            for start in starts(place, variant):
                size = 0.02 * len(text(start.at)) + (len(start.sides) - 1)
                options.append((variant.weight + size, variant, start))
    options.sort(key=lambda option: option[0])
    return first(
        [
            partial(_from, prover, place, claim, variant, start, effort)
            for _, variant, start in options[:4]
        ],
        budget,
    )


def first(options: Sequence[Callable[[Budget], Proof | None]], budget: Budget) -> Proof | None:
    """The first search that succeeds; each but the last may use only a part of the time."""
    for number, option in enumerate(options, 1):
        budget.check()
        try:
            proof = option(budget if number == len(options) else budget.share(0.85))
        except OutOfTime:
            budget.check()
            continue
        if proof is not None:
            return proof
    return None


def _from(
    prover: Prover,
    place: Place,
    claim: Rel,
    variant: Variant,
    start: Start,
    effort: int,
    budget: Budget,
) -> Proof | None:
    """The claim on one or both sides of a start."""
    script = Script(place)
    for condition in conditions(start.at):
        if not prover.known(script, condition, effort - 1, budget):
            return None
    proof = _on_sides(prover, script.place, claim, variant, start, effort, budget)
    return proof and script.close(proof)


def _on_sides(
    prover: Prover,
    place: Place,
    claim: Rel,
    variant: Variant,
    start: Start,
    effort: int,
    budget: Budget,
) -> Proof | None:
    if len(start.sides) == 1:
        (side,) = start.sides
        return _one_side(prover, place, claim, variant, start.at, side, effort, budget)
    on = tidy(Rel(">=", Sym(variant.var), start.at))
    assert isinstance(on, Rel)
    before = tidy(Rel("<", Sym(variant.var), start.at))
    yes = _one_side(prover, place.assume(on), claim, variant, start.at, "right", effort, budget)
    if yes is None:
        return None
    no = _one_side(prover, place.assume(before), claim, variant, start.at, "left", effort, budget)
    return no and {"rule": "split", "on": text(on), "yes": yes, "no": no}


def _one_side(
    prover: Prover,
    place: Place,
    claim: Rel,
    variant: Variant,
    start: Term,
    side: str,
    effort: int,
    budget: Budget,
) -> Proof | None:
    script = Script(place)
    if variant.claim != claim:
        proof = _defined_slope(prover, script, variant, start, side, effort, budget)
        if proof is None:
            return None
        script.learn(variant.claim, proof)
        return prover.finish(script, claim, [variant.claim], effort, budget)
    proof = _defined_slope(prover, script, variant, start, side, effort, budget)
    return proof and script.close(proof)


def _defined_slope(
    prover: Prover,
    script: Script,
    variant: Variant,
    start: Term,
    side: str,
    effort: int,
    budget: Budget,
) -> Proof | None:
    """The rule itself, once the start and the claim are known to be defined."""
    for condition in dict.fromkeys((*conditions(start), *conditions(variant.claim.left))):
        if not prover.known(script, condition, effort - 1, budget):
            return None
    return by_slope(prover, script.place, variant, start, side, effort, budget)


def by_slope(
    prover: Prover,
    place: Place,
    variant: Variant,
    start: Term,
    side: str,
    effort: int,
    budget: Budget,
) -> Proof | None:
    """A certificate by the slope rule, with all its premises."""
    claim, var = variant.claim, variant.var
    fresh = _fresh(place, var)
    strict = "base" if claim.op == ">" and _strict_at(place, variant, start) else "slope"
    start_text = text(start)
    try:
        premises = slope_premises(place.context, claim, var, start_text, side, fresh, strict)
    except Refused:
        return None
    low, high = (start, Sym(var)) if side == "right" else (Sym(var), start)
    proofs: list[Proof] = []
    for extra, premise in premises:
        budget.check()
        if isinstance(premise, And) and not premise.args:
            proofs.append({"rule": "all", "parts": []})
            continue
        script = Script(place.between(fresh, low, high, extra, variant.guide) if extra else place)
        if extra:
            strictly = isinstance(extra[0], Rel) and extra[0].op == "<"
            _carry_bounds(prover, script, (var, fresh, start, side), strictly, budget)
        proof = prover.formula(script.place, premise, effort - 1, budget)
        if proof is None:
            return None
        proofs.append(script.close(proof))
    order, base, domain, slope = proofs
    return {
        "rule": "slope",
        "var": var,
        "from": start_text,
        "side": side,
        "point": fresh,
        "strict": strict,
        "order": order,
        "base": base,
        "domain": domain,
        "slope": slope,
    }


def _fresh(place: Place, var: str) -> str:
    stem = var.rstrip("0123456789").rstrip("_") or "z"
    number = 1
    while f"{stem}_{number}" in place.names:
        number += 1
    return f"{stem}_{number}"


def _strict_at(place: Place, variant: Variant, start: Term) -> bool:
    base = replace(variant.claim.left, {Sym(variant.var): start})
    found = False
    for point in place.points_for(names_in(base) or frozenset((variant.var,))) or (ORIGIN,):
        try:
            at_start = value(base, point)
        except Refused:
            return False
        if not at_start > 0:
            return False
        found = True
    return found


def _carry_bounds(
    prover: Prover,
    script: Script,
    ends: tuple[str, str, Term, str],
    strictly: bool,
    budget: Budget,
) -> None:
    """What is known about the variable's range holds for a point between it and the start."""
    var, fresh, start, side = ends
    toward = ("<=", "<") if side == "right" else (">=", ">")
    know_atoms(script, Rel(">", start, ZERO))
    for op, bound in _worth_carrying(script.place, var, toward, bool(names_in(start))):
        if fresh in names_in(bound):
            continue
        if strictly and op in toward:
            op = op.rstrip("=")  # noqa: PLW2901
        rel = tidy(Rel(op, Sym(fresh), bound))  # type: ignore[arg-type]
        assert isinstance(rel, Rel)
        if script.context.knows(rel):
            continue
        proof = combine(script.context, rel)
        if proof is None and op not in toward:
            # The start itself has to be on the right side of the bound.
            known = tidy(Rel(op, start, bound))  # type: ignore[arg-type]
            by = prover.formula(script.place, known, 2, budget)
            if by is not None:
                script.learn(known, by)
                proof = combine(script.context, rel)
        if proof is not None:
            script.learn(rel, proof)


def _worth_carrying(
    place: Place, var: str, toward: tuple[str, str], symbolic: bool
) -> list[tuple[str, Term]]:
    """The tightest constant bounds of a variable, literal and other, and those by variables."""
    found: dict[tuple[str, bool], tuple[str, Term]] = {}
    others: list[tuple[str, Term]] = []
    for op, bound in place.bounds(var):
        names = names_in(bound)
        if names:
            if not names & place.intermediate and (op in toward or symbolic):
                others.append((op, bound))
            continue
        lower = op in (">=", ">")
        key = (">" if lower else "<", isinstance(bound, Num))
        if key in found:
            gap = value(bound, ORIGIN) - value(found[key][1], ORIGIN)
            looser = gap < 0 if lower else gap > 0
            if looser or (not (gap > 0 or gap < 0) and op in (">=", "<=")):
                continue
        found[key] = (op, bound)
    return [*found.values(), *others]


def starts(place: Place, variant: Variant) -> list[Start]:
    """Starting points from which the claim can be followed, as far as points can tell."""
    var = variant.var
    candidates: dict[Term, None] = {}
    for _, bound in place.bounds(var):
        candidates[bound] = None
    for part in variant.parts:
        for root in roots(part, var):
            candidates[root] = None
    for name in sorted(names_in(variant.claim) - {var}):
        candidates[Sym(name)] = None
    for special in (ZERO, ONE, num(-1)):
        candidates[special] = None
    found = []
    for start in candidates:
        if var not in names_in(start) and names_in(start) <= place.names:
            sides = _sides(place, variant, start)
            if sides:
                found.append(Start(start, sides))
    return found


def _sides(place: Place, variant: Variant, start: Term) -> frozenset[str] | None:
    """On which sides of a start the points lie, if the claim can be followed from there."""
    names = names_in(variant.claim) | names_in(start) | {variant.var}
    base = replace(variant.claim.left, {Sym(variant.var): start})
    sides = set()
    for point in place.points_for(names):
        try:
            gap = point[variant.var] - value(start, point)
            at_start = value(base, point)
            slope = value(variant.slope, point)
        except (Refused, KeyError):
            return None
        if not (gap.is_finite() and at_start.is_finite()) or at_start < 0:
            return None
        if gap > 0:
            sides.add("right")
        elif gap < 0:
            sides.add("left")
        if (slope < 0 and gap > 0) or (slope > 0 and gap < 0):
            return None
    return frozenset(sides)


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of the grid at one end on which the derivative of a variant has one sign."""

    variant: Variant
    end: str
    length: int
    rising: bool


def on_interval(
    prover: Prover, place: Place, claim: Rel, var: str, effort: int, budget: Budget
) -> Proof | None:
    """A proof of ``q >= 0`` or ``q > 0`` about one variable, piece by piece."""
    guide = place.guides.get(var)
    if guide is not None:
        return _guided(prover, place, claim, var, guide, effort, budget)
    grid = place.grid(var)
    if len(grid) < 4:
        return None
    low, high = place.ends(var)
    found = variants(place, claim, var)[:8]
    runs = [run for variant in found for run in _runs(variant, grid)]
    options: list[Callable[[Budget], Proof | None]] = []
    ends = {end: bound for end, bound in (("low", low), ("high", high)) if bound is not None}
    expanded = {end: _taylor_end(prover, place, claim, var, end, ends[end], effort) for end in ends}
    deep = 3 if _trigonometric(claim) else MAX_ORDER
    for order, option in expanded.values():
        if order > deep and option is not None:
            options.append(option)
    for run in [run for run in runs if run.length == len(grid)][:3]:
        start = low if run.rising else high
        if start is not None:
            side = "right" if run.rising else "left"
            options.append(
                partial(_one_side, prover, place, claim, run.variant, start, side, effort)
            )
    zero = _touching(claim, var, grid, found)
    if zero is not None:
        options.append(partial(_split, prover, place, claim, var, zero, effort))
    else:
        shallow = [option for order, option in expanded.values() if order <= deep and option]
        options += shallow + _cut_ends(prover, place, claim, var, runs, effort)
    if high is None and not is_inverse(var):
        options.append(partial(inverted, prover, place, claim, var, effort))
    return first(options, budget)


def _trigonometric(claim: Rel) -> bool:
    """Whether derivatives do not get simpler, so that searching for a simple one is no use."""
    return any(
        isinstance(node, Call) and node.name in ("sin", "cos", "tan")
        for node in subterms(claim.left)
    )


def _guided(
    prover: Prover,
    place: Place,
    claim: Rel,
    var: str,
    guide: Guide,
    effort: int,
    budget: Budget,
) -> Proof | None:
    """One derivative more, unless the claim holds strictly at the start: then subdivision."""
    if _regular(claim, var, guide.start):
        return subdivide(place.context, claim, budget, using=place.hypotheses)
    variant = Variant(claim, var, ZERO, (), 0.0, guide)
    return _one_side(prover, place, claim, variant, guide.start, guide.side, effort, budget)


def _taylor_end(
    prover: Prover, place: Place, claim: Rel, var: str, end: str, bound: Term, effort: int
) -> tuple[int, Callable[[Budget], Proof | None] | None]:
    """Near an end at which the claim is an equality: derivatives until one is not zero there; how
    many it takes, and the search."""
    sign = 1 if end == "low" else -1
    try:
        start = value(bound, ORIGIN)
        series = coefficients(claim.left, var, start, MAX_ORDER + 1)
        order = next((n for n, c in enumerate(series) if not c.contains(0)), 0)
        if order == 0 or not series[order] * sign**order > 0 or not series[0].is_finite():
            return 0, None
        grid = place.grid(var) if end == "low" else place.grid(var)[::-1]
        at: Point | None = None
        for point in grid:
            there = coefficients(claim.left, var, point[var], order + 1)[order]
            if not there * sign**order > 0:
                break
            at = point
    except Refused:
        return 0, None
    if at is None:
        return 0, None
    # Half as far as the derivative keeps its sign, so that subdivision has room.
    far, near = _float(at[var]), _float(start)
    middle = (far + near) / 2
    if middle == near:
        return 0, None
    left, right = sorted((middle, (middle + far) / 2))
    cut = num(simplest_between(left, right))
    guide = Guide(bound, "right" if end == "low" else "left")
    variant = Variant(claim, var, ZERO, (), 0.0, guide)
    run = Run(variant, end, 0, end == "low")
    return order, partial(_end_piece, prover, place, claim, run, cut, end, bound, effort)


def _runs(variant: Variant, grid: Sequence[Point]) -> list[Run]:
    signs = []
    for point in grid:
        try:
            slope = value(variant.slope, point)
        except Refused:
            return []
        signs.append(1 if slope > 0 else -1 if slope < 0 else 0)
    found = []
    for end, ordered in (("low", signs), ("high", signs[::-1])):
        sign, length = 0, 0
        for this in ordered:
            if sign and this == -sign:
                break
            sign = sign or this
            length += 1
        if sign and length >= 3:
            found.append(Run(variant, end, length, sign > 0))
        if length == len(grid):
            break
    return found


def _split(
    prover: Prover, place: Place, claim: Rel, var: str, at: Term, effort: int, budget: Budget
) -> Proof | None:
    on = tidy(Rel(">=", Sym(var), at))
    assert isinstance(on, Rel)
    off = tidy(Rel("<", Sym(var), at))
    yes = prover.formula(place.assume(on), claim, effort - 1, budget)
    if yes is None:
        return None
    no = prover.formula(place.assume(off), claim, effort - 1, budget)
    return no and {"rule": "split", "on": text(on), "yes": yes, "no": no}


def _cut_ends(
    prover: Prover, place: Place, claim: Rel, var: str, runs: Sequence[Run], effort: int
) -> list[Callable[[Budget], Proof | None]]:
    """Ways to cut off an end at which subdivision cannot work."""
    grid = place.grid(var)
    low, high = place.ends(var)
    options: list[Callable[[Budget], Proof | None]] = []
    for end, bound in (("low", low), ("high", high)):
        if bound is not None and _regular(claim, var, bound):
            continue
        for run in sorted(
            (run for run in runs if run.end == end and run.length < len(grid)),
            key=lambda run: (-min(run.length, 6), run.variant.weight),
        )[:3]:
            outward = run.rising == (end == "low")
            at = _between(grid, var, run)
            if at is None or (outward and bound is None):
                continue
            start = bound if outward and bound is not None else at
            options.append(partial(_end_piece, prover, place, claim, run, at, end, start, effort))
        break
    return options


def _end_piece(
    prover: Prover,
    place: Place,
    claim: Rel,
    run: Run,
    at: Term,
    end: str,
    start: Term,
    effort: int,
    budget: Budget,
) -> Proof | None:
    var = run.variant.var
    on = tidy(Rel("<=" if end == "low" else ">=", Sym(var), at))
    off = tidy(Rel(">" if end == "low" else "<", Sym(var), at))
    assert isinstance(on, Rel)
    side = "right" if run.rising else "left"
    near = place.assume(on)
    yes = _one_side(prover, near, claim, run.variant, start, side, effort, budget)
    if yes is None:
        return None
    no = prover.formula(place.assume(off), claim, effort - 1, budget)
    return no and {"rule": "split", "on": text(on), "yes": yes, "no": no}


def _regular(claim: Rel, var: str, at: Term) -> bool:
    """Whether the claim holds strictly at an end, so that subdivision can reach it."""
    try:
        there = value(replace(claim.left, {Sym(var): at}), ORIGIN)
    except Refused:
        return False
    return bool(there.is_finite() and there > 0)


def _between(grid: Sequence[Point], var: str, run: Run) -> Term | None:
    """A simple number near the inner end of a run."""
    ordered = grid if run.end == "low" else grid[::-1]
    inner = ordered[run.length - 1][var]
    before = ordered[run.length - 2][var]
    left, right = sorted((_float(before), _float(inner)))
    return num(simplest_between(left, right)) if left < right else None


def _float(ball: arb) -> Fraction:
    return Fraction(float(ball.mid()))


def _touching(
    claim: Rel, var: str, grid: Sequence[Point], multiples: Sequence[Variant]
) -> Term | None:
    """An inner point at which the claim holds with equality: a simple one, or a zero of a
    derivative that can be solved for."""
    critical = [
        root for variant in multiples for part in variant.parts for root in roots(part, var)
    ]
    simple = (ZERO, ONE, num(-1), num(2), num(Fraction(1, 2)), num(-2))
    for special in (*simple, *dict.fromkeys(critical)):
        if grid[0][var] < value(special, ORIGIN) < grid[-1][var] and _vanishes(claim, var, special):
            return special
    with precision(BITS):
        values = [value(claim.left, point) for point in grid]
        for index in range(1, len(grid) - 1):
            before, here, after = values[index - 1 : index + 2]
            if here.is_finite() and not (here > before or here > after):
                found = _minimum(claim, var, grid[index - 1][var], grid[index + 1][var])
                if found is not None:
                    return found
    return None


def _minimum(claim: Rel, var: str, left: arb, right: arb) -> Term | None:
    """The zero of a nonnegative function near its least value, if it is a simple number."""
    third = arb(1) / 3
    for _ in range(60):
        a, b = left + (right - left) * third, right - (right - left) * third
        a, b = arb(a.mid()), arb(b.mid())
        at_a, at_b = value(claim.left, Point({var: a})), value(claim.left, Point({var: b}))
        if not (at_a.is_finite() and at_b.is_finite()):
            return None
        if at_a.mid() < at_b.mid():
            right = b
        else:
            left = a
    near = (left + right) / 2
    for constant in _constants(_float(near)):
        if _vanishes(claim, var, constant):
            return constant
    return None


def _vanishes(claim: Rel, var: str, at: Term) -> bool:
    """Whether a claim seems to be an equality at a point."""
    try:
        there = value(replace(claim.left, {Sym(var): at}), ORIGIN)
    except (Refused, ZeroDivisionError):
        return False
    return bool(there.contains(0) and there.rad() < 1e-20)


def _constants(near: Fraction) -> list[Term]:
    """Simple numbers close to a value: rationals, multiples of pi, roots and logarithms."""
    found: list[Term] = []
    tolerance = 1e-7 * max(1.0, abs(float(near)))
    scales = [("1", 1.0), ("pi", 3.141592653589793), ("sqrt(2)", 2**0.5), ("sqrt(3)", 3**0.5)]
    scales += [("exp(1)", 2.718281828459045), ("exp(-1)", 0.36787944117144233)]
    scales += [("log(2)", 0.6931471805599453), ("log(3)", 1.0986122886681098)]
    for shown, scale in scales:
        ratio = Fraction(float(near) / scale).limit_denominator(60)
        if abs(float(ratio) * scale - float(near)) < tolerance and (ratio or shown == "1"):
            plain = f"{ratio}" if shown == "1" else shown
            found.append(parse_term(plain if ratio == 1 or shown == "1" else f"{shown}*({ratio})"))
    return found
