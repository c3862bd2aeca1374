from __future__ import annotations

from dataclasses import replace

from experiments.grouping import Group, grouped
from experiments.verdicts.base import Part
from experiments.verdicts.overload import BEHIND, CUT, FALLS, Overload
from tests.experiments.made_up import Array, group, noisy, points

RULE = Overload("all_at_once", "fgo")


def arms(rates: dict[tuple[str, int], float]) -> dict[tuple[str, int], Array]:
    return {arm: noisy(rate, 200, 5, draw=i) for i, (arm, rate) in enumerate(rates.items())}


def judged(found: Group) -> dict[str, Part]:
    return {part.reading: part for part in RULE.judge(found)}


DEGRADES = {("all_at_once", 8): 0.7, ("all_at_once", 64): 0.4, ("fgo", 8): 0.5, ("fgo", 64): 0.6}


def test_a_method_that_falls_while_its_rival_grows_bears_the_claim_out() -> None:
    found = judged(group(arms(DEGRADES)))
    assert (found[FALLS].word, found[BEHIND].word) == ("reproduced", "reproduced")
    simulated = judged(group(arms(DEGRADES), simulated=True))
    assert simulated[FALLS].word == "simulated: consistent"


def test_a_method_that_grows_more_than_its_rival_does_not() -> None:
    rates = {("all_at_once", 8): 0.4, ("all_at_once", 64): 0.8, ("fgo", 8): 0.5, ("fgo", 64): 0.5}
    found = judged(group(arms(rates)))
    assert (found[FALLS].word, found[BEHIND].word) == ("not reproduced", "not reproduced")


def test_cut_prompts_of_the_optimizer_at_the_largest_size_are_an_overflow() -> None:
    results = points(arms(DEGRADES))
    cut = [
        replace(point, cut={"optimizer": 2, "agent": 5}) if point.point.train_size == 64 else point for point in results
    ]
    found = judged(grouped(cut)[0])[CUT]
    assert found.word == "reproduced"
    assert "0 with 8 training tasks, 10 with 64" in found.reason
    others = [replace(point, cut={"agent": 5}) for point in results]
    assert judged(grouped(others)[0])[CUT].word == "inconclusive"


def test_no_overflow_at_small_sizes_is_no_evidence_against_it() -> None:
    found = judged(group(arms(DEGRADES)))[CUT]
    assert found.word == "inconclusive"
    assert "more seeds would not" in found.reason


def test_one_size_or_a_gap_is_not_run() -> None:
    single = judged(group(arms({("all_at_once", 8): 0.5, ("fgo", 8): 0.5})))
    assert {part.word for part in single.values()} == {"not run"}
    lone = judged(group(arms({("all_at_once", 8): 0.5, ("all_at_once", 64): 0.5})))
    assert lone[BEHIND].word == "not run"
    assert "fgo, 8 training tasks: not in the study" in lone[BEHIND].reason
    results = points(arms(DEGRADES))
    broken = [replace(results[0], state="incomplete", reason="1 rate limit"), *results[1:]]
    assert {part.word for part in judged(grouped(broken)[0]).values()} == {"not run"}
