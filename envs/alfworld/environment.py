"""ALFWorld as an environment of this harness: household tasks in text, played by ALFWorld's rules.

One class joins the parts: library.py finds games or has them generated, draw.py chooses among them, engine/ plays them.
README.md says what the splits hold.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from envs.alfworld import data
from envs.alfworld.draw import draw_order
from envs.alfworld.engine import GamePool
from envs.alfworld.episode import AlfWorldEpisode
from envs.alfworld.library import SOURCES, TEST_SPLITS, Library, generated_library, official_library, resolve_source
from envs.alfworld.proof import prove_winnable
from envs.alfworld.texts import DESCRIPTION, SEED_MODULES
from envs.cache import cache_folder, write_atomically
from fgo.types import Json, Modules, SimulatedBenchmark, Task, Tool

_log = logging.getLogger(__name__)


_NO_EFFECT = {"affects_result": False}  # such keys may change when a run goes on


@dataclass
class _Runtime:
    """What `prepare` sets up: everything about an environment that is not configuration."""

    library: Library | None = None
    pool: GamePool | None = None


@dataclass(frozen=True)
class AlfWorld:
    """ALFWorld's text games. The fields are the keys of conf/env/alfworld.yaml, explained there."""

    source: str = "auto"
    split: str = "auto"
    validation_share: float = 0.2
    generated_seed: int = 0
    generated_train: int = 300
    generated_test: int = 60
    workers: int | None = field(default=None, metadata=_NO_EFFECT)
    recycle_after: int = field(default=1000, metadata=_NO_EFFECT)
    cache: str | None = field(default=None, metadata=_NO_EFFECT)

    def __post_init__(self) -> None:
        _require(self.source in SOURCES, "source", self.source, f"one of {', '.join(SOURCES)}")
        sources = tuple(TEST_SPLITS) if self.source == "auto" else (self.source,)
        splits = ("auto", *(split for source in sources for split in TEST_SPLITS[source]))
        _require(self.split in splits, "split", self.split, f"one of {', '.join(splits)}")
        _require(0 < self.validation_share < 1, "validation_share", self.validation_share, "a number between 0 and 1")
        for key in ("generated_train", "generated_test"):
            count = getattr(self, key)
            _require(count > 0 and count % 6 == 0, key, count, "a positive multiple of 6, the number of task types")
        _require(self.workers is None or self.workers > 0, "workers", self.workers, "a positive number, or null")
        _require(self.recycle_after > 0, "recycle_after", self.recycle_after, "a positive number of games")

    @property
    def name(self) -> str:
        return "alfworld"

    @property
    def test_split(self) -> str:
        return TEST_SPLITS[self._source][0] if self.split == "auto" else self.split

    async def prepare(self) -> None:
        """Find the games, or generate them and prove them winnable (once: they stay in the cache).

        Raises FileNotFoundError where official games are wanted and missing, ValueError for a broken game file.
        """
        if self._runtime.pool is not None:
            return
        library = await asyncio.to_thread(self._find_games)
        pool = GamePool(self.workers or _cores(), self.recycle_after)
        try:
            if library.source == "generated":
                await _prove_once(library, pool)
        except BaseException:
            await pool.close()
            raise
        self._runtime.library, self._runtime.pool = library, pool

    def tasks(self, split: str, n: int | None, seed: int) -> Sequence[Task]:
        """See `Environment.tasks`. Draws are nested and stratified by task type (draw.py says how)."""
        library = self._library
        games = library.games(split)
        if n is not None and not 0 <= n <= len(games):
            raise ValueError(f"{n} tasks of the ALFWorld split {split!r} were asked for; it has {len(games)}.")
        return [
            Task(game.id, game.goal, game.category, split, {"game": str(library.path(split, game))})
            for game in draw_order(games, split, seed)[:n]
        ]

    def seed_modules(self) -> Modules:
        return Modules(SEED_MODULES)

    def describe(self) -> str:
        return DESCRIPTION

    def tools(self) -> Sequence[Tool]:
        return ()  # actions are free text

    def fingerprint(self) -> Mapping[str, Json]:
        """Source, versions, and of each split in use its size, grammar and a digest of its games."""
        return {"benchmark": self.name, **self._library.fingerprint()}

    async def open(self, task: Task) -> AlfWorldEpisode:
        if self._runtime.pool is None:
            raise RuntimeError("this AlfWorld is not prepared, or closed: await its prepare() before open()")
        return await AlfWorldEpisode.open(self._runtime.pool, Path(task.data["game"]))

    def solution(self, task: Task) -> Sequence[str] | None:
        """The game's walkthrough; None for games of ALFWorld's older release, whose files hold none."""
        return data.read_walkthrough(Path(task.data["game"]))

    def simulated(self) -> SimulatedBenchmark:
        from envs.alfworld.simulated import AlfWorldSimulated

        return AlfWorldSimulated()

    async def close(self) -> None:
        pool, self._runtime.pool = self._runtime.pool, None
        if pool is not None:
            await pool.close()

    @cached_property
    def _runtime(self) -> _Runtime:
        return _Runtime()

    @cached_property
    def _source(self) -> str:
        return resolve_source(self.source)

    @property
    def _library(self) -> Library:
        if self._runtime.library is None:
            raise RuntimeError("this AlfWorld is not prepared: await its prepare() before asking for tasks")
        return self._runtime.library

    def _find_games(self) -> Library:
        places = (self.test_split, self.validation_share, cache_folder(self.cache, "alfworld"))
        if self._source == "official":
            library = official_library(*places)
        else:
            library = generated_library(*places, self.generated_seed, self.generated_train, self.generated_test)
        if self.source == "auto":
            _log.warning("ALFWorld games: %s (%s)", library.source.upper(), library.root)
        library.report()
        return library


async def _prove_once(library: Library, pool: GamePool) -> None:
    mark = library.root / "proven"
    if not mark.exists():
        await prove_winnable(
            pool, [library.path(split, game) for split in library.splits for game in library.games(split)]
        )
        try:
            write_atomically(mark, b"")
        except OSError as error:  # A cache shared read-only, say: the games are proven all the same.
            _log.warning("%s can't be written (%s): the games will be proven anew each time", mark, error)


def _cores() -> int:
    affinity = getattr(os, "sched_getaffinity", None)  # Linux alone has it, and containers limit it
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def _require(condition: bool, key: str, value: object, allowed: str) -> None:
    if not condition:
        raise ValueError(f"env.{key}={value}: must be {allowed}")
