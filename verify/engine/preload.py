"""Modules that a search needs, imported once before processes are forked, which then share them."""

from __future__ import annotations

import importlib

_NEEDED = (
    "verify.engine.statements",
    "verify.provers.search",
    "verify.provers.explain",
    "verify.probe.refute",
    "verify.probe.shrink",
    "verify.engine.values",
    "verify.engine.citations",
    "verify.kernel.hoeffding",
    "numpy.ma",
    "numpy.random",
    "highspy",
    "z3",
)


def preload() -> None:
    """Import them; a child that had to do so itself would spend its time on that."""
    for name in _NEEDED:
        importlib.import_module(name)
