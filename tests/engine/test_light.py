"""What evaluating at a point does without: modules that take long to load."""

from __future__ import annotations

import json
import subprocess
import sys

SCRIPT = """
import sys
from verify.cli import run
run(["at", "6.5/high-d1", "--set", "t=10**294", "d=10**6", "--json", "-"])
print([name for name in ("numpy", "scipy", "highspy", "z3", "hypothesis", "matplotlib", "rich")
       if name in sys.modules], file=sys.stderr)
"""


def test_a_probability_at_a_huge_point_loads_no_search() -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stderr.splitlines()[-1] == "[]"
    at = json.loads(done.stdout)["results"][0]["at"]
    assert at["holds"] is True
    assert at["left"].startswith("[1.0000000000000000000 +/-")
