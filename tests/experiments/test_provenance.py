from __future__ import annotations

import subprocess
from importlib.metadata import version
from pathlib import Path

import pytest

from experiments import provenance
from experiments.provenance import describe_run, git_state, prompts_digest
from tests.experiments.words import settings


def test_a_run_tells_its_configuration_command_and_versions(tmp_path: Path) -> None:
    point = settings(tmp_path)
    about = describe_run(point, ["fgo", "run", "seed=0"])

    assert about["config"] == point.resolved
    assert about["fingerprint"] == point.fingerprint
    assert about["command"] == ["fgo", "run", "seed=0"]
    assert about["point"]["env"] == "words"
    assert about["simulated"] is False
    assert about["versions"]["alfworld"] == version("alfworld")


def test_another_prompt_text_is_another_digest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = prompts_digest()
    for package in ("fgo.agents", "fgo.optimizers"):
        (tmp_path / package / "prompts").mkdir(parents=True)
    prompt = tmp_path / "fgo.agents" / "prompts" / "react.txt"
    prompt.write_text("Act.")
    monkeypatch.setattr(provenance, "files", lambda package: tmp_path / package)
    first = prompts_digest()
    prompt.write_text("Act!")

    assert len({before, first, prompts_digest()}) == 3


def test_the_git_state_is_the_commit_and_whether_the_tree_differs_from_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(provenance, "files", lambda package: tmp_path)

    def git(*arguments: str) -> str:
        who = ("-c", "user.name=me", "-c", "user.email=me@example.org", "-c", "commit.gpgsign=false")
        done = subprocess.run(
            ["git", "-C", str(tmp_path), *who, *arguments], check=True, capture_output=True, text=True
        )
        return done.stdout.strip()

    assert git_state() == {}
    git("init", "-q")
    file = tmp_path / "file"
    file.write_text("a")
    git("add", "file")
    git("commit", "-q", "-m", "first")
    assert git_state() == {"commit": git("rev-parse", "HEAD"), "changed": False}
    file.write_text("b")
    assert git_state()["changed"] is True
    monkeypatch.setenv("PATH", str(tmp_path))
    assert git_state() == {}
