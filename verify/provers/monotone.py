"""Exponentials and powers compared with each other and with 1, by their exponents."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations

from verify.kernel.context import Context
from verify.language.term import (
    ONE,
    ZERO,
    Call,
    Formula,
    Mul,
    Num,
    Pow,
    Rel,
    Term,
    free_names,
    sub,
    subterms,
)
from verify.provers.atoms import Notes, learn, occurring
from verify.provers.budget import Budget
from verify.provers.log_forms import log_arguments
from verify.provers.quick import quick
from verify.provers.sample import guess_sign
from verify.provers.tactic import Proof, Prove

MAX_EXPONENTS = 7


def comparisons(prove: Prove, context: Context, goal: Formula, budget: Budget) -> Proof | None:
    """Facts ``exp(a) <= exp(b)`` for exponents in a clear order, and the signs of logarithms; then
    the goal once more."""
    exponents = _exponents(context, goal)
    names = frozenset().union(*(free_names(exponent) for exponent in exponents))
    others = free_names(goal) if exponents else frozenset()
    if not names or len(names | others) < 2:
        return None
    notes = Notes(context)
    arguments = log_arguments(exponents)
    for argument in arguments:
        _known(notes, Rel(">", argument, ZERO), budget.share(0.2))
        _sign_of_log(notes, argument, budget.share(0.2))
    for one, other in combinations(arguments, 2):
        budget.check()
        _ordered(notes, one, other, "log_increasing", budget.share(0.1))
    for exponent in exponents:
        budget.check()
        _beside_one(notes, exponent, budget.share(0.2))
    for one, other in combinations(exponents, 2):
        budget.check()
        _ordered(notes, one, other, "exp_increasing", budget.share(0.1))
    if len(notes.context.facts) == len(context.facts):
        return None
    proof = prove(notes.context, goal, budget)
    return proof and notes.close(dict(proof))


def _exponents(context: Context, goal: Formula) -> list[Term]:
    """What stands in the exponentials: ``y log t`` for powers, also those with rational exponents
    of bases that have others too; and of the goal those that two bases have."""
    found: dict[Term, None] = {}
    atoms = occurring(context, goal)
    bases = {a.base for a in atoms if isinstance(a, Pow) and not isinstance(a.exp, Num)}
    for atom in atoms:
        match atom:
            case Call(name="exp", args=(arg,)):
                found[arg] = None
            case Pow(base=base, exp=exponent) if base in bases:
                found[Mul((exponent, Call("log", (base,))))] = None
    for base in bases:
        found[Call("log", (base,))] = None
    for power in _with_shared_exponents(goal):
        found[Mul((power.exp, Call("log", (power.base,))))] = None
    return list(found)[:MAX_EXPONENTS]


def _with_shared_exponents(goal: Formula) -> list[Pow]:
    """The powers of a goal whose exponent, rational and no integer, two bases or more have. Their
    normal forms are powers of roots, which only small exponents let a combination compare."""
    found: dict[Fraction, dict[Term, None]] = {}
    sides = (goal.left, goal.right) if isinstance(goal, Rel) else ()
    for side in sides:
        for node in subterms(side):
            match node:
                case Pow(base=base, exp=Num(value=value)) if value.denominator != 1:
                    found.setdefault(abs(value), {})[base] = None
    return [
        Pow(base, Num(value)) for value, bases in found.items() if len(bases) > 1 for base in bases
    ]


def _known(notes: Notes, rel: Rel, budget: Budget) -> bool:
    if notes.context.knows(rel):
        return True
    if not notes.context.defines(rel):
        return False
    proof = quick(notes.context, rel, budget)
    if proof is None:
        return False
    notes.have(rel, dict(proof))
    return True


def _sign_of_log(notes: Notes, argument: Term, budget: Budget) -> None:
    log = Call("log", (argument,))
    if not notes.context.defines_term(log):
        return
    if _known(notes, Rel(">", argument, ONE), budget):
        learn(notes, "log_strictly_increasing", ONE, argument)
    elif _known(notes, Rel(">=", argument, ONE), budget):
        learn(notes, "log_increasing", ONE, argument)
    elif _known(notes, Rel("<=", argument, ONE), budget):
        learn(notes, "log_increasing", argument, ONE)


def _beside_one(notes: Notes, exponent: Term, budget: Budget) -> None:
    if not notes.context.defines_term(exponent):
        return
    learn(notes, "exp_positive", exponent)
    guess = guess_sign(notes.context, exponent)
    if guess == 1 and _known(notes, Rel(">=", exponent, ZERO), budget):
        learn(notes, "exp_tangent", exponent)
        learn(notes, "exp_increasing", ZERO, exponent)
    elif guess == -1 and _known(notes, Rel("<=", exponent, ZERO), budget):
        learn(notes, "exp_increasing", exponent, ZERO)


def _ordered(notes: Notes, one: Term, other: Term, name: str, budget: Budget) -> None:
    """Learn that an increasing function, by the name of the fact, keeps the order of two terms."""
    if not (notes.context.defines_term(one) and notes.context.defines_term(other)):
        return
    guess = guess_sign(notes.context, sub(one, other))
    if guess not in (1, -1):
        return
    low, high = (other, one) if guess == 1 else (one, other)
    if _known(notes, Rel("<=", low, high), budget):
        learn(notes, name, low, high)
