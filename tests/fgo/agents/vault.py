"""A world with two tools, for agents: a vault whose number is read and then said."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fgo.types import Score, Task, Tool

PEEK = Tool("peek", "Reads the note.", {"type": "object", "properties": {}})
SAY = Tool(
    "say",
    "Says the number.",
    {"type": "object", "properties": {"number": {"type": "integer"}}, "required": ["number"]},
)


@dataclass
class VaultEpisode:
    open: bool = False

    async def reset(self) -> str:
        return "A vault. Open it."

    async def step(self, action: str) -> tuple[str, bool]:
        if action.startswith("peek"):
            return "The number is 42.", False
        try:
            self.open = json.loads(action.removeprefix("say"))["number"] == 42
        except (ValueError, KeyError, TypeError):
            return f"Not understood: {action}", False
        return ("It opens." if self.open else "It stays closed."), self.open

    def score(self) -> Score:
        return Score(self.open, float(self.open))

    def files(self) -> Mapping[str, bytes]:
        return {"note.txt": b"42"}

    async def close(self) -> None:
        return None


@dataclass
class Vault:
    def describe(self) -> str:
        return "A vault with a number."

    def tools(self) -> Sequence[Tool]:
        return (PEEK, SAY)

    async def open(self, task: Task) -> VaultEpisode:
        return VaultEpisode()


TASK = Task("vault", "Open it.", "", "train")
