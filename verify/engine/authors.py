"""Slips of a pack's author that can be seen in the declaration, each with its line and a remedy.

These are refused before anything is checked: each of them would turn into a statement that says
something else than the author means. Everything here reads SymPy expressions as they were built.
"""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property, lru_cache
from itertools import product
from math import isfinite, prod
from typing import Any

import sympy
from sympy.core.function import AppliedUndef
from sympy.logic.boolalg import BooleanAtom

from verify.engine.declared import mistyped
from verify.engine.domains import missing
from verify.engine.formal import Formal, formalise
from verify.engine.reference import reference_point
from verify.engine.results import Result
from verify.kernel.chance import Chance
from verify.kernel.point import Evaluator, Undecided, Undefined
from verify.kernel.poly import Refused, is_whole
from verify.kernel.sums import is_size
from verify.language.render import text
from verify.language.statement import (
    Asymptotic,
    FiniteSpace,
    ForAll,
    Output,
    Paper,
    Probability,
    Statement,
    TailBound,
)
from verify.language.sympy_terms import LanguageError, to_formula, to_term
from verify.language.term import ZERO, Mul, Num, Rel, RelOp, Sym, Term, free_names, num

MEMORY = 1 << 14
"""Statements of a paper share most of their expressions: each is looked at once."""


MOST_INDICES, MOST_CHOICES = 20, 10_000
"""Larger ranges leave something to choose, or take too long to go through."""


def problems(paper: Paper, statements: Sequence[Statement]) -> list[str]:
    """What is wrong with some statements of a pack, as ``FILE, line N: ID: what, and what to do``.

    Empty for a pack that declares what it seems to.
    """
    known = {item.id: item for item in paper.statements}
    ids = {*known, *(item.lemma for item in paper.statements)}
    ids |= {item.id for item in paper.definitions}
    found: dict[str, None] = {}
    for statement in statements:
        place = f"{statement.declared_at}: " if statement.declared_at else ""
        # What is of another kind than its field cannot be looked at further.
        messages = list(mistyped(statement)) or _Author(statement, known, ids).problems()
        for message in messages:
            found[f"{place}{statement.id}: {message}"] = None
    return list(found)


def second_thoughts(statement: Statement, result: Result) -> str:
    """What a result suggests about the declaration; empty for nothing.

    Hypotheses that contradict each other, or a domain that has been forgotten.
    """
    place = f"{statement.declared_at}: " if statement.declared_at else ""
    if result.claim.verdict == "vacuous":
        return f"{place}{statement.id}: {result.claim.explanation}"
    found = result.claim.counterexample
    formal = formalise(statement) if found is not None and found.undefined is not None else None
    if formal is None or isinstance(formal.conclusion, Chance):
        return ""
    needed = missing(formal.conclusion, formal.integers, found)
    if needed is None:
        return ""
    return (
        f"{place}{statement.id}: where {text(needed)} fails, the claim is undefined: a domain may "
        "have been forgotten; add that to `where` of a parameter, or to the hypotheses"
    )


@dataclass(frozen=True)
class _Piece:
    """An expression of a statement: what it is there, and what is bound around it."""

    what: str
    expression: Any
    bound: Mapping[str, Any] = field(default_factory=dict)
    relation: bool = False
    size: bool = False


