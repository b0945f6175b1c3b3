"""The premise of Hoeffding's inequality, part by part, each from the few facts that it needs.

With ``|w_i| <= B_i``: the squares sum to at most ``sum count_i B_i^2 <= V``; the signs taken out
and the radius together stay below the threshold; and ``2 exp(-r^2 / (2 V))`` is compared with the
bound by logarithms.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from verify.kernel.chance import SignEvent, Weight
from verify.kernel.context import Context
from verify.kernel.poly import Refused, Ring
from verify.language.codec import encode_term
from verify.language.term import (
    ONE,
    ZERO,
    Add,
    And,
    Call,
    Div,
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
    num,
    relations,
    replace,
    subterms,
)
from verify.provers.budget import Budget
from verify.provers.direct import focused, quick
from verify.provers.draft import Draft, Proof
from verify.provers.linear import farkas, pairs, triples
from verify.provers.logarithms import by_logarithms

Prover = Callable[[Context, Formula, Budget], Mapping[str, Any] | None]


def exponent(radius: Term, variance: Term) -> Term:
    """``r^2 / (2 V)``, simplified."""
    whole = Div(_squared(radius), Mul((num(2), variance)))
    try:
        ring = Ring((whole,))
        top, bottom = ring.fraction(whole)
        if bottom.is_constant():
            return ring.term(top / bottom.leading_coefficient())
    except Refused:
        pass
    return whole


def _squared(term: Term) -> Term:
    """The square, with square roots taken away and exponents doubled."""
    match term:
        case Mul(args=args):
            return Mul(tuple(_squared(arg) for arg in args))
        case Div(num=top, den=bottom):
            return Div(_squared(top), _squared(bottom))
        case Call(name="sqrt", args=(arg,)):
            return arg
        case Pow(base=base, exp=exponent) if not isinstance(exponent, Num):
            return Pow(base, Mul((num(2), exponent)))
        case _:
            return Pow(term, num(2))


class Premise:
    """The search for one premise; ``upper`` bounds the weights by what does not mention them.

    ``plausible`` tells at once that a formula fails, roughly, at a known point; where the weights
    are a family, ``general`` proves what speaks of them and of powers, with or without help.
    """

    def __init__(
        self,
        context: Context,
        event: SignEvent,
        chosen: Sequence[int],
        radius: Term,
        variance: Term,
        upper: Mapping[Term, Term],
        plausible: Callable[[Formula], bool],
        budget: Budget,
        general: Callable[[Context, Formula, bool], Proof | None] | None = None,
    ) -> None:
        self.draft = Draft(context)
        self.fixed = [event.weights[i] for i in chosen]
        self.rest = [w for i, w in enumerate(event.weights) if i not in chosen]
        self.threshold = event.threshold
        self.radius = radius
        self.variance = variance
        self.upper = upper
        self.plausible = plausible
        self.general = general
        self.budget = budget

    def prove(self, goal: Formula) -> Proof | None:
        """The proof of the whole premise, in the order in which the rule asks for its parts."""
        if not isinstance(goal, And):
            return None
        signs, (squares, room, failure), counts = goal.args[:2], goal.args[2:5], goal.args[5:]
        proofs: list[Proof] = []
        context = self.draft.context
        for part, prover in (
            *((sign, self._plain) for sign in signs),
            (squares, self._squares),
            (room, self._room),
            (failure, self._failure),
            *((count, self._plain) for count in counts),
        ):
            proof = prover(context, part)
            if proof is None:
                return None
            proofs.append(proof)
            context = context.having(part)
        return {"rule": "all", "parts": proofs}

    def _plain(self, context: Context, goal: Formula) -> Proof | None:
        """A part about the parameters alone: facts about the weights do not matter."""
        if self.general is not None:
            return self.general(context, goal, False)
        return without(context, goal, self.upper, self.budget)

    def _squares(self, context: Context, goal: Formula) -> Proof | None:
        if self.general is not None:
            # That the radius and the variance are positive is of no use here, and long.
            general, base = self.general, self.draft.context.facts
            return focused(context, goal, base, lambda c, g: general(c, g, True))
        draft = Draft(context)
        terms: list[Term] = []
        steps: list[Rel] = []
        for weight in self.rest:
            bound = self.upper.get(weight.weight)
            square = Pow(weight.weight, num(2))
            if bound is None:
                terms.append(Mul((weight.count, square)))
                continue
            most = Pow(bound, num(2))
            smaller = Rel("<=", square, most)
            if not self._squared(draft, weight, bound):
                return None
            if weight.count != ONE:
                enough = Rel(">=", weight.count, ZERO)
                if not self._have_plain(draft, enough):
                    return None
                smaller = Rel("<=", Mul((weight.count, square)), Mul((weight.count, most)))
                known = [enough, Rel("<=", square, most)]
                if not _have(draft, smaller, known, pairs, self.budget):
                    return None
            steps.append(smaller)
            terms.append(Mul((weight.count, most)))
        total = Rel("<=", Add((ZERO, *terms)), self.variance)
        if not self.plausible(total) or not self._have_plain(draft, total):
            return None
        return _closed(draft, goal, [*steps, total], farkas, self.budget)

    def _squared(self, draft: Draft, weight: Weight, bound: Term) -> bool:
        """``w^2 <= B^2`` from ``0 <= w <= B``: the product of ``B - w`` and ``B + w``."""
        above = Rel(">=", Add((bound, Neg(weight.weight))), ZERO)
        total = Rel(">=", Add((bound, weight.weight)), ZERO)
        square = Rel("<=", Pow(weight.weight, num(2)), Pow(bound, num(2)))
        near = self._about(draft, weight)
        return (
            _have(draft, above, near, farkas, self.budget)
            and _have(draft, total, near, triples, self.budget)
            and _have(draft, square, [above, total], pairs, self.budget)
        )

    def _room(self, context: Context, goal: Formula) -> Proof | None:
        if self.general is not None:
            return self.general(context, goal, False)
        draft = Draft(context)
        steps: list[Rel] = []
        bounds: list[Term] = []
        for weight in self.fixed:
            size = Call("abs", (weight.weight,))
            bound = self.upper.get(weight.weight)
            if bound is None:
                bounds.append(size)
                continue
            plain = Rel("==", size, weight.weight)
            draft.instance("abs_nonnegative", weight.weight, fact=plain)
            steps += [plain, *self._about(draft, weight)]
            bounds.append(bound)
        total = Rel("<=", Add((*bounds, self.radius)), self.threshold)
        if not self.plausible(total):
            return None
        # It follows from the hypothesis that makes room for the radius, or not at all.
        if not _have(draft, total, without_names(draft.context, self.upper), farkas, self.budget):
            return None
        return _closed(draft, goal, [*steps, total], farkas, self.budget)

    def _failure(self, context: Context, goal: Formula) -> Proof | None:
        simple = exponent(self.radius, self.variance)
        whole = Div(Pow(self.radius, num(2)), Mul((num(2), self.variance)))
        equal = self._plain(context, Rel("==", whole, simple))
        if equal is None:
            return None
        table: dict[Term, Term] = {whole: simple}
        changed = map_terms(goal, lambda side: replace(side, table))
        last = about(context, changed, by_logarithms, self.budget)
        if last is None:
            return None
        return {
            "rule": "rewrite",
            "term": encode_term(whole),
            "by": encode_term(simple),
            "proof": equal,
            "then": last,
        }

    def _have_plain(self, draft: Draft, fact: Rel) -> bool:
        known = draft.context.knows(fact)
        proof = {"rule": "given"} if known else self._plain(draft.context, fact)
        if proof is None:
            return False
        draft.force(fact, proof)
        return True

    def _about(self, draft: Draft, weight: Weight) -> list[Rel]:
        """The facts about one weight."""
        names = free_names(weight.weight)
        return [
            fact
            for fact in draft.context.facts
            if names & (free_names(fact.left) | free_names(fact.right))
            and weight.weight in (fact.left, fact.right)
        ]


def union_premise(context: Context, goal: Formula, columns: Term, budget: Budget) -> Proof | None:
    """``columns >= 0``, ``kinds * columns * q <= 1 - bound`` and ``q >= 0``, the second from an
    upper bound of the number of columns among the facts."""
    if not isinstance(goal, And):
        return None
    parts: list[Proof] = []
    for part in goal.args:
        if isinstance(part, Rel) and isinstance(part.left, Mul) and columns in part.left.args:
            proof = _few_columns(context, part, columns, budget.share(0.6))
        else:
            proof = _with_exponentials(context, part, budget.share(0.3))
        if proof is None:
            return None
        parts.append(proof)
        context = context.having(part)
    return {"rule": "all", "parts": parts}


def _with_exponentials(context: Context, goal: Formula, budget: Budget) -> Proof | None:
    """A plain part, with the exponentials in it known to be positive."""
    draft = Draft(context)
    _positive_exponentials(draft, goal)
    proof = about(draft.context, goal, quick, budget) or quick(draft.context, goal, budget)
    return None if proof is None else draft.close(proof)


def _positive_exponentials(draft: Draft, goal: Formula) -> list[Call]:
    found = [
        node
        for rel in relations(goal)
        for side in (rel.left, rel.right)
        for node in subterms(side)
        if isinstance(node, Call) and node.name == "exp"
    ]
    for call in found:
        draft.instance("exp_positive", *call.args, fact=Rel(">", call, ZERO))
    return found


def _few_columns(context: Context, goal: Rel, columns: Term, budget: Budget) -> Proof | None:
    assert isinstance(goal.left, Mul)
    others = [factor for factor in goal.left.args if factor != columns]
    for fact in context.facts:
        if fact.op not in ("<=", "<", "==") or fact.left != columns:
            continue
        most, draft = fact.right, Draft(context)
        exps = _positive_exponentials(draft, goal)
        whole = Rel("<=", Mul((most, *others)), goal.right)
        proof = about(draft.context, whole, by_logarithms, budget)
        if proof is None:
            continue
        draft.force(whole, proof)
        last = generalised(draft.context, goal, [goal.right, most, *exps], pairs, budget)
        if last is not None:
            return draft.close(last)
    return None


def generalised(
    context: Context,
    goal: Formula,
    terms: Sequence[Term],
    prove: Prover,
    budget: Budget,
    more: Iterable[str] = (),
) -> Proof | None:
    """Prove a goal for any values of some terms, from the facts in which they occur as they are;
    other variables of these facts are named in ``more``."""
    names: list[tuple[Term, str]] = []
    local = context
    for number, term in enumerate(terms):
        fresh = f"g__{number}"
        table: dict[Term, Term] = {term: Sym(fresh)}
        local = local.replacing(table, local.integers)
        goal = map_terms(goal, lambda side, t=table: replace(side, t))  # type: ignore[misc]
        names.append((term, fresh))
    proof = about(local, goal, prove, budget, [*more, *(fresh for _, fresh in names)])
    for term, fresh in reversed(names):
        if proof is not None:
            proof = {"rule": "generalise", "term": encode_term(term), "fresh": fresh, "then": proof}
    return proof


def without(context: Context, goal: Formula, terms: Iterable[Term], budget: Budget) -> Proof | None:
    """Prove a goal from the facts that do not mention some variables."""
    keep = without_names(context, terms)
    return focused(context, goal, keep, lambda c, g: quick(c, g, budget))


def without_names(context: Context, terms: Iterable[Term]) -> list[Rel]:
    """The facts that do not mention the variables of some terms."""
    names = frozenset().union(*map(free_names, terms))
    return [fact for fact in context.facts if not names & free_names(fact)]


def about(
    context: Context, goal: Formula, prove: Prover, budget: Budget, more: Iterable[str] = ()
) -> Proof | None:
    """Prove a goal from the facts about its variables, and some more variables, alone."""
    names = free_names(goal).union(more)
    keep = [f for f in context.facts if free_names(f.left) | free_names(f.right) <= names]
    return focused(context, goal, keep, lambda c, g: prove(c, g, budget))


def _have(draft: Draft, fact: Rel, keep: list[Rel], prove: Prover, budget: Budget) -> bool:
    if draft.context.knows(fact):
        draft.force(fact, {"rule": "given"})
        return True
    proof = focused(draft.context, fact, keep, lambda c, g: prove(c, g, budget))
    if proof is None:
        return False
    draft.force(fact, proof)
    return True


def _closed(
    draft: Draft, goal: Formula, keep: list[Rel], prove: Prover, budget: Budget
) -> Proof | None:
    proof = focused(draft.context, goal, keep, lambda c, g: prove(c, g, budget))
    return None if proof is None else draft.close(proof)
