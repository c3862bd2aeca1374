"""The gate's last rows: the simulated player in the environment itself, with no lesson heeded always, some, and all."""

from __future__ import annotations

import asyncio
import hashlib
import tempfile
from collections.abc import Mapping

from envs.logisticsqa.environment import LogisticsQA
from envs.logisticsqa.generator import SPLITS
from envs.logisticsqa.lessons import LESSONS
from envs.logisticsqa.player import play
from fgo.types import Json, Task

UNTAUGHT, TAUGHT = 0.37, 0.921
"""Chance to do right on one occasion: the simulated model's, preset "base" (conf/model/sim.yaml)."""

_NAMES = frozenset(lesson.name for lesson in LESSONS)
_STEPS = 50


def agent_success(n: int, seed: int, split: str) -> dict[float, float]:
    """Chance to act by a lesson -> share of `n` tasks won: for an agent untaught, taught, and one that never errs."""
    with tempfile.TemporaryDirectory() as cache:
        train, validation, test = (n if name == split else 1 for name in SPLITS)
        environment = LogisticsQA(
            source="generated", generated_seed=seed, cache=cache,
            generated_train=train, generated_validation=validation, generated_test=test,
        )  # fmt: skip
        return asyncio.run(_measure(environment, split, seed))


async def _measure(environment: LogisticsQA, split: str, seed: int) -> dict[float, float]:
    await environment.prepare()
    try:
        tasks = environment.tasks(split, None, seed)
        return {
            chance: sum([await _won(environment, task, chance, seed) for task in tasks]) / len(tasks)
            for chance in (UNTAUGHT, TAUGHT, 1.0)
        }
    finally:
        await environment.close()


async def _won(environment: LogisticsQA, task: Task, chance: float, seed: int) -> bool:
    def heeds(rule: str, occasion: str) -> bool:
        key = f"{seed}/{task.id}/{rule}/{occasion}".encode()
        drawn = int.from_bytes(hashlib.blake2b(key, digest_size=8).digest(), "big") / 2**64
        return rule in _NAMES and drawn < chance

    episode = await environment.open(task)
    try:
        turns: list[Mapping[str, Json]] = [{"role": "user", "content": f"Observation: {await episode.reset()}"}]
        for _ in range(_STEPS):
            reply = play(turns, heeds)
            observation, over = await episode.step(reply.partition("Action: ")[2])
            turns.append({"role": "assistant", "content": reply})
            turns.append({"role": "user", "content": f"Observation: {observation}"})
            if over:
                break
        return episode.score().success
    finally:
        await episode.close()
