"""Proofs of probability bounds: which signs to fix, which radius, which rows to name."""

from __future__ import annotations

import contextlib
import dataclasses
import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import cast

from verify.kernel.chance import (
    Chance,
    NetworkEvent,
    SignEvent,
    Weight,
    check_chance,
    every_column_premise,
    halves_premise,
    hoeffding_premise,
    row_kinds,
    some_column_premise,
    split_weights,
)
from verify.kernel.context import Context
from verify.kernel.poly import Refused, canonical
from verify.kernel.sums import Theory
from verify.language.codec import encode_term
from verify.language.render import text
from verify.language.term import (
    ONE,
    UNKNOWN_SUM,
    ZERO,
    Add,
    Call,
    Delta,
    Entry,
    Formula,
    Mul,
    Neg,
    Num,
    Pow,
    Rel,
    RelOp,
    Sum,
    Sym,
    Term,
    children,
    conditions,
    free_names,
    map_terms,
    node_count,
    num,
    relations,
    replace,
    subterms,
)
from verify.provers.atoms_known import atom_facts
from verify.provers.budget import Budget, OutOfTime
from verify.provers.draft import Draft, Proof
from verify.provers.lemma import NO_HELP, Assist, prove_part
from verify.provers.powers import expanded
from verify.provers.premises import Premise, exponent, union_premise
from verify.provers.rough import Approximate, roughly
from verify.provers.shorten import shortened

MAX_DEPTH = 60
MAX_DELTAS = 2


@dataclass(frozen=True, slots=True)
class Hints:
    """What the printed proof names, and values at the reference point to choose by.

    ``radius`` and ``variance`` are those of its Hoeffding step, ``bounds`` the bounds of
    coordinates that it cites. ``values`` gives rough values at the reference point, then at others.
    """

    radius: Term | None = None
    variance: Term | None = None
    bounds: tuple[Rel, ...] = ()
    values: tuple[Approximate, ...] = ()
    assist: Assist = NO_HELP
    chance: Fraction | None = None

    def plausible(self, formula: Formula) -> bool:
        """Whether a formula may hold: it does, roughly, at the points."""
        return all(self.roughly(rel) for rel in relations(formula))

    def roughly(self, rel: Rel) -> bool:
        """Whether a relation may hold; an equation may where its sides nearly agree."""
        return all(roughly(value, rel) for value in self.values)

    def where(self, *formulas: Formula) -> Hints:
        """The same without the points at which a hypothesis fails, roughly."""
        needed = [rel for formula in formulas for rel in relations(formula)]
        kept = [v for v in self.values if all(roughly(v, rel) for rel in needed)]
        return dataclasses.replace(self, values=tuple(kept))

    def distance(self, left: Term, right: Term) -> float | None:
        """How far two terms are apart at the reference point."""
        for value in self.values[:1]:
            one, other = value(left), value(right)
            return None if one is None or other is None else abs(one - other)
        return None


def prove_chance(
    context: Context, claim: Chance, hints: Hints, budget: Budget
) -> tuple[Proof, frozenset[str]] | None:
    """A certificate for a probability bound and what it rests on, checked by the kernel."""
    proof = _first(context, claim, hints, budget)
    try:
        return None if proof is None else (proof, check_chance(context, claim, proof))
    except (Refused, RecursionError):
        return None


def _first(context: Context, claim: Chance, hints: Hints, budget: Budget) -> Proof | None:
    """A proof that is not checked yet: part of a larger one, which is."""
    try:
        return next(_proofs(context, claim, hints, budget), None)
    except (OutOfTime, Refused, RecursionError):
        return None


def _proofs(context: Context, claim: Chance, hints: Hints, budget: Budget) -> Iterator[Proof]:
    event = claim.event
    if isinstance(event, SignEvent):
        yield from _sign_proofs(context, claim, event, hints, budget)
    elif event.positive:
        yield from _some_column(context, claim, event, hints, budget)
    else:
        yield from _every_column(context, claim, event, hints, budget)


