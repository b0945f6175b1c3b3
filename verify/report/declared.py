"""Declared statements and definitions as lines of readable mathematics for a terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from verify.engine.formal import formalise
from verify.engine.shown import lowest_terms
from verify.kernel.chance import Chance
from verify.kernel.poly import Refused
from verify.language.render import TEXT, UNICODE, Style, text, unicode
from verify.language.statement import (
    Asymptotic,
    Citation,
    Conclusion,
    Definition,
    Expression,
    FiniteSpace,
    ForAll,
    Growth,
    Hypothesis,
    Index,
    Output,
    Paper,
    Param,
    Probability,
    Provenance,
    SignSum,
    Statement,
    Step,
    TailBound,
)
from verify.language.sympy_terms import to_formula, to_term
from verify.language.term import (
    ONE,
    Entry,
    Formula,
    Rel,
    Sum,
    Term,
    contains,
    relations,
    subterms,
)
from verify.provers.budget import Budget, OutOfTime
from verify.provers.lemma import closed_form

CLOSED_FORM_SECONDS = 3.0
LEAST_WIDTH = 40


@dataclass(frozen=True)
class Script:
    """How mathematics is written: with Unicode signs, or in ASCII."""

    style: Style
    show: Callable[[Term | Formula], str]

    def term(self, expression: Expression) -> str:
        """A term of a pack."""
        return self.show(to_term(expression))

    def relation(self, relation: Expression | ForAll) -> str:
        """A relation of a pack, or one for every index."""
        if not isinstance(relation, ForAll):
            return self.show(to_formula(relation))
        rest = ", ".join(self.term(exception) for exception in relation.exceptions)
        index, size = self.term(relation.index), self.term(relation.size)
        but = f" but {rest}" if rest else ""
        return f"{self.show(to_formula(relation.relation))} for {index} in 1 .. {size}{but}"

    def growth(self, growth: Growth) -> str:
        """An asymptotic relation."""
        return f"{self.term(growth.left)} = {growth.kind}({self.term(growth.right)})"

    def conclusion(self, conclusion: Conclusion) -> str:
        """What a statement claims."""
        if isinstance(conclusion, FiniteSpace):
            last, op = self.term(conclusion.events), self.style.relations["<="]
            return f"Pr[E_1 or .. or E_{last}] {op} Pr[E_1] + .. + Pr[E_{last}]"
        if isinstance(conclusion, TailBound):
            return f"{conclusion.left} {self.style.relations['<=']} {self.term(conclusion.bound)}"
        if isinstance(conclusion, Asymptotic):
            given = " and ".join(map(self.growth, conclusion.given))
            shown = self.growth(conclusion.growth) + (f" whenever {given}" if given else "")
            return f"{shown}, as {self.term(conclusion.variable)} grows"
        if isinstance(conclusion, Probability):
            bound = f"{self.style.relations['>=']} {self.term(conclusion.at_least)}"
            return f"Pr[{self._event(conclusion.event)}] {bound}"
        return self.relation(conclusion)

    def _event(self, event: SignSum | Output) -> str:
        size, index = self.term(event.size), self.term(event.index)
        weighted = f"sum({index} in 1..{size}: {self.term(event.weight)} y[{index}])"
        if isinstance(event, SignSum):
            inner = f"|{weighted}|" if event.absolute else weighted
            return f"{inner} {self.style.relations[event.op]} {self.term(event.threshold)}"
        rows = f" and {self.term(event.rows)} rows" if event.row is not None else ""
        value = "F > 0" if event.positive else f"F {self.style.relations['==']} 0"
        return (
            f"{value}, where F adds up max({weighted} - {self.term(event.threshold)}, 0) "
            f"over {self.term(event.columns)} columns y of signs{rows}"
        )


ASCII_SCRIPT = Script(TEXT, text)
UNICODE_SCRIPT = Script(UNICODE, unicode)


class _Page:
    """Lines wrapped to a width."""

    def __init__(self, width: int) -> None:
        self.width = max(width, LEAST_WIDTH)
        self.lines: list[str] = []

    def line(self, words: str, first: str = "", rest: str = "") -> None:
        """One item, with an indent for its first line and one for the others."""
        self.lines += textwrap.wrap(
            words,
            self.width,
            initial_indent=first,
            subsequent_indent=rest,
            break_long_words=False,
            break_on_hyphens=False,
        )

    def section(self, title: str, rows: Sequence[str], mark: str = "- ", hang: int = 4) -> None:
        """A titled list after an empty line; nothing where the list is empty."""
        if not rows:
            return
        self.lines += ["", title]
        for row in rows:
            self.line(row, "  " + mark, " " * hang)

    def prose(self, title: str, words: str) -> None:
        """A titled paragraph; nothing where there are no words."""
        self.section(title, [words] if words else [], "", 2)


def statement_lines(
    paper: Paper, statement: Statement, width: int, script: Script = UNICODE_SCRIPT
) -> list[str]:
    """A statement with its hypotheses, claim, closed forms, printed proof and provenance."""
    page = _Page(width)
    titles = {item.id: item.title for item in paper.definitions}
    titles |= {item.id: item.title for item in paper.statements}
    heading = f": {statement.heading}" if statement.heading else ""
    page.line(f"{statement.id}  {statement.title}", rest="    ")
    page.line(f"{statement.kind}, Section {statement.section}{heading}", rest="    ")
    page.section("Parameters", [_param(param, script) for param in statement.params])
    page.section("Indices", [_index(index, script) for index in statement.indices])
    page.section("Hypotheses", [_hypothesis(item, script) for item in statement.hypotheses])
    page.section("Claim", [script.conclusion(statement.conclusion)], "")
    if isinstance(statement.conclusion, Probability):
        page.line("where all y are independent random signs", "  ")
    page.section(
        "Under another convention",
        [f"{name}: {script.conclusion(conclusion)}" for name, conclusion in statement.variants],
    )
    if isinstance(statement.conclusion, TailBound):
        page.prose("Source", statement.conclusion.source)
    page.section("Closed form", _closed_forms(statement, script), "")
    page.section("Definitions used", [_named(i, titles) for i in statement.definitions])
    page.section("Uses", [_named(i, titles) for i in statement.uses])
    page.section("Printed proof", _steps(statement.proof.steps, script), "")
    page.section("Citations", [_citation(item, script) for item in statement.proof.citations])
    page.prose("About the printed proof", statement.proof.note)
    page.prose("Assumed, not proved", statement.assumed)
    page.section("Provenance", _provenance(statement.provenance))
    page.prose("Note", statement.note)
    return page.lines


def definition_lines(
    definition: Definition, width: int, script: Script = UNICODE_SCRIPT
) -> list[str]:
    """A definition, the entries that it gives, and its provenance."""
    page = _Page(width)
    page.line(f"{definition.id}  {definition.title}", rest="    ")
    page.line(definition.kind + ("" if definition.recoverable else ", not recoverable"))
    page.prose("Text", definition.text)
    entries = []
    for array in definition.arrays:
        entry = Entry(array.name, tuple(to_term(index) for index in array.indices))
        entries.append(f"{script.show(entry)} = {script.term(array.body)}")
    page.section("Entries", entries, "")
    page.section("Provenance", _provenance(definition.provenance))
    page.prose("Note", definition.note)
    return page.lines


def _named(identifier: str, titles: dict[str, str]) -> str:
    return f"{identifier}  {titles[identifier]}" if identifier in titles else identifier


def _param(param: Param, script: Script) -> str:
    domain = [script.relation(relation) for relation in param.where]
    if param.integer:
        domain.insert(0, "integer")
    shown = f"{script.term(param.symbol)}: {param.about}" + (
        f" ({', '.join(domain)})" if domain else ""
    )
    source = param.reference if param.determined_by is None else param.determined_by
    return f"{shown}; {script.term(source)} unless set"


def _index(index: Index, script: Script) -> str:
    shown = f"{script.term(index.symbol)} in 1 .. {script.term(index.size)}"
    return shown + (f": {index.about}" if index.about else "")


def _hypothesis(item: Hypothesis, script: Script) -> str:
    shown = "" if item.relation is None else script.relation(item.relation)
    if shown and item.growth is not None:
        shown = f"used as {shown}"
    parts = [part for part in dict.fromkeys((item.text, shown)) if part]
    implied = f"; it implies {script.growth(item.implies)}" if item.implies is not None else ""
    return ": ".join(parts) + implied


def _steps(steps: Sequence[Step], script: Script) -> list[str]:
    found = []
    for number, step in enumerate(steps, 1):
        given = ", ".join(script.relation(relation) for relation in step.given)
        equation = f" Eq. ({step.equation})" if step.equation else ""
        found.append(
            f"{number}.{equation} [{step.tag}] {script.conclusion(step.claim)}"
            + (f" given {given}" if given else "")
            + (f" -- {step.reason}" if step.reason else "")
        )
    return found


def _citation(citation: Citation, script: Script) -> str:
    shown = citation.id + (f": {citation.text}" if citation.text else "")
    if citation.substitution:
        pairs = citation.substitution.items()
        shown += " with " + ", ".join(f"{script.term(a)} := {script.term(b)}" for a, b in pairs)
    if citation.used_for is not None:
        shown += f"; used for {script.conclusion(citation.used_for)}"
    return shown


def _provenance(items: Sequence[Provenance]) -> list[str]:
    meaning = {"T": "text", "D": "derived", "C": "chosen"}
    return [f"{item.tag} ({meaning[item.tag]}) {item.piece}: {item.reason}" for item in items]


def _closed_forms(statement: Statement, script: Script) -> list[str]:
    """What the entries in the claim come to, with the definitions unfolded."""
    formal = formalise(statement)
    if formal is None or isinstance(formal.conclusion, Chance) or not formal.theory.definitions:
        return []
    found: dict[Term, Term] = {}
    for rel in relations(formal.conclusion):
        for side in (rel.left, rel.right):
            if any(
                isinstance(n, Entry) and n.name in formal.theory.definitions for n in subterms(side)
            ):
                found[side] = side
    shown = []
    for side in found:
        goal = Rel("==", side, ONE)
        try:
            form = closed_form(
                formal.sequent().context(), goal, Budget.counted(CLOSED_FORM_SECONDS)
            )
            assert isinstance(form, Rel)
            closed = lowest_terms(form.left)
        except (Refused, OutOfTime, RecursionError, ValueError):
            continue
        if not contains(closed, Sum):
            equal = script.style.relations["=="]
            shown.append(f"{script.show(side)} {equal} {script.show(closed)}")
    return shown
