"""Sums of functions of one variable each, under an equation of that kind: a tangent for each.

Where ``sum g(x_i) = K`` and ``f_1(x_1) + .. + f_n(x_n) >= 0`` is attained with all ``x_i = c``,
where ``n g(c) = K``, it is enough that each ``f_i(x) >= f_i(c) + s (g(x) - g(c))`` with the same
``s``. A power may stand for ``g``; a product ``x_1 .. x_n = K`` is a sum of logarithms.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from verify.kernel.context import Context
from verify.kernel.derivative import derivative
from verify.kernel.poly import Refused, Ring, difference, exact_root
from verify.language.term import (
    ONE,
    ZERO,
    Add,
    Call,
    Div,
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
    mul,
    num,
    replace,
    sub,
)
from verify.provers.atoms import Notes, establish, learn
from verify.provers.budget import Budget
from verify.provers.linear import either_way, farkas, pairs
from verify.provers.quick import quick
from verify.provers.sample import plausible
from verify.provers.system import coefficients
from verify.provers.tactic import Proof, Prove

_UP: dict[RelOp, bool] = {">=": True, ">": True, "<=": False, "<": False}


@dataclass(frozen=True)
class _Sum:
    """The goal's difference by variables, and what has none."""

    parts: dict[str, Term]
    constant: Term


@dataclass(frozen=True)
class _Scale:
    """``g``, a power of the variable or for 0 its logarithm, and ``c``."""

    power: int
    middle: Term
    equation: Rel | None = None
    """That ``weight`` times the sum of the powers is a number."""
    weight: Fraction = Fraction(1)

    def at(self, variable: Term) -> Term:
        """``g`` of a variable."""
        if not self.power:
            return Call("log", (variable,))
        return variable if self.power == 1 else Pow(variable, num(self.power))

    def simplified(self, constant: Term) -> Term:
        """A rational expression in ``c`` as ``a + b c``, where ``c`` is a square root."""
        match self.middle:
            case Pow(base=Num(value=square), exp=Num(value=value)) if value == Fraction(1, 2):
                found = _in_field(constant, self.middle, square)
            case _:
                return constant
        if found is None:
            return constant
        whole, part = found
        return add(Num(whole), mul(Num(part), self.middle)) if part else Num(whole)

    @property
    def rate(self) -> Term:
        """``g'(c)``."""
        if not self.power:
            return Div(ONE, self.middle)
        if self.power == 1:
            return ONE
        return Mul((num(self.power), Pow(self.middle, num(self.power - 1))))


def tangents(prove: Prove, context: Context, goal: Formula, budget: Budget) -> Proof | None:
    """A tangent line below each part, at the point where all variables are equal."""
    return _tangents(prove, context, goal, budget, products=False)


def tangents_of_products(
    prove: Prove, context: Context, goal: Formula, budget: Budget
) -> Proof | None:
    """The same where the product of the variables is known, with logarithms for lines."""
    return _tangents(prove, context, goal, budget, products=True)


def _tangents(
    prove: Prove, context: Context, goal: Formula, budget: Budget, products: bool
) -> Proof | None:
    if not isinstance(goal, Rel) or goal.op not in _UP:
        return None
    total = difference(goal) if _UP[goal.op] else sub(goal.right, goal.left)
    split = _by_variable(total)
    if split is None or len(split.parts) < 2:
        return None
    names = frozenset(split.parts)
    for fact in context.facts:
        if fact.op != "==":
            continue
        if products:
            number = _product(fact, names)
            if number is None:
                continue
            proof = _by_logs(prove, context, goal, split, number, budget)
        else:
            middle = _middle(fact, names)
            scale = _powers(fact, names) if middle is None else _Scale(1, middle)
            if scale is None:
                continue
            proof = _with_lines(prove, Notes(context), goal, split, scale, budget)
        if proof is not None:
            return proof
    return None


def _by_variable(total: Term) -> _Sum | None:
    parts: dict[str, list[Term]] = {}
    constants: list[Term] = []
    for addend in addends(total):
        names = free_names(addend)
        if len(names) > 1:
            return None
        if names:
            parts.setdefault(next(iter(names)), []).append(addend)
        else:
            constants.append(addend)
    return _Sum({n: add(*terms) for n, terms in parts.items()}, add(*constants))


