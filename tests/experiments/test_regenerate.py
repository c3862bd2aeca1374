from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import pytest

from experiments.cli import main
from experiments.point import run_point
from experiments.regenerate import missing
from experiments.report import report
from experiments.summary import summarize
from fgo.journal import read_events
from tests.experiments.synthetic import Synthetic, without
from tests.experiments.words import Teacher, settings

SWEEP = ["fgo", "-m", "study=smoke", "optimizer=none,fgo", "seed=0,1", "runs=x,y"]


def write(folder: Path, *runs: Synthetic, command: list[str] = SWEEP, heat_map: bool = False) -> list[Path]:
    written = []
    for run in runs:
        events = run.events()
        events[0]["command"] = command
        events[0]["config"]["study"] = {"name": run.study, "title": "Smoke test"}
        if heat_map:
            events[0]["config"]["study"]["heat_map"] = {
                "y": "decay", "method": "fgo", "baseline": "none", "x_label": "x", "y_label": "y", "label": "lead",
            }  # fmt: skip
        written.append(run.write(folder / f"{run.optimizer}-{run.train_size}-{run.seed}-{len(run.varied)}", events))
    return written


def grid(*names: str) -> list[Synthetic]:
    return [Synthetic(name, seed=seed) for name in names for seed in (0, 1)]


def test_tables_and_figures_are_the_same_bytes_wherever_the_journals_are(tmp_path: Path) -> None:
    for place in ("a", "b"):
        write(tmp_path / place, *grid("none", "fgo"))
        assert main(["report", str(tmp_path / place)]) == 0
    made = sorted(path.name for path in (tmp_path / "a").iterdir() if path.is_file())

    assert {"table.csv", "table.md", "table.tex", "success.pdf", "success.png", "success.svg"} < set(made)
    assert {"comparisons.md", "verdicts.md", "verdicts.json"} < set(made)
    for name in made:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()
    assert (tmp_path / "a" / "table.md").read_text().startswith("# Smoke test (SIMULATED)")


def test_a_study_is_written_as_it_was_after_its_runs(tmp_path: Path) -> None:
    points = [settings(tmp_path / "runs", f"optimizer={name}", "study.name=smoke") for name in ("none", "all_at_once")]
    for point in points:
        asyncio.run(run_point(point, ["fgo", "-m", "optimizer=none,all_at_once"], Teacher()))
    assert report(points) == 0
    made = points[0].folder.parent
    copied = tmp_path / "elsewhere" / "smoke"
    for point in points:
        (copied / point.folder.name).mkdir(parents=True)
        shutil.copy(point.folder / "journal.jsonl", copied / point.folder.name)
    assert main(["report", str(copied)]) == 0
    files = {path.name for path in copied.iterdir() if path.is_file()}
    others = {path.name for path in made.iterdir() if path.is_file()} - files

    assert {name.partition(".")[0] for name in others} == {"manifest", "costs", "times", "SHA256SUMS"}
    for name in files:
        assert (copied / name).read_bytes() == (made / name).read_bytes(), name


def test_a_study_with_a_heat_map_gets_it(tmp_path: Path) -> None:
    runs = [run.but(varied={"decay": decay}) for run in grid("none", "fgo") for decay in (0.5,)]
    write(tmp_path, *runs, heat_map=True)

    assert main(["report", str(tmp_path)]) == 0
    assert (tmp_path / "lead.svg").exists()


def test_a_point_that_the_commands_name_and_nobody_began_is_missing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path, *grid("none", "fgo")[:3])

    assert main(["report", str(tmp_path)]) == 1
    out = capsys.readouterr()
    assert "not complete: no folder: alfworld, fgo, sim-base, 4 training tasks, seed 1: incomplete (not run)" in out.err
    assert "incomplete (seed 1: not run)" in out.out


def test_values_that_a_study_varies_are_looked_for_too(tmp_path: Path) -> None:
    command = ["fgo", "-m", "study=smoke", "decay=0.5,1.0", "seed=0", "optimizer='fgo'"]
    journals = write(tmp_path, Synthetic(varied={"decay": 0.5}), command=command)
    told = [(next(read_events(journal)), summarize(journal)) for journal in journals]

    assert [point.point.varied for point in missing(told)] == [{"decay": 1.0}]


def test_variants_of_an_optimizer_are_looked_for_by_their_names(tmp_path: Path) -> None:
    command = ["fgo", "-m", "optimizer=fgo", "variant=none,no_gate,merge_none"]
    journals = write(tmp_path, Synthetic("fgo+no_gate"), command=command)
    told = [(next(read_events(journal)), summarize(journal)) for journal in journals]

    assert [point.point.optimizer for point in missing(told)] == ["fgo", "fgo+merge_none"]


def test_a_single_run_misses_nothing(tmp_path: Path) -> None:
    journals = write(tmp_path, Synthetic(), command=["fgo", "run", "optimizer=fgo", "seed=0"])
    assert missing([(next(read_events(journal)), summarize(journal)) for journal in journals]) == []


def test_a_run_that_is_not_complete_is_no_row_of_numbers(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first, *rest = grid("none", "fgo")
    write(tmp_path, *rest)
    first.write(tmp_path / "first", without(first.events(), "test-01", "provider_error"))

    assert main(["report", str(tmp_path)]) == 1
    assert "incomplete (seed 0: 1 provider error)" in capsys.readouterr().out


def test_a_journal_that_tells_nothing_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "journal.jsonl").write_text("")

    assert main(["report", str(tmp_path)]) == 2
    assert "journal.jsonl has no header yet" in capsys.readouterr().err
