from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from experiments.point import run_point
from experiments.report import report, results_of
from experiments.settings import HeatMapSettings, Settings
from experiments.verdicts.formats import read_json
from tests.experiments.words import Teacher, settings


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    point = settings(tmp_path_factory.mktemp("runs"), "optimizer=none", "study.name=little")
    asyncio.run(run_point(point, ["fgo"], Teacher()))
    return point


def other(point: Settings, name: str) -> Settings:
    """A point of the same study that is kept in another folder."""
    return replace(point, point=replace(point.point, optimizer=name), folder=point.folder.parent / name)


def test_a_complete_study_gets_its_table_and_figure_and_status_0(
    done: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    assert report([done]) == 0
    printed = capsys.readouterr().out
    folder = done.folder.parent

    assert (folder / "table.md").read_text().strip() in printed
    assert {path.suffix for path in folder.iterdir() if path.is_file()} >= {".md", ".tex", ".csv", ".png"}
    for path in folder.iterdir():
        assert path.is_dir() or str(path) in printed


def test_a_study_that_feeds_claims_ends_in_verdicts(done: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    point = replace(done, plain=replace(done.plain, study=replace(done.plain.study, name="smoke")))
    report([point])
    printed = capsys.readouterr().out
    folder = Path(done.plain.runs) / "smoke"

    assert "Verdicts, words" in printed
    assert "better: not run. The study has nothing to judge it by." in printed
    assert "not run" in (folder / "verdicts.md").read_text()
    assert {verdict.study for verdict in read_json((folder / "verdicts.json").read_bytes())} == {"smoke"}
    assert not (folder.parent / "little" / "verdicts.md").exists()


def test_points_that_were_not_run_or_are_damaged_are_named_and_make_status_1(
    done: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    missing, damaged = other(done, "fgo"), other(done, "all_at_once")
    damaged.folder.mkdir(exist_ok=True)
    (damaged.folder / "journal.jsonl").write_text("not a journal\n")

    assert report([done, missing, damaged]) == 1
    captured = capsys.readouterr()
    assert "incomplete (not run)" in captured.out
    assert "damaged" in captured.out
    assert f"not complete: {damaged.folder}" in captured.err
    assert [result.reason or result.state for result in results_of([missing])] == ["not run"]
    assert [result.state for result in results_of([damaged])] == ["damaged"]


def test_a_study_that_asks_for_a_heat_map_gets_it(done: Settings) -> None:
    wanted = HeatMapSettings("optimizer.subsets", "fgo", "all_at_once", "tasks", "subsets", "lead")
    points = []
    for subsets in (2, 4):
        for name in ("fgo", "all_at_once"):
            point = replace(done.point, optimizer=name, varied={"optimizer.subsets": subsets}, study="map")
            plain = replace(done.plain, study=replace(done.plain.study, name="map", heat_map=wanted))
            points.append(replace(done, point=point, plain=plain, folder=Path(done.plain.runs) / f"{name}{subsets}"))

    assert report(points) == 1  # nothing was run: the map is there, and empty
    assert (Path(done.plain.runs) / "map" / "lead.png").exists()
