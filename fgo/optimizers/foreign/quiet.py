"""Engines print and log to the terminal, which is the harness' own: what their thread writes there is dropped."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TextIO


class _Deaf:
    """A stream that drops what one thread writes and passes everything else on."""

    def __init__(self, stream: TextIO, thread: int) -> None:
        self._stream, self._thread = stream, thread

    def write(self, text: str) -> int:
        return len(text) if threading.get_ident() == self._thread else self._stream.write(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


@contextmanager
def muted() -> Iterator[None]:
    """Nothing that the calling thread writes to stdout or stderr is seen meanwhile; other threads' words are."""
    before = {name: getattr(sys, name) for name in ("stdout", "stderr")}
    deaf = {name: _Deaf(stream, threading.get_ident()) for name, stream in before.items()}
    for name, stream in deaf.items():
        setattr(sys, name, stream)
    try:
        yield
    finally:
        for name, stream in deaf.items():
            if getattr(sys, name) is stream:
                setattr(sys, name, before[name])
