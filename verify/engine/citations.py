"""Citations, checked both ways: hypotheses at hand, and conclusion as used."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from verify.asymptotics.sequences import is_whole
from verify.engine.formal import Formal, formal_conclusion, formalise
from verify.engine.reference import reference_point
from verify.engine.results import CitationResult, Counterexample
from verify.engine.shown import chance_text, family_text
from verify.kernel.chance import Chance, SignEvent, Weight
from verify.kernel.context import Context
from verify.kernel.point import Evaluator
from verify.kernel.poly import Refused, canonical
from verify.kernel.sums import in_range, unfold
from verify.language.render import text
from verify.language.statement import Citation, Paper, Statement
from verify.language.sympy_terms import to_term
from verify.language.term import (
    ZERO,
    Delta,
    Formula,
    Rel,
    Sym,
    Term,
    free_names,
    map_terms,
)
from verify.language.term import replace as replace_terms
from verify.provers.budget import Budget
from verify.provers.lemma import prove_goal


def check_citation(
    paper: Paper, statement: Statement, citation: Citation, seconds: float, seed: int
) -> CitationResult:
    """Whether a cited statement serves, and if not, why, and what would."""
    found = _check(paper, statement, citation, seconds, seed)
    if found.verdict != "does not serve" or citation.used_for is None:
        return found
    instead = []
    for other in paper.statements:
        if other.id in (citation.id, statement.id) or other.kind not in ("lemma", "fact"):
            continue
        trial = replace(citation, id=other.id)
        if _conclusion_serves(other, statement, trial) is None and (
            _check(paper, statement, trial, min(seconds, 3.0), seed).verdict == "serves"
        ):
            instead.append(other.id)
    return CitationResult(found.id, found.verdict, found.why, found.counterexample, tuple(instead))


def _check(
    paper: Paper, statement: Statement, citation: Citation, seconds: float, seed: int
) -> CitationResult:
    del seed
    cited = next((s for s in paper.statements if s.id == citation.id), None)
    if cited is None:
        return CitationResult(citation.id, "serves", "a definition or an item that is not checked")
    if _rests_on(paper, cited, statement):
        return CitationResult(
            citation.id, "does not serve", f"it rests on {statement.id} itself, in a circle"
        )
    unfit = _conclusion_serves(cited, statement, citation)
    if unfit is not None:
        verdict: Literal["does not serve", "unknown"] = (
            "does not serve" if unfit.certain else "unknown"
        )
        return CitationResult(citation.id, verdict, unfit.why, unfit.counterexample)
    here, there = formalise(statement), formalise(cited)
    if here is None or there is None:
        return CitationResult(citation.id, "serves", "its hypotheses are those of the setting")
    table: dict[Term, Term] = {
        to_term(old): to_term(new) for old, new in citation.substitution.items()
    }
    doubt = _unasked(statement, cited, here, there, table)
    if doubt is not None:
        return CitationResult(citation.id, "unknown", doubt)
    context = here.sequent().context()
    names = _names(statement, here)
    for hypothesis in there.hypotheses:
        wanted = map_terms(hypothesis, lambda side: replace_terms(side, table))
        if not free_names(wanted) <= names:
            # A parameter of the cited statement that the citing one does not have is ours to
            # choose, so it restricts nothing.
            continue
        if isinstance(wanted, Rel) and context.knows(wanted):
            continue
        if prove_goal(context, wanted, Budget.of(min(seconds, 4.0))) is not None:
            continue
        point = _fails_at_reference(statement, here, wanted)
        if point is not None:
            return CitationResult(
                citation.id,
                "does not serve",
                f"its hypothesis {text(wanted)} does not follow",
                point,
            )
        return CitationResult(
            citation.id, "unknown", f"whether its hypothesis {text(wanted)} follows is not known"
        )
    return CitationResult(citation.id, "serves", "its hypotheses follow from those at hand")


def _names(statement: Statement, formal: Formal) -> frozenset[str]:
    declared = frozenset(param.name for param in statement.params)
    return declared | formal.integers | frozenset(formal.theory.ranges)


def _rests_on(paper: Paper, cited: Statement, statement: Statement) -> bool:
    """Whether the proof of what is cited cites the statement, itself or through others."""
    known = {item.id: item for item in paper.statements}
    waiting, seen = [cited], set[str]()
    while waiting:
        item = waiting.pop()
        if item.id == statement.id:
            return True
        if item.id not in seen:
            seen.add(item.id)
            cites = (citation.id for citation in item.proof.citations)
            waiting += [known[name] for name in cites if name in known]
    return False


def _unasked(
    statement: Statement, cited: Statement, here: Formal, there: Formal, table: dict[Term, Term]
) -> str | None:
    """What the cited statement takes for granted besides its hypotheses, and is not known here."""

    def moved(term: Term) -> Term:
        return replace_terms(term, table)

    names = _names(statement, here)
    for name in sorted(there.integers - frozenset(there.theory.ranges)):
        image = moved(Sym(name))
        if free_names(image) <= names and not is_whole(image, here.integers):
            return f"it is about an integer {name}, and {text(image)} is not known to be one"
    for name, size in there.theory.ranges.items():
        index = moved(Sym(name))
        within = here.theory.ranges.get(name) == moved(size) and index == Sym(name)
        if free_names(index) <= names and not within:
            try:
                within = in_range(index, moved(size), here.theory)
            except Refused:
                within = False
            if not within:
                return f"{text(index)} is not known to be in 1..{text(moved(size))}"
    for pair in there.theory.distinct:
        one, other = map(moved, pair)
        if not free_names(one) | free_names(other) <= names:
            continue
        if unfold(Delta(one, other), here.theory) != ZERO:
            return f"{text(one)} and {text(other)} are not known to differ"
    at_hand = {family_text(family) for family in here.theory.families}
    for family in there.theory.families:
        formula = map_terms(family.formula, moved)
        exceptions = tuple(map(moved, family.exceptions))
        asked = replace(family, size=moved(family.size), formula=formula, exceptions=exceptions)
        if family_text(asked) not in at_hand:
            return f"its hypothesis {family_text(asked)} is not at hand"
    for array, definition in there.theory.definitions.items():
        own = here.theory.definitions.get(array)
        body = replace_terms(definition.body, {k: v for k, v in table.items() if v != k})
        if own is not None and (own.indices, own.body) != (definition.indices, body):
            return f"{array} is defined in another way there"
    if cited.large is not None and statement.large != cited.large:
        return f"it is about {cited.large} that is large enough"
    return None


def _fails_at_reference(
    statement: Statement, here: Formal, wanted: Formula
) -> Counterexample | None:
    """The reference point, where the hypotheses at hand hold and the wanted one does not."""
    point = reference_point(statement.params)
    evaluator = Evaluator(point)
    try:
        if not all(evaluator.formula(h) is True for h in here.hypotheses):
            return None
        if evaluator.formula(wanted) is not False:
            return None
    except Refused:
        return None
    shown = {name: text(value) for name, value in sorted(point.items())}
    settings = " ".join(f"{name}={value}" for name, value in shown.items())
    return Counterexample(shown, command=f"python -m verify at {statement.id} --set {settings}")


@dataclass(frozen=True, slots=True)
class _Unfit:
    """Why a conclusion does not give what is used; that no proof was found is not certain."""

    why: str
    certain: bool = True
    counterexample: Counterexample | None = None


def _unproved(statement: Statement, wanted: Formula, why: str) -> _Unfit:
    """What was not proved does not hold only where a point shows it."""
    here = formalise(statement)
    point = None if here is None else _fails_at_reference(statement, here, wanted)
    return _Unfit(why, point is not None, point)


def _conclusion_serves(cited: Statement, statement: Statement, citation: Citation) -> _Unfit | None:
    """Why the cited conclusion does not give what is used; None if it does."""
    if citation.used_for is None:
        return None
    wanted = formal_conclusion(citation.used_for)
    given = formal_conclusion(cited.conclusion)
    table: dict[Term, Term] = {
        to_term(old): to_term(new) for old, new in citation.substitution.items()
    }
    if isinstance(wanted, Chance) and isinstance(given, Chance):
        return _chance_serves(statement, given, wanted, table)
    if isinstance(wanted, Chance) or isinstance(given, Chance) or given is None or wanted is None:
        return _Unfit("its conclusion is of another kind than what is used")
    moved = map_terms(given, lambda side: replace_terms(side, table))
    if _same(moved, wanted):
        return None
    here = formalise(statement)
    if here is not None:
        context = here.sequent().context().having(moved)
        if prove_goal(context, wanted, Budget.of(2.0)) is not None:
            return None
    return _unproved(statement, wanted, f"it concludes {text(moved)}, but {text(wanted)} is used")


def _same(left: Formula, right: Formula) -> bool:
    return (
        isinstance(left, Rel)
        and isinstance(right, Rel)
        and left.op == right.op
        and canonical(left.left) == canonical(right.left)
        and canonical(left.right) == canonical(right.right)
    )


def _chance_serves(
    statement: Statement, given: Chance, wanted: Chance, table: dict[Term, Term]
) -> _Unfit | None:
    """An event that is larger than the cited one is at least as likely."""
    left, right = given.event, wanted.event
    if not isinstance(left, SignEvent) or not isinstance(right, SignEvent):
        return None if type(left) is type(right) else _Unfit("it is about another event")
    said, used = chance_text(given), chance_text(wanted)
    why = f"it concludes {said}, but {used} is used"
    if left.absolute != right.absolute or left.op[0] != right.op[0]:
        return _Unfit(why)
    if [_plain(w, table) for w in left.weights] != [_plain(w, {}) for w in right.weights]:
        return _Unfit(f"{why}, and the weights are not known to be the same", certain=False)
    threshold = replace_terms(left.threshold, table)
    bound = replace_terms(given.bound, table)
    strict = len(right.op) == 1 and len(left.op) == 2
    if left.op[0] == "<":
        room = Rel("<" if strict else "<=", threshold, right.threshold)
    else:
        room = Rel(">" if strict else ">=", threshold, right.threshold)
    here = formalise(statement)
    context = Context() if here is None else here.sequent().context()
    likely = Rel(">=", bound, wanted.bound)
    if not _holds(context, likely):
        return _unproved(statement, likely, why)
    if _holds(context, room):
        return None
    if strict and canonical(threshold) == canonical(right.threshold):
        return _Unfit(
            f"it bounds Pr[.. {left.op} ..], but the strict Pr[.. {right.op} ..] is used: "
            f"{said} against {used}"
        )
    return _unproved(statement, room, why)


def _plain(weight: Weight, table: dict[Term, Term]) -> list[str]:
    """A weight and how many there are of it, with an index whose name does not matter."""
    index: dict[Term, Term] = {} if weight.index is None else {Sym(weight.index): Sym("i__")}
    parts = (replace_terms(weight.weight, index), weight.count)
    return [canonical(replace_terms(part, table)) for part in parts]


def _holds(context: Context, rel: Rel) -> bool:
    if canonical(rel.left) == canonical(rel.right):
        return rel.op in (">=", "<=")
    return prove_goal(context, rel, Budget.of(2.0)) is not None
