"""The pytest plugin, in real runs of pytest: in a process of their own, or in this one."""

from __future__ import annotations

import re
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest

import verify.engine.run
import verify.pytest_items  # noqa: F401  (loaded once, for all runs in this process)

pytest_plugins = ["pytester"]

PACK = """
from sympy import Rational
from verify import Hypothesis, Paper, Param, Statement, ge, symbols

n, p = symbols("n p")
SIZE = Param(n, "how many", 4, integer=True, where=(ge(n, 1),))
POWER = Param(p, "a power", 5)

PAPER = Paper("mine", "Mine", "me", "here", (), (
    Statement("6.6/1a", "At least half", "lemma", "6.4", (SIZE, POWER),
              ge(p / (p + n - 1), Rational(1, 2)), (Hypothesis(ge(p, n)),)),
    Statement("6.7", "At least two thirds", "theorem", "6.5", (SIZE, POWER),
              ge(p / (p + n - 1), Rational(2, 3)), (Hypothesis(ge(p, n)),)),
    Statement("16.6", "A square", "fact", "16", (POWER,), ge(p**2, 0)),
))
"""
CLAIMS = """
[[claim]]
id = "square"
holds = "x^2 >= 0"

[[claim]]
id = "root"
holds = "sqrt(x) >= 0"

[[claim]]
id = "unreadable"
holds = "x >>= 0"
"""

Run = Callable[..., pytest.RunResult]
OPTIONS = ("-p", "no:cacheprovider", "-p", "no:hypothesispytest", "-W", "ignore")


@pytest.fixture
def folder(pytester: pytest.Pytester) -> pytest.Pytester:
    """A folder with a pack, a claims file, and one ordinary test."""
    pytester.makepyfile(mine=PACK, test_other="def test_other(): pass")
    Path("claims.toml").write_text(CLAIMS)
    return pytester


@pytest.fixture
def run(folder: pytest.Pytester) -> Run:
    """Run pytest in a process of its own, where the plugin is found as it is by users."""
    return lambda *arguments: folder.runpytest_subprocess(*OPTIONS, *arguments)


@pytest.fixture
def quick(folder: pytest.Pytester) -> Run:
    """Run pytest in this process, which has imported everything."""
    return lambda *arguments: folder.runpytest_inprocess(*OPTIONS, *arguments)


def test_off_unless_asked(run: Run) -> None:
    found = run("-v")
    found.assert_outcomes(passed=1)


def test_nothing_is_imported_before_it_is_needed(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        "import sys\nimport verify.pytest_plugin\n"
        "assert not {'sympy', 'flint', 'verify.engine', 'verify.language'} & set(sys.modules)"
    )
    path = pytester.path / "test_nothing_is_imported_before_it_is_needed.py"
    assert pytester.runpython(path).ret == 0


@pytest.mark.slow
def test_a_failure_says_what_and_how_to_run_it(run: Run) -> None:
    found = run("--verify-pack", "mine.py", "-k", "6_7")
    found.assert_outcomes(failed=1, deselected=3)
    text = found.stdout.str()
    shown = text[text.index("6.7 (At least") : text.index("\n====", text.index("6.7 (At least"))]
    first, *rest = [re.sub(r"[^ ]*/mine", "mine", line) for line in shown.splitlines()]
    point = dict(re.findall(r"  at     (\w) = (\d+)", shown))
    n, p = int(point["n"]), int(point["p"])
    assert p >= n >= 1
    assert Fraction(p, p + n - 1) < Fraction(2, 3)
    side = Fraction(p, p + n - 1)
    assert first == (
        f"6.7 (At least two thirds) is refuted: fails at n = {n}, p = {p} (left {side}, right 2/3)"
    )
    assert rest == [
        "  where  n >= 1",
        "  where  p >= n",
        "  claim  p/(n + p - 1) >= 2/3",
        f"  at     n = {n}",
        f"  at     p = {p}",
        f"  left   {side}",
        "  right  2/3",
        "declared at mine.py, line 11",
        f"to reproduce: python -m verify at 6.7 --pack mine.py --set n={n} p={p}",
    ]
    found.stdout.fnmatch_lines(["FAILED *mine.py::6.7 - 6.7 (At least two thirds) is refuted*"])
    found.stdout.no_fnmatch_line("*Traceback*")
    found.stdout.no_fnmatch_line("*runtest*")


@pytest.mark.parametrize(
    ("arguments", "chosen"),
    [
        (("-k", "6_6_1a"), "6.6/1a"),
        (("-k", "6.6/1a"), "6.6/1a"),
        (("-k", "mine and not 6_7 and not 16_6"), "6.6/1a"),
        (("-m", "verify_section(number='6.4')"), "6.6/1a"),
        (("-m", "verify_kind(name='fact')"), "16.6"),
        (("-m", "verify_pack(name='mine') and verify_kind(name='theorem')"), "6.7"),
    ],
)
def test_parts_are_chosen_by_id_and_marker(
    quick: Run, arguments: tuple[str, ...], chosen: str
) -> None:
    found = quick(
        "--collect-only", "-q", "--strict-markers", "--verify-pack", "mine.py", *arguments
    )
    lines = [line for line in found.stdout.str().splitlines() if "::" in line]
    assert [line.rpartition("::")[2] for line in lines] == [chosen]


