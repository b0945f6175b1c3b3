"""What a machine, a user or a pack may do to a run: nothing of it makes a run lie, hang or lose."""

from __future__ import annotations

import json
import os
import random
import re
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import mpmath
import pytest

import verify
from verify import cli
from verify.engine import guard, statements
from verify.engine import results as schema
from verify.engine.cache import Cache
from verify.engine.packs import PackError, load_pack
from verify.language.statement import Paper, Statement

PACK = """
from sympy import Symbol
from verify.language.statement import Hypothesis, Paper, Param, Statement
{extra}
X = Symbol("x", real=True)

def _statement(name, claim):
    return Statement(name, "a claim", "lemma", "1", (Param(X, "a number", 2),), claim,
                     (Hypothesis(X >= 1),))

PAPER = Paper("p", "P", "A", "s", (), (
    _statement("1.1", X * X >= 1),
    _statement("1.2", X * X >= X),
    _statement("1.3", {last}),
))
"""
SLOW = "X**7 - 3*X**5 + X**3 >= -17 + X**X"
"""Something to think about for as long as it is given."""


def _pack(folder: Path, extra: str = "", last: str = "X + 1/X >= 2") -> Path:
    path = folder / "pack.py"
    path.write_text(PACK.replace("{extra}", extra).replace("{last}", last))
    return path


def _command(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "verify", *map(str, arguments)]


def _run(*arguments: object, **options: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        _command(*arguments), capture_output=True, text=True, timeout=120, check=False, **options
    )


def _without_seconds(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _without_seconds(v) for k, v in value.items() if "seconds" not in k}
    return [_without_seconds(v) for v in value] if isinstance(value, list) else value


# A pack that misbehaves


@pytest.mark.parametrize(
    "extra",
    [
        "import mpmath; mpmath.mp.dps = 2",
        "import random; random.seed(4)",
        "import flint; flint.ctx.prec = 3",
        "import sympy; sympy.core.cache.clear_cache()",
        "import decimal; decimal.getcontext().prec = 1",
        "import sys; sys.setrecursionlimit(5000)",
        "print('noise')",
    ],
)
def test_what_a_pack_prints_or_changes_does_not_matter(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], extra: str
) -> None:
    expected = _checked(_pack(tmp_path), tmp_path, capfd)
    (tmp_path / "other").mkdir()
    changed = _pack(tmp_path / "other", extra)
    assert _checked(changed, tmp_path, capfd) == expected
    state, digits = random.getstate(), mpmath.mp.dps
    load_pack(str(changed))
    assert (random.getstate(), mpmath.mp.dps) == (state, digits)


def _checked(pack: Path, folder: Path, capfd: pytest.CaptureFixture[str]) -> Any:
    arguments = ["check", "1.1", "1.3", "--pack", str(pack), "--json", "-", "--no-cache"]
    assert cli.run([*arguments, "--out", str(folder / "out"), "--jobs", "1"]) == 0
    document = json.loads(capfd.readouterr().out)
    return [_without_seconds(result["claim"]) for result in document["results"]]


def test_a_pack_that_raises_is_bad_input(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pack = _pack(tmp_path, "raise LookupError('no such thing')")
    assert cli.run(["list", "--pack", str(pack)]) == cli.USAGE
    assert "no such thing" in capsys.readouterr().err


@pytest.mark.parametrize(
    "loop", ["while True: pass", "while True:\n  try: x()\n  except NameError: pass"]
)
def test_a_pack_that_loops_is_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, loop: str
) -> None:
    monkeypatch.setattr(guard, "SECONDS", 0.2)
    pack = _pack(tmp_path, loop)
    with pytest.raises(PackError, match=r"it was stopped after 0\.2 seconds"):
        load_pack(str(pack))
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def _ends(statement: Statement) -> None:
    if statement.id == "1.2":
        os.kill(os.getpid(), signal.SIGKILL)


def _raises(statement: Statement) -> None:
    if statement.id == "1.2":
        raise LookupError("no such thing")


