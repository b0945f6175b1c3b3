"""Tasks in processes of their own, each with a time and a memory limit that hold in C code too.

A task runs in a fork of the caller. The caller reads its answer without ever waiting for it, and
ends the process when its time is over, whatever it is doing; a child whose parent is gone ends too.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import selectors
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

GRACE = 0.6
"""Seconds past its budget after which a task is ended."""

MEMORY = 4 << 30
"""Bytes of address space that a task may use."""

_DEATH_SIGNAL = 1
"""``PR_SET_PDEATHSIG`` of Linux."""

_FORKING = threading.Lock()
"""One fork at a time: a process forked between a pipe and its closing would keep the pipe open."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a task returned, or why it did not: ``failure`` is "time", "memory" or a message.

    A task that tells gives several; all but the last are ``part`` of what it has to say.
    """

    value: bytes | None
    failure: str | None
    seconds: float
    part: bool = False


@dataclass(frozen=True, slots=True)
class Task:
    """A function that returns bytes, its arguments, the seconds and the memory it may use.

    One that ``tells`` returns nothing: its first argument is a function to be called with bytes as
    soon as they are known, and its seconds begin anew with each call.
    """

    function: Callable[..., bytes | None]
    arguments: tuple[Any, ...]
    seconds: float
    memory: int = MEMORY
    tells: bool = False


@dataclass
class _Running:
    index: int
    task: Task
    process: int
    pipe: int
    started: float
    latest: float
    """When it began, or last told something."""
    data: bytearray = field(default_factory=bytearray)

    @property
    def deadline(self) -> float:
        return self.latest + self.task.seconds + GRACE


def nothing() -> None:
    """What there is to do while tasks run, if nothing else."""


def run_all(
    tasks: Sequence[Task], jobs: int, meanwhile: Callable[[], None] = nothing
) -> Iterator[tuple[int, Answer]]:
    """Run tasks, at most ``jobs`` at once; yields each answer with its task's number as it comes.

    ``meanwhile`` is done once in this process, when the first tasks have begun.

    Every task runs in a forked process, which is ended when its time is over, and when the caller
    stops listening. A task that fails is an answer like any other, and never an exception. What a
    task tells comes as it is told, and stays said whatever becomes of the task.
    """
    waiting = list(reversed(range(len(tasks))))
    running: dict[int, _Running] = {}
    with selectors.DefaultSelector() as ready:
        try:
            while waiting or running:
                while waiting and len(running) < max(1, jobs):
                    index = waiting.pop()
                    try:
                        item = _start(index, tasks[index])
                    except OSError as error:
                        if running:
                            # No room for another process now; there is when one of ours is done.
                            waiting.append(index)
                            break
                        yield index, Answer(None, f"no process for it: {error.strerror}", 0.0)
                        continue
                    running[item.pipe] = item
                    ready.register(item.pipe, selectors.EVENT_READ)
                if not running:
                    continue
                meanwhile()
                meanwhile = nothing
                first = min(item.deadline for item in running.values())
                for key, _ in ready.select(max(0.0, first - time.monotonic())):
                    item = running[key.fd]
                    if _read(item):
                        if item.task.tells and item.data:
                            item.latest = time.monotonic()
                            told, item.data = bytes(item.data), bytearray()
                            yield item.index, Answer(told, None, item.latest - item.started, True)
                        continue
                    ready.unregister(item.pipe)
                    del running[item.pipe]
                    yield item.index, _finished(item)
                now = time.monotonic()
                for item in [item for item in running.values() if now >= item.deadline]:
                    ready.unregister(item.pipe)
                    del running[item.pipe]
                    _end(item)
                    yield item.index, Answer(None, "time", now - item.started)
        finally:
            for item in running.values():
                _end(item)


def _start(index: int, task: Task) -> _Running:
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError, AttributeError):
            stream.flush()
    parent = os.getpid()
    with _FORKING:
        ours, theirs = os.pipe()
        try:
            process = os.fork()
        except OSError:
            os.close(ours)
            os.close(theirs)
            raise
        if process == 0:
            _child(theirs, task, parent)
        os.close(theirs)
    os.set_blocking(ours, False)
    now = time.monotonic()
    return _Running(index, task, process, ours, now, now)


def _child(pipe: int, task: Task, parent: int) -> None:
    """The whole life of a forked process; does not return."""
    try:
        _settle(task, parent)
        if task.tells:
            # An exception ends the process; nothing is read but what was told.
            task.function(partial(_write, pipe), *task.arguments)
        else:
            _write(pipe, _returned(task))
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(Exception):
                stream.flush()
        os._exit(0)
    except BaseException:
        os._exit(1)


def _returned(task: Task) -> bytes:
    """What a task returns, after a plus sign, or after a minus sign why it does not."""
    try:
        return b"+" + (task.function(*task.arguments) or b"")
    except MemoryError:
        return b"-memory"
    except Exception as error:
        place = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{os.path.basename(place.filename)}:{place.lineno}"
        return f"-{type(error).__name__}: {error} ({where})".encode(errors="replace")


def _settle(task: Task, parent: int) -> None:
    """Limits and signals of a forked process; what it prints is a message, not a result."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGALRM):
        signal.signal(number, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, 0)
    _end_with_parent(parent)
    with contextlib.suppress(ValueError, OSError):
        most = _address_space() + task.memory
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.stdout = sys.stderr
    with contextlib.suppress(OSError):
        os.dup2(2, 1)