def addends(term: Term) -> list[Term]:
    """The terms of a sum, with numbers multiplied in."""
    match term:
        case Add(args=args):
            return [part for arg in args for part in addends(arg)]
        case Neg(arg=arg):
            return [Neg(part) for part in addends(arg)]
        case Mul(args=(Num() as factor, rest)):
            return [mul(factor, part) for part in addends(rest)]
        case _:
            return [term]


def _middle(equation: Rel, names: frozenset[str]) -> Term | None:
    """``K / n`` where the equation says that the variables sum to ``K``."""
    try:
        ring = Ring((equation.left, equation.right))
        poly = ring.polynomial(difference(equation))
    except Refused:
        return None
    weights = {}
    rest: Term = ZERO
    for powers, weight in coefficients(poly).items():
        used = [ring.keys[i] for i, p in enumerate(powers) if p]
        if len(used) == 1 and sum(powers) == 1 and used[0] in names:
            weights[used[0]] = weight
            continue
        if any(name in free_names(ring.atom(key)) for key in used for name in names):
            return None
        factors = [ring.generator(ring.keys[i]) for i, p in enumerate(powers) for _ in range(p)]
        rest = add(*([rest] if rest != ZERO else []), mul(num(weight), *factors))
    if frozenset(weights) != names or len(set(weights.values())) != 1:
        return None
    (weight,) = set(weights.values())
    return _tidy(mul(num(-1 / (weight * len(names))), rest))


def _powers(equation: Rel, names: frozenset[str]) -> _Scale | None:
    """``c`` where the equation says that the same power of each variable sums to a number."""
    try:
        ring = Ring((equation.left, equation.right))
        poly = ring.polynomial(difference(equation))
    except Refused:
        return None
    if frozenset(ring.keys) != names:
        return None
    found: dict[str, tuple[int, Fraction]] = {}
    constant = Fraction(0)
    for powers, weight in coefficients(poly).items():
        used = [(ring.keys[i], p) for i, p in enumerate(powers) if p]
        if len(used) > 1 or (used and used[0][0] in found):
            return None
        if used:
            found[used[0][0]] = used[0][1], weight
        else:
            constant = weight
    if frozenset(found) != names or len(set(found.values())) != 1:
        return None
    ((power, weight),) = set(found.values())
    value = -constant / (weight * len(names))
    if power < 2 or value <= 0:
        return None
    return _Scale(power, _root(value, power), equation, weight)


def _product(equation: Rel, names: frozenset[str]) -> Fraction | None:
    """``K`` where the equation says that the product of the variables is ``K > 0``."""
    try:
        ring = Ring((equation.left, equation.right))
        poly = ring.polynomial(difference(equation))
    except Refused:
        return None
    table = coefficients(poly)
    if frozenset(ring.keys) != names or len(table) != 2:
        return None
    whole = table.get((1,) * len(ring.keys))
    constant = table.get((0,) * len(ring.keys))
    if whole is None or constant is None or -constant / whole <= 0:
        return None
    return -constant / whole


Element = tuple[Fraction, Fraction]
"""``a + b r`` for a square root ``r``."""


def _in_field(term: Term, root: Term, square: Fraction) -> Element | None:
    """A term in a square root and numbers, as ``a + b r``."""
    zero = Fraction(0)

    def times(left: Element, right: Element) -> Element:
        return (
            left[0] * right[0] + left[1] * right[1] * square,
            left[0] * right[1] + left[1] * right[0],
        )

    def inverse(value: Element) -> Element | None:
        norm = value[0] ** 2 - value[1] ** 2 * square
        return (value[0] / norm, -value[1] / norm) if norm else None

    def walk(part: Term) -> Element | None:
        if part == root:
            return zero, Fraction(1)
        match part:
            case Num(value=value):
                return value, zero
            case Neg(arg=arg):
                return walk(mul(num(-1), arg))
            case Add(args=args) | Mul(args=args):
                values = [walk(arg) for arg in args]
                total = (zero, zero) if isinstance(part, Add) else (Fraction(1), zero)
                for item in values:
                    if item is None:
                        return None
                    total = (
                        (total[0] + item[0], total[1] + item[1])
                        if isinstance(part, Add)
                        else times(total, item)
                    )
                return total
            case Div(num=top, den=bottom):
                above, below = walk(top), walk(bottom)
                under = None if below is None else inverse(below)
                return None if above is None or under is None else times(above, under)
            case Pow(base=base, exp=Num(value=value)) if value.denominator == 1:
                factor = walk(base)
                if factor is not None and value < 0:
                    factor = inverse(factor)
                total = (Fraction(1), zero)
                for _ in range(abs(int(value))):
                    if factor is None:
                        return None
                    total = times(total, factor)
                return total
        return None

    return walk(term)


