"""Checks the lemmas of theory papers: proofs with certificates, exact counterexamples, reports.

A pack, the declaration of one paper, needs the names below and SymPy, nothing else:

.. code-block:: python

    from sympy import Rational
    from verify import Hypothesis, Paper, Param, Statement, ge, symbols

These names are the stable interface for packs: later versions may add to them, and take none away.
Each is imported when it is first used, so that ``import verify`` by itself costs nothing.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from verify.language.picture import Boundary, Curve, Line, Plot
    from verify.language.statement import (
        Array,
        Asymptotic,
        Citation,
        Definition,
        Expression,
        FiniteSpace,
        ForAll,
        Growth,
        Hypothesis,
        Index,
        Output,
        Paper,
        Param,
        PrintedProof,
        Probability,
        Provenance,
        Reading,
        Regime,
        SignSum,
        Stacked,
        Statement,
        Step,
        TailBound,
        Threshold,
    )
    from verify.language.sympy_terms import LanguageError, eq, ge, gt, le, lt, ne, symbols

    __version__: str

__all__ = [
    "Array",
    "Asymptotic",
    "Boundary",
    "Citation",
    "Curve",
    "Definition",
    "Expression",
    "FiniteSpace",
    "ForAll",
    "Growth",
    "Hypothesis",
    "Index",
    "LanguageError",
    "Line",
    "Output",
    "Paper",
    "Param",
    "Plot",
    "PrintedProof",
    "Probability",
    "Provenance",
    "Reading",
    "Regime",
    "SignSum",
    "Stacked",
    "Statement",
    "Step",
    "TailBound",
    "Threshold",
    "eq",
    "ge",
    "gt",
    "le",
    "lt",
    "ne",
    "symbols",
]

_PICTURES = frozenset(("Boundary", "Curve", "Line", "Plot"))
_TERMS = frozenset(("LanguageError", "eq", "ge", "gt", "le", "lt", "ne", "symbols"))
"""What needs SymPy; everything else is in the module of statements."""

if not TYPE_CHECKING:
    # Hidden from type checkers, for which it would turn every misspelt name into one that exists.

    def __getattr__(name: str) -> object:
        if name == "__version__":
            globals()[name] = _version()
            return globals()[name]
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib import import_module  # noqa: PLC0415

        home = "sympy_terms" if name in _TERMS else "statement"
        home = "picture" if name in _PICTURES else home
        value = getattr(import_module(f"verify.language.{home}"), name)
        globals()[name] = value
        return value


def _version() -> str:
    from importlib import metadata  # noqa: PLC0415

    try:
        return metadata.version("verify-lemmas")
    except metadata.PackageNotFoundError:
        return "0.0.0"


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
