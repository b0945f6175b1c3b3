"""What is known at a place in a proof: facts, alternatives, and which variables are integers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property, lru_cache

from flint import fmpq_mpoly

from verify.kernel.ball import decide_on, precision
from verify.kernel.poly import Refused, Ring, fraction, sign_form, sign_polynomial
from verify.kernel.sums import NO_THEORY, Theory
from verify.language.codec import CodecError, decode_formula, decode_term
from verify.language.grammar import ExpressionError
from verify.language.term import (
    FALSE,
    NEGATED,
    And,
    Formula,
    Or,
    Rel,
    RelOp,
    Sym,
    Term,
    conditions,
    entry_names,
    free_names,
    nnf,
    node_count,
    outside_sums,
    relations,
    replace_everywhere,
)
from verify.language.work import WORK

MAX_NODES = 100_000
"""Terms that share their parts grow fast when one of these is replaced."""

IMPLIED_BY: dict[RelOp, frozenset[RelOp]] = {
    ">=": frozenset((">=", ">", "==")),
    "<=": frozenset(("<=", "<", "==")),
    ">": frozenset((">",)),
    "<": frozenset(("<",)),
    "==": frozenset(("==",)),
    "!=": frozenset(("!=", ">", "<")),
}


def check_size(formula: Formula) -> None:
    """A formula is small enough to go on with.

    Raises:
        Refused: it is not.
    """
    if _size(formula) > MAX_NODES:
        raise Refused("the terms have become too large")


@lru_cache(maxsize=20_000)
def _size(formula: Formula) -> int:
    return sum(node_count(rel.left) + node_count(rel.right) for rel in relations(formula))


@dataclass(frozen=True)
class Context:
    """The facts that may be used, in the order in which they were added.

    A hypothesis that holds is defined, so whatever its terms need in order to be defined is a fact
    as well and follows it in the list.
    """

    facts: tuple[Rel, ...] = ()
    choices: tuple[Or, ...] = ()
    integers: frozenset[str] = frozenset()
    theory: Theory = NO_THEORY
    before: Context | None = field(default=None, compare=False, repr=False)
    """The context that this one adds facts to, if any: its facts come first."""

    def having(self, *formulas: Formula) -> Context:
        """This context with more formulas (in negation normal form) known to hold."""
        WORK.done += len(self.facts) + len(formulas)
        facts, choices = list(self.facts), list(self.choices)
        seen = set(facts)
        pending = list(reversed(formulas))
        while pending:
            match pending.pop():
                case Rel() as rel:
                    for fact in (rel, *_implied(rel)):
                        if fact not in seen or fact is rel:
                            seen.add(fact)
                            facts.append(fact)
                case And(args=args):
                    pending.extend(reversed(args))
                case Or() as choice:
                    choices.append(choice)
                case other:
                    raise Refused(f"{other} is not in negation normal form")
        return Context(tuple(facts), tuple(choices), self.integers, self.theory, self)

    def without_choice(self, index: int) -> Context:
        """This context with one alternative taken out, to be replaced by one of its branches."""
        kept = self.choices[:index] + self.choices[index + 1 :]
        return Context(self.facts, kept, self.integers, self.theory, self)

    def replacing(self, table: dict[Term, Term], integers: frozenset[str]) -> Context:
        """Every fact with terms replaced."""
        changed = replace_everywhere(self.formulas, table)
        for formula in changed:
            check_size(formula)
        # Definitions mention variables too: they end here, and are unfolded before.
        return Context((), (), integers, self.theory.closed()).having(*changed)

    @cached_property
    def names(self) -> frozenset[str]:
        """All variables that occur, in the definitions as well."""
        return self.theory.names.union(*(free_names(f) for f in self.formulas))

    @property
    def formulas(self) -> tuple[Formula, ...]:
        """The facts, then the alternatives."""
        return (*self.facts, *self.choices)

    @property
    def _known(self) -> Mapping[str, frozenset[RelOp]]:
        return self._taken[0]

    @cached_property
    def _unjustified(self) -> frozenset[Rel]:
        """The facts of which what they need does not follow from those that were taken."""
        return frozenset(self._taken[1])

    @cached_property
    def _taken(self) -> tuple[Mapping[str, frozenset[RelOp]], tuple[Rel, ...]]:
        """The normal forms of the facts, and the facts whose normal forms are not justified."""
        # From the first context on, each adds its own facts to what was taken in the one before.
        pending = [self]
        while (before := pending[-1].before) is not None and "_taken" not in before.__dict__:
            pending.append(before)
        for context in reversed(pending):
            context.__dict__["_taken"] = context._take()
        found: tuple[Mapping[str, frozenset[RelOp]], tuple[Rel, ...]] = self.__dict__["_taken"]
        return found

    def _take(self) -> tuple[Mapping[str, frozenset[RelOp]], tuple[Rel, ...]]:
        """The same, once this is known of the context before."""
        # A fact about a power with a variable exponent has its normal form only where the base is
        # known to be positive, so a fact is taken once what it needs follows from those taken
        # before it. What makes a fact defined comes after it, hence more than one round.
        # More facts only justify more, so that the order does not matter, and what was taken
        # in the context before stays.
        known: dict[str, frozenset[RelOp]] = {}
        waiting, taken = list(self.facts), True
        if self.before is not None:
            earlier, left = self.before._taken
            known = dict(earlier)
            waiting = [*left, *self.facts[len(self.before.facts) :]]
        while taken:
            taken = False
            facts, waiting = waiting, []
            for fact in facts:
                needed = _sufficient(fact)
                if needed and not all(_follows(condition, known) for condition in needed):
                    waiting.append(fact)
                    continue
                taken = True
                try:
                    form = sign_form(fact)
                except Refused:
                    continue
                if form.truth is None:
                    ops = known.get(form.polynomial, frozenset())
                    known[form.polynomial] = ops | {form.op}
        return known, tuple(waiting)

    def knows(self, rel: Rel) -> bool:
        """Whether ``rel`` is a fact, up to normal form and weakening, or is true of constants."""
        return self.defines(rel) and _follows(rel, self._known)

    def defines(self, rel: Rel) -> bool:
        """Whether both sides of ``rel`` are known to be defined."""
        if not self._unfolded(rel.left, rel.right):
            return False
        needed = _sufficient(rel)
        return not needed or all(_follows(condition, self._known) for condition in needed)

    def _unfolded(self, *terms: Term) -> bool:
        """Whether no entry is left whose definition might be undefined."""
        defined = self.theory.defined
        return not defined or all(defined.isdisjoint(entry_names(term)) for term in terms)

    def defines_term(self, term: Term) -> bool:
        """Whether ``term`` is known to be defined."""
        return self._unfolded(term) and all(
            _follows(condition, self._known) for condition in conditions(term)
        )

    def mentions(self, term: Term) -> bool:
        """Whether a fact contains the term, outside of sums; it is defined then."""
        return any(
            term in outside_sums(side) for fact in self.facts for side in (fact.left, fact.right)
        )

    def usable(self, index: int) -> Rel:
        """A fact by its number, once its normal form is justified.

        Raises:
            Refused: no such fact, or it contains a power whose base is not known to be positive.
        """
        if (
            isinstance(index, bool)
            or not isinstance(index, int)
            or not (0 <= index < len(self.facts))
        ):
            raise Refused(f"there is no fact number {index}")
        fact = self.facts[index]
        justified = not _sufficient(fact) or fact not in self._unjustified
        if not justified or not self._unfolded(fact.left, fact.right):
            raise Refused(f"fact {index} has a power whose base is not known to be positive")
        return fact

    @cached_property
    def bounds(self) -> dict[str, tuple[Fraction | None, Fraction | None]]:
        """Literal bounds of variables, from facts that are linear in one variable alone."""
        found: dict[str, tuple[Fraction | None, Fraction | None]] = {}
        for fact in self.facts:
            bound = linear_bound(fact)
            if bound is None:
                continue
            name, op, value = bound
            low, high = found.get(name, (None, None))
            if op in (">=", ">", "=="):
                low = value if low is None else max(low, value)
            if op in ("<=", "<", "=="):
                high = value if high is None else min(high, value)
            found[name] = (low, high)
        return found


@lru_cache(maxsize=20_000)
def _implied(rel: Rel) -> tuple[Rel, ...]:
    return tuple(dict.fromkeys((*conditions(rel.left, True), *conditions(rel.right, True))))


@lru_cache(maxsize=20_000)
def _sufficient(rel: Rel) -> tuple[Rel, ...]:
    return tuple(dict.fromkeys((*conditions(rel.left), *conditions(rel.right))))


def _follows(rel: Rel, known: Mapping[str, frozenset[RelOp]]) -> bool:
    try:
        form = sign_form(rel)
    except Refused:
        return False
    if form.truth is not None:
        return form.truth
    if known.get(form.polynomial, frozenset()) & IMPLIED_BY[form.op]:
        return True
    return not free_names(rel) and _true_of_constants(rel)


@lru_cache(maxsize=5_000)
def _true_of_constants(rel: Rel) -> bool:
    for bits in (64, 256, 1024):
        with precision(bits):
            try:
                truth = decide_on(rel, {})
            except Refused:
                return False
        if truth is not None:
            return truth
    return False


@lru_cache(maxsize=20_000)
def linear_bound(rel: Rel) -> tuple[str, RelOp, Fraction] | None:
    """``(name, op, value)`` where the relation says ``name op value`` for a literal value."""
    names = free_names(rel)
    if len(names) != 1 or rel.op == "!=":
        return None
    (name,) = names
    try:
        ring = Ring((rel.left, rel.right))
        polynomial = sign_polynomial(ring, rel)
    except Refused:
        return None
    if ring.keys != [name] or polynomial.total_degree() != 1:
        return None
    slope, constant = coefficients_of_line(polynomial)
    value = -constant / slope
    flip: dict[RelOp, RelOp] = {">=": "<=", "<=": ">=", ">": "<", "<": ">", "==": "=="}
    return name, rel.op if slope > 0 else flip[rel.op], value


def coefficients_of_line(polynomial: fmpq_mpoly) -> tuple[Fraction, Fraction]:
    """Slope and constant of a polynomial of degree one in its only variable."""
    table = {tuple(int(p) for p in powers): fraction(c) for powers, c in polynomial.terms()}
    return table[(1,)], table.get((0,), Fraction(0))


def refutation_context(context: Context, goal: Formula) -> Context:
    """The context in which a contradiction proves ``goal``: with the negated goal as a last fact.

    Raises:
        Refused: the goal is not one relation, or not known to be defined (the negation of an
            undefined relation does not hold).
    """
    if goal == FALSE:
        return context
    if not isinstance(goal, Rel):
        raise Refused("this rule proves one relation at a time")
    if not context.defines(goal):
        raise Refused("the conclusion is not known to be defined")
    return context.having(Rel(NEGATED[goal.op], goal.left, goal.right))


def read_formula(data: object) -> Formula:
    """A formula of a certificate, in negation normal form.

    Raises:
        Refused: it is neither text of the grammar nor an encoded formula.
    """
    try:
        return nnf(decode_formula(data))
    except (ExpressionError, CodecError) as error:
        raise Refused(f"unreadable formula: {error}") from error


def read_relation(text: object) -> Rel:
    """A single relation of a certificate.

    Raises:
        Refused: it is not one relation.
    """
    formula = read_formula(text)
    if not isinstance(formula, Rel):
        raise Refused("a single relation was expected")
    return formula


def read_term(data: object) -> Term:
    """A term of a certificate.

    Raises:
        Refused: it is neither text of the grammar nor an encoded term.
    """
    try:
        return decode_term(data)
    except (ExpressionError, CodecError) as error:
        raise Refused(f"unreadable term: {error}") from error


def read_rational(text: object) -> Fraction:
    """A literal rational ``p/q`` of a certificate.

    Raises:
        Refused: it is not a string of the form ``p`` or ``p/q``.
    """
    if not isinstance(text, str) or not text.isascii() or len(text) > 20_000:
        raise Refused("a rational number is written as a string p/q")
    top, _, bottom = text.partition("/")
    if not top.lstrip("-").isdigit() or top.count("-") > 1 or (bottom and not bottom.isdigit()):
        raise Refused(f"{text[:40]!r} is not a rational number")
    if "/" in text and (not bottom or not int(bottom)):
        raise Refused(f"{text[:40]!r} is not a rational number")
    return Fraction(int(top), int(bottom or 1))


def fresh_name(name: object, context: Context, goal: Formula, others: Iterable[str] = ()) -> str:
    """A variable of a certificate that does not occur yet.

    Raises:
        Refused: it is not a name, or it is taken.
    """
    if not isinstance(name, str) or read_term(name) != Sym(name):
        raise Refused("a fresh variable needs a name")
    if name in context.names | free_names(goal) | context.integers | set(others):
        raise Refused(f"the variable {name} is not fresh")
    return name
