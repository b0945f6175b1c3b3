"""Hypotheses that no parameter value satisfies: which of them, with a proof."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from verify.engine.formal import Formal
from verify.engine.results import Claim
from verify.engine.shown import family_text
from verify.kernel.certificate import accept, save
from verify.kernel.check import Sequent, check
from verify.kernel.context import Context
from verify.kernel.poly import Refused
from verify.kernel.sums import Family, in_range, unfold
from verify.language.render import text
from verify.language.term import (
    FALSE,
    ONE,
    ZERO,
    Call,
    Delta,
    Formula,
    Rel,
    Sym,
    Term,
    free_names,
    map_terms,
    num,
    subterms,
)
from verify.language.term import replace as replace_terms
from verify.provers.budget import Budget
from verify.provers.draft import Draft
from verify.provers.lemma import prove_goal, prove_part, within_families


def contradiction(formal: Formal, budget: Budget) -> Claim | None:
    """The verdict ``vacuous`` with a certificate, or None if no contradiction was found in time.

    The explanation names hypotheses that contradict each other; as far as could be seen in the
    time, all of them are needed for that.
    """
    stated: list[Formula | Family] = [*formal.hypotheses, *formal.theory.families]
    proof = _absurd(formal, stated, budget.share(0.6))
    if proof is None:
        return None
    needed = list(stated)
    for hypothesis in stated:
        rest = [item for item in needed if item is not hypothesis]
        if _absurd(formal, rest, budget.share(0.2)) is not None:
            needed = rest
    obligation = replace(formal, conclusion=FALSE).obligation()
    try:
        # With what the definitions take for granted about sizes.
        accept(obligation, proof)
    except Refused:
        return None
    shown = (family_text(item) if isinstance(item, Family) else text(item) for item in needed)
    listed = " and ".join(shown) or "the definitions"
    return Claim(
        "vacuous",
        method="contradictory hypotheses",
        certificate=save(obligation, proof),
        explanation=f"no parameter value satisfies the hypotheses: {listed} cannot hold together; "
        "see whether one of them is mistyped, or meant for another case",
    )


def _absurd(
    formal: Formal, stated: Sequence[Formula | Family], budget: Budget
) -> Mapping[str, Any] | None:
    families = tuple(item for item in stated if isinstance(item, Family))
    hypotheses = tuple(item for item in stated if not isinstance(item, Family))
    theory = replace(formal.theory, families=families, memo={})
    sequent = replace(formal, hypotheses=hypotheses, theory=theory).sequent(FALSE)
    context = sequent.context()
    found = prove_goal(context, FALSE, budget.share(0.3))
    if found is not None:
        return found.proof
    draft = _with_logarithms(context, budget.share(0.5))
    if draft is not None:
        found = prove_goal(draft.context, FALSE, budget.share(0.5))
        if found is not None:
            return _checked(sequent, draft.close(found.proof))
    for index in _some_indices(sequent.theory.families):
        used = [(n, index) for n, item in enumerate(families) if _applies(formal, item, index)]
        known = [_at(families[number], index) for number, _ in used]
        found = prove_goal(context.having(*known), FALSE, budget.share(0.3)) if used else None
        if found is not None:
            return _checked(sequent, within_families(found.proof, used))
    return None


def _checked(sequent: Sequent, proof: Mapping[str, Any]) -> Mapping[str, Any] | None:
    try:
        check(sequent, proof)
    except Refused:
        return None
    return proof


def _with_logarithms(context: Context, budget: Budget) -> Draft | None:
    """The hypotheses, and what logarithms in them are at least, where that can be seen.

    A constant that is large enough stands before one: only its size contradicts an upper bound.
    """
    draft = Draft(context)
    arguments = dict.fromkeys(
        node.args[0]
        for fact in context.facts
        for side in (fact.left, fact.right)
        for node in subterms(side)
        if isinstance(node, Call) and node.name == "log" and free_names(node)
    )
    for argument in arguments:
        for least, power in ((8, 2), (3, 1)):
            beyond, known = Rel(">=", argument, num(least)), Call("log", (num(least),))
            proof = prove_part(context, beyond, budget.share(0.3))
            constant = Rel(">=", known, num(power))
            bound = None if proof is None else prove_part(Context(), constant, budget.share(0.3))
            if proof is not None and bound is not None:
                draft.have(beyond, proof)
                draft.have(constant, bound)
                at_least = Rel("<=", known, Call("log", (argument,)))
                draft.instance("log_increasing", num(least), argument, fact=at_least)
                break
    return None if draft.context is context else draft


def _some_indices(families: Sequence[Family]) -> Iterator[Term]:
    """Indices at which hypotheses about all of them are looked at: the first two, and the last."""
    yield from (
        dict.fromkeys((ONE, num(2), *(family.size for family in families))) if families else ()
    )


def _applies(formal: Formal, family: Family, index: Term) -> bool:
    theory = formal.theory
    try:
        return in_range(index, family.size, theory) and all(
            unfold(Delta(index, exception), theory) == ZERO for exception in family.exceptions
        )
    except Refused:
        return False


def _at(family: Family, index: Term) -> Formula:
    table: dict[Term, Term] = {Sym(family.var): index}
    return map_terms(family.formula, lambda side: replace_terms(side, table))
