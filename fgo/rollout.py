"""Many (modules, task) pairs to trajectories: concurrently, resumably, and with failures of the machinery kept apart.

An episode's id follows from what it is (phase, scope, modules, task, repeat, seed). A finished one is read from the journal;
an unfinished one is played again from its start, its finished calls answered from the journal too, so nothing is paid twice.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import orjson

from fgo.agents.base import Admissible, Agent, Episode, Sitting, World
from fgo.agents.helped import with_helpers
from fgo.concurrency import together
from fgo.journal import Journal
from fgo.llm.model import Model
from fgo.llm.types import BadRequest, ModelError, ReplayMiss
from fgo.sandbox import Refused, SandboxConfig, SandboxError
from fgo.types import Json, Modules, Phase, Score, Status, Task, Trajectory, Usage, digest

T = TypeVar("T")


class EpisodesFailed(Exception):
    """Episodes that the machinery could not finish, however often tried. Running the same command again tries them again."""

    def __init__(self, failures: Sequence[Trajectory]) -> None:
        self.failures = tuple(failures)
        kinds = sorted({failure.status.value.replace("_", " ") for failure in failures})
        first = failures[0]
        super().__init__(
            f"{len(failures)} episode(s) could not be finished ({', '.join(kinds)}); first: task {first.task_id}: "
            f"{first.error}. They count as neither won nor lost; run the same command again to try them again."
        )


def seed_of(*parts: Json) -> int:
    """A 31-bit seed for a named purpose: equal parts, equal seed, on every machine."""
    return int(digest(*(orjson.dumps(part, option=orjson.OPT_SORT_KEYS).decode() for part in parts)), 16) & 0x7FFFFFFF


@dataclass(frozen=True, slots=True)
class Rollouts:
    """Plays episodes of one agent in one world. `slots` bounds the episodes under way over all concurrent `run`s.

    tries: how often an episode is played before a failure of the machinery is reported. sandbox: where helper functions that
    an optimizer wrote are run.
    """

    world: World
    agent: Agent
    model: Model
    journal: Journal
    seed: int
    slots: asyncio.Semaphore
    concurrency: int
    tries: int = 3
    sandbox: SandboxConfig = field(default_factory=SandboxConfig)

    async def run(
        self, modules: Modules, tasks: Sequence[Task], phase: Phase, scope: Mapping[str, Json], repeat: int = 0
    ) -> list[Trajectory]:
        """One trajectory per task, in the tasks' order. `repeat` numbers independent attempts at the same tasks.

        Raises EpisodesFailed, after all others have finished, where the machinery failed; at once BudgetExceeded, and
        BadRequest, ReplayMiss or Refused (by the sandbox), which no retry mends.
        """
        results: list[Trajectory | None] = [None] * len(tasks)
        order = iter(range(len(tasks)))
        digest_ = modules.digest

        async def worker() -> None:
            for index in order:
                results[index] = await self._episode(modules, digest_, tasks[index], phase, scope, repeat)

        await together(worker() for _ in range(min(self.concurrency, len(tasks))))
        trajectories = [result for result in results if result is not None]
        failures = [trajectory for trajectory in trajectories if trajectory.status.is_infrastructure]
        if failures:
            raise EpisodesFailed(failures)
        return trajectories

    async def _episode(
        self, modules: Modules, modules_digest: str, task: Task, phase: Phase, scope: Mapping[str, Json], repeat: int
    ) -> Trajectory:
        seed = seed_of("episode", self.seed, task.id, repeat)
        id = digest(
            phase, orjson.dumps(scope, option=orjson.OPT_SORT_KEYS).decode(), modules_digest, task.id, str(seed)
        )
        known = self.journal.find("episode", id)
        if known is not None:
            return Trajectory.from_json(known["trajectory"])
        sitting = Sitting(phase, {**scope, "episode": id}, seed)
        async with self.slots:
            for attempt in range(1, self.tries + 1):
                trajectory = await self._play(modules, modules_digest, task, sitting, id)
                if not trajectory.status.is_infrastructure:
                    self.journal.append(
                        "episode", id=id, phase=phase, scope=dict(scope), repeat=repeat, trajectory=trajectory.to_json()
                    )
                    return trajectory
                self.journal.append(
                    "failure", episode=id, phase=phase, task_id=task.id, status=trajectory.status.value,
                    error=trajectory.error, attempt=attempt,
                )  # fmt: skip
        return trajectory

    async def _play(self, modules: Modules, modules_digest: str, task: Task, sitting: Sitting, id: str) -> Trajectory:
        def ended(status: Status, score: Score, opening: str = "", error: str = "") -> Trajectory:
            return Trajectory(
                task.id, task.category, task.goal, modules_digest, opening, (), status, score, Usage(), error, id
            )

        nothing = Score(False, 0.0)
        try:
            episode = _Guarded(await _guarded(self.world.open(task)))
            try:
                world, helped = with_helpers(self.world, episode, modules, self.sandbox)
                play = await self.agent.play(world, helped, modules, self.model, sitting)
                score = episode.score()
            finally:
                await episode.close()
        except (BadRequest, ReplayMiss, Refused):
            raise  # no later attempt nor any other episode would fare better: stop before more is spent
        except ModelError as error:
            return ended(Status.PROVIDER_ERROR, nothing, error=_described(error))
        except SandboxError as error:
            return ended(Status.ENVIRONMENT_ERROR, nothing, error=_described(error))
        except _WorldBroke as error:  # anything else is a bug, and shown as one
            return ended(Status.ENVIRONMENT_ERROR, nothing, error=str(error))
        status = play.limited_by or (Status.WON if score.success else Status.LOST)
        return Trajectory(
            task.id,
            task.category,
            task.goal,
            modules_digest,
            play.opening,
            play.steps,
            status,
            score,
            play.usage,
            "",
            id,
        )


def _described(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"


class _WorldBroke(Exception):
    """Whatever an environment raised."""


async def _guarded(work: Awaitable[T]) -> T:
    try:
        return await work
    except Exception as error:
        raise _WorldBroke(_described(error)) from error


def _guarded_call(call: Callable[[], T]) -> T:
    try:
        return call()
    except Exception as error:
        raise _WorldBroke(_described(error)) from error


@dataclass(frozen=True, slots=True)
class _Guarded:
    """An episode whose failures can't be taken for the agent's, the model's or the harness' own."""

    episode: Episode

    async def reset(self) -> str:
        return await _guarded(self.episode.reset())

    async def step(self, action: str) -> tuple[str, bool]:
        return await _guarded(self.episode.step(action))

    def score(self) -> Score:
        return _guarded_call(self.episode.score)

    def files(self) -> Mapping[str, bytes]:
        return _guarded_call(self.episode.files)

    def admissible(self) -> Sequence[str] | None:
        return _guarded_call(self.episode.admissible) if isinstance(self.episode, Admissible) else None

    async def close(self) -> None:
        await _guarded(self.episode.close())
