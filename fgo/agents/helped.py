"""A world whose agent has helper functions: offered beside the world's own tools (or, where actions are free text, told of in its
description), run in the sandbox on the task's files.

They belong to the agent, not to the world: no environment knows of them, and every agent has them alike.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fgo.agents.base import Episode, World
from fgo.agents.prompting import tools_in_words
from fgo.helpers import MODULE, clashes, parse_helpers
from fgo.sandbox import SandboxConfig, call_function
from fgo.types import Json, Modules, Score, Task, Tool

_CALL = re.compile(r"\s*(\w+)\s*:?(.*)", re.DOTALL)


def with_helpers(world: World, episode: Episode, modules: Modules, sandbox: SandboxConfig) -> tuple[World, Episode]:
    """World and episode with the functions of the modules' "tools"; both as they are where there are none.

    A function that has the name of one of the world's tools is not offered. Raises BadHelpers where the module can't be
    read: who writes modules checks them first.
    """
    source = modules.texts.get(MODULE, "")
    helpers = parse_helpers(source)
    own = world.tools()
    helpers = tuple(helper for helper in helpers if helper.name not in clashes(helpers, own))
    if not helpers:
        return world, episode
    told = "" if own else tools_in_words(helpers, "helpers")
    return _HelpedWorld(world, (*own, *helpers) if own else (), told), _HelpedEpisode(episode, source, helpers, sandbox)


@dataclass(frozen=True, slots=True)
class _HelpedWorld:
    world: World
    all_tools: Sequence[Tool]
    told: str

    def describe(self) -> str:
        return self.world.describe() + self.told

    def tools(self) -> Sequence[Tool]:
        return self.all_tools

    async def open(self, task: Task) -> Episode:
        return await self.world.open(task)


@dataclass(frozen=True, slots=True)
class _HelpedEpisode:
    episode: Episode
    source: str
    helpers: Sequence[Tool]
    sandbox: SandboxConfig

    async def reset(self) -> str:
        return await self.episode.reset()

    async def step(self, action: str) -> tuple[str, bool]:
        found = _CALL.fullmatch(action)
        helper = next((helper for helper in self.helpers if found and helper.name == found[1]), None)
        if found is None or helper is None:
            return await self.episode.step(action)
        arguments = _arguments(found[2].strip())
        if arguments is None:
            return f"{helper.name}: expected a JSON object with {', '.join(helper.parameters['properties'])}.", False
        try:
            outcome = await call_function(self.source, helper.name, arguments, self.episode.files(), self.sandbox)
        except ValueError as error:  # more files than the sandbox takes
            return f"{helper.name}: {error}", False
        return "\n".join(part for part in (outcome.output, outcome.error) if part) or "(nothing returned)", False

    def score(self) -> Score:
        return self.episode.score()

    def files(self) -> Mapping[str, bytes]:
        return self.episode.files()

    async def close(self) -> None:
        await self.episode.close()


def _arguments(text: str) -> dict[str, Json] | None:
    try:
        value = json.loads(text or "{}", strict=False)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None
