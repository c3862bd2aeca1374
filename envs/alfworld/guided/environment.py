"""ALFWorld for very small models: the search is done, the commands are listed, and the task is told again each time.

A model of 1.5 billion parameters wins no game of the standard protocol, taught or not, so nothing can be learnt about
optimizers from it there. Here the first part of a game's walkthrough is played before the agent's turn, and its opening shows
what was done. Success rates are none of the standard protocol's, so it is an environment of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from envs.alfworld.environment import AlfWorld
from envs.alfworld.episode import AlfWorldEpisode
from fgo.types import Task

_CHANGES_NOTHING = ("look", "inventory", "help", "examine", "close")  # or nothing that a task asks for


class GuidedEpisode(AlfWorldEpisode):
    """played: the commands that are carried out before the agent's turn. goal: the task, told with each observation."""

    def __init__(self, episode: AlfWorldEpisode, played: Sequence[str], goal: str) -> None:
        super().__init__(episode._game)
        self._played, self._goal = tuple(played), goal
        self._tried: set[tuple[tuple[str, ...], str]] = set()

    async def reset(self) -> str:
        self._tried = set()
        lines = [await super().reset()]
        if self._played:
            lines.append("What was done so far:")
        for command in self._played:
            observation, _ = await super().step(command)
            lines += [f"Action: {command}", f"Observation: {observation}"]
        return self._told("\n".join(lines))

    async def step(self, action: str) -> tuple[str, bool]:
        self._tried.add((self._game.admissible, action.strip()))
        observation, won = await super().step(action)
        return (observation, won) if won else (self._told(observation), won)

    def admissible(self) -> tuple[str, ...]:
        """The commands that apply now and change something, without those that were tried before where the very same
        commands applied: small models go round in circles. () before the first `reset`."""
        useful = sorted(c for c in self._game.admissible if not c.startswith(_CHANGES_NOTHING))
        return tuple(c for c in useful if (self._game.admissible, c) not in self._tried) or tuple(useful)

    def _told(self, observation: str) -> str:
        commands = "; ".join(self.admissible())
        return f"{observation}\nCommands that apply: {commands}\nYour task is to: {self._goal}. Which command is next?"


@dataclass(frozen=True)
class GuidedAlfWorld(AlfWorld):
    """ALFWorld's games, of whose walkthroughs only the last `remaining` commands are left to the agent; None: all of them. The
    other fields are AlfWorld's own."""

    remaining: int | None = 2

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.remaining is not None and self.remaining < 1:
            raise ValueError(f"env.remaining={self.remaining}: must be at least 1 command, or null")

    def tasks(self, split: str, n: int | None, seed: int) -> Sequence[Task]:
        """See `Environment.tasks`. Raises ValueError for games without a walkthrough (those of ALFWorld's older release),
        where one is needed."""
        tasks = super().tasks(split, n, seed)
        without = [] if self.remaining is None else [task.id for task in tasks if self.solution(task) is None]
        if without:
            raise ValueError(
                f"{len(without)} of {len(tasks)} games of the split {split!r} hold no walkthrough to begin from, the first is "
                f"{without[0]}: env=alfworld_guided needs games of ALFWorld's newer release, env.source=generated, or "
                "env.remaining=null"
            )
        return tasks

    async def open(self, task: Task) -> GuidedEpisode:
        """See `Environment.open`. The task is one of `tasks`."""
        played: Sequence[str] = ()
        if self.remaining is not None:
            walkthrough = super().solution(task)
            assert walkthrough is not None  # or `tasks` had refused it
            played = walkthrough[: -self.remaining]
        return GuidedEpisode(await super().open(task), played, task.goal)

    def solution(self, task: Task) -> Sequence[str] | None:
        """What of the game's walkthrough is left to the agent."""
        walkthrough = super().solution(task)
        return walkthrough if walkthrough is None or self.remaining is None else walkthrough[-self.remaining :]
