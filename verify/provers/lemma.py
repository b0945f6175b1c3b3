"""Statements with definitions: unfold, bound sums term by term, take powers apart, then search."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from dataclasses import replace as replace_fields

from verify.kernel.check import unfolded
from verify.kernel.context import Context
from verify.kernel.poly import Refused, Ring, canonical, sign_form
from verify.kernel.sums import Family, contains_sum, in_range, unfold
from verify.language.codec import encode_term
from verify.language.term import (
    FLIPPED,
    ONE,
    ZERO,
    Add,
    And,
    Call,
    Delta,
    Div,
    Entry,
    Formula,
    Mul,
    Neg,
    Num,
    Pow,
    Rel,
    RelOp,
    Sum,
    Sym,
    Term,
    children,
    conditions,
    conj,
    contains,
    disj,
    free_names,
    map_terms,
    nnf,
    node_count,
    num,
    relations,
    replace,
    subterms,
)
from verify.provers.atoms_known import atom_facts
from verify.provers.budget import Budget, OutOfTime
from verify.provers.direct import direct, focused, quick, within
from verify.provers.draft import Draft, Proof
from verify.provers.linear import farkas, pairs
from verify.provers.logarithms import by_logarithms
from verify.provers.orders import ordered_powers, quotients_apart
from verify.provers.powers import expanded
from verify.provers.premises import about, generalised
from verify.provers.quotients import by_denominator
from verify.provers.shorten import shortened


@dataclass(frozen=True, slots=True)
class Lemma:
    """A proof together with the scalar statement that it came down to."""

    proof: Proof
    closed_form: Formula


@dataclass(frozen=True, slots=True)
class Assist:
    """Intermediate claims that may help, such as the steps of the printed proof.

    A claim about a generic index is used at every index that a proof introduces; ``sums`` may bound
    sums whose summands are not defined everywhere. A brief search leaves out the general one.
    ``memory`` holds the proofs of claims, and from which facts.
    """

    claims: tuple[Formula, ...] = ()
    index: str | None = None
    brief: bool = False
    sums: tuple[Formula, ...] = ()
    memory: dict[Formula, list[tuple[Context, Proof]]] = field(default_factory=dict)


NO_HELP = Assist()

SHORT = 25
"""Facts with more nodes than this are long; the goal names their atoms, if it needs them."""


def prove_goal(
    context: Context, goal: Formula, budget: Budget, assist: Assist = NO_HELP
) -> Lemma | None:
    """A certificate for ``goal``, checked by the kernel, or None."""
    goal = nnf(goal)
    draft = Draft(context)
    _make_room(draft)
    try:
        found = _prove(draft.context, goal, budget, assist)
        if found is not None:
            proof = shortened(context, goal, draft.close(found.proof))
            found = Lemma(proof, found.closed_form)
    except (OutOfTime, Refused, RecursionError):
        return None
    return found


def _make_room(draft: Draft) -> None:
    """What the sizes of ranges are at least, since two indices differ."""
    theory = draft.context.theory
    for pair in theory.distinct:
        for size in dict.fromkeys(theory.ranges.values()):
            if all(in_range(index, size, theory) for index in pair):
                indices = [encode_term(index) for index in pair]
                room = {"rule": "room", "indices": indices, "size": encode_term(size)}
                draft.have(Rel(">=", size, num(len(pair))), room)


def prove_part(
    context: Context,
    goal: Formula,
    budget: Budget,
    assist: Assist = NO_HELP,
    brief: bool = False,
) -> Proof | None:
    """The proof alone, not checked yet: for premises inside a larger certificate."""
    try:
        found = _prove(context, nnf(goal), budget, replace_fields(assist, brief=brief))
    except (OutOfTime, Refused, RecursionError):
        return None
    return None if found is None else found.proof


def closed_form(context: Context, goal: Formula, budget: Budget) -> Formula:
    """The goal with definitions unfolded and powers taken apart.

    Raises:
        Refused: a definition cannot be unfolded.
    """
    return expanded(context, unfolded(goal, context.theory), budget)[0]


def _prove(context: Context, goal: Formula, budget: Budget, assist: Assist) -> Lemma | None:
    if isinstance(goal, And):
        return _conjunction(context, goal.args, budget, assist)
    budget.check()
    scalar = unfolded(goal, context.theory)
    if isinstance(scalar, And):
        found = _conjunction(context, scalar.args, budget, assist)
    else:
        found = _prove_scalar(context, scalar, budget, assist)
    if found is None or scalar == goal:
        return found
    return Lemma({"rule": "unfold", "then": found.proof}, found.closed_form)


def _conjunction(
    context: Context, parts: Sequence[Formula], budget: Budget, assist: Assist
) -> Lemma | None:
    proofs = []
    forms: list[Formula] = []
    for part in parts:
        found = _prove(context, part, budget, assist)
        if found is None:
            return None
        proofs.append(found.proof)
        forms.append(found.closed_form)
        context = context.having(part)
    return Lemma({"rule": "all", "parts": proofs}, conj(*forms))


def _prove_scalar(context: Context, goal: Formula, budget: Budget, assist: Assist) -> Lemma | None:
    if isinstance(goal, Rel) and context.knows(goal):
        return Lemma({"rule": "given"}, goal)
    if isinstance(goal, Rel) and _is_said(context, goal):
        # A fact says so, once both sides are known to be defined.
        said = quick(context, goal, budget.share(0.3))
        if said is not None:
            return Lemma(said, goal)
    sums = _opaque_sums(goal)
    apart = _apart(goal)
    if apart is not None:
        return _together(context, goal, apart, budget, assist)
    others = tuple(
        claim
        for claim in assist.claims
        if _unfolded(context, claim) != goal and _concerns(context, claim, goal)
    )
    assist = replace_fields(assist, claims=others)
    few = _about_the_sums(context, goal, assist) if sums and others else context.facts
    if len(few) < len(context.facts):
        lemmas: list[Lemma | None] = []

        def prove(local: Context, part: Formula) -> Proof | None:
            lemmas.append(_prove_scalar(local, part, budget, assist))
            return None if lemmas[-1] is None else lemmas[-1].proof

        proof = focused(context, goal, few, prove)
        last = lemmas[-1] if lemmas else None
        return None if proof is None or last is None else Lemma(proof, last.closed_form)
    outer = Draft(context)
    for total in sums:
        _bounded_sum(outer, total, goal, budget.share(0.5), assist)
    if isinstance(goal, Rel):
        if isinstance(goal.left, Sum) and _opaque_sums(goal):
            # What does not depend on the index is the same for every term.
            for claim in assist.claims:
                if assist.index not in free_names(claim):
                    _try_assist(outer, claim, sums, budget, assist)
        bound = _sum_bound(outer.context, goal, budget, assist)
        if bound is not None:
            return Lemma(outer.close(bound), goal)
    draft = Draft(outer.context)
    families = _families(draft, goal)
    found = None
    if assist.claims and not _is_square(goal):
        # Most steps of a proof need none of the others.
        brief = replace_fields(assist, brief=True)
        found = _with_named_sums(draft.context, goal, sums, budget.share(0.1), brief)
    if found is None:
        for claim in assist.claims:
            _try_assist(draft, claim, sums, budget, assist)
        square = _by_square(draft.context, goal, budget)
        if square is not None:
            found = Lemma(square, goal)
        else:
            found = _with_named_sums(draft.context, goal, sums, budget, assist)
    if found is None:
        return None
    proof = outer.close(within_families(draft.close(found.proof), families))
    return Lemma(proof, found.closed_form)


def _concerns(context: Context, claim: Formula, goal: Formula) -> bool:
    """Whether a claim speaks of a real variable of the goal, or of none at all."""
    used = free_names(claim) - context.integers
    return not used or bool(used & free_names(goal))


def _is_said(context: Context, goal: Rel) -> bool:
    try:
        wanted = sign_form(goal).polynomial
        return any(sign_form(fact).polynomial == wanted for fact in context.facts)
    except Refused:
        return False


def _about_the_sums(context: Context, goal: Formula, assist: Assist) -> tuple[Rel, ...]:
    """The facts without those that speak of other variables than the goal, the hypotheses about all
    indices and the claims that may help: products of these would keep the search busy."""
    theory = context.theory
    names = free_names(goal).union(
        theory.ranges,
        *(free_names(item.formula) for item in theory.families),
        *(free_names(claim) for claim in assist.claims),
    )
    for fact in context.facts:
        if fact.op == "==" and free_names(fact) & names:
            names |= free_names(fact)
    return tuple(fact for fact in context.facts if free_names(fact) <= names)


def _apart(goal: Formula) -> tuple[Rel, ...] | None:
    """A goal about an opaque sum as bounds of the sum alone, which follow term by term: other
    summands on its side moved to the right, an equation as two inequalities."""
    if not isinstance(goal, Rel) or goal.op not in ("<=", ">=", "=="):
        return None
    parts = goal.left.args if isinstance(goal.left, Add) else (goal.left,)
    sums = [part for part in parts if isinstance(part, Sum)]
    if len(sums) != 1 or sums[0] not in _opaque_sums(goal) or contains_sum(goal.right):
        return None
    if goal.op != "==" and len(parts) == 1:
        return None
    rest = [Neg(part) for part in parts if part != sums[0]]
    right = Add((goal.right, *rest)) if rest else goal.right
    ops: tuple[RelOp, ...] = ("<=", ">=") if goal.op == "==" else (goal.op,)
    return tuple(Rel(op, sums[0], right) for op in ops)


def _together(
    context: Context, goal: Formula, apart: tuple[Rel, ...], budget: Budget, assist: Assist
) -> Lemma | None:
    draft = Draft(context)
    for rel in apart:
        found = _prove_scalar(draft.context, rel, budget, assist)
        if found is None:
            return None
        draft.force(rel, found.proof)
    assert isinstance(goal, Rel)
    summands = goal.left.args if isinstance(goal.left, Add) else ()
    others = [part.arg if isinstance(part, Neg) else part for part in summands]
    named = [*(part for part in others if not isinstance(part, Sum)), apart[0].left]
    proof = generalised(draft.context, goal, named, pairs, budget)
    return None if proof is None else Lemma(draft.close(proof), goal)


def _with_named_sums(
    context: Context, goal: Formula, sums: list[Term], budget: Budget, assist: Assist
) -> Lemma | None:
    """The goal for any values of the sums, from the bounds among the facts."""
    names = [(t, f"s__{i}") for i, t in enumerate(sums) if context.mentions(t)]
    for term, fresh in names:
        table: dict[Term, Term] = {term: Sym(fresh)}
        context = context.replacing(table, context.integers)
        goal = map_terms(goal, lambda side, t=table: replace(side, t))  # type: ignore[misc]
    try:
        found = _prove_plain(context, goal, budget, assist)
    except OutOfTime:
        if assist.brief:
            return None
        raise
    if found is None:
        return None
    proof, simple = found.proof, found.closed_form
    for term, fresh in reversed(names):
        proof = {"rule": "generalise", "term": encode_term(term), "fresh": fresh, "then": proof}
        back: dict[Term, Term] = {Sym(fresh): term}
        simple = map_terms(simple, lambda side, t=back: replace(side, t))  # type: ignore[misc]
    return Lemma(proof, simple)


def within_families(proof: Proof, families: list[tuple[int, Term]]) -> Proof:
    """A proof that may use hypotheses about all indices, by their numbers, at some of these."""
    for number, index in reversed(families):
        proof = {"rule": "family", "family": number, "index": encode_term(index), "then": proof}
    return proof


def _is_square(goal: Formula) -> bool:
    return (
        isinstance(goal, Rel)
        and goal.op == "<="
        and isinstance(goal.left, Pow)
        and goal.left.exp == num(2)
    )


def _by_square(context: Context, goal: Formula, budget: Budget) -> Proof | None:
    """``t^2 <= r`` from a known ``t <= b``: ``t >= 0`` and ``b^2 <= r``."""
    if not isinstance(goal, Rel) or not isinstance(goal.left, Pow) or not _is_square(goal):
        return None
    left = goal.left
    for fact in context.facts:
        if fact.op not in ("<=", "==") or fact.left != left.base or fact.right == left.base:
            continue
        most = Pow(fact.right, num(2))
        squared, enough = Rel("<=", left, most), Rel("<=", most, goal.right)
        positive = Rel(">=", left.base, ZERO)
        draft = Draft(context)
        for step in (positive, enough):
            proof = prove_part(draft.context, step, budget.share(0.6))
            if proof is None:
                break
            draft.force(step, proof)
        else:
            terms = [left.base, fact.right]
            proof = generalised(draft.context, squared, terms, pairs, budget)
            if proof is None:
                continue
            draft.force(squared, proof)
            last = generalised(draft.context, goal, [most, left, goal.right], farkas, budget)
            if last is not None:
                return draft.close(last)
    return None


def _prove_plain(context: Context, goal: Formula, budget: Budget, assist: Assist) -> Lemma | None:
    """Without sums over what is undefined somewhere: powers apart, facts on atoms, the search."""
    table = _known_entries(context)
    used = [e for e in table if any(e in _nodes(rel) for rel in relations(goal))]
    if used:
        found = _prove_plain(context, _replaced(goal, table), budget, assist)
        if found is None:
            return None
        proof = found.proof
        for entry in used:
            proof = {
                "rule": "rewrite",
                "term": encode_term(entry),
                "by": encode_term(table[entry]),
                "proof": {"rule": "given"},
                "then": proof,
            }
        return Lemma(proof, found.closed_form)
    deltas = _deltas(goal)
    if deltas:
        # Powers come apart in each case; with an index undecided in the base they do not.
        cases = _by_values(context, goal, deltas, budget, assist)
        return None if cases is None else Lemma(cases, goal)
    simple, steps = expanded(context, goal, budget.share(0.5))
    inner = Draft(context)
    if any(isinstance(n, Call | Pow) for rel in relations(simple) for n in _nodes(rel)):
        short = [f for f in inner.context.facts if sum(1 for _ in _nodes(f)) <= SHORT]
        atom_facts(inner, (simple, *short), budget.share(0.4))
        # What is left out where the time is short may not be needed.
        with contextlib.suppress(OutOfTime):
            quotients_apart(inner, budget.share(0.2))
            ordered_powers(inner, (simple,), budget.share(0.2))
    core = _core(inner.context, simple, budget, assist.brief)
    if core is None:
        return None
    proof = inner.close(core)
    for old, new, equation in reversed(steps):
        proof = {
            "rule": "rewrite",
            "term": encode_term(old),
            "by": encode_term(new),
            "proof": equation,
            "then": proof,
        }
    return Lemma(proof, simple)


def _known_entries(context: Context) -> dict[Term, Term]:
    """The entries of arrays that a fact says are a parameter or a number."""
    return {
        fact.left: fact.right
        for fact in context.facts
        if fact.op == "==" and isinstance(fact.left, Entry) and isinstance(fact.right, Sym | Num)
    }


def _replaced(formula: Formula, table: dict[Term, Term]) -> Formula:
    return map_terms(formula, lambda side: replace(side, table))


def _opaque_sums(goal: Formula) -> list[Term]:
    """Closed sums whose summands need a condition at every index: they are bounded, then named."""
    found: dict[Term, None] = {}
    for rel in relations(goal):
        for side in (rel.left, rel.right):
            for node in subterms(side):
                if isinstance(node, Sum) and conditions(node.body) and not _captured(node, side):
                    found[node] = None
    return list(found)


def _captured(total: Sum, side: Term) -> bool:
    """Whether a sum depends on the index of a sum around it."""
    names = free_names(total)
    return any(
        isinstance(node, Sum) and node.var in names and total in subterms(node.body)
        for node in subterms(side)
    )


def _bounded_sum(draft: Draft, total: Term, goal: Formula, budget: Budget, assist: Assist) -> None:
    """Add a bound of a sum from the claims that may help, other than the goal: what is bounded is
    defined."""
    if draft.context.mentions(total):
        return
    for claim in assist.sums:
        scalar = _unfolded(draft.context, claim)
        if not isinstance(scalar, Rel) or scalar.left != total or scalar.op not in (">=", "<="):
            continue
        if scalar == goal:
            continue
        if _opaque_sums(Rel("==", scalar.right, ZERO)):
            continue
        proof = _sum_bound(draft.context, scalar, budget, NO_HELP)
        if proof is not None:
            draft.force(scalar, proof)
            _positive_sum(draft, scalar, budget.share(0.2))


def _positive_sum(draft: Draft, bound: Rel, budget: Budget) -> None:
    """Add that a sum is positive where its lower bound is."""
    positive = Rel(">", bound.left, ZERO)
    if bound.op != ">=" or draft.context.knows(positive):
        return
    below = Rel(">", bound.right, ZERO)
    proof = prove_part(draft.context, below, budget, brief=True)
    if proof is None:
        return
    draft.have(below, proof)
    last = generalised(draft.context, positive, [bound.left, bound.right], farkas, budget)
    if last is not None:
        draft.have(positive, last)


def _by_values(
    context: Context, goal: Formula, deltas: Sequence[Delta], budget: Budget, assist: Assist
) -> Proof | None:
    """Each delta is 0 or 1: one proof for each combination of values."""
    budget.check()
    if not deltas:
        found = _prove_plain(context, goal, budget, assist)
        return None if found is None else found.proof
    delta = deltas[0]
    branches = []
    for value in (ZERO, ONE):
        table: dict[Term, Term] = {delta: value}
        inner = context.having(Rel("==", delta, value))
        plain = map_terms(goal, lambda side, t=table: replace(side, t))  # type: ignore[misc]
        proof = _by_values(inner, plain, deltas[1:], budget, assist)
        if proof is None:
            return None
        branches.append(
            {
                "rule": "rewrite",
                "term": encode_term(delta),
                "by": encode_term(value),
                "proof": {"rule": "given"},
                "then": proof,
            }
        )
    values = disj(Rel("==", delta, ZERO), Rel("==", delta, ONE))
    outer = Draft(context)
    outer.instance("delta_values", delta.left, delta.right, fact=values)
    number = len(outer.context.choices) - 1
    return outer.close({"rule": "cases", "of": number, "branches": branches})


def _core(context: Context, goal: Formula, budget: Budget, brief: bool) -> Proof | None:
    """A scalar goal: quick attempts, then logarithms, then the general search."""
    core = by_denominator(context, goal, budget.share(0.4))
    if core is None:
        # The facts about the goal's own variables are few, and often enough.
        core = about(context, goal, quick, budget.share(0.2))
    if core is None:
        core = quick(context, goal, budget.share(0.3))
    if core is None:
        core = _by_logarithms(context, goal, budget.share(0.4))
    if core is not None or brief:
        return core
    return direct(context, goal, budget)


def _by_logarithms(context: Context, goal: Formula, budget: Budget) -> Proof | None:
    try:
        return by_logarithms(context, goal, budget)
    except OutOfTime:
        return None


def _families(draft: Draft, goal: Formula) -> list[tuple[int, Term]]:
    """Hypotheses about all indices, at the indices of the goal's entries."""
    theory = draft.context.theory
    found = []
    for number, family in enumerate(theory.families):
        for index in _indices_of(goal, family):
            if not in_range(index, family.size, theory) or any(
                unfold(Delta(index, e), theory) != ZERO for e in family.exceptions
            ):
                continue
            table: dict[Term, Term] = {Sym(family.var): index}
            known = map_terms(family.formula, lambda side, t=table: replace(side, t))  # type: ignore[misc]
            draft.context = draft.context.having(known)
            found.append((number, index))
    return found