@dataclass
class _Author:
    """The checks of one statement."""

    statement: Statement
    known: Mapping[str, Statement]
    ids: Set[str]
    """The ids of statements, lemmas and definitions of the pack."""

    def __post_init__(self) -> None:
        self.params = {param.name: param for param in self.statement.params}
        self.ranges = {str(index.symbol): index.size for index in self.statement.indices}
        self.declared = {*self.params, *self.ranges}
        self.values: Mapping[str, Term] = {}

    @cached_property
    def formal(self) -> Formal | None:
        """The formal content, made once: every size and every root asks for it."""
        return formalise(self.statement)

    def problems(self) -> Iterator[str]:
        """Every slip, in the order of the declaration."""
        pieces = list(self._pieces())
        unreadable = False
        for piece in pieces:
            for message in _unreadable(piece.expression, piece.relation):
                unreadable = True
                yield f"{piece.what} {message}"
        if unreadable:
            return
        try:
            self.values = reference_point(self.statement.params)
        except ValueError as error:
            yield f"{error}: give one of the parameters a number"
        for piece in pieces:
            yield from self._undeclared(piece)
            yield from self._presumed(piece)
            yield from self._odd_roots(piece)
        yield from self._arities(pieces)
        yield from self._twice()
        yield from self._circles()
        yield from self._no_index()
        yield from self._sizes(pieces)
        yield from self._fixed()
        yield from self._readings()
        yield from self._references()
        yield from self._no_steps()
        yield from self._ids()
        yield from self._substitutions()

    # What a statement consists of

    def _pieces(self) -> Iterator[_Piece]:
        statement = self.statement
        for param in statement.params:
            for relation in param.where:
                yield _Piece(f"the domain of {param.name}", relation, relation=True)
            source = param.reference if param.determined_by is None else param.determined_by
            yield _Piece(f"the reference value of {param.name}", source)
        for number, hypothesis in enumerate(statement.hypotheses, 1):
            what = f"hypothesis {number}"
            if isinstance(hypothesis.relation, ForAll):
                item = hypothesis.relation
                bound = {str(item.index): item.size}
                yield _Piece(what, item.relation, bound, relation=True)
                for part in (item.size, *item.exceptions):
                    yield _Piece(what, part)
            elif hypothesis.relation is not None:
                yield _Piece(what, hypothesis.relation, relation=True)
            for order in (hypothesis.growth, hypothesis.implies):
                if order is not None:
                    yield _Piece(what, order.left)
                    yield _Piece(what, order.right)
        for index in statement.indices:
            yield _Piece(f"the range of {index.symbol}", index.size)
        for array in statement.arrays:
            bound = dict.fromkeys(map(str, array.indices))
            yield _Piece(f"the definition of {array.name}", array.body, bound)
        for stack in statement.stacked:
            for part in (stack.rows, stack.classes, stack.copies):
                yield _Piece(f"a size of the map {stack.name}", part, size=True)
        for name, shape in statement.shapes.items():
            for part in shape:
                yield _Piece(f"the shape of {name}", part)
        yield from _conclusion("the conclusion", statement.conclusion)
        for name, variant in statement.variants:
            yield from _conclusion(f"the variant {name!r}", variant)
        for number, step in enumerate(statement.proof.steps, 1):
            yield from _conclusion(f"step {number} of the proof", step.claim)
            for given in step.given:
                yield _Piece(f"step {number} of the proof", given, relation=True)
        for citation in statement.proof.citations:
            what = f"the citation of {citation.id}"
            for value in citation.substitution.values():
                yield _Piece(what, value)
            if citation.used_for is not None:
                yield from _conclusion(what, citation.used_for)
        for name in ("radius", "variance"):
            if getattr(statement, name) is not None:
                yield _Piece(f"the {name}", getattr(statement, name))

    # Symbols

    def _undeclared(self, piece: _Piece) -> Iterator[str]:
        free = _free(piece.expression) - set(piece.bound)
        for name in sorted(free - self.declared):
            close = difflib.get_close_matches(name, sorted(self.declared), 1, 0.5)
            guess = f"did you mean {close[0]}? Otherwise " if close else ""
            yield (
                f"{piece.what} mentions {name}, which is not declared: {guess}"
                f'add Param({name}, "what it is", a reference value) to params, '
                f"or Index({name}, its size) to indices"
            )

    def _presumed(self, piece: _Piece) -> Iterator[str]:
        """Assumptions of symbols, by which SymPy rewrites, that the statement does not make."""
        for symbol in _symbols(piece.expression):
            name = symbol.__name__ if isinstance(symbol, type) else str(symbol.name)
            param = self.params.get(name)
            stated = {"real": True}
            if param is not None:
                stated |= {"integer": True} if param.integer else {}
                signs = _SIGNS.items()
                stated |= {
                    sign: True for sign, op in signs if self._knows(Rel(op, Sym(name), ZERO))
                }
            rest = _assumed(symbol).items() - _taken_of(**stated).items()
            if rest:
                assumption = min(rest, key=_order)
                shown = assumption[0] if assumption[1] else f"not {assumption[0]}"
                yield (
                    f"{piece.what} has a symbol {name} that SymPy takes to be {shown}, which "
                    f"the statement does not say: write symbols({name!r}), and what is assumed of "
                    "it in a domain or a hypothesis"
                )

    def _odd_roots(self, piece: _Piece) -> Iterator[str]:
        """SymPy rewrites odd roots as those of numbers that are not negative."""
        for power in _powers(piece.expression):
            base = power.base
            if base.is_Rational:
                negative = bool(base < 0)
            else:
                negative = not self._knows(Rel(">=", to_term(base), ZERO))
            if negative and not free_names(to_term(base)) & set(piece.bound):
                yield (
                    f"{piece.what} has the root {power}, and nothing says that {base} is not "
                    "negative: SymPy rewrites such roots as if it were not; add that hypothesis"
                )

    def _knows(self, relation: Rel) -> bool:
        """Whether the hypotheses say something, or say more by a constant."""
        if self.formal is None:
            return False
        context = self.formal.sequent().context()
        if context.knows(relation):
            return True
        # Imported only now: it needs NumPy, which takes long to load.
        from verify.provers.budget import Budget  # noqa: PLC0415
        from verify.provers.linear import farkas  # noqa: PLC0415

        ops: tuple[RelOp, ...] = (">", "<") if relation.op == "!=" else (relation.op,)
        return any(
            farkas(context, Rel(op, relation.left, relation.right), Budget.counted(1.0)) is not None
            for op in ops
        )

    # Arrays

    def _arities(self, pieces: Sequence[_Piece]) -> Iterator[str]:
        wanted: dict[str, tuple[int, str]] = {}
        for array in self.statement.arrays:
            wanted[array.name] = len(array.indices), "its definition has"
        for name, shape in self.statement.shapes.items():
            wanted[name] = len(shape), "its shape has"
        for item in self.statement.stacked:
            wanted[item.name] = 1, "a map of rows has"
        for piece in pieces:
            for name, indices in _entries(piece.expression):
                count, why = wanted.setdefault(name, (len(indices), f"in {piece.what} it has"))
                if len(indices) != count:
                    shown = ", ".join(map(str, indices))
                    yield (
                        f"{piece.what} has {name}[{shown}] with {_indices(len(indices))}, but "
                        f"{why} {count}: write {name}[{', '.join(['..'] * count)}]"
                    )

    def _twice(self) -> Iterator[str]:
        """Names that are given to two things."""
        declared = [param.name for param in self.statement.params]
        declared += [str(index.symbol) for index in self.statement.indices]
        for name in _repeated(declared):
            yield f"{name} is declared twice: leave one out, or give it another name"
        defined = [array.name for array in self.statement.arrays]
        for name in _repeated([*defined, *(item.name for item in self.statement.stacked)]):
            yield f"{name} is defined twice: leave one of the definitions out"
        for array in self.statement.arrays:
            for name in _repeated([str(index) for index in array.indices]):
                yield f"{array.name} has the index {name} twice: give one of them another name"

    def _circles(self) -> Iterator[str]:
        """Definitions that come back to themselves."""
        uses: dict[str, set[str]] = {}
        for array in self.statement.arrays:
            uses[array.name] = {name for name, _ in _entries(array.body)}
        for start in uses:
            waiting, seen = [start], set[str]()
            while waiting:
                for name in uses.get(waiting.pop(), ()):
                    if name not in seen:
                        seen.add(name)
                        waiting.append(name)
            if start in seen:
                yield (
                    f"the definition of {start} comes back to {start}: write it without; a "
                    "recursion can be said in a hypothesis about all indices"
                )

    def _no_index(self) -> Iterator[str]:
        """Indices of which the hypotheses leave none, as far as their ranges are numbers."""
        formal = self.formal
        pairs = () if formal is None else formal.theory.distinct
        same = next((left for left, right in pairs if left == right), None)
        if same is not None:
            yield f"a hypothesis says that {text(same)} differs from itself: leave it out"
        ranges = {
            name: range(1, int(last) + 1)
            for name, size in self.ranges.items()
            if (last := _most(formal, size)) is not None and last <= MOST_INDICES
        }
        bounded = [
            pair
            for pair in pairs
            if all(isinstance(s, Num) or (isinstance(s, Sym) and s.name in ranges) for s in pair)
        ]
        names = sorted({name for pair in bounded for side in pair for name in free_names(side)})
        names += [name for name in ranges if not ranges[name]]
        if not names or prod(len(ranges[name]) for name in names) > MOST_CHOICES:
            return
        for choice in product(*(ranges[name] for name in names)):
            at: dict[Term, Term] = {
                Sym(name): num(value) for name, value in zip(names, choice, strict=True)
            }
            if all(at.get(left, left) != at.get(right, right) for left, right in bounded):
                return
        shown = ", ".join(names)
        yield (
            f"the hypotheses leave nothing for {shown}: there is no choice in the ranges for which "
            "all indices differ that are said to; change a range, or leave a hypothesis out"
        )

    def _sizes(self, pieces: Sequence[_Piece]) -> Iterator[str]:
        sizes: list[tuple[str, Any]] = [
            (f"the range of {name}", size) for name, size in self.ranges.items()
        ]
        for piece in pieces:
            sizes += [(f"the range of {name}", size) for name, size in piece.bound.items()]
            sizes += [(f"the range of {name}", high) for name, high in _summed(piece.expression)]
            if piece.size:
                sizes.append((piece.what, piece.expression))
        inner = {name for piece in pieces for name, _ in _summed(piece.expression)}
        inner |= {name for piece in pieces for name in piece.bound}
        for what, size in dict.fromkeys(sizes):
            found = False
            for name in sorted(_free(size) & set(self.params)):
                for message in self._not_a_size(what, size, name):
                    found = True
                    yield message
            if size is not None and not found and _free(size) <= self.declared | inner:
                yield from self._no_number(what, size, inner)
        yield from self._misfits(pieces)
        yield from self._stacks()

    def _not_a_size(self, what: str, size: Any, name: str) -> Iterator[str]:
        param = self.params[name]
        remedy = f"declare Param({name}, .., integer=True, where=(ge({name}, 1),))"
        if not param.integer:
            yield f"{what} is {_range(what, size)}, but {name} is a real number: {remedy}"
        elif not param.where and param.determined_by is None and not self._restricted(name):
            shown = _range(what, size)
            yield f"{what} is {shown}, but nothing says that {name} is positive: {remedy}"

    def _no_number(self, what: str, size: Any, inner: Set[str]) -> Iterator[str]:
        """Sizes that are no natural numbers: by their form, or at the reference values."""
        formal = self.formal
        integers = {name for name, param in self.params.items() if param.integer}
        term, value = to_term(size), _exact(self.values, size)
        whole = is_whole(term, integers | set(self.ranges) | inner)
        if not whole and (formal is None or not is_size(term, formal.theory)):
            yield (
                f"{what} is {_range(what, size)}, which is not known to be an integer: write it "
                "with integer parameters, products and differences of them"
            )
        elif value is not None and (value < 0 or value.denominator != 1):
            yield (
                f"{what} is {_range(what, size)}, which is {value} at the reference values: a size "
                "is 0, 1, 2, and so on"
            )

    def _restricted(self, name: str) -> bool:
        return any(
            name in _free(hypothesis.relation)
            for hypothesis in self.statement.hypotheses
            if hypothesis.relation is not None and not isinstance(hypothesis.relation, ForAll)
        )

    def _misfits(self, pieces: Sequence[_Piece]) -> Iterator[str]:
        """Uses of an array beyond the shape that is declared for it, seen at the reference."""
        if not self.statement.shapes:
            return
        for piece in pieces:
            unsized = {name for name, size in piece.bound.items() if size is None}
            ranges = {**self.ranges, **piece.bound, **dict(_summed(piece.expression))}
            for name, indices in _entries(piece.expression):
                shape = self.statement.shapes.get(name, ())
                for place, (index, size) in enumerate(zip(indices, shape, strict=False), 1):
                    if unsized & _free(index):
                        continue
                    high = ranges.get(str(index), index)
                    low = 1 if str(index) in ranges else index
                    message = _beyond(self.values, low, high, size)
                    if message:
                        runs = f"{index} runs to {high}" if high is not index else f"it is {index}"
                        yield (
                            f"{piece.what} has {name} with dimensions that do not match: index "
                            f"{place} goes to {size}, but {runs} ({message} at the reference "
                            "values): change the range, the index, or the shape"
                        )

    def _stacks(self) -> Iterator[str]:
        for item in self.statement.stacked:
            rows = _exact(self.values, item.rows)
            product = _exact(self.values, item.classes * item.copies)
            if rows is not None and product is not None and rows != product:
                yield (
                    f"{item.name} stacks {item.copies} copies of {item.classes} rows, but has "
                    f"{item.rows} rows: at the reference values {product} is not {rows}; change "
                    "the sizes or the reference values"
                )
            elif not self._knows(
                Rel(
                    "==",
                    to_term(item.rows),
                    Mul((to_term(item.classes), to_term(item.copies))),
                )
            ):
                yield (
                    f"{item.name} stacks {item.copies} copies of {item.classes} rows, but nothing "
                    f"says that these are the {item.rows} rows: add eq({item.rows}, "
                    f"({item.classes})*({item.copies})) to the hypotheses, or to a domain"
                )

    # Other statements

    def _no_steps(self) -> Iterator[str]:
        """Kinds of claims that have a checker of their own, which looks at conclusions alone."""
        claims = [
            (f"step {number} of the proof", step.claim)
            for number, step in enumerate(self.statement.proof.steps, 1)
        ]
        claims += [(f"the variant {name!r}", claim) for name, claim in self.statement.variants]
        for what, claim in claims:
            if isinstance(claim, FiniteSpace | TailBound | Asymptotic):
                yield (
                    f"{what} is {type(claim).__name__}(..), which is checked as the conclusion of "
                    "a statement alone: make it one, and cite that"
                )

    def _ids(self) -> Iterator[str]:
        named = [("definitions", item) for item in self.statement.definitions]
        named += [("uses", item) for item in self.statement.uses]
        named += [("the proof", item.id) for item in self.statement.proof.citations]
        for where, name in dict.fromkeys(named):
            if name not in self.ids:
                close = difflib.get_close_matches(name, sorted(self.ids), 1)
                guess = f"did you mean {close[0]}? Otherwise " if close else ""
                verb = "cites" if where == "the proof" else "names"
                yield (
                    f"{where} {verb} {name}, which the pack does not have: {guess}"
                    "list it among the pack's statements or definitions"
                )

    def _substitutions(self) -> Iterator[str]:
        for citation in self.statement.proof.citations:
            cited = self.known.get(citation.id)
            if cited is None:
                continue
            symbols = [param.symbol for param in cited.params]
            symbols += [index.symbol for index in cited.indices]
            for key in citation.substitution:
                if key not in symbols:
                    shown = repr(key) if isinstance(key, str) else key
                    yield (
                        f"the citation of {citation.id} substitutes {shown}, which is no parameter "
                        f"and no index of it: write one of the symbols "
                        f"{', '.join(map(str, symbols)) or '(it has none)'}"
                    )

    # Constants that are large enough

    def _fixed(self) -> Iterator[str]:
        large = self.statement.large
        if large is not None and str(large) not in self.params:
            yield f"large names {large}, which is no parameter: add it to params"
        for symbol in self.statement.fixed:
            if str(symbol) not in self.params:
                yield (
                    f"fixed names {symbol}, which is no parameter: the constant that is large "
                    "enough may depend on the parameters that are fixed before it"
                )
            elif symbol == large:
                yield f"fixed names {symbol}, which has to be large itself: leave it out"

    def _readings(self) -> Iterator[str]:
        known = [item.relation for item in self.statement.hypotheses]
        for reading in self.statement.readings:
            for symbol in (reading.large, *reading.fixed):
                if str(symbol) not in self.params:
                    yield f"the reading {reading.name!r} names {symbol}, which is no parameter"
            if reading.large in reading.fixed:
                yield f"the reading {reading.name!r} fixes {reading.large}, which has to be large"
            for relation in reading.drops:
                if relation not in known:
                    yield (
                        f"the reading {reading.name!r} drops {relation}, which is no hypothesis: "
                        "write it as the hypothesis does"
                    )

    # Reference values

    def _references(self) -> Iterator[str]:
        for param in self.statement.params:
            value = self.values.get(param.name)
            if param.integer and isinstance(value, Num) and value.value.denominator != 1:
                yield (
                    f"the reference value {text(value)} of {param.name} is no integer, which "
                    f"{param.name} is: choose another"
                )
            for relation in param.where:
                needed = _free(relation) & set(self.values)
                values = tuple((name, self.values[name]) for name in sorted(needed))
                if _holds(relation, values) is False:
                    yield (
                        f"the reference value {param.reference} of {param.name} is not in its "
                        f"domain, {relation}: choose another"
                    )


