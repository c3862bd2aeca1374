"""`fgo oracle`: every task of an environment's test split by its known solution, through the interface that agents use.

The canary against drift of libraries and data: it ends with `oracle: WON/ALL`, and with status 1 unless all are won.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from envs.base import Environment
from experiments.composition import settings_of
from experiments.errors import UsageError
from fgo.concurrency import together
from fgo.types import Task


def oracle(arguments: Sequence[str]) -> int:
    """The exit status of `fgo oracle ARGUMENTS`."""
    settings = settings_of(arguments)
    try:
        failures, total = asyncio.run(_play_all(settings.env, settings.plain.executor.episodes))
    except (FileNotFoundError, ValueError) as error:
        raise UsageError(str(error)) from error
    for task_id, why in failures:
        print(f"not won: {task_id}: {why}")
    print(f"oracle: {total - len(failures)}/{total}")
    return 1 if failures or not total else 0


async def _play_all(env: Environment, at_once: int) -> tuple[list[tuple[str, str]], int]:
    await env.prepare()
    try:
        tasks = env.tasks(env.test_split, None, 0)
        order = iter(tasks)
        failures: list[tuple[str, str]] = []

        async def worker() -> None:
            for task in order:
                why = await play_solution(env, task)
                if why:
                    failures.append((task.id, why))

        await together(worker() for _ in range(at_once))
        return sorted(failures), len(tasks)
    finally:
        await env.close()


async def play_solution(env: Environment, task: Task) -> str:
    """Play a task by its known solution; "" where that wins, else what went wrong."""
    actions = env.solution(task)
    if actions is None:
        return "no solution is known"
    try:
        episode = await env.open(task)
    except Exception as error:  # reported as this task's failure, so that the others are still played
        return f"{type(error).__name__}: {error}"
    try:
        await episode.reset()
        for number, action in enumerate(actions, start=1):
            _, over = await episode.step(action)
            if over and number < len(actions):
                return f"over after {number} of {len(actions)} actions"
        return "" if episode.score().success else f"not solved after all {len(actions)} actions"
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    finally:
        await episode.close()
