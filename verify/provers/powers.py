"""Powers of products with variable exponents: ``(s^2 (1 + a))^beta = s^(2 beta) (1 + a)^beta``.

Polynomial arithmetic cannot take such a power apart, since the factors have to be positive. Here
the positivity of each factor is proved first, and the equation follows from the logarithm of a
product.
"""

from __future__ import annotations

from collections.abc import Iterator

from verify.kernel.context import Context
from verify.kernel.poly import Refused, Ring
from verify.language.codec import encode_term
from verify.language.term import (
    NEGATED,
    ONE,
    ZERO,
    Add,
    Call,
    Formula,
    Mul,
    Neg,
    Num,
    Pow,
    Rel,
    Sym,
    Term,
    add,
    free_names,
    map_terms,
    mul,
    num,
    relations,
    replace,
    subterms,
)
from verify.provers.budget import Budget
from verify.provers.draft import Draft, Proof
from verify.provers.search import solve


def general_powers(formula: Formula) -> Iterator[Pow]:
    """The powers with a variable exponent, innermost first, each once."""
    seen: set[Term] = set()
    for rel in relations(formula):
        for side in (rel.left, rel.right):
            for node in subterms(side):
                if isinstance(node, Pow) and not isinstance(node.exp, Num) and node not in seen:
                    seen.add(node)
                    yield node


def expanded(
    context: Context, goal: Formula, budget: Budget
) -> tuple[Formula, list[tuple[Term, Term, Proof]]]:
    """The goal with powers of products taken apart, and the proved equations, in order."""
    steps: list[tuple[Term, Term, Proof]] = []
    for power in list(general_powers(goal)):
        found = expand(context, power, budget)
        if found is not None:
            new, proof = found
            steps.append((power, new, proof))
            table: dict[Term, Term] = {power: new}
            goal = map_terms(goal, lambda side, t=table: replace(side, t))  # type: ignore[misc]
    return goal, steps


def expand(context: Context, power: Pow, budget: Budget) -> tuple[Term, Proof] | None:
    """``power`` as a product of powers of simple factors, with a proof that they are equal."""
    factors = _factors(power.base)
    simple = [(_simplified(context, factor), times) for factor, times in factors]
    kept = [(factor, times) for factor, times in simple if factor != ONE]
    if [factor for factor, _ in kept] == [power.base]:
        return None
    draft = Draft(context)
    for factor, _ in kept:
        positive = Rel(">", factor, ZERO)
        if not draft.context.knows(positive):
            proof = solve(draft.context, positive, budget.share(0.3))
            if proof is None:
                return None
            draft.have(positive, dict(proof))
    flat = [factor for factor, times in kept for _ in range(times)]
    if not _equal_base(draft, power.base, mul(*flat), flat):
        return None
    logs = _log_of_product(draft, power.base, flat)
    pieces: list[Term] = [
        Pow(factor, power.exp if times == 1 else Mul((num(times), power.exp)))
        for factor, times in kept
    ]
    new = mul(*pieces)
    left = Mul((power.exp, Call("log", (power.base,))))
    right = add(*(Mul((power.exp, Call("log", (factor,)))) for factor in flat)) if flat else ZERO
    goal = Rel("==", left, right)
    draft.have(goal, draft.equation(goal, [(rel, power.exp) for rel in logs]))
    last: Proof = {
        "rule": "fact",
        "name": "equal_exp",
        "terms": [encode_term(left), encode_term(right)],
    }
    return new, draft.close(last)


def _factors(base: Term) -> list[tuple[Term, int]]:
    """Factors with their multiplicities, as the base is written."""
    parts = base.args if isinstance(base, Mul) else (base,)
    found = []
    for part in parts:
        if isinstance(part, Pow) and isinstance(part.exp, Num) and part.exp.value.denominator == 1:
            found.append((part.base, int(part.exp.value)))
        else:
            found.append((part, 1))
    return found


def _simplified(context: Context, factor: Term) -> Term:
    """The factor with a variable eliminated by a linear equation, where that makes it shorter."""
    best, length = factor, _length(factor)
    for fact in context.facts:
        if fact.op != "==":
            continue
        for name in sorted(free_names(fact) & free_names(factor)):
            solved = _solved_for(fact, name)
            if solved is None:
                continue
            table: dict[Term, Term] = {Sym(name): solved}
            try:
                candidate = replace(factor, table)
                ring = Ring((candidate,))
                shorter = ring.term(ring.polynomial(candidate))
            except Refused:
                continue
            if _length(shorter) < length:
                best, length = _constant_first(shorter), _length(shorter)
    return best