def _indices_of(goal: Formula, family: Family) -> list[Term]:
    arrays = {
        node.name
        for rel in relations(family.formula)
        for side in (rel.left, rel.right)
        for node in subterms(side)
        if isinstance(node, Entry)
    }
    found: dict[Term, None] = {}
    for rel in relations(goal):
        for side in (rel.left, rel.right):
            for node in _outside(side):
                if isinstance(node, Entry) and node.name in arrays and node.indices:
                    found[node.indices[0]] = None
    return list(found)


def _outside(term: Term) -> list[Term]:
    """Subterms that are not inside a sum."""
    inside = {
        inner for node in subterms(term) if isinstance(node, Sum) for inner in subterms(node.body)
    }
    return [node for node in subterms(term) if node not in inside]


def _try_assist(
    draft: Draft, claim: Formula, sums: Sequence[Term], budget: Budget, assist: Assist
) -> None:
    """Add an intermediate claim where it can be proved; of those about a sum, one in the goal."""
    scalar = _unfolded(draft.context, claim)
    if scalar is None or scalar in draft.context.facts:
        return
    if isinstance(scalar, Rel) and draft.context.knows(scalar):
        return
    if isinstance(scalar, Rel) and scalar.left == scalar.right:
        return
    if isinstance(scalar, Rel) and isinstance(scalar.left, Sum) and scalar.left not in sums:
        return
    known = assist.memory.setdefault(scalar, [])
    for context, proof in known:
        if context.theory is not draft.context.theory or context.choices:
            continue
        if set(context.facts) <= set(draft.context.facts):
            keep = [draft.context.facts.index(fact) for fact in context.facts]
            draft.have(scalar, {"rule": "focus", "keep": keep, "then": proof})
            return
    found = prove_part(draft.context, scalar, budget.share(0.2))
    if found is not None:
        known.append((draft.context, found))
        draft.have(scalar, found)


