from __future__ import annotations

import asyncio
import itertools
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fgo.journal import read_events
from fgo.llm.types import Caller, Request
from fgo.optimizers.allowance import Allowance, AllowanceConfig
from fgo.optimizers.base import Misconfigured, Validation
from fgo.optimizers.fgo import FGO
from fgo.optimizers.fgo.grouping import GROUPINGS
from fgo.optimizers.fgo.merge import MergeConfig, merge
from fgo.optimizers.improve import Candidate, ImproveConfig
from fgo.types import Modules, Usage
from tests.fakes import SEED, make_lab, word_tasks
from tests.fgo.optimizers.teacher import teach


def run(
    tmp_path: Path, method: FGO, answer: Any = teach, n: int = 4, **lab_settings: Any
) -> tuple[Modules, Any, list[Any]]:
    lab, door = make_lab(tmp_path, answer, validation=word_tasks(4, start=8), **lab_settings)
    modules = asyncio.run(method.optimize(SEED, word_tasks(n), lab))
    lab.journal.close()
    return modules, door, list(read_events(tmp_path / "journal.jsonl"))


def words(modules: Modules) -> set[str]:
    return {line.removeprefix("- word: ") for line in modules["instructions"].splitlines()[1:]}


def test_subsets_learn_their_part_and_merging_joins_it(tmp_path: Path) -> None:
    modules, _, events = run(tmp_path, FGO(subsets=4))
    assert words(modules) == {"apple", "pear", "plum", "fig"}
    merges = [event for event in events if event["kind"] == "merge"]
    assert [event["scope"]["level"] for event in merges] == [0, 0, 1]
    assert all(event["accepted"] for event in merges)


def test_every_merge_can_be_traced_to_its_leaves(tmp_path: Path) -> None:
    modules, _, events = run(tmp_path, FGO(subsets=4))
    made = {
        Modules.from_json(event["modules"]).digest: Modules.from_json(event["modules"])
        for event in events
        if event["kind"] in ("proposal", "merge") and event["modules"]
    }

    def leaves(digest: str) -> set[str]:
        if digest not in made:
            return {digest}
        return set().union(*(leaves(parent) for parent in made[digest].parents))

    assert leaves(modules.digest) == {SEED.digest}
    assert modules.origin == "merge"
    assert len(modules.parents) == 2


def test_each_optimizer_prompt_holds_only_its_subset(tmp_path: Path) -> None:
    _, door, _ = run(tmp_path, FGO(subsets=4, improve=ImproveConfig(epochs=1)))
    prompts = [str(request.messages[1]["content"]) for request, caller in door.asked if caller.role == "optimizer"]
    assert [prompt.count("<trajectory ") for prompt in prompts] == [1, 1, 1, 1]


@pytest.mark.parametrize(("arity", "levels"), [(2, [0, 0, 1]), (None, [0]), (3, [0, 1]), (1, [])])
def test_pairwise_flat_k_way_and_no_merge(tmp_path: Path, arity: int | None, levels: list[int]) -> None:
    modules, door, events = run(tmp_path, FGO(subsets=4, merge=MergeConfig(arity=arity, group="random")))
    assert [event["scope"]["level"] for event in events if event["kind"] == "merge"] == levels
    assert len(words(modules)) == (1 if arity == 1 else 4)
    if arity == 1:
        assert not [caller for _, caller in door.asked if caller.role == "merger"]


def forgetful(request: Request, caller: Caller) -> str:
    return teach(request, caller) if caller.role != "merger" else '<module name="instructions">\nBe brief.\n</module>'


def test_a_merge_that_loses_what_its_parents_knew_is_rejected(tmp_path: Path) -> None:
    modules, _, events = run(tmp_path, FGO(subsets=2), forgetful)
    (event,) = (event for event in events if event["kind"] == "merge")
    assert not event["accepted"]
    assert len(words(modules)) == 2
    assert modules.origin == "proposal"


def test_without_the_gate_even_that_merge_stands(tmp_path: Path) -> None:
    modules, _, _ = run(tmp_path, FGO(subsets=2, merge=MergeConfig(gate=False)), forgetful)
    assert words(modules) == set()


def test_concurrency_never_changes_the_result(tmp_path: Path) -> None:
    def signature(folder: Path) -> tuple[str, list[str]]:
        modules, _, events = run(folder, FGO(subsets=3, split="random"), n=8)
        return modules.digest, sorted(event["id"] for event in events if event.get("id"))

    assert signature(tmp_path / "a") == signature(tmp_path / "b")


@pytest.mark.parametrize("halving", [False, True])
@pytest.mark.parametrize("amount", [36, 40, 60])
def test_an_allowance_of_episodes_is_kept_to_merges_included(tmp_path: Path, amount: int, halving: bool) -> None:
    method = FGO(subsets=4, halving=halving, improve=ImproveConfig(epochs=3))
    _, _, events = run(tmp_path, method, allowance=AllowanceConfig("episodes", amount))
    assert sum(event["kind"] == "episode" for event in events) <= amount
    assert sum(event["kind"] == "proposal" for event in events) >= 4


@pytest.mark.parametrize("halving", [False, True])
@pytest.mark.parametrize("amount", [4, 24, 35])
def test_an_allowance_that_pays_for_no_round_of_any_subset_is_refused_before_anything_is_played(
    tmp_path: Path, amount: int, halving: bool
) -> None:
    with pytest.raises(
        Misconfigured, match=r"of the 4 subsets: .* 12 episodes for validating merges .* at least 36 episodes"
    ):
        run(tmp_path, FGO(subsets=4, halving=halving), allowance=AllowanceConfig("episodes", amount))
    assert not any(event["kind"] == "episode" for event in read_events(tmp_path / "journal.jsonl"))


