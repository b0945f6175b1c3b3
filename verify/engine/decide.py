"""One claim: proved with a certificate, refuted with a point, or neither within the time."""

from __future__ import annotations

import contextlib
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any, TypeVar

from verify.engine.results import Claim, Counterexample, Verdict
from verify.kernel.certificate import Obligation, save
from verify.kernel.check import Sequent, check
from verify.kernel.point import Point, evaluate
from verify.kernel.poly import Refused
from verify.language.codec import encode_formula
from verify.language.render import text
from verify.language.term import FALSE, Num, Rel, Term, free_names, nnf
from verify.provers.budget import Budget, OutOfTime

Found = TypeVar("Found")

FIRST_LOOK = 0.35
"""Seconds that each of the first rounds may take; most claims are decided in them."""


@dataclass(frozen=True, slots=True)
class Question:
    """A claim as asked: the sequent, and the command that asks it at a point."""

    sequent: Sequent
    reference: Mapping[str, Fraction]
    command: str = ""


def decide(question: Question, seconds: float, seed: int) -> Claim:
    """The verdict on a claim, within about so many seconds.

    Proofs come from the search and are accepted by the kernel; counterexamples are evaluated in the
    claim itself; contradictory hypotheses are proved to be so.
    """
    started = time.monotonic()
    budget = Budget.of(seconds)
    sequent = question.sequent
    tried: list[str] = []
    witness = _witness(sequent, budget.share(0.1, FIRST_LOOK), seed, tried)
    if witness is None:
        tried.append("no point that satisfies the hypotheses was found at first")
        proof = _contradiction(sequent, budget.share(0.2), tried)
        if proof is not None:
            return _vacuous(sequent, proof, started)
    rounds = (
        (0.06, FIRST_LOOK),
        (0.06, FIRST_LOOK),
        (0.5, 1.5),
        (0.4, 1.0),
        (0.8, 60.0),
        (0.6, 60.0),
        (0.9, 600.0),
    )
    for number, (share, most) in enumerate(rounds):
        part = budget.share(share, most)
        if number % 2 == 0:
            proof = _proof(sequent, part, tried)
            if proof is not None:
                return _proved(sequent, proof, witness, budget, seed, started)
            if witness is None and number:
                proof = _contradiction(sequent, budget.share(share, most), tried)
                if proof is not None:
                    return _vacuous(sequent, proof, started)
        else:
            found = _refutation(question, part, seed + number, tried)
            if found is not None:
                return Claim(
                    "refuted",
                    method="counterexample",
                    counterexample=found,
                    witness=found.point,
                    seconds=time.monotonic() - started,
                    explanation=_explained(found),
                )
    ended = ", to their end" if budget.left() > 0.2 * seconds else f" for {seconds:g} seconds"
    tried.append(f"proof search and counterexample search{ended}")
    return _undecided(sequent, witness, list(dict.fromkeys(tried)), started)


def _undecided(sequent: Sequent, witness: Point | None, tried: list[str], started: float) -> Claim:
    from verify.probe.refute import attest  # noqa: PLC0415

    solver = attest(sequent, Budget.of(0.5, 1.0))
    if solver and witness is None and (other := attest(_absurd(sequent), Budget.of(0.5, 1.0))):
        # From contradictory hypotheses anything follows: that says nothing about the claim.
        tried.append(f"{other} says that no value satisfies the hypotheses")
        solver = None
    verdict: Verdict = "attested" if solver else "unknown"
    return Claim(
        verdict,
        method=solver or "",
        witness=_shown(witness),
        seconds=time.monotonic() - started,
        tried=tuple(tried),
        explanation=f"{solver} says that it holds and gives nothing to check" if solver else "",
    )


def _absurd(sequent: Sequent) -> Sequent:
    return Sequent(sequent.hypotheses, FALSE, sequent.integers, sequent.theory)


def _attempt(what: str, tried: list[str], search: Callable[[], Found | None]) -> Found | None:
    """What a search finds. None of them is trusted, so one that fails ends itself alone."""
    try:
        return search()
    except OutOfTime:
        return None
    except Exception as error:
        place = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{Path(place.filename).name}:{place.lineno}"
        tried.append(f"{what}, which failed: {type(error).__name__}: {error} ({where})")
        return None


def _proof(sequent: Sequent, budget: Budget, tried: list[str]) -> Mapping[str, Any] | None:
    from verify.provers.search import prove  # noqa: PLC0415

    return _attempt("proof search", tried, lambda: prove(sequent, budget))


def _contradiction(sequent: Sequent, budget: Budget, tried: list[str]) -> Mapping[str, Any] | None:
    """A proof that no value satisfies the hypotheses."""
    from verify.provers.search import refute_hypotheses  # noqa: PLC0415

    return _attempt("proof search", tried, lambda: refute_hypotheses(sequent, budget))


def _witness(sequent: Sequent, budget: Budget, seed: int, tried: list[str]) -> Point | None:
    from verify.probe.refute import find_witness  # noqa: PLC0415

    return _attempt("a search for points", tried, lambda: find_witness(sequent, budget, seed))


def _vacuous(sequent: Sequent, proof: Mapping[str, Any], started: float) -> Claim:
    obligation = Obligation(sequent.hypotheses, FALSE, sequent.integers)
    return Claim(
        "vacuous",
        method="contradictory hypotheses",
        certificate=save(obligation, proof),
        seconds=time.monotonic() - started,
        explanation="no parameter value satisfies the hypotheses: "
        + _line(_absurd(sequent), proof),
    )


