"""The same tasks on a Dask cluster: any number of workers, which may come and go.

A worker runs each task in a process of its own, under the limits of :mod:`verify.engine.workers`.
What a lost worker had not finished is done again by another one. Nothing is pickled from outside:
the cluster is the user's own, and as trusted as the machine at hand.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator, Sequence
from typing import Any

from verify.engine.preload import preload
from verify.engine.versions import fingerprint
from verify.engine.workers import Answer, Task, run_all

CONNECT = 10.0
"""Seconds to reach the scheduler."""

LOST = 30.0
"""Seconds without any worker after which the run is ended."""

AHEAD = 4
"""Tasks handed out for each core of the cluster: enough to keep it busy, few enough to stop."""

RETRIES = 3
"""How often a task that its worker could not finish is given to another one."""


class ClusterError(RuntimeError):
    """The cluster cannot be used: says why, and what to try."""


def answers(
    tasks: Sequence[Task], jobs: int, scheduler: str | None
) -> Iterator[tuple[int, Answer]]:
    """Answers with their tasks' numbers, as they come: from processes here or from a cluster.

    Raises:
        ClusterError: the cluster cannot be reached, or has no workers.
    """
    if scheduler is None:
        yield from run_all(tasks, jobs)
    elif tasks:
        yield from _on_cluster(tasks, scheduler)


def _on_cluster(tasks: Sequence[Task], scheduler: str) -> Iterator[tuple[int, Answer]]:
    try:
        import distributed  # noqa: PLC0415
    except ImportError as error:
        raise ClusterError(
            "--scheduler needs Dask: pip install 'verify-lemmas[distributed]'"
        ) from error
    library: Any = distributed
    try:
        client = library.Client(scheduler, timeout=CONNECT)
    except (OSError, ValueError, TimeoutError) as error:
        raise ClusterError(
            f"no scheduler answers at {scheduler}: start one with `dask scheduler` and workers "
            f"with `dask worker {scheduler}`"
        ) from error
    with client:
        waiting = iter(enumerate(tasks))
        running: dict[Any, int] = {}
        try:
            ahead = AHEAD * _cores(client, scheduler)
            while True:
                for number, task in itertools.islice(waiting, ahead - len(running)):
                    # No two runs share a key, and a task lost with its worker is run again.
                    future = client.submit(
                        _on_worker, task, fingerprint(), pure=False, retries=RETRIES
                    )
                    running[future] = number
                if not running:
                    return
                for future in _done(library, client, list(running), scheduler):
                    yield running.pop(future), _answer(future, scheduler)
        finally:
            client.cancel(list(running), force=True)


def _cores(client: Any, scheduler: str) -> int:
    try:
        client.wait_for_workers(1, timeout=LOST)
    except TimeoutError as error:
        raise ClusterError(_no_workers(scheduler)) from error
    return max(1, sum(int(cores) for cores in client.ncores().values()))


def _no_workers(scheduler: str) -> str:
    return (
        f"the scheduler at {scheduler} has no workers: start some with `dask worker {scheduler}`; "
        "what was finished is in the cache"
    )


def _done(library: Any, client: Any, running: list[Any], scheduler: str) -> list[Any]:
    """The tasks that are done, once there are some."""
    last = time.monotonic() + LOST
    while True:
        try:
            return list(library.wait(running, timeout=LOST / 6, return_when="FIRST_COMPLETED").done)
        except TimeoutError:
            if client.ncores():
                last = time.monotonic() + LOST
            elif time.monotonic() > last:
                raise ClusterError(_no_workers(scheduler)) from None


def _on_worker(task: Task, version: str) -> Answer:
    if version != fingerprint():
        return Answer(None, "its worker runs another version of the toolkit", 0.0)
    preload()
    [(_, answer)] = run_all([task], 1)
    return answer


def _answer(future: Any, scheduler: str) -> Answer:
    if future.cancelled():
        raise ClusterError(f"the scheduler at {scheduler} is gone; what was finished is kept")
    try:
        found: Answer = future.result()
    except Exception as error:
        return Answer(None, f"on the cluster: {type(error).__name__}: {error}", 0.0)
    return found
