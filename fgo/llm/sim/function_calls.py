"""Function calling as the simulated model speaks it: conversations with calls to plain text, and an action to a call.

So a benchmark's player knows one form, `Thought: ...` and `Action: NAME {arguments}`, whichever way the agent asks.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from fgo.constrained import in_lines
from fgo.llm.sim.prompt_parts import content
from fgo.types import Json, digest

_ACTION = re.compile(r"^Action: (\w+) (\{.*\})\s*$", re.MULTILINE | re.DOTALL)


def in_plain_text(messages: Sequence[Mapping[str, Json]]) -> list[Mapping[str, Json]]:
    """The conversation as an agent over text actions would have had it."""
    plain: list[Mapping[str, Json]] = []
    for message in messages:
        if message["role"] == "tool":
            plain.append({"role": "user", "content": f"Observation: {content(message)}"})
        elif message.get("tool_calls"):
            thought = content(message).strip()
            for call in message["tool_calls"]:
                function = call["function"]
                action = f"Action: {function['name']} {function['arguments']}"
                plain.append({"role": "assistant", "content": f"Thought: {thought}\n{action}" if thought else action})
        else:
            plain.append(message)
    return plain


def objects_in_lines(messages: Sequence[Mapping[str, Json]]) -> list[Mapping[str, Json]]:
    """The conversation with the agent's replies, JSON objects, as the lines that they stand for."""
    return [
        {**message, "content": in_lines(content(message)) or content(message)}
        if message["role"] == "assistant"
        else message
        for message in messages
    ]


def descriptions(tools: Sequence[Mapping[str, Json]]) -> str:
    """What the functions are said to do: the part of a request's `tools` that can teach."""
    return "\n".join(str(tool["function"].get("description", "")) for tool in tools)


def as_call(text: str, place: int) -> tuple[str, tuple[Json, ...]]:
    """A reply in plain text as (thought, calls): one call, or none where the reply has no action. `place` in the
    conversation makes its id."""
    found = _ACTION.search(text)
    if found is None:
        return text, ()
    thought = text[: found.start()].strip().removeprefix("Thought:").strip()
    function = {"name": found[1], "arguments": found[2]}
    return thought, ({"id": f"call_{digest(found[0], str(place))}", "type": "function", "function": function},)
