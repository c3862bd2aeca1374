from __future__ import annotations

import csv
import io
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from experiments.comparison_formats import (
    comparisons_csv,
    comparisons_latex,
    comparisons_markdown,
    write_comparisons,
)
from experiments.comparisons import StudyComparisons, comparisons
from experiments.grouping import grouped
from experiments.paired import holm, over_tasks
from experiments.stats import Outcomes, difference_interval, relative_interval
from experiments.summary import Point, not_run
from experiments.table_formats import latex, write_tables
from experiments.tables import table_of_groups
from tests.experiments.made_up import Array, first, noisy, points

ARMS: dict[tuple[str, int], Array] = {
    ("none", 8): noisy(0.2, draw=1),
    ("all_at_once", 8): noisy(0.4, draw=2),
    ("all_at_once", 24): noisy(0.5, draw=3),
    ("fgo", 8): noisy(0.6, draw=4),
    ("fgo", 24): noisy(0.9, draw=5),
}
TITLE = "A & B_c, 50 %"


def found(simulated: bool = True) -> StudyComparisons:
    return comparisons(grouped(points(ARMS, simulated)), "smoke", TITLE)


def test_each_method_is_compared_with_each_baseline_at_its_size() -> None:
    rows = found().sections[0].rows
    pairs = [(row.optimizer, row.train_size, row.baseline) for row in rows]

    assert pairs == [
        ("all_at_once", 8, "none"),
        ("all_at_once", 24, "none"),
        ("fgo", 8, "none"),
        ("fgo", 8, "all_at_once"),
        ("fgo", 24, "none"),
        ("fgo", 24, "all_at_once"),
    ]
    best = rows[-2]
    assert best.difference.estimate == pytest.approx(ARMS["fgo", 24].mean() - ARMS["none", 8].mean())
    assert best.p_tasks == pytest.approx(over_tasks(ARMS["fgo", 24] - ARMS["none", 8]))
    assert best.effect.won - best.effect.lost == round((ARMS["fgo", 24] - ARMS["none", 8]).sum())
    assert best.p < 0.01
    assert best.detectable is not None
    assert best.detectable < best.difference.estimate


def test_a_variant_is_compared_with_its_method_too() -> None:
    arms = {("none", 8): first(1), ("fgo", 8): first(4), ("fgo+merge_flat", 8): first(5)}
    rows = comparisons(grouped(points(arms)), "smoke", TITLE).sections[0].rows

    assert {(row.optimizer, row.baseline) for row in rows} == {
        ("fgo", "none"), ("fgo+merge_flat", "none"), ("fgo+merge_flat", "fgo")
    }  # fmt: skip


def test_p_values_are_adjusted_for_all_comparisons_of_a_section() -> None:
    rows = found().sections[0].rows

    assert [row.adjusted_tasks for row in rows] == holm([row.p_tasks for row in rows])
    assert [row.adjusted_both for row in rows] == holm([row.p_both for row in rows if row.p_both is not None])


def test_with_one_seed_the_test_over_tasks_is_judged_by() -> None:
    one = {arm: values[:, :1] for arm, values in ARMS.items()}
    rows = comparisons(grouped(points(one)), "s", "t").sections[0].rows

    assert all(row.p_both is None and row.adjusted_both is None and row.detectable is None for row in rows)
    assert all(row.p == row.adjusted_tasks for row in rows)
    assert "–" in comparisons_markdown(comparisons(grouped(points(one)), "s", "t"))


def test_what_is_incomplete_or_tested_otherwise_is_not_compared() -> None:
    gap = not_run(Point("alfworld", "fgo", "model", 8, 3, "study"), simulated=False)
    results = [point for point in points(ARMS) if (point.point.optimizer, point.point.seed) != ("fgo", 3)]
    rows = comparisons(grouped([*results, gap]), "s", "t").sections[0].rows
    assert {row.optimizer for row in rows} == {"all_at_once"}


def test_a_relative_difference_is_one_of_the_baselines_success() -> None:
    ours, theirs = (Outcomes(tuple(map(str, range(60))), (0, 1), values[:, :2]) for values in (first(30), first(20)))
    relative = relative_interval(ours, theirs)
    assert relative is not None
    assert relative.estimate == pytest.approx(0.5)
    assert relative.low < 0.5 < relative.high

    nothing = Outcomes(ours.tasks, ours.seeds, np.zeros((60, 2)))
    assert relative_interval(ours, nothing) is None
    same, difference = relative_interval(theirs, theirs), difference_interval(theirs, theirs)
    assert same is not None
    assert (same.low, same.high) == pytest.approx((3 * difference.low, 3 * difference.high))


@pytest.mark.parametrize("render", [comparisons_markdown, comparisons_latex, comparisons_csv])
def test_formats_mark_what_is_simulated_and_name_the_runs(render: object) -> None:
    assert callable(render)
    simulated, measured = render(found()), render(found(simulated=False))

    assert "SIMULATED" in simulated
    assert "SIMULATED" not in measured
    assert render is comparisons_csv or found().footer in simulated


def test_csv_has_a_line_a_comparison_and_no_rounding_of_small_p_values() -> None:
    lines = list(csv.DictReader(io.StringIO(comparisons_csv(found()))))
    assert len(lines) == 6
    assert float(lines[-2]["p_tasks"]) == pytest.approx(found().sections[0].rows[-2].p_tasks, rel=1e-4)
    assert len(lines[0]["runs"].split()) == 8


def test_nothing_to_compare_writes_nothing(tmp_path: Path) -> None:
    alone = comparisons(grouped(points({("fgo", 8): first(3)})), "s", "t")
    assert write_comparisons(alone, tmp_path) == []
    assert [path.name for path in write_comparisons(found(), tmp_path)] == [
        "comparisons.md",
        "comparisons.tex",
        "comparisons.csv",
    ]


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="pdflatex is not installed")
def test_the_latex_tables_compile(tmp_path: Path) -> None:
    write_comparisons(found(), tmp_path)
    table = table_of_groups(grouped(points(ARMS, simulated=True)), "smoke", TITLE)
    write_tables(table, tmp_path)
    assert "\\toprule" in latex(table)
    inputs = "\\input{table.tex}\\input{comparisons.tex}"
    packages = "\\documentclass{article}\\usepackage{booktabs,graphicx}"
    text = f"{packages}\\begin{{document}}{inputs}\\end{{document}}"
    (tmp_path / "all.tex").write_text(text)
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "all.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120)

    assert done.returncode == 0, done.stdout[-2000:]
    assert "Overfull" not in done.stdout
