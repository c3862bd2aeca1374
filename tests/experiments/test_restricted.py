"""Tasks that may not be passed on stay in the run's folder: a canary stands in every question and answer, and is looked for in
all that a run prints, sends to a tracker or turns into results."""

from __future__ import annotations

import asyncio
import io
from pathlib import Path

import pytest
from rich.console import Console

from experiments import run as run_module
from experiments.composition import settings_of
from experiments.point import run_point
from experiments.report import report
from experiments.settings import Settings
from experiments.show import main as show_main
from experiments.show import show
from experiments.summary import PointResult, summarize
from fgo.llm.provider import AttemptFailed, Completion
from fgo.llm.types import Request
from fgo.types import Usage
from tests.envs.gaia.official_data import write_official
from tests.experiments.words import SEARCH

CANARY = "xyzzy-canary-4711"


class Parrot:
    """A model that quotes what it is shown wherever it can: in thoughts, answers, critiques, rules and, at last, errors."""

    def __init__(self, fails_at: int | None = None) -> None:
        self.calls = 0
        self.fails_at = fails_at

    async def complete(self, request: Request, timeout_seconds: float) -> Completion:
        self.calls += 1
        if self.fails_at is not None and self.calls >= self.fails_at:
            raise AttemptFailed(f"can't read {CANARY}", name="BadRequestError", retry=False)
        system = str(request.messages[0]["content"])
        shown = "\n".join(str(message["content"]) for message in request.messages)
        said = CANARY if CANARY in shown else "nothing"
        if system.startswith("You review"):
            text = f"<critique>\n- the agent should know {said}\n</critique>"
        elif system.startswith(("You improve", "You merge")):
            text = "".join(
                f'<module name="{name}">\n- remember {said} [T1]\n</module>\n'
                for name in ("instructions", "demonstrations")
            )
        else:
            text = f'Thought: it is about {said}.\nAction: final_answer {{"answer": "{self.calls} {said}"}}'
        return Completion(text, "stop", Usage(10, 0, 10, 0, 0.0), seconds=0.0)

    async def close(self) -> None:
        return None


@pytest.fixture
def official(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    root = write_official(tmp_path / "official", counts={1: 6, 2: 6, 3: 6}, canary=CANARY)
    monkeypatch.setenv("GAIA_DATA", str(root))
    return str(root)


def point(runs: Path, *more: str) -> Settings:
    return settings_of(
        [SEARCH, "env=gaia", "env.toolset=[]", "model=teacher", "optimizer=fgo", f"runs={runs}", "train_size=4",
         "validation_size=2", "test_size=4", "epochs=1", "cache=null",
         "optimizer.improve.modules=[instructions,demonstrations]", *more]
    )  # fmt: skip


def played(settings: Settings, provider: Parrot | None = None) -> PointResult:
    return asyncio.run(run_point(settings, ["fgo", "run"], provider or Parrot()))


def holding(folder: Path) -> list[Path]:
    """The files in which the canary stands, as it is or as JSON or UTF-16 would hold it."""
    forms = (CANARY.encode(), CANARY.encode("utf-16-le"))
    return [path for path in folder.rglob("*") if path.is_file() and any(form in path.read_bytes() for form in forms)]


def assert_printed_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    out, err = capsys.readouterr()
    assert CANARY not in out
    assert CANARY not in err


def test_a_run_on_restricted_tasks_passes_nothing_of_them_on(
    official: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    settings = point(tmp_path / "runs", "tracker.log_trajectories=true")
    result = played(settings)
    assert report([settings]) == 0
    assert show_main([str(settings.folder)]) == 0
    assert_printed_nothing(capsys)
    assert CANARY not in caplog.text

    assert result.complete
    assert result.restricted
    files = {path.relative_to(settings.folder).as_posix() for path in holding(settings.folder)}
    assert files == {"journal.jsonl", "modules/instructions.txt", "modules/demonstrations.txt"}
    tracked = [path for path in (settings.folder / "wandb").rglob("*") if path.is_file()]
    assert tracked
    assert [path for path in holding(tmp_path / "runs") if settings.folder not in path.parents] == []
    assert (tmp_path / "runs" / "single" / "manifest.json").exists()
    assert any(b"vali-" in path.read_bytes() for path in tracked), "ids and scores are tracked"


def test_it_is_shown_and_tracked_where_the_user_asks_for_it(
    official: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = point(tmp_path / "runs", "tracker.log_trajectories=true", "tracker.log_restricted=true")
    played(settings)
    capsys.readouterr()

    assert show_main([str(settings.folder), "--text"]) == 0
    assert CANARY in capsys.readouterr().out
    assert holding(settings.folder / "wandb")
    out = io.StringIO()
    show(settings.folder, Console(file=out, width=200))
    assert "which may quote restricted tasks: fgo show --text" in out.getvalue()


def test_data_that_cannot_be_used_are_wrong_usage_in_the_environments_words(
    official: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (Path(official) / "2023/validation/metadata.parquet").write_bytes(b"no parquet")

    assert run_module.run_settings(point(tmp_path / "runs")) == run_module.USAGE
    err = capsys.readouterr().err
    assert "metadata.parquet can't be read as parquet" in err
    assert "Traceback" not in err


@pytest.mark.parametrize("fails_at", [1, 6, 15])
def test_an_error_that_quotes_a_task_is_told_without_its_message(
    official: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], fails_at: int
) -> None:
    monkeypatch.setattr("experiments.doors._provider", lambda settings, journal: Parrot(fails_at))
    settings = point(tmp_path / "runs")

    assert run_module.run_settings(settings) == run_module.FAILED
    assert report([settings]) == 1
    assert show_main([str(settings.folder)]) == 1
    out, err = capsys.readouterr()
    assert CANARY not in out + err
    assert "the message may quote restricted tasks" in err
    assert CANARY not in summarize(settings.folder / "journal.jsonl").reason
    assert [path for path in holding(tmp_path / "runs") if path.name != "journal.jsonl"] == []
    assert holding(settings.folder), "the journal has it"


def test_a_bug_that_quotes_a_task_is_told_without_its_message(
    official: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("fgo.rollout._guarded", _raising(KeyError(CANARY)))
    monkeypatch.setattr("experiments.doors._provider", lambda settings, journal: Parrot())
    settings = point(tmp_path / "runs", "tracker=none")

    assert run_module.run_settings(settings) == run_module.FAILED
    _, err = capsys.readouterr()
    assert "KeyError" in err
    assert "rollout.py" in err, "where it happened is told"
    assert CANARY not in err


def _raising(error: Exception) -> object:
    async def broken(work: object) -> None:
        close = getattr(work, "close", None)
        if close is not None:
            close()
        raise error

    return broken