def _unfolded(context: Context, claim: Formula) -> Formula | None:
    """A claim with definitions unfolded, where that is possible."""
    try:
        return unfolded(claim, context.theory) if context.theory.definitions else claim
    except Refused:
        return None


def _nodes(rel: Rel) -> Iterator[Term]:
    yield from subterms(rel.left)
    yield from subterms(rel.right)


def _deltas(formula: Formula) -> list[Delta]:
    """Comparisons of indices that have one value in the formula: of no index that a sum binds."""
    found: dict[Delta, None] = {}
    for rel in relations(formula):
        for side in (rel.left, rel.right):
            found |= dict.fromkeys(_free_deltas(side, frozenset()))
    return list(found)


def _free_deltas(term: Term, bound: frozenset[str]) -> Iterator[Delta]:
    if not contains(term, Delta):
        return
    if isinstance(term, Delta) and not free_names(term) & bound:
        yield term
    if isinstance(term, Sum):
        yield from _free_deltas(term.size, bound)
        yield from _free_deltas(term.body, bound | {term.var})
        return
    for child in children(term):
        yield from _free_deltas(child, bound)


def _sum_bound(context: Context, goal: Rel, budget: Budget, assist: Assist) -> Proof | None:
    """A sum on the left of an inequality, bounded term by term."""
    if isinstance(goal.right, Sum) and not isinstance(goal.left, Sum):
        # The rule has the sum on the left; the other way round it is the same fact.
        turned = Rel(FLIPPED[goal.op], goal.right, goal.left)
        proof = _sum_bound(context, turned, budget, assist)
        if proof is None:
            return None
        draft = Draft(context)
        draft.have(turned, proof)
        return draft.close({"rule": "given"})
    if not isinstance(goal.left, Sum) or goal.op not in (">=", "<="):
        return None
    total = goal.left
    theory = context.theory
    exceptions = [e for family in theory.families for e in family.exceptions]
    exceptions = list(dict.fromkeys(exceptions))
    at: list[Term] = [replace(total.body, {Sym(total.var): e}) for e in exceptions]
    count = Add((total.size, num(-len(exceptions)))) if exceptions else total.size
    known = _known_entries(context)
    right, special = replace(goal.right, known), [replace(term, known) for term in at]
    bounds = [_per_term(right, special, count)]
    if exceptions:
        # The same bound for every term, those at the exceptions too; and a little less than needed.
        bounds.append(_per_term(right, [], total.size))
        bounds.append(_per_term(right, special, total.size))
    index = _fresh(context, goal, theory.ranges)
    inner = theory.with_index(index, total.size, exceptions)
    local = Context((), (), context.integers, inner).having(*context.formulas)
    table: dict[Term, Term] = {Sym(total.var): Sym(index)}
    counted = Add((total.size, num(-len(exceptions))))
    for bound in sorted(dict.fromkeys(b for b in bounds if b is not None), key=node_count):
        claim = Rel(goal.op, replace(total.body, table), bound)
        each = prove_part(local, claim, budget.share(0.6), _moved(assist, index))
        if each is None:
            continue
        whole = Rel(goal.op, Add((Mul((counted, bound)), *at)), goal.right)
        sum_total = _total(context, whole, at, bound, budget.share(0.8), assist)
        if sum_total is not None:
            return {
                "rule": "sum",
                "bound": encode_term(bound),
                "exceptions": [encode_term(e) for e in exceptions],
                "index": index,
                "each": each,
                "total": sum_total,
            }
    return None


