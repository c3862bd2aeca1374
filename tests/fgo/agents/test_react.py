from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fgo.agents.prompting import system_prompt
from fgo.agents.react import MALFORMED, MALFORMED_OBJECT, ReAct, read_action, read_call
from fgo.constrained import reply_format
from fgo.journal import read_events
from fgo.llm.types import Reply, Request
from fgo.sandbox import SandboxConfig
from fgo.types import Misconfigured, Modules, Status, Task, Usage
from tests.fakes import SEED, WordEpisode, WordWorld, make_rollouts, say, word_tasks
from tests.fgo.agents.vault import TASK, Vault


def reply(text: str, finish: str = "stop") -> Reply:
    return Reply(text, finish, Usage())  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "action"),
    [
        ("Thought: look\nAction: go to desk 1", "go to desk 1"),
        ("Action: go to desk 1\nThought: why not", "go to desk 1"),
        ("  action :  open fridge 1  ", "open fridge 1"),
        ("**Action:** `take mug 1 from desk 1`", "take mug 1 from desk 1"),
        ('Thought: x\nAction: "look"', "look"),
        ("Action: first\nAction: second", "first"),
        ("go to desk 1", None),
        ("Thought: I should act", None),
        ("Action:", None),
        ("Action:   \nThought: x", None),
        ("", None),
    ],
)
def test_an_action_is_read_however_it_is_dressed(text: str, action: str | None) -> None:
    assert read_action(reply(text)) == action


def test_a_reply_cut_off_inside_its_action_is_not_carried_out() -> None:
    assert read_action(reply("Thought: x\nAction: go to des", "length")) is None
    assert read_action(reply("Action: go to desk 1\nThought: and then I", "length")) == "go to desk 1"


@pytest.mark.parametrize(
    ("text", "call"),
    [
        ('Thought: x\nAction: say {"number": 42}', 'say {"number": 42}'),
        ('Action: python {"code": "\na = 1\n"}', 'python {"code": "\na = 1\n"}'),
        ('Action:\n```json\nsay {"number": 42}\n```', 'say {"number": 42}'),
        ("Action: peek\nThought: and then\nAction: peek", "peek"),
        ("Thought: x", None),
        ("Action:", None),
    ],
)
def test_a_call_may_go_over_lines_up_to_the_next_part(text: str, call: str | None) -> None:
    assert read_call(reply(text)) == call
    assert read_call(reply(text, "length")) is None


def test_tools_are_told_in_the_prompt_and_called_by_text(tmp_path: Path) -> None:
    answers = iter(["Thought: x\nAction: peek {}", 'Thought: y\nAction: say {"number": 42}'])
    rollouts, door = make_rollouts(tmp_path, lambda request, caller: next(answers), world=Vault())  # type: ignore[arg-type]
    (trajectory,) = asyncio.run(rollouts.run(SEED, [TASK], "explore", {}))

    assert trajectory.success
    assert '- say {"number": integer}: Says the number.' in str(door.asked[0][0].messages[0]["content"])
    assert door.asked[0][0].max_tokens == 1024
    assert door.asked[0][0].tools == ()


@given(st.text())
def test_no_reply_breaks_the_reader(text: str) -> None:
    action = read_action(reply(text))
    assert action is None or (action.strip() == action and action != "")


def play(tmp_path: Path, texts: list[str], agent: ReAct) -> tuple[object, list[Request]]:
    answers = iter(texts)
    rollouts, door = make_rollouts(tmp_path, lambda request, caller: next(answers), agent=agent)
    (trajectory,) = asyncio.run(rollouts.run(SEED, word_tasks(1), "explore", {}))
    return trajectory, [request for request, _ in door.asked]


def test_unreadable_replies_are_answered_counted_and_cost_a_step(tmp_path: Path) -> None:
    trajectory, requests = play(
        tmp_path, ["hm", say("pear"), "hm", say("apple")], ReAct(max_steps=4, malformed_limit=2)
    )
    assert trajectory.status is Status.WON
    assert trajectory.malformed == 2
    assert trajectory.steps[0].observation == MALFORMED
    assert requests[1].messages[-1] == {"role": "user", "content": f"Observation: {MALFORMED}"}


