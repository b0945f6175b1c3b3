"""The names that a pack may use: all there, typed, documented, and free until used."""

from __future__ import annotations

import inspect
import subprocess
import sys

import pytest

import verify


@pytest.mark.parametrize("name", verify.__all__)
def test_every_name_is_there_and_says_what_it_is(name: str) -> None:
    value = getattr(verify, name)
    assert value is getattr(verify, name)
    assert inspect.getdoc(value)
    if name != "Expression":
        assert value.__module__.startswith("verify.language.")


def test_the_names_are_sorted_and_listed() -> None:
    assert verify.__all__ == sorted(verify.__all__, key=lambda name: (name.islower(), name))
    assert set(verify.__all__) <= set(dir(verify))


def test_a_name_that_is_not_there() -> None:
    with pytest.raises(AttributeError, match="module 'verify' has no attribute 'Papper'"):
        _ = verify.Papper  # type: ignore[attr-defined]


def loaded(program: str) -> set[str]:
    """The modules that a program leaves loaded."""
    shown = subprocess.run(
        [sys.executable, "-c", f"{program}\nimport sys\nprint(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )
    return set(shown.stdout.split())


def test_importing_costs_nothing() -> None:
    assert not {"sympy", "verify.language", "importlib.metadata"} & loaded("import verify")
    names = loaded("from verify import Paper, Statement")
    assert "verify.language.statement" in names
    assert "sympy" not in names


def test_a_point_is_evaluated_without_numpy() -> None:
    assert not {"numpy", "hypothesis", "verify.provers.search"} & loaded("import verify.engine.at")
