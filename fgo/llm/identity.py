"""What makes two requests the same request, and two calls the same call."""

from __future__ import annotations

from hashlib import blake2b
from typing import Any

import orjson

from fgo.llm.types import Caller, Request
from fgo.types import Json, digest

_VERSION = b"1"  # raise it when the meaning of a key changes: old caches then simply miss


def request_json(request: Request) -> dict[str, Json]:
    """Every field of a request as plain JSON; equal requests give equal JSON."""
    return {
        "model": request.model,
        "messages": [dict(message) for message in request.messages],
        "temperature": None if request.temperature is None else float(request.temperature),
        "top_p": None if request.top_p is None else float(request.top_p),
        "max_tokens": request.max_tokens,
        "stop": list(request.stop),
        "seed": request.seed,
        "sample": request.sample,
        "tools": list(request.tools),
        "response_format": request.response_format,
        "extra": dict(request.extra),
    }


def request_key(request: Request) -> str:
    """The request's fingerprint (32 hex digits) over every field. Raises TypeError where one is no JSON."""
    return key_of(request_json(request))


def key_of(fields: dict[str, Any]) -> str:
    """The fingerprint of a request given as `request_json`."""
    return blake2b(orjson.dumps(fields, option=orjson.OPT_SORT_KEYS), digest_size=16, person=_VERSION).hexdigest()


def call_id(key: str, caller: Caller) -> str:
    """The name of a call in the journal: the same caller asking the same request is the same call."""
    scope = orjson.dumps(dict(caller.scope), option=orjson.OPT_SORT_KEYS).decode()
    return digest(key, caller.role, caller.phase, scope)
