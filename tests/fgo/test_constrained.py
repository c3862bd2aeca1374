from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from fgo.constrained import as_object, in_lines, is_reply_format, reply_format
from fgo.types import Tool

_TEXT = {"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]}
TOOLS = (Tool("search", "Look.", _TEXT), Tool("stop", "End.", {"type": "object", "properties": {}}))


def allows(tools: tuple[Tool, ...], value: object) -> bool:
    schema = reply_format(tools)["json_schema"]["schema"]
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema).is_valid(value)


def test_the_schema_allows_calls_of_the_tools_with_their_own_arguments_alone() -> None:
    assert allows(TOOLS, {"thought": "a", "call": {"tool": "search", "arguments": {"text": "b"}}})
    assert allows(TOOLS, {"thought": "a", "call": {"tool": "stop", "arguments": {}}})
    assert not allows(TOOLS, {"thought": "a", "call": {"tool": "search", "arguments": {}}})
    assert not allows(TOOLS, {"thought": "a", "call": {"tool": "fly", "arguments": {}}})
    assert not allows(TOOLS, {"call": {"tool": "stop", "arguments": {}}})


def test_without_tools_an_action_is_any_text() -> None:
    assert allows((), {"thought": "a", "action": "go to desk 1"})
    assert not allows((), {"thought": "a"})
    assert is_reply_format(reply_format(()))
    assert not is_reply_format({"type": "json_object"})
    assert not is_reply_format(None)


def test_actions_that_are_told_are_the_only_ones() -> None:
    schema = reply_format((), ("look", "go to desk 1"))["json_schema"]["schema"]
    assert Draft202012Validator(schema).is_valid({"thought": "a", "action": "look"})
    assert not Draft202012Validator(schema).is_valid({"thought": "a", "action": "fly"})


def test_an_object_stands_for_two_lines() -> None:
    assert in_lines('{"thought": "I look\\naround.", "action": "go to\\n desk 1"}') == (
        "Thought: I look around.\nAction: go to desk 1"
    )
    call = '{"thought": "Now.", "call": {"tool": "search", "arguments": {"text": "ü\\n2"}}}'
    assert in_lines(call) == 'Thought: Now.\nAction: search {"text": "ü\\n2"}'


@pytest.mark.parametrize(
    "text", ["", "Thought: a\nAction: b", "[1]", '{"thought": "a"}', '{"thought": "cut', '{"call": 1}']
)
def test_anything_else_stands_for_nothing(text: str) -> None:
    assert in_lines(text) is None


def test_lines_without_an_action_make_no_object() -> None:
    assert as_object("Sure, here is my answer.") is None
    assert json.loads(as_object("Action: search {broken}") or "") == {"thought": "", "action": "search {broken}"}


_words = st.text(st.characters(codec="utf-8", exclude_characters="\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"))


@given(_words, st.dictionaries(st.text(max_size=5), st.text(max_size=20), max_size=3))
def test_lines_come_back_from_their_object(thought: str, arguments: dict[str, str]) -> None:
    thought = " ".join(thought.split()).replace("Action:", "")
    lines = f"Thought: {' '.join(thought.split())}\nAction: search {json.dumps(arguments, ensure_ascii=False)}"
    assert in_lines(as_object(lines) or "") == lines
