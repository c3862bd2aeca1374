"""What a GGUF file says of itself: the header alone is read (https://github.com/ggml-org/ggml/blob/master/docs/gguf.md)."""

from __future__ import annotations

import hashlib
import mmap
import re
import struct
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from fgo.types import Json, digest

_STRING, _ARRAY = 8, 9
_NUMBERS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
_DEPTH = 4  # of arrays in arrays; real files have none
_FILE_TYPES = {
    0: "F32", 1: "F16", 2: "Q4_0", 3: "Q4_1", 7: "Q8_0", 8: "Q5_0", 9: "Q5_1", 10: "Q2_K", 11: "Q3_K_S", 12: "Q3_K_M",
    13: "Q3_K_L", 14: "Q4_K_S", 15: "Q4_K_M", 16: "Q5_K_S", 17: "Q5_K_M", 18: "Q6_K", 19: "IQ2_XXS", 20: "IQ2_XS",
    21: "Q2_K_S", 22: "IQ3_XS", 23: "IQ3_XXS", 24: "IQ1_S", 25: "IQ4_NL", 26: "IQ3_S", 27: "IQ3_M", 28: "IQ2_S",
    29: "IQ2_M", 30: "IQ4_XS", 31: "IQ1_M", 32: "BF16", 36: "TQ1_0", 37: "TQ2_0",
}  # fmt: skip


class NotGGUF(ValueError):
    """The file is no GGUF model, or a broken one."""


@dataclass(frozen=True, slots=True)
class ModelFile:
    """A model file's facts. context: tokens that the model was made for. chat_template: a digest of it, "" where it has none."""

    sha256: str
    bytes: int
    name: str
    architecture: str
    quantisation: str
    context: int
    chat_template: str

    @property
    def slug(self) -> str:
        """Name and quantisation as part of a model's name: `qwen2.5-coder-1.5b-instruct-q4_k_m`."""
        return re.sub(r"[^a-z0-9._]+", "-", f"{self.name} {self.quantisation}".lower()).strip("-")

    def to_json(self) -> dict[str, Json]:
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


def read_model_file(path: Path) -> ModelFile:
    """The facts of a model file; its contents are hashed, about a second a gigabyte, once a process.

    Raises FileNotFoundError, and NotGGUF with what is wrong.
    """
    try:
        stat = path.stat()
    except OSError as error:
        raise FileNotFoundError(f"{path}: there is no such file") from error
    return _read(path.resolve(), stat.st_size, stat.st_mtime_ns)


@lru_cache(maxsize=64)
def _read(path: Path, size: int, _changed: int) -> ModelFile:
    metadata = read_metadata(path)
    architecture = str(metadata.get("general.architecture", ""))
    kind = metadata.get("general.file_type")
    template = metadata.get("tokenizer.chat_template")
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    return ModelFile(
        sha256=sha256,
        bytes=size,
        name=str(metadata.get("general.name") or path.stem),
        architecture=architecture,
        quantisation="" if kind is None else _FILE_TYPES.get(int(kind), f"type {kind}"),
        context=int(metadata.get(f"{architecture}.context_length", 0)),
        chat_template=digest(template) if isinstance(template, str) else "",
    )


def read_metadata(path: Path) -> dict[str, Json]:
    """A file's metadata; arrays (vocabularies) are left out. Raises NotGGUF."""
    if not path.is_file():
        raise NotGGUF(f"{path}: is no file")
    with path.open("rb") as file:
        if file.read(4) != b"GGUF":
            raise NotGGUF(f"{path}: is no GGUF file (it does not begin with GGUF)")
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            reader = _Reader(data)
            try:
                return reader.metadata()
            except (struct.error, IndexError, OverflowError, UnicodeDecodeError) as error:
                raise NotGGUF(f"{path}: its header is broken near byte {reader.at} ({error})") from error
            except NotGGUF as error:
                raise NotGGUF(f"{path}: {error}") from error


class _Reader:
    def __init__(self, data: mmap.mmap) -> None:
        self._data, self.at = data, 4

    def metadata(self) -> dict[str, Json]:
        version = self._number("I")
        if version not in (2, 3):
            raise NotGGUF(f"GGUF version {version}, expected 2 or 3")
        self._number("Q")  # tensors
        found: dict[str, Json] = {}
        for _ in range(self._number("Q")):
            key = self._string()
            value = self._value(self._number("I"), 0)
            if value is not None:
                found[key] = value
        return found

    def _number(self, form: str) -> int:
        (value,) = struct.unpack_from(f"<{form}", self._data, self.at)
        self.at += struct.calcsize(f"<{form}")
        return value  # type: ignore[no-any-return]

    def _string(self) -> str:
        begin = self._skip_string()
        return self._data[begin : self.at].decode()

    def _skip_string(self) -> int:
        """Where the string that is now behind began."""
        length = self._number("Q")
        begin = self.at
        if begin + length > len(self._data):
            raise NotGGUF(f"its header is cut off at byte {begin}")
        self.at += length
        return begin

    def _value(self, kind: int, depth: int) -> Json:
        """A value; None for an array, which is skipped."""
        if kind == _STRING:
            return self._string()
        if kind != _ARRAY:
            if kind not in _NUMBERS:
                raise NotGGUF(f"its header has a value of unknown type {kind} near byte {self.at}")
            return self._number(_NUMBERS[kind])
        if depth == _DEPTH:
            raise NotGGUF(f"its header has arrays nested too deeply near byte {self.at}")
        inner, count = self._number("I"), self._number("Q")
        if inner in _NUMBERS:
            self.at += count * struct.calcsize(f"<{_NUMBERS[inner]}")
            if self.at > len(self._data):
                raise NotGGUF("its header is cut off in an array")
        else:
            for _ in range(count):
                if inner == _STRING:
                    self._skip_string()
                else:
                    self._value(inner, depth + 1)
        return None
