"""Proofs without the steps that nothing rests on.

A search proves facts before it knows which of them help. Here a proof is followed rule by rule, as
the kernel does it, to see which facts each part uses; what is not used by any is left out, and the
facts are counted anew. The kernel has the last word: a proof that it does not accept after that
stays as it was.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from verify.kernel.check import check_goal, chord_premises, slope_premises, unfolded
from verify.kernel.context import (
    IMPLIED_BY,
    Context,
    linear_bound,
    read_formula,
    read_rational,
    read_relation,
    read_term,
    refutation_context,
)
from verify.kernel.functions import instance
from verify.kernel.poly import Refused, sign_form
from verify.language.term import (
    FALSE,
    NEGATED,
    ZERO,
    Add,
    And,
    Formula,
    Mul,
    Or,
    Pow,
    Rel,
    RelOp,
    Sum,
    Sym,
    Term,
    add,
    conditions,
    free_names,
    map_terms,
    nnf,
    num,
    outside_sums,
    relations,
    replace,
    substitute,
)
from verify.provers.draft import Proof

Build = Callable[[Context], Proof]
"""Writes a part of a proof down for a context in which the facts that it needs have new numbers."""


def shortened(context: Context, goal: Formula, proof: Proof) -> Proof:
    """A proof of ``goal`` that the kernel accepts, without unused steps where that can be done.

    Raises:
        Refused: the kernel accepts neither the shorter proof nor the one given.
    """
    try:
        found = _Follower().part(context, nnf(goal), proof).build(context)
        check_goal(context, goal, found)
    except (Refused, RecursionError, LookupError, ValueError):
        check_goal(context, goal, proof)
        return proof
    return found


@dataclass(frozen=True, slots=True)
class _Part:
    build: Build
    needs: frozenset[Formula]
    """The facts and alternatives of the context that the part rests on."""


@dataclass
class _Follower:
    """Follows a proof down its rules, and remembers the facts of each context by normal form."""

    _tables: dict[int, tuple[Context, dict[str, list[tuple[RelOp, Rel]]]]] = field(
        default_factory=dict
    )

    def part(self, context: Context, goal: Formula, proof: Proof) -> _Part:
        """A part of a proof, and what it needs.

        Raises:
            Refused: the proof is none, or of a rule that is not followed.
        """
        follow = _RULES.get(proof["rule"])
        if follow is None:
            raise Refused(f"the rule {proof['rule']} is not followed")
        return follow(self, context, goal, proof)

    def inside(
        self, context: Context, extra: Sequence[Formula], goal: Formula, proof: Proof
    ) -> tuple[_Part, frozenset[Formula]]:
        """A part under additional hypotheses, and what it needs without them."""
        part = self.part(context.having(*extra), goal, proof)
        return part, part.needs & _present(context)

    # What makes a relation known.

    def known(self, context: Context, *rels: Rel) -> frozenset[Formula]:
        """Facts by which relations are known, and defined."""
        asked = [*(item for rel in rels for item in _defining(rel)), *rels]
        return frozenset().union(*(self._support(context, rel, frozenset()) for rel in asked))

    def defined(self, context: Context, terms: Iterable[Term]) -> frozenset[Formula]:
        """Facts by which terms are known to be defined."""
        return frozenset().union(
            *(self._support(context, rel, frozenset()) for t in terms for rel in conditions(t))
        )

    def used(self, context: Context, facts: Iterable[Rel]) -> frozenset[Formula]:
        """Facts, and those by which their normal forms are justified."""
        return frozenset().union(*(self._with_reasons(context, f, frozenset()) for f in facts))

    def _support(self, context: Context, rel: Rel, waiting: frozenset[Rel]) -> frozenset[Formula]:
        form = sign_form(rel)
        if form.truth is None:
            for op, fact in self._table(context).get(form.polynomial, ()):
                if op in IMPLIED_BY[form.op] and fact not in waiting:
                    try:
                        return self._with_reasons(context, fact, waiting)
                    except Refused:
                        continue
            if free_names(rel):
                raise Refused("a relation is not known")
        return frozenset()

    def _with_reasons(
        self, context: Context, fact: Rel, waiting: frozenset[Rel]
    ) -> frozenset[Formula]:
        waiting = waiting | {fact}
        found: frozenset[Formula] = frozenset((fact,))
        return found.union(*(self._support(context, item, waiting) for item in _defining(fact)))

    def _table(self, context: Context) -> dict[str, list[tuple[RelOp, Rel]]]:
        known = self._tables.get(id(context))
        if known is None:
            table: dict[str, list[tuple[RelOp, Rel]]] = {}
            for fact in context.facts:
                try:
                    form = sign_form(fact)
                except Refused:
                    continue
                if form.truth is None:
                    table.setdefault(form.polynomial, []).append((form.op, fact))
            known = self._tables[id(context)] = context, table
        return known[1]


def _defining(rel: Rel) -> tuple[Rel, ...]:
    return (*conditions(rel.left), *conditions(rel.right))


def _present(context: Context) -> frozenset[Formula]:
    return frozenset(context.formulas)


def _sides(rels: Iterable[Rel]) -> list[Term]:
    return [side for rel in rels for side in (rel.left, rel.right)]


def _cut(follower: _Follower, context: Context, goal: Formula, data: Proof) -> _Part:
    fact = read_formula(data["fact"])
    then, needs = follower.inside(context, (fact,), goal, data["then"])
    if needs == then.needs:
        return then
    by = follower.part(context, fact, data["by"])

    def build(place: Context) -> Proof:
        return data | {"by": by.build(place), "then": then.build(place.having(fact))}

    return _Part(build, by.needs | needs)


def _split(follower: _Follower, context: Context, goal: Formula, data: Proof) -> _Part:
    rel = read_relation(data["on"])
    other = Rel(NEGATED[rel.op], rel.left, rel.right)
    yes, more = follower.inside(context, (rel,), goal, data["yes"])
    if more == yes.needs:
        return yes
    no, others = follower.inside(context, (other,), goal, data["no"])
    if others == no.needs:
        return no

    def build(place: Context) -> Proof:
        branches = {"yes": yes.build(place.having(rel)), "no": no.build(place.having(other))}
        return data | branches

    return _Part(build, more | others | follower.defined(context, _sides((rel,))))


def _cases(follower: _Follower, context: Context, goal: Formula, data: Proof) -> _Part:
    choice = context.choices[data["of"]]
    rest = context.without_choice(data["of"])
    parts = []
    needs: frozenset[Formula] = frozenset((choice,))
    for alternative, branch in zip(choice.args, data["branches"], strict=True):
        part, more = follower.inside(rest, (alternative,), goal, branch)
        if more == part.needs:
            return part
        parts.append((alternative, part))
        needs |= more

    def build(place: Context) -> Proof:
        index = place.choices.index(choice)
        left = place.without_choice(index)
        branches = [part.build(left.having(alternative)) for alternative, part in parts]
        return data | {"of": index, "branches": branches}

    return _Part(build, needs)


def _all(follower: _Follower, context: Context, goal: Formula, data: Proof) -> _Part:
    assert isinstance(goal, And)
    parts = []
    needs: frozenset[Formula] = frozenset()
    local = context
    for formula, proof in zip(goal.args, data["parts"], strict=True):
        part = follower.part(local, formula, proof)
        parts.append((formula, part))
        needs |= part.needs & _present(context)
        local = local.having(formula)

    def build(place: Context) -> Proof:
        proofs = []
        for formula, part in parts:
            proofs.append(part.build(place))
            place = place.having(formula)
        return data | {"parts": proofs}

    return _Part(build, needs)


def _either(follower: _Follower, context: Context, goal: Formula, data: Proof) -> _Part:
    assert isinstance(goal, Or)
    return _onwards(follower, context, goal.args[data["index"]], data)


def _absurd(follower: _Follower, context: Context, goal: Formula, data: Proof) -> _Part:
    del goal
    return _onwards(follower, context, FALSE, data)


def _unfold(follower: _Follower, context: Context, goal: Formula, data: Proof) -> _Part:
    return _onwards(follower, context, unfolded(goal, context.theory), data)


def _onwards(follower: _Follower, context: Context, goal: Formula, data: Proof) -> _Part:
    """A rule with one premise in the same context."""
    then = follower.part(context, goal, data["then"])
    return _Part(lambda place: data | {"then": then.build(place)}, then.needs)


def _focus(follower: _Follower, context: Context, goal: Formula, data: Proof) -> _Part:
    facts = tuple(context.facts[index] for index in data["keep"])
    then = follower.part(Context(facts, (), context.integers, context.theory), goal, data["then"])

    def build(place: Context) -> Proof:
        numbers = sorted({place.facts.index(fact) for fact in then.needs})
        if len(numbers) == len(place.formulas):
            return then.build(place)
        kept = tuple(place.facts[number] for number in numbers)
        inner = Context(kept, (), place.integers, place.theory)
        return data | {"keep": numbers, "then": then.build(inner)}

    return _Part(build, then.needs)


def _as_it_is(data: Proof) -> Build:
    """A rule that names no fact by its number."""

    def build(_: Context) -> Proof:
        return data

    return build


def _given(follower: _Follower, context: Context, goal: Formula, data: Proof) -> _Part:
    assert isinstance(goal, Rel)
    return _Part(_as_it_is(data), follower.known(context, goal))


def _fact(follower: _Follower, context: Context, goal: Formula, data: Proof) -> _Part:
    terms = [read_term(term) for term in data["terms"]]
    premises, _ = instance(data["name"], terms)
    needs = follower.defined(context, [*terms, *_sides(relations(goal))])
    return _Part(_as_it_is(data), needs | follower.known(context, *premises))


def _room(follower: _Follower, context: Context, goal: Formula, data: Proof) -> _Part:
    needs = follower.defined(context, [read_term(data["size"]), *_sides(relations(goal))])
    return _Part(_as_it_is(data), needs)


def _refute(follower: _Follower, context: Context, goal: Formula, data: Proof) -> _Part:
    inner = refutation_context(context, goal)
    numbers = {i for item in data["products"] for i in item[1]}
    numbers |= {item[0] for item in data["equations"]}
    facts = {number: inner.facts[number] for number in numbers}
    terms = [read_term(item[1]) for item in data["equations"]]
    terms += [read_term(term) for item in data["products"] for term in item[2]]
    needs = follower.used(inner, facts.values()) | follower.defined(inner, terms)

    def build(place: Context) -> Proof:
        now = refutation_context(place, goal).facts
        new = {number: now.index(fact) for number, fact in facts.items()}
        products = [[item[0], [new[i] for i in item[1]], item[2]] for item in data["products"]]
        equations = [[new[item[0]], item[1]] for item in data["equations"]]
        return data | {"products": products, "equations": equations}

    return _Part(build, _before(follower, context, goal, needs))


def _before(
    follower: _Follower, context: Context, goal: Formula, needs: frozenset[Formula]
) -> frozenset[Formula]:
    """What is needed besides the negated goal, and for the goal to be defined."""
    return needs & _present(context) | follower.defined(context, _sides(relations(goal)))


def _line(follower: _Follower, context: Context, goal: Formula, data: Proof) -> _Part:
    inner = refutation_context(context, goal)
    facts = [inner.facts[number] for number in data["facts"]]

    def build(place: Context) -> Proof:
        now = refutation_context(place, goal).facts
        return data | {"facts": [now.index(fact) for fact in facts]}

    return _Part(build, _before(follower, context, goal, follower.used(inner, facts)))


def _boxes(follower: _Follower, context: Context, goal: Formula, data: Proof) -> _Part:
    inner = refutation_context(context, goal)
    bounding: set[Rel] = set()
    for name, bounds in data["box"].items():
        low, high = (read_rational(bound) for bound in bounds)
        said = [(fact, *bound) for fact in inner.facts if (bound := linear_bound(fact))]
        own = [(fact, op, value) for fact, var, op, value in said if var == name]
        bounding.add(next(f for f, op, value in own if op in (">=", ">", "==") and value >= low))
        bounding.add(next(f for f, op, value in own if op in ("<=", "<", "==") and value <= high))
    facts = {number: inner.facts[number] for number in _leaves(data["tree"])}

    def build(place: Context) -> Proof:
        now = refutation_context(place, goal).facts
        new = {number: now.index(fact) for number, fact in facts.items()}
        return data | {"tree": _renumbered(data["tree"], new)}

    needs = follower.used(inner, {*facts.values(), *bounding})
    return _Part(build, _before(follower, context, goal, needs))


def _leaves(tree: Any) -> set[int]:
    if not isinstance(tree, list | tuple):
        return {tree}
    return set().union(*(_leaves(branch) for branch in (tree[2:] if len(tree) == 4 else tree)))


def _renumbered(tree: Any, new: dict[int, int]) -> Any:
    if not isinstance(tree, list | tuple):
        return new[tree]
    if len(tree) == 4:
        return [tree[0], tree[1], _renumbered(tree[2], new), _renumbered(tree[3], new)]
    return [new[tree[0]]]


def _slope(follower: _Follower, context: Context, goal: Formula, data: Proof) -> _Part:
    assert isinstance(goal, Rel)
    names = ("var", "from", "side", "point", "strict")
    premises = slope_premises(context, goal, *(data[name] for name in names))
    terms = [*_sides((goal,)), read_term(data["from"])]
    named = ("order", "base", "domain", "slope")
    return _with_premises(follower, context, data, dict(zip(named, premises, strict=True)), terms)


def _chord(follower: _Follower, context: Context, goal: Formula, data: Proof) -> _Part:
    assert isinstance(goal, Rel)
    fields = (data[name] for name in ("var", "low", "high", "point"))
    premises = chord_premises(context, goal, *fields)
    terms = [*_sides((goal,)), read_term(data["low"]), read_term(data["high"])]
    names = ("order", "ends", "domain", "bend")
    return _with_premises(follower, context, data, dict(zip(names, premises, strict=True)), terms)


def _with_premises(
    follower: _Follower,
    context: Context,
    data: Proof,
    premises: dict[str, tuple[tuple[Formula, ...], Formula]],
    terms: Iterable[Term],
) -> _Part:
    """A rule with several premises, each under further hypotheses, and terms to be defined."""
    needs = follower.defined(context, terms)
    parts = {}
    for name, (extra, premise) in premises.items():
        part, more = follower.inside(context, extra, premise, data[name])
        parts[name] = extra, part
        needs |= more

    def build(place: Context) -> Proof:
        proofs = {name: part.build(place.having(*extra)) for name, (extra, part) in parts.items()}
        return data | proofs

    return _Part(build, needs)


def _integral(follower: _Follower, context: Context, goal: Formula, data: Proof) -> _Part:
    fact = context.facts[data["fact"]]
    needs = follower.used(context, [fact]) | follower.defined(context, _sides(relations(goal)))
    return _Part(lambda place: data | {"fact": place.facts.index(fact)}, needs)


def _rewrite(follower: _Follower, context: Context, goal: Formula, data: Proof) -> _Part:
    old, new = read_term(data["term"]), read_term(data["by"])
    table: dict[Term, Term] = {old: new}
    proof = follower.part(context, Rel("==", old, new), data["proof"])
    then = follower.part(context, _mapped(goal, table), data["then"])

    def build(place: Context) -> Proof:
        return data | {"proof": proof.build(place), "then": then.build(place)}

    return _Part(build, proof.needs | then.needs)


def _zero_power(follower: _Follower, context: Context, goal: Formula, data: Proof) -> _Part:
    base, exponent = read_term(data["base"]), read_term(data["exponent"])
    positive = Rel(">", exponent, ZERO)
    value = num(0 if context.knows(positive) else 1)
    then = _onwards(follower, context, _mapped(goal, {Pow(base, exponent): value}), data)
    sign = positive if value == ZERO else Rel("==", exponent, ZERO)
    return _Part(then.build, then.needs | follower.known(context, Rel("==", base, ZERO), sign))


def _mapped(formula: Formula, table: dict[Term, Term]) -> Formula:
    return map_terms(formula, lambda side: replace(side, table))


def _origins(
    context: Context, needs: Iterable[Formula], change: Callable[[Formula], Formula]
) -> frozenset[Formula]:
    """The formulas of a context that a context of changed ones takes its facts from."""
    sources: dict[Formula, Formula] = {}
    for formula in context.formulas:
        for result in Context().having(change(formula)).formulas:
            sources.setdefault(result, formula)
    return frozenset(sources[need] for need in needs if need in sources)


def _generalise(follower: _Follower, context: Context, goal: Formula, data: Proof) -> _Part:
    term = read_term(data["term"])
    table: dict[Term, Term] = {term: Sym(data["fresh"])}
    part, needs = _replaced(follower, context, goal, data["then"], table, context.integers)
    if context.defines_term(term):
        needs |= follower.defined(context, [term])
    else:
        needs |= {next(fact for fact in context.facts if _mentions(fact, term))}
    return _Part(lambda place: data | {"then": part.build(place)}, needs)


def _mentions(fact: Rel, term: Term) -> bool:
    return any(term == node for side in (fact.left, fact.right) for node in outside_sums(side))


def _replaced(
    follower: _Follower,
    context: Context,
    goal: Formula,
    proof: Proof,
    table: dict[Term, Term],
    integers: frozenset[str],
    more: Sequence[Formula] = (),
) -> tuple[_Part, frozenset[Formula]]:
    """A part after terms were replaced everywhere (and ``more`` became known), to be built in the
    context before that; and what it needs of this."""
    inner = context.replacing(table, integers).having(*more)
    part = follower.part(inner, _mapped(goal, table), proof)

    def build(place: Context) -> Proof:
        return part.build(place.replacing(table, integers).having(*more))

    needs = _origins(context, part.needs, lambda formula: _mapped(formula, table))
    return _Part(build, part.needs), needs


def _replace(follower: _Follower, context: Context, goal: Formula, data: Proof) -> _Part:
    var, term = data["var"], read_term(data["by"])
    table: dict[Term, Term] = {Sym(var): term}
    proof = follower.part(context, Rel("==", Sym(var), term), data["proof"])
    then, needs = _replaced(follower, context, goal, data["then"], table, context.integers - {var})

    def build(place: Context) -> Proof:
        return data | {"proof": proof.build(place), "then": then.build(place)}

    return _Part(build, proof.needs | needs)


def _substitute(follower: _Follower, context: Context, goal: Formula, data: Proof) -> _Part:
    var, forward, backward = data["var"], read_term(data["as"]), read_term(data["inverse"])
    table: dict[Term, Term] = {Sym(data["fresh"]): backward}
    equal = Rel("==", Sym(var), replace(forward, table))
    proof = follower.part(context, equal, data["proof"])
    needs = proof.needs
    known, proofs = [], []
    for text, by in data["facts"]:
        fact = read_formula(text)
        part = follower.part(context, _mapped(fact, table), by)
        needs |= part.needs
        known.append(fact)
        proofs.append((text, part))
    back: dict[Term, Term] = {Sym(var): forward}
    then, more = _replaced(
        follower, context, goal, data["then"], back, context.integers - {var}, known
    )

    def build(place: Context) -> Proof:
        return data | {
            "proof": proof.build(place),
            "facts": [[text, part.build(place)] for text, part in proofs],
            "then": then.build(place),
        }

    return _Part(build, needs | more)


def _enumerate(follower: _Follower, context: Context, goal: Formula, data: Proof) -> _Part:
    var = data["var"]
    low, high = context.bounds[var]
    assert low is not None
    assert high is not None
    needs: frozenset[Formula] = frozenset(_about(context, var))
    parts = []
    values = range(low.__ceil__(), high.__floor__() + 1)
    for value, branch in zip(values, data["branches"], strict=True):
        part, more = _replaced(
            follower, context, goal, branch, {Sym(var): num(value)}, context.integers - {var}
        )
        parts.append(part)
        needs |= more
    return _Part(lambda place: data | {"branches": [p.build(place) for p in parts]}, needs)


def _about(context: Context, var: str) -> list[Rel]:
    """The literal bounds of a variable."""
    bounds = ((fact, linear_bound(fact)) for fact in context.facts)
    return [fact for fact, bound in bounds if bound is not None and bound[0] == var]


def _induct(follower: _Follower, context: Context, goal: Formula, data: Proof) -> _Part:
    var = data["var"]
    low, _ = context.bounds[var]
    assert low is not None
    start = num(low.__ceil__())
    at_least = Rel(">=", Sym(var), start)

    def rest(place: Context) -> Context:
        kept = [f for f in place.formulas if var not in free_names(f)]
        empty = Context(integers=place.integers, theory=place.theory.closed())
        return empty.having(*kept)

    base = follower.part(rest(context), substitute(goal, {var: start}), data["base"])
    following = substitute(goal, {var: add(Sym(var), num(1))})
    step = follower.part(rest(context).having(at_least, goal), following, data["step"])

    def build(place: Context) -> Proof:
        inner = rest(place)
        proofs = {"base": base.build(inner), "step": step.build(inner.having(at_least, goal))}
        return data | proofs

    needs = _origins(context, base.needs | step.needs, lambda formula: formula)
    return _Part(build, needs | frozenset(_about(context, var)))


def _family(follower: _Follower, context: Context, goal: Formula, data: Proof) -> _Part:
    family = context.theory.families[data["family"]]
    table: dict[Term, Term] = {Sym(family.var): read_term(data["index"])}
    known = _mapped(nnf(family.formula), table)
    then, needs = follower.inside(context, (known,), goal, data["then"])
    if needs == then.needs:
        return then
    return _Part(lambda place: data | {"then": then.build(place.having(known))}, needs)


def _sum(follower: _Follower, context: Context, goal: Formula, data: Proof) -> _Part:
    assert isinstance(goal, Rel)
    total = goal.left
    assert isinstance(total, Sum)
    bound = read_term(data["bound"])
    exceptions = [read_term(index) for index in data["exceptions"]]
    inner = context.theory.with_index(data["index"], total.size, exceptions)

    def local(place: Context) -> Context:
        return Context((), (), place.integers, inner).having(*place.formulas)

    summand = replace(total.body, {Sym(total.var): Sym(data["index"])})
    each = follower.part(local(context), Rel(goal.op, summand, bound), data["each"])
    count = Add((total.size, num(-len(exceptions))))
    at = [replace(total.body, {Sym(total.var): exception}) for exception in exceptions]
    whole = Rel(goal.op, Add((Mul((count, bound)), *at)), goal.right)
    rest = follower.part(context, whole, data["total"])

    def build(place: Context) -> Proof:
        return data | {"each": each.build(local(place)), "total": rest.build(place)}

    return _Part(build, _origins(context, each.needs, lambda f: f) | rest.needs)


_RULES: dict[str, Callable[[_Follower, Context, Formula, Proof], _Part]] = {
    "cut": _cut,
    "split": _split,
    "cases": _cases,
    "all": _all,
    "either": _either,
    "absurd": _absurd,
    "unfold": _unfold,
    "focus": _focus,
    "given": _given,
    "fact": _fact,
    "room": _room,
    "refute": _refute,
    "line": _line,
    "boxes": _boxes,
    "slope": _slope,
    "chord": _chord,
    "integral": _integral,
    "rewrite": _rewrite,
    "zero power": _zero_power,
    "generalise": _generalise,
    "replace": _replace,
    "substitute": _substitute,
    "enumerate": _enumerate,
    "induct": _induct,
    "family": _family,
    "sum": _sum,
}
