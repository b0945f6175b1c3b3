"""What a search may spend: shares counted in work, and a deadline that all of them keep."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass

from verify.language.work import UNITS, WORK

LEAST = 0.012
"""The least share, as a part of the whole."""

QUESTION = 30
"""The work between two questions whether the budget has run out, beside what is counted there."""

SCARCE = 0.5
"""With less of the time left than this part of the work that is left, shares are shares of time."""

PATIENCE = 6.0
"""How many times as long as its work would usually take a search inside of a run may last."""


OVERRUN = 1.5
"""The least number of times as long as its share that something may last of which not all is
counted."""


class OutOfTime(Exception):
    """The budget of a search has run out."""


@dataclass(frozen=True, slots=True)
class Budget:
    """So much work, and a deadline on the monotonic clock.

    The same search with the same budget does the same, however fast the machine is and whatever
    else it does, as long as there is time enough: a deadline that comes near makes shares smaller.
    """

    deadline: float
    """In seconds of the monotonic clock; it holds for all shares."""
    work: float
    """The count of :data:`~verify.language.work.WORK` at which this share ends."""
    end: float = math.inf
    """The count at which the whole ends."""
    least: float = 0.0
    """The units that a share has at least, however deep: less is enough for nothing."""
    overrun: float = OVERRUN
    """How many times as long as usual a share's work may last."""

    @classmethod
    def of(cls, seconds: float, within: float = 0.0) -> Budget:
        """The work of so many seconds from now on, to be done in as many, or in ``within``."""
        units = seconds * UNITS
        work = WORK.done + units
        overrun = max(OVERRUN, within / seconds) if seconds else OVERRUN
        deadline = time.monotonic() + max(seconds, within)
        return cls(deadline, work, work, LEAST * units, overrun)

    @classmethod
    def counted(cls, seconds: float) -> Budget:
        """The work of so many seconds, for which there is time enough almost always: what a run
        finds with it does not depend on the clock."""
        return cls.of(seconds, PATIENCE * seconds)

    def left(self) -> float:
        """The seconds that remain, at least 0."""
        return max(0.0, self._left() / UNITS)

    def _left(self) -> float:
        work = self.work - WORK.done
        clock = (self.deadline - time.monotonic()) * UNITS
        return work if clock >= SCARCE * work else clock

    def clock(self) -> float:
        """The seconds to the deadline, at least 0: for what cannot be counted while it runs."""
        return max(0.0, self.deadline - time.monotonic())

    def patience(self) -> float:
        """The seconds after which something is stopped that does not count all of its work."""
        return min(self.clock(), self.overrun * self.left())

    def share(self, part: float, most: float = math.inf) -> Budget:
        """A part of what remains, at most the work of so many seconds."""
        WORK.done += QUESTION
        left, most = self._left(), most * UNITS
        units = max(min(left * part, most), min(self.least, most)) if left > 0 else 0.0
        work = min(WORK.done + units, self.end)
        return Budget(self.deadline, work, self.end, self.least, self.overrun)

    def spend(self, units: float) -> None:
        """Count work that is done elsewhere, such as in a library."""
        WORK.done += int(units)

    def check(self) -> None:
        """Raise :class:`OutOfTime` once the work is done, or the deadline has passed."""
        WORK.done += QUESTION
        if WORK.done >= self.work or time.monotonic() >= self.deadline:
            raise OutOfTime
