from __future__ import annotations

import pytest

from experiments import reproduce as module
from experiments.composition import sweep
from experiments.reproduce import reproduce


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What `fgo run` would be given; it is not run."""
    given: list[str] = []

    def run(arguments: list[str]) -> int:
        given[:] = arguments
        return 7

    monkeypatch.setattr(module, "run", run)
    return given


def test_a_study_is_the_sweep_over_its_grid(asked: list[str]) -> None:
    assert reproduce(["smoke", "executor.episodes=3", "train_size=12"]) == 7
    assert asked[0] == "-m"
    points = sweep(asked[1:])
    names = {(point.point.optimizer, point.point.train_size, point.point.seed) for point in points}

    assert names == {(name, 12, seed) for name in ("none", "all_at_once", "fgo") for seed in (0, 1)}
    assert {point.point.env for point in points} == {"alfworld", "logisticsqa", "gaia"}
    assert {point.plain.executor.episodes for point in points} == {3}
    assert {point.folder.parent.name for point in points} == {"smoke"}


def test_a_key_of_the_grid_can_be_given_otherwise(asked: list[str]) -> None:
    reproduce(["smoke", "env=alfworld", "optimizer=fgo", "train_size=12", "seed=0,1,2"])

    assert [(point.point.optimizer, point.point.seed) for point in sweep(asked[1:])] == [("fgo", s) for s in (0, 1, 2)]
