"""What an agent is: modules and a model that act in an environment; and what it sees of an environment.

A new agent is one file in this folder and one YAML in `conf/agent/` whose `_target_` names a frozen dataclass with a `play`
method; the dataclass' fields are the YAML's keys.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from fgo.llm.model import Model
from fgo.types import Json, Modules, Phase, Score, Status, Step, Task, Tool, Usage


class Episode(Protocol):
    """An environment's side of an episode, as in `envs.base`."""

    async def reset(self) -> str: ...

    async def step(self, action: str) -> tuple[str, bool]: ...

    def score(self) -> Score: ...

    def files(self) -> Mapping[str, bytes]: ...

    async def close(self) -> None: ...


@runtime_checkable
class Admissible(Protocol):
    """An episode that tells which actions apply in its present state; None where it can't after all."""

    def admissible(self) -> Sequence[str] | None: ...


class World(Protocol):
    """As much of an environment as agents and rollouts need."""

    def describe(self) -> str: ...

    def tools(self) -> Sequence[Tool]: ...

    async def open(self, task: Task) -> Episode: ...


@dataclass(frozen=True, slots=True)
class Sitting:
    """Under which circumstances an episode is played: whom its calls are booked to, and its seed."""

    phase: Phase
    scope: Mapping[str, Json]
    seed: int


@dataclass(frozen=True, slots=True)
class Play:
    """What came of an episode: `limited_by` is None where the environment ended it."""

    opening: str
    steps: tuple[Step, ...]
    limited_by: Status | None
    usage: Usage


class Agent(Protocol):
    async def play(self, world: World, episode: Episode, modules: Modules, model: Model, sitting: Sitting) -> Play:
        """Act until the episode is over or a limit is reached. Model and environment errors pass through."""