def test_markers_are_registered(quick: Run) -> None:
    shown = quick("--markers").stdout.str()
    for name in ("verify:", "verify_pack(name):", "verify_section(number):", "verify_kind(name):"):
        assert f"@pytest.mark.{name}" in shown


@pytest.mark.slow
def test_the_first_failure_ends_the_run(run: Run) -> None:
    found = run("-x", "--verify-pack", "mine.py", "--verify-claims", "claims.toml", "-m", "verify")
    found.assert_outcomes(passed=1, failed=1, deselected=1)


@pytest.mark.slow
def test_two_workers(run: Run) -> None:
    """The configuration reaches the workers; they collect the same tests."""
    Path("pytest.ini").write_text(
        "[pytest]\nverify_packs = mine.py\nverify_claims = claims.toml\nverify_seconds = 5\n"
    )
    found = run("-n", "2")
    found.assert_outcomes(passed=4, failed=3)


@pytest.mark.slow
def test_claims(run: Run) -> None:
    found = run("--verify-claims", "claims.toml", "-m", "verify")
    found.assert_outcomes(passed=1, failed=2, deselected=1)
    found.stdout.fnmatch_lines(
        [
            "root is refuted: *undefined*",
            "  claim  sqrt(x) >= 0",
            "  at     x = -1",
            '  note   A domain may have been forgotten: add "x >= 0" to where*',
            "declared at *claims.toml, line 6",
            "to reproduce: python -m verify claim 'sqrt(x) >= 0'",
            "*claims.toml, line 10: the conclusion: column *",
            "  x >>= 0",
            "     ^",
        ]
    )
    found.stdout.no_fnmatch_line("*Traceback*")


def test_configured_packs_stay_out_of_smaller_runs(quick: Run) -> None:
    Path("pyproject.toml").write_text(
        '[tool.pytest.ini_options]\nverify_packs = ["mine.py"]\naddopts = "--collect-only -q"\n'
    )
    assert "4 tests collected" in quick().stdout.str()
    assert "4 tests collected" in quick(".").stdout.str()
    assert "1 test collected" in quick("test_other.py").stdout.str()
    assert "1 test collected" in quick("test_other.py::test_other").stdout.str()
    whole = quick("test_other.py", "--verify-pack", "mine.py").stdout.str()
    assert "4 tests collected" in whole


def test_a_broken_pack_is_an_error_that_names_the_line(quick: Run) -> None:
    Path("broken.py").write_text("x = 1\ny = x / 0\n")
    found = quick("--verify-pack", "broken.py", "--verify-pack", "mine.py")
    assert found.ret == pytest.ExitCode.INTERRUPTED
    found.stdout.fnmatch_lines(["the pack * is broken: *broken.py, line 2: ZeroDivisionError*"])
    found = quick("--verify-pack", "broken.py", "--verify-pack", "mine.py", "--co", "-q",
                "--continue-on-collection-errors")  # fmt: skip
    assert "mine.py::6.6/1a" in found.stdout.str()


def test_slips_of_the_author_are_collection_errors(quick: Run) -> None:
    Path("mine.py").write_text(PACK.replace("Rational(2, 3)", "0.5"))
    found = quick("--verify-pack", "mine.py")
    assert found.ret == 2
    found.stdout.fnmatch_lines(["*mine.py, line 12: 6.7: the conclusion has the float 0.5*"])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--verify-pack", "nothing"), "there is no pack 'nothing'*"),
        (("--verify-claims", "nothing.toml"), "cannot read *nothing.toml: No such file*"),
    ],
)
def test_what_is_not_there(quick: Run, arguments: tuple[str, ...], message: str) -> None:
    found = quick(*arguments)
    assert found.ret == 2
    found.stdout.fnmatch_lines([message])


def test_a_search_time_that_is_none(quick: Run) -> None:
    found = quick("--verify-seconds", "-1")
    assert found.ret == pytest.ExitCode.USAGE_ERROR
    found.stderr.fnmatch_lines(["*the search time -1 is not a positive number of seconds"])


@pytest.mark.slow
def test_expectations_and_strictness(run: Run) -> None:
    text = PACK.replace("ge(p**2, 0)),\n)", "ge(p**2, 0)),\n), expected={'6.7': 'refuted'}")
    Path("mine.py").write_text(text)
    run("--verify-pack", "mine.py", "-k", "6_7").assert_outcomes(passed=1, deselected=3)
    run("--verify-pack", "mine.py", "-k", "6_7", "--verify-strict").assert_outcomes(
        failed=1, deselected=3
    )