def _sign_proofs(
    context: Context, claim: Chance, event: SignEvent, hints: Hints, budget: Budget
) -> Iterator[Proof]:
    splits = _splits(context, event)
    for exceptions, weights in splits:
        inner = SignEvent(weights, event.op, event.threshold, event.absolute)
        # Squares that cannot be unfolded one way may have a closed form the other way.
        with contextlib.suppress(Refused):
            for proof in _grouped(context, Chance(inner, claim.bound), inner, hints, budget):
                yield {"rule": "split", "at": [encode_term(e) for e in exceptions], "then": proof}
    if not splits:
        yield from _grouped(context, claim, event, hints, budget)


def _splits(context: Context, event: SignEvent) -> list[tuple[list[Term], tuple[Weight, ...]]]:
    """Ways to take some indices out of the family of weights: those that are special, or none."""
    special = special_indices(context, event.weights)
    found = []
    for exceptions in (special, []) if special else ([],):
        try:
            found.append((exceptions, split_weights(context, event.weights, exceptions)))
        except Refused:
            continue
    if event.op in ("<=", "<") and found and found[0][1][-1].index is not None:
        # There is no closed form either way; all the squares together are what is bounded.
        found.reverse()
    return found


def special_indices(context: Context, weights: tuple[Weight, ...]) -> list[Term]:
    """The indices at which a family of weights differs from the rest."""
    if len(weights) != 1 or weights[0].index is None:
        return []
    family, theory = weights[0], context.theory
    named = [e for item in theory.families for e in item.exceptions]
    index = Sym(weights[0].index or "")
    direct, through_sums = _partners(index, family.weight, theory)
    base = list(dict.fromkeys([*named, *direct]))
    options = [candidate for candidate in through_sums if candidate not in base]
    for size in range(len(options) + 1):
        for chosen in itertools.combinations(options, size):
            exceptions = [*base, *chosen]
            try:
                split = split_weights(context, weights, exceptions)
            except Refused:
                continue
            if split[-1].index is None:
                return exceptions
    return base


def _partners(index: Sym, weight: Term, theory: Theory) -> tuple[list[Term], list[Term]]:
    """What an index is compared with in the definitions: directly, and, for comparisons inside a
    sum, at the free indices that the sum may meet."""
    direct: dict[Term, None] = {}
    inside: dict[Term, None] = {}
    for delta, bound in _comparisons(weight, theory):
        for side, other in ((delta.left, delta.right), (delta.right, delta.left)):
            if side != index:
                continue
            met = [name for name in bound if name in free_names(other)]
            if not met:
                direct[other] = None
            for name in sorted(theory.ranges):
                if met and name != index.name and theory.ranges[name] == bound[met[0]]:
                    inside[replace(other, {Sym(met[0]): Sym(name)})] = None
    return list(direct), list(inside)


def _comparisons(
    term: Term, theory: Theory, depth: int = 0
) -> Iterator[tuple[Delta, dict[str, Term]]]:
    """The deltas in a term and in the definitions that it uses, with the bound indices."""
    if depth > MAX_DEPTH:
        return
    match term:
        case Delta():
            yield term, {}
        case Sum(body=body, var=var, size=size):
            for delta, bound in _comparisons(body, theory, depth + 1):
                yield delta, {**bound, var: size}
            return
        case Entry(name=name, indices=indices) if name in theory.definitions:
            definition = theory.definitions[name]
            table: dict[Term, Term] = {
                Sym(old): new for old, new in zip(definition.indices, indices, strict=True)
            }
            for delta, bound in _comparisons(definition.body, theory, depth + 1):
                yield cast(Delta, replace(delta, table)), bound
    for part in children(term):
        yield from _comparisons(part, theory, depth + 1)


def _grouped(
    context: Context, claim: Chance, event: SignEvent, hints: Hints, budget: Budget
) -> Iterator[Proof]:
    singles = [i for i, weight in enumerate(event.weights) if weight.single]
    if not event.absolute and event.op in (">=", ">"):
        yield from _halves(context, claim, event, singles, hints, budget)
    elif event.op in ("<=", "<"):
        yield from _hoeffding(context, claim, event, singles, hints, budget)


