"""What is our own of GEPA's core: who is on the front, who is drawn from it, and which tasks make a minibatch."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path
from statistics import mean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fgo.optimizers.base import Validation
from fgo.optimizers.gepa_like import front, minibatches, pick
from fgo.optimizers.improve import Candidate
from tests.fakes import SEED, word_tasks
from tests.fgo.optimizers.gepa_beside_reference import outcomes

Scores = dict[str, float]


def scores(*rows: str) -> list[Scores]:
    return [{f"t{index}": float(value) for index, value in enumerate(row)} for row in rows]


def test_the_front_has_whoever_is_best_somewhere() -> None:
    assert front(scores("100", "010", "000")) == {"t0": {0}, "t1": {1}, "t2": {0, 1}}


def test_whoever_is_covered_by_others_leaves_the_front() -> None:
    assert front(scores("100", "110")) == {"t0": {1}, "t1": {1}, "t2": {1}}
    assert front(scores("11", "11")) == {"t0": {1}, "t1": {1}}
    assert front(scores("110", "101", "011")) == {"t0": {1}, "t1": {2}, "t2": {1, 2}}


@given(st.lists(st.lists(st.integers(0, 2), min_size=3, max_size=3), min_size=1, max_size=6))
def test_every_task_keeps_a_leader_and_no_one_kept_could_go(rows: list[list[int]]) -> None:
    given_scores = [{f"t{index}": value / 2 for index, value in enumerate(row)} for row in rows]
    fronts = front(given_scores)
    for task, leaders in fronts.items():
        best = max(own[task] for own in given_scores)
        assert leaders
        assert all(given_scores[index][task] == best for index in leaders)
    for index in set().union(*fronts.values()):
        assert any(leaders == {index} for leaders in fronts.values())


def test_the_more_tasks_one_leads_on_the_oftener_it_is_drawn() -> None:
    pool = [Candidate(SEED, Validation(SEED.digest, own)) for own in scores("1110", "0001")]
    drawn = Counter(pick(pool, random.Random(seed)) for seed in range(2000))
    assert 0.7 < drawn[0] / 2000 < 0.8


def test_a_pass_has_every_task_and_fills_its_last_minibatch_with_others() -> None:
    tasks = word_tasks(8)
    batches = minibatches(tasks, 3, 2, random.Random(0))
    assert [len(batch) for batch in batches] == [3] * 6
    for done in (batches[:3], batches[3:]):
        assert {task.id for batch in done for task in batch} == {task.id for task in tasks}
        assert all(len({task.id for task in batch}) == 3 for batch in done)
    assert [task.id for task in batches[0]] != [task.id for task in batches[3]]
    assert [len(batch) for batch in minibatches(word_tasks(2), 3, 1, random.Random(0))] == [2]


def test_on_equal_terms_it_gets_as_far_as_the_package(tmp_path: Path) -> None:
    pytest.importorskip("gepa")  # it is optional
    for budget in (30, 60, 120):
        theirs, ours = (outcomes(tmp_path, name, budget, 5) for name in ("gepa", "gepa_like"))
        assert abs(mean(o.validation for o in theirs) - mean(o.validation for o in ours)) <= 0.05
        assert abs(mean(o.accepted for o in theirs) - mean(o.accepted for o in ours)) <= 1
        assert all(each.episodes <= budget for each in (*theirs, *ours))
