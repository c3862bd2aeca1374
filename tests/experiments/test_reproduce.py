from __future__ import annotations

from pathlib import Path

import pytest

from experiments import reproduce as module
from experiments.composition import sweep
from experiments.errors import UsageError
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


def test_a_plan_is_asked_for_with_the_study_s_whole_grid(asked: list[str]) -> None:
    reproduce(["controls", "--plan", "seed=0"])

    assert asked[:2] == ["-m", "--plan"]
    assert len(sweep(asked[2:])) == 9


def test_a_check_gets_the_grid_and_where_the_committed_results_stand(monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[object] = []
    monkeypatch.setattr("experiments.check.check", lambda *arguments: given.extend(arguments) or 5)

    assert reproduce(["controls", "--check", "--results=/mine", "seed=0"]) == 5
    name, overrides, committed = given
    assert (name, committed) == ("controls", Path("/mine/controls"))
    assert isinstance(overrides, list)
    assert len(sweep(overrides)) == 9
    given.clear()
    reproduce(["controls", "--check"])
    assert given[2] == Path(__file__).parents[2] / "results" / "controls"


@pytest.mark.parametrize("flags", [["--chekc"], ["--plan", "--check"]])
def test_flags_that_are_none_or_do_not_go_together_are_refused(asked: list[str], flags: list[str]) -> None:
    with pytest.raises(UsageError, match="--plan, --check, --save"):
        reproduce(["controls", *flags])
    assert asked == []


def test_only_a_study_that_came_to_its_end_is_saved(asked: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    saved: list[object] = []
    monkeypatch.setattr("experiments.check.save", lambda *folders: saved.append(folders))

    assert reproduce(["controls", "--save"]) == 7
    assert saved == []
    monkeypatch.setattr(module, "run", lambda words: 0)
    reproduce(["controls", "--save", "--results=/mine", "runs=/there"])
    assert saved == [(Path("/there/controls"), Path("/mine/controls"))]


def test_a_study_with_a_recording_is_replayed_unless_it_is_to_be_live(asked: list[str], tmp_path: Path) -> None:
    results = tmp_path / "it's, = mine"
    recording = results / "smoke" / "recording.jsonl.zst"
    recording.parent.mkdir(parents=True)
    recording.write_bytes(b"")
    reproduce(["smoke", f"--results={results}", "seed=0", "env=gaia", "optimizer=none"])
    assert {point.plain.replay for point in sweep(asked[1:])} == {str(recording)}
    for others in (["--live"], ["record=elsewhere/"]):
        reproduce(["smoke", f"--results={results}", "seed=0", "env=gaia", "optimizer=none", *others])
        assert {point.plain.replay for point in sweep(asked[1:])} == {None}