def _halves(
    context: Context,
    claim: Chance,
    event: SignEvent,
    singles: list[int],
    hints: Hints,
    budget: Budget,
) -> Iterator[Proof]:
    for size in range(min(3, len(singles)) + 1):
        for chosen in itertools.combinations(singles, size):
            premise = halves_premise(context, claim, event, list(chosen))
            if not hints.plausible(premise):
                continue
            proof = None
            if _has_sums(event):
                proof = prove_part(context, premise, budget.share(0.6), hints.assist)
            else:
                bounded = {event.weights[i].weight for i in chosen}
                named = _named(context, event, ">=", bounded, hints, budget.share(0.6))
                if named is not None:
                    local, goal = named.context, named.renamed(premise)
                    proof = named.close(prove_part(local, goal, budget.share(0.6)))
            if proof is not None:
                proof = shortened(context, premise, proof)
                yield {"rule": "halves", "fixed": list(chosen), "proof": proof}


def _has_sums(event: SignEvent) -> bool:
    """Whether sums without a closed form are left, so that weights cannot be bounded apart."""
    return any(
        weight.index is not None or UNKNOWN_SUM in conditions(weight.weight)
        for weight in event.weights
    )


def _hoeffding(
    context: Context,
    claim: Chance,
    event: SignEvent,
    singles: list[int],
    hints: Hints,
    budget: Budget,
) -> Iterator[Proof]:
    named: _Named | None = None
    for size in range(len(singles), -1, -1):
        for chosen in itertools.combinations(singles, size):
            for radius, variance in _radii(event, list(chosen), hints):
                premise = hoeffding_premise(context, claim, event, list(chosen), radius, variance)
                if not hints.plausible(premise):
                    continue
                if _has_sums(event):
                    search = Premise(
                        context,
                        event,
                        chosen,
                        radius,
                        variance,
                        {},
                        hints.plausible,
                        budget.share(0.7),
                        lambda c, g, helped: prove_part(
                            c, g, budget.share(0.8), hints.assist if helped else NO_HELP
                        ),
                    )
                    proof = search.prove(premise)
                else:
                    if named is None:
                        bounded = {weight.weight for weight in event.weights}
                        named = _named(context, event, "<=", bounded, hints, budget.share(0.7))
                    if named is None:
                        return
                    search = Premise(
                        named.context,
                        named.event,
                        chosen,
                        radius,
                        variance,
                        named.upper,
                        hints.plausible,
                        budget.share(0.7),
                    )
                    proof = named.close(search.prove(named.renamed(premise)))
                if proof is not None:
                    yield {
                        "rule": "hoeffding",
                        "fixed": list(chosen),
                        "radius": encode_term(radius),
                        "variance": encode_term(variance),
                        "proof": shortened(context, premise, proof),
                    }


@dataclass(frozen=True, slots=True)
class _Named:
    """A context in which the weights are variables with bounds, and the way back.

    ``event`` and ``upper`` speak of the variables.
    """

    draft: Draft
    context: Context
    names: tuple[tuple[Term, str], ...]
    event: SignEvent
    upper: dict[Term, Term]

    def renamed(self, goal: Formula) -> Formula:
        """A goal in which the weights are the variables."""
        for term, fresh in self.names:
            table: dict[Term, Term] = {term: Sym(fresh)}
            goal = map_terms(goal, lambda side, t=table: replace(side, t))  # type: ignore[misc]
        return goal

    def close(self, proof: Proof | None) -> Proof | None:
        """The proof of a goal from that of its renamed form."""
        if proof is None:
            return None
        for term, fresh in reversed(self.names):
            proof = {"rule": "generalise", "term": encode_term(term), "fresh": fresh, "then": proof}
        return self.draft.close(proof)


