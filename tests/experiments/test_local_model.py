"""Whole points with a model file that the run serves itself; a fake stands in for llama.cpp."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest

from experiments import doors
from experiments.composition import settings_of
from experiments.errors import UsageError
from experiments.pack_recording import main as pack
from experiments.point import run_point
from experiments.settings import Settings
from experiments.summary import PointResult
from fgo.llm.local import server as server_module
from fgo.rollout import EpisodesFailed
from tests.experiments.words import events, overrides
from tests.fgo.llm.local.files import write_gguf

FAKE = (sys.executable, "-m", "tests.fgo.llm.local.fake_server")


@pytest.fixture(autouse=True)
def _fake(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_module, "PROGRAM", FAKE)
    monkeypatch.setattr(doors, "PROGRAM", FAKE)
    monkeypatch.setenv("FAKE_SERVER_ANSWER", "Thought: fine.\nAction: say apple")


def point(folder: Path, model: Path | None, *more: str) -> Settings:
    own = ["model=local", "optimizer=none", "+model.first_wait_seconds=0.05", f"model.path={model or 'null'}"]
    return settings_of([*overrides(folder, *own), *more])


def run(settings: Settings) -> PointResult:
    return asyncio.run(run_point(settings, ["fgo", "run"]))


def test_a_run_serves_the_file_and_its_header_says_which(tmp_path: Path) -> None:
    settings = point(tmp_path, write_gguf(tmp_path / "m.gguf"))
    result = run(settings)
    assert len(result.outcomes) == 4
    header = events(settings.folder, "run")[0]
    assert settings.point.model == "local/tiny-model-q4_k_m"
    facts = header["model_files"]["local/tiny-model-q4_k_m"]
    assert facts["sha256"] == header["config"]["model"]["sha256"]
    assert (facts["quantisation"], facts["context"]) == ("Q4_K_M", 4096)
    assert [event["what"] for event in events(settings.folder, "server")] == ["started"]
    log = (settings.folder / "server-tiny-model-q4_k_m.log").read_text()
    assert log.count("asked") == len(events(settings.folder, "call"))
    assert "served_file" not in log  # what names the file in a request is ours alone
    assert {call["model"] for call in events(settings.folder, "call")} == {"local/tiny-model-q4_k_m"}
    assert any(call["usage"].get("cached_tokens") for call in events(settings.folder, "call"))


def test_a_server_that_ends_in_the_middle_costs_no_episode(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = run(point(tmp_path / "whole", write_gguf(tmp_path / "m.gguf")))
    monkeypatch.setenv("FAKE_SERVER", "ends after 5")
    settings = point(tmp_path / "broken", tmp_path / "m.gguf", "executor.episodes=1")
    result = run(settings)
    assert result.outcomes == whole.outcomes
    assert "lost" in [event["what"] for event in events(settings.folder, "server")]
    assert events(settings.folder, "attempt")


def test_one_that_can_not_be_started_stops_the_run_which_goes_on_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = point(tmp_path, write_gguf(tmp_path / "m.gguf"))
    monkeypatch.setenv("FAKE_SERVER", "exits")
    with pytest.raises(EpisodesFailed, match="this file is no model"):
        run(settings)
    assert not events(settings.folder, "episode")
    monkeypatch.delenv("FAKE_SERVER")
    assert len(run(settings).outcomes) == 4


def test_two_models_have_a_server_each_and_one_that_is_not_asked_none(tmp_path: Path) -> None:
    first, second = write_gguf(tmp_path / "a.gguf", "A"), write_gguf(tmp_path / "b.gguf", "B")
    settings = point(tmp_path, first, "model@optimizer_model=local", f"optimizer_model.path={second}")
    run(settings)
    assert settings.optimizer_model.config.name == "local/b-q4_k_m"
    assert set(events(settings.folder, "run")[0]["model_files"]) == {"local/a-q4_k_m", "local/b-q4_k_m"}
    assert [event["model"] for event in events(settings.folder, "server")] == ["local/a-q4_k_m"]


def test_the_files_contents_make_the_run_and_its_place_does_not(tmp_path: Path) -> None:
    here, there = write_gguf(tmp_path / "a.gguf"), write_gguf(tmp_path / "b.gguf")
    assert point(tmp_path, here).fingerprint == point(tmp_path, there, "model.server.threads=3").fingerprint
    before = point(tmp_path, here).fingerprint
    here.write_bytes(here.read_bytes() + b"retrained")
    assert point(tmp_path, here).fingerprint != before


def test_a_recording_is_replayed_without_the_file(tmp_path: Path) -> None:
    settings = point(tmp_path / "a", write_gguf(tmp_path / "m.gguf"), f"record={tmp_path / 'r.jsonl'}", "cache=null")
    recorded = run(settings)
    named = [f"model.name={settings.model.config.name}", f"model.sha256={settings.resolved['model']['sha256']}"]
    again = point(tmp_path / "b", None, f"replay={tmp_path / 'r.jsonl'}", *named)
    assert again.fingerprint == settings.fingerprint
    assert run(again).outcomes == recorded.outcomes
    with pytest.raises(UsageError, match=r"has no file \(model\.path=null\): name a GGUF file"):
        run(point(tmp_path / "c", None, *named))


def test_points_recorded_into_a_folder_are_replayed_from_one_packed_recording(tmp_path: Path) -> None:
    pytest.importorskip("zstandard", reason="packed recordings need zstandard (the extra local)")
    model, records = write_gguf(tmp_path / "m.gguf"), tmp_path / "records"
    settings = [point(tmp_path / "a", model, f"record={records}/", f"seed={seed}") for seed in (0, 1)]
    recorded = [run(one) for one in settings]
    files = sorted(records.iterdir())
    assert [file.stem for file in files] == sorted(one.folder.name for one in settings)
    assert pack([*map(str, files), str(tmp_path / "all.zst")]) == 0
    named = [f"model.name={settings[0].model.config.name}", f"model.sha256={settings[0].resolved['model']['sha256']}"]
    for seed, before in enumerate(recorded):
        again = run(point(tmp_path / "b", None, f"replay={tmp_path / 'all.zst'}", f"seed={seed}", *named))
        assert again.outcomes == before.outcomes


@pytest.mark.parametrize(
    ("file", "more", "message"),
    [
        (None, [], r"model\.path=null: name a GGUF file .*huggingface\.co/Qwen/Qwen2\.5-Coder-1\.5B-Instruct-GGUF"),
        ("nowhere.gguf", [], r"nowhere\.gguf: there is no such file; name a GGUF file"),
        ("page.html", [], "is no GGUF file"),
        (None, ["model.sha256=ab"], r"model\.name=None: expected local/NAME"),
        ("m.gguf", ["model.server.threads=0"], r"model\.server\.threads=0"),
        ("m.gguf", ["+model.server.cores=1"], r"model\.server\.cores: no such key"),
        ("m.gguf", ["model@optimizer_model=local"], r"optimizer_model\.path=null: name .* optimizer_model\.path=FILE"),
    ],
)
def test_what_is_missing_or_wrong_is_said_before_anything_is_spent(
    tmp_path: Path, file: str | None, more: list[str], message: str
) -> None:
    write_gguf(tmp_path / "m.gguf")
    (tmp_path / "page.html").write_text("<html>not found</html>")
    with pytest.raises(UsageError, match=message):
        point(tmp_path, None if file is None else tmp_path / file, *more)


def test_another_file_than_the_one_named_by_hash_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"its SHA-256 is [0-9a-f]{64}, but model\.sha256=ab"):
        point(tmp_path, write_gguf(tmp_path / "m.gguf"), "model.sha256=ab")


def test_without_the_package_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doors, "PROGRAM", ("python", "-m", "fgo.llm.local.serve"))
    monkeypatch.setattr(doors, "find_spec", lambda name: None)
    with pytest.raises(UsageError, match=r"pip install 'fgo-harness\[local\]'"):
        run(point(tmp_path, write_gguf(tmp_path / "m.gguf")))
