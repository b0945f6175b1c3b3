"""Saved certificates, checked again by the kernel alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from verify.asymptotics.certificate import read_order, recheck_order
from verify.engine.results import Document, RegimeResult, Result, ThresholdResult
from verify.engine.shown import (
    UNION_BOUND,
    UNION_STEP,
    asymptotic_text,
    conclusion_text,
    family_text,
    implication,
    large_enough,
    range_text,
)
from verify.kernel.certificate import Obligation, load, recheck
from verify.kernel.large import recheck_family
from verify.kernel.poly import Refused
from verify.kernel.sums import NO_THEORY
from verify.language.codec import normal_formula
from verify.language.grammar import ExpressionError, parse_formula
from verify.language.render import text
from verify.language.term import FALSE, nnf

Word = Literal["accepted", "refused", "without"]


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one certificate: of a claim, or of something beside the claims."""

    id: str
    verdict: Word
    why: str = ""
    of: Literal["claim", "step"] = "claim"


@dataclass(frozen=True, slots=True)
class Rechecked:
    """What became of every certificate."""

    answers: tuple[Answer, ...]

    @property
    def counts(self) -> dict[Word, int]:
        """How many certificates were accepted and refused, and how many claims have none."""
        words: tuple[Word, ...] = ("accepted", "refused", "without")
        return {word: sum(answer.verdict == word for answer in self.answers) for word in words}

    @property
    def accepted(self) -> int:
        """How many certificates the kernel accepts."""
        return self.counts["accepted"]

    @property
    def refused(self) -> int:
        """How many certificates are wrong, missing, or about something else."""
        return self.counts["refused"]

    @property
    def lines(self) -> tuple[str, ...]:
        """A line about the certificate of each claim, and about all that were refused."""
        found = []
        for answer in self.answers:
            if answer.verdict == "refused":
                found.append(f"refused   {answer.id}: {answer.why}")
            elif answer.verdict == "accepted" and answer.of == "claim":
                found.append(f"accepted  {answer.id}{answer.why}")
        return tuple(found)


def recheck_document(document: Document) -> Rechecked:
    """Check every certificate of a results file, and that it is about what the result claims."""
    answers = []
    for result in document.results:
        if result.claim.certificate is None:
            if result.claim.verdict in ("proved", "vacuous"):
                why = f"{result.claim.verdict} has no certificate"
                answers.append(Answer(result.id, "refused", why))
            else:
                answers.append(Answer(result.id, "without"))
            continue
        try:
            _same_claim(result)
            _as_shown(result, result.claim.certificate)
            axioms = _rechecked(result.claim.certificate)
            if axioms != frozenset(result.claim.axioms):
                raise Refused("the cited facts are not those that the result names")
        except Refused as error:
            answers.append(Answer(result.id, "refused", str(error)))
        else:
            answers.append(Answer(result.id, "accepted", _unsaid(result)))
    for where, verdict, shown, certificate in _further(document):
        if certificate is None and verdict != "proved":
            continue
        try:
            if certificate is None:
                raise Refused("proved has no certificate")
            _rechecked(certificate)
            if shown not in _texts(certificate):
                raise Refused(f"the certificate is about another claim: {_texts(certificate)[0]}")
        except Refused as error:
            answers.append(Answer(where, "refused", str(error), "step"))
        else:
            answers.append(Answer(where, "accepted", of="step"))
    return Rechecked(tuple(answers))


def _further(document: Document) -> Iterator[tuple[str, str, str, Mapping[str, Any] | None]]:
    """Everything with a verdict beside the claims: where it stands, its verdict, its text, and its
    certificate."""
    for result in document.results:
        for order in result.orders:
            yield f"{result.id}, {order.text}", order.verdict, order.text, order.certificate
        for step in result.proof.steps:
            yield f"{result.id} step {step.index}", step.verdict, step.text, step.certificate
        for variant in result.variants:
            where = f"{result.id}, {variant.reason}"
            yield where, variant.verdict, variant.text, variant.certificate
    answers: list[RegimeResult | ThresholdResult] = []
    if document.paper is not None:
        answers += [*document.paper.regimes, *document.paper.thresholds]
    for answer in answers:
        for step in answer.steps:
            yield f"{answer.title} step {step.index}", step.verdict, step.text, step.certificate


def _rechecked(certificate: Mapping[str, Any]) -> frozenset[str]:
    """Check a certificate of any kind; returns the cited facts that it rests on."""
    if "family" in certificate:
        return recheck_family(certificate)
    if "growth" in certificate:
        recheck_order(certificate)
        return frozenset()
    return recheck(certificate)


