"""Keeps the beginning and the end of an endless stream in bounded memory."""

from __future__ import annotations


class Capture:
    """The first and the last `keep` bytes of what is added. `total` counts all."""

    def __init__(self, keep: int) -> None:
        self.keep = keep
        self.total = 0
        self._head = bytearray()
        self._tail = bytearray()

    def add(self, data: bytes) -> None:
        self.total += len(data)
        room = self.keep - len(self._head)
        if room > 0:
            self._head += data[:room]
            data = data[room:]
        self._tail += data
        if len(self._tail) > 2 * self.keep:  # not at each addition: shifting costs
            del self._tail[: -self.keep]

    @property
    def head(self) -> bytes:
        return bytes(self._head)

    @property
    def tail(self) -> bytes:
        return bytes(self._tail[-self.keep :])

    @property
    def dropped(self) -> int:
        return self.total - len(self._head) - len(self.tail)
