"""One claim put to z3 or cvc5: is there a point of the hypotheses at which the conclusion fails?

Every relation is stated together with what its sides need in order to be defined, since both
solvers give ``a/0`` some value. Their ``unsat`` counts as a proof of the claim; their ``sat`` as a
refutation, unless the claim has functions for which models are not exact.
"""

from __future__ import annotations

import functools
import itertools
import operator
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any

from verify.language.grammar import parse_formula
from verify.language.term import (
    Add,
    And,
    Call,
    Const,
    Div,
    Formula,
    Mul,
    Neg,
    Num,
    Or,
    Pow,
    Rel,
    RelOp,
    Sym,
    Term,
    children,
    conditions,
    free_names,
    nnf,
    num,
    relations,
    subterms,
)

ELEMENTARY = frozenset(("exp", "log", "sin", "cos", "tan", "asin", "acos", "atan"))
HYPERBOLIC = frozenset(("sinh", "cosh", "tanh"))


class Unsupported(Exception):
    """The solver has no way to say this."""


class Peer(ABC):
    """A solver seen as arithmetic on its own expressions (Any: the libraries are untyped)."""

    inexact_models = False

    @abstractmethod
    def variable(self, name: str, integer: bool) -> Any:
        """A variable of the claim."""

    @abstractmethod
    def fresh(self) -> Any:
        """A new real variable."""

    @abstractmethod
    def number(self, value: Fraction) -> Any:
        """An exact rational number."""

    @abstractmethod
    def add(self, args: Sequence[Any]) -> Any:
        """A sum."""

    @abstractmethod
    def multiply(self, args: Sequence[Any]) -> Any:
        """A product."""

    @abstractmethod
    def divide(self, top: Any, bottom: Any) -> Any:
        """A quotient of reals; any value where ``bottom`` is zero."""

    @abstractmethod
    def floor(self, arg: Any) -> Any:
        """The greatest integer that is not above ``arg``."""

    @abstractmethod
    def elementary(self, name: str, arg: Any, /) -> Any:
        """``exp sin cos tan asin acos atan``.

        Raises:
            Unsupported: the solver does not have the function.
        """

    @abstractmethod
    def pi(self) -> Any:
        """The number pi.

        Raises:
            Unsupported: the solver does not have it.
        """

    @abstractmethod
    def compare(self, left: Any, op: RelOp, right: Any) -> Any:
        """A relation between two expressions."""

    @abstractmethod
    def all_of(self, args: Sequence[Any]) -> Any:
        """A conjunction."""

    @abstractmethod
    def any_of(self, args: Sequence[Any]) -> Any:
        """A disjunction."""

    @abstractmethod
    def negation(self, arg: Any) -> Any:
        """A negation."""

    @abstractmethod
    def choose(self, condition: Any, first: Any, second: Any) -> Any:
        """``first`` where the condition holds, else ``second``."""

    @abstractmethod
    def state(self, formula: Any) -> None:
        """Assert a formula."""

    @abstractmethod
    def check(self, seconds: float) -> str:
        """``sat``, ``unsat`` or ``unknown``."""


