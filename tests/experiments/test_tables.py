from __future__ import annotations

import csv
import io
import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from experiments.summary import Point, PointResult, not_run, summarize
from experiments.table_formats import UNEQUAL_NOTE, as_csv, latex, markdown, write_tables
from experiments.tables import StudyTable, study_table
from tests.experiments.synthetic import Event, Synthetic, attempt, shuffled, without

RENDERERS = (markdown, latex, as_csv)
SOLVED = {"none": 3, "all_at_once": 6, "fgo": 9}


def runs(**changes: object) -> list[Synthetic]:
    """none, all-at-once and FGO at two training sizes and with two seeds, on twelve test tasks."""
    return [
        Synthetic(
            optimizer=optimizer,
            train_size=size,
            seed=seed,
            solved=[(task * 5 + seed) % 12 < won + size // 8 for task in range(12)],
            **changes,  # type: ignore[arg-type]
        )
        for optimizer, won in SOLVED.items()
        for size in (4, 8)
        for seed in (0, 1)
    ]


def results(folder: Path, points: list[Synthetic]) -> list[PointResult]:
    return [summarize(run.write(folder / f"{number}")) for number, run in enumerate(points)]


def table_of(points: list[PointResult]) -> StudyTable:
    return study_table(points, "smoke", "FGO against all-at-once")


def test_each_row_has_success_differences_and_costs(tmp_path: Path) -> None:
    table = table_of(results(tmp_path, runs()))
    rows = {(row.optimizer, row.train_size): row for row in table.sections[0].rows}

    assert list(rows) == [(optimizer, size) for optimizer in ("none", "all_at_once", "fgo") for size in (4, 8)]
    fgo = rows["fgo", 4]
    assert (fgo.tasks, fgo.seeds, fgo.problem) == (12, (0, 1), "")
    assert fgo.success is not None
    assert fgo.success.estimate == pytest.approx(9 / 12)
    assert fgo.differences["none"].estimate == pytest.approx(6 / 12)
    assert fgo.differences["all_at_once"].estimate == pytest.approx(3 / 12)
    assert (fgo.training_episodes, fgo.prompt_max) == (6, 1500)
    assert fgo.prompt_mean == pytest.approx(3100 / 3)
    assert fgo.tokens == {"explore": 1000, "validate": 500, "optimize": 3500, "merge": 650, "test": 3000}
    assert rows["none", 4].differences == {}
    assert rows["none", 4].prompt_mean is None
    assert list(rows["all_at_once", 4].differences) == ["none"]
    assert table.problems == ()


def test_none_at_its_only_training_size_is_the_baseline_of_all(tmp_path: Path) -> None:
    points = [run for run in runs() if run.optimizer != "none" or run.train_size == 4]
    rows = table_of(results(tmp_path, points)).sections[0].rows

    assert all("none" in row.differences for row in rows if row.optimizer != "none")


@pytest.mark.parametrize("render", RENDERERS)
def test_tables_do_not_depend_on_order_time_cache_failed_attempts_or_place(
    tmp_path: Path, render: Callable[[StudyTable], str]
) -> None:
    first = render(table_of(results(tmp_path / "here", runs())))
    again: list[PointResult] = []
    for number, run in enumerate(runs(cached=True, started=1.8e9, pace=7.0)):
        events: list[Event] = [*shuffled(run.events(), number)]
        events.insert(4, attempt())
        again.append(summarize(run.write(tmp_path / "there" / f"{number}", events)))
    random.Random(0).shuffle(again)

    assert render(table_of(again)) == first


@pytest.mark.parametrize("render", RENDERERS)
def test_simulated_results_are_marked_and_measured_ones_are_not(
    tmp_path: Path, render: Callable[[StudyTable], str]
) -> None:
    simulated = render(table_of(results(tmp_path / "a", runs())))
    measured = render(table_of(results(tmp_path / "b", runs(simulated=False))))

    rows = [line for line in simulated.splitlines() if "fgo" in line]
    assert rows
    assert all("SIMULATED" in line for line in rows)
    assert "SIMULATED" in "\n".join(simulated.splitlines()[:2])
    assert "SIMULATED" not in measured


@pytest.mark.parametrize("render", RENDERERS)
def test_an_incomplete_point_is_named_and_not_averaged(tmp_path: Path, render: Callable[[StudyTable], str]) -> None:
    points = runs()
    whole = [run for run in points if not (run.optimizer == "fgo" and run.train_size == 8)]
    faulty = points[-1]
    events = without(without(faulty.events(), "test-00", "provider_error"), "test-05", "provider_error")
    broken = summarize(faulty.write(tmp_path / "broken", events))
    table = table_of([*results(tmp_path, whole), broken])

    line = next(line for line in render(table).splitlines() if "incomplete (2 provider errors)" in line)
    assert "fgo" in line
    assert table.problems == (f"{tmp_path / 'broken'}: {broken.point}: incomplete (2 provider errors)",)
    assert table.sections[0].rows[-1].success is None


def test_one_incomplete_seed_leaves_the_row_without_a_mean_and_says_which(tmp_path: Path) -> None:
    points = runs()
    missing = not_run(Point("alfworld", "fgo", "sim-base", 8, 1, "smoke"), simulated=True)
    table = table_of([*results(tmp_path, points[:-1]), missing])

    assert table.sections[0].rows[-1].problem == "incomplete (seed 1: not run)"
    assert len(table.problems) == 1


def test_an_incomplete_baseline_leaves_no_difference_to_it(tmp_path: Path) -> None:
    run = Synthetic(optimizer="none", solved=[True] * 6)
    broken = summarize(run.write(tmp_path / "none", without(run.events(), "test-03")))
    table = table_of([broken, *results(tmp_path, [Synthetic(solved=[True] * 6)])])

    assert table.sections[0].rows[1].differences == {}
    assert table.sections[0].rows[1].success is not None
    assert "1 test episode missing" in table.problems[0]


def test_a_row_tested_on_other_tasks_or_seeds_is_not_compared_and_that_is_a_problem(tmp_path: Path) -> None:
    unlike = [Synthetic(optimizer="none", solved=[True] * 5), Synthetic(solved=[True] * 6)]
    table = table_of(results(tmp_path / "a", unlike))
    assert table.sections[0].rows[1].differences == {}
    assert "against none: test tasks differ" in table.problems[0]

    table = table_of(results(tmp_path / "b", [Synthetic(optimizer="none"), Synthetic(seed=1)]))
    assert "seeds differ" in table.problems[0]


def test_a_point_that_was_run_twice_is_a_problem_not_a_larger_sample(tmp_path: Path) -> None:
    table = table_of(results(tmp_path, [Synthetic(), Synthetic()]))

    assert table.sections[0].rows[0].problem == "not comparable"
    assert "two results" in table.problems[0]


def test_models_and_varied_settings_get_sections_of_their_own(tmp_path: Path) -> None:
    points = [Synthetic(model=model, varied={"recall": recall}) for model in ("a", "b") for recall in (0.2, 0.8)]
    table = table_of(results(tmp_path, points))

    assert [section.title for section in table.sections] == [
        f"alfworld (generated tasks), {model}, recall = {recall}" for model in ("a", "b") for recall in (0.2, 0.8)
    ]
    assert markdown(table).count("## alfworld") == 4
    assert latex(table).count("\\label{tab:smoke-") == 4


def test_csv_holds_the_raw_numbers_and_latex_balances(tmp_path: Path) -> None:
    table = table_of(results(tmp_path, runs()))
    lines = list(csv.DictReader(io.StringIO(as_csv(table))))
    fgo = lines[-1]
    assert float(fgo["success_low"]) <= float(fgo["success"]) <= float(fgo["success_high"])
    assert (fgo["seeds"], fgo["tokens_optimize"], fgo["state"]) == ("0 1", "3500.0", "complete")

    text = latex(table)
    assert text.count("{") == text.count("}")
    body = [line.split("%")[0] for line in text.splitlines() if line.startswith(("none", "all\\_at\\_once", "fgo"))]
    assert {line.count("&") for line in body} == {14}


def test_names_with_special_characters_break_no_format(tmp_path: Path) -> None:
    table = study_table(results(tmp_path, [Synthetic(model="a_b|c&d,50%")]), "x", "A & B_c")

    assert "a_b|c&d" not in latex(table)
    assert "a\\_b|c\\&d,50\\%" in latex(table)
    assert next(csv.DictReader(io.StringIO(as_csv(table))))["model"] == "a_b|c&d,50%"


def test_all_three_formats_are_written(tmp_path: Path) -> None:
    paths = write_tables(table_of(results(tmp_path, runs())), tmp_path / "out")

    assert [path.name for path in paths] == ["table.md", "table.tex", "table.csv"]
    assert all(path.read_bytes().endswith(b"\n") for path in paths)


@pytest.mark.parametrize("render", [markdown, latex])
def test_the_files_of_models_that_runs_served_are_named(tmp_path: Path, render: Callable[[StudyTable], str]) -> None:
    plain = results(tmp_path, runs())
    served = [replace(result, model_files={"local/small": "cc32" * 16}) for result in plain]
    assert render(table_of(served)).count(f"Model file of local/small: SHA-256 {'cc32' * 16}.") == 1
    assert "Model file" not in render(table_of(plain))


def test_no_points_is_an_error() -> None:
    with pytest.raises(ValueError, match="no points"):
        table_of([])


def test_a_table_says_where_methods_did_not_play_equally_much(tmp_path: Path) -> None:
    table = table_of(results(tmp_path, [Synthetic(optimizer="all_at_once"), Synthetic(optimizer="fgo")]))
    rows = table.sections[0].rows
    assert not table.unequal
    assert UNEQUAL_NOTE not in markdown(table)

    dearer = replace(rows[1], training_episodes=2 * rows[0].training_episodes)
    unequal = replace(table, sections=(replace(table.sections[0], rows=(rows[0], dearer)),))
    assert UNEQUAL_NOTE in markdown(unequal)
