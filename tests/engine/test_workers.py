"""Limits that hold from outside: time, memory, crashes, half answers, orphans."""

from __future__ import annotations

import ctypes
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from verify.engine import workers
from verify.engine.workers import Answer, Task, run_all


def _only(task: Task) -> Answer:
    [(index, answer)] = run_all([task], 1)
    assert index == 0
    return answer


def _double(text: str) -> bytes:
    return text.encode() * 2


def test_answers_carry_their_numbers_and_all_come() -> None:
    tasks = [Task(_double, (str(number),), 5.0) for number in range(20)]
    found = dict(run_all(tasks, 3))
    assert {index: answer.value for index, answer in found.items()} == {
        number: str(number).encode() * 2 for number in range(20)
    }


def test_something_is_done_meanwhile(tmp_path: Path) -> None:
    done: list[str] = []

    def waits_for(name: str) -> bytes:
        while not (tmp_path / "meanwhile").exists():
            time.sleep(0.001)
        return name.encode()

    def meanwhile() -> None:
        done.append("meanwhile")
        (tmp_path / "meanwhile").touch()

    tasks = [Task(waits_for, (name,), 5.0) for name in "abc"]
    for _, answer in run_all(tasks, 2, meanwhile):
        done.append(str(answer.failure))
    assert done == ["meanwhile", "None", "None", "None"]
    assert list(run_all([], 2, meanwhile)) == []
    assert len(done) == 4


def test_a_large_answer_arrives_whole() -> None:
    assert _only(Task(_double, ("x" * 3_000_000,), 5.0)).value == b"x" * 6_000_000


def _loop_in_c() -> bytes:
    # One call into C that never looks at Python's signals.
    ctypes.CDLL(None).sleep(60)
    return b""


def test_time_holds_inside_a_c_library() -> None:
    started = time.monotonic()
    assert _only(Task(_loop_in_c, (), 0.1)).failure == "time"
    assert time.monotonic() - started < 0.1 + workers.GRACE + 2


def _write_half_and_hang(seconds: float) -> bytes:
    pipe = max(int(name) for name in os.listdir("/proc/self/fd") if _is_pipe(int(name)))
    os.write(pipe, b"+half")
    time.sleep(seconds)
    return b""


def _is_pipe(number: int) -> bool:
    try:
        return os.readlink(f"/proc/self/fd/{number}").startswith("pipe:")
    except OSError:
        return False


def test_half_an_answer_and_then_silence_does_not_block_the_reader() -> None:
    assert _only(Task(_write_half_and_hang, (60.0,), 0.1)).failure == "time"


def _write_half_and_die() -> bytes:
    pipe = max(int(name) for name in os.listdir("/proc/self/fd") if _is_pipe(int(name)))
    os.write(pipe, b"+half")
    os.kill(os.getpid(), signal.SIGKILL)
    return b""


def test_half_an_answer_of_a_killed_process_is_not_an_answer() -> None:
    answer = _only(Task(_write_half_and_die, (), 5.0))
    assert answer.value is None
    assert answer.failure == "its process was ended by SIGKILL before it was done"


def _much_memory() -> bytes:
    return bytes(1 << 33)


def test_memory_in_python() -> None:
    assert _only(Task(_much_memory, (), 5.0)).failure == "memory"


def _much_memory_in_c() -> bytes:
    from flint import fmpz  # noqa: PLC0415

    kept = []
    while True:
        kept.append(fmpz(1) << 80_000_000)


def test_memory_in_a_c_library() -> None:
    limited = Task(_much_memory_in_c, (), 30.0, memory=700 << 20)
    assert _only(limited).failure == "memory"


def _raise() -> bytes:
    raise LookupError("no such thing")


def _exit() -> bytes:
    sys.exit(3)


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (_raise, r"LookupError: no such thing \(test_workers\.py:\d+\)"),
        (_exit, "its process ended with code 1 before it was done"),
    ],
)
def test_failures_say_what_happened(function: object, message: str) -> None:
    answers = dict(run_all([Task(function, (), 5.0), Task(_double, ("a",), 5.0)], 1))  # type: ignore[arg-type]
    import re  # noqa: PLC0415

    assert re.fullmatch(message, answers[0].failure or "")
    assert answers[1].value == b"aa"