class Z3(Peer):
    """z3 through its Python interface."""

    def __init__(self, _formulas: Sequence[Formula], _integers: frozenset[str]) -> None:
        import z3  # noqa: PLC0415 - optional

        self._z3 = z3
        self._solver = z3.Solver()
        self._count = itertools.count()

    def variable(self, name: str, integer: bool) -> Any:
        return self._z3.Int(name) if integer else self._z3.Real(name)

    def fresh(self) -> Any:
        return self._z3.Real(f"!{next(self._count)}")

    def number(self, value: Fraction) -> Any:
        if value.denominator == 1:
            return self._z3.IntVal(value.numerator)
        return self._z3.RealVal(f"{value.numerator}/{value.denominator}")

    def _real(self, arg: Any) -> Any:
        return self._z3.ToReal(arg) if arg.is_int() else arg

    def add(self, args: Sequence[Any]) -> Any:
        return functools.reduce(operator.add, args)

    def multiply(self, args: Sequence[Any]) -> Any:
        return functools.reduce(operator.mul, args)

    def divide(self, top: Any, bottom: Any) -> Any:
        return self._real(top) / self._real(bottom)

    def floor(self, arg: Any) -> Any:
        return arg if arg.is_int() else self._z3.ToInt(arg)

    def elementary(self, name: str, _arg: Any, /) -> Any:
        raise Unsupported(f"z3 has no {name}")

    def pi(self) -> Any:
        raise Unsupported("z3 has no pi")

    def compare(self, left: Any, op: RelOp, right: Any) -> Any:
        return _OPERATORS[op](left, right)

    def all_of(self, args: Sequence[Any]) -> Any:
        return self._z3.And(*args)

    def any_of(self, args: Sequence[Any]) -> Any:
        return self._z3.Or(*args)

    def negation(self, arg: Any) -> Any:
        return self._z3.Not(arg)

    def choose(self, condition: Any, first: Any, second: Any) -> Any:
        return self._z3.If(condition, first, second)

    def state(self, formula: Any) -> None:
        self._solver.add(formula)

    def check(self, seconds: float) -> str:
        self._solver.set("timeout", int(1000 * seconds))
        return str(self._solver.check())


_OPERATORS = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
    "==": operator.eq,
    "!=": operator.ne,
}


class Cvc5(Peer):
    """cvc5 through its Python interface."""

    def __init__(self, formulas: Sequence[Formula], integers: frozenset[str]) -> None:
        import cvc5  # noqa: PLC0415 - optional

        nodes = [node for formula in formulas for node in _nodes(formula)]
        calls = {node.name for node in nodes if isinstance(node, Call)}
        transcendental = (
            bool(calls & (ELEMENTARY | HYPERBOLIC))
            or any(isinstance(node, Const) for node in nodes)
            or any(isinstance(n, Pow) and not isinstance(n.exp, Num) for n in nodes)
        )
        integral = bool(integers) or bool(calls & {"floor", "ceil"})
        self._cvc5 = cvc5
        self._terms = cvc5.TermManager()
        self._solver = cvc5.Solver(self._terms)
        self._solver.setLogic(
            "QF_N" + ("I" if integral else "") + "RA" + ("T" if transcendental else "")
        )
        self._real_sort = self._terms.getRealSort()
        self.inexact_models = transcendental

    def _make(self, kind: str, *args: Any) -> Any:
        return self._terms.mkTerm(getattr(self._cvc5.Kind, kind), *args)

    def _alike(self, args: Sequence[Any]) -> list[Any]:
        if all(arg.getSort().isInteger() for arg in args):
            return list(args)
        return [self._real(arg) for arg in args]

    def _real(self, arg: Any) -> Any:
        return self._make("TO_REAL", arg) if arg.getSort().isInteger() else arg

    def variable(self, name: str, integer: bool) -> Any:
        sort = self._terms.getIntegerSort() if integer else self._real_sort
        return self._terms.mkConst(sort, name)

    def fresh(self) -> Any:
        return self._terms.mkConst(self._real_sort)

    def number(self, value: Fraction) -> Any:
        if value.denominator == 1:
            return self._terms.mkInteger(str(value.numerator))
        return self._terms.mkReal(f"{value.numerator}/{value.denominator}")

    def add(self, args: Sequence[Any]) -> Any:
        return self._make("ADD", *self._alike(args)) if len(args) > 1 else args[0]

    def multiply(self, args: Sequence[Any]) -> Any:
        return self._make("MULT", *self._alike(args)) if len(args) > 1 else args[0]

    def divide(self, top: Any, bottom: Any) -> Any:
        return self._make("DIVISION", self._real(top), self._real(bottom))

    def floor(self, arg: Any) -> Any:
        return arg if arg.getSort().isInteger() else self._make("TO_INTEGER", arg)

    def elementary(self, name: str, arg: Any, /) -> Any:
        return self._make(_KINDS[name], self._real(arg))

    def pi(self) -> Any:
        return self._terms.mkPi()

    def compare(self, left: Any, op: RelOp, right: Any) -> Any:
        sides = self._alike((left, right))
        if op == "!=":
            return self._make("NOT", self._make("EQUAL", *sides))
        return self._make(_RELATIONS[op], *sides)

    def all_of(self, args: Sequence[Any]) -> Any:
        return self._make("AND", self._terms.mkTrue(), *args) if args else self._terms.mkTrue()

    def any_of(self, args: Sequence[Any]) -> Any:
        return self._make("OR", self._terms.mkFalse(), *args) if args else self._terms.mkFalse()

    def negation(self, arg: Any) -> Any:
        return self._make("NOT", arg)

    def choose(self, condition: Any, first: Any, second: Any) -> Any:
        return self._make("ITE", condition, *self._alike((first, second)))

    def state(self, formula: Any) -> None:
        self._solver.assertFormula(formula)

    def check(self, seconds: float) -> str:
        self._solver.setOption("tlimit-per", str(int(1000 * seconds)))
        result = self._solver.checkSat()
        return "unsat" if result.isUnsat() else "sat" if result.isSat() else "unknown"


