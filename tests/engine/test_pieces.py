"""Sums in few pieces against sums added up term by term."""

from __future__ import annotations

import time
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from verify.engine.constants import Constants, power
from verify.engine.literal import Literal, World
from verify.engine.pieces import Data, Datum, Pieces, Unsupported
from verify.kernel.sums import Definition
from verify.language.grammar import parse_term
from verify.language.render import text
from verify.language.term import (
    ONE,
    Add,
    Delta,
    Div,
    Entry,
    Mul,
    Neg,
    Num,
    Sum,
    Sym,
    Term,
    num,
)

Q, N = Sym("q"), Sym("n")


def indices(names: list[str]) -> st.SearchStrategy[Term]:
    """A number, an index moved by a constant, or the class of an index, moved."""
    numbers = st.integers(0, 5).map(num)
    if not names:
        return numbers
    variables = st.sampled_from(names).map(Sym)
    moved = st.builds(lambda v, k: Add((v, num(k))), variables, st.integers(-2, 2))
    mapped = st.builds(lambda v, k: Add((num(k), Entry("r", (v,)))), variables, st.integers(-1, 1))
    return st.one_of(numbers, variables, moved, mapped)


def bodies(names: list[str], depth: int) -> st.SearchStrategy[Term]:
    """Sums of products of deltas, with sums over further indices inside."""
    deltas = st.builds(Delta, indices(names), indices(names))
    parts: list[st.SearchStrategy[Term]] = [deltas, st.integers(-3, 3).map(num)]
    if depth:
        name = f"i{depth}"
        inner = bodies([*names, name], depth - 1)
        parts.append(st.builds(lambda b, s, v=name: Sum(b, v, s), inner, st.sampled_from([N, Q])))
    atom = st.one_of(parts)
    factors = st.lists(atom, min_size=1, max_size=3).map(lambda f: Mul(tuple(f)))
    return st.lists(factors, min_size=1, max_size=3).map(lambda t: Add(tuple(t)))


@settings(
    max_examples=80,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.filter_too_much],
)
@given(bodies([], 3), st.integers(1, 4), st.integers(1, 3))
def test_nested_sums(term: Term, q: int, t: int) -> None:
    n = q * t
    pieces = Pieces(Data({}, {"n": n, "q": q}, classes={"r": Q}))
    try:
        found = pieces.value(term)
    except Unsupported:
        assume(False)
    world = World({"n": Fraction(n), "q": Fraction(q)}, classes={"r": Q})
    assert found == num(Literal(world).value(term)), text(term)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(bodies(["x", "y"], 1), bodies(["x"], 1), st.integers(1, 4), st.integers(1, 3))
def test_entries_and_rows(body: Term, other: Term, q: int, t: int) -> None:
    """Entries with indices, in sums and in the pieces of a range."""
    n = q * t
    entry = Entry("a", (Sym("k"), Sym("j")))
    term = Add((Sum(Mul((entry, Entry("b", (Sym("k"),)))), "k", N), entry))
    definitions = {"a": Definition(("x", "y"), body), "b": Definition(("x",), other)}
    definitions["row"] = Definition(("j",), Sum(Mul((entry, entry)), "k", N))
    values = {"n": Fraction(n), "q": Fraction(q)}
    plain = {name: (item.indices, item.body) for name, item in definitions.items()}
    literal = Literal(World(values, plain, {"r": Q}))
    del term
    try:
        pieces = Pieces(Data({}, {"n": n, "q": q}, definitions, {"r": Q}))
        found = pieces.pieces(Entry("row", (Sym("j"),)), "j", n)
        rows, columns, table = pieces.grid(Entry("a", (Sym("j"), Sym("i"))), "j", n, "i", n)
    except Unsupported:
        assume(False)
    assert sum(piece.count for piece in found) == n
    exact = [literal.value(Entry("row", (num(j),))) for j in range(1, n + 1)]
    for piece in found:
        assert piece.value == num(exact[piece.at - 1])
    sums = [piece.count * piece.value.value for piece in found if isinstance(piece.value, Num)]
    assert sum(sums) == sum(exact)
    assert sum(count for _, count in rows) == sum(count for _, count in columns) == n
    weighted = Fraction(0)
    for (_, height), line in zip(rows, table, strict=True):
        for (_, width), value in zip(columns, line, strict=True):
            assert isinstance(value, Num)
            weighted += height * width * value.value
    cells = [Entry("a", (num(j), num(i))) for j in range(1, n + 1) for i in range(1, n + 1)]
    assert weighted == sum(literal.value(cell) for cell in cells)