def test_what_a_task_prints_is_not_a_result(capfd: pytest.CaptureFixture[str]) -> None:
    assert _only(Task(_print, (), 5.0)).value == b"quiet"
    out, err = capfd.readouterr()
    assert out == ""
    assert "noise" in err


def _print() -> bytes:
    print("noise")
    return b"quiet"


def _changes_state() -> bytes:
    import mpmath  # noqa: PLC0415

    random.seed(1)
    mpmath.mp.dps = 3
    return b""


def test_what_a_task_changes_stays_in_it() -> None:
    import mpmath  # noqa: PLC0415

    random.seed(7)
    expected = random.random()
    random.seed(7)
    _only(Task(_changes_state, (), 5.0))
    assert random.random() == expected
    assert mpmath.mp.dps == 15


def test_stopping_to_listen_ends_the_rest() -> None:
    tasks = [Task(_double, ("a",), 5.0), Task(_sleep_and_tell, (), 60.0)]
    answers = run_all(tasks, 2)
    next(answers)
    answers.close()  # type: ignore[attr-defined]
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


def _sleep_and_tell() -> bytes:
    time.sleep(60)
    return b""


def test_the_clock_on_the_wall_does_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    times = iter(range(10**6, -(10**9), -(10**4)))
    monkeypatch.setattr(time, "time", lambda: float(next(times)))
    assert _only(Task(_double, ("a",), 1.0)).value == b"aa"


ORPHAN = """
import os, sys, time
from verify.engine.workers import Task, run_all
def task():
    open(sys.argv[1], "w").write(str(os.getpid()))
    time.sleep(60)
    return b""
list(run_all([Task(task, (), 60.0)], 1))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the death signal is Linux's")
def test_a_child_ends_with_its_parent(tmp_path: Path) -> None:
    place = tmp_path / "pid"
    parent = subprocess.Popen([sys.executable, "-c", ORPHAN, str(place)])
    child = _eventually(lambda: int(place.read_text() or 0) if place.exists() else 0)
    parent.kill()
    parent.wait()
    _eventually(lambda: not _alive(child))


def _alive(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return False
    return state != "Z"


def _eventually(probe):  # type: ignore[no-untyped-def]
    last = time.monotonic() + 10
    while time.monotonic() < last:
        found = probe()
        if found:
            return found
        time.sleep(0.01)
    raise AssertionError("it did not happen within 10 seconds")


def _tell_and_sleep(tell: Callable[[bytes], None], *seconds: float) -> None:
    for part in seconds:
        time.sleep(part)
        tell(b"x")


def test_what_is_told_comes_at_once_and_begins_the_time_anew() -> None:
    task = Task(_tell_and_sleep, (0.6, 0.6, 0.6), 0.5, tells=True)
    *parts, last = (answer for _, answer in run_all([task], 1))
    assert b"".join(part.value or b"" for part in parts) == b"xxx"
    assert all(part.part for part in parts)
    assert (last.part, last.failure) == (False, None)
    assert parts[0].seconds < last.seconds


def _tell_and(tell: Callable[[bytes], None], end: str) -> None:
    tell(b"x")
    if end == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    if end == "raise":
        raise ValueError(end)
    time.sleep(60)


@pytest.mark.parametrize(
    ("end", "why"), [("die", "SIGKILL"), ("raise", "ended with code 1"), ("sleep", "time")]
)
def test_what_was_told_stays_said_whatever_becomes_of_the_task(end: str, why: str) -> None:
    task = Task(_tell_and, (end,), 0.3, tells=True)
    (_, told), (_, last) = run_all([task], 1)
    assert (told.value, told.part) == (b"x", True)
    assert (last.value, last.part) == (None, False)
    assert why in (last.failure or "")
