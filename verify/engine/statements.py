"""One statement of a paper: its claim, its printed proof, its citations, and the numbers."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import Any, cast

import msgspec

from verify.engine import orders
from verify.engine.alike import borrowed
from verify.engine.at_points import refute_at_points, simpler
from verify.engine.audit import EFFORTS, Attack, Audit
from verify.engine.cache import folder
from verify.engine.chances import chance_field, hunted, refute_chance, refute_tail
from verify.engine.contradiction import contradiction
from verify.engine.decide import method_of
from verify.engine.examine import Examined, audit_of, examine, examined_before
from verify.engine.formal import Formal, formal_conclusion, formalise, formalise_step, under
from verify.engine.large import refute_large
from verify.engine.literal_points import literal_refutation
from verify.engine.numeric_points import at_points
from verify.engine.reference import nearby_values, rational_reference, reference_point
from verify.engine.results import (
    CitationResult,
    Claim,
    Counterexample,
    Numeric,
    Proof,
    Result,
    StepResult,
    Verdict,
)
from verify.engine.scalars import SHRINK_SECONDS, refutation, scalars
from verify.engine.shown import conclusion_text, in_lowest_terms, proof_verdict, readable
from verify.engine.special import induction_step, taken_from_literature
from verify.engine.view import statement_view, tags_of
from verify.kernel.certificate import Obligation, check_theory, load, save
from verify.kernel.chance import Chance, NetworkEvent
from verify.kernel.check import Sequent, unfold_term
from verify.kernel.point import Point, evaluate
from verify.kernel.poly import Refused
from verify.language.codec import normal_formula
from verify.language.render import latex, text
from verify.language.statement import (
    Asymptotic,
    Citation,
    FiniteSpace,
    Paper,
    Reading,
    Statement,
    Step,
    TailBound,
)
from verify.language.sympy_terms import eq, to_formula, to_term
from verify.language.term import (
    ONE,
    ZERO,
    Call,
    Div,
    Entry,
    Formula,
    Mul,
    Num,
    Pow,
    Rel,
    Sum,
    Sym,
    Term,
    contains,
    free_names,
    relations,
    subterms,
)
from verify.probe.sample import feasible_points
from verify.provers.budget import Budget, OutOfTime
from verify.provers.chance import Hints, prove_chance
from verify.provers.gap import gap_in_factors
from verify.provers.lemma import Assist, Lemma, closed_form, prove_goal

DIGITS = 50
FURTHER_POINTS = 2
"""At how many simple points a claim about probabilities or arrays is evaluated."""

ChanceProof = tuple[Mapping[str, Any], frozenset[str]]
"""A proof of a probability bound, and the cited facts that it rests on."""

FIRST_LOOK = 2.0
"""Seconds for a first attempt at a proof, before points are tried."""

GENERIC = "i"
"""What an index is called for which a step is meant at every index."""

AS_WRITTEN = 4.0
"""Seconds to ask a claim that does not unfold at points, before proofs are searched for."""

VACUOUS = 2.0
BRIEFLY = 0.5
"""Seconds to look for a contradiction, where no point that satisfies the hypotheses was found."""


def check_statement(
    paper: Paper,
    statement: Statement,
    seconds: float,
    seed: int,
    attack: Attack = "none",
    known: Result | None = None,
) -> Result:
    """Everything that is found out about a statement within about so many seconds a part.

    ``attack`` says how hard it is tried to break the claim, its hypotheses and its bounds. What is
    ``known`` about a statement that asks the same is confirmed in place of a search.
    """
    formal = formalise(statement)
    started = time.monotonic()
    examined, proof, numeric = Examined(), Proof("none given"), Numeric()
    variants: tuple[StepResult, ...] = ()
    if formal is None:
        claim = _special(statement, seconds)
        numeric = at_points(statement, [{}], seed, DIGITS)
    else:
        work = _Work(paper, statement, formal, seconds, seed, attack)
        same = None if known is None else borrowed(statement, formal, known)
        claim = work.claim() if same is None else work.confirmed(same.claim)
        proof = work.printed_proof()
        variants = work.variants()
        if same is None:
            examined = examine(statement, work.audit, claim, attack)
        else:
            examined = examined_before(same)
        numeric = work.numeric(examined)
    if numeric.disagreements:
        claim = _disagreement(f"{statement.id}{paper.option}", numeric)
    return Result(
        id=statement.id,
        title=statement.title,
        kind=statement.kind,
        tags=tags_of(statement),
        claim=_with_seconds(claim, time.monotonic() - started),
        proof=proof,
        numeric=numeric,
        necessity=examined.necessity,
        mutants=examined.mutants,
        tightness=examined.tightness,
        statement=statement_view(statement, formal, _closed(formal)),
        variants=variants,
    )


def _disagreement(asked: str, numeric: Numeric) -> Claim:
    """Whatever else was found out rests on a library of which one now knows that it may err."""
    return Claim(
        "error",
        explanation=f"Arb and mpmath disagree: {numeric.disagreements[0]}; to reproduce: "
        f"python -m verify check {asked}",
    )


def _with_seconds(claim: Claim, seconds: float) -> Claim:
    return msgspec.structs.replace(claim, seconds=seconds)


def _closed(formal: Formal | None) -> Formula | None:
    if formal is None or isinstance(formal.conclusion, Chance):
        return None
    try:
        return closed_form(formal.sequent().context(), formal.conclusion, Budget.counted(2.0))
    except (Refused, OutOfTime):
        return None


def _special(statement: Statement, seconds: float) -> Claim:
    if isinstance(statement.conclusion, FiniteSpace | Asymptotic):
        union = isinstance(statement.conclusion, FiniteSpace)
        found = _union_bound(seconds) if union else orders.claim(statement)
        open_or_proved = found.verdict in ("proved", "unknown")
        return (_vacuous(statement, seconds) if open_or_proved else None) or found
    assert isinstance(statement.conclusion, TailBound)
    instance = refute_tail(statement)
    if instance is not None:
        return Claim(
            "refuted",
            method="exact probability at a point",
            counterexample=instance,
            witness=instance.point,
        )
    return taken_from_literature(statement)


def _vacuous(statement: Statement, seconds: float) -> Claim | None:
    """Whether the hypotheses contradict each other, of a statement with a checker of its own."""
    formal = formalise(statement.but(conclusion=eq(0, 0)))
    assert formal is not None
    if _satisfied(formal, reference_point(statement.params)):
        return None
    return contradiction(formal, Budget.of(min(seconds, VACUOUS), seconds))


def _union_bound(seconds: float) -> Claim:
    step = induction_step()
    sequent = step.sequent()
    found = prove_goal(sequent.context(), sequent.conclusion, Budget.of(seconds))
    if found is None:
        return Claim("unknown", tried=("the induction step for indicators",))
    return Claim(
        "proved",
        method="induction over the events, indicator by indicator",
        certificate=save(step, found.proof),
        explanation="the indicator of a union is at most the sum of the indicators; "
        "take expectations",
    )


def proves_chance(paper: Paper, statement: Statement, seconds: float, seed: int) -> bool:
    """Whether a probability bound is proved, for one that was changed."""
    formal = formalise(statement)
    if formal is None or not isinstance(formal.conclusion, Chance):
        return False
    work = _Work(paper, statement, formal, seconds, seed)
    budget = work.chance_budget(formal.conclusion)
    return prove_chance(work.context, formal.conclusion, work.hints, budget) is not None


def hints_of(paper: Paper, statement: Statement, formal: Formal) -> Hints:
    """What the printed proof of a statement names, for a search."""
    return _Work(paper, statement, formal, FIRST_LOOK, 0).hints


@dataclass
class _Work:
    """The checks of one statement, which share its context and its reference point."""

    paper: Paper
    statement: Statement
    formal: Formal
    seconds: float
    seed: int
    attack: Attack = "none"

    def __post_init__(self) -> None:
        self.context = self.formal.sequent().context()
        # Rules for sums and indices rest on it; whoever checks a certificate again asks for it.
        check_theory(self.context)
        self.reference: dict[str, Term] = reference_point(self.statement.params)
        self._chances: list[tuple[Obligation, ChanceProof]] = []

    def budget(self) -> Budget:
        return Budget.of(self.seconds)

    def brief(self, seconds: float) -> Budget:
        """Less work than that, in as much time: the clock has no say then."""
        return Budget.of(min(self.seconds, seconds), self.seconds)

    def chance_budget(self, conclusion: Chance) -> Budget:
        """A bound takes several obligations: the parts of its premise, and for the output of a
        network also the rows and all columns. A slow machine has twice the time for them."""
        seconds = self.seconds * (4 if isinstance(conclusion.event, NetworkEvent) else 2)
        return Budget.of(seconds, 2 * seconds)

    @cached_property
    def audit(self) -> Audit:
        """Points near the boundaries of the hypotheses, to ask about this claim and others."""
        effort = EFFORTS["quick" if self.attack == "none" else self.attack]
        return audit_of(self.paper, self.statement, self.formal, effort, self.seed, self.assist)

    def claim(self) -> Claim:
        """The verdict on the claim; where nothing satisfies the hypotheses, that."""
        found = self._claim()
        if found.verdict not in ("proved", "unknown"):
            return found
        formal, satisfied = self.formal, found.witness is not None
        if self.statement.large is not None and found.certificate is not None:
            # What is proved assumes as well that the constant is large enough.
            formal = replace(formal, hypotheses=load(found.certificate)[0].hypotheses)
            satisfied = _satisfied(formal, self.reference)
        seconds = VACUOUS
        if satisfied:
            if all(map(_scalar, formal.hypotheses)) and not formal.theory.families:
                return found
            # The parameters satisfy what is said about them alone, which leaves out the arrays.
            seconds = BRIEFLY
        vacuous = contradiction(formal, self.brief(seconds))
        if vacuous is None:
            return found
        return msgspec.structs.replace(vacuous, explicit_n0=found.explicit_n0)

    def confirmed(self, claim: Claim) -> Claim:
        """A verdict that was reached for a statement that asks the same, and confirmed."""
        if claim.verdict == "refuted":
            return claim
        obligation, proof = load(claim.certificate)
        if isinstance(self.formal.conclusion, Chance):
            known = cast(Mapping[str, Any], proof), frozenset(claim.axioms)
            self._chances.append((obligation, known))
        return msgspec.structs.replace(claim, witness=self.witness())

    def _claim(self) -> Claim:
        conclusion = self.formal.conclusion
        if isinstance(conclusion, Chance):
            return self._chance(conclusion)
        found = prove_goal(self.context, conclusion, self.brief(FIRST_LOOK))
        if found is not None:
            return self._proved(found)
        # Where a constant only has to be large enough, no point contradicts.
        large = self.statement.large is not None
        refutation = None if large else self.audit.refute(self.formal, conclusion, deep=False)
        if refutation is None and not large:
            refutation = self._refuted_as_written(conclusion)
        for assist in (Assist(), self.assist) if refutation is None else ():
            found = prove_goal(self.context, conclusion, self.budget(), assist)
            if found is not None:
                return self._proved(found)
        if refutation is None and not large:
            refutation = self.refutation(self.formal, conclusion)
        if refutation is None and not large:
            refutation = literal_refutation(self.statement, self.formal, conclusion)
        if refutation is not None:
            return Claim(
                "refuted",
                method="counterexample",
                counterexample=refutation,
                witness=refutation.point,
            )
        return Claim(
            "unknown",
            witness=self.witness(),
            tried=(f"proof and counterexample search, {self.seconds:g} seconds each",),
        )

    def _refuted_as_written(self, conclusion: Formula) -> Counterexample | None:
        """A counterexample to a claim that does not unfold to one between numbers."""
        with contextlib.suppress(Refused):
            if scalars(self.formal, conclusion):
                return None
        budget = self.brief(AS_WRITTEN)
        found = refute_at_points(self.statement, self.formal, self.audit.field, budget, self.seed)
        return found and simpler(self.statement, self.formal, found, SHRINK_SECONDS)

    def _proved(self, found: Lemma) -> Claim:
        return Claim(
            "proved",
            method=method_of(found.proof),
            certificate=save(self.formal.obligation(), found.proof),
            witness=self.witness(),
            explanation=self._explained(found.closed_form),
        )

    def _explained(self, closed: Formula) -> str:
        """What the claim comes down to, and on a line of its own why that holds."""
        said = "unfolds to " + text(readable(in_lowest_terms(closed)))
        gap = gap_in_factors(self.context, closed, Budget.counted(1.0))
        return f"{said}\n{gap}" if gap is not None else said

    @cached_property
    def assist(self) -> Assist:
        """The steps of the printed proof, as intermediate claims."""
        claims = []
        for step in self.statement.proof.steps:
            formula = formal_conclusion(step.claim)
            if formula is not None and not isinstance(formula, Chance):
                claims.append(formula)
        generic = GENERIC in {str(index.symbol) for index in self.statement.indices}
        return Assist(tuple(claims), GENERIC if generic else None, sums=tuple(claims))

    @cached_property
    def hints(self) -> Hints:
        """What the printed proof names, for the search."""
        assist = self._with_claims_used()
        return Hints(
            None if self.statement.radius is None else to_term(self.statement.radius),
            None if self.statement.variance is None else to_term(self.statement.variance),
            tuple(dict.fromkeys(self._bounds())),
            nearby_values(self.statement.params, tuple(filter(_scalar, self.formal.hypotheses))),
            assist,
        )

    def _with_claims_used(self) -> Assist:
        """The steps of the proofs of the statements that are used as well, where they speak of the
        same parameters."""
        known = {statement.id: statement for statement in self.paper.statements}
        used = [known[i] for i in self.statement.uses if i in known]
        indices = {str(index.symbol) for statement in used for index in statement.indices}
        names = frozenset(self.reference) | frozenset(self.formal.theory.ranges) | indices
        steps = [formal_conclusion(step.claim) for s in used for step in s.proof.steps]
        more = tuple(
            claim
            for claim in steps
            if claim is not None and not isinstance(claim, Chance) and free_names(claim) <= names
        )
        claims = (*self.assist.claims, *more)
        index = GENERIC if GENERIC in indices else self.assist.index
        return replace(self.assist, claims=claims, index=index, sums=claims)

    def _bounds(self) -> Iterator[Rel]:
        """The bounds that are used, directly or through others, with their left sides unfolded."""
        known = {statement.id: statement for statement in self.paper.statements}
        pending, seen = list(self.statement.uses), {self.statement.id}
        for _ in range(3):
            found = [known[i] for i in dict.fromkeys(pending) if i in known and i not in seen]
            seen |= {statement.id for statement in found}
            for statement in found:
                yield from _bounds_of(statement)
            pending = [used for statement in found for used in statement.uses]

    def _chance(self, conclusion: Chance) -> Claim:
        if self.statement.large is not None:
            return self._large_constant(conclusion)
        found = self._chance_proof(self.formal, conclusion, self.hints)
        if found is not None:
            return self._proved_chance(self.formal, found[0], found[1], None)
        return self._failed_chance()

    def _chance_proof(self, formal: Formal, conclusion: Chance, hints: Hints) -> ChanceProof | None:
        """A proof of a probability bound; the last step of a printed proof is often the claim,
        which is not proved twice."""
        obligation = replace(formal, conclusion=conclusion).obligation()
        for proved, known in self._chances:
            if proved == obligation:
                return known
        context = formal.sequent().context()
        found = prove_chance(context, conclusion, hints, self.chance_budget(conclusion))
        if found is not None:
            self._chances.append((obligation, found))
        return found

    def _no_constant(self) -> Claim | None:
        """That no constant is large enough, where a family of points shows it."""
        family = refute_large(self.paper, self.statement, self.formal, self.budget())
        if family is None:
            return None
        return Claim(
            "refuted",
            method="a family of points",
            axioms=family.axioms,
            certificate=family.certificate,
            counterexample=family.counterexample,
            witness=family.counterexample.point,
            explanation=family.explanation,
        )

    def _failed_chance(self) -> Claim:
        effort = EFFORTS["default"]
        field = chance_field(self.statement, self.formal, effort, self.seed)
        found = refute_chance(self.statement, field, effort)
        large = self.statement.large
        if found is None and large is None:
            found = hunted(self.statement, self.formal, self.budget(), self.seed)
        if found is not None:
            found = simpler(self.statement, self.formal, found, SHRINK_SECONDS)
            return Claim(
                "refuted",
                method="exact probability at a point",
                counterexample=found,
                witness=found.point,
                explanation=""
                if large is None
                else f"at this point it fails for every larger {large} as well",
            )
        return Claim(
            "unknown",
            witness=self.witness(),
            tried=(
                "fixing signs and symmetry, Hoeffding's inequality, unions over rows and columns: "
                f"{self.seconds:g} seconds",
            ),
        )

    def _proved_chance(
        self, formal: Formal, proof: Mapping[str, Any], axioms: frozenset[str], n0: str | None
    ) -> Claim:
        return Claim(
            "proved",
            method=method_of(proof),
            axioms=tuple(sorted(axioms)),
            certificate=save(formal.obligation(), proof),
            witness=self.witness(),
            explicit_n0=n0,
            explanation=_chance_line(proof),
        )

    def _large_constant(self, conclusion: Chance) -> Claim:
        """``there is C_0 such that for every C >= C_0``: find ``C_0 = kappa / log(1/(1 - q))``."""
        constant = to_term(self.statement.large)
        failed = Claim("unknown")
        for number, (size, kappa) in enumerate(self._thresholds()):
            if number == 1:
                # Whatever holds is usually proved with the first threshold.
                failed = self._failed_chance()
                if failed.verdict != "refuted":
                    failed = self._no_constant() or failed
                if failed.verdict == "refuted":
                    return failed
            chance = Fraction(1, 2**size)
            least = Div(kappa, Call("log", (Num(1 / (1 - chance)),)))
            log = Call("log", (Num(1 / (1 - chance)),))
            extra = normal_formula(Rel(">=", Mul((constant, log)), kappa))
            formal = replace(self.formal, hypotheses=(*self.formal.hypotheses, extra))
            hints = replace(self.hints.where(extra), chance=chance)
            found = self._chance_proof(formal, conclusion, hints)
            if found is not None:
                return self._proved_chance(formal, *found, f"{text(constant)} >= {text(least)}")
        return failed

    def _thresholds(self) -> Iterator[tuple[int, Term]]:
        for size in (2, 3, 4):
            for kappa in self._kappas():
                yield size, kappa

    def _kappas(self) -> tuple[Term, ...]:
        """What the exponents in the bound call for: ``k`` for ``1 - delta / n^k``, where ``k`` is
        fixed before the constant is chosen."""
        conclusion = self.formal.conclusion
        assert isinstance(conclusion, Chance)
        fixed = {str(symbol) for symbol in self.statement.fixed} - {str(self.statement.large)}
        names = {
            name
            for node in subterms(conclusion.bound)
            if isinstance(node, Pow)
            for name in free_names(node.exp) & fixed
        }
        return (*(Sym(name) for name in sorted(names)), ONE)

    def witness(self) -> dict[str, str] | None:
        """A point that satisfies the hypotheses."""
        point = self.satisfying_point()
        return None if point is None else {k: text(v) for k, v in sorted(point.items())}

    def satisfying_point(self) -> Point | None:
        """The reference point, if it satisfies the hypotheses, or one that is searched for."""
        if _satisfied(self.formal, self.reference):
            return self.reference
        return _witness(self.formal)

    def refutation(self, formal: Formal, goal: Formula) -> Counterexample | None:
        """A counterexample to a goal under the hypotheses of the statement, or of a step."""
        asked = f"{self.statement.id}{self.paper.option}"
        reference = rational_reference(self.statement.params)
        kept = folder() / "examples" if self.attack == "hunt" else None
        return refutation(asked, formal, goal, self.budget(), self.seed, reference, kept)

    def printed_proof(self) -> Proof:
        """The steps and the citations of the printed proof, each by itself."""
        given = self.statement.proof
        if not given.steps and not given.citations:
            return Proof("none given", note=given.note)
        steps = tuple(self._step(index, step) for index, step in enumerate(given.steps, 1))
        citations = tuple(self._citation(citation) for citation in given.citations)
        return Proof(proof_verdict(steps, citations), steps, citations, given.note)

    def variants(self) -> tuple[StepResult, ...]:
        """The claim under each of the other conventions that the statement names."""
        named = [
            self._variant(index, step)
            for index, step in enumerate(self.statement.variant_steps(), 1)
        ]
        for index, reading in enumerate(self.statement.readings, len(named) + 1):
            named.append(self._reading(index, reading))
        return tuple(named)

    def _reading(self, index: int, reading: Reading) -> StepResult:
        """The claim in another reading, for all large values of a constant."""
        stated = self.statement.read_as(reading)
        formal = formalise(stated)
        assert formal is not None
        found = refute_large(self.paper, stated, formal, self.budget())
        point = None
        if found is not None:
            # The point belongs to the reading, which only a check of the statement evaluates.
            command = f"python -m verify check {self.statement.id}{self.paper.option}"
            point = msgspec.structs.replace(found.counterexample, command=command)
        return StepResult(
            index=index,
            text=conclusion_text(formal.conclusion),
            verdict="unknown" if found is None else "refuted",
            reason=reading.name,
            counterexample=point,
            certificate=None if found is None else found.certificate,
        )

    def _variant(self, index: int, step: Step) -> StepResult:
        found = self._step(index, step)
        claim = formal_conclusion(step.claim)
        if found.verdict != "unknown" or claim is None or isinstance(claim, Chance):
            return found
        point = literal_refutation(self.statement, self.formal, claim)
        if point is None:
            return found
        # The point belongs to the variant, which only a check of the statement evaluates.
        command = f"python -m verify check {self.statement.id}{self.paper.option}"
        point = msgspec.structs.replace(point, command=command)
        return msgspec.structs.replace(found, verdict="refuted", counterexample=point)

    def _step(self, index: int, step: Step) -> StepResult:
        claim = formal_conclusion(step.claim)
        formal = formalise_step(self.statement, self.formal, step)
        context = formal.sequent().context()
        shown = conclusion_text(claim)  # type: ignore[arg-type]
        verdict: Verdict = "unknown"
        certificate = None
        counterexample = None
        least: Rel | None = None
        if isinstance(claim, Chance):
            hints = self.hints.where(*filter(_scalar, formal.hypotheses))
            found = self._chance_proof(formal, claim, hints)
            if found is not None:
                verdict = "proved"
                obligation = replace(formal, conclusion=claim).obligation()
                certificate = save(obligation, found[0])
            elif self.statement.large is None:
                counterexample = self._step_fails(step, claim)
                verdict = "refuted" if counterexample is not None else "unknown"
        elif claim is not None:
            # A step that needs a condition on the constant is not searched for at length without.
            limit = self.seconds if self.statement.large is None else FIRST_LOOK
            budget = self.brief(limit)
            lemma = None
            if self.statement.large is None or self._seems_right(formal, claim):
                lemma = prove_goal(context, claim, budget, self.assist_before(index))
            if lemma is None and self.statement.large is not None:
                formal, least, lemma = self._step_from(formal, claim)
            if lemma is not None:
                verdict = "proved"
                obligation = replace(formal, conclusion=claim).obligation()
                certificate = save(obligation, lemma.proof)
            elif self.statement.large is None:
                # Where a constant only has to be large enough, no point contradicts.
                counterexample = self.refutation(formal, claim)
                verdict = "refuted" if counterexample is not None else "unknown"
        if verdict == "proved" and step.given and not self._can_hold(formal):
            seconds = self.brief(VACUOUS)
            if contradiction(formal, seconds) is not None:
                # What follows from a contradiction supports nothing.
                verdict, certificate = "vacuous", None
        given = [to_formula(relation) for relation in step.given]
        return StepResult(
            index=index,
            text=shown if least is None else f"{shown} for {text(least)}",
            verdict=verdict,
            latex=_step_latex(claim, least),
            given=" and ".join(map(text, given)),
            given_latex=r" \quad \text{and} \quad ".join(map(latex, given)),
            reason=step.reason,
            equation=step.equation,
            counterexample=counterexample,
            certificate=certificate,
        )

    def _step_fails(self, step: Step, claim: Chance) -> Counterexample | None:
        """A point at which the exact probability that a step speaks of is below its bound."""
        stated = under(self.statement, step).but(conclusion=step.claim)
        formal = replace(formalise_step(self.statement, self.formal, step), conclusion=claim)
        effort = EFFORTS["default"]
        field = chance_field(stated, formal, effort, self.seed)
        point = refute_chance(stated, field, effort)
        if point is None:
            return None
        point = simpler(stated, formal, point, SHRINK_SECONDS)
        # The point belongs to the step, which only a check of the statement evaluates.
        command = f"python -m verify check {self.statement.id}{self.paper.option}"
        return msgspec.structs.replace(point, command=command)

    def _seems_right(self, formal: Formal, claim: Formula) -> bool:
        """Whether a step holds, roughly, at all known points: where it fails for a constant that is
        too small, a proof without a condition on that constant would be searched for in vain."""
        return self.hints.where(*filter(_scalar, formal.hypotheses)).plausible(claim)

    def _can_hold(self, formal: Formal) -> bool:
        """Whether a point is known that satisfies all hypotheses of a step: then they contradict
        each other nowhere, and nobody has to look."""
        if _satisfied(formal, self.reference):
            return True
        if formal.theory.families or not all(map(_scalar, formal.hypotheses)):
            return False
        return _witness(formal) is not None

    def _step_from(self, formal: Formal, claim: Formula) -> tuple[Formal, Rel | None, Lemma | None]:
        """A step of a statement that holds from some value of a constant on: for the powers ``q^m``
        in it, ``C log(1/q) >= kappa``. With that condition."""
        constant = to_term(self.statement.large)
        bases = {
            node.base.value
            for rel in relations(claim)
            for side in (rel.left, rel.right)
            for node in subterms(side)
            if isinstance(node, Pow) and isinstance(node.base, Num) and 0 < node.base.value < 1
        }
        for base in sorted(bases):
            for kappa in self._kappas():
                log = Call("log", (Num(1 / base),))
                extra = normal_formula(Rel(">=", Mul((constant, log)), kappa))
                assumed = replace(formal, hypotheses=(*formal.hypotheses, extra))
                found = prove_goal(assumed.sequent().context(), claim, self.budget())
                if found is not None:
                    return assumed, Rel(">=", constant, Div(kappa, log)), found
        return formal, None, None

    def assist_before(self, index: int) -> Assist:
        """The steps before a step."""
        return replace(self.assist, claims=self.assist.claims[: index - 1])

    def _citation(self, citation: Citation) -> CitationResult:
        from verify.engine.citations import check_citation  # noqa: PLC0415

        return check_citation(self.paper, self.statement, citation, self.seconds, self.seed)

    def numeric(self, examined: Examined) -> Numeric:
        """Both sides at the reference point and at others, in Arb and in mpmath."""
        scalar = tuple(h for h in self.formal.hypotheses if _scalar(h))
        simple = self._simple()
        if simple is None:
            found = self._numeric_at_points(scalar, examined)
            return msgspec.structs.replace(found, boundaries=examined.boundaries)
        from verify.engine.numeric import both_libraries  # noqa: PLC0415

        sequent = Sequent(scalar, simple, self.formal.integers)
        start = [self.reference] if self.satisfying_point() is self.reference else []
        points = [*start, *examined.points]
        found = both_libraries(sequent, points, self.seed, DIGITS, sample=not examined.points)
        return msgspec.structs.replace(found, boundaries=examined.boundaries)

    def _simple(self) -> Formula | None:
        """The claim unfolded to a relation between numbers, where it comes to one."""
        if isinstance(self.formal.conclusion, Chance):
            return None
        try:
            simple = closed_form(self.context, self.formal.conclusion, Budget.counted(2.0))
        except (Refused, OutOfTime):
            return None
        numbers = _scalar(simple) and free_names(simple) <= frozenset(self.reference)
        return simple if numbers else None

    def _simple_points(self, scalar: tuple[Formula, ...]) -> list[Point]:
        """Points that satisfy the hypotheses about numbers, where nobody has searched before."""
        sequent = Sequent(scalar, TRUE_RELATION, self.formal.integers)
        try:
            return list(
                feasible_points(sequent, FURTHER_POINTS, self.seed, Budget.counted(VACUOUS))
            )
        except OutOfTime:
            return []

    def _numeric_at_points(self, scalar: tuple[Formula, ...], examined: Examined) -> Numeric:
        """The reference point, the worst one that is known, and simple ones; of a claim about a
        constant that is large enough, small ones would say nothing."""
        points: list[dict[str, str]] = [{}]
        if self.statement.large is None:
            points += [examined.tightness.at] if examined.tightness.at else []
            further = list(examined.points[:FURTHER_POINTS]) or self._simple_points(scalar)
            points += [{name: text(value) for name, value in p.items()} for p in further]
        return at_points(self.statement, points, self.seed, DIGITS)


def _step_latex(claim: Formula | Chance | None, least: Rel | None) -> str:
    if claim is None or isinstance(claim, Chance):
        return ""
    return latex(claim) + ("" if least is None else rf" \quad \text{{for}} \quad {latex(least)}")


def _bounds_of(statement: Statement) -> Iterator[Rel]:
    formal = formalise(statement)
    if formal is not None and not isinstance(formal.conclusion, Chance):
        context = formal.sequent().context()
        for rel in relations(formal.conclusion):
            yield Rel(rel.op, unfold_term(rel.left, context.theory)[0], rel.right)


TRUE_RELATION = Rel("==", ZERO, ZERO)


def _witness(formal: Formal) -> Point | None:
    """A point that satisfies the hypotheses that are not about arrays, where one is found soon."""
    from verify.probe.refute import find_witness  # noqa: PLC0415

    scalar = tuple(filter(_scalar, formal.hypotheses))
    try:
        return find_witness(Sequent(scalar, TRUE_RELATION, formal.integers), Budget.counted(1.0))
    except OutOfTime:
        return None


def _satisfied(formal: Formal, point: Point) -> bool:
    """Whether a point satisfies the hypotheses that are not about arrays."""
    scalar = tuple(filter(_scalar, formal.hypotheses))
    names = frozenset(point)
    if not all(free_names(hypothesis) <= names for hypothesis in scalar):
        return False
    outcome = evaluate(scalar, TRUE_RELATION, point, formal.integers & names)
    return all(truth is True for truth in outcome.hypotheses)


def _scalar(formula: Formula) -> bool:
    """Whether no array entry and no sum is left."""
    return not contains(formula, Entry, Sum)


def _chance_line(proof: Mapping[str, Any]) -> str:
    rule = proof.get("rule")
    if rule == "split":
        return _chance_line(proof["then"])
    if rule == "halves":
        count = len(proof["fixed"])
        return (
            f"with {count} sign(s) fixed to +1 (probability 1/{2**count}) the rest is symmetric, "
            f"hence nonnegative with probability at least 1/2: at least 1/{2 ** (count + 1)}"
        )
    if rule == "hoeffding":
        return f"Hoeffding's inequality with radius {proof['radius']}"
    if rule == "some column":
        return (
            f"one column exceeds the threshold with probability at least {proof['chance']}; "
            "the columns are independent"
        )
    return f"each column fails with probability at most {proof.get('failure')}; union bound"