def _constant_first(term: Term) -> Term:
    if isinstance(term, Add) and isinstance(term.args[-1], Num):
        return Add((term.args[-1], *term.args[:-1]))
    return term


def _length(term: Term) -> int:
    return sum(1 for _ in subterms(term))


def _solved_for(equation: Rel, name: str) -> Term | None:
    """``name`` from an equation that is linear in it with a constant coefficient."""
    ring = Ring((equation.left, equation.right))
    try:
        gap = ring.polynomial(Add((equation.left, Neg(equation.right))))
    except Refused:
        return None
    slope = gap.derivative(ring.keys.index(name)) if name in ring.keys else ring.ctx.constant(0)
    if slope.is_zero() or not slope.is_constant():
        return None
    return ring.term(-(gap - slope * ring.gen(name)) / slope.leading_coefficient())


def _equal_base(draft: Draft, base: Term, product: Term, flat: list[Term]) -> bool:
    """Prove ``base == product`` by an equation among the facts, and that both are positive."""
    goal = Rel("==", base, product)
    for fact in (None, *(f for f in draft.context.facts if f.op == "==")):
        multiplier = _quotient(goal, fact)
        if multiplier is not None:
            pairs = [] if fact is None else [(fact, multiplier)]
            draft.have(goal, draft.equation(goal, pairs))
            break
    else:
        return False
    if not flat:
        return draft.context.knows(Rel(">", base, ZERO)) or _positive_by_equation(draft, base, [])
    for end in range(2, len(flat) + 1):
        partial = Rel(">", mul(*flat[:end]), ZERO)
        draft.have(partial, _product_positive(draft, partial, flat[:end], None))
    return _positive_by_equation(draft, base, flat)


def _positive_by_equation(draft: Draft, base: Term, flat: list[Term]) -> bool:
    positive = Rel(">", base, ZERO)
    equation = Rel("==", base, mul(*flat))
    if equation not in draft.context.facts:
        return draft.context.knows(positive)
    draft.have(positive, _product_positive(draft, positive, flat, equation))
    return True


def _product_positive(draft: Draft, goal: Rel, factors: list[Term], equation: Rel | None) -> Proof:
    """``product > 0``: minus the product plus the product of the positive factors is zero."""
    negation = Rel(NEGATED[goal.op], goal.left, goal.right)
    index = draft.context.having(negation).facts.index(negation)
    numbers = [draft.number(Rel(">", factor, ZERO)) for factor in factors]
    return {
        "rule": "refute",
        "products": [["1", [index], []], ["1", numbers, []]],
        "equations": [] if equation is None else [[draft.number(equation), "1"]],
    }


def _quotient(goal: Rel, equation: Rel | None) -> Term | None:
    """The polynomial ``m`` with ``goal.left - goal.right = m * (equation)``."""
    sides = [goal.left, goal.right]
    if equation is not None:
        sides += [equation.left, equation.right]
    ring = Ring(sides)
    try:
        gap = ring.polynomial(Add((goal.left, Neg(goal.right))))
        if equation is None:
            return ZERO if gap.is_zero() else None
        by = ring.polynomial(Add((equation.left, Neg(equation.right))))
    except Refused:
        return None
    quotient, rest = divmod(gap, by)
    return ring.term(quotient) if rest.is_zero() else None


def _log_of_product(draft: Draft, base: Term, flat: list[Term]) -> list[Rel]:
    """Facts that add up to ``log(base) == sum of log(factor)``."""
    product = mul(*flat)
    used = []
    if base != product:
        same = Rel("==", Call("log", (base,)), Call("log", (product,)))
        if not draft.context.knows(same):
            draft.instance("equal_log", base, product, fact=same)
            used.append(same)
    for end in range(len(flat), 1, -1):
        before, last = mul(*flat[: end - 1]), flat[end - 1]
        fact = Rel(
            "==",
            Call("log", (Mul((before, last)),)),
            Add((Call("log", (before,)), Call("log", (last,)))),
        )
        draft.instance("log_product", before, last, fact=fact)
        used.append(fact)
    return used
