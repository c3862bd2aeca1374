from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fgo.optimizers.base import Unusable
from fgo.optimizers.operations import Operation, Takes, citing, parse_operations

VERBS: dict[str, Takes] = {"ADD": "text", "EDIT": "both", "AGREE": "target", "REMOVE": "target"}


def parse(body: str, *targets: str, most: int = 4) -> list[Operation]:
    return parse_operations(f"Sure.\n<operations>\n{body}\n</operations>", VERBS, targets, most)


def test_operations_are_read_with_ids_texts_and_citations() -> None:
    assert parse("ADD: Open it. [T1, T2]\nEDIT 2: Look: twice. [T3]\nAGREE [1]\nREMOVE 2: it is wrong", "1", "2") == [
        Operation("ADD", "", "Open it.", ("T1", "T2")),
        Operation("EDIT", "2", "Look: twice.", ("T3",)),
        Operation("AGREE", "1"),
        Operation("REMOVE", "2"),
    ]
    assert parse("NONE") == []


def test_only_what_was_shown_can_be_cited() -> None:
    assert citing([Operation("ADD", "", "x", ("T1", "T9"))], ["T1", "T2"]) == [Operation("ADD", "", "x", ("T1",))]


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        ("", "There is no operation. Write `ADD: the rule`"),
        ("Open it.", "'Open it.' is no operation"),
        ("DROP 1", "is no operation"),
        ("add: x", "is no operation"),
        ("ADD", "lacks its text: write `ADD: the rule`"),
        ("ADD: [T1]", "lacks its text"),
        ("ADD 1: x", "ADD takes no id"),
        ("EDIT 1:", "lacks its text: write `EDIT ID: the new text`"),
        ("EDIT: x", "EDIT needs the id of a rule: 1, 2"),
        ("REMOVE 3", "REMOVE needs the id of a rule: 1, 2"),
        ("NONE\nADD: x", "is no operation"),
        ("ADD: a\nADD: b\nADD: c\nADD: d\nADD: e", "There are 5 operations; write the 4 most useful ones"),
    ],
)
def test_anything_else_is_refused_with_what_to_write(body: str, complaint: str) -> None:
    with pytest.raises(Unusable, match=complaint):
        parse(body, "1", "2")


@pytest.mark.parametrize("reply", ["", "ADD: x", "<operations>ADD: x", "<operations></operations>" * 2])
def test_operations_stand_in_one_block(reply: str) -> None:
    with pytest.raises(Unusable, match="between <operations> and </operations>"):
        parse_operations(reply, VERBS, (), 4)


@given(st.text())
def test_hostile_output_is_read_or_refused_never_a_crash(text: str) -> None:
    for reply in (text, f"<operations>{text}</operations>"):
        try:
            found = parse_operations(reply, VERBS, ("1",), 4)
        except Unusable:
            continue
        assert all("\n" not in operation.text for operation in found)
