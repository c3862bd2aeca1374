from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments.grouping import grouped
from experiments.stats import Interval
from experiments.summary import Point, not_run
from experiments.verdicts.base import Part
from experiments.verdicts.judging import above_zero, distance, in_range, nearer
from experiments.verdicts.lead import Lead
from tests.experiments.made_up import first, group, noisy, points

RULE = Lead("fgo", leave_out=["none", "fgo_*"], claimed=(0.016, 0.086))


def words(parts: list[Part]) -> dict[str, str]:
    return {part.reading: part.word for part in parts}


def test_clearly_ahead_and_within_the_claimed_range_is_reproduced() -> None:
    arms = {("all_at_once", 24): first(540, 1000, 5), ("fgo", 24): first(590, 1000, 5)}
    found = words(list(RULE.judge(group(arms))))

    assert found == {"ahead": "reproduced", "in points": "reproduced", "relative": "inconclusive"}  # 5 points are 9.3 %
    assert words(list(RULE.judge(group(arms, simulated=True))))["in points"] == "simulated: consistent"


def test_far_more_than_claimed_is_ahead_but_not_the_claimed_number() -> None:
    arms = {("all_at_once", 24): noisy(0.2, 200, 6, 1), ("fgo", 24): noisy(0.7, 200, 6, 2)}
    parts = list(RULE.judge(group(arms)))

    assert words(parts) == {"ahead": "reproduced", "in points": "not reproduced", "relative": "not reproduced"}
    assert "more than is claimed" in parts[1].reason


def test_behind_is_not_reproduced() -> None:
    arms = {("all_at_once", 24): noisy(0.7, 200, 6, 1), ("fgo", 24): noisy(0.4, 200, 6, 2)}
    parts = list(RULE.judge(group(arms)))

    assert set(words(parts).values()) == {"not reproduced"}
    assert "Behind." in parts[1].reason


def test_an_interval_beyond_the_range_that_the_careful_test_does_not_bear_out_is_inconclusive() -> None:
    ours, theirs = np.zeros((12, 2)), np.hstack([first(12, 12, 1), first(6, 12, 1)])  # one seed much unlike the other
    parts = list(RULE.judge(group({("all_at_once", 8): theirs, ("fgo", 8): ours})))

    assert parts[1].value is not None
    assert parts[1].value.high < 0.016
    assert words(parts)["in points"] == "inconclusive"


def test_an_open_question_tells_how_many_seeds_would_settle_it() -> None:
    arms = {("all_at_once", 24): noisy(0.5, 60, 3, 1), ("fgo", 24): noisy(0.58, 60, 3, 2)}
    part = next(iter(RULE.judge(group(arms))))

    assert part.word == "inconclusive"
    assert part.needed is not None
    assert part.needed > part.seeds == 3
    assert f"About {part.needed} seeds" in part.reason
    (one, *_) = RULE.judge(group({arm: values[:, :1] for arm, values in arms.items()}))
    assert one.needed is None
    assert "One seed" in one.reason


def test_every_approach_but_its_own_variants_and_no_optimization_is_an_opponent() -> None:
    names = ("none", "all_at_once", "expel", "fgo", "fgo_flat")
    parts = RULE.judge(group({(name, 8): noisy(0.5, draw=i) for i, name in enumerate(names)}))

    assert [part.where for part in parts if part.reading == "ahead"] == [
        "against all_at_once, 8 training tasks",
        "against expel, 8 training tasks",
    ]


def test_p_values_are_corrected_for_the_number_of_opponents() -> None:
    rng = np.random.default_rng(1)
    fgo = (rng.random((60, 4)) < 0.62).astype(float)
    few = {("a", 8): noisy(0.45, draw=3), ("fgo", 8): fgo}
    many = {**few, **{(f"b{i}", 8): noisy(0.6, draw=10 + i) for i in range(8)}}
    alone, among = (next(iter(RULE.judge(group(arms)))) for arms in (few, many))

    p_alone, p_among = (float(part.reason.rpartition("p = ")[2].split(".")[1].split()[0]) for part in (alone, among))
    assert alone.value == among.value
    assert p_among > p_alone


def test_what_is_missing_is_not_run_and_says_why() -> None:
    gap = not_run(Point("alfworld", "fgo", "model", 8, 1, "study"), simulated=False)
    results = points({("fgo", 8): first(9, 12, 1), ("all_at_once", 8): first(3, 12, 2)})
    parts = RULE.judge(grouped([*results, gap])[0])
    assert {part.word for part in parts} == {"not run"}
    assert len(parts) == 3
    assert "incomplete (seed 1: not run)" in parts[0].reason

    named = Lead("fgo", baselines=["fgo_flat"]).judge(group({("fgo", 8): first(9)}))
    assert [(part.reading, part.word) for part in named] == [("ahead", "not run")]
    assert "fgo_flat is not in the study" in named[0].reason
    assert RULE.judge(group({("expel", 8): first(9)})) == []


def test_a_baseline_without_success_has_no_relative_reading() -> None:
    parts = RULE.judge(group({("all_at_once", 8): first(0), ("fgo", 8): first(30)}))
    assert words(list(parts))["relative"] == "not run"


@settings(deadline=None)
@given(st.floats(-1, 1), st.floats(0, 0.5), st.floats(0, 0.5), st.floats(0, 1), st.none() | st.floats(0, 1))
def test_a_decision_on_a_range_follows_from_its_interval(
    estimate: float, below: float, above: float, p: float, p_edge: float | None
) -> None:
    value = Interval(estimate, estimate - below, estimate + above)
    found = in_range(value, p, p_edge, 0.016, 0.086)

    if found is True:
        assert 0.016 <= estimate <= 0.086
        assert above_zero(value, p) is True
    elif found is False:
        assert value.high < 0.016 or value.low > 0.086
        assert p_edge is not None
        assert p_edge <= 0.05
    assert nearer(estimate, 0.016, 0.086) in (0.016, 0.086)
    assert distance(estimate, 0.016, 0.086) >= 0
    if above_zero(value, p) is None:
        assert p > 0.05 or 0 in value


@pytest.mark.parametrize(("value", "expected"), [(0.05, 0.05), (0.1, 0.014), (-0.1, 0.116)])
def test_the_gap_to_decide_is_from_zero_inside_and_from_the_range_outside(value: float, expected: float) -> None:
    assert distance(value, 0.016, 0.086) == pytest.approx(expected)
