"""The cache of results on the command line, and how the other commands open it."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager

from verify.cli import OK, UsageError
from verify.engine.cache import Cache, folder


def cache(options: Namespace) -> int:
    """``verify cache info|clear``.

    Raises:
        UsageError: the file cannot be used.
    """
    kept = Cache(folder())
    try:
        if options.action == "clear":
            print(f"{kept.clear()} results forgotten")
        else:
            info = kept.info()
            print(f"{info.path}: {info.entries} results, {info.bytes / 1e6:.1f} MB")
            aside = sorted(path.name for path in kept.path.parent.glob("*.corrupt-*"))
            if aside:
                print("set aside, never read: " + ", ".join(aside))
    finally:
        kept.close()
    if kept.problem is not None:
        raise UsageError(f"{kept.problem}; choose another place with VERIFY_CACHE_DIR")
    return OK


@contextmanager
def opened(options: Namespace) -> Iterator[Cache | None]:
    """The cache, unless ``--no-cache`` was given; says afterwards if it could not be used.

    Raises:
        UsageError: ``--resume`` was given as well, which is about the cache.
    """
    if options.no_cache:
        if getattr(options, "resume", False):
            raise UsageError("--resume takes results from the cache: leave out --no-cache")
        yield None
        return
    kept = Cache(folder())
    try:
        yield kept
    finally:
        kept.close()
        if kept.problem is not None:
            print(f"verify: {kept.problem}", file=sys.stderr)
