"""``verify new``: a small pack to start from, and the same as a file of claims."""

from __future__ import annotations

import re
import sys
from argparse import Namespace
from pathlib import Path

from verify.cli import OK, UsageError

_PACK = '''"""A pack: one paper's statements, declared. Replace the examples by your own."""

from sympy import Rational, Sum

from verify.language.statement import (
    Hypothesis, Paper, Param, PrintedProof, Probability, Provenance, SignSum, Statement, Step,
)
from verify.language.sympy_terms import eq, ge, gt, le, symbols

n, p, w, x = symbols("n p w x")
i = symbols("i")[0]

SIZE = Param(n, "how many", 4, integer=True, where=(ge(n, 1),))
POWER = Param(p, "a positive number", 2, where=(gt(p, 0),))
WEIGHT = Param(w, "the weight of one sign", Rational(1, 2), where=(ge(w, 0),))

STATEMENTS = (
    Statement(
        id="1.1", title="An identity", kind="fact", section="1", params=(SIZE,),
        conclusion=eq(Sum(1, (i, 1, n)), n),
        provenance=(Provenance("T", "the sum", "as printed"),),
    ),
    Statement(
        id="1.2", title="An inequality", kind="lemma", section="1", params=(SIZE, POWER),
        hypotheses=(Hypothesis(ge(p, n)),),
        conclusion=ge(p / (p + n - 1), Rational(1, 2)),
        proof=PrintedProof(
            (Step(ge(2 * p, p + n - 1), "since p >= n > n - 1"),
             Step(ge(p / (p + n - 1), Rational(1, 2)), "divide by 2 (p + n - 1)")),
        ),
        provenance=(Provenance("T", "the bound", "as printed"),),
    ),
    Statement(
        id="1.3", title="A probability bound", kind="lemma", section="1", params=(SIZE, WEIGHT),
        conclusion=Probability(SignSum(w, i, n, ">=", 0), Rational(1, 2)),
        provenance=(Provenance("T", "the bound", "as printed"),),
    ),
)

PAPER = Paper(
    name="@NAME@", title="My paper", authors="", source="", definitions=(), statements=STATEMENTS
)
'''

_TEST = '''"""Every statement of the pack is proved."""

import pytest
from __init__ import PAPER

from verify.engine.statements import check_statement


@pytest.mark.parametrize("statement", PAPER.statements, ids=lambda s: s.id)
def test_statement(statement):
    assert check_statement(PAPER, statement, 10.0, 0).claim.verdict == "proved"
'''

_CLAIMS = """# The same without Python: python -m verify claims claims.toml

[[claim]]
id = "ratio"
where = ["P >= n", "n >= 1"]
holds = "P/(P + n - 1) >= 1/2"

[[claim]]
id = "square"
where = []
holds = "x^2 + 1 >= 2*x"
"""


def new(options: Namespace) -> int:
    """Write a pack that runs and is tested as it stands.

    Raises:
        UsageError: the folder exists and is not empty, or cannot be written.
    """
    folder: Path = options.folder
    name = re.sub(r"\W", "_", folder.name) or "paper"
    try:
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise UsageError(f"{folder} exists and is not empty: choose another folder")
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "__init__.py").write_text(_PACK.replace("@NAME@", name), encoding="utf-8")
        (folder / "test_pack.py").write_text(_TEST, encoding="utf-8")
        (folder / "claims.toml").write_text(_CLAIMS, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"cannot write to {folder}: {error.strerror}") from error
    print(f"{folder}: a pack with three statements", file=sys.stderr)
    print(f"python -m verify all --pack {folder}")
    print(f"python -m verify claims {folder}/claims.toml")
    return OK
