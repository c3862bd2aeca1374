from __future__ import annotations

from dataclasses import replace

import pytest

from experiments.grouping import grouped
from experiments.summary import PointResult
from experiments.verdicts.base import Part
from experiments.verdicts.tokens import COUNTS, Tokens
from tests.experiments.made_up import first, line, point, points

RULE = Tokens("fgo", ["all_at_once"], -0.563, 0.1, list(COUNTS))


def runs(scales: list[float], sizes: tuple[int, ...] = (8, 24)) -> list[PointResult]:
    """All-at-once at scale 1, FGO with a scale a seed."""
    won = first(9, 12, 1)[:, 0]
    return [
        point(name, size, seed, won, scale=scale if name == "fgo" else 1.0)
        for name in ("all_at_once", "fgo")
        for size in sizes
        for seed, scale in enumerate(scales)
    ]


def judged(results: list[PointResult]) -> dict[str, Part]:
    return {part.reading: part for part in RULE.judge(grouped(results)[0])}


def test_each_count_is_judged_by_itself_and_names_its_change() -> None:
    found = judged(runs([0.44, 0.45, 0.42]))

    assert len(found) == len(COUNTS) == 7
    for part in found.values():
        assert part.word == "reproduced"
        assert part.value is not None
        assert part.value.estimate == pytest.approx(-0.563, abs=0.01)
        assert "The direction holds" in part.reason
        assert part.where == "against all_at_once, 8 and 24 training tasks"


def test_a_count_is_what_its_name_says() -> None:
    one = runs([0.5])[0]
    odd = replace(
        one,
        ledger={("optimizer", "optimize"): line(2, 300), ("merger", "merge"): line(8, 80)},
        by_phase={"explore": line(1, 1000), "optimize": line(2, 300), "merge": line(8, 80), "test": line(9, 6000)},
        total=line(20, 7380),
        optimizer_prompts=type(one.optimizer_prompts)(10, 380, 200),
    )
    assert {name: measure(odd) for name, (_, measure) in COUNTS.items()} == {
        "optimizer_call_mean": 150,
        "asking_call_mean": 38,
        "asking_call_max": 200,
        "asking_total": 380,
        "optimizing_total": 1380,
        "run_total": 7380,
        "test_episode_mean": 500,
    }


def test_a_saving_of_another_size_fails_with_its_direction_told() -> None:
    assert {part.word for part in judged(runs([0.9, 0.91, 0.89])).values()} == {"not reproduced"}
    more = judged(runs([1.5, 1.52, 1.49]))
    assert all("The direction fails" in part.reason for part in more.values())


def test_too_wide_an_interval_is_inconclusive_and_one_seed_always() -> None:
    wide = judged(runs([0.3, 0.6]))["largest of the optimizer's and merger's calls"]
    assert wide.word == "inconclusive"
    assert wide.needed is not None
    assert wide.needed > 2
    assert wide.value is not None
    assert wide.value.low > -1
    one = judged(runs([0.437]))["all calls, the test's too"]
    assert (one.word, one.seeds) == ("inconclusive", 1)
    assert "One seed" in one.reason


def test_what_can_not_be_counted_is_not_run() -> None:
    won = first(9, 12, 1)[:, 0]
    alone = judged([point("fgo", 8, 0, won)])
    assert {part.word for part in alone.values()} == {"not run"}
    uneven = judged([point("all_at_once", 8, 0, won), point("fgo", 8, 1, won)])
    assert all("different seeds" in part.reason for part in uneven.values())
    broken = [replace(each, state="incomplete", reason="1 rate limit") for each in runs([0.5])]
    assert all("incomplete (1 rate limit)" in part.reason for part in judged(broken).values())
    silent = [replace(each, ledger={}) if each.point.optimizer == "all_at_once" else each for each in runs([0.5, 0.5])]
    assert judged(silent)["mean of an optimizer's call"].word == "not run"
    ragged = [each for each in runs([0.5, 0.5]) if (each.point.train_size, each.point.seed) != (24, 1)]
    assert all("same seeds" in part.reason for part in judged(ragged).values())


def test_simulated_runs_are_only_consistent() -> None:
    results = points({(name, 8): first(9) for name in ("all_at_once", "fgo")}, simulated=True, scales={"fgo": 0.437})
    assert {part.word for part in judged(results).values()} == {"simulated: consistent"}


def test_wrong_keys_are_refused() -> None:
    with pytest.raises(ValueError, match="counts='words'"):
        Tokens("fgo", ["all_at_once"], -0.5, 0.1, ["words"])
    with pytest.raises(ValueError, match="more than all"):
        Tokens("fgo", ["all_at_once"], -0.95, 0.1, [])
