"""Seconds and memory of each method for the laws of random signs, against the number of signs d.

Run `python benchmarks/signs.py`; it takes about a minute. Memory is the peak of the whole process
so far, which only grows down the table.
"""

from __future__ import annotations

import random
import resource
from collections.abc import Callable
from fractions import Fraction
from math import isqrt
from time import perf_counter

from flint import arb, ctx

from verify.probe.network import ColumnLaw, Row, positive
from verify.probe.signs import (
    BallGroup,
    Group,
    Probability,
    simulate,
    tail,
    tail_ball,
    tail_enclosure,
)

F = Fraction
FEW = [Group(F(3, 2), 1), Group(F(7, 3), 2)]


def one_large(d: int) -> list[Group]:
    """One group of nearly d signs and three single ones."""
    return [Group(F(1, 5), d - 3), *FEW]


def two_large(d: int) -> list[Group]:
    """Two groups of d / 2 signs each."""
    return [Group(F(1), d // 2), Group(F(3, 7), d // 2)]


def different(d: int) -> list[Group]:
    """d different weights with nothing in common."""
    generator = random.Random(d)
    return [Group(F(generator.randint(10**8, 10**9), 10**8), 1) for _ in range(d)]


def square_roots(precision: int) -> list[arb]:
    """1, sqrt 2 and sqrt 3."""
    with ctx.workprec(precision):
        return [arb(1), arb(2).sqrt(), arb(3).sqrt()]


def irrational(d: int) -> Probability:
    """A large group of weight sqrt 2 and a small one of weight sqrt 3."""
    groups = [BallGroup((F(0), F(1), F(0)), d - 9), BallGroup((F(0), F(0), F(1)), 9)]
    return tail_ball(groups, (F(2 * isqrt(d)), F(0), F(0)), True, basis=square_roots)


def network(d: int) -> Probability:
    """Pr[F > 0] for two classes of rows and a million columns."""
    unit = F(1, isqrt(d))
    rows = (Row((unit, F(1, 2), F(3, 5)), 1), Row((unit, F(1, 100), F(3, 5)), d))
    return positive(ColumnLaw(rows, (d - 2, 1, 1)), F(61, 10), 10**6)


METHODS: list[tuple[str, Callable[[int], Probability], list[int]]] = [
    (
        "ball, one large group",
        lambda d: tail_enclosure(one_large(d), isqrt(d), False),
        [10**6, 10**9, 10**12, 10**18, 10**30],
    ),
    ("ball, different weights", lambda d: tail_enclosure(different(d), 10, False), [41, 100, 1000]),
    ("ball, irrational weights", irrational, [1000, 10**6, 10**18]),
    ("network, 10**6 columns", network, [1000, 10**6, 10**12]),
    (
        "exact, one large group",
        lambda d: tail(one_large(d), isqrt(d), False),
        [100, 3000, 10_000, 100_000, 200_000],
    ),
    (
        "exact, far in the tail",
        lambda d: tail(one_large(d), F(d, 10), False),
        [3000, 10_000, 100_000],
    ),
    (
        "exact, two large groups",
        lambda d: tail(two_large(d), isqrt(d), False),
        [400, 2000, 8000, 100_000, 200_000],
    ),
    (
        "exact, three large groups",
        lambda d: tail([Group(F(k), d // 3) for k in (1, 2, 3)], isqrt(d), False),
        [3000, 10_000, 100_000],
    ),
    (
        "ball, two large groups",
        lambda d: tail_enclosure(two_large(d), isqrt(d), False),
        [10**6, 10**12, 10**18, 10**30],
    ),
    (
        "ball, two irrational weights",
        lambda d: tail_ball(
            [BallGroup((F(0), F(1), F(0)), d // 2), BallGroup((F(0), F(0), F(1)), d // 2)],
            (F(isqrt(d)), F(0), F(0)),
            True,
            basis=square_roots,
        ),
        [10**5, 10**6, 10**8],
    ),
    (
        "exact, polynomial",
        lambda d: tail([Group(F(1, k), d // 4) for k in (3, 4, 5, 7)], isqrt(d) // 4, False),
        [400, 1200],
    ),
    ("exact, different weights", lambda d: tail(different(d), 10, False), [20, 30, 40]),
]


def main() -> None:
    """Print the table."""
    print(f"{'method':28}{'d':>8}{'seconds':>10}{'peak MB':>9}  width")
    for name, run, sizes in METHODS:
        for d in sizes:
            start = perf_counter()
            found = run(d)
            seconds = perf_counter() - start
            memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
            width = "exact" if found.exact else f"{float(found.upper - found.lower):.1e}"
            size = str(d) if d < 10**6 else f"{d:.0e}"
            print(f"{name:28}{size:>8}{seconds:>10.3f}{memory:>9}  {width}", flush=True)
    start = perf_counter()
    seen = simulate(one_large(10**6), 1000, False, 10**6, seed=0)
    seconds, width = perf_counter() - start, f"{float(seen.high - seen.low):.1e}"
    print(f"{'simulation, 10**6 samples':28}{'1e+06':>8}{seconds:>10.3f}{'':9}  {width} (no bound)")


if __name__ == "__main__":
    main()
