from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fgo.optimizers.base import Unusable
from fgo.optimizers.function_text import Edit, check_source, parse_edit

COUNT = 'def count(text: str, mark: str = ",") -> int:\n    """How often a mark stands in a text."""\n    return text.count(mark)'
LOOK = 'def look(text):\n    """What is there."""\n    import re\n    return re.findall("x", text)'


def edit(action: str, name: str = "count", body: str = COUNT, more: str = "") -> str:
    return f'Well:\n<edit action="{action}" name="{name}"{more}>\n{body}\n</edit>'


def test_functions_are_told_apart_by_name() -> None:
    assert check_source("") == {}
    assert check_source(f"# helpers\n{COUNT}\n\n\n{LOOK}\n") == {"count": COUNT, "look": LOOK}


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        ("def f(:\n  pass", "no Python"),
        ("def f():\n    return 1", "give it a docstring"),
        (f"import os\n{COUNT}", "Line 1 is no plain function"),
        (f"{COUNT}\nprint(1)", "no plain function"),
        (f"@cache\n{COUNT}", "no plain function"),
        (f"async {COUNT}", "instead of `async def`"),
        ('def f(*a):\n    """x"""', "use plain parameters"),
        ('def f(a=print(1)):\n    """x"""', "defaults of the function f must be constants"),
        ('def f(a: print(1)):\n    """x"""', "annotations of the function f must be types"),
        (f"{COUNT}\n{COUNT}", "is defined twice"),
        ("\x00", "no Python"),
        ("(" * 5000, "no Python"),
    ],
)
def test_anything_but_plain_documented_functions_is_refused(source: str, complaint: str) -> None:
    with pytest.raises(Unusable, match=complaint):
        check_source(source)


def test_edits_add_revise_and_remove() -> None:
    there = {"count": COUNT}
    added = parse_edit(edit("add", "look", f"```python\n{LOOK}\n```", ' cites="T1, T3"'), there)
    assert added == Edit("add", "look", LOOK, ("T1", "T3"))
    assert added.applied(there) == {"count": COUNT, "look": LOOK}
    other = COUNT.replace("How often", "How many times")
    assert parse_edit(edit("revise", body=other), there).applied(there) == {"count": other}
    assert parse_edit(edit("remove", body=""), there).applied(there) == {}
    assert parse_edit('<edit action="terminate">\n</edit>', there).action == "terminate"


@pytest.mark.parametrize(
    ("reply", "complaint"),
    [
        ("", "There are 0 edits. Write one edit"),
        (edit("add") * 2, "There are 2 edits"),
        (edit("replace"), "none of add, revise, remove, terminate"),
        (edit("add"), "There is a function 'count' already"),
        (edit("revise", "look", LOOK), "no function 'look' to revise; there are: count"),
        (edit("remove", "look"), "no function 'look' to remove"),
        (edit("add", "other", LOOK), "must hold the one function 'other'; it holds look"),
        (edit("add", "look", "def look(text): ..."), "give it a docstring"),
        (edit("add", "look", "x" * 30_000), "at most 20000 are allowed"),
    ],
)
def test_any_other_edit_is_refused_with_what_to_write(reply: str, complaint: str) -> None:
    with pytest.raises(Unusable, match=complaint):
        parse_edit(reply, {"count": COUNT})


@given(st.text() | st.text(st.sampled_from(list("def f(x):\n '\"\\\r\f\x0b\u2028=@#3;"))))
def test_hostile_output_is_read_or_refused_never_a_crash(text: str) -> None:
    for reply in (text, edit("add", "f", text)):
        try:
            parse_edit(reply, {})
        except Unusable:
            continue
    try:
        functions = check_source(text)
    except Unusable:
        return
    for name, source in functions.items():
        (node,) = ast.parse(source).body
        assert isinstance(node, ast.FunctionDef)
        assert node.name == name
