"""Floats of exact numbers, for hints: none of them decides anything."""

from __future__ import annotations

import math
import warnings
from fractions import Fraction

# A hint that overflows says nothing, to the user either.
warnings.filterwarnings("ignore", category=RuntimeWarning, module=r"verify\.(probe|provers)")


def to_float(value: Fraction) -> float:
    """The nearest float; infinite where there is none."""
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf
