"""What benchmarks with tools share: an action `NAME {JSON arguments}` to a checked call, and long answers in pages.

Models write calls in many ways. What can only mean one thing is understood (`search(text="x")`, `search: {"text": "x"}`, a
lone value where one argument is required); anything else gets an answer that says what to write.
"""

from __future__ import annotations

import ast
import difflib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from fgo.types import Json, Tool

_CALL = re.compile(r"\s*([A-Za-z_]\w*)\s*[:(]?(.*)", re.DOTALL)
_SHOWN = 200  # characters of a model's text that a complaint quotes


class ToolError(Exception):
    """A call can't be carried out. The message is the observation: it says what was wrong and what to write instead."""


@dataclass(frozen=True, slots=True)
class Call:
    name: str
    arguments: Mapping[str, Json]


@dataclass(frozen=True)
class Toolbox:
    """The tools of an environment, by which actions are read."""

    tools: Sequence[Tool]

    def parse(self, action: str) -> Call:
        """The call that an action makes, its arguments checked against the tool's schema. Raises ToolError."""
        found = _CALL.fullmatch(action)
        name, rest = (found[1], found[2].strip()) if found else ("", "")
        tool = self._by_name.get(name)
        if tool is None:
            near = difflib.get_close_matches(name, self._by_name, n=1)
            hint = f" Did you mean {near[0]}?" if near else ""
            raise ToolError(
                f"There is no tool {_shortened(name or action)!r}.{hint} Tools: {', '.join(self._by_name)}. "
                f"A call looks like this: {example(self.tools[0])}"
            )
        arguments = _worded(tool, _arguments(tool, rest))
        problem = _problem(tool.parameters, arguments)
        if problem:
            raise ToolError(f"{name}: {problem} A call looks like this: {example(tool)}")
        return Call(name, arguments)

    @cached_property
    def _by_name(self) -> Mapping[str, Tool]:
        return {tool.name: tool for tool in self.tools}


def example(tool: Tool) -> str:
    """A call of a tool as an action, each required argument by its type."""
    shown = {"string": "...", "integer": 1, "number": 1.5, "boolean": True, "array": ["..."], "object": {}}
    properties = tool.parameters.get("properties", {})
    arguments = {name: shown[properties[name].get("type", "string")] for name in tool.parameters.get("required", ())}
    return f"{tool.name} {json.dumps(arguments)}"


def paged(text: str, page: int, size: int) -> str:
    """Page 1, 2, ... of a text in pages of at most `size` characters, cut at line ends where there are any; a last line says
    where it goes on. Raises ToolError for a page that there is not."""
    pages = _pages(text, size)
    if not 1 <= page <= len(pages):
        raise ToolError(f"There is no page {page}: this has {len(pages)} page{'s' if len(pages) > 1 else ''}.")
    if len(pages) == 1:
        return text
    onward = f"; ask for page {page + 1} to go on" if page < len(pages) else ""
    return f"{pages[page - 1]}\n[page {page} of {len(pages)}{onward}]"


def _pages(text: str, size: int) -> list[str]:
    pages, start = [], 0
    while len(text) - start > size:
        cut = text.rfind("\n", start + size // 2, start + size)
        end = cut if cut > 0 else start + size
        pages.append(text[start:end])
        start = end + (cut > 0)
    return [*pages, text[start:]]


def _arguments(tool: Tool, text: str) -> dict[str, Json]:
    """Raises ToolError where the text after a tool's name is no object of arguments, nor can only mean one."""
    if not text.strip(" ()"):
        return {}
    for candidate in (text, text.removesuffix(")").rstrip()):
        try:
            value = json.loads(candidate, strict=False)
        except (ValueError, RecursionError):
            continue
        if isinstance(value, dict):
            return value
        return _sole(tool, value)
    keywords = _keywords(f"f({text.removesuffix(')')})")
    if keywords:
        return keywords
    if text.lstrip().startswith(("{", "[", '"')):
        raise ToolError(f"{tool.name}: {_shortened(text)!r} is no JSON. A call looks like this: {example(tool)}")
    return _sole(tool, text)


def _sole(tool: Tool, value: Json) -> dict[str, Json]:
    """A lone value is the one required argument, where there is just one."""
    required = tool.parameters.get("required", ())
    if len(required) != 1:
        raise ToolError(f"{tool.name}: expected a JSON object of arguments, such as {example(tool)}")
    return {required[0]: value}


def _worded(tool: Tool, arguments: Mapping[str, Json]) -> dict[str, Json]:
    """Numbers where texts are wanted can only mean their text: `{"answer": 42}`."""
    wanted = tool.parameters.get("properties", {})
    return {
        name: json.dumps(value)
        if type(value) in (int, float) and wanted.get(name, {}).get("type") == "string"
        else value
        for name, value in arguments.items()
    }


def _keywords(call: str) -> dict[str, Json] | None:
    """The arguments of `f(a=1, b="x")`, or None where that is not what is written."""
    try:
        tree = ast.parse(call, mode="eval").body
        if not isinstance(tree, ast.Call) or tree.args or not tree.keywords:
            return None
        return {str(keyword.arg): ast.literal_eval(keyword.value) for keyword in tree.keywords if keyword.arg}
    except (SyntaxError, ValueError, TypeError, MemoryError, RecursionError):
        return None


def _problem(schema: Mapping[str, Json], arguments: Mapping[str, Json]) -> str:
    """What is wrong with arguments, in one sentence; "" where nothing is."""
    from jsonschema import Draft202012Validator

    errors: list[Any] = sorted(
        Draft202012Validator(dict(schema)).iter_errors(dict(arguments)), key=lambda e: str(e.path)
    )
    if not errors:
        return ""
    place = ".".join(str(part) for part in errors[0].absolute_path)
    return f"{place + ': ' if place else ''}{_shortened(errors[0].message)}."


def _shortened(text: str) -> str:
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "..."
