from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envs.gaia.answers import clean, has_template, read_answer


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("FINAL ANSWER: 42", "42"),
        ("I count.\nFINAL ANSWER: ash, oak\n", "ash, oak"),
        ("final answer: 42", "42"),
        ("**FINAL ANSWER:** 42", "42"),
        ("**FINAL ANSWER: 42**", "42"),
        ("**FINAL ANSWER**: `42`", "42"),
        ("`FINAL ANSWER: 42`", "42"),
        ('FINAL ANSWER: "Rio de Janeiro"', "Rio de Janeiro"),
        ("FINAL ANSWER: “Rio”", "Rio"),
        ("FINAL ANSWER: rock'n'roll", "rock'n'roll"),
        ('FINAL ANSWER: "a", "b"', '"a", "b"'),
        ("FINAL ANSWER:\n\n  42\n", "42"),
        ("FINAL ANSWER: 41\nNo.\nFINAL ANSWER: 42", "42"),
        ("FINAL ANSWER: 42\nThat is all.", "42"),
        ("FINAL ANSWER: 12:30", "12:30"),
        ("The final answer is 42.", None),
        ("FINAL ANSWER:", None),
        ("FINAL ANSWER: **", None),
        ("FINAL ANSWER: 41 and FINAL ANSWER: ", None),
        ("", None),
    ],
)
def test_the_last_template_is_read_without_what_stands_around_it(text: str, answer: str | None) -> None:
    assert read_answer(text) == answer


@given(
    st.text(),
    st.text(st.characters(categories=["L", "N"]), min_size=1),
    st.sampled_from(["{}", "**{}**", '"{}"', "`{}`"]),
)
def test_an_answer_is_found_whatever_precedes_it(before: str, answer: str, form: str) -> None:
    assert read_answer(f"{before}\nFINAL ANSWER: {form.format(answer)}") == answer


@given(st.text())
def test_any_text_can_be_read(text: str) -> None:
    answer = read_answer(text)

    assert answer is None or (answer and has_template(text))
    assert clean(clean(text)) in clean(text)
