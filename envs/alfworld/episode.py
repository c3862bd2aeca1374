"""One attempt at one game, with the observations trimmed as the ReAct and ALFWorld papers do."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from envs.alfworld.engine import Game, GamePool
from fgo.types import Score


class AlfWorldEpisode:
    """Won when the engine says so; there is no other way to score, and no step limit (that is the agent's affair)."""

    def __init__(self, game: Game) -> None:
        self._game = game
        self._won = False

    @staticmethod
    async def open(pool: GamePool, path: Path) -> AlfWorldEpisode:
        return AlfWorldEpisode(await pool.open(path))

    async def reset(self) -> str:
        state = await self._game.reset()
        self._won = state.won
        return trim_opening(state.observation)

    async def step(self, action: str) -> tuple[str, bool]:
        state = await self._game.step(action.strip())
        self._won = state.won
        return trim_arrival(state.observation), state.won

    def score(self) -> Score:
        return Score(success=self._won, value=float(self._won))

    def files(self) -> Mapping[str, bytes]:
        return {}

    async def close(self) -> None:
        await self._game.close()


def trim_opening(text: str) -> str:
    """The room and the task without TextWorld's banner, an empty line fewer between them."""
    banner, *parts = text.strip().split("\n\n")
    return "\n".join(parts) if banner.startswith("-=") else "\n".join((banner, *parts))


def trim_arrival(text: str) -> str:
    """Without "You arrive at loc 12.", which only the older games say and which names nothing the agent can use."""
    text = text.strip()
    return text.split(". ", 1)[1] if text.startswith("You arrive at loc ") and ". " in text else text
