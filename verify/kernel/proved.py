"""What was proved in this process, so that the same proof is not gone through twice.

Whether a proof is accepted depends on the context, the goal and the proof, and on nothing else:
where all of these are the same again, so is the answer. Refusals are not kept.
"""

from __future__ import annotations

import hashlib
import marshal
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

from verify.kernel.context import Context
from verify.kernel.sums import Theory

MOST = 4_000
"""How many proofs are remembered; the oldest go first."""

_T = TypeVar("_T")

_PROVED: dict[tuple[Hashable, ...], tuple[Theory, Any]] = {}
"""What each proof has shown. The definitions are kept as well, since they are told apart by their
identity, which would otherwise be free for others."""


DEPTH = 8
"""How deep proofs are looked up that are parts of others: what is deep inside would be read again
for each of those around it."""

_OPEN: list[Context] = []
"""The contexts of the proofs that are being gone through."""


def once(context: Context, goal: Hashable, proof: object, check: Callable[[], _T]) -> _T:
    """What ``check`` returns for a proof, unless it was accepted before."""
    key = _key(context, goal, proof) if len(_OPEN) < DEPTH else None
    if key is None:
        return check()
    if key in _PROVED:
        found: _T = _PROVED[key][1]
        return found
    _OPEN.append(context)
    try:
        found = check()
    finally:
        _OPEN.pop()
    while len(_PROVED) >= MOST:
        _PROVED.pop(next(iter(_PROVED)), None)
    _PROVED[key] = context.theory, found
    return found


def _key(context: Context, goal: Hashable, proof: Any) -> tuple[Hashable, ...] | None:
    """Everything that the answer depends on, or None for what is no plain data."""
    try:
        # Different data have different texts in this version, which refers to no part by identity.
        written = marshal.dumps(proof, 2)
    except ValueError:
        return None
    said = hashlib.blake2b(written, digest_size=32).digest()
    return context.facts, context.choices, context.integers, id(context.theory), goal, said
