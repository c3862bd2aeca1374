from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from experiments import provenance
from experiments.bench.noop import InstantProvider, NoOpWorld
from experiments.errors import UsageError
from experiments.point import draw_splits, run_point
from experiments.settings import Settings
from experiments.summary import PointResult, summarize
from fgo.llm.provider import Provider
from fgo.llm.types import BudgetExceeded, ModelError, ReplayMiss
from fgo.rollout import EpisodesFailed
from fgo.types import Task
from tests.experiments.words import (
    Teacher,
    Words,
    assert_nothing_was_paid_twice,
    events,
    modules_of,
    settings,
    table,
)


def run(point: Settings, provider: Provider | None = None) -> PointResult:
    return asyncio.run(run_point(point, ["fgo", "run"], provider))


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[Settings, str, dict[str, str]]:
    """An uninterrupted run: its settings, table and modules."""
    point = settings(tmp_path_factory.mktemp("whole"))
    result = run(point, Teacher())
    return point, table([result]), modules_of(point.folder)


def test_a_point_optimizes_on_its_training_tasks_and_scores_on_the_test_split(
    whole: tuple[Settings, str, dict[str, str]],
) -> None:
    point, _, modules = whole
    result = summarize(point.folder / "journal.jsonl")
    used = {event["use"]: set(event["tasks"]) for event in events(point.folder, "tasks")}
    explored = {
        event["trajectory"]["task_id"] for event in events(point.folder, "episode") if event["phase"] == "explore"
    }

    assert result.complete
    assert result.success == 1.0
    assert explored == used["train"] == {f"train-{number}" for number in range(4)}
    assert set(result.outcomes) == used["test"]
    assert "- word: apple" in modules["instructions.txt"]
    assert json.loads((point.folder / "metrics.json").read_text())["success"] == 1.0
    assert_nothing_was_paid_twice(point.folder)


def test_the_header_says_all_that_a_result_depends_on(whole: tuple[Settings, str, dict[str, str]]) -> None:
    point, _, _ = whole
    (header,) = events(point.folder, "run")

    assert header["config"] == json.loads(json.dumps(point.resolved))
    assert header["fingerprint"] == point.fingerprint
    assert header["command"] == ["fgo", "run"]
    assert header["environment"] == {"benchmark": "words", "train": 8}
    assert header["versions"]["litellm"].startswith("1.")
    assert {key: header[key] for key in ("environment", "prompts", "simulation")} == provenance.identity(point)


def test_a_finished_run_returns_at_once_without_a_call_or_an_event(whole: tuple[Settings, str, dict[str, str]]) -> None:
    point, expected, _ = whole
    teacher = Teacher()
    before = (point.folder / "journal.jsonl").read_bytes()
    again = run(point, teacher)

    assert table([again]) == expected
    assert teacher.calls == 0
    assert (point.folder / "journal.jsonl").read_bytes() == before


