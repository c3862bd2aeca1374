import hashlib
import json
import os
import re
import subprocess
import sys
from collections import Counter, defaultdict
from pathlib import Path

import pytest

from envs.alfworld import generator
from envs.alfworld.data import LAYOUT, TASK_TYPES

FACT = re.compile(r"\((\w+) ([^()]*)\)")


def tree(root: Path) -> dict[str, str]:
    """Relative path -> hash of the bytes, of every file below a folder."""
    return {
        str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }


def problems(root: Path, split: str) -> dict[str, str]:
    """Folder name of the task -> PDDL problem."""
    return {
        f"{path.parent.parent.name}/{path.parent.name}": json.loads(path.read_text())["pddl_problem"]
        for path in sorted((root / LAYOUT / split).rglob("game.tw-pddl"))
    }


def facts(problem: str) -> dict[str, list[list[str]]]:
    found: dict[str, list[list[str]]] = defaultdict(list)
    for name, arguments in FACT.findall(problem[problem.index("(:init") : problem.index("(:goal")]):
        found[name].append(arguments.split())
    return found


@pytest.fixture(scope="module")
def games(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("games")
    generator.generate(root, seed=0, train=120, test=60)
    return root


def test_the_same_seed_writes_the_same_bytes_and_another_seed_others(games: Path, tmp_path: Path) -> None:
    for name, seed in (("again", 0), ("other", 1)):
        generator.generate(tmp_path / name, seed, train=120, test=60)
    assert tree(tmp_path / "again") == tree(games)
    assert not set(tree(tmp_path / "other").values()) & set(tree(games).values())


def test_a_larger_split_holds_the_games_of_a_smaller_one(games: Path, tmp_path: Path) -> None:
    generator.generate(tmp_path, seed=0, train=12, test=6)
    assert tree(tmp_path).items() <= tree(games).items()


def test_the_folder_name_tells_all_that_changes_the_games() -> None:
    names = {generator.folder_name(*sizes) for sizes in ((0, 12, 6), (1, 12, 6), (0, 18, 6), (0, 12, 12))}
    assert len(names) == 4


def test_generating_makes_no_folder_in_the_home_and_sets_no_variable(tmp_path: Path) -> None:
    script = f"""
import os, sys
from pathlib import Path
from envs.alfworld import generator
before = dict(os.environ)
generator.folder_name(0, 6, 6)
generator.generate(Path({str(tmp_path / "games")!r}), 0, 6, 6)
assert dict(os.environ) == before
"""
    home = tmp_path / "home"
    home.mkdir()
    environment = {name: value for name, value in os.environ.items() if name != "ALFWORLD_DATA"}
    root = Path(__file__).parents[3]
    subprocess.run([sys.executable, "-c", script], cwd=root, env={**environment, "HOME": str(home)}, check=True)
    assert list(home.rglob("*")) == []


def test_every_split_has_as_many_games_of_each_type(games: Path) -> None:
    for split, each in (("train", 20), ("test", 10)):
        assert Counter(name.split("-")[0] for name in problems(games, split)) == dict.fromkeys(TASK_TYPES, each)


def test_no_room_is_in_both_splits(games: Path) -> None:
    scenes, receptacles = {}, {}
    for split in ("train", "test"):
        found = problems(games, split)
        scenes[split] = {name.split("/")[0].split("-")[-1] for name in found}
        receptacles[split] = {r for problem in found.values() for r, _ in facts(problem)["receptacleAtLocation"]}
    assert not scenes["train"] & scenes["test"]
    assert not receptacles["train"] & receptacles["test"]


def test_games_in_one_scene_share_their_room(games: Path) -> None:
    rooms = defaultdict(set)
    for name, problem in problems(games, "train").items():
        found = facts(problem)
        room = json.dumps([sorted(found[fact]) for fact in ("receptacleAtLocation", "openable", "atLocation")])
        rooms[name.split("/")[0].split("-")[-1]].add(room)
    assert all(len(layouts) == 1 for layouts in rooms.values())


def test_rooms_are_of_the_size_of_official_ones_and_objects_lie_where_the_package_lets_them(games: Path) -> None:
    for problem in problems(games, "train").values():
        found = facts(problem)
        assert 10 <= len(found["receptacleType"]) <= 30
        place_type = dict(found["receptacleType"])
        type_ = dict(found["objectType"])
        allowed = {tuple(pair) for pair in found["canContain"]}
        for thing, place in found["inReceptacle"]:
            assert type_[thing] == "DeskLampType" or (place_type[place], type_[thing]) in allowed


def test_targets_are_hidden_often_enough_to_make_search_matter(games: Path) -> None:
    hidden = closed_goal = 0
    found = problems(games, "train")
    for name, problem in found.items():
        _, target, _, goal, _ = name.split("/")[0].split("-")
        known = facts(problem)
        closed = {place for (place,) in known["openable"]}
        types = dict(known["objectType"])
        places = {place for thing, place in known["inReceptacle"] if types[thing] == f"{target}Type"}
        hidden += places <= closed
        closed_goal += any(type_ == f"{goal}Type" and place in closed for place, type_ in known["receptacleType"])
    assert 0.1 < hidden / len(found) < 0.5
    assert 0.1 < closed_goal / len(found) < 0.5


def test_files_hold_what_alfworld_reads(games: Path) -> None:
    place = next((games / LAYOUT / "test").glob("look_at_obj_in_light-*/*"))
    game = json.loads((place / "game.tw-pddl").read_text())
    assert set(game) == {"pddl_domain", "grammar", "pddl_problem", "solvable", "walkthrough"}
    assert "UNKNOWN GOAL" not in game["grammar"]
    trajectory = json.loads((place / "traj_data.json").read_text())
    assert trajectory["task_type"] == "look_at_obj_in_light"
    assert trajectory["pddl_params"]["toggle_target"] == "DeskLamp"
    assert trajectory["scene"]["scene_num"] == int(place.parent.name.split("-")[-1])