def _proved(
    sequent: Sequent,
    proof: Mapping[str, Any],
    witness: Point | None,
    budget: Budget,
    seed: int,
    started: float,
) -> Claim:
    if witness is None:
        # What is proved may be what a hypothesis denies.
        known = replace(sequent, hypotheses=(*sequent.hypotheses, sequent.conclusion))
        absurd = _contradiction(known, budget.share(0.3, 2.0), [])
        if absurd is not None:
            fact = encode_formula(nnf(sequent.conclusion))
            whole = {"rule": "cut", "fact": fact, "by": proof, "then": absurd}
            with contextlib.suppress(Refused):
                check(_absurd(sequent), whole)
                return _vacuous(sequent, whole, started)
        witness = _witness(sequent, budget.share(0.3, 2.0), seed + 1, [])
    obligation = Obligation(sequent.hypotheses, sequent.conclusion, sequent.integers)
    return Claim(
        "proved",
        method=method_of(proof),
        certificate=save(obligation, proof),
        witness=_shown(witness),
        seconds=time.monotonic() - started,
        explanation=_line(sequent, proof),
    )


def _line(sequent: Sequent, proof: Mapping[str, Any]) -> str:
    from verify.provers.explain import explain  # noqa: PLC0415

    return explain(sequent, proof)


METHODS = {
    "boxes": "interval subdivision",
    "slope": "sign of the derivative",
    "chord": "concavity between the ends",
    "line": "exact root isolation",
    "refute": "combination of the hypotheses",
    "induct": "induction",
    "enumerate": "enumeration",
    "sum": "bound of a sum",
    "halves": "symmetry of random signs",
    "hoeffding": "Hoeffding's inequality",
    "some column": "independent columns",
    "every column": "union bound",
    "unfold": "definitions unfolded",
}


def method_of(proof: object) -> str:
    """The rules that carry a proof, in words."""
    found: dict[str, None] = {}
    stack = [proof]
    while stack:
        item = stack.pop()
        if isinstance(item, Mapping):
            rule = item.get("rule")
            if isinstance(rule, str) and rule in METHODS:
                found[METHODS[rule]] = None
            stack.extend(value for key, value in item.items() if key != "tree")
        elif isinstance(item, list | tuple):
            stack.extend(item)
    order = [name for name in METHODS.values() if name in found]
    return ", ".join(order) or "direct"


def _refutation(
    question: Question, budget: Budget, seed: int, tried: list[str]
) -> Counterexample | None:
    from verify.probe.refute import find_counterexample  # noqa: PLC0415
    from verify.probe.shrink import shrink  # noqa: PLC0415

    sequent = question.sequent
    what = "counterexample search"
    found = _attempt(what, tried, lambda: find_counterexample(sequent, budget, seed))
    if found is None:
        return None
    # A point that is found is worth half a second more, whatever is left.
    short = Budget.of(min(1.0, budget.left() + 0.4))
    small = _attempt(what, tried, lambda: shrink(sequent, found.point, short, question.reference))
    return confirmed(sequent, found.point if small is None else small, question.command)


def confirmed(sequent: Sequent, point: Point, command: str) -> Counterexample | None:
    """The point as a counterexample, evaluated once more in the claim as it was asked."""
    names = frozenset().union(
        free_names(sequent.conclusion), *(free_names(h) for h in sequent.hypotheses)
    )
    kept = {name: value for name, value in point.items() if name in names}
    outcome = evaluate(sequent.hypotheses, sequent.conclusion, kept, sequent.integers)
    if not outcome.fails:
        return None
    left, right = _sides(sequent, kept)
    return Counterexample(
        point={name: text(value) for name, value in sorted(kept.items())},
        undefined=text(outcome.undefined) if outcome.undefined is not None else None,
        command=command,
        left=left,
        right=right,
    )


def _sides(sequent: Sequent, point: Point) -> tuple[str | None, str | None]:
    from verify.engine.values import shown_value  # noqa: PLC0415

    formula = nnf(sequent.conclusion)
    if not isinstance(formula, Rel):
        return None, None
    left, right = shown_value(formula.left, point), shown_value(formula.right, point)
    if left != right and left is not None:
        # Two balls that overlap look alike, and do not say that the sides are equal.
        apart = Rel("!=", formula.left, formula.right)
        if evaluate((), apart, point, sequent.integers).fails:
            right = left
    return left, right


def _explained(found: Counterexample) -> str:
    where = ", ".join(f"{name} = {value}" for name, value in found.point.items())
    at = f"at {where}" if where else "as it stands"
    if found.undefined is not None:
        return f"undefined {at}: {found.undefined}"
    if found.left is not None and found.left == found.right:
        return f"{at} both sides are {found.left}"
    if found.left is not None and found.right is not None:
        return f"{at} the left side is {found.left}, the right side {found.right}"
    return at


def _shown(point: Point | None) -> dict[str, str] | None:
    if point is None:
        return None
    return {name: text(value) for name, value in sorted(point.items())}


def literal(value: Term) -> str:
    """A coordinate as ``--set`` accepts it."""
    return str(value.value) if isinstance(value, Num) else text(value)
