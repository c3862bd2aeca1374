from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

from fgo.journal import read_events
from fgo.lab import AskingConfig
from fgo.llm.types import Caller, ContextOverflow, Reply, Request
from fgo.optimizers.allowance import AllowanceConfig
from fgo.optimizers.base import Piece, Unusable
from fgo.optimizers.module_text import modules_reply
from fgo.optimizers.shapes import critique_shape, modules_shape
from fgo.types import Usage
from tests.fakes import SEED, make_lab, obey, word_tasks


def number(text: str) -> int:
    if not text.isdigit():
        raise Unusable(f"{text!r} is no number.")
    return int(text)


QUESTION = (Piece("How many?"),)


def ask(lab, pieces=QUESTION):  # type: ignore[no-untyped-def]
    return asyncio.run(lab.ask("optimizer", "optimize", "You count.", pieces, number))


def test_an_unusable_reply_is_asked_for_again_with_the_complaint(tmp_path: Path) -> None:
    answers = iter(["many", "", "3"])
    lab, door = make_lab(tmp_path, lambda request, caller: next(answers))
    asked = ask(lab)
    assert asked.answer == 3
    first, last = (str(door.asked[index][0].messages[-1]["content"]) for index in (0, -1))
    assert last.startswith(first)
    assert "'' is no number." in last


def test_a_truncated_reply_is_never_adopted_even_if_it_could_be_read(tmp_path: Path) -> None:
    answers = iter([Reply("12", "length", Usage()), "123"])
    lab, door = make_lab(tmp_path, lambda request, caller: next(answers))
    assert ask(lab).answer == 123
    assert "cut off" in str(door.asked[-1][0].messages[-1]["content"])


def test_after_the_last_try_there_is_no_answer_but_the_problem(tmp_path: Path) -> None:
    lab, door = make_lab(tmp_path, lambda request, caller: "many", asking=AskingConfig(tries=2))
    asked = ask(lab)
    assert asked.answer is None
    assert "is no number" in asked.problem
    assert len(door.asked) == 2


def test_a_structured_model_is_held_to_the_shape_and_its_parser_sees_the_text(tmp_path: Path) -> None:
    lab, door = make_lab(tmp_path, lambda request, caller: '{"findings": ["a"]}')
    structured = replace(lab, model=replace(lab.model, config=replace(lab.model.config, structured=True)))
    for asking, is_held in ((lab, False), (structured, True)):
        asked = asyncio.run(asking.ask("evaluator", "optimize", "", QUESTION, str, critique_shape()))
        assert asked.answer == ("<critique>\n- a\n</critique>" if is_held else '{"findings": ["a"]}')
        request = door.asked[-1][0]
        assert (request.response_format is not None) == is_held
        assert ("JSON" in str(request.messages[-1]["content"])) == is_held


def test_a_structured_model_is_told_what_was_wrong_and_not_of_a_form_that_it_can_not_write(tmp_path: Path) -> None:
    parse, shape = modules_reply(["instructions"])
    copied = shape.request.partition(": ")[2]
    lab, door = make_lab(tmp_path, lambda request, caller: copied)
    structured = replace(lab, model=replace(lab.model, config=replace(lab.model.config, structured=True)))
    for asking, is_held in ((lab, False), (structured, True)):
        asked = asyncio.run(asking.ask("optimizer", "optimize", "", QUESTION, parse, shape))
        again = str(door.asked[-1][0].messages[-1]["content"])
        assert asked.answer is None
        assert "There is no full text for instructions." in again
        assert ("<module" in again) != is_held
        assert ("words of your own" in again) == is_held


def test_a_structured_model_that_writes_freely_is_read_as_ever(tmp_path: Path) -> None:
    lab, _ = make_lab(tmp_path, lambda request, caller: "7")
    structured = replace(lab, model=replace(lab.model, config=replace(lab.model.config, structured=True)))
    asked = asyncio.run(structured.ask("optimizer", "optimize", "", QUESTION, number, modules_shape(["instructions"])))
    assert asked.answer == 7


def test_what_does_not_fit_is_left_out_whole_and_journalled(tmp_path: Path) -> None:
    pieces = [Piece("Count these."), *(Piece("x" * 400, f"T{n}") for n in range(1, 6))]
    lab, door = make_lab(
        tmp_path, lambda r, c: "1", asking=AskingConfig(optimizer_tokens=100, drop="newest"), window=450
    )
    asked = ask(lab, pieces)
    assert asked.shown == ("T1", "T2", "T3")
    (event,) = (event for event in read_events(tmp_path / "journal.jsonl") if event["kind"] == "context")
    assert event["left_out"] == ["T4", "T5"]
    assert "x" * 400 in str(door.asked[0][0].messages[1]["content"])


def test_the_context_cap_limits_prompts_below_the_window(tmp_path: Path) -> None:
    pieces = [Piece("Count these."), *(Piece("x" * 400, f"T{n}") for n in range(1, 6))]
    lab, _ = make_lab(tmp_path, lambda r, c: "1", asking=AskingConfig(context_cap=250, drop="newest"))
    assert ask(lab, pieces).shown == ("T1", "T2")


def test_under_the_split_policy_the_pieces_make_several_prompts_and_none_is_lost(tmp_path: Path) -> None:
    pieces = [Piece("Count these."), *(Piece("x" * 400, f"T{n}") for n in range(1, 6))]
    lab, _ = make_lab(tmp_path, lambda r, c: "1", asking=AskingConfig(overflow="split", context_cap=313))
    groups = lab.groups("optimizer", "You count.", pieces)
    assert [[piece.label for piece in group if piece.label] for group in groups] == [["T1", "T2"], ["T3", "T4"], ["T5"]]
    assert all(group[0].text == "Count these." for group in groups)


def test_under_the_fail_policy_an_overlong_prompt_is_no_answer_and_no_call(tmp_path: Path) -> None:
    pieces = [Piece("x" * 4000, "T1"), Piece("x" * 4000, "T2")]
    lab, door = make_lab(tmp_path, lambda r, c: "1", asking=AskingConfig(overflow="fail", context_cap=500))
    asked = ask(lab, pieces)
    assert asked.answer is None
    assert "500 fit" in asked.problem
    assert door.asked == []


def test_the_same_modules_are_validated_once_even_when_asked_for_at_the_same_time(tmp_path: Path) -> None:
    lab, door = make_lab(tmp_path, obey)

    async def three() -> list[float]:
        return [v.mean for v in await asyncio.gather(*(lab.within(subset=n).validate(SEED) for n in range(3)))]

    assert asyncio.run(three()) == [0.0, 0.0, 0.0]
    assert len(door.asked) == 4 * 4  # validation tasks x step limit


def test_explore_and_validate_spend_the_allowance_of_the_part_and_of_the_whole(tmp_path: Path) -> None:
    lab, _ = make_lab(tmp_path, obey, allowance=AllowanceConfig("episodes", 20))
    part = lab.within(0.5, subset=0)

    async def work() -> None:
        await part.explore(SEED, word_tasks(3))
        await part.validate(SEED)

    asyncio.run(work())
    assert part.affords(3)
    assert not part.affords(4)
    assert lab.allowance.spent == 7


def test_generators_are_equal_in_every_run_and_differ_by_purpose_and_scope(tmp_path: Path) -> None:
    lab, _ = make_lab(tmp_path, obey)
    again, _ = make_lab(tmp_path / "again", obey)
    assert lab.rng("a").random() == again.rng("a").random()
    draws = {lab.rng("a").random(), lab.rng("b").random(), lab.within(subset=1).rng("a").random()}
    assert len(draws) == 3


def test_every_call_says_its_role_phase_and_place(tmp_path: Path) -> None:
    lab, door = make_lab(tmp_path, lambda r, c: "1")
    ask(lab.within(subset=2).within(epoch=1))
    (_, caller) = door.asked[0]
    assert caller == Caller("optimizer", "optimize", {"subset": 2, "epoch": 1})


def test_a_validation_ends_when_whoever_asked_for_it_is_stopped(tmp_path: Path) -> None:
    async def work() -> int:
        lab, door = make_lab(tmp_path, obey)
        asking = asyncio.create_task(lab.validate(SEED))
        while not door.asked:
            await asyncio.sleep(0)
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
        before = len(door.asked)
        await asyncio.sleep(0.05)
        return len(door.asked) - before

    assert asyncio.run(work()) == 0


def overlong(tokens: int):  # type: ignore[no-untyped-def]
    """A provider that counts twice the tokens we do, and has a window of so many of its own."""

    def answer(request: Request, caller: Caller) -> str | BaseException:
        ours = sum(len(str(message["content"])) // 4 + 1 for message in request.messages)
        return ContextOverflow("too long") if 2 * ours > tokens else "7"

    return answer


def test_a_prompt_that_the_provider_finds_too_long_is_cut_further_and_that_is_journalled(tmp_path: Path) -> None:
    pieces = [Piece("Count these."), *(Piece("x" * 400, f"T{n}") for n in range(1, 6))]
    lab, _ = make_lab(tmp_path, overlong(700), asking=AskingConfig(drop="newest"))
    asked = ask(lab, pieces)
    assert asked.answer == 7
    assert asked.shown == ("T1", "T2", "T3")
    assert [e["left_out"] for e in read_events(tmp_path / "journal.jsonl") if e["kind"] == "context"][-1] == [
        "T4",
        "T5",
    ]


def test_a_full_prompt_leaves_room_to_be_asked_again(tmp_path: Path) -> None:
    pieces = [Piece("Count these."), *(Piece("x" * 400, f"T{n}") for n in range(1, 6))]
    answers = iter(["many " * 200, "5"])
    lab, _ = make_lab(tmp_path, lambda r, c: next(answers), asking=AskingConfig(optimizer_tokens=100), window=450)
    assert ask(lab, pieces).answer == 5


def test_every_try_is_a_call_of_its_own(tmp_path: Path) -> None:
    lab, door = make_lab(tmp_path, lambda r, c: Reply("12", "length", Usage()))
    assert ask(lab).answer is None
    assert len({request.sample for request, _ in door.asked}) == 3


def test_a_question_without_a_system_text_is_one_message(tmp_path: Path) -> None:
    lab, door = make_lab(tmp_path, lambda request, caller: "yes")
    asked = asyncio.run(lab.ask("optimizer", "optimize", "", [Piece("Well?")], str))
    assert asked.answer == "yes"
    assert door.asked[0][0].messages == ({"role": "user", "content": "Well?"},)
