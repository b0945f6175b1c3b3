"""All benchmarks in one command; prints a table, and with --write puts it into README.md.

    python benchmarks/run.py [--all | --ids ID ..] [--repeat N] [--only NAME ..] [--write]

Without --all, the statements of section 6.4 stand for the whole pack. Every comparison is made of
pairs in one run; what is shown is the median of the repetitions, and the ratio of medians.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from verify.engine.at import AtPoint
    from verify.engine.output import Signs
    from verify.kernel.chance import NetworkEvent

HERE = Path(__file__).parent
SECTION = ("3.2", "3.3", "6.3", "6.6", "6.7", "6.8", "6.9")
START = "<!-- figures -->\n"
END = "<!-- end of figures -->\n"


@dataclass(frozen=True)
class Row:
    """A line of the table."""

    what: str
    value: str
    note: str = ""


@dataclass(frozen=True)
class Ran:
    """A finished command: seconds, processor seconds, and the most memory of a process of it."""

    seconds: float
    processor: float
    megabytes: float
    code: int


def ran(arguments: Sequence[str], cache: Path | None = None) -> Ran:
    """Run a command with its own cache."""
    # As for a user: modules are compiled once.
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    environment.setdefault("PYTHONPYCACHEPREFIX", str(Path(tempfile.gettempdir()) / "pycache"))
    if cache is not None:
        environment["VERIFY_CACHE_DIR"] = str(cache)
    started = time.monotonic()
    process = subprocess.Popen(
        arguments, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return Ran(
        time.monotonic() - started,
        usage.ru_utime + usage.ru_stime,
        usage.ru_maxrss / 1024,
        process.returncode,
    )


def verify(*arguments: str) -> list[str]:
    """The command line of the toolkit."""
    return [sys.executable, "-m", "verify", *arguments]


def checks(options: argparse.Namespace, out: str) -> list[str]:
    """The command that checks everything, or some statements."""
    if options.all:
        return verify("all", "--out", out)
    return verify("check", *options.ids, "--out", out)


def cold_and_warm(options: argparse.Namespace) -> Iterator[Row]:
    """The whole run without a cache and with a full one, and the most memory of a process."""
    cold, warm = [], []
    for _ in range(options.repeat):
        with tempfile.TemporaryDirectory() as folder:
            place = Path(folder)
            command = checks(options, str(place / "out"))
            cold.append(ran(command, place / "cache"))
            warm.append(ran(command, place / "cache"))
    what = "`all`" if options.all else f"`check {' '.join(options.ids)}`"
    first, second = _median(r.seconds for r in cold), _median(r.seconds for r in warm)
    busy, again = _median(r.processor for r in cold), _median(r.processor for r in warm)
    yield Row(f"{what}, cold", f"{first:.1f} s", f"{busy:.1f} s of processor")
    note = f"{again:.1f} s of processor, {again / busy:.2f} of cold"
    yield Row(f"{what}, warm", f"{second:.1f} s", note)
    yield Row("most memory of a process, cold", f"{max(r.megabytes for r in cold):.0f} MB")


def jobs(options: argparse.Namespace) -> Iterator[Row]:
    """The same work with one job and with two."""
    taken: dict[str, list[float]] = {"1": [], "2": []}
    for _ in range(options.repeat):
        for number, seconds in taken.items():
            with tempfile.TemporaryDirectory() as folder:
                command = verify("check", "6.6", "6.7", "--no-cache", "--jobs", number)
                seconds.append(ran([*command, "--out", folder]).seconds)
    one, two = _median(taken["1"]), _median(taken["2"])
    yield Row("6.6 and 6.7, one job", f"{one:.1f} s")
    yield Row("6.6 and 6.7, two jobs", f"{two:.1f} s", f"{one / two:.2f} times as fast")


def start_up(options: argparse.Namespace) -> Iterator[Row]:
    """``--help`` beside an interpreter that does nothing, in processor time."""
    bare, ours = [], []
    for _ in range(max(9, options.repeat)):
        bare.append(ran([sys.executable, "-c", "pass"]).processor)
        ours.append(ran(verify("--help")).processor)
    nothing, help_ = _median(bare), _median(ours)
    yield Row("interpreter that does nothing", f"{nothing * 1000:.0f} ms")
    yield Row("`--help`", f"{help_ * 1000:.0f} ms", f"{help_ / nothing:.2f} times as long")


def sweep(options: argparse.Namespace) -> Iterator[Row]:
    """Rigorous points a second of a closed-form bound, in one process."""
    from verify.engine.packs import load_pack  # noqa: PLC0415
    from verify.engine.sweep import block, prepare  # noqa: PLC0415
    from verify.engine.sweep_axes import Points, axes_of  # noqa: PLC0415
    from verify.engine.sweep_run import make_plan  # noqa: PLC0415

    paper = load_pack()
    statement = next(item for item in paper.statements if item.id == "6.6/3a")
    for over in (["beta=10..100:20000"], ["n=10..1000:20", "beta=20..100:1000"]):
        plan = make_plan(paper, statement, (), Points(axes_of(statement, over)))
        prepare(plan)
        seconds = []
        for _ in range(options.repeat):
            started = time.process_time()
            block(plan, 0, 20_000)
            seconds.append(time.process_time() - started)
        rate = 20_000 / _median(seconds)
        names = " and ".join(axis.name for axis in plan.points.axes)
        yield Row(f"sweep of 6.6/3a over {names}", f"{rate:,.0f} points/s", "one core")


def sizes(options: argparse.Namespace) -> Iterator[Row]:
    """An entry of 6.6/3a by its structure, and by adding up every sum, as n grows."""
    from verify.engine.at import evaluate_at  # noqa: PLC0415
    from verify.engine.formal import formalise  # noqa: PLC0415
    from verify.engine.literal import Literal, world_of  # noqa: PLC0415
    from verify.engine.packs import load_pack  # noqa: PLC0415
    from verify.engine.settings import point_of  # noqa: PLC0415
    from verify.language.term import Rel  # noqa: PLC0415

    statement = next(item for item in load_pack().statements if item.id == "6.6/3a")
    formal = formalise(statement)
    assert formal is not None
    goal = formal.conclusion
    assert isinstance(goal, Rel)
    for t in (2, 6, 20, 2 * 10**299):
        settings = ["d=7", f"t={t}", "s=2", "beta=6", "a_1=7/10", "b=2/5"]
        structural = _median(
            _timed(evaluate_at, statement, point_of(statement, settings, anyway=True))
            for _ in range(options.repeat)
        )
        values: dict[str, Fraction | int] = {
            **{"d": 7, "t": t, "n": 5 * t, "s": 2, "beta": 6, "j_3": 1},
            **{"a_1": Fraction(7, 10), "b": Fraction(2, 5), "c": Fraction(3, 5)},
        }
        n, note = "10^300", "literal: out of reach"
        if t <= 20:
            literal = _median(
                _timed(Literal(world_of(statement, values)).value, goal.left)
                for _ in range(options.repeat)
            )
            n, note = str(5 * t), f"literal: {literal * 1000:.1f} ms"
        yield Row(f"6.6/3a at n = {n}", f"{structural * 1000:.1f} ms", note)


def outputs(options: argparse.Namespace) -> Iterator[Row]:
    """F for a concrete matrix of signs by structure, and by the definition, as n and d grow."""
    from verify.engine.at import AtPoint  # noqa: PLC0415
    from verify.engine.literal import NotLiteral  # noqa: PLC0415
    from verify.engine.output import (  # noqa: PLC0415
        drawn,
        network_of,
        value_literally,
    )
    from verify.engine.packs import load_pack  # noqa: PLC0415
    from verify.engine.settings import point_of  # noqa: PLC0415

    statement = next(item for item in load_pack().statements if item.id == "6.9")
    event = network_of(statement)
    assert event is not None
    shapes = [(5, 1, "3"), (5, 2, "6"), (5, 4, "12"), (5, 6, "18"), (5, 10**300, "3 * 10^300")]
    for d, t, shown in (*shapes, (10_000, 1, "9998")):
        settings = [f"d={d}", f"t={t}", "m=4", "s=2", "beta=6"]
        setting = point_of(statement, settings, anyway=True)
        signs = drawn(d, 4, 0)

        seconds = _median(
            _timed(_by_structure, event, AtPoint(statement, setting, 0), signs)
            for _ in range(options.repeat)
        )
        data = AtPoint(statement, setting, 0).data
        try:
            literal = _timed(value_literally, statement, event, data, signs)
            note = f"by the definition: {literal * 1000:.1f} ms"
        except NotLiteral:
            note = "by the definition: out of reach"
        yield Row(f"F(Y) of 6.9 at n = {shown}, d = {d:,}", f"{seconds * 1000:.1f} ms", note)


def _by_structure(event: NetworkEvent, at: AtPoint, signs: Signs) -> object:
    from verify.engine.output import value_by_structure  # noqa: PLC0415

    return value_by_structure(event, at.pieces, signs)


def provers(options: argparse.Namespace) -> Iterator[Row]:
    """The inequalities beside z3 and cvc5, on claims spread over the collection."""
    command = [sys.executable, str(HERE / "inequalities" / "run.py"), "--limit", str(options.limit)]
    found = subprocess.run(
        [*command, "--seconds", "10"], capture_output=True, text=True, check=False
    )
    names = ("ours", "z3", "cvc5")
    for line in found.stdout.splitlines():
        parts = line.split()
        if len(parts) == 8 and parts[0] in names:
            name, solved, _, _, wrong, median, _, ratio = parts
            note = f"{wrong} wrong, median {median} s, {ratio} times ours"
            yield Row(f"inequalities, {name}", f"{solved} of {options.limit}", note)


BENCHMARKS: dict[str, Callable[[argparse.Namespace], Iterator[Row]]] = {
    "start-up": start_up,
    "run": cold_and_warm,
    "jobs": jobs,
    "sweep": sweep,
    "sizes": sizes,
    "outputs": outputs,
    "provers": provers,
}


def _timed(action: Callable[..., object], *arguments: object) -> float:
    started = time.perf_counter()
    action(*arguments)
    return time.perf_counter() - started


def _median(values: Iterable[float]) -> float:
    return statistics.median(values)


def machine() -> str:
    """The processor, the cores and the interpreter."""
    model = platform.processor() or platform.machine()
    with contextlib.suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                model = line.partition(":")[2].strip()
                break
    load = f"; load {os.getloadavg()[0]:.1f} at the start" if hasattr(os, "getloadavg") else ""
    return (
        f"{model}, {os.cpu_count()} cores, {platform.system()}, "
        f"Python {platform.python_version()}{load}"
    )


def table(rows: Sequence[Row], about: str) -> str:
    """The rows as a Markdown table."""
    out = io.StringIO()
    out.write(f"{about}\n\n| what | value | |\n| --- | --- | --- |\n")
    for row in rows:
        out.write(f"| {row.what} | {row.value} | {row.note} |\n")
    return out.getvalue()


def main() -> int:
    """Run the benchmarks."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--all", action="store_true", help="time the whole pack")
    parser.add_argument("--ids", nargs="+", default=SECTION, help="statements in place of all")
    parser.add_argument("--repeat", type=int, default=3, metavar="N")
    parser.add_argument("--only", nargs="+", choices=BENCHMARKS, default=list(BENCHMARKS))
    parser.add_argument("--limit", type=int, default=40, help="how many inequalities")
    parser.add_argument("--write", action="store_true", help="put the table into README.md")
    options = parser.parse_args()
    about = machine()
    rows: list[Row] = []
    for name in options.only:
        for row in BENCHMARKS[name](options):
            print(f"{row.what}: {row.value}  {row.note}", flush=True)
            rows.append(row)
    if options.write:
        readme = HERE / "README.md"
        before, _, rest = readme.read_text(encoding="utf-8").partition(START)
        _, _, after = rest.partition(END)
        readme.write_text(f"{before}{START}\n{table(rows, about)}\n{END}{after}", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
