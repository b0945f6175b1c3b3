"""Facts about the atoms that occur: roots, exponentials, roundings, constants."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from verify.kernel.ball import enclose, precision
from verify.kernel.context import Context
from verify.kernel.functions import instance
from verify.kernel.poly import Refused
from verify.language.codec import encode_term
from verify.language.term import (
    ZERO,
    Add,
    And,
    Call,
    Const,
    Formula,
    Mul,
    Num,
    Pow,
    Rel,
    Term,
    free_names,
    num,
)
from verify.provers.budget import Budget
from verify.provers.draft import Draft
from verify.provers.numbers import exact
from verify.provers.sample import guess_sign
from verify.provers.syntax import atoms, names, normal
from verify.provers.tactic import Proof, Prove

MAX_ATOMS = 40
BITS = 60


class Notes(Draft):
    """A draft that can also write down what the kernel knows anyway."""

    def have(self, fact: Formula, proof: dict[str, Any]) -> None:
        """Add a fact, unless it is known already."""
        if not (isinstance(fact, Rel) and self.context.knows(fact)):
            self.add(fact, proof)

    def state(self, fact: Formula) -> None:
        """Make a known relation a fact with a number."""
        fact = normal(fact)
        self._cuts.append((fact, {"rule": "given"}))
        self.context = self.context.having(fact)

    def add(self, fact: Formula, proof: Proof) -> None:
        """Add a fact even if something as strong is known, so that it has a number."""
        fact = normal(fact)
        if fact not in self.context.facts:
            self._cuts.append((fact, dict(proof)))
            self.context = self.context.having(fact)


def establish(prove: Prove, notes: Notes, fact: Rel, budget: Budget) -> bool:
    """Learn a fact that is known or can be proved in a fifth of the time."""
    if notes.context.knows(fact):
        return True
    if not notes.context.defines(fact):
        return False
    proof = prove(notes.context, fact, budget.share(0.2))
    if proof is None:
        return False
    notes.have(fact, dict(proof))
    return True


Quick = Callable[[Context, Rel], Proof | None]


def with_facts(context: Context, goal: Formula, quick: Quick) -> Notes:
    """The context with what the kernel knows about the atoms in it.

    ``quick`` proves small side conditions, such as that what stands under a cube root is not
    negative.
    """
    draft = Notes(context)
    for atom in occurring(context, goal):
        try:
            if isinstance(atom, Pow) and isinstance(atom.exp, Num):
                _sign_below(draft, atom, quick)
            _describe(draft, atom)
        except Refused:
            continue
    return draft


def is_routine(fact: Rel) -> bool:
    """Whether a fact is one that :func:`with_facts` adds, and so says nothing about this claim."""
    if not names(fact):
        return True
    match fact:
        case Rel(op="==", left=Add(args=(Pow(base=Call(name="sin")), Pow(base=Call(name="cos"))))):
            return True
        case Rel(op=">", left=Call(name="exp"), right=right):
            return right == ZERO
        case Rel(op=">" | ">=", left=Pow(exp=exponent), right=right):
            return right == ZERO and not (isinstance(exponent, Num) and exponent.value > 1)
        case Rel(op="==", left=Pow(base=Pow(exp=Num(value=value)), exp=Num(value=power))):
            return value * power == 1
        case _:
            return False


def _sign_below(draft: Notes, root: Pow, quick: Quick) -> None:
    """Whether the radicand of an odd root is nonnegative; even roots say so themselves."""
    rel = Rel(">=", root.base, ZERO)
    if not draft.context.knows(rel) and guess_sign(draft.context, root.base) == 1:
        proof = quick(draft.context, rel)
        if proof is not None:
            draft.have(rel, dict(proof))


def occurring(context: Context, goal: Formula) -> list[Term]:
    """A term for each atom of the goal and of the facts, other than variables."""
    sides: list[Term] = []
    if isinstance(goal, Rel) and context.defines(goal):
        sides += [goal.left, goal.right]
    for fact in context.facts:
        if context.defines(fact):
            sides += [fact.left, fact.right]
    found: dict[Term, None] = {}
    for side in sides:
        for term in atoms(side):
            if not isinstance(term, Num) and (free_names(term) != frozenset() or _constant(term)):
                found[term] = None
    return [t for t in found if t not in _variables(found)][:MAX_ATOMS]


def _variables(terms: dict[Term, None]) -> set[Term]:
    return {t for t in terms if type(t).__name__ == "Sym"}


def _constant(term: Term) -> bool:
    return isinstance(term, Const | Call | Pow)


def learn(draft: Notes, name: str, *terms: Term) -> bool:
    """Add an instance of a known fact, where its premises are known."""
    premises, conclusion = instance(name, list(terms))
    context = draft.context
    if not all(context.defines_term(t) for t in terms):
        return False
    if not all(context.knows(premise) for premise in premises):
        return False
    for part in conclusion.args if isinstance(conclusion, And) else (conclusion,):
        if isinstance(part, Rel) and draft.context.defines(part):
            proof = {"rule": "fact", "name": name, "terms": [encode_term(t) for t in terms]}
            draft.have(part, proof)
    return True


def _describe(draft: Notes, atom: Term) -> None:
    match atom:
        case Pow(base=base, exp=Num(value=value)) if value.numerator == 1:
            degree = num(value.denominator)
            learn(draft, "root_sign", base, degree)
            learn(draft, "root_power", base, degree)
        case Pow(base=base, exp=exponent):
            learn(draft, "exp_positive", Mul((exponent, Call("log", (base,)))))
        case Call(name="exp", args=(arg,)):
            learn(draft, "exp_positive", arg)
        case Call(name="abs" | "floor" | "ceil" as name, args=(arg,)):
            learn(draft, f"{name}_bounds", arg)
        case Call(name="min" | "max" as name, args=(left, right)):
            learn(draft, f"{name}_bounds", left, right)
        case Call(name="sin" | "cos", args=(arg,)):
            learn(draft, "pythagoras", arg)
        case _:
            pass
    if not free_names(atom):
        _enclose(draft, atom)


def _enclose(draft: Notes, constant: Term) -> None:
    """Rational bounds of a constant, which the kernel confirms with balls."""
    with precision(2 * BITS):
        ball = enclose(constant, {})
        if not ball.is_finite():
            return
        low, high = exact(ball.lower()), exact(ball.upper())
    for bits in (10, 2 * BITS // 3):
        scale = 2**bits
        below = Fraction((low * scale).__floor__(), scale)
        above = Fraction((high * scale).__ceil__(), scale)
        for rel in (Rel(">=", constant, num(below)), Rel("<=", constant, num(above))):
            if draft.context.knows(rel) and rel not in draft.context.facts:
                draft.state(rel)