def test_too_many_unreadable_replies_in_a_row_end_the_episode_as_malformed(tmp_path: Path) -> None:
    trajectory, _ = play(tmp_path, ["hm"] * 9, ReAct(max_steps=9, malformed_limit=3))
    assert trajectory.status is Status.MALFORMED
    assert len(trajectory.steps) == 3


def test_the_conversation_only_grows_at_its_end(tmp_path: Path) -> None:
    _, requests = play(tmp_path, [say("a"), say("b"), say("c"), say("d")], ReAct(max_steps=4))
    for shorter, longer in pairwise(requests):
        assert longer.messages[: len(shorter.messages)] == shorter.messages


def test_demonstrations_stand_in_the_prompt_only_where_there_are_some() -> None:
    without = system_prompt(
        "react", "A world.", Modules({"instructions": "Be {environment} brief.", "demonstrations": ""})
    )
    assert "A world." in without
    assert "Be {environment} brief." in without
    assert "<demonstrations>" not in without
    assert "<demonstrations>\nlike so" in system_prompt(
        "react", "W", Modules({"instructions": "", "demonstrations": "like so"})
    )


def overflowing(tmp_path: Path, overflow: str) -> tuple[object, list[Request]]:
    from dataclasses import replace

    from tests.fakes import model_config

    rollouts, door = make_rollouts(
        tmp_path,
        lambda request, caller: f"Thought: {'long ' * 40}\nAction: say nothing",
        WordWorld(),
        agent=ReAct(max_steps=12, reply_tokens=10, overflow=overflow),  # type: ignore[arg-type]
    )
    model = replace(rollouts.model, config=model_config(window=400, max_output=10))
    rollouts = replace(rollouts, model=model)
    (trajectory,) = asyncio.run(rollouts.run(SEED, word_tasks(1), "explore", {}))
    return trajectory, [request for request, _ in door.asked]


def test_a_full_window_drops_the_oldest_steps_and_says_so_in_the_journal(tmp_path: Path) -> None:
    trajectory, requests = overflowing(tmp_path, "drop_oldest_steps")
    assert trajectory.status is Status.STEP_LIMIT
    assert len(trajectory.steps) == 12
    last = requests[-1].messages
    assert last[0]["role"] == "system"
    assert "Say the secret word." in str(last[1]["content"])
    assert len(last) < 1 + 1 + 2 * 11
    events = [event for event in read_events(tmp_path / "journal.jsonl") if event["kind"] == "context"]
    assert events
    assert events[-1]["left_out"][0] == "step 1"
    assert events[-1]["policy"] == "drop_oldest_steps"


def test_a_full_window_can_end_the_episode_with_a_status_of_its_own(tmp_path: Path) -> None:
    trajectory, _ = overflowing(tmp_path, "fail")
    assert trajectory.status is Status.CONTEXT_OVERFLOW
    assert 0 < len(trajectory.steps) < 12


def test_where_actions_are_free_text_helper_functions_are_told_of_and_may_be_called(tmp_path: Path) -> None:
    source = 'def word() -> str:\n    """Tells the word."""\n    return "apple"'
    answers = iter(["Thought: x\nAction: word {}", "Thought: y\nAction: say apple"])
    anywhere = SandboxConfig(unguarded="allow")
    rollouts, door = make_rollouts(tmp_path, lambda request, caller: next(answers), sandbox=anywhere)
    (trajectory,) = asyncio.run(rollouts.run(Modules({**SEED.texts, "tools": source}), word_tasks(1), "explore", {}))

    assert trajectory.success
    assert [step.observation for step in trajectory.steps] == ["apple", "Right."]
    assert "<tools>\n- word {}: Tells the word.\n</tools>" in str(door.asked[0][0].messages[0]["content"])
    assert door.asked[0][0].max_tokens == 256


