"""Statements at points: against brute force over all signs, and at sizes of any magnitude."""

from __future__ import annotations

import itertools
import re
import subprocess
import sys
import time
from collections.abc import Sequence
from fractions import Fraction
from math import comb, lcm

import pytest
from flint import arb, ctx
from sympy import IndexedBase, Rational, sqrt

from lemmas.polynomial_attention import PAPER
from verify.engine.at import evaluate_at
from verify.engine.literal import Literal, world_of
from verify.engine.results import At, Result
from verify.engine.settings import SettingError, point_of
from verify.engine.statements import check_statement
from verify.kernel.ball import enclose
from verify.language.grammar import parse_term
from verify.language.statement import (
    Array,
    Hypothesis,
    Paper,
    Param,
    Probability,
    Statement,
)
from verify.language.sympy_terms import eq, ge, gt, symbols
from verify.language.term import Entry, num

STATEMENTS = {statement.id: statement for statement in PAPER.statements}


def at(identifier: str, *settings: str, anyway: bool = False) -> Result:
    """The result of one statement at one point."""
    statement = STATEMENTS[identifier]
    return evaluate_at(statement, point_of(statement, settings, anyway=anyway))


def sides(result: Result) -> At:
    assert result.at is not None
    return result.at


def brute_force(
    rows: list[list[Fraction]], threshold: Fraction, strict: bool, absolute: bool = False
) -> Fraction:
    """Pr[some row has X > threshold], or >=, or the same for |X|, over all 2^d signs."""
    scale = lcm(threshold.denominator, *(w.denominator for row in rows for w in row))
    cut = int(threshold * scale)
    hit = [False] * 2 ** len(rows[0])
    for row in rows:
        sums = [0]
        for weight in (int(w * scale) for w in row):
            sums = [x + weight for x in sums] + [x - weight for x in sums]
        for place, x in enumerate(map(abs, sums) if absolute else sums):
            hit[place] |= x > cut or (x == cut and not strict)
    return Fraction(sum(hit), len(hit))


def literal_row(literal: Literal, row: int, d: int) -> list[Fraction]:
    """A row of c by the definitions."""
    return [literal.value(Entry("c", (num(row), num(column)))) for column in range(1, d + 1)]


def settings_of(values: dict[str, Fraction], names: str) -> list[str]:
    return [f"{name}={values[name]}" for name in names.split()]


# d, t, beta, b, and the feature of the dataset
POINTS = [
    (3, 1, 1, "2/5", 0),
    (3, 4, 3, "1/2", 1),
    (4, 2, 2, "3/10", 0),
    (5, 1, 4, "9/10", 1),
    (6, 2, 6, "2/5", 0),
    (8, 1, 5, "2/5", 1),
    (10, 1, 2, "1/10", 0),
    (12, 1, 6, "2/5", 1),
    (12, 2, 9, "3/4", 0),
]
FEATURES = {1: [Fraction(7, 10), Fraction(3, 2)], 0: [Fraction(1, 20), Fraction(9, 100)]}


