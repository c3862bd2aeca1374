"""Replies of agents as JSON objects that a schema prescribes, for providers that can be held to one; and the two lines
`Thought: ...`, `Action: ...` that such an object stands for.

Where actions are free text an object is {"thought": ..., "action": ...}; where they are calls of tools it is {"thought": ...,
"call": {"tool": NAME, "arguments": {...}}}, the arguments by that tool's own schema.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from fgo.types import Json, Tool

_NAME = "agent_reply"
_THOUGHT_CHARS = 400  # a small model may never come to an end
_LINES = re.compile(r"\s*(?:Thought:(?P<thought>.*?))?\n?Action:(?P<action>.*)", re.DOTALL)
_CALL = re.compile(r"\s*(\w+)\s*(\{.*\})\s*", re.DOTALL)


def reply_format(tools: Sequence[Tool], actions: Sequence[str] = ()) -> Json:
    """The `response_format` of a request; tools: those whose calls are the actions, () where these are text; actions: the texts
    that are allowed, () for any."""
    action: dict[str, Json] = {"action": {"type": "string", **({"enum": list(actions)} if actions else {})}}
    if tools:
        calls = [
            _object(tool={"type": "string", "const": tool.name}, arguments=dict(tool.parameters)) for tool in tools
        ]
        action = {"call": {"anyOf": calls}}
    return schema_format(_NAME, thought={"type": "string", "maxLength": _THOUGHT_CHARS}, **action)


def schema_format(name: str, **properties: Json) -> Json:
    """The `response_format` of a request whose reply must be an object with these properties, all of them and no other."""
    return {"type": "json_schema", "json_schema": {"name": name, "schema": _object(**properties)}}


def read_object(text: str) -> dict[str, Json] | None:
    """A reply that is a JSON object; None where it is none."""
    try:
        value = json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def on_one_line(text: Json) -> str:
    """Without line breaks and the blanks around them."""
    return " ".join(str(text).split())


def is_reply_format(value: Json) -> bool:
    """Whether a request's `response_format` is this one."""
    return isinstance(value, dict) and (value.get("json_schema") or {}).get("name") == _NAME


def in_lines(text: str) -> str | None:
    """The lines that a reply in JSON stands for; None where it is no such object."""
    value = read_object(text)
    if value is None:
        return None
    call, action = value.get("call"), value.get("action")
    if isinstance(call, dict) and isinstance(call.get("tool"), str):
        action = f"{call['tool']} {json.dumps(call.get('arguments', {}), ensure_ascii=False)}"
    elif isinstance(action, str):
        action = on_one_line(action)
    else:
        return None
    return f"Thought: {on_one_line(value.get('thought', ''))}\nAction: {action}"


def as_object(lines: str) -> str | None:
    """The same the other way: the object for a reply in lines. None where they hold no action."""
    found = _LINES.fullmatch(lines)
    if found is None:
        return None
    action = found["action"].strip()
    call = _CALL.fullmatch(action)
    try:
        arguments = json.loads(call[2]) if call else None
    except ValueError:
        call = None
    said = {"call": {"tool": call[1], "arguments": arguments}} if call else {"action": action}
    return json.dumps({"thought": (found["thought"] or "").strip(), **said}, ensure_ascii=False)


def _object(**properties: Json) -> dict[str, Json]:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}
