from __future__ import annotations

from pathlib import Path

from experiments.bench.measure import episodes, slots


def test_no_op_episodes_are_measured_whole(tmp_path: Path) -> None:
    figures = episodes(200, tmp_path)

    assert 0 < figures["cpu_ms"] < 100
    assert 100 < figures["journal_bytes"] < 10_000
    assert figures["peak_mb"] > 10


def test_slots_are_busy_for_a_share_of_the_time(tmp_path: Path) -> None:
    assert 0 < slots(2, tmp_path)["busy"] <= 1