def point_values(
    d: int, t: int, beta: int, b: str, number: int, dataset: int
) -> tuple[dict[str, Fraction], list[str]]:
    feature = f"a_{dataset}"
    values = {
        "d": Fraction(d),
        "t": Fraction(t),
        "n": Fraction((d - 2) * t),
        "beta": Fraction(beta),
        "b": Fraction(b),
        "c": 1 - Fraction(b),
        "s": Fraction(5, 3),
        feature: FEATURES[dataset][number],
        "j_3": Fraction(1 + (d - 2) * t // 2),
    }
    return values, settings_of(values, f"d t beta b s {feature} j_3")


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize(("part", "row"), [("6.8/1", "j_3"), ("6.8/2", "j_0")])
def test_signs_agree_with_brute_force(
    point: tuple[int, int, int, str, int], part: str, row: str
) -> None:
    values, settings = point_values(*point, dataset=1)
    if values["n"] == 1 and row == "j_0":
        pytest.skip("there is no other row")
    found = sides(at(part, *settings))
    literal = Literal(world_of(STATEMENTS[part], values))
    weights = literal_row(literal, int(found.point[row]), point[0])
    expected = brute_force([weights], (values["c"] + Fraction(1, 10)) * values["s"], False)
    assert Fraction(found.left) == expected
    assert found.relation == ">="
    assert found.right == "1/10"
    assert Fraction(found.margin or "") == expected - Fraction(1, 10)
    assert found.holds == (expected >= Fraction(1, 10))


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("part", ["6.12/1", "6.20/2"])
def test_two_sided_signs_agree_with_brute_force(
    point: tuple[int, int, int, str, int], part: str
) -> None:
    values, settings = point_values(*point, dataset=0)
    if values["n"] == 1 and part.endswith("2"):
        pytest.skip("there is no other row")
    found = sides(at(part, *settings))
    literal = Literal(world_of(STATEMENTS[part], values))
    row = int(found.point["j_3" if part.endswith("1") else "j_0"])
    weights = literal_row(literal, row, point[0])
    threshold = (values["c"] + Fraction(1, 10)) * values["s"]
    assert Fraction(found.left) == 1 - brute_force([weights], threshold, True, absolute=True)


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize(("part", "dataset"), [("6.9", 1), ("6.13", 0), ("6.5/low-d0", 0)])
def test_networks_agree_with_brute_force(
    point: tuple[int, int, int, str, int], part: str, dataset: int
) -> None:
    values, settings = point_values(*point, dataset=dataset)
    if point[0] * point[1] > 12:
        pytest.skip("many rows of brute force")
    found = sides(at(part, *settings, "m=7"))
    literal = Literal(world_of(STATEMENTS[part], values))
    rows = [literal_row(literal, row, point[0]) for row in range(1, int(values["n"]) + 1)]
    some = brute_force(rows, (values["c"] + Fraction(1, 10)) * values["s"], True)
    none = (1 - some) ** 7
    assert Fraction(found.left) == (1 - none if part == "6.9" else none)
    assert "with m = 7" in found.note


def test_a_degree_and_a_scale_that_are_irrational() -> None:
    """Weights as balls, against all signs compared in balls."""
    found = sides(at("6.8/1", "d=8", "t=1"))
    n, d = 6, 8
    with ctx.workprec(400):
        beta, s = 2 * arb(n).log(), arb(n).log().sqrt()
        a, b, c = arb(7) / 10, arb(2) / 5, arb(3) / 5
        data = [[arb(0)] * d for _ in range(n)]
        for row in range(n):
            data[row][1 + row] = b * s
            data[row][d - 1] = c * s
        data[0][0] = a * s
        x = [sum(line, arb(0)) for line in data]
        u = [(x[0] * x[j]) ** beta for j in range(n)]
        weights = [sum((u[j] * data[j][i] for j in range(n)), arb(0)) / sum(u) for i in range(d)]
        hits = 0
        for signs in itertools.product((-1, 1), repeat=d):
            gap = sum((w * y for w, y in zip(weights, signs, strict=True)), arb(0))
            gap -= (c + arb(1) / 10) * s
            assert gap > 0 or gap < 0
            hits += int(gap > 0)
    assert Fraction(found.left) == Fraction(hits, 2**d)


@pytest.mark.parametrize("beta", ["2", "1/2", "2*log(30)"])
@pytest.mark.parametrize("s", ["1", "sqrt(2)", "pi"])
def test_ties_are_decided_exactly(beta: str, s: str) -> None:
    """With one row, X = (0.7 s1 + 0.8 s2 + 0.2 s3) s, and -0.7 + 0.8 + 0.2 = c + 0.1 is a tie."""
    settings = ("d=3", "t=1", "b=4/5", f"beta={beta}", f"s={s}")
    assert sides(at("6.8/1", *settings)).left == "3/8"
    assert sides(at("6.9", *settings, "m=1", anyway=True)).left == "1/4"


def test_closed_forms_cancel_the_scale_and_come_out_rational() -> None:
    found = sides(at("6.6/3a", "beta=8"))
    power = Fraction(17, 10) ** 8
    assert Fraction(found.left) == power / (power + 19)
    assert Fraction(found.margin or "") == power / (power + 19) - Fraction(1, 2)


@pytest.mark.parametrize("identifier", ["6.6/1a", "6.10/2a", "6.14/1b", "6.18/2b"])
@pytest.mark.parametrize("beta", ["7", "2*log(30)", "3000/7", "5000"])
def test_identities_hold_exactly_for_every_degree(identifier: str, beta: str) -> None:
    found = sides(at(identifier, f"beta={beta}", "j_3=4"))
    assert found.relation == "=="
    assert found.holds is True
    assert found.margin == "0"


def test_statements_hold_at_their_reference_points() -> None:
    _hold(PAPER.statements[::7])


@pytest.mark.slow
def test_every_statement_holds_at_its_reference_point() -> None:
    _hold(PAPER.statements)


def _hold(statements: Sequence[Statement]) -> None:
    for statement in statements:
        result = evaluate_at(statement, point_of(statement, []))
        assert result.claim.verdict == "sampled", statement.id
        assert all(item.holds for item in sides(result).hypotheses), statement.id


@pytest.mark.parametrize("identifier", ["6.5/high-d1", "6.9"])
@pytest.mark.parametrize("beta", [(), ("beta=1500",)])
def test_sizes_of_any_magnitude(identifier: str, beta: tuple[str, ...]) -> None:
    started = time.perf_counter()
    found = sides(at(identifier, "d=10^6", "t=10^294", *beta))
    assert time.perf_counter() - started < 3
    assert found.point["n"] == str(999998 * 10**294)
    assert found.holds is True
    assert all(item.holds for item in found.hypotheses)
    assert parse_term(found.right) == num(1 - Fraction(1, 20 * 999998 * 10**294))


def test_memory_at_such_sizes() -> None:
    code = (
        "from pathlib import Path\n"
        "from verify.engine.packs import load_pack, statements_of\n"
        "from verify.engine.settings import point_of\n"
        "from verify.engine.at import evaluate_at\n"
        "(statement,) = statements_of(load_pack(), '6.9')\n"
        "point = point_of(statement, ['n=10^300', 'd=1000002', 't=10^294'], anyway=True)\n"
        "print(evaluate_at(statement, point).at.holds)\n"
        "status = Path('/proc/self/status').read_text().split()\n"
        "print(int(status[status.index('VmHWM:') + 1]) // 1024)\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    holds, megabytes = run.stdout.split()
    assert holds == "True"
    assert int(megabytes) < 200


# Other kinds of statements


def test_one_query_with_reference_data() -> None:
    found = sides(at("4.2/2", "n=6", "beta=2", "l=1", "h=3/2", "M=6"))
    u = [Fraction(36), *[Fraction(9, 4), Fraction(1)] * 2, Fraction(9, 4)]
    weights = [x / sum(u) for x in u]
    assert Fraction(found.left) == brute_force([weights], Fraction(1, 4), False)
    assert "z alternates 1 and 3/2, z[1] = 6" in found.note
    labels = [item.text for item in found.hypotheses if item.text.endswith("1 .. n but j")]
    assert len(labels) == 2


def test_one_query_with_entries_that_are_given() -> None:
    found = sides(at("4.1", "n=4", "beta=2", "l=1", "h=3", "z=1", "z[2]=3"))
    weights = [Fraction(x, 12) for x in (1, 9, 1, 1)]
    strict = sides(at("4.2/2", "n=4", "beta=2", "l=1", "h=1", "M=3", "z=1"))
    assert Fraction(strict.left) == brute_force([weights], Fraction(1, 4), False)
    assert found.point["z"] == "1"
    assert found.point["z[2]"] == "3"
    assert "z is always 1, z[2] = 3" in found.note
    assert all(item.holds for item in found.hypotheses)


def test_entries_outside_their_bounds_are_no_counterexample() -> None:
    claim = at("4.1", "n=100", "l=1", "h=1", "beta=1", "z=1", "z[1]=1000").claim
    assert claim.verdict == "unknown"
    assert "does not hold" in claim.explanation


def test_only_entries_that_are_free_can_be_given() -> None:
    with pytest.raises(SettingError, match=r"has no parameter f\[1\]"):
        at("4.1", "f[1]=1")
    with pytest.raises(SettingError, match=r"z\[1\] is set twice"):
        at("4.1", "z[1]=1", "z[1]=2")


def test_one_query_network() -> None:
    found = sides(at("5.1/2", "n=4", "beta=3", "tau=1/8", "m=3", anyway=True))
    u = [Fraction(8), Fraction(11, 10) ** 3, Fraction(1), Fraction(11, 10) ** 3]
    weights = [x / sum(u) for x in u]
    reach = brute_force([weights], Fraction(1, 8), True)
    assert Fraction(found.left) == 1 - (1 - reach) ** 3


@pytest.mark.parametrize("identifier", ["3.2", "3.3", "6.3/1", "6.3/2"])
def test_identities_of_free_matrices(identifier: str) -> None:
    statement = STATEMENTS[identifier]
    lefts = set()
    for seed in range(6):
        setting = point_of(statement, ["n=4", *(["d=2"] if identifier != "3.3" else [])])
        found = sides(evaluate_at(statement, setting, seed))
        assert found.holds is True
        assert f"drawn with seed {seed}" in found.note
        lefts.add(found.left)
    assert len(lefts) > 1


def test_the_union_bound() -> None:
    for m in (1, 3, 60):
        found = sides(at("3.5", f"m={m}"))
        assert found.relation == "<="
        assert 0 <= Fraction(found.left) <= Fraction(found.right)
        assert Fraction(found.left) <= 1
    with pytest.raises(SettingError, match="choose at most 100000"):
        at("3.5", "m=10^9")


def test_hoeffding_on_random_signs() -> None:
    found = sides(at("3.6", "n=30", "u=10"))
    assert Fraction(found.left) == Fraction(
        2 * sum(comb(30, k) for k in range(31) if 2 * k - 30 >= 10), 2**30
    )
    with ctx.workprec(100):
        assert enclose(parse_term("2*exp(-10^2/60)"), {}).overlaps(arb(ball_middle(found.right)))


def ball_middle(shown: str) -> str:
    match = re.fullmatch(r"\[(\S+) \+/- (\S+)\]", shown)
    assert match is not None, shown
    return f"{match[1]} +/- {match[2]}"


# When the answer is no


def test_a_false_claim_is_refuted_with_a_command() -> None:
    statement = STATEMENTS["6.8/1"]
    conclusion = statement.conclusion
    assert isinstance(conclusion, Probability)
    wrong = statement.but(conclusion=Probability(conclusion.event, Rational(1, 2)))
    result = evaluate_at(wrong, point_of(wrong, ["d=4", "t=2"]))
    assert result.claim.verdict == "refuted"
    found = result.claim.counterexample
    assert found is not None
    assert found.point["n"] == "4"
    assert found.command.startswith("python -m verify at 6.8/1 --set d=4 t=2 n=4 b=2/5")
    assert sides(result).holds is False
    assert Fraction(sides(result).margin or "") < 0


def test_where_a_hypothesis_fails_nothing_is_claimed() -> None:
    result = at("6.6/3a", "beta=1")
    assert result.claim.verdict == "unknown"
    assert result.claim.counterexample is None
    assert "(1 + a_1)^beta >= n does not hold" in result.claim.explanation
    assert [item.holds for item in sides(result).hypotheses].count(False) == 1
    assert sides(result).holds is False


def test_words_about_data_outside_of_their_domain_are_not_called_true() -> None:
    inside = {item.text: item.holds for item in sides(at("6.6/3a")).hypotheses}
    outside = {item.text: item.holds for item in sides(at("6.6/3a", "a_1=1/2")).hypotheses}
    words = "A is from dataset D_1 (Definition 6.1)"
    assert (inside[words], outside[words], outside["a_1 >= 7/10"]) == (True, None, False)


def test_an_undefined_conclusion_is_a_counterexample() -> None:
    statement = STATEMENTS["6.6/3a"]
    d = statement.params[0].symbol
    wrong = statement.but(conclusion=ge(1 / (d - 7), 0))
    result = evaluate_at(wrong, point_of(wrong, []))
    assert result.claim.verdict == "refuted"
    assert result.claim.counterexample is not None
    assert result.claim.counterexample.undefined is not None


def test_zero_times_something_undefined_is_undefined() -> None:
    """With s = 0 all weights are 0 / 0, whatever they are multiplied with."""
    found = at("6.7/3", "s=0", "beta=1")
    assert sides(found).holds is False
    assert sides(found).margin is None
    with pytest.raises(SettingError, match=r"6\.8/1 cannot be evaluated here: undefined at 0/0$"):
        at("6.8/1", "s=0", "beta=1")


def test_too_large_for_its_kind() -> None:
    with pytest.raises(SettingError, match=r"3\.2 cannot be evaluated here: .*choose smaller"):
        at("3.2", "n=10", "d=10^6")


def test_two_groups_of_10_to_the_299_signs_are_enclosed() -> None:
    """The bound 1 - delta/n is within 10^-301 of 1; one column more or less decides."""
    for columns, verdict in (("1000", "refuted"), ("1001", "sampled")):
        result = at("5.1/2", "n=10^300", "C=1", f"m={columns}", anyway=True)
        assert sides(result).holds is (verdict == "sampled")
        assert sides(result).left.startswith("[")


def test_what_balls_cannot_tell_apart_is_not_decided() -> None:
    (x,) = symbols("x,")
    statement = Statement(
        id="1",
        title="Nested roots",
        kind="lemma",
        section="1",
        params=(Param(x, "a number", 2, where=(gt(x, 0),)),),
        conclusion=eq(sqrt(x) + sqrt(3), sqrt(x + 3 + 2 * sqrt(3 * x))),
    )
    result = evaluate_at(statement, point_of(statement, []))
    assert result.claim.verdict == "unknown"
    assert sides(result).holds is None


def test_a_power_of_a_root_is_undefined_where_the_root_is() -> None:
    x, i = symbols("x i")
    root = Array("w", (i,), x ** Rational(1, 4))
    entry = IndexedBase("w")[1]
    claim = Statement(
        "1", "T", "lemma", "1", (Param(x, "a number", 2),), eq(entry**4, x), arrays=(root,)
    )
    assert evaluate_at(claim, point_of(claim, ["x=16"])).claim.verdict != "refuted"
    assert evaluate_at(claim, point_of(claim, ["x=-16"])).claim.verdict == "refuted"
    given = claim.but(conclusion=ge(x, 0), hypotheses=(Hypothesis(eq(entry**4, x)),))
    found = evaluate_at(given, point_of(given, ["x=-16"], anyway=True))
    assert found.claim.verdict != "refuted"


def test_a_relation_for_a_large_constant_is_not_refuted_by_a_small_one() -> None:
    c = symbols("C")[0]
    claim = Statement(
        "1", "T", "lemma", "1", (Param(c, "a constant", 10, where=(gt(c, 0),)),), ge(c, 5), large=c
    )
    paper = Paper("p", "P", "", "", (), (claim,))
    assert check_statement(paper, claim, 1.0, 0).claim.verdict == "unknown"
    assert check_statement(paper, claim.but(large=None), 1.0, 0).claim.verdict == "refuted"


@pytest.mark.parametrize("setting", ["a_1=-1", "s=0"])
def test_a_side_without_a_value_is_null(setting: str) -> None:
    found = at("6.6/3a", setting)
    point = found.at
    assert point is not None
    assert (point.left, point.right, point.holds) == (None, "1/2", False)
    assert point.undefined == "0^(2*log(20))/0"


def test_growth_is_listed_and_decides_nothing() -> None:
    found = at("6.8/1")
    assert found.at is not None
    (growth,) = [item for item in found.at.hypotheses if item.asymptotic]
    assert (growth.text, growth.holds) == ("t sqrt(d) = o(n^0.99)", None)
    assert found.claim.verdict == "sampled"


def test_a_printed_proof_is_not_said_to_be_missing() -> None:
    assert at("6.6/3a").proof.verdict == "unknown"
    assert "not looked at" in at("6.6/3a").proof.note
    assert at("3.6").proof.verdict == "none given"


def test_what_may_or_may_not_have_a_value_is_named() -> None:
    """A negative number to an irrational power: it has none, but nobody has looked."""
    point = sides(at("6.15/2", "a_1=-2"))
    assert (point.left, point.holds) == (None, None)
    assert point.undefined == "(-log(20))^(1/2*log(20))"
    assert "also undefined <= " in point.note


def test_the_command_of_a_counterexample_has_the_seed() -> None:
    statement = STATEMENTS["3.3"]
    wrong = statement.but(conclusion=ge(0, 1))
    for seed, words in ((0, "at 3.3 --set"), (7, "at 3.3 --seed 7 --set")):
        found = evaluate_at(wrong, point_of(wrong, []), seed).claim.counterexample
        assert found is not None
        assert f"python -m verify {words} " in found.command
