"""One measurement in this process, printed as a line of JSON: `python -m experiments.bench.measure WHAT N FOLDER`."""

from __future__ import annotations

import asyncio
import json
import resource
import sys
import time
from dataclasses import replace
from pathlib import Path

from experiments.bench.noop import InstantProvider, NoOpWorld
from fgo.agents.react import ReAct
from fgo.journal import Journal
from fgo.llm.cache import Cache
from fgo.llm.client import Client
from fgo.llm.config import ModelConfig, Prices
from fgo.llm.model import Model
from fgo.rollout import Rollouts

_MODEL = ModelConfig("none/instant", window=8192, max_output=256, prices=Prices(0.0, 0.0), max_concurrency=64)


async def _play(n: int, folder: Path, provider: InstantProvider, at_once: int = 64) -> float:
    """Play n no-op episodes, `at_once` at once; wall seconds."""
    world = NoOpWorld()
    with Journal(folder / "journal.jsonl") as journal:
        async with Client(provider, journal, [_MODEL], cache=Cache(folder / "cache.sqlite")) as client:
            model = Model(client, _MODEL, journal)
            rollouts = Rollouts(world, ReAct(), model, journal, 0, asyncio.Semaphore(at_once), at_once)
            began = time.perf_counter()
            await rollouts.run(world.seed_modules(), world.tasks("test", n, 0), "test", {})
            return time.perf_counter() - began


def _warm_up(folder: Path) -> None:
    """Load what is loaded once (the tokenizer, say): it belongs to the start, which `start` measures."""
    asyncio.run(_play(64, folder / "warm-up", InstantProvider()))


def episodes(n: int, folder: Path) -> dict[str, float]:
    _warm_up(folder)
    before = time.process_time()
    asyncio.run(_play(n, folder, InstantProvider()))
    spent = time.process_time() - before
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 if sys.platform != "darwin" else 1024**2)
    return {
        "cpu_ms": 1000 * spent / n,
        "peak_mb": peak,
        "journal_bytes": (folder / "journal.jsonl").stat().st_size / n,
    }


def slots(workers: int, folder: Path) -> dict[str, float]:
    _warm_up(folder)
    provider = InstantProvider(seconds=0.05)
    wall = asyncio.run(_play(40 * workers, folder, provider, workers))
    return {"busy": provider.busy / (workers * wall)}


def start(n: int, folder: Path) -> dict[str, float]:
    """CPU of this process, its start included, from the command line to the end of the first episode."""
    from experiments.composition import settings_of
    from experiments.point import run_point
    from experiments.trackers.none import NoTracker

    settings = settings_of(["optimizer=none", f"runs={folder}", "train_size=1", "validation_size=1", f"test_size={n}"])
    model = replace(settings.model, config=_MODEL, simulated=None)
    settings = replace(settings, env=NoOpWorld(), tracker=NoTracker(), model=model, optimizer_model=model)
    asyncio.run(run_point(settings, ["bench"], InstantProvider()))
    return {"cpu": time.process_time()}


if __name__ == "__main__":
    what, n, folder = sys.argv[1:]
    print(json.dumps({"episodes": episodes, "slots": slots, "start": start}[what](int(n), Path(folder))))