def test_data_that_alternate() -> None:
    z = Entry("z", (Sym("i"),))
    datum = Datum({3: num(100)}, (num(1), num(2)))
    n = 10**30
    pieces = Pieces(Data({}, {"n": n}, arrays={"z": datum}))
    assert pieces.value(Sum(Mul((z, z)), "i", N)) == num((n // 2 - 1) + 4 * (n // 2) + 10**4)
    found = pieces.pieces(z, "i", n)
    assert sorted((p.count, p.value) for p in found if p.count > 1) == sorted(
        [(n // 2 - 1, num(1)), (n // 2, num(2))], key=lambda pair: pair[0]
    )


def test_sizes_do_not_matter() -> None:
    classes, copies = 10**50, 10**250
    n = classes * copies
    body = Delta(Entry("r", (Sym("i"),)), num(7))
    pieces = Pieces(Data({}, {"n": n, "q": classes}, classes={"r": Q}))
    started = time.perf_counter()
    assert pieces.value(Sum(body, "i", N)) == num(copies)
    double = Sum(Sum(Delta(Sym("i"), Add((ONE, Sym("k")))), "k", N), "i", N)
    assert pieces.value(double) == num(n - 1)
    assert time.perf_counter() - started < 1


@pytest.mark.parametrize(
    ("term", "message"),
    [
        (Sum(Sym("i"), "i", N), "the index i is used as a number"),
        (Entry("z", (ONE,)), r"z\[1\] has no definition and no value"),
        (Sym("x"), "no value for x"),
        (Sum(Delta(Add((Sym("i"), Sym("i"))), ONE), "i", N), "adds up several indices"),
        (Sum(Delta(Entry("r", (Sym("i"),)), Sym("i")), "i", N), "compared with its own class"),
        (Sum(Delta(Add((Sym("i"), num(50))), Q), "i", N), ""),
    ],
)
def test_what_is_not_made_of_comparisons(term: Term, message: str) -> None:
    pieces = Pieces(Data({}, {"n": 100, "q": 10}, classes={"r": Q}))
    if not message:
        assert pieces.value(term) == num(0)
        return
    with pytest.raises(Unsupported, match=message):
        pieces.value(term)


# Constants in normal form


@pytest.mark.parametrize(
    ("term", "value"),
    [
        ("(sqrt(log(20))*17/10)^2/log(20)", "289/100"),
        ("log(20)^6000/(3*log(20)^6000)", "1/3"),
        ("ceil(log(20)*10)", "30"),
        ("4^(1/2) + 27^(1/3)", "5"),
    ],
)
def test_constants_that_are_rational(term: str, value: str) -> None:
    assert Constants().normal(parse_term(term)) == num(Fraction(value))


def test_constants_without_a_value_stay_as_they_are() -> None:
    term = parse_term("1/(log(2) - log(2))")
    assert Constants().normal(term) == term


def test_powers_are_taken_apart_where_factors_are_positive() -> None:
    beta = parse_term("2*log(20)")
    base = parse_term("289/100*log(20)")
    assert text(power(base, beta)) == "(17/10)^(4*log(20))*log(20)^(2*log(20))"
    negative = parse_term("log(1/2)*log(1/3)")
    assert text(power(negative, beta)) == "(log(1/2)*log(1/3))^(2*log(20))"
    assert text(power(negative, num(3))) == "log(1/2)^3*log(1/3)^3"


def test_a_zero_delta_does_not_hide_what_is_undefined() -> None:
    i, k = Sym("i"), Sym("k")
    gap = Add((ONE, Neg(Delta(k, num(3)))))
    pieces = Pieces(Data({}, {"n": 5}, {"inverse": Definition(("k",), Div(ONE, gap))}))
    zero = Delta(ONE, num(2))
    assert pieces.value(Mul((zero, Div(ONE, num(2))))) == num(0)
    assert pieces.value(Mul((zero, Entry("inverse", (num(4),))))) == num(0)
    assert pieces.value(Mul((zero, Entry("inverse", (num(3),))))) != num(0)
    chosen = Delta(i, num(2))
    assert pieces.value(Sum(Mul((chosen, Entry("inverse", (num(4),)))), "i", N)) == ONE
    assert pieces.value(Sum(Mul((chosen, Entry("inverse", (i,)))), "i", N)) != ONE
