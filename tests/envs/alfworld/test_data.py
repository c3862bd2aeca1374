import json
import shutil
from pathlib import Path

import pytest

from envs.alfworld import generator
from envs.alfworld.data import LAYOUT, GameEntry, game_path, read_split, read_walkthrough


@pytest.fixture
def root(tmp_path: Path) -> Path:
    generator.generate(tmp_path / "data", seed=3, train=6, test=6)
    return tmp_path / "data"


def read(root: Path, split: str = "test") -> list[GameEntry]:
    return list(read_split(root, split, root.parent / "index"))


def edit(path: Path, **changes: object) -> None:
    """Change values of a JSON file; None removes the key."""
    content = json.loads(path.read_text()) | changes
    path.write_text(json.dumps({key: value for key, value in content.items() if value is not None}))


def test_every_game_is_found_with_its_type_goal_and_grammar(root: Path) -> None:
    games = read(root)
    assert len(games) == 6
    for game in games:
        task_type, target, _, place, _ = game.id.split("/")[0].split("-")
        assert game.category == task_type
        assert target.lower() in game.goal
        assert place.lower() in game.goal
        assert not game.goal.endswith(".")
        assert game.grammar == "move"


def test_what_alfworlds_own_loader_skips_is_skipped(root: Path) -> None:
    keep, sliced, movable, unsolvable, unknown, missing = read(root)
    folder = root / LAYOUT / "test"
    for game, task in ((sliced, "pick_two_obj_and_place-AppleSliced-None-Fridge-1"), (movable, "movable-A-B-C-2")):
        (folder / game.id).parent.rename(folder / task)
    edit(game_path(root, "test", unsolvable.id), solvable=False)
    edit(game_path(root, "test", unknown.id), solvable=None)
    game_path(root, "test", missing.id).unlink()
    assert [game.id for game in read(root)] == [keep.id]
    edit(folder / keep.id / "traj_data.json", task_type="pick_and_place_with_movable_recep")
    game_path(root, "test", keep.id).touch()
    assert read(root) == []


def test_the_index_saves_reading_until_a_game_changes(root: Path) -> None:
    games = read(root)
    first = game_path(root, "test", games[0].id)
    (first.parent / "traj_data.json").write_text("no JSON, and not read again")
    assert read(root) == games
    first.touch()
    with pytest.raises(ValueError, match=r"traj_data\.json is no ALFWorld game file"):
        read(root)


def test_a_damaged_index_is_made_anew(root: Path) -> None:
    games = read(root)
    (index,) = (root.parent / "index").iterdir()
    index.write_text("{")
    assert read(root) == games


@pytest.mark.parametrize(
    "content", ["[]", '{"key": 1}', '{"key": KEY}', '{"key": KEY, "games": [{"id": 1}]}', '{"key": KEY, "games": [1]}']
)
def test_an_index_of_another_form_is_made_anew(root: Path, content: str) -> None:
    games = read(root)
    (index,) = (root.parent / "index").iterdir()
    good = index.read_bytes()
    index.write_text(content.replace("KEY", json.dumps(json.loads(good)["key"])))
    assert read(root) == games
    assert index.read_bytes() == good


def test_an_index_that_can_be_neither_read_nor_written_costs_time_only(
    root: Path, caplog: pytest.LogCaptureFixture
) -> None:
    games = read(root)
    (index,) = (root.parent / "index").iterdir()
    index.unlink()
    (index / "folder").mkdir(parents=True)
    assert read(root) == games
    assert str(index) in caplog.text
    assert "FGO_CACHE" in caplog.text


def test_a_broken_game_file_is_named_with_what_to_do(root: Path) -> None:
    path = game_path(root, "test", read(root)[0].id)
    for content in ("", "[]", '{"solvable": true}', '{"solvable": true, "grammar": "", "pddl_problem": ""}'):
        path.write_text(content)
        with pytest.raises(ValueError, match=rf"{path} is no ALFWorld game file .*alfworld-download"):
            read(root)


def test_a_missing_split_names_its_folder_and_the_download(root: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"valid_seen.*alfworld-download.*ALFWORLD_DATA"):
        read(root, "valid_seen")


def test_the_digest_follows_the_problem_and_not_the_place(root: Path, tmp_path: Path) -> None:
    games = read(root)
    shutil.copytree(root, tmp_path / "elsewhere/data")
    assert read(tmp_path / "elsewhere/data") == games
    path = game_path(root, "test", games[0].id)
    edit(path, pddl_problem=json.loads(path.read_text())["pddl_problem"].replace("agent1", "agent2"))
    assert read(root)[0].digest != games[0].digest


def test_walkthroughs_are_read_and_their_absence_in_older_games_is_no_error(root: Path) -> None:
    path = game_path(root, "test", read(root)[0].id)
    walkthrough = read_walkthrough(path)
    assert walkthrough
    edit(path, walkthrough=None)
    assert read_walkthrough(path) is None
