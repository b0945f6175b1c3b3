"""The hypotheses that can be asked about, apart from those that define the setting."""

from __future__ import annotations

from dataclasses import dataclass

from verify.engine.formal import Formal
from verify.language.term import ZERO, Formula, Num, Rel, Sym, Term


@dataclass(frozen=True, slots=True)
class Condition:
    """A hypothesis that can be dropped: a relation, or that two indices differ.

    ``bound`` says that it only bounds one parameter by a number; then what is left of a positive
    lower bound is that the parameter is positive, since its sign belongs to the setting.
    """

    formula: Formula
    indices: tuple[Term, Term] | None = None
    bound: bool = False

    @property
    def left_over(self) -> tuple[Formula, ...]:
        """What still holds when the condition is dropped."""
        match self.formula:
            case Rel(op=">=" | ">", left=left, right=Num(value=value)) if self.bound and value > 0:
                return (Rel(">", left, ZERO),)
            case _:
                return ()


def conditions_of(formal: Formal) -> tuple[Condition, ...]:
    """The hypotheses that are worth a question.

    Not those that define the setting: equations, the least sizes of integers, and signs.
    """
    found = [
        Condition(h, bound=_is_bound(h)) for h in formal.hypotheses if not _is_setting(h, formal)
    ]
    apart = [Condition(Rel("!=", a, b), (a, b)) for a, b in formal.theory.distinct]
    return (*found, *apart)


def setting_of(formal: Formal) -> tuple[Formula, ...]:
    """The hypotheses that are never dropped, and what is left of the others when they are."""
    kept = [h for h in formal.hypotheses if _is_setting(h, formal)]
    for condition in conditions_of(formal):
        kept += [h for h in condition.left_over if h not in kept]
    return tuple(kept)


def _is_setting(hypothesis: Formula, formal: Formal) -> bool:
    if not isinstance(hypothesis, Rel):
        return False
    if hypothesis.op == "==":
        return True
    if not (isinstance(hypothesis.left, Sym) and isinstance(hypothesis.right, Num)):
        return False
    if hypothesis.left.name in formal.integers:
        return hypothesis.op in (">=", ">")
    return hypothesis.right == ZERO


def _is_bound(hypothesis: Formula) -> bool:
    return (
        isinstance(hypothesis, Rel)
        and isinstance(hypothesis.left, Sym)
        and isinstance(hypothesis.right, Num)
    )
