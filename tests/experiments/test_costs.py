from __future__ import annotations

import csv
import io
from dataclasses import replace
from pathlib import Path

import pytest

from experiments.composition import settings_of
from experiments.cost_formats import costs_csv, costs_markdown, write_costs, write_times
from experiments.costs import CostTable, cost_table
from experiments.settings import Settings
from experiments.summary import PointResult, not_run, summarize
from experiments.tables import study_table
from tests.experiments.synthetic import Synthetic, shuffled

RUNS = [
    Synthetic(optimizer=optimizer, seed=seed, env=env)
    for env in ("alfworld", "gaia")
    for optimizer in ("none", "fgo")
    for seed in (0, 1)
]


@pytest.fixture(scope="module")
def point() -> Settings:
    return settings_of([])


def results(folder: Path, order: int = 0, runs: list[Synthetic] = RUNS) -> list[PointResult]:
    return [
        summarize(run.write(folder / f"{i}", shuffled(run.but(pace=1.0 + order).events(), order)))
        for i, run in enumerate(runs)
    ]


def table(point: Settings, results: list[PointResult]) -> CostTable:
    points = [replace(point, point=result.point) for result in results]
    return cost_table(points, results, study_table(results, "smoke", "Smoke"))


def records(table: CostTable) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(costs_csv(table))))


def test_each_row_has_success_episodes_tokens_by_role_and_dollars_at_a_named_list(
    point: Settings, tmp_path: Path
) -> None:
    made = table(point, results(tmp_path))
    rows = {(row["env"], row["optimizer"]): row for row in records(made)}
    fgo = rows["alfworld (generated tasks)", "fgo"]

    assert len(rows) == 4
    assert (fgo["success"], fgo["training_episodes"], fgo["test_episodes"]) == ("0.7500", "6.0", "4.0")
    assert (fgo["agent_prompt_tokens"], fgo["agent_completion_tokens"]) == ("2000.0", "500.0")
    assert (fgo["evaluator_prompt_tokens"], fgo["optimizer_prompt_tokens"]) == ("800.0", "2500.0")
    assert fgo["merger_prompt_tokens"] == "600.0"
    assert float(fgo["dollars"]) == pytest.approx((5900 * 0.15 + 750 * 0.6) / 1e6, abs=1e-6)
    assert "gpt-4o-mini's prices (litellm" in fgo["prices"]
    assert rows["gaia (generated tasks)", "none"]["optimizer_prompt_tokens"] == "0.0"


def test_the_table_names_list_and_model_says_simulated_and_shows_minutes_only_on_request(
    point: Settings, tmp_path: Path
) -> None:
    made = table(point, results(tmp_path))
    written, printed = costs_markdown(made), costs_markdown(made, times=True)

    assert "SIMULATED" in written
    assert "gpt-4o-mini's prices (litellm" in written
    assert "Minutes" in printed
    assert "Minutes" not in written


def test_neither_order_nor_pace_of_the_work_changes_a_byte_of_it(point: Settings, tmp_path: Path) -> None:
    first, second = (table(point, results(tmp_path / str(i), i)) for i in (0, 1))
    for i, made in enumerate((first, second)):
        write_costs(made, tmp_path / f"t{i}")
        write_times(made, tmp_path / f"t{i}")

    for name in ("costs.md", "costs.csv"):
        assert (tmp_path / "t0" / name).read_bytes() == (tmp_path / "t1" / name).read_bytes()
    assert (tmp_path / "t0" / "times.csv").read_bytes() != (tmp_path / "t1" / "times.csv").read_bytes()


def test_a_row_with_a_missing_point_has_no_costs(point: Settings, tmp_path: Path) -> None:
    found = results(tmp_path)
    found[3] = not_run(found[3].point, simulated=True)
    row = next(row for row in records(table(point, found)) if row["optimizer"] == "fgo")

    assert row["state"] == "incomplete (seed 1: not run)"
    assert row["dollars"] == row["agent_prompt_tokens"] == ""
    assert "not run" in costs_markdown(table(point, found))
