"""Whether regimes fit together: conditions at one value of a parameter, and ranges of sizes."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from flint import arb

from verify.engine.decide import confirmed
from verify.engine.reference import rational_reference
from verify.engine.replay import Replay
from verify.engine.results import Counterexample, Mathematics, RegimeResult, StepResult
from verify.kernel.ball import enclose, precision
from verify.kernel.certificate import Obligation, accept, save
from verify.kernel.check import Sequent
from verify.kernel.poly import Refused
from verify.language.render import latex, text
from verify.language.statement import Regime
from verify.language.sympy_terms import to_formula
from verify.language.term import (
    ONE,
    ZERO,
    Add,
    And,
    Call,
    Div,
    Formula,
    Mul,
    Num,
    Pow,
    Rel,
    RelOp,
    Sym,
    Term,
    free_names,
    map_terms,
    nnf,
    num,
    subterms,
)
from verify.language.term import replace as exchange
from verify.probe.refute import find_counterexample
from verify.provers.budget import Budget, OutOfTime
from verify.provers.draft import Draft
from verify.provers.linear import farkas
from verify.provers.search import prove, solve

SECONDS = 10.0
"""The time for each obligation."""
DIGITS = 1000
"""Thresholds are tried at multiples of one part in so many."""


class NotARegime(ValueError):
    """Conditions of another form than those that are decided here: says which."""


def decide_regime(regime: Regime, seed: int = 0, known: Sequence[StepResult] = ()) -> RegimeResult:
    """The exact condition under which the conditions can hold at once, with its proof.

    Proofs of steps that are ``known`` are given to the kernel in place of a search.

    Raises:
        NotARegime: a condition is not of the form ``base**choice op bound``, or the choice is not
            a real number of its own.
    """
    return _Decision(regime, seed, Replay(known)).result()


@dataclass
class _Decision:
    regime: Regime
    seed: int
    known: Replay
    steps: list[StepResult] = field(default_factory=list)
    names: dict[Term, Term] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.choice = Sym(str(self.regime.choice))
        self.domain: list[Formula] = []
        for relation in (item for param in self.regime.params for item in param.where):
            formula = nnf(to_formula(relation))
            parts = formula.args if isinstance(formula, And) else (formula,)
            if not all(isinstance(part, Rel) for part in parts):
                raise NotARegime(f"{self.regime.title}: {text(formula)} is not one relation")
            self.domain += parts
        self.relations = [self._relation(item) for item in self.regime.relations]
        whole = any(p.integer for p in self.regime.params if p.name == self.choice.name)
        tied = [f for f in self.domain if {self.choice.name} < free_names(f)]
        if whole or tied:
            raise NotARegime(
                f"{self.regime.title}: {self.choice.name} has to be a real number whose domain "
                "does not depend on the other parameters"
            )

    def _relation(self, relation: object) -> tuple[Rel, Rel]:
        """A condition, and the same for logarithms."""
        match to_formula(relation):
            case Rel(op="<=" | ">=", left=Pow(base=base, exp=exponent), right=bound) as rel if (
                exponent == self.choice and self.choice.name not in free_names(base)
            ):
                return rel, Rel(rel.op, Mul((self.choice, _log(base))), logarithm(bound))
        raise NotARegime(f"{self.regime.title}: a condition is base**{self.choice.name} <= bound")

    def result(self) -> RegimeResult:
        condition = self._condition()
        positive = self._signs()
        for rel, log in self.relations:
            self._logarithms(rel, log)
        plain = [self._plain(log) for _, log in self.relations]
        signs = [self._plain(rel) for rel in positive]
        self.step((*signs, *plain), self._plain(condition), "needed: the choice is eliminated")
        self._enough(signs, plain, self._plain(condition))
        said = f"{self._conditions()} hold for some {self.choice.name} exactly if {text(condition)}"
        uniform, counterexample = self._uniform(condition, positive)
        good = all(step.verdict == "proved" for step in self.steps)
        return RegimeResult(
            self.regime.title,
            "proved" if good else "unknown",
            f"{said}{uniform}",
            Mathematics(text(condition), latex(condition)),
            tuple(self.steps),
            counterexample,
        )

    def _conditions(self) -> str:
        return " and ".join(text(rel) for rel, _ in self.relations)

    # The condition

    def _bounds(self, op: RelOp) -> list[tuple[Term, Term]]:
        """Numerators and denominators of the lower (``>=``) or upper bounds of the choice."""
        found = []
        for _, log in self.relations:
            if log.op == op and isinstance(log.left, Mul):
                found.append((log.right, log.left.args[1]))
        return found

    def _condition(self) -> Rel:
        pairs = list(itertools.product(self._bounds(">="), self._bounds("<=")))
        if len(pairs) != 1:
            raise NotARegime(f"{self.regime.title}: one condition from below and one from above")
        ((low, under), (high, over)) = pairs[0]
        left, right = [*_factors(low), over], [*_factors(high), under]
        for factor in list(left):
            # Logarithms on both sides are positive, as is proved below.
            if factor in right and isinstance(factor, Call):
                left.remove(factor)
                right.remove(factor)
        return Rel("<=", _product(left), _product(right))

    def _enough(self, signs: Sequence[Rel], plain: Sequence[Rel], condition: Rel) -> None:
        """The least choice that the bound from below allows is in its domain, and serves."""
        ((low, under),) = self._bounds(">=")
        least = Rel("==", Mul((self.choice, under)), low)
        reason = f"enough: with {text(Rel('==', self.choice, Div(low, under)))}"
        about = [rel for rel in signs if self.choice.name in free_names(rel)]
        others = [rel for rel in signs if rel not in about]
        for rel in about:
            self.step((*others, condition, self._plain(least)), rel, reason)
        for rel in plain:
            self.step((*signs, condition, self._plain(least)), rel, reason)

    def _logs(self) -> list[Term]:
        found: dict[Term, None] = {}
        for _, log in self.relations:
            for side in (log.left, log.right):
                found.update(
                    (node, None)
                    for node in subterms(side)
                    if isinstance(node, Call) and node.name == "log"
                )
        return list(found)

    def _signs(self) -> list[Rel]:
        found = [Rel(">", log, ZERO) for log in self._logs()]
        for rel in found:
            self.step(tuple(self.domain), rel, "in the domain")
        self.names = {log: Sym(f"l_{number}") for number, log in enumerate(self._logs(), 1)}
        constants = [rel for rel in self.domain if isinstance(rel, Rel) and self._about(rel)]
        return [*found, *constants]

    def _about(self, rel: Rel) -> bool:
        """Whether a relation is about a parameter that occurs outside of logarithms."""
        outside = {self.choice.name, str(self.regime.threshold)}
        return free_names(rel) <= outside

    def _plain(self, rel: Rel) -> Rel:
        """A relation with variables in place of logarithms: what holds for all holds for these."""
        found = map_terms(rel, lambda side: exchange(side, self.names))
        assert isinstance(found, Rel)
        return found

    def _logarithms(self, rel: Rel, log: Rel) -> None:
        """A condition says the same as its logarithm, by monotonicity."""
        self.step((*self.domain, log), rel, "exp increases")
        proof = self._known((*self.domain, rel), log) or self._logarithm_proof(rel, log)
        self._record((*self.domain, rel), log, proof, "log increases")

    def _logarithm_proof(self, rel: Rel, log: Rel) -> dict[str, Any] | None:
        draft = Draft(Sequent((*self.domain, rel), log).context())
        small, large = (rel.left, rel.right) if rel.op == "<=" else (rel.right, rel.left)
        try:
            for side in (small, large):
                if isinstance(side, Pow):
                    self._have(draft, Rel(">", side.base, ZERO))
                self._have(draft, Rel(">", side, ZERO))
            draft.instance("log_increasing", small, large, fact=Rel("<=", _log(small), _log(large)))
            for side in (small, large):
                if isinstance(side, Pow):
                    fact = Rel("==", _log(side), Mul((side.exp, _log(side.base))))
                    draft.instance("log_power", side.base, side.exp, fact=fact)
            last = farkas(draft.context, log, Budget.counted(SECONDS))
        except (OutOfTime, Refused):
            last = None
        return None if last is None else draft.close(dict(last))

    def _have(self, draft: Draft, fact: Rel) -> None:
        proof = solve(draft.context, fact, Budget.counted(SECONDS))
        if proof is not None:
            draft.have(fact, dict(proof))

    # For all others

    def _uniform(
        self, condition: Rel, positive: Sequence[Rel]
    ) -> tuple[str, Counterexample | None]:
        """From which value of the threshold on the condition holds on the whole domain."""
        threshold = Sym(str(self.regime.threshold))
        factors = _factors(condition.right)
        if threshold not in factors:
            return "", None
        factors.remove(threshold)
        ratio = Div(condition.left, _product(factors))
        corner = self._worst_corner(ratio)
        if corner is None:
            return "", None
        least, bounds = corner
        facts = []
        for log in self._logs():
            if log in subterms(ratio):
                facts.append(self._extreme(log, bounds))
        extremes = {rel.right: Sym(f"e_{number}") for number, rel in enumerate(facts, 1)}
        table: dict[Term, Term] = {**self.names, **extremes}

        def plain(rel: Rel) -> Rel:
            found = map_terms(rel, lambda side: exchange(side, table))
            assert isinstance(found, Rel)
            return found

        at_corner: dict[Term, Term] = {rel.left: rel.right for rel in facts}
        at_least = Rel(">=", threshold, exchange(ratio, at_corner))
        ends = [Rel(">", rel.right, ZERO) for rel in facts]
        for rel in ends:
            self.step((), rel, "a number")
        self.step(
            tuple(plain(rel) for rel in (*positive, *facts, *ends, at_least)),
            plain(condition),
            f"for all others in the domain, if {text(threshold)} >= {text(least)}",
        )
        with precision(64):
            value = enclose(least, {})
        if not value.is_finite():
            return "", None
        below = Fraction(int((value * DIGITS).floor().fmpq().p), DIGITS)
        point = self._fails(condition, threshold, below)
        said = (
            f"; for all other values in the domain if {text(threshold)} >= {text(least)}, which is "
            f"about {value.str(6, radius=False)}"
        )
        if point is not None:
            shown = ", ".join(f"{k} = {v}" for k, v in point.point.items())
            said += f", and not for {text(threshold)} = {below}: it fails at {shown}"
        return said, point

    def _worst_corner(self, ratio: Term) -> tuple[Term, dict[Term, Term]] | None:
        """The corner of the domain at which the ratio is largest, with the value there."""
        ends: dict[str, list[Fraction]] = {}
        for rel in self.domain:
            match rel:
                case Rel(left=Sym(name=name), right=Num(value=bound)):
                    ends.setdefault(name, []).append(bound)
        names = sorted(free_names(ratio))
        if any(name not in ends for name in names):
            return None
        best: tuple[arb, Term, dict[Term, Term]] | None = None
        for values in itertools.product(*(ends[name] for name in names)):
            table: dict[Term, Term] = {
                Sym(name): num(value) for name, value in zip(names, values, strict=True)
            }
            corner = _folded(exchange(ratio, table))
            with precision(64):
                size = enclose(corner, {})
            if size.is_finite() and (best is None or size > best[0]):
                best = (size, corner, table)
        return None if best is None else (best[1], best[2])

    def _extreme(self, log: Term, corner: dict[Term, Term]) -> Rel:
        """A logarithm against its value at the corner, in the direction that holds."""
        value = _folded(exchange(log, corner))
        domain = tuple(self.domain)
        both = (Rel("<=", log, value), Rel(">=", log, value))
        for find in (self._known, self._search):
            for rel in both:
                proof = find(domain, rel)
                if proof is not None:
                    self._record(domain, rel, proof, "log increases")
                    return rel
        rel = Rel("<=", log, value)
        self._record(tuple(self.domain), rel, None, "log increases")
        return rel

    def _fails(self, condition: Rel, threshold: Sym, value: Fraction) -> Counterexample | None:
        table: dict[Term, Term] = {threshold: num(value)}
        goal = map_terms(condition, lambda side: exchange(side, table))
        names = free_names(goal)
        known = tuple(rel for rel in self.domain if free_names(rel) <= names)
        sequent = Sequent(known, goal)
        reference = {
            name: number
            for name, number in rational_reference(self.regime.params).items()
            if name in names
        }
        try:
            found = find_counterexample(sequent, Budget.counted(SECONDS), self.seed, reference)
        except OutOfTime:
            return None
        return None if found is None else confirmed(sequent, found.point, "")

    # Obligations

    def step(self, hypotheses: tuple[Formula, ...], goal: Rel, reason: str) -> None:
        """Prove an obligation, and record what became of it."""
        proof = self._known(hypotheses, goal) or self._search(hypotheses, goal)
        self._record(hypotheses, goal, proof, reason)

    def _known(self, hypotheses: tuple[Formula, ...], goal: Rel) -> Mapping[str, Any] | None:
        return self.known.of(Obligation(hypotheses, goal))

    def _search(self, hypotheses: tuple[Formula, ...], goal: Rel) -> Mapping[str, Any] | None:
        return prove(Sequent(hypotheses, goal), Budget.counted(SECONDS))

    def _record(
        self, hypotheses: tuple[Formula, ...], goal: Rel, proof: object, reason: str
    ) -> None:
        obligation = Obligation(hypotheses, goal)
        certificate = None
        if isinstance(proof, dict):
            try:
                accept(obligation, proof)
                certificate = save(obligation, proof)
            except Refused:
                certificate = None
        self.steps.append(
            StepResult(
                len(self.steps) + 1,
                text(goal),
                "unknown" if certificate is None else "proved",
                latex(goal),
                reason,
                certificate=certificate,
            )
        )


def logarithm(term: Term) -> Term:
    """The logarithm of a product of powers, as a sum of multiples."""
    match term:
        case Pow(base=base, exp=exponent):
            return Mul((exponent, logarithm(base)))
        case Mul(args=args):
            return Add(tuple(map(logarithm, args)))
    return _log(term)


def _log(term: Term) -> Term:
    return Call("log", (term,))


def _factors(term: Term) -> list[Term]:
    return list(term.args) if isinstance(term, Mul) else [term]


def _product(factors: Sequence[Term]) -> Term:
    if not factors:
        return ONE
    return factors[0] if len(factors) == 1 else Mul(tuple(factors))


def _folded(term: Term) -> Term:
    """Sums of numbers added up, inside functions as well."""
    match term:
        case Call(name=name, args=args):
            return Call(name, tuple(map(_folded, args)))
        case Add(args=args) if all(isinstance(arg, Num) for arg in args):
            return num(sum((arg.value for arg in args if isinstance(arg, Num)), Fraction(0)))
        case Div(num=top, den=bottom):
            return Div(_folded(top), _folded(bottom))
        case Mul(args=args):
            return Mul(tuple(map(_folded, args)))
    return term
