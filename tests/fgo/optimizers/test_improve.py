from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from fgo.journal import read_events
from fgo.llm.types import Caller, Request
from fgo.optimizers.all_at_once import AllAtOnce
from fgo.optimizers.allowance import AllowanceConfig
from fgo.optimizers.base import Unusable
from fgo.optimizers.improve import Candidate, ImproveConfig, improve, parse_critique
from fgo.optimizers.none import NoOptimizer
from fgo.types import Modules
from tests.fakes import SEED, make_lab, word_tasks
from tests.fgo.optimizers.teacher import teach


def run(
    tmp_path: Path, answer: Any, config: ImproveConfig, n: int = 3, **lab_settings: Any
) -> tuple[Candidate, Any, list[Any]]:
    lab, door = make_lab(tmp_path, answer, validation=word_tasks(n, start=8), **lab_settings)

    async def work() -> Candidate:
        start = Candidate(SEED, await lab.validate(SEED))
        return await improve(start, word_tasks(n), lab, config)

    best = asyncio.run(work())
    lab.journal.close()
    return best, door, list(read_events(tmp_path / "journal.jsonl"))


def test_it_learns_what_the_trajectories_show_and_keeps_the_best(tmp_path: Path) -> None:
    best, _, events = run(tmp_path, teach, ImproveConfig())
    assert best.validation.mean == 1.0
    assert best.modules["instructions"] == "Be brief.\n- word: apple\n- word: pear\n- word: plum"
    assert best.modules.parents == (SEED.digest,)
    (proposal, *_) = (event for event in events if event["kind"] == "proposal")
    assert proposal["evidence"]["- word: pear"] == ["T2"]
    episodes = {event["id"] for event in events if event["kind"] == "episode"}
    assert set(proposal["shown"]) == {"T1", "T2", "T3"}
    assert set(proposal["shown"].values()) <= episodes


def test_each_trajectory_is_critiqued_on_its_own_and_the_critique_stands_beside_it(tmp_path: Path) -> None:
    _, door, _ = run(tmp_path, teach, ImproveConfig(epochs=1))
    evaluator = [request for request, caller in door.asked if caller.role == "evaluator"]
    assert len(evaluator) == 3
    assert all(str(request.messages[1]["content"]).count("<trajectory ") == 1 for request in evaluator)
    (optimizer,) = (request for request, caller in door.asked if caller.role == "optimizer")
    assert str(optimizer.messages[1]["content"]).count("<critique>\n- the word was") == 3


def test_without_the_evaluator_nobody_critiques(tmp_path: Path) -> None:
    _, door, _ = run(tmp_path, teach, ImproveConfig(epochs=1, evaluator=False))
    assert not [caller for _, caller in door.asked if caller.role == "evaluator"]


def worsen(request: Request, caller: Caller) -> str:
    return teach(request, caller) if caller.role != "optimizer" else '<module name="instructions">\n- never\n</module>'


def test_a_worse_proposal_is_rolled_back_and_patience_ends_the_epochs(tmp_path: Path) -> None:
    def once_good(request: Request, caller: Caller) -> str:
        first = caller.role == "optimizer" and caller.scope["epoch"] == 0
        return teach(request, caller) if first else worsen(request, caller)

    best, door, events = run(tmp_path, once_good, ImproveConfig(epochs=9, patience=2))
    assert best.validation.mean == 1.0
    decisions = [event["accepted"] for event in events if event["kind"] == "decision"]
    assert decisions == [True, False, False]
    assert max(caller.scope.get("epoch", 0) for _, caller in door.asked) == 2


def test_without_the_gate_a_proposal_replaces_its_parent_whatever_it_scores(tmp_path: Path) -> None:
    best, _, _ = run(tmp_path, worsen, ImproveConfig(epochs=1, gate=False))
    assert best.modules["instructions"] == "- never"
    assert best.validation.modules == best.modules.digest
    assert best.validation.mean == 0.0


