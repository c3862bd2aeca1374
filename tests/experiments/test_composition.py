from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from experiments.cli import main
from experiments.composition import settings_of, sweep
from experiments.errors import UsageError
from tests.experiments.words import overrides, settings

WRONG = [
    # a misspelt key: at the top, of a component, nested, a group
    (["train_siz=3"], ("train_siz: no such key", "did you mean train_size?", "validation_size")),
    (["agent.max_step=3"], ("agent.max_step: no such key", "did you mean max_steps?", "malformed_limit")),
    (["optimizer.improve.epoch=3"], ("optimizer.improve.epoch: no such key", "did you mean epochs?", "patience")),
    (["+optimizer.improve.epoch=3"], ("optimizer.improve.epoch: no such key", "did you mean epochs?", "patience")),
    (["model.temperature=1"], ("model.temperature", "+model.temperature=VALUE")),
    # an option that a group doesn't have
    (["optimizer=fog"], ("optimizer/fog", "all_at_once", "none")),
    (["env=alfword"], ("env/alfword", "alfworld", "words")),
    # a group taken away
    (["optimizer=null"], ("optimizer=null",)),
    (["~optimizer"], ("optimizer: is missing", "optimizer=NAME")),
    # a wrong type
    (["train_size=few"], ("train_size='few'", "integer")),
    (["optimizer.improve.gate=3"], ("optimizer.improve.gate=3", "boolean")),
    # a text that the environment has not
    (["variant=by_hand"], ("_by_hand.words", "optimizer.instructions")),
    # an impossible value
    (["train_size=0"], ("train_size=0", "at least 1")),
    (["optimizer.subsets=0"], ("optimizer.subsets=0", "at least 1")),
    (["optimizer.subset_size=3"], ("optimizer.subsets=4", "optimizer.subset_size=3", "set one of them, the others null")),
    (["optimizer.split=colour"], ("optimizer.split='colour'", "'random', 'category', 'cluster' or 'difficulty'")),
    (["budget.dollars=-1"], ("budget.dollars=-1", "positive number or null")),
    (["record=a", "replay=b"], ("record and replay are both set",)),
    (["study.name=a/b"], ("study.name='a/b'", "names a folder")),
    (["+study.grid.color=[1]"], ("study.grid.color", "no such key")),
    (["+study.grid.seed=1"], ("study.grid.seed=1", "list of values")),
    # models
    (["model.prices=null"], ("no price is known for 'test/teacher'", "model.prices.input")),
    (["model.name=sim/base"], ("model.name='sim/base'", "belong together")),
    (["model@optimizer_model=teacher", "optimizer_model.window=9000"], ("test/teacher", "settings differ")),
    # not Hydra's language
    (["seed"], ("seed",)),
    (["seed=1,2"], ("seed=1,2",)),
    (["seed=${sede}"], ("sede",)),
]  # fmt: skip


@pytest.mark.parametrize(("wrong", "words"), WRONG, ids=[" ".join(wrong) for wrong, _ in WRONG])
def test_a_mistake_ends_in_status_2_and_says_which_key_and_what_is_allowed_before_anything_is_made(
    tmp_path: Path, wrong: Sequence[str], words: Sequence[str], capsys: pytest.CaptureFixture[str]
) -> None:
    prepared = tmp_path / "prepared"
    given = overrides(tmp_path / "runs", f"env.prepared={prepared}", *wrong)
    gone = tuple(override.replace("~", "") + "." for override in wrong if override.startswith("~"))
    given = [override for override in given if not gone or not override.startswith(gone)]
    status = main(["run", *given])
    message = capsys.readouterr().err

    assert status == 2
    assert message.startswith("fgo run: ")
    assert "Traceback" not in message
    for word in words:
        assert word in message
    assert list(tmp_path.iterdir()) == []


def test_more_training_tasks_than_there_are_end_in_status_2_without_a_folder(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status = main(["run", *overrides(tmp_path / "runs", "train_size=9")])

    assert status == 2
    assert "9 tasks of the split 'train' were asked for; it has 8." in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_sweep_is_refused_whole_for_one_wrong_point(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status = main(["run", "-m", *overrides(tmp_path / "runs", "optimizer.subsets=2,0", "seed=0,1")])

    assert status == 2
    assert "optimizer.subsets=0" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_points_that_would_share_a_folder_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    given = overrides(tmp_path / "runs", f"run_dir={tmp_path / 'one'}", "seed=0,1")
    status = main(["run", "-m", *given])

    assert status == 2
    assert f"two points of this sweep would share {tmp_path / 'one'}" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_sweep_is_all_combinations_each_in_a_folder_of_its_own(tmp_path: Path) -> None:
    points = sweep(overrides(tmp_path, "optimizer.split=random,category", "seed=range(3)"))

    assert [(point.point.seed, point.resolved["optimizer"]["split"]) for point in points] == [
        (seed, split) for split in ("random", "category") for seed in range(3)
    ]
    assert len({point.folder for point in points}) == 6


def test_a_component_is_found_outside_the_project_and_named_by_its_file(tmp_path: Path) -> None:
    chosen = settings(tmp_path, "+model.temperature=0.5")

    assert (chosen.point.env, chosen.point.model, chosen.point.optimizer) == ("words", "test/teacher", "fgo")
    assert chosen.model.config.temperature == 0.5
    assert chosen.optimizer_model == chosen.model
    assert not chosen.simulated
    assert chosen.folder.parent == tmp_path / "single"


def test_two_models_are_two_settings_and_both_stand_in_the_points_name(tmp_path: Path) -> None:
    both = settings(tmp_path, "model@optimizer_model=teacher", "optimizer_model.name=test/other")

    assert both.optimizer_model.config.name == "test/other"
    assert both.point.model == "test/teacher, optimized by test/other"


def test_what_a_study_varies_is_part_of_its_points(tmp_path: Path) -> None:
    varied = settings(
        tmp_path, "optimizer.subsets=2", "study.name=sizes", "+study.grid={seed: [0, 1], optimizer.subsets: [2]}"
    )

    assert varied.point.varied == {"optimizer.subsets": 2}
    assert varied.folder.parent == tmp_path / "sizes"


def test_the_defaults_are_the_simulated_model_on_alfworld() -> None:
    default = settings_of([])

    assert default.simulated
    assert str(default.point) == "alfworld, fgo, sim/base, 24 training tasks, seed 0"


def test_without_the_search_path_there_is_no_such_component() -> None:
    with pytest.raises(UsageError, match="env/words"):
        settings_of(["env=words"])


def test_a_value_may_depend_on_the_environment_and_what_it_refers_to_is_no_setting() -> None:
    texts = {
        env: settings_of([f"env={env}", "variant=by_hand"])
        for env in ("alfworld", "alfworld_guided", "logisticsqa", "logisticsqa_short", "gaia")
    }
    told = {env: point.resolved["optimizer"]["instructions"].splitlines()[0] for env, point in texts.items()}
    assert (
        told["alfworld_guided"]
        == told["alfworld"]
        == "You are a household agent. Find the things your task names and do with them what it asks."
    )
    assert len(set(told.values())) == 3
    assert not [key for point in texts.values() for key in point.resolved if key.startswith("_")]
