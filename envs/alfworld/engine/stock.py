"""ALFWorld's own text environment with `TextGame`'s interface: what ours is compared with and measured against."""

from __future__ import annotations

import contextlib
import io
import itertools
import os
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from envs.alfworld.engine.game import GameState

_NO_LIMIT = 10**9


class StockGame:
    """The environment as alfworld's own code makes it, with a step limit that never strikes.

    Not thread-safe. Each instance keeps some 33 MB until the process ends, so load many games into one.
    """

    def __init__(self, path: Path) -> None:
        with _quiet():
            import textworld
            import textworld.gym
            from alfworld.agents.environment.alfred_tw_env import AlfredDemangler, AlfredInfos

            infos = textworld.EnvInfos(won=True, admissible_commands=True, extras=["gamefile"])
            wrappers = [AlfredDemangler(shuffle=False), AlfredInfos]
            name = textworld.gym.register_games(
                [str(path)], infos, batch_size=1, max_episode_steps=_NO_LIMIT, wrappers=wrappers
            )
            self._environment = textworld.gym.make(name)

    def load(self, path: Path) -> None:
        """Play another game from the next `reset` on."""
        # TextWorld draws the next game from this iterator; registering each game anew would leak a planner each time.
        self._environment._gamefiles_iterator = itertools.repeat(str(path))

    def reset(self) -> GameState:
        with _quiet():
            observations, infos = self._environment.reset()
        won = bool(infos["won"][0])
        return self._state(observations[0], won, float(won), infos)

    def step(self, command: str) -> GameState:
        with _quiet():
            observations, scores, dones, infos = self._environment.step([command])
        return self._state(observations[0], bool(dones[0]), float(scores[0]), infos)

    def _state(self, observation: str, done: bool, score: float, infos: dict[str, Any]) -> GameState:
        return GameState(observation, bool(infos["won"][0]), done, score, tuple(infos["admissible_commands"][0]))


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """TextWorld prints, draws a bar, leaves files open and overwrites sys.argv; alfworld sets ALFWORLD_DATA."""
    arguments, data = sys.argv, os.environ.get("ALFWORLD_DATA")
    try:
        with (
            contextlib.redirect_stdout(io.StringIO()),
            contextlib.redirect_stderr(io.StringIO()),
            warnings.catch_warnings(),
        ):
            warnings.simplefilter("ignore")
            yield
    finally:
        sys.argv = arguments
        if data is None:
            os.environ.pop("ALFWORLD_DATA", None)