def _most(formal: Formal | None, size: Any) -> Fraction | None:
    """The greatest value of a size: a number, or a parameter with a literal upper bound."""
    term = to_term(size)
    if isinstance(term, Num):
        return term.value
    if formal is None or not isinstance(term, Sym):
        return None
    return formal.sequent().context().bounds.get(term.name, (None, None))[1]


def _range(what: str, size: Any) -> str:
    return f"1 .. {size}" if what.startswith("the range") else str(size)


def _repeated(names: Sequence[str]) -> list[str]:
    return [name for name, count in Counter(names).items() if count > 1]


def _conclusion(what: str, conclusion: Any) -> Iterator[_Piece]:
    match conclusion:
        case TailBound():
            return
        case FiniteSpace(events=events):
            yield _Piece(f"the number of events in {what}", events, size=True)
        case Asymptotic(growth=growth, given=given):
            for order in (growth, *given):
                yield _Piece(what, order.left)
                yield _Piece(what, order.right)
        case Probability(event=event, at_least=bound):
            ranges = {str(event.index): event.size}
            if isinstance(event, Output) and event.row is not None:
                ranges[str(event.row)] = event.rows
            yield _Piece(what, event.weight, ranges)
            for part in (event.size, event.threshold, bound):
                yield _Piece(what, part)
            if isinstance(event, Output):
                yield _Piece(f"the number of columns in {what}", event.columns, size=True)
                yield _Piece(f"the number of rows in {what}", event.rows, size=True)
        case _:
            yield _Piece(what, conclusion, relation=True)


