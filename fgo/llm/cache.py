"""The cache of replies that runs share: one sqlite file, safe for several processes at once.

The journal is the truth of a run and the cache only saves money, so replies are gathered and written together: what a
kill loses here is found again in the journal.
"""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path
from typing import Any

import orjson

_GATHER = 64  # replies
_AGE = 0.5  # seconds: what other processes wait at most for a reply while this one is busy
_LOCK_SECONDS = 60.0


class Cache:
    """Replies by request key. Use as a context manager, or close it."""

    def __init__(self, path: Path) -> None:
        """Open or create. Raises ValueError, saying what to do, where the file is no cache."""
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        self._waiting: dict[str, bytes] = {}
        self._written = time.monotonic()
        self._db = sqlite3.connect(path, timeout=_LOCK_SECONDS, isolation_level=None, check_same_thread=False)
        try:
            self._set_up()
        except sqlite3.DatabaseError as error:
            self._db.close()
            raise ValueError(f"{path}: not usable as a cache ({error}). Move it away to have a new one made") from error

    def _set_up(self) -> None:
        deadline = time.monotonic() + _LOCK_SECONDS
        while True:
            try:
                self._db.execute("PRAGMA journal_mode=WAL")
                break
            except sqlite3.OperationalError as error:  # sqlite waits for no lock here
                if "locked" not in str(error) or time.monotonic() > deadline:
                    raise
                time.sleep(0.01)
        self._db.execute("PRAGMA synchronous=NORMAL")
        self._db.execute("CREATE TABLE IF NOT EXISTS replies (key TEXT PRIMARY KEY, reply BLOB NOT NULL)")

    def get(self, key: str) -> dict[str, Any] | None:
        """The reply stored under a key, or None."""
        data = self._waiting.get(key)
        if data is None:
            row = self._db.execute("SELECT reply FROM replies WHERE key = ?", (key,)).fetchone()
            if row is None:
                return None
            data = row[0]
        return orjson.loads(data)  # type: ignore[no-any-return]

    def put(self, key: str, reply: dict[str, Any]) -> None:
        """Store a reply. The first one stored under a key stays."""
        self._waiting.setdefault(key, orjson.dumps(reply))
        if len(self._waiting) >= _GATHER or time.monotonic() - self._written > _AGE:
            self.flush()

    def flush(self) -> None:
        """Write what has been gathered."""
        if self._waiting:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                self._db.executemany("INSERT OR IGNORE INTO replies VALUES (?, ?)", self._waiting.items())
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")
            self._waiting.clear()
        self._written = time.monotonic()

    def close(self) -> None:
        """Flush and close. Safe to call twice."""
        try:
            self.flush()
        except sqlite3.ProgrammingError:  # closed before, with nothing waiting
            if self._waiting:
                raise
        self._db.close()

    def __enter__(self) -> Cache:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
