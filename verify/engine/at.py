"""A statement at one parameter point: every hypothesis, both sides, and the margin."""

from __future__ import annotations

import random
import shlex
import time
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property

from verify.engine.formal import Formal, family, formalise
from verify.engine.laws import probability_of, weights_of
from verify.engine.literal import Literal, NotLiteral, seeded, world_of
from verify.engine.output import Signs, SignsError, network_of, network_value
from verify.engine.pieces import Data, Pieces, Unsupported
from verify.engine.reference_data import described, pairs, reference_arrays
from verify.engine.results import (
    At,
    AtHypothesis,
    AtOutput,
    Claim,
    Counterexample,
    Proof,
    Result,
    StatementView,
    Verdict,
)
from verify.engine.settings import Setting, SettingError, definitions_of
from verify.engine.sides import Sides, against, related, undefined_part
from verify.engine.view import statement_view, tags_of
from verify.kernel.chance import Chance, NetworkEvent, SignEvent, Weight
from verify.kernel.point import Evaluator
from verify.kernel.poly import Refused
from verify.kernel.sums import Family
from verify.language.render import text
from verify.language.statement import FiniteSpace, ForAll, Statement, TailBound
from verify.language.sympy_terms import to_formula, to_term
from verify.language.term import (
    Add,
    And,
    Div,
    Entry,
    Formula,
    Neg,
    Num,
    Rel,
    Sym,
    Term,
    add,
    map_terms,
    num,
    relations,
)
from verify.probe.signs import LawError, Probability

MAX_EVENTS = 100_000
SAMPLE_SPACE = 12


def evaluate_at(
    statement: Statement, setting: Setting, seed: int = 0, signs: Signs | None = None
) -> Result:
    """The statement at a point, as a result whose field ``at`` is filled.

    The verdict is ``sampled`` where all hypotheses and the conclusion hold, ``refuted`` where the
    hypotheses hold and the conclusion does not, and ``unknown`` otherwise. Asymptotic hypotheses
    say nothing at one point and are only listed. ``seed`` draws the entries of arrays that the
    statement leaves free. For ``signs`` the output of the statement's network is evaluated too.

    Raises:
        SettingError: the statement cannot be evaluated at sizes such as these.
        ArithmeticError: the output by structure is not the one by definition.
    """
    started = time.monotonic()
    point = AtPoint(statement, setting, seed)
    hypotheses = point.hypotheses()
    sides = point.conclusion()
    notes = [*setting.notes, *point.notes]
    at = At(
        hypotheses=hypotheses,
        left=sides.left,
        relation=sides.relation,
        right=sides.right,
        holds=sides.holds,
        margin=sides.margin,
        point=setting.shown(),
        note="; ".join(dict.fromkeys(notes)),
        undefined=sides.undefined,
        output=None if signs is None else point.output(signs),
    )
    claim = _claim(statement, at, sides, seed, time.monotonic() - started)
    return Result(
        id=statement.id,
        title=statement.title,
        kind=statement.kind,
        tags=tags_of(statement),
        claim=claim,
        proof=_proof(statement),
        statement=point.view(),
        at=at,
    )


def _claim(statement: Statement, at: At, sides: Sides, seed: int, seconds: float) -> Claim:
    failed = [item.text for item in at.hypotheses if item.holds is False]
    open_ = [item.text for item in at.hypotheses if item.holds is None and not item.asymptotic]
    verdict: Verdict = "unknown"
    counterexample = None
    if failed:
        explanation = f"at this point it says nothing: {'; '.join(failed)} does not hold"
    elif open_:
        explanation = f"not decided at this point: {'; '.join(open_)}"
    elif at.holds is None:
        explanation = "the conclusion was not decided at this point"
        explanation += f": {sides.method}" if sides.method else ""
    elif at.holds:
        verdict, explanation = "sampled", "holds at this one point"
    else:
        verdict, explanation = "refuted", "fails at this point"
        counterexample = Counterexample(
            point=dict(at.point),
            undefined=sides.undefined,
            command=_command(statement.id, at.point, seed),
            left=at.left,
            right=at.right,
        )
    return Claim(
        verdict=verdict,
        method=sides.method if at.holds is not None else "",
        counterexample=counterexample,
        margin=at.margin,
        seconds=seconds,
        explanation=explanation,
    )


