"""Writes seeded household games in ALFWorld's own layout: what the environment plays where there is no official data.

Domain, grammar, goals and what fits where are the installed alfworld package's own. The same arguments give the same
bytes; a larger split holds the games of a smaller one. Rooms are numbered as ALFRED's scenes are: "train" is set in the
package's training scenes, "test" in its test scenes, so no room is in both.
"""

from __future__ import annotations

import json
import random
from pathlib import Path

from envs.alfworld.data import LAYOUT, TASK_TYPES
from envs.alfworld.generator_household import ROOMS_FOR
from envs.alfworld.generator_pddl import write_problem
from envs.alfworld.generator_rooms import draw_room, names_in_game
from envs.alfworld.generator_scene import LAMP, Scene, draw_scene
from envs.alfworld.generator_walkthrough import walkthrough
from envs.alfworld.package import GOAL_PLACEHOLDER, AlfredPackage, load_package
from fgo.types import digest

VERSION = "1"
"""Raise it with every change that changes a game, so that nobody plays old games under a new name."""


def folder_name(seed: int, train: int, test: int) -> str:
    """A name that differs whenever the games do: for the cache folder, and for a fingerprint."""
    package = load_package()
    sizes = (str(seed), str(train), str(test))
    return "generated-" + digest(VERSION, package.version, package.domain, package.grammar, *sizes)


def generate(root: Path, seed: int, train: int, test: int) -> None:
    """Write `train` and `test` games below `root`: a sixth of each count for each task type."""
    package = load_package()
    for split, count, scenes in (("train", train, package.train_scenes), ("test", test, package.test_scenes)):
        for task_type in TASK_TYPES:
            for index in range(count // len(TASK_TYPES)):
                scene = _draw(split, scenes, task_type, index, seed, package)
                _write(root / LAYOUT / split, scene, f"trial_G{seed}_{split}_{index:04d}", package)


def _draw(split: str, scenes: tuple[int, ...], task_type: str, index: int, seed: int, package: AlfredPackage) -> Scene:
    """The index-th game of a type, from a generator of its own: games do not depend on how many others there are."""
    generator = random.Random(f"{seed}/{split}/{task_type}/{index}")
    rooms = ROOMS_FOR[task_type]
    while True:
        (kind,) = generator.choices(list(rooms), list(rooms.values()))
        number = generator.choice([scene for scene in scenes if scene in package.scene_kinds[kind]])
        scene = draw_scene(draw_room(number, kind, seed), task_type, package, generator)
        if scene is not None:
            return scene


def _write(folder: Path, scene: Scene, trial: str, package: AlfredPackage) -> None:
    names = names_in_game([place.id for place in scene.room.receptacles] + [thing.id for thing in scene.things])
    place = folder / f"{scene.task_type}-{scene.target}-None-{scene.goal_place or LAMP}-{scene.room.scene}" / trial
    place.mkdir(parents=True)
    game = {
        "pddl_domain": package.domain,
        "grammar": package.grammar.replace(GOAL_PLACEHOLDER, _goal_text(scene, trial, package)),
        "pddl_problem": write_problem(scene, trial, package),
        "solvable": True,
        "walkthrough": walkthrough(scene, names),
    }
    (place / "game.tw-pddl").write_text(json.dumps(game), encoding="utf-8")
    (place / "traj_data.json").write_text(json.dumps(_trajectory_data(scene, trial)), encoding="utf-8")


def _goal_text(scene: Scene, trial: str, package: AlfredPackage) -> str:
    template = random.Random(f"{trial}/{scene.task_type}").choice(package.goals[scene.task_type]["templates"])
    return str(template.format(obj=scene.target.lower(), recep=scene.goal_place.lower(), toggle=LAMP.lower()))


def _trajectory_data(scene: Scene, trial: str) -> dict[str, object]:
    """The fields of traj_data.json that ALFWorld reads."""
    return {
        "task_type": scene.task_type,
        "task_id": trial,
        "pddl_params": {
            "object_target": scene.target,
            "object_sliced": False,
            "mrecep_target": "",
            "parent_target": scene.goal_place,
            "toggle_target": "" if scene.goal_place else LAMP,
        },
        "scene": {"scene_num": scene.room.scene},
        "turk_annotations": {"anns": []},
    }