def _unreadable(value: Any, relation: bool) -> tuple[str, ...]:
    """What cannot be what the author wrote, or cannot be read."""
    if isinstance(value, bool | BooleanAtom):
        return (_evaluated(bool(value)),)
    if isinstance(value, float):
        return (_float(value),)
    if not isinstance(value, sympy.Basic | int | Fraction):
        return (f"is {value!r}, which is not a SymPy expression",)
    return _unread(value, relation)


@lru_cache(MEMORY, typed=True)
def _unread(value: Any, relation: bool) -> tuple[str, ...]:
    """What cannot be read in an expression."""
    expression = sympy.sympify(value, strict=True)
    atoms = sorted(expression.atoms(sympy.Float, BooleanAtom), key=str)
    if atoms:
        return tuple(
            _float(float(atom)) if isinstance(atom, sympy.Float) else _evaluated(bool(atom))
            for atom in atoms
        )
    try:
        if relation:
            to_formula(expression)
        else:
            to_term(expression)
    except LanguageError as error:
        return (f"cannot be read: {error}",)
    return ()


def _evaluated(value: bool) -> str:
    return (
        f"was evaluated to {value} before it could be kept: write ge(x, x) instead of "
        "x >= x, eq(x, y) instead of x == y, and so on with le, lt, gt, ne (from verify)"
    )


