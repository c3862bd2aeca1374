from __future__ import annotations

import itertools
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.figure_style import below, looks, spread
from experiments.figures import HeatMap, heat_map, study_figures, success_figures
from experiments.stats import Interval
from experiments.summary import summarize
from experiments.tables import StudyTable, study_table
from tests.experiments.synthetic import Synthetic, without
from tests.experiments.test_tables import results, runs, table_of

CELLS = [[Interval(0.1, 0.02, 0.2), Interval(-0.05, -0.2, 0.1)], [None, Interval(0.0, -0.1, 0.1)]]


def sensitivity(simulated: bool = True) -> HeatMap:
    return HeatMap(
        "FGO's lead", "trajectories", "recall decay", [8, 32], [0.0, 0.5], CELLS, "lead (points)", "Study s.", simulated
    )


def texts(svg: Path) -> list[str]:
    """The texts of a figure: matplotlib writes each as a comment beside its outlines."""
    lines = svg.read_text().splitlines()
    return [
        line.strip().removeprefix("<!-- ").removesuffix(" -->") for line in lines if line.strip().startswith("<!--")
    ]


def test_success_is_drawn_with_names_values_and_the_study(tmp_path: Path) -> None:
    paths = success_figures(table_of(results(tmp_path, runs())), tmp_path / "figures")
    assert [path.name for path in paths] == ["success.svg", "success.pdf", "success.png"]

    told = texts(paths[0])
    for expected in ("FGO", "all-at-once", "unoptimized", "83 %", "training tasks", "4", "8", "SIMULATED"):
        assert expected in told
    assert any("Study smoke" in text and "12 test tasks" in text and "seeds 0, 1" in text for text in told)


def test_measured_figures_are_not_marked_as_simulated(tmp_path: Path) -> None:
    paths = success_figures(table_of(results(tmp_path, runs(simulated=False))), tmp_path)
    assert "SIMULATED" not in texts(paths[0])
    assert "SIMULATED" not in texts(heat_map(sensitivity(simulated=False), tmp_path / "heat")[0])


def test_incomplete_rows_are_left_out_and_the_figure_says_so(tmp_path: Path) -> None:
    broken = Synthetic(optimizer="all_at_once")
    point = summarize(broken.write(tmp_path / "broken", without(broken.events(), "test-01")))
    table = study_table([point, *results(tmp_path, [Synthetic()])], "s", "t")
    told = texts(success_figures(table, tmp_path / "figures")[0])

    assert "all-at-once" not in told
    assert any("1 incomplete" in text for text in told)
    assert success_figures(study_table([point], "s", "t"), tmp_path / "none") == []


def test_each_section_gets_a_figure_of_its_own(tmp_path: Path) -> None:
    table = table_of(results(tmp_path, [Synthetic(model="a"), Synthetic(model="b")]))
    names = {path.stem for path in success_figures(table, tmp_path)}
    assert names == {"success-1", "success-2"}


def test_a_study_has_figures_of_success_differences_and_tokens_that_name_their_runs(tmp_path: Path) -> None:
    table = table_of(results(tmp_path, runs()))
    paths = study_figures(table, tmp_path / "figures")
    stems = ("success", "differences", "tokens")
    assert [path.name for path in paths] == [f"{stem}.{kind}" for stem in stems for kind in ("svg", "pdf", "png")]

    told = {path.stem: texts(path) for path in paths if path.suffix == ".svg"}
    digest = table.footer.rpartition(" ")[2]
    for stem in stems:
        assert any(digest in text for text in told[stem]), stem
        assert "SIMULATED" in told[stem]
    assert "minus all-at-once" in told["differences"]
    assert {"all-at-once, 4", "FGO, 8"} <= set(told["differences"])
    assert {"explore", "validate", "optimize", "merge", "test", "unoptimized, 4"} <= set(told["tokens"])


