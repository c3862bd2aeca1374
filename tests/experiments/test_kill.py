"""Killed at any moment, a run goes on where it was and ends as if nothing had happened."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from experiments.point import run_point
from experiments.summary import summarize
from tests.experiments.words import (
    Teacher,
    assert_nothing_was_paid_twice,
    events,
    modules_of,
    overrides,
    settings,
    table,
)

KILLS = 5
ROOT = Path(__file__).parents[2]


def play(folder: Path) -> None:
    """Run the point, slowly enough to be killed in the middle of things."""
    point = settings(folder, f"run_dir={folder / 'run'}", "executor.episodes=4")
    asyncio.run(run_point(point, ["fgo"], Teacher(seconds=0.02)))


def size(journal: Path) -> int:
    return journal.stat().st_size if journal.exists() else 0


def test_killed_at_random_moments_it_ends_in_the_same_table_and_modules_and_pays_nothing_twice(tmp_path: Path) -> None:
    play(tmp_path / "whole")
    whole = tmp_path / "whole" / "run"
    journal = tmp_path / "killed" / "run" / "journal.jsonl"
    forking = multiprocessing.get_context("forkserver")
    forking.set_forkserver_preload([__name__])
    rng = random.Random(0)
    share = size(whole / "journal.jsonl") // (2 * KILLS)

    for _ in range(KILLS):
        process = forking.Process(target=play, args=(tmp_path / "killed",))
        enough = size(journal) + rng.randrange(share)
        process.start()
        while process.is_alive() and size(journal) <= enough:
            time.sleep(0.001)
        time.sleep(rng.random() * 0.005)
        process.kill()
        process.join()
        assert process.exitcode == -signal.SIGKILL  # so it was not finished yet
    play(tmp_path / "killed")

    assert len(events(journal.parent, "session")) >= KILLS
    assert table([summarize(journal)]) == table([summarize(whole / "journal.jsonl")])
    assert modules_of(journal.parent) == modules_of(whole)
    assert {call["id"] for call in events(journal.parent, "call")} == {call["id"] for call in events(whole, "call")}
    assert_nothing_was_paid_twice(journal.parent)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_it_stops_within_seconds_says_how_to_go_on_and_does(
    tmp_path: Path, number: signal.Signals, recording: Path
) -> None:
    command = [sys.executable, "-m", "experiments.cli", "run"]
    command += overrides(tmp_path, f"run_dir={tmp_path / 'run'}", f"replay={recording}", "env.pause=0.05")
    journal = tmp_path / "run" / "journal.jsonl"
    process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True)
    try:
        while process.poll() is None and size(journal) < 12_000:
            time.sleep(0.01)
        os.kill(process.pid, number)
        _, message = process.communicate(timeout=20)
    finally:
        process.kill()

    assert process.returncode == 130
    assert f"{tmp_path / 'run'}: interrupted; the same command goes on where it stopped" in message
    assert "Traceback" not in message
    assert summarize(journal).state == "incomplete"
    result = asyncio.run(run_point(settings(tmp_path, f"run_dir={tmp_path / 'run'}", f"replay={recording}"), ["fgo"]))
    assert result.complete


def test_a_sweep_of_processes_that_is_terminated_ends_with_them_and_says_how_to_go_on(
    tmp_path: Path, recording: Path
) -> None:
    command = [sys.executable, "-m", "experiments.cli", "run", "-m", *overrides(tmp_path, f"replay={recording}")]
    command += ["env.pause=0.05", "seed=0,1", "hydra/launcher=joblib", "hydra.launcher.n_jobs=2"]
    process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True)
    try:
        while process.poll() is None and not any(size(path) > 12_000 for path in tmp_path.rglob("journal.jsonl")):
            time.sleep(0.02)
        os.kill(process.pid, signal.SIGTERM)
        _, message = process.communicate(timeout=30)
    finally:
        process.kill()

    assert process.returncode == 130
    assert "fgo run: interrupted; the same command goes on where it stopped" in message
    journals = list(tmp_path.rglob("journal.jsonl"))
    before = [size(path) for path in journals]
    time.sleep(1.5)
    assert [size(path) for path in journals] == before  # nobody goes on writing


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("recorded")
    asyncio.run(run_point(settings(folder, f"record={folder / 'calls.jsonl'}"), ["fgo"], Teacher()))
    return folder / "calls.jsonl"