def _root(value: Fraction, degree: int) -> Term:
    exact = exact_root(Num(value), degree)
    return Num(exact) if exact is not None else Pow(Num(value), Num(Fraction(1, degree)))


def _by_logs(
    prove: Prove, context: Context, goal: Rel, split: _Sum, number: Fraction, budget: Budget
) -> Proof | None:
    """The same, once the sum of the logarithms of the variables is known."""
    notes = Notes(context)
    symbols: list[Term] = [Sym(name) for name in sorted(split.parts)]
    if not all(context.knows(Rel(">", symbol, ZERO)) for symbol in symbols):
        return None
    product = symbols[0]
    for symbol in symbols[1:]:
        longer = Mul((product, symbol))
        if not establish(prove.easier(), notes, Rel(">", longer, ZERO), budget):
            return None
        learn(notes, "log_product", product, symbol)
        product = longer
    if not establish(prove.easier(), notes, Rel("==", product, Num(number)), budget):
        return None
    learn(notes, "equal_log", product, Num(number))
    middle = _root(number, len(symbols))
    known: Term = ZERO if number == 1 else Call("log", (Num(number),))
    total = Rel("==", add(*(Call("log", (symbol,)) for symbol in symbols)), known)
    proof = either_way(notes.context, total, budget)
    if proof is None:
        return None
    notes.add(total, proof)
    return _with_lines(prove, notes, goal, split, _Scale(0, middle), budget)


def _tidy(constant: Term) -> Term:
    ring = Ring((constant,))
    return ring.term(ring.polynomial(constant))


def _with_lines(
    prove: Prove, notes: Notes, goal: Rel, split: _Sum, scale: _Scale, budget: Budget
) -> Proof | None:
    middle = scale.middle
    values: list[Term] = []
    slope: Term = ZERO
    for name, part in split.parts.items():
        if scale.power == 1:
            _bounds(notes, name, middle, len(split.parts), budget)
        try:
            slope = scale.simplified(replace(derivative(part, name), {Sym(name): middle}))
        except Refused:
            return None
        if scale.power != 1:
            slope = scale.simplified(Div(slope, scale.rate))
        at_middle = scale.simplified(replace(part, {Sym(name): middle}))
        rise = sub(scale.at(Sym(name)), scale.simplified(scale.at(middle)))
        line = Add((at_middle, Mul((slope, rise))))
        below = Rel(">=", part, line)
        if not plausible(notes.context, below):
            return None
        proof = prove(notes.context, below, budget.share(0.4))
        if proof is None:
            return None
        notes.add(below, proof)
        values.append(at_middle)
    op: RelOp = ">" if goal.op in (">", "<") else ">="
    level = Rel(op, add(*values, split.constant), ZERO)
    if not notes.context.knows(level):
        proof = prove(notes.context, level, budget.share(0.5))
        if proof is None:
            return None
        notes.add(level, proof)
    if scale.equation is not None and not isinstance(slope, Num):
        # The combination below has numbers only.
        rises = [sub(scale.at(Sym(n)), scale.simplified(scale.at(middle))) for n in split.parts]
        times = Mul((slope, Num(1 / scale.weight)))
        none = Rel("==", Mul((slope, add(*rises))), ZERO)
        notes.add(none, notes.equation(none, [(scale.equation, times)]))
    from verify.provers.premises import generalised  # noqa: PLC0415  (avoids a cycle)

    last = farkas(notes.context, goal, budget.share(0.5))
    if last is None:
        # Any values of the parts will do; as quotients these would be multiplied out.
        whole = Rel(op, add(*split.parts.values(), split.constant), ZERO)
        parts = [part for part in split.parts.values() if not isinstance(part, Sym)]
        last = generalised(notes.context, whole, parts, pairs, budget, split.parts)
        if last is None:
            return None
        notes.add(whole, dict(last))
        last = {"rule": "given"}
    return notes.close(dict(last))


def _bounds(notes: Notes, name: str, middle: Term, count: int, budget: Budget) -> None:
    """Each variable is at most the whole sum, where the others are nonnegative."""
    most = _tidy(mul(num(count), middle))
    bound = Rel("<=", Sym(name), most)
    if not notes.context.knows(bound):
        proof = quick(notes.context, bound, budget.share(0.1))
        if proof is not None:
            notes.add(bound, proof)
