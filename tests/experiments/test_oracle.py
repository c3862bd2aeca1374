from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import pytest

from experiments.cli import main
from experiments.oracle import play_solution
from fgo.types import Task
from tests.experiments.words import SEARCH, Words


@dataclass(frozen=True)
class Wrong(Words):
    """Its solutions are others than they should be."""

    actions: Sequence[str] | None = ()

    def solution(self, task: Task) -> Sequence[str] | None:  # type: ignore[override]
        return self.actions


def test_every_test_task_is_won_by_its_known_solution(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["oracle", SEARCH, "env=words"]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "oracle: 8/8"


def test_a_task_that_is_not_won_is_named_and_makes_status_1(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["oracle", SEARCH, "env=words", "env.broken=test-3"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines == ["not won: test-3: OSError: the word is lost", "oracle: 7/8"]


@pytest.mark.parametrize(
    ("actions", "why"),
    [
        (None, "no solution is known"),
        ((), "not solved after all 0 actions"),
        (("say nothing",), "not solved after all 1 actions"),
        (("say apple", "say apple"), "over after 1 of 2 actions"),
        (("say apple",), ""),
    ],
)
def test_it_says_what_went_wrong(actions: Sequence[str] | None, why: str) -> None:
    world = Wrong(actions=actions)

    assert asyncio.run(play_solution(world, world.tasks("test", 1, 0)[0])) == why
