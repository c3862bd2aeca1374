"""`fgo run` whole, from the command line to the table, with a recording in place of a model."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from experiments.cli import main
from experiments.point import run_point
from experiments.summary import summarize
from tests.experiments.words import Teacher, overrides, settings

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every call of the optimizers none and all_at_once."""
    folder = tmp_path_factory.mktemp("recorded")
    for optimizer in ("none", "all_at_once"):
        point = settings(folder, f"record={folder / 'calls.jsonl'}", f"optimizer={optimizer}")
        asyncio.run(run_point(point, ["fgo"], Teacher()))
    return folder / "calls.jsonl"


def journals(folder: Path) -> dict[str, Path]:
    return {summarize(path).point.optimizer: path for path in folder.glob("*/*/journal.jsonl")}


def test_one_point_runs_and_runs_again_in_no_time(tmp_path: Path, recording: Path) -> None:
    given = overrides(tmp_path, f"replay={recording}", "optimizer=none")

    assert main(["run", *given]) == 0
    (journal,) = journals(tmp_path).values()
    before = journal.read_bytes()
    assert main(["run", *given]) == 0
    assert journal.read_bytes() == before


def test_a_budget_ends_in_status_3_and_a_higher_one_in_0(
    tmp_path: Path, recording: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = overrides(tmp_path, f"replay={recording}", "optimizer=none")

    assert main(["run", *given, "budget.calls=3"]) == 3
    (journal,) = journals(tmp_path).values()
    message = capsys.readouterr().err
    assert f"{journal.parent}: " in message
    assert "budget.calls=3 (made 3)" in message
    assert "give the same command again" in message
    assert main(["run", *given, "budget.calls=300"]) == 0


def test_a_point_whose_episodes_the_machinery_fails_ends_in_status_1_naming_its_folder(
    tmp_path: Path, recording: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = overrides(tmp_path, f"replay={recording}", "optimizer=none")

    assert main(["run", *given, "env.broken=test-2"]) == 1
    (journal,) = journals(tmp_path).values()
    message = capsys.readouterr().err
    assert f"{journal.parent}: 1 episode(s) could not be finished (environment error); first: task test-2" in message
    assert summarize(journal).reason == "1 environment error"
    assert main(["run", *given]) == 0


def test_a_bug_is_shown_whole_and_ends_in_status_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", *overrides(tmp_path, "model.name=sim/base", "+model.simulated={}")]) == 2
    capsys.readouterr()
    not_a_folder = tmp_path / "file"
    not_a_folder.touch()
    assert main(["run", *overrides(tmp_path, f"run_dir={not_a_folder}")]) == 1
    message = capsys.readouterr().err
    assert message.startswith(f"{not_a_folder}: ")


def check_table(folder: Path, printed: str, errors: str) -> None:
    """The table has a number for `none`, and none for all_at_once, which is named as what failed."""
    table = (folder / "two" / "table.md").read_text()
    rows = {line.split("|")[1].strip(): line for line in table.splitlines() if line.startswith("|")}
    assert table.strip() in printed
    assert "incomplete" not in rows["none"]
    assert "incomplete" in rows["all_at_once"]
    failed = next(path for path in (folder / "two").iterdir() if "all_at_once" in path.name)
    assert f"{failed}: 1 episode(s) could not be finished" in errors
    assert f"not complete: {failed}" in errors
    assert errors.index(f"{failed}: 1 episode(s)") < errors.index(
        "1 of 2 points failed"
    )  # at once, and at the end again
    assert errors.rstrip().splitlines()[-1].startswith(f"  {failed}: 1 episode(s) could not be finished")


def test_a_sweep_names_the_point_that_failed_while_the_others_go_on_and_is_mended_by_the_same_command(
    tmp_path: Path, recording: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    given = overrides(tmp_path, f"replay={recording}", "optimizer=all_at_once,none", "study.name=two")

    assert main(["run", "-m", *given, "env.broken=train-3"]) == 1
    captured = capfd.readouterr()
    check_table(tmp_path, captured.out, captured.err)
    before = journals(tmp_path)["none"].read_bytes()

    assert main(["run", "-m", *given]) == 0
    assert "incomplete" not in (tmp_path / "two" / "table.md").read_text()
    assert not list((tmp_path / ".sweeps" / "failed").iterdir())
    assert str(tmp_path / "two" / "table.md") in capfd.readouterr().out
    assert journals(tmp_path)["none"].read_bytes() == before


def test_points_side_by_side_in_processes_of_their_own_end_the_same(tmp_path: Path, recording: Path) -> None:
    command = [sys.executable, "-m", "experiments.cli", "run", "-m", "hydra/launcher=joblib", "hydra.launcher.n_jobs=2"]
    command += overrides(tmp_path, f"replay={recording}", "optimizer=all_at_once,none", "study.name=two")
    done = subprocess.run([*command, "env.broken=train-3"], cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 1
    check_table(tmp_path, done.stdout, done.stderr)


def test_points_as_jobs_of_a_cluster_s_launcher_end_the_same(tmp_path: Path, recording: Path) -> None:
    pytest.importorskip("hydra_plugins.hydra_submitit_launcher", reason="needs the extra `cluster`")
    command = [sys.executable, "-m", "experiments.cli", "run", "-m", "hydra/launcher=submitit_local"]
    command += overrides(tmp_path, f"replay={recording}", "optimizer=all_at_once,none", "study.name=two")
    done = subprocess.run([*command, "env.broken=train-3"], cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 1
    table = (tmp_path / "two" / "table.md").read_text()
    assert "incomplete" in table
    assert table.strip() in done.stdout
    assert "1 of 2 points failed" in done.stderr
    assert "could not be finished" in done.stderr.rstrip().splitlines()[-1]


def test_points_that_cannot_begin_are_among_the_last_words_though_they_leave_no_folder(
    tmp_path: Path, recording: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    given = overrides(tmp_path, f"replay={recording}", "optimizer=none", "train_size=4,9", "study.name=two")

    assert main(["run", "-m", *given]) == 1
    said = capfd.readouterr().err
    assert "1 of 2 points failed; the same command goes on with them:" in said
    assert said.rstrip().endswith("9 tasks of the split 'train' were asked for; it has 8.")


def test_a_plan_is_printed_and_nothing_is_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    given = overrides(tmp_path, "study.name=two")

    assert main(["run", "-m", "--plan", *given, "optimizer=all_at_once,none"]) == 0
    assert "2 points, 0 of them done" in capsys.readouterr().out
    assert main(["run", *given, "--plan", "optimizer=none"]) == 0
    assert "1 point, 0 of them done" in capsys.readouterr().out
    assert not list(tmp_path.iterdir())


def test_a_dear_sweep_without_a_terminal_ends_in_status_2_before_anything_is_spent(tmp_path: Path) -> None:
    given = overrides(tmp_path, "optimizer=all_at_once,none", "study.name=two", "plan.ask_above_dollars=0")
    command = [sys.executable, "-m", "experiments.cli", "run", "-m", *given]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)

    assert done.returncode == 2
    assert "plan.yes=true" in done.stderr
    assert "# Plan" in done.stdout
    assert not list(tmp_path.iterdir())
