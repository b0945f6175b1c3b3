"""Citations, checked both ways: hypotheses at hand, and conclusion as used."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from verify.engine.formal import Formal, formal_conclusion, formalise
from verify.engine.reference import rational_reference, reference_point
from verify.engine.results import CitationResult, Counterexample
from verify.engine.scalars import refutation
from verify.engine.shown import chance_text, family_text
from verify.kernel.chance import Chance, NetworkEvent, SignEvent, Weight
from verify.kernel.context import Context
from verify.kernel.point import Evaluator
from verify.kernel.poly import Refused, canonical, is_whole
from verify.kernel.sums import Definition, IndexMap, in_range, unfold
from verify.language.render import text
from verify.language.statement import (
    Citation,
    FiniteSpace,
    Paper,
    Probability,
    SignSum,
    Statement,
    TailBound,
)
from verify.language.sympy_terms import to_term
from verify.language.term import (
    ZERO,
    Delta,
    Formula,
    Rel,
    Sym,
    Term,
    entry_names,
    free_names,
    map_terms,
    num,
    relations,
)
from verify.language.term import replace as replace_terms
from verify.provers.budget import Budget
from verify.provers.lemma import prove_goal

SEARCHED = 2.0
"""Seconds of work to look for a point at which a hypothesis that is asked for fails."""


SEARCHED_INSTEAD = 10.0
"""Seconds of work to look for statements that would serve in place of a cited one."""


def check_citation(
    paper: Paper, statement: Statement, citation: Citation, seconds: float, seed: int
) -> CitationResult:
    """Whether a cited statement serves, and if not, why, and what would."""
    found = _check(paper, statement, citation, seconds, seed)
    if found.verdict != "does not serve" or citation.used_for is None:
        return found
    others = [
        replace(citation, id=other.id)
        for other in paper.statements
        if other.id not in (citation.id, statement.id) and other.kind in ("lemma", "fact")
    ]
    instead = _serving(paper, statement, others, seconds)
    why = found.why + _with_strictness(paper, statement, citation, seconds, seed)
    return CitationResult(found.id, found.verdict, why, found.counterexample, tuple(instead))


def _with_strictness(
    paper: Paper, statement: Statement, citation: Citation, seconds: float, seed: int
) -> str:
    """Whether what is used survives, where a cited bound is only lacking the strict relation."""
    from verify.engine.statements import proves_chance  # noqa: PLC0415 - it imports this module

    cited = next((other for other in paper.statements if other.id == citation.id), None)
    given, wanted = cited and cited.conclusion, citation.used_for
    if (
        cited is None
        or not isinstance(given, Probability)
        or not isinstance(wanted, Probability)
        or not isinstance(given.event, SignSum)
        or not isinstance(wanted.event, SignSum)
        or given.event.op != f"{wanted.event.op}="
    ):
        return ""
    event = replace(given.event, op=wanted.event.op)
    strict = cited.but(conclusion=replace(given, event=event))
    if _conclusion_serves(strict, statement, citation) is not None:
        return ""
    if proves_chance(paper, strict, seconds, seed):
        return f"; {cited.id} is proved with the strict {event.op} too, so what is used holds"
    return f"; whether {cited.id} holds with the strict {event.op} is not known"


def _serving(
    paper: Paper, statement: Statement, trials: Sequence[Citation], seconds: float
) -> list[str]:
    """Which of some citations would serve: those that conclude just what is used, if there are any;
    otherwise those from whose conclusion it follows, unless it does so without them."""
    known = {other.id: other for other in paper.statements}
    just = [trial for trial in trials if _says(known[trial.id], trial)]
    found = _those_serving(paper, statement, just, seconds)
    others = [trial for trial in trials if trial not in just]
    if found or not others or _follows_anyway(statement, others[0]):
        return found
    return _those_serving(paper, statement, others, seconds)


def _those_serving(
    paper: Paper, statement: Statement, trials: Sequence[Citation], seconds: float
) -> list[str]:
    known = {other.id: other for other in paper.statements}
    budget = Budget.counted(SEARCHED_INSTEAD)
    return [
        trial.id
        for trial in trials
        if budget.left() > 0
        and _conclusion_serves(known[trial.id], statement, trial) is None
        and _check(paper, statement, trial, min(seconds, 3.0), None).verdict == "serves"
    ]


def _follows_anyway(statement: Statement, citation: Citation) -> bool:
    """Whether what is used follows from the hypotheses at hand: with anything in addition it does
    so too, which is no reason to cite that."""
    here = formalise(statement)
    wanted = None if citation.used_for is None else formal_conclusion(citation.used_for)
    if here is None or wanted is None or isinstance(wanted, Chance):
        return False
    return prove_goal(here.sequent().context(), wanted, Budget.counted(2.0)) is not None


def _says(other: Statement, citation: Citation) -> bool:
    """Whether a relation that a statement concludes is just what is used."""
    given = formal_conclusion(other.conclusion)
    wanted = None if citation.used_for is None else formal_conclusion(citation.used_for)
    if given is None or wanted is None or isinstance(given, Chance) or isinstance(wanted, Chance):
        return False
    table = _table(citation)
    moved = map_terms(given, lambda side: replace_terms(side, table))
    return moved == wanted or _same(moved, wanted)


def _check(
    paper: Paper, statement: Statement, citation: Citation, seconds: float, seed: int | None
) -> CitationResult:
    """One citation; without a seed, no point is searched for where a hypothesis is missing."""
    cited = next((s for s in paper.statements if s.id == citation.id), None)
    if cited is None:
        if any(item.id == citation.id for item in paper.definitions):
            why = "a definition or an item that is not checked"
            return CitationResult(citation.id, "serves", why)
        return CitationResult(citation.id, "does not serve", f"the pack has no {citation.id}")
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
        return _in_the_setting(cited, there)
    table = _table(citation)
    context = here.sequent().context()
    doubt = _unasked(statement, cited, here, there, citation) or _undefined(context, table)
    if doubt is not None:
        return CitationResult(citation.id, "unknown", doubt)
    names = _names(statement, here)
    for hypothesis in there.hypotheses:
        wanted = map_terms(hypothesis, lambda side: replace_terms(side, table))
        foreign = free_names(wanted) - names
        if foreign == free_names(wanted) and foreign.isdisjoint(there.theory.ranges) and foreign:
            # A parameter of the cited statement that the citing one does not have is ours to
            # choose, so that it restricts nothing by itself.
            continue
        if foreign:
            return CitationResult(
                citation.id,
                "unknown",
                f"its hypothesis {text(wanted)} is about {', '.join(sorted(foreign))} as well: say "
                "in the substitution what that is here",
            )
        if isinstance(wanted, Rel) and context.knows(wanted):
            continue
        if prove_goal(context, wanted, Budget.of(min(seconds, 4.0), seconds)) is not None:
            continue
        point = _fails_somewhere(paper, statement, here, wanted, seed)
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


def _in_the_setting(cited: Statement, there: Formal | None) -> CitationResult:
    """The answer where one of the two has a checker of its own, so that nothing is compared."""
    general = isinstance(cited.conclusion, FiniteSpace | TailBound)
    if general or (there is None and not cited.hypotheses):
        return CitationResult(cited.id, "serves", "its hypotheses are those of the setting")
    return CitationResult(cited.id, "unknown", "whether its hypotheses follow is not asked")


def _table(citation: Citation) -> dict[Term, Term]:
    return {to_term(old): to_term(new) for old, new in citation.substitution.items()}


def _undefined(context: Context, table: dict[Term, Term]) -> str | None:
    """What is substituted has to have a value, or the cited statement is not about it."""
    for image in table.values():
        known = context.defines_term(image)
        if not known and prove_goal(context, Rel("==", image, image), Budget.counted(2.0)) is None:
            return f"{text(image)}, which is substituted, is not known to be defined"
    return None


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
    statement: Statement, cited: Statement, here: Formal, there: Formal, citation: Citation
) -> str | None:
    """What the cited statement takes for granted besides its hypotheses, and is not known here."""
    table = _table(citation)

    def moved(term: Term) -> Term:
        return replace_terms(term, table)

    if not all(isinstance(old, Sym) for old in table):
        return "only a symbol can be substituted: a statement about an array is about all entries"
    names = _names(statement, here)
    for name in sorted(there.integers - frozenset(there.theory.ranges)):
        image = moved(Sym(name))
        if free_names(image) <= names and not is_whole(image, here.integers):
            return f"it is about an integer {name}, and {text(image)} is not known to be one"
    for name, size in there.theory.ranges.items():
        index = moved(Sym(name))
        if index == Sym(name) and name not in names:
            # It is ours to choose, from what the indices that it differs from leave. Where nothing
            # is left, the statement says nothing, which is less than what is used of it, if any.
            least = num(1 + sum(Sym(name) in pair for pair in there.theory.distinct))
            if citation.used_for is not None and not _holds(
                here.sequent().context(), Rel(">=", moved(size), least)
            ):
                return f"{text(moved(size))} is not known to be at least {text(least)}"
            continue
        within = here.theory.ranges.get(name) == moved(size) and index == Sym(name)
        if not within:
            try:
                within = in_range(index, moved(size), here.theory)
            except Refused:
                within = False
            if not within:
                return f"{text(index)} is not known to be in 1..{text(moved(size))}"
    for pair in there.theory.distinct:
        one, other = map(moved, pair)
        foreign = (free_names(one) | free_names(other)) - names
        if any(side.name in foreign for side in (one, other) if isinstance(side, Sym)) and not (
            entry_names(one) | entry_names(other)
        ):
            continue
        if unfold(Delta(one, other), here.theory) != ZERO:
            return f"{text(one)} and {text(other)} are not known to differ"
    at_hand = {family_text(family) for family in here.theory.families}
    for family in there.theory.families:
        if any(family.var in free_names(term) for pair in table.items() for term in pair):
            return f"{family.var}, which its hypothesis is about, is substituted"
        formula = map_terms(family.formula, moved)
        exceptions = tuple(map(moved, family.exceptions))
        asked = replace(family, size=moved(family.size), formula=formula, exceptions=exceptions)
        if family_text(asked) not in at_hand:
            return f"its hypothesis {family_text(asked)} is not at hand"
    doubt = _other_arrays(here, there, citation)
    if doubt is None and cited.large is not None:
        own = {str(symbol) for symbol in statement.fixed}
        fixed = (moved(to_term(symbol)) for symbol in cited.fixed)
        large = moved(to_term(cited.large))
        if statement.large is None or large != to_term(statement.large):
            return f"it is about {cited.large} that is large enough"
        if not frozenset().union(*map(free_names, fixed)) <= own:
            return f"how large {cited.large} has to be depends on more there"
    return doubt


def _other_arrays(here: Formal, there: Formal, citation: Citation) -> str | None:
    """Which array, of those that matter on both sides, is defined otherwise or not at all here.

    One that the citing statement does not mention is ours to choose as the cited one defines it.
    """
    table = _table(citation)
    images = frozenset().union(*map(free_names, table.values()))
    used = None if citation.used_for is None else formal_conclusion(citation.used_for)
    ours = _arrays(here, used, table.values()) | set(here.theory.definitions)
    matter = _arrays(there) & (ours | set(here.theory.maps))
    for array, definition in there.theory.definitions.items():
        bound = frozenset(definition.indices)
        free = {old: new for old, new in table.items() if not free_names(old) <= bound}
        same = Definition(definition.indices, replace_terms(definition.body, free))
        if array in matter and (here.theory.definitions.get(array) != same or images & bound):
            return _defined_otherwise(array, here)
    for name, item in there.theory.maps.items():
        parts = (replace_terms(part, table) for part in (item.size, item.classes, item.copies))
        if name in matter and here.theory.maps.get(name) != IndexMap(*parts):
            return _defined_otherwise(name, here)
    return None


def _defined_otherwise(array: str, here: Formal) -> str:
    own = array in here.theory.definitions or array in here.theory.maps
    return f"{array} is defined {'in another way ' if own else ''}there{'' if own else ' alone'}"


def _arrays(
    formal: Formal, used: Formula | Chance | None = None, more: Iterable[Term] = ()
) -> frozenset[str]:
    """The arrays that a statement and what it uses mention, and those in their definitions."""
    theory = formal.theory
    formulas = [*formal.hypotheses, *(family.formula for family in theory.families)]
    terms = [*more, *(term for pair in theory.distinct for term in pair)]
    terms += [term for family in theory.families for term in (family.size, *family.exceptions)]
    for item in (formal.conclusion, used):
        if isinstance(item, Chance):
            terms += _terms(item)
        elif item is not None:
            formulas.append(item)
    terms += [side for f in formulas for rel in relations(f) for side in (rel.left, rel.right)]
    found = set[str]()
    waiting = {name for term in terms for name in entry_names(term)}
    while waiting:
        found |= waiting
        bodies = (d.body for name, d in theory.definitions.items() if name in waiting)
        waiting = {name for body in bodies for name in entry_names(body)} - found
    return frozenset(found)


def _terms(chance: Chance) -> Iterator[Term]:
    event = chance.event
    yield from (chance.bound, event.threshold)
    for weight in event.weights:
        yield from (weight.weight, weight.count, *weight.exceptions)
    if isinstance(event, NetworkEvent):
        yield from (event.columns, event.rows)


def _fails_somewhere(
    paper: Paper, statement: Statement, here: Formal, wanted: Formula, seed: int | None
) -> Counterexample | None:
    """A point at which the hypotheses at hand hold and the wanted one does not."""
    point = _fails_at_reference(statement, here, wanted)
    if point is not None or seed is None:
        return point
    reference = rational_reference(statement.params)
    asked = f"{statement.id}{paper.option}"
    return refutation(asked, here, wanted, Budget.counted(SEARCHED), seed, reference)


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
    table = _table(citation)
    if isinstance(wanted, Chance) and isinstance(given, Chance):
        return _chance_serves(statement, given, wanted, table)
    if isinstance(wanted, Chance) or isinstance(given, Chance) or given is None or wanted is None:
        return _Unfit("its conclusion is of another kind than what is used")
    moved = map_terms(given, lambda side: replace_terms(side, table))
    if moved == wanted:
        return None
    here = formalise(statement)
    if here is not None:
        context = here.sequent().context().having(moved)
        if _same(moved, wanted) and isinstance(wanted, Rel) and context.defines(wanted):
            return None
        if prove_goal(context, wanted, Budget.counted(2.0)) is not None:
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
    here = formalise(statement)
    context = Context() if here is None else here.sequent().context()
    bound = replace_terms(given.bound, table)
    likely = Rel(">=", bound, wanted.bound)
    if isinstance(left, NetworkEvent) and isinstance(right, NetworkEvent):
        return _network_serves(statement, (left, right), table, (context, likely))
    if not isinstance(left, SignEvent) or not isinstance(right, SignEvent):
        return _Unfit("it is about another event")
    said, used = chance_text(given), chance_text(wanted)
    why = f"it concludes {said}, but {used} is used"
    if left.absolute != right.absolute or left.op[0] != right.op[0]:
        return _Unfit(why)
    if [_plain(w, table) for w in left.weights] != [_plain(w, {}) for w in right.weights]:
        return _Unfit(f"{why}, and the weights are not known to be the same", certain=False)
    threshold = replace_terms(left.threshold, table)
    strict = len(right.op) == 1 and len(left.op) == 2
    if left.op[0] == "<":
        room = Rel("<" if strict else "<=", threshold, right.threshold)
    else:
        room = Rel(">" if strict else ">=", threshold, right.threshold)
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


def _network_serves(
    statement: Statement,
    events: tuple[NetworkEvent, NetworkEvent],
    table: dict[Term, Term],
    chance: tuple[Context, Rel],
) -> _Unfit | None:
    """The output of the same network, with a probability that is large enough."""
    left, right = events
    if left.positive != right.positive:
        return _Unfit("it is about another event")
    if _network(left, table) != _network(right, {}):
        return _Unfit("it is not known to be about the same network", certain=False)
    context, likely = chance
    if _holds(context, likely):
        return None
    return _unproved(statement, likely, "its probability is not known to be as large as used")


def _network(event: NetworkEvent, table: dict[Term, Term]) -> list[list[str]]:
    row: dict[Term, Term] = {} if event.index is None else {Sym(event.index): Sym("row__")}
    parts = (event.threshold, event.columns, event.rows)
    weights = [_plain(weight, table, row) for weight in event.weights]
    return [*weights, [canonical(replace_terms(part, table)) for part in parts], [str(len(row))]]


def _plain(
    weight: Weight, table: dict[Term, Term], row: dict[Term, Term] | None = None
) -> list[str]:
    """A weight and how many there are of it, with indices whose names do not matter."""
    index: dict[Term, Term] = {} if weight.index is None else {Sym(weight.index): Sym("i__")}
    index |= row or {}
    parts = (replace_terms(weight.weight, index), weight.count)
    return [canonical(replace_terms(part, table)) for part in parts]


def _holds(context: Context, rel: Rel) -> bool:
    if rel.left == rel.right or (
        canonical(rel.left) == canonical(rel.right) and context.defines(rel)
    ):
        return rel.op in (">=", "<=")
    return prove_goal(context, rel, Budget.counted(2.0)) is not None
