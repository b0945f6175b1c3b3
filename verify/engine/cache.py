"""Results kept between runs in one SQLite file, by a key that hashes everything they depend on.

Any number of processes may use the file at once, and a process may end at any moment: SQLite's
write-ahead log keeps what was committed. A file that is damaged, or is not ours, is renamed and
never read. The cache is a convenience: where it cannot be used, the work is done again.

What a value says is not believed either: see :mod:`verify.engine.recall`.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FILE = "results.sqlite"
APPLICATION = 0x76726679
LAYOUT = 1
MAX_ENTRIES = 20_000
"""More than a few dozen papers; the oldest go first."""

_WAIT = 10.0
"""Seconds to wait for another process that is writing."""

_TABLE = """
CREATE TABLE IF NOT EXISTS entry (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    key TEXT NOT NULL UNIQUE,
    settled INTEGER NOT NULL,
    value BLOB NOT NULL,
    digest BLOB NOT NULL
)
"""


class _Foreign(Exception):
    """The file is a database, but not one of this toolkit."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A stored value; ``settled`` says that more time would not have changed it."""

    value: bytes
    settled: bool


@dataclass(frozen=True, slots=True)
class Info:
    """Where the cache is, and how much it holds."""

    path: Path
    entries: int
    bytes: int


def folder() -> Path:
    """``VERIFY_CACHE_DIR``, or ``verify`` in the user's cache folder (``XDG_CACHE_HOME``)."""
    own = os.environ.get("VERIFY_CACHE_DIR")
    if own:
        return Path(own)
    users = os.environ.get("XDG_CACHE_HOME")
    # The base directory specification: a path that is not absolute is ignored.
    if users and os.path.isabs(users):
        return Path(users) / "verify"
    return Path.home() / ".cache" / "verify"


class Cache:
    """The cache in a folder; every method does nothing once the file cannot be used.

    ``problem`` then says why.
    """

    def __init__(self, place: Path) -> None:
        self.path = place / FILE
        self.problem: str | None = None
        self._connection: sqlite3.Connection | None = None

    def get(self, key: str) -> Entry | None:
        """The value that was stored under a key, if it is whole."""
        rows = self._run("SELECT settled, value, digest FROM entry WHERE key = ?", (key,))
        if not rows:
            return None
        settled, value, digest = rows[0]
        if not isinstance(value, bytes) or _digest(key, settled, value) != digest:
            self.drop(key)
            return None
        return Entry(value, bool(settled))

    def put(self, key: str, value: bytes, settled: bool) -> None:
        """Store a value under a key, in place of the one that is there."""
        number = int(settled)
        self._run(
            "INSERT OR REPLACE INTO entry (key, settled, value, digest) VALUES (?, ?, ?, ?)",
            (key, number, value, _digest(key, number, value)),
        )

    def drop(self, key: str) -> None:
        """Forget what is stored under a key."""
        self._run("DELETE FROM entry WHERE key = ?", (key,))

    def info(self) -> Info:
        """How much there is."""
        rows = self._run("SELECT count(*) FROM entry") if self.path.exists() else []
        size = sum(path.stat().st_size for path in self._files() if path.exists())
        return Info(self.path, rows[0][0] if rows else 0, size)

    def clear(self) -> int:
        """Forget everything, and files that were set aside; returns how many values there were."""
        entries = self.info().entries
        if self.path.exists():
            self._run("DELETE FROM entry")
            self._run("VACUUM")
        for path in self.path.parent.glob(f"{FILE}*.corrupt-*"):
            with contextlib.suppress(OSError):
                path.unlink()
        return entries

    def close(self) -> None:
        """Close the file."""
        if self._connection is not None:
            with contextlib.suppress(sqlite3.Error):
                self._connection.close()
            self._connection = None

    def _run(self, statement: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        for attempt in (1, 2):
            if self.problem is not None:
                return []
            try:
                return self._opened().execute(statement, values).fetchall()
            except (sqlite3.DatabaseError, _Foreign, OSError) as error:
                self.close()
                if attempt == 2 or not _damaged(error):
                    self.problem = f"the cache {self.path} is not used: {error}"
                    return []
                self._set_aside()
        return []

    def _opened(self) -> sqlite3.Connection:
        if self._connection is None:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            # One at a time: making a new file takes several steps.
            with _locked(self.path.with_name(".lock")):
                self._connection = _connect(self.path)
        return self._connection

    def _files(self) -> list[Path]:
        return [self.path.with_name(FILE + end) for end in ("", "-wal", "-shm")]

    def _set_aside(self) -> None:
        """Rename a file that cannot be read, unless another process has done so meanwhile."""
        with _locked(self.path.with_name(".lock")):
            try:
                _connect(self.path).close()
            except (sqlite3.DatabaseError, _Foreign) as error:
                if not _damaged(error):
                    return
            number = 1
            while self.path.with_name(f"{FILE}.corrupt-{number}").exists():
                number += 1
            for path in self._files():
                with contextlib.suppress(FileNotFoundError):
                    path.rename(path.with_name(f"{path.name}.corrupt-{number}"))


def _connect(path: Path) -> sqlite3.Connection:
    """Open the file, made where there is none.

    Raises:
        _Foreign: it is a database of something else.
        sqlite3.DatabaseError: it is no database, or cannot be used.
    """
    connection = sqlite3.connect(path, timeout=_WAIT, isolation_level=None)
    try:
        owner = connection.execute("PRAGMA application_id").fetchone()[0]
        layout = connection.execute("PRAGMA user_version").fetchone()[0]
        if (owner, layout) != (APPLICATION, LAYOUT):
            if owner or layout or connection.execute("SELECT * FROM sqlite_master").fetchone():
                raise _Foreign("it is a database of something else")
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("BEGIN IMMEDIATE")
            connection.execute(_TABLE)
            connection.execute(f"PRAGMA application_id = {APPLICATION}")
            connection.execute(f"PRAGMA user_version = {LAYOUT}")
            connection.execute("COMMIT")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute(
            "DELETE FROM entry WHERE number <= (SELECT max(number) FROM entry) - ?", (MAX_ENTRIES,)
        )
    except BaseException:
        connection.close()
        raise
    return connection


def _damaged(error: Exception) -> bool:
    """Whether the file itself is at fault, not the disk, its rights, or another process."""
    if isinstance(error, sqlite3.OperationalError):
        return str(error).startswith("no such")
    return isinstance(error, sqlite3.DatabaseError | _Foreign)


def _digest(key: str, settled: int, value: bytes) -> bytes:
    return hashlib.blake2b(f"{key}:{settled}:".encode() + value, digest_size=16).digest()


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