_KINDS = {
    "exp": "EXPONENTIAL",
    "sin": "SINE",
    "cos": "COSINE",
    "tan": "TANGENT",
    "asin": "ARCSINE",
    "acos": "ARCCOSINE",
    "atan": "ARCTANGENT",
}
_RELATIONS = {">=": "GEQ", "<=": "LEQ", ">": "GT", "<": "LT", "==": "EQUAL"}

PEERS: dict[str, type[Z3] | type[Cvc5]] = {"z3": Z3, "cvc5": Cvc5}


class Translation:
    """Terms and formulas in the words of a peer; definitions of roots and logarithms are stated."""

    def __init__(self, peer: Peer, integers: frozenset[str]) -> None:
        self._peer = peer
        self._integers = integers
        self._values: dict[Term, Any] = {}

    def formula(self, formula: Formula) -> Any:
        """What makes ``formula`` defined and true.

        Raises:
            Unsupported: the peer cannot say it.
        """
        match nnf(formula):
            case Rel(op=op, left=left, right=right):
                needed = dict.fromkeys((*conditions(left), *conditions(right)))
                parts = [self._relation(condition) for condition in needed]
                parts.append(self._peer.compare(self.term(left), op, self.term(right)))
                return self._peer.all_of(parts)
            case And(args=args):
                return self._peer.all_of([self.formula(arg) for arg in args])
            case Or(args=args):
                return self._peer.any_of([self.formula(arg) for arg in args])
            case _:
                raise AssertionError("negations were pushed down")

    def _relation(self, relation: Rel) -> Any:
        left, right = self.term(relation.left), self.term(relation.right)
        return self._peer.compare(left, relation.op, right)

    def term(self, term: Term) -> Any:
        """The value of ``term`` wherever it is defined."""
        for node in subterms(term):
            if node not in self._values:
                self._values[node] = self._node(node, [self._values[c] for c in children(node)])
        return self._values[term]

    def _node(self, node: Term, args: list[Any]) -> Any:
        peer = self._peer
        match node:
            case Num(value=value):
                return peer.number(value)
            case Const(name=name):
                return peer.pi() if name == "pi" else peer.elementary("exp", self._number(1))
            case Sym(name=name):
                return peer.variable(name, name in self._integers)
            case Neg():
                return self._negative(args[0])
            case Add():
                return peer.add(args)
            case Mul():
                return peer.multiply(args)
            case Div():
                return peer.divide(*args)
            case Pow(exp=Num(value=value)):
                return self._power(args[0], value)
            case Pow():
                exponent = peer.multiply([args[1], self._log(args[0])])
                return peer.elementary("exp", exponent)
            case Call(name=name):
                return self._call(name, args)
            case _:
                raise Unsupported("a sum over a symbolic range")

    def _number(self, value: int) -> Any:
        return self._peer.number(Fraction(value))

    def _negative(self, arg: Any) -> Any:
        return self._peer.multiply([self._number(-1), arg])

    def _power(self, base: Any, exponent: Fraction) -> Any:
        root = base if exponent.denominator == 1 else self._root(base, exponent.denominator)
        size = abs(exponent.numerator)
        product = self._peer.multiply([root] * size) if size else self._number(1)
        return self._peer.divide(self._number(1), product) if exponent < 0 else product

    def _root(self, arg: Any, degree: int) -> Any:
        peer = self._peer
        root = peer.fresh()
        exact = peer.compare(peer.multiply([root] * degree), "==", arg)
        if degree % 2:
            peer.state(exact)
            return root
        zero = self._number(0)
        sound = peer.all_of([peer.compare(root, ">=", zero), exact])
        peer.state(peer.any_of([peer.compare(arg, "<", zero), sound]))
        return root

    def _log(self, arg: Any) -> Any:
        peer = self._peer
        value = peer.fresh()
        exact = peer.compare(peer.elementary("exp", value), "==", arg)
        peer.state(peer.any_of([peer.compare(arg, "<=", self._number(0)), exact]))
        return value

    def _call(self, name: str, args: list[Any]) -> Any:
        peer = self._peer
        arg = args[0]
        match name:
            case "sqrt":
                return self._root(arg, 2)
            case "log":
                return self._log(arg)
            case "abs":
                positive = peer.compare(arg, ">=", self._number(0))
                return peer.choose(positive, arg, self._negative(arg))
            case "min" | "max":
                op: RelOp = "<=" if name == "min" else ">="
                return functools.reduce(
                    lambda a, b: peer.choose(peer.compare(a, op, b), a, b), args
                )
            case "floor":
                return peer.floor(arg)
            case "ceil":
                return self._negative(peer.floor(self._negative(arg)))
            case _ if name in HYPERBOLIC:
                return self._hyperbolic(name, arg)
            case _:
                return peer.elementary(name, arg)

    def _hyperbolic(self, name: str, arg: Any) -> Any:
        peer = self._peer
        up, down = peer.elementary("exp", arg), peer.elementary("exp", self._negative(arg))
        sum_, difference = peer.add([up, down]), peer.add([up, self._negative(down)])
        if name == "tanh":
            return peer.divide(difference, sum_)
        return peer.divide(sum_ if name == "cosh" else difference, self._number(2))


