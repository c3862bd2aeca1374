"""The committed recording of a real model replays to the committed results, without the model."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from experiments.reproduce import committed_folder, reproduce


def test_the_recorded_study_comes_to_its_results_again_within_its_time(tmp_path: Path) -> None:
    pytest.importorskip("zstandard", reason="packed recordings need zstandard (the extra local)")
    started = time.process_time()
    assert reproduce(["local", "--check", f"runs={tmp_path}", "tracker=none"]) == 0
    assert time.process_time() - started < 60  # two minutes are promised, on a slower machine


def test_its_table_says_how_many_and_of_which_model_file() -> None:
    folder = committed_folder("local", None)
    table = (folder / "table.md").read_text(encoding="utf-8")
    assert "SIMULATED" not in table
    assert "cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046" in table
    assert table.count("50 x 1 |") == 10