def _proof(statement: Statement) -> Proof:
    """The printed proof, of which one point says nothing."""
    if not statement.proof.steps and not statement.proof.citations:
        return Proof("none given")
    return Proof("unknown", note="not looked at: only the claim is evaluated at the point")


def _command(identifier: str, point: dict[str, str], seed: int) -> str:
    settings = " ".join(shlex.quote(f"{name}={value}") for name, value in point.items())
    command = f"python -m verify at {identifier}" + (f" --seed {seed}" if seed else "")
    return command + (f" --set {settings}" if settings else "")


@dataclass
class AtPoint:
    """A statement at a point.

    Once the conclusion is evaluated, ``evaluated`` has the terms that it is about beside their
    values, and ``law`` the event of which it knows the probability; ``drawn`` says whether entries
    that no definition gives were drawn with the seed.
    """

    statement: Statement
    setting: Setting
    seed: int
    notes: list[str] = field(default_factory=list)
    evaluated: list[tuple[Term, Term]] = field(default_factory=list)
    law: tuple[SignEvent | NetworkEvent, Probability] | None = None
    drawn: bool = False

    @cached_property
    def data(self) -> Data:
        """What terms mean at the point, with reference data for arrays that are only bounded."""
        values, integers = self.setting.values, self.setting.integers
        classes = {item.name: to_term(item.classes) for item in self.statement.stacked}
        plain = Pieces(Data(values, integers, classes=classes))
        entries = self.setting.entries
        arrays = reference_arrays(self.statement, entries, plain.value, plain.integer)
        self.notes += described(arrays)
        return Data(values, integers, definitions_of(self.statement), classes, arrays)

    @cached_property
    def pieces(self) -> Pieces:
        """Evaluates terms at the point."""
        return Pieces(self.data)

    @cached_property
    def formal(self) -> Formal | None:
        """The statement in terms, for kinds that have such a form."""
        return formalise(self.statement)

    def view(self) -> StatementView:
        """The statement in readable mathematics."""
        return statement_view(self.statement, self.formal, None)

    # Hypotheses

    def hypotheses(self) -> tuple[AtHypothesis, ...]:
        """Domains and hypotheses, in the order in which they are declared."""
        found: dict[str, AtHypothesis] = {}
        for param in self.statement.params:
            for relation in param.where:
                formula = to_formula(relation)
                found[text(formula)] = AtHypothesis(text(formula), self._truth(formula))
        for hypothesis in self.statement.hypotheses:
            if hypothesis.relation is None and hypothesis.growth is not None:
                self.notes.append(f"asymptotic, says nothing at one point: {hypothesis.text}")
                found[hypothesis.text] = AtHypothesis(hypothesis.text, None, asymptotic=True)
                continue
            label, truth = self._hypothesis(hypothesis.relation, hypothesis.text)
            found[label] = AtHypothesis(label, truth)
        if any(item.holds is False for item in found.values()):
            # Data outside of their domain are built all the same: whether the words fit them is
            # not asked.
            for hypothesis in self.statement.hypotheses:
                if hypothesis.relation is None and hypothesis.growth is None:
                    found[hypothesis.text] = AtHypothesis(hypothesis.text, None)
        return tuple(found.values())

    def _hypothesis(self, relation: object, words: str) -> tuple[str, bool | None]:
        if relation is None:
            # A description of the data, which are built that way.
            return words, True
        if isinstance(relation, ForAll):
            item = family(relation)
            excepted = ", ".join(text(term) for term in item.exceptions)
            shown = f"{text(item.formula)} for {item.var} in 1 .. {text(item.size)}"
            shown += f" but {excepted}" if excepted else ""
            return _labelled(words, shown), self._truth_of_family(item)
        formula = to_formula(relation)
        return _labelled(words, text(formula)), self._truth(formula)

    def _truth(self, formula: Formula) -> bool | None:
        try:
            closed = map_terms(formula, self.pieces.value)
            return Evaluator({}).formula(closed)
        except (Unsupported, Refused):
            return None

    def _truth_of_family(self, item: Family) -> bool | None:
        try:
            size = self.pieces.integer(item.size)
            apart = [self.pieces.integer(exception) for exception in item.exceptions]
            truths: list[bool | None] = []
            for rel in relations(item.formula):
                gap = Add((rel.left, Neg(rel.right)))
                for piece in self.pieces.pieces(gap, item.var, size, apart):
                    if piece.at not in apart:
                        closed = Rel(rel.op, piece.value, num(0))
                        truths.append(Evaluator({}).formula(closed))
        except (Unsupported, Refused):
            return None
        return False if False in truths else (None if None in truths else True)

    # Conclusions

    def conclusion(self) -> Sides:
        """Both sides of the conclusion; of several relations, the one with the least margin."""
        conclusion = self.statement.conclusion
        if isinstance(conclusion, FiniteSpace):
            return self._finite_space(conclusion)
        if isinstance(conclusion, TailBound):
            return self._tail_bound(conclusion)
        if self.formal is None:
            raise SettingError(f"{self.statement.id} has nothing to evaluate at a point")
        if isinstance(self.formal.conclusion, Chance):
            return self._chance(self.formal.conclusion)
        return self._formula(self.formal.conclusion)

    def _formula(self, formula: Formula) -> Sides:
        if not isinstance(formula, Rel | And):
            raise SettingError(f"{self.statement.id} is not a relation to evaluate at a point")
        parts = []
        for rel in relations(formula):
            closed = self._closed(rel)
            self.evaluated += [(rel.left, closed.left), (rel.right, closed.right)]
            parts.append(related(closed))
        if len(parts) == 1:
            return parts[0]
        # One that fails comes first, then one that is undecided, then the least margin.
        worst = min(parts, key=lambda part: (_rank(part.holds), part.slack or Fraction(0)))
        others = [
            f"{p.left or 'undefined'} {p.relation} {p.right or 'undefined'}"
            for p in parts
            if p is not worst
        ]
        self.notes.append(f"the least margin of several relations; also {', '.join(others)}")
        return worst

    def _closed(self, rel: Rel) -> Rel:
        try:
            return Rel(rel.op, self.pieces.value(rel.left), self.pieces.value(rel.right))
        except Unsupported:
            closed = self._literally(rel)
        self.drawn = True
        self.notes.append(
            f"entries that no definition gives are integers from -3 to 3, drawn with seed "
            f"{self.seed}; sums are added up term by term"
        )
        return closed

    def _literally(self, rel: Rel) -> Rel:
        values = {
            name: value.value
            for name, value in self.setting.values.items()
            if isinstance(value, Num)
        }
        literal = Literal(world_of(self.statement, values, seeded(self.seed)))
        try:
            return Rel(rel.op, num(literal.value(rel.left)), num(literal.value(rel.right)))
        except NotLiteral as error:
            raise SettingError(f"{self.statement.id} cannot be evaluated here: {error}") from error

    def _chance(self, chance: Chance) -> Sides:
        try:
            bound = self.pieces.value(chance.bound)
            found = probability_of(chance.event, self.pieces)
            self.evaluated.append((chance.bound, bound))
            self.law = chance.event, found
        except (Unsupported, Refused, LawError) as error:
            part = self._undefined(chance.event)
            why = error if part is None else f"undefined at {part}"
            raise SettingError(f"{self.statement.id} cannot be evaluated here: {why}") from error
        if isinstance(chance.event, NetworkEvent):
            event = "Pr[F > 0]" if chance.event.positive else "Pr[F = 0]"
            self.notes.append(f"{event} with m = {self.pieces.integer(chance.event.columns)}")
        return against(found, ">=", bound)

    def output(self, signs: Signs) -> AtOutput:
        """The output of the network for a matrix of signs.

        Raises:
            SettingError: there is no network here, or the matrix does not fit.
            ArithmeticError: by structure it is not what it is by definition.
        """
        event = network_of(self.statement)
        if event is None:
            raise SettingError(f"{self.statement.id} is not about a network that takes signs")
        try:
            found = network_value(self.statement, event, self.pieces, self.data, signs)
        except (SignsError, Unsupported, Refused) as error:
            raise SettingError(f"F(Y) of {self.statement.id}: {error}") from error
        sides = related(Rel(">", found.value, num(0)))
        literal = None if found.literal is None else text(num(found.literal))
        return AtOutput(sides.left or "undefined", sides.holds, literal, found.why)

    def bound_holds(self) -> bool | None:
        """Whether the conclusion, a probability bound, holds; None where that is not decided.

        Raises:
            Unsupported, Refused, LawError: it cannot be evaluated here.
        """
        assert self.formal is not None
        assert isinstance(self.formal.conclusion, Chance)
        found = probability_of(self.formal.conclusion.event, self.pieces)
        bound = Evaluator({}).exact(self.pieces.value(self.formal.conclusion.bound))
        return None if bound is None else found.at_least(bound)

    def _exactly(self, side: Term) -> Term:
        """The value of a sum of rational numbers."""
        value = Evaluator({}).exact(side)
        assert value is not None, "rational numbers add up to one"
        return num(value)

    def _undefined(self, event: SignEvent | NetworkEvent) -> str | None:
        """The part of a weight or of the threshold that has no value here, where one is known."""
        try:
            table, _ = weights_of(event, self.pieces)
        except (Unsupported, Refused):
            return None
        weights = [weight for line in table for weight in line]
        return undefined_part([*weights, self.pieces.value(event.threshold)])

    def _finite_space(self, conclusion: FiniteSpace) -> Sides:
        """The union bound on a sample space with seeded weights and events."""
        count = self.pieces.integer(to_term(conclusion.events))
        if not 0 <= count <= MAX_EVENTS:
            raise SettingError(f"{count} events are too many to list: choose at most {MAX_EVENTS}")
        source = random.Random(f"{self.seed}:space")
        weights = [source.randint(1, 9) for _ in range(SAMPLE_SPACE)]
        events = [
            {place for place in range(SAMPLE_SPACE) if source.randrange(SAMPLE_SPACE) == 0}
            for _ in range(count)
        ]
        whole = sum(weights)
        everywhere: set[int] = set().union(*events)
        union, each = (
            [Div(num(sum(weights[place] for place in event)), num(whole)) for event in family]
            for family in ([everywhere], events)
        )
        self.notes.append(
            f"{count} events in a space of {SAMPLE_SPACE} outcomes, drawn with seed {self.seed}"
        )
        sums = [add(*union), add(*each)]
        values = [self._exactly(side) for side in sums]
        self.evaluated += zip(sums, values, strict=True)
        return related(Rel("<=", *values))

    def _tail_bound(self, conclusion: TailBound) -> Sides:
        """A bound for sums of bounded variables, on variables at both ends of their intervals."""
        ends = pairs(self.statement)
        real = [param.name for param in self.statement.params if not param.integer]
        if len(ends) != 1 or len(real) != 1:
            raise SettingError(f"{self.statement.id} has nothing to evaluate at a point")
        low, high, item = ends[0]
        index = (Sym(item.var),)
        half = Div(Add((Entry(high, index), Neg(Entry(low, index)))), num(2))
        event = SignEvent((Weight(half, item.size, item.var),), ">=", Sym(real[0]), absolute=True)
        try:
            found = probability_of(event, self.pieces)
            bound = self.pieces.value(to_term(conclusion.bound))
            self.evaluated.append((to_term(conclusion.bound), bound))
            self.law = event, found
        except (Unsupported, Refused, LawError) as error:
            raise SettingError(f"{self.statement.id} cannot be evaluated here: {error}") from error
        self.notes.append(f"every X_i is {low}_i or {high}_i, each with probability 1/2")
        return against(found, "<=", bound)


def _rank(holds: bool | None) -> int:
    return {False: 0, None: 1, True: 2}[holds]


def _labelled(words: str, shown: str) -> str:
    return f"{words}: {shown}" if words and words != shown else shown
