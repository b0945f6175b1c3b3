"""Standard output belongs to results: the library for linear programs must not write there."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import numpy as np
from verify.provers.budget import Budget
from verify.provers.lp import minimise
found = minimise(np.ones(1), np.array([0, 1], np.int32), np.array([0], np.int32),
                 np.ones(1), np.ones(1), np.array([False]), Budget.of(5.0))
assert found is not None
"""


def test_a_linear_program_writes_nothing() -> None:
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True
    )
    assert (run.stdout, run.stderr) == ("", "")
