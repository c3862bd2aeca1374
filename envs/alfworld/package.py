"""The parts of the installed alfworld package that games are made of: domain, grammar, goals, and what fits where."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import module_from_spec, spec_from_file_location
from typing import Any

from envs.alfworld.engine.rules import package_folder, package_texts

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
    """Read the package's own files, without importing it (see `package_folder`). It costs milliseconds."""
    domain, grammar = package_texts()
    constants, goals = _tables("constants"), _tables("goal_library")
    return AlfredPackage(
        version=version("alfworld"),
        domain=domain,
        grammar=grammar,
        goals=goals.gdict,
        fits={place: frozenset(things) for place, things in constants.VAL_RECEPTACLE_OBJECTS.items()},
        properties={name: frozenset(types) for name, types in constants.VAL_ACTION_OBJECTS.items()},
        holds_objects=frozenset(constants.MOVABLE_RECEPTACLES),
        train_scenes=tuple(constants.TRAIN_SCENE_NUMBERS),
        test_scenes=tuple(constants.TEST_SCENE_NUMBERS),
        scene_kinds=dict(constants.SCENE_TYPE),
    )


def _tables(name: str) -> Any:
    """A module of alfworld.gen that holds nothing but tables, run by itself: as `alfworld.gen.X` it imports alfworld."""
    spec = spec_from_file_location(f"alfworld_gen_{name}", package_folder() / "gen" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
