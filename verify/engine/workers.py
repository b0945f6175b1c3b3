"""Tasks in processes of their own, each with a time and a memory limit that hold in C code too."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import resource
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from typing import Any

GRACE = 0.6
"""Seconds past its budget after which a task is ended."""

MEMORY = 4 << 30


@dataclass(frozen=True, slots=True)
class Answer:
    """What a task returned, or why it did not: ``failure`` is "time", "memory" or a message."""

    value: bytes | None
    failure: str | None
    seconds: float


@dataclass(frozen=True, slots=True)
class Task:
    """A function that returns bytes, its arguments, and the seconds that it may take."""

    function: Callable[..., bytes]
    arguments: tuple[Any, ...]
    seconds: float


@dataclass
class _Running:
    index: int
    process: Any
    connection: Connection
    started: float
    deadline: float


def run_all(tasks: Sequence[Task], jobs: int) -> Iterator[tuple[int, Answer]]:
    """Run tasks, at most ``jobs`` at once; yields each answer with its task's number as it comes.

    Every task runs in a forked process, which is ended when its time is over, and when the caller
    stops listening.
    """
    context = multiprocessing.get_context("fork")
    waiting = list(reversed(range(len(tasks))))
    running: list[_Running] = []
    try:
        while waiting or running:
            while waiting and len(running) < max(1, jobs):
                index = waiting.pop()
                running.append(_start(context, index, tasks[index]))
            timeout = max(0.0, min(item.deadline for item in running) - time.monotonic())
            ready = wait([item.connection for item in running], timeout)
            now = time.monotonic()
            for item in list(running):
                if item.connection in ready:
                    answer = _receive(item, now)
                elif now >= item.deadline:
                    answer = Answer(None, "time", now - item.started)
                else:
                    continue
                running.remove(item)
                _end(item)
                yield item.index, answer
    finally:
        for item in running:
            _end(item)


def _start(context: Any, index: int, task: Task) -> _Running:
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_child, args=(theirs, task), daemon=True)
    sys.stdout.flush()
    sys.stderr.flush()
    process.start()
    theirs.close()
    now = time.monotonic()
    return _Running(index, process, ours, now, now + task.seconds + GRACE)


def _child(connection: Connection, task: Task) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    try:
        connection.send_bytes(b"+" + task.function(*task.arguments))
    except MemoryError:
        connection.send_bytes(b"-memory")
    except Exception as error:
        place = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{os.path.basename(place.filename)}:{place.lineno}"
        connection.send_bytes(f"-{type(error).__name__}: {error} ({where})".encode())
    finally:
        connection.close()


def _receive(item: _Running, now: float) -> Answer:
    seconds = now - item.started
    try:
        data = item.connection.recv_bytes()
    except (EOFError, OSError):
        item.process.join(1)
        return Answer(None, f"the process ended with code {item.process.exitcode}", seconds)
    if data[:1] == b"+":
        return Answer(data[1:], None, seconds)
    return Answer(None, data[1:].decode(errors="replace"), seconds)


def _end(item: _Running) -> None:
    item.connection.close()
    if item.process.is_alive():
        item.process.kill()
    item.process.join()
