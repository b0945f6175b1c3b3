"""A long fuzzing run: ``cd tests && python -m fuzz.nightly``.

By default a million hostile inputs and ten thousand random claims (``--inputs N --claims N
--seed S``); prints the figures, and exits with 1 if anything was wrong.
"""

from __future__ import annotations

import argparse
import sys
import time

from fuzz.claims import decide_many
from fuzz.mutations import KINDS, fuzz
from verify.engine.workers import Task, run_all

BLOCK = 5_000
BLOCK_SECONDS = 3_600.0


def main() -> int:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--inputs", type=int, default=1_000_000)
    parser.add_argument("--claims", type=int, default=10_000)
    parser.add_argument("--seconds", type=float, default=2.0, help="for each claim")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    failed = _inputs(options.inputs // len(KINDS), options.seed, options.jobs)
    failed |= _claims(options.claims, options.seconds, options.seed, options.jobs)
    return int(failed)


def _block(kind: str, seed: int, first: int, last: int) -> bytes:
    return str(fuzz(kind, seed, range(first, last))).encode()


def _inputs(each: int, seed: int, jobs: int) -> bool:
    failed = False
    for kind in KINDS:
        started = time.monotonic()
        spans = [(first, min(first + BLOCK, each)) for first in range(0, each, BLOCK)]
        tasks = [Task(_block, (kind, seed, *span), BLOCK_SECONDS) for span in spans]
        taken = 0
        for _, answer in run_all(tasks, jobs):
            if answer.value is None:
                failed = True
                print(f"{kind}: {answer.failure}", flush=True)
            else:
                taken += int(answer.value)
        seconds = time.monotonic() - started
        print(f"{kind}: {each} inputs, {taken} taken, {seconds:.0f} s", flush=True)
    return failed


def _claims(count: int, seconds: float, seed: int, jobs: int) -> bool:
    started = time.monotonic()
    figures = decide_many(seed, range(count), seconds, jobs)
    verdicts = ", ".join(f"{n} {verdict}" for verdict, n in sorted(figures.verdicts.items()))
    print(f"claims: {count}, {verdicts}, {time.monotonic() - started:.0f} s")
    for line in figures.wrong:
        print(f"WRONG {line}")
    return bool(figures.wrong)


if __name__ == "__main__":
    sys.exit(main())
