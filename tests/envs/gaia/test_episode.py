from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from envs.base import EnvironmentFailure
from envs.gaia.episode import Feedback, GaiaEpisode
from envs.gaia.records import Record
from envs.gaia.texts import FINAL_ANSWER
from envs.gaia.tools.costs import Costs
from envs.toolbox import Toolbox, ToolError
from fgo.types import Json, Tool

LOOK = Tool(
    "look", "Look at something.", {"type": "object", "properties": {"at": {"type": "string"}}, "required": ["at"]}
)


@dataclass
class Looking:
    """A tool that tells what it was given, counts its calls and breaks where it is asked to."""

    files: Mapping[str, Path]
    calls: list[Json] = field(default_factory=list)
    closed: bool = False
    costs: Costs = field(default_factory=Costs)

    async def call(self, name: str, arguments: Mapping[str, Json]) -> str:
        self.calls.append((name, dict(arguments)))
        with self.costs.measuring(name) as cost:
            cost.dollars = 0.5
            return self._look(arguments)

    def _look(self, arguments: Mapping[str, Json]) -> str:
        if arguments["at"] == "nothing":
            raise ToolError("There is nothing to be seen.")
        if arguments["at"] == "abyss":
            raise OSError("the abyss looked back at xyzzy")
        return f"call {len(self.calls)}, files {sorted(self.files)}"

    async def close(self) -> None:
        self.closed = True


def episode(
    answer: str | None = "42", feedback: Feedback = "none", files: Mapping[str, Path] | None = None, quiet: bool = False
) -> tuple[GaiaEpisode, list[Looking]]:
    opened: list[Looking] = []

    def open_tools(files: Mapping[str, Path]) -> Looking:
        opened.append(Looking(files))
        return opened[-1]

    record = Record("q1", "What is it?", 1, answer, files or {})
    return GaiaEpisode(record, Toolbox((LOOK, FINAL_ANSWER)), open_tools, feedback, quiet), opened


def play(player: GaiaEpisode, *actions: str) -> list[tuple[str, bool]]:
    async def all_of_them() -> list[tuple[str, bool]]:
        seen = [(await player.reset(), False)]
        seen += [await player.step(action) for action in actions]
        await player.close()
        return seen

    return asyncio.run(all_of_them())


@pytest.mark.parametrize(
    "action",
    [
        'final_answer {"answer": "42"}',
        'final_answer {"answer": "FINAL ANSWER: 42"}',
        'final_answer {"answer": " 42\\n"}',
        "final_answer(answer='42')",
        "final_answer: 42",
        'final_answer {"answer": 42}',
        "FINAL ANSWER: 42",
        "**FINAL ANSWER:** `42`",
        "I am sure. FINAL ANSWER: 42",
    ],
)
def test_an_answer_ends_the_episode_and_is_scored(action: str) -> None:
    player, _ = episode()

    assert play(player, action)[-1] == ("The answer is recorded.", True)
    assert player.score().to_json() == {
        "success": True, "value": 1.0, "details": {"answered": True, "unparsable": 0, "answer": "42"}
    }  # fmt: skip


def test_a_wrong_answer_ends_it_too_and_no_second_one_counts() -> None:
    player, _ = episode()
    seen = play(player, 'final_answer {"answer": "41"}', 'final_answer {"answer": "42"}')

    assert [over for _, over in seen] == [False, True, True]
    assert not player.score().success
    assert player.score().details["answer"] == "41"


@pytest.mark.parametrize(
    "action", ["FINAL ANSWER:", 'final_answer {"answer": "  "}', 'final_answer {"answer": "FINAL ANSWER: **"}']
)
def test_a_claimed_answer_without_one_is_counted_apart_and_can_be_mended(action: str) -> None:
    player, _ = episode()
    seen = play(player, action)
    assert "no answer in this" in seen[-1][0]
    assert player.score().details == {"answered": False, "unparsable": 1, "answer": None}

    play(player, action, action, "FINAL ANSWER: 42")
    assert player.score().success
    assert player.score().details["unparsable"] == 2


@pytest.mark.parametrize(
    ("feedback", "answer", "told"),
    [
        ("answer", "42", "The answer is recorded. It is right."),
        ("answer", "41", "The answer is recorded. It is wrong. The right answer is: 42"),
        ("verdict", "41", "The answer is recorded. It is wrong."),
        ("none", "41", "The answer is recorded."),
    ],
)
def test_what_is_told_after_an_answer_is_as_configured(feedback: Feedback, answer: str, told: str) -> None:
    player, _ = episode(feedback=feedback)

    assert play(player, f"FINAL ANSWER: {answer}")[-1] == (told, True)


def test_a_hidden_truth_scores_nothing_and_says_so() -> None:
    player, _ = episode(answer=None)
    play(player, "FINAL ANSWER: 42")

    assert player.score().to_json() == {
        "success": False, "value": 0.0, "details": {"answered": True, "unparsable": 0, "answer": "42", "hidden": True}
    }  # fmt: skip


def test_the_opening_names_the_files_and_the_tools_get_them(tmp_path: Path) -> None:
    files = {}
    for name in ("b.txt", "a.txt"):
        files[name] = tmp_path / name
        files[name].write_bytes(name.encode())
    player, opened = episode(files=files)
    seen = play(player, 'look {"at": "it"}', 'look {"at": "it"}', 'look {"at": "nothing"}')

    assert [text for text, _ in seen] == [
        "Question: What is it?\nAttached files: a.txt, b.txt",
        "call 1, files ['a.txt', 'b.txt']",
        "call 2, files ['a.txt', 'b.txt']",
        "There is nothing to be seen.",
    ]
    assert not any(over for _, over in seen)
    assert player.files() == {"a.txt": b"a.txt", "b.txt": b"b.txt"}
    assert [tools.closed for tools in opened] == [True]
    assert player.score().details == {
        "answered": False, "unparsable": 0, "answer": None,
        "tool_calls": 3, "tool_errors": 1, "calls_by_tool": {"look": 3}, "tool_dollars": 1.5,
    }  # fmt: skip


def test_tools_are_opened_only_when_they_are_called_and_anew_after_a_reset() -> None:
    player, opened = episode()
    play(player, "FINAL ANSWER: 42")
    assert opened == []

    for _ in range(2):
        assert play(player, 'look {"at": "it"}')[-1] == ("call 1, files []", False)
    assert [tools.closed for tools in opened] == [True, True]


def test_calls_that_cannot_be_carried_out_get_an_answer() -> None:
    player, _ = episode()
    seen = play(player, "", "lok {}", "look {}", 'look {"at": 3}', "I think the answer is 42.")

    assert not any(over for _, over in seen)
    assert all(text for text, _ in seen)
    assert "Did you mean look?" in seen[2][0]


def test_a_broken_tool_is_a_failure_of_the_machinery_and_quotes_no_restricted_task() -> None:
    for quiet in (False, True):
        with pytest.raises(EnvironmentFailure, match=r"the tool look broke \(OSError") as caught:
            play(episode(quiet=quiet)[0], 'look {"at": "abyss"}')
        assert ("xyzzy" in str(caught.value)) is not quiet
