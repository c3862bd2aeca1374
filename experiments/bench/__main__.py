"""`python -m experiments.bench`: the figures, each beside its target. CPU seconds; each measured in a process of its own."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from envs.alfworld.environment import AlfWorld

EPISODES = (1_000, 10_000, 100_000)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m experiments.bench", description=__doc__)
    parser.add_argument("--episodes", type=int, nargs="+", default=EPISODES, help="sizes of the no-op runs")
    parser.add_argument("--games", type=int, default=6, help="ALFWorld games to compare with the stock engine; 0: none")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for n in options.episodes:
            noop = _measure("episodes", n, folder)
            _line(f"CPU per no-op episode, {n:,} of them", f"{noop['cpu_ms']:.3f} ms", "0.5 ms, flat in n")
            if n == 10_000:
                _line("peak memory", f"{noop['peak_mb']:.0f} MB", "200 MB")
                _line("journal per episode", f"{noop['journal_bytes']:.0f} B", "1,000 B")
        _line("slots busy, 64 workers, 50 ms calls", f"{_measure('slots', 64, folder)['busy']:.1%}", "95 %")
        _line("CPU from the shell to the first episode", f"{_measure('start', 1, folder)['cpu']:.2f} s", "1 s")
    if options.games:
        print(
            "\nALFWorld engine, targets: a 20-step game 10 times cheaper than stock, 40 times when its file is already read"
        )
        command = [sys.executable, "-m", "envs.alfworld.engine.measure", *asyncio.run(_generated_games(options.games))]
        subprocess.run(command, check=True)
    return 0


async def _generated_games(n: int) -> list[str]:
    """Files of generated games, the first of the test split: one of each task type before the second of any."""
    env = AlfWorld(source="generated")
    await env.prepare()
    try:
        return [str(task.data["game"]) for task in env.tasks(env.test_split, n, 0)]
    finally:
        await env.close()


def _line(what: str, figure: str, target: str) -> None:
    print(f"{what:<44} {figure:>28}   target {target}", flush=True)


def _measure(what: str, n: int, folder: str) -> dict[str, float]:
    """One measurement in a fresh process, so that no import or cache of another one counts."""
    place = Path(tempfile.mkdtemp(dir=folder))
    command = [sys.executable, "-m", "experiments.bench.measure", what, str(n), str(place)]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, env={**os.environ, "PYTHONWARNINGS": "ignore"}
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stderr}")
    figures: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return figures


if __name__ == "__main__":
    sys.exit(main())
