from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envs.toolbox import Call, Toolbox, ToolError, example, paged
from fgo.types import Tool

SEARCH = Tool(
    "search",
    "Find text.",
    {
        "type": "object",
        "properties": {"text": {"type": "string"}, "page": {"type": "integer", "minimum": 1}},
        "required": ["text"],
        "additionalProperties": False,
    },
)
ANSWER = Tool(
    "answer",
    "Give the answer.",
    {
        "type": "object",
        "properties": {"references": {"type": "array", "items": {"type": "string"}}},
        "required": ["references"],
    },
)
PEEK = Tool("peek", "Look.", {"type": "object", "properties": {}})
BOX = Toolbox((SEARCH, ANSWER, PEEK))


@pytest.mark.parametrize(
    "action",
    [
        'search {"text": "CMR"}',
        '  search{"text":"CMR"} ',
        'search: {"text": "CMR"}',
        'search({"text": "CMR"})',
        'search(text="CMR")',
        "search text='CMR'",
        'search "CMR"',
        "search CMR",
        'search("CMR")',
    ],
)
def test_a_call_that_can_only_mean_one_thing_is_understood(action: str) -> None:
    assert BOX.parse(action) == Call("search", {"text": "CMR"})


@pytest.mark.parametrize(
    ("action", "text"), [('search {"text": 42}', "42"), ("search 42", "42"), ("search(text=4.5)", "4.5")]
)
def test_a_number_where_a_text_is_wanted_is_its_text(action: str, text: str) -> None:
    assert BOX.parse(action) == Call("search", {"text": text})


def test_a_lone_list_is_the_one_required_argument() -> None:
    assert BOX.parse('answer ["A1", "A2"]') == Call("answer", {"references": ["A1", "A2"]})


@pytest.mark.parametrize("action", ["peek", "peek()", "peek {}", "peek: {}"])
def test_a_tool_without_arguments_needs_none(action: str) -> None:
    assert BOX.parse(action) == Call("peek", {})


@pytest.mark.parametrize(
    ("action", "says"),
    [
        ("", "There is no tool"),
        ("serch CMR", "Did you mean search"),
        ("search", "'text' is a required property"),
        ('search {"text": true}', "text: True is not of type 'string'"),
        ('search {"text": "a", "page": 0}', "page: 0 is less than"),
        ('search {"text": "a", "pgae": 1}', "pgae"),
        ('search {"text": "a"', "is no JSON"),
        ("xyzzy " * 2000, "There is no tool"),
    ],
)
def test_anything_else_is_answered_with_what_was_wrong_and_how_a_call_looks(action: str, says: str) -> None:
    with pytest.raises(ToolError) as caught:
        BOX.parse(action)

    assert says in str(caught.value)
    assert "looks like this: search {" in str(caught.value)
    assert len(str(caught.value)) < 800


@given(st.text(max_size=200))
def test_no_text_breaks_the_reading(text: str) -> None:
    for action in (text, "search " + text, "search {" + text, "search(" + text + ")"):
        try:
            call = BOX.parse(action)
        except ToolError:
            continue
        assert call.name in ("search", "answer", "peek")


@given(st.dictionaries(st.sampled_from(["text"]), st.text(), min_size=1))
def test_a_call_written_as_json_is_read_back(arguments: dict[str, str]) -> None:
    assert BOX.parse(f"search {json.dumps(arguments)}") == Call("search", arguments)


def test_an_example_is_a_valid_call() -> None:
    for tool in (SEARCH, ANSWER, PEEK):
        assert BOX.parse(example(tool)).name == tool.name


@given(st.text(alphabet="ab\n", max_size=300), st.integers(1, 50))
def test_pages_together_are_the_text(text: str, size: int) -> None:
    try:
        parts = [paged(text, 1, size)]
        while "ask for page" in parts[-1]:
            parts.append(paged(text, len(parts) + 1, size))
    except ToolError:
        pytest.fail("a page that was announced is not there")
    bodies = [part.rsplit("\n[page", 1)[0] for part in parts]

    assert all(len(body) <= size for body in bodies)
    assert "".join(bodies).replace("\n", "") == text.replace("\n", "")
    with pytest.raises(ToolError, match="There is no page"):
        paged(text, len(parts) + 1, size)