@given(
    subsets=st.integers(1, 9),
    size=st.integers(1, 9),
    validation=st.integers(1, 20),
    arity=st.sampled_from([None, 1, 2, 3]),
)
def test_what_is_named_as_the_least_pays_for_a_round_of_each_equal_subset(
    subsets: int, size: int, validation: int, arity: int | None
) -> None:
    aside = MergeConfig(arity=arity).merges(subsets) * validation
    account = Allowance("episodes", validation + aside + subsets * (size + validation))
    account.spend(validation, Usage())
    share = account.share(subsets * (size + validation), aside)
    assert account.part(share * size / (subsets * size)).affords(size + validation)


@pytest.mark.parametrize("name", sorted(GROUPINGS))
def test_groups_hold_every_candidate_once_and_at_most_the_arity(name: str) -> None:
    import random

    for n, arity in itertools.product((2, 3, 5, 8), (2, 3, 4)):
        candidates = [
            Candidate(
                Modules({"instructions": f"rule {index} about {'eggs' if index % 2 else 'lamps'}"}),
                Validation("", {"a": 0.0}),
            )
            for index in range(n)
        ]
        groups = GROUPINGS[name](candidates, arity, random.Random(0))  # type: ignore[index]
        assert sorted(c.modules.digest for group in groups for c in group) == sorted(
            c.modules.digest for c in candidates
        )
        assert all(1 <= len(group) <= arity for group in groups)
        assert len(groups) < n


def test_equal_candidates_need_no_merge(tmp_path: Path) -> None:
    lab, door = make_lab(tmp_path, teach)
    same = [Candidate(SEED, Validation(SEED.digest, {"a": 0.5})) for _ in range(4)]
    assert asyncio.run(merge(same, ["instructions"], lab, MergeConfig())).modules is SEED
    assert door.asked == []


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        ({"subsets": 0}, "optimizer.subsets=0"),
        ({"subsets": 2, "subset_size": 2}, "set one of them"),
        ({"subsets": None}, "set one of them"),
        ({"subsets": None, "subset_size": 0}, "optimizer.subset_size=0"),
    ],
)
def test_impossible_settings_are_refused_by_name(settings: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        FGO(**settings)


def test_subset_size_decides_how_many_subsets_there_are(tmp_path: Path) -> None:
    _, _, events = run(tmp_path, FGO(subsets=None, subset_size=2), n=6)
    (division,) = (event for event in events if event["kind"] == "division")
    assert [len(subset) for subset in division["subsets"]] == [2, 2, 2]


def test_more_subsets_than_tasks_and_unknown_modules_are_refused_before_anything_is_spent(tmp_path: Path) -> None:
    for method, complaint in (
        (FGO(subsets=9), "optimizer.subsets=9: expected at most train_size=4"),
        (FGO(subsets=2, improve=ImproveConfig(modules=("tools",))), "modules are instructions, demonstrations"),
    ):
        lab, door = make_lab(tmp_path, teach)
        with pytest.raises(Misconfigured, match=complaint):
            asyncio.run(method.optimize(SEED, word_tasks(4), lab))
        assert door.asked == []


def test_after_each_epoch_only_the_better_half_of_the_subsets_goes_on(tmp_path: Path) -> None:
    def answer(request: Request, caller: Caller) -> str:
        if caller.role == "optimizer" and caller.scope["subset"] >= 2:
            return "nothing usable"
        return teach(request, caller)

    config = ImproveConfig(epochs=3, patience=9, ties="incumbent")
    modules, door, _ = run(tmp_path, FGO(subsets=4, halving=True, improve=config), answer, n=8)
    explored = {
        (caller.scope["round"], caller.scope["subset"])
        for _, caller in door.asked
        if caller.role == "agent" and caller.phase == "explore"
    }
    assert {subset for round, subset in explored if round == 0} == {0, 1, 2, 3}
    assert {subset for round, subset in explored if round == 1} == {0, 1}
    assert len({subset for round, subset in explored if round == 2}) == 1
    assert len(words(modules)) >= 4, "what the others found is merged all the same"


def test_halving_keeps_to_the_allowance_and_leaves_room_for_the_merges(tmp_path: Path) -> None:
    allowance = AllowanceConfig("episodes", 60)
    config = ImproveConfig(epochs=50, patience=50)
    _, _, events = run(tmp_path, FGO(subsets=4, halving=True, improve=config), n=8, allowance=allowance)
    assert sum(event["kind"] == "episode" for event in events) <= 60
    assert [event for event in events if event["kind"] == "merge" and event["accepted"]]


def test_the_number_of_subsets_can_follow_from_the_length_of_trajectories(tmp_path: Path) -> None:
    def subsets(tokens: int) -> int:
        _, _, events = run(tmp_path / str(tokens), FGO(subsets=None, subset_tokens=tokens), n=8)
        (division,) = (event for event in events if event["kind"] == "division")
        return len(division["subsets"])

    assert subsets(1_000_000) == 1
    assert 1 < subsets(400) < 8
    assert subsets(1) == 8


def test_one_size_of_subsets_is_set_and_no_more() -> None:
    for sizes in ({"subset_size": 3}, {"subsets": None}, {"subset_tokens": 100}):
        with pytest.raises(ValueError, match="set one of them"):
            FGO(**sizes)  # type: ignore[arg-type]
