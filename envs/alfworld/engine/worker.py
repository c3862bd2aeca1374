"""A worker process: plays games for its parent, one JSON request a line on stdin, one JSON answer a line on stdout.

    ["open", GAME, PATH] -> [true, null]                      ["reset", GAME] -> [true, STATE]
    ["step", GAME, COMMAND] -> [true, STATE]                  ["close", GAME] -> [true, null]

STATE is a list of `GameState`'s fields, in order. What fails is answered with [false, MESSAGE]. The worker ends when
its stdin does, so it can't outlive its parent.
"""

from __future__ import annotations

import dataclasses
import os
import signal
import sys
from collections import OrderedDict
from pathlib import Path
from typing import Any

import orjson

from envs.alfworld.engine.game import GameState, TextGame
from envs.alfworld.engine.game_file import GameFile, read_game

_FIELDS = [field.name for field in dataclasses.fields(GameState)]
_FILES_KEPT = 32  # About 0.4 MB each.


def main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the parent decides when to stop.
    requests = sys.stdin.buffer
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # Whatever prints must not garble the answers.
    games = _Games()
    try:
        for line in requests:
            answers.write(orjson.dumps(_answer(games, orjson.loads(line))) + b"\n")
            answers.flush()
    except BrokenPipeError:
        os._exit(0)  # The parent is gone.


def _answer(games: _Games, request: list[Any]) -> list[Any]:
    try:
        kind, game, *arguments = request
        return [True, getattr(games, kind)(game, *arguments)]
    except Exception as error:
        return [False, f"{type(error).__name__}: {error}"]


class _Games:
    """The open games, by number. Files are kept for a while: tasks are played again and again."""

    def __init__(self) -> None:
        self._open: dict[int, TextGame] = {}
        self._files: OrderedDict[tuple[str, int], GameFile] = OrderedDict()

    def open(self, game: int, path: str) -> None:
        self._open[game] = TextGame(self._file(path))

    def reset(self, game: int) -> list[Any]:
        return _listed(self._open[game].reset())

    def step(self, game: int, command: str) -> list[Any]:
        return _listed(self._open[game].step(command))

    def close(self, game: int) -> None:
        self._open.pop(game, None)

    def _file(self, path: str) -> GameFile:
        key = path, Path(path).stat().st_mtime_ns
        if key not in self._files:
            self._files[key] = read_game(Path(path))
            if len(self._files) > _FILES_KEPT:
                self._files.popitem(last=False)
        self._files.move_to_end(key)
        return self._files[key]


def _listed(state: GameState) -> list[Any]:
    return [getattr(state, name) for name in _FIELDS]


if __name__ == "__main__":
    main()
