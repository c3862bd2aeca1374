from __future__ import annotations

import numpy as np
import pytest

from experiments.verdicts.base import Part
from experiments.verdicts.consistency import SPREADS, Consistency
from tests.experiments.made_up import Array, first, group, noisy

RULE = Consistency("fgo", leave_out=["fgo_*"])


def arms(fgo: list[float], other: list[float], tasks: int = 300) -> dict[tuple[str, int], Array]:
    """Success rates of FGO and all-at-once with 8, 24 and 64 training tasks; without optimization 0.2."""
    made = {("none", 8): noisy(0.2, tasks, draw=99)}
    for i, size in enumerate((8, 24, 64)[: len(fgo)]):
        made["fgo", size] = noisy(fgo[i], tasks, draw=i)
        made["all_at_once", size] = noisy(other[i], tasks, draw=10 + i)
    return made


def judged(found: dict[tuple[str, int], Array], simulated: bool = False) -> dict[tuple[str, str], Part]:
    return {(part.reading, part.where): part for part in RULE.judge(group(found, simulated))}


def test_steadier_than_the_others_and_always_ahead_of_none_is_reproduced() -> None:
    found = judged(arms([0.6, 0.6, 0.62], [0.8, 0.6, 0.4]))

    assert len(found) == 4
    assert {reading for reading, _ in found} == set(SPREADS)
    assert {part.word for part in found.values()} == {"reproduced"}
    again = judged(arms([0.6, 0.6, 0.62], [0.8, 0.6, 0.4]), simulated=True)
    assert {part.word for part in again.values()} == {"simulated: consistent"}


def test_the_spread_is_that_of_gains() -> None:
    made = arms([0.6, 0.5, 0.62], [0.8, 0.6, 0.4])
    part = judged(made)["largest minus smallest", "spread against all_at_once's"]
    spreads = {name: np.ptp([made[name, size].mean() for size in (8, 24, 64)]) for name in ("fgo", "all_at_once")}

    assert part.value is not None
    assert part.value.estimate == pytest.approx(spreads["fgo"] - spreads["all_at_once"])


def test_a_wilder_gain_or_one_below_none_is_not_reproduced() -> None:
    wild = judged(arms([0.8, 0.5, 0.3], [0.6, 0.6, 0.62]))
    assert wild["standard deviation", "spread against all_at_once's"].word == "not reproduced"
    below = judged(arms([0.05, 0.05, 0.05], [0.8, 0.6, 0.4]))
    assert below["standard deviation", "smallest gain over none"].word == "not reproduced"


def test_alike_is_inconclusive_with_the_seeds_that_would_settle_it() -> None:
    part = judged(arms([0.6, 0.62, 0.64], [0.6, 0.57, 0.55], tasks=40))[
        "standard deviation", "spread against all_at_once's"
    ]
    assert part.word == "inconclusive"
    assert part.needed is None or part.needed > 4


def test_two_sizes_tell_nothing_and_gaps_are_named() -> None:
    few = judged(arms([0.6, 0.6], [0.5, 0.5]))
    assert {part.word for part in few.values()} == {"not run"}
    assert all("2 numbers of training tasks" in part.reason for part in few.values())

    made = arms([0.6, 0.6, 0.6], [0.5, 0.5, 0.5], tasks=30)
    del made["all_at_once", 24]
    assert all("all_at_once, 24 training tasks: not in the study" in part.reason for part in judged(made).values())
    made = {**arms([0.6, 0.6, 0.6], [0.5, 0.5, 0.5], tasks=30), ("fgo", 64): first(9, 31)}
    assert all("test tasks differ" in part.reason for part in judged(made).values())
