"""Closed forms against the definitions taken literally, in two independent ways."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import Any
from typing import Literal as Literal_

import mpmath
import numpy as np
import pytest
import sympy

from lemmas.polynomial_attention import PAPER
from verify.engine.formal import Formal, formalise
from verify.engine.literal import Literal, NotLiteral, World, seeded, world_of
from verify.engine.pieces import Data, Pieces
from verify.kernel.sums import Definition
from verify.language.grammar import parse_term
from verify.language.sympy_terms import to_formula
from verify.language.term import (
    ONE,
    ZERO,
    Add,
    Delta,
    Entry,
    Mul,
    Num,
    Rel,
    Sum,
    Sym,
    Term,
    num,
    replace,
)
from verify.provers.budget import Budget
from verify.provers.lemma import closed_form

STATEMENTS = {statement.id: statement for statement in PAPER.statements}
A_FEATURE, B, C, S = Fraction(7, 10), Fraction(2, 5), Fraction(3, 5), Fraction(3, 2)

# The statement whose indices suit the entry, the entry, and which rows and columns it stands for.
ROW_3, ROW_0, ROW_1, COLUMN = Sym("j_3"), Sym("j_0"), Sym("j_1"), Sym("k_0")
SPECIAL = Add((ONE, Entry("r", (ROW_3,))))
OTHER = Add((ONE, COLUMN))


@dataclass(frozen=True)
class Case:
    """A closed form of an entry: under the hypotheses of a statement on which indices differ."""

    statement: str
    entry: Entry

    def closed(self) -> Term:
        """The entry with definitions unfolded, in the parameters alone."""
        return _closed(self.statement, self.entry)


@cache
def _formal(identifier: str) -> Formal:
    formal = formalise(STATEMENTS[identifier])
    assert formal is not None
    return formal


@cache
def _closed(statement: str, entry: Entry) -> Term:
    context = _formal(statement).sequent().context()
    form = closed_form(context, Rel("==", entry, ONE), Budget.of(20))
    assert isinstance(form, Rel)
    return form.left


def rows(name: str, *columns: Term) -> Iterator[Case]:
    """An array's entries in the special row and in another one."""
    for column in columns:
        yield Case("6.7/5.rest", Entry(name, (ROW_3, column)))
        yield Case("6.7/5.rest", Entry(name, (ROW_0, column)))


CASES = (
    *rows("u", ROW_3),
    *rows("f", ROW_3),
    *(Case("6.6/4b", Entry(name, (row, ROW_1))) for name in "uf" for row in (ROW_3, ROW_0)),
    *(Case("6.7/5.rest", Entry("alpha", (row,))) for row in (ROW_3, ROW_0)),
    *rows("c", ONE, SPECIAL, OTHER, Sym("d")),
)


def sizes() -> Iterator[tuple[int, int, int]]:
    """All d and t with a row j_3, for d up to 5 and t up to 3."""
    for d in (3, 4, 5):
        for t in (1, 2, 3):
            for j_3 in range(1, (d - 2) * t + 1):
                yield d, t, j_3


def point(d: int, t: int, j_3: int, beta: int) -> dict[str, Fraction]:
    """Parameter values, with the indices j_0, j_1 and k_0 where there is room for them."""
    n = (d - 2) * t
    values: dict[str, Any] = {"d": d, "t": t, "n": n, "j_3": j_3, "beta": beta}
    values |= {"a_1": A_FEATURE, "b": B, "c": C, "s": S}
    if n > 1:
        values |= {"j_0": 1 + j_3 % n, "j_1": 1 + j_3 % n}
    if d > 3:
        values["k_0"] = 1 + (1 + (j_3 - 1) % (d - 2)) % (d - 2)
    return {name: Fraction(value) for name, value in values.items()}


def indices(case: Case) -> set[str]:
    """The free indices of an entry."""
    return {name for name in ("j_0", "j_1", "k_0") if name in str(case.entry)}


@pytest.mark.parametrize("beta", [1, 2, 3])
def test_closed_forms_agree_with_the_definitions(beta: int) -> None:
    checked = 0
    for d, t, j_3 in sizes():
        values = point(d, t, j_3, beta)
        literal = Literal(world_of(STATEMENTS["6.7/5.rest"], values))
        without = Literal(World(values))
        for case in CASES:
            if indices(case) <= set(values):
                assert literal.value(case.entry) == without.value(case.closed()), (case, values)
                checked += 1
    assert checked == 626


