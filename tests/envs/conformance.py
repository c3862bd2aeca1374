"""What every benchmark must do, whatever it is: call `check_conformance` in its tests, on a small environment."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

import pytest

from envs.base import Environment
from fgo.types import Task

NONSENSE = ("", "xyzzy", "  go to nowhere 99.  ", "Give up!\n\n> win", "nåïve → ☃", "a" * 5000)


async def check_conformance(environment: Environment, plays: int) -> None:
    """Everything `Environment` and `Episode` promise. `plays`: how many test tasks are won by their known solution."""
    await environment.prepare()
    await environment.prepare()  # a second call changes nothing
    try:
        check_description(environment)
        check_splits(environment)
        check_draws(environment)
        test = environment.tasks(environment.test_split, None, seed=0)
        await check_episode(environment, test[0])
        for task in test[:plays]:
            await check_solution(environment, task)
    finally:
        await environment.close()
        await environment.close()


def check_description(environment: Environment) -> None:
    assert re.fullmatch(r"[a-z][a-z0-9_]*", environment.name)
    assert environment.describe().strip()
    modules = environment.seed_modules()
    assert modules["instructions"].strip()
    assert modules.origin == "seed"
    fingerprint = environment.fingerprint()
    assert fingerprint == json.loads(json.dumps(fingerprint)), (
        "a fingerprint must survive JSON, to be compared on resume"
    )
    assert fingerprint == environment.fingerprint()
    simulated = environment.simulated()
    assert simulated.lessons
    assert simulated.recognises(environment.describe()), "the simulated model must know whose prompt it reads"


def check_splits(environment: Environment) -> None:
    splits = {name: environment.tasks(name, None, seed=0) for name in ("train", "validation", environment.test_split)}
    ids = [task.id for tasks in splits.values() for task in tasks]
    assert len(ids) == len(set(ids)), "a task is in two splits, or twice in one"
    for name, tasks in splits.items():
        assert tasks
        for task in tasks:
            assert task.split == name
            assert task.goal
            assert json.loads(json.dumps(dict(task.data))) == task.data
    with pytest.raises(ValueError, match="nonesuch"):
        environment.tasks("nonesuch", None, seed=0)


def check_draws(environment: Environment) -> None:
    for split in ("train", "validation", environment.test_split):
        everything = environment.tasks(split, None, seed=1)
        for n in range(len(everything) + 1):
            assert _ids(environment.tasks(split, n, seed=1)) == _ids(everything)[:n]
        assert set(_ids(environment.tasks(split, None, seed=2))) == set(_ids(everything))
        too_many = len(everything) + 1
        with pytest.raises(ValueError, match=rf"{split}.*{len(everything)}"):
            environment.tasks(split, too_many, seed=1)
    assert _ids(environment.tasks("train", None, seed=1)) != _ids(environment.tasks("train", None, seed=2))


async def check_episode(environment: Environment, task: Task) -> None:
    episode = await environment.open(task)
    try:
        opening = await episode.reset()
        assert task.goal in opening
        for action in NONSENSE:
            observation, over = await episode.step(action)
            assert isinstance(observation, str)
            assert not over
        assert not episode.score().success
        assert 0 <= episode.score().value <= 1
        assert await episode.reset() == opening, "a reset episode starts as it started before"
        assert not episode.score().success
    finally:
        await episode.close()


async def check_solution(environment: Environment, task: Task) -> None:
    solution = environment.solution(task)
    assert solution is not None
    episode = await environment.open(task)
    try:
        await episode.reset()
        assert not episode.score().success, f"{task.id} is won before it begins"
        for number, action in enumerate(solution, start=1):
            _, over = await episode.step(action)
            assert over == (number == len(solution)), f"{task.id}, step {number}: {action}"
        assert episode.score().success
        assert episode.score().value == 1
    finally:
        await episode.close()


def _ids(tasks: Sequence[Task]) -> list[str]:
    return [task.id for task in tasks]
