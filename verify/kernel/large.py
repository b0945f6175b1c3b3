"""Claims that hold from some value of a constant on, and families of points that refute them.

The claim says: there is a value, which depends on the fixed parameters alone, from which on the
probability bound holds for all others. It is false if along a family of points, one for each
natural number, the constant grows beyond all bounds, the fixed parameters stay where they are, and
the opposite event is too likely.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

from verify.kernel.certificate import Obligation, accept, load, save
from verify.kernel.chance import Chance, NetworkEvent
from verify.kernel.context import read_term
from verify.kernel.poly import Refused, is_whole
from verify.language.codec import encode_term
from verify.language.term import (
    ONE,
    Add,
    Delta,
    Entry,
    Formula,
    Mul,
    Num,
    Rel,
    Sum,
    Sym,
    Term,
    contains,
    free_names,
    map_terms,
    nnf,
)
from verify.language.term import replace as replace_terms

FIELDS = frozenset({"claim", "large", "fixed", "number", "family", "opposite", "along"})


@dataclass(frozen=True)
class Family:
    """A point for each value 1, 2, 3, .. of ``number``; ``large`` is the constant that grows.

    ``points`` gives every parameter in terms of the number, the ``fixed`` ones without it.
    """

    large: str
    fixed: frozenset[str]
    number: str
    points: Mapping[str, Term]


def opposite(event: NetworkEvent) -> NetworkEvent:
    """The event that happens exactly if another does not: zero for positive."""
    return replace(event, positive=not event.positive)


def along(claim: Obligation, rival: Obligation, family: Family) -> tuple[Obligation, ...]:
    """What has to hold at every point of a family for it to refute a claim: the hypotheses of both
    sides, that the indices have places, and that the probabilities add up to more than 1.

    Raises:
        Refused: the family or the ``rival``, which bounds the opposite event, does not fit.
    """
    _check_rival(claim, rival)
    _check_family(claim, rival, family)
    assert isinstance(claim.conclusion, Chance)
    assert isinstance(rival.conclusion, Chance)
    wanted: list[Formula] = [*claim.hypotheses, *rival.hypotheses]
    wanted += [Rel(">=", size, ONE) for size in claim.theory.ranges.values()]
    wanted.append(Rel(">", Add((claim.conclusion.bound, rival.conclusion.bound)), ONE))
    table: dict[Term, Term] = {Sym(name): value for name, value in family.points.items()}
    start = Rel(">=", Sym(family.number), ONE)
    names = frozenset({family.number})
    goals = [nnf(map_terms(item, lambda side: replace_terms(side, table))) for item in wanted]
    for goal in goals:
        if free_names(goal) - names or contains(goal, Entry, Sum, Delta):
            raise Refused("a hypothesis is about more than the parameters of the family")
    return tuple(Obligation((start,), goal, names) for goal in dict.fromkeys(goals))


def _check_rival(claim: Obligation, rival: Obligation) -> None:
    if not isinstance(claim.conclusion, Chance) or not isinstance(rival.conclusion, Chance):
        raise Refused("both sides are probability bounds")
    event = claim.conclusion.event
    if not isinstance(event, NetworkEvent) or rival.conclusion.event != opposite(event):
        raise Refused("the other bound is not about the opposite event")
    if claim.theory != rival.theory or claim.theory.families or claim.theory.distinct:
        raise Refused("the definitions differ, or say more than which index is in which range")
    if not claim.integers <= rival.integers:
        raise Refused("an integer of the claim is none there")


def _check_family(claim: Obligation, rival: Obligation, family: Family) -> None:
    points, number = family.points, family.number
    used = claim.theory.names | claim.integers | rival.integers
    used |= frozenset().union(*(free_names(h) for h in (*claim.hypotheses, *rival.hypotheses)))
    if number in used | set(points):
        raise Refused("the number of a point is named like something else")
    if family.large not in points or family.large in family.fixed:
        raise Refused("the constant that grows is a parameter that is not fixed")
    for name, value in points.items():
        if free_names(value) - {number} or (name in family.fixed and free_names(value)):
            raise Refused(f"{name} depends on more than the number of the point, or is fixed")
        if name in rival.integers and not is_whole(value, {number}):
            raise Refused(f"{name} is not an integer at every point")
    match points[family.large]:
        case Sym(name=name) if name == number:
            pass
        case Mul(args=(Num(value=factor), Sym(name=name))) if name == number and factor > 0:
            pass
        case _:
            raise Refused(f"{family.large} does not visibly grow beyond all bounds")


def save_family(
    claim: Obligation,
    family: Family,
    rival: Mapping[str, Any],
    proofs: Collection[Mapping[str, Any]],
) -> dict[str, Any]:
    """The certificate as plain data: ``rival`` is the saved certificate of the opposite bound, the
    ``proofs`` are those of :func:`along`, in order."""
    return {
        "claim": save(claim, {}),
        "large": family.large,
        "fixed": sorted(family.fixed),
        "number": family.number,
        "family": {name: encode_term(value) for name, value in sorted(family.points.items())},
        "opposite": dict(rival),
        "along": [dict(proof) for proof in proofs],
    }


def recheck_family(data: object) -> frozenset[str]:
    """Check that a family refutes the claim of its certificate; the cited facts that this rests on.

    Raises:
        Refused: it does not.
    """
    if not isinstance(data, Mapping) or set(data) != FIELDS:
        raise Refused(f"the fields are {sorted(FIELDS)}")
    claim, _ = load(data["claim"])
    rival, proof = load(data["opposite"])
    names = (data["large"], data["number"], *_list(data["fixed"]), *_names(data["family"]))
    if not all(isinstance(name, str) for name in names):
        raise Refused("names are text")
    points = {name: read_term(value) for name, value in data["family"].items()}
    family = Family(data["large"], frozenset(data["fixed"]), data["number"], points)
    wanted, proofs = along(claim, rival, family), _list(data["along"])
    if len(wanted) != len(proofs):
        raise Refused("one proof is needed for each hypothesis")
    axioms = accept(rival, proof)
    for item, part in zip(wanted, proofs, strict=True):
        axioms |= accept(item, part)
    return axioms


def _list(data: object) -> list[Any]:
    if not isinstance(data, list | tuple):
        raise Refused("a list was expected")
    return list(data)


def _names(data: object) -> list[Any]:
    if not isinstance(data, Mapping):
        raise Refused("a table was expected")
    return list(data)
