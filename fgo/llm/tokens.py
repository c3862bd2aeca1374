"""Token counts without a network: tiktoken with the encodings that litellm bundles.

OpenAI's older chat models use cl100k_base. Everything else is counted with o200k_base: exact for OpenAI's newer models,
an approximation for all others. The usage that a provider reports is the truth.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence
from functools import cache, lru_cache
from hashlib import blake2b, sha1
from typing import TYPE_CHECKING

import orjson

from fgo.llm.catalogue import litellm_folder
from fgo.llm.types import Message
from fgo.types import Json

if TYPE_CHECKING:
    from tiktoken import Encoding

PER_MESSAGE = 4
"""Tokens that the chat format adds to a message: its start, role and end."""

PER_REPLY = 3
"""Tokens that open the reply."""

IMAGE = 1445
"""What OpenAI counts at most for one image at high detail (85 + 170 x 8 tiles)."""

_CL100K = re.compile(r"(^|/)(gpt-4(-|$)|gpt-3\.5|gpt-35)")
_OPENAI = re.compile(r"(^|/)(gpt-[345]|gpt-35|chatgpt-|o[134](-|$))")
_LONG = 2048  # characters; texts over it are remembered by digest, so that the cache stays small


def encoding_name(model: str) -> str:
    """The encoding that counts for a model: exact for OpenAI's, an approximation for others."""
    return "cl100k_base" if _CL100K.search(model) else "o200k_base"


def counts_exactly(model: str) -> bool:
    """Whether the encoding is the model's own."""
    return _OPENAI.search(model) is not None


@cache
def _encoding(name: str) -> Encoding:
    import tiktoken  # 50 ms, needed only where tokens are counted

    folder = litellm_folder() / "litellm_core_utils" / "tokenizers"
    file = folder / sha1(f"https://openaipublic.blob.core.windows.net/encodings/{name}.tiktoken".encode()).hexdigest()
    if not file.is_file():  # tiktoken would download it
        raise FileNotFoundError(f"{file}: this litellm bundles no {name}; install the version in requirements.lock")
    before = os.environ.get("TIKTOKEN_CACHE_DIR")
    os.environ["TIKTOKEN_CACHE_DIR"] = str(folder)
    try:
        return tiktoken.get_encoding(name)
    finally:
        if before is None:
            del os.environ["TIKTOKEN_CACHE_DIR"]
        else:
            os.environ["TIKTOKEN_CACHE_DIR"] = before


def _encoded_length(text: str, encoding: str) -> int:
    encode = _encoding(encoding).encode_ordinary
    text = text.encode("utf-8", "replace").decode() if not text.isascii() else text
    return len(encode(text))


def tokens_of(text: str, model: str = "") -> list[int]:
    """A text's tokens by the model's encoding (or the approximation of it)."""
    return _encoding(encoding_name(model)).encode_ordinary(text.encode("utf-8", "replace").decode())


@lru_cache(maxsize=8192)
def _short(text: str, encoding: str) -> int:
    return _encoded_length(text, encoding)


class _ByDigest:
    """Counts of long texts, by digest; emptied when full."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._counts: dict[bytes, int] = {}

    def count(self, text: str, encoding: str) -> int:
        key = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=12, person=encoding.encode()).digest()
        found = self._counts.get(key)
        if found is None:
            if len(self._counts) >= self._size:
                self._counts.clear()
            found = self._counts[key] = _encoded_length(text, encoding)
        return found


_long = _ByDigest(65536)


def count_text(text: str, model: str = "") -> int:
    """Tokens of a text by the model's encoding (or the approximation of it). Remembered for texts seen before."""
    encoding = encoding_name(model)
    return _short(text, encoding) if len(text) <= _LONG else _long.count(text, encoding)


def count_messages(messages: Sequence[Message], model: str = "", tools: Sequence[Json] = ()) -> int:
    """Prompt tokens of a chat: each message's texts and what the chat format adds. O(1) for each message seen before."""
    encoding = encoding_name(model)

    def count(text: str) -> int:
        return _short(text, encoding) if len(text) <= _LONG else _long.count(text, encoding)

    return _total(messages, tools, count)


def bound_messages(messages: Sequence[Message], tools: Sequence[Json] = ()) -> int:
    """A cheap upper bound of `count_messages`: no token of these encodings is shorter than a byte."""
    return _total(messages, tools, _bytes)


def _total(messages: Sequence[Message], tools: Sequence[Json], count: Callable[[str], int]) -> int:
    """A chat's size, where `count` measures a text."""
    total = PER_REPLY
    for message in messages:
        total += PER_MESSAGE
        for key, value in message.items():
            if key == "role":
                continue
            if type(value) is str:
                total += count(value)
            elif value is not None:
                total += _structured(value, count)
    for tool in tools:
        total += count(orjson.dumps(tool).decode())
    return total


def _bytes(text: str) -> int:
    return len(text) if text.isascii() else 4 * len(text)


def _structured(value: Json, count: Callable[[str], int]) -> int:
    """Tokens of content parts (text, images) or of tool calls."""
    if isinstance(value, list | tuple):
        return sum(_structured(part, count) for part in value)
    if isinstance(value, str):
        return count(value)
    if isinstance(value, dict) and value.get("type") in ("image_url", "input_image", "image"):
        return IMAGE
    if isinstance(value, dict) and value.get("type") == "text":
        return count(str(value.get("text", "")))
    return count(orjson.dumps(value).decode())