def _float(value: float) -> str:
    exact = Fraction(repr(value)) if isfinite(value) else None
    short = exact is not None and exact.denominator <= 10**6
    instead = f"Rational({exact.numerator}, {exact.denominator})" if exact and short else ""
    return (
        f"has the float {value!r}, which is not exact: write "
        f"{instead or 'a Rational, such as Rational(1, 10),'} instead"
    )


@lru_cache(MEMORY, typed=True)
def _free(expression: Any) -> frozenset[str]:
    """Names that are not bound and not those of arrays."""
    if not isinstance(expression, sympy.Basic):
        return frozenset()
    labels = {str(node.base.label) for node in expression.atoms(sympy.Indexed)}
    symbols = {node.name for node in expression.free_symbols if isinstance(node, sympy.Symbol)}
    return frozenset(symbols - labels)


@lru_cache(MEMORY, typed=True)
def _entries(expression: Any) -> tuple[tuple[str, tuple[Any, ...]], ...]:
    """The array entries in an expression: names and indices."""
    if not isinstance(expression, sympy.Basic):
        return ()
    return tuple(
        (str(node.base.label), tuple(node.indices))
        if isinstance(node, sympy.Indexed)
        else (node.func.__name__, tuple(node.args))
        for node in sorted(expression.atoms(sympy.Indexed, AppliedUndef), key=str)
    )


