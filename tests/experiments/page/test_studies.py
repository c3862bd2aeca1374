from __future__ import annotations

from pathlib import Path

from experiments.figures import HeatMap
from experiments.page.studies import run_data, study_data
from experiments.stats import Interval
from experiments.summary import PointResult, summarize
from experiments.tables import study_table
from fgo.journal import read_events
from tests.experiments.synthetic import Synthetic, without


def result(tmp_path: Path, run: Synthetic) -> PointResult:
    return summarize(run.write(tmp_path / f"{run.optimizer}-{run.seed}"))


def test_a_studys_rows_hold_the_tables_own_numbers(tmp_path: Path) -> None:
    results = [result(tmp_path, Synthetic(name, seed=seed)) for name in ("none", "fgo") for seed in (0, 1)]
    table = study_table(results, "smoke", "Smoke")
    data = study_data(table)
    rows = data["sections"][0]["rows"]

    assert [row["optimizer"] for row in rows] == ["none", "fgo"]
    for row, expected in zip(rows, table.sections[0].rows, strict=True):
        assert expected.success is not None
        assert row["success"] == [expected.success.estimate, expected.success.low, expected.success.high]
        assert row["tokens"] == dict(expected.tokens)
        assert row["seeds"] == [0, 1]
    assert set(rows[1]["differences"]) == {"none"}
    assert data["verdicts"] == []
    assert data["heat"] is None


def test_verdicts_and_a_heat_map_stand_in_it_where_there_are_any(tmp_path: Path) -> None:
    table = study_table([result(tmp_path, Synthetic())], "smoke", "Smoke")
    verdict = {"claim": "FGO leads", "sections": [], "notes": [], "readings": []}
    heat = HeatMap("T", "tasks", "decay", [8], [0.5, 1.0], [[Interval(0.1, 0.0, 0.2)], [None]], "lead", "", True)
    data = study_data(table, [verdict], heat=heat)

    assert data["verdicts"] == [verdict]
    assert data["heat"]["cells"] == [[[0.1, 0.0, 0.2]], [None]]
    assert data["heat"]["y"] == [0.5, 1.0]


def test_a_run_that_is_not_complete_has_no_rate(tmp_path: Path) -> None:
    run = Synthetic()
    journal = run.write(tmp_path, without(run.events(), "test-01", "provider_error"))
    header = next(read_events(journal))
    data = run_data(summarize(journal), header)

    assert data["state"] == "incomplete"
    assert data["reason"] == "1 provider error"
    assert data["success"] is None
    assert data["solved"] == 3


def test_a_run_is_told_with_its_command_versions_and_settings(tmp_path: Path) -> None:
    journal = Synthetic().write(tmp_path / "some-run")
    data = run_data(summarize(journal), next(read_events(journal)))

    assert data["name"] == "some-run"
    assert data["simulated"] is True
    assert ["command", "fgo run optimizer=fgo seed=0"] in data["about"]
    assert ["optimizer.epochs", "2"] in data["about"]
    assert data["ledger"][0][:2] == ["agent", "explore"]
    assert data["success"][0] == 0.75
