"""Reads a game file (`game.tw-pddl`) without trusting it: only its task line and its PDDL problem are used, as data."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

from envs.alfworld.engine.pddl import Problem, read_problem
from envs.alfworld.engine.rules import RuleSet, recognise


class GameFileError(ValueError):
    """A game file that can't be played: says which and why."""


@dataclass(frozen=True, slots=True)
class GameFile:
    rules: RuleSet
    task: str
    """What the game asks for, with its full stop: "put a clean mug in desk."."""
    problem: Problem


# What TextWorld's grammar gives a meaning to, and control characters, have no place in a task.
_NO_TASK = re.compile(r'[#{}\[\]|;"<>\\\x00-\x1f\x7f]')


def read_game(path: Path) -> GameFile:
    """Raises GameFileError on a file that is missing, malformed, not solvable or not made with ALFWorld's rules."""
    try:
        data = json.loads(path.read_bytes())
        if not isinstance(data, dict) or not all(isinstance(data.get(key), str) for key in _TEXTS):
            raise ValueError(f"it is not a JSON object with the texts {', '.join(_TEXTS)}")
        if data.get("solvable") is not True:
            raise ValueError("it is not marked as solvable: ALFWorld leaves such out, TextWorld fails on most")
        rules, task = recognise(data["pddl_domain"], data["grammar"])
        if found := _NO_TASK.search(task):
            raise ValueError(f"its task has the character {found[0]!r}, which would be read as grammar")
        problem = read_problem(data["pddl_problem"], rules.domain)
        _check(problem)
    except (OSError, ValueError) as error:
        raise GameFileError(f"{path}: {error}") from error
    return GameFile(rules, task, problem)


_TEXTS = ("pddl_domain", "grammar", "pddl_problem")


def _check(problem: Problem) -> None:
    """What makes every command of ALFWorld's name one action: one agent in one place, receptacles in one place each."""
    agents = [arguments for predicate, arguments in problem.init if predicate == "atlocation"]
    if len(agents) != 1:
        raise ValueError(f"it begins with {len(agents)} atLocation facts instead of one")
    places = [arguments[0] for predicate, arguments in problem.init if predicate == "receptacleatlocation"]
    if len(places) != len(set(places)):
        raise ValueError("it has a receptacle at two locations, which makes 'go to' ambiguous")
