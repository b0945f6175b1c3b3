"""Every claim of the collection, put to this toolkit, to z3 and to cvc5, under the same limit.

    python benchmarks/inequalities/run.py [--seconds 10] [--only ours,z3,cvc5] [--limit N]
        [--kind K] [--jobs 2] [--verbose]

One process per claim and solver, killed when its time is up. Exit code 1 if any answer is wrong.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import tomllib
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
SOLVERS = ("ours", "z3", "cvc5")
KINDS = ("polynomial", "rational", "roots", "exp-log", "trig", "integer", "mixed")
GRACE = 2.0
LEAST = 0.01
HOLDS = frozenset(("proved", "attested"))


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim of the collection; see README.md for the fields."""

    id: str
    kind: str
    where: tuple[str, ...]
    holds: str
    integers: frozenset[str]
    truth: bool
    vacuous: bool

    @property
    def document(self) -> dict[str, Any]:
        """What a solver is told: everything but the truth."""
        integers = dict.fromkeys(sorted(self.integers), "int")
        return {"id": self.id, "where": list(self.where), "holds": self.holds, "vars": integers}


@dataclass(frozen=True, slots=True)
class Outcome:
    """A solver's answer, and the processor time of its process."""

    claim: Claim
    solver: str
    answer: str
    seconds: float

    @property
    def solved(self) -> bool:
        """Whether the answer decides the claim, and rightly."""
        if self.answer == "vacuous":
            return self.claim.vacuous
        return self.answer in HOLDS if self.claim.truth else self.answer == "refuted"

    @property
    def wrong(self) -> bool:
        """Whether the answer decides the claim, and wrongly."""
        return self.answer in {*HOLDS, "refuted", "vacuous"} and not self.solved


