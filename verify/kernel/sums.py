"""Finite sums over symbolic ranges, with Kronecker deltas: definitions unfolded to closed forms.

A definition gives the entries of an array as a term: ``u[j, k] = (sum_l A[j, l] A[k, l])**beta``.
Unfolding replaces entries by their definitions and resolves sums over ``1 .. size`` by

* ``sum_k E = size * E`` where ``E`` does not depend on ``k``;
* ``E = E|D=0 + D (E|D=1 - E|D=0)`` for a delta ``D``, which is 0 or 1, wherever it stands;
* ``sum_k [k = x] E(k) = E(x)`` where ``x`` lies in the range;
* ``sum_j [r(j) = y] E = copies * E`` where ``r`` maps the range onto the classes, ``copies`` of the
  range to each (``r(j) = 1 + (j - 1) mod classes``);
* deltas of indices that always or never agree, by linear reasoning over the ranges.

Sums that remain are brought into a canonical form: a sum of products behind all summation signs,
with the bound names and the factors in a fixed order.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from dataclasses import replace as replace_field
from fractions import Fraction
from functools import cached_property, lru_cache
from typing import Any

from flint import fmpq

from verify.kernel.poly import Refused, Ring, canonical, fraction, rational
from verify.language.render import text
from verify.language.term import (
    ONE,
    UNKNOWN_SUM,
    ZERO,
    Add,
    Const,
    Delta,
    Div,
    Entry,
    Formula,
    Mul,
    Neg,
    Num,
    Pow,
    Rel,
    Sum,
    Sym,
    Term,
    children,
    conditions,
    contains,
    entry_names,
    free_names,
    outside_sums,
    rebuild,
    replace,
    subterms,
)

MAX_UNFOLDINGS = 5_000
MAX_MONOMIALS = 200
MAX_BOUND = 6


@dataclass(frozen=True, slots=True)
class Definition:
    """``name[indices] = body``, for all indices in their ranges."""

    indices: tuple[str, ...]
    body: Term


@dataclass(frozen=True, slots=True)
class IndexMap:
    """A map of ``1 .. copies * classes`` onto ``1 .. classes``, ``copies`` to each class."""

    size: Term
    classes: Term
    copies: Term


@dataclass(frozen=True, slots=True)
class Family:
    """A hypothesis for every index ``var`` in ``1 .. size`` but the exceptions."""

    var: str
    size: Term
    formula: Formula
    exceptions: tuple[Term, ...] = ()


@dataclass(frozen=True)
class Theory:
    """What the entries in a statement mean.

    ``ranges`` gives the size of the range ``1 .. size`` of each free index, ``least`` integer lower
    bounds of the sizes' parameters, ``distinct`` pairs of indices that are known to differ.
    """

    definitions: Mapping[str, Definition] = field(default_factory=dict)
    maps: Mapping[str, IndexMap] = field(default_factory=dict)
    ranges: Mapping[str, Term] = field(default_factory=dict)
    least: Mapping[str, int] = field(default_factory=dict)
    distinct: tuple[tuple[Term, Term], ...] = ()
    families: tuple[Family, ...] = ()
    ended: frozenset[str] = frozenset()
    """Arrays whose definitions do not hold any more, since variables were replaced."""
    memo: dict[object, Any] = field(default_factory=dict, compare=False, repr=False)
    """What was unfolded before; the same for the same theory."""

    @cached_property
    def defined(self) -> frozenset[str]:
        """The arrays whose entries have definitions, now or before, and may be undefined."""
        return self.ended | frozenset(self.definitions)

    @cached_property
    def names(self) -> frozenset[str]:
        """Every name that the definitions use, bound or free."""
        found: set[str] = {*self.ranges, *self.least}
        terms: list[Term] = [*self.ranges.values()]
        for definition in self.definitions.values():
            found.update(definition.indices)
            terms.append(definition.body)
        for item in self.maps.values():
            terms += [item.size, item.classes, item.copies]
        for pair in self.distinct:
            terms += pair
        for family in self.families:
            found.add(family.var)
            found |= free_names(family.formula)
            terms += [family.size, *family.exceptions]
        bound = (n.var for t in terms for n in subterms(t) if isinstance(n, Sum))
        return frozenset(found).union(bound, *(free_names(term) for term in terms))

    @cached_property
    def parameters(self) -> frozenset[str]:
        """The free names of the definitions and of everything else that is said about indices."""
        found: set[str] = set(self.least)
        for definition in self.definitions.values():
            found |= free_names(definition.body) - set(definition.indices)
        terms: list[Term] = [*self.ranges.values()]
        for item in self.maps.values():
            terms += [item.size, item.classes, item.copies]
        for pair in self.distinct:
            terms += pair
        for family in self.families:
            found |= free_names(family.formula) - {family.var}
            terms += [family.size, *family.exceptions]
        return frozenset(found).union(*map(free_names, terms))

    @cached_property
    def differing(self) -> frozenset[str]:
        """The differences, in normal form, of the indices that are known to differ."""
        return frozenset(
            canonical(gap) for a, b in self.distinct for gap in (Add((a, Neg(b))), Add((b, Neg(a))))
        )

    def closed(self) -> Theory:
        """What is left once variables have been replaced: no definition can be unfolded."""
        if "closed" not in self.memo:
            self.memo["closed"] = Theory(ended=self.defined)
        found: Theory = self.memo["closed"]
        return found

    def with_index(self, name: str, size: Term, others: Iterable[Term]) -> Theory:
        """This theory with one more index, different from ``others``."""
        differing = tuple((Sym(name), other) for other in others)
        key = (name, size, differing)
        if key not in self.memo:
            self.memo[key] = replace_field(
                self,
                ranges={**self.ranges, name: size},
                distinct=(*self.distinct, *differing),
                memo={},
            )
        found: Theory = self.memo[key]
        return found


NO_THEORY = Theory()


def unfold_all(term: Term, theory: Theory, *, keep: bool = False) -> tuple[Term, tuple[Rel, ...]]:
    """``term`` with definitions unfolded and sums resolved, and what must hold for the parts that
    were left out (a factor of zero, what cancels) to be defined.

    With ``keep``, nothing is left out that could be undefined.

    Raises:
        Refused: a definition does not end, an index cannot be shown to lie in its range, or a part
            that is left out may be undefined at some index of a sum.
    """
    for name in free_names(term) | theory.names:
        if name.startswith(("i__", "k__")) or name.endswith("__"):
            raise Refused(f"the name {name} is reserved for summation indices")
    work = _Unfolder(theory, keep)
    found = work.scalar(term)
    if contains_sum(found):
        found = canonical_sum(found, work.drop)
    kept = set(outside_sums(found))
    for power in work.powers:
        if power not in kept:
            work.dropped.update(dict.fromkeys(conditions(power)))
    return found, tuple(work.dropped)


def unfold(term: Term, theory: Theory) -> Term:
    """``term`` with definitions unfolded and sums resolved, where only its shape matters.

    Raises:
        Refused: a definition does not end, or an index cannot be shown to lie in its range.
    """
    return _Unfolder(theory).scalar(term)


def in_range(index: Term, size: Term, theory: Theory) -> bool:
    """Whether an index is known to lie in ``1 .. size``."""
    return _Unfolder(theory).in_range(index, size)


def is_size(size: Term, theory: Theory) -> bool:
    """Whether a size is known to be a nonnegative integer."""
    return _Unfolder(theory).is_size(size)


class _Kept(Refused):
    """A part cannot be left out, since whether it is defined is not known before its sums are."""


class _Unfolder:
    def __init__(self, theory: Theory, keep: bool = False) -> None:
        self.theory = theory
        self.keep = keep
        self.ranges: dict[str, Term] = dict(theory.ranges)
        self.steps = 0
        self.dropped: dict[Rel, None] = {}
        self.powers: dict[Pow, None] = {}
        """Powers in what is left out; each is defined if it still occurs in the result."""
        self.names = itertools.count()
        self.effects = 0
        """How often something was noted, or an index was named, beside what is returned."""
        self.known: dict[Term, tuple[Term, int]] = {}
        """What became of terms inside the sums that are open, and how many steps that took; of
        those alone that had no other effect."""
        self.distinct = theory.differing

    def drop(self, part: Term) -> None:
        """Note what a part needs that is left out of the result."""
        needed = conditions(part)
        ended = self.theory.ended
        if not needed and (not ended or entry_names(part).isdisjoint(ended)):
            return
        self.effects += 1
        if not entry_names(part).isdisjoint(ended):
            raise _Kept("an entry that is left out may be undefined")
        bound = self.bound
        if (
            self.keep
            or any(free_names(c) & bound for c in needed)
            or (UNKNOWN_SUM in needed and free_names(part) & bound)
        ):
            raise _Kept("a part that is left out may be undefined at some index")
        if UNKNOWN_SUM in needed:
            # Only a relation about the part itself says that its sums are defined.
            self.dropped[Rel("==", part, part)] = None
            return
        self.dropped.update(dict.fromkeys(conditions(part, necessary=True)))
        self.powers.update(
            (node, None)
            for node in outside_sums(part)
            if isinstance(node, Pow) and not isinstance(node.exp, Num)
        )

    def scalar(self, term: Term) -> Term:
        known = self.known.get(term)
        # What is known counts as often as it would have been gone through.
        self.steps += 1 if known is None else known[1]
        if self.steps > MAX_UNFOLDINGS:
            raise Refused("the definitions do not come to an end")
        if known is not None:
            return known[0]
        if isinstance(term, (Sym, Num, Const)):
            return term
        before, effects = self.steps - 1, self.effects
        found = self._scalar(term)
        if effects == self.effects:
            self.known[term] = found, self.steps - before
        return found

    def _scalar(self, term: Term) -> Term:
        match term:
            case Entry(name=name, indices=indices) if name in self.theory.definitions:
                definition = self.theory.definitions[name]
                if len(indices) != len(definition.indices):
                    raise Refused(f"{name} takes {len(definition.indices)} indices")
                inner = [self._index(index) for index in indices]
                return self.scalar(self._instance(definition, inner))
            case Delta(left=left, right=right):
                return self._delta(self._index(left), self._index(right))
            case Sum(body=body, var=var, size=size):
                return self._sum(body, var, self.scalar(size))
        parts = children(term)
        new = tuple([self.scalar(part) for part in parts])
        plain = term if new == parts else rebuild(term, new)
        try:
            return simplified(plain, self.drop)
        except _Kept:
            return plain

    def _index(self, term: Term) -> Term:
        """An index unfolded. It may vanish from the result, so it must be defined whatever its
        variables are: as it is written, and as what its entries stand for."""
        found = self.scalar(term)
        if conditions(term) or not self._always_defined(found):
            raise Refused("an index may be undefined")
        return found

    def _always_defined(self, term: Term) -> bool:
        """Whether a term is defined whatever its variables are; an entry with a definition that was
        not unfolded need not be."""
        return not conditions(term) and entry_names(term).isdisjoint(self.theory.defined)

    def _instance(self, definition: Definition, indices: list[Term]) -> Term:
        """The body at the given indices, its bound names made fresh first."""
        body = self._renamed(definition.body)
        table: dict[Term, Term] = {
            Sym(name): index for name, index in zip(definition.indices, indices, strict=True)
        }
        return replace(body, table)

    def _fresh(self) -> str:
        """A name for an index that no definition can mean something else by."""
        self.effects += 1
        return f"i__{next(self.names)}"

    def _renamed(self, term: Term) -> Term:
        if not contains(term, Sum):
            return term
        if isinstance(term, Sum):
            fresh = self._fresh()
            body = replace(self._renamed(term.body), {Sym(term.var): Sym(fresh)})
            return Sum(body, fresh, self._renamed(term.size))
        return rebuild(term, tuple(self._renamed(part) for part in children(term)))

    def _delta(self, left: Term, right: Term) -> Term:
        if self._differ(left, right):
            return ZERO
        gap = _linear(Add((left, Neg(right))))
        if gap is None:
            return Delta(left, right)
        if not any(gap.values()):
            return ONE
        if self._positive(gap) or self._positive({key: -value for key, value in gap.items()}):
            return ZERO
        return Delta(left, right)

    def _range(self, atom: Term) -> tuple[int, Term] | None:
        """Bounds of an index, with the ends left out that it is known to differ from."""
        match atom:
            case Sym(name=name) if name in self.ranges:
                high = self.ranges[name]
            case Entry(name=name, indices=(row,)) if name in self.theory.maps:
                mapping = self.theory.maps[name]
                if not self._is_row(row, mapping.size):
                    return None
                high = mapping.classes
            case _:
                return None
        low = 1
        while self._differ(atom, Num(Fraction(low))):
            low += 1
        while self._differ(atom, high):
            high = Add((high, Neg(ONE)))
        return low, high

    def _differ(self, left: Term, right: Term) -> bool:
        return canonical(Add((left, Neg(right)))) in self.distinct

    def _positive(self, form: Mapping[Term, fmpq]) -> bool:
        """Whether a linear form is at least 1 for all indices in their ranges."""
        least = fmpq(0)
        rest: dict[Term, fmpq] = {}
        for atom, coefficient in form.items():
            bounds = self._range(atom)
            if atom == ONE:
                least += coefficient
            elif bounds is not None and coefficient > 0:
                least += coefficient * bounds[0]
            elif bounds is not None:
                bound = _linear(bounds[1])
                if bound is None:
                    return False
                for key, value in bound.items():
                    rest[key] = rest.get(key, fmpq(0)) + coefficient * value
            else:
                rest[atom] = rest.get(atom, fmpq(0)) + coefficient
        for atom, coefficient in rest.items():
            if atom == ONE or not coefficient:
                least += coefficient
            elif isinstance(atom, Sym) and atom.name in self.theory.least and coefficient > 0:
                least += coefficient * self.theory.least[atom.name]
            else:
                return False
        return bool(least >= 1)

    def _integral(self, form: Mapping[Term, fmpq]) -> bool:
        """Whether a linear form is an integer for all integer indices and sizes."""
        return all(
            coefficient.q == 1
            and (
                atom == ONE
                or self._range(atom) is not None
                or (isinstance(atom, Sym) and atom.name in self.theory.least)
            )
            for atom, coefficient in form.items()
        )

    def _is_row(self, row: Term, size: Term) -> bool:
        """Whether an index map is defined there; mostly an index that runs over its rows."""
        if isinstance(row, Sym) and self.ranges.get(row.name) == size:
            return True
        return self.in_range(row, size)

    def in_range(self, index: Term, size: Term) -> bool:
        if not self._always_defined(index):
            return False
        low, room = _linear(index), _linear(Add((size, Neg(index), ONE)))
        return (
            low is not None
            and room is not None
            and self._integral(low)
            and self._positive(low)
            and self._positive(room)
        )

    def is_size(self, size: Term) -> bool:
        """Whether a size is known to be a nonnegative integer, the same at every index."""
        if not self._always_defined(size) or free_names(size) & self.bound:
            return False
        room = _linear(Add((size, ONE)))
        return room is not None and self._integral(room) and self._positive(room)

    @property
    def bound(self) -> frozenset[str]:
        """The indices of the sums around what is looked at."""
        return frozenset(self.ranges) - frozenset(self.theory.ranges)

    def _sum(self, body: Term, var: str, size: Term) -> Term:
        if not self.is_size(size):
            raise Refused("the size of a range is not known to be a nonnegative integer")
        fresh = self._fresh()
        body, var = replace(body, {Sym(var): Sym(fresh)}), fresh
        self.ranges[var] = size
        outside, self.known = self.known, {}
        try:
            inner = self.scalar(body)
            return self._resolved(inner, var, size)
        finally:
            self.known = outside
            del self.ranges[var]

    def _resolved(self, body: Term, var: str, size: Term) -> Term:
        self.steps += 1
        if self.steps > MAX_UNFOLDINGS:
            raise Refused("a sum does not come to an end")
        if var not in free_names(body):
            return simplified(Mul((size, body)), self.drop)
        index = Sym(var)
        deltas = [node for node in subterms(body) if isinstance(node, Delta)]
        if deltas:
            bound = {node.var for node in subterms(body) if isinstance(node, Sum)}
            deltas = [
                node for node in deltas if var in free_names(node) and not free_names(node) & bound
            ]
        for delta in deltas:
            other = _other_side(delta, index)
            if other is not None and var not in free_names(other) and self.in_range(other, size):
                without = self.scalar(replace(body, {delta: ZERO}))
                here = self.scalar(replace(replace(body, {delta: ONE}), {index: other}))
                there = self.scalar(replace(without, {index: other}))
                rest = self._resolved(without, var, size)
                return simplified(Add((rest, here, Neg(there))), self.drop)
        for delta in deltas:
            side = _mapped_side(delta, index, self.theory.maps)
            if side is None:
                continue
            image, other = side
            mapping = self.theory.maps[image.name]
            if (
                var in free_names(other)
                or canonical(size) != canonical(mapping.size)
                or not self.in_range(other, mapping.classes)
            ):
                continue
            without = self.scalar(replace(body, {delta: ZERO}))
            here = self.scalar(replace(replace(body, {delta: ONE}), {image: other}))
            there = self.scalar(replace(without, {image: other}))
            if var in free_names(here) or var in free_names(there):
                continue
            rest = self._resolved(without, var, size)
            change = simplified(Add((here, Neg(there))), self.drop)
            return simplified(Add((rest, Mul((mapping.copies, change)))), self.drop)
        return canonical_sum(Sum(body, var, size), self.drop)


@lru_cache(maxsize=20_000)
def _linear(term: Term) -> Mapping[Term, fmpq] | None:
    """A linear form over index atoms; the constant belongs to the key ``ONE``."""
    ring = Ring((term,))
    top, bottom = ring.fraction(term)
    if not bottom.is_constant() or (not top.is_zero() and top.total_degree() > 1):
        return None
    form: dict[Term, fmpq] = {}
    for powers, coefficient in top.terms():
        keys = [key for key, power in zip(ring.keys, powers, strict=True) if power]
        atom = ring.generator(keys[0]) if keys else ONE
        if atom in form:
            return None
        form[atom] = coefficient
    return form


def _other_side(delta: Delta, index: Term) -> Term | None:
    if delta.left == index:
        return delta.right
    return delta.left if delta.right == index else None


def _mapped_side(
    delta: Delta, index: Term, maps: Mapping[str, IndexMap]
) -> tuple[Entry, Term] | None:
    """Write a delta as ``[r(j) = y]``, moving a constant shift to the other side."""
    for side, other in ((delta.left, delta.right), (delta.right, delta.left)):
        for node in subterms(side):
            if isinstance(node, Entry) and node.name in maps and node.indices == (index,):
                shift = simplified(Add((side, Neg(node))))
                if index not in subterms(shift):
                    return node, simplified(Add((other, Neg(shift))))
    return None


@lru_cache(maxsize=20_000)
def factored(term: Term) -> Term:
    """A term in which the base of every power with a variable exponent is factored.

    The product of the factors is the base again, which is what makes the two equal.
    """
    if not contains(term, Pow):
        return term
    term = rebuild(term, tuple(factored(part) for part in children(term)))
    if not isinstance(term, Pow) or isinstance(term.exp, Num):
        return term
    if conditions(term.base) or contains(term.base, Entry):
        # A base that may be undefined stays as it is: its normal form may not be.
        return term
    ring = Ring((term.base,))
    top, bottom = ring.fraction(term.base)
    if not bottom.is_constant() or top.is_constant():
        return term
    lead, factors = top.factor()
    if lead == 1 and len(factors) == 1 and factors[0][1] == 1:
        return term
    shown: list[Term] = [Num(fraction(lead))] if lead != 1 else []
    product = ring.ctx.constant(lead)
    for factor, multiplicity in factors:
        product = product * factor**multiplicity
        base = ring.term(factor)
        shown.append(base if multiplicity == 1 else Pow(base, Num(Fraction(int(multiplicity)))))
    if product != top:
        raise Refused("a factorisation is wrong")
    return Pow(shown[0] if len(shown) == 1 else Mul(tuple(shown)), term.exp)


_Drop = Callable[[Term], None]


def _ignore(part: Term) -> None:
    """For terms that are always defined, such as indices."""
    if conditions(part):
        raise Refused("a part that is left out may be undefined")


def simplified(term: Term, drop: _Drop = _ignore) -> Term:
    """Zeros, ones and single arguments removed, equal summands collected.

    ``drop`` is told of every part that the result does not contain.
    """
    match term:
        case Mul(args=args):
            kept = [arg for arg in args if arg != ONE]
            if ZERO in kept:
                for arg in kept:
                    drop(arg)
                return ZERO
            return Mul(tuple(kept)) if len(kept) > 1 else (kept[0] if kept else ONE)
        case Add(args=args):
            return _collected([arg for arg in args if arg != ZERO], drop)
        case Neg(arg=Num(value=value)):
            return Num(-value)
        case Neg(arg=Neg(arg=arg)):
            return arg
        case Div(num=top, den=bottom) if bottom == ONE:
            return top
        case _:
            return term


def _collected(parts: list[Term], drop: _Drop) -> Term:
    """A sum in which parts that cancel are gone and equal parts are counted."""
    counts: dict[Term, fmpq] = {}
    for part in parts:
        stack = [(part, fmpq(1))]
        while stack:
            node, sign = stack.pop()
            if isinstance(node, Neg):
                stack.append((node.arg, -sign))
            elif isinstance(node, Add):
                stack.extend((arg, sign) for arg in reversed(node.args))
            elif isinstance(node, Num):
                counts[ONE] = counts.get(ONE, fmpq(0)) + sign * rational(node.value)
            else:
                counts[node] = counts.get(node, fmpq(0)) + sign
    shown: list[Term] = []
    for node, count in counts.items():
        if count == 0:
            drop(node)
            continue
        size = Num(fraction(abs(count)))
        piece: Term = size if node == ONE else (node if size == ONE else Mul((size, node)))
        shown.append(piece if count > 0 else simplified(Neg(piece), drop))
    if not shown:
        return ZERO
    return shown[0] if len(shown) == 1 else Add(tuple(shown))


def contains_sum(term: Term) -> bool:
    """Whether a sum is left among the summands and factors of a term."""
    match term:
        case Sum():
            return True
        case Add(args=args) | Mul(args=args):
            return any(contains_sum(arg) for arg in args)
        case Neg(arg=arg):
            return contains_sum(arg)
        case _:
            return False


def canonical_sum(term: Term, drop: _Drop = _ignore) -> Term:
    """A sum of products behind summation signs, with bound names and factors in a fixed order.

    Raises:
        Refused: too many nested sums.
    """
    total: list[Term] = []
    for sign, bound, factors in _monomials(term, drop):
        monomial = _canonical_monomial(bound, factors)
        total.append(monomial if sign > 0 else Neg(monomial))
    return _collected(total, drop)


_Monomial = tuple[int, tuple[tuple[str, Term], ...], tuple[Term, ...]]


def _monomials(term: Term, drop: _Drop) -> list[_Monomial]:
    match term:
        case Add(args=args):
            return [monomial for arg in args for monomial in _monomials(arg, drop)]
        case Neg(arg=arg):
            return [(-sign, bound, factors) for sign, bound, factors in _monomials(arg, drop)]
        case Mul(args=args):
            product: list[_Monomial] = [(1, (), ())]
            ranging = [place for place, arg in enumerate(args) if contains_sum(arg)]
            for place, arg in enumerate(args):
                if any(place != other for other in ranging):
                    # It moves behind a summation sign, whose range may be empty.
                    drop(arg)
            for arg in args:
                more = _monomials(arg, drop)
                if len(product) * len(more) > MAX_MONOMIALS:
                    raise Refused("a product with sums has too many terms")
                product = [
                    (s1 * s2, (*b1, *b2), (*f1, *f2))
                    for s1, b1, f1 in product
                    for s2, b2, f2 in _apart(more, product)
                ]
            return product
        case Sum(body=body, var=var, size=size):

            def inside(part: Term) -> None:
                if var in free_names(part) and conditions(part):
                    # Outside the sum the name would mean something else.
                    raise Refused("what a sum over nothing needs depends on an index")
                drop(part)

            return [
                (sign, ((var, size), *bound), factors)
                for sign, bound, factors in _monomials(body, inside)
            ]
        case Num(value=value) if value < 0:
            return [(-1, (), (Num(-value),))]
        case _:
            return [(1, (), () if term == ONE else (term,))]


def _apart(new: list[_Monomial], old: list[_Monomial]) -> list[_Monomial]:
    """``new`` with bound names that ``old`` does not use."""
    taken = {name for _, bound, _ in old for name, _ in bound}
    for _, bound, factors in (*old, *new):
        own = {name for name, _ in bound}
        taken |= frozenset().union(*map(free_names, factors)) - own
    result = []
    for sign, bound, factors in new:
        table: dict[Term, Term] = {}
        renamed = []
        used = set(taken)  # All names change at once, so only the new ones must differ.
        for name, size in bound:
            fresh = name
            while fresh in used:
                fresh += "_"
            used.add(fresh)
            table[Sym(name)] = Sym(fresh)
            renamed.append((fresh, size))
        result.append((sign, tuple(renamed), tuple(replace(f, table) for f in factors)))
    return result


def _canonical_monomial(bound: tuple[tuple[str, Term], ...], factors: tuple[Term, ...]) -> Term:
    own = {name for name, _ in bound}
    for name in frozenset().union(*map(free_names, factors)) - own:
        if name.startswith("k__") or name.endswith("__"):
            raise Refused(f"the name {name} is reserved for summation indices")
    if len(bound) > MAX_BOUND:
        raise Refused("too many nested sums")
    best: tuple[str, Term] | None = None
    for order in itertools.permutations(bound):
        temporary: dict[Term, Term] = {Sym(n): Sym(f"{n}__") for n, _ in order}
        final: dict[Term, Term] = {Sym(f"{n}__"): Sym(f"k__{i}") for i, (n, _) in enumerate(order)}
        renamed = sorted((replace(replace(f, temporary), final) for f in factors), key=text)
        term: Term = renamed[0] if len(renamed) == 1 else (Mul(tuple(renamed)) if renamed else ONE)
        for i, (_, size) in reversed(list(enumerate(order))):
            term = Sum(term, f"k__{i}", size)
        shown = text(term)
        if best is None or shown < best[0]:
            best = (shown, term)
    assert best is not None
    return best[1]