def test_with_one_training_size_success_is_a_row_a_method(tmp_path: Path) -> None:
    one = [run for run in runs(simulated=False) if run.train_size == 4]
    told = texts(success_figures(table_of(results(tmp_path, one)), tmp_path)[0])

    assert {"unoptimized", "all-at-once", "FGO", "test tasks solved (%)"} <= set(told)
    assert "training tasks" not in told
    assert "SIMULATED" not in told


def test_many_methods_fit_beside_their_lines(tmp_path: Path) -> None:
    many = [replace(run, optimizer=f"method_{i}") for i in range(12) for run in runs() if run.optimizer == "fgo"]
    told = texts(success_figures(table_of(results(tmp_path, many)), tmp_path)[0])
    assert {f"method {i}" for i in range(12)} <= set(told)
    found = looks([f"method_{i}" for i in range(12)])
    assert len(set(found.values())) == 12


def test_nothing_complete_draws_nothing(tmp_path: Path) -> None:
    run = Synthetic()
    point = summarize(run.write(tmp_path / "broken", without(run.events(), "test-01")))
    assert study_figures(study_table([point], "s", "t"), tmp_path) == []


def draw_all(folder: Path) -> None:
    table: StudyTable = table_of(results(folder / "runs", runs()))
    study_figures(table, folder / "figures")
    heat_map(sensitivity(), folder / "figures" / "heat")


def test_figures_are_the_same_bytes_in_another_process_at_another_time(tmp_path: Path) -> None:
    draw_all(tmp_path / "here")
    (tmp_path / "matplotlibrc").write_text("font.size: 20\nlines.linewidth: 9\n")
    there = str(tmp_path / "there")
    code = f"import pathlib, tests.experiments.test_figures as t; t.draw_all(pathlib.Path({there!r}))"
    environment = {**os.environ, "SOURCE_DATE_EPOCH": "1000000000", "PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo"}
    environment["MATPLOTLIBRC"] = str(tmp_path / "matplotlibrc")
    subprocess.run([sys.executable, "-c", code], check=True, env=environment, cwd=Path(__file__).parents[2])

    here = sorted((tmp_path / "here" / "figures").iterdir())
    assert len(here) == 12
    for path in here:
        assert path.read_bytes() == (tmp_path / "there" / "figures" / path.name).read_bytes(), path.name


def test_a_heat_map_writes_lead_and_interval_into_each_cell(tmp_path: Path) -> None:
    told = texts(heat_map(sensitivity(), tmp_path / "deep" / "heat")[0])
    for expected in ("+10", "[+2, +20]", "−5", "[−20, +10]", "0", "–", "recall decay", "SIMULATED"):
        assert expected in told


def test_a_heat_map_whose_cells_do_not_fit_its_axes_is_refused(tmp_path: Path) -> None:
    data = HeatMap("t", "x", "y", [1, 2, 3], [1, 2], CELLS, "lead", "", True)
    with pytest.raises(ValueError, match=r"2 rows \(y values\) of 3 \(x values\), got rows of \[2, 2\]"):
        heat_map(data, tmp_path / "heat")


@given(st.lists(st.floats(0, 100), max_size=8), st.floats(0.1, 20))
def test_labels_are_moved_apart_in_order_and_no_further_than_needed(positions: list[float], gap: float) -> None:
    placed = spread(positions, gap)
    order = sorted(range(len(positions)), key=lambda index: (positions[index], index))

    for lower, upper in itertools.pairwise(order):
        assert placed[upper] - placed[lower] >= gap - 1e-6
    if all(positions[b] - positions[a] >= gap for a, b in itertools.pairwise(order)):
        assert placed == pytest.approx(positions)
    assert sum(placed) == pytest.approx(sum(positions))


@given(st.lists(st.floats(0, 100), max_size=8), st.floats(0.1, 20))
def test_labels_that_stood_too_high_are_moved_down_and_stay_apart(positions: list[float], gap: float) -> None:
    placed = below(spread(positions, gap), 90, gap)
    assert all(place <= 90 for place in placed)
    assert all(high - low >= gap - 1e-6 for low, high in itertools.pairwise(sorted(placed)))
