"""Terms and formulas: what can be said, as immutable values.

A term denotes a real number wherever it is *defined*. Division by zero, the logarithm of a
non-positive number, an even root of a negative number, the inverse sine or cosine outside
[-1, 1] and the tangent at a pole are undefined. ``0**0`` is 1, as everywhere in algebra;
``(-8)**(1/3)`` is -2 (odd roots of negative numbers exist), and ``x**y`` with negative ``x``
is defined exactly where ``y`` is a rational number whose lowest denominator is odd.

A relation *holds* at a point where both sides are defined and it is true there; ``and`` and ``or``
are classical on top of that, and ``not`` is pushed down to the relations (see :func:`nnf`), so that
``not (1/x > 0)`` still asks for ``1/x`` to be defined.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, fields
from fractions import Fraction
from functools import lru_cache
from operator import attrgetter
from typing import Any, Literal, TypeAlias

from verify.language.work import WORK

RelOp: TypeAlias = Literal[">=", "<=", ">", "<", "==", "!="]

FUNCTIONS: dict[str, tuple[int, int | None]] = {
    "exp": (1, 1),
    "log": (1, 1),
    "sqrt": (1, 1),
    "abs": (1, 1),
    "sin": (1, 1),
    "cos": (1, 1),
    "tan": (1, 1),
    "asin": (1, 1),
    "acos": (1, 1),
    "atan": (1, 1),
    "sinh": (1, 1),
    "cosh": (1, 1),
    "tanh": (1, 1),
    "min": (1, None),
    "max": (1, None),
    "floor": (1, 1),
    "ceil": (1, 1),
}
"""Known functions with the least and the greatest number of arguments (None: no limit)."""


A_NODE = 4
"""The work of making a node, with what is usually done to it."""


class _Reference(weakref.ref["_Node"]):
    """A weak reference that knows what its node was made of."""

    __slots__ = ("key",)

    key: tuple[Any, ...]


_NODES: dict[tuple[Any, ...], _Reference] = {}


def _forget(reference: _Reference) -> None:
    if _NODES.get(reference.key) is reference:
        del _NODES[reference.key]


class _Interned(type):
    """Equal nodes are the same object, so that comparing and hashing large terms costs nothing."""

    def __call__(cls, *args: Any) -> Any:
        WORK.done += A_NODE
        key = (cls, *args)
        known = _NODES.get(key)
        node = None if known is None else known()
        return cls._new_node(key, args) if node is None else node

    def _new_node(cls, key: tuple[Any, ...], args: tuple[Any, ...]) -> Any:
        node = super().__call__(*args)
        reference = _Reference(node, _forget)
        reference.key = key
        while True:
            # One step, so that two threads cannot keep two nodes.
            kept = _NODES.setdefault(key, reference)
            other = kept()
            if other is not None:
                return other
            _forget(kept)


class _InternedNumber(_Interned):
    """Numbers are told apart by their parts: fractions are slow to hash and to compare."""

    def __call__(cls, value: Fraction) -> Any:
        key = (cls, *value.as_integer_ratio())
        known = _NODES.get(key)
        node = None if known is None else known()
        if node is None:
            # All that read this number share the node. With an integer or a float in it, which has
            # the same parts, they would go on with floats: 1/3 is read as the quotient of two.
            node = cls._new_node(key, (Fraction(*key[1:]),))
        return node


@dataclass(frozen=True, slots=True, weakref_slot=True, eq=False)
class _Node(metaclass=_Interned):
    """Shared by terms and formulas: equal exactly if they are the same object."""

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), tuple(getattr(self, field.name) for field in fields(self))


@dataclass(frozen=True, slots=True, eq=False)
class Num(_Node, metaclass=_InternedNumber):
    """An exact rational number."""

    value: Fraction


@dataclass(frozen=True, slots=True, eq=False)
class Const(_Node):
    """``pi`` or ``e``."""

    name: Literal["pi", "e"]


@dataclass(frozen=True, slots=True, eq=False)
class Sym(_Node):
    """A variable."""

    name: str


@dataclass(frozen=True, slots=True, eq=False)
class Neg(_Node):
    """``-arg``."""

    arg: Term


@dataclass(frozen=True, slots=True, eq=False)
class Add(_Node):
    """A sum of any number of terms, in the order written."""

    args: tuple[Term, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Mul(_Node):
    """A product of any number of terms, in the order written."""

    args: tuple[Term, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Div(_Node):
    """``num / den``; undefined where ``den`` is zero."""

    num: Term
    den: Term


@dataclass(frozen=True, slots=True, eq=False)
class Pow(_Node):
    """``base ** exp``."""

    base: Term
    exp: Term


@dataclass(frozen=True, slots=True, eq=False)
class Call(_Node):
    """A known function applied to arguments."""

    name: str
    args: tuple[Term, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Entry(_Node):
    """An entry of an array, or an unknown function at arguments: ``X[i, j]``."""

    name: str
    indices: tuple[Term, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Sum(_Node):
    """``body`` summed over the index ``var`` in ``1 .. size``."""

    body: Term
    var: str
    size: Term


@dataclass(frozen=True, slots=True, eq=False)
class Delta(_Node):
    """1 where the two indices are equal, else 0."""

    left: Term
    right: Term


Term: TypeAlias = Num | Const | Sym | Neg | Add | Mul | Div | Pow | Call | Entry | Sum | Delta


@dataclass(frozen=True, slots=True, eq=False)
class Rel(_Node):
    """``left op right``; holds where both sides are defined and it is true."""

    op: RelOp
    left: Term
    right: Term


@dataclass(frozen=True, slots=True, eq=False)
class And(_Node):
    """All of ``args``; true when empty."""

    args: tuple[Formula, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Or(_Node):
    """Some of ``args``; false when empty."""

    args: tuple[Formula, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Not(_Node):
    """The negation, to be pushed down by :func:`nnf`."""

    arg: Formula


Formula: TypeAlias = Rel | And | Or | Not

FORMULAS = (Rel, And, Or, Not)
"""The classes of formulas; a union would be put together again for each question."""

TRUE = And(())
FALSE = Or(())

NEGATED: dict[RelOp, RelOp] = {
    ">=": "<",
    "<": ">=",
    "<=": ">",
    ">": "<=",
    "==": "!=",
    "!=": "==",
}
FLIPPED: dict[RelOp, RelOp] = {
    ">=": "<=",
    "<=": ">=",
    ">": "<",
    "<": ">",
    "==": "==",
    "!=": "!=",
}


def num(value: int | Fraction) -> Num:
    """The exact number ``value``."""
    return Num(Fraction(value))


ZERO = num(0)
ONE = num(1)


def add(*args: Term) -> Term:
    """The sum of ``args``, without changing them; 0 when there are none."""
    if not args:
        return ZERO
    return args[0] if len(args) == 1 else Add(args)


def mul(*args: Term) -> Term:
    """The product of ``args``, without changing them; 1 when there are none."""
    if not args:
        return ONE
    return args[0] if len(args) == 1 else Mul(args)


def sub(left: Term, right: Term) -> Term:
    """``left - right``."""
    return Add((left, Neg(right)))


def conj(*args: Formula) -> Formula:
    """The conjunction of ``args``, flattened."""
    flat: list[Formula] = []
    for arg in args:
        flat.extend(arg.args if isinstance(arg, And) else (arg,))
    return flat[0] if len(flat) == 1 else And(tuple(flat))


def disj(*args: Formula) -> Formula:
    """The disjunction of ``args``, flattened."""
    flat: list[Formula] = []
    for arg in args:
        flat.extend(arg.args if isinstance(arg, Or) else (arg,))
    return flat[0] if len(flat) == 1 else Or(tuple(flat))


def children(term: Term) -> tuple[Term, ...]:
    """The immediate subterms."""
    return _CHILDREN[type(term)](term)


_CHILDREN: dict[type, Callable[[Any], tuple[Term, ...]]] = {
    Num: lambda _: (),
    Const: lambda _: (),
    Sym: lambda _: (),
    Neg: lambda term: (term.arg,),
    Add: attrgetter("args"),
    Mul: attrgetter("args"),
    Call: attrgetter("args"),
    Div: attrgetter("num", "den"),
    Pow: attrgetter("base", "exp"),
    Entry: attrgetter("indices"),
    Sum: attrgetter("body", "size"),
    Delta: attrgetter("left", "right"),
}


def rebuild(term: Term, parts: tuple[Term, ...]) -> Term:
    """``term`` with its immediate subterms replaced by ``parts``, in the same order."""
    return _REBUILD[type(term)](term, parts)


_REBUILD: dict[type, Callable[[Any, tuple[Term, ...]], Term]] = {
    Num: lambda term, _: term,
    Const: lambda term, _: term,
    Sym: lambda term, _: term,
    Neg: lambda _, parts: Neg(*parts),
    Add: lambda _, parts: Add(parts),
    Mul: lambda _, parts: Mul(parts),
    Call: lambda term, parts: Call(term.name, parts),
    Div: lambda _, parts: Div(*parts),
    Pow: lambda _, parts: Pow(*parts),
    Entry: lambda term, parts: Entry(term.name, parts),
    Sum: lambda term, parts: Sum(parts[0], term.var, parts[1]),
    Delta: lambda _, parts: Delta(*parts),
}


@lru_cache(maxsize=4_000)
def subterms(term: Term) -> tuple[Term, ...]:
    """Every different subterm, innermost first."""
    return _inside_out(term, children)


@lru_cache(maxsize=4_000)
def outside_sums(term: Term) -> tuple[Term, ...]:
    """Every different subterm, innermost first, without the bodies of sums."""
    return _inside_out(term, lambda node: (node.size,) if type(node) is Sum else children(node))


def _inside_out(term: Term, inside: Callable[[Term], tuple[Term, ...]]) -> tuple[Term, ...]:
    found: dict[Term, None] = {}
    stack: list[tuple[Term, bool]] = [(term, False)]
    while stack:
        node, expanded = stack.pop()
        if expanded:
            found[node] = None
        elif node not in found:
            stack.append((node, True))
            stack.extend([(child, False) for child in reversed(inside(node))])
    return tuple(found)


def occurrences(term: Term) -> Iterator[Term]:
    """Every subterm as often as it occurs, outermost first."""
    stack = [term]
    while stack:
        node = stack.pop()
        yield node
        stack.extend(reversed(children(node)))


@lru_cache(maxsize=50_000)
def node_count(term: Term) -> int:
    """How many subterms there are, each counted as often as it occurs."""
    return 1 + sum(map(node_count, children(term)))


@lru_cache(maxsize=50_000)
def kinds(term: Term) -> frozenset[type]:
    """The classes of the subterms."""
    return frozenset((type(term),)).union(*map(kinds, children(term)))


def contains(item: Term | Formula, *classes: type) -> bool:
    """Whether one of the subterms, of both sides of every relation, is of one of these classes."""
    if isinstance(item, FORMULAS):
        return any(
            contains(side, *classes) for rel in relations(item) for side in (rel.left, rel.right)
        )
    return not kinds(item).isdisjoint(classes)


def relations(formula: Formula) -> Iterator[Rel]:
    """Every relation in ``formula``, left to right."""
    match formula:
        case Rel():
            yield formula
        case And(args=args) | Or(args=args):
            for arg in args:
                yield from relations(arg)
        case Not(arg=arg):
            yield from relations(arg)


@lru_cache(maxsize=100_000)
def free_names(item: Term | Formula) -> frozenset[str]:
    """The names of the variables that occur free."""
    if isinstance(item, Sym):
        return frozenset((item.name,))
    if isinstance(item, Sum):
        return (free_names(item.body) - {item.var}) | free_names(item.size)
    if isinstance(item, FORMULAS):
        return _NOTHING.union(
            *(free_names(rel.left) | free_names(rel.right) for rel in relations(item))
        )
    return _NOTHING.union(*map(free_names, children(item)))


_NOTHING: frozenset[str] = frozenset()


@lru_cache(maxsize=50_000)
def entry_names(term: Term) -> frozenset[str]:
    """The names of the arrays whose entries occur, in the bodies of sums as well."""
    own = {term.name} if isinstance(term, Entry) else ()
    return frozenset(own).union(*(entry_names(child) for child in children(term)))


def map_terms(formula: Formula, change: Callable[[Term], Term]) -> Formula:
    """``formula`` with ``change`` applied to both sides of every relation."""
    match formula:
        case Rel(op=op, left=left, right=right):
            return Rel(op, change(left), change(right))
        case And(args=args):
            return And(tuple(map_terms(arg, change) for arg in args))
        case Or(args=args):
            return Or(tuple(map_terms(arg, change) for arg in args))
        case Not(arg=arg):
            return Not(map_terms(arg, change))


def replace(term: Term, table: dict[Term, Term]) -> Term:
    """``term`` with every occurrence of a key of ``table`` replaced, outermost first.

    A summation index is never replaced inside its own sum, and is renamed where a replacement
    would be captured by it.
    """
    return _replace(term, table, {free_names(key) for key in table}, {})


def replace_everywhere(formulas: Iterable[Formula], table: dict[Term, Term]) -> list[Formula]:
    """Formulas in which both sides of every relation had terms replaced, as by :func:`replace`."""
    needed = {free_names(key) for key in table}
    known: dict[Term, Term] = {}
    return [
        map_terms(formula, lambda side: _replace(side, table, needed, known))
        for formula in formulas
    ]


def _replace(
    term: Term, table: dict[Term, Term], needed: set[frozenset[str]], known: dict[Term, Term]
) -> Term:
    """``needed`` are the variables of each key, ``known`` what was done already."""
    if term in table:
        return table[term]
    if term in known:
        return known[term]
    names = free_names(term)
    for key in needed:
        if key <= names:
            break
    else:
        # A term occurs, outside the sums that bind its variables, only where these are free.
        return term
    if isinstance(term, Sum):
        changed: Term = _replace_in_sum(term, table, needed, known)
    else:
        parts = children(term)
        new = tuple([_replace(part, table, needed, known) for part in parts])
        changed = term if new == parts else rebuild(term, new)
    known[term] = changed
    return changed


def _replace_in_sum(
    term: Sum, table: dict[Term, Term], needed: set[frozenset[str]], known: dict[Term, Term]
) -> Sum:
    inner = {key: new for key, new in table.items() if term.var not in free_names(key)}
    used = free_names(term.body)
    # A key without variables may occur anywhere.
    met = [new for key, new in inner.items() if free_names(key) <= used]
    body, var = term.body, term.var
    if any(var in free_names(new) for new in met):
        # Under its new name the index must not complete a key either.
        taken = used.union(*map(free_names, met), *map(free_names, inner))
        while var in taken:
            var += "_"
        body = replace(body, {Sym(term.var): Sym(var)})
    return Sum(replace(body, inner), var, _replace(term.size, table, needed, known))


def substitute(item: Formula, table: dict[str, Term]) -> Formula:
    """``item`` with variables replaced by terms, all at once."""
    terms: dict[Term, Term] = {Sym(name): term for name, term in table.items()}
    return map_terms(item, lambda term: replace(term, terms))


def nnf(formula: Formula, negate: bool = False) -> Formula:
    """Negation normal form: only ``and``, ``or`` and relations, ``not`` turned into the
    opposite relation (which asks for both sides to be defined)."""
    match formula:
        case Rel(op=op, left=left, right=right):
            return Rel(NEGATED[op], left, right) if negate else formula
        case Not(arg=arg):
            return nnf(arg, not negate)
        case And(args=args):
            parts = tuple(nnf(arg, negate) for arg in args)
            return disj(*parts) if negate else conj(*parts)
        case Or(args=args):
            parts = tuple(nnf(arg, negate) for arg in args)
            return conj(*parts) if negate else disj(*parts)


UNKNOWN_SUM = Rel("==", ZERO, ONE)
"""A condition that never holds, for a sum whose summands are not defined without one."""


@lru_cache(maxsize=100_000)
def conditions(term: Term, necessary: bool = False) -> tuple[Rel, ...]:
    """What suffices for ``term`` to be defined, innermost first, without repetitions.

    Each condition is itself defined once those before it hold. Conditions on constants that are
    plainly true (a nonzero literal denominator, ``sqrt(2)``) are left out. With ``necessary``, only
    those that are also implied by the term being defined: not the positive base of a power with a
    variable exponent, since ``(-1)**n`` exists for integers ``n``.
    """
    found: dict[Rel, None] = {}
    for part in (term.size,) if isinstance(term, Sum) else children(term):
        found.update(dict.fromkeys(conditions(part, True) if necessary else conditions(part)))
    if isinstance(term, Sum) and not necessary and conditions(term.body):
        # What a summand needs depends on the index; such a sum is bounded by its own rule.
        found[UNKNOWN_SUM] = None
    if necessary and isinstance(term, Pow) and not isinstance(term.exp, Num):
        return tuple(found)
    for condition in _own_conditions(term):
        if not _plainly_true(condition):
            found[condition] = None
    return tuple(found)


def _own_conditions(node: Term) -> tuple[Rel, ...]:
    match node:
        case Div(den=den):
            return (Rel("!=", den, ZERO),)
        case Call(name="log", args=(arg,)):
            return (Rel(">", arg, ZERO),)
        case Call(name="sqrt", args=(arg,)):
            return (Rel(">=", arg, ZERO),)
        case Call(name="tan", args=(arg,)):
            return (Rel("!=", Call("cos", (arg,)), ZERO),)
        case Call(name="asin" | "acos", args=(arg,)):
            return (Rel(">=", arg, num(-1)), Rel("<=", arg, ONE))
        case Pow(base=base, exp=Num(value=value)):
            return _rational_power_conditions(base, value)
        case Pow(base=base):
            # Sufficient, not necessary: negative bases with odd denominators are left to
            # evaluation at points, where the exponent's value is known.
            return (Rel(">", base, ZERO),)
        case _:
            return ()


def _rational_power_conditions(base: Term, value: Fraction) -> tuple[Rel, ...]:
    even_root = value.denominator % 2 == 0
    if value < 0:
        return (Rel(">", base, ZERO),) if even_root else (Rel("!=", base, ZERO),)
    return (Rel(">=", base, ZERO),) if even_root else ()


def _plainly_true(condition: Rel) -> bool:
    if isinstance(condition.left, Const):
        return condition.right == ZERO and condition.op in (">", ">=", "!=")
    if not (isinstance(condition.left, Num) and isinstance(condition.right, Num)):
        return False
    left, right = condition.left.value, condition.right.value
    return compare(left, condition.op, right)


def compare(left: Fraction, op: RelOp, right: Fraction) -> bool:
    """Whether ``left op right`` for exact rationals."""
    match op:
        case ">=":
            return left >= right
        case "<=":
            return left <= right
        case ">":
            return left > right
        case "<":
            return left < right
        case "==":
            return left == right
        case "!=":
            return left != right
