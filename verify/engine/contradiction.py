"""Hypotheses that no parameter value satisfies: which of them, with a proof."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from verify.engine.formal import Formal
from verify.engine.results import Claim
from verify.kernel.certificate import save
from verify.language.render import text
from verify.language.term import FALSE, Formula
from verify.provers.budget import Budget
from verify.provers.lemma import Lemma, prove_goal


def contradiction(formal: Formal, budget: Budget) -> Claim | None:
    """The verdict ``vacuous`` with a certificate, or None if no contradiction was found in time.

    The explanation names hypotheses that contradict each other; as far as could be seen in the
    time, all of them are needed for that.
    """
    found = _absurd(formal, formal.hypotheses, budget.share(0.6))
    if found is None:
        return None
    needed = list(formal.hypotheses)
    for hypothesis in formal.hypotheses:
        rest = [item for item in needed if item is not hypothesis]
        if _absurd(formal, rest, budget.share(0.2)) is not None:
            needed = rest
    obligation = replace(formal, conclusion=FALSE).obligation()
    listed = " and ".join(text(item) for item in needed) or "the definitions"
    return Claim(
        "vacuous",
        method="contradictory hypotheses",
        certificate=save(obligation, found.proof),
        explanation=f"no parameter value satisfies the hypotheses: {listed} cannot hold together; "
        "see whether one of them is mistyped, or meant for another case",
    )


def _absurd(formal: Formal, hypotheses: Sequence[Formula], budget: Budget) -> Lemma | None:
    sequent = replace(formal, hypotheses=tuple(hypotheses)).sequent(FALSE)
    return prove_goal(sequent.context(), FALSE, budget)
