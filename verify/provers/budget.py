"""Time for a search: a deadline that strategies share."""

from __future__ import annotations

import time
from dataclasses import dataclass


class OutOfTime(Exception):
    """The budget of a search has run out."""


@dataclass(frozen=True, slots=True)
class Budget:
    """A deadline on the monotonic clock, in seconds."""

    deadline: float

    @classmethod
    def of(cls, seconds: float) -> Budget:
        """A budget of so many seconds from now."""
        return cls(time.monotonic() + seconds)

    def left(self) -> float:
        """The seconds that remain, at least 0."""
        return max(0.0, self.deadline - time.monotonic())

    def share(self, part: float, most: float = float("inf")) -> Budget:
        """A part of what remains, at most so many seconds."""
        return Budget.of(min(self.left() * part, most))

    def check(self) -> None:
        """Raise :class:`OutOfTime` once the deadline has passed."""
        if time.monotonic() >= self.deadline:
            raise OutOfTime
