from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from experiments.composition import settings_of
from experiments.errors import UsageError
from fgo.agents.base import Admissible

OVERRIDES = [
    "env=alfworld_guided",
    "env.source=generated",
    "env.generated_train=12",
    "env.generated_test=6",
    "env.workers=1",
]


def in_env(tmp_path: Path, body: Callable[[Any], Awaitable[None]], *more: str) -> None:
    async def whole() -> None:
        env = settings_of([*OVERRIDES, f"env.cache={tmp_path}", *more]).env
        await env.prepare()
        try:
            await body(env)
        finally:
            await env.close()

    asyncio.run(whole())


def test_the_commands_that_are_left_win_every_game_and_were_offered(tmp_path: Path) -> None:
    async def body(env: Any) -> None:
        for task in env.tasks("train", None, 0):
            left = env.solution(task)
            assert len(left) == 2
            episode = await env.open(task)
            assert isinstance(episode, Admissible)
            assert episode.admissible() == ()
            opening = await episode.reset()
            assert "What was done so far:\nAction: go to " in opening
            for command in left:
                assert command in episode.admissible(), task.goal
                _, won = await episode.step(command)
            assert won
            assert episode.score().success
            await episode.close()

    in_env(tmp_path, body)


def test_whole_games_where_no_limit_is_set(tmp_path: Path) -> None:
    async def body(env: Any) -> None:
        task = env.tasks("train", 1, 0)[0]
        episode = await env.open(task)
        assert "What was done so far" not in await episode.reset()
        for command in env.solution(task):
            assert command in episode.admissible()
            await episode.step(command)
        assert episode.score().success
        await episode.close()

    in_env(tmp_path, body, "env.remaining=null")


def test_each_observation_ends_with_what_applies_and_the_task(tmp_path: Path) -> None:
    async def body(env: Any) -> None:
        task = env.tasks("train", 1, 0)[0]
        episode = await env.open(task)
        for observation in (await episode.reset(), (await episode.step("go to nowhere 1"))[0]):
            *_, commands, goal = observation.split("\n")
            assert commands == "Commands that apply: " + "; ".join(episode.admissible())
            assert goal == f"Your task is to: {task.goal}. Which command is next?"
        assert not any(c.startswith(("look", "inventory", "help", "examine", "close")) for c in episode.admissible())
        await episode.close()

    in_env(tmp_path, body)


def test_what_was_tried_is_offered_again_only_where_something_changed_or_nothing_else_is_left(tmp_path: Path) -> None:
    async def body(env: Any) -> None:
        episode = await env.open(env.tasks("train", 1, 0)[0])
        await episode.reset()
        first = episode.admissible()
        going = next(command for command in first if command.startswith("go to "))
        await episode.step(going)
        assert going not in episode.admissible() or set(episode.admissible()) != set(first)
        for _ in range(60):  # walks in circles as a small model would, always by the first command on offer
            offered = episode.admissible()
            assert offered
            await episode.step(offered[0])
        await episode.reset()
        assert episode.admissible() == first
        await episode.close()

    in_env(tmp_path, body)


def test_a_senseless_limit_is_refused() -> None:
    with pytest.raises(UsageError, match=r"env\.remaining=0: must be at least 1 command"):
        settings_of([*OVERRIDES, "env.remaining=0"])


def take_walkthrough(game: Path) -> None:
    game.write_text(game.read_text().replace('"walkthrough": [', '"was": ['))


def test_games_without_a_walkthrough_are_refused_before_one_is_played(tmp_path: Path) -> None:
    async def body(env: Any) -> None:
        take_walkthrough(Path(env.tasks("train", 2, 0)[1].data["game"]))
        assert len(env.tasks("train", 1, 0)) == 1
        with pytest.raises(
            ValueError, match=r"1 of 2 games of the split 'train' hold no walkthrough.*env\.remaining=null"
        ):
            env.tasks("train", 2, 0)

    in_env(tmp_path, body)
