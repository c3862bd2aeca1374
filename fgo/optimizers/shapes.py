"""Replies of evaluators, optimizers and mergers as JSON objects, for servers that can be held to a schema (`model.structured`).

A small model that writes freely copies half its prompt or never closes a tag. Held to a schema it can only write what was asked
for; what that is worth as a text remains its own affair. Parsers see the same text either way.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from fgo.constrained import on_one_line, read_object, schema_format
from fgo.helpers import MODULE as HELPERS
from fgo.types import Json

_LINE_CHARS = 400
_LINES = 40
_FINDINGS = 4
# Shown in the request; of a bare "..." a small model makes the old text again, and no rule (docs/local-models.md).
_EXAMPLE = ("<a line that stays>", "- <a rule: what to do, and when>", "- <another rule>")
_FINDING = "<what cost the task or steps, and what would have been right>"


@dataclass(frozen=True, slots=True)
class Shape:
    """response_format: as providers take it. request: what ends the prompt, so that the model knows what it is held to.
    in_text: the text that a reply of this shape stands for, which the parsers read; None where it is no such object."""

    response_format: Json
    request: str
    in_text: Callable[[str], str | None]

    def read(self, reply: str) -> str:
        """The text for the parsers: the reply as it is, where its server was not held after all."""
        return self.in_text(reply) or reply


def modules_shape(names: Sequence[str]) -> Shape:
    """{"NAME": [its lines], ...}, and the source of helper functions as one string."""

    def in_text(text: str) -> str | None:
        value = read_object(text)
        if value is None:
            return None
        return "\n".join(f'<module name="{name}">\n{_lines(value.get(name))}\n</module>' for name in names)

    line = {"type": "string", "minLength": 1, "maxLength": _LINE_CHARS}
    lines: Json = {"type": "array", "items": line, "minItems": 1, "maxItems": _LINES}
    properties = {name: {"type": "string"} if name == HELPERS else lines for name in names}
    example = {name: "<source>" if name == HELPERS else _EXAMPLE for name in names}
    request = f"Write the full new text as one JSON object, each line as a string of its own: {json.dumps(example)}"
    return Shape(schema_format("modules", **properties), request, in_text)


def critique_shape() -> Shape:
    """{"findings": [one finding each]}."""

    def in_text(text: str) -> str | None:
        value = read_object(text)
        if value is None or not isinstance(value.get("findings"), list):
            return None
        found = "\n".join(f"- {on_one_line(finding)}" for finding in value["findings"])
        return f"<critique>\n{found}\n</critique>"

    finding = {"type": "string", "minLength": 1, "maxLength": _LINE_CHARS}
    findings = {"type": "array", "items": finding, "minItems": 1, "maxItems": _FINDINGS}
    request = f"Write your findings, at most {_FINDINGS}, as one JSON object: {json.dumps({'findings': [_FINDING]})}"
    return Shape(schema_format("critique", findings=findings), request, in_text)


def _lines(value: Json) -> str:
    if isinstance(value, list):
        return "\n".join(text for line in value if (text := on_one_line(line)) not in _EXAMPLE)  # some copy it
    return str(value or "")
