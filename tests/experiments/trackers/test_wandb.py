from __future__ import annotations

import dataclasses
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from omegaconf import OmegaConf

from experiments.components import build
from experiments.summary import summarize
from experiments.trackers.none import NoTracker
from experiments.trackers.wandb import WandbTracker
from fgo.types import Modules
from tests.experiments.synthetic import FINAL, Event, Synthetic, without

MODULES = Modules({"instructions": FINAL}, "merge")


def follow(tracker: WandbTracker | NoTracker, run: Synthetic, folder: Path, events: list[Event] | None = None) -> None:
    """What a session does: start, every event, finish."""
    told = run.events() if events is None else events
    journal = run.write(folder, told)
    tracker.start(told[0], folder)
    for event in told:
        tracker.observe(event)
    tracker.finish(summarize(journal), MODULES)


class Recorded:
    """The records of an offline run's file: config, history, summary and the run itself."""

    def __init__(self, path: Path) -> None:
        from wandb.proto import wandb_internal_pb2 as messages

        self.config: dict[str, Any] = {}
        self.history: list[dict[str, Any]] = []
        self.summary: dict[str, Any] = {}
        self.artifacts: list[str] = []
        self.run: Any = None
        self.exit_code: int | None = None
        for data in _log_records(path.read_bytes()):
            record = messages.Record()
            record.ParseFromString(data)
            self._take(record)

    def _take(self, record: Any) -> None:
        match record.WhichOneof("record_type"):
            case "run":
                self.run = record.run
                self.config |= {item.key: orjson.loads(item.value_json) for item in record.run.config.update}
            case "history":
                self.history.append(_items(record.history.item))
            case "summary":
                self.summary |= _items(record.summary.update)
            case "artifact":
                self.artifacts.append(record.artifact.type)
            case "request" if record.request.WhichOneof("request_type") == "log_artifact":
                self.artifacts.append(record.request.log_artifact.artifact.type)
            case "exit":
                self.exit_code = record.exit.exit_code


def _log_records(data: bytes) -> Iterator[bytes]:
    """W&B's file: a LevelDB log after 7 bytes; blocks of 32 kB hold chunks of (crc 4, length 2, type 1, bytes)."""
    parts, at = b"", 7
    while at + 7 <= len(data):
        if 32768 - at % 32768 < 7:  # the rest of a block is padding
            at += 32768 - at % 32768
            continue
        length, kind = int.from_bytes(data[at + 4 : at + 6], "little"), data[at + 6]
        parts += data[at + 7 : at + 7 + length]
        at += 7 + length
        if kind in (1, 4):  # whole, or the last of several
            yield parts
            parts = b""


def _items(items: Any) -> dict[str, Any]:
    return {item.key or "/".join(item.nested_key): orjson.loads(item.value_json) for item in items}


def test_an_offline_run_holds_everything_and_writes_nowhere_but_its_folder_nor_looks_a_host_up(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    code = (
        "import sys, pathlib, socket; look_up = socket.getaddrinfo;"
        "socket.getaddrinfo = lambda *a, **k: (print('looked up', a[0], file=sys.stderr), look_up(*a, **k))[1];"
        "from tests.experiments.trackers.test_wandb import *;"
        "tracker = WandbTracker(); runs = [Synthetic(), Synthetic(optimizer='none', seed=1)];"
        "[follow(tracker, run, pathlib.Path(sys.argv[1]) / run.optimizer) for run in runs];"
        "run = runs[0]; follow(tracker, run, pathlib.Path(sys.argv[1]) / run.optimizer)"  # as on resume
    )
    environment = {"HOME": str(home), "PATH": "/usr/bin:/bin", "HTTPS_PROXY": "http://127.0.0.1:9"}
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "runs")], env=environment, cwd=Path(__file__).parents[3],
        capture_output=True, text=True, check=True, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert (done.stdout, done.stderr) == ("", "")
    assert not [path for path in home.rglob("*") if path.is_file()]

    files = {name: list((tmp_path / "runs" / name).glob("wandb/offline-run-*/*.wandb")) for name in ("fgo", "none")}
    assert {name: len(found) for name, found in files.items()} == {"fgo": 1, "none": 1}
    fgo, none = Recorded(files["fgo"][0]), Recorded(files["none"][0])

    assert fgo.run.run_id != none.run.run_id
    assert (fgo.run.run_group, fgo.run.job_type, fgo.run.project) == ("smoke", "fgo", "fgo")
    assert (none.run.run_group, none.run.job_type) == ("smoke", "none")
    assert fgo.run.display_name == "alfworld-sim-base-fgo-n4-s0 SIMULATED"
    assert "SIMULATED" in fgo.run.tags
    assert fgo.config["results"] == "SIMULATED"
    assert fgo.config["optimizer"] == {"name": "fgo", "epochs": 2}
    assert fgo.config["run"]["git"] == {"commit": "0123abc", "changed": False}

    curve = [values["validation/subset 1/mean"] for values in fgo.history if "validation/subset 1/mean" in values]
    assert curve == [1.0]
    assert [values["merge/group 0/accepted"] for values in fgo.history if "merge/group 0/accepted" in values] == [1.0]
    assert [values["_step"] for values in fgo.history] == list(range(len(fgo.history)))
    assert fgo.summary["test/success"] == 0.75
    assert fgo.summary["ledger/merger/merge/prompt_tokens"] == 600
    assert fgo.summary["ledger/total/calls"] == 15
    assert any(key.startswith("test/success/") for key in fgo.summary)
    assert "modules" in fgo.artifacts
    assert fgo.exit_code == 0

    table = orjson.loads(next((tmp_path / "runs" / "fgo").rglob("episodes*.table.json")).read_bytes())
    assert len(table["data"]) == 10
    assert "You are in a room" not in str(table)