def _same_claim(result: Result) -> None:
    """The obligation of a claim from text is the one that its certificate is about.

    Raises:
        Refused: it is not.
    """
    refuted = result.claim.verdict == "refuted" and "family" in (result.claim.certificate or {})
    if result.claim.verdict not in ("proved", "vacuous", "enclosed") and not refuted:
        raise Refused(f"a certificate for the verdict {result.claim.verdict}")
    view = result.statement
    if not view.holds:
        return
    obligation, _ = load(result.claim.certificate)
    try:
        hypotheses = tuple(nnf(parse_formula(item)) for item in view.where)
        conclusion = nnf(parse_formula(view.holds))
    except ExpressionError as error:
        raise Refused(f"the claim is unreadable: {error}") from error
    vacuous = result.claim.verdict == "vacuous"
    expected = normal_formula(FALSE) if vacuous else conclusion
    if obligation.hypotheses != hypotheses or obligation.conclusion != expected:
        raise Refused("the certificate is about another claim")
    if obligation.theory != NO_THEORY:
        # Text says nothing about arrays; a family of hypotheses here would be one of its own.
        raise Refused("the certificate assumes more than the claim says")
    declared = {name for name, kind in view.variables.items() if kind == "int"}
    if not obligation.integers <= declared:
        raise Refused("the certificate takes more variables for integers")


def _texts(certificate: Mapping[str, Any]) -> tuple[str, ...]:
    """What may be shown as the claim of a certificate."""
    if "family" in certificate:
        return (conclusion_text(load(certificate["claim"])[0].conclusion),)
    if "growth" in certificate:
        asked = read_order(certificate)
        given = [str(item) for item in asked.given]
        return implication(asked), asymptotic_text(str(asked.goal), given, asked.variable)
    obligation, _ = load(certificate)
    shown = conclusion_text(obligation.conclusion)
    least = large_enough(obligation.hypotheses[-1]) if obligation.hypotheses else None
    return (shown,) if least is None else (shown, f"{shown} for {text(least)}")


def _as_shown(result: Result, certificate: Mapping[str, Any]) -> None:
    """What a reader sees of a claim is what its certificate is about.

    Raises:
        Refused: it is not.
    """
    view = result.statement
    shown = view.conclusion.text
    if shown == UNION_BOUND and _texts(certificate) == (UNION_STEP,):
        return
    if result.claim.verdict != "vacuous" and shown not in _texts(certificate):
        raise Refused(f"the certificate is about another claim: {_texts(certificate)[0]}")
    if "growth" in certificate:
        return
    obligation, _ = load(certificate.get("claim", certificate))
    known = {result.claim.explicit_n0}
    for hypothesis in view.hypotheses:
        known |= {hypothesis.text, hypothesis.finite, _plain(hypothesis.text)}
    for formula, words in _assumed(obligation):
        if words not in known:
            raise Refused(f"the certificate assumes more than is shown: {formula}")
    if not view.variables:
        return
    declared = {name for name, kind in view.variables.items() if kind == "int"}
    if not obligation.integers <= declared | set(obligation.theory.ranges):
        raise Refused("the certificate takes more variables for integers")


def _unsaid(result: Result) -> str:
    """What a file of an earlier version does not show of a certificate, to be read beside it."""
    if result.statement.variables or "growth" in (result.claim.certificate or {}):
        return ""
    certificate = result.claim.certificate or {}
    obligation, _ = load(certificate.get("claim", certificate))
    integers = sorted(obligation.integers - set(obligation.theory.ranges))
    return f"  (for integers {', '.join(integers)})" if integers else ""


def _assumed(obligation: Obligation) -> Iterator[tuple[str, str]]:
    """The hypotheses of a certificate, and how each is shown."""
    for hypothesis in obligation.hypotheses:
        least = large_enough(hypothesis)
        yield text(hypothesis), text(hypothesis if least is None else least)
    for name, size in obligation.theory.ranges.items():
        words = range_text(name, size)
        yield words, words
    for left, right in obligation.theory.distinct:
        words = f"{text(left)} != {text(right)}"
        yield words, words
    for family in obligation.theory.families:
        yield family_text(family), family_text(family)


def _plain(shown: str) -> str:
    """A hypothesis as certificates have it, without negations."""
    try:
        return text(nnf(parse_formula(shown)))
    except ExpressionError:
        return shown
