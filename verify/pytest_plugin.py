"""The pytest plugin: packs and claims files as tests, one test per part.

Installed with the toolkit, and off until it is asked for: by ``--verify-pack NAME`` (an installed
pack, or a path) and ``--verify-claims FILE``, as often as wanted, or in the configuration file:

.. code-block:: toml

    [tool.pytest.ini_options]
    verify_packs = ["."]
    verify_claims = ["claims.toml"]

Paths on the command line start at the working directory, those of the configuration file at its
folder. What the configuration file names is left out when pytest is pointed at something smaller
than that folder, such as one test file.

A test has the markers ``verify``, ``verify_pack(name)``, ``verify_section(number)`` and
``verify_kind(name)``, and answers ``-k`` by the id of its part, as ``6.6/3a`` and as ``6_6_3a``.

Nothing of the toolkit is imported before something is to be collected.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

_MARKERS = (
    "verify: a part of a pack or a claim, checked by verify",
    "verify_pack(name): the pack or claims file that a part belongs to",
    "verify_section(number): the section of the paper, as in -m \"verify_section(number='6.4')\"",
    "verify_kind(name): lemma, theorem, fact, .., as in -m \"verify_kind(name='lemma')\"",
)
_SECONDS = 10.0


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options, and their counterparts in the configuration file."""
    group = parser.getgroup("verify", "the lemmas of papers as tests")
    group.addoption(
        "--verify-pack",
        action="append",
        default=[],
        metavar="NAME",
        help="collect the parts of a pack: an installed one, or a folder or file",
    )
    group.addoption(
        "--verify-claims",
        action="append",
        default=[],
        metavar="FILE",
        help="collect the claims of a TOML or JSON lines file",
    )
    group.addoption(
        "--verify-seconds",
        type=float,
        default=None,
        metavar="S",
        help=f"search time for each obligation (default {_SECONDS:g}, or verify_seconds)",
    )
    group.addoption(
        "--verify-seed", type=int, default=0, metavar="N", help="seed of the search (default 0)"
    )
    group.addoption(
        "--verify-strict",
        action="store_true",
        help="only proved is good enough; ignore what packs expect",
    )
    parser.addini("verify_packs", "packs to collect: names or paths", type="linelist", default=[])
    parser.addini("verify_claims", "claims files to collect", type="linelist", default=[])
    parser.addini("verify_seconds", "search time for each obligation", default="")


def pytest_configure(config: pytest.Config) -> None:
    """Register the markers, and settle what to collect.

    Raises:
        pytest.UsageError: the search time is not a positive number.
    """
    for marker in _MARKERS:
        config.addinivalue_line("markers", marker)
    option = config.option
    if hasattr(config, "workerinput"):
        vars(option).update(config.workerinput["verify"])
        return
    here = config.invocation_params.dir
    packs = [_pack(name, here) for name in option.verify_pack]
    claims = [str(here / name) for name in option.verify_claims]
    if config.inipath is not None and _covers(config, config.inipath.parent):
        home = config.inipath.parent
        packs += [_pack(name, home) for name in config.getini("verify_packs")]
        claims += [str(home / name) for name in config.getini("verify_claims")]
    option.verify_pack = list(dict.fromkeys(packs))
    option.verify_claims = list(dict.fromkeys(claims))
    option.verify_seconds = _seconds(option.verify_seconds, config.getini("verify_seconds"))


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a worker of pytest-xdist, which cannot see how pytest was called, what is settled."""
    settled = vars(node.config.option)
    node.workerinput["verify"] = {
        name: value for name, value in settled.items() if name.startswith("verify_")
    }


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(
    session: pytest.Session, config: pytest.Config, items: list[pytest.Item]
) -> None:
    """Add the parts before ``-k`` and ``-m`` choose among all tests."""
    if not config.option.verify_pack and not config.option.verify_claims:
        return
    from verify.pytest_items import collectors  # noqa: PLC0415

    for collector in collectors(session):
        items.extend(session.genitems(collector))


def _pack(name: str, folder: Path) -> str:
    """A path as an absolute one; anything else is a name."""
    path = folder / name
    return str(path.resolve()) if path.exists() else name


def _covers(config: pytest.Config, folder: Path) -> bool:
    """Whether pytest was asked for the whole of a folder."""
    if config.args_source is not pytest.Config.ArgsSource.ARGS:
        return True
    return any(_within(folder, path) for path in _paths(config))


def _paths(config: pytest.Config) -> Iterable[Path]:
    for argument in config.args:
        yield (config.invocation_params.dir / argument.split("::")[0]).resolve()


def _within(folder: Path, path: Path) -> bool:
    return path == folder.resolve() or path in folder.resolve().parents


def _seconds(given: float | None, configured: str) -> float:
    if given is None and not configured:
        return _SECONDS
    try:
        value = float(configured) if given is None else given
    except ValueError:
        value = 0.0
    if not 0 < value < 1e7:
        shown = configured if given is None else f"{given:g}"
        raise pytest.UsageError(f"the search time {shown} is not a positive number of seconds")
    return value
