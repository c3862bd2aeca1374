"""The append-only record of a run, from which everything else is read: resume, tables, figures, W&B, the page.

One JSON object a line (`journal.jsonl`). An event is on its way to the disk before `append` returns, so before anyone acts
on it: a process killed at any moment loses only what it had not yet been told. A line cut off by a kill is dropped, and
said so, when the journal is opened again; a broken line anywhere else is damage and an error.

Every event has "kind" and "at" (Unix seconds). Those that finish a piece of work also have an "id", derived from what the
work is (never from time or chance), under which a resumed run finds it again instead of doing it twice:

    run         the header, first line: "config" (resolved), "fingerprint", "point" (names of env, optimizer, model, train
                size, seed, study), "simulated" (bool), "versions", "command", "git"
    session     a process began or went on: "pid", "dropped" (bytes of a cut-off line)
    tasks       id; "use" ("train", "validation", "test"), "tasks" (their ids): so that a missing result is seen as missing
    call        id; "role", "phase", "scope", "key" (of the request), "model", "usage" (uncached), "paid" (Usage: zero on a
                cache hit), "cached" (bool), "finish", "seconds", "text", "tool_calls"
    attempt     a failed attempt of a call: "call" (its id), "role", "phase", "error" (class name), "message", "usage", "seconds"
    server      a model's server: "model", "what" ("started": "pid", "seconds", "log"; "lost": "pid", "how")
    context     id; a prompt exceeded its limit: "role", "phase", "scope", "policy", "limit", "tokens", "left_out" (labels)
    episode     id; "phase", "scope", "repeat", "trajectory" (Trajectory.to_json)
    failure     an episode ended by the machinery, to be tried again: "episode" (id), "phase", "task_id", "status", "error"
    uncritiqued id; "scope", "episode" (id), "problem": the reviewer gave no usable critique of a trajectory
    division    id; "splitter", "subsets" (lists of task ids)
    proposal    id; "scope", "parent" (digest), "modules" (Modules.to_json) or null, "problem" ("" or why there are none),
                "shown" (label -> episode id), "evidence" (rule -> labels)
    validation  id; "scope", "modules" (digest), "scores" (task id -> success), "mean"
    decision    id; "scope", "candidate", "incumbent" (digests), "candidate_mean", "incumbent_mean", "accepted", "why"
    merge       id; "scope" (level, group), "parents" (digests), "modules" (digest or null), "accepted", "kept" (digest)
    modules     id; the optimizer's result: "modules" (Modules.to_json)
    finished    the point is complete: "metrics"
    stopped     the session ended early: "why"
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import orjson

from fgo.types import Json

_INDEXED = frozenset({"call", "episode"})  # found by offset, since there are many and they are large


class DamagedJournal(Exception):
    """A line other than the last can't be read: the file was changed by something else than this program."""


def read_events(path: Path) -> Iterator[dict[str, Any]]:
    """The events of a journal, oldest first; a last line cut off by a kill is left out.

    Raises DamagedJournal, with the line's number, where any other line is broken.
    """
    for _, event in _scan(path):
        if event is not None:
            yield event


def _scan(path: Path) -> Iterator[tuple[int, dict[str, Any] | None]]:
    """(offset, event) for each line; (offset, None) for a cut-off last one."""
    offset = 0
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            if not line.endswith(b"\n"):
                yield offset, None
                return
            try:
                yield offset, orjson.loads(line)
            except orjson.JSONDecodeError as error:
                raise DamagedJournal(
                    f"{path}, line {number}: not JSON ({error}). Journals are written by the harness alone; "
                    "restore the file from a copy, or move its folder away to start the run anew."
                ) from error
            offset += len(line)


class Journal:
    """A run's journal, open for appending by one process. Use as a context manager."""

    def __init__(self, path: Path) -> None:
        """Open or create; earlier events are indexed by id and a cut-off last line is removed."""
        self.path = path
        self._offsets: dict[tuple[str, str], int] = {}
        self._small: dict[tuple[str, str], dict[str, Any]] = {}
        self.header: dict[str, Any] | None = None
        self.dropped = 0
        self._end = 0
        self._observers: list[Callable[[Mapping[str, Json]], None]] = []
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists():
            self._index()
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)

    def _index(self) -> None:
        size = self.path.stat().st_size
        for offset, event in _scan(self.path):
            if event is None:
                self.dropped = size - offset
                os.truncate(self.path, offset)
                self._end = offset
                return
            if self.header is None and event["kind"] == "run":
                self.header = event
            self._remember(event, offset)
        self._end = size

    def _remember(self, event: Mapping[str, Json], offset: int) -> None:
        id = event.get("id")
        if id is None:
            return
        key = (event["kind"], id)
        if event["kind"] in _INDEXED:
            self._offsets[key] = offset
        else:
            self._small[key] = dict(event)

    def append(self, kind: str, /, **fields: Json) -> None:
        """Write one event. On return it is with the operating system: a killed process can't lose it any more."""
        event = {"kind": kind, "at": round(time.time(), 3), **fields}
        line = orjson.dumps(event, option=orjson.OPT_APPEND_NEWLINE)
        if self._file < 0:
            raise ValueError(f"{self.path} is closed: {kind} came too late")
        view = memoryview(line)
        try:
            while view:  # a short write goes on
                view = view[os.write(self._file, view) :]
        except OSError:  # a full disk: half a line must not stand before a whole one
            os.ftruncate(self._file, self._end)
            raise
        self._remember(event, self._end)
        self._end += len(line)
        if kind == "run":
            self.header = event
        for observer in self._observers:
            observer(event)

    def observe(self, observer: Callable[[Mapping[str, Json]], None]) -> None:
        """Call `observer` with each event from now on, after it is written. For those who watch, never for those who act."""
        self._observers.append(observer)

    def append_once(self, kind: str, id: str, /, **fields: Json) -> None:
        """Write an event unless it is there already: a resumed run passes the same places again."""
        if (kind, id) not in self._small and (kind, id) not in self._offsets:
            self.append(kind, id=id, **fields)

    def find(self, kind: str, id: str) -> dict[str, Any] | None:
        """The event that finished this piece of work, in this session or an earlier one."""
        small = self._small.get((kind, id))
        if small is not None:
            return small
        offset = self._offsets.get((kind, id))
        if offset is None:
            return None
        event: dict[str, Any] = orjson.loads(self._line_at(offset))
        return event

    def _line_at(self, offset: int) -> bytes:
        parts: list[bytes] = []
        while True:
            part = os.pread(self._file, 1 << 16, offset)
            cut = part.find(b"\n")
            if cut >= 0:
                return b"".join((*parts, part[:cut]))
            parts.append(part)
            offset += len(part)

    def events(self) -> Iterator[dict[str, Any]]:
        return read_events(self.path)

    def close(self) -> None:
        """Safe to call twice."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def __enter__(self) -> Journal:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
