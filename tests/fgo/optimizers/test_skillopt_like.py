"""Bounded edits: how many a step may apply, what they make of a text, and what a step does with rejected ones."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

from fgo.journal import read_events
from fgo.llm.types import Caller, Request
from fgo.optimizers.operations import Operation
from fgo.optimizers.skillopt_like import SkillOptLike, edited, numbered, rate
from tests.fakes import SEED, make_lab, word_tasks
from tests.fgo.optimizers.any_form import teach_any

_WORD = re.compile(r"the word was (\w+)")


def test_the_learning_rate_falls_along_half_a_cosine() -> None:
    config = SkillOptLike(edits=8, last_edits=2)
    assert [rate(step, 5, config) for step in range(5)] == [8, 7, 5, 3, 2]
    assert rate(0, 1, config) == 8


def test_edits_name_lines_by_their_number_and_new_ones_come_last() -> None:
    text = "Be brief.\n\n- a\n- b"
    assert numbered(text) == {"1": "Be brief.", "2": "- a", "3": "- b"}
    edits = [
        Operation("EDIT", "3", "c"),
        Operation("REMOVE", "2"),
        Operation("ADD", "", "d"),
        Operation("ADD", "", "e"),
    ]
    assert edited(text, edits) == "Be brief.\n- c\n- d\n- e"
    assert (
        edited(text, [Operation("REMOVE", "2"), Operation("EDIT", "2", "x"), Operation("REMOVE", "2")])
        == "Be brief.\n- b"
    )
    assert edited(text, []) == text


def run(folder: Path, add: str, **settings: int) -> list[str]:
    """The optimizer's prompts when each reflection adds these lines."""

    def answer(request: Request, caller: Caller) -> str:
        if caller.role == "agent":
            return teach_any(request, caller)
        return f"<operations>\n{add}\n</operations>"

    lab, door = make_lab(folder, answer, validation=word_tasks(2, start=8))
    asyncio.run(SkillOptLike(**settings).optimize(SEED, word_tasks(4), lab))
    return [str(request.messages[1]["content"]) for request, caller in door.asked if caller.role == "optimizer"]


def test_rejected_edits_are_shown_for_the_rest_of_the_pass(tmp_path: Path) -> None:
    prompts = run(tmp_path, "ADD: use no words", passes=2, batch=2, minibatch=2)
    shown = ["Edits that did not help:\nADD: use no words" in prompt for prompt in prompts]
    assert False in shown
    assert True in shown
    steps = [event["scope"]["step"] for event in read_events(tmp_path / "journal.jsonl") if event["kind"] == "decision"]
    assert steps == [0, 1, 2, 3]


def test_equal_edits_need_no_merging_and_too_many_different_ones_are_merged(tmp_path: Path) -> None:
    few = run(tmp_path / "few", "ADD: a\nADD: b", passes=1, batch=4, minibatch=1)
    assert not any("<critique about=" in prompt for prompt in few)
    many = run(tmp_path / "many", "ADD: a\nADD: b", passes=1, batch=4, minibatch=1, edits=1, last_edits=1)
    assert not any(
        "<critique about=" in prompt for prompt in many
    )  # more than one operation is refused: none is usable
    events = list(read_events(tmp_path / "many" / "journal.jsonl"))
    assert {event["problem"] for event in events if event["kind"] == "proposal"} >= {"no edit was proposed"}


def test_proposals_of_several_reflections_are_merged_within_the_rate(tmp_path: Path) -> None:
    def answer(request: Request, caller: Caller) -> str:
        if caller.role == "agent":
            return teach_any(request, caller)
        shown = str(request.messages[1]["content"])
        if "<critique about=" in shown:
            return "<operations>\nADD: merged [T1]\n</operations>"
        return f"<operations>\nADD: rule of {_WORD.findall(shown)[0]} [T1]\n</operations>"

    lab, _ = make_lab(tmp_path, answer, validation=word_tasks(2, start=8))
    config = SkillOptLike(passes=1, batch=4, minibatch=1, edits=1, last_edits=1)
    asyncio.run(config.optimize(SEED, word_tasks(4), lab))
    (proposal,) = (event for event in read_events(tmp_path / "journal.jsonl") if event["kind"] == "proposal")
    assert proposal["modules"]["texts"]["instructions"] == "Be brief.\n- merged"
    assert proposal["evidence"] == {"- merged": ["T1"]}