def ask(
    name: str, where: Sequence[str], holds: str, integers: frozenset[str], seconds: float
) -> str:
    """``proved``, ``refuted``, ``unknown`` or ``unsupported``: what the peer says of a claim.

    Raises:
        ImportError: the solver is not installed.
        ExpressionError: the claim is not in the grammar.
    """
    hypotheses = [parse_formula(text) for text in where]
    conclusion = parse_formula(holds)
    if any(_power_of_uncertain_base(hypothesis) for hypothesis in hypotheses):
        return "unsupported"
    formulas = (*hypotheses, conclusion)
    used = frozenset[str]().union(*(free_names(formula) for formula in formulas))
    peer = PEERS[name](formulas, integers & used)
    translation = Translation(peer, integers)
    try:
        for hypothesis in hypotheses:
            peer.state(translation.formula(hypothesis))
        peer.state(peer.negation(translation.formula(conclusion)))
    except Unsupported:
        return "unsupported"
    answer = peer.check(seconds)
    if answer == "sat" and peer.inexact_models:
        return "unknown"
    return {"unsat": "proved", "sat": "refuted"}.get(answer, "unknown")


def _power_of_uncertain_base(formula: Formula) -> bool:
    """Whether a power with a variable exponent may be defined where its base is not positive.

    Its definedness is translated as a positive base, which is too strong for a hypothesis.
    """
    return any(
        isinstance(node, Pow)
        and not isinstance(node.exp, Num)
        and Rel(">", node.base, num(0)) in conditions(node)
        for node in _nodes(formula)
    )


def _nodes(formula: Formula) -> Iterator[Term]:
    for relation in relations(formula):
        yield from subterms(relation.left)
        yield from subterms(relation.right)