def test_evaluation_in_pieces_agrees_with_the_definitions() -> None:
    statement = STATEMENTS["6.7/5.rest"]
    theory = _formal(statement.id).theory
    classes = {name: item.classes for name, item in theory.maps.items()}
    for d, t, j_3 in [(3, 2, 2), (4, 3, 5), (5, 1, 1), (5, 3, 8)]:
        values = point(d, t, j_3, 2)
        integers = {name: int(values[name]) for name in ("d", "t", "n", "j_3")}
        constants: dict[str, Term] = {name: num(value) for name, value in values.items()}
        pieces = Pieces(Data(constants, integers, theory.definitions, classes))
        literal = Literal(world_of(statement, values))
        for row in range(1, integers["n"] + 1):
            for name, width in (("u", integers["n"]), ("f", integers["n"]), ("c", d), ("A", d)):
                for column in range(1, width + 1):
                    entry = Entry(name, (num(row), num(column)))
                    assert pieces.value(entry) == num(literal.value(entry)), (d, t, j_3, entry)


# A second way: matrices of exact numbers, and the Kronecker product written out.


def matrices(d: int, t: int, j_3: int, beta: Any, number: Any) -> dict[str, Any]:
    """A, u, alpha, f and c of Definitions 6.1 and 6.2, with the n^2 x d^2 matrix written out."""
    n = (d - 2) * t
    a, b, c, s = number(A_FEATURE), number(B), number(C), number(S)
    data = np.full((n, d), number(Fraction(0)), dtype=object)
    data[j_3 - 1, 0] = a * s
    for row in range(n):
        data[row, 1 + row % (d - 2)] = b * s
        data[row, d - 1] = c * s
    tall = np.array(
        [
            [data[i, p] * data[j, q] for p in range(d) for q in range(d)]
            for i in range(n)
            for j in range(n)
        ],
        dtype=object,
    )
    assert tall.shape == (n * n, d * d)
    x = np.full(d * d, number(Fraction(1)), dtype=object)
    u = np.array([[z**beta for z in (tall[i * n : (i + 1) * n] @ x)] for i in range(n)])
    alpha = u.sum(axis=1)
    f = np.array([[u[i, j] / alpha[i] for j in range(n)] for i in range(n)])
    return {"u": u, "alpha": alpha, "f": f, "c": f @ data}


def entries(case: Case, values: dict[str, Fraction]) -> tuple[int, ...]:
    """The places of an entry in the matrices."""
    literal = Literal(world_of(STATEMENTS[case.statement], values))
    return tuple(int(literal.value(index)) - 1 for index in case.entry.indices)


@pytest.mark.parametrize(("d", "t", "j_3"), [(3, 2, 1), (4, 1, 2), (4, 2, 3), (5, 2, 6)])
@pytest.mark.parametrize("beta", [1, 2, 3])
def test_closed_forms_agree_with_written_out_matrices(d: int, t: int, j_3: int, beta: int) -> None:
    found = matrices(d, t, j_3, beta, Fraction)
    values = point(d, t, j_3, beta)
    for case in CASES:
        if indices(case) <= set(values):
            expected = found[case.entry.name][entries(case, values)]
            assert Literal(World(values)).value(case.closed()) == expected, case


def mp_value(term: Term, values: dict[str, Any]) -> Any:
    """A closed form in floating point of 60 digits, by SymPy's own evaluation."""
    names = {name: sympy.Symbol(name) for name in values}
    from verify.language.render import text  # noqa: PLC0415

    expression = sympy.parse_expr(text(term).replace("^", "**"), local_dict=names)
    numbers = {names[name]: sympy.Float(mpmath.nstr(v, 60), 60) for name, v in values.items()}
    return mpmath.mpf(str(expression.evalf(50, subs=numbers)))


@pytest.mark.parametrize(("d", "t", "j_3"), [(4, 2, 3), (5, 1, 2)])
def test_closed_forms_for_a_degree_that_is_not_an_integer(d: int, t: int, j_3: int) -> None:
    with mpmath.workdps(60):
        beta = 2 * mpmath.log(20)

        def number(value: Fraction) -> Any:
            return mpmath.mpf(value.numerator) / value.denominator

        found = matrices(d, t, j_3, beta, number)
        values = point(d, t, j_3, 1)
        floats = {name: number(value) for name, value in values.items()} | {"beta": beta}
        for case in CASES:
            expected = found[case.entry.name][entries(case, values)]
            value = mp_value(case.closed(), floats)
            assert abs(value - expected) < abs(expected) * mpmath.mpf(10) ** -40, case


# The two conventions of vec in Fact 3.2.


def both_sides(order: Literal_["C", "F"], seed: int, n: int = 3, d: int = 2) -> tuple[Any, Any]:
    """vec(A_1 X A_2') and (A_1 (x) A_2) vec(X), with vec by rows (C) or by columns (F)."""
    source = np.random.default_rng(seed)
    a_1, a_2 = (source.integers(-3, 4, (n, d)).astype(object) for _ in range(2))
    x = source.integers(-3, 4, (d, d)).astype(object)
    left = (a_1 @ x @ a_2.T).flatten(order=order)
    return left, np.kron(a_1, a_2) @ x.flatten(order=order)