def _named(
    context: Context,
    event: SignEvent,
    op: RelOp,
    bounded: set[Term],
    hints: Hints,
    budget: Budget,
) -> _Named | None:
    """Bound the weights that matter by one of the bounds at hand, then forget what they are."""
    draft = Draft(context)
    simple = []
    for weight in event.weights:
        goal, steps = expanded(draft.context, Rel("==", weight.weight, ZERO), budget.share(0.3))
        simple.append(goal)
        # The weights share their powers, and each bound below takes these apart.
        for old, new, proof in steps:
            draft.have(Rel("==", old, new), proof)
    atom_facts(draft, (*simple, *context.formulas), budget.share(0.5))
    known: list[Term] = []
    bounds: dict[Term, Term] = {}
    base = draft.context
    for weight in event.weights:
        if weight.weight in known or isinstance(weight.weight, Sym | Num):
            continue
        candidates = _candidates(weight.weight, op, hints) if weight.weight in bounded else []
        found = _weight_facts(base, weight.weight, op, candidates, hints, budget)
        if found is None:
            return None
        # Each bound was proved before the others were known, and does not need them.
        for fact, proof in found:
            keep = list(range(len(base.facts)))
            draft.force(fact, {"rule": "focus", "keep": keep, "then": proof})
            if fact.op in ("<=", "=="):
                bounds[weight.weight] = fact.right
        known.append(weight.weight)
    local, moved = draft.context, event
    names: list[tuple[Term, str]] = []
    upper: dict[Term, Term] = {}
    for number, term in enumerate(sorted(known, key=node_count, reverse=True)):
        fresh = f"w__{number}"
        table: dict[Term, Term] = {term: Sym(fresh)}
        local = local.replacing(table, local.integers)
        weights = (Weight(replace(w.weight, table), w.count) for w in moved.weights)
        moved = dataclasses.replace(moved, weights=tuple(weights))
        names.append((term, fresh))
        if term in bounds:
            upper[Sym(fresh)] = bounds[term]
    return _Named(draft, local, tuple(names), moved, upper)


def _weight_facts(
    context: Context,
    weight: Term,
    op: RelOp,
    candidates: list[Term],
    hints: Hints,
    budget: Budget,
) -> list[tuple[Rel, Proof]] | None:
    """That the weight is nonnegative, and its best bound among those at hand."""
    positive = Rel(">=", weight, ZERO)
    first = prove_part(context, positive, budget.share(0.3))
    if first is None:
        return None
    found = [(positive, first)]
    # Of several, one that only happens to hold at the known points would keep the search busy.
    for brief in (True, False) if len(candidates) > 1 else (False,):
        for bound in candidates:
            equal = _near(hints, weight, bound)
            rel = Rel("==" if equal else op, weight, bound)
            limit = budget.share(0.3, 4.0) if brief else budget.share(0.2)
            proof = prove_part(context, rel, limit, brief=brief)
            if proof is not None:
                return [*found, (rel, proof)]
    return found


def _near(hints: Hints, left: Term, right: Term) -> bool:
    return hints.distance(left, right) is not None and hints.roughly(Rel("==", left, right))


def _candidates(weight: Term, op: RelOp, hints: Hints) -> list[Term]:
    """The bounds of just this weight, or else those that hold at the known points: first the ones
    that change as the weight does."""
    if canonical(weight) == canonical(ZERO):
        return [ZERO]
    cited = list(_cited(weight, op, hints))
    if cited:
        return cited
    found: dict[str, Term] = {}
    for bound in hints.bounds:
        if hints.roughly(Rel(op, weight, bound.right)):
            found.setdefault(text(bound.right), bound.right)
    known = [value(weight) for value in hints.values]
    drifts = {shown: _drift(hints, known, bound) for shown, bound in found.items()}
    return [found[shown] for shown in sorted(found, key=lambda x: (drifts[x], x))[:3]]


def _cited(weight: Term, op: RelOp, hints: Hints) -> Iterator[Term]:
    """What the weight is bounded by in the bounds at hand, at whatever index these speak of."""
    wanted = canonical(weight)
    for bound in hints.bounds:
        if bound.op in (op, "==") and any(
            canonical(left) == wanted for left in _at_values(bound.left)
        ):
            yield bound.right


def _at_values(term: Term) -> Iterator[Term]:
    """A term with each of its deltas 0 or 1."""
    deltas = list(dict.fromkeys(node for node in subterms(term) if isinstance(node, Delta)))
    for values in itertools.product((ZERO, ONE), repeat=len(deltas[:MAX_DELTAS])):
        yield replace(term, dict(zip(deltas, values, strict=False)))


def _drift(hints: Hints, known: list[float | None], bound: Term) -> float:
    """How much the ratio of a bound and what it bounds changes from point to point: hardly, where
    the bound comes from a factor of the weight."""
    logs = [
        math.log(most / value)
        for value, most in zip(known, (value(bound) for value in hints.values), strict=True)
        if value is not None and most is not None and value > 0 and most > 0
    ]
    return math.fsum(abs(log - logs[0]) for log in logs) if logs else math.inf