class FakeRun:
    """Stands for wandb's run: remembers what it is told, and breaks where it is asked to."""

    def __init__(self, breaks: str = "") -> None:
        self.breaks = breaks
        self.id = "id"
        self.logged: list[tuple[int, dict[str, Any]]] = []
        self.summary: dict[str, Any] = {}
        self.exit_code: int | None = None

    def log(self, values: dict[str, Any], step: int) -> None:
        if self.breaks == "log":
            raise ConnectionError("no route")
        self.logged.append((step, values))

    def log_artifact(self, artifact: Any) -> None:
        pass

    def finish(self, exit_code: int) -> None:
        if self.breaks == "finish":
            raise TimeoutError("too slow")
        self.exit_code = exit_code


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> tuple[FakeRun, dict[str, Any]]:
    run, asked = FakeRun(), dict[str, Any]()

    def init(**arguments: Any) -> FakeRun:
        asked.update(arguments)
        if run.breaks == "start":
            raise RuntimeError("server says no")
        return run

    monkeypatch.setattr("wandb.init", init)
    monkeypatch.setattr("wandb.api._api", None, raising=False)
    return run, asked


Fake = tuple[FakeRun, dict[str, Any]]


@pytest.mark.parametrize("breaks", ["start", "log", "finish"])
def test_a_failure_of_wandb_is_told_once_and_does_not_stop_the_run(
    fake: Fake, tmp_path: Path, capsys: pytest.CaptureFixture[str], breaks: str
) -> None:
    fake[0].breaks = breaks
    follow(WandbTracker(), Synthetic(), tmp_path)

    told = capsys.readouterr().err
    assert told.count("W&B: could not") == 1
    assert f"could not {breaks}" in told
    assert str(tmp_path) in told


def test_the_same_point_keeps_its_id_and_steps_and_another_folder_has_its_own(fake: Fake, tmp_path: Path) -> None:
    run, asked = fake
    seen = []
    for folder in ("a", "a", "b"):
        run.logged.clear()
        follow(WandbTracker(), Synthetic(), tmp_path / folder)
        seen.append((asked["id"], [(step, {**values, "episodes": None}) for step, values in run.logged]))

    assert seen[0] == seen[1]
    assert seen[0][0] != seen[2][0]


def test_an_incomplete_point_ends_as_failed_and_has_no_success(fake: Fake, tmp_path: Path) -> None:
    follow(WandbTracker(), Synthetic(), tmp_path, without(Synthetic().events(), "test-01", "provider_error"))

    assert fake[0].exit_code == 1
    assert fake[0].summary["reason"] == "1 provider error"
    assert "test/success" not in fake[0].summary


def test_online_without_a_key_is_kept_offline_and_says_so(
    fake: Fake, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    monkeypatch.delenv("WANDB_API_KEY", raising=False)
    follow(WandbTracker(mode="online"), Synthetic(), tmp_path / "a")
    assert fake[1]["mode"] == "offline"
    assert "no key" in capsys.readouterr().err

    monkeypatch.setenv("WANDB_API_KEY", "x" * 40)
    follow(WandbTracker(mode="online", group="mine"), Synthetic(), tmp_path / "b")
    assert (fake[1]["mode"], fake[1]["group"], fake[1]["resume"]) == ("online", "mine", "allow")


def test_what_was_said_is_logged_only_on_request(fake: Fake, tmp_path: Path) -> None:
    def table(tracker: WandbTracker) -> Any:
        fake[0].logged.clear()
        follow(tracker, Synthetic(), tmp_path)
        return fake[0].logged[-1][1]["episodes"]

    assert "You are in a room" not in str(table(WandbTracker()).data)
    told = table(WandbTracker(log_trajectories=True))
    assert told.columns[-1] == "text"
    assert "You are in a room" in str(told.data)


def test_measured_runs_are_not_marked_as_simulated(fake: Fake, tmp_path: Path) -> None:
    follow(WandbTracker(), Synthetic(simulated=False), tmp_path)
    asked = fake[1]

    assert "SIMULATED" not in str((asked["name"], asked["tags"], asked["config"], fake[0].summary))


def test_disabled_and_no_tracker_do_nothing(fake: Fake, tmp_path: Path) -> None:
    follow(WandbTracker(mode="disabled"), Synthetic(), tmp_path / "a")
    follow(NoTracker(), Synthetic(), tmp_path / "b")

    assert fake[1] == {}
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["journal.jsonl"] * 2


def test_the_config_files_name_what_they_build_and_every_key_of_it() -> None:
    built = []
    for name in ("none", "wandb"):
        file = Path(__file__).parents[3] / "conf" / "tracker" / f"{name}.yaml"
        node = OmegaConf.to_container(OmegaConf.load(file))
        assert isinstance(node, dict)
        built.append(build("tracker", {str(key): value for key, value in node.items()}))
        assert set(node) == {"_target_", *(field.name for field in dataclasses.fields(built[-1]))}

    assert built == [NoTracker(), WandbTracker()]


@pytest.mark.parametrize(("key", "value"), [("mode", "sometimes"), ("project", "a/b"), ("project", "")])
def test_impossible_settings_are_refused_by_name(key: str, value: str) -> None:
    with pytest.raises(ValueError, match=rf"tracker\.{key}='{value}': expected"):
        WandbTracker(**{key: value})  # type: ignore[arg-type]
