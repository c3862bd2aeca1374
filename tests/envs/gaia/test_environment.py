from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import Any

import pytest

from envs.gaia.environment import Gaia
from fgo.sandbox import Isolation, Refused, SandboxConfig
from fgo.types import Task
from tests.envs.conformance import check_conformance
from tests.envs.gaia.official_data import write_official

ANYWHERE = SandboxConfig(unguarded="allow")  # where there is no bubblewrap, too

FEW = {1: 10, 2: 12, 3: 8}
CANARY = "xyzzy"


@pytest.fixture(scope="module")
def official(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(write_official(tmp_path_factory.mktemp("gaia"), counts=FEW, hidden=FEW, canary=CANARY))


def prepared(official: str, **keys: Any) -> Gaia:
    environment = Gaia(source="official", data=official, toolset=(), **keys)
    asyncio.run(environment.prepare())
    return environment


def answered(environment: Gaia, task: Task, answer: str) -> tuple[str, Any]:
    """The last observation and the score of an episode that answers at once."""

    async def play() -> tuple[str, Any]:
        episode = await environment.open(task)
        await episode.reset()
        observation, _ = await episode.step(f"FINAL ANSWER: {answer}")
        await episode.close()
        return observation, episode.score()

    return asyncio.run(play())


def test_official_data_keep_every_promise_of_an_environment(official: str) -> None:
    asyncio.run(check_conformance(Gaia(source="official", data=official, toolset=()), plays=3))


def test_the_embedded_set_keeps_every_promise_of_an_environment(tmp_path: Path) -> None:
    asyncio.run(check_conformance(Gaia(source="embedded", cache=str(tmp_path), sandbox=ANYWHERE), plays=2))


def test_only_training_tasks_tell_whether_an_answer_was_right(official: str) -> None:
    for feedback, told in (("answer", "The right answer is: "), ("verdict", "It is wrong.")):
        environment = prepared(official, feedback=feedback)
        for split in ("train", "validation", "test"):
            observation, score = answered(environment, environment.tasks(split, 1, 0)[0], "nonsense")
            assert not score.success
            assert (told in observation) is (split == "train")
            assert (CANARY in observation) is (split == "train" and feedback == "answer")


def test_the_hidden_test_is_played_and_scores_nothing(official: str) -> None:
    environment = prepared(official, split="hidden_test")
    tasks = environment.tasks("hidden_test", None, 0)

    assert environment.test_split == "hidden_test"
    assert len(tasks) == 30
    assert environment.solution(tasks[0]) is None
    observation, score = answered(environment, tasks[0], "42")
    assert observation == "The answer is recorded."
    assert score.details["hidden"] is True
    assert not score.success


def test_a_fingerprint_has_counts_and_digests_and_no_text(official: str) -> None:
    fingerprint = prepared(official).fingerprint()

    assert fingerprint["restricted"] is True
    assert fingerprint["validation"]["as_released"] is False
    assert {name: about["tasks"] for name, about in fingerprint["splits"].items()} == {
        "train": 9,
        "validation": 6,
        "test": 15,
    }
    assert CANARY not in str(fingerprint)


def test_a_task_carries_no_answer(official: str) -> None:
    for task in prepared(official).tasks("train", None, 0):
        assert dict(task.data) == {}
        assert task.category in ("level 1", "level 2", "level 3")


def test_the_chosen_source_is_said_where_it_was_chosen_by_what_is_there(
    official: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("GAIA_DATA", official)
    with caplog.at_level(logging.WARNING):
        asyncio.run(Gaia(toolset=()).prepare())

    assert f"GAIA questions: OFFICIAL ({official})" in caplog.text
    assert CANARY not in caplog.text


def test_official_questions_are_not_sent_into_an_invented_web(official: str, caplog: pytest.LogCaptureFixture) -> None:
    environment = Gaia(source="official", data=official, toolset=("web_search", "visit"))
    with caplog.at_level(logging.WARNING):
        asyncio.run(environment.prepare())

    assert [tool.name for tool in environment.tools()] == ["final_answer"]
    assert "env.web=serper" in caplog.text


def test_python_without_a_sandbox_is_refused_before_anything_is_spent(
    official: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "envs.gaia.environment.isolation", lambda: Isolation(False, "No walls.", "There is no bubblewrap.")
    )
    with pytest.raises(Refused, match=r"no bubblewrap.*env\.toolset.*sandbox\.unguarded=allow"):
        asyncio.run(Gaia(source="official", data=official, toolset=("python",)).prepare())

    allowed = Gaia(source="official", data=official, toolset=("python",), sandbox=SandboxConfig(unguarded="allow"))
    asyncio.run(allowed.prepare())
    assert [tool.name for tool in allowed.tools()] == ["python", "final_answer"]


def test_a_web_without_its_key_is_told_before_anything_is_spent(official: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SERPER_API_KEY", raising=False)
    with pytest.raises(ValueError, match="SERPER_API_KEY"):
        asyncio.run(Gaia(source="official", data=official, toolset=("web_search",), web="serper").prepare())


def test_the_hidden_test_needs_official_data(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GAIA_DATA", "HF_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(FileNotFoundError, match=r"env\.split=hidden_test: only the official data have it"):
        asyncio.run(Gaia(split="hidden_test").prepare())


def test_an_environment_that_is_not_prepared_says_so(official: str) -> None:
    environment = Gaia(source="official", data=official, toolset=())
    for ask in (environment.tools, environment.fingerprint, lambda: environment.tasks("test", 1, 0)):
        with pytest.raises(RuntimeError, match="await its prepare"):
            ask()
    with pytest.raises(RuntimeError, match="await its prepare"):
        asyncio.run(environment.open(Task("a", "b")))


@pytest.mark.parametrize(
    "keys",
    [
        {"source": "imagined"},
        {"level": 4},
        {"level": "1"},
        {"split": "train"},
        {"split": "hidden_test", "source": "embedded"},
        {"test_share": 1.0},
        {"validation_share": 0.6},
        {"toolset": ("telescope",)},
        {"toolset": ("visit", "visit")},
        {"page_chars": 10},
    ],
)
def test_impossible_settings_are_refused_by_name(keys: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"env\.\w+=.*: (must be|expected) "):
        Gaia(**keys)
