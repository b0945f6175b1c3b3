"""Exponentials and powers compared with each other and with 1, by their exponents."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import combinations

from verify.kernel.context import Context
from verify.kernel.poly import PLAIN_DEGREE, Ring, sign_polynomial
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
    _in_order(notes, exponents, budget)
    if len(notes.context.facts) == len(context.facts):
        return None
    return _closed(notes, prove(notes.context, goal, budget))


def _in_order(notes: Notes, exponents: Sequence[Term], budget: Budget) -> None:
    """Learn how exponentials compare with 1 and with each other."""
    for exponent in exponents:
        budget.check()
        _beside_one(notes, exponent, budget.share(0.2))
    for one, other in combinations(exponents, 2):
        budget.check()
        _ordered(notes, one, other, "exp_increasing", budget.share(0.1))


def _closed(notes: Notes, proof: Proof | None) -> Proof | None:
    return None if proof is None else notes.close(dict(proof))


def rates(prove: Prove, context: Context, goal: Formula, budget: Budget) -> Proof | None:
    """Exponentials of one variable as unknowns of which nothing is known but their order and their
    tangents: where they are no small powers of one of them, or stand beside sines."""
    from verify.provers.premises import generalised  # noqa: PLC0415

    if not isinstance(goal, Rel) or len(free_names(goal)) != 1:
        return None
    calls = {n: None for side in (goal.left, goal.right) for n in subterms(side)}
    powers = [n for n in calls if isinstance(n, Call) and n.name == "exp"]
    angles = {n.args[0]: None for n in calls if isinstance(n, Call) and n.name in ("sin", "cos")}
    if not powers or len(powers) + len(angles) > MAX_EXPONENTS:
        return None
    ring = Ring((goal.left, goal.right))
    alike = len({ring.atom(key) for key in ring.keys}) < len(ring.keys)
    if not (alike or angles or sign_polynomial(ring, goal).total_degree() > PLAIN_DEGREE):
        return None
    notes = Notes(context)
    _in_order(notes, [power.args[0] for power in powers], budget)
    unknown: list[Term] = [*powers]
    for angle in angles:
        learn(notes, "pythagoras", angle)
        unknown += [Call("sin", (angle,)), Call("cos", (angle,))]
    return _closed(notes, generalised(notes.context, goal, unknown, prove, budget))


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
