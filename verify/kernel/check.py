"""The rules: what makes a certificate acceptable.

``check(sequent, certificate)`` returns nothing if the certificate proves that the conclusion holds
(and is defined) wherever all hypotheses hold, and raises :class:`Refused` otherwise. A certificate
is plain data, as read from JSON: a dictionary with the name of a rule, its fields, and certificates
for its premises. Fields that a rule does not know are refused. Each rule says why it is sound.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any

from flint import arb, fmpq_mpoly

from verify.kernel.ball import Box, decide, decide_on, enclose, interval, precision
from verify.kernel.context import (
    Context,
    check_size,
    fresh_name,
    read_formula,
    read_rational,
    read_relation,
    read_term,
    refutation_context,
)
from verify.kernel.derivative import derivative, smooth_conditions
from verify.kernel.functions import instance
from verify.kernel.poly import Refused, Ring, difference, rational, sign_form, sign_polynomial
from verify.kernel.proved import once
from verify.kernel.sums import (
    NO_THEORY,
    Theory,
    factored,
    in_range,
    is_size,
    unfold,
    unfold_all,
)
from verify.kernel.univariate import contradiction_on_line
from verify.language.codec import normal_term
from verify.language.term import (
    FALSE,
    NEGATED,
    ONE,
    ZERO,
    Add,
    And,
    Call,
    Delta,
    Formula,
    Mul,
    Or,
    Pow,
    Rel,
    Sum,
    Sym,
    Term,
    add,
    conditions,
    conj,
    free_names,
    map_terms,
    nnf,
    num,
    relations,
    replace,
    substitute,
)

Certificate = Mapping[str, Any]
_Rule = Callable[[Context, Formula, Certificate], None]

MAX_BRANCHES = 20_000
MAX_PRECISION = 4_096


@dataclass(frozen=True, slots=True)
class Sequent:
    """``hypotheses |- conclusion`` over the reals, with some variables integers."""

    hypotheses: tuple[Formula, ...]
    conclusion: Formula
    integers: frozenset[str] = frozenset()
    theory: Theory = NO_THEORY

    def context(self) -> Context:
        """The context in which a proof begins."""
        start = Context(integers=self.integers, theory=self.theory)
        return start.having(*(nnf(h) for h in self.hypotheses))


def check(sequent: Sequent, certificate: object) -> None:
    """Accept a certificate, or say why not.

    Raises:
        Refused: the certificate does not prove the sequent.
    """
    with refusing():
        _check(sequent.context(), nnf(sequent.conclusion), certificate)


def check_goal(context: Context, goal: Formula, certificate: object) -> None:
    """Like :func:`check`, for a goal in a given context.

    Raises:
        Refused: the certificate does not prove the goal.
    """
    with refusing():
        _check_once(context, nnf(goal), certificate)


@contextmanager
def refusing() -> Iterator[None]:
    """Whatever malformed data does to a rule is a refusal: it has not proved anything."""
    try:
        yield
    except Refused:
        raise
    except RecursionError as error:
        raise Refused("the certificate is nested too deeply") from error
    except (ArithmeticError, LookupError, MemoryError, TypeError, ValueError) as error:
        raise Refused(f"the certificate is malformed or out of reach: {error}") from error


def unfolded_term(term: Term, context: Context) -> Term:
    """A term with definitions unfolded, as the rule ``unfold`` does it.

    Raises:
        Refused: the result could be defined where the term is not.
    """
    found, needed = unfold_term(term, context.theory)
    if needed:
        plain, needed = unfold_all(term, context.theory, keep=True)
        found = _in_shape(plain)
    if needed:
        raise Refused("a part that is left out may be undefined")
    return found


def unfold_term(term: Term, theory: Theory) -> tuple[Term, tuple[Rel, ...]]:
    """A term unfolded, and what it needs beyond the result in order to be defined."""
    if term not in theory.memo:
        plain, dropped = unfold_all(term, theory)
        found = _in_shape(plain)
        # What the result implies by being defined; that a power has a positive base is not implied.
        own = {sign_form(condition) for condition in conditions(found, necessary=True)}
        needed = dict.fromkeys(
            Rel(rel.op, _in_shape(rel.left), _in_shape(rel.right)) for rel in dropped
        )
        # That a part equals itself, say, is about being defined, and follows from no sign.
        theory.memo[term] = (
            found,
            tuple(
                rel
                for rel in needed
                if sign_form(rel).truth is not None or sign_form(rel) not in own
            ),
        )
    result: tuple[Term, tuple[Rel, ...]] = theory.memo[term]
    return result


def _in_shape(term: Term) -> Term:
    """In the shape that a term has when it is read back, so that a certificate can name its parts;
    bases of powers are factored."""
    return normal_term(factored(term))


def _check(context: Context, goal: Formula, certificate: object) -> None:
    if not isinstance(certificate, Mapping) or "rule" not in certificate:
        raise Refused("a certificate is a dictionary with a rule")
    rule = certificate["rule"]
    entry = _RULES.get(rule) if isinstance(rule, str) else None
    if entry is None:
        raise Refused(f"no rule called {rule!r}")
    function, fields = entry
    if set(certificate) != fields | {"rule"}:
        raise Refused(f"the fields of {rule} are {sorted(fields)}, got {sorted(certificate)}")
    check_size(goal)
    function(context, goal, certificate)


def _check_once(context: Context, goal: Formula, certificate: object) -> None:
    """Like :func:`_check`, for what is often the same in several proofs."""
    once(context, goal, certificate, lambda: _check(context, goal, certificate))


def _list(value: object, least: int = 0) -> list[Any]:
    if not isinstance(value, (list, tuple)) or not least <= len(value) <= MAX_BRANCHES:
        raise Refused("a list was expected")
    return list(value)


def _cut(context: Context, goal: Formula, data: Certificate) -> None:
    """Prove a fact first, then use it. Sound: the fact holds wherever the context does."""
    fact = read_formula(data["fact"])
    _check(context, fact, data["by"])
    _check(context.having(fact), goal, data["then"])


def _split(context: Context, goal: Formula, data: Certificate) -> None:
    """Two cases: a relation or its negation. Sound where both sides are defined."""
    rel = read_relation(data["on"])
    if not context.defines(rel):
        raise Refused("a case distinction on a relation that may be undefined")
    _check(context.having(rel), goal, data["yes"])
    _check(context.having(Rel(NEGATED[rel.op], rel.left, rel.right)), goal, data["no"])


def _cases(context: Context, goal: Formula, data: Certificate) -> None:
    """One proof for each alternative of a disjunction that is known to hold."""
    index = data["of"]
    if (
        isinstance(index, bool)
        or not isinstance(index, int)
        or not (0 <= index < len(context.choices))
    ):
        raise Refused("no such alternative")
    branches = _list(data["branches"])
    alternatives = context.choices[index].args
    if len(branches) != len(alternatives):
        raise Refused("one proof is needed for each alternative")
    rest = context.without_choice(index)
    for alternative, branch in zip(alternatives, branches, strict=True):
        _check(rest.having(alternative), goal, branch)


def _all(context: Context, goal: Formula, data: Certificate) -> None:
    """A conjunction, part by part; each part may use those before it."""
    if not isinstance(goal, And):
        raise Refused("the conclusion is not a conjunction")
    parts = _list(data["parts"])
    if len(parts) != len(goal.args):
        raise Refused("one proof is needed for each part")
    for part, proof in zip(goal.args, parts, strict=True):
        _check_once(context, part, proof)
        context = context.having(part)


def _either(context: Context, goal: Formula, data: Certificate) -> None:
    """A disjunction, by one of its parts."""
    index = data["index"]
    if (
        not isinstance(goal, Or)
        or isinstance(index, bool)
        or not isinstance(index, int)
        or not (0 <= index < len(goal.args))
    ):
        raise Refused("the conclusion has no such alternative")
    _check(context, goal.args[index], data["then"])


def _absurd(context: Context, goal: Formula, data: Certificate) -> None:
    """From contradictory facts anything follows."""
    del goal
    _check(context, FALSE, data["then"])


def _focus(context: Context, goal: Formula, data: Certificate) -> None:
    """Some of the facts are enough: what follows from fewer facts follows from all of them."""
    keep = _list(data["keep"])
    if any(
        isinstance(i, bool) or not isinstance(i, int) or not 0 <= i < len(context.facts)
        for i in keep
    ):
        raise Refused("there is no such fact to keep")
    facts = tuple(context.facts[i] for i in keep)
    _check(Context(facts, (), context.integers, context.theory), goal, data["then"])


def _given(context: Context, goal: Formula, data: Certificate) -> None:
    """The conclusion is a fact, up to normal form and weakening."""
    del data
    if not isinstance(goal, Rel) or not context.knows(goal):
        raise Refused("the conclusion is not among the facts")


def _fact(context: Context, goal: Formula, data: Certificate) -> None:
    """An instance of a known fact about a function, whose premises are known."""
    terms = [read_term(term) for term in _list(data["terms"])]
    premises, conclusion = instance(data["name"], terms)
    if not all(context.defines_term(term) for term in terms):
        raise Refused("a term of the instance may be undefined")
    for premise in premises:
        if not context.knows(premise):
            raise Refused(f"a premise of {data['name']} is not known")
    said = context.having(conclusion).knows(goal) if isinstance(goal, Rel) else goal == conclusion
    if not said:
        raise Refused(f"{data['name']} does not say that")
    if not all(context.defines(rel) for rel in relations(goal)):
        raise Refused("the conclusion is not known to be defined")


def _refute(context: Context, goal: Formula, data: Certificate) -> None:
    """A combination of facts that is identically zero and positive at the same time.

    With ``f_i >= 0`` (or ``> 0``, or ``f_i != 0``, of which the square is positive) and
    ``e_j = 0`` among the facts and the negated conclusion, and ``c_k > 0``::

        sum_k c_k * (product of some f_i) * (squares of polynomials) + sum_j m_j e_j  =  0

    where at least one product has only strictly positive factors and no square. Its value would be
    positive at any point where all facts hold, so there is none.
    """
    context = refutation_context(context, goal)
    products = [_list(item, 3) for item in _list(data["products"], 1)]
    equations = [_list(item, 2) for item in _list(data["equations"])]
    if any(len(item) != 3 for item in products) or any(len(item) != 2 for item in equations):
        raise Refused("a product is [coefficient, facts, squares], an equation [fact, multiplier]")
    factors = [_list(item[1]) for item in products]
    used = dict.fromkeys(i for group in (*factors, [item[0] for item in equations]) for i in group)
    facts = tuple([context.usable(index) for index in used])
    squares = [tuple([read_term(term) for term in _list(item[2])]) for item in products]
    multipliers = [read_term(item[1]) for item in equations]
    extra = [*multipliers, *(term for group in squares for term in group)]
    if not all(context.defines_term(term) for term in extra):
        raise Refused("a multiplier may be undefined")
    place = {index: number for number, index in enumerate(used)}
    _check_combination(
        facts,
        tuple(
            [
                (item[0], tuple([place[index] for index in group]), roots)
                for item, group, roots in zip(products, factors, squares, strict=True)
            ]
        ),
        tuple(
            [
                (place[item[0]], multiplier)
                for item, multiplier in zip(equations, multipliers, strict=True)
            ]
        ),
    )


@lru_cache(maxsize=20_000)
def _check_combination(
    facts: tuple[Rel, ...],
    products: tuple[tuple[object, tuple[int, ...], tuple[Term, ...]], ...],
    equations: tuple[tuple[int, Term], ...],
) -> None:
    """The combination is zero and positive; facts are named by their places among those used.

    The same facts are combined in the same way in many contexts.

    Raises:
        Refused: it is not.
    """
    extra = [multiplier for _, multiplier in equations]
    extra += [root for _, _, roots in products for root in roots]
    ring = Ring([side for fact in facts for side in (fact.left, fact.right)] + extra)
    polynomials = [sign_polynomial(ring, fact) for fact in facts]
    total = ring.ctx.constant(0)
    positive = False
    for coefficient, factors, roots in products:
        value = read_rational(coefficient)
        if value <= 0:
            raise Refused("the coefficients of a combination are positive")
        product = ring.ctx.constant(rational(value))
        strict = not roots
        for index in factors:
            factor, is_strict = _nonnegative(ring, facts[index], polynomials[index])
            product = ring.times(product, factor)
            strict &= is_strict
        for root in roots:
            value_of_root = ring.polynomial(root)
            product = ring.times(product, ring.times(value_of_root, value_of_root))
        positive |= strict
        total += product
    for index, multiplier in equations:
        if facts[index].op != "==":
            raise Refused("only an equation may be multiplied by anything")
        total += ring.times(ring.polynomial(multiplier), polynomials[index])
    if not total.is_zero():
        raise Refused("the combination is not zero")
    if not positive:
        raise Refused("no part of the combination is strictly positive")


def _nonnegative(ring: Ring, fact: Rel, polynomial: fmpq_mpoly) -> tuple[fmpq_mpoly, bool]:
    match fact.op:
        case ">=" | ">":
            return polynomial, fact.op == ">"
        case "<=" | "<":
            return -polynomial, fact.op == "<"
        case "!=":
            return ring.times(polynomial, polynomial), True
        case _:
            raise Refused("an equation is not a factor")


def _line(context: Context, goal: Formula, data: Certificate) -> None:
    """Facts about one atom that no real number satisfies, by exact root isolation.

    Whatever real value the atom has, some fact fails; see :mod:`verify.kernel.univariate`.
    """
    context = refutation_context(context, goal)
    facts = [context.usable(index) for index in _list(data["facts"], 1)]
    ring = Ring([side for fact in facts for side in (fact.left, fact.right)])
    polynomials = [sign_polynomial(ring, fact) for fact in facts]
    separators = [read_rational(point) for point in _list(data["separators"])]
    contradiction_on_line(
        [(polynomial, fact.op) for polynomial, fact in zip(polynomials, facts, strict=True)],
        separators,
    )


def _boxes(context: Context, goal: Formula, data: Certificate) -> None:
    """A box that contains all points of the context, cut up until a fact fails on each piece.

    The box is given by literal bounds among the facts. A leaf names a fact that does not hold
    anywhere on its piece, by the enclosure of its sides, or by the mean value form. Enclosures
    are right wherever a term is defined, and facts are defined wherever they hold.
    """
    context = refutation_context(context, goal)
    box: dict[str, tuple[Fraction, Fraction]] = {}
    if not isinstance(data["box"], Mapping):
        raise Refused("a box gives bounds for variables")
    for name, bounds in data["box"].items():
        low, high = (read_rational(bound) for bound in _list(bounds, 2))
        known_low, known_high = context.bounds.get(name, (None, None))
        if known_low is None or known_high is None or low > known_low or high < known_high:
            raise Refused(f"the box for {name} is not justified by the facts")
        box[name] = (low, high)
    bits = data["precision"]
    if isinstance(bits, bool) or not isinstance(bits, int) or not 32 <= bits <= MAX_PRECISION:
        raise Refused("the precision is a number of bits")
    gradients: dict[int, list[tuple[str, Term]]] = {}
    with precision(bits):
        stack = [(box, data["tree"])]
        while stack:
            piece, node = stack.pop()
            if isinstance(node, list | tuple) and len(node) == 4:
                name, low_piece, high_piece = _cut_box(piece, node[0], node[1])
                stack += [({**piece, name: high_piece}, node[3])]
                stack += [({**piece, name: low_piece}, node[2])]
            elif isinstance(node, list | tuple) and len(node) == 1:
                _mean_value_leaf(context, piece, node[0], gradients)
            else:
                fact = context.usable(node)
                if decide_on(fact, _balls(piece)) is not False:
                    raise Refused("a piece of the box is not excluded")


def _cut_box(
    piece: Mapping[str, tuple[Fraction, Fraction]], name: object, at: object
) -> tuple[str, tuple[Fraction, Fraction], tuple[Fraction, Fraction]]:
    if not isinstance(name, str) or name not in piece:
        raise Refused("a cut names a variable of the box")
    low, high = piece[name]
    middle = read_rational(at)
    if not low <= middle <= high:
        raise Refused("a cut lies inside the box")
    return name, (low, middle), (middle, high)


def _balls(piece: Mapping[str, tuple[Fraction, Fraction]]) -> dict[str, arb]:
    return {name: interval(*bounds) for name, bounds in piece.items()}


def _mean_value_leaf(
    context: Context,
    piece: Mapping[str, tuple[Fraction, Fraction]],
    index: int,
    gradients: dict[int, list[tuple[str, Term]]],
) -> None:
    fact = context.usable(index)
    gap = difference(fact)
    if index not in gradients:
        gradients[index] = [(name, derivative(gap, name)) for name in sorted(free_names(gap))]
    if mean_value_decides(fact, piece, gradients[index]) is not False:
        raise Refused("a piece of the box is not excluded")


def mean_value_decides(
    fact: Rel,
    piece: Mapping[str, tuple[Fraction, Fraction]],
    gradient: list[tuple[str, Term]],
) -> bool | None:
    """Whether a fact holds on a piece, by ``f(m) + f'(box) (x - m)``.

    Sound where ``f`` is differentiable on the whole box, which is checked.
    """
    box: Box = _balls(piece)
    gap = difference(fact)
    if not all(decide_on(condition, box) is True for condition in smooth_conditions(gap)):
        return None
    middle = {name: (low + high) / 2 for name, (low, high) in piece.items()}
    total = enclose(gap, {name: arb(rational(value)) for name, value in middle.items()})
    for name, partial in gradient:
        if name not in box:
            raise Refused(f"no bounds for {name}")
        total = total + enclose(partial, box) * (box[name] - arb(rational(middle[name])))
    return decide(total, fact.op, arb(0))


def _slope(context: Context, goal: Formula, data: Certificate) -> None:
    """From a starting point on, by the sign of the derivative (mean value theorem).

    For a conclusion ``f >= 0`` (or ``> 0``; ``<=`` and ``<`` alike) and a variable ``x``: if
    ``a <= x``, ``f(a) >= 0`` at ``x = a``, and for all ``z`` with ``a <= z <= x`` the function is
    defined and, in between, differentiable with ``f'(z) >= 0``, then ``f(x) >= f(a) >= 0``. With
    ``side`` "left" the same for ``x <= a`` and ``f'(z) <= 0``. ``z`` is a fresh variable; the facts
    about ``x`` stay as they are. A strict conclusion needs a strict inequality at ``a``, or a
    strict slope together with ``a != x``.
    """
    if not isinstance(goal, Rel) or goal.op in ("==", "!="):
        raise Refused("the slope rule proves an inequality")
    if not context.defines(goal):
        raise Refused("the conclusion is not known to be defined")
    premises = slope_premises(
        context, goal, data["var"], data["from"], data["side"], data["point"], data["strict"]
    )
    proofs = [data["order"], data["base"], data["domain"], data["slope"]]
    for (extra, premise), proof in zip(premises, proofs, strict=True):
        _check(context.having(*extra), premise, proof)


def slope_premises(
    context: Context,
    goal: Rel,
    var: object,
    start: object,
    side: object,
    point: object,
    strict: object,
) -> list[tuple[tuple[Formula, ...], Formula]]:
    """The premises of the slope rule: additional hypotheses and conclusion of each.

    ``strict`` is "base" (the inequality at the start carries the strictness) or "slope".

    Raises:
        Refused: the fields are not of the form that the rule asks for.
    """
    origin = read_term(start)
    if not isinstance(var, str) or var in free_names(origin) or side not in ("right", "left"):
        raise Refused("the slope rule needs a variable, a start without it, and a side")
    if strict not in ("base", "slope") or not context.defines_term(origin):
        raise Refused("the slope rule needs a defined start")
    z = Sym(fresh_name(point, context, goal, free_names(origin)))
    gap = difference(goal)
    at_start = replace(gap, {Sym(var): origin})
    moved = replace(gap, {Sym(var): z})
    upward = goal.op in (">=", ">")
    is_strict = goal.op in (">", "<")
    base_op = goal.op if strict == "base" else (">=" if upward else "<=")
    rising = upward == (side == "right")
    slope_op = {True: ">", False: "<"}[rising] + ("" if strict == "slope" and is_strict else "=")
    x = Sym(var)
    low, high = (origin, x) if side == "right" else (x, origin)
    order = "<" if strict == "slope" and is_strict else "<="
    between = (Rel("<", low, z), Rel("<", z, high))
    closed = (Rel("<=", low, z), Rel("<=", z, high))
    domain = conj(*conditions(moved))
    slope = conj(*smooth_conditions(moved), Rel(slope_op, derivative(moved, z.name), ZERO))  # type: ignore[arg-type]
    return [
        ((), Rel(order, low, high)),  # type: ignore[arg-type]
        ((), Rel(base_op, at_start, ZERO)),
        (closed, domain),
        (between, slope),
    ]


def _chord(context: Context, goal: Formula, data: Certificate) -> None:
    """Between two ends, by concavity.

    For a conclusion ``f >= 0`` (or ``> 0``; ``<=`` and ``<`` alike) and a variable ``x``: if
    ``a <= x <= b``, ``f >= 0`` at ``x = a`` and at ``x = b``, and for all ``z`` with
    ``a <= z <= b`` the function is defined and, in between, twice differentiable with
    ``f''(z) <= 0``, then it is continuous and concave on ``[a, b]``, so ``f(x) >= min(f(a), f(b))``
    and that is ``>= 0``. ``z`` is a fresh variable; the facts about ``x`` stay as they are.
    """
    if not isinstance(goal, Rel) or goal.op in ("==", "!="):
        raise Refused("the chord rule proves an inequality")
    if not context.defines(goal):
        raise Refused("the conclusion is not known to be defined")
    fields = (data["var"], data["low"], data["high"], data["point"])
    premises = chord_premises(context, goal, *fields)
    proofs = [data["order"], data["ends"], data["domain"], data["bend"]]
    for (extra, premise), proof in zip(premises, proofs, strict=True):
        _check(context.having(*extra), premise, proof)


def chord_premises(
    context: Context, goal: Rel, var: object, low: object, high: object, point: object
) -> list[tuple[tuple[Formula, ...], Formula]]:
    """The premises of the chord rule: additional hypotheses and conclusion of each.

    Raises:
        Refused: the fields are not of the form that the rule asks for.
    """
    ends = (read_term(low), read_term(high))
    others = free_names(ends[0]) | free_names(ends[1])
    if not isinstance(var, str) or var in others:
        raise Refused("the chord rule needs a variable, and two ends without it")
    if not all(context.defines_term(end) for end in ends):
        raise Refused("the chord rule needs defined ends")
    x, z = Sym(var), Sym(fresh_name(point, context, goal, others))
    gap = difference(goal)
    moved = replace(gap, {x: z})
    first = derivative(moved, z.name)
    second = derivative(first, z.name)
    bend = Rel("<=" if goal.op in (">=", ">") else ">=", second, ZERO)
    smooth = dict.fromkeys((*smooth_conditions(moved), *smooth_conditions(first)))
    a, b = ends
    return [
        ((), conj(Rel("<=", a, x), Rel("<=", x, b))),
        ((), conj(*(Rel(goal.op, replace(gap, {x: end}), ZERO) for end in ends))),
        ((Rel("<=", a, z), Rel("<=", z, b)), conj(*conditions(moved))),
        ((Rel("<", a, z), Rel("<", z, b)), conj(*smooth, bend)),
    ]


def _integral(context: Context, goal: Formula, data: Certificate) -> None:
    """Rounding: an integer that is greater than 3/2 is at least 2.

    The fact and the conclusion are ``P + d >= 0`` (or ``> 0``) with the same polynomial ``P`` in
    integer variables, whose coefficients are multiples of ``g``, so that ``P/g`` is an integer.
    """
    fact = context.usable(data["fact"])
    if not isinstance(goal, Rel) or not context.defines(goal):
        raise Refused("the conclusion is not a relation that is known to be defined")
    ring = Ring((fact.left, fact.right, goal.left, goal.right))
    if not all(_is_integer(ring.atom(key), context.integers) for key in ring.keys):
        raise Refused("rounding needs integer variables")
    known, known_strict = _nonnegative(ring, fact, ring.polynomial(difference(fact)))
    wanted, wanted_strict = _nonnegative(ring, goal, ring.polynomial(difference(goal)))
    if "!=" in (fact.op, goal.op):
        raise Refused("rounding needs inequalities")
    known_constant, body = _constant_part(known)
    wanted_constant, wanted_body = _constant_part(wanted)
    if body != wanted_body or body.is_zero():
        raise Refused("fact and conclusion differ by more than a constant")
    step = _content(body)
    least = -known_constant / step
    rounded = least.__floor__() + 1 if known_strict else least.__ceil__()
    needed = -wanted_constant / step
    if rounded < needed or (wanted_strict and rounded == needed):
        raise Refused("rounding does not give that much")


def _is_integer(atom: Term, integers: frozenset[str]) -> bool:
    match atom:
        case Sym(name=name):
            return name in integers
        case Call(name="floor" | "ceil"):
            return True
        case _:
            return False


def _constant_part(polynomial: fmpq_mpoly) -> tuple[Fraction, fmpq_mpoly]:
    constant = Fraction(0)
    for powers, coefficient in polynomial.terms():
        if not any(powers):
            constant = Fraction(int(coefficient.p), int(coefficient.q))
    return constant, polynomial - rational(constant)


def _content(polynomial: fmpq_mpoly) -> Fraction:
    """The greatest rational of which every coefficient is an integer multiple."""
    content = Fraction(0)
    for _, coefficient in polynomial.terms():
        value = abs(Fraction(int(coefficient.p), int(coefficient.q)))
        while value:
            content, value = value, content % value
    return content


def _enumerate(context: Context, goal: Formula, data: Certificate) -> None:
    """An integer variable between literal bounds takes one of finitely many values."""
    var = data["var"]
    low, high = context.bounds.get(var, (None, None)) if isinstance(var, str) else (None, None)
    if var not in context.integers or low is None or high is None:
        raise Refused("enumeration needs an integer variable with bounds among the facts")
    branches = _list(data["branches"])
    values = range(low.__ceil__(), high.__floor__() + 1)
    if len(branches) != len(values):
        raise Refused("one proof is needed for each value")
    for value, branch in zip(values, branches, strict=True):
        table: dict[Term, Term] = {Sym(var): num(value)}
        inner = context.replacing(table, context.integers - {var})
        _check(inner, map_terms(goal, lambda term, t=table: replace(term, t)), branch)  # type: ignore[misc]


def _induct(context: Context, goal: Formula, data: Certificate) -> None:
    """Induction over an integer variable, from a literal lower bound among the facts.

    Facts about the variable are not available in the premises, other than the bound.
    """
    var = data["var"]
    low, _ = context.bounds.get(var, (None, None)) if isinstance(var, str) else (None, None)
    if var not in context.integers or low is None:
        raise Refused("induction needs an integer variable with a lower bound among the facts")
    start = num(low.__ceil__())
    kept = [f for f in context.formulas if var not in free_names(f)]
    rest = Context(integers=context.integers, theory=context.theory.closed()).having(*kept)
    _check(rest, substitute(goal, {var: start}), data["base"])
    at_least = Rel(">=", Sym(var), start)
    following = substitute(goal, {var: add(Sym(var), num(1))})
    _check(rest.having(at_least, goal), following, data["step"])


def _replace(context: Context, goal: Formula, data: Certificate) -> None:
    """A variable that equals a term is replaced by it everywhere.

    At every point of the context both have the same value, so nothing changes.
    """
    var, term = data["var"], read_term(data["by"])
    if not isinstance(var, str) or var in free_names(term):
        raise Refused("a variable is replaced by a term without it")
    _check(context, Rel("==", Sym(var), term), data["proof"])
    table: dict[Term, Term] = {Sym(var): term}
    inner = context.replacing(table, context.integers - {var})
    _check(inner, map_terms(goal, lambda side: replace(side, table)), data["then"])


def _substitute(context: Context, goal: Formula, data: Certificate) -> None:
    """A change of variable ``x = phi(y)`` with ``y = psi(x)``.

    At every point of the context ``x = phi(psi(x))``; so the point is described by ``y = psi(x)``,
    which also satisfies every fact proved about ``psi(x)``.
    """
    var, forward, backward = data["var"], read_term(data["as"]), read_term(data["inverse"])
    if not isinstance(var, str):
        raise Refused("a change of variable names a variable")
    others = free_names(forward) | free_names(backward)
    new = data["fresh"]
    if new not in free_names(forward) or new in free_names(backward) or var in free_names(forward):
        raise Refused("a change of variable is x = phi(y), y = psi(x)")
    new = fresh_name(new, context, goal, others - {new})
    table: dict[Term, Term] = {Sym(new): backward}
    _check(context, Rel("==", Sym(var), replace(forward, table)), data["proof"])
    facts = _list(data["facts"])
    known = []
    for item in facts:
        text, proof = _list(item, 2)
        fact = read_formula(text)
        if var in free_names(fact):
            raise Refused("facts about the new variable do not mention the old one")
        _check(context, map_terms(fact, lambda side: replace(side, table)), proof)
        known.append(fact)
    back: dict[Term, Term] = {Sym(var): forward}
    inner = context.replacing(back, context.integers - {var}).having(*known)
    _check(inner, map_terms(goal, lambda side: replace(side, back)), data["then"])


def _generalise(context: Context, goal: Formula, data: Certificate) -> None:
    """A defined term is replaced by a fresh variable everywhere: what holds for every real number
    holds for its value."""
    term = read_term(data["term"])
    if not context.defines_term(term) and not context.mentions(term):
        raise Refused("only a defined term can be generalised")
    fresh = fresh_name(data["fresh"], context, goal, free_names(term))
    table: dict[Term, Term] = {term: Sym(fresh)}
    inner = context.replacing(table, context.integers)
    _check(inner, map_terms(goal, lambda side: replace(side, table)), data["then"])


def _rewrite(context: Context, goal: Formula, data: Certificate) -> None:
    """A term that equals another one is replaced by it in the conclusion.

    Both are defined and equal at every point of the context, so the conclusion stays the same.
    """
    old, new = read_term(data["term"]), read_term(data["by"])
    _check(context, Rel("==", old, new), data["proof"])
    table: dict[Term, Term] = {old: new}
    _check(context, map_terms(goal, lambda side: replace(side, table)), data["then"])


def _zero_power(context: Context, goal: Formula, data: Certificate) -> None:
    """``0^y`` in the conclusion is 0 for a positive ``y``, and 1 for ``y = 0``.

    The base and the exponent have these values at every point of the context, so the conclusion
    stays the same there; that they are known says that they are defined.
    """
    base, exponent = read_term(data["base"]), read_term(data["exponent"])
    if not context.knows(Rel("==", base, ZERO)):
        raise Refused("the base is not known to be zero")
    if context.knows(Rel(">", exponent, ZERO)):
        value = ZERO
    elif context.knows(Rel("==", exponent, ZERO)):
        value = ONE
    else:
        raise Refused("the exponent is not known to be positive, nor to be zero")
    table: dict[Term, Term] = {Pow(base, exponent): value}
    _check(context, map_terms(goal, lambda side: replace(side, table)), data["then"])


def _unfold(context: Context, goal: Formula, data: Certificate) -> None:
    """Definitions unfolded and sums resolved in the conclusion; see :mod:`verify.kernel.sums`."""
    _check(context, unfolded(goal, context.theory), data["then"])


def unfolded(goal: Formula, theory: Theory) -> Formula:
    """The conclusion that the rule ``unfold`` leaves to be proved: for each relation also that the
    parts are defined that unfolding has left out."""
    match goal:
        case Rel(op=op, left=left, right=right):
            (left, more), (right, others) = unfold_term(left, theory), unfold_term(right, theory)
            needed = dict.fromkeys((*more, *others))
            rel = Rel(op, left, right)
            return conj(*needed, rel) if needed else rel
        case And(args=args):
            return conj(*(unfolded(arg, theory) for arg in args))
        case Or(args=args):
            return Or(tuple(unfolded(arg, theory) for arg in args))
        case _:
            raise Refused("the conclusion is not in negation normal form")


def _instance_of_family(context: Context, goal: Formula, data: Certificate) -> None:
    """A hypothesis about all indices, at one index in its range."""
    index = read_term(data["index"])
    number = data["family"]
    families = context.theory.families
    if isinstance(number, bool) or not isinstance(number, int) or not 0 <= number < len(families):
        raise Refused("there is no such family of hypotheses")
    family = families[number]
    if not in_range(index, family.size, context.theory):
        raise Refused("the index is not known to be in range")
    if any(
        unfold(Delta(index, exception), context.theory) != ZERO for exception in family.exceptions
    ):
        raise Refused("the index may be one of the exceptions")
    table: dict[Term, Term] = {Sym(family.var): index}
    known = map_terms(nnf(family.formula), lambda side: replace(side, table))
    _check(context.having(known), goal, data["then"])


def _room(context: Context, goal: Formula, data: Certificate) -> None:
    """Indices that differ from one another fit into their range: ``k`` of them give ``size >= k``.

    Each is an integer in ``1 .. size`` at every point of the context, and no two are equal.
    """
    indices = [read_term(index) for index in _list(data["indices"], 1)]
    size = read_term(data["size"])
    if not context.defines_term(size):
        raise Refused("the size of the range may be undefined")
    _check_distinct(indices, size, context.theory)
    room = Rel(">=", size, num(len(indices)))
    if not isinstance(goal, Rel) or not context.having(room).knows(goal):
        raise Refused("that many indices do not say that")


def _check_distinct(indices: list[Term], size: Term, theory: Theory) -> None:
    """Indices lie in ``1 .. size`` and differ from one another.

    Raises:
        Refused: that is not known.
    """
    if not all(in_range(index, size, theory) for index in indices):
        raise Refused("an index is not known to be in range")
    pairs = itertools.combinations(indices, 2)
    if any(unfold(Delta(a, b), theory) != ZERO for a, b in pairs):
        raise Refused("the indices are not known to differ")


def _sum_bound(context: Context, goal: Formula, data: Certificate) -> None:
    """A sum over ``1 .. size``, term by term.

    For ``sum_i E(i) op B`` and exceptional indices ``e`` that differ from each other, it is enough
    that ``E(i) op L`` for every other index, and ``(size - #e) L + sum_e E(e) op B``.
    """
    if not isinstance(goal, Rel) or not isinstance(goal.left, Sum) or goal.op not in (">=", "<="):
        raise Refused("this rule bounds a sum by >= or <=")
    total = goal.left
    if not is_size(total.size, context.theory):
        raise Refused("the size of the sum is not known to be a nonnegative integer")
    bound = read_term(data["bound"])
    exceptions = [read_term(index) for index in _list(data["exceptions"])]
    index = fresh_name(data["index"], context, goal, free_names(bound))
    theory = context.theory
    if index in theory.ranges or index in free_names(bound):
        raise Refused("the index of a term is fresh")
    _check_distinct(exceptions, total.size, theory)
    inner = theory.with_index(index, total.size, exceptions)
    table: dict[Term, Term] = {Sym(total.var): Sym(index)}
    local = Context((), (), context.integers, inner).having(*context.formulas)
    _check(local, Rel(goal.op, replace(total.body, table), bound), data["each"])
    count = Add((total.size, num(-len(exceptions))))
    at = [replace(total.body, {Sym(total.var): exception}) for exception in exceptions]
    _check(context, Rel(goal.op, Add((Mul((count, bound)), *at)), goal.right), data["total"])


_RULES: dict[str, tuple[_Rule, frozenset[str]]] = {
    "cut": (_cut, frozenset(("fact", "by", "then"))),
    "split": (_split, frozenset(("on", "yes", "no"))),
    "cases": (_cases, frozenset(("of", "branches"))),
    "all": (_all, frozenset(("parts",))),
    "either": (_either, frozenset(("index", "then"))),
    "absurd": (_absurd, frozenset(("then",))),
    "focus": (_focus, frozenset(("keep", "then"))),
    "given": (_given, frozenset()),
    "fact": (_fact, frozenset(("name", "terms"))),
    "refute": (_refute, frozenset(("products", "equations"))),
    "line": (_line, frozenset(("facts", "separators"))),
    "boxes": (_boxes, frozenset(("box", "precision", "tree"))),
    "slope": (
        _slope,
        frozenset(("var", "from", "side", "point", "strict", "order", "base", "domain", "slope")),
    ),
    "chord": (
        _chord,
        frozenset(("var", "low", "high", "point", "order", "ends", "domain", "bend")),
    ),
    "integral": (_integral, frozenset(("fact",))),
    "enumerate": (_enumerate, frozenset(("var", "branches"))),
    "induct": (_induct, frozenset(("var", "base", "step"))),
    "replace": (_replace, frozenset(("var", "by", "proof", "then"))),
    "substitute": (
        _substitute,
        frozenset(("var", "as", "inverse", "fresh", "proof", "facts", "then")),
    ),
    "rewrite": (_rewrite, frozenset(("term", "by", "proof", "then"))),
    "zero power": (_zero_power, frozenset(("base", "exponent", "then"))),
    "unfold": (_unfold, frozenset(("then",))),
    "family": (_instance_of_family, frozenset(("family", "index", "then"))),
    "room": (_room, frozenset(("indices", "size"))),
    "sum": (_sum_bound, frozenset(("bound", "exceptions", "index", "each", "total"))),
    "generalise": (_generalise, frozenset(("term", "fresh", "then"))),
}