def test_a_finished_run_made_with_other_prompts_is_not_passed_off_as_this_one(
    whole: tuple[Settings, str, dict[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    point, _, _ = whole
    monkeypatch.setattr("experiments.provenance.prompts_digest", lambda: "others")
    with pytest.raises(UsageError, match=r"prompts: \w+ -> \w+"):
        run(point, Teacher())


def test_another_configuration_in_the_same_folder_is_refused_without_a_call(
    whole: tuple[Settings, str, dict[str, str]],
) -> None:
    point, _, _ = whole
    other = settings(point.folder.parent, f"run_dir={point.folder}", "optimizer.improve.epochs=1")
    teacher = Teacher()
    with pytest.raises(UsageError, match=r"optimizer\.improve\.epochs: 2 -> 1"):
        run(other, teacher)
    assert teacher.calls == 0


def test_stopped_at_a_budget_it_says_how_to_go_on_and_ends_the_same_once_there_is_more(
    tmp_path: Path, whole: tuple[Settings, str, dict[str, str]]
) -> None:
    _, expected, modules = whole
    folder = f"run_dir={tmp_path / 'run'}"
    for calls in (1, 20, 40):
        stopped = settings(tmp_path, folder, f"budget.calls={calls}")
        with pytest.raises(BudgetExceeded, match="raise the limit and give the same command again"):
            run(stopped, Teacher())
        assert len(events(stopped.folder, "call")) == calls
        result = summarize(stopped.folder / "journal.jsonl")
        assert result.state == "incomplete"
        assert "100.0" not in table([result])
    done = run(settings(tmp_path, folder), Teacher())

    assert table([done]) == expected
    assert modules_of(tmp_path / "run") == modules
    assert_nothing_was_paid_twice(tmp_path / "run")


def test_where_the_provider_is_down_the_test_is_incomplete_and_the_next_run_plays_what_is_missing(
    tmp_path: Path, whole: tuple[Settings, str, dict[str, str]]
) -> None:
    finished, expected, modules = whole
    last = len(events(finished.folder, "call")) - 1
    point = settings(tmp_path, "executor.tries=1", "executor.episodes=1")
    with pytest.raises(EpisodesFailed, match=r"(?s)test-3.*run the same command again"):
        run(point, Teacher(refuses=lambda number: number == last))
    result = summarize(point.folder / "journal.jsonl")
    assert (result.state, result.reason) == ("incomplete", "1 provider error")
    assert "incomplete (1 provider error)" in table([result])
    assert not (point.folder / "metrics.json").exists()
    teacher = Teacher()
    done = run(point, teacher)

    assert teacher.calls == 1
    assert table([done]) == expected
    assert modules_of(point.folder) == modules
    assert_nothing_was_paid_twice(point.folder)


def test_where_the_provider_is_down_while_optimizing_the_next_run_goes_on(
    tmp_path: Path, whole: tuple[Settings, str, dict[str, str]]
) -> None:
    _, expected, modules = whole
    point = settings(tmp_path)
    for _ in range(2):
        with pytest.raises((EpisodesFailed, ModelError)):
            run(point, Teacher(refuses=lambda number: number > 30))
        assert summarize(point.folder / "journal.jsonl").state == "incomplete"
    done = run(point, Teacher())

    assert table([done]) == expected
    assert modules_of(point.folder) == modules
    assert_nothing_was_paid_twice(point.folder)


def test_a_recorded_run_replays_to_the_same_without_a_model(
    tmp_path: Path, whole: tuple[Settings, str, dict[str, str]]
) -> None:
    _, expected, modules = whole
    recording = tmp_path / "calls.jsonl"
    recorded = run(settings(tmp_path / "a", f"record={recording}"), Teacher())
    replayed = settings(tmp_path / "b", f"replay={recording}")

    assert table([recorded]) == expected
    assert table([run(replayed)]) == expected
    assert modules_of(replayed.folder) == modules
    assert summarize(replayed.folder / "journal.jsonl").total == recorded.total
    with pytest.raises(ReplayMiss, match="Replay with the configuration"):
        run(settings(tmp_path / "c", f"replay={recording}", "seed=1"))


def test_a_replay_of_nothing_is_wrong_usage(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"nowhere\.jsonl"):
        run(settings(tmp_path, f"replay={tmp_path / 'nowhere.jsonl'}"))


def test_equal_points_answer_each_other_from_the_cache_and_report_the_full_price(
    tmp_path: Path, whole: tuple[Settings, str, dict[str, str]]
) -> None:
    _, expected, _ = whole
    run(settings(tmp_path, f"run_dir={tmp_path / 'one'}"), Teacher())
    teacher = Teacher()
    second = run(settings(tmp_path, f"run_dir={tmp_path / 'two'}"), teacher)

    assert teacher.calls == 0
    assert second.total.paid.dollars == 0.0
    assert table([second]) == expected


@dataclass(frozen=True)
class Leaky(Words):
    def tasks(self, split: str, n: int | None, seed: int) -> Sequence[Task]:
        return super().tasks("train" if split == "test" else split, n, seed)


def test_splits_that_overlap_are_refused(tmp_path: Path) -> None:
    point = replace(settings(tmp_path), env=Leaky())
    with pytest.raises(UsageError, match="splits overlap"):
        run(point, Teacher())
    assert list(tmp_path.iterdir()) == []


def test_the_test_tasks_are_the_same_for_every_seed(tmp_path: Path) -> None:
    first, second = (draw_splits(Words(), settings(tmp_path, f"seed={seed}")) for seed in (0, 1))

    assert first.test == second.test
    assert first.train != second.train


def test_concurrency_changes_no_result(tmp_path: Path, whole: tuple[Settings, str, dict[str, str]]) -> None:
    _, expected, modules = whole
    alone = settings(tmp_path, "executor.episodes=1", "cache=null")

    assert table([run(alone, Teacher())]) == expected
    assert modules_of(alone.folder) == modules


def test_the_no_op_world_is_a_point_like_any_other(tmp_path: Path) -> None:
    point = replace(settings(tmp_path, "optimizer=none", "test_size=30"), env=NoOpWorld())
    result = run(point, InstantProvider())

    assert result.complete
    assert (len(result.outcomes), result.success) == (30, 1.0)
    assert result.total.usage.prompt_tokens == 3000
