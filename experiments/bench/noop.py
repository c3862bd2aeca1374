"""An environment and a model that do nothing, so that what is left is the harness."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fgo.llm.provider import Completion
from fgo.llm.types import Request
from fgo.types import Json, Modules, Score, SimulatedBenchmark, Task, Tool, Usage


@dataclass(slots=True)
class NoOpEpisode:
    """Over after one step, won."""

    async def reset(self) -> str:
        return "Do it."

    async def step(self, action: str) -> tuple[str, bool]:
        return "Done.", True

    def score(self) -> Score:
        return Score(True, 1.0)

    def files(self) -> Mapping[str, bytes]:
        return {}

    async def close(self) -> None:
        return None


@dataclass(frozen=True, slots=True)
class NoOpWorld:
    """An environment of any number of such episodes."""

    name: str = "noop"

    async def prepare(self) -> None:
        return None

    @property
    def test_split(self) -> str:
        return "test"

    def tasks(self, split: str, n: int | None, seed: int) -> Sequence[Task]:
        return [Task(f"{split}-{index}", "do it", "all", split) for index in range(n or 1)]

    def seed_modules(self) -> Modules:
        return Modules({"instructions": "Do it.", "demonstrations": ""})

    def describe(self) -> str:
        return "Nothing much."

    def tools(self) -> Sequence[Tool]:
        return ()

    def fingerprint(self) -> Mapping[str, Json]:
        return {}

    async def open(self, task: Task) -> NoOpEpisode:
        return NoOpEpisode()

    def solution(self, task: Task) -> Sequence[str]:
        return ["do"]

    def simulated(self) -> SimulatedBenchmark:
        raise ValueError("the no-op world teaches nothing")

    async def close(self) -> None:
        return None


@dataclass(slots=True)
class InstantProvider:
    """Answers at once, or after `seconds` without using the processor; counts the time that calls were under way."""

    seconds: float = 0.0
    busy: float = 0.0

    async def complete(self, request: Request, timeout_seconds: float) -> Completion:
        if self.seconds:
            clock = asyncio.get_running_loop().time
            began = clock()
            await asyncio.sleep(self.seconds)
            self.busy += clock() - began
        return Completion("Thought: it is easy.\nAction: do", "stop", Usage(prompt_tokens=100, completion_tokens=12))

    async def close(self) -> None:
        return None
