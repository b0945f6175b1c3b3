"""Why a claim holds, in one line, read off its certificate.

The certificate itself is what is checked; this is for people, and leaves out what is routine.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from verify.kernel.check import Sequent
from verify.kernel.context import (
    Context,
    read_formula,
    read_relation,
    read_term,
    refutation_context,
)
from verify.kernel.functions import SCHEMAS
from verify.kernel.poly import Refused, Ring, sign_form
from verify.language.render import unicode
from verify.language.term import (
    NEGATED,
    Add,
    And,
    Call,
    Formula,
    Mul,
    Neg,
    Num,
    Pow,
    Rel,
    Sym,
    Term,
    free_names,
    map_terms,
    nnf,
    num,
    replace,
    sub,
)
from verify.provers.system import generator_terms, polynomial_term
from verify.provers.tactic import Proof

MAX_PARTS = 5
MAX_LENGTH = 240


def explain(sequent: Sequent, certificate: Proof) -> str:
    """One line of mathematics, or a short phrase, that says why the sequent holds.

    The certificate should be one that the kernel accepts; of any other the text means nothing.
    """
    try:
        return _explain(sequent.context(), nnf(sequent.conclusion), certificate)
    except (Refused, KeyError, IndexError, TypeError, ValueError):
        return f"by the rule {certificate.get('rule', '?')}"


def _explain(context: Context, goal: Formula, proof: Proof) -> str:
    match proof["rule"]:
        case "given":
            return _given(goal)
        case "fact":
            return SCHEMAS[proof["name"]].why
        case "refute":
            return combination(context, goal, proof)
        case "line":
            return "the roots of polynomials in one unknown, isolated exactly"
        case "boxes":
            return _boxes(proof)
        case "slope":
            return _slope(context, goal, proof)
        case "chord":
            return _chord(context, goal, proof)
        case "integral":
            return "rounding: both sides are integers"
        case "induct":
            return f"induction over {unicode(read_term(proof['var']))}"
        case "enumerate":
            return f"each of the {len(proof['branches'])} values of {proof['var']}"
        case "cut":
            return _chain(context, goal, proof)
        case "split" | "cases":
            return _cases(context, goal, proof)
        case "all" if isinstance(goal, And):
            parts = list(_parts(context, goal, proof))
            return "; ".join(dict.fromkeys(parts))
        case "either":
            part = goal.args[proof["index"]]  # type: ignore[union-attr]
            return f"{unicode(part)}: {_explain(context, part, proof['then'])}"
        case "absurd":
            return "the hypotheses contradict each other"
        case "replace":
            return f"with {proof['var']} = {unicode(read_term(proof['by']))} put in"
        case "substitute":
            return f"with {proof['var']} = {unicode(read_term(proof['as']))}"
        case "rewrite":
            old, new = read_term(proof["term"]), read_term(proof["by"])
            return f"{unicode(old)} = {unicode(new)} here"
        case "zero power":
            return f"{unicode(read_term(proof['base']))} = 0 here"
        case "generalise":
            return _for_any_value(context, goal, proof)
        case "unfold":
            return "by the definitions"
        case "room":
            return "that many indices differ from one another"
        case "focus":
            kept = tuple(context.facts[index] for index in proof["keep"])
            fewer = Context(kept, (), context.integers, context.theory)
            return _explain(fewer, goal, proof["then"])
        case rule:
            return f"by the rule {rule}"


def _for_any_value(context: Context, goal: Formula, proof: Proof) -> str:
    """The proof inside, with the term again where it has the fresh name."""
    term, fresh = read_term(proof["term"]), Sym(proof["fresh"])
    table: dict[Term, Term] = {term: fresh}
    inner = map_terms(goal, lambda side: replace(side, table))
    shown = unicode(term) if isinstance(term, Call) else f"({unicode(term)})"
    said = _explain(context.replacing(table, context.integers), inner, proof["then"])
    return re.sub(rf"\b{re.escape(unicode(fresh))}\b", lambda _: shown, said)


def _parts(context: Context, goal: And, proof: Proof) -> Iterator[str]:
    for part, inner in zip(goal.args, proof["parts"], strict=True):
        yield _explain(context, part, inner)
        context = context.having(part)


def _chain(context: Context, goal: Formula, proof: Proof) -> str:
    """A chain of facts: the one that the last step rests on, if it rests on one alone."""
    steps: dict[int, tuple[Context, Formula, Proof]] = {}
    while proof["rule"] == "cut":
        fact = read_formula(proof["fact"])
        steps[len(context.facts)] = (context, fact, proof["by"])
        context = context.having(fact)
        proof = proof["then"]
    if proof["rule"] == "given" and steps:
        last = max(steps)
        inner, fact, by = steps[last]
        return _explain(inner, fact, by)
    if proof["rule"] == "refute":
        used = {i for _, facts, _ in proof["products"] for i in facts}
        heavy = [i for i in used & set(steps) if not _routine(steps[i][2])]
        if len(proof["products"]) == 2 and len(heavy) == 1:
            inner, fact, by = steps[heavy[0]]
            return f"{unicode(fact)}, since {_explain(inner, fact, by)}"
    return _explain(context, goal, proof)


def _routine(proof: Proof) -> bool:
    """Whether a step needs no explanation of its own: a short combination, or a known fact."""
    if proof["rule"] in ("given", "fact", "integral"):
        return True
    return proof["rule"] == "refute" and all(
        len(facts) <= 1 and not squares for _, facts, squares in proof["products"]
    )


def _cases(context: Context, goal: Formula, proof: Proof) -> str:
    leaves = list(_leaves(context, goal, proof))
    inner, here, first = leaves[0]
    if proof["rule"] == "split":
        on = read_relation(proof["on"])
        head = f"in each of {len(leaves)} cases, beginning with {unicode(on)} or not"
    else:
        head = f"in each of {len(leaves)} cases"
    return f"{head}; in the first, {_explain(inner, here, first)}"


def _leaves(
    context: Context, goal: Formula, proof: Proof
) -> Iterator[tuple[Context, Formula, Proof]]:
    """The proofs of the cases of a case distinction, however deep."""
    if proof["rule"] == "split":
        on = read_relation(proof["on"])
        yield from _leaves(context.having(on), goal, proof["yes"])
        other = Rel(NEGATED[on.op], on.left, on.right)
        yield from _leaves(context.having(other), goal, proof["no"])
    elif proof["rule"] == "cases":
        rest = context.without_choice(proof["of"])
        for case, branch in zip(context.choices[proof["of"]].args, proof["branches"], strict=True):
            yield from _leaves(rest.having(case), goal, branch)
    else:
        yield context, goal, proof


def _given(goal: Formula) -> str:
    if isinstance(goal, Rel) and sign_form(goal).truth:
        return "both sides are the same" if goal.op == "==" else "the two numbers, compared"
    if isinstance(goal, Rel) and not free_names(goal):
        return "the two numbers, enclosed"
    return "a hypothesis, rearranged"


def _boxes(proof: Proof) -> str:
    box = ", ".join(f"{name} in [{low}, {high}]" for name, (low, high) in proof["box"].items())
    count, stack = 0, [proof["tree"]]
    while stack:
        node = stack.pop()
        if isinstance(node, list | tuple) and len(node) == 4:
            stack += [node[2], node[3]]
        else:
            count += 1
    if count == 1:
        return f"by enclosing both sides on the box {box}"
    return f"by splitting the box {box} into {count} pieces"


def _chord(context: Context, goal: Formula, proof: Proof) -> str:
    del context
    assert isinstance(goal, Rel)
    bent = "concave" if goal.op in (">=", ">") else "convex"
    low, high = (unicode(read_term(proof[end])) for end in ("low", "high"))
    var = proof["var"]
    return f"the difference is {bent} in {var}, and the claim holds at {var} = {low} and {high}"


def _slope(context: Context, goal: Formula, proof: Proof) -> str:
    del context
    assert isinstance(goal, Rel)
    upward = (goal.op in (">=", ">")) == (proof["side"] == "right")
    sign = "nonnegative" if upward else "nonpositive"
    start = unicode(read_term(proof["from"]))
    var = proof["var"]
    return f"the derivative in {var} is {sign} and the claim holds at {var} = {start}"


def combination(context: Context, goal: Formula, proof: Proof) -> str:
    """The combination as an identity, solved for the goal where it is used once."""
    inner = refutation_context(context, goal)
    number = len(context.facts)
    with_goal = [p for p in proof["products"] if isinstance(goal, Rel) and number in p[1]]
    rest = [p for p in proof["products"] if p not in with_goal]
    equal = isinstance(goal, Rel) and goal.op == "=="
    if equal and len(rest) == 1 and len(rest[0][1]) == 2 and not rest[0][2]:
        return "both " + " and ".join(unicode(inner.facts[index]) for index in rest[0][1])
    once = len(with_goal) == 1 and with_goal[0][1].count(number) == 1 and not with_goal[0][2]
    if not once or (equal and rest):
        total = len(proof["products"])
        return f"a combination of {_count(total, 'product')} of the facts and the negation"
    parts = [_product(inner, *product) for product in rest]
    for index, multiplier in proof["equations"]:
        # A multiplier stands on the other side of the identity, with its sign as it is.
        factor = _negated(read_term(multiplier)) if equal else read_term(multiplier)
        parts.append(_joined([(_cleared(inner.facts[index]), 1), (factor, 1)]))
    coefficient, facts, _ = with_goal[0]
    others = [index for index in facts if index != number]
    assert isinstance(goal, Rel)
    # The negation of an equation says that the square of the gap is positive.
    gap = _cleared(_upward(goal))
    left = _product(inner, coefficient, others, [], Pow(gap, num(2)) if equal else gap)
    identity = f"{unicode(left)} = " + (" + ".join(_summand(part) for part in parts) or "0")
    if len(parts) <= MAX_PARTS and len(identity) <= MAX_LENGTH:
        return identity
    squares = sum(bool(product[2]) for product in rest)
    plain = len(rest) - squares
    kinds = [
        _count(squares, "square") if squares else "",
        f"{_count(plain, 'product')} of nonnegative quantities" if plain else "",
    ]
    equations = len(proof["equations"])
    if not any(kinds):
        return "a multiple of one equation" if equations == 1 else f"a sum of {equations} equations"
    shown = "a sum of " + " and ".join(kind for kind in kinds if kind)
    return shown + (f", by {_count(equations, 'equation')}" if equations else "")


def _summand(term: Term) -> str:
    """A part of a sum, so that it can be told from the others."""
    return f"({unicode(term)})" if isinstance(term, Add | Neg) else unicode(term)


def _negated(term: Term) -> Term:
    ring = Ring((term,))
    return ring.term(-ring.polynomial(term))


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")


def _product(
    context: Context,
    coefficient: str,
    facts: list[int],
    squares: list[Any],
    first: Term | None = None,
) -> Term:
    powers: dict[Term, int] = {} if first is None else {first: 1}
    for index in facts:
        fact = context.facts[index]
        base, times = (fact, 2) if fact.op == "!=" else (_upward(fact), 1)
        term = _cleared(base)
        powers[term] = powers.get(term, 0) + times
    for square in squares:
        term = read_term(square)
        powers[term] = powers.get(term, 0) + 2
    value = Fraction(coefficient)
    factors = list(powers.items())
    if value != 1 or not factors:
        factors.insert(0, (num(value), 1))
    return _joined(factors)


def _joined(factors: list[tuple[Term, int]]) -> Term:
    terms = [base if power == 1 else Pow(base, num(power)) for base, power in factors]
    return terms[0] if len(terms) == 1 else Mul(tuple(terms))


def _upward(rel: Rel) -> Rel:
    """The relation turned round, where it says that the right side is the larger one."""
    if rel.op in ("<=", "<"):
        return Rel(">=", rel.right, rel.left)
    return rel


def _cleared(rel: Rel) -> Term:
    """``left - right``, times the square of its denominator, as the combination takes it."""
    gap = _difference(rel.left, rel.right)
    ring = Ring((gap,))
    _, bottom = ring.fraction(gap)
    if bottom.is_constant():
        return gap
    below = polynomial_term(bottom, generator_terms(ring))
    return Mul((gap, Pow(below, num(2))))


def _difference(left: Term, right: Term) -> Term:
    if isinstance(right, Num) and right.value == 0:
        return left
    if isinstance(left, Num) and left.value == 0:
        return Neg(right)
    return sub(left, right)