def load(kind: str | None = None, limit: int | None = None) -> list[Claim]:
    """The claims in the order of the files; at most ``limit``, spread evenly."""
    claims = [
        Claim(
            id=table["id"],
            kind=table["kind"],
            where=tuple(table["where"]),
            holds=table["holds"],
            integers=frozenset(n for n, sort in table.get("vars", {}).items() if sort == "int"),
            truth=table["truth"],
            vacuous=table.get("vacuous", False),
        )
        for name in KINDS
        for table in tomllib.loads((HERE / f"{name.replace('-', '_')}.toml").read_text())["claim"]
        if kind in (None, name)
    ]
    if limit is None or limit >= len(claims):
        return claims
    return [claims[index * len(claims) // limit] for index in range(limit)]


def killed_after(command: Sequence[str], given: str, limit: float) -> tuple[str | None, float]:
    """The output of a command, None if it had to be killed, and its seconds of processor time.

    Processor time, since other work on the machine would make wall-clock time meaningless; the
    limit is wall-clock time.
    """
    process = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        cwd=ROOT,
        start_new_session=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    late = threading.Event()

    def kill() -> None:
        late.set()
        # The whole group: a solver may have started processes of its own.
        os.killpg(process.pid, signal.SIGKILL)

    timer = threading.Timer(limit, kill)
    timer.start()
    try:
        with contextlib.suppress(BrokenPipeError):
            process.stdin.write(given)
            process.stdin.close()
        output = process.stdout.read()
        process.stdout.close()
        _, status, usage = os.wait4(process.pid, 0)
    finally:
        timer.cancel()
    process.returncode = os.waitstatus_to_exitcode(status)
    return None if late.is_set() else output, usage.ru_utime + usage.ru_stime


def ask_ours(claim: Claim, seconds: float, limit: float) -> tuple[str, float]:
    """This toolkit's verdict on a claim, from its command line."""
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl") as file:
        file.write(json.dumps(claim.document) + "\n")
        file.flush()
        command = [sys.executable, "-m", "verify", "claims", file.name]
        command += ["--json", "-", "--seconds", str(seconds), "--jobs", "1"]
        output, elapsed = killed_after(command, "", limit)
    if output is None:
        return "killed", elapsed
    try:
        return str(json.loads(output)["results"][0]["claim"]["verdict"]), elapsed
    except (ValueError, LookupError, TypeError):
        return "error", elapsed


def ask_peer(solver: str, claim: Claim, seconds: float, limit: float) -> tuple[str, float]:
    """A peer's answer to a claim, from a process that runs :func:`work`."""
    command = [sys.executable, str(HERE / "run.py"), "--worker", solver, "--seconds", str(seconds)]
    output, elapsed = killed_after(command, json.dumps(claim.document), limit)
    if output is None:
        return "killed", elapsed
    return output.strip() or "error", elapsed


def ask(solver: str, claim: Claim, seconds: float, limit: float) -> Outcome:
    """Put a claim to a solver."""
    answer, elapsed = (
        ask_ours(claim, seconds, limit)
        if solver == "ours"
        else ask_peer(solver, claim, seconds, limit)
    )
    return Outcome(claim, solver, answer, elapsed)


def work(solver: str, seconds: float) -> None:
    """Read a claim from standard input, put it to a peer, print the answer."""
    import peers  # noqa: PLC0415 - this directory is on the path only when run as a script

    claim = json.loads(sys.stdin.read())
    integers = frozenset(claim["vars"])
    print(peers.ask(solver, claim["where"], claim["holds"], integers, seconds))


def start_up(solver: str) -> float | None:
    """The seconds that a solver takes for a trivial claim, or None where it does not run."""
    trivial = Claim("trivial", "polynomial", ("x > 0",), "x > -1", frozenset(), True, False)
    runs = [ask(solver, trivial, 5, 60) for _ in range(3)]
    if not all(run.solved for run in runs):
        return None
    return statistics.median(run.seconds for run in runs)


def report(outcomes: Sequence[Outcome], start_ups: dict[str, float]) -> None:
    """Print the tables."""
    table = {(outcome.solver, outcome.claim.id): outcome for outcome in outcomes}
    claims = list({outcome.claim.id: outcome.claim for outcome in outcomes}.values())
    print(f"{len(claims)} claims, {sum(not claim.truth for claim in claims)} of them false\n")
    header = ("solver", "solved", "true", "false", "wrong", "median s", "start-up s", "times ours")
    print("".join(f"{word:>12}" for word in header))
    for solver, start in start_ups.items():
        mine = [outcome for outcome in outcomes if outcome.solver == solver]
        solved = [outcome for outcome in mine if outcome.solved]
        times = [max(0.0, outcome.seconds - start) for outcome in solved]
        cells = (
            solver,
            str(len(solved)),
            str(sum(outcome.claim.truth for outcome in solved)),
            str(sum(not outcome.claim.truth for outcome in solved)),
            str(sum(outcome.wrong for outcome in mine)),
            f"{statistics.median(times):.3f}" if times else "-",
            f"{start:.3f}",
            _ratio(solved, table, start_ups),
        )
        print("".join(f"{cell:>12}" for cell in cells))
    print("\nmedian: processor seconds beyond start-up, over the solved claims; times ours: the")
    print("median ratio over the claims that both solve (counted as at least 10 ms each)\n")
    for solver in start_ups:
        counts = Counter(outcome.answer for outcome in outcomes if outcome.solver == solver)
        print(f"{solver}: " + ", ".join(f"{n} {answer}" for answer, n in counts.most_common()))
    print()
    for kind in KINDS:
        ids = [claim.id for claim in claims if claim.kind == kind]
        solved_by = (
            f"{solver} {sum(table[solver, id_].solved for id_ in ids)}" for solver in start_ups
        )
        if ids:
            print(f"{kind} ({len(ids)}): " + ", ".join(solved_by))
    _report_differences(claims, table, start_ups)


def _ratio(
    solved: Sequence[Outcome],
    table: dict[tuple[str, str], Outcome],
    start_ups: dict[str, float],
) -> str:
    """The median of a solver's time over ours, on the claims that both solve."""
    ratios = []
    for outcome in solved:
        ours = table.get(("ours", outcome.claim.id))
        if ours is not None and ours.solved:
            their_time = max(LEAST, outcome.seconds - start_ups[outcome.solver])
            ratios.append(their_time / max(LEAST, ours.seconds - start_ups["ours"]))
    return f"{statistics.median(ratios):.2f}" if ratios else "-"


def _report_differences(
    claims: Sequence[Claim],
    table: dict[tuple[str, str], Outcome],
    start_ups: dict[str, float],
) -> None:
    wrong = [outcome for outcome in table.values() if outcome.wrong]
    if wrong:
        print("\nwrong answers:")
        for outcome in wrong:
            claim = outcome.claim
            truth = "vacuous" if claim.vacuous else str(claim.truth).lower()
            print(f"  {claim.id}: {outcome.solver} says {outcome.answer}, but it is {truth}")
    if "ours" not in start_ups:
        return
    attested = [claim.id for claim in claims if table["ours", claim.id].answer == "attested"]
    if attested:
        print(f"\nattested by an outside solver, not proved: {', '.join(attested)}")
    if len(start_ups) == 1:
        return
    print("\nsolved by a peer and not by us:")
    for claim in claims:
        ours = table["ours", claim.id]
        others = [name for name in start_ups if table[name, claim.id].solved]
        if others and not ours.solved:
            print(f"  {claim.id} ({claim.kind}): {', '.join(others)}; ours: {ours.answer}")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark; the exit code is 1 if any answer is wrong, 2 for bad usage."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--seconds", type=float, default=10.0, help="limit for each claim")
    parser.add_argument("--only", default=",".join(SOLVERS), help="solvers, with commas")
    parser.add_argument("--limit", type=int, help="number of claims, spread evenly")
    parser.add_argument("--kind", choices=KINDS)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--verbose", action="store_true", help="a line for each answer")
    parser.add_argument("--worker", choices=SOLVERS[1:], help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.worker:
        work(options.worker, options.seconds)
        return 0
    wanted = options.only.split(",")
    if unknown := [name for name in wanted if name not in SOLVERS]:
        parser.error(f"no solver called {unknown[0]!r}; choose from {', '.join(SOLVERS)}")
    if options.seconds <= 0 or options.jobs < 1 or not (options.limit is None or options.limit > 0):
        parser.error("--seconds, --jobs and --limit must be positive")
    start_ups: dict[str, float] = {}
    for name in wanted:
        start = start_up(name)
        if start is None:
            print(f"{name} does not answer a trivial claim, and is left out", file=sys.stderr)
        else:
            start_ups[name] = start

    def task(pair: tuple[Claim, str]) -> Outcome:
        claim, solver = pair
        limit = options.seconds + start_ups[solver] + GRACE
        outcome = ask(solver, claim, options.seconds, limit)
        if options.verbose:
            mark = "WRONG" if outcome.wrong else "solved" if outcome.solved else ""
            line = f"{claim.id:40} {solver:5} {outcome.answer:12} {outcome.seconds:7.2f} {mark}"
            print(line.rstrip(), file=sys.stderr, flush=True)
        return outcome

    pairs = [(claim, name) for claim in load(options.kind, options.limit) for name in start_ups]
    with ThreadPoolExecutor(options.jobs) as pool:
        outcomes = list(pool.map(task, pairs))
    if not outcomes:
        return 2
    report(outcomes, start_ups)
    return int(any(outcome.wrong for outcome in outcomes))


if __name__ == "__main__":
    raise SystemExit(main())
