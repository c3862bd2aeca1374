import asyncio
import json
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from envs.base import Environment, EnvironmentFailure
from envs.logisticsqa.environment import LogisticsQA
from envs.logisticsqa.episode import OVER, RECORDED
from fgo.types import Score, Task
from tests.envs.conformance import check_conformance
from tests.envs.logisticsqa.invoices import write_folder

NAMES = [f"doc-{n}" for n in range(20)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twenty invoices as released, one of which has no reference by the ground truth."""
    answers = {name: [] if name == "doc-7" else [f"REF-{name}"] for name in NAMES}
    return write_folder(tmp_path_factory.mktemp("released"), answers, NAMES)


@pytest.fixture
def released(folder: Path) -> LogisticsQA:
    return LogisticsQA(source="released", data=str(folder))


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(tmp_path_factory.mktemp("cache"))


def play(environment: LogisticsQA, split: str, *actions: str) -> tuple[str, list[tuple[str, bool]], Score, Task]:
    """(opening, what each action was answered, score, task) of the first task that seed 0 draws."""

    async def run() -> tuple[str, list[tuple[str, bool]], Score, Task]:
        await environment.prepare()
        try:
            task = environment.tasks(split, 1, seed=0)[0]
            episode = await environment.open(task)
            opening = await episode.reset()
            said = [await episode.step(action.replace("DOC", task.id)) for action in actions]
            assert b"<cbc:ID>" in episode.files()["document.xml"]
            await episode.close()
            return opening, said, episode.score(), task
        finally:
            await environment.close()

    return asyncio.run(run())


def test_released_documents_keep_every_promise(released: LogisticsQA) -> None:
    environment: Environment = released
    asyncio.run(check_conformance(environment, plays=6))


def test_generated_documents_keep_every_promise_and_are_solved_by_reading(cache: str) -> None:
    environment = LogisticsQA(
        source="generated", generated_train=24, generated_validation=8, generated_test=24, cache=cache
    )
    asyncio.run(check_conformance(environment, plays=24))
    assert environment.fingerprint()["source"] == "generated"
    solution = environment.solution(environment.tasks("test", 1, seed=0)[0])
    assert solution is not None
    assert solution[-1].startswith("answer ")


def test_an_episode_is_read_with_tools_and_ended_by_an_answer(released: LogisticsQA) -> None:
    opening, said, score, task = play(
        released,
        "train",
        "outline {}",
        'read {"path": "Invoice"}',
        'search {"text": "REF-"}',
        'xpath {"query": "//Shipment/ID/text()"}',
        'read {"path": "Invoice", "page": 2}',
        'reed {"path": "Invoice"}',
        'answer {"references": ["REF-DOC"]}',
        "outline {}",
    )
    assert task.goal in opening
    assert "a UBL Invoice of " in opening
    assert "cac:InvoiceLine" in opening
    texts = [text for text, _ in said]
    reference = f"REF-{task.id}"
    assert all(reference in text for text in texts[:4])
    assert "There is no page 2" in texts[4]
    assert "Did you mean read?" in texts[5]
    assert texts[6:] == ["Your answer is right.", OVER]
    assert [over for _, over in said] == [False] * 6 + [True] * 2
    assert score.success


def test_training_tells_what_was_right_and_other_splits_tell_nothing(released: LogisticsQA) -> None:
    wrong = 'answer {"references": ["nonsense"]}'
    _, [(said, over)], score, task = play(released, "train", wrong)
    assert said == f'Your answer is wrong. The right answer is ["REF-{task.id}"].'
    assert over
    assert not score.success
    assert play(replace(released, feedback="verdict"), "train", wrong)[1] == [("Your answer is wrong.", True)]
    for split in ("validation", "test"):
        assert play(released, split, wrong)[1] == [(RECORDED, True)]
        assert play(released, split, 'answer ["REF-DOC"]')[1] == [(RECORDED, True)]
        assert play(released, split, 'answer ["REF-DOC"]')[2].success


@pytest.mark.parametrize(
    "action",
    ['answer ["REF-DOC"]', "answer REF-DOC", 'Action: answer {"references": "REF-DOC"}', 'answer({"references": ["REF-DOC"]})',
     'Answer: ref-DOC.', "answer(references=['REF-DOC'])"],
)  # fmt: skip
def test_an_answer_may_come_in_many_forms(released: LogisticsQA, action: str) -> None:
    _, [(_, over)], score, _ = play(released, "test", action)
    assert over
    assert score.success


def test_an_unreadable_answer_is_wrong_and_counted_apart_and_an_empty_one_is_no_answer(released: LogisticsQA) -> None:
    _, [(said, over)], score, _ = play(released, "train", "answer I could not find anything of use in it")
    assert said.startswith(
        "Your answer could not be read as a list of references, and counts as wrong. The right answer is"
    )
    assert over
    assert score.details["unparsable"]
    _, [(said, over)], score, _ = play(released, "train", "answer")
    assert "references" in said
    assert not over
    assert not score.details["answered"]


def test_nothing_that_an_agent_or_optimizer_gets_holds_the_answer(released: LogisticsQA) -> None:
    opening, _, _, task = play(released, "test", "outline {}")
    told = [
        json.dumps([task.id, task.goal, task.category, dict(task.data)]),
        released.describe(),
        *released.seed_modules().texts.values(),
    ]
    assert not any("REF-" in text for text in told)
    assert "ground_truth" not in opening


def test_the_fingerprint_follows_documents_and_answers_and_counts_what_was_left_out(tmp_path: Path) -> None:
    answers = {name: [f"REF-{name}"] for name in NAMES}
    folder = write_folder(tmp_path, answers, NAMES)

    def fingerprint() -> Any:
        environment = LogisticsQA(source="released", data=str(folder))
        asyncio.run(environment.prepare())
        return environment.fingerprint()

    first = fingerprint()
    assert first == fingerprint()
    assert {split: found["documents"] for split, found in first["splits"].items()} == {
        "train": 10,
        "validation": 4,
        "test": 6,
    }
    (folder / "ground_truth.json").write_text(json.dumps({**answers, "doc-0": ["X"]}))
    second = fingerprint()
    assert second["splits"] != first["splits"]
    (folder / "data" / "doc-1.xml").write_text("broken")
    assert fingerprint()["unreadable"] == 1


def test_a_document_that_changes_under_way_is_a_failure_of_the_machinery(tmp_path: Path) -> None:
    environment = LogisticsQA(source="released", data=str(write_folder(tmp_path, dict.fromkeys("abcd", "1"), "abcd")))
    asyncio.run(environment.prepare())
    task = environment.tasks("train", 1, seed=0)[0]
    (tmp_path / "data" / f"{task.id}.xml").write_bytes(b"")
    with pytest.raises(EnvironmentFailure, match=r"changed while it was in use: .\.xml: the file is empty"):
        asyncio.run(environment.open(task))


def test_released_data_is_found_by_its_variable_and_its_absence_says_what_to_do(
    folder: Path, monkeypatch: pytest.MonkeyPatch, cache: str
) -> None:
    monkeypatch.delenv("LOGISTICSQA_DATA", raising=False)
    with pytest.raises(
        FileNotFoundError, match=r"set LOGISTICSQA_DATA .* or use generated ones: env\.source=generated"
    ):
        asyncio.run(LogisticsQA(source="released").prepare())
    small = LogisticsQA(cache=cache, generated_train=3, generated_validation=3, generated_test=3)
    asyncio.run(small.prepare())
    assert small.fingerprint()["source"] == "generated"
    monkeypatch.setenv("LOGISTICSQA_DATA", str(folder))
    found = LogisticsQA(cache=cache)
    asyncio.run(found.prepare())
    assert found.fingerprint()["source"] == "released"


def test_many_episodes_at_once_do_not_disturb_each_other(released: LogisticsQA) -> None:
    async def one(task: Task, rng: random.Random) -> bool:
        episode = await released.open(task)
        await episode.reset()
        for _ in range(5):
            text, _ = await episode.step(
                rng.choice(['xpath {"query": "string(//Shipment/ID)"}', 'search {"text": "REF-"}'])
            )
            assert f"REF-{task.id}" in text
        _, over = await episode.step(f'answer ["REF-{task.id}"]')
        return over and episode.score().success

    async def everything() -> list[bool]:
        await released.prepare()
        tasks = [*released.tasks("train", None, 0), *released.tasks("train", None, 1)]
        try:
            return await asyncio.gather(*(one(task, random.Random(task.id)) for task in tasks if task.id != "doc-7"))
        finally:
            await released.close()

    assert all(asyncio.run(everything()))


@pytest.mark.parametrize(
    ("key", "value", "allowed"),
    [
        ("source", "official", "auto, released, generated"),
        ("feedback", "none", "answer, verdict"),
        ("validation_share", 0.0, "between 0 and 1"),
        ("test_share", 0.9, "below 1 together"),
        ("generated_train", 0, "positive"),
        ("page_chars", 10, "at least 1000"),
        ("max_document_mb", -1.0, "positive"),
    ],
)
def test_a_wrong_value_is_refused_with_its_key_and_what_is_allowed(key: str, value: Any, allowed: str) -> None:
    with pytest.raises(ValueError, match=rf"env\.{key}={value}: must be .*{allowed}"):
        LogisticsQA(**{key: value})


def test_an_environment_that_was_not_prepared_says_so() -> None:
    with pytest.raises(RuntimeError, match="not prepared"):
        LogisticsQA().tasks("train", 1, seed=0)
