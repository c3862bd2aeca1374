"""Recordings: every distinct request of a run with its completion in one JSONL file, each distinct message stored once.

Two kinds of lines: {"message": DIGEST, "value": {...}} and, after the messages it names, {"call": KEY, "request": {...,
"messages": [DIGEST, ...]}, "completion": {...}}. Requests hold no keys, so recordings hold none. A prompt that the provider found
longer than the model's window has {"refusal": {"name", "message"}} in place of a completion: the run went another way for it.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from hashlib import blake2b
from pathlib import Path
from typing import Any

import orjson

from fgo.llm.identity import request_json
from fgo.llm.types import Message, Request
from fgo.types import Json

PACKED = ".zst"
"""Ends the names of packed recordings, which are for replaying alone."""


class DamagedRecording(Exception):
    """A line other than the last can't be read."""


def message_digest(message: Message) -> str:
    return blake2b(orjson.dumps(dict(message), option=orjson.OPT_SORT_KEYS), digest_size=12).hexdigest()


def packed(paths: Sequence[Path], target: Path) -> int:
    """Write recordings as a single packed one, without cut-off last lines; its size. The same recordings make the same bytes.

    Raises FileNotFoundError, DamagedRecording, and ValueError where the target is not named as a packed one, or where two
    recordings hold different answers to a request. Who paid for an answer may differ: of two runs that share a cache the second
    pays nothing; what the first file says stands.
    """
    if target.suffix != PACKED:
        raise ValueError(f"{target}: name the packed recording with {PACKED} at its end")
    written: dict[str, Json] = {}  # digests of messages; keys of calls, with their completions
    lines: list[bytes] = []
    for path in paths:
        recorded = RecordingFile(path)
        try:
            for entry in recorded.lines():
                key = entry.get("call") or entry["message"]
                if key not in written:
                    written[key] = _answer(entry)
                    lines.append(orjson.dumps(entry, option=orjson.OPT_APPEND_NEWLINE))
                elif written[key] != _answer(entry):
                    raise ValueError(f"{path}: holds another answer than the recordings before it to the request {key}")
        finally:
            recorded.close()
    target.write_bytes(_zstandard().ZstdCompressor(level=19, write_checksum=True).compress(b"".join(lines)))
    return target.stat().st_size


def _answer(entry: Mapping[str, Json]) -> Json:
    """A call's completion but for who paid for it, or its refusal; None for a message."""
    answer = entry.get("completion", entry.get("refusal"))
    return answer and {key: value for key, value in answer.items() if key != "payer"}


def _unpacked(path: Path) -> int:
    """A descriptor of the unpacked contents, in a file without a name."""
    zstandard = _zstandard()
    with path.open("rb") as source, tempfile.TemporaryFile() as whole:
        try:
            zstandard.ZstdDecompressor().copy_stream(source, whole)
        except zstandard.ZstdError as error:
            raise DamagedRecording(f"{path}: can't be unpacked ({error}); restore it from a copy") from error
        whole.flush()
        whole.seek(0)
        return os.dup(whole.fileno())


def _zstandard() -> Any:
    try:
        import zstandard  # for packed recordings alone
    except ImportError as error:
        raise ValueError("packed recordings need the package zstandard: pip install 'fgo-harness[local]'") from error
    return zstandard


