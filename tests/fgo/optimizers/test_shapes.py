from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import validate

from fgo.optimizers.base import Unusable
from fgo.optimizers.improve import parse_critique
from fgo.optimizers.module_text import parse_modules
from fgo.optimizers.shapes import Shape, critique_shape, modules_shape

lines = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60).filter(lambda t: t.strip())


def schema(shape: Shape) -> Any:
    return shape.response_format["json_schema"]["schema"]  # type: ignore[index]


@given(st.lists(lines.filter(lambda t: "<" not in t and "[" not in t), min_size=1, max_size=5))
def test_a_reply_of_the_shape_is_read_as_the_modules_that_it_holds(written: list[str]) -> None:
    shape = modules_shape(["instructions"])
    reply = {"instructions": written}
    validate(reply, schema(shape))
    text = shape.in_text(json.dumps(reply))
    assert text is not None
    expected = "\n".join(" ".join(line.split()) for line in written)
    assert parse_modules(text, ["instructions"]).texts["instructions"].split() == expected.split()


def test_citations_and_the_source_of_functions_come_through() -> None:
    shape = modules_shape(["instructions", "tools"])
    source = 'def double(number: int) -> int:\n    """Twice a number."""\n    return 2 * number\n'
    text = shape.in_text(json.dumps({"instructions": ["- Look first. [T2]"], "tools": source}))
    assert text is not None
    parsed = parse_modules(text, ["instructions", "tools"])
    assert parsed.texts == {"instructions": "- Look first.", "tools": source.strip()}
    assert parsed.evidence == {"- Look first.": ("T2",)}


def test_lines_that_were_copied_from_the_request_are_left_out() -> None:
    shape = modules_shape(["instructions"])
    copied = json.loads(shape.request.partition(": ")[2])["instructions"]
    text = shape.in_text(json.dumps({"instructions": [copied[0], "- Look first."]}))
    assert text is not None
    assert parse_modules(text, ["instructions"]).texts == {"instructions": "- Look first."}
    with pytest.raises(Unusable):
        parse_modules(shape.in_text(json.dumps({"instructions": copied})) or "", ["instructions"])


def test_findings_are_a_critique() -> None:
    shape = critique_shape()
    reply = {"findings": ["It looked\nnowhere.", "It gave up."]}
    validate(reply, schema(shape))
    text = shape.in_text(json.dumps(reply))
    assert text is not None
    assert parse_critique(text) == "- It looked nowhere.\n- It gave up."


@pytest.mark.parametrize("shape", [modules_shape(["instructions"]), critique_shape()])
@pytest.mark.parametrize("reply", ["", "<critique>", "[1]", '"x"', "{", "[" * 100_000])
def test_what_is_no_such_object_stands_for_no_text(shape: Shape, reply: str) -> None:
    assert shape.in_text(reply) is None


@pytest.mark.parametrize("shape", [modules_shape(["instructions", "tools"]), critique_shape()])
def test_the_request_names_every_key_of_the_schema(shape: Shape) -> None:
    for key in schema(shape)["required"]:
        assert f'"{key}"' in shape.request
