from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from fgo.agents.function_calling import MALFORMED, FunctionCalling
from fgo.llm.types import BadRequest, Reply, Request
from fgo.sandbox import SandboxConfig
from fgo.types import Modules, Status, Trajectory, Usage
from tests.fakes import SEED, WordWorld, make_rollouts, word_tasks
from tests.fgo.agents.vault import TASK, Vault


def call(name: str, arguments: str = "{}", id: str = "c1") -> dict[str, object]:
    return {"id": id, "type": "function", "function": {"name": name, "arguments": arguments}}


def reply(text: str, *calls: dict[str, object], finish: str = "tool_calls") -> Reply:
    return Reply(text, finish, Usage(10, 0, 5), tool_calls=calls)  # type: ignore[arg-type]


def play(tmp_path: Path, replies: list[Reply], **settings: int) -> tuple[Trajectory, list[Request]]:
    answers = iter(replies)
    agent = FunctionCalling(**{"max_steps": 6, **settings})
    rollouts, door = make_rollouts(tmp_path, lambda request, caller: next(answers), world=Vault(), agent=agent)  # type: ignore[arg-type]
    (trajectory,) = asyncio.run(rollouts.run(SEED, [TASK], "explore", {}))
    return trajectory, [request for request, _ in door.asked]


def test_calls_are_carried_out_and_the_conversation_grows_at_its_end(tmp_path: Path) -> None:
    trajectory, requests = play(
        tmp_path, [reply("I look.", call("peek")), reply("", call("say", '{"number": 42}', "c2"))]
    )

    assert trajectory.success
    assert [step.action for step in trajectory.steps] == ["peek {}", 'say {"number": 42}']
    assert trajectory.steps[0].reply == "Thought: I look.\nAction: peek {}"
    assert trajectory.usage == Usage(20, 0, 10)
    first, second = requests
    assert [tool["function"]["name"] for tool in first.tools] == ["peek", "say"]
    assert second.messages[:2] == first.messages
    assert second.messages[2]["tool_calls"] == [call("peek")]
    assert second.messages[3] == {"role": "tool", "tool_call_id": "c1", "content": "The number is 42."}


def test_several_calls_in_one_reply_are_steps_of_their_own(tmp_path: Path) -> None:
    trajectory, _ = play(tmp_path, [reply("Both.", call("peek"), call("say", '{"number": 42}', "c2"))])

    assert trajectory.success
    assert len(trajectory.steps) == 2


def test_calls_over_the_step_limit_are_not_carried_out(tmp_path: Path) -> None:
    trajectory, _ = play(tmp_path, [reply("Both.", call("peek"), call("say", '{"number": 42}'))], max_steps=1)

    assert trajectory.status is Status.STEP_LIMIT
    assert len(trajectory.steps) == 1


def test_a_written_action_is_understood_where_there_is_no_call(tmp_path: Path) -> None:
    trajectory, requests = play(
        tmp_path,
        [reply("Thought: x\nAction: peek", finish="stop"), reply('Action: say {"number": 42}', finish="stop")],
    )

    assert trajectory.success
    assert requests[1].messages[-1] == {"role": "user", "content": "Observation: The number is 42."}


@pytest.mark.parametrize(
    "bad",
    [reply("I think.", finish="stop"), reply("", call("say", '{"num'), finish="length"), reply("", finish="stop")],
)
def test_replies_without_a_whole_call_are_counted_and_end_the_episode_at_last(tmp_path: Path, bad: Reply) -> None:
    trajectory, requests = play(tmp_path, [bad, bad], malformed_limit=2)

    assert trajectory.status is Status.MALFORMED
    assert trajectory.malformed == 2
    assert requests[1].messages[-1]["content"] == MALFORMED


def test_arguments_that_are_no_json_are_the_worlds_to_complain_of(tmp_path: Path) -> None:
    trajectory, _ = play(tmp_path, [reply("", call("say", "{number: 42")), reply("", call("say", '{"number": 42}'))])

    assert trajectory.steps[0].observation == "Not understood: say {number: 42"
    assert trajectory.success


def test_a_world_of_free_text_is_refused_with_what_to_do(tmp_path: Path) -> None:
    never: Callable[..., str] = lambda request, caller: pytest.fail("asked")  # noqa: E731
    rollouts, _ = make_rollouts(tmp_path, never, world=WordWorld(), agent=FunctionCalling())  # type: ignore[arg-type]

    with pytest.raises(BadRequest, match="agent=react"):
        asyncio.run(rollouts.run(SEED, word_tasks(1), "explore", {}))


def test_helper_functions_are_offered_and_run_on_the_tasks_files(tmp_path: Path) -> None:
    source = 'def number_on_note() -> int:\n    """Reads note.txt."""\n    return int(open("note.txt").read())\n'
    answers = iter([reply("", call("number_on_note")), reply("", call("say", '{"number": 42}', "c2"))])
    rollouts, door = make_rollouts(
        tmp_path,
        lambda request, caller: next(answers),
        world=Vault(),  # type: ignore[arg-type]
        agent=FunctionCalling(),  # type: ignore[arg-type]
        sandbox=SandboxConfig(unguarded="allow"),
    )
    modules = Modules({**SEED.texts, "tools": source})
    (trajectory,) = asyncio.run(rollouts.run(modules, [TASK], "explore", {}))

    assert trajectory.success
    assert trajectory.steps[0].observation == "42"
    assert "number_on_note" in json.dumps(door.asked[0][0].tools)
