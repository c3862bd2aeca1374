"""Frames on a pipe: eight bytes of length, then the body. A body from code that is not trusted is a list of byte strings."""

from __future__ import annotations

import os


class BadFrame(Exception):
    """These bytes are no frame: somebody else wrote into the channel."""


def framed(body: bytes) -> bytes:
    return len(body).to_bytes(8, "big") + body


def pack(parts: list[bytes]) -> bytes:
    return b"".join(framed(part) for part in parts)


def unpack(body: bytes) -> list[bytes]:
    """The parts of a body. Raises BadFrame where lengths do not add up."""
    parts: list[bytes] = []
    at = 0
    while at < len(body):
        end = at + 8 + int.from_bytes(body[at : at + 8], "big")
        if end > len(body):
            raise BadFrame("a part is longer than its frame")
        parts.append(body[at + 8 : end])
        at = end
    return parts


def read_exactly(fd: int, size: int) -> bytes | None:
    """`size` bytes of a blocking pipe; None where it ends before."""
    data = bytearray()
    while len(data) < size:
        part = os.read(fd, min(size - len(data), 1 << 20))
        if not part:
            return None
        data += part
    return bytes(data)


def read_frame(fd: int) -> bytes | None:
    """The next body from a trusted sender; None at the end."""
    length = read_exactly(fd, 8)
    return None if length is None else read_exactly(fd, int.from_bytes(length, "big"))


def write_all(fd: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view) :]
