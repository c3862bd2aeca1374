"""Helper functions that an optimizer writes for an agent: the module "tools", Python source of functions, as tools.

Each public top-level function is one tool: its docstring is the description, its parameters (annotated or not) the schema. The
source is only parsed here, never run; fgo/agents/helped.py runs it, in the sandbox.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence

from fgo.types import Json, Tool

MODULE = "tools"
"""The name of the module that holds helper functions."""

_LONGEST = 20_000  # characters of source: it must be read in every prompt that asks for its improvement
_TYPES: Mapping[str, Json] = {
    "str": {"type": "string"},
    "int": {"type": "integer"},
    "float": {"type": "number"},
    "bool": {"type": "boolean"},
    "list": {"type": "array"},
    "dict": {"type": "object"},
}


class BadHelpers(ValueError):
    """Source that can't be offered as tools; the message says what to change."""


def parse_helpers(source: str) -> tuple[Tool, ...]:
    """The functions of a source as tools, in its order; none for an empty source or one of comments alone.

    Raises BadHelpers: for a syntax error, a function without a docstring, with a name that no tool can have or with
    parameters that can't be given by name.
    """
    if len(source) > _LONGEST:
        raise BadHelpers(f"The source has {len(source)} characters; at most {_LONGEST} are allowed.")
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        raise BadHelpers(f"This is no Python: {error}. Write the source itself, without fences.") from error
    tools: dict[str, Tool] = {}
    for node in tree.body:
        if isinstance(node, ast.AsyncFunctionDef):
            raise BadHelpers(f"{node.name}: write `def` instead of `async def`.")
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            if node.name in tools:
                raise BadHelpers(f"{node.name}: is defined twice.")
            tools[node.name] = _tool(node)
    return tuple(tools.values())


def clashes(helpers: Sequence[Tool], tools: Sequence[Tool]) -> list[str]:
    """Names that helper functions share with an environment's own tools, which win."""
    own = {tool.name for tool in tools}
    return [helper.name for helper in helpers if helper.name in own]


def _tool(node: ast.FunctionDef) -> Tool:
    if node.name != node.name.lower() or not node.name.isascii():
        raise BadHelpers(f"{node.name}: name functions in lower-case ASCII letters, digits and underscores.")
    description = " ".join((ast.get_docstring(node) or "").split())
    if not description:
        raise BadHelpers(f"{node.name}: give it a docstring that says when to use it and what it returns.")
    arguments = node.args
    if arguments.posonlyargs or arguments.vararg or arguments.kwarg:
        raise BadHelpers(f"{node.name}: use plain parameters, which are given by name (no *, ** or /).")
    names = [*arguments.args, *arguments.kwonlyargs]
    optional = {argument.arg for argument in arguments.args[len(arguments.args) - len(arguments.defaults) :]}
    optional |= {
        argument.arg for argument, value in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True) if value
    }
    return Tool(
        node.name,
        description,
        {
            "type": "object",
            "properties": {argument.arg: _schema(argument.annotation) for argument in names},
            "required": [argument.arg for argument in names if argument.arg not in optional],
            "additionalProperties": False,
        },
    )


def _schema(annotation: ast.expr | None) -> Json:
    """`list[str]` as an array of strings; what can't be told is any value."""
    if isinstance(annotation, ast.Name):
        return dict(_TYPES.get(annotation.id, {}))
    if isinstance(annotation, ast.Subscript) and isinstance(annotation.value, ast.Name):
        outer = dict(_TYPES.get(annotation.value.id, {}))
        if outer.get("type") == "array":
            outer["items"] = _schema(annotation.slice)
        return outer
    return {}