def _total(
    context: Context, whole: Rel, at: list[Term], bound: Term, budget: Budget, assist: Assist
) -> Proof | None:
    """What the terms add up to, by the bound at the exceptions where these contain sums."""
    if not any(_opaque_sums(Rel("==", term, ZERO)) for term in at):
        return prove_part(context, whole, budget)
    draft = Draft(context)
    for term in at:
        # Only what a fact mentions is known to be defined, and can be named.
        itself = Rel("==", term, term)
        found = prove_part(draft.context, itself, budget.share(0.3))
        if found is None:
            return None
        draft.force(itself, found)
    named = [*at, *(total for total in _opaque_sums(whole) if context.mentions(total))]
    plain = generalised(draft.context, whole, named, quick, budget.share(0.3))
    if plain is not None:
        return draft.close(plain)
    # A claim about the generic index says nothing about the exceptions.
    others = tuple(c for c in assist.claims if assist.index not in free_names(c))
    for term in at:
        single = Rel(whole.op, term, bound)
        helped = replace_fields(assist, claims=others)
        found = prove_part(draft.context, single, budget.share(0.7), helped)
        if found is None:
            return None
        draft.force(single, found)
    last = generalised(draft.context, whole, at, within, budget.share(0.8))
    return None if last is None else draft.close(last)


