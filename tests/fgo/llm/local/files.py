"""GGUF files as small as they get: a header and no tensors."""

from __future__ import annotations

import struct
from pathlib import Path


def _string(text: str) -> bytes:
    return struct.pack("<Q", len(text.encode())) + text.encode()


def _value(value: object) -> bytes:
    match value:
        case bool():
            return struct.pack("<I?", 7, value)
        case str():
            return struct.pack("<I", 8) + _string(value)
        case int():
            return struct.pack("<II", 4, value)
        case float():
            return struct.pack("<If", 6, value)
        case [str(), *_] as texts:
            return struct.pack("<IIQ", 9, 8, len(texts)) + b"".join(map(_string, texts))
        case list() as numbers:
            return struct.pack("<IIQ", 9, 4, len(numbers)) + struct.pack(f"<{len(numbers)}I", *numbers)
    raise TypeError(value)


def gguf(**metadata: object) -> bytes:
    """A file with this metadata, `__` in names standing for a dot."""
    pairs = (_string(name.replace("__", ".")) + _value(value) for name, value in metadata.items())
    return b"GGUF" + struct.pack("<IQQ", 3, 0, len(metadata)) + b"".join(pairs)


def write_gguf(path: Path, name: str = "Tiny Model") -> Path:
    path.write_bytes(
        gguf(
            general__architecture="tiny",
            general__name=name,
            general__file_type=15,
            tokenizer__ggml__tokens=["a", "b", "ü"],
            tokenizer__ggml__types=[1, 1, 1],
            tiny__context_length=4096,
            tokenizer__chat_template="{{ messages }}",
        )
    )
    return path