def test_the_tensor_trick_holds_for_vec_by_rows() -> None:
    for seed in range(20):
        left, right = both_sides("C", seed)
        assert (left == right).all()


def test_the_tensor_trick_fails_for_vec_by_columns() -> None:
    assert any((left != right).any() for left, right in (both_sides("F", s) for s in range(5)))


def test_the_declared_conventions_taken_literally() -> None:
    statement = STATEMENTS["3.2"]
    row_major = to_formula(statement.conclusion)
    ((_, other),) = statement.variants
    column_major = to_formula(other)
    held = []
    for seed in range(3):
        for i in (1, 2, 3):
            for j in (1, 2, 3):
                values = {"n": 3, "d": 2, "i": i, "j": j}
                literal = Literal(world_of(statement, values, seeded(seed, 50)))
                assert literal.holds(row_major)
                held.append(literal.holds(column_major))
    assert not all(held)


# The evaluator itself.


def test_sums_deltas_and_maps() -> None:
    k, n = Sym("k"), Sym("n")
    world = World({"n": Fraction(6), "q": Fraction(2)}, classes={"r": Num(Fraction(3))})
    literal = Literal(world)
    assert literal.value(Sum(Mul((k, k)), "k", n)) == 91
    assert literal.value(Sum(Delta(k, Sym("q")), "k", n)) == 1
    assert [literal.value(Entry("r", (num(i),))) for i in range(1, 7)] == [1, 2, 3, 1, 2, 3]
    assert literal.value(Sum(Delta(Entry("r", (k,)), Sym("q")), "k", n)) == 2
    assert literal.value(Sum(k, "k", ZERO)) == 0


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x", "no value for x"),
        ("1/(n - 6)", "division by zero"),
        ("0^(n - 7)", "a negative power of zero"),
        ("sqrt(n)", "the root of 6 of degree 2 is not a rational number"),
        ("log(n)", "log(6) is not known to be a rational number"),
        ("pi", "pi is not a rational number"),
    ],
)
def test_what_has_no_exact_value(text: str, message: str) -> None:
    with pytest.raises(NotLiteral) as caught:
        Literal(World({"n": Fraction(6)})).value(parse_term(text))
    assert str(caught.value) == message


def test_long_sums_and_unknown_entries_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(NotLiteral, match="is too long: choose smaller sizes"):
        Literal(World({})).value(Sum(ONE, "k", num(10**9)))
    monkeypatch.setattr("verify.engine.literal.MAX_STEPS", 1000)
    with pytest.raises(NotLiteral, match="more than 1000 steps: choose smaller sizes"):
        Literal(World({})).value(Sum(Sum(Sym("k"), "q", num(100)), "k", num(100)))
    with pytest.raises(NotLiteral, match=r"z\[1\] has no definition and no value"):
        Literal(World({})).value(Entry("z", (ONE,)))


def test_seeded_entries_depend_on_seed_name_and_indices_alone() -> None:
    first = [seeded(0)("X", (Fraction(i),)) for i in range(40)]
    assert first == [seeded(0)("X", (Fraction(i),)) for i in range(40)]
    assert first != [seeded(1)("X", (Fraction(i),)) for i in range(40)]
    assert set(first) == set(range(-3, 4))


def test_exact_roots_and_functions() -> None:
    literal = Literal(World({"x": Fraction(9, 4)}))
    for text, value in {
        "sqrt(x)": Fraction(3, 2),
        "x^(3/2)": Fraction(27, 8),
        "x^(-1/2)": Fraction(2, 3),
        "floor(x) + ceil(x)": Fraction(5),
        "max(x, 2) - min(x, 2)": Fraction(1, 4),
        "abs(1 - x)": Fraction(5, 4),
    }.items():
        assert literal.value(parse_term(text)) == value


def test_closed_forms_are_told_apart() -> None:
    """The comparison would notice a wrong closed form."""
    case = Case("6.7/5.rest", Entry("c", (ROW_3, SPECIAL)))
    values = point(5, 3, 4, 2)
    wrong = replace(case.closed(), {Sym("t"): Add((Sym("t"), ONE))})
    right = Literal(world_of(STATEMENTS[case.statement], values)).value(case.entry)
    assert Literal(World(values)).value(wrong) != right


def test_definitions_are_read_as_they_stand() -> None:
    body = Definition(("i",), Mul((Sym("i"), Sym("i"))))
    world = World({}, {"q": (body.indices, body.body)})
    assert Literal(world).value(Sum(Entry("q", (Sym("k"),)), "k", num(3))) == 14
    with pytest.raises(NotLiteral, match="q takes 1 indices"):
        Literal(world).value(Entry("q", (ONE, ONE)))
