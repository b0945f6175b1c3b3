"""Claims handed to outside solvers, as SMT-LIB text.

z3 (and cvc5, where it is installed) read ``a/0`` as an arbitrary number, so every relation is
translated together with what its sides need in order to be defined. A model is only a suggestion;
``unsat`` is evidence of its own kind (:func:`attest`), and never a proof that the kernel accepts.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from verify.kernel.check import Sequent
from verify.kernel.poly import Refused
from verify.language.term import (
    Add,
    And,
    Call,
    Div,
    Formula,
    Mul,
    Neg,
    Num,
    Or,
    Pow,
    Rel,
    Sym,
    Term,
    children,
    free_names,
    nnf,
    subterms,
)
from verify.language.work import UNITS
from verify.probe._simple import near, recognised
from verify.probe._tidy import tidy
from verify.provers.budget import Budget

MAX_EXPONENT = 40
MAX_NODES = 4_000
MAX_DIGITS = 2_000
MAX_MODELS = 8
Z3_RATE, CVC5_RATE = 7, 0.2
"""How many of its own resources a solver uses in a unit of work, more or less."""

MOST = 4_000_000_000
"""The most resources that a solver can be told."""

STOPPED = ("timeout", "canceled", "max. resource limit exceeded")
"""The reasons with which z3 gives up when its share is spent."""

LEAST = 5_000
"""Less work than this is not worth asking a solver for."""


class Untranslatable(ValueError):
    """The claim has more than polynomials, quotients, roots, absolute values, min and max."""


class Script:
    """A claim as SMT-LIB declarations and an assertion that a counterexample satisfies.

    Raises:
        Untranslatable: see the class, or the claim is too large.
    """

    def __init__(self, sequent: Sequent) -> None:
        names = sorted(
            frozenset[str]().union(
                free_names(sequent.conclusion), *(free_names(h) for h in sequent.hypotheses)
            )
        )
        self.variables = {name: f"v{index}" for index, name in enumerate(names)}
        self.integers = sequent.integers
        self.lines: list[str] = []
        self._value: dict[Term, str] = {}
        self._defined: dict[Term, list[str]] = {}
        self._fresh = itertools.count()
        for name, symbol in self.variables.items():
            sort = "Int" if name in sequent.integers else "Real"
            self.lines.append(f"(declare-const {symbol} {sort})")
        for hypothesis in sequent.hypotheses:
            self.lines.append(f"(assert {self._formula(nnf(hypothesis))})")
        self.lines.append(f"(assert (not {self._formula(nnf(sequent.conclusion))}))")

    @property
    def text(self) -> str:
        """The script, without a command to check it."""
        return "\n".join(self.lines) + "\n"

    def _formula(self, formula: Formula) -> str:
        match formula:
            case Rel(op=op, left=left, right=right):
                sides = f"{self._term(left)} {self._term(right)}"
                names = {"==": f"(= {sides})", "!=": f"(not (= {sides}))"}
                conditions = [*self._defined[left], *self._defined[right]]
                return _all([*dict.fromkeys(conditions), names.get(op, f"({op} {sides})")])
            case And(args=args):
                return _all([self._formula(arg) for arg in args])
            case Or(args=args):
                parts = [self._formula(arg) for arg in args]
                return f"(or false {' '.join(parts)})"
            case _:
                raise AssertionError("negations were pushed down")

    def _term(self, term: Term) -> str:
        for node in subterms(term):
            if node in self._value:
                continue
            if len(self._value) > MAX_NODES:
                raise Untranslatable("the claim is too large")
            own = self._own_conditions(node)
            inherited = [c for child in children(node) for c in self._defined[child]]
            self._defined[node] = list(dict.fromkeys((*inherited, *own)))
            self._value[node] = self._shared(self._node(node))
        return self._value[term]

    def _shared(self, value: str) -> str:
        """A name for a composite value, so that the script does not repeat it."""
        if not value.startswith("("):
            return value
        name = f"t{next(self._fresh)}"
        self.lines.append(f"(define-fun {name} () Real {value})")
        return name

    def _own_conditions(self, node: Term) -> list[str]:
        match node:
            case Div(den=den):
                return [f"(not (= {self._value[den]} 0.0))"]
            case Call(name="sqrt", args=(arg,)):
                return [f"(>= {self._value[arg]} 0.0)"]
            case Pow(base=base, exp=Num(value=power)):
                below = self._value[base]
                if power.denominator % 2 == 0:
                    return [f"({'>=' if power > 0 else '>'} {below} 0.0)"]
                return [f"(not (= {below} 0.0))"] if power < 0 else []
            case _:
                return []

    def _node(self, node: Term) -> str:
        args = [self._value[child] for child in children(node)]
        match node:
            case Num(value=value):
                return _number(value)
            case Sym(name=name):
                symbol = self.variables[name]
                return f"(to_real {symbol})" if name in self.integers else symbol
            case Neg():
                return f"(- {args[0]})"
            case Add():
                return f"(+ 0.0 {' '.join(args)})"
            case Mul():
                return f"(* 1.0 {' '.join(args)})"
            case Div():
                return f"(/ {args[0]} {args[1]})"
            case Pow(exp=Num(value=power)):
                return self._power(args[0], power)
            case Call(name="sqrt"):
                return self._root(args[0], 2)
            case Call(name="abs"):
                return f"(ite (>= {args[0]} 0.0) {args[0]} (- {args[0]}))"
            case Call(name="min" | "max" as name):
                op = "<=" if name == "min" else ">="
                total = args[0]
                for arg in args[1:]:
                    total = self._shared(f"(ite ({op} {total} {arg}) {total} {arg})")
                return total
            case _:
                raise Untranslatable("not a polynomial, quotient, root, absolute value, min or max")

    def _power(self, base: str, power: Fraction) -> str:
        size = abs(power.numerator)
        if max(size, power.denominator) > MAX_EXPONENT:
            raise Untranslatable("an exponent is too large")
        root = base if power.denominator == 1 else self._root(base, power.denominator)
        product = f"(* 1.0 {' '.join([root] * size)})" if size else "1.0"
        return f"(/ 1.0 {product})" if power < 0 else product

    def _root(self, arg: str, degree: int) -> str:
        """A fresh number whose power is ``arg`` wherever the root is defined."""
        root = f"r{next(self._fresh)}"
        self.lines.append(f"(declare-const {root} Real)")
        exact = f"(= (* {' '.join([root] * degree)}) {arg})"
        if degree % 2 == 0:
            exact = f"(=> (>= {arg} 0.0) (and (>= {root} 0.0) {exact}))"
        self.lines.append(f"(assert {exact})")
        return root


def _all(parts: list[str]) -> str:
    return f"(and true {' '.join(parts)})"


def _number(value: Fraction) -> str:
    if max(value.numerator.bit_length(), value.denominator.bit_length()) > 4 * MAX_DIGITS:
        raise Untranslatable("a number is too long")
    top = f"{abs(value.numerator)}.0"
    shown = top if value.denominator == 1 else f"(/ {top} {value.denominator}.0)"
    return f"(- {shown})" if value < 0 else shown


def attest(sequent: Sequent, budget: Budget) -> str | None:
    """The name of a solver that finds no counterexample possible: ``z3``, ``cvc5``, or None.

    The solver gives nothing that could be checked; a fault in it, or in the translation, goes
    unnoticed. Of all claims, only those without transcendental functions are asked about.
    """
    try:
        script = Script(sequent).text
    except (Untranslatable, Refused, RecursionError):
        return None
    if _z3_solver(script, sequent, budget.share(0.5))[1] == "unsat":
        return "z3"
    return "cvc5" if _cvc5_says(script, bool(sequent.integers), budget) == "unsat" else None


def _z3_solver(script: str, sequent: Sequent, budget: Budget) -> tuple[Any, str]:
    import z3  # noqa: PLC0415 - slow to load

    solver = z3.Solver() if sequent.integers else z3.SolverFor("QF_NRA")
    solver.from_string(script)
    return solver, _z3_check(solver, budget)


def _z3_check(solver: Any, budget: Budget) -> str:
    import z3  # noqa: PLC0415

    units = budget.left() * UNITS
    if units < LEAST:
        return "unknown"
    solver.set("rlimit", int(min(Z3_RATE * units, MOST)))
    # Its algebra is not among the resources that it counts, and could take all the time.
    solver.set("timeout", max(1, int(budget.patience() * 1000)))
    before = _z3_count(solver)
    stopped = False
    try:
        answer = str(solver.check())
        stopped = answer == "unknown" and solver.reason_unknown() in STOPPED
    except z3.Z3Exception:
        return "unknown"
    else:
        return answer
    finally:
        counted = (_z3_count(solver) - before) / Z3_RATE
        budget.spend(max(units, counted) if stopped else counted)


def _z3_count(solver: Any) -> int:
    """The resources that all solvers together have used so far."""
    statistics = solver.statistics()
    known = "rlimit count" in statistics.keys()  # noqa: SIM118 - no dictionary
    return int(statistics.get_key_value("rlimit count")) if known else 0


def _cvc5_says(script: str, has_integers: bool, budget: Budget) -> str:
    try:
        import cvc5  # noqa: PLC0415 - optional, and slow to load
    except ImportError:
        return "unknown"
    units = budget.left() * UNITS
    if units < LEAST:
        return "unknown"
    logic = "QF_NIRA" if has_integers else "QF_NRA"
    terms = cvc5.TermManager()
    solver = cvc5.Solver(terms)
    solver.setOption("tlimit-per", str(max(1, int(budget.patience() * 1000))))
    solver.setOption("rlimit-per", str(int(min(CVC5_RATE * units, MOST))))
    parser = cvc5.InputParser(solver)
    parser.setStringInput(
        cvc5.InputLanguage.SMT_LIB_2_6, f"(set-logic {logic})\n{script}", "claim.smt2"
    )
    symbols = parser.getSymbolManager()
    try:
        while not (command := parser.nextCommand()).isNull():
            command.invoke(solver, symbols)
        return str(solver.checkSat())
    except RuntimeError:
        return "unknown"


class Models:
    """Points that z3 proposes as counterexamples of a claim.

    Raises:
        Untranslatable: the claim is not one that solvers are asked about.
    """

    def __init__(self, sequent: Sequent) -> None:
        self._sequent = sequent
        self._script = Script(sequent)

    def propose(self, budget: Budget) -> tuple[str, list[dict[str, Term]]]:
        """What z3 says (``sat``, ``unsat`` or ``unknown``), and points near its models.

        The coordinates are exact where the model is rational or quadratic; otherwise they are
        rational numbers near it, and further models in which they are rational are asked for.
        """
        solver, answer = _z3_solver(self._script.text, self._sequent, budget.share(0.6))
        if answer != "sat":
            return answer, []
        points = []
        for _ in range(MAX_MODELS):
            model = self._coordinates(solver.model())
            points.extend(_combinations(model))
            irrational = [name for name, options in model.items() if len(options) > 1]
            if not irrational or not self._fix(solver, irrational, model, budget):
                break
        return answer, points

    def _fix(
        self, solver: Any, names: list[str], model: Mapping[str, list[Term]], budget: Budget
    ) -> bool:
        """Ask for a model with one more coordinate rational; whether there is one."""
        import z3  # noqa: PLC0415

        for name in names:
            for value in [v.value for v in model[name] if isinstance(v, Num)][:4]:
                symbol = z3.Real(self._script.variables[name])
                solver.push()
                solver.add(symbol == z3.Q(value.numerator, value.denominator))
                if _z3_check(solver, budget.share(0.2, 0.3)) == "sat":
                    return True
                solver.pop()
        return False

    def _coordinates(self, model: Any) -> dict[str, list[Term]]:
        import z3  # noqa: PLC0415

        found: dict[str, list[Term]] = {}
        for name, symbol in self._script.variables.items():
            sort = z3.Int if name in self._sequent.integers else z3.Real
            found[name] = _options(model.eval(sort(symbol), model_completion=True))
        return found


def _options(value: Any) -> list[Term]:
    """A coordinate of a model: itself where it is rational, otherwise numbers near it."""
    import z3  # noqa: PLC0415

    if z3.is_int_value(value):
        return [Num(Fraction(value.as_long()))]
    if z3.is_rational_value(value):
        return [Num(Fraction(value.numerator_as_long(), value.denominator_as_long()))]
    if not z3.is_algebraic_value(value):
        return [Num(Fraction(0))]
    close = value.approx(30)
    exact = Fraction(close.numerator_as_long(), close.denominator_as_long())
    rationals: list[Term] = [Num(v) for v in near(float(exact))]
    coefficients = [Fraction(str(part)) for part in value.poly()]
    if len(coefficients) == 3:
        return [_quadratic(coefficients, exact), *rationals]
    return [*recognised(float(exact), 1e-12), *rationals]


def _quadratic(coefficients: list[Fraction], close: Fraction) -> Term:
    c, b, a = coefficients
    root: Term = Call("sqrt", (Num(b * b - 4 * a * c),))
    upper = (close + b / (2 * a) > 0) == (a > 0)
    return tidy(Div(Add((root if upper else Neg(root), Num(-b))), Num(2 * a)))


def _combinations(model: Mapping[str, list[Term]]) -> list[dict[str, Term]]:
    """The model itself, then all coordinates rounded alike."""
    longest = max((len(options) for options in model.values()), default=1)
    return [
        {name: options[min(index, len(options) - 1)] for name, options in model.items()}
        for index in range(longest)
    ]
