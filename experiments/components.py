"""From a YAML node to the frozen dataclass that its `_target_` names, checked key by key and value by value.

The dataclass is the schema: its fields are the keys, its annotations the types, its `__post_init__` the allowed values. So a
new optimizer or environment needs no list to be edited, and a misspelt key fails before anything is spent.
"""

from __future__ import annotations

import dataclasses
import difflib
import importlib
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, TypeVar, get_args, get_type_hints

import orjson
from pydantic import TypeAdapter, ValidationError

from experiments.errors import UsageError

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

T = TypeVar("T", bound="DataclassInstance")


def build(key: str, node: Mapping[str, Any]) -> Any:
    """The component that a config group's node describes. Raises UsageError naming key, value and what is allowed."""
    target = node.get("_target_")
    if not isinstance(target, str):
        raise UsageError(f"{key}._target_ is missing: it names the class, as in conf/{key}/*.yaml")
    return structure(key, {name: value for name, value in node.items() if name != "_target_"}, load(key, target))


def without_effect(schema: type[Any]) -> set[str]:
    """The keys that can't change a result, only how fast or where it is made: their fields' metadata says so
    ({"affects_result": False})."""
    return {field.name for field in dataclasses.fields(schema) if field.metadata.get("affects_result") is False}


def structure(key: str, data: Mapping[str, Any], schema: type[T]) -> T:
    """Plain data as an instance of a dataclass. `key`: where the data stand in the configuration; "": at its top.

    Raises UsageError naming the key, the value and what is allowed.
    """
    for path, name, allowed in _unknown(key, data, schema):
        near = difflib.get_close_matches(name, allowed, n=1)
        hint = f"did you mean {near[0]}? " if near else ""
        owner = path or "the configuration"
        raise UsageError(f"{_join(path, name)}: no such key; {hint}{owner} has {', '.join(allowed) or 'no keys'}")
    hints = get_type_hints(schema)
    values: dict[str, Any] = {}
    problems: list[str] = []
    for field in dataclasses.fields(schema):  # one by one: fields that are no keys may have any type
        if field.init and field.name in data:
            try:
                values[field.name] = TypeAdapter(hints[field.name]).validate_json(
                    orjson.dumps(data[field.name]), strict=True
                )
            except ValidationError as errors:
                problems += _lines(_join(key, field.name), errors)
        elif field.init and field.default is field.default_factory is dataclasses.MISSING:
            problems.append(f"{_join(key, field.name)}: is missing")
    try:
        if not problems:
            return schema(**values)
    except ValueError as error:  # the dataclass' own words, which name the key
        problems.append(str(error))
    raise UsageError("\n".join(problems))


def load(key: str, target: str) -> type[Any]:
    """The dataclass that a `_target_` names. Raises UsageError."""
    module, _, name = target.rpartition(".")
    try:
        found = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError, ValueError) as error:
        raise UsageError(f"{key}._target_={target}: can't be loaded ({error})") from error
    if not (isinstance(found, type) and dataclasses.is_dataclass(found)):
        raise UsageError(f"{key}._target_={target}: expected a dataclass, whose fields are the config's keys")
    return found


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _unknown(path: str, data: Mapping[str, Any], schema: type[Any]) -> Iterator[tuple[str, str, list[str]]]:
    fields = [field.name for field in dataclasses.fields(schema) if field.init]
    hints = get_type_hints(schema)
    for name, value in data.items():
        if name not in fields:
            yield path, name, fields
        elif isinstance(value, Mapping):
            for candidate in (hints[name], *get_args(hints[name])):
                if isinstance(candidate, type) and dataclasses.is_dataclass(candidate):
                    yield from _unknown(_join(path, name), value, candidate)


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
