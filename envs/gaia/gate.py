"""How hard the embedded set is for the simulated model: `python -m envs.gaia.gate` plays it without any optimizer.

Prints three rates of success: untaught (each lesson is heeded with chance `competence` on an occasion, no false rule is
followed), taught (with chance `follow`), and the oracle's (the solutions that come with the tasks, which must be 1). The
chances are those of conf/model/sim.yaml; what they were set from is told there. Episodes take the environment's own tools.
"""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from envs.gaia.environment import Gaia
from envs.gaia.lessons import MISCONCEPTIONS
from envs.gaia.player import play
from fgo.sandbox import SandboxConfig
from fgo.sandbox.types import Unguarded
from fgo.types import Task, digest

COMPETENCE, FOLLOW = 0.37, 0.921
_MOST_STEPS = 20
_FALSE = frozenset(rule.name for rule in MISCONCEPTIONS)


@dataclass(frozen=True, slots=True)
class Rates:
    """Shares of tasks solved, by level and over all ("all")."""

    untaught: Mapping[str, float]
    taught: Mapping[str, float]
    oracle: Mapping[str, float]


async def measure(environment: Gaia, split: str, seeds: Sequence[int]) -> Rates:
    """Play all tasks of a split once a seed, untaught and taught, and each solution once. The environment is prepared."""
    tasks = environment.tasks(split, None, 0)

    async def rate(attempt: Callable[[Task, int], Awaitable[bool]], repeats: Sequence[int]) -> Mapping[str, float]:
        solved: dict[str, list[bool]] = {"all": []}
        for seed in repeats:
            for task in tasks:
                won = await attempt(task, seed)
                solved.setdefault(task.category, []).append(won)
                solved["all"].append(won)
        return {name: sum(wins) / len(wins) for name, wins in sorted(solved.items())}

    return Rates(
        await rate(lambda task, seed: _played(environment, task, seed, COMPETENCE), seeds),
        await rate(lambda task, seed: _played(environment, task, seed, FOLLOW), seeds),
        await rate(lambda task, seed: _solved(environment, task), [0]),
    )


async def _played(environment: Gaia, task: Task, seed: int, chance: float) -> bool:
    """Whether the player, with this chance to heed a lesson, solves the task."""

    def heeds(lesson: str, occasion: str) -> bool:
        drawn = int(digest(str(seed), task.goal, lesson, occasion), 16) / 2**64
        return lesson not in _FALSE and drawn < chance

    episode = await environment.open(task)
    try:
        turns = [{"role": "user", "content": f"Observation: {await episode.reset()}"}]
        for _ in range(_MOST_STEPS):
            reply = play(turns, heeds)
            observation, over = await episode.step(reply.split("\nAction: ", 1)[1])
            turns += [
                {"role": "assistant", "content": reply},
                {"role": "user", "content": f"Observation: {observation}"},
            ]
            if over:
                break
        return episode.score().success
    finally:
        await episode.close()


async def _solved(environment: Gaia, task: Task) -> bool:
    episode = await environment.open(task)
    try:
        await episode.reset()
        for action in environment.solution(task) or ():
            await episode.step(action)
        return episode.score().success
    finally:
        await episode.close()


async def _main(split: str, seeds: int, unguarded: Unguarded) -> None:
    environment = Gaia(source="embedded", sandbox=SandboxConfig(unguarded=unguarded))
    await environment.prepare()
    try:
        rates = await measure(environment, split, range(seeds))
    finally:
        await environment.close()
    for name in ("untaught", "taught", "oracle"):
        shares = getattr(rates, name)
        print(f"{name:9}", "  ".join(f"{key} {100 * share:.1f} %" for key, share in shares.items()))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--split", default="test", help="train, validation or test")
    parser.add_argument("--seeds", type=int, default=4, help="how often each task is played")
    parser.add_argument("--unguarded", choices=("refuse", "allow"), default="refuse", help="as sandbox.unguarded")
    chosen = parser.parse_args()
    asyncio.run(_main(chosen.split, chosen.seeds, chosen.unguarded))
