"""ALFWorld as an environment of this harness: household tasks in text, played by the real engine.

One class joins the parts: data.py finds games, generator.py writes them where there are none, draw.py chooses among
them, engine/ plays them. README.md says what the splits hold.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from importlib.metadata import version
from pathlib import Path

from envs.alfworld import data, generator
from envs.alfworld.data import GameFile
from envs.alfworld.draw import draw_order, hold_out
from envs.alfworld.engine import GamePool
from envs.alfworld.episode import AlfWorldEpisode
from envs.alfworld.proof import prove_winnable
from envs.alfworld.texts import DESCRIPTION, MODULE_NOTES, SEED_MODULES
from envs.cache import build_once, cache_folder, write_atomically
from fgo.types import Json, Modules, SimulatedBenchmark, Task, digest

_log = logging.getLogger(__name__)

SOURCES = ("auto", "official", "generated")
TEST_SPLITS = {"official": ("valid_unseen", "valid_seen"), "generated": ("test",)}  # each source's default first


@dataclass
class _Runtime:
    """What `prepare` sets up: everything about an environment that is not configuration."""

    root: Path = Path()
    games: dict[str, Sequence[GameFile]] = field(default_factory=dict)
    folders: dict[str, str] = field(default_factory=dict)
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
    workers: int | None = None
    recycle_after: int = 1000
    cache: str | None = None

    def __post_init__(self) -> None:
        _require(self.source in SOURCES, "source", self.source, f"one of {', '.join(SOURCES)}")
        known = tuple(split for source in self._possible_sources for split in TEST_SPLITS[source])
        _require(self.split in ("auto", *known), "split", self.split, f"one of auto, {', '.join(known)}")
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

        Raises FileNotFoundError where official data is wanted and missing, ValueError for a broken game file.
        """
        if self._runtime.pool is not None:
            return
        await asyncio.to_thread(self._load_games)
        self._runtime.pool = GamePool(self.workers or _cores(), self.recycle_after)
        if self._source == "generated":
            await self._prove_games(self._runtime.pool)

    def tasks(self, split: str, n: int | None, seed: int) -> Sequence[Task]:
        """See `Environment.tasks`. Draws are nested and stratified by task type (draw.py says how)."""
        games = self._games(split)
        if n is not None and not 0 <= n <= len(games):
            raise ValueError(f"{n} tasks of the ALFWorld split {split!r} were asked for; it has {len(games)}.")
        return [self._task(split, game) for game in draw_order(games, split, seed)[:n]]

    def seed_modules(self) -> Modules:
        return Modules(SEED_MODULES)

    def module_notes(self) -> Mapping[str, str]:
        return MODULE_NOTES

    def describe(self) -> str:
        return DESCRIPTION

    def fingerprint(self) -> Mapping[str, Json]:
        """Source, engine versions and, of each split in use, its size, grammar and a digest of its games."""
        used = {split: self._games(split) for split in ("train", "validation", self.test_split) if self._has(split)}
        return {
            "benchmark": self.name,
            "source": self._source,
            "splits": {
                split: {
                    "games": len(games),
                    "grammar": "+".join(sorted({game.grammar for game in games})),
                    "digest": digest(*sorted(game.digest for game in games)),
                }
                for split, games in used.items()
            },
            "incomplete": {split: f"{found} of {all_}" for split, (found, all_) in self._incomplete().items()},
            "generator": generator.VERSION if self._source == "generated" else None,
            "alfworld": version("alfworld"),
            "textworld": version("textworld"),
        }

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

    # What the configuration resolves to

    @cached_property
    def _runtime(self) -> _Runtime:
        return _Runtime()

    @cached_property
    def _cache(self) -> Path:
        return cache_folder(self.cache, "alfworld")

    @cached_property
    def _source(self) -> str:
        if self.source != "auto":
            return self.source
        return "official" if data.has_games(data.official_root()) else "generated"

    @property
    def _possible_sources(self) -> tuple[str, ...]:
        return ("official", "generated") if self.source == "auto" else (self.source,)

    # Games

    def _load_games(self) -> None:
        runtime = self._runtime
        runtime.root = self._official_games() if self._source == "official" else self._generated_games()
        for split in ("train", self.test_split):
            if split == self.test_split or (runtime.root / data.LAYOUT / split).is_dir():
                runtime.games[split] = data.read_split(runtime.root, split, self._cache / "index")
                runtime.folders[split] = split
        if "train" in runtime.games:
            train, validation = hold_out(runtime.games["train"], self.validation_share)
            runtime.games |= {"train": train, "validation": validation}
            runtime.folders["validation"] = "train"
        self._report()

    def _official_games(self) -> Path:
        root = data.official_root()
        if not data.has_games(root):
            raise FileNotFoundError(
                f"no ALFWorld data: {root / data.LAYOUT} is missing. Run `alfworld-download` and set "
                f"{data.DATA_VARIABLE} to the folder it wrote to (by default ~/.cache/alfworld), or "
                "play generated games: env.source=generated."
            )
        return root

    def _generated_games(self) -> Path:
        sizes = (self.generated_seed, self.generated_train, self.generated_test)
        root = self._cache / generator.folder_name(*sizes)
        if build_once(root, lambda draft: generator.generate(draft, *sizes)):
            _log.info("generated %d ALFWorld games in %s", self.generated_train + self.generated_test, root)
        return root

    async def _prove_games(self, pool: GamePool) -> None:
        mark = self._runtime.root / "proven"
        if not mark.exists():
            await prove_winnable(pool, sorted(self._runtime.root.glob(f"{data.LAYOUT}/*/*/*/game.tw-pddl")))
            write_atomically(mark, b"")

    def _report(self) -> None:
        if self.source == "auto":
            _log.warning("ALFWorld games: %s (%s)", self._source.upper(), self._runtime.root)
        for split, (found, expected) in self._incomplete().items():
            _log.warning("ALFWorld split %s has %d playable games, the released data %d", split, found, expected)
        grammars = {split: {game.grammar for game in games} for split, games in self._runtime.games.items()}
        if len(set().union(*grammars.values())) > 1:
            _log.warning(
                "ALFWorld games differ in how things are placed (older release: `put`, newer: `move`): %s",
                "; ".join(f"{split}: {'+'.join(sorted(kinds))}" for split, kinds in grammars.items()),
            )

    def _incomplete(self) -> dict[str, tuple[int, int]]:
        """Official split -> (games found, games released), where they differ. "train" counts the held-out ones too."""
        if self._source != "official":
            return {}
        games = self._runtime.games
        found = {"train": len(games.get("train", ())) + len(games.get("validation", ()))}
        found[self.test_split] = len(games[self.test_split])
        expected = data.OFFICIAL_COUNTS
        return {split: (count, expected[split]) for split, count in found.items() if count != expected[split]}

    def _games(self, split: str) -> Sequence[GameFile]:
        games = self._runtime.games
        if not games:
            raise RuntimeError("this AlfWorld is not prepared: await its prepare() before asking for tasks")
        if split not in games:
            raise ValueError(
                f"no ALFWorld split {split!r} among {', '.join(games)}. env.split chooses the test split; without "
                f"a folder {self._runtime.root / data.LAYOUT / 'train'} there is neither train nor validation."
            )
        return games[split]

    def _has(self, split: str) -> bool:
        return split in self._runtime.games

    def _task(self, split: str, game: GameFile) -> Task:
        path = data.game_path(self._runtime.root, self._runtime.folders[split], game.id)
        return Task(game.id, game.goal, game.category, split, {"game": str(path)})


def _cores() -> int:
    affinity = getattr(os, "sched_getaffinity", None)  # Linux alone has it, and containers limit it
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def _require(condition: bool, key: str, value: object, allowed: str) -> None:
    if not condition:
        raise ValueError(f"env.{key}={value}: must be {allowed}")
