from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from experiments.composition import settings_of
from fgo.agents.base import Admissible


@pytest.fixture
def env(tmp_path: Path):  # type: ignore[no-untyped-def]
    return settings_of(
        ["env=alfworld_admissible", "env.source=generated", "env.generated_train=12", "env.generated_test=6",
         "env.workers=1", f"env.cache={tmp_path}"]
    ).env  # fmt: skip


def test_an_episode_tells_what_applies_and_all_of_it_does(env) -> None:  # type: ignore[no-untyped-def]
    async def whole() -> None:
        await env.prepare()
        try:
            task = env.tasks("train", 1, 0)[0]
            episode = await env.open(task)
            assert isinstance(episode, Admissible)
            assert episode.admissible() == ()
            await episode.reset()
            told = episode.admissible()
            assert {"look", "inventory"} < set(told)
            assert any(command.startswith("go to ") for command in told)
            for command in told:
                await episode.reset()
                observation, _ = await episode.step(command)
                assert observation != "Nothing happens.", command
            await episode.reset()
            for command in env.solution(task):
                assert command in episode.admissible()
                await episode.step(command)
            assert episode.score().success
            await episode.close()
        finally:
            await env.close()

    asyncio.run(whole())
