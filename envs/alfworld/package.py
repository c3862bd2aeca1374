"""The parts of the installed alfworld package that games are made of: domain, grammar, goals, and what fits where."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

GOAL_PLACEHOLDER = "UNKNOWN GOAL"  # in the grammar, where a game's task is filled in


@dataclass(frozen=True, slots=True)
class AlfredPackage:
    """`fits`: receptacle type -> types of objects it may hold. `properties`: "Cleanable" etc. -> types that have it."""

    version: str
    domain: str
    grammar: str
    goals: Mapping[str, Mapping[str, Any]]
    fits: Mapping[str, frozenset[str]]
    properties: Mapping[str, frozenset[str]]
    holds_objects: frozenset[str]
    train_scenes: tuple[int, ...]
    test_scenes: tuple[int, ...]
    scene_kinds: Mapping[str, range]


def load_package() -> AlfredPackage:
    """Read the package's own files. Imports no TextWorld, so it costs milliseconds."""
    from alfworld.gen import constants
    from alfworld.gen.goal_library import gdict
    from alfworld.info import ALFRED_PDDL_PATH, ALFRED_TWL2_PATH

    return AlfredPackage(
        version=version("alfworld"),
        domain=Path(ALFRED_PDDL_PATH).read_text(encoding="utf-8"),
        grammar=Path(ALFRED_TWL2_PATH).read_text(encoding="utf-8"),
        goals=gdict,
        fits={place: frozenset(things) for place, things in constants.VAL_RECEPTACLE_OBJECTS.items()},
        properties={name: frozenset(types) for name, types in constants.VAL_ACTION_OBJECTS.items()},
        holds_objects=frozenset(constants.MOVABLE_RECEPTACLES),
        train_scenes=tuple(constants.TRAIN_SCENE_NUMBERS),
        test_scenes=tuple(constants.TEST_SCENE_NUMBERS),
        scene_kinds=dict(constants.SCENE_TYPE),
    )