def _address_space() -> int:
    """The bytes of address space that a forked process starts with; a task may add its own."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    except (OSError, ValueError, IndexError):
        return 0
    return pages * resource.getpagesize()


def _end_with_parent(parent: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_DEATH_SIGNAL, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def _write(pipe: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(pipe, rest) :]


def _read(item: _Running) -> bool:
    """Take what has come; False at the end."""
    try:
        part = os.read(item.pipe, 1 << 20)
    except BlockingIOError:
        return True
    item.data += part
    return bool(part)


def _finished(item: _Running) -> Answer:
    """The answer of a process that has closed its pipe."""
    seconds = time.monotonic() - item.started
    status, memory = _reap(item)
    if status == 0 and item.task.tells:
        return Answer(b"", None, seconds)
    if status == 0 and item.data[:1] == b"+":
        return Answer(bytes(item.data[1:]), None, seconds)
    if status == 0 and item.data[:1] == b"-":
        return Answer(None, item.data[1:].decode(errors="replace"), seconds)
    if status == -signal.SIGABRT and memory > item.task.memory // 2:
        # What C libraries do when there is no memory left.
        return Answer(None, "memory", seconds)
    return Answer(None, f"its process {_ending(status)} before it was done", seconds)


def _ending(status: int) -> str:
    if status >= 0:
        return f"ended with code {status}"
    try:
        return f"was ended by {signal.Signals(-status).name}"
    except ValueError:
        return f"was ended by signal {-status}"


def _reap(item: _Running) -> tuple[int, int]:
    """The exit code (minus the signal) and the memory of a process that is about to end."""
    os.close(item.pipe)
    last = time.monotonic() + GRACE
    while True:
        found, status, usage = os.wait4(item.process, os.WNOHANG)
        if found:
            return os.waitstatus_to_exitcode(status), usage.ru_maxrss * 1024
        if time.monotonic() >= last:
            os.kill(item.process, signal.SIGKILL)
            _, status, usage = os.wait4(item.process, 0)
            return os.waitstatus_to_exitcode(status), usage.ru_maxrss * 1024
        time.sleep(0.0005)


def _end(item: _Running) -> None:
    """End a process that is still at work."""
    os.close(item.pipe)
    os.kill(item.process, signal.SIGKILL)
    os.waitpid(item.process, 0)
