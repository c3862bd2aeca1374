"""Proves games winnable: each one's walkthrough is played through the engine, and must win with its last command."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

from envs.alfworld.data import read_walkthrough
from envs.alfworld.engine import GamePool
from envs.alfworld.episode import AlfWorldEpisode
from envs.base import EnvironmentFailure

_AT_ONCE = 16
_NAMED = 5


async def prove_winnable(pool: GamePool, games: Sequence[Path]) -> None:
    """Raises EnvironmentFailure that counts the games whose walkthrough does not win them, and names the first."""
    limit = asyncio.Semaphore(_AT_ONCE)

    async def wins(game: Path) -> bool:
        async with limit:
            return await _wins(pool, game)

    outcomes = await asyncio.gather(*(wins(game) for game in games))
    lost = [str(game) for game, won in zip(games, outcomes, strict=True) if not won]
    if lost:
        more = f", and {len(lost) - _NAMED} more" if len(lost) > _NAMED else ""
        named = ", ".join(lost[:_NAMED]) + more
        raise EnvironmentFailure(f"{len(lost)} of {len(games)} games are not won by their walkthrough: {named}")


async def _wins(pool: GamePool, game: Path) -> bool:
    episode = await AlfWorldEpisode.open(pool, game)
    try:
        await episode.reset()
        won = [episode.score().success]
        for action in read_walkthrough(game) or ():
            await episode.step(action)
            won.append(episode.score().success)
        return won[-1] and not any(won[:-1])
    finally:
        await episode.close()
