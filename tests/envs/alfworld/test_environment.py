import asyncio
import logging
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from envs.alfworld import generator
from envs.alfworld.data import LAYOUT, TASK_TYPES, has_games, official_root
from envs.alfworld.environment import AlfWorld
from envs.alfworld.episode import trim_arrival, trim_opening
from envs.base import Environment, EnvironmentFailure
from tests.envs.conformance import check_conformance, check_solution

OFFICIAL = has_games(official_root())


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> AlfWorld:
    """Thirty training games and twelve for the test."""
    cache = str(tmp_path_factory.mktemp("cache"))
    return AlfWorld(source="generated", generated_train=30, generated_test=12, workers=1, cache=cache)


@pytest.fixture
def downloaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder such as alfworld-download makes, with a few games and both validation splits; ALFWORLD_DATA names it."""
    generator.generate(tmp_path / "data", seed=7, train=12, test=6)
    (tmp_path / "data" / LAYOUT / "test").rename(tmp_path / "data" / LAYOUT / "valid_unseen")
    shutil.copytree(tmp_path / "data" / LAYOUT / "train", tmp_path / "data" / LAYOUT / "valid_seen")
    monkeypatch.setenv("ALFWORLD_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("FGO_CACHE", str(tmp_path / "cache"))
    return tmp_path / "data" / LAYOUT


def prepared(environment: AlfWorld) -> AlfWorld:
    """With its games known and no process left running."""

    async def prepare() -> None:
        await environment.prepare()
        await environment.close()

    asyncio.run(prepare())
    return environment


def test_the_generated_environment_keeps_every_promise(small: AlfWorld) -> None:
    environment: Environment = small
    asyncio.run(check_conformance(environment, plays=12))


def test_every_default_generated_game_is_proven_once_by_its_walkthrough(tmp_path: Path) -> None:
    environment = prepared(AlfWorld(source="generated", cache=str(tmp_path)))
    sizes = {split: len(environment.tasks(split, None, 0)) for split in ("train", "validation", "test")}
    assert sizes == {"train": 240, "validation": 60, "test": 60}
    for split, each in (("train", 40), ("validation", 10), ("test", 10)):
        categories = [task.category for task in environment.tasks(split, None, 0)]
        assert {kind: categories.count(kind) for kind in TASK_TYPES} == dict.fromkeys(TASK_TYPES, each)
    (games,) = (tmp_path / "alfworld").glob("generated-*")
    assert (games / "proven").exists()


def test_a_generated_game_that_cannot_be_won_is_named(tmp_path: Path) -> None:
    environment = AlfWorld(source="generated", generated_train=6, generated_test=6, workers=1, cache=str(tmp_path))
    games = tmp_path / "alfworld" / generator.folder_name(0, 6, 6)
    generator.generate(games, 0, 6, 6)
    broken = next(games.glob(f"{LAYOUT}/test/pick_two*/*/game.tw-pddl"))
    broken.write_text(broken.read_text().replace('"walkthrough": [', '"walkthrough": ["look"], "was": ['))
    with pytest.raises(EnvironmentFailure, match=f"1 of 12 games.*{broken.parent.name}"):
        prepared(environment)
    assert not (games / "proven").exists()


def test_of_many_games_that_cannot_be_won_a_few_are_named_and_the_others_counted(tmp_path: Path) -> None:
    environment = AlfWorld(source="generated", generated_train=6, generated_test=6, workers=1, cache=str(tmp_path))
    games = tmp_path / "alfworld" / generator.folder_name(0, 6, 6)
    generator.generate(games, 0, 6, 6)
    for game in games.rglob("game.tw-pddl"):
        game.write_text(game.read_text().replace('"walkthrough": [', '"walkthrough": ["look"], "was": ['))
    with pytest.raises(EnvironmentFailure, match=r"12 of 12 games.*, and 7 more") as failure:
        prepared(environment)
    assert str(failure.value).count("game.tw-pddl") == 5


def test_the_opening_is_the_room_and_the_task_without_the_banner(small: AlfWorld) -> None:
    async def opening() -> tuple[str, str]:
        await small.prepare()
        task = small.tasks("test", 1, seed=0)[0]
        episode = await small.open(task)
        text = await episode.reset()
        await episode.close()
        await small.close()
        return text, task.goal

    text, goal = asyncio.run(opening())
    room, task = text.split("\n")
    assert room.startswith("You are in the middle of a room. Looking quickly around you, you see a ")
    assert task == f"Your task is to: {goal}."


def test_locations_of_the_older_games_are_trimmed_and_names_are_not() -> None:
    assert trim_arrival("You arrive at loc 12. On the desk 1, you see a pen 1.") == "On the desk 1, you see a pen 1."
    assert trim_arrival("You arrive at desk 1. On the desk 1, you see a pen 1.").startswith("You arrive at desk 1.")
    assert trim_opening("You are in a room.\n\nYour task is to: win.") == "You are in a room.\nYour task is to: win."


def test_nothing_tells_the_agent_how_to_place_things(small: AlfWorld) -> None:
    told = (small.describe() + "".join(small.seed_modules().texts.values())).lower()
    assert "move" not in told
    assert "put" not in told


def test_an_environment_that_was_not_prepared_says_so() -> None:
    with pytest.raises(RuntimeError, match=r"not prepared"):
        AlfWorld().tasks("train", 1, seed=0)


def test_preparing_again_after_closing_plays_again(small: AlfWorld) -> None:
    async def play() -> None:
        await small.prepare()
        try:
            await check_solution(small, small.tasks("test", 1, seed=0)[0])
        finally:
            await small.close()

    asyncio.run(play())
    asyncio.run(play())


@pytest.mark.parametrize(
    ("key", "value", "allowed"),
    [
        ("source", "offical", "auto, official, generated"),
        ("split", "valid_sen", "valid_unseen, valid_seen, test"),
        ("validation_share", 1.0, "between 0 and 1"),
        ("generated_train", 7, "multiple of 6"),
        ("generated_test", 0, "multiple of 6"),
        ("workers", 0, "positive"),
        ("recycle_after", 0, "positive"),
    ],
)
def test_a_wrong_value_is_refused_with_its_key_and_what_is_allowed(key: str, value: Any, allowed: str) -> None:
    with pytest.raises(ValueError, match=rf"env\.{key}={value}: must be .*{allowed}"):
        AlfWorld(**{key: value})


def test_a_split_that_the_source_does_not_have_is_refused() -> None:
    with pytest.raises(ValueError, match=r"env\.split=test: must be one of auto, valid_unseen, valid_seen$"):
        AlfWorld(source="official", split="test")
    with pytest.raises(ValueError, match=r"env\.split=valid_seen: must be one of auto, test$"):
        AlfWorld(source="generated", split="valid_seen")


def test_a_split_that_the_source_found_by_itself_does_not_have_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("ALFWORLD_DATA", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(FileNotFoundError, match=r"valid_seen.*alfworld-download"):
        prepared(AlfWorld(split="valid_seen", cache=str(tmp_path)))


def test_official_games_that_are_missing_are_an_error_that_names_the_download(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("ALFWORLD_DATA", str(tmp_path))
    with pytest.raises(FileNotFoundError, match=r"alfworld-download.*ALFWORLD_DATA.*env\.source=generated"):
        prepared(AlfWorld(source="official", cache=str(tmp_path)))


def test_a_data_folder_that_was_named_but_is_empty_is_not_silently_replaced(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("ALFWORLD_DATA", str(tmp_path / "mistyped"))
    with pytest.raises(FileNotFoundError, match=r"mistyped.*alfworld-download"):
        prepared(AlfWorld(cache=str(tmp_path)))


def test_without_data_games_are_generated_and_it_is_said_aloud(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("ALFWORLD_DATA", raising=False)
    environment = AlfWorld(generated_train=6, generated_test=6, workers=1, cache=str(tmp_path))
    assert prepared(replace(environment)).fingerprint()["source"] == "generated"
    assert "GENERATED" in caplog.text
    # What importing alfworld does to the variable:
    monkeypatch.setenv("ALFWORLD_DATA", str(tmp_path / ".cache/alfworld"))
    assert prepared(replace(environment)).fingerprint()["source"] == "generated"


def test_with_data_the_official_splits_are_played_and_their_missing_games_counted(
    downloaded: Path, caplog: pytest.LogCaptureFixture
) -> None:
    environment = prepared(AlfWorld(workers=1))
    assert environment.test_split == "valid_unseen"
    assert "OFFICIAL" in caplog.text
    fingerprint = environment.fingerprint()
    assert fingerprint["incomplete"] == {"train": "12 of 3553", "valid_unseen": "6 of 134"}
    assert {split: found["games"] for split, found in fingerprint["splits"].items()} == {
        "train": 12,
        "validation": 0,
        "valid_unseen": 6,
    }
    seen = prepared(AlfWorld(split="valid_seen", workers=1))
    assert seen.test_split == "valid_seen"
    assert len(seen.tasks("valid_seen", None, seed=0)) == 12
    assert "valid_seen" in seen.fingerprint()["splits"]


def test_a_cache_that_cannot_be_written_does_not_stop_official_games(
    downloaded: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("no folder")
    environment = prepared(AlfWorld(workers=1, cache=str(tmp_path / "file")))
    assert len(environment.tasks("valid_unseen", None, seed=0)) == 6
    assert "env.cache" in caplog.text


def test_a_cache_that_cannot_be_written_stops_generated_games_and_it_is_said_what_to_set(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(ValueError, match=r"file/alfworld.*env\.cache.*FGO_CACHE"):
        prepared(AlfWorld(source="generated", workers=1, cache=str(tmp_path / "file")))


def test_a_proof_that_cannot_be_kept_does_not_stop_the_games_it_proves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(path: Path, data: bytes) -> None:
        raise PermissionError(f"read-only: {path}")

    monkeypatch.setattr("envs.alfworld.environment.write_atomically", refuse)
    environment = AlfWorld(source="generated", generated_train=6, generated_test=6, workers=1, cache=str(tmp_path))
    assert len(prepared(environment).tasks("test", None, seed=0)) == 6
    assert "proven" in caplog.text


def test_the_test_split_can_be_played_without_the_training_games(downloaded: Path) -> None:
    shutil.rmtree(downloaded / "train")
    environment = prepared(AlfWorld(workers=1))
    assert len(environment.tasks("valid_unseen", None, seed=0)) == 6
    with pytest.raises(ValueError, match=r"'train'.*valid_unseen"):
        environment.tasks("train", 1, seed=0)


def test_grammars_that_differ_between_splits_are_reported(downloaded: Path, caplog: pytest.LogCaptureFixture) -> None:
    for path in (downloaded / "valid_unseen").rglob("game.tw-pddl"):
        path.write_text(
            path.read_text().replace('template :: \\"move {o} to {r}\\"', 'template :: \\"put {o} in/on {r}\\"')
        )
    environment = prepared(AlfWorld(workers=1))
    assert environment.fingerprint()["splits"]["valid_unseen"]["grammar"] == "put"
    with caplog.at_level(logging.WARNING):
        assert "train: move" in caplog.text
        assert "valid_unseen: put" in caplog.text


def test_the_fingerprint_follows_the_games_and_not_where_they_are_stored(small: AlfWorld, tmp_path: Path) -> None:
    fingerprint = prepared(small).fingerprint()
    assert prepared(replace(small, cache=str(tmp_path))).fingerprint() == fingerprint
    other = prepared(replace(small, generated_seed=1)).fingerprint()
    assert all(other["splits"][split]["digest"] != found["digest"] for split, found in fingerprint["splits"].items())


def test_the_yaml_holds_exactly_the_fields_with_their_defaults() -> None:
    path = Path(__file__).parents[3] / "conf/env/alfworld.yaml"
    values = yaml.safe_load(path.read_text())
    assert values.pop("_target_") == "envs.alfworld.environment.AlfWorld"
    assert AlfWorld(**values) == AlfWorld()
    assert list(values) == list(AlfWorld.__dataclass_fields__)


@pytest.mark.skipif(not OFFICIAL, reason=f"no official games: {official_root()} (ALFWORLD_DATA) has none")
@pytest.mark.parametrize("split", ["valid_seen", "valid_unseen"])
def test_official_games_are_won_by_their_walkthroughs(split: str, tmp_path: Path) -> None:
    if not (official_root() / LAYOUT / split).is_dir():
        pytest.skip(f"{official_root()} has no {split}")

    async def play() -> None:
        environment = AlfWorld(source="official", split=split, workers=1, cache=str(tmp_path))
        await environment.prepare()
        try:
            tasks = environment.tasks(split, None, seed=0)
            for task in [task for task in tasks if environment.solution(task) is not None][:12]:
                await check_solution(environment, task)
        finally:
            await environment.close()

    asyncio.run(play())
