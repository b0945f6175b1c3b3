"""Sweeps: the fast evaluation agrees with the kernel's, and a run that stops can go on."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Eq, Rational, Symbol, sqrt

from verify import cli
from verify.engine import results as schema
from verify.engine.settings import SettingError
from verify.engine.sweep import block, evaluated
from verify.engine.sweep_axes import Axis, Points, as_term, axes_of, axis_of
from verify.engine.sweep_closed import Plan, closed
from verify.engine.sweep_map import svg_map, text_map
from verify.engine.sweep_run import Summary, SweepError, Where, make_plan, sweep
from verify.engine.sweep_tape import Tape
from verify.kernel.ball import precision
from verify.kernel.point import Evaluator
from verify.kernel.poly import rational
from verify.language.grammar import parse_formula
from verify.language.statement import Hypothesis, Paper, Param, Statement
from verify.language.term import Call, Rel, Term, num

X = Symbol("x", real=True)
N = Symbol("n", integer=True)
T = Symbol("t", integer=True)
SIZE = (N >= 1, Eq(N, 2 * T))


def _statement(claim: object, *hypotheses: object) -> Statement:
    return Statement(
        id="1.1",
        title="a claim",
        kind="lemma",
        section="1",
        params=(
            Param(X, "a number", Rational(1, 2)),
            Param(T, "a part", 3, integer=True, where=(T >= 1,)),
            Param(
                N, "a size", 2 * T, integer=True, where=(N >= 1, Eq(N, 2 * T)), determined_by=2 * T
            ),
        ),
        hypotheses=tuple(Hypothesis(item) for item in hypotheses),
        conclusion=claim,
    )


def _plan(statement: Statement, *over: str, sample: int | None = None, fixed: tuple[str, ...] = ()):
    paper = Paper("p", "P", "A", "s", (), (statement,))
    return make_plan(paper, statement, fixed, Points(axes_of(statement, over), sample, 7))


def _statuses(plan: Plan) -> list[str]:
    points = plan.points.block(0, plan.points.count)
    return [found.status for found in evaluated(plan, points)]


def test_a_grid_is_decided_point_by_point() -> None:
    plan = _plan(_statement(X * X < 2, X >= 0), "x=-1..2:7")
    assert _statuses(plan) == ["outside", "outside", "holds", "holds", "holds", "fails", "fails"]


def test_ties_are_decided_exactly() -> None:
    plan = _plan(_statement(sqrt(2) * X <= X**2, X >= 0), "x=0,1,sqrt(2),3/2,3")
    assert _statuses(plan) == ["holds", "fails", "holds", "holds", "holds"]
    lines = [json.loads(line) for line in block(plan, 0, 5).splitlines()]
    assert lines[0]["margin"] == "[0 +/- 0]"
    assert lines[2]["point"] == {"x": "sqrt(2)"}


def test_where_a_side_is_undefined_the_claim_fails() -> None:
    plan = _plan(_statement(1 / X >= -10, X >= -1), "x=-1..1:5")
    assert _statuses(plan) == ["holds", "holds", "fails", "holds", "holds"]


def test_parameters_that_are_left_out_follow_from_the_others() -> None:
    plan = _plan(_statement(N >= X), "n=1..6", "x=2,3")
    # An odd n is no 2 t.
    expected = {1: "outside", 3: "outside", 5: "outside", 2: "holds", 4: "holds", 6: "holds"}
    lines = [json.loads(line) for line in block(plan, 0, 12).splitlines()]
    for line in lines:
        number, x = int(line["point"]["n"]), int(line["point"]["x"])
        wanted = "fails" if (number, x) == (2, 3) else expected[number]
        assert line["status"] == wanted, line


def test_a_large_number_is_a_point_like_any_other() -> None:
    plan = _plan(_statement(sqrt(N) * sqrt(N) + X > N, X > 0), "t=1,10**300")
    assert _statuses(plan) == ["holds", "holds"]


CLAIMS = (
    "x^2 - y <= 1/2",
    "1/(x - y) > x",
    "log(x) <= y",
    "sqrt(x - y) >= 0",
    "x^(1/3) < y",
    "x^y >= 1",
    "y^0 == 1",
    "min(x, y) <= x*y",
    "floor(x) + ceil(y) >= x + y",
    "tan(x) > y or abs(x) <= 1",
    "asin(x) <= acos(y)",
    "(x*y)^(-2) > 3",
    "exp(-exp(x)) >= tanh(y)/cosh(x)",
)
COORDINATES = st.fractions(min_value=-3, max_value=3, max_denominator=4)


@settings(max_examples=60, derandomize=True, deadline=None)
@given(COORDINATES, COORDINATES)
def test_the_tape_never_contradicts_the_kernel(x: Fraction, y: Fraction) -> None:
    for text in CLAIMS:
        for rel in _relations(text):
            tape = Tape({"x": 0, "y": 1}, 64)
            compiled = tape.relation(rel)
            with precision(64):
                for name, value in (("x", x), ("y", y)):
                    tape.registers[tape.place(name)] = tape.ball(rational(value))
                tape.run(0)
                fast = tape.truth(compiled)
            if fast is not None:
                exact = Evaluator({"x": num(x), "y": num(y)}).formula(rel)
                assert fast == exact, (text, x, y)


def _relations(text: str) -> list[Rel]:
    from verify.language.term import relations  # noqa: PLC0415

    return list(relations(parse_formula(text)))


def test_undefined_parts_never_decide() -> None:
    undefined = ("0*log(0)", "exp(log(0))", "(log(0))^0", "tanh(1/0)", "min(1, log(-1))", "1/(1/0)")
    for text in undefined:
        for op in ("<=", ">=", "!="):
            [rel] = _relations(f"{text} {op} 5")
            tape = Tape({}, 64)
            assert tape.truth(tape.relation(rel)) is None, (text, op)


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("y=1..2:3", "1.1 has no parameter y to sweep; it has x, t, n"),
        ("x=1..2", "say how many values of x: x=1..2:100"),
        ("x=2..1:3", "the range of x is empty: 2..1"),
        ("x=0..1:3:log", "geometric steps of x need a range of positive numbers, got 0..1"),
        ("x=1..2:1", "the number of values of x must be from 2 to 10000000, got '1'"),
        (
            "x=1..sqrt(2):3",
            "the ends of the range of x must be rational, got sqrt(2); "
            "list the values: x=sqrt(2),..",
        ),
        ("n=1/2,2", "the values of n must be integers, got 1/2,2"),
        ("n=1/2..2", "the ends of the range of n must be integers, got 1/2..2"),
        ("x=1/0", "a value of x is undefined or out of reach: 1/0"),
        ("x", "'x' is not a range: write NAME=LOW..HIGH:COUNT or NAME=A,B,.."),
        ("x=z", "a value of x mentions z"),
    ],
)
def test_ranges_that_cannot_be_read(setting: str, message: str) -> None:
    with pytest.raises(SettingError) as caught:
        axis_of(_statement(X >= 0), setting)
    assert str(caught.value) == message


@pytest.mark.parametrize("setting", ["n=1..1000:30:log", "n=1..10:30", "n=5..6", "n=1..100:7"])
def test_integers_stay_integers_and_in_range(setting: str) -> None:
    axis = axis_of(_statement(N >= 0), setting)
    values = [as_term(axis.value(number)) for number in range(axis.count)]
    numbers = [_number(value) for value in values]
    assert all(value.denominator == 1 for value in numbers)
    assert numbers == sorted(numbers)
    assert (numbers[0], numbers[-1]) == (axis.low, axis.high)


def _number(value: Term) -> Fraction:
    exact = Evaluator({}).exact(value)
    assert exact is not None
    return exact


def test_any_part_of_a_sample_is_the_same_as_in_the_whole() -> None:
    points = Points((Axis("x", (), Fraction(0), Fraction(1)), Axis("n", ("1", "2"), count=2)), 2500)
    whole = points.block(0, 2500)
    assert points.block(990, 1010) == whole[990:1010]
    assert points.block(2400, 2500) == whole[2400:]


def _swept(plan: Plan, where: Where) -> Summary:
    return list(sweep(plan, where))[-1]


def test_a_sweep_that_was_cut_short_goes_on(tmp_path: Path) -> None:
    plan = _plan(_statement(X * X < 2, X >= 0), "x=-1..2:500")
    out = tmp_path / "points.jsonl"
    first = _swept(plan, Where(2, out=out))
    whole = out.read_bytes()
    assert len(whole.splitlines()) == 501
    part = tmp_path / "points.jsonl.part"
    for cut in (len(whole) // 2, len(whole) - 1, whole.index(b"\n") + 1):
        out.unlink()
        part.write_bytes(whole[:cut])
        again = _swept(plan, Where(1, out=out, resume=True))
        assert out.read_bytes() == whole
        assert not part.exists()
        assert (again.counts, again.least, again.cells) == (first.counts, first.least, first.cells)
    done = _swept(plan, Where(1, out=out, resume=True))
    assert done.counts == first.counts


def test_another_sweep_is_not_continued(tmp_path: Path) -> None:
    out = tmp_path / "points.jsonl"
    _swept(_plan(_statement(X >= 0), "x=-1..2:5"), Where(1, out=out))
    other = _plan(_statement(X >= 1), "x=-1..2:5")
    with pytest.raises(SweepError, match="of another sweep"):
        _swept(other, Where(1, out=out, resume=True))


def test_jobs_do_not_change_the_file(tmp_path: Path) -> None:
    plan = _plan(_statement(X**3 <= 5 * N, X >= 0), "x=0..4:37", "n=2,4,6")
    for jobs in (1, 2, 3):
        _swept(plan, Where(jobs, out=tmp_path / f"{jobs}.jsonl"))
    first = (tmp_path / "1.jsonl").read_bytes()
    assert (tmp_path / "2.jsonl").read_bytes() == first
    assert (tmp_path / "3.jsonl").read_bytes() == first


def test_the_summary_and_the_maps() -> None:
    plan = _plan(_statement(X * X < 2, X >= 0), "x=-1..2:100", "n=2,4")
    summary = _swept(plan, Where(1))
    assert summary.total == 200
    assert sum(summary.counts.values()) == 200
    assert summary.least is not None
    assert summary.least.point["x"] == "2"
    assert [line.status for line in summary.failing] == ["fails"] * 5
    lines = text_map(summary)
    assert any(set("X+.") <= set(line) for line in lines)
    picture = svg_map(summary)
    assert picture == svg_map(summary)
    assert b"<svg" in picture


def test_a_statement_without_a_closed_form_is_evaluated_from_its_definitions() -> None:
    from verify.language.statement import FiniteSpace  # noqa: PLC0415

    k = Symbol("k", integer=True)
    statement = Statement(
        id="2.1",
        title="union bound",
        kind="fact",
        section="2",
        params=(Param(k, "events", 3, integer=True, where=(k >= 1,)),),
        conclusion=FiniteSpace(k),
    )
    plan = _plan(statement, "k=1..4")
    assert closed(plan) is None
    assert _statuses(plan) == ["holds"] * 4


def test_ceilings_and_calls_in_settings_are_values() -> None:
    plan = _plan(_statement(X >= 3, X >= 0), "x=ceil(5/2),log(2)")
    assert _statuses(plan) == ["holds", "fails"]
    assert as_term(plan.points.axes[0].value(1)) == Call("log", (num(2),))


PACK = """
from sympy import Symbol
from verify.language.statement import Hypothesis, Paper, Param, Statement
X = Symbol("x", real=True)

