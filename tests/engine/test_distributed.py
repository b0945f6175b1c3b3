"""A real scheduler and two workers on this machine, one of which is killed half-way."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sympy import Symbol

from verify.engine import distributed
from verify.engine.distributed import ClusterError, answers
from verify.engine.run import Settings, run
from verify.engine.sweep_axes import Points, axes_of
from verify.engine.sweep_run import Where, make_plan, sweep
from verify.engine.workers import Task
from verify.language.statement import Hypothesis, Paper, Param, Statement

pytest.importorskip("distributed", reason="pip install 'verify-lemmas[distributed]'")

X = Symbol("x", real=True)
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(Path(__file__).parent)}
"""Workers import the tasks of this file."""


def _port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _worker(address: str) -> subprocess.Popen[bytes]:
    arguments = ["worker", address, "--nthreads", "1", "--no-nanny", "--no-dashboard"]
    return _dask(*arguments, "--death-timeout", "30")


def _dask(*arguments: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "dask", *arguments],
        env=ENVIRONMENT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


class Cluster:
    """A scheduler and its workers, as processes."""

    def __init__(self, workers: int) -> None:
        port = _port()
        self.address = f"tcp://127.0.0.1:{port}"
        scheduler = _dask(
            "scheduler", "--host", "127.0.0.1", "--port", str(port), "--no-dashboard", "--no-show"
        )
        self.processes = [scheduler, *(_worker(self.address) for _ in range(workers))]

    def end(self) -> None:
        """End all processes."""
        for process in self.processes:
            process.kill()
            process.wait()


@pytest.fixture(name="cluster")
def _cluster() -> Iterator[Cluster]:
    cluster = Cluster(2)
    yield cluster
    cluster.end()


def slow_square(number: int) -> bytes:
    """A task that takes a while."""
    time.sleep(0.1)
    return str(number * number).encode()


def endless() -> bytes:
    """A task that does not end."""
    while True:
        pass


def broken() -> bytes:
    """A task that fails."""
    raise LookupError("no such thing")


def _square(number: int) -> Task:
    return Task(slow_square, (number,), 10.0)


@pytest.mark.slow
def test_losing_a_worker_loses_no_result(cluster: Cluster) -> None:
    from test_distributed import slow_square as remote  # noqa: PLC0415

    tasks = [Task(remote, (number,), 10.0) for number in range(40)]
    found = {}
    for number, answer in answers(tasks, 1, cluster.address):
        found[number] = answer.value
        if len(found) == 10:
            os.kill(cluster.processes[1].pid, signal.SIGKILL)
        if len(found) == 20:
            cluster.processes.append(_worker(cluster.address))
    assert found == {number: str(number * number).encode() for number in range(40)}


@pytest.mark.slow
def test_limits_and_failures_are_those_of_one_machine(cluster: Cluster) -> None:
    import test_distributed as remote  # noqa: PLC0415

    tasks = [
        Task(remote.endless, (), 0.2),
        Task(remote.broken, (), 5.0),
        Task(remote.slow_square, (3,), 5.0),
    ]
    found = dict(answers(tasks, 1, cluster.address))
    assert found[0].failure == "time"
    assert (found[1].failure or "").startswith("LookupError: no such thing")
    assert found[2].value == b"9"


def _statement(name: str, claim: object) -> Statement:
    parameters = (Param(X, "a number", 2),)
    return Statement(name, "a claim", "lemma", "1", parameters, claim, (Hypothesis(X >= 1),))


@pytest.mark.slow
def test_checks_and_sweeps_give_what_one_job_gives(cluster: Cluster, tmp_path: Path) -> None:
    statements = tuple(_statement(f"1.{n}", 1 - n * X <= X * X) for n in range(1, 6))
    paper = Paper("p", "P", "A", "s", (), statements)
    alone = Settings(5.0, 0, 1, "test")
    here = run(paper, statements, alone, lambda _: None)
    there = run(paper, statements, replace(alone, scheduler=cluster.address), lambda _: None)
    assert [r.claim.verdict for r in here.results] == ["proved"] * 5
    assert [(r.id, r.claim.certificate) for r in there.results] == [
        (r.id, r.claim.certificate) for r in here.results
    ]
    plan = make_plan(paper, statements[0], (), Points(axes_of(statements[0], ["x=0..9:5000"])))
    for name, scheduler in (("here", None), ("there", cluster.address)):
        list(sweep(plan, Where(1, scheduler, tmp_path / f"{name}.jsonl")))
    assert (tmp_path / "here.jsonl").read_bytes() == (tmp_path / "there.jsonl").read_bytes()


def test_a_scheduler_that_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(distributed, "CONNECT", 0.3)
    address = f"tcp://127.0.0.1:{_port()}"
    with pytest.raises(ClusterError, match=f"no scheduler answers at {address}: start one"):
        list(answers([_square(1)], 1, address))


@pytest.mark.slow
def test_no_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(distributed, "LOST", 1.0)
    cluster = Cluster(0)
    try:
        with pytest.raises(ClusterError, match="has no workers"):
            list(answers([_square(1)], 1, cluster.address))
    finally:
        cluster.end()
