"""Claims that have a checker of their own, as far as a verdict on them can be checked again."""

from __future__ import annotations

from verify.engine.results import Claim
from verify.kernel.certificate import Obligation
from verify.language.statement import Statement, TailBound
from verify.language.term import ONE, ZERO, Add, Mul, Neg, Rel, Sym, disj


def induction_step() -> Obligation:
    """The step of the induction over the events, for indicators; expectations preserve it.

    With ``u`` the indicator of the union so far, ``v`` of the next event, and ``t`` the number of
    events so far that occur: ``u <= t`` implies ``u + v - u v <= t + v`` at every sample point.
    """
    u, v, t = Sym("u"), Sym("v"), Sym("t")
    bits = [disj(Rel("==", x, ZERO), Rel("==", x, ONE)) for x in (u, v)]
    union = Add((u, v, Neg(Mul((u, v)))))
    return Obligation((*bits, Rel("<=", u, t)), Rel("<=", union, Add((t, v))))


def taken_from_literature(statement: Statement) -> Claim:
    """What is said of a cited tail bound that no instance contradicts."""
    assert isinstance(statement.conclusion, TailBound)
    return Claim(
        "assumed",
        method="cited",
        axioms=(statement.assumed,),
        explanation=f"taken from the literature: {statement.conclusion.source}",
    )