def _statement(name):
    return Statement(name, "a claim", "lemma", "1", (Param(X, "a number", 2),), X * X < 2,
                     (Hypothesis(X >= 0),))

PAPER = Paper("p", "P", "A", "s", (), (_statement("1.1"), _statement("2.1/1"), _statement("2.1/2")))
"""


@pytest.fixture(name="pack")
def _pack(tmp_path: Path) -> str:
    path = tmp_path / "pack.py"
    path.write_text(PACK)
    return str(path)


@pytest.mark.parametrize(
    ("over", "code", "said"),
    [
        ("x=-1..1:9", cli.OK, "9 points: 5 holds, 4 outside"),
        ("x=-1..2:7", cli.REFUTED, "fails at x = 3/2"),
        ("x=-2..-1:5", cli.UNKNOWN, "nothing was tested"),
    ],
)
def test_what_the_command_says(
    pack: str, capsys: pytest.CaptureFixture[str], over: str, code: int, said: str
) -> None:
    assert cli.run(["sweep", "1.1", "--pack", pack, "--over", over, "--jobs", "1"]) == code
    assert said in capsys.readouterr().out


def test_files_of_the_command(
    pack: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, picture, results = (tmp_path / name for name in ("p.jsonl", "map.svg", "r.json"))
    arguments = ["sweep", "1.1", "--pack", pack, "--over", "x=-1..2:7", "--jobs", "1"]
    files = ["--out", str(out), "--map", str(picture), "--json", str(results)]
    assert cli.run([*arguments, *files]) == cli.REFUTED
    assert len(out.read_text().splitlines()) == 8
    assert picture.read_text().lstrip().startswith("<?xml")
    [result] = schema.load(results).results
    assert result.claim.verdict == "refuted"
    assert result.claim.counterexample is not None
    assert result.claim.counterexample.point == {"x": "3/2"}
    assert result.numeric.points == 5
    assert cli.run([*arguments, "--out", str(out), "--resume"]) == cli.REFUTED
    capsys.readouterr()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["1.1"], "say what to go through: --over NAME=LOW..HIGH:COUNT"),
        (["2.1", "--over", "x=0,1"], "2.1 has several parts: sweep one of 2.1/1, 2.1/2"),
        (["1.1", "--over", "x=0,1", "--over", "x=2"], "x is swept twice"),
        (["1.1", "--over", "x=0,1", "--set", "x=2"], "x is both set and swept"),
        (["1.1", "--over", "x=0,1", "--set", "y=2"], "1.1 has no parameter y"),
        (["1.1", "--over", "x=0,1", "--resume"], "--resume goes on with a file"),
        (["1.1", "--over", "x=0,1", "--out", "p.csv"], "p.csv should end in .jsonl"),
        (["9.9", "--over", "x=0,1"], "9.9"),
    ],
)
def test_what_the_command_refuses(
    pack: str, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    assert cli.run(["sweep", *arguments, "--pack", pack]) == cli.USAGE
    assert message in capsys.readouterr().err


def test_a_table(pack: str, tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet", reason="pip install 'verify-lemmas[parquet]'")
    out = tmp_path / "points.parquet"
    arguments = ["sweep", "1.1", "--pack", pack, "--over", "x=-1..2:7", "--jobs", "1"]
    assert cli.run([*arguments, "--out", str(out)]) == cli.REFUTED
    rows = parquet.read_table(out).to_pylist()
    assert [row["status"] for row in rows].count("holds") == 3
    assert rows[-1] == {"x": "2", "status": "fails", "margin": "[-2.0000000 +/- 0]"}
    assert [path.name for path in tmp_path.glob("points*")] == ["points.parquet"]


def test_a_table_without_the_library(
    pack: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    arguments = ["sweep", "1.1", "--pack", pack, "--over", "x=0,1", "--out", "p.parquet"]
    assert cli.run(arguments) == cli.USAGE
    assert "Parquet needs pyarrow: pip install" in capsys.readouterr().err
