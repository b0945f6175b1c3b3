"""What all tests share: a cache of results of their own, never the user's.

A statement that is asked for by its number, as in ``-k 6_14``, runs even where it is slow.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

import pytest

USUAL = "not slow and not pack"


def pytest_configure(config: pytest.Config) -> None:
    chosen = config.option
    if chosen.markexpr == USUAL and re.search(r"[1-9]_[0-9]", chosen.keyword):
        chosen.markexpr = ""


@pytest.fixture(autouse=True, scope="session")
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    before = os.environ.get("VERIFY_CACHE_DIR")
    os.environ["VERIFY_CACHE_DIR"] = str(tmp_path_factory.mktemp("cache"))
    yield
    if before is None:
        del os.environ["VERIFY_CACHE_DIR"]
    else:
        os.environ["VERIFY_CACHE_DIR"] = before
