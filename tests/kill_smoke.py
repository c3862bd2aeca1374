"""Kill a study at random moments, again and again, and see that it ends as if nothing had happened.

Not one of the quick tests: `python tests/kill_smoke.py --kills 20` runs the smoke study once undisturbed and once with
that many SIGKILLs of its whole process group, then compares tables and figures byte for byte and looks into every journal for
a call that was paid twice. `--study tiny` does it in less time. Points run one after another: side by side, two may ask the
same at the same moment, and both pay. Ends with status 1 unless all is well.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from fgo.journal import read_events

OWN = ("times.csv", "manifest.json", "SHA256SUMS")  # which tell of one machine and moment


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--study", default="smoke")
    parser.add_argument("--seed", type=int, default=0, help="of the moments")
    options = parser.parse_args()
    rng = random.Random(options.seed)
    with tempfile.TemporaryDirectory() as place:
        calm, killed = Path(place, "calm"), Path(place, "killed")
        began = time.monotonic()
        if _start(options.study, calm).wait():
            print("the undisturbed run failed")
            return 1
        seconds = time.monotonic() - began
        for number in range(options.kills):
            run = _start(options.study, killed)
            wait = rng.uniform(0, 2.2 * seconds / options.kills)
            try:
                run.wait(wait)
            except subprocess.TimeoutExpired:
                os.killpg(run.pid, signal.SIGKILL)
                run.wait()
            print(f"kill {number + 1}: after {wait:.1f} s; {_finished(killed)} points finished", flush=True)
        if _start(options.study, killed).wait():
            print("the killed run did not end well")
            return 1
        names = _written(calm / options.study)
        same = [name for name in names if _bytes(calm, options.study, name) == _bytes(killed, options.study, name)]
        twice = _paid_twice(killed)
        print(f"identical: {len(same)}/{len(names)} files; calls paid twice: {twice}")
        return 0 if len(same) == len(names) > 3 and not twice else 1


def _written(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.is_file() and path.name not in OWN)


def _start(study: str, runs: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "experiments.cli", "reproduce", study, f"runs={runs}", "hydra.launcher.n_jobs=1"]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)


def _bytes(runs: Path, study: str, name: str) -> bytes:
    return (runs / study / name).read_bytes()


def _finished(runs: Path) -> int:
    return sum(any(e["kind"] == "finished" for e in read_events(journal)) for journal in runs.rglob("journal.jsonl"))


def _paid_twice(runs: Path) -> int:
    """Requests that were paid more than once, and calls that a journal holds more than once."""
    paid: Counter[str] = Counter()
    repeated = 0
    for path in runs.rglob("journal.jsonl"):
        calls = [event for event in read_events(path) if event["kind"] == "call"]
        repeated += len(calls) - len({event["id"] for event in calls})
        paid.update(event["key"] for event in calls if not event["cached"])
    return repeated + sum(count - 1 for count in paid.values() if count > 1)


if __name__ == "__main__":
    sys.exit(main())
