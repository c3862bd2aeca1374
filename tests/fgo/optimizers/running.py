"""One optimizer at work in the world of words, and what its journal says of it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from fgo.agents.base import Episode, Play, Sitting, World
from fgo.agents.react import ReAct
from fgo.journal import read_events
from fgo.llm.model import Model
from fgo.llm.types import Caller, Request
from fgo.optimizers.base import Optimizer
from fgo.types import Json, Modules
from tests.fakes import SEED, Answer, ScriptedDoor, make_lab, word_tasks
from tests.fgo.optimizers.teacher import teach

REACT = ReAct(max_steps=4)
WITH_TOOLS = SEED.child({"tools": ""}, "seed")


@dataclass(frozen=True)
class Run:
    modules: Modules
    door: ScriptedDoor
    events: Sequence[Mapping[str, Json]]

    def of(self, kind: str) -> list[Mapping[str, Json]]:
        return [event for event in self.events if event["kind"] == kind]

    def prompts(self, role: str) -> list[str]:
        """What was shown to a role, oldest first."""
        return [str(request.messages[1]["content"]) for request, caller in self.door.asked if caller.role == role]

    def episodes(self, phase: str) -> int:
        return sum(event["phase"] == phase for event in self.of("episode"))


class ToolReader:
    """An agent that goes by its tools' text as if it stood in its instructions."""

    async def play(self, world: World, episode: Episode, modules: Modules, model: Model, sitting: Sitting) -> Play:
        told = modules.child({"instructions": f"{modules['instructions']}\n{modules.texts.get('tools', '')}"}, "seed")
        return await REACT.play(world, episode, told, model, sitting)


def run(
    folder: Path, method: Optimizer, answer: Answer = teach, n: int = 4, seed: Modules = SEED, **lab_settings: Any
) -> Run:
    lab, door = make_lab(folder, answer, **{"validation": word_tasks(4, start=8), **lab_settings})
    lab = replace(lab, rollouts=replace(lab.rollouts, agent=ToolReader()))
    modules = asyncio.run(method.optimize(seed, word_tasks(n), lab))
    lab.journal.close()
    return Run(modules, door, list(read_events(folder / "journal.jsonl")))


def replying(*replies: str) -> Answer:
    """The teacher's agent; all others get these replies in turn, the last one for ever."""
    left = list(replies)

    def answer(request: Request, caller: Caller) -> str:
        if caller.role == "agent":
            return teach(request, caller)
        return left.pop(0) if len(left) > 1 else left[0]

    return answer