@pytest.mark.parametrize(("fault", "said"), [(_ends, "SIGKILL"), (_raises, "no such thing")])
def test_a_statement_that_ends_its_process_leaves_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: Callable[[Statement], None], said: str
) -> None:
    real = statements.check_statement

    def check(paper: Paper, statement: Statement, *rest: Any) -> schema.Result:
        fault(statement)
        return real(paper, statement, *rest)

    monkeypatch.setattr(statements, "check_statement", check)
    out = tmp_path / "out"
    arguments = ["all", "--pack", str(_pack(tmp_path)), "--out", str(out), "--no-cache"]
    assert cli.run([*arguments, "--jobs", "1"]) == cli.ERROR
    document = schema.load(out / "results.json")
    assert [r.claim.verdict for r in document.results] == ["proved", "error", "proved"]
    assert said in document.results[1].claim.explanation


# Files and folders


@pytest.mark.slow
def test_a_disk_that_is_full_leaves_the_old_report(tmp_path: Path) -> None:
    pack, out = _pack(tmp_path), tmp_path / "out"
    assert _run("all", "--pack", pack, "--out", out).returncode == 0
    before = {path.name: path.read_bytes() for path in out.iterdir()}

    def little_room() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (9_000, 9_000))

    full = _run("all", "--pack", pack, "--out", out, preexec_fn=little_room)
    assert full.returncode == cli.USAGE, full.stderr
    assert f"cannot write to {out}" in full.stderr
    assert "Traceback" not in full.stderr
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
@pytest.mark.parametrize("arguments", [("list",), ("list", "--json", "-")])
def test_an_output_that_is_full(arguments: tuple[str, ...]) -> None:
    with open("/dev/full", "w") as full:
        found = subprocess.run(
            _command(*arguments), stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert found.returncode == cli.USAGE
    assert found.stderr == "verify: cannot write the output: No space left on device\n"


def test_a_folder_that_cannot_be_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    place = tmp_path / "file" / "out"
    assert cli.run(["all", "--pack", str(_pack(tmp_path)), "--out", str(place)]) == cli.USAGE
    assert f"cannot write to the folder {place}: Not a directory" in capsys.readouterr().err


@pytest.mark.slow
def test_two_runs_in_one_folder(tmp_path: Path) -> None:
    pack, out = _pack(tmp_path), tmp_path / "out"
    command = _command("all", "--pack", pack, "--out", out, "--jobs", "1")
    both = [subprocess.Popen(command, stderr=subprocess.DEVNULL) for _ in range(2)]
    assert [process.wait(120) for process in both] == [0, 0]
    assert sorted(path.name for path in out.iterdir()) == [
        "index.html", "junit.xml", "results.json"
    ]  # fmt: skip
    assert len(schema.load(out / "results.json").results) == 3


def test_a_results_file_that_was_cut_short(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = Path(__file__).parents[1] / "fixtures" / "results-1.json"
    cut = tmp_path / "cut.json"
    cut.write_bytes(whole.read_bytes()[:3000])
    assert cli.run(["recheck", str(cut)]) == cli.USAGE
    assert f"verify: {cut} is not a results file" in capsys.readouterr().err
    assert cli.run(["diff", str(whole), str(cut)]) == cli.USAGE


# Interrupts


def _interrupted(tmp_path: Path, number: int) -> subprocess.Popen[str]:
    """A run that was sent a signal once its first results were in the cache."""
    pack, out = _pack(tmp_path, last=SLOW), tmp_path / "out"
    command = _command("all", "--pack", pack, "--out", out, "--jobs", "1", "--seconds", "30")
    running = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, start_new_session=True)
    kept = Cache(Path(os.environ["VERIFY_CACHE_DIR"]))
    before = kept.info().entries
    _eventually(lambda: kept.info().entries >= before + 2)
    running.send_signal(number)
    return running


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_interrupt_keeps_what_was_finished(
    tmp_path: Path, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VERIFY_CACHE_DIR", str(tmp_path / "cache"))
    running = _interrupted(tmp_path, number)
    _, said = running.communicate(timeout=60)
    assert running.returncode == cli.INTERRUPTED
    assert "interrupted with 1 left" in said
    assert "--resume" in said
    document = schema.load(tmp_path / "out" / "results.json")
    assert not document.run.complete
    assert [r.id for r in document.results] == ["1.1", "1.2"]


@pytest.mark.slow
def test_a_resumed_run_does_not_compute_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VERIFY_CACHE_DIR", str(tmp_path / "cache"))
    _interrupted(tmp_path, signal.SIGINT).communicate(timeout=60)
    before = schema.load(tmp_path / "out" / "results.json")
    again = _run(
        "check", "1.1", "1.2", "--pack", tmp_path / "pack.py", "--out", tmp_path / "out",
        "--seconds", "30", "--resume",
    )  # fmt: skip
    assert again.returncode == 0, again.stderr
    after = schema.load(tmp_path / "out" / "results.json")
    # The times are those of the first run.
    assert [r.claim for r in after.results] == [r.claim for r in before.results]


def test_a_reader_that_goes_away() -> None:
    writer = subprocess.Popen(
        _command("list"), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert writer.stdout is not None
    writer.stdout.close()
    assert writer.stderr is not None
    assert writer.stderr.read() == ""
    assert writer.wait(60) == 128 + signal.SIGPIPE


def _eventually(probe: Callable[[], object]) -> None:
    last = time.monotonic() + 60
    while not probe():
        assert time.monotonic() < last, "it did not happen within a minute"
        time.sleep(0.05)


# The environment


@pytest.mark.slow
def test_no_result_depends_on_the_hash_seed(tmp_path: Path) -> None:
    pack = _pack(tmp_path, last="X**3 >= 2")
    found = []
    for seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        out = _run("check", "1.1", "1.3", "--pack", pack, "--json", "-", "--no-cache", "--out",
                   tmp_path / "out", env=environment)  # fmt: skip
        found.append(_without_seconds(json.loads(out.stdout)))
    assert found[0] == found[1]


@pytest.mark.slow
def test_a_locale_with_decimal_commas(tmp_path: Path) -> None:
    name = "de_DE.UTF-8"
    made = subprocess.run(
        ["localedef", "-i", "de_DE", "-f", "UTF-8", str(tmp_path / name)],
        capture_output=True,
        check=False,
    )
    if not (tmp_path / name).is_dir():
        pytest.skip(f"localedef cannot make a locale with decimal commas: {made.stderr!r}")
    code = (
        f"import locale as l; l.setlocale(l.LC_ALL, {name!r});"
        "assert l.localeconv()['decimal_point'] == ',';"
        "from verify.cli import main; main()"
    )
    arguments = ["claim", "x^2 >= 0.25 + exp(-90*x)", "--where", "x >= 0.75", "--json", "-"]
    environment = {**os.environ, "LOCPATH": str(tmp_path)}
    found = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
    )
    assert found.returncode == 0, found.stderr
    assert json.loads(found.stdout)["results"][0]["claim"]["verdict"] == "proved"


def test_nothing_looks_at_the_clock_on_the_wall() -> None:
    for path in Path(verify.__file__).parent.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"\btime\.time\(|datetime\.now|date\.today", text), path


@pytest.mark.slow
def test_interrupted_claims_are_written_as_far_as_they_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VERIFY_CACHE_DIR", str(tmp_path / "cache"))
    hard = "x^7 - 3*x^5 + x^3 >= -17 + x^x"
    lines = [{"id": "a", "holds": "x^2 >= 0"}, {"id": "b", "where": ["x >= 1"], "holds": hard}]
    claims, out = tmp_path / "claims.jsonl", tmp_path / "out.json"
    claims.write_text("".join(json.dumps(line) + "\n" for line in lines))
    command = _command("claims", claims, "--json", out, "--jobs", "1", "--seconds", "60")
    running = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL)
    kept = Cache(tmp_path / "cache")
    _eventually(lambda: kept.info().entries >= 1)
    running.send_signal(signal.SIGINT)
    _, said = running.communicate(timeout=60)
    assert running.returncode == cli.INTERRUPTED
    assert b"interrupted with 1 left; to go on, run it again" in said
    document = schema.load(out)
    assert not document.run.complete
    assert [(r.id, r.claim.verdict) for r in document.results] == [("a", "proved")]
