"""The numbers behind statements about probabilities, sums and arrays, in both libraries at points.

At each point both sides are evaluated as the command ``at`` does it: in normal forms, exact laws
and balls of Arb's. Beside that, mpmath adds up every sum of the statement as it is written, and
every probability from binomial coefficients, where these are few enough.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from fractions import Fraction
from functools import cache, partial
from typing import Any

from verify.engine.at import AtPoint
from verify.engine.laws import weights_of
from verify.engine.literal import seeded
from verify.engine.numeric import rough_margin
from verify.engine.pieces import Unsupported
from verify.engine.results import Numeric
from verify.engine.settings import SettingError, point_of
from verify.kernel.chance import NetworkEvent, SignEvent
from verify.kernel.poly import Refused
from verify.language.render import text
from verify.language.statement import Statement
from verify.language.term import Neg, Term
from verify.probe.opinion import Opinion, beside, compare, confront, context_of
from verify.probe.opinion_law import reach
from verify.probe.opinion_sums import AddedUp
from verify.probe.signs import LawError, Probability

OUT_OF_REACH = (SettingError, LawError, Unsupported, Refused, ArithmeticError, MemoryError)


def at_points(
    statement: Statement, points: Iterable[Mapping[str, str]], seed: int, digits: int
) -> Numeric:
    """Evaluate a statement at points that satisfy its hypotheses; others are left out."""
    disagreements: list[str] = []
    smallest: tuple[float, str, dict[str, str]] | None = None
    used: list[dict[str, str]] = []
    for given in points:
        try:
            setting = point_of(statement, [f"{name}={value}" for name, value in given.items()])
            point = AtPoint(statement, setting, seed)
            if not all(item.holds or item.asymptotic for item in point.hypotheses()):
                continue
            sides = point.conclusion()
        except OUT_OF_REACH:
            continue
        shown = setting.shown()
        if shown in used:
            continue
        used.append(shown)
        where = ", ".join(f"{name} = {value}" for name, value in shown.items())
        for what, opinion in _opinions(point, digits):
            if opinion.disagreement is not None:
                disagreements.append(f"{what} at {where}: {opinion.disagreement}")
        if sides.margin is None:
            continue
        rough = rough_margin(sides.margin)
        if smallest is None or rough < smallest[0]:
            smallest = rough, sides.margin, shown
    return Numeric(
        points=len(used),
        digits=digits,
        min_margin=None if smallest is None else smallest[1],
        worst_point=None if smallest is None else smallest[2],
        disagreements=tuple(disagreements),
    )


def _opinions(point: AtPoint, digits: int) -> Iterator[tuple[str, Opinion]]:
    """What both libraries say of everything that the conclusion is about."""
    # The sides of a claim are often about the same entries.
    world = cache(partial(_world, point))
    for term, value in point.evaluated:
        try:
            yield text(term), beside(value, {}, partial(_added_up, world, term), digits)
        except OUT_OF_REACH:
            # Too long for mpmath as it is written; then at least what it comes to is compared.
            yield text(term), compare(value, {}, digits)
    if point.law is not None:
        try:
            yield "the probability", _probability(point, *point.law, digits)
        except OUT_OF_REACH:
            return


def _added_up(world: Callable[[int], AddedUp], term: Term, digits: int) -> Any:
    return world(digits).value(term)


def _world(point: AtPoint, digits: int) -> AddedUp:
    """What mpmath makes of the point with so many digits."""
    data = point.data
    opaque = seeded(point.seed)

    def datum(name: str, indices: tuple[Fraction, ...]) -> Term | Fraction | None:
        if point.drawn:
            return opaque(name, indices)
        known = data.arrays.get(name)
        return None if known is None else known.value(int(indices[0]))

    return AddedUp(data.values, data.definitions, data.classes, datum, digits)


def _probability(
    point: AtPoint, event: SignEvent | NetworkEvent, found: Probability, digits: int
) -> Opinion:
    pieces = point.pieces
    threshold = pieces.value(event.threshold)
    table, sizes = weights_of(event, pieces)

    def beyond(working: int, level: Term, strict: bool) -> Any:
        return reach(table, sizes, level, working, strict=strict)

    def value_at(working: int) -> Any:
        if isinstance(event, NetworkEvent):
            context = context_of(working)
            columns = pieces.integer(event.columns)
            some = beyond(working, threshold, True)
            if some == 1:
                return some if event.positive else 1 - some
            # The difference to 1 may be far smaller than what the digits of 1 can tell.
            rate = columns * context.log1p(-some)
            return -context.expm1(rate) if event.positive else context.exp(rate)
        above = event.op in (">=", ">")
        if not event.absolute:
            # The law is symmetric.
            level = threshold if above else Neg(threshold)
            return beyond(working, level, event.op in (">", "<"))
        tail = beyond(working, threshold, (event.op == ">") if above else (event.op == "<="))
        # For a threshold below zero both tails together are too much.
        tail = min(2 * tail, tail**0)
        return tail if above else 1 - tail

    return confront(found.ball(8 * digits), value_at, digits)
