"""One point as a newcomer runs it: ALFWorld with the simulated model through litellm, at its smallest."""

from __future__ import annotations

import asyncio
from pathlib import Path

from experiments.composition import settings_of
from experiments.point import run_point
from tests.experiments.words import assert_nothing_was_paid_twice, events, modules_of, table

SMALL = ["env.source=generated", "optimizer=all_at_once", "optimizer.improve.epochs=1", "train_size=4", "validation_size=2",
         "test_size=3", "agent.max_steps=12", "tracker=none", "cache=null"]  # fmt: skip


def test_a_simulated_point_is_marked_recorded_and_replayed_to_the_same(tmp_path: Path) -> None:
    recording = tmp_path / "calls.jsonl"
    made = settings_of([*SMALL, f"runs={tmp_path / 'a'}", f"record={recording}"])
    played = settings_of([*SMALL, f"runs={tmp_path / 'b'}", f"replay={recording}"])
    first = asyncio.run(run_point(made, ["fgo"]))
    second = asyncio.run(run_point(played, ["fgo"]))

    assert first.complete
    assert first.simulated
    assert "SIMULATED" in table([first])
    assert {call["role"] for call in events(made.folder, "call")} == {"agent", "evaluator", "optimizer"}
    assert_nothing_was_paid_twice(made.folder)
    assert table([second]) == table([first])
    assert modules_of(played.folder) == modules_of(made.folder)
