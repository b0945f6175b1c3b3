"""Loading a pack that may print, change global state, or never come to an end."""

from __future__ import annotations

import contextlib
import decimal
import locale
import random
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

SECONDS = 120.0
"""The time a pack may take to load."""


class TooSlow(Exception):
    """A pack did not come to an end."""


@contextlib.contextmanager
def guarded(seconds: float | None = None) -> Iterator[None]:
    """While foreign Python runs: what it prints is a message, and what it changes is undone.

    Without ``seconds`` it may take :data:`SECONDS`.

    Raises:
        TooSlow: it ran for longer than so many seconds, in Python code.
    """
    restore = _state()
    try:
        limit = SECONDS if seconds is None else seconds
        with contextlib.redirect_stdout(sys.stderr), _limited(limit):
            yield
    finally:
        for undo in restore:
            undo()


def _state() -> list[Callable[[], Any]]:
    """How to undo changes to what numbers, random numbers and text depend on."""
    generator, context = random.getstate(), decimal.getcontext().copy()
    recursion = sys.getrecursionlimit()
    numbers = locale.setlocale(locale.LC_NUMERIC)
    undo: list[Callable[[], Any]] = [
        lambda: random.setstate(generator),
        lambda: decimal.setcontext(context),
        lambda: sys.setrecursionlimit(recursion),
        lambda: locale.setlocale(locale.LC_NUMERIC, numbers),
        _reset_libraries,
    ]
    return undo


def _reset_libraries() -> None:
    """The precision of the libraries that a pack may have imported, as they begin with."""
    flint, mpmath = sys.modules.get("flint"), sys.modules.get("mpmath")
    if flint is not None:
        flint.ctx.prec = 53
        flint.ctx.unicode = False
    if mpmath is not None:
        mpmath.mp.dps = 15
        mpmath.mp.trap_complex = False


@contextlib.contextmanager
def _limited(seconds: float) -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(*_: object) -> None:
        raise TooSlow(f"it was stopped after {seconds:g} seconds")

    before = signal.signal(signal.SIGALRM, stop)
    # Again every second, for code that catches exceptions and goes on.
    signal.setitimer(signal.ITIMER_REAL, seconds, 1.0)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
