from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fgo.optimizers.base import Unusable
from fgo.optimizers.module_text import asking_for, parse_modules, render_modules
from fgo.types import Modules

WANTED = ["instructions"]


def block(text: str, name: str = "instructions") -> str:
    return f'<module name="{name}">\n{text}\n</module>'


def test_citations_are_taken_out_of_the_text_and_kept_as_evidence() -> None:
    parsed = parse_modules(block("Be brief.\n- Open closed things. [T3, T7]\n- Heat with care [T1]"), WANTED)
    assert parsed.texts == {"instructions": "Be brief.\n- Open closed things.\n- Heat with care"}
    assert parsed.evidence == {"- Open closed things.": ("T3", "T7"), "- Heat with care": ("T1",)}


def test_prose_around_the_modules_is_ignored() -> None:
    assert parse_modules(f"Sure!\n{block('- x')}\nDone.", WANTED).texts == {"instructions": "- x"}


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "no full text for instructions"),
        ("- Open things.", "no full text"),
        (block(""), "no full text"),
        (block("   \n "), "no full text"),
        ('<module name="instructions">\n- cut off', "no full text"),
        (block("x") + block("y"), "twice"),
        (block("x", "tools"), "no module 'tools'"),
        ('<module name="instructions">\na\n<module name="instructions">\nb\n</module>', "another <module> tag"),
    ],
)
def test_anything_but_one_full_text_a_module_is_refused_with_what_to_write(text: str, complaint: str) -> None:
    with pytest.raises(Unusable, match=complaint):
        parse_modules(text, WANTED)


def test_all_wanted_modules_must_be_there() -> None:
    with pytest.raises(Unusable, match="demonstrations"):
        parse_modules(block("x"), ["instructions", "demonstrations"])


def test_helper_functions_are_checked_and_may_be_none() -> None:
    good = 'def f(x: str) -> str:\n    """Does it [T1]."""\n    return x'
    assert parse_modules(block(f"```python\n{good}\n```", "tools"), ["tools"]).texts == {"tools": good}
    assert parse_modules(block("", "tools"), ["tools"]).texts == {"tools": ""}
    with pytest.raises(Unusable, match="no Python"):
        parse_modules(block("Use the tool well.", "tools"), ["tools"])
    assert "docstring" in asking_for("optimize", ["instructions", "tools"])
    assert "docstring" not in asking_for("optimize", WANTED)


@given(st.text())
def test_hostile_output_is_read_or_refused_never_a_crash(text: str) -> None:
    try:
        parsed = parse_modules(text, WANTED)
    except Unusable:
        return
    assert parsed.texts["instructions"]


@given(
    st.text(st.characters(exclude_characters="<>[]\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029", exclude_categories=["Cs"]))
)
def test_what_is_rendered_is_read_back(text: str) -> None:
    if not text.strip():
        return
    modules = Modules({"instructions": text})
    back = parse_modules(render_modules(modules), WANTED).texts["instructions"]
    assert [line.rstrip() for line in back.splitlines()] == [line.rstrip() for line in text.strip().splitlines()]


def test_prompts_name_the_modules_they_want() -> None:
    assert "nothing else: instructions, demonstrations" in asking_for("optimize", ["instructions", "demonstrations"])
    assert "{" not in asking_for("merge", WANTED)
