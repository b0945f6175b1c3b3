"""Powers of products with variable exponents: ``(s^2 (1 + a))^beta = s^(2 beta) (1 + a)^beta``.

Polynomial arithmetic cannot take such a power apart, since the factors have to be positive. Here
the positivity of each factor is proved first, and the equation follows from the logarithm of a
product.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from fractions import Fraction
from typing import Any

from verify.kernel.context import Context
from verify.kernel.poly import Refused, Ring, fraction, sign_polynomial
from verify.language.codec import encode_term, normal_formula
from verify.language.term import (
    ONE,
    ZERO,
    Add,
    Call,
    Const,
    Div,
    Entry,
    Formula,
    Mul,
    Neg,
    Num,
    Pow,
    Rel,
    RelOp,
    Sym,
    Term,
    add,
    free_names,
    map_terms,
    mul,
    node_count,
    num,
    relations,
    replace,
    subterms,
)
from verify.provers.budget import Budget
from verify.provers.direct import quick, within
from verify.provers.draft import Draft, Proof
from verify.provers.linear import farkas
from verify.provers.sample import guess_sign


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
    if isinstance(power.base, Div):
        return _quotient_power(context, power, power.base, budget)
    factors = _factors(power.base)
    simple = [(_simplified(context, factor), times) for factor, times in factors]
    kept = [(factor, times) for factor, times in simple if factor != ONE]
    if [factor for factor, _ in kept] == [power.base]:
        return None
    pieces: list[Term] = [
        Pow(factor, power.exp if times == 1 else Mul((num(times), power.exp)))
        for factor, times in kept
    ]
    new = mul(*pieces)
    if context.knows(Rel("==", power, new)):
        return new, {"rule": "given"}
    draft = Draft(context)
    if not _have_positive(draft, [factor for factor, _ in kept], budget):
        return None
    flat = [factor for factor, times in kept for _ in range(times)]
    if not _equal_base(draft, power.base, mul(*flat), flat):
        return None
    logs = _log_of_product(draft, power.base, flat)
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


def _have_positive(draft: Draft, factors: Iterable[Term], budget: Budget) -> bool:
    for factor in factors:
        positive = Rel(">", factor, ZERO)
        if draft.context.knows(positive):
            continue
        proof = within(draft.context, positive, budget.share(0.3))
        if proof is None:
            return False
        draft.have(positive, dict(proof))
    return True


def _quotient_power(
    context: Context, power: Pow, base: Div, budget: Budget
) -> tuple[Term, Proof] | None:
    """``(x / y)**e`` as ``x**e y**(-e)``, by the logarithm of a quotient."""
    new = mul(Pow(base.num, power.exp), Pow(base.den, Neg(power.exp)))
    if context.knows(Rel("==", power, new)):
        return new, {"rule": "given"}
    draft = Draft(context)
    if not _have_positive(draft, (base.num, base.den, base), budget):
        return None
    logs = [Call("log", (part,)) for part in (base, base.num, base.den)]
    opened = Rel("==", logs[0], Add((logs[1], Neg(logs[2]))))
    draft.instance("log_quotient", base.num, base.den, fact=opened)
    left = Mul((power.exp, logs[0]))
    right = Add((Mul((power.exp, logs[1])), Neg(Mul((power.exp, logs[2])))))
    goal = Rel("==", left, right)
    draft.have(goal, draft.equation(goal, [(opened, power.exp)]))
    terms = [encode_term(left), encode_term(right)]
    return new, draft.close({"rule": "fact", "name": "equal_exp", "terms": terms})


def power_facts(draft: Draft, formulas: Iterable[Formula], budget: Budget) -> None:
    """Add that powers are positive, and at least or at most 1 where base and exponent say so."""
    seen: set[tuple[Term, Term]] = set()
    for formula in formulas:
        for power in general_powers(formula):
            _, exponent = _rational_multiple(power.exp)
            if power.base == Const("e") or (power.base, exponent) in seen:
                continue
            seen.add((power.base, exponent))
            _facts_of(draft, power.base, exponent, budget)


def _facts_of(draft: Draft, base: Term, exponent: Term, budget: Budget) -> None:
    if not _plainly(draft, Rel(">", base, ZERO), budget.share(0.1, 0.5)):
        return
    power = Pow(base, exponent)
    log = Call("log", (base,))
    argument = Mul((exponent, log))
    draft.instance("exp_positive", argument, fact=Rel(">", power, ZERO))
    bounds = ((base, ONE), (exponent, ZERO))
    for left, right in bounds:
        if not _plainly(draft, Rel(">=", left, right), budget.share(0.05, 0.3)):
            return
    # A bound may well be attained: only sums of facts are tried to show that it is not.
    strict = all(
        _plainly(draft, Rel(">", left, right), budget.share(0.05, 0.3), farkas)
        for left, right in bounds
    )
    op: RelOp = ">" if strict else ">="
    positive = Rel(op, exponent, ZERO)
    increasing = "strictly_increasing" if strict else "increasing"
    draft.instance(f"log_{increasing}", ONE, base, fact=Rel(op, log, ZERO))
    rising = Rel(op, argument, ZERO)
    numbers = [draft.number_of(positive), draft.number_of(Rel(op, log, ZERO))]
    draft.have(
        rising,
        {
            "rule": "refute",
            "products": [["1", [draft.negated(rising)], []], ["1", numbers, []]],
            "equations": [],
        },
    )
    draft.instance(f"exp_{increasing}", ZERO, argument, fact=Rel(op, power, ONE))


def _plainly(
    draft: Draft, fact: Rel, budget: Budget, search: Callable[..., Mapping[str, Any] | None] = quick
) -> bool:
    """Whether a bound is a fact, or follows from the facts: for a variable by adding them up."""
    if draft.context.knows(fact):
        return True
    if isinstance(fact.left, Sym | Entry):
        search = farkas
    proof = search(draft.context, fact, budget)
    if proof is None:
        return False
    draft.have(fact, dict(proof))
    return True


def _rational_multiple(term: Term) -> tuple[Term, Term]:
    """``c * m`` as ``(c, m)`` for a literal ``c``."""
    if isinstance(term, Mul) and isinstance(term.args[0], Num):
        return term.args[0], mul(*term.args[1:])
    return ONE, term


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
    best, length = factor, node_count(factor)
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
            if node_count(shorter) < length:
                best, length = _constant_first(shorter), node_count(shorter)
    return best


def _constant_first(term: Term) -> Term:
    if isinstance(term, Add) and isinstance(term.args[-1], Num):
        return Add((term.args[-1], *term.args[:-1]))
    return term


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
    equation = normal_formula(Rel("==", base, mul(*flat)))
    if not isinstance(equation, Rel) or equation not in draft.context.facts:
        return draft.context.knows(positive)
    draft.have(positive, _product_positive(draft, positive, flat, equation))
    return True


def _product_positive(draft: Draft, goal: Rel, factors: list[Term], equation: Rel | None) -> Proof:
    """``product > 0``: minus the product plus the product of the positive factors is zero."""
    index = draft.negated(goal)
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


def by_factors(context: Context, goal: Formula, budget: Budget) -> Proof | None:
    """The sign of a polynomial that factors, from the signs of its factors."""
    if not isinstance(goal, Rel) or goal.op == "==":
        return None
    if goal.op == "!=":
        return _apart_from_zero(context, goal, budget)
    ring = Ring((goal.left, goal.right))
    polynomial = sign_polynomial(ring, goal)
    if polynomial.is_zero() or polynomial.is_constant():
        return None
    lead, found = polynomial.factor()
    factors = [(ring.term(factor), int(times)) for factor, times in found]
    if len(factors) == 1 and factors[0][1] == 1:
        return None
    draft = Draft(context)
    weak = goal.op in (">=", "<=")
    product = Num(fraction(lead))
    facts: list[Rel] = []
    for factor, times in factors:
        if weak and times % 2 == 0:
            continue
        sign = _sign_of(draft, factor, weak, budget)
        if sign is None:
            return None
        facts += [sign] * times
    wanted_negative = goal.op in ("<=", "<")
    negative = sum(rel.op in ("<", "<=") for rel in facts) % 2 == 1
    if (negative != (product.value < 0)) != wanted_negative:
        return None
    squares = [
        encode_term(factor)
        for factor, times in factors
        if weak and times % 2 == 0
        for _ in range(times // 2)
    ]
    return draft.close(_product_certificate(draft, goal, facts, squares, abs(product.value)))


def _apart_from_zero(context: Context, goal: Rel, budget: Budget) -> Proof | None:
    """``p != 0`` from ``p > 0`` or ``p < 0``."""
    for op in (">", "<"):
        rel = Rel(op, goal.left, goal.right)
        proof = by_factors(context, rel, budget)
        if proof is not None:
            draft = Draft(context)
            draft.have(rel, proof)
            return draft.close({"rule": "given"})
    return None


def _sign_of(draft: Draft, factor: Term, weak: bool, budget: Budget) -> Rel | None:
    """A fact about the sign of a factor: one that is known, or the likely one, proved."""
    for op in (">", "<", ">=", "<=") if weak else (">", "<"):
        rel = normal_formula(Rel(op, factor, ZERO))
        if isinstance(rel, Rel) and draft.context.knows(rel):
            draft.force(rel, {"rule": "given"})
            return rel
    guess = guess_sign(draft.context, factor)
    for up in (True, False):
        if guess in (1, -1) and (guess == 1) != up:
            continue
        strict, wide = (
            (Rel(">", factor, ZERO), Rel(">=", factor, ZERO))
            if up
            else (
                Rel("<", factor, ZERO),
                Rel("<=", factor, ZERO),
            )
        )
        rel = normal_formula(wide if weak else strict)
        proof = quick(draft.context, rel, budget.share(0.8))
        if proof is not None and isinstance(rel, Rel):
            draft.force(rel, dict(proof))
            return rel
    return None


def _product_certificate(
    draft: Draft, goal: Rel, facts: list[Rel], squares: list[str], lead: Fraction
) -> Proof:
    """The negated goal and the product of the factors add up to zero."""
    negated = draft.negated(goal)
    numbers = [draft.number(rel) for rel in facts]
    return {
        "rule": "refute",
        "products": [["1", [negated], []], [str(lead), numbers, squares]],
        "equations": [],
    }
