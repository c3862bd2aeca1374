"""A small study made, saved and checked: with nothing changed, and with each thing changed that a check must name."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path
from typing import Any

import orjson
import pytest

from experiments import compare
from experiments.check import check, save
from experiments.compare import Manifest, compare_folders
from experiments.errors import UsageError
from experiments.manifest import SUMS, altered, read_sums
from experiments.point import run_point
from experiments.report import report
from tests.experiments.words import Teacher, overrides, settings

OPTIMIZERS = ("none", "all_at_once")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the runs of a study of two points (`runs`), their recording and the saved results (`results`)."""
    folder = tmp_path_factory.mktemp("made")
    for optimizer in OPTIMIZERS:
        point = settings(
            folder / "runs", f"record={folder / 'calls.jsonl'}", f"optimizer={optimizer}", "study.name=two"
        )
        asyncio.run(run_point(point, ["fgo"], Teacher()))
    points = [settings(folder / "runs", f"optimizer={optimizer}", "study.name=two") for optimizer in OPTIMIZERS]
    assert report(points) == 0
    save(folder / "runs" / "two", folder / "results" / "two")
    return folder


@pytest.fixture
def copy(made: Path, tmp_path: Path) -> Path:
    """The same to be changed: `runs` and `results`."""
    for name in ("runs", "results"):
        shutil.copytree(made / name, tmp_path / name)
    return tmp_path


def study(folder: Path, made: Path, *more: str, optimizers: str = "none,all_at_once") -> list[str]:
    return overrides(
        folder, f"replay={made / 'calls.jsonl'}", f"optimizer={optimizers}", "study.name=two", "cache=null", *more
    )


def journal(folder: Path, optimizer: str) -> Path:
    return next(path for path in (folder / "runs" / "two").glob("*/journal.jsonl") if f"-{optimizer}-" in str(path))


def rewrite(path: Path, change: Any) -> None:
    """Change the first event for which `change` says that it did."""
    lines = path.read_bytes().splitlines()
    for i, line in enumerate(lines):
        event = orjson.loads(line)
        if change(event):
            lines[i] = orjson.dumps(event)
            path.write_bytes(b"\n".join(lines) + b"\n")
            return
    raise AssertionError("nothing was changed")


