"""What an agent's model is told before it acts: the world, its tools, the modules. One way for all agents."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from importlib.resources import files

from fgo.types import Json, Modules, Tool


@cache
def template(name: str) -> str:
    """One of the texts in fgo/agents/prompts/."""
    return (files("fgo.agents") / "prompts" / f"{name}.txt").read_text(encoding="utf-8")


def system_prompt(form: str, description: str, modules: Modules) -> str:
    """What the agent always sees: the environment's description, its instructions and, if any, demonstrations. `form`
    names the template, which says how to act."""
    text = template(form).replace("{environment}", description.strip())
    text = text.replace("{instructions}", modules["instructions"].strip())
    demonstrations = modules.texts.get("demonstrations", "").strip()
    if demonstrations:
        text += template("demonstrations").replace("{demonstrations}", demonstrations)
    return text


def tools_in_words(tools: Sequence[Tool], form: str = "tools") -> str:
    """How the tools are told to a model that writes its calls as text; "" without tools. form: the template, "tools" where all
    actions are calls, "helpers" where calls are possible beside other actions."""
    lines = "\n".join(f"- {tool.name} {_signature(tool)}: {tool.description}" for tool in tools)
    return template(form).rstrip("\n").replace("{tools}", lines) if tools else ""


def tools_as_functions(tools: Sequence[Tool]) -> tuple[Json, ...]:
    """The tools as providers take them (OpenAI's form, which litellm translates)."""
    return tuple(
        {
            "type": "function",
            "function": {"name": tool.name, "description": tool.description, "parameters": dict(tool.parameters)},
        }
        for tool in tools
    )


def _signature(tool: Tool) -> str:
    """`{"text": string, "page"?: integer}`"""
    required = tool.parameters.get("required", ())
    parts = [
        f"{json.dumps(name)}{'' if name in required else '?'}: {_type(schema)}"
        for name, schema in tool.parameters.get("properties", {}).items()
    ]
    return "{" + ", ".join(parts) + "}"


def _type(schema: Json) -> str:
    kind = schema.get("type", "any")
    if "enum" in schema:
        return " | ".join(json.dumps(value) for value in schema["enum"])
    if kind == "array":
        return f"[{_type(schema.get('items', {}))}, ...]"
    return " | ".join(kind) if isinstance(kind, list) else str(kind)
