"""Time for a search: a deadline that strategies share."""

from __future__ import annotations

import time
from dataclasses import dataclass

LEAST = 0.012
"""The least share, as a part of the whole."""

THREADS = 64
"""More threads than a process computes with at once."""


class OutOfTime(Exception):
    """The budget of a search has run out."""


class _Work:
    """The processor time of this process, which is asked for only where it may matter: the question
    is a call of the operating system, and searches check their time often."""

    def __init__(self) -> None:
        self._seen, self._used = time.monotonic(), time.process_time()

    def reached(self, work: float, now: float) -> bool:
        """Whether so much processor time has been used, at ``now`` on the monotonic clock."""
        if self._used + THREADS * (now - self._seen) < work:
            return False
        self._seen, self._used = now, time.process_time()
        return self._used >= work


_WORK = _Work()


@dataclass(frozen=True, slots=True)
class Budget:
    """A deadline on the monotonic clock, and one in processor time of this process, in seconds.

    The shares of a search are counted in processor time, so that what it finds depends less on what
    else the machine does; the deadline of the whole holds for its shares too.
    """

    deadline: float
    work: float
    end: float = float("inf")
    """What the processor time of the whole ends at."""
    least: float = 0.0
    """The seconds that a share has at least, however deep: less is enough for nothing."""

    @classmethod
    def of(cls, seconds: float) -> Budget:
        """A budget of so many seconds from now."""
        work = time.process_time() + seconds
        return cls(time.monotonic() + seconds, work, work, LEAST * seconds)

    def left(self) -> float:
        """The seconds that remain, at least 0."""
        return max(0.0, min(self.deadline - time.monotonic(), self.work - time.process_time()))

    def share(self, part: float, most: float = float("inf")) -> Budget:
        """A part of what remains, at most so many seconds."""
        used = time.process_time()
        left = min(self.deadline - time.monotonic(), self.work - used)
        seconds = max(min(left * part, most), min(self.least, most)) if left > 0 else 0.0
        work = min(used + seconds, self.end)
        return Budget(self.deadline, work, self.end, self.least)

    def check(self) -> None:
        """Raise :class:`OutOfTime` once a deadline has passed."""
        now = time.monotonic()
        if now >= self.deadline or _WORK.reached(self.work, now):
            raise OutOfTime
