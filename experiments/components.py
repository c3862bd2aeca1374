"""From a YAML node to the frozen dataclass that its `_target_` names, checked key by key and value by value.

The dataclass is the schema: its fields are the keys, its annotations the types, its `__post_init__` the allowed values. So a
new optimizer or environment needs no list to be edited, and a misspelt key fails before anything is spent.
"""

from __future__ import annotations

import dataclasses
import difflib
import importlib
from collections.abc import Iterator, Mapping
from typing import Any, TypeVar, get_args, get_type_hints

import orjson
from pydantic import TypeAdapter, ValidationError

from experiments.errors import UsageError

T = TypeVar("T")


def build(key: str, node: Mapping[str, Any]) -> Any:
    """The component that a config group's node describes. Raises UsageError naming key, value and what is allowed."""
    target = node.get("_target_")
    if not isinstance(target, str):
        raise UsageError(f"{key}._target_ is missing: it names the class, as in conf/{key}/*.yaml")
    return structure(key, {name: value for name, value in node.items() if name != "_target_"}, _load(key, target))


def structure(key: str, data: Mapping[str, Any], schema: type[T]) -> T:
    """Plain data as an instance of a dataclass. Raises UsageError naming the key, the value and what is allowed."""
    for path, name, allowed in _unknown(key, data, schema):
        near = difflib.get_close_matches(name, allowed, n=1)
        hint = f"did you mean {near[0]}? " if near else ""
        raise UsageError(f"{path}.{name}: no such key; {hint}{path} has {', '.join(allowed) or 'no keys'}")
    try:
        return TypeAdapter(schema).validate_json(orjson.dumps(data), strict=True)
    except ValidationError as errors:
        raise UsageError("\n".join(_lines(key, errors))) from None


def _load(key: str, target: str) -> type[Any]:
    module, _, name = target.rpartition(".")
    try:
        found = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError, ValueError) as error:
        raise UsageError(f"{key}._target_={target}: can't be loaded ({error})") from error
    if not (isinstance(found, type) and dataclasses.is_dataclass(found)):
        raise UsageError(f"{key}._target_={target}: expected a dataclass, whose fields are the config's keys")
    return found


def _unknown(path: str, data: Mapping[str, Any], schema: type[Any]) -> Iterator[tuple[str, str, list[str]]]:
    fields = [field.name for field in dataclasses.fields(schema) if field.init]
    hints = get_type_hints(schema)
    for name, value in data.items():
        if name not in fields:
            yield path, name, fields
        elif isinstance(value, Mapping):
            for candidate in (hints[name], *get_args(hints[name])):
                if isinstance(candidate, type) and dataclasses.is_dataclass(candidate):
                    yield from _unknown(f"{path}.{name}", value, candidate)


def _lines(key: str, errors: ValidationError) -> Iterator[str]:
    for error in errors.errors(include_url=False):
        message = error["msg"].removeprefix("Value error, ")
        where = ".".join((key, *(str(part) for part in error["loc"])))
        if error["type"] == "value_error":  # the dataclass' own words, which name the key
            yield message
        elif error["type"] == "missing":
            yield f"{where}: is missing"
        else:
            yield f"{where}={error['input']!r}: {message[0].lower()}{message[1:]}"
