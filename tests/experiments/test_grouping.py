from __future__ import annotations

import re
from pathlib import Path

import pytest

from experiments.grouping import grouped, named_runs
from experiments.stats import Drifted, difference_interval
from experiments.summary import PointResult, summarize
from experiments.tables import study_table
from tests.experiments.made_up import first, group, points
from tests.experiments.synthetic import Synthetic


def run(folder: Path, header: dict[str, object] | None = None, **changes: object) -> PointResult:
    made = Synthetic(**changes)  # type: ignore[arg-type]
    events = made.events()
    events[0] |= header or {}
    return summarize(made.write(folder, events))


@pytest.mark.parametrize(
    ("header", "named"),
    [
        ({"prompts": "others"}, "prompts"),
        ({"environment": {"source": "generated", "digest": "other"}}, "environment"),
        ({"simulation": "other"}, "simulation"),
        ({"versions": {"python": "3.11.2", "litellm": "1.105.0"}}, r"litellm 1\.104\.0 and 1\.105\.0"),
    ],
)
def test_a_seed_that_was_made_with_something_else_is_not_averaged_but_named(
    tmp_path: Path, header: dict[str, object], named: str
) -> None:
    results = [run(tmp_path / "a"), run(tmp_path / "b", header, seed=1)]
    (found,) = grouped(results)

    assert found.why == {("fgo", 4): "drifted"}
    assert found.outcomes == {}
    table = study_table(results, "smoke", "t")
    assert table.sections[0].rows[0].problem == "drifted"
    assert any(re.search(named, problem) for problem in table.problems)


def test_a_version_that_no_result_depends_on_may_differ(tmp_path: Path) -> None:
    header: dict[str, object] = {"versions": {"python": "3.12.1", "litellm": "1.104.0", "wandb": "9"}}
    assert study_table([run(tmp_path / "a"), run(tmp_path / "b", header, seed=1)], "s", "t").problems == ()


def test_a_baseline_that_was_made_with_something_else_is_not_compared_with(tmp_path: Path) -> None:
    results = [run(tmp_path / "a"), run(tmp_path / "b", {"prompts": "others"}, optimizer="none")]
    table = study_table(results, "smoke", "t")

    assert table.sections[0].rows[1].differences == {}
    assert table.sections[0].rows[1].success is not None
    assert len(table.problems) == 1
    assert "against none" in table.problems[0]
    assert "prompts" in table.problems[0]


def test_drift_is_told_from_other_reasons_not_to_compare(tmp_path: Path) -> None:
    (one,) = grouped([run(tmp_path / "a")])
    (other,) = grouped([run(tmp_path / "b", {"prompts": "others"})])
    with pytest.raises(Drifted, match="unlike prompts"):
        difference_interval(one.outcomes["fgo", 4], other.outcomes["fgo", 4])


def test_a_group_knows_its_arms_and_its_baselines() -> None:
    found = group({("fgo", 24): first(9), ("fgo", 8): first(9), ("none", 8): first(3), ("all_at_once", 8): first(4)})

    assert list(found.points) == [("none", 8), ("all_at_once", 8), ("fgo", 8), ("fgo", 24)]
    assert found.optimizers == ("none", "all_at_once", "fgo")
    assert found.sizes("fgo") == (8, 24)
    assert found.match("none", 24) == ("none", 8)
    assert found.match("all_at_once", 24) is None


def test_runs_are_named_by_number_and_a_digest_that_ignores_their_order() -> None:
    runs = [point.fingerprint for point in points({("fgo", 4): first(9)})]

    assert named_runs("s", runs) == named_runs("s", runs[::-1])
    assert named_runs("s", runs).startswith("Runs: 4 runs of study s, digest ")
    assert named_runs("s", runs) != named_runs("s", runs[:3])
    assert "1 run of" in named_runs("s", runs[:1])
    assert named_runs("s", []) == "Runs: none of study s."
