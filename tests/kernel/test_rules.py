"""Every rule: one certificate that is accepted, and changes of it that are refused."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from verify.kernel.check import _RULES, Sequent, check
from verify.kernel.poly import Refused
from verify.kernel.sums import NO_THEORY, Definition, Family, Theory
from verify.language.grammar import parse_formula, parse_term
from verify.language.term import Entry, Formula, Rel, Sum, Sym, num

Proof = dict[str, Any]
GIVEN: Proof = {"rule": "given"}
N = Sym("n")
SUM = Sum(Entry("A", (Sym("i"),)), "i", N)
THEORY = Theory(
    definitions={"A": Definition(("j",), parse_term("b"))},
    families=(Family("i", N, parse_formula("i*c >= 0")),),
    least={"n": 2},
)
TWO_ROWS = Theory(ranges={"i": N, "j": N}, least={"n": 1}, distinct=((Sym("i"), Sym("j")),))


@dataclass(frozen=True)
class Case:
    """A sequent, its certificate, and changes of fields that spoil it."""

    goal: str | Formula
    proof: Proof
    spoiled: tuple[Proof, ...]
    hypotheses: tuple[str, ...] = ()
    integers: tuple[str, ...] = ()
    theory: Theory = NO_THEORY

    @property
    def sequent(self) -> Sequent:
        goal = parse_formula(self.goal) if isinstance(self.goal, str) else self.goal
        given = tuple(parse_formula(hypothesis) for hypothesis in self.hypotheses)
        return Sequent(given, goal, frozenset(self.integers), self.theory)

    def check(self, proof: object) -> None:
        check(self.sequent, proof)


def every(*parts: Proof) -> Proof:
    return {"rule": "all", "parts": list(parts)}


def square(index: int, root: str) -> Proof:
    """A negated goal ``-root**2 > 0``, or the like, against a square."""
    return {
        "rule": "refute",
        "products": [["1", [index], []], ["1", [], [root]]],
        "equations": [],
    }


CASES: dict[str, Case] = {
    "cut": Case(
        "x**2 + y**2 >= 0",
        {
            "rule": "cut",
            "fact": "x**2 >= 0",
            "by": square(0, "x"),
            "then": {
                "rule": "refute",
                "products": [["1", [0], []], ["1", [1], []], ["1", [], ["y"]]],
                "equations": [],
            },
        },
        ({"fact": "x >= 0"}, {"fact": "x +"}, {"fact": 1}, {"by": GIVEN}),
    ),
    "split": Case(
        "x >= 0 or x < 0",
        {
            "rule": "split",
            "on": "x >= 0",
            "yes": {"rule": "either", "index": 0, "then": GIVEN},
            "no": {"rule": "either", "index": 1, "then": GIVEN},
        },
        ({"on": "1/x >= 0"}, {"on": "x >= 1"}, {"on": "x > 0 and x > 1"}),
    ),
    "cases": Case(
        "x >= 1",
        {"rule": "cases", "of": 0, "branches": [GIVEN, GIVEN]},
        ({"of": 1}, {"of": -1}, {"of": False}, {"branches": [GIVEN]}, {"branches": "no"}),
        ("x > 1 or x == 1",),
    ),
    "all": Case(
        "x >= 0 and x != 0",
        every(GIVEN, GIVEN),
        ({"parts": [GIVEN]}, {"parts": [GIVEN] * 3}, {"parts": GIVEN}),
        ("x > 0",),
    ),
    "either": Case(
        "x < 0 or x > 0",
        {"rule": "either", "index": 1, "then": GIVEN},
        ({"index": 0}, {"index": 2}, {"index": -1}, {"index": True}),
        ("x > 0",),
    ),
    "absurd": Case(
        "y > x",
        {
            "rule": "absurd",
            "then": {"rule": "line", "facts": [0, 1], "separators": ["-1", "1/2"]},
        },
        ({"then": GIVEN},),
        ("x > 1", "x < 0"),
    ),
    "focus": Case(
        "x > 0",
        {"rule": "focus", "keep": [1], "then": GIVEN},
        ({"keep": []}, {"keep": [0]}, {"keep": [2]}, {"keep": [-1]}, {"keep": [True]}),
        ("y > 0", "x > 0"),
    ),
    "given": Case("x >= y", GIVEN, (), ("2*x - y > y",)),
    "fact": Case(
        "exp(x) >= 1 + x",
        {"rule": "fact", "name": "exp_tangent", "terms": ["x"]},
        ({"name": "exp_positive"}, {"name": "no"}, {"terms": []}, {"terms": ["y"]}),
    ),
    "refute": Case(
        "x**2 - 2*x + 2 > 0",
        {
            "rule": "refute",
            "products": [["1", [0], []], ["1", [], ["x - 1"]], ["1", [], []]],
            "equations": [],
        },
        (
            {"products": [["1", [0], []], ["1", [], ["x - 1"]], ["-1", [], []]]},
            {"products": [["1", [1], []], ["1", [], ["x - 1"]], ["1", [], []]]},
            {"products": [["1", [False], []], ["1", [], ["x - 1"]], ["1", [], []]]},
            {"products": [["1", [0], []], ["1", [], ["x"]], ["1", [], []]]},
            {"products": [["1", [0], []], ["1", [], ["x - 1"]], ["0", [], []]]},
            {"products": [[1, [0], []], ["1", [], ["x - 1"]], ["1", [], []]]},
            {"products": [["1", [0], []]]},
            {"products": []},
            {"equations": [[0, "1"]]},
        ),
    ),
    "line": Case(
        "x**2 >= 2*x - 2",
        {"rule": "line", "facts": [0], "separators": []},
        ({"facts": []}, {"facts": [1]}, {"separators": ["1", "1"]}, {"separators": [1]}),
    ),
    "boxes": Case(
        "exp(x) < 3",
        {"rule": "boxes", "box": {"x": ["0", "1"]}, "precision": 64, "tree": 2},
        (
            {"box": {"x": ["0", "1/2"]}},
            {"box": {"x": ["1/2", "1"]}},
            {"box": {"y": ["0", "1"]}},
            {"box": {}},
            {"box": []},
            {"tree": 0},
            {"tree": 3},
            {"tree": ["x", "2", 2, 2]},
            {"tree": ["y", "1/2", 2, 2]},
            {"precision": 1},
            {"precision": True},
            {"precision": 10**6},
        ),
        ("x >= 0", "x <= 1"),
    ),
    "slope": Case(
        "x**3 >= 0",
        {
            "rule": "slope",
            "var": "x",
            "from": "0",
            "side": "right",
            "point": "z",
            "strict": "base",
            "order": GIVEN,
            "base": GIVEN,
            "domain": every(),
            "slope": {
                "rule": "refute",
                "products": [["1", [3], []], ["3", [], ["z"]]],
                "equations": [],
            },
        },
        (
            {"side": "left"},
            {"side": "up"},
            {"point": "x"},
            {"point": "z + 1"},
            {"strict": "no"},
            {"from": "1"},
            {"from": "x"},
            {"from": "log(y)"},
            {"var": 1},
            {"slope": GIVEN},
            {"order": square(0, "x")},
        ),
        ("x >= 0",),
    ),
    "chord": Case(
        "x - x**2 >= 0",
        {
            "rule": "chord",
            "var": "x",
            "low": "0",
            "high": "1",
            "point": "z",
            "order": every(GIVEN, GIVEN),
            "ends": every(GIVEN, GIVEN),
            "domain": every(),
            "bend": GIVEN,
        },
        (
            {"low": "1/2"},
            {"low": "-1"},
            {"high": "2"},
            {"high": "x"},
            {"low": "log(y)"},
            {"point": "x"},
            {"point": "z + 1"},
            {"var": 1},
            {"ends": square(0, "x")},
            {"order": square(0, "x")},
        ),
        ("x >= 0", "x <= 1"),
    ),
    "integral": Case(
        "2*n >= 4",
        {"rule": "integral", "fact": 0},
        ({"fact": 1}, {"fact": False}, {"fact": "0"}),
        ("2*n > 3", "m > 3"),
        ("n",),
    ),
    "enumerate": Case(
        "n*(n - 1)*(n - 2) == 0",
        {"rule": "enumerate", "var": "n", "branches": [GIVEN, GIVEN, GIVEN]},
        ({"var": "x"}, {"var": 0}, {"branches": [GIVEN, GIVEN]}, {"branches": []}),
        ("n >= 0", "n <= 2", "0 <= x <= 2"),
        ("n",),
    ),
    "induct": Case(
        "n + 1 > 0",
        {
            "rule": "induct",
            "var": "n",
            "base": GIVEN,
            "step": {
                "rule": "refute",
                "products": [["1", [2], []], ["1", [3], []], ["1", [], []]],
                "equations": [],
            },
        },
        ({"var": "m"}, {"var": "x"}, {"var": None}, {"step": GIVEN}),
        ("n >= 0", "x >= 0"),
        ("n", "m"),
    ),
    "replace": Case(
        "x**2 == 4",
        {"rule": "replace", "var": "x", "by": "2", "proof": GIVEN, "then": GIVEN},
        ({"by": "3"}, {"by": "x"}, {"var": "y"}, {"var": 2}, {"proof": every()}),
        ("x == 2",),
    ),
    "substitute": Case(
        "x >= 0",
        {
            "rule": "substitute",
            "var": "x",
            "as": "y**2",
            "inverse": "sqrt(x)",
            "fresh": "y",
            "proof": {
                "rule": "cut",
                "fact": "sqrt(x)**2 == x",
                "by": {"rule": "fact", "name": "root_power", "terms": ["x", "2"]},
                "then": GIVEN,
            },
            "facts": [],
            "then": square(1, "y"),
        },
        (
            {"as": "y**2 + 1"},
            {"as": "x"},
            {"inverse": "y"},
            {"inverse": "-x"},
            {"fresh": "x"},
            {"fresh": "w"},
            {"facts": [["x >= 0", GIVEN]]},
            {"facts": [["y >= 1", GIVEN]]},
            {"facts": [["y >= 1"]]},
        ),
        ("x >= 0",),
    ),
    "rewrite": Case(
        "y*x == y*z",
        {"rule": "rewrite", "term": "x", "by": "z", "proof": GIVEN, "then": GIVEN},
        ({"term": "y"}, {"by": "y"}, {"by": "z +"}, {"proof": every()}),
        ("x == z",),
    ),
    "unfold": Case(
        Rel("==", SUM, parse_term("n*b")),
        {"rule": "unfold", "then": GIVEN},
        ({"then": every()},),
        (),
        (),
        THEORY,
    ),
    "family": Case(
        "c >= 0",
        {"rule": "family", "family": 0, "index": "2", "then": GIVEN},
        (
            {"index": "0"},
            {"index": "3"},
            {"index": "n + 1"},
            {"index": "i"},
            {"family": 1},
            {"family": -1},
            {"family": False},
        ),
        (),
        (),
        THEORY,
    ),
    "room": Case(
        "n >= 2",
        {"rule": "room", "indices": ["i", "j"], "size": "n"},
        (
            {"indices": ["i", "i"]},
            {"indices": ["i"]},
            {"indices": ["i", "j", "i"]},
            {"indices": ["i", "n + 1"]},
            {"indices": ["i", "k"]},
            {"indices": []},
            {"size": "n - 1"},
            {"size": "m"},
            {"size": "1/x"},
        ),
        (),
        (),
        TWO_ROWS,
    ),
    "sum": Case(
        Rel(">=", SUM, num(0)),
        {
            "rule": "sum",
            "bound": "0",
            "exceptions": [],
            "index": "k",
            "each": {"rule": "unfold", "then": GIVEN},
            "total": GIVEN,
        },
        (
            {"bound": "1"},
            {"bound": "k"},
            {"exceptions": ["0"]},
            {"exceptions": ["1", "1"]},
            {"index": "n"},
            {"index": "b"},
            {"index": 1},
            {"each": GIVEN},
        ),
        ("b >= 0",),
        (),
        THEORY,
    ),
    "zero power": Case(
        "x^y <= 0",
        {"rule": "zero power", "base": "x", "exponent": "y", "then": GIVEN},
        ({"base": "y"}, {"base": "z"}, {"exponent": "x"}, {"exponent": "-y"}, {"exponent": "z"}),
        ("x == 0", "y > 0"),
    ),
    "generalise": Case(
        "exp(x)**2 >= 0",
        {"rule": "generalise", "term": "exp(x)", "fresh": "t", "then": square(0, "t")},
        ({"term": "log(x)"}, {"fresh": "x"}, {"fresh": "exp(x)"}, {"fresh": 0}, {"fresh": "pi"}),
    ),
}


def test_every_rule_has_a_case() -> None:
    assert set(CASES) == set(_RULES)


@pytest.mark.parametrize("rule", CASES)
def test_accepted(rule: str) -> None:
    case = CASES[rule]
    assert case.proof["rule"] == rule
    case.check(case.proof)


@pytest.mark.parametrize(
    ("rule", "position"),
    [(rule, position) for rule, case in CASES.items() for position in range(len(case.spoiled))],
)
def test_refused_when_spoiled(rule: str, position: int) -> None:
    case = CASES[rule]
    with pytest.raises(Refused):
        case.check(case.proof | case.spoiled[position])


@pytest.mark.parametrize("rule", CASES)
def test_fields_are_exactly_those_of_the_rule(rule: str) -> None:
    case = CASES[rule]
    for field in case.proof:
        with pytest.raises(Refused):
            case.check({name: value for name, value in case.proof.items() if name != field})
    for changed in ({"note": ""}, {"rule": rule + " "}, {"rule": None}):
        with pytest.raises(Refused):
            case.check(case.proof | changed)


@pytest.mark.parametrize("data", [None, [], "given", 0, {}, {"rule": {}}])
def test_what_is_no_certificate(data: object) -> None:
    with pytest.raises(Refused):
        CASES["given"].check(data)


def test_deep_certificates_are_refused() -> None:
    proof: Proof = GIVEN
    for _ in range(200_000):
        proof = {"rule": "absurd", "then": proof}
    with pytest.raises(Refused, match="nested too deeply"):
        CASES["given"].check(proof)


@pytest.mark.parametrize("goal", ["1/x == 1/x", "log(x) <= log(x)", "sqrt(x) >= 0"])
@pytest.mark.parametrize(
    "proof",
    [
        GIVEN,
        {"rule": "refute", "products": [["1", [0], []]], "equations": []},
        {"rule": "line", "facts": [0], "separators": []},
    ],
    ids=lambda proof: str(proof["rule"]),
)
def test_a_goal_that_may_be_undefined_is_refused(goal: str, proof: Proof) -> None:
    with pytest.raises(Refused):
        Case(goal, proof, ()).check(proof)
