from __future__ import annotations

import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from experiments.cli import main
from tests.experiments.words import overrides

HEAVY = (
    "hydra",
    "omegaconf",
    "litellm",
    "wandb",
    "alfworld",
    "textworld",
    "datasets",
    "numpy",
    "sklearn",
    "matplotlib",
)


@pytest.mark.parametrize("words", [["--help"], ["-h"], ["help"]])
def test_help_names_every_subcommand(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == 0
    text = capsys.readouterr().out
    for command in ("run", "reproduce", "show", "report", "oracle"):
        assert f"fgo {command}" in text
    for status in (0, 1, 2, 3, 130):
        assert f"{status} " in text.splitlines()[-1]


def test_no_command_and_an_unknown_one_are_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert "usage: fgo run" in capsys.readouterr().out
    assert main(["rnu"]) == 2
    assert "no command 'rnu'; there are run, reproduce, show, report, oracle" in capsys.readouterr().err


def test_help_imports_nothing_heavy_and_takes_little_processor_time(tmp_path: Path) -> None:
    code = (
        "import sys\nfrom experiments.cli import main\nstatus = main(['--help'])\n"
        f"loaded = [name for name in {HEAVY!r} if name in sys.modules]\n"
        "assert not loaded, loaded\nsys.exit(status)"
    )
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)

    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("fgo: reproduce FGO")
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 0.5


def test_cfg_job_prints_the_configuration_that_would_run_and_runs_nothing(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "experiments.cli", "run", "--cfg", "job", *overrides(tmp_path / "runs", "seed=7")]
    environment = {**os.environ, "PYTHONPATH": str(Path.cwd())}
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path, env=environment)
    printed = yaml.safe_load(done.stdout)

    assert done.returncode == 0, done.stderr
    assert printed["seed"] == 7
    assert printed["env"]["_target_"] == "tests.experiments.words.Words"
    assert printed["optimizer"]["subsets"] == 4
    assert list(tmp_path.iterdir()) == []


def test_reproduce_names_the_studies_that_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in ([], ["smok"]):
        assert main(["reproduce", *arguments]) == 2
        assert "name a study:" in (message := capsys.readouterr().err)
        assert "smoke" in message


def test_oracle_refuses_wrong_keys_as_run_does(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["oracle", "env.spilt=test"]) == 2
    assert "env.spilt: no such key; did you mean split?" in capsys.readouterr().err