def _radii(event: SignEvent, chosen: list[int], hints: Hints) -> Iterator[tuple[Term, Term]]:
    if hints.radius is not None and hints.variance is not None:
        yield hints.radius, hints.variance
        return
    fixed = [event.weights[i].weight for i in chosen]
    radius: Term = Add((event.threshold, *(Neg(weight) for weight in fixed)))
    squares: list[Term] = []
    for i, weight in enumerate(event.weights):
        if i in chosen:
            continue
        square = Pow(weight.weight, num(2))
        if weight.index is not None:
            squares.append(Sum(square, weight.index, weight.count))
        else:
            squares.append(Mul((weight.count, square)))
    if squares:
        yield radius, Add(tuple(squares))


def _some_column(
    context: Context, claim: Chance, event: NetworkEvent, hints: Hints, budget: Budget
) -> Iterator[Proof]:
    for row in special_rows(context, event) or [ONE]:
        weights = event.weights
        if event.index is not None:
            weights = tuple(
                Weight(_at(w.weight, event.index, row), _at(w.count, event.index, row), w.index)
                for w in weights
            )
        chances = [hints.chance] if hints.chance else [Fraction(1, 2**size) for size in (2, 3, 4)]
        for chance in chances:
            q = Num(chance)
            inner = Chance(SignEvent(weights, ">", event.threshold), q)
            column = _first(context, inner, hints, budget.share(0.5))
            if column is None:
                continue
            premise = some_column_premise(context, claim, event, q)
            if not hints.plausible(premise):
                continue
            proof = prove_part(context, premise, budget.share(0.7))
            if proof is not None:
                yield {
                    "rule": "some column",
                    "row": encode_term(row),
                    "chance": encode_term(q),
                    "column": column,
                    "proof": shortened(context, premise, proof),
                }


def _at(term: Term, index: str, row: Term) -> Term:
    return replace(term, {Sym(index): row})


def special_rows(context: Context, event: NetworkEvent) -> list[Term]:
    """The rows at which the weights differ from those of the others."""
    if event.index is None:
        return []
    found: dict[Term, None] = {}
    for weight in event.weights:
        direct, _ = _partners(Sym(event.index), weight.weight, context.theory)
        found.update(dict.fromkeys(other for other in direct if other in _indices(context)))
    return list(found)


def _indices(context: Context) -> list[Term]:
    return [Sym(name) for name in context.theory.ranges]


def _every_column(
    context: Context, claim: Chance, event: NetworkEvent, hints: Hints, budget: Budget
) -> Iterator[Proof]:
    named = special_rows(context, event)
    kinds = row_kinds(context, event, named)
    for q in _failures(hints):
        premise = every_column_premise(context, claim, event, q, len(kinds))
        if not hints.plausible(premise):
            continue
        rows: list[Proof] = []
        for local, weights in kinds:
            row = _one_row(local, weights, event.threshold, q, hints, budget.share(0.45))
            if row is None:
                break
            rows.append(row)
        if len(rows) < len(kinds):
            continue
        proof = union_premise(context, premise, event.columns, budget.share(0.6))
        if proof is None:
            proof = prove_part(context, premise, budget.share(0.8))
        if proof is not None:
            yield {
                "rule": "every column",
                "named": [encode_term(row) for row in named],
                "failure": encode_term(q),
                "rows": rows,
                "proof": shortened(context, premise, proof),
            }


def _one_row(
    context: Context,
    weights: tuple[Weight, ...],
    threshold: Term,
    failure: Term,
    hints: Hints,
    budget: Budget,
) -> Proof | None:
    """That one column of a row stays below the threshold, in absolute value."""
    event = SignEvent(weights, "<=", threshold, True)
    for exceptions, split in _splits(context, event) or [([], weights)]:
        inner = SignEvent(split, "<=", threshold, True)
        claim = Chance(inner, Add((ONE, Neg(failure))))
        proof = _first(context, claim, hints, budget.share(0.7))
        if proof is not None:
            at = [encode_term(e) for e in exceptions]
            return {"at": at, "absolute": True, "column": proof}
    return None


def _failures(hints: Hints) -> Iterator[Term]:
    """The failure probability of one column that belongs to a radius."""
    if hints.radius is not None and hints.variance is not None:
        yield Mul((num(2), Call("exp", (Neg(exponent(hints.radius, hints.variance)),))))