@lru_cache(MEMORY, typed=True)
def _summed(expression: Any) -> tuple[tuple[str, Any], ...]:
    """The summation indices in an expression, and where they end."""
    if not isinstance(expression, sympy.Basic):
        return ()
    return tuple(
        (str(index), high) for node in expression.atoms(sympy.Sum) for index, _, high in node.limits
    )


_SIGNS: dict[str, RelOp] = {
    "positive": ">",
    "negative": "<",
    "nonnegative": ">=",
    "nonpositive": "<=",
    "nonzero": "!=",
}
_KINDS = ("zero", "even", "odd", "prime", "composite", "integer", "rational", "irrational")


@lru_cache(MEMORY)
def _taken_of(**stated: bool) -> Mapping[str, bool]:
    """What SymPy takes for granted about a symbol of which something is stated."""
    known: Mapping[str, bool] = sympy.Symbol("x", **stated).assumptions0
    return known


def _assumed(symbol: Any) -> Mapping[str, bool]:
    """What SymPy takes for granted about a symbol, or about the values of a function."""
    if not isinstance(symbol, type):
        known: Mapping[str, bool] = symbol.assumptions0
        return known
    stated: Mapping[str, Any] = vars(symbol)["_kwargs"]
    return {name: value for name, value in stated.items() if isinstance(value, bool)}


