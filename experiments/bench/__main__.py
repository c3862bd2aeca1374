"""`python -m experiments.bench`: the figures, each beside its target. CPU seconds; each measured in a process of its own."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

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
        from envs.alfworld.engine.measure import report_on_generated

        for what, figure, target in report_on_generated(options.games):
            _line(what, figure, target)
    return 0


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
