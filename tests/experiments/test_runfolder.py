from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from experiments import runfolder
from experiments.errors import UsageError
from experiments.runfolder import RunFolder
from experiments.settings import fingerprint
from fgo.journal import Journal
from fgo.types import Modules
from tests.experiments.words import settings

HOLD = """
import asyncio, sys
from pathlib import Path
from experiments.runfolder import RunFolder

async def hold():
    async with RunFolder(Path(sys.argv[1])).lock():
        print("held", flush=True)
        sys.stdin.read()

asyncio.run(hold())
"""


@pytest.fixture(scope="module")
def resolved(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return dict(settings(tmp_path_factory.mktemp("runs")).resolved)


def about(resolved: dict[str, Any], **changes: Any) -> dict[str, Any]:
    base = {
        "config": resolved,
        "fingerprint": fingerprint(resolved),
        "environment": {"games": "abc"},
        "prompts": "p1",
        "simulation": "",
    }
    point = {"env": "words", "optimizer": "fgo", "model": "m", "train_size": 4, "seed": 0, "study": "s", "varied": {}}
    return {**base, "point": point, "simulated": False, "versions": {}, "command": ["fgo"], "git": {}, **changes}


def begin(folder: RunFolder, resolved: dict[str, Any], **changes: Any) -> None:
    with Journal(folder.journal) as journal:
        folder.open(journal, about(resolved, **changes))


async def hold(place: Path) -> None:
    async with RunFolder(place).lock():
        pass


def finish(folder: RunFolder) -> None:
    with Journal(folder.journal) as journal:
        journal.append("modules", id="result", modules=Modules({"instructions": "Act.", "demos": "Say é."}).to_json())
        journal.append("finished", id="finished", metrics={})


def test_a_new_run_begins_with_its_header_and_tells_a_person_what_it_is(
    tmp_path: Path, resolved: dict[str, Any]
) -> None:
    folder = RunFolder(tmp_path / "run")
    begin(folder, resolved)
    kinds = [json.loads(line)["kind"] for line in folder.journal.read_text().splitlines()]

    assert kinds == ["run", "session"]
    assert yaml.safe_load((tmp_path / "run" / "config.yaml").read_text()) == resolved
    assert json.loads((tmp_path / "run" / "run.json").read_text())["command"] == ["fgo"]


def test_the_same_run_goes_on_with_a_session_more(tmp_path: Path, resolved: dict[str, Any]) -> None:
    folder = RunFolder(tmp_path / "run")
    begin(folder, resolved)
    begin(folder, {**resolved, "executor": {"episodes": 1, "tries": 1}, "budget": {"calls": 3}})
    kinds = [json.loads(line)["kind"] for line in folder.journal.read_text().splitlines()]

    assert kinds == ["run", "session", "session"]


@pytest.mark.parametrize(
    ("config", "changes", "words"),
    [
        ({"seed": 5, "train_size": 6}, {}, ("seed: 0 -> 5", "train_size: 4 -> 6")),
        ({}, {"prompts": "p2"}, ("prompts: p1 -> p2",)),
        ({}, {"environment": {"games": "xyz"}}, ("environment: {'games': 'abc'} -> {'games': 'xyz'}",)),
    ],
)
def test_another_configuration_prompts_or_data_are_refused_saying_what_changed(
    tmp_path: Path, resolved: dict[str, Any], config: dict[str, Any], changes: dict[str, Any], words: tuple[str, ...]
) -> None:
    folder = RunFolder(tmp_path / "run")
    begin(folder, resolved)
    before = folder.journal.read_bytes()
    with pytest.raises(UsageError) as refused:
        begin(folder, {**resolved, **config}, **changes)

    assert "another run_dir" in str(refused.value)
    for word in words:
        assert word in str(refused.value)
    assert folder.journal.read_bytes() == before


def test_finished_means_to_its_end_with_this_configuration_and_these_prompts(
    tmp_path: Path, resolved: dict[str, Any]
) -> None:
    folder = RunFolder(tmp_path / "run")
    assert not folder.finished(about(resolved))
    begin(folder, resolved)
    assert not folder.finished(about(resolved))
    finish(folder)
    assert folder.finished(about(resolved))
    assert folder.finished(about({**resolved, "executor": {}}))
    assert not folder.finished(about({**resolved, "seed": 1}))
    for key in ("prompts", "environment", "simulation"):
        assert not folder.finished(about(resolved, **{key: "other"}))


def test_results_that_a_kill_kept_from_being_written_are_written_later(
    tmp_path: Path, resolved: dict[str, Any]
) -> None:
    folder = RunFolder(tmp_path / "run")
    begin(folder, resolved)
    finish(folder)
    assert not (folder.path / "metrics.json").exists()
    folder.results()

    assert (folder.path / "modules" / "instructions.txt").read_text() == "Act.\n"
    assert (folder.path / "modules" / "demos.txt").read_text(encoding="utf-8") == "Say é.\n"
    assert json.loads((folder.path / "metrics.json").read_text())["point"]["env"] == "words"


def test_a_folder_that_another_process_holds_is_refused_naming_it_and_free_once_that_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runfolder, "_PATIENCE", 0.3)
    place = tmp_path / "run"
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(place)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(UsageError, match=rf"in use by process {holder.pid}"):
            asyncio.run(hold(place))
    finally:
        holder.kill()
        holder.communicate()
    asyncio.run(hold(place))
    assert (place / ".lock").read_text() == str(os.getpid())