def _moved(assist: Assist, index: str) -> Assist:
    if assist.index is None:
        return assist
    table: dict[Term, Term] = {Sym(assist.index): Sym(index)}
    moved = tuple(map_terms(claim, lambda side: replace(side, table)) for claim in assist.claims)
    return replace_fields(assist, claims=moved, index=index)


def _per_term(right: Term, at: list[Term], count: Term) -> Term | None:
    """What each remaining term must be bounded by: ``(right - sum at) / count``."""
    rest = _without(right, at)
    parts = rest.args if isinstance(rest, Mul) else (rest,)
    wanted = canonical(count)
    for position, part in enumerate(parts):
        if canonical(part) == wanted:
            others = parts[:position] + parts[position + 1 :]
            return others[0] if len(others) == 1 else (Mul(tuple(others)) if others else ONE)
    if canonical(rest) == canonical(ZERO):
        return ZERO
    quotient = Div(rest, count)
    ring = Ring((quotient,))
    top, bottom = ring.fraction(quotient)
    try:
        below = ring.term(bottom)
        above = ring.term(top)
    except Refused:
        return quotient
    return above if below == ONE else Div(above, below)


def _without(right: Term, at: list[Term]) -> Term:
    """``right`` without the given summands, where it is a sum that contains them."""
    if not at or not isinstance(right, Add):
        return Add((right, *(Neg(part) for part in at))) if at else right
    wanted = [canonical(part) for part in at]
    kept = []
    for part in right.args:
        if canonical(part) in wanted:
            wanted.remove(canonical(part))
        else:
            kept.append(part)
    if wanted:
        return Add((right, *(Neg(part) for part in at)))
    return kept[0] if len(kept) == 1 else Add(tuple(kept))


def _fresh(context: Context, goal: Formula, taken: Iterable[str]) -> str:
    used = context.names | free_names(goal) | context.integers | set(taken)
    number = 1
    while f"i_{number}" in used:
        number += 1
    return f"i_{number}"