@pytest.mark.parametrize("output", ["", "I refuse.", '<module name="instructions">\ncut', "\x00<module>" * 50])
def test_malformed_empty_truncated_or_hostile_output_leaves_the_agent_as_it_was(tmp_path: Path, output: str) -> None:
    def broken(request: Request, caller: Caller) -> str:
        return teach(request, caller) if caller.role == "agent" else output

    best, _, events = run(tmp_path, broken, ImproveConfig())
    assert best.modules is SEED
    proposals = [event for event in events if event["kind"] == "proposal"]
    assert all(event["modules"] is None and event["problem"] for event in proposals)
    assert proposals


def test_an_allowance_of_episodes_is_kept_to(tmp_path: Path) -> None:
    for amount in (3, 8, 9, 14, 15, 40):
        lab_settings = {"allowance": AllowanceConfig("episodes", amount)}
        _, _, events = run(tmp_path / str(amount), teach, ImproveConfig(epochs=5, ties="incumbent"), **lab_settings)
        assert sum(event["kind"] == "episode" for event in events) <= amount


def test_a_module_that_the_environment_has_not_is_an_error_that_names_those_it_has() -> None:
    with pytest.raises(ValueError, match="tools: this environment's modules are instructions, demonstrations"):
        ImproveConfig(modules=("tools",)).check(SEED)


def test_the_split_policy_shows_every_trajectory_over_several_calls(tmp_path: Path) -> None:
    from fgo.lab import AskingConfig

    asking = AskingConfig(overflow="split", context_cap=460)
    best, door, _ = run(tmp_path, teach, ImproveConfig(epochs=1, evaluator=False), asking=asking)
    assert sum(caller.role == "optimizer" for _, caller in door.asked) > 1
    assert best.validation.mean == 1.0


def test_all_at_once_shows_one_prompt_all_trajectories_and_none_changes_nothing(tmp_path: Path) -> None:
    lab, door = make_lab(tmp_path, teach, validation=word_tasks(4, start=8))
    modules = asyncio.run(AllAtOnce(ImproveConfig(epochs=1)).optimize(SEED, word_tasks(4), lab))
    (request,) = (request for request, caller in door.asked if caller.role == "optimizer")
    assert str(request.messages[1]["content"]).count("<trajectory ") == 4
    assert modules.origin == "proposal"
    assert asyncio.run(NoOptimizer().optimize(modules, word_tasks(4), lab)) is modules


def test_a_critique_stands_between_its_tags() -> None:
    assert parse_critique("Well:\n<critique>\n- a\n- b\n</critique>") == "- a\n- b"
    for text in ("", "- a", "<critique></critique>", "</critique> - a <critique>"):
        with pytest.raises(Unusable):
            parse_critique(text)


def test_modules_know_their_parents() -> None:
    child = SEED.child({"instructions": "x"}, "merge", Modules({"instructions": "y"}))
    assert child.parents == (SEED.digest, Modules({"instructions": "y"}).digest)
    assert child["demonstrations"] == ""


def test_prompts_may_begin_with_the_modules_or_with_the_trajectories(tmp_path: Path) -> None:
    for order in ("modules_first", "trajectories_first"):
        _, door, _ = run(tmp_path / order, teach, ImproveConfig(epochs=1, order=order))
        prompts = [str(request.messages[1]["content"]) for request, caller in door.asked if caller.role != "agent"]
        assert len(prompts) == 4
        assert all(text.startswith("<current_modules>") == (order == "modules_first") for text in prompts)


def test_compressed_trajectories_are_what_the_models_see(tmp_path: Path) -> None:
    _, door, _ = run(tmp_path, teach, ImproveConfig(epochs=1, compress=True))
    shown = [str(request.messages[1]["content"]) for request, caller in door.asked if caller.role == "optimizer"]
    assert all("more times]" in text for text in shown)  # the agent says nothing, again and again


def test_what_a_rule_cites_goes_with_the_candidate(tmp_path: Path) -> None:
    best, _, events = run(tmp_path, teach, ImproveConfig(epochs=1))
    episodes = {event["id"] for event in events if event["kind"] == "episode" and event["phase"] == "explore"}
    assert set(best.evidence) == {"- word: apple", "- word: pear", "- word: plum"}
    assert all(set(cited) <= episodes and cited for cited in best.evidence.values())