def test_constrained_replies_are_objects_in_the_conversation_and_lines_in_the_trajectory(tmp_path: Path) -> None:
    texts = [
        '{"thought": "x", "call": {"tool": "peek", "arguments": {}}}',
        '{"thought": "cut off',
        '{"thought": "y", "call": {"tool": "say", "arguments": {"number": 42}}}',
    ]
    answers = iter(texts)
    agent = ReAct(max_steps=4, constrain="schema")
    rollouts, door = make_rollouts(tmp_path, lambda request, caller: next(answers), world=Vault(), agent=agent)  # type: ignore[arg-type]
    (trajectory,) = asyncio.run(rollouts.run(SEED, [TASK], "explore", {}))

    assert trajectory.success
    assert [step.reply for step in trajectory.steps] == [
        "Thought: x\nAction: peek {}",
        texts[1],
        'Thought: y\nAction: say {"number": 42}',
    ]
    assert trajectory.steps[1].observation == MALFORMED_OBJECT
    last, _ = door.asked[-1]
    assert [message["content"] for message in last.messages if message["role"] == "assistant"] == texts[:2]
    assert last.response_format == reply_format(Vault().tools())
    assert last.stop == ()
    assert '{"thought": "<one short sentence>", "call":' in str(last.messages[0]["content"])


def test_constrained_free_text_actions_play_as_unconstrained_ones(tmp_path: Path) -> None:
    plain, _ = play(tmp_path / "a", [say("pear"), say("apple")], ReAct(max_steps=4))
    objects = [f'{{"thought": "{word}", "action": "say {word}"}}' for word in ("pear", "apple")]
    held, requests = play(tmp_path / "b", objects, ReAct(max_steps=4, constrain="schema"))

    assert [step.action for step in held.steps] == [step.action for step in plain.steps]  # type: ignore[attr-defined]
    assert requests[0].response_format == reply_format(())
    assert requests[0].max_tokens == 256


@dataclass
class Menu(WordEpisode):
    """Tells two words at each step, the right one among them."""

    def admissible(self) -> Sequence[str]:
        return (f"say {self.steps}", f"say {self.word}")


class MenuWorld(WordWorld):
    async def open(self, task: Task) -> WordEpisode:
        return Menu(task.data["word"], None)


def test_admissible_actions_are_what_each_reply_is_held_to(tmp_path: Path) -> None:
    texts = iter(['{"thought": "x", "action": "say 0"}', '{"thought": "y", "action": "say apple"}'])
    agent = ReAct(max_steps=4, constrain="admissible")
    rollouts, door = make_rollouts(tmp_path, lambda request, caller: next(texts), world=MenuWorld(), agent=agent)
    (trajectory,) = asyncio.run(rollouts.run(SEED, word_tasks(1), "explore", {}))
    assert trajectory.success
    formats = [request.response_format for request, _ in door.asked]
    assert formats == [reply_format((), ("say 0", "say apple")), reply_format((), ("say 1", "say apple"))]


def test_a_world_that_tells_none_is_refused_before_anything_is_asked(tmp_path: Path) -> None:
    agent = ReAct(max_steps=4, constrain="admissible")
    rollouts, door = make_rollouts(tmp_path, lambda request, caller: "", agent=agent)
    with pytest.raises(Misconfigured, match="env=alfworld_guided does"):
        asyncio.run(rollouts.run(SEED, word_tasks(1), "explore", {}))
    assert not door.asked


def test_calls_of_tools_are_held_to_their_schemas_under_either(tmp_path: Path) -> None:
    text = '{"thought": "y", "call": {"tool": "say", "arguments": {"number": 42}}}'
    agent = ReAct(max_steps=4, constrain="admissible")
    rollouts, door = make_rollouts(tmp_path, lambda request, caller: text, world=Vault(), agent=agent)  # type: ignore[arg-type]
    asyncio.run(rollouts.run(SEED, [TASK], "explore", {}))
    assert door.asked[0][0].response_format == reply_format(Vault().tools())
