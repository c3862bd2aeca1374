"""Data that travels inside a page: JSON that no text in it can break out of, and compressed blocks, opened when looked at."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Iterator
from typing import Any

import orjson

from fgo.types import Json

CHUNK = 256 * 1024  # bytes of JSON in a block, about 60 household episodes: quick to open, and compressed well
_LEVEL = 4  # half the time of 6, for a fifth more bytes


def embedded(data: Json) -> bytes:
    """Compact JSON for a <script> element: what could end the element or begin a comment in it is escaped."""
    text = orjson.dumps(data)
    return text.replace(b"&", b"\\u0026").replace(b"<", b"\\u003c").replace(b">", b"\\u003e")


def packed(data: Json) -> str:
    """JSON, compressed (zlib), as base64: letters, digits, +, / and = alone."""
    return _base64(zlib.compress(orjson.dumps(data), _LEVEL))


def unpacked(block: str) -> Json:
    """What `packed` packed."""
    return orjson.loads(zlib.decompress(base64.b64decode(block)))


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


class Packer:
    """A long list of items in blocks. Holds one block's worth of open data, however many there are.

    starts[k] is the number of the first item in block k.
    """

    def __init__(self, size: int = CHUNK) -> None:
        self.starts: list[int] = []
        self._size = size
        self._count = 0
        self._blocks: list[str] = []
        self._compressor: Any = None
        self._parts: list[bytes] = []
        self._fill = 0

    def add(self, item: Json) -> None:
        """Put one more item at the end."""
        data = orjson.dumps(item)
        if self._compressor is None:
            self._compressor = zlib.compressobj(_LEVEL)
            self.starts.append(self._count)
        self._feed((b"," if self._fill else b"[") + data)
        self._fill += len(data)
        self._count += 1
        if self._fill >= self._size:
            self._close()

    def _feed(self, data: bytes) -> None:
        self._parts.append(self._compressor.compress(data))

    def _close(self) -> None:
        self._feed(b"]")
        self._parts.append(self._compressor.flush())
        self._blocks.append(_base64(b"".join(self._parts)))
        self._compressor, self._parts, self._fill = None, [], 0

    def blocks(self) -> Iterator[str]:
        """All blocks, the last one closed."""
        if self._compressor is not None:
            self._close()
        yield from self._blocks