def _order(assumption: tuple[str, bool]) -> tuple[bool, int, str]:
    """What is assumed to hold first, and what implies others before those."""
    name, holds = assumption
    known = (*_KINDS, *_SIGNS)
    return not holds, known.index(name) if name in known else len(known), name


@lru_cache(MEMORY, typed=True)
def _symbols(expression: Any) -> tuple[Any, ...]:
    """The symbols in an expression that have assumptions, names of arrays and functions too."""
    if not isinstance(expression, sympy.Basic):
        return ()
    found: list[Any] = [*expression.atoms(sympy.Symbol)]
    found += [call.func for call in expression.atoms(AppliedUndef)]
    plain = _taken_of(real=True).items()
    return tuple(sorted((s for s in set(found) if _assumed(s).items() - plain), key=str))


@lru_cache(MEMORY, typed=True)
def _powers(expression: Any) -> tuple[Any, ...]:
    """The odd roots in an expression."""
    if not isinstance(expression, sympy.Basic):
        return ()
    roots = [
        power
        for power in expression.atoms(sympy.Pow)
        if power.exp.is_Rational and power.exp.q > 1 and power.exp.q % 2 == 1
    ]
    return tuple(sorted(roots, key=str))


def _indices(count: int) -> str:
    return f"{count} {'index' if count == 1 else 'indices'}"


@lru_cache(MEMORY, typed=True)
def _holds(relation: Any, values: tuple[tuple[str, Term], ...]) -> bool | None:
    try:
        return Evaluator(dict(values)).formula(to_formula(relation))
    except (Undefined, Undecided, Refused, LanguageError, KeyError):
        return None


def _exact(values: Mapping[str, Term], expression: Any) -> Fraction | None:
    """The exact value of an expression at a point, where it has one."""
    needed = sorted(_free(expression) & set(values))
    return _exact_at(expression, tuple((name, values[name]) for name in needed))


@lru_cache(MEMORY, typed=True)
def _exact_at(expression: Any, values: tuple[tuple[str, Term], ...]) -> Fraction | None:
    try:
        return Evaluator(dict(values)).exact(to_term(expression))
    except (Undefined, Undecided, Refused, LanguageError, KeyError):
        return None


def _beyond(values: Mapping[str, Term], low: Any, high: Any, size: Any) -> str:
    """How an index leaves ``1 .. size`` at a point; empty if it does not, or cannot be told."""
    first, last, most = (_exact(values, item) for item in (low, high, size))
    if last is not None and most is not None and last > most:
        return f"{last} is more than {most}"
    return f"{first} is less than 1" if first is not None and first < 1 else ""
