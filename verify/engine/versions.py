"""What computes: one hash of the toolkit's sources and of the versions of what it runs on."""

from __future__ import annotations

import functools
import hashlib
import json
from pathlib import Path

from verify.engine.results import this_tool


@functools.cache
def fingerprint() -> str:
    """Differs wherever the same question might get another answer."""
    root = Path(__file__).parents[1]
    sources = [
        [path.relative_to(root).as_posix(), hashlib.blake2b(path.read_bytes()).hexdigest()]
        for path in sorted(root.rglob("*.py"))
    ]
    tool = this_tool()
    return digest([sources, tool.version, tool.python, tool.platform, tool.libraries])


def digest(content: object) -> str:
    """A hash of plain data."""
    data = json.dumps(content, sort_keys=True, separators=(",", ":")).encode()
    return hashlib.blake2b(data, digest_size=24).hexdigest()
