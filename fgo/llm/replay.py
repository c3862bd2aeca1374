"""Answers from a recording alone: byte for byte what was recorded, with no network and no model."""

from __future__ import annotations

import difflib
from collections import Counter
from pathlib import Path
from typing import Any

import orjson

from fgo.llm.identity import request_json, request_key
from fgo.llm.provider import AttemptFailed, Completion, completion_from_json
from fgo.llm.recording import RecordingFile, message_digest
from fgo.llm.types import ContextOverflow, ReplayMiss, Request
from fgo.types import Json

_LINES = 20  # of a difference
_WIDTH = 160  # characters of each


class ReplayProvider:
    """A provider that knows only what a recording holds. An unknown request raises ReplayMiss."""

    def __init__(self, path: Path) -> None:
        self._recorded = RecordingFile(path)

    async def complete(self, request: Request, timeout_seconds: float) -> Completion:
        line = self._recorded.call(request_key(request))
        if line is None:
            raise ReplayMiss(self._explain(request))
        if "refusal" in line:
            raise AttemptFailed(**line["refusal"], retry=False, final=ContextOverflow)
        return completion_from_json(line["completion"])

    async def close(self) -> None:
        self._recorded.close()

    def _explain(self, request: Request) -> str:
        """What differs from the recorded request that is most alike."""
        where = f"{self._recorded.path} holds no such request"
        asked = {**request_json(request), "messages": [message_digest(message) for message in request.messages]}
        nearest = max((line["request"] for line in self._recorded.all_calls()), key=_likeness(asked), default=None)
        if nearest is None:
            return f"{where}: it is empty."
        differences = [
            f"{field}: recorded {_text(nearest[field])}, asked {_text(asked[field])}"
            for field in asked
            if field != "messages" and asked[field] != nearest[field]
        ]
        differences += self._message_difference(request, asked["messages"], nearest["messages"])
        lines = "\n  ".join(differences)
        return (
            f"{where}. It differs from the nearest one ({len(self._recorded.calls)} recorded) in:\n  {lines}\n"
            "Replay with the configuration, data and code of the recording, or record anew."
        )

    def _message_difference(self, request: Request, asked: list[str], recorded: list[str]) -> list[str]:
        for index, (mine, theirs) in enumerate(zip(asked, recorded, strict=False)):
            if mine != theirs:
                before = _text(self._recorded.message(theirs)).splitlines()
                after = _text(dict(request.messages[index])).splitlines()
                diff = list(difflib.unified_diff(before, after, "recorded", "asked", lineterm="", n=1))
                shown = [line[:_WIDTH] for line in diff[:_LINES]]
                more = [f"... {len(diff) - _LINES} more lines"] if len(diff) > _LINES else []
                return [f"message {index + 1} of {len(asked)}:", *shown, *more]
        if len(asked) != len(recorded):
            equal = min(len(asked), len(recorded))
            return [f"messages: recorded {len(recorded)}, asked {len(asked)}; the first {equal} are equal"]
        return []


def _likeness(asked: dict[str, Any]) -> Any:
    """Orders recorded requests: same model, then shared messages, then equal fields, then similar length."""
    mine = Counter(asked["messages"])

    def score(recorded: dict[str, Any]) -> tuple[bool, int, int, int]:
        shared = (mine & Counter(recorded["messages"])).total()
        equal = sum(asked[field] == recorded[field] for field in asked)
        distance = abs(len(recorded["messages"]) - len(asked["messages"]))
        return recorded["model"] == asked["model"], shared, equal, -distance

    return score


def _text(value: Json) -> str:
    """A message as `role: content` where it is that simple, else a value as JSON."""
    if isinstance(value, dict) and set(value) == {"role", "content"} and isinstance(value["content"], str):
        return f"{value['role']}: {value['content']}"
    return orjson.dumps(value).decode()
