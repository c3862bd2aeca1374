from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fgo.optimizers.fgo.divide.base import cut, deal
from fgo.optimizers.fgo.method import SPLITTERS
from tests.fakes import SEED, make_lab, obey, word_tasks


@given(st.lists(st.integers()), st.integers(1, 20))
def test_dealing_and_cutting_lose_nothing_and_are_fair(items: list[int], n: int) -> None:
    for parts in (deal(items, n), cut(items, n)):
        assert sorted(item for part in parts for item in part) == sorted(items)
        assert len(parts) == min(n, len(items))
        sizes = [len(part) for part in parts]
        assert not sizes or max(sizes) - min(sizes) <= 1


@pytest.mark.parametrize("name", sorted(SPLITTERS))
@settings(max_examples=8, deadline=None)
@given(count=st.integers(1, 9), n=st.integers(1, 9))
def test_subsets_are_disjoint_and_together_all_tasks(tmp_path_factory, name: str, count: int, n: int) -> None:  # type: ignore[no-untyped-def]
    tasks = word_tasks(count)

    def divide() -> list[list[str]]:
        lab, _ = make_lab(tmp_path_factory.mktemp("divide"), obey)
        subsets = asyncio.run(SPLITTERS[name].divide(tasks, min(n, count), SEED, lab))  # type: ignore[index]
        lab.journal.close()
        return [[task.id for task in subset] for subset in subsets]

    subsets = divide()
    assert sorted(id for subset in subsets for id in subset) == sorted(task.id for task in tasks)
    assert 1 <= len(subsets) <= n
    assert all(subsets)
    assert divide() == subsets


def test_category_subsets_hold_one_category_where_there_are_as_many(tmp_path: Path) -> None:
    lab, _ = make_lab(tmp_path, obey)
    subsets = asyncio.run(SPLITTERS["category"].divide(word_tasks(7), 2, SEED, lab))
    assert [{task.category for task in subset} for subset in subsets] == [{"even"}, {"odd"}]


def test_difficulty_puts_what_the_agent_can_do_first(tmp_path: Path) -> None:
    from fgo.types import Modules

    lab, _ = make_lab(tmp_path, obey)
    knows = Modules({"instructions": "- word: plum\n- word: fig", "demonstrations": ""})
    subsets = asyncio.run(SPLITTERS["difficulty"].divide(word_tasks(4), 2, knows, lab))
    assert [task.id for task in subsets[0]] == ["task-2", "task-3"]


def test_clusters_follow_the_goals(tmp_path: Path) -> None:
    from dataclasses import replace

    goals = ["heat the egg", "heat the apple", "cool the pan", "cool the wine"]
    tasks = [replace(task, goal=goal) for task, goal in zip(word_tasks(4), goals, strict=True)]
    lab, _ = make_lab(tmp_path, obey)
    subsets = asyncio.run(SPLITTERS["cluster"].divide(tasks, 2, SEED, lab))
    assert {frozenset(task.goal.split()[0] for task in subset) for subset in subsets} == {
        frozenset({"heat"}),
        frozenset({"cool"}),
    }
