"""Replacing terms, against values: a sum keeps its index to itself."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from verify.language.term import (
    Add,
    Delta,
    Mul,
    Num,
    Sum,
    Sym,
    Term,
    free_names,
    num,
    replace,
    subterms,
)

VALUES = {"i": 1, "i_": 2, "j": 3, "x": 2, "y": -1, "n": 3}
NAMES = st.sampled_from(sorted(VALUES)).map(Sym)
NUMBERS = st.integers(-1, 3).map(num)


def _larger(part: st.SearchStrategy[Term]) -> st.SearchStrategy[Term]:
    pairs = st.tuples(part, part)
    return st.one_of(
        pairs.map(Add),
        pairs.map(Mul),
        pairs.map(lambda two: Delta(*two)),
        st.builds(
            Sum, part, st.sampled_from(("i", "i_", "j")), st.sampled_from((num(2), Sym("n")))
        ),
    )


TERMS: st.SearchStrategy[Term] = st.recursive(NAMES | NUMBERS, _larger, max_leaves=10)


def value(term: Term, at: dict[str, Fraction]) -> Fraction:
    match term:
        case Num(value=number):
            return number
        case Sym(name=name):
            return at[name]
        case Add(args=args):
            return sum((value(arg, at) for arg in args), Fraction(0))
        case Mul(args=(left, right)):
            return value(left, at) * value(right, at)
        case Delta(left=left, right=right):
            return Fraction(value(left, at) == value(right, at))
        case Sum(body=body, var=var, size=size):
            last = int(value(size, at))
            return sum(
                (value(body, at | {var: Fraction(i)}) for i in range(1, last + 1)), Fraction(0)
            )
    raise AssertionError(term)


@settings(max_examples=400)
@given(st.data(), TERMS)
def test_what_has_the_same_value_may_take_its_place(data: st.DataObject, term: Term) -> None:
    at = {name: Fraction(number) for name, number in VALUES.items()}
    key = data.draw(st.sampled_from(list(subterms(term))))
    unused = [name for name in ("i", "i_", "j", "z") if name not in free_names(Add((term, key)))]
    fresh = data.draw(st.sampled_from(unused))
    changed = replace(term, {key: Sym(fresh)})
    assert value(changed, at | {fresh: value(key, at)}) == value(term, at)
