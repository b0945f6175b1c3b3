"""Whether a pack has slips, remembered for packs that have none.

A pack is declared once and checked often, and looking for slips takes longer than most commands.
Nothing that is proved rests on this: a slip is a statement that says something else than its author
means, and what it says is what the kernel is asked about.
"""

from __future__ import annotations

from collections.abc import Sequence

from verify.engine.cache import Cache
from verify.engine.keys import Keys
from verify.engine.recall import NoKey, paper_content
from verify.language.statement import Paper, Statement

NONE = b"none"
"""All that is ever kept; any other value counts for nothing."""


def slips(paper: Paper, statements: Sequence[Statement], cache: Cache | None) -> list[str]:
    """What :func:`verify.engine.authors.problems` finds, without looking again at a pack without
    slips that has not changed since."""
    key = None if cache is None else _key(paper, statements)
    if cache is not None and key is not None:
        entry = cache.get(key)
        if entry is not None and entry.value == NONE:
            return []
    # Imported here: it takes a while, which a pack that is known does not need.
    from verify.engine.authors import problems  # noqa: PLC0415

    found = problems(paper, statements)
    if cache is not None and key is not None and not found:
        cache.put(key, NONE, settled=True)
    return found


def _key(paper: Paper, statements: Sequence[Statement]) -> str | None:
    try:
        asked = [statement.id for statement in statements]
        return Keys(0.0, 0).of("slips", [asked, paper_content(paper)])
    except NoKey:
        return None
