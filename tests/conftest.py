"""What all tests share: a cache of results of their own, never the user's."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True, scope="session")
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    before = os.environ.get("VERIFY_CACHE_DIR")
    os.environ["VERIFY_CACHE_DIR"] = str(tmp_path_factory.mktemp("cache"))
    yield
    if before is None:
        del os.environ["VERIFY_CACHE_DIR"]
    else:
        os.environ["VERIFY_CACHE_DIR"] = before
