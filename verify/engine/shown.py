"""What is shown of a claim, from what its certificate is about.

The same texts are made when a result is written and when its certificate is checked again, so that
a reader can be sure to read what was proved.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from verify.asymptotics.question import Question
from verify.engine.results import CitationResult, ProofVerdict, StepResult
from verify.kernel.chance import Chance, NetworkEvent
from verify.kernel.poly import Refused, Ring
from verify.kernel.sums import Family
from verify.language.render import text
from verify.language.term import (
    Call,
    Div,
    Formula,
    Mul,
    Num,
    Rel,
    Sum,
    Sym,
    Term,
    children,
    entry_names,
    free_names,
    map_terms,
    node_count,
    rebuild,
    relations,
    subterms,
)

INDICES = "klijpqrhuvwxyz"
"""What summation indices are called, in this order, where their names mean nothing."""

UNION_BOUND = "Pr[E_1 or .. or E_m] <= Pr[E_1] + .. + Pr[E_m]"
UNION_STEP = "u + v - u*v <= t + v"
"""The step for indicators by which the union bound follows; expectations preserve it."""


def proof_verdict(steps: Sequence[StepResult], citations: Sequence[CitationResult]) -> ProofVerdict:
    """The verdict on a printed proof, from those on its parts."""
    if not steps and not citations:
        return "none given"
    words = {step.verdict for step in steps} | {citation.verdict for citation in citations}
    if words & {"refuted", "does not serve"}:
        return "gap"
    return "supported" if words <= {"proved", "serves"} else "unknown"


def conclusion_text(conclusion: Formula | Chance) -> str:
    """A conclusion in ASCII mathematics."""
    return chance_text(conclusion) if isinstance(conclusion, Chance) else text(conclusion)


def chance_text(claim: Chance) -> str:
    """A probability bound in ASCII mathematics."""
    event = claim.event
    if isinstance(event, NetworkEvent):
        return f"Pr[{'F > 0' if event.positive else 'F = 0'}] >= {text(claim.bound)}"
    inner = f"<{text(event.weights[0].weight)}, s>"
    shown = f"|{inner}|" if event.absolute else inner
    return f"Pr[{shown} {event.op} {text(event.threshold)}] >= {text(claim.bound)}"


def family_text(family: Family, formula: Formula | None = None) -> str:
    """A hypothesis about all indices in ASCII mathematics."""
    rest = [text(exception) for exception in family.exceptions]
    shown = f"{text(formula or family.formula)} for every {family.var} in 1..{text(family.size)}"
    return f"{shown} other than {', '.join(rest)}" if rest else shown


def readable(formula: Formula) -> Formula:
    """A formula with letters in place of the names that normal forms give to summation indices."""
    sides = [side for rel in relations(formula) for side in (rel.left, rel.right)]
    taken = free_names(formula).union(*(entry_names(side) | _bound(side) for side in sides))
    hidden = sorted(name for name in taken if "__" in name)
    if not hidden:
        return formula
    letters = (letter for letter in INDICES if letter not in taken)
    table = dict(zip(hidden, letters, strict=False))
    return map_terms(formula, lambda side: _renamed(side, table))


def in_lowest_terms(formula: Formula) -> Formula:
    """A formula with each side reduced to a quotient in lowest terms, where that is shorter.

    For people: what is cancelled need not be defined any more.
    """
    return map_terms(formula, _reduced)


def _reduced(term: Term) -> Term:
    try:
        found = lowest_terms(term)
    except Refused:
        return term
    return found if node_count(found) < node_count(term) else term


def lowest_terms(term: Term) -> Term:
    """A quotient in lowest terms.

    Raises:
        Refused: the term is too large for that.
    """
    ring = Ring((term,))
    top, bottom = ring.fraction(term)
    if bottom == ring.one:
        return ring.term(top)
    return Div(ring.term(top), ring.term(bottom))


def _bound(term: Term) -> frozenset[str]:
    return frozenset(node.var for node in subterms(term) if isinstance(node, Sum))


def _renamed(term: Term, table: Mapping[str, str]) -> Term:
    """A term with other names for what its sums bind; the new ones stand for nothing else in it."""
    if isinstance(term, Sym):
        return Sym(table.get(term.name, term.name))
    parts = tuple(_renamed(part, table) for part in children(term))
    if isinstance(term, Sum):
        body, size = parts
        return Sum(body, table.get(term.var, term.var), size)
    return rebuild(term, parts)


def range_text(index: str, size: Term) -> str:
    """What an index is in ASCII mathematics."""
    return f"{index} in 1..{text(size)}"


def asymptotic_text(goal: str, given: Sequence[str], variable: str) -> str:
    """An asymptotic claim in ASCII mathematics."""
    whenever = f" whenever {' and '.join(given)}" if given else ""
    return f"{goal}{whenever}, as {variable} grows"


def implication(asked: Question) -> str:
    """An implication between orders of growth in ASCII mathematics."""
    given = " and ".join(map(str, asked.given))
    return f"{given} implies {asked.goal}" if given else str(asked.goal)


def large_enough(hypothesis: Formula) -> Rel | None:
    """``C >= kappa / log(1/(1 - q))`` for the hypothesis ``C log(1/(1 - q)) >= kappa``."""
    match hypothesis:
        case Rel(
            op=">=",
            left=Mul(args=(constant, Call(name="log", args=(Num(value=inner),)))),
            right=kappa,
        ) if inner > 1:
            return Rel(">=", constant, Div(kappa, Call("log", (Num(inner),))))
    return None