class RecordingFile:
    """The lines of a recording, found by digest and key; replies stay on disk until they are asked for."""

    def __init__(self, path: Path) -> None:
        """A packed file (.zst) is unpacked into one without a name, which goes when this is closed.

        Raises FileNotFoundError, and DamagedRecording with the line's number. A cut-off last line is ignored.
        """
        self.path = path
        self.calls: dict[str, int] = {}
        self.messages: dict[str, int] = {}
        self.end = 0
        self._file = _unpacked(path) if path.suffix == PACKED else os.open(path, os.O_RDONLY)
        with os.fdopen(os.dup(self._file), "rb") as file:
            for number, line in enumerate(file, start=1):
                if not line.endswith(b"\n"):
                    break
                self._index(line, number)

    def _index(self, line: bytes, number: int) -> None:
        try:
            entry = orjson.loads(line)
            kind = "call" if "call" in entry else "message"
            (self.calls if kind == "call" else self.messages)[entry[kind]] = self.end
        except (orjson.JSONDecodeError, KeyError, TypeError) as error:
            raise DamagedRecording(f"{self.path}, line {number}: not a line of a recording ({error})") from error
        self.end += len(line)

    def call(self, key: str) -> dict[str, Any] | None:
        """The line of a call: its request (messages by digest) and its completion or refusal."""
        offset = self.calls.get(key)
        return None if offset is None else self._line_at(offset)

    def message(self, digest: str) -> dict[str, Json]:
        return self._line_at(self.messages[digest])["value"]  # type: ignore[no-any-return]

    def all_calls(self) -> Iterator[dict[str, Any]]:
        return (self._line_at(offset) for offset in self.calls.values())

    def lines(self) -> Iterator[dict[str, Any]]:
        """All lines, in their order."""
        return (self._line_at(offset) for offset in sorted([*self.calls.values(), *self.messages.values()]))

    def _line_at(self, offset: int) -> dict[str, Any]:
        parts = []
        while True:
            part = os.pread(self._file, 1 << 14, offset)
            cut = part.find(b"\n")
            if cut >= 0 or not part:
                parts.append(part[:cut] if cut >= 0 else part)
                return orjson.loads(b"".join(parts))  # type: ignore[no-any-return]
            parts.append(part)
            offset += len(part)

    def close(self) -> None:
        """Safe to call twice."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1


class Recording:
    """A recording that is being made; opened again, it goes on. The first completion recorded for a request stays."""

    def __init__(self, path: Path) -> None:
        """Raises ValueError for a packed recording, which can't be added to."""
        if path.suffix == PACKED:
            raise ValueError(
                f"record={path}: a recording is packed when it is finished: record={path.with_suffix('')}, then "
                f"python -m experiments.pack_recording {path.with_suffix('')} {path}"
            )
        path.parent.mkdir(parents=True, exist_ok=True)
        self._out = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        self._lines = RecordingFile(path)
        os.ftruncate(self._out, self._lines.end)  # a line that a kill cut off

    def find(self, key: str) -> dict[str, Any] | None:
        """The completion recorded for a request, so that equal requests have equal replies in a recorded run."""
        line = self._lines.call(key)
        return None if line is None else line.get("completion")

    def add(self, key: str, request: Request, completion: dict[str, Json]) -> None:
        """Record a call, unless its request is recorded already."""
        self._add(key, request, {"completion": completion})

    def refuse(self, key: str, request: Request, name: str, message: str) -> None:
        """Record that the provider found a prompt longer than the model's window. name: of its error."""
        self._add(key, request, {"refusal": {"name": name, "message": message}})

    def _add(self, key: str, request: Request, answer: dict[str, Json]) -> None:
        if key in self._lines.calls:
            return
        digests = []
        for message in request.messages:
            digest = message_digest(message)
            digests.append(digest)
            if digest not in self._lines.messages:
                self._lines.messages[digest] = self._write({"message": digest, "value": dict(message)})
        fields = {**request_json(request), "messages": digests}
        self._lines.calls[key] = self._write({"call": key, "request": fields, **answer})

    def _write(self, entry: dict[str, Json]) -> int:
        """Append a line; its offset."""
        offset = self._lines.end
        line = orjson.dumps(entry, option=orjson.OPT_APPEND_NEWLINE)
        view = memoryview(line)
        while view:
            view = view[os.write(self._out, view) :]
        self._lines.end += len(line)
        return offset

    def close(self) -> None:
        """Safe to call twice."""
        if self._out >= 0:
            os.close(self._out)
            self._out = -1
        self._lines.close()