def test_a_study_run_anew_from_its_recording_agrees_with_what_was_saved(
    made: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert check("two", study(tmp_path / "anew", made), made / "results" / "two") == 0
    printed = capfd.readouterr()

    assert "2 points: 0 with a journal" in printed.out
    assert "every file, cell and journal agrees" in printed.out
    assert printed.err.count("differs") == 0


def test_what_is_saved_can_be_verified_by_sha256sum_and_holds_no_wall_time(made: Path) -> None:
    folder = made / "results" / "two"

    assert altered(folder) == []
    assert set(read_sums(folder)) | {SUMS} == {path.name for path in folder.iterdir()}
    assert {"table.md", "costs.csv", "manifest.json", "success.svg"} <= set(read_sums(folder))
    assert not (folder / "times.csv").exists()
    manifest = Manifest.read(folder)
    assert "seconds" not in orjson.dumps(manifest.data["points"][0]["ledger"]).decode()
    point = next(iter(manifest.points.values()))
    assert {"fingerprint", "versions", "git", "environment", "prompts", "config", "solved", "digests"} <= set(point)
    assert manifest.data["prices"]["price_as"] == "gpt-4o-mini"


def test_a_tampered_outcome_is_named_by_point_and_task_and_cell_by_cell(
    made: Path, copy: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    def flip(event: Any) -> bool:
        if event["kind"] != "episode" or event["phase"] != "test":
            return False
        score = event["trajectory"]["score"]
        score["success"], score["value"] = not score["success"], 1.0 - score["value"]
        return True

    rewrite(journal(copy, "none"), flip)

    assert check("two", study(copy / "runs", made), copy / "results" / "two") == 1
    said = capfd.readouterr().err
    assert "words, none, test/teacher, 4 training tasks, seed 0: test task test-" in said
    assert "expected not solved, found solved" in said or "expected solved, found not solved" in said
    assert "the journal's episode events are not those of the committed run" in said
    assert "differs: table.csv: row two measured words test/teacher none 4 4 0, column success: expected" in said
    assert "all_at_once, test/teacher, 4 training tasks, seed 0:" not in said


def test_a_tampered_text_that_no_table_shows_is_caught_all_the_same(
    made: Path, copy: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    def reword(event: Any) -> bool:
        if event["kind"] != "proposal":
            return False
        event["problem"] = "another"
        return True

    rewrite(journal(copy, "all_at_once"), reword)

    assert check("two", study(copy / "runs", made), copy / "results" / "two") == 1
    said = [line for line in capfd.readouterr().err.splitlines() if line.startswith("differs")]
    assert len(said) == 1
    assert "all_at_once" in said[0]
    assert "proposal events" in said[0]


def test_a_changed_configuration_is_named_key_by_key_before_anything_runs(
    made: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    given = study(tmp_path / "anew", made, "validation_size=3", "agent.max_steps=5")

    assert check("two", given, made / "results" / "two") == 1
    said = capfd.readouterr().err
    assert "configuration: validation_size: 2 -> 3 (2 of 2 points" in said
    assert "configuration: agent.max_steps: 4 -> 5 (2 of 2 points" in said
    assert "nothing was run" in said
    assert not (tmp_path / "anew").exists()


def test_a_missing_point_and_one_too_many_are_named(
    made: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    given = study(tmp_path / "anew", made, optimizers="none,fgo")

    assert check("two", given, made / "results" / "two") == 1
    said = capfd.readouterr().err
    assert "missing point: words, all_at_once, test/teacher, 4 training tasks, seed 0" in said
    assert "point without committed results: words, fgo, test/teacher, 4 training tasks, seed 0" in said


def test_a_point_that_fails_is_named_and_the_check_fails(
    made: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert check("two", study(tmp_path / "anew", made, "env.broken=train-3"), made / "results" / "two") == 1
    said = capfd.readouterr().err
    assert "all_at_once, test/teacher, 4 training tasks, seed 0: expected complete, found incomplete" in said
    assert "1 of 2 points failed" in said
    assert "column state: expected complete, found incomplete" in said


def test_committed_files_that_were_changed_or_lost_or_never_committed_are_named(copy: Path) -> None:
    folder = copy / "results" / "two"
    (folder / "table.tex").write_text("other")
    (folder / "costs.md").unlink()
    sums = (folder / SUMS).read_text().splitlines()
    (folder / SUMS).write_text("\n".join(line for line in sums if "success.png" not in line) + "\n")
    problems = "\n".join(compare_folders(folder, copy / "runs" / "two").problems)

    assert f"{folder / 'table.tex'}: was changed after" in problems
    assert f"{folder / 'costs.md'}: is missing" in problems
    assert "success.png: was written, and" in problems


def test_drifted_data_prompts_and_code_are_differences_and_versions_are_notes(copy: Path) -> None:
    path = copy / "runs" / "two" / "manifest.json"
    data = orjson.loads(path.read_bytes())
    data["environment"] = {**data["environment"], "train": 9}
    data["prompts"] = "0123"
    data["versions"] = {**data["versions"], "litellm": "0.0.1"}
    path.write_bytes(orjson.dumps(data))
    found = compare_folders(copy / "results" / "two", copy / "runs" / "two")

    assert any(line.startswith("drifted: environment.train: 8 -> 9 (2 of 2 points") for line in found.problems)
    assert any(line.startswith("drifted: prompts: ") for line in found.problems)
    assert len(found.problems) == 2
    assert any(line.startswith("versions.litellm: ") for line in found.notes)


def test_results_that_are_not_there_or_of_an_earlier_form_are_refused_saying_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--save"):
        check("two", [], tmp_path / "nothing")
    (tmp_path / "manifest.json").write_text('{"points": [{"env": "alfworld"}]}')
    with pytest.raises(UsageError, match=r"can't be read.*--save"):
        Manifest.read(tmp_path)


def test_saving_again_takes_away_what_is_no_longer_written(made: Path, copy: Path) -> None:
    folder = copy / "results" / "two"
    (folder / "old.svg").write_text("old")
    (folder / SUMS).write_text((folder / SUMS).read_text() + f"{'0' * 64}  old.svg\n")
    save(copy / "runs" / "two", folder)

    assert not (folder / "old.svg").exists()
    assert altered(folder) == []
    assert compare.compare_folders(folder, copy / "runs" / "two").problems == ()
