"""Claims that hold for all large values of a constant, refuted by a family of points.

No single point contradicts such a claim. A family does, along which the constant grows and the
opposite event is too likely. What makes that likely is another statement of the pack, about the
opposite output of the same network, or the proof of one, tried under other hypotheses.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from typing import Any

from verify.engine.at_points import asked
from verify.engine.formal import Formal, formalise
from verify.engine.reference import rational_reference, rough_value
from verify.engine.results import Counterexample
from verify.engine.scalars import is_scalar
from verify.engine.shown import lowest_terms
from verify.kernel.certificate import save
from verify.kernel.chance import Chance, NetworkEvent, Weight
from verify.kernel.check import Sequent
from verify.kernel.large import Family, along, opposite, recheck_family, save_family
from verify.kernel.poly import Refused
from verify.kernel.sums import Definition
from verify.language.render import text
from verify.language.statement import Paper, Statement
from verify.language.sympy_terms import to_term
from verify.language.term import (
    ONE,
    Add,
    Formula,
    Mul,
    Neg,
    Num,
    Rel,
    Sym,
    Term,
    free_names,
    map_terms,
    num,
    relations,
    subterms,
)
from verify.language.term import replace as replace_terms
from verify.provers.budget import Budget, OutOfTime
from verify.provers.chance import Hints, prove_chance
from verify.provers.rough import roughly
from verify.provers.search import prove

NUMBER = "r"
"""What the number of a point of a family is called, if nothing else is called that."""

SCALES = (100, 10**4, 10**6, 10**8)
"""Sizes are tried as such multiples of the number, and constants of that size."""

USUAL = (ONE, Num(Fraction(1, 4)), Num(Fraction(1, 10)), Num(Fraction(1, 20)))
"""Values of real parameters, beside their reference values and the ends of their domains."""

LOOKED_AT = (10**60, 1, 10)
"""The numbers of points at which the hypotheses have to hold, roughly."""

NODES = 2_000
"""So many values are tried for each scale, at most."""

CANDIDATES = 3
"""So many families that seem right, of different scales, are proved to be so, or not."""

EACH = 2.0
"""Seconds of work for each hypothesis along a family."""

LIKELY = Num(Fraction(1, 2))
"""How likely the opposite is to be where no statement says how likely it is."""


@dataclass(frozen=True, slots=True)
class Large:
    """A refutation: its certificate, one point of the family, and the family in words."""

    certificate: dict[str, Any]
    counterexample: Counterexample
    explanation: str
    axioms: tuple[str, ...]


@dataclass(frozen=True)
class Rival:
    """A bound for the opposite event: what it assumes, what helps to prove it, and whose it is.

    With ``pinned``, parameters that do not grow have the values of the family in its proof.
    """

    formal: Formal
    hints: Hints
    name: str
    pinned: bool


def refute_large(
    paper: Paper, statement: Statement, formal: Formal, budget: Budget
) -> Large | None:
    """A family of points that refutes a claim about a constant that is large enough; or None."""
    claim = formal.conclusion
    if (
        statement.large is None
        or not isinstance(claim, Chance)
        or not isinstance(claim.event, NetworkEvent)
        or formal.theory.families
        or formal.theory.distinct
        or not all(map(is_scalar, formal.hypotheses))
    ):
        return None
    seen: list[Formal] = []
    for rival in _rivals(paper, statement, formal, claim.event):
        if rival.formal in seen or budget.left() <= 0:
            continue
        seen.append(rival.formal)
        try:
            found = _Search(statement, formal, rival, budget).run()
        except (OutOfTime, Refused):
            continue
        if found is not None:
            return found
    return None


def _rivals(
    paper: Paper, statement: Statement, formal: Formal, event: NetworkEvent
) -> Iterator[Rival]:
    """Statements about the opposite output of the same network, perhaps with another letter for one
    of its parameters."""
    ours = {param.name for param in statement.params}
    for other in paper.statements:
        there = formalise(other)
        if there is None or not isinstance(there.conclusion, Chance):
            continue
        rival = there.conclusion.event
        if not isinstance(rival, NetworkEvent) or rival.positive == event.positive:
            continue
        theirs = {param.name for param in other.params}
        renamings = [(a, b) for a in sorted(theirs - ours) for b in sorted(ours - theirs)]
        tables: list[dict[Term, Term]] = [{}]
        for a, b in renamings:
            tables.append({Sym(a): Sym(b)})
        for table in tables:
            moved = _moved(there, table)
            assert isinstance(moved.conclusion, Chance)
            if moved.conclusion.event != opposite(event) or moved.theory != formal.theory:
                continue
            hints = _hints(paper, other, there, table)
            if not table and other.large is None:
                whole = moved.integers | formal.integers
                yield Rival(replace(moved, integers=whole), hints, other.id, pinned=False)
            if not ours <= {str(symbol) for symbol in (statement.large, *statement.fixed)}:
                continue
            kept = _beyond(moved, formal, other)
            loose = Chance(opposite(event), LIKELY)
            freed = replace(formal, hypotheses=kept, conclusion=loose)
            yield Rival(freed, hints, f"the proof of {other.id}", pinned=True)


def _moved(formal: Formal, table: dict[Term, Term]) -> Formal:
    """A statement with other letters for some of its parameters."""

    def moved(term: Term) -> Term:
        return replace_terms(term, table)

    claim, theory = formal.conclusion, formal.theory
    assert isinstance(claim, Chance)
    assert isinstance(claim.event, NetworkEvent)
    weights = tuple(
        Weight(moved(w.weight), moved(w.count), w.index, tuple(map(moved, w.exceptions)))
        for w in claim.event.weights
    )
    event = replace(
        claim.event,
        weights=weights,
        threshold=moved(claim.event.threshold),
        columns=moved(claim.event.columns),
        rows=moved(claim.event.rows),
    )
    bodies = {
        name: Definition(item.indices, moved(item.body))
        for name, item in theory.definitions.items()
    }
    hypotheses = tuple(map_terms(h, moved) for h in formal.hypotheses)
    return replace(
        formal,
        hypotheses=hypotheses,
        conclusion=Chance(event, moved(claim.bound)),
        theory=replace(theory, definitions=bodies, memo={}),
    )


def _hints(paper: Paper, other: Statement, there: Formal, table: dict[Term, Term]) -> Hints:
    from verify.engine.statements import hints_of  # noqa: PLC0415 - it imports this module

    found = hints_of(paper, other, there)
    if not table:
        return found

    def moved(term: Term) -> Term:
        return replace_terms(term, table)

    bounds = tuple(Rel(b.op, moved(b.left), moved(b.right)) for b in found.bounds)
    return Hints(bounds=bounds)


def _beyond(there: Formal, formal: Formal, other: Statement) -> tuple[Formula, ...]:
    """What the other statement assumes about the constant that grows and what does not, apart from
    domains, for which the values of a family stand."""
    known = frozenset().union(*map(free_names, formal.hypotheses))
    large = frozenset() if other.large is None else free_names(to_term(other.large))
    return tuple(
        h
        for h in there.hypotheses
        if free_names(h) <= known - large and (len(free_names(h)) > 1 or _is_sign(h, there))
    )


def _is_sign(hypothesis: Formula, formal: Formal) -> bool:
    return isinstance(hypothesis, Rel) and (
        hypothesis.right == num(0) or bool(free_names(hypothesis) & set(formal.theory.least))
    )


@dataclass
class _Search:
    """Looks for a family along which a claim and the bound of its rival contradict each other."""

    statement: Statement
    formal: Formal
    rival: Rival
    budget: Budget
    nodes: int = field(default=0, init=False)

    def run(self) -> Large | None:
        """A family with proofs of all that it needs."""
        for points in itertools.islice(self._families(), CANDIDATES):
            formal, proof = self._proved(points)
            if proof is None and not self.rival.pinned:
                return None
            found = None if proof is None else self._along(points, formal, proof)
            if found is not None:
                return found
        return None

    def _proved(self, points: Mapping[str, Term]) -> tuple[Formal, dict[str, Any] | None]:
        """The bound of the rival and its certificate; with pinned values, for these alone."""
        if self.rival.pinned:
            # Far out, powers are beyond what is roughly known.
            values = (rough_value(_at(points, 1)),)
            hints = dataclasses.replace(self.rival.hints, values=values)
            formal = self._pinned(points)
            return formal, self._proof(formal, hints)
        return self.rival.formal, self._general

    @cached_property
    def _general(self) -> dict[str, Any] | None:
        return self._proof(self.rival.formal, self.rival.hints)

    def _proof(self, formal: Formal, hints: Hints) -> dict[str, Any] | None:
        assert isinstance(formal.conclusion, Chance)
        context = formal.sequent().context()
        found = prove_chance(context, formal.conclusion, hints, self.budget)
        return None if found is None else save(formal.obligation(), found[0])

    def _pinned(self, points: Mapping[str, Term]) -> Formal:
        """The rival for the values that do not change along the family."""
        values = tuple(
            Rel("==", Sym(name), value) for name, value in points.items() if not free_names(value)
        )
        formal = self.rival.formal
        known = frozenset().union(*(free_names(h) for h in formal.hypotheses))
        values = tuple(v for v in values if free_names(v) <= known)
        return replace(formal, hypotheses=(*formal.hypotheses, *values))

    def _along(
        self, points: Mapping[str, Term], formal: Formal, rival: dict[str, Any]
    ) -> Large | None:
        claim = self.formal.obligation()
        family = Family(str(self.statement.large), self._fixed, NUMBER, points)
        proofs = []
        for item in along(claim, formal.obligation(), family):
            assert not isinstance(item.conclusion, Chance)
            sequent = Sequent(item.hypotheses, item.conclusion, item.integers)
            proof = prove(sequent, Budget.counted(EACH))
            if proof is None:
                return None
            proofs.append(proof)
        certificate = save_family(claim, family, rival, proofs)
        axioms = recheck_family(certificate)
        ours = {param.name for param in self.statement.params}
        first = {name: value for name, value in _at(points, 1).items() if name in ours}
        result = asked(self.statement, first)
        found = None if result is None else result.claim.counterexample
        if found is None:
            return None
        return Large(certificate, found, self._words(points), tuple(sorted(axioms)))

    def _words(self, points: Mapping[str, Term]) -> str:
        shown = ", ".join(
            f"{name} = {text(value)}"
            for name, value in points.items()
            if free_names(value) or name not in self._usual
        )
        claim = self.rival.formal.conclusion
        assert isinstance(claim, Chance)
        assert isinstance(claim.event, NetworkEvent)
        what = "F > 0" if claim.event.positive else "F = 0"
        return (
            f"no {self.statement.large} is large enough: for {NUMBER} = 1, 2, 3, .. and {shown} "
            f"the opposite, {what}, is too likely, by {self.rival.name}"
        )

    # Families

    @cached_property
    def _usual(self) -> dict[str, Term]:
        """The reference values that are rational numbers."""
        known = rational_reference(self.statement.params)
        return {name: Num(value) for name, value in known.items()}

    @property
    def _fixed(self) -> frozenset[str]:
        return frozenset(str(symbol) for symbol in self.statement.fixed)

    @cached_property
    def _determined(self) -> dict[str, Term]:
        """What the hypotheses determine; a value that is only usual may be another."""
        equal = [h for h in self.formal.hypotheses if isinstance(h, Rel) and h.op == "=="]
        return {
            param.name: to_term(param.determined_by)
            for param in self.statement.params
            if param.determined_by is not None and any(param.name in free_names(h) for h in equal)
        }

    def _families(self) -> Iterator[dict[str, Term]]:
        """Families along which the hypotheses of both sides hold, roughly."""
        needed = (*self.formal.hypotheses, *self.rival.formal.hypotheses)
        rels = [rel for formula in needed for rel in relations(formula)]
        names = frozenset().union(*map(free_names, rels), frozenset(self._determined))
        if NUMBER in names:
            return
        for scale in SCALES:
            self.nodes = 0
            yield from itertools.islice(self._from({}, self._order(names), rels, scale), 1)

    def _order(self, names: frozenset[str]) -> list[str]:
        """Sizes first, then what is determined as soon as it is, and the others."""
        declared = [p.name for p in self.statement.params if p.name in names]
        others = sorted(names - set(declared))
        large = str(self.statement.large)
        integers = self.formal.integers | self.rival.formal.integers
        rank = {name: (name == large, name not in integers) for name in declared}
        first = sorted(declared, key=lambda name: (not rank[name][0], rank[name][1]))
        return [name for name in (*first, *others) if name not in self._determined]

    def _from(
        self, known: dict[str, Term], order: Sequence[str], rels: Sequence[Rel], scale: int
    ) -> Iterator[dict[str, Term]]:
        self.budget.check()
        self.nodes += 1
        if self.nodes > NODES:
            return
        points, decided = self._completed(known, rels)
        open_ = [rel for rel in rels if rel not in decided]
        if decided and not self._hold(points, decided):
            return
        if not order:
            yield points
            return
        for value in self._values(order[0], points, scale):
            yield from self._from({**points, order[0]: value}, order[1:], open_, scale)

    def _completed(
        self, known: dict[str, Term], rels: Sequence[Rel]
    ) -> tuple[dict[str, Term], list[Rel]]:
        """The values with those that they determine, and the relations that are about these."""
        points = dict(known)
        for name, rule in self._determined.items():
            if name not in points and free_names(rule) <= set(points):
                table: dict[Term, Term] = {Sym(n): v for n, v in points.items()}
                points[name] = _plain(replace_terms(rule, table))
        return points, [rel for rel in rels if free_names(rel) <= set(points)]

    def _hold(self, points: Mapping[str, Term], rels: Sequence[Rel]) -> bool:
        for r in LOOKED_AT:
            table: dict[Term, Term] = {Sym(NUMBER): num(r)}
            value = rough_value({n: replace_terms(v, table) for n, v in points.items()})
            if not all(roughly(value, rel) for rel in rels):
                return False
        return True

    def _values(self, name: str, known: Mapping[str, Term], scale: int) -> list[Term]:
        number = Sym(NUMBER)
        if name == str(self.statement.large):
            grows = self.rival.pinned and scale > 1
            return [Mul((num(scale), number)) if grows else number]
        plain: list[Term] = [self._usual[name]] if name in self._usual else []
        if name not in self.formal.integers | self.rival.formal.integers:
            return plain or list(USUAL)
        if name in self._fixed:
            return [*plain, num(scale)]
        # What grows with the constant is more likely to contradict a claim about large values.
        grown = Add((Mul((num(scale), number)), num(self._offset(name))))
        large = known.get(str(self.statement.large))
        sizes = [known[n] for n in self._determined if n in known and n in self.formal.integers]
        many = [_plain(Mul((large, size))) for size in sizes if large is not None]
        found: list[Term] = [*many, *plain, grown, num(scale)]
        return list(dict.fromkeys(found))

    def _offset(self, name: str) -> int:
        """What makes the sizes that a parameter determines simple: 2 for ``n = (d - 2) t``."""
        for rule in self._determined.values():
            for node in subterms(rule):
                match node:
                    case Add(args=(Sym(name=found), Neg(arg=Num(value=value)))) if found == name:
                        return int(value)
                    case Add(args=(Num(value=value), Sym(name=found))) if found == name:
                        return -int(value)
        return 0


def _plain(term: Term) -> Term:
    """A value in lowest terms."""
    try:
        return lowest_terms(term)
    except Refused:
        return term


def _at(points: Mapping[str, Term], number: int) -> dict[str, Term]:
    """The point of a family with a number."""
    table: dict[Term, Term] = {Sym(NUMBER): num(number)}
    return {name: _plain(replace_terms(value, table)) for name, value in points.items()}
