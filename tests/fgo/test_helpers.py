from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fgo.helpers import BadHelpers, clashes, parse_helpers


def test_functions_become_tools_with_a_schema_from_their_parameters() -> None:
    source = """
import re
_LIMIT = 3

def _inner(): pass

def check(number: str, digits: int = 9, parts: list[str] = [], other=None) -> bool:
    '''Whether a
    number is right.'''
"""
    (tool,) = parse_helpers(source)

    assert (tool.name, tool.description) == ("check", "Whether a number is right.")
    assert tool.parameters["properties"] == {
        "number": {"type": "string"},
        "digits": {"type": "integer"},
        "parts": {"type": "array", "items": {"type": "string"}},
        "other": {},
    }
    assert tool.parameters["required"] == ["number"]


@pytest.mark.parametrize("source", ["", "  \n", "# none yet"])
def test_no_functions_are_no_tools(source: str) -> None:
    assert parse_helpers(source) == ()


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("def f(", "no Python"),
        ("```python\nx = 1\n```", "no Python"),
        ("def f(): pass", "docstring"),
        ('def f(*names):\n    """x"""', "plain parameters"),
        ('def F():\n    """x"""', "lower-case"),
        ('async def f():\n    """x"""', "async"),
        ('def f():\n    """x"""\ndef f():\n    """y"""', "twice"),
        ("x = 1\n" * 10_000, "characters"),
    ],
)
def test_what_cannot_be_offered_is_refused_with_what_to_change(source: str, says: str) -> None:
    with pytest.raises(BadHelpers, match=says):
        parse_helpers(source)


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        tools = parse_helpers(text)
    except BadHelpers:
        return
    assert all(tool.description for tool in tools)


def test_names_of_the_worlds_own_tools_are_found() -> None:
    helpers = parse_helpers('def find():\n    """x"""\ndef other():\n    """y"""')

    assert clashes(helpers, helpers[:1]) == ["find"]
