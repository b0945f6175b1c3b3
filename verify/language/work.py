"""How much this process has computed, counted where the time goes, in units of about a microsecond.

A clock says other things about the same search on another machine, or while something else is
running. What a search may spend is therefore counted in what it does: terms made, polynomials
added and multiplied, balls evaluated, programs solved. The weights were fitted to processor time.
"""

from __future__ import annotations

UNITS = 750_000
"""Units of work in what is called a second of it, as measured over whole searches."""


class Work:
    """A count that only grows."""

    __slots__ = ("done",)

    def __init__(self) -> None:
        self.done = 0


WORK = Work()
"""The work of this process."""
