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


def once(context: Context, goal: Hashable, proof: object, check: Callable[[], _T]) -> _T:
    """What ``check`` returns for a proof, unless it was accepted before."""
    key = _key(context, goal, proof)
    if key is not None and key in _PROVED:
        found: _T = _PROVED[key][1]
        return found
    found = check()
    if key is not None:
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
