"""What playing a game costs, in the stock environment and in ours: python -m envs.alfworld.engine.measure GAME...

Prints CPU milliseconds of one reset (loading the game included), of one step and of a 20-step game: the same seeded
random admissible commands in both. "Again" plays a file that is already read, as the workers do when a task comes back.
The last lines have ours through the pool: the CPU of parent and workers together, and the parent's share.
"""

from __future__ import annotations

import asyncio
import gc
import random
import resource
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean
from typing import Protocol

from envs.alfworld.engine.game import GameState, TextGame
from envs.alfworld.engine.game_file import read_game
from envs.alfworld.engine.pool import GamePool

STEPS = 20
"""Of a game, as the targets count them."""


class Playable(Protocol):
    def reset(self) -> GameState: ...

    def step(self, command: str) -> GameState: ...


@dataclass(frozen=True, slots=True)
class Cost:
    """CPU milliseconds, means over games."""

    reset: float
    step: float

    @property
    def game(self) -> float:
        return self.reset + STEPS * self.step


def main(arguments: Sequence[str]) -> None:
    paths = [Path(argument) for argument in arguments]
    if not paths:
        raise SystemExit("usage: python -m envs.alfworld.engine.measure GAME...  (paths of game.tw-pddl files)")
    read_game(paths[0])  # The rules are read once a process, so not counted.
    stock = measure_stock(paths)
    cold = measure(paths, lambda path: TextGame(read_game(path)))
    files = {path: read_game(path) for path in paths}
    again = measure(paths, lambda path: TextGame(files[path]))
    print(f"{len(paths)} games, {STEPS} steps each; CPU ms, and how many times cheaper than stock")
    print(f"{'':12}{'stock':>10}{'ours':>10}{'':>8}{'again':>10}{'':>8}")
    for name in ("reset", "step", "game"):
        theirs, first, next_ = (float(getattr(cost, name)) for cost in (stock, cold, again))
        print(f"{name:12}{theirs:10.2f}{first:10.2f}{theirs / first:7.0f}x{next_:10.2f}{theirs / next_:7.0f}x")
    together, parent = asyncio.run(measure_pool(paths))
    print(f"{'pooled game':12}{stock.game:10.2f}{together:10.2f}{stock.game / together:7.0f}x")
    print(f"of it in the parent: {parent:.2f} ms a game, {parent / (STEPS + 2):.3f} ms a request")


def measure_stock(paths: Sequence[Path]) -> Cost:
    """In one stock environment for all games: one a game would leak its planner each time."""
    from envs.alfworld.engine.stock import StockGame

    stock = StockGame(paths[0])

    def load(path: Path) -> StockGame:
        stock.load(path)
        return stock

    load(paths[0]).reset()  # What it does once a process is not counted either.
    return measure(paths, load)


def measure(paths: Sequence[Path], load: Callable[[Path], Playable]) -> Cost:
    resets, steps = [], []
    for path in paths:
        gc.collect()
        start = time.process_time()
        game = load(path)
        state = game.reset()
        resets.append(time.process_time() - start)
        rng = random.Random(0)
        start = time.process_time()
        for _ in range(STEPS):
            state = game.step(rng.choice(state.admissible_commands))
        steps.append((time.process_time() - start) / STEPS)
    return Cost(mean(resets) * 1000, mean(steps) * 1000)


async def measure_pool(paths: Sequence[Path], workers: int = 2, plays: int = 5) -> tuple[float, float]:
    """CPU ms a game of parent and workers together, starting the workers included, and of the parent alone."""

    async def play(pool: GamePool, path: Path) -> None:
        game = await pool.open(path)
        state, rng = await game.reset(), random.Random(0)
        for _ in range(STEPS):
            state = await game.step(rng.choice(state.admissible_commands))
        await game.close()

    before, children = time.process_time(), _children()
    async with GamePool(workers) as pool:
        await asyncio.gather(*(play(pool, path) for path in paths for _ in range(plays)))
    parent = (time.process_time() - before) * 1000 / (plays * len(paths))
    return parent + (_children() - children) * 1000 / (plays * len(paths)), parent


def _children() -> float:
    """CPU seconds of the children that have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


if __name__ == "__main__":
    main(sys.argv[1:])
