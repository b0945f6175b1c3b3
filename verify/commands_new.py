"""``verify new``: a small pack to start from, and the same as a file of claims."""

from __future__ import annotations

import keyword
import re
import shlex
import sys
from argparse import Namespace
from collections.abc import Mapping
from importlib import resources
from pathlib import Path

from verify.cli import OK, UsageError

_FILES = {
    "pack.py.txt": "@NAME@.py",
    "claims.toml": "claims.toml",
    "definitions.toml": "definitions.toml",
    "pyproject.toml.txt": "pyproject.toml",
    "README.md.txt": "README.md",
}
"""Templates, and the files that they become."""

_TAKEN = frozenset(("verify", "lemmas", "sympy", "pytest", "flint", "mpmath", "numpy"))


def new(options: Namespace) -> int:
    """Write a pack that runs and is tested as it stands.

    Raises:
        UsageError: the folder exists and is not empty, or cannot be written.
    """
    folder: Path = options.folder
    name = _module_name(folder.resolve().name)
    try:
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise UsageError(f"{folder} exists and is not empty: choose another folder")
        folder.mkdir(parents=True, exist_ok=True)
        for file, text in _written(name).items():
            (folder / file).write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(
            f"cannot write to {folder}: {error.strerror}; choose another folder"
        ) from error
    print(f"{folder}: a pack with five statements, in {name}.py; try", file=sys.stderr)
    shown = shlex.quote(str(folder))
    print(f"python -m verify all --pack {shown} --out {shlex.quote(str(folder / 'report'))}")
    print(f"python -m verify claims {shlex.quote(str(folder / 'claims.toml'))}")
    print(f"python -m pytest {shown}")
    return OK


def _module_name(folder: str) -> str:
    """A name for the module that nothing else has."""
    name = re.sub(r"\W+", "_", folder, flags=re.ASCII).strip("_").lower() or "paper"
    if name[0].isdigit() or keyword.iskeyword(name):
        name = f"paper_{name}"
    return f"{name}_paper" if name in _TAKEN | sys.stdlib_module_names else name


def _written(name: str) -> Mapping[str, str]:
    """The files of a new pack."""
    templates = resources.files("verify") / "new"

    def filled(text: str) -> str:
        return text.replace("@NAME@", name).replace("@DISTRIBUTION@", name.replace("_", "-"))

    return {
        filled(file): filled((templates / template).read_text(encoding="utf-8"))
        for template, file in _FILES.items()
    }
